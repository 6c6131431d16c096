"""The download from the page of an indicator, as CSV or as a workbook: a row a country, a column a year.

Four lines stand above the header, and in CSV a comma at the end of each line.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from smstock.errors import OfficialFileError
from smstock.official.columns import mapped, unpivoted
from smstock.official.periods import check_years
from smstock.official.worldbank.indicators import Figures, contract_of, parsed
from smstock.official.worldbank.sheet import header_of, sheet_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smstock.official.rawfile import RawFile

_COLUMNS: Final = ("Country Name", "Country Code", "Indicator Name", "Indicator Code")
_NAMES: Final = {"Country Code": "iso3", "Indicator Code": "code", "column": "year", "Indicator Name": "title"}


def is_download(file: RawFile) -> bool:
    r"""Whether a file is the download of an indicator.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.official.rawfile import RawFile
    >>> content = b'"Country Name","Country Code","Indicator Name","Indicator Code","2020",\n'
    >>> is_download(RawFile(Path("a.csv"), "text", content))
    True
    """
    return header_of(file, _is_header) is not None


def of_download(file: RawFile) -> Figures:
    r"""Return the figures of the download of an indicator.

    Raises
    ------
    OfficialFileError
        Its header is damaged, its years are out of order, or a cell is no figure.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.official.rawfile import RawFile
    >>> content = b"Country Name,Country Code,Indicator Name,Indicator Code,2020,\nNamibia,NAM,x,SP.POP.TOTL,9,\n"
    >>> of_download(RawFile(Path("a.csv"), "text", content)).rows[["iso3", "year", "value"]].to_numpy().tolist()
    [['NAM', '2020', 9.0]]
    """
    sheet = sheet_of(file, _is_header)
    wide = sheet.rows
    if not set(_COLUMNS) <= set(wide):
        raise OfficialFileError(
            f"{file.path} has a damaged header",
            where=f"{sheet.header}: {', '.join(wide.columns)[:120]}",
            allowed=", ".join(_COLUMNS),
            hint="download it again",
        )
    years = [str(name) for name in wide if name not in _COLUMNS]
    check_years(years, lambda column: f"{sheet.header}, column {list(wide).index(years[column]) + 1}")
    if years != sorted(years):
        raise OfficialFileError(
            f"{file.path} has years out of order",
            where=f"{sheet.header}: {', '.join(years)[:120]}",
            allowed="years from the earliest to the last",
            hint="download it again",
        )
    is_read = mapped(wide["Indicator Code"], lambda code: contract_of(code) is not None, "bool")
    lines = list(wide.index[is_read]) or list(wide.index)  # the file of all indicators has 400,000 rows of others
    rows = unpivoted(wide.loc[lines], list(_COLUMNS), years).rename(columns=_NAMES)

    def place(row: int) -> str:
        return f"{sheet.place(lines[row % len(lines)])}, {rows['Country Name'][row]}, {rows['year'][row]}"

    read = parsed(rows, sheet.edition, place, sheet.decimal)
    return replace(read, of_others=(len(wide) - len(lines)) * len(years))


def _is_header(row: Sequence[str]) -> bool:
    """Whether a row has the columns of the header, or begins with the first of them and was damaged."""
    return set(_COLUMNS) <= set(row) or ",".join(row).replace('"', "").startswith(",".join(_COLUMNS))
