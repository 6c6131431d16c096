from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smstock.report import wording
from smstock.vocabulary import countries

if TYPE_CHECKING:
    from collections.abc import Callable

counts = st.floats(min_value=1, max_value=8e9)


@given(counts)
def test_an_estimate_is_rounded_by_at_most_half_a_percent_or_half_a_person(number: float) -> None:
    shown = float(wording.persons(number).replace(",", ""))
    assert abs(shown - number) <= max(0.5, 0.005 * number) + 1e-6


@pytest.mark.parametrize(
    ("number", "text"),
    [(999.6, "1,000"), (1_004, "1,000"), (1_005_001, "1,010,000"), (65.0, "65"), (0.0, "0"), (0.4, "<1")],
)
def test_persons_have_three_significant_digits_and_no_decimals(number: float, text: str) -> None:
    assert wording.persons(number) == text


@pytest.mark.parametrize("say", [wording.count, wording.persons, wording.per_cent, wording.ratio, wording.factor])
@pytest.mark.parametrize("missing", [None, float("nan")])
def test_what_is_missing_is_an_empty_text(say: Callable[[float | None], str], missing: float | None) -> None:
    assert say(missing) == ""


def test_an_interval_needs_both_ends() -> None:
    assert wording.interval(10.0, 20.0) == f"10{wording.DASH}20"
    assert wording.interval(10.0, None) == wording.interval(float("nan"), 20.0) == ""


def test_a_bias_below_zero_has_a_minus_and_one_that_rounds_to_zero_has_no_sign() -> None:
    assert wording.per_cent(-11.3, signed=True) == f"{wording.MINUS}11 %"
    assert wording.per_cent(-0.4, signed=True) == "0 %"
    assert wording.per_cent(11.3) == "11 %"


def test_every_area_has_a_short_name_of_its_own() -> None:
    today = [area for area in countries.areas() if area.valid_to is None]
    names = [wording.country(area.iso3) for area in today]
    assert len(set(names)) == len(names)
    assert not any("(" in name or name.endswith("*") for name in names)


def test_a_region_below_the_country_keeps_its_code() -> None:
    assert wording.country("AT31") == "AT31"
