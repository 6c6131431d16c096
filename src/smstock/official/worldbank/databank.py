"""Tables of the World Bank's DataBank: countries, series and years stand in rows or in columns, as somebody laid them.

A dimension in rows has the columns ``Country Name`` and ``Country Code``; one in columns has headings such as ``2020
[YR2020]``, ``Germany [DEU]`` or ``Population, total [SP.POP.TOTL]``. With every dimension in rows there is one column
of figures, ``Value``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from smstock.errors import OfficialFileError
from smstock.official.columns import mapped, unpivoted
from smstock.official.units import check_ignored
from smstock.official.worldbank.indicators import Figures, parsed
from smstock.official.worldbank.sheet import header_of, sheet_of

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    import pandas as pd

    from smstock.official.figures import Decimal
    from smstock.official.rawfile import RawFile

_TIMES = ("Time", "Year")
_INDICATORS = ("Country", "Series")
_VALUE = "Value"
_CODED = re.compile(r"(?P<label>.*?) ?\[(?P<code>[^\[\]]+)\]")
_CODE = re.compile(r"YR\d{4}|[A-Z]{2}(?:\.[A-Z0-9]+)+")
_YEAR = re.compile(r"(?:YR)?(\d{4})", re.ASCII)
_BOTH = "download it again from DataBank with both codes and names"


@dataclass(frozen=True)
class Cells:
    """The figures of a table, one a row, as text.

    Parameters
    ----------
    rows
        A column a dimension with its codes (``Time`` the year), another with its names if they stand in rows,
        ``label`` of the column of figures, and ``cell``.
    edition
        Day of the last update, or what the sidecar says.
    place
        How an error names a row.
    decimal
        Decimal mark.
    """

    rows: pd.DataFrame
    edition: str
    place: Callable[[int], str]
    decimal: Decimal


def is_table(header: Sequence[str], dimensions: Collection[str]) -> bool:
    """Whether a header is of a table of DataBank in which all dimensions but one, or all and a value, are in rows.

    Examples
    --------
    >>> is_table(["Country Name", "Country Code", "Series Code", "2020 [YR2020]"], ("Country", "Series"))
    True
    >>> is_table(["Country Code", "Germany [DEU]"], ("Country", "Series"))
    False
    """
    lacking = [name for name in dimensions if not _in_rows(header, name)]
    of_time = any(name in header for name in _TIMES)
    if not lacking and of_time:
        return _VALUE in header
    return len(lacking) + (not of_time) == 1 and any(_is_figure(name) for name in header)


def cells(file: RawFile, dimensions: Sequence[str]) -> Cells:
    r"""Return the figures of a table of DataBank with the codes of its dimensions.

    Parameters
    ----------
    dimensions
        Headings of all dimensions but the time, without " Name" and " Code".

    Raises
    ------
    OfficialFileError
        A dimension has no codes, a year is not what its code says, or a column seems to say a multiplier.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.official.rawfile import RawFile
    >>> content = b"Time,Time Code,Country Code,Population [SP.POP.TOTL]\n2020,YR2020,NAM,2540916\n"
    >>> file = RawFile(Path("a.csv"), "text", content)
    >>> cells(file, ("Country", "Series")).rows.to_dict("records")[0]["Series"]
    'SP.POP.TOTL'
    """
    sheet = sheet_of(file, lambda header: is_table(header, dimensions))
    rows = sheet.rows
    time = next((name for name in _TIMES if name in rows), "")
    in_rows = [name for name in dimensions if _in_rows(list(rows), name)]
    in_columns = next((name for name in dimensions if name not in in_rows), "" if time else "Time")
    keys = {}
    for name in in_rows:
        if f"{name} Code" not in rows:
            raise OfficialFileError(
                f"{file.path} has names without codes", where=f"{sheet.header}: {name} Name", hint=_BOTH
            )
        keys[name] = rows[f"{name} Code"]
    if time:
        keys["Time"] = _years(rows, time, sheet.place)
    columns = [_VALUE] if not in_columns else [str(name) for name in rows if _is_figure(str(name))]
    known = {f"{name} {part}" for name in dimensions for part in ("Name", "Code")}
    known |= {time, f"{time} Code", *columns}
    check_ignored(rows[[name for name in rows if name not in known]], sheet.place, applied=False)
    names = [name for name in rows if str(name).endswith(" Name")]
    # A dimension may be called like one of its columns.
    coded = rows[[*names, *columns]].rename(columns={name: str(place) for place, name in enumerate(columns)})
    long = unpivoted(coded.assign(**keys), [*names, *keys], [str(place) for place in range(len(columns))])
    long = long.assign(label=mapped(long.pop("column"), lambda place: columns[int(place)]))
    if in_columns == "Time":
        long = long.assign(Time=mapped(long["label"], lambda name: _year(name, sheet.header)))
    elif in_columns:
        long = long.assign(**{in_columns: mapped(long["label"], _code)})

    def place(row: int) -> str:
        return f"{sheet.place(row % len(rows))}, column {long['label'][row]}"

    return Cells(long, sheet.edition, place, sheet.decimal)


def is_of_indicators(file: RawFile) -> bool:
    r"""Whether a file is a table of DataBank with countries and series.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.official.rawfile import RawFile
    >>> is_of_indicators(RawFile(Path("a.csv"), "text", b"Country Code,Series Code,2020 [YR2020]\n"))
    True
    """
    return header_of(file, _is_of_indicators) is not None


def of_indicators(file: RawFile) -> Figures:
    r"""Return the figures of a table of DataBank with countries and series.

    Raises
    ------
    OfficialFileError
        As for `cells`, or a cell is no figure.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.official.rawfile import RawFile
    >>> content = b"Country Code,Series Code,2020 [YR2020]\nNAM,SP.POP.TOTL,..\n"
    >>> of_indicators(RawFile(Path("a.csv"), "text", content)).rows["flags"].tolist()
    ['..']
    """
    held = cells(file, _INDICATORS)
    rows = held.rows.rename(columns={"Country": "iso3", "Series": "code", "Time": "year"})
    titles = "Series Name" if "Series Name" in rows else "label"
    return parsed(rows.rename(columns={titles: "title"}), held.edition, held.place, held.decimal)


def _is_of_indicators(header: Sequence[str]) -> bool:
    return is_table(header, _INDICATORS)


def _in_rows(header: Collection[str], dimension: str) -> bool:
    return f"{dimension} Name" in header or f"{dimension} Code" in header


def _is_figure(heading: str) -> bool:
    return bool(_CODED.fullmatch(heading) or _CODE.fullmatch(heading))


def _code(heading: str) -> str:
    match = _CODED.fullmatch(heading)
    return match["code"].strip() if match else heading


def _year(heading: str, place: str) -> str:
    """Return the year that a heading and its code agree on; what is no year is refused later."""
    match = _CODED.fullmatch(heading)
    label, code = (match["label"], match["code"]) if match else (heading, heading)
    of_label, of_code = (_YEAR.fullmatch(text.strip()) for text in (label, code))
    if of_code and (of_label is None or of_label[1] != of_code[1]):
        raise OfficialFileError(
            f"the year {label!r} has the code {code!r}", where=place, hint="it was edited: download it again"
        )
    return of_code[1] if of_code else code


def _years(rows: pd.DataFrame, time: str, place: Callable[[int], str]) -> pd.Series:
    """Return the years of the rows."""
    codes = f"{time} Code"
    if codes not in rows:
        return mapped(rows[time], lambda text: match[1] if (match := _YEAR.fullmatch(text)) else text)
    headings = rows[time] + " [" + rows[codes] + "]"
    return mapped(headings, lambda text: _year(text, place(int((headings == text).to_numpy().argmax()))))
