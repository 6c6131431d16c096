"""Answers of the US Census Bureau's service: rows of text in JSON, the first with the codes of the columns.

``B05006_002E`` is an estimate, ``...M`` its 90 % margin of error, ``...EA`` an annotation in place of the number; last
comes the geography (``us``; ``state``; ``state`` and ``county``; ``ucgid``). What a code stands for changes from year
to year and is said by another answer, ``/groups/B05006.json`` of that year, which must lie beside the file as
``<file>.labels.json``. The year is in neither: the sidecar gives the reference date.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pandas as pd
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from smstock import files
from smstock.errors import OfficialFileError, UnknownNameError
from smstock.official.beside import LABELS
from smstock.official.census.places import ESTIMATE, TOTAL, margin_of, parts, stock
from smstock.official.damage import misfits
from smstock.official.rawfile import LARGEST_JSON
from smstock.vocabulary.states import NUMBERS, state_or_county

if TYPE_CHECKING:
    from smstock.official.base import OfficialTable
    from smstock.official.rawfile import RawFile
    from smstock.tables import Contract

_ANSWER = TypeAdapter(list[list[str | None]])
_VARIABLE = re.compile(r"B05006_\d{3}[A-Z]{1,2}|NAME|GEO_ID")


class _Variable(BaseModel):
    model_config = ConfigDict(strict=True)

    label: str


class _Group(BaseModel):
    model_config = ConfigDict(strict=True)

    variables: dict[str, _Variable]


def is_answer(file: RawFile) -> bool:
    r"""Whether a file is an answer of the service with the table.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.official.rawfile import RawFile
    >>> is_answer(RawFile(Path("a.json"), "text", b'[["NAME", "B05006_001E"], ["Maine", "9"]]'))
    True
    """
    content = file.json
    return isinstance(content, list) and bool(content) and isinstance(content[0], list) and TOTAL in content[0]


def read(file: RawFile, _: Contract) -> OfficialTable:
    """Return the stock of an answer.

    Raises
    ------
    OfficialFileError, UnknownNameError
        It is damaged, for another geography, or lies without the labels of its columns.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.official.rawfile import RawFile
    >>> from smstock.official.sidecar import Origin
    >>> from smstock.tables import STOCK
    >>> origin = Origin("Census", "B05006", "acs1 2022", "", "", "2026-11-22", reference_date="2022-07-01")
    >>> read(RawFile(Path("acs.json"), "text", b'[["NAME", "B05006_001E"], ["Maine", "9"]]', origin), STOCK)
    Traceback (most recent call last):
    smstock.errors.OfficialFileError: acs.json does not say what its columns are
      where:   acs.json.labels.json: missing
      next:    save the answer of /groups/B05006.json of the same year and survey beside it under that name
    """
    file.stated_day()
    header, *rows = _validated(file)
    estimates = [name for name in header if ESTIMATE.fullmatch(name)]
    column_of = {name: column for column, name in enumerate(header)}
    label_of = labels_beside(file, estimates)
    geographies = [(name, column) for name, column in column_of.items() if not _VARIABLE.fullmatch(name)]
    destinations = [_destination(file, {name: row[column] for name, column in geographies}) for row in rows]
    pairs = [(name, column_of[name], column_of.get(margin_of(name))) for name in estimates]
    cells = pd.DataFrame(
        [
            (destination, name, row[estimate], "" if margin is None else row[margin])
            for destination, row in zip(destinations, rows, strict=True)
            for name, estimate, margin in pairs
        ],
        columns=["destination", "column", "cell", "margin"],
    )
    return stock(file, cells, label_of, lambda row: f"{file.path}, {cells['column'][row]}")


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


def _destination(file: RawFile, geography: dict[str, str]) -> str:
    """Return the area of a row by its geography: the country, a state, a county."""
    match geography:
        case {"us": _, **further} if not further:
            return "USA"
        case {"ucgid": "0100000US", **further} if not further:
            return "USA"
        case {"ucgid": code, **further} if not further and state_or_county(code):
            return state_or_county(code)
        case {"state": number, **further} if not further:
            return state(number, f"{file.path}, column state")
        case {"state": number, "county": county, **further} if not further:
            state(number, f"{file.path}, column state")
            if area := state_or_county(number + county):
                return area
            raise UnknownNameError(
                f"{county!r} is no county",
                where=f"{file.path}, column county",
                allowed="three digits, such as 037",
                hint="download it again",
            )
    raise OfficialFileError(
        f"{file.path} is for a geography that is not read",
        where=", ".join(geography) or "no column says it",
        allowed="for=us:1, for=state:*, for=county:*",
        hint="ask again for one of them",
    )


def state(number: str, place: str) -> str:
    """Return the code of a state by its number.

    Raises
    ------
    UnknownNameError
        There is no such state.

    Examples
    --------
    >>> state("25", "a.csv, line 3"), state("72", "a.csv, line 4")
    ('US-MA', 'PRI')
    """
    if number not in NUMBERS:
        raise UnknownNameError(
            f"{number!r} is no state", where=place, allowed=", ".join(NUMBERS), hint="download it again"
        )
    return NUMBERS[number]


def labels_beside(file: RawFile, estimates: list[str]) -> dict[str, str]:
    """Return the label of each column of estimates, be it in the file or not, as a file beside it says.

    Raises
    ------
    OfficialFileError
        There is no such file, or it is damaged or lacks a column.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.official.rawfile import RawFile
    >>> labels_beside(RawFile(Path("acs.json"), "text", b""), ["B05006_001E"])
    Traceback (most recent call last):
    smstock.errors.OfficialFileError: acs.json does not say what its columns are
      where:   acs.json.labels.json: missing
      next:    save the answer of /groups/B05006.json of the same year and survey beside it under that name
    """
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
    if lacking or parts(group.variables[TOTAL].label)[1:] != ("Total",):
        raise OfficialFileError(
            f"{beside} has no label for {', '.join(lacking[:5]) or TOTAL}",
            hint="take that of the same year and survey",
        )
    return {name: variable.label for name, variable in group.variables.items() if ESTIMATE.fullmatch(name)}
