"""Back-tests of simulated registers: the method that is right wins, and intervals cover what they claim."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from smstock.evaluate.archive import Archive
from smstock.evaluate.backtest import backtest
from smstock.evaluate.comparison import compare
from smstock.evaluate.scores import interval_coverage
from smstock.models.baselines import CarryForward
from smstock.models.trend import DampedTrend, Trend
from smstock.tables import AUDIENCE, STOCK, check

pytestmark = pytest.mark.slow

YEARS = range(2006, 2019)
TARGETS = [f"{year}-01-01" for year in range(2010, 2019)]
SCORED = TARGETS[3:]


def register(*, growth: float, persistence: float, noise: float, seed: int = 1, count: int = 30) -> Archive:
    """Yearly stocks of 4 origins in each destination, whose growth is partly that of the year before, partly new."""
    rng = np.random.default_rng(seed)
    rows = []
    for destination in range(count):
        for origin in ("POL", "ROU", "ITA", "SRB"):
            level, rate = rng.uniform(6, 11), rng.normal(0, growth)
            for year in YEARS:
                rate = persistence * rate + rng.normal(0, noise)
                level += rate
                area = f"A{chr(65 + destination // 26)}{chr(65 + destination % 26)}"
                rows.append((area, origin, f"{year}-01-01", float(np.exp(level))))
    table = pd.DataFrame(rows, columns=["destination", "origin", "reference_date", "value"])
    fixed: dict[str, Any] = {"provider": "eurostat", "dataset": "d", "edition": "e", "concept": "birth", "sex": "all"}
    stock = check(table.assign(**fixed, age_min=0, age_max=None, flags="", retrieved_at=""), STOCK)
    return Archive(stock, check(pd.DataFrame(columns=AUDIENCE.names), AUDIENCE))


def estimates(evidence: Archive) -> pd.DataFrame:
    table = backtest(evidence, [CarryForward, Trend, DampedTrend], targets=TARGETS, months_after=6).table
    return table[table["target_date"].isin(SCORED)]


@pytest.fixture(scope="module")
def random_walk() -> pd.DataFrame:
    return estimates(register(growth=0.0, persistence=0.0, noise=0.1))


@pytest.fixture(scope="module")
def steady() -> pd.DataFrame:
    return estimates(register(growth=0.1, persistence=0.9, noise=0.03))


def skills(table: pd.DataFrame) -> dict[str, dict[str, float]]:
    found = compare(table, np.random.default_rng(1), draws=200).set_index("method")
    return {str(name): {str(column): float(of) for column, of in row.items()} for name, row in found.iterrows()}


def test_in_a_random_walk_nothing_beats_carrying_forward(random_walk: pd.DataFrame) -> None:
    found = skills(random_walk)
    assert found["trend"]["skill_upper"] < 0
    assert found["trend"]["skill"] == pytest.approx(1 - np.sqrt(2), abs=0.06)  # twice the variance
    assert abs(found["damped_trend"]["skill"]) < 0.03  # the damping that is learnt is none


def test_where_growth_persists_the_trend_wins(steady: pd.DataFrame) -> None:
    found = skills(steady)
    assert found["trend"]["skill_lower"] > 0.3
    assert found["damped_trend"]["skill"] >= found["trend"]["skill"] - 0.01


@pytest.mark.parametrize("world", ["random_walk", "steady"])
@pytest.mark.parametrize("method", ["carry_forward", "damped_trend"])
def test_intervals_cover_what_they_claim(world: str, method: str, request: pytest.FixtureRequest) -> None:
    table = request.getfixturevalue(world)
    cells = table[table["method"] == method]
    for level, slack in ((50, 6), (80, 5), (95, 3)):
        covered = interval_coverage(cells["stock"], cells[f"lower_{level}"], cells[f"upper_{level}"])
        assert covered == pytest.approx(level, abs=slack)
