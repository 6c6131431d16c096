"""Sets of places as a table (CSV), a place a row: what a spreadsheet holds in place of a file of TOML.

::

    code,name,official,regions,cities,circles,postcodes,geos,valid_from,valid_to,covers,reviewed
    DE-BY,Bavaria,DE2,1230,814016:17|814017,48.137 11.575 10,DE:80331|DE:80333,urn:li:geo:1,1990-10-03,,DEU,2026-12-01

Columns are the keys of an entry, in any order; those that are not needed are left out. Several things in one field are
divided by ``|``. A city is its key, with ``:`` and kilometres where they are given; a circle is degrees north, degrees
east and kilometres, divided by blanks. ``reviewed`` is the day on which somebody looked at the row. ``covers`` is the
country that all rows are together, ``nuts`` the version of their codes of NUTS, both the same in each row.
"""

from __future__ import annotations

import csv
from io import StringIO
from typing import TYPE_CHECKING, Any, Final

from smstock import files
from smstock.errors import QueryError, meant, shown
from smstock.toml import LARGEST
from smstock.vocabulary.dates import is_day

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

_LISTS: Final = ("regions", "postcodes", "geos")
_OF_SET: Final = {"covers": "cover", "nuts": "are of NUTS"}


def read(path: Path, keys: Collection[str], *, hint: str) -> dict[str, Any]:
    r"""Return the content of a CSV of places, as a file of TOML that says the same would have it.

    ``reviewed`` is the earliest day of a row, or what stands there in place of a day; empty if a row has none.

    Parameters
    ----------
    path
        The file.
    keys
        What an entry may have.
    hint
        What to do where there is no such file.

    Raises
    ------
    QueryError
        The file is missing, no UTF-8, has a column that is none, or a row that cannot be read.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "laender.csv")
    ...     _ = file.write_text("code,regions,reviewed\nDE-BY,1|2,2026-12-01\n")
    ...     read(file, ["code", "regions"], hint="")
    {'reviewed': '2026-12-01', 'place': [{'code': 'DE-BY', 'regions': ['1', '2']}]}
    """
    try:
        text = files.content(path, LARGEST, QueryError, hint=hint).decode("utf-8-sig")
        # spreadsheets of many countries write semicolons; no name of a column has one
        divider = ";" if ";" in text.partition("\n")[0] else ","
        header, *lines = [line for line in csv.reader(StringIO(text), delimiter=divider, strict=True) if any(line)]
    except (OSError, UnicodeDecodeError, csv.Error, ValueError) as error:
        mistake = "it is no UTF-8 text" if isinstance(error, UnicodeDecodeError) else getattr(error, "strerror", "")
        raise QueryError(
            f"{shown(path)} cannot be read: {mistake or 'it is no CSV with a header'}",
            hint=hint if isinstance(error, OSError) else "save it as CSV in UTF-8, with the keys of a place as header",
        ) from None
    columns = [name.strip() for name in header]
    _check(columns, (*keys, *_OF_SET, "reviewed"), path)
    rows = []
    for number, line in enumerate(lines, start=2):
        if len(line) != len(columns):
            raise QueryError(
                f"row {number} has {len(line)} fields", where=str(path), allowed=f"{len(columns)}, as the header"
            )
        rows.append({name: field.strip() for name, field in zip(columns, line, strict=True) if field.strip()})
    of_set: dict[str, Any] = {}
    for name, verb in _OF_SET.items():
        values = {row.pop(name, "") for row in rows}
        if len(values) > 1:
            raise QueryError(
                f"the rows {verb} {', '.join(sorted(value or 'nothing' for value in values))}",
                where=str(path),
                allowed=f"one {name} in each row, or nothing in any",
            )
        of_set |= dict.fromkeys([name] if any(values) else [], *values)
    days = [row.pop("reviewed", "") for row in rows]
    entries = [_entry(row, f"{path}: row {number}") for number, row in enumerate(rows, start=2)]
    no_day = [day for day in days if not is_day(day)]
    return {"reviewed": min(no_day or days, default="")} | of_set | {"place": entries}


def _check(columns: list[str], known: Collection[str], path: Path) -> None:
    """Refuse a column that is none, or stands there twice."""
    for name in columns:
        if name not in known or columns.count(name) > 1:
            what = f"no such column: {name}" if name not in known else f"column {name} stands there twice"
            raise QueryError(
                shown(what),
                where=str(path),
                allowed=", ".join(known),
                hint=meant(name, known) if what[0] == "n" else "",
            )


def _entry(row: dict[str, str], where: str) -> dict[str, Any]:
    """Return a row as an entry of TOML."""
    entry: dict[str, Any] = dict(row)
    for name in _LISTS:
        if name in row:
            entry[name] = _parts(row[name])
    try:
        if "cities" in row:
            entry["cities"] = [_city(part) for part in _parts(row["cities"])]
        if "circles" in row:
            entry["circles"] = [_circle(part) for part in _parts(row["circles"])]
    except ValueError:
        field = f"cities {row.get('cities', '')!r}, circles {row.get('circles', '')!r}"
        raise QueryError(
            f"no cities or circles: {shown(field)}",
            where=where,
            allowed="cities as 814016:17|814017 (key:kilometres), circles as 48.137 11.575 10 (north, east, km)",
        ) from None
    return entry


def _parts(field: str) -> list[str]:
    return [part.strip() for part in field.split("|") if part.strip()]


def _city(part: str) -> dict[str, Any]:
    key, colon, radius = part.partition(":")
    return {"key": key.strip()} | ({"radius": float(radius)} if colon else {})


def _circle(part: str) -> dict[str, float]:
    latitude, longitude, radius = map(float, part.split())
    return {"latitude": latitude, "longitude": longitude, "radius": radius}
