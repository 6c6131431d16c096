"""A figure is a number, or a mark that says why there is none; how it is written never changes it by a factor."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest
from benchmarks.reliability import written
from hypothesis import given
from hypothesis import strategies as st

from smstock.errors import OfficialFileError
from smstock.official.figures import figures

if TYPE_CHECKING:
    from smstock.official.figures import Decimal

MARKS = {"": "blank", "..": "..", ":": ":"}
DOUBTFUL = "may have a decimal (point|comma) or be thousands"


def read(*texts: str, decimal: Decimal = "") -> list[float]:
    values, _ = figures(pd.Series(texts), MARKS, lambda row: f"row {row}", decimal=decimal)
    return [float(value) for value in values]


@pytest.mark.parametrize(
    ("text", "number"), [("0", 0), (" 12 ", 12), ("1234.5", 1234.5), ("4.37E-06", 4.37e-06), ("007", 7)]
)
def test_numbers(text: str, number: float) -> None:
    values, missing = figures(pd.Series([text]), MARKS, str)
    assert values.tolist() == [number]
    assert missing.tolist() == [""]


def test_marks_are_missing_and_zero_is_zero() -> None:
    values, missing = figures(pd.Series(["", "..", ":", "0"]), MARKS, str)
    assert pd.isna(values[:3]).all()
    assert values[3] == 0
    assert missing.tolist() == ["blank", "..", ":", ""]


@pytest.mark.parametrize("decimal", [".", ""])
@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1 234 567", 1234567),
        ("199\u00a0691", 199691),
        ("12\u202f345\u202f678,5", 12345678.5),
        ("1\u2009234.567", 1234.567),
        ("199'691", 199691),
        ("1\u2019234\u2019567.25", 1234567.25),
        ("1e5", 100_000),
        ("1e+05", 100_000),
        ("2.1e6", 2_100_000),
        ("1,234,567", 1234567),
        ("1,234.5", 1234.5),
    ],
)
def test_what_is_written_in_one_way_only(text: str, number: float, decimal: Decimal) -> None:
    if "," in text and decimal == "." and text.endswith(",5"):
        with pytest.raises(OfficialFileError, match="neither a figure nor a mark"):
            read(text, decimal=decimal)
    else:
        assert read(text, decimal=decimal) == [number]


@pytest.mark.parametrize(
    ("texts", "numbers"),
    [
        (["199691,0"], [199691]),
        (["12,5", "2"], [12.5, 2]),
        (["1,5", "199,691"], [1.5, 199.691]),
        (["0,123", "199,691"], [0.123, 199.691]),
        (["2540.916", "12.345"], [2540.916, 12.345]),
        (["1.234.567", "199.691", "12"], [1234567, 199691, 12]),
        (["1.234,5", "199.691"], [1234.5, 199691]),
        (["1,234,567", "199,691"], [1234567, 199691]),
        (["1 234,567", "199,691"], [1234.567, 199.691]),
        (["1,5e+05", "12,345"], [150_000, 12.345]),
    ],
)
def test_the_other_figures_of_the_file_tell_what_a_mark_is(texts: list[str], numbers: list[float]) -> None:
    assert read(*texts) == numbers
    assert read(*reversed(texts)) == numbers[::-1]


@pytest.mark.parametrize(
    "texts",
    [
        ["199.691"],
        ["199,691"],
        ["1.234", "20", "12.345"],
        ["1 234 567", "199.691"],
        ["1,5", "1.5"],
        ["1.234.567", "1,234,567"],
        ["1.234.567", "12.5"],
        ["1.234.567", "199,691"],
    ],
)
def test_what_may_be_two_numbers_is_refused(texts: list[str]) -> None:
    for some in (texts, texts[::-1]):
        with pytest.raises(OfficialFileError, match=DOUBTFUL):
            read(*some)


def test_a_layout_with_decimal_points_may_part_thousands_with_commas_only() -> None:
    assert read("199.691", decimal=".") == [199.691]
    assert read("1,234,567", "199,691", "199.691", decimal=".") == [1234567, 199691, 199.691]
    with pytest.raises(OfficialFileError, match=DOUBTFUL):
        read("199,691", "199.691", decimal=".")
    for text in ("12,5", "1.234.567", "1.234,5"):
        with pytest.raises(OfficialFileError, match="neither a figure nor a mark"):
            read(text, decimal=".")


@pytest.mark.parametrize(
    ("texts", "numbers"),
    [
        (["199.691", "300"], [199_691, 300]),
        (["12,000", "199,691"], [12_000, 199_691]),
        (["12,000", "4200.0"], [12_000, 4_200]),
        (["1,5e+05", "2"], [150_000, 2]),
        (["4200.000", "300.000"], [4_200, 300]),
    ],
)
def test_where_figures_are_whole_a_mark_that_may_part_thousands_does(texts: list[str], numbers: list[float]) -> None:
    assert read(*texts, decimal="whole") == numbers
    assert read(*reversed(texts), decimal="whole") == numbers[::-1]


@pytest.mark.parametrize("texts", [["12.000", "12,000"], ["1.234.567", "12,000"], ["12.5", "1.234.567"]])
def test_whole_figures_of_two_languages_are_refused(texts: list[str]) -> None:
    with pytest.raises(OfficialFileError, match=DOUBTFUL):
        read(*texts, decimal="whole")


@pytest.mark.parametrize("decimal", [".", "", "whole"])
@pytest.mark.parametrize(
    "text",
    [
        *("-5", "\u22125", "+5", "12 %", "12%", "n/a", "nan", "inf", "0x1F", "12.", ".5", "1_000", "\u0663", "1e99"),
        *("12 34", "1 2345", "1,23,456", "1.2.3", "12 b", "1'23", "0 123", "199691\u00b9", "1e5e5", "5 persons"),
    ],
)
def test_anything_else_is_refused_with_its_value_and_place(text: str, decimal: Decimal) -> None:
    with pytest.raises(OfficialFileError, match="neither a figure nor a mark") as caught:
        read("1", text, decimal=decimal)
    assert repr(text) in caught.value.what
    assert caught.value.where == "row 1"


def test_the_first_cell_that_is_wrong_is_named() -> None:
    with pytest.raises(OfficialFileError, match=r"'199\.691'") as caught:
        read("1", "199.691", "12 %")
    assert caught.value.where == "row 1"


@given(numbers=st.lists(st.floats(0, 1e12).map(lambda number: round(number, 3)), min_size=1))
def test_what_was_printed_is_what_is_read(numbers: list[float]) -> None:
    texts = pd.Series([f"{number:.3f}" for number in numbers])
    assert figures(texts, {}, str)[0].tolist() == pytest.approx(numbers)


@pytest.mark.parametrize("digits", [16, 400, 5_000])
def test_a_number_of_more_digits_than_any_count_is_refused_in_a_short_message(digits: int) -> None:
    with pytest.raises(OfficialFileError, match="is neither a figure nor a mark") as caught:
        figures(pd.Series(["1", "9" * digits]), {"": ""}, str)
    assert len(str(caught.value)) < 400


def test_columns_in_random_formats_are_read_right_or_refused() -> None:
    outcomes = written.outcomes(columns=500, seed=1)
    assert outcomes.wrong == outcomes.refused_that_tell == 0
    assert 250 < outcomes.right < 500


@pytest.mark.slow
def test_so_are_ten_thousand() -> None:
    outcomes = written.outcomes()
    assert outcomes.columns == 10_000
    assert outcomes.wrong == outcomes.refused_that_tell == 0
