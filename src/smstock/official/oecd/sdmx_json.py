"""SDMX-JSON 2.0, flat, as the OECD answers ``format=jsondata&dimensionAtObservation=AllDimensions``.

``observations`` gives, by the positions of the codes (``0:0:3``), the value and the positions of its attributes; codes
stand in ``structures``. Periods are in no order (answers of August 2026).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from smstock.errors import OfficialFileError
from smstock.official import flags
from smstock.official.damage import misfits
from smstock.official.observations import Block, Observations
from smstock.official.periods import check_years
from smstock.official.units import multiplied

if TYPE_CHECKING:
    from smstock.official.rawfile import RawFile

_TIME = "TIME_PERIOD"
_MULTIPLIER = "UNIT_MULT"


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True)


class _Code(_Strict):
    id: str


class _Component(_Strict):
    id: str
    codes: list[_Code] = Field(alias="values")


class _AtObservation(_Strict):
    observation: list[_Component]
    whole: list[_Component] = Field(alias="dataSet", default=[])
    groups: list[_Component] = Field(alias="dimensionGroup", default=[])
    series: list[_Component] = []


class _Link(_Strict):
    urn: str = ""


class _Structure(_Strict):
    dimensions: _AtObservation
    attributes: _AtObservation


class _DataSet(_Strict):
    observations: dict[str, list[float | None]]
    links: list[_Link] = []


class _Data(_Strict):
    sets: list[_DataSet] = Field(alias="dataSets")
    structures: list[_Structure]


class _Meta(_Strict):
    prepared: str = ""


class _Message(_Strict):
    meta: _Meta
    data: _Data


def recognises(file: RawFile) -> bool:
    """Whether a file is an SDMX-JSON message with data.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.official.rawfile import RawFile
    >>> recognises(RawFile(Path("a.json"), "text", b'{"meta": {}, "data": {"dataSets": []}}'))
    True
    """
    content = file.json
    data = content.get("data") if isinstance(content, dict) else None
    return isinstance(data, dict) and "dataSets" in data


def observations(file: RawFile) -> Observations:
    """Return the figures of a message; the edition is the day on which the answer was prepared.

    Raises
    ------
    OfficialFileError
        The message is damaged or not flat, has no data, or a period is no year.
    """
    try:
        message = _Message.model_validate(file.json)
    except ValidationError as error:
        raise _damaged(file, misfits(error)) from None
    if len(message.data.sets) != 1 or len(message.data.structures) != 1:
        raise _damaged(file, "not one data set with one structure")
    (data,), (structure,) = message.data.sets, message.data.structures
    if not data.observations:
        raise _damaged(file, "no observation")
    _check_multipliers(file, structure.attributes)
    codes = _codes(file, structure.dimensions.observation, [_positions(file, key) for key in data.observations])
    if _TIME not in codes:
        raise _damaged(file, f"no dimension {_TIME}")
    check_years(codes[_TIME], lambda _: f"{file.path}, dimension {_TIME}")
    rows = list(data.observations.values())
    attributes = [_attributes(file, structure.attributes.observation, row[1:]) for row in rows]
    numbers = np.array([np.nan if not row or row[0] is None else row[0] for row in rows], dtype="float64")
    if (numbers < 0).any():
        raise _damaged(file, "a figure is negative")
    printed = [(row.get("OBS_STATUS", "A"), row.get("CONF_STATUS", "")) for row in attributes]
    split = {pair: flags.sdmx(*pair) for pair in set(printed)}
    marked = [
        flags.joined(split[pair], "blank" if missing else "")
        for pair, missing in zip(printed, np.isnan(numbers), strict=True)
    ]
    keys = codes.drop(columns=_TIME)
    numbers = multiplied(
        numbers,
        pd.DataFrame({_MULTIPLIER: [row.get(_MULTIPLIER, "0") for row in attributes]}, dtype="str"),
        lambda row: f"{file.path}, observation {list(data.observations)[row]}",
    )
    block = Block(
        np.arange(len(keys)), codes[_TIME].astype("int64").to_numpy(), numbers, np.array(marked, dtype=object)
    )
    return Observations(
        file, "", message.meta.prepared[:10] or file.edition, keys.rename(columns=str.lower).astype("str"), [block]
    )


def _check_multipliers(file: RawFile, attributes: _AtObservation) -> None:
    """Refuse a multiplier that is given for many observations at once: which ones is not read."""
    for component in (*attributes.whole, *attributes.groups, *attributes.series):
        powers = {code.id for code in component.codes} - {"0"}
        if component.id == _MULTIPLIER and powers:
            raise OfficialFileError(
                f"{file.path} has figures in other units than persons: {_MULTIPLIER} {', '.join(sorted(powers))}",
                where="attributes of the data set or of series",
                allowed=f"{_MULTIPLIER} 0, or one an observation",
                hint="download it again with dimensionAtObservation=AllDimensions, or as CSV",
            )


def _positions(file: RawFile, key: str) -> list[int]:
    numbers = key.split(":")
    if not all(number.isascii() and number.isdecimal() for number in numbers):
        raise _damaged(file, f"the position {key[:40]!r} is no row of numbers")
    return [int(number) for number in numbers]


def _codes(file: RawFile, dimensions: list[_Component], positions: list[list[int]]) -> pd.DataFrame:
    """Return the code of each observation on each dimension."""
    sizes = [len(dimension.codes) for dimension in dimensions]
    for row in positions:
        if len(row) != len(sizes) or any(place >= size for place, size in zip(row, sizes, strict=True)):
            raise _damaged(file, f"the position {':'.join(map(str, row))[:40]} is beyond the dimensions")
    return pd.DataFrame(
        {
            dimension.id: [dimension.codes[row[number]].id for row in positions]
            for number, dimension in enumerate(dimensions)
        },
        dtype="str",
    )


def _attributes(file: RawFile, attributes: list[_Component], positions: list[float | None]) -> dict[str, str]:
    """Return the attributes of an observation by name."""
    code_of: dict[str, str] = {}
    for attribute, place in zip(attributes, positions, strict=False):
        if place is None:
            continue
        if place % 1 or not 0 <= place < len(attribute.codes):
            raise _damaged(file, f"the position {place:g} is beyond the attribute {attribute.id}")
        code_of[attribute.id] = attribute.codes[int(place)].id
    return code_of


def _damaged(file: RawFile, what: str) -> OfficialFileError:
    return OfficialFileError(
        f"{file.path} is damaged SDMX-JSON, or not flat: {what}",
        hint="download it again with dimensionAtObservation=AllDimensions, or as CSV",
    )
