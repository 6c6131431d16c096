"""Files of data.census.gov with table B05006: the CSV of "Download Table Data", and that of the table as it is shown.

"Download Table Data" gives a zip whose ``...-Data.csv`` has a row a geography, known by its ``GEO_ID``, and a second
line with the labels of the columns. What the button CSV above a table gives has a row a place of birth, indented with
no-break spaces below what it is part of, and two columns a geography: ``Massachusetts!!Estimate`` and its margin of
error. Neither says its year: the sidecar gives the reference date.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from smstock.errors import OfficialFileError
from smstock.official.census.answers import labels_beside, state
from smstock.official.census.places import ESTIMATE, TOTAL, margin_of, parts, stock
from smstock.official.columns import mapped, unpivoted
from smstock.official.delimited import table
from smstock.vocabulary.states import NAMES, state_or_county

if TYPE_CHECKING:
    import pandas as pd

    from smstock.official.base import OfficialTable
    from smstock.official.rawfile import RawFile
    from smstock.tables import Contract

GROUPING: Final = "Label (Grouping)"
"""First column of a table as it is shown."""

_GEOGRAPHY = re.compile(r"[0-9]{3}(?:[0-9A-Z]{2}){1,2}US.*")
_STATE = re.compile(r"040(?:00)?00US([0-9]{2})")
_COUNTRY = ("0100000US", "01000US")
_AGAIN = 'choose Nation, State or County as geography at data.census.gov, then "Download Table Data"'
# Too few cases, not displayed, not applicable, not there, a controlled total.
_SIGNS = ("-", "N", "(X)", "null", "**", "***", "*****")
_EUROPE = re.compile(rb'\n"?[^\w"]*Europe:?"?[,;\t]')
_ESTIMATES = "!!Estimate"
_MARGINS = "!!Margin of Error"
# The layout has whole numbers with commas between groups of digits, and no other.
_GROUPED = re.compile(r"[1-9][0-9]{0,2}(?:,[0-9]{3})+")


def is_data(file: RawFile) -> bool:
    r"""Whether a file is the data file of a download.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.official.rawfile import RawFile
    >>> is_data(RawFile(Path("a.csv"), "text", b'"GEO_ID","NAME","B05006_001E","B05006_001M"\n'))
    True
    """
    return {"GEO_ID", TOTAL} <= set(file.header)


def read_data(file: RawFile, _: Contract) -> OfficialTable:
    r"""Return the stock of the data file of a download.

    Raises
    ------
    OfficialFileError, UnknownNameError
        It is damaged, for other geographies, or says neither itself nor beside it what its columns are.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.official.rawfile import RawFile
    >>> from smstock.official.sidecar import Origin
    >>> from smstock.tables import STOCK
    >>> origin = Origin("Census", "B05006", "acs5 2022", "", "", "2026-11-22", reference_date="2020-07-01")
    >>> content = b"GEO_ID,NAME,B05006_001E\nGeography,Name,Estimate!!Total:\n0400000US23,Maine,54000\n"
    >>> read_data(RawFile(Path("a.csv"), "text", content, origin), STOCK).table[["destination", "value"]].to_numpy()
    array([['US-ME', 54000.0]], dtype=object)
    """
    file.stated_day()
    rows = table(file)
    estimates = [str(name) for name in rows if ESTIMATE.fullmatch(str(name))]
    has_labels = not _GEOGRAPHY.fullmatch(rows["GEO_ID"][0])
    label_of = _labels(file, rows.iloc[0]) if has_labels else labels_beside(file, estimates)
    # The index stays: it is the row in the file.
    rows = rows.iloc[1:] if has_labels else rows
    if rows.empty:
        raise OfficialFileError(f"{file.path} has labels and no row below them", hint="download it again")

    def destination(code: str) -> str:
        line = int(rows.index[(rows["GEO_ID"] == code).to_numpy()][0])
        if not _GEOGRAPHY.fullmatch(code):
            raise OfficialFileError(
                f"{code!r} is no GEO_ID", where=f"{file.path}, {file.line(line)}", hint="download it again"
            )
        number = _STATE.fullmatch(code)
        if number:
            return state(number[1], f"{file.path}, {file.line(line)}")
        return "USA" if code in _COUNTRY else state_or_county(code)

    destinations = mapped(rows["GEO_ID"], destination)
    if not destinations.any():
        raise _elsewhere(file, ", ".join(rows["NAME"][:3]) if "NAME" in rows else ", ".join(rows["GEO_ID"][:3]))
    lines = list(rows.index)
    rows = rows.assign(destination=destinations)
    cells = unpivoted(rows, ["destination"], estimates)
    if all(margin_of(name) in rows for name in estimates):
        cells["margin"] = unpivoted(rows, [], [margin_of(name) for name in estimates])["cell"]

    def place(row: int) -> str:
        return f"{file.path}, {file.line(lines[row % len(lines)])}, column {cells['column'][row]}"

    return stock(file, cells, label_of, place, _SIGNS)


def is_shown(file: RawFile) -> bool:
    r"""Whether a file is a table as it is shown, with places of birth.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.official.rawfile import RawFile
    >>> content = '"Label (Grouping)","Maine!!Estimate"\n"Total:","9"\n"\u00a0\u00a0\u00a0\u00a0Europe:","4"\n'
    >>> is_shown(RawFile(Path("a.csv"), "text", content.encode()))
    True
    """
    return file.header[:1] == (GROUPING,) and _EUROPE.search(file.content[:65536]) is not None


def read_shown(file: RawFile, _: Contract) -> OfficialTable:
    r"""Return the stock of a table as it is shown.

    Raises
    ------
    OfficialFileError
        It is damaged, for other geographies, another table, or lost its indentation.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.official.rawfile import RawFile
    >>> from smstock.official.sidecar import Origin
    >>> from smstock.tables import STOCK
    >>> origin = Origin("Census", "B05006", "acs5 2022", "", "", "2026-11-22", reference_date="2020-07-01")
    >>> content = b'Label (Grouping),Maine!!Estimate\n"Total:","54,000"\n"    Europe:","9,000"\n'
    >>> read_shown(RawFile(Path("a.csv"), "text", content, origin), STOCK).table[["origin", "value"]].to_numpy()
    array([['WLD', 54000.0]], dtype=object)
    """
    file.stated_day()
    rows = table(file)
    columns = [str(name) for name in rows.columns if name != GROUPING]
    other = next((name for name in columns if not name.endswith((_ESTIMATES, _MARGINS))), None)
    if other is not None:
        raise OfficialFileError(
            f"{file.path} has a column that is neither an estimate nor a margin of error",
            where=f"line 1: {other}",
            allowed=f"Massachusetts{_ESTIMATES}, Massachusetts{_MARGINS}",
            hint=_AGAIN,
        )
    label_of = {str(row): label for row, label in enumerate(_paths(rows[GROUPING]))}
    _check_total(file, label_of["0"], GROUPING)
    europe = next((label for label in label_of.values() if parts(label)[-1] == "Europe"), label_of["0"])
    if parts(europe) != ("Estimate", "Total", "Europe"):
        raise OfficialFileError(
            f"{file.path} is another table than B05006, or its labels lost their indentation",
            where=f"column {GROUPING}: {' > '.join(parts(europe)[1:])}",
            allowed="Total > Europe",
            hint=_AGAIN,
        )
    names = [name for name in columns if name.endswith(_ESTIMATES)]
    if not any(name.removesuffix(_ESTIMATES) in NAMES for name in names):
        raise _elsewhere(file, ", ".join(name.removesuffix(_ESTIMATES) for name in names[:3]))
    cells = unpivoted(rows.assign(column_of_place=list(label_of)), ["column_of_place"], names)
    margins = [name.removesuffix(_ESTIMATES) + _MARGINS for name in names]
    if set(margins) <= set(columns):
        cells["margin"] = unpivoted(rows, [], margins)["cell"]
    cells = cells.assign(
        destination=mapped(cells["column"], lambda name: NAMES.get(name.removesuffix(_ESTIMATES), "")),
        cell=mapped(cells["cell"], _plain),
        heading=cells["column"],
        column=cells["column_of_place"],
    )

    def place(row: int) -> str:
        return f"{file.path}, {file.line(row % len(rows))}, column {cells['heading'][row]}"

    return stock(file, cells, label_of, place, _SIGNS)


def _labels(file: RawFile, row: pd.Series) -> dict[str, str]:
    """Return the label of each column of estimates, as the second line says."""
    label_of = {str(name): label for name, label in row.items() if ESTIMATE.fullmatch(str(name))}
    wrong = next((name for name, label in label_of.items() if parts(label)[0] != "Estimate"), None)
    if wrong is not None:
        raise OfficialFileError(
            f"{file.path} has a column of estimates whose label is of something else",
            where=f"{file.line(0)}, column {wrong}: {label_of[wrong]}",
            allowed="Estimate!!Total:!!...",
            hint="download it again",
        )
    _check_total(file, label_of[TOTAL], TOTAL)
    return label_of


def _check_total(file: RawFile, label: str, column: str) -> None:
    if parts(label)[1:] != ("Total",):
        raise OfficialFileError(
            f"{file.path} does not begin with the total",
            where=f"{file.line(0)}, column {column}: {label}",
            allowed="Total:",
            hint=_AGAIN,
        )


def _paths(labels: pd.Series) -> list[str]:
    """Return the path of each label, by its indentation."""
    paths: list[str] = []
    above: list[tuple[int, str]] = []
    for label in labels:
        name = label.strip()
        indent = len(label) - len(label.lstrip())
        above = [(depth, part) for depth, part in above if depth < indent] + [(indent, name)]
        paths.append("!!".join(["Estimate", *(part for _, part in above)]))
    return paths


def _plain(cell: str) -> str:
    return cell.replace(",", "") if _GROUPED.fullmatch(cell.strip()) else cell


def _elsewhere(file: RawFile, names: str) -> OfficialFileError:
    return OfficialFileError(
        f"{file.path} is for a geography that is not read",
        where=names[:200],
        allowed="the United States, its states, Puerto Rico; counties in a file that has GEO_ID",
        hint=_AGAIN,
    )
