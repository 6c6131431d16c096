"""What Campaign Manager shows: headings of facets, and audiences as abbreviated text."""

from __future__ import annotations

import pytest

from smstock.platforms.linkedin.campaign_manager import HEADINGS, Displayed, dimension_of, displayed, interval
from smstock.platforms.linkedin.catalogue import AGE, GENDER, OF_DIMENSION
from smstock.vocabulary.facets import DIMENSIONS


def test_every_dimension_is_known_by_its_heading_its_facet_and_its_own_name() -> None:
    assert set(HEADINGS) == {"sex", "age", *DIMENSIONS}
    facets = {"sex": GENDER, "age": AGE, **OF_DIMENSION}
    for dimension, heading in HEADINGS.items():
        for name in (heading, heading.upper(), facets[dimension].name, dimension, dimension.replace("_", "-")):
            assert dimension_of(name) == dimension, name


@pytest.mark.parametrize("facet", ["Job Titles", "Company Size", "Company Names", "Member Schools", "Locations", ""])
def test_other_facets_are_of_no_dimension(facet: str) -> None:
    assert dimension_of(facet) == ""


@pytest.mark.parametrize(
    "text",
    ["0", "0.0", "< 300", "<300", "fewer than 300", "Less than 300 members", "below 300", "under 300",
     "Audience too small", "audience too narrow", "Your audience is too narrow", "too small"],
)  # fmt: skip
def test_what_is_too_small_has_many_words(text: str) -> None:
    assert displayed(text) is None


@pytest.mark.parametrize(
    ("text", "number", "step", "at_least"),
    [
        ("12000", "12000", 1, False),
        ("12,000 members", "12,000", 1, False),
        ("12,000+", "12,000", 1, True),
        ("12,000 + members", "12,000", 1, True),
        ("12K", "12000", 1_000, False),
        ("12.5k+", "12500", 100, True),
        ("1,2 Mio.", "1200000", 100_000, False),
        ("1.25M", "1250000", 10_000, False),
        ("3 Tsd.", "3000", 1_000, False),
        ("1B", "1000000000", 1_000_000_000, False),
        # a point before three digits may part thousands: left for the parser of figures, which refuses it
        ("1.234K", "1.234K", 1, False),
    ],
)
def test_abbreviations_are_written_out(text: str, number: str, step: int, at_least: bool) -> None:
    assert displayed(text) == Displayed(number, step, at_least)


def test_a_number_in_full_is_as_uncertain_as_an_answer_of_the_api_and_an_abbreviation_no_less() -> None:
    assert interval(310) == (305.0, 315.0)
    assert interval(25_312_600) == (25_312_500.0, 25_312_700.0)
    assert interval(1_000, 1_000) == (500.0, 2_000.0)
    assert interval(120_000, 1_000) == (115_000.0, 125_000.0)


def test_a_plus_may_stand_beside_a_number_rounded_to_the_nearest_or_down() -> None:
    assert interval(300, at_least=True) == (300.0, 310.0)
    assert interval(1_000, at_least=True) == (995.0, 1_100.0)
    assert interval(12_000, at_least=True) == (11_500.0, 13_000.0)
    assert interval(25_312_600, at_least=True) == (25_312_500.0, 25_312_700.0)
    assert interval(2_000, 1_000, at_least=True) == (1_500.0, 3_000.0)
