"""What each group of a divided estimate rests on, by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from tests.unit.nowcast.test_detail import CELLS, SHARES, groups, kept, total

from smstock.nowcast.detail import detail
from smstock.nowcast.division import Division, division
from smstock.report.divisions import lines_of

if TYPE_CHECKING:
    import pandas as pd

OFFICIAL = [10.0, 20.0, 30.0, 40.0]


def made(cells: pd.DataFrame, by: tuple[str, ...] = ("sex", "age"), origin: str = "SRB") -> Division:
    parts = detail(total("SRB", {"all": 1000.0}), cells, kept(), by, count=100)
    return division("AUT", origin, detail=parts, groups=cells, learnt=kept())


def with_numbers(cells: pd.DataFrame) -> pd.DataFrame:
    """Give groups official figures, residents, and users who are half of the women and a quarter of the men."""
    rates = {"female": 0.5, "male": 0.25}
    users = [1e6 * rates[sex] for sex in cells["sex"]]
    return cells.assign(population=1e6, users=users, official=OFFICIAL * (len(cells) // len(CELLS)))


def test_shares_of_official_figures_audience_and_users_by_hand() -> None:
    parts = made(with_numbers(groups("SRB", official=1.0)))
    of_group = parts.groups
    assert (parts.method, parts.official_basis, parts.official_date) == ("official_shares", "corridor", "2019-01-01")
    assert parts.official_persons == sum(OFFICIAL)
    assert of_group["official_share"].tolist() == pytest.approx([0.1, 0.2, 0.3, 0.4])
    assert of_group["share"].tolist() == pytest.approx([0.1, 0.2, 0.3, 0.4])
    assert of_group["usual"].tolist() == pytest.approx(list(SHARES))
    accounts = np.array([2000.0, 2001.0, 2002.0, 2003.0])
    assert of_group["audience"].tolist() == accounts.tolist()
    assert of_group["audience_share"].tolist() == pytest.approx((accounts / accounts.sum()).tolist())
    corrected = accounts / [0.5, 0.5, 0.25, 0.25]
    assert of_group["corrected_share"].tolist() == pytest.approx((corrected / corrected.sum()).tolist())


def test_by_age_alone_women_and_men_are_added() -> None:
    of_group = made(with_numbers(groups("SRB", official=1.0)), by=("age",)).groups
    assert of_group["sex"].tolist() == ["all", "all"]
    assert of_group["official"].tolist() == [40.0, 60.0]
    assert (of_group["users"] / of_group["population"]).tolist() == [0.375, 0.375]
    assert of_group["audience"].tolist() == [4002.0, 4004.0]


def test_a_group_below_the_floor_has_no_accounts_and_a_share_in_brackets() -> None:
    cells = with_numbers(groups("SRB", "HRV", floored=[1]))
    parts = made(cells)
    assert parts.groups["audience"].isna().tolist() == [False, True, False, False]
    assert parts.groups["audience_share"].sum() == pytest.approx(1)
    lines = [line for line in lines_of(parts) if line.startswith(("women", "men"))]
    assert ["[" in line for line in lines[:4]] == [False, True, False, False]


def test_a_corridor_without_an_estimate_is_not_divided() -> None:
    parts = made(with_numbers(groups("SRB", "HRV")), origin="HRV")
    assert parts.groups.empty
    assert lines_of(parts) == ["not divided: only a total with an estimate has parts"]
    assert parts.by == "groups"  # nothing says whether sex and age or education was asked
