"""What a folder of official files holds: one record for each source in each file, read once and remembered by hash."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from smstock.errors import SmstockError
from smstock.folder import write_file
from smstock.official import readers
from smstock.official.areas import tell
from smstock.official.rawfile import LARGEST
from smstock.official.sidecar import LABELS, SUFFIX, is_data
from smstock.provenance import file_hash, text_hash

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

MEMORY: Final = ".holdings.json"
"""File in the folder that remembers what was read, by hash."""

_SOURCE = ("provider", "dataset", "edition", "concept")


def holdings(folder: Path) -> list[dict[str, Any]]:
    """Return a record for each provider, data set, edition and concept in each file of a folder and those below it.

    A record has ``file``, ``table`` (stock, population, indicator or users), ``provider``, ``dataset``, ``edition``,
    ``concept``, ``destinations``, ``corridors`` (pairs of destination and origin), ``figures``, ``missing``, ``first``
    and ``last`` reference date, ``dates``, and ``holes``: destinations with the dates on which others have figures and
    they have none. ``remarks``, if there are any, say what is odd in the file; they are logged too. A file that cannot
    be used has ``file`` and ``refused``, the reason.

    What was read is remembered in ``.holdings.json`` until a file, its sidecar or smstock changes.

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
        key = _hash(path)
        if key not in remembered:
            remembered[key] = _records(path)
        records_of[key] = remembered[key]
        records += [{"file": path.relative_to(folder).as_posix(), **record} for record in records_of[key]]
        tell(remark for record in records_of[key] for remark in record.get("remarks", ()))
    text = json.dumps({"smstock": _readers(), "read": records_of}, ensure_ascii=False)
    if records_of:
        write_file(folder / MEMORY, text)
    return records


def holes(table: pd.DataFrame) -> dict[str, list[str]]:
    """Return, for each destination that has figures on some dates of the table only, the dates on which it has none.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = {"destination": ["BEL", "BEL", "DEU"], "reference_date": ["2019-01-01", "2020-01-01", "2020-01-01"]}
    >>> holes(pd.DataFrame({**rows, "value": [1.0, 2.0, 3.0]}))
    {'DEU': ['2019-01-01']}
    """
    column = "destination" if "destination" in table else "area"
    present = table[table["value"].notna()]
    every_date = set(present["reference_date"])
    dates_of = present.groupby(column)["reference_date"].agg(set)
    absent = {area: sorted(every_date - dates_of.get(area, set())) for area in sorted(set(table[column]))}
    return {area: dates for area, dates in absent.items() if dates}


def _files(folder: Path) -> Iterator[Path]:
    """Yield the data files below a folder."""
    yield from (path for path in sorted(folder.rglob("*")) if path.is_file() and is_data(path))


def _hash(path: Path) -> str:
    """Return the hashes of a file and of what stands beside it and may say what the file does not, and its name."""
    beside = [path.with_name(path.name + suffix) for suffix in (SUFFIX, LABELS)]
    return " ".join([*(_content(file) for file in (path, *beside)), path.as_posix()])


def _content(file: Path) -> str:
    """Return the hash of a file; of one that is too large to be read, its size."""
    if not file.is_file():
        return "-"
    size = file.stat().st_size
    return file_hash(file) if size <= LARGEST else str(size)


@cache
def _readers() -> str:
    """Return the hash of everything that reads official files: what another smstock read is read anew."""
    folder = Path(__file__).parent
    files = [*folder.rglob("*.py"), *folder.rglob("*.csv"), *(folder.parent / "vocabulary").glob("*.*")]
    return text_hash("".join(file_hash(file) for file in sorted(files)))


def _remembered(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return dict(content["read"]) if content["smstock"] == _readers() else {}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return {}


def _records(path: Path) -> list[dict[str, Any]]:
    try:
        table_by_contract = readers.read_all(path)
    except SmstockError as error:
        message = f"{error.what} ({error.where})" if error.where else error.what
        return [{"refused": message if str(path) in message else f"{path}: {message}"}]
    return [
        record | ({"remarks": list(official.remarks)} if official.remarks else {})
        for name, official in table_by_contract.items()
        for record in _sources(name, official.table)
    ]


def _sources(name: str, table: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Yield a record for each source of a table."""
    columns = [column for column in _SOURCE if column in table]
    if "reference_date" not in table:  # users: accounts, asked once
        yield {"table": name, "provider": "", "figures": len(table)}
        return
    for key, rows in table.groupby(columns, sort=True):
        source = dict(zip(columns, map(str, key), strict=True))
        area = "destination" if "destination" in rows else "area"
        corridor = [area, "origin"] if "origin" in rows else [area]
        dates = sorted(set(rows.loc[rows["value"].notna(), "reference_date"]))
        yield {
            "table": name,
            **{column: source.get(column, "") for column in _SOURCE},
            "destinations": int(rows[area].nunique()),
            "corridors": len(rows[corridor].drop_duplicates()) if "origin" in rows else 0,
            "figures": len(rows),
            "missing": int(rows["value"].isna().sum()),
            "first": dates[0] if dates else "",
            "last": dates[-1] if dates else "",
            "dates": len(dates),
            "holes": holes(rows),
        }
