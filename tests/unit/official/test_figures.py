"""A figure is a number, or a mark that says why there is none."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smstock.errors import OfficialFileError
from smstock.official.figures import figures

MARKS = {"": "blank", "..": "..", ":": ":"}


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


@pytest.mark.parametrize(
    "text", ["-5", "1,234", "1 234", "n/a", "nan", "inf", "1e5", "0x1F", "12.", ".5", "1_000", "٣"]
)
def test_anything_else_is_refused_with_its_place(text: str) -> None:
    with pytest.raises(OfficialFileError, match="neither a figure nor a mark") as caught:
        figures(pd.Series(["1", text]), MARKS, lambda row: f"row {row}")
    assert caught.value.where == "row 1"


def test_a_decimal_comma_is_read_where_it_is_expected() -> None:
    assert figures(pd.Series(["1,5", "2"]), MARKS, str, decimal=",")[0].tolist() == [1.5, 2]
    assert figures(pd.Series(["1.5", "2"]), MARKS, str, decimal=",")[0].tolist() == [1.5, 2]


@pytest.mark.parametrize("texts", [["1.234,5"], ["1,5", "1.5"], ["1.234", "20", "12.345"]])
def test_points_that_may_part_thousands_are_not_guessed(texts: list[str]) -> None:
    with pytest.raises(OfficialFileError, match="may have a decimal point or be thousands"):
        figures(pd.Series(texts), MARKS, str, decimal=",")


@given(numbers=st.lists(st.floats(0, 1e12).map(lambda number: round(number, 3)), min_size=1))
def test_what_was_printed_is_what_is_read(numbers: list[float]) -> None:
    texts = pd.Series([f"{number:.3f}" for number in numbers])
    assert figures(texts, {}, str)[0].tolist() == pytest.approx(numbers)


@pytest.mark.parametrize("digits", [16, 400, 5_000])
def test_a_number_of_more_digits_than_any_count_is_refused_in_a_short_message(digits: int) -> None:
    with pytest.raises(OfficialFileError, match="is neither a figure nor a mark") as caught:
        figures(pd.Series(["1", "9" * digits]), {"": ""}, str)
    assert len(str(caught.value)) < 400
