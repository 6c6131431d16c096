"""UN DESA workbooks: what each cell becomes, and what is refused."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smstock.errors import OfficialFileError, UnknownNameError
from smstock.official import readers
from smstock.official.base import GROUPS_OF_AREAS
from smstock.official.rawfile import opened
from smstock.official.undesa import workbooks
from smstock.official.undesa.workbooks import concept

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import pandas as pd

    from smstock.official.base import OfficialTable

    Rows = list[list[object]]
    Save = Callable[[Mapping[str, Rows]], Path]


def read_stock(path: Path) -> OfficialTable:
    return workbooks.read_stock(opened(path))


def read_population(path: Path) -> OfficialTable:
    return workbooks.read_population(opened(path))


def saved_as_csv(rows: Rows, folder: Path, delimiter: str) -> Path:
    path = folder / "table.csv"
    width = max(len(row) for row in rows)
    with path.open("w", encoding="cp1252", newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows([*row, *[""] * (width - len(row))] for row in rows)
    return path


def values(stock: pd.DataFrame, area: str, date: str) -> dict[str, float]:
    rows = stock[(stock["destination"] == area) & (stock["reference_date"] == date)]
    return dict(zip(rows["sex"], rows["value"], strict=True))


def test_each_area_year_and_sex_is_a_row(save: Save, table_1: Rows) -> None:
    found = read_stock(save({"Table 1": table_1}))
    stock = found.table
    assert len(stock) == 3 * 2 * 3
    assert values(stock, "NAM", "2020-07-01") == {"all": 109391, "male": 59024, "female": 50367}
    assert values(stock, "NAM", "2015-07-01") == {"all": 101618, "male": 54739, "female": 46879}
    constant = stock[["provider", "dataset", "edition", "origin", "age_min"]].drop_duplicates()
    assert constant.to_dict("records") == [
        {"provider": "undesa", "dataset": "ims", "edition": "2020", "origin": "WLD", "age_min": 0}
    ]
    assert stock["age_max"].isna().all()


def test_groups_of_areas_are_set_aside_and_counted(save: Save, table_1: Rows) -> None:
    found = read_stock(save({"Table 1": table_1}))
    assert found.left_out == {GROUPS_OF_AREAS: 2 * 6}
    assert set(found.table["destination"]) == {"NAM", "QAT", "CHI"}


def test_a_missing_figure_is_missing_and_its_mark_is_kept(save: Save, table_1: Rows) -> None:
    stock = read_stock(save({"Table 1": table_1})).table
    missing = stock[stock["value"].isna()].set_index(["destination", "reference_date", "sex"])["flags"]
    assert missing.to_dict() == {
        ("QAT", "2015-07-01", "all"): "C; ..",
        ("QAT", "2015-07-01", "male"): "C; ..",
        ("QAT", "2015-07-01", "female"): "C; ..",
        ("CHI", "2020-07-01", "male"): "I; ~",
        ("CHI", "2020-07-01", "female"): "I; blank",
    }


def test_zero_stays_zero(save: Save, table_1: Rows) -> None:
    table_1[8][5:] = [0, 0, 0, 0, 0, 0]
    assert values(read_stock(save({"Table 1": table_1})).table, "NAM", "2020-07-01") == {
        "all": 0,
        "male": 0,
        "female": 0,
    }


def test_the_type_of_data_is_the_concept_and_a_flag(save: Save, table_1: Rows) -> None:
    stock = read_stock(save({"Table 1": table_1})).table.dropna(subset="value")
    found = stock[["destination", "concept", "flags"]].drop_duplicates().to_dict("records")
    assert found == [
        {"destination": "NAM", "concept": "birth", "flags": "B R"},
        {"destination": "QAT", "concept": "citizenship", "flags": "C"},
        {"destination": "CHI", "concept": "mixed", "flags": "I"},
    ]


@given(letters=st.lists(st.sampled_from("BCIR"), unique=True))
def test_refugees_do_not_change_the_concept_and_order_does_not_matter(letters: list[str]) -> None:
    without = [letter for letter in letters if letter != "R"]
    expected = {"B": "birth", "C": "citizenship"}.get("".join(without), "mixed")
    assert concept(" ".join(letters)) == concept(" ".join(reversed(letters))) == expected


@pytest.mark.parametrize("rows", [1, 7])
def test_the_header_may_stand_lower(save: Save, table_1: Rows, rows: int) -> None:
    plain = read_stock(save({"Table 1": table_1})).table
    contents: Rows = [["Table 1"]]
    above: Rows = [[] for _ in range(rows)]
    shifted = read_stock(save({"Contents": contents, "Table 1": above + table_1})).table
    assert shifted.equals(plain)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
@given(data=st.data())
def test_columns_may_stand_in_any_order(save: Save, table_1: Rows, data: st.DataObject) -> None:
    # Groups of years move as wholes, since a title stands over the first year of its group.
    groups = data.draw(st.permutations([[1], [2], [3], [4], [5, 6], [7, 8], [9, 10]]))
    order = [0, *(column for group in groups for column in group)]
    wide = [row + [None] * (11 - len(row)) for row in table_1]
    reordered: Rows = [[row[column] for column in order] for row in wide]
    moved = read_stock(save({"Table 1": reordered})).table
    plain = read_stock(save({"Table 1": table_1})).table
    key = ["destination", "reference_date", "sex"]
    assert moved.sort_values(key, ignore_index=True).equals(plain.sort_values(key, ignore_index=True))


def test_a_note_below_the_table_is_no_row(save: Save, table_1: Rows) -> None:
    with_note: Rows = [*table_1, [], [None, "* For country notes, please refer to Notes"]]
    assert len(read_stock(save({"Table 1": with_note})).table) == 18


def test_figures_without_a_location_code_are_refused_by_row(save: Save, table_1: Rows) -> None:
    table_1[8][3] = None
    with pytest.raises(OfficialFileError, match="'Namibia' has no location code") as caught:
        read_stock(save({"Table 1": table_1}))
    assert caught.value.where.endswith("workbook.xlsx, sheet Table 1, row 9")


def test_an_unknown_location_code_is_named(save: Save, table_1: Rows) -> None:
    table_1[8][3] = 899
    with pytest.raises(UnknownNameError, match="899") as caught:
        read_stock(save({"Table 1": table_1}))
    assert "row 9" in caught.value.where


@pytest.mark.parametrize("cell", ["n/a", "12 %", ":", -5])
def test_a_cell_that_is_no_figure_and_no_mark_is_refused(save: Save, table_1: Rows, cell: object) -> None:
    table_1[8][5] = cell
    with pytest.raises(OfficialFileError, match="neither a figure nor a mark") as caught:
        read_stock(save({"Table 1": table_1}))
    assert "row 9" in caught.value.where


def test_an_unknown_type_of_data_is_refused(save: Save, table_1: Rows) -> None:
    table_1[8][4] = "B Q"
    with pytest.raises(OfficialFileError, match="unknown type of data 'B Q'"):
        read_stock(save({"Table 1": table_1}))


@pytest.mark.parametrize(("change", "accepted"), [(2, True), (3, False), (-3, False)])
def test_males_and_females_must_be_both_sexes_but_for_rounding(
    save: Save, table_1: Rows, change: int, accepted: bool
) -> None:
    table_1[8][6] = 109391 + change
    path = save({"Table 1": table_1})
    if accepted:
        assert values(read_stock(path).table, "NAM", "2020-07-01")["all"] == 109391 + change
        return
    with pytest.raises(OfficialFileError, match="in 2020 males and females are not both sexes") as caught:
        read_stock(path)
    assert caught.value.where.endswith("row 9, the first of 1")


def test_swapped_groups_of_years_are_noticed(save: Save, table_1: Rows) -> None:
    table_1[3][5], table_1[3][7] = table_1[3][7], table_1[3][5]
    with pytest.raises(OfficialFileError, match="males and females are not both sexes"):
        read_stock(save({"Table 1": table_1}))


@pytest.mark.parametrize(
    ("place", "cell", "said"),
    [
        ((3, 7), None, "no figures for male 2015"),
        ((5, 3), "ISO code", "no column for the destination code"),
        ((5, 4), "Quality", "no column for the type of data"),
        ((5, 6), 2015, "a year, age group or origin twice"),
        ((5, 8), 2019, "no figures for male 2020"),
    ],
)
def test_a_changed_header_is_refused_with_what_is_missing(
    save: Save, table_1: Rows, place: tuple[int, int], cell: object, said: str
) -> None:
    row, column = place
    table_1[row][column] = cell
    with pytest.raises(OfficialFileError, match="in a layout that is not read") as caught:
        read_stock(save({"Table 1": table_1}))
    assert said in caught.value.where


def test_a_table_without_areas_is_refused(save: Save, table_1: Rows) -> None:
    with pytest.raises(OfficialFileError, match="no row for an area"):
        read_stock(save({"Table 1": table_1[:8]}))


def test_the_workbook_by_origin_is_not_taken_for_one_by_destination(save: Save, table_1: Rows) -> None:
    table_1[1][1] = "International Migrant Stock 2020: Origin"
    with pytest.raises(OfficialFileError, match="has no stock table of UN DESA"):
        read_stock(save({"Table 1": table_1}))


def test_origins_others_and_all_origins(save: Save, origins: Rows) -> None:
    found = read_stock(save({"Table 1": origins}))
    assert found.left_out == {GROUPS_OF_AREAS: 3 * 3}
    stock = found.table
    assert stock.loc[stock["sex"] == "all", ["destination", "origin", "value"]].to_numpy().tolist() == [
        ["QAT", "WLD", 60.0],
        ["QAT", "NAM", 30.0],
        ["QAT", "XXX", 30.0],
    ]
    assert set(stock["edition"]) == {"2024"}
    assert set(stock["reference_date"]) == {"2024-07-01"}
    assert set(stock["concept"]) == {"citizenship"}


def test_origins_without_codes_are_refused(save: Save, origins: Rows) -> None:
    origins[3][6] = "Code"
    with pytest.raises(OfficialFileError) as caught:
        read_stock(save({"Table 1": origins}))
    assert "no column for the origin code" in caught.value.where


def test_population_is_in_persons_and_a_missing_one_has_no_row(save: Save, table_1: Rows, table_2: Rows) -> None:
    found = read_population(save({"Table 1": table_1, "Table 2": table_2}))
    assert found.left_out == {GROUPS_OF_AREAS: 2 * 3, "without a figure": 2}
    assert found.table.drop(columns=["age_min", "age_max"]).to_dict("records") == [
        {
            "provider": "undesa",
            "edition": "ims 2024",
            "area": area,
            "sex": sex,
            "reference_date": "2020-07-01",
            "value": v,
        }
        for area, sex, v in [
            ("NAM", "all", 2728762),
            ("NAM", "male", 1330536),
            ("NAM", "female", 1398226),
            ("QAT", "all", 2803375),
            ("QAT", "male", 2021502),
            ("QAT", "female", 781874),
            ("CHI", "all", 166235),
        ]
    ]


def test_population_rows_are_matched_by_index_and_name(save: Save, table_1: Rows, table_2: Rows) -> None:
    table_2[6][1] = "   Niger"
    with pytest.raises(OfficialFileError, match="'Niger' has no location code"):
        read_population(save({"Table 1": table_1, "Table 2": table_2}))


def test_population_with_codes_needs_no_stock(save: Save, table_2: Rows) -> None:
    for row, code in zip(table_2[4:], (900, 913, 516, 634, 830), strict=True):
        row[3] = code
    assert set(read_population(save({"Table 2": table_2})).table["area"]) == {"NAM", "QAT", "CHI"}


def test_a_workbook_without_population_says_so(save: Save, table_1: Rows) -> None:
    with pytest.raises(OfficialFileError, match="has no population table"):
        read_population(save({"Table 1": table_1}))


TITLE = "International migrant stock at mid-year"
AREA = "Major area, region, country or area of destination"


@pytest.fixture
def totals_2019() -> Rows:
    """The stock by destination as the editions until 2019 head it: headings a row above the years, `(male)`."""
    titles = [f"{TITLE} (both sexes)", None, f"{TITLE} (male)", None, f"{TITLE} (female)", None]
    return [
        [None, "Workbook: UN_MigrantStockTotal_2019.xlsx; POP/DB/MIG/Stock/Rev.2019"],
        ["Sort\norder", AREA, "Notes", "Code", "Type of data (a)", *titles],
        [None] * 5 + [2015, 2019] * 3,
        [1, "WORLD", None, 900, None, 9, 9, 4, 4, 5, 5],
        [2, "UN development groups", None, None, None, *[".."] * 6],
        [3, "Serbia", 24, 688, "CR", 8, 7, 4, 4, 4, 3],
    ]


@pytest.fixture
def ages_2020() -> Rows:
    """The stock by age: a row a year, a column an age group and sex."""
    spans = ["0-4", "75+", "Total"]
    return [
        ["International Migrant Stock 2020: Destination", "POP/DB/MIG/Stock/Rev.2020"],
        [*[None] * 6, f"{TITLE}, both sexes combined", None, None, f"{TITLE}, males", None, None, f"{TITLE}, females"],
        [
            "Index",
            "Year",
            "Region, development group, country or area",
            "Notes",
            "Location code",
            "Type of data",
            *spans * 3,
        ],
        [1, 2015, "Namibia", None, 516, "B", 3, 2, 5, 1, 1, 2, 2, 1, 3],
        [2, 2020, "Namibia", None, 516, "B", 30, 20, 50, 10, 10, 20, 20, 10, 30],
    ]


def by_origin(sex: str, *figures: list[object]) -> Rows:
    """One sheet of the workbooks by origin and destination until 2019."""
    number = {"": 1, "male ": 2, "female ": 3}[sex]
    return [
        [
            f"Table {number} - Total {sex}migrant stock at mid-year by origin and by major area of destination, 2015-2019"
        ],
        ["Suggested citation: (United Nations database, POP/DB/MIG/Stock/Rev.2019)."],
        ["Year", "Sort\norder", AREA, "Notes", "Code", "Type of data (a)", "Country or area of origin"],
        [*[None] * 6, "Total", "Other South", "Other North", "Serbia", "Côte d'Ivoire"],
        [2015, 1, "WORLD", None, 900, None, *figures[0]],
        [2019, 2, "Namibia", None, 516, "B", *figures[1]],
    ]


def test_the_layout_until_2019_has_its_headings_above_the_years(save: Save, totals_2019: Rows) -> None:
    stock = read_stock(save({"Table 1": totals_2019})).table
    assert values(stock, "SRB", "2019-07-01") == {"all": 7, "male": 4, "female": 3}
    assert set(stock["edition"]) == {"2019"}
    assert set(stock["flags"]) == {"C R"}
    assert set(stock["concept"]) == {"citizenship"}


def test_a_sheet_saved_as_csv_with_decimal_commas_reads_the_same(save: Save, totals_2019: Rows, tmp_path: Path) -> None:
    plain = read_stock(save({"Table 1": totals_2019})).table
    assert read_stock(saved_as_csv(totals_2019, tmp_path, delimiter=";")).table.equals(plain)


@pytest.mark.parametrize("space", [" ", "\u00a0", "\x1d"])
def test_white_space_around_a_figure_is_no_part_of_it(
    save: Save, totals_2019: Rows, tmp_path: Path, space: str
) -> None:
    plain = read_stock(save({"Table 1": totals_2019})).table
    totals_2019[-1][5:] = [f"{space}{cell}{space}" for cell in totals_2019[-1][5:]]
    assert read_stock(saved_as_csv(totals_2019, tmp_path, delimiter=",")).table.equals(plain)


def test_ages_are_columns_and_years_rows(save: Save, ages_2020: Rows) -> None:
    stock = read_stock(save({"Table 1": ages_2020})).table
    assert len(stock) == 2 * 9
    rows = stock[(stock["reference_date"] == "2020-07-01") & (stock["sex"] == "female")]
    assert rows["age_min"].tolist() == [0, 75, 0]
    assert rows["age_max"].fillna(999).tolist() == [4, 999, 999]
    assert rows["value"].tolist() == [20, 10, 30]


def test_origins_are_columns_and_sexes_sheets(save: Save) -> None:
    book = {
        "Table 1": by_origin("", [9, 1, 1, 4, 3], [8, 2, 1, 5, ".."]),
        "Table 2": by_origin("male ", [5, 1, 0, 2, 2], [4, 1, 1, 2, ".."]),
        "Table 3": by_origin("female ", [4, 0, 1, 2, 1], [4, 1, 0, 3, ".."]),
    }
    found = read_stock(save(book))
    assert found.left_out == {GROUPS_OF_AREAS: 3 * 4}
    rows = found.table[found.table["sex"] == "all"]
    assert dict(zip(rows["origin"], rows["value"].fillna(-1), strict=True)) == {"WLD": 8, "XXX": 3, "SRB": 5, "CIV": -1}
    assert rows.loc[rows["origin"] == "CIV", "flags"].tolist() == ["B; .."]
    assert set(found.table["reference_date"]) == {"2019-07-01"}


def test_sheets_of_the_sexes_must_add_up(save: Save) -> None:
    book = {
        "Table 1": by_origin("", [9, 1, 1, 4, 3], [80, 2, 1, 50, 27]),
        "Table 2": by_origin("male ", [5, 1, 0, 2, 2], [40, 1, 1, 20, 18]),
        "Table 3": by_origin("female ", [4, 0, 1, 2, 1], [40, 1, 0, 20, 19]),
    }
    with pytest.raises(OfficialFileError, match="in Serbia males and females are not both sexes: 20, 20, 50") as caught:
        read_stock(save(book))
    assert "sheet Table 1, row 6" in caught.value.where


def test_an_unitemised_origin_is_missing_where_one_of_its_columns_is(save: Save) -> None:
    sheet = by_origin("", [9, 1, 1, 4, 3], [8, "..", 1, 5, 2])
    stock = read_stock(save({"Table 1": sheet})).table
    others = stock[stock["origin"] == "XXX"]
    assert others["value"].isna().tolist() == [True]
    assert others["flags"].tolist() == ["B; .."]


def test_an_origin_that_is_no_area_is_named(save: Save) -> None:
    sheet = by_origin("", [9, 1, 1, 4, 3], [8, 2, 1, 5, 2])
    sheet[3][10] = "Ruritania"
    with pytest.raises(UnknownNameError, match="'Ruritania'") as caught:
        read_stock(save({"Table 1": sheet}))
    assert caught.value.where.endswith("sheet Table 1, row 4")


@pytest.mark.parametrize("year", ["", "MMXX", 3020])
def test_a_row_without_a_year_is_refused(save: Save, ages_2020: Rows, year: object) -> None:
    ages_2020[4][1] = year
    with pytest.raises(OfficialFileError, match="is no year") as caught:
        read_stock(save({"Table 1": ages_2020}))
    assert caught.value.where.endswith("row 5")


def grouped(rows: Rows, parting: str) -> Rows:
    """Rows as Excel shows them with thousands separators."""
    return [
        [
            f"{cell:,}".replace(",", parting) if isinstance(cell, int) and column > 4 and cell > 2100 else cell
            for column, cell in enumerate(row)
        ]
        for row in rows
    ]


@pytest.mark.parametrize("parting", ["\u00a0", "'", "\u2019", " "])
def test_a_sheet_saved_as_csv_with_digits_in_groups_reads_the_same(
    save: Save, table_1: Rows, tmp_path: Path, parting: str
) -> None:
    plain = read_stock(save({"Table 1": table_1})).table
    assert read_stock(saved_as_csv(grouped(table_1, parting), tmp_path, delimiter=";")).table.equals(plain)


@pytest.mark.parametrize("delimiter", [";", ",", "\t"])
def test_points_between_digits_of_a_sheet_are_thousands_if_a_million_shows_it(
    save: Save, table_1: Rows, tmp_path: Path, delimiter: str
) -> None:
    plain = read_stock(save({"Table 1": table_1})).table
    points = grouped(table_1, ".")
    assert read_stock(saved_as_csv(points, tmp_path, delimiter)).table.equals(plain)
    without_millions = [row for row in points if "   Qatar" not in row]
    with pytest.raises(OfficialFileError, match=r"'101\.618' may have a decimal point or be thousands") as caught:
        read_stock(saved_as_csv(without_millions, tmp_path, delimiter))
    assert caught.value.where.endswith("table.csv, line 9")


def test_a_sheet_of_stocks_whose_head_says_thousands_is_refused(save: Save, table_1: Rows) -> None:
    table_1[4] = [None, "Figures in thousands"]
    with pytest.raises(OfficialFileError, match="'Figures in thousands' are in another unit than persons"):
        read_stock(save({"Table 1": table_1}))


OF_2015 = "Major area, region, country or area of destination"


@pytest.fixture
def totals_2015() -> Rows:
    """The stock by destination as the edition 2015 heads it, a group that does not add up, and its population."""
    titles = [f"{TITLE} (both sexes)", None, f"{TITLE} (male)", None, f"{TITLE} (female)", None]
    return [
        [None, "Table 1. International migrant stock at mid-year by sex and by major area of destination, 1990-2015"],
        [None, "POP/DB/MIG/Stock/Rev.2015"],
        ["Sort\norder", OF_2015, "Notes", "Country code", "Type of data (a)", *titles],
        [None] * 5 + [1990, 2015] * 3,
        [1, "WORLD", None, 900, None, 90, 100, 40, 45, 50, 55],
        [4, "Least developed countries", "(d)", 941, None, 11075966, 50, 5843107, 20, 5236216, 30],
        [50, "Namibia", None, 516, "B", 30, 40, 10, 15, 20, 25],
    ]


@pytest.fixture
def population_2015() -> Rows:
    """The population of the same edition; that of Qatar does not add up."""
    titles = [f"Total population at mid-year ({sex}) (thousands)" for sex in ("both sexes", "male", "female")]
    return [
        [None, "Table 2. Total population at mid-year by sex and by major area of destination, 1990-2015"],
        [None, "POP/DB/MIG/Stock/Rev.2015"],
        ["Sort\norder", OF_2015, "Notes", "Country code", *titles],
        [None] * 4 + [2015] * 3,
        [1, "WORLD", None, 900, 90.5, 9.5, 50.5],
        [50, "Namibia", None, 516, 2458.830, 1198.5, 1260.330],
        [60, "Qatar", None, 634, 2235.355, 1600.5, 9.5],
    ]


def test_a_group_that_does_not_add_up_blocks_no_country_and_is_named(save: Save, totals_2015: Rows) -> None:
    read = read_stock(save({"Table 1": totals_2015}))
    assert values(read.table, "NAM", "2015-07-01") == {"all": 40, "male": 15, "female": 25}
    assert set(read.table["edition"]) == {"2015"}
    (remark,) = read.remarks
    assert "Least developed countries in 1990 (5843107 + 5236216, not 11075966)" in remark
    assert "up to 2 persons are rounding" in remark


def test_a_country_that_does_not_add_up_is_refused(save: Save, totals_2015: Rows) -> None:
    totals_2015[6][5] = 300
    with pytest.raises(OfficialFileError, match="in 1990 males and females are not both sexes: 10, 20, 300") as caught:
        read_stock(save({"Table 1": totals_2015}))
    assert caught.value.where.endswith("row 7, the first of 1")


def test_a_population_that_does_not_add_up_is_left_out_and_named(
    save: Save, totals_2015: Rows, population_2015: Rows
) -> None:
    read = read_population(save({"Table 1": totals_2015, "Table 2": population_2015}))
    assert dict(zip(read.table["sex"], read.table["value"], strict=True)) == {
        "all": 2458830,
        "male": 1198500,
        "female": 1260330,
    }
    assert set(read.table["area"]) == {"NAM"}
    assert read.left_out["whose males and females are not both sexes"] == 3
    (remark,) = read.remarks
    assert "Qatar in 2015 (1600500 + 9500, not 2235355) (up to 200 persons are rounding" in remark


@pytest.mark.parametrize(("both", "rows"), [(2459, 3), (2460, 3), (2462, 0)])
def test_a_population_in_whole_thousands_may_differ_by_2000_persons(
    save: Save, population_2015: Rows, both: int, rows: int
) -> None:
    population_2015[4:] = [[50, "Namibia", None, 516, both, 1199, 1260]]
    assert len(read_population(save({"Table 2": population_2015})).table) == rows


def test_a_population_that_cannot_be_read_blocks_no_stock(
    save: Save, totals_2015: Rows, population_2015: Rows, caplog: pytest.LogCaptureFixture
) -> None:
    population_2015[3][5] = None
    path = save({"Table 1": totals_2015, "Table 2": population_2015})
    assert list(readers.read_all(path)) == ["stock"]
    assert "its population is left out" in caplog.text
    with pytest.raises(OfficialFileError, match="holds no figure for a population table") as caught:
        readers.read_population(path)
    assert "no figures for male 2015" in caught.value.where


def of_one_year(sex: str, year: int, *cells: object) -> Rows:
    """One sheet of the workbook by origin and destination of 2015: the title alone says year and sex."""
    by = "and by" if sex == "Total" else "by origin and by"
    return [
        [None] * 5,
        [
            *[None] * 4,
            f"Table 16. {sex} migrant stock at mid-year {by} major area, region or area of destination, {year}",
        ],
        [*[None] * 4, f"POP/DB/MIG/Stock/Rev.{year}"],
        ["Sort\norder", OF_2015, "Notes", "Country code", "Type of data (a)", "Country of origin"],
        [
            *[None] * 5,
            *("Total", "Other South", "Other North", "China, Hong Kong Special Administrative Region"),
            *("Micronesia (Federated States of)", "The former Yugoslav Republic of Macedonia"),
        ],
        [1, "WORLD", None, 900, None, 99, 9, 9, 9, 9, 9],
        [50, "Namibia", None, 516, "B", *cells],
    ]


def test_years_and_sexes_of_2015_stand_in_titles_alone(save: Save) -> None:
    book = {
        "Table 13": of_one_year("Total", 2010, 10, 1, 2, None, 3, 4),
        "Table 16": of_one_year("Total", 2015, 20, 2, 4, None, 6, 8),
        "Table 17": of_one_year("Male", 2015, 12, 1, 2, None, 4, 5),
        "Table 18": of_one_year("Female", 2015, 8, 1, 2, None, 2, 3),
    }
    book["Table 13"][2][4] = "POP/DB/MIG/Stock/Rev.2015"
    stock = read_stock(save(book)).table
    rows = stock[(stock["reference_date"] == "2015-07-01") & (stock["sex"] == "all")]
    assert dict(zip(rows["origin"], rows["value"].fillna(-1), strict=True)) == {
        "WLD": 20,
        "XXX": 6,
        "HKG": -1,
        "FSM": 6,
        "MKD": 8,
    }
    females = stock[(stock["sex"] == "female") & (stock["origin"] == "WLD")]
    assert females[["reference_date", "value"]].to_numpy().tolist() == [["2015-07-01", 8]]
    assert set(stock["reference_date"]) == {"2010-07-01", "2015-07-01"}


def test_sheets_of_one_year_must_add_up_each_for_itself(save: Save) -> None:
    book = {
        "Table 16": of_one_year("Total", 2015, 20, 2, 4, None, 6, 80),
        "Table 17": of_one_year("Male", 2015, 12, 1, 2, None, 4, 5),
        "Table 18": of_one_year("Female", 2015, 8, 1, 2, None, 2, 3),
    }
    with pytest.raises(OfficialFileError, match="in The former Yugoslav Republic of Macedonia 2015 males and females"):
        read_stock(save(book))


def test_an_area_with_the_code_of_a_group_is_refused(save: Save, totals_2015: Rows) -> None:
    totals_2015[5][1:4] = ["Qatar", None, 941]
    with pytest.raises(OfficialFileError, match="'Qatar' has the location code 941") as caught:
        read_stock(save({"Table 1": totals_2015}))
    assert caught.value.where.endswith("row 6")


@pytest.mark.parametrize(
    "title",
    [
        "Table 19 - Total migrant stock at mid-year by origin and by major area of destination, 2017",
        "Table 16. Total migrant stock at mid-year and by major area, region, country or area of destination, 2017",
        "Table 16. Total migrant stock at mid-year by origin and destination, 2017 (b)",
    ],
)
def test_the_title_says_the_year_in_many_ways(save: Save, title: str) -> None:
    sheet = of_one_year("Total", 2017, 20, 2, 4, None, 6, 8)
    sheet[1][4] = title
    stock = read_stock(save({"Table 16": sheet})).table
    assert set(stock["reference_date"]) == {"2017-07-01"}
    assert set(stock["edition"]) == {"2017"}


def test_a_span_of_years_in_a_title_is_no_year(save: Save) -> None:
    sheet = of_one_year("Total", 2017, 20, 2, 4, None, 6, 8)
    sheet[1][4] = "Table 1 - Total migrant stock at mid-year by origin and by major area of destination, 1990-2017"
    with pytest.raises(OfficialFileError, match="in a layout that is not read") as caught:
        read_stock(save({"Table 1": sheet}))
    assert "no column for the year" in caught.value.where
