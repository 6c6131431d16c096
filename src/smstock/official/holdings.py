"""What a folder of official files holds: one record for each source in each file, read once and remembered by hash."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from smstock.errors import SmstockError
from smstock.folder import write_file
from smstock.official import readers
from smstock.official.areas import tell
from smstock.official.beside import is_data
from smstock.official.parsed import readers_hash, source_hash
from smstock.official.place_rows import place_rows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pandas as pd

    from smstock.official.parsed import ParsedTable

MEMORY: Final = ".holdings.json"
"""File in the folder that remembers what was read, by hash."""

_SOURCE = ("provider", "dataset", "edition", "concept")


def holdings(folder: Path, store: Path | None = None) -> list[dict[str, Any]]:
    """Return a record for each provider, data set, edition and concept in each file of a folder and those below it.

    A record has ``file``, ``table`` (stock, population, indicator or users), ``provider``, ``dataset``, ``edition``,
    ``concept``, ``destinations``, ``corridors`` (pairs of destination and origin), ``figures``, ``missing``, ``first``
    and ``last`` reference date, ``dates``, and ``holes``: destinations with the dates on which others have figures and
    they have none. Where some are parts of countries, ``places`` says how many, and ``of_places`` how many figures are
    theirs. ``remarks``, if there are any, say what is odd in the file; they are logged too. A file that cannot
    be used has ``file`` and ``refused``, the reason.

    What was read is remembered in ``.holdings.json`` until a file, its sidecar or smstock changes.

    Parameters
    ----------
    store
        Where tables of official files are kept, as for `smstock.official.readers.parsed`.

    Examples
    --------
    >>> from pathlib import Path
    >>> holdings(Path("nowhere"))
    []
    """
    if not folder.is_dir():
        return []
    remembered = _remembered(folder / MEMORY)
    records: list[dict[str, Any]] = []
    records_of: dict[str, Any] = {}
    for path in _files(folder):
        key = f"{source_hash(path)} {path.as_posix()}"
        if key not in remembered:
            remembered[key] = _records(path, store)
        records_of[key] = remembered[key]
        records += [{"file": path.relative_to(folder).as_posix(), **record} for record in records_of[key]]
        tell(remark for record in records_of[key] for remark in record.get("remarks", ()))
    text = json.dumps({"smstock": readers_hash(), "read": records_of}, ensure_ascii=False)
    if records_of:
        write_file(folder / MEMORY, text)
    return records


def _holes(counted: pd.DataFrame) -> dict[str, list[str]]:
    """Return, for each destination that has figures on some of the dates only, the dates on which it has none."""
    column = "destination" if "destination" in counted else "area"
    dates_of = counted[counted["values"] > 0].groupby(column)["reference_date"].agg(set)
    every_date = set().union(*dates_of)
    absent = {area: sorted(every_date - dates_of.get(area, set())) for area in sorted(counted[column].unique())}
    return {area: dates for area, dates in absent.items() if dates}


def _files(folder: Path) -> Iterator[Path]:
    """Yield the data files below a folder."""
    yield from (path for path in sorted(folder.rglob("*")) if path.is_file() and is_data(path))


def _remembered(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return dict(content["read"]) if content["smstock"] == readers_hash() else {}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return {}


def _records(path: Path, store: Path | None) -> list[dict[str, Any]]:
    try:
        held = readers.parsed(path, store)
    except SmstockError as error:
        message = f"{error.what} ({error.where})" if error.where else error.what
        return [{"refused": message if str(path) in message else f"{path}: {message}"}]
    return [
        record | ({"remarks": list(table.remarks)} if table.remarks else {})
        for name, table in held.items()
        for record in _sources(name, table)
    ]


def _sources(name: str, table: ParsedTable) -> Iterator[dict[str, Any]]:
    """Yield a record for each source of a table."""
    if "reference_date" not in table.columns:  # users: accounts, asked once
        yield {"table": name, "provider": "", "figures": len(table)}
        return
    source_of = [column for column in _SOURCE if column in table.columns]
    corridor = [column for column in ("destination", "area", "origin") if column in table.columns]
    texts = {column: table.distinct(column) for column in source_of}
    several = [column for column in source_of if len(texts[column]) > 1]
    counted = table.columns.counted([*several, *corridor, "reference_date"])
    for key, rows in counted.groupby(several, sort=True) if several else [((), counted)]:
        source = {column: texts[column][0] for column in source_of} | dict(zip(several, map(str, key), strict=True))
        dates = sorted(rows.loc[rows["values"] > 0, "reference_date"].unique())
        yield {
            "table": name,
            **{column: source.get(column, "") for column in _SOURCE},
            "destinations": int(rows[corridor[0]].nunique()),
            "corridors": len(rows[corridor].drop_duplicates()) if "origin" in rows else 0,
            **place_rows(rows, corridor[0]),
            "figures": int(rows["rows"].sum()),
            "missing": int((rows["rows"] - rows["values"]).sum()),
            "first": dates[0] if dates else "",
            "last": dates[-1] if dates else "",
            "dates": len(dates),
            "holes": _holes(rows),
        }
