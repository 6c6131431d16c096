"""UN DESA World Population Prospects: population by age and sex, in thousands in the files and in persons here.

Three layouts:

- the CSV of the download page (``SortOrder,LocID,...,PopMale,PopFemale,PopTotal``; editions 2015 to 2019 lack its
  first columns). Of its projections the medium variant is read; ``AgeGrpSpan`` -1 is an open age group. ``MidPeriod``
  2020.5 says 1 July; the files "Population on 1 January" say 2020;
- the text of the R packages ``wpp2019`` and others (``country_code``, ``name``, ``age``, a column a year; one file a
  sex, which its sidecar must say), for 1 July;
- copies with the columns ``iso3,year,sex,age,pop_thousands``, for 1 July.

Areas are those of location codes (UN M49) below 900. No file says its edition; the sidecar does.

United Nations, Department of Economic and Social Affairs, Population Division, CC BY 3.0 IGO:
https://population.un.org/wpp/
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from smstock.errors import OfficialFileError
from smstock.official.ages import bounds
from smstock.official.areas import area_at
from smstock.official.base import GROUPS_OF_AREAS, Layout, OfficialTable, refused
from smstock.official.columns import mapped, unpivoted
from smstock.official.delimited import table
from smstock.official.figures import figures
from smstock.official.observations import first_reason, table_of
from smstock.official.periods import YEAR, check_years
from smstock.official.sexes import sexes
from smstock.tables import POPULATION
from smstock.vocabulary.countries import crosswalk

if TYPE_CHECKING:
    from collections.abc import Callable

    from smstock.official.rawfile import RawFile
    from smstock.tables import Contract

_DOWNLOAD = {"LocID", "Time", "AgeGrpStart", "AgeGrpSpan", "PopMale", "PopFemale", "PopTotal"}
_TEXT = ("country_code", "name", "age")
_COPY = {"iso3", "year", "sex", "age", "pop_thousands"}
_SEXES = {"PopTotal": "all", "PopMale": "male", "PopFemale": "female"}
_COPIED_SEXES = {"Total": "all", "Both": "all", "Female": "female", "Male": "male"}
_VARIANTS = {"Medium", "Estimates", ""}
_FIRST_GROUP = 900
_NO_AGE = "for an unknown age"
_OTHER_VARIANTS = "of other variants than the medium one"


def _is_text(file: RawFile) -> bool:
    return file.header[: len(_TEXT)] == _TEXT and all(YEAR.fullmatch(year) for year in file.header[len(_TEXT) :])


def _of_download(file: RawFile) -> pd.DataFrame:
    groups = _dated(file, table(file), "Time")
    keys = [str(name) for name in groups if name not in _SEXES]
    rows = unpivoted(groups, keys, list(_SEXES)).rename(columns={"column": "sex"})
    youngest, width = (pd.to_numeric(rows[name], errors="coerce") for name in ("AgeGrpStart", "AgeGrpSpan"))
    wrong = (youngest.isna() | width.isna() | (youngest < 0)).to_numpy()
    if wrong.any():
        row = int(wrong.argmax())
        raise OfficialFileError(
            f"{file.path} has an age group that is no number",
            where=f"{file.line(row % len(groups))}, AgeGrpStart {rows['AgeGrpStart'][row]!r}, "
            f"AgeGrpSpan {rows['AgeGrpSpan'][row]!r}",
            allowed="a start of 0 or more; a span, -1 for an open group",
            hint="download it again",
        )
    every_row = pd.Series(data=True, index=rows.index)
    at_mid_year = rows["MidPeriod"].str.endswith(".5") if "MidPeriod" in rows else every_row
    variants = rows["Variant"] if "Variant" in rows else pd.Series("", index=rows.index)
    return rows.assign(
        area=rows["LocID"],
        sex=mapped(rows["sex"], _SEXES.get),
        age_min=youngest.astype("Int64"),
        age_max=(youngest + width - 1).where(width > 0).astype("Int64"),
        year=rows["Time"],
        day=at_mid_year.map({True: "07-01", False: "01-01"}),
        medium=variants.isin(_VARIANTS),
    )


def _of_text(file: RawFile) -> pd.DataFrame:
    years = list(file.header[len(_TEXT) :])
    rows = unpivoted(table(file), list(_TEXT), years).rename(columns={"column": "year"})
    return _aged(file, rows.assign(area=rows["country_code"], sex=file.stated("sex")[0], day="07-01", medium=True))


def _of_copy(file: RawFile) -> pd.DataFrame:
    rows = _dated(file, table(file), "year").rename(columns={"iso3": "area", "pop_thousands": "cell"})
    sex = sexes(rows["sex"], _COPIED_SEXES, lambda row: f"{file.path}, {file.line(row)}")
    return _aged(file, rows.assign(sex=sex, day="07-01", medium=True))


def _dated(file: RawFile, rows: pd.DataFrame, column: str) -> pd.DataFrame:
    """Return rows, each of which has a year."""
    check_years(rows[column], lambda row: f"{file.path}, {file.line(row)}")
    return rows


def _aged(file: RawFile, rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows with the bounds of their age groups."""
    youngest, oldest = bounds(rows["age"], f"{file.path}, column age")
    return rows.assign(age_min=youngest, age_max=oldest)


def _areas(file: RawFile, codes: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Return ISO3 of location codes (or of ISO3 codes), and which are areas."""
    iso3_of = crosswalk("m49")

    def area(code: str) -> str:
        if code in iso3_of or is_group(code):
            return iso3_of.get(code, code)
        return area_at(str(file.path), code)

    def is_group(code: str) -> bool:
        return code not in iso3_of and code.isdecimal() and int(code) >= _FIRST_GROUP

    return mapped(codes, area), ~mapped(codes, is_group, "bool")


def _read(rows_of: Callable[[RawFile], pd.DataFrame], file: RawFile) -> OfficialTable:
    rows = rows_of(file)
    area, is_area = _areas(file, rows["area"])
    thousands, _ = figures(
        rows["cell"],
        {"": "blank", "NA": "NA", "..": ".."},
        lambda row: f"{file.path}, {rows['area'].iloc[row]}, {rows['year'].iloc[row]}",
        decimal="." if file.delimiter in ",\t" else "",  # thousands with decimal points, but for what was saved again
    )
    rows = rows.assign(
        provider="undesa",
        edition=f"wpp {file.edition}" if file.origin else "wpp, edition not stated",
        area=area,
        reference_date=rows["year"] + "-" + rows["day"],
        value=(thousands * 1000).round(),
        reason=first_reason(
            [(~is_area, GROUPS_OF_AREAS), (~rows["medium"], _OTHER_VARIANTS), (rows["age_min"].isna(), _NO_AGE)]
        ),
    )
    return table_of(rows, POPULATION)


def _layout(name: str, recognises: Callable[[RawFile], bool], rows_of: Callable[[RawFile], pd.DataFrame]) -> Layout:
    def contracts(_: RawFile) -> tuple[Contract, ...]:
        return (POPULATION,)

    def read(file: RawFile, _: Contract) -> OfficialTable:
        return _read(rows_of, file)

    return Layout(f"UN DESA World Population Prospects, {name}", recognises, contracts, read)


LAYOUTS = (
    _layout("CSV of the download page", lambda file: set(file.header) >= _DOWNLOAD, _of_download),
    _layout("text of the R packages", _is_text, _of_text),
    _layout("copy by ISO3, year, sex and age", lambda file: set(file.header) == _COPY, _of_copy),
    refused(
        "UN DESA list of locations",
        lambda file: {"country_code", "location_type", "reg_code"} <= set(file.header),
        "lists areas and regions and holds no figure",
        "give the population files popM and popF",
    ),
)
