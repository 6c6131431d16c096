"""Official files: described, kept in the workspace, listed, and checked before anything is learnt from them."""

from __future__ import annotations

from collections import Counter
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from smstock.errors import InputError, OfficialFileError, UsageError
from smstock.folder import FETCHED, lock_around, parsed_around
from smstock.official import readers
from smstock.official.holdings import holdings
from smstock.official.place_rows import place_rows_of
from smstock.official.vintage import keep, placed, shelf
from smstock.tables import STOCK
from smstock.vocabulary.dates import is_day
from smstock.workflows.arguments import path as as_path
from smstock.workflows.objects import data_of, local

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from smstock.folder import Folder
    from smstock.official.parsed import ParsedTable

FOLDER: Final = "official"
"""Folder of a workspace where official files lie, a folder a provider."""

_COUNTED = (
    "provider",
    "dataset",
    "edition",
    "concept",
    "indicator",
    "destination",
    "origin",
    "area",
    "sex",
    "reference_date",
)


def read_official(path: str | Path) -> dict[str, pd.DataFrame]:
    r"""Return the tables that an official file holds, by the name of their contract, such as stock.

    The layout is recognised by content; the file is given as its provider gave it.

    Raises
    ------
    OfficialFileError
        The file does not exist, is damaged, or is of no layout that is read.
    ContractError, UnknownNameError
        A figure or an area in it is not usable.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "namibia.csv")
    ...     _ = file.write_text(
    ...         "provider,edition,area,sex,age_min,age_max,reference_date,value\n"
    ...         "undesa,wpp 2022,NAM,all,18,,2020-07-01,1445400\n"
    ...     )
    ...     read_official(file)["population"]["value"].to_list()
    [1445400.0]
    """
    file = local(as_path("path", path), Path(FETCHED))
    return {name: table.official().table for name, table in readers.parsed(file, parsed_around(file)).items()}


def summaries(files: Sequence[Path]) -> list[dict[str, Any]]:
    r"""Return a record for each table of each file: layout, rows, missing, areas, concepts, dates, what was left out.

    Among several files, one that cannot be used has ``file`` and ``refused``, the message; sidecars are passed over.

    Raises
    ------
    OfficialFileError
        The only file is of no layout that is read, or damaged; the message names it.
    ContractError, UnknownNameError
        A figure or an area in it is not usable.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as place:
    ...     file = Path(place, "namibia.csv")
    ...     _ = file.write_text(
    ...         "provider,edition,area,sex,age_min,age_max,reference_date,value\n"
    ...         "undesa,wpp 2022,NAM,all,18,,2020-07-01,1445400\n"
    ...     )
    ...     [(record["table"], record["rows"], record["area"]) for record in summaries([file])]
    [('population', 1, ['NAM'])]
    """
    records: list[dict[str, Any]] = []
    data = data_of(files)
    for path in data:
        try:
            held = readers.parsed(path, parsed_around(path))
            records += [_summary(path, table, name) for name, table in held.items()]
        except InputError as error:
            if len(data) == 1:
                raise
            records.append({"file": str(path), "refused": str(error)})
    return records


def imported(
    files: Sequence[Path], workspace: Folder, *, today: dt.date, dry_run: bool = False
) -> list[dict[str, Any]]:
    r"""Keep official files in ``official/<provider>/`` of a workspace; return a record each.

    A file is kept only after every table of it was read. A record has ``file``, ``kept`` (its place), ``named`` (the
    same as a file in ``calibration/`` names it), ``outcome``
    (``imported``, ``held`` where the same bytes lie there already, ``to import`` on a dry run), ``source`` (provider,
    data set and edition of its first table), ``tables``, ``concept``, ``figures``, ``missing``, ``first`` and ``last``
    reference date, and ``left_out``. One that is not kept has ``file`` and ``refused``, the message; sidecars are
    passed over.

    Parameters
    ----------
    today
        Stands in for the day of retrieval where a file has no sidecar.
    dry_run
        Only look.

    Raises
    ------
    BusyError
        Another run holds the workspace.
    UsageError
        The workspace does not exist.
    OfficialFileError, ContractError, UnknownNameError
        The only file cannot be used.

    Examples
    --------
    >>> import datetime as dt
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from smstock.folder import Folder
    >>> with TemporaryDirectory() as place:
    ...     file = Path(place, "namibia.csv")
    ...     _ = file.write_text(
    ...         "provider,edition,area,sex,age_min,age_max,reference_date,value\n"
    ...         "undesa,wpp 2022,NAM,all,18,,2020-07-01,1445400\n"
    ...     )
    ...     workspace = Folder(Path(place), Path(place))
    ...     [imported([file], workspace, today=dt.date(2026, 11, 30))[0]["outcome"] for _ in range(2)]
    ['imported', 'held']
    """
    folder = official_folder(workspace)
    records: list[dict[str, Any]] = []
    data = data_of(files, workspace.fetched)
    with nullcontext() if dry_run else workspace.lock():
        on = shelf(folder)
        for path in data:
            try:
                held = readers.parsed(path, None if dry_run else workspace.parsed)
                vintage = placed(path, held, on, today=today)
            except InputError as error:
                if len(data) == 1:
                    raise
                records.append({"file": str(path), "refused": str(error)})
                continue
            if not dry_run:
                keep(vintage, on)
            outcome = "held" if vintage.held else "to import" if dry_run else "imported"
            # as a file in calibration/ names it
            named = Path("..", vintage.path.relative_to(workspace.root)).as_posix()
            kept = {"file": str(path), "kept": str(vintage.path), "named": named, "outcome": outcome}
            records.append({**kept, **_held_in(held)})
    return records


def converted(files: Sequence[Path], folder: Path) -> list[dict[str, Any]]:
    r"""Write each table of official files as Parquet into a folder; return a record each: file, table, rows, written.

    Figures are read and written in parts, where the layout allows it, so that a file larger than memory can be taken.
    Among several files, one of which no table is written has ``file`` and ``refused``, the message; sidecars are passed
    over.

    Raises
    ------
    BusyError
        The folder lies in a workspace that another run holds.
    OfficialFileError, ContractError, UnknownNameError
        The only file cannot be used.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as place:
    ...     file = Path(place, "namibia.csv")
    ...     _ = file.write_text(
    ...         "provider,edition,area,sex,age_min,age_max,reference_date,value\n"
    ...         "undesa,wpp 2022,NAM,all,18,,2020-07-01,1445400\n"
    ...     )
    ...     [(record["table"], record["rows"]) for record in converted([file], Path(place, "tables"))]
    [('population', 1)]
    """
    records: list[dict[str, Any]] = []
    written: dict[str, Path] = {}
    data = data_of(files)
    for path in data:
        place = folder / path.name
        try:
            _check_alone(path, written.setdefault(path.name, path), folder)
            with lock_around(place):
                rows_of = readers.all_to_parquet(path, partial(_parquet, place), parsed_around(path))
        except InputError as error:
            if len(data) == 1:
                raise
            records.append({"file": str(path), "refused": str(error)})
            continue
        records += [
            {"file": str(path), "table": name, "rows": rows, "written": str(_parquet(place, name))}
            for name, rows in rows_of.items()
        ]
    return records


def _parquet(place: Path, contract: str) -> Path:
    """Return where the table of a contract is written, for a file that is named like a place."""
    return place.with_name(f"{place.name}.{contract}.parquet")


def _check_alone(path: Path, first: Path, folder: Path) -> None:
    """Refuse a file that is named like another one, over whose tables its own would be written."""
    if path.absolute() != first.absolute():
        raise OfficialFileError(
            f"the tables of {path} would be written over those of {first}",
            where=f"both are named {path.name}",
            hint=f"rename one of them, or convert it into another folder than {folder}",
        )


def listing(workspace: Folder) -> list[dict[str, Any]]:
    """Return what lies in the workspace's folder of official files; see `smstock.official.holdings.holdings`.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from smstock.folder import Folder
    >>> with TemporaryDirectory() as place:
    ...     listing(Folder(Path(place), Path(place)))
    []
    """
    return holdings(official_folder(workspace), workspace.parsed)


def comparisons(files: Sequence[Path], *, date: str = "") -> tuple[pd.DataFrame, list[dict[str, Any]]]:
    """Return the comparisons within and between stock tables, and a record for each file.

    See `smstock.official.consistency.checked` for the comparisons. A record has ``file`` and ``stock``, the rows that
    were compared; ``passed_over``, the tables of a file that holds no stock; or, among several files, ``refused``, the
    message for one that cannot be used. Sidecars are passed over without a record.

    Parameters
    ----------
    date
        A day that every series is interpolated to before it is compared, so that figures for 1 January meet figures for
        1 July; empty: figures are compared on the days they are for.

    Raises
    ------
    OfficialFileError, ContractError, UnknownNameError
        The only file is not read, or no file holds a stock.
    UsageError
        The date is no day, or no series has figures around it.

    Examples
    --------
    >>> from pathlib import Path
    >>> comparisons([Path("stock.csv")], date="2020")
    Traceback (most recent call last):
    smstock.errors.UsageError: '2020' is no day
      allowed: YYYY-MM-DD, such as 2020-01-01
    """
    from smstock.official.conflicts import differing, tell_differing
    from smstock.official.consistency import checked
    from smstock.official.resolver import at_date, latest

    if date and not is_day(date):
        raise UsageError(f"{date!r} is no day", allowed="YYYY-MM-DD, such as 2020-01-01")
    stocks, records = _stocks(files)
    of_stocks = [Path(record["file"]) for record in records if "stock" in record]
    tell_differing(differing(of_stocks, stocks))
    stock = latest(stocks).reset_index(drop=True)
    if not date:
        return checked(stock), records
    at_day = at_date(stock, STOCK, date)
    if at_day.empty:
        days = stock.loc[stock["value"].notna(), "reference_date"]
        raise UsageError(
            f"no series has figures around {date}",
            allowed=f"--date from {days.min()} to {days.max()}",
            hint="give a day within, or leave --date out",
        )
    return checked(at_day), records


def _stocks(files: Sequence[Path]) -> tuple[list[pd.DataFrame], list[dict[str, Any]]]:
    """Return the stock tables of files, and a record for each file; refuse files of which none holds a stock."""
    stocks: list[pd.DataFrame] = []
    records: list[dict[str, Any]] = []
    data = data_of(files)
    for path in data:
        try:
            held = readers.parsed(path, parsed_around(path))
        except InputError as error:
            if len(data) == 1:
                raise
            records.append({"file": str(path), "refused": str(error)})
            continue
        if STOCK.name in held:
            stocks.append(held[STOCK.name].official().table)
            records.append({"file": str(path), "stock": len(stocks[-1])})
        else:
            records.append({"file": str(path), "passed_over": list(held)})
    if not stocks:
        in_words = [
            record["refused"].splitlines()[0]
            if "refused" in record
            else f"{record['file']} holds {' and '.join(record['passed_over'])}"
            for record in records
        ]
        raise OfficialFileError(
            "no file holds a stock",
            where="; ".join(in_words),
            hint="name a file of stocks; `smstock official describe FILE` says what a file holds, or why it is refused",
        )
    return stocks, records


def official_folder(workspace: Folder) -> Path:
    """Return the folder of official files; refuse a workspace that does not exist, which is a typing error.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.folder import Folder
    >>> official_folder(Folder(Path("nowhere"), Path("nowhere")))
    Traceback (most recent call last):
    smstock.errors.UsageError: there is no folder nowhere
      next:    name your workspace with --workspace
    """
    if not workspace.root.is_dir():
        raise UsageError(f"there is no folder {workspace.root}", hint="name your workspace with --workspace")
    return workspace.root / FOLDER


def _summary(path: Path, table: ParsedTable, contract: str) -> dict[str, Any]:
    return {
        "file": str(path),
        "table": contract,
        "layout": table.layout,
        "rows": len(table),
        "missing": table.missing,
        "left_out": dict(table.left_out),
        "producer": table.origin.producer if table.origin else "",
        "licence": table.origin.licence if table.origin else "",
        **{name: table.distinct(name) for name in _COUNTED if name in table.columns},
        **place_rows_of(table),
    }


def _held_in(held: Mapping[str, ParsedTable]) -> dict[str, Any]:
    """Return what the tables of a file hold together."""
    tables = list(held.values())
    dates = _distinct(tables, "reference_date")
    left_out: Counter[str] = Counter()
    for table in tables:
        left_out |= Counter(table.left_out)
    named = [(name, texts) for name in ("provider", "dataset", "edition") if (texts := tables[0].distinct(name))]
    return {
        "source": " ".join(texts[0] if len(texts) == 1 else f"{len(texts)} {name}s" for name, texts in named),
        "tables": list(held),
        "concept": _distinct(tables, "concept"),
        "figures": sum(map(len, tables)),
        "missing": sum(table.missing for table in tables),
        "first": dates[0] if dates else "",
        "last": dates[-1] if dates else "",
        "left_out": dict(left_out),
    }


def _distinct(tables: Sequence[ParsedTable], column: str) -> list[str]:
    return sorted({text for table in tables for text in table.distinct(column)})
