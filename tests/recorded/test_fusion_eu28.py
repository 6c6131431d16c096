"""The model over time on the European corridors: the figures of the documentation, and never worse than carrying forward."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from benchmarks.accuracy import eu, fusion

from smstock.compute import Compute
from smstock.evaluate.backtest import backtest
from smstock.evaluate.scores import mdape, rmsle, wmape
from smstock.models.fusion.fit import fit
from smstock.models.fusion.forecast import stocks_at
from smstock.models.fusion.method import Fusion, long_tables
from smstock.models.fusion.panel import panel
from smstock.models.hierarchical import HierarchicalUpdate

if TYPE_CHECKING:
    from pathlib import Path

    from smstock.evaluate.archive import Archive

pytestmark = pytest.mark.slow

COUNTS = ("value", "lower", "upper")


@pytest.fixture(scope="module")
def known(shared: Path) -> Archive:
    return eu.evidence(shared)


@pytest.fixture(scope="module")
def estimates(known: Archive) -> dict[int, list[pd.DataFrame]]:
    """Estimates of each target year from Eurostat alone, by years ahead."""
    figures, answers = long_tables(known.official, known.audiences)
    register, nothing = figures[figures["source"] == "eurostat"], answers.iloc[:0]
    return {years: [fusion.scored(register, nothing, year, years) for year in fusion.YEARS] for years in (1, 2)}


@pytest.mark.parametrize(
    ("years", "bars"), [(1, (2.0, 1.2, 0.135)), (2, (4.2, 2.1, 0.28))], ids=["one year ahead", "two years ahead"]
)
def test_errors_of_2018_stay_below_what_was_measured(
    estimates: dict[int, list[pd.DataFrame]], years: int, bars: tuple[float, float, float]
) -> None:
    table = estimates[years][-1]
    stock = table["stock"]
    assert len(table) == 312
    assert mdape(stock, table["median"]) < bars[0]
    assert wmape(stock, table["median"]) < bars[1]
    assert rmsle(stock, table["median"]) < bars[2]


@pytest.mark.parametrize("years", [1, 2])
def test_weighted_error_lies_below_carry_forward_in_every_year(
    estimates: dict[int, list[pd.DataFrame]], years: int
) -> None:
    tables = estimates[years]
    assert fusion.worse(tables) == "wMAPE above carry forward: in no year"
    swapped = tables[-1].rename(columns={"median": "last", "last": "median"})
    assert fusion.worse([*tables, swapped]) == "wMAPE above carry forward: 2018-01-01"


def test_not_one_bit_depends_on_workers_and_their_kind(known: Archive) -> None:
    tables = []
    methods = [Fusion, HierarchicalUpdate]
    for compute in (Compute(), Compute(2), Compute(2, "threading")):
        tested = backtest(known, methods, targets=["2018-01-01"], months_after=6, compute=compute)
        tables.append(tested.table)
    assert len(tables[0]) == 312 + 161
    for table in tables[1:]:
        pd.testing.assert_frame_equal(table, tables[0], check_exact=True)


def test_an_audience_that_doubles_in_the_last_wave_hardly_moves_its_corridor(known: Archive) -> None:
    """So a shock that is scaled onto such an estimate is not counted twice."""
    figures, answers = long_tables(known.official, known.audiences[known.audiences["wave"] <= "2018-12"])
    register, date = figures[figures["source"] == "eurostat"], str(answers["date"].max())
    made = panel(register, answers, dates=[date])
    places, last = answers["destination"] + " " + answers["origin"], answers["date"] == date
    both = set(places[last]) & set(places[~last]) & {" ".join(ends) for ends in made.corridors}
    seen = sorted(both)[::9]
    jumped = places.isin(seen) & last
    doubled = answers.assign(**{name: answers[name].where(~jumped, 2 * answers[name]) for name in COUNTS})
    fitted = fit(made)
    before, after = (stocks_at(each, fitted, date) for each in (made, panel(register, doubled, dates=[date])))
    moved = np.log((after["median"] / before["median"]).to_numpy(dtype=float)) / np.log(2)
    elasticity = moved[(before["destination"] + " " + before["origin"]).isin(seen)]
    assert len(elasticity) >= 20
    assert abs(np.median(elasticity)) < 0.01
    assert elasticity.max() < 0.1
