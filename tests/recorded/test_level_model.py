"""The level models on real corridors, destinations left out: the printed figures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from benchmarks import accuracy_eu, accuracy_us

from smstock.evaluate.crossvalidate import cross_validate
from smstock.evaluate.scores import interval_coverage, mdape, rmsle, wmape
from smstock.models.hierarchical import Hierarchical, HierarchicalUpdate

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd


def held_out(corridors: pd.DataFrame, kind: type[Hierarchical]) -> pd.DataFrame:
    table = cross_validate(corridors, [kind], np.random.default_rng(1))
    return table[(table["method"] == kind.name) & (table["sex"] == "all")]


def figures(table: pd.DataFrame) -> list[float]:
    return [float(measure(table["stock"], table["estimate"])) for measure in (mdape, wmape, rmsle)]


def test_eu_without_an_official_figure(shared: Path) -> None:
    table = held_out(accuracy_eu.eu(shared, census=False), Hierarchical)
    assert len(table) == 164
    assert figures(table) == pytest.approx([26.2, 26.7, 0.632], rel=0.02)
    assert 75 <= interval_coverage(table["stock"], table["lower_80"], table["upper_80"]) <= 85


def test_eu_with_the_census(shared: Path) -> None:
    table = held_out(accuracy_eu.eu(shared, census=True), HierarchicalUpdate)
    assert len(table) == 134
    assert figures(table) == pytest.approx([16.0, 14.6, 0.349], rel=0.02)
    assert 75 <= interval_coverage(table["stock"], table["lower_80"], table["upper_80"]) <= 85


@pytest.mark.slow
def test_states_of_the_usa(shared: Path) -> None:
    table = held_out(accuracy_us.us_totals(accuracy_us.us_cells(shared, 1)), Hierarchical)
    assert len(table) == 516
    assert figures(table) == pytest.approx([19.7, 12.3, 0.355], rel=0.02)
