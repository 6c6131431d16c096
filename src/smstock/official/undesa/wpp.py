"""UN DESA World Population Prospects: population by sex, or by age and sex, in thousands in the files, in persons here.

Five layouts:

- the CSV of the download page by age (``SortOrder,LocID,...,PopMale,PopFemale,PopTotal``; editions 2015 to 2019 lack
  its first columns). ``AgeGrpSpan`` -1 is an open age group. ``MidPeriod`` 2020.5 says 1 July; the files "Population on
  1 January" say 2020;
- its total population by sex, which has the same columns without ages;
- its demographic indicators, of which ``TPopulation1Jan``, ``TPopulation1July``, ``TPopulationMale1July`` and
  ``TPopulationFemale1July`` are read;
- the text of the R packages ``wpp2019`` and others (``country_code``, ``name``, ``age``, a column a year; one file a
  sex, which its sidecar must say), for 1 July;
- copies with the columns ``iso3,year,sex,age,pop_thousands``, for 1 July.

Of projections, which reach to 2100, the medium variant is read. Areas are those of location codes (UN M49) below 900.
No file says its edition, and so none says which of its years are projections; the sidecar says the edition.

United Nations, Department of Economic and Social Affairs, Population Division, CC BY 3.0 IGO:
https://population.un.org/wpp/
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from smstock.errors import OfficialFileError
from smstock.official.ages import bounds
from smstock.official.areas import areas_at
from smstock.official.base import GROUPS_OF_AREAS, Layout, OfficialTable, refused
from smstock.official.columns import mapped, unpivoted
from smstock.official.delimited import table
from smstock.official.figures import figures
from smstock.official.observations import first_reason, table_of
from smstock.official.periods import YEAR, check_years
from smstock.official.sexes import sexes
from smstock.tables import POPULATION
from smstock.vocabulary.countries import crosswalk, find

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from smstock.official.rawfile import RawFile
    from smstock.tables import Contract

_TOTALS = {"LocID", "Time", "PopMale", "PopFemale", "PopTotal"}
_DOWNLOAD = {*_TOTALS, "AgeGrpStart", "AgeGrpSpan"}
_TEXT = ("country_code", "name", "age")
_COPY = {"iso3", "year", "sex", "age", "pop_thousands"}
_SEXES = {"PopTotal": "all", "PopMale": "male", "PopFemale": "female"}
_INDICATORS = {
    "TPopulation1Jan": ("all", "01-01"),
    "TPopulation1July": ("all", "07-01"),
    "TPopulationMale1July": ("male", "07-01"),
    "TPopulationFemale1July": ("female", "07-01"),
}
_COPIED_SEXES = {"Total": "all", "Both": "all", "Female": "female", "Male": "male"}
_VARIANTS = {"Medium", "Estimates", ""}
_LAST_YEARS = ("2100", "2101")
_FIRST_GROUP = 900
_APART = 0.003
"""Thousands by which males and females may be off both sexes, since all are rounded."""
_NO_AGE = "for an unknown age"
_OTHER_VARIANTS = "of other variants than the medium one"


@dataclass(frozen=True)
class _Cells:
    """Figures, one a row, in thousands as text (``cell``).

    Parameters
    ----------
    lines
        How many lines they come from; the figures of a column follow those of another.
    areas
        Column of the codes of areas.
    columns
        Columns of figures of both sexes, males and females for the same day, if the file has them.
    """

    rows: pd.DataFrame
    lines: int
    areas: str
    columns: Sequence[str] = ()


def _is_text(file: RawFile) -> bool:
    years = file.header[len(_TEXT) :]
    return file.header[: len(_TEXT)] == _TEXT and all(YEAR.fullmatch(year) or year in _LAST_YEARS for year in years)


def _is_total(file: RawFile) -> bool:
    return set(file.header) >= _TOTALS and not any(name.casefold().startswith("age") for name in file.header)


def _of_download(file: RawFile) -> _Cells:
    cells = _by_sex(file)
    rows = cells.rows
    youngest, width = (pd.to_numeric(rows[name], errors="coerce") for name in ("AgeGrpStart", "AgeGrpSpan"))
    wrong = (youngest.isna() | width.isna() | (youngest < 0)).to_numpy()
    if wrong.any():
        row = int(wrong.argmax())
        raise OfficialFileError(
            f"{file.path} has an age group that is no number",
            where=f"{file.line(row % cells.lines)}, AgeGrpStart {rows['AgeGrpStart'][row]!r}, "
            f"AgeGrpSpan {rows['AgeGrpSpan'][row]!r}",
            allowed="a start of 0 or more; a span, -1 for an open group",
            hint="download it again",
        )
    ages = {
        "age_min": youngest.astype("Int64"),
        "age_max": (youngest + width - 1).where(width > 0).astype("Int64"),
    }
    return replace(cells, rows=rows.assign(**ages))


def _of_totals(file: RawFile) -> _Cells:
    cells = _by_sex(file)
    return replace(cells, rows=cells.rows.assign(age_min=0, age_max=None))


def _by_sex(file: RawFile) -> _Cells:
    """Return the figures of a file of the download page that has a column a sex."""
    wide = _dated(file, table(file), "Time")
    wide = wide.assign(day=_days(file, wide))
    keys = [str(name) for name in wide if name not in _SEXES]
    rows = unpivoted(wide, keys, list(_SEXES))
    return _located(file, rows.assign(sex=mapped(rows["column"], _SEXES.get)), len(wide), list(_SEXES))


def _of_indicators(file: RawFile) -> _Cells:
    wide = _dated(file, table(file), "Time")
    columns = [name for name in _INDICATORS if name in wide]
    rows = unpivoted(wide, [str(name) for name in wide if name not in columns], columns)
    sex = mapped(rows["column"], lambda name: _INDICATORS[name][0])
    day = mapped(rows["column"], lambda name: _INDICATORS[name][1])
    rows = rows.assign(sex=sex, day=day, age_min=0, age_max=None)
    at_mid_year = [name for name in columns if _INDICATORS[name][1] == "07-01"]
    return _located(file, rows, len(wide), at_mid_year if len(at_mid_year) == len(_SEXES) else ())


def _located(file: RawFile, rows: pd.DataFrame, lines: int, columns: Sequence[str]) -> _Cells:
    """Return the figures of a file of the download page, of the medium variant or others."""
    variants = rows["Variant"] if "Variant" in rows else pd.Series("", index=rows.index)
    medium = variants.isin(_VARIANTS)
    if not medium.any():
        raise OfficialFileError(
            f"{file.path} holds no medium variant",
            where=f"column Variant: {', '.join(variants.unique()[:5])}",
            allowed=", ".join(filter(None, sorted(_VARIANTS))),
            hint="download the file of the medium variant",
        )
    return _Cells(rows.assign(area=rows["LocID"], year=rows["Time"], medium=medium), lines, "LocID", columns)


def _days(file: RawFile, rows: pd.DataFrame) -> pd.Series:
    """Return the day of the year of each row, by the middle of its period, which is 1 July if it is not said."""
    if "MidPeriod" not in rows:
        return pd.Series("07-01", index=rows.index)
    middle = (rows["Time"] + " " + rows["MidPeriod"].str.replace(",", ".", regex=False)).map(str.strip)

    def day(text: str) -> str | None:
        year, _, period = text.partition(" ")
        if period in (f"{year}.5", f"{year}.500", ""):
            return "07-01"
        return "01-01" if period in (year, f"{year}.0", f"{year}.000") else None

    days = mapped(middle, day)
    if days.isna().any():
        row = int(days.isna().to_numpy().argmax())
        raise OfficialFileError(
            f"{file.path} has a period whose middle is not in its year",
            where=f"{file.line(row)}, Time {rows['Time'][row]!r}, MidPeriod {rows['MidPeriod'][row]!r}",
            allowed="such as 2020.5 (1 July) or 2020 (1 January) for 2020",
            hint="download it again",
        )
    return days


def _of_text(file: RawFile) -> _Cells:
    years = list(file.header[len(_TEXT) :])
    wide = table(file)
    rows = unpivoted(wide, list(_TEXT), years).rename(columns={"column": "year"})
    rows = rows.assign(area=rows["country_code"], sex=file.stated("sex")[0], day="07-01", medium=True)
    return _Cells(_aged(file, rows), len(wide), "country_code")


def _of_copy(file: RawFile) -> _Cells:
    rows = _dated(file, table(file), "year").rename(columns={"iso3": "area", "pop_thousands": "cell"})
    sex = sexes(rows["sex"], _COPIED_SEXES, lambda row: f"{file.path}, {file.line(row)}")
    return _Cells(_aged(file, rows.assign(sex=sex, day="07-01", medium=True)), len(rows), "iso3")


def _dated(file: RawFile, rows: pd.DataFrame, column: str) -> pd.DataFrame:
    """Return rows, each of which has a year."""
    check_years(rows[column], lambda row: f"{file.path}, {file.line(row)}", beyond=_LAST_YEARS)
    return rows


def _aged(file: RawFile, rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows with the bounds of their age groups."""
    youngest, oldest = bounds(rows["age"], f"{file.path}, column age")
    return rows.assign(age_min=youngest, age_max=oldest)


def _area(code: str) -> str:
    """Return ISO3 of a location code (or of an ISO3 code), a group's own code."""
    return crosswalk("m49").get(code) or (code if _is_group(code) else find(code))


def _is_group(code: str) -> bool:
    return code not in crosswalk("m49") and code.isdecimal() and int(code) >= _FIRST_GROUP


def _read(cells_of: Callable[[RawFile], _Cells], file: RawFile) -> OfficialTable:
    cells = cells_of(file)
    rows = cells.rows
    # The first figures of all lines come first, so a row of them is a line.
    area = areas_at(file, rows["area"], cells.areas, _area)
    thousands, _ = figures(
        rows["cell"],
        {"": "blank", "NA": "NA", "..": ".."},
        lambda row: f"{file.path}, {file.line(row % cells.lines)}, {rows['area'].iloc[row]}, {rows['year'].iloc[row]}",
        decimal="." if file.delimiter in ",\t" else "",  # thousands with decimal points, but for what was saved again
    )
    if cells.columns:
        _check_sexes(file, cells, thousands)
    rows = rows.assign(
        provider="undesa",
        edition=f"wpp {file.edition}" if file.origin else "wpp, edition not stated",
        area=area,
        reference_date=rows["year"] + "-" + rows["day"],
        value=(thousands * 1000).round(),
        reason=first_reason(
            [
                (mapped(rows["area"], _is_group, "bool"), GROUPS_OF_AREAS),
                (~rows["medium"], _OTHER_VARIANTS),
                (rows["age_min"].isna(), _NO_AGE),
            ]
        ),
    )
    return table_of(rows, POPULATION)


def _check_sexes(file: RawFile, cells: _Cells, thousands: np.ndarray) -> None:
    """Refuse a file in which males and females are not both sexes: its columns were confused, or a figure edited."""
    total, males, females = (thousands[(cells.rows["column"] == name).to_numpy()] for name in cells.columns)
    apart = np.abs(males + females - total)
    wrong = (apart > _APART) & (apart > total / 100)
    if wrong.any():
        row = int(wrong.argmax())
        raise OfficialFileError(
            f"{file.path}: males and females are not both sexes",
            where=f"{file.line(row)}: {males[row]:g} and {females[row]:g}, not {total[row]:g} thousand",
            allowed="sums that are off by 1 % or 3 persons",
            hint="it was edited: download it again",
        )


def _layout(name: str, recognises: Callable[[RawFile], bool], cells_of: Callable[[RawFile], _Cells]) -> Layout:
    def contracts(_: RawFile) -> tuple[Contract, ...]:
        return (POPULATION,)

    def read(file: RawFile, _: Contract) -> OfficialTable:
        return _read(cells_of, file)

    return Layout(f"UN DESA World Population Prospects, {name}", recognises, contracts, read)


def _is_workbook(file: RawFile) -> bool:
    return file.container == "workbook" and any(
        "POP/DB/WPP" in str(cell) for rows in file.sheets.values() for row in rows[:20] for cell in row
    )


LAYOUTS = (
    _layout("CSV of the download page", lambda file: set(file.header) >= _DOWNLOAD, _of_download),
    _layout("total population by sex", _is_total, _of_totals),
    _layout(
        "demographic indicators",
        lambda file: {"LocID", "Time", "TPopulation1July"} <= set(file.header),
        _of_indicators,
    ),
    _layout("text of the R packages", _is_text, _of_text),
    _layout("copy by ISO3, year, sex and age", lambda file: set(file.header) == _COPY, _of_copy),
    refused(
        "UN DESA list of locations",
        lambda file: {"country_code", "location_type", "reg_code"} <= set(file.header),
        "lists areas and regions and holds no figure",
        "give the population files popM and popF",
    ),
    refused(
        "UN DESA World Population Prospects, workbook",
        _is_workbook,
        "is a workbook whose sheets are not read",
        "take the same figures as CSV: population.un.org/wpp, Download, CSV format",
    ),
    refused(
        "UN Population Division Data Portal",
        lambda file: {"IndicatorId", "LocationId", "TimeLabel", "Value"} <= set(file.header),
        "is of a service whose columns are not read",
        "take the same figures as CSV: population.un.org/wpp, Download, CSV format",
    ),
)
