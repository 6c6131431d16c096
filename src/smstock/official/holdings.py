"""What a folder of official files holds: one record for each source in each file, read once and remembered by hash."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from smstock import __version__
from smstock.errors import SmstockError
from smstock.folder import write_file
from smstock.official import readers
from smstock.official.census import LABELS
from smstock.official.sidecar import SUFFIX
from smstock.provenance import file_hash

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pandas as pd

MEMORY: Final = ".holdings.json"
"""File in the folder that remembers what was read, by hash."""

_SOURCE = ("provider", "dataset", "edition", "concept")


def holdings(folder: Path) -> list[dict[str, Any]]:
    """Return a record for each provider, data set, edition and concept in each file of a folder and those below it.

    A record has ``file``, ``table`` (stock, population, indicator or users), ``provider``, ``dataset``, ``edition``,
    ``concept``, ``destinations``, ``corridors`` (pairs of destination and origin), ``figures``, ``missing``, ``first``
    and ``last`` reference date, ``dates``, and ``holes``: destinations with the dates on which others have figures and
    they have none. A file that cannot be used has ``file`` and ``refused``, the reason.

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
    found: list[dict[str, Any]] = []
    present: dict[str, Any] = {}
    for path in _files(folder):
        key = _hash(path)
        if key not in remembered:
            remembered[key] = _records(path)
        present[key] = remembered[key]
        found += [{"file": path.relative_to(folder).as_posix(), **record} for record in present[key]]
    text = json.dumps({"smstock": __version__, "read": present}, ensure_ascii=False)
    if present:
        write_file(folder / MEMORY, text)
    return found


def holes(table: pd.DataFrame) -> dict[str, list[str]]:
    """Return, for each destination that has figures on some dates of the table only, the dates on which it has none.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = {"destination": ["BEL", "BEL", "DEU"], "reference_date": ["2019-01-01", "2020-01-01", "2020-01-01"]}
    >>> holes(pd.DataFrame({**rows, "value": [1.0, 2.0, 3.0]}))
    {'DEU': ['2019-01-01']}
    """
    place = "destination" if "destination" in table else "area"
    present = table[table["value"].notna()]
    dates = set(present["reference_date"])
    of_place = present.groupby(place)["reference_date"].agg(set)
    everybody = sorted(set(table[place]))
    absent = {name: sorted(dates - of_place.get(name, set())) for name in everybody}
    return {name: missing for name, missing in absent.items() if missing}


def is_data(path: Path) -> bool:
    """Return whether a file is one of data, by its name: sidecars, labels, notes (.md) and hidden files are not.

    Examples
    --------
    >>> from pathlib import Path
    >>> is_data(Path("B14.csv")), is_data(Path("B14.csv.origin.toml")), is_data(Path("README.md"))
    (True, False, False)
    """
    return not path.name.startswith(".") and not path.name.endswith((SUFFIX, LABELS, ".md"))


def _files(folder: Path) -> Iterator[Path]:
    """Yield the data files below a folder."""
    yield from (path for path in sorted(folder.rglob("*")) if path.is_file() and is_data(path))


def _hash(path: Path) -> str:
    """Return the hashes of a file and of what stands beside it and may say what the file does not."""
    beside = [path.with_name(path.name + suffix) for suffix in (SUFFIX, LABELS)]
    return " ".join([path.suffix, *(file_hash(each) if each.is_file() else "-" for each in (path, *beside))])


def _remembered(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return dict(content["read"]) if content["smstock"] == __version__ else {}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _records(path: Path) -> list[dict[str, Any]]:
    try:
        found = readers.read_all(path)
    except SmstockError as error:
        return [{"refused": error.what}]
    return [record for name, official in found.items() for record in _sources(name, official.table)]


def _sources(name: str, table: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Yield a record for each source of a table."""
    columns = [column for column in _SOURCE if column in table]
    if "reference_date" not in table:  # users: accounts, asked once
        yield {"table": name, "provider": "", "figures": len(table)}
        return
    for key, rows in table.groupby(columns, sort=True):
        source = dict(zip(columns, map(str, key), strict=True))
        place = "destination" if "destination" in rows else "area"
        pair = [place, "origin"] if "origin" in rows else [place]
        dates = sorted(set(rows.loc[rows["value"].notna(), "reference_date"]))
        yield {
            "table": name,
            **{column: source.get(column, "") for column in _SOURCE},
            "destinations": int(rows[place].nunique()),
            "corridors": len(rows[pair].drop_duplicates()) if "origin" in rows else 0,
            "figures": len(rows),
            "missing": int(rows["value"].isna().sum()),
            "first": dates[0] if dates else "",
            "last": dates[-1] if dates else "",
            "dates": len(dates),
            "holes": holes(rows),
        }
