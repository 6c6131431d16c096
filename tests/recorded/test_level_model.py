"""The level models on real corridors, destinations left out: the printed figures, and what floors add to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from benchmarks.accuracy import eu, us

from smstock.evaluate.crossvalidate import cross_validate
from smstock.evaluate.scores import interval_coverage, mdape, rmsle, wmape
from smstock.models.conformal import half_width
from smstock.models.hierarchical import Hierarchical, HierarchicalUpdate

if TYPE_CHECKING:
    from pathlib import Path


def held_out(corridors: pd.DataFrame, kind: type[Hierarchical]) -> pd.DataFrame:
    table = cross_validate(corridors, [kind], np.random.default_rng(1))
    return table[(table["method"] == kind.name) & (table["sex"] == "all")]


def figures(table: pd.DataFrame) -> list[float]:
    return [float(measure(table["stock"], table["estimate"])) for measure in (mdape, wmape, rmsle)]


def test_eu_without_an_official_figure(shared: Path) -> None:
    table = held_out(eu.eu(shared, census=False), Hierarchical)
    assert len(table) == 164
    assert figures(table) == pytest.approx([27.5, 23.6, 0.634], rel=0.02)
    assert 75 <= interval_coverage(table["stock"], table["lower_80"], table["upper_80"]) <= 85


def test_upper_ends_of_corridors_below_the_floor(shared: Path) -> None:
    """What the model says at the floor, with the half width of the corridors above it, is seldom too little."""
    table = eu.eu(shared, census=False).query("stock > 0").reset_index(drop=True)
    seen, at_floor = table["audience"].notna(), table.assign(audience=table["audience_upper"])
    predicted = pd.concat(
        [
            Hierarchical.fit(table[table["destination"] != name]).predict(at_floor[table["destination"] == name])
            for name in table["destination"].unique()
        ]
    ).reindex(table.index)
    errors = np.log((table["stock"] / predicted).to_numpy(dtype=float))
    upper = predicted * np.exp(half_width(errors[seen], 80))
    assert int((~seen).sum()) == 126
    assert (table["stock"] < upper)[~seen].mean() >= 0.9
    assert upper[~seen].median() < 1100


def test_eu_with_the_census(shared: Path) -> None:
    table = held_out(eu.eu(shared, census=True), HierarchicalUpdate)
    assert len(table) == 139
    assert figures(table) == pytest.approx([15.8, 13.9, 0.334], rel=0.02)
    assert 75 <= interval_coverage(table["stock"], table["lower_80"], table["upper_80"]) <= 88


@pytest.mark.slow
def test_states_of_the_usa(shared: Path) -> None:
    table = held_out(us.us_totals(us.us_cells(shared, 1)), Hierarchical)
    assert len(table) == 505
    assert figures(table) == pytest.approx([18.7, 11.9, 0.329], rel=0.02)
