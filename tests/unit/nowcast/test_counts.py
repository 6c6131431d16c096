"""Estimates beside accounts, emigrants and immigrants: what a calibration on wrong figures cannot hide."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from smstock.nowcast.counts import doubts

DESTINATIONS = ("AUT", "BEL", "CHE", "DEU", "FRA", "ITA")
EMIGRANTS = 800_000.0


def table(
    persons: float, accounts: float | None, *, upper: float | None = None, official: float | None = 1.0
) -> pd.DataFrame:
    """Return Serbians in six countries, as many in each."""
    row: dict[str, Any] = {"origin": "SRB", "sex": "all", "median": persons, "audience": accounts}
    ends = {"audience_upper": accounts if upper is None else upper, "official_last": official}
    return pd.DataFrame([row | ends | {"destination": name} for name in DESTINATIONS])


def said(rows: pd.DataFrame) -> set[str]:
    ends = pd.DataFrame({"emigrants": EMIGRANTS, "immigrants": 5e6}, index=rows.index)
    return set(doubts(rows, ends))


def test_figures_as_real_ones_are_raise_no_doubt() -> None:
    assert said(table(100_000, 50_000)) == {""}
    assert said(table(5_000, 14_900)) == {""}
    assert said(table(5_000, None, upper=1_000)) == {""}


def test_a_file_in_thousands_is_seen_by_its_accounts() -> None:
    (text,) = said(table(100, 50_000))
    assert text.startswith(
        "50,000 accounts are more than 50 times the persons and over all 6 corridors 300,000 accounts"
    )
    (text,) = said(table(5_000, 25_000))
    assert text == "over all 6 corridors 150,000 accounts for 30,000 persons"


def test_five_corridors_make_a_wave() -> None:
    assert said(table(5_000, 25_000).head(4)) == {""}


def test_a_file_ten_times_too_large_is_seen_by_all_emigrants() -> None:
    (text,) = said(table(500_000, 25_000))
    assert text == "the corridors of the origin add up to 3.8 times all emigrants of the origin in 2015 (800,000)"
    assert said(table(500_000, 60_000)) == {""}, "accounts bear it out: people left since"
    (alone,) = said(table(900_000, 9_500).head(1))
    assert alone == "1.1 times all emigrants of the origin in 2015 (800,000)"


@pytest.mark.parametrize(
    ("accounts", "upper", "words"), [(900, None, "900 accounts"), (None, 1_000, "fewer than 1,000")]
)
def test_a_hundred_thousand_persons_with_hardly_an_account_are_doubtful(
    accounts: float | None, upper: float | None, words: str
) -> None:
    (text,) = said(table(120_000, accounts, upper=upper).head(1))
    assert text.startswith(words)
    assert text.endswith("for more than 100 times as many persons")


def test_what_has_no_official_figure_is_not_doubted_but_indicative() -> None:
    assert said(table(100, 50_000, official=None)) == {""}
