from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smstock.official.consistency import COLUMNS, checked, counts


def figure(value: float | None, **given: Any) -> dict[str, Any]:
    return {
        "provider": "undesa",
        "dataset": "ims",
        "edition": "2020",
        "concept": "birth",
        "destination": "DEU",
        "origin": "WLD",
        "sex": "all",
        "age_min": 0,
        "age_max": None,
        "reference_date": "2020-07-01",
        "value": value,
        "flags": "",
        "retrieved_at": "",
    } | given


def verdicts(*figures: dict[str, Any], check: str) -> list[tuple[float, float, str]]:
    """Return expected, found and verdict of the comparisons of one kind, in the order of the table."""
    found = checked(pd.DataFrame(figures))
    of_kind = found[found["check"] == check]
    assert ((of_kind["found"] - of_kind["expected"]) == of_kind["difference"]).all()
    return list(zip(of_kind["expected"], of_kind["found"], of_kind["verdict"], strict=True))


@pytest.mark.parametrize(
    ("female", "verdict"), [(41, "agrees"), (44, "agrees"), (45, "exceeds"), (38, "agrees"), (37, "falls short")]
)
def test_sexes_add_up_but_for_rounding(female: float, verdict: str) -> None:
    rows = figure(100), figure(female, sex="female"), figure(59, sex="male")
    assert verdicts(*rows, check="sexes") == [(100, 59 + female, verdict)]


def test_a_missing_sex_is_compared_with_nothing() -> None:
    rows = figure(100), figure(41, sex="female"), figure(None, sex="male", flags="..")
    assert verdicts(*rows, check="sexes") == []


def test_the_sum_over_origins_is_compared_with_the_total_of_the_same_cell() -> None:
    rows = [figure(100), figure(60, origin="POL"), figure(30, origin="SRB"), figure(999, origin="POL", age_max=14)]
    assert verdicts(*rows, check="origins") == [(100, 90, "falls short")]


def test_one_origin_is_no_sum() -> None:
    assert verdicts(figure(100), figure(60, origin="POL"), check="origins") == []


@pytest.mark.parametrize(
    ("last", "flags", "verdict"),
    [
        (12_400, "", "agrees"),
        (12_600, "", "jump"),
        (7_900, "", "jump"),
        (12_600, "b", "break"),
        (10_000, "e b p", "break"),
        (12_600, "p; b", "jump"),
        (12_600, "B R", "jump"),
    ],
)
def test_a_change_of_a_quarter_a_year_is_a_jump_unless_a_break_is_flagged(
    last: float, flags: str, verdict: str
) -> None:
    rows = figure(10_000, reference_date="2019-07-01"), figure(last, flags=flags)
    assert verdicts(*rows, check="jump") == [(10_000, last, verdict)]


def test_over_five_years_a_stock_may_change_more() -> None:
    rows = figure(10_000, reference_date="2015-07-01"), figure(20_000)
    assert verdicts(*rows, check="jump") == [(10_000, 20_000, "agrees")]


def test_small_stocks_do_not_jump() -> None:
    assert verdicts(figure(10, reference_date="2019-07-01"), figure(900), check="jump") == [(10, 900, "agrees")]


def test_two_editions_of_a_data_set_are_compared_and_not_two_concepts() -> None:
    """The stock of Germany in 2020 by the editions 2020 and 2024 of UN DESA."""
    rows = [
        figure(15_762_457),
        figure(15_021_300, edition="2024"),
        figure(1, concept="citizenship", edition="2024"),
    ]
    assert verdicts(*rows, check="editions") == [(15_762_457, 15_021_300, "agrees")]
    rows[1] = figure(14_900_000, edition="2024")
    assert verdicts(*rows, check="editions") == [(15_762_457, 14_900_000, "differs")]


def test_two_providers_are_compared_in_their_newest_editions() -> None:
    rows = [
        figure(954_742, provider="eurostat", dataset="migr_pop3ctb", edition="2025"),
        figure(954_742, provider="oecd", dataset="DSD_MIG_F@DF_MIG_POPF", edition="2026"),
        figure(1, provider="oecd", dataset="DSD_MIG_F@DF_MIG_POPF", edition="2024"),
    ]
    assert verdicts(*rows, check="providers") == [(954_742, 954_742, "agrees")]


def test_where_says_both_sources_and_the_cell() -> None:
    rows = figure(10, age_min=15, age_max=64), figure(20, age_min=15, age_max=64, edition="2024")
    found = checked(pd.DataFrame(rows))
    said = "undesa ims 2020 birth | undesa ims 2024 birth: DEU from WLD, all, 15-64, 2020-07-01"
    assert said in found["where"].tolist()


def test_the_largest_disagreement_comes_first() -> None:
    rows = [
        figure(value, sex=sex, destination=destination)
        for destination, values in (("AUT", (100, 40, 60)), ("DEU", (100, 40, 50)), ("FRA", (900, 1, 1)))
        for sex, value in zip(("all", "female", "male"), values, strict=True)
    ]
    found = checked(pd.DataFrame(rows))
    assert found["difference"].tolist() == [-898.0, -10.0, 0.0]
    assert list(found.columns) == list(COLUMNS)


def test_nothing_to_compare_is_an_empty_table() -> None:
    found = checked(pd.DataFrame([figure(1)]))
    assert (len(found), list(found.columns), len(counts(found))) == (0, list(COLUMNS), 0)


@settings(max_examples=10)
@given(st.lists(st.integers(0, 10**7), min_size=2, max_size=6))
def test_figures_made_to_agree_raise_nothing(females: list[int]) -> None:
    rows = []
    for number, female in enumerate(females):
        origin = ("AUT", "BEL", "CHE", "DNK", "ESP", "FRA")[number]
        for sex, value in (("female", female), ("male", 2 * female), ("all", 3 * female)):
            rows.append(figure(value, sex=sex, origin=origin))
    for sex, times in (("female", 1), ("male", 2), ("all", 3)):
        rows.append(figure(times * sum(females), sex=sex))
    assert set(checked(pd.DataFrame(rows))["verdict"]) == {"agrees"}
