"""SDMX-CSV 1.0 and 2.0, as Eurostat and the OECD write them.

Version 1.0 names the data flow in a column ``DATAFLOW`` (Eurostat adds ``LAST UPDATE``), version 2.0 in
``STRUCTURE_ID``. A column headed by a code (``c_birth``, ``REF_AREA``) holds codes; one headed by a label (``Sex``,
``Reference area``) repeats them in words and is not read. Eurostat's Data Browser also writes version 1.0 with labels
in the columns of codes; which it is, is up to :mod:`smstock.official.eurostat.labels`. Version 1.0 with both
(``labels=both``) has them in one column, ``SEX: Sex`` above ``F: Female``.

An observation without a value is a missing figure; one with a multiplier (``UNIT_MULT``) is multiplied. Rows without a
period hold attributes of whole series.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from smstock.errors import OfficialFileError
from smstock.official import flags
from smstock.official.columns import mapped
from smstock.official.delimited import table
from smstock.official.figures import figures
from smstock.official.observations import Block, Observations
from smstock.official.periods import check_years
from smstock.official.rawfile import fields
from smstock.official.units import is_multiplier, multiplied
from smstock.vocabulary.dates import is_day

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from smstock.official.figures import Decimal
    from smstock.official.rawfile import RawFile

_CODE = re.compile(r"[a-z][a-z0-9_]*|[A-Z][A-Z0-9_]*", re.ASCII)
_FLOW = re.compile(r"(?P<agency>[A-Z0-9_.]+):(?P<flow>[A-Za-z0-9_@]+)\(\d+(?:\.\d+)*\)")
_LABEL = ": "
_BOTH = re.compile(rf"[A-Za-z]\w*{_LABEL}.", re.ASCII)
_NO_DIMENSION = {"DATAFLOW", "STRUCTURE", "STRUCTURE_ID", "STRUCTURE_NAME", "ACTION", "TIME_PERIOD", "OBS_VALUE"}
_STATUS = ("OBS_FLAG", "OBS_STATUS")
_CONFIDENTIALITY = "CONF_STATUS"
_ATTRIBUTES = {*_STATUS, _CONFIDENTIALITY, "DECIMALS"}
_UPDATED = {"LAST UPDATE", "LAST.UPDATE"}  # R writes a point
_UPDATE = re.compile(r"(?P<day>\d\d)/(?P<month>\d\d)/(?P<year>\d\d) \d\d:\d\d:\d\d")
_APART = "\x1f"  # stands in no field
_MISSING = dict.fromkeys(("", ":", "NA", "NaN"), ":")  # the last two: saved again by R
_ONE_COLUMN = "leave one of them out"
_WITHOUT_PERIOD = "rows of attributes, without a period"


def flow(file: RawFile) -> tuple[str, str]:
    r"""Return agency and data flow of an SDMX-CSV, both empty for a file that is none.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.official.rawfile import RawFile
    >>> head = b"DATAFLOW,LAST UPDATE,geo,TIME_PERIOD,OBS_VALUE\n"
    >>> flow(RawFile(Path("a.csv"), "text", head + b"ESTAT:DEMO_PJAN(1.0),13/03/25 23:00:00,DE,2024,1\n"))
    ('ESTAT', 'DEMO_PJAN')
    """
    header = [_code(name) for name in file.header]
    if not {"TIME_PERIOD", "OBS_VALUE"} <= set(header) or not {"DATAFLOW", "STRUCTURE_ID"} & set(header):
        return "", ""
    lines = file.content[:65536].decode(errors="replace").split("\n", 2)
    first_row = fields(lines[1].strip("\r"), file.delimiter) if len(lines) > 1 else []
    named = dict(zip(header, first_row, strict=False)).get(_flow_column(header), "")
    match = _FLOW.fullmatch(_code(named))
    return (match["agency"], match["flow"]) if match else ("", "")


def observations(file: RawFile) -> Observations:
    """Return the figures of an SDMX-CSV: a series and a figure a row.

    Raises
    ------
    OfficialFileError
        A row has more or fewer fields than the header, belongs to another data flow than the first, its period is no
        year, or its value no figure.
    """
    rows = _codes(table(file))
    flows = rows[_flow_column(map(str, rows))]
    of_another = flows[flows != flows.iloc[0]]
    if len(of_another):
        raise OfficialFileError(
            f"{file.path} has rows of two data flows: {flows.iloc[0]}, {of_another.iloc[0]}",
            where=file.line(of_another.index[0]),
            hint="give a file for each data flow",
        )
    _, name = flow(file)
    return long_table(file, rows, name.lower(), _edition(file, rows))


def long_table(
    file: RawFile,
    printed: pd.DataFrame,
    dataset: str,
    edition: str,
    *,
    decimal: Decimal | None = None,
    line: Callable[[int], str] | None = None,
) -> Observations:
    r"""Return the figures of a table with the columns of SDMX-CSV, whatever stood above them.

    Parameters
    ----------
    decimal
        Decimal mark of the figures; that of the file if it is not given.
    line
        How an error names a row, by its index; by its line in the file if it is not given.

    Raises
    ------
    OfficialFileError
        A period is no year, a value no figure, a multiplier not known, or two columns are of one dimension.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.official.rawfile import RawFile
    >>> file = RawFile(Path("a.csv"), "text", b"geo,TIME_PERIOD,OBS_VALUE\nNA,2020,12\n")
    >>> observed = long_table(file, table(file), "demo_pjan", "2025-03-13")
    >>> observed.keys["geo"].tolist(), [(block.year.item(), block.value.item()) for block in observed.blocks]
    (['NA'], [(2020, 12.0)])
    """
    dated = printed["TIME_PERIOD"] != ""
    rows = printed[dated]

    def place(row: int) -> str:
        return f"{file.path}, {(line or file.line)(rows.index[row])}"

    check_years(rows["TIME_PERIOD"], place)
    numbers, missing = figures(
        rows["OBS_VALUE"],
        _MISSING,
        place,
        decimal=file.decimal if decimal is None else decimal,
    )
    years = rows["TIME_PERIOD"].astype("int64").to_numpy()
    numbers = multiplied(numbers, rows, place)
    block = Block(np.arange(len(rows)), years, numbers, _flags(rows, missing))
    keys = rows[[name for name in rows if _is_dimension(str(name))]].rename(columns=str.lower).reset_index(drop=True)
    if not keys.columns.is_unique:
        twice = keys.columns[keys.columns.duplicated()][0]
        raise OfficialFileError(f"{file.path} has two columns {twice}, in small and capital letters", hint=_ONE_COLUMN)
    left_out = {_WITHOUT_PERIOD: int((~dated).sum())} if not dated.all() else {}
    return Observations(file, dataset, edition, keys, [block], left_out)


def _edition(file: RawFile, rows: pd.DataFrame) -> str:
    """Return the day of the last update as ISO 8601, what the sidecar says where the file has none.

    Raises
    ------
    OfficialFileError
        Rows were updated on different days, or the day is not written ``13/03/25 23:00:00``.
    """
    column = next((name for name in rows if name in _UPDATED), None)
    if column is None:
        return file.edition
    days = rows[column].unique().tolist()
    match = _UPDATE.fullmatch(days[0]) if len(days) == 1 else None
    day = f"20{match['year']}-{match['month']}-{match['day']}" if match else ""
    if not is_day(day):
        raise OfficialFileError(
            f"{file.path} has no single day of last update: {', '.join(days[:3])}",
            where=f"column {column}",
            allowed="one day in every line, such as 13/03/25 23:00:00",
            hint="download it again",
        )
    return day


def _flow_column(names: Iterable[str]) -> str:
    return "STRUCTURE_ID" if "STRUCTURE_ID" in set(names) else "DATAFLOW"


def _codes(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows with the codes alone, where the columns hold codes and labels."""
    if not any(_BOTH.match(str(name)) for name in rows):
        return rows
    rows = rows.rename(columns=_code)
    return rows.assign(**{str(name): mapped(rows[name], _code) for name in rows})


def _code(text: str) -> str:
    """Return the code of a code with its label: ``SEX: Sex``."""
    return text.partition(_LABEL)[0]


def is_attribute(name: str) -> bool:
    """Whether a column says how good figures are, or what they are multiplied by.

    Examples
    --------
    >>> is_attribute("OBS_STATUS"), is_attribute("UNIT_MULT"), is_attribute("geo")
    (True, True, False)
    """
    return name in _ATTRIBUTES or is_multiplier(name)


def _is_dimension(name: str) -> bool:
    return _CODE.fullmatch(name) is not None and name not in _NO_DIMENSION and not is_attribute(name)


def _flags(rows: pd.DataFrame, missing: np.ndarray) -> np.ndarray:
    """Return the flags of each row; Eurostat's letters are joined, the OECD's single codes."""
    none = pd.Series("", index=rows.index, dtype="str")
    letters, codes, confidentiality = (rows.get(name, none) for name in (*_STATUS, _CONFIDENTIALITY))
    marks = pd.Series(missing, index=rows.index, dtype="str")
    together = letters + _APART + codes + _APART + confidentiality + _APART + marks
    return np.asarray(mapped(together, _joined, "object").to_numpy())


def _joined(together: str) -> str:
    letters, code, confidentiality, mark = ("" if text == "NA" else text for text in together.split(_APART))
    split = flags.sdmx(code, confidentiality) if code else flags.eurostat(letters, confidentiality)
    return flags.joined(split, mark)
