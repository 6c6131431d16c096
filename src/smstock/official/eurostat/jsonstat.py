"""JSON-stat 2.0 as Eurostat's service "Statistics" answers.

``id`` names the dimensions and ``size`` counts their positions; ``value`` and ``status`` give figures and flags by the
flat position, the last dimension running fastest. An absent position is a missing figure. ``extension.id`` is the data
set, ``updated`` its last update (service version 1.0, answers of August 2026). The service before 2022 named the data
set in ``extension.datasetId`` (version 2.1), or put the whole answer under its name, ``id`` and ``size`` among the
dimensions (version 1.1, JSON-stat 1).

JSON-stat is the format of many offices: an answer is Eurostat's if its source or address says so, or if it names its
data set as Eurostat's service does and says no other source.

Two answers of the service look like data and are none: an asynchronous one (``warning.status`` 413 under HTTP 200) and
an error (``error``).
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
from pydantic import BaseModel, ConfigDict, ValidationError

from smstock.errors import OfficialFileError
from smstock.official import flags
from smstock.official.damage import misfits
from smstock.official.observations import Block, Observations
from smstock.official.periods import check_years

if TYPE_CHECKING:
    from smstock.official.rawfile import RawFile

_TIME = "time"
_LARGEST = 50_000_000  # cells; the service itself refuses more than 5 million


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True)


class _Category(_Strict):
    index: dict[str, int] | list[str] | None = None
    label: dict[str, Any] = {}
    unit: Any = None


class _Dimension(_Strict):
    category: _Category


class _Extension(_Strict):
    id: str = ""


class _Answer(_Strict):
    id: list[str]
    size: list[int]
    dimension: dict[str, _Dimension]
    value: dict[str, float | None] | list[float | None]
    status: dict[str, str | None] | list[str | None] | str = ""
    updated: str = ""
    extension: _Extension = _Extension()


def answer(file: RawFile) -> dict[str, Any]:
    """Return the data set of a file in JSON-stat, whosever it is, in the form of version 2; empty for anything else.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.official.rawfile import RawFile
    >>> file = RawFile(Path("a.json"), "text", b'{"demo_gind": {"dimension": {"id": ["geo"], "size": [1], "geo": {}}}}')
    >>> answer(file)["id"], answer(file)["extension"]
    (['geo'], {'id': 'demo_gind'})
    """
    content = file.json
    if isinstance(content, dict) and isinstance(content.get("result"), dict):  # JSON-RPC: Ireland
        content = content["result"]
    if not isinstance(content, dict):
        return {}
    if {"id", "size", "dimension"} <= set(content):
        return content
    sets = {name: part for name, part in content.items() if isinstance(part, dict) and _is_first_version(part)}
    if len(sets) != 1:
        return {}
    ((name, part),) = sets.items()
    ids, size = part["dimension"]["id"], part["dimension"]["size"]
    dimension = {key: value for key, value in part["dimension"].items() if key not in {"id", "size", "role"}}
    extension = part.get("extension", {"id": name} if name != "dataset" else {})
    return part | {"id": ids, "size": size, "dimension": dimension, "extension": extension}


def _is_first_version(part: dict[str, Any]) -> bool:
    dimension = part.get("dimension")
    return isinstance(dimension, dict) and {"id", "size"} <= set(dimension)


def _is_eurostat(file: RawFile, content: dict[str, Any]) -> bool:
    source = str(content.get("source") or "").casefold()
    if "eurostat" in source or source == "estat" or "ec.europa.eu" in str(content.get("href") or ""):
        return True
    named = _name(content) or (file.origin and file.origin.dataset and file.origin.provider in {"", "eurostat"})
    return not source and bool(named)


def _name(content: dict[str, Any]) -> str:
    extension = content.get("extension")
    names = [extension.get("id"), extension.get("datasetId")] if isinstance(extension, dict) else []
    return next((name.lower() for name in names if isinstance(name, str)), "")


def recognises(file: RawFile) -> bool:
    """Whether a file is an answer of the service, be it an error.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.official.rawfile import RawFile
    >>> recognises(RawFile(Path("a.json"), "text", b'{"warning": {"status": 413}}'))
    True
    """
    content = answer(file)
    if content:
        return _is_eurostat(file, content)
    return isinstance(file.json, dict) and ("warning" in file.json or "error" in file.json)


def dataset(file: RawFile) -> str:
    """Return the name of the data set in lower case, from the sidecar if the answer does not say it.

    Raises
    ------
    OfficialFileError
        The answer is an error, or the announcement of an answer that is being prepared; or nothing names the data set.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.official.rawfile import RawFile
    >>> dataset(RawFile(Path("a.json"), "text", b'{"warning": {"status": 413, "label": "ASYNCHRONOUS_RESPONSE"}}'))
    Traceback (most recent call last):
    smstock.errors.OfficialFileError: a.json holds no data: the service answered 413 ASYNCHRONOUS_RESPONSE
      next:    413: ask again in some minutes, or for fewer years; otherwise mend the request
    """
    content: dict[str, Any] = file.json
    if "value" not in content and ("warning" in content or "error" in content):
        notice = content.get("warning") or content.get("error")
        notice = notice[0] if isinstance(notice, list) and notice else notice
        message = f"{notice.get('status', '')} {notice.get('label', '')}" if isinstance(notice, dict) else "an error"
        raise OfficialFileError(
            f"{file.path} holds no data: the service answered {message.strip()[:200]}",
            hint="413: ask again in some minutes, or for fewer years; otherwise mend the request",
        )
    return _name(answer(file)) or file.stated("dataset")[0].lower()


def observations(file: RawFile) -> Observations:
    """Return the figures of an answer: a series for each combination of codes, a figure for each of its years.

    Raises
    ------
    OfficialFileError
        The answer is damaged: a part is missing or of another kind, sizes and positions do not fit, a period is no
        year.
    """
    try:
        cube = _Answer.model_validate(answer(file))
    except ValidationError as error:
        raise _damaged(file, misfits(error)) from None
    codes = [_codes(file, cube, name, size) for name, size in _dimensions(file, cube)]
    figures, printed = _cells(file, cube)
    return Observations(
        file,
        dataset(file),
        cube.updated[:10] or file.edition,
        *_series(file, cube.id, codes, figures, printed),
    )


def _dimensions(file: RawFile, cube: _Answer) -> list[tuple[str, int]]:
    sizes = list(zip(cube.id, cube.size, strict=False))
    if len(cube.id) != len(cube.size) or len(set(cube.id)) != len(cube.id):
        raise _damaged(file, f"{len(cube.id)} dimensions and {len(cube.size)} sizes")
    if _TIME not in cube.id:
        raise _damaged(file, "no dimension time")
    if min(cube.size) < 1 or prod(cube.size) > _LARGEST:
        raise _damaged(file, f"sizes {cube.size}")
    return sizes


def _check_multipliers(file: RawFile, name: str, units: object) -> None:
    """Refuse figures that the units of a dimension multiply; Eurostat says thousands by a code of the unit instead."""
    of_codes = units.values() if isinstance(units, dict) else ()
    powers = {str(unit.get("multiplier", 0)) for unit in of_codes if isinstance(unit, dict)} - {"0", "None"}
    if powers:
        raise OfficialFileError(
            f"{file.path} has figures in other units than persons: multiplier {', '.join(sorted(powers))}",
            where=f"dimension {name}, category.unit",
            hint="download the data set from Eurostat itself, which has none",
        )


def _codes(file: RawFile, cube: _Answer, name: str, size: int) -> list[str]:
    """Return the codes of a dimension by position."""
    if name not in cube.dimension:
        raise _damaged(file, f"dimension {name} is not described")
    _check_multipliers(file, name, cube.dimension[name].category.unit)
    category = cube.dimension[name].category
    index = list(category.label) if category.index is None and size == 1 else category.index or []
    ordered = index if isinstance(index, list) else sorted(index, key=index.__getitem__)
    positions = list(range(len(index))) if isinstance(index, list) else sorted(index.values())
    if len(set(ordered)) != size or positions != list(range(size)):
        raise _damaged(file, f"the positions of dimension {name} are not 0 to {size - 1}")
    return ordered


def _cells(file: RawFile, cube: _Answer) -> tuple[np.ndarray, np.ndarray]:
    """Return figures and printed flags by flat position."""
    size = prod(cube.size)
    figures = np.full(size, np.nan)
    printed = np.full(size, "", dtype=object)
    status = [cube.status] * size if isinstance(cube.status, str) and cube.status else cube.status
    for target, cells, absent in ((figures, cube.value, np.nan), (printed, status, "")):
        if isinstance(cells, list):
            if len(cells) != size:
                raise _damaged(file, f"{len(cells)} figures or flags for {size} cells")
            target[:] = [absent if cell is None else cell for cell in cells]
        elif isinstance(cells, dict) and cells:
            target[_positions(file, cells, size)] = [absent if cell is None else cell for cell in cells.values()]
    return figures, printed


def _positions(file: RawFile, cells: dict[str, Any], size: int) -> np.ndarray:
    """Return the flat position of each cell."""
    digits = "".join(cells)
    if not (digits.isascii() and digits.isdecimal() and all(cells)) or max(map(len, cells)) > len(str(_LARGEST)):
        raise _damaged(file, "a position is no number")
    positions = np.fromiter(map(int, cells), dtype=np.int64, count=len(cells))
    if positions.max() >= size or np.bincount(positions).max() > 1:
        raise _damaged(file, f"positions are repeated or beyond the {size} cells")
    return positions


def _series(
    file: RawFile, names: list[str], codes: list[list[str]], figures: np.ndarray, printed: np.ndarray
) -> tuple[pd.DataFrame, list[Block]]:
    """Return the codes of each series and the figures, series by series."""
    time = names.index(_TIME)
    years = codes[time]
    check_years(years, lambda _: f"{file.path}, dimension {_TIME}")
    shape = [len(of_dimension) for of_dimension in codes]
    besides_time = [dimension for dimension in range(len(names)) if dimension != time]
    figures, printed = (np.moveaxis(cells.reshape(shape), time, -1).ravel() for cells in (figures, printed))
    count = len(figures) // len(years)
    positions_of = np.unravel_index(np.arange(count), [shape[dimension] for dimension in besides_time])
    keys = pd.DataFrame(
        {
            names[dimension]: pd.Series(codes[dimension], dtype="str").take(positions).array
            for dimension, positions in zip(besides_time, positions_of, strict=True)
        }
    )
    number, distinct = pd.factorize(printed)
    split = [flags.eurostat(letters.replace(":", "").strip()) for letters in distinct]
    block = Block(
        np.repeat(np.arange(count), len(years)),
        np.tile([int(year) for year in years], count),
        figures,
        flags.with_mark(split, ":")[number, np.isnan(figures).astype(int)],
    )
    return keys, [block]


def _damaged(file: RawFile, what: str) -> OfficialFileError:
    return OfficialFileError(f"{file.path} is damaged JSON-stat: {what}", hint="download it again")
