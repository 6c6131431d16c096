"""UN DESA workbooks: what each cell becomes, and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smstock.errors import OfficialFileError, UnknownNameError
from smstock.official.undesa import concept, read_population, read_stock

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    import pandas as pd

    Rows = list[list[object]]
    Save = Callable[[Mapping[str, Rows]], Path]


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


def test_groups_of_areas_are_left_out_and_counted(save: Save, table_1: Rows) -> None:
    found = read_stock(save({"Table 1": table_1}))
    assert found.left_out == 2
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


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20, deadline=None)
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


@pytest.mark.parametrize("cell", ["n/a", "1,234", ":", -5])
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
        ((5, 6), 2015, "a year twice"),
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
    assert found.left_out == 3
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
    assert found.left_out == 2
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
