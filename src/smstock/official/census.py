"""US Census Bureau: the foreign-born by place of birth, American Community Survey table B05006.

The service answers rows of text, the first with the codes of the columns (``B05006_002E`` an estimate, ``...M`` its
90 % margin of error, ``...EA`` an annotation in place of the number) and last the geography (``us``, ``state``). What a
code stands for changes from year to year and is said by another answer, ``/groups/B05006.json`` of that year, which
must lie beside the file as ``<file>.labels.json``. The year is in neither: the sidecar gives the reference date.

A label is a path, ``Estimate!!Total:!!Europe:!!Northern Europe:!!Denmark``. Its last part is an origin if it is an
area; regions, parts of countries and remainders ("Other Northern Europe") are aggregates. A place that has no parts and
is none of these is not known: its figures are left out, and the reason names it. "China" includes Hong Kong and Taiwan,
so its part without them is the origin.

States are ISO 3166-2 (``US-CA``). There is neither age nor sex in the table.
"""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from smstock import files
from smstock.errors import OfficialFileError, UnknownNameError
from smstock.official.areas import unknown_areas
from smstock.official.base import ALL_ORIGINS, GROUPS_OF_AREAS, Layout, OfficialTable
from smstock.official.columns import mapped
from smstock.official.damage import misfits
from smstock.official.figures import figures
from smstock.official.observations import first_reason, table_of
from smstock.official.rawfile import LARGEST_JSON
from smstock.official.sidecar import LABELS
from smstock.tables import STOCK
from smstock.vocabulary.countries import known_as

if TYPE_CHECKING:
    from collections.abc import Collection

    from smstock.official.rawfile import RawFile
    from smstock.tables import Contract

_ESTIMATE = re.compile(r"B05006_\d{3}E")
_TOTAL = "B05006_001E"
# Numbers below zero stand for annotations: no estimate, no sample, not applicable (census.gov, ACS data notes).
_MARKS = {"": "blank", **{f"-{digit * 9}": f"-{digit * 9}" for digit in "23456789"}}

# Names of the table that no other provider uses.
_NAMES = {
    "Antigua-Barbuda": "ATG",
    "Burma (Myanmar)": "MMR",
    "China": "China",  # with Hong Kong and Taiwan
    "China, excluding Hong Kong and Taiwan": "CHN",
    "Czechoslovakia (includes Czech Republic and Slovakia)": "CSK",
    "Democratic Republic of Congo (Zaire)": "COD",
    "North Macedonia (Macedonia)": "MKD",
    "Republic of Congo": "COG",
    "St. Kitts-Nevis": "KNA",
    "United Kingdom (inc. Crown Dependencies)": "GBR",
}

_REGION_OR_STATE = "Micronesia"  # with a colon it has parts

# Leaves of the table that are no areas: parts of countries, groups of islands, remainders.
_PARTS = frozenset({"England", "Scotland", "Wales", "Northern Ireland", "West Indies", "Azores Islands"})
_REMAINDER = re.compile(r"Other .+|.+, n\.e\.c\.|Born at sea")

# Numbers of the states (FIPS 5-2) and the second part of ISO 3166-2:US.
_STATES = {
    number: letters
    for number, _, letters in (
        pair.partition(":")
        for line in (
            "01:AL 02:AK 04:AZ 05:AR 06:CA 08:CO 09:CT 10:DE 11:DC 12:FL 13:GA 15:HI 16:ID 17:IL 18:IN 19:IA 20:KS",
            "21:KY 22:LA 23:ME 24:MD 25:MA 26:MI 27:MN 28:MS 29:MO 30:MT 31:NE 32:NV 33:NH 34:NJ 35:NM 36:NY 37:NC",
            "38:ND 39:OH 40:OK 41:OR 42:PA 44:RI 45:SC 46:SD 47:TN 48:TX 49:UT 50:VT 51:VA 53:WA 54:WV 55:WI 56:WY",
        )
        for pair in line.split()
    )
}
_PUERTO_RICO = "72"

_ANSWER = TypeAdapter(list[list[str | None]])


class _Variable(BaseModel):
    model_config = ConfigDict(strict=True)

    label: str


class _Group(BaseModel):
    model_config = ConfigDict(strict=True)

    variables: dict[str, _Variable]


def origin(label: str) -> str:
    """Return ISO3 of the place of birth a label stands for, ``WLD`` for all, the name of what is no area.

    Examples
    --------
    >>> origin("Estimate!!Total:!!Europe:!!Northern Europe:!!Denmark"), origin("Estimate!!Total:")
    ('DNK', 'WLD')
    >>> origin("Estimate!!Total:!!Asia:!!Eastern Asia:!!China:"), origin("Estimate!!Total!!Europe!!Europe, n.e.c.")
    ('China', 'Europe, n.e.c.')
    """
    path = _path(label)
    if path[1:] == ("Total",):
        return ALL_ORIGINS
    name = path[-1]
    if name == _REGION_OR_STATE and not label.endswith(":"):
        return "FSM"
    if name in _NAMES:
        return _NAMES[name]
    return known_as(name, "name") or name


def _path(label: str) -> tuple[str, ...]:
    """Return the parts of a label, from ``Estimate`` to the place itself."""
    return tuple(part.rstrip(":").strip() for part in label.split("!!"))


def _recognises(file: RawFile) -> bool:
    content = file.json
    return isinstance(content, list) and bool(content) and isinstance(content[0], list) and _TOTAL in content[0]


def _read(file: RawFile, _: Contract) -> OfficialTable:
    date = file.stated_day()
    header, *rows = _validated(file)
    estimates = [name for name in header if _ESTIMATE.fullmatch(name)]
    column_of = {name: column for column, name in enumerate(header)}
    label_of = _labels(file, estimates)
    cells = pd.DataFrame(
        [(_destination(file, column_of, row), name, row[column_of[name]] or "") for row in rows for name in estimates],
        columns=["destination", "column", "cell"],
    )
    value, missing = figures(cells["cell"], _MARKS, lambda row: f"{file.path}, {cells['column'][row]}")
    origins = mapped(cells["column"], lambda name: origin(label_of[name]))
    areas_and_groups = _areas_and_groups(label_of.values())
    reasons = [
        unknown_areas(origins, areas_and_groups.__contains__),
        (~mapped(origins, _is_area, "bool"), GROUPS_OF_AREAS),
    ]
    cells = cells.assign(
        provider="census",
        dataset="B05006",
        edition=file.edition,
        concept="birth",
        origin=origins,
        sex="all",
        age_min=0,
        age_max=None,
        reference_date=date,
        value=value,
        flags=missing,
        retrieved_at="",
        reason=first_reason(reasons),
    )
    columns = {origin(label_of[name]): f"column {name}" for name in estimates}
    return replace(table_of(cells, STOCK), places=columns)


def _validated(file: RawFile) -> list[list[str]]:
    """Return the rows of an answer, each as long as its header."""
    try:
        rows = _ANSWER.validate_python(file.json, strict=True)
    except ValidationError as error:
        raise OfficialFileError(
            f"{file.path} is a damaged answer of the Census Bureau: {misfits(error)}", hint="download it again"
        ) from None
    header = [name or "" for name in rows[0]]
    uneven = next((number for number, row in enumerate(rows) if len(row) != len(header)), None)
    # A table that was asked for with its name besides the group has NAME twice.
    repeated = {name for name in header if header.count(name) > 1} - {"NAME"}
    if uneven is not None or repeated or len(rows) == 1:
        raise OfficialFileError(
            f"{file.path} is a damaged answer of the Census Bureau: its rows do not fit its header",
            where=f"row {uneven}" if uneven is not None else ", ".join(sorted(repeated)) or "no row",
            hint="download it again",
        )
    return [header, *([cell or "" for cell in row] for row in rows[1:])]


def _destination(file: RawFile, column_of: dict[str, int], row: list[str]) -> str:
    if "state" in column_of:
        number = row[column_of["state"]]
        if number == _PUERTO_RICO:
            return "PRI"
        if number in _STATES:
            return f"US-{_STATES[number]}"
        raise UnknownNameError(
            f"{number!r} is no state",
            where=f"{file.path}, column state",
            allowed=", ".join(_STATES),
            hint="download it again",
        )
    if "us" in column_of:
        return "USA"
    raise OfficialFileError(
        f"{file.path} is for a geography that is not read",
        allowed="for=us:1, for=state:*",
        hint="ask again for one of them",
    )


def _labels(file: RawFile, estimates: list[str]) -> dict[str, str]:
    """Return the label of each column of estimates, be it in the file or not."""
    beside = file.path.with_name(file.path.name + LABELS)
    try:
        group = _Group.model_validate(json.loads(files.content(beside, LARGEST_JSON, OfficialFileError)))
    except (OSError, ValueError, RecursionError) as error:
        raise OfficialFileError(
            f"{file.path} does not say what its columns are",
            where=f"{beside.name}: {'missing' if isinstance(error, FileNotFoundError) else 'not readable'}",
            hint="save the answer of /groups/B05006.json of the same year and survey beside it under that name",
        ) from None
    lacking = [name for name in estimates if name not in group.variables]
    if lacking or _path(group.variables[_TOTAL].label)[1:] != ("Total",):
        raise OfficialFileError(
            f"{beside} has no label for {', '.join(lacking[:5]) or _TOTAL}",
            hint="take that of the same year and survey",
        )
    return {name: variable.label for name, variable in group.variables.items() if _ESTIMATE.fullmatch(name)}


def _is_area(place: str) -> bool:
    return len(place) == len(ALL_ORIGINS) and place.isupper()


def _areas_and_groups(labels: Collection[str]) -> set[str]:
    """Return the places of birth that are areas, have parts among the labels, or are parts or remainders themselves."""
    with_parts = {_path(label)[:-1] for label in labels}
    groups = {origin(label) for label in labels if label.endswith(":") or _path(label) in with_parts}
    leaves = {origin(label) for label in labels} - groups
    return groups | {
        place for place in leaves if _is_area(place) or place in _PARTS or _REMAINDER.fullmatch(place) is not None
    }


LAYOUTS = (Layout("US Census Bureau, American Community Survey B05006 (JSON)", _recognises, lambda _: (STOCK,), _read),)
