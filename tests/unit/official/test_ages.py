"""Ages as the providers write them."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smstock.errors import OfficialFileError
from smstock.official.ages import ages, bounds


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("TOTAL", "0+"),
        ("Total", "0+"),
        ("_T", "0+"),
        ("Y_LT1", "0-0"),
        ("Y_LT5", "0-4"),
        ("Y_LT15", "0-14"),
        ("Y5-9", "5-9"),
        ("Y15-64", "15-64"),
        ("Y_GE65", "65+"),
        ("Y_GE85", "85+"),
        ("Y99", "99-99"),
        ("Y25T64", "25-64"),
        ("Y_GE15", "15+"),
        ("0-4", "0-4"),
        ("75+", "75+"),
        ("100+", "100+"),
        ("99", "99-99"),
        ("From 15 to 19 years", "15-19"),
        ("65 years or over", "65+"),
        ("Less than 15 years", "0-14"),
        ("Less than 1 year", "0-0"),
        ("15 years", "15-15"),
        ("1 year", "1-1"),
        (" 15-19", "15-19"),
    ],
)
def test_codes_and_labels(text: str, expected: str) -> None:
    assert str(ages(text)) == expected


@pytest.mark.parametrize("text", ["UNK", "Unknown", "Y_OPEN", "Open-ended age class"])
def test_what_stands_for_no_known_range(text: str) -> None:
    assert ages(text) is None


@pytest.mark.parametrize("text", ["", "T", "AT", "Y", "15-", "Y15-64-70", "old", "Y_LT"])
def test_what_is_no_age_is_refused(text: str) -> None:
    with pytest.raises(OfficialFileError, match="is no age group"):
        ages(text)


@given(youngest=st.integers(0, 120), width=st.integers(0, 60))
def test_ends_are_included_in_every_spelling(youngest: int, width: int) -> None:
    for text in (
        f"Y{youngest}-{youngest + width}",
        f"{youngest}-{youngest + width}",
        f"Y{youngest}T{youngest + width}",
    ):
        assert ages(text) == ages(f"From {youngest} to {youngest + width} years")


def test_bounds_of_a_column_and_the_place_of_an_error() -> None:
    youngest, oldest = bounds(pd.Series(["TOTAL", "Y_LT5", "UNK"]), "a.csv, column age")
    assert youngest.tolist()[:2] == [0, 0]
    assert oldest.isna().tolist() == [True, False, True]
    with pytest.raises(OfficialFileError) as caught:
        bounds(pd.Series(["Austria"]), "a.csv, column age")
    assert caught.value.where == "a.csv, column age"
