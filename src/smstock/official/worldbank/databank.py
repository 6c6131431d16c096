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
_SERIES = re.compile(r"[A-Z]{2}(?:\.[A-Z0-9]+)+")
_OF_YEAR = re.compile(r".*\[YR\d{4}\]")
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
    lacking = _in_columns(header, dimensions)
    if not lacking:
        return _VALUE in header
    return len(lacking) == 1 and any(_is_figure(name, lacking[0]) for name in header)


def lacks(file: RawFile, database: str, header: Sequence[str], dimensions: Sequence[str]) -> OfficialFileError:
    """Return the error for a table of DataBank that has not all its dimensions in rows and columns.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.official.rawfile import RawFile
    >>> print(lacks(RawFile(Path("a.csv"), "text", b""), "DataBank", ["Country Code", "2020 [YR2020]"], ["Series"]))
    a.csv is a table of DataBank and lacks a dimension
      where:   Country Code, 2020 [YR2020]
      allowed: Series and Time, one of them in columns
      next:    lay them in rows and columns in DataBank (none as page), in English, with names and codes
    """
    return OfficialFileError(
        f"{file.path} is a table of {database} and lacks a dimension",
        where=", ".join(header)[:200],
        allowed=f"{', '.join(dimensions)} and Time, one of them in columns",
        hint="lay them in rows and columns in DataBank (none as page), in English, with names and codes",
    )


def cells(file: RawFile, dimensions: Sequence[str]) -> Cells:
    r"""Return the figures of a table of DataBank with the codes of its dimensions.

    Parameters
    ----------
    dimensions
        Headings of all dimensions but the time, without " Name" and " Code".

    Raises
    ------
    OfficialFileError
        A dimension lacks or has no codes, a year is not what its code says, or a column is of something else.

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
    in_columns = next(iter(_in_columns(list(map(str, rows)), dimensions)), "")
    keys: dict[str, pd.Series] = {}
    for name in (name for name in dimensions if name != in_columns):
        if f"{name} Code" not in rows:
            raise OfficialFileError(
                f"{file.path} has names without codes", where=f"{sheet.header}: {name} Name", hint=_BOTH
            )
        keys[name] = rows[f"{name} Code"]
    if time:
        keys["Time"] = _years(rows, time, sheet.place)
    columns = [_VALUE] if not in_columns else [str(name) for name in rows if _is_figure(str(name), in_columns)]
    known = {f"{name} {part}" for name in dimensions for part in ("Name", "Code")}
    known |= {time, f"{time} Code", *columns}
    other = next((str(name) for name in rows if name not in known), None)
    if other is not None:
        raise OfficialFileError(
            f"{file.path} has a column that is neither a dimension nor of figures",
            where=f"{sheet.header}: {other}",
            allowed=f"{', '.join(dimensions)} and Time, with names and codes; headings such as 2020 [YR2020]",
            hint="download it again from DataBank, or leave the column out",
        )
    names = [str(name) for name in rows if str(name).endswith(" Name")]
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


def is_databank(file: RawFile) -> bool:
    r"""Whether a file is a table of DataBank, be it with all its dimensions or not.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.official.rawfile import RawFile
    >>> is_databank(RawFile(Path("a.csv"), "text", b"Country Code,2020 [YR2020]\n"))
    True
    """
    return header_of(file, _is_header) is not None


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
    header = header_of(file, _is_header) or ()
    if not is_table(header, _INDICATORS):
        raise lacks(file, "DataBank", header, _INDICATORS)
    held = cells(file, _INDICATORS)
    rows = held.rows.rename(columns={"Country": "iso3", "Series": "code", "Time": "year"})
    titles = "Series Name" if "Series Name" in rows else "label"
    return parsed(rows.rename(columns={titles: "title"}), held.edition, held.place, held.decimal)


def _is_header(header: Sequence[str]) -> bool:
    return is_table(header, _INDICATORS) or any(_OF_YEAR.fullmatch(name) for name in header)


def _in_columns(header: Collection[str], dimensions: Collection[str]) -> list[str]:
    """Return the dimensions that are not in rows."""
    lacking = [name for name in dimensions if f"{name} Name" not in header and f"{name} Code" not in header]
    return lacking if any(name in header for name in _TIMES) else [*lacking, "Time"]


def _is_figure(heading: str, dimension: str) -> bool:
    """Whether a heading is of figures, where a dimension is in columns."""
    alone = _YEAR if dimension == "Time" else _SERIES
    return bool(_CODED.fullmatch(heading) or alone.fullmatch(heading))


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
