"""The model over time on the European corridors: the figures of the documentation, and never worse than carrying forward."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from benchmarks import accuracy_eu, fusion

from smstock.evaluate.scores import interval_coverage, mdape, rmsle, wmape
from smstock.models.fusion.method import long_tables

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd


@pytest.fixture(scope="module")
def figures(shared: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    known = accuracy_eu.evidence(shared)
    return long_tables(known.official, known.audiences)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("years", "bars"), [(1, (2.0, 1.2, 0.135)), (2, (4.2, 2.1, 0.28))], ids=["one year ahead", "two years ahead"]
)
def test_errors_of_2018_stay_below_what_was_measured(
    figures: tuple[pd.DataFrame, pd.DataFrame], years: int, bars: tuple[float, float, float]
) -> None:
    register = figures[0][figures[0]["source"] == "eurostat"]
    table = fusion.scored(register, figures[1].iloc[:0], 2018, years)
    stock = table["stock"]
    assert len(table) == 312
    assert mdape(stock, table["median"]) < bars[0]
    assert wmape(stock, table["median"]) < bars[1]
    assert rmsle(stock, table["median"]) < bars[2]
    assert wmape(stock, table["median"]) < wmape(stock, table["last"])
    assert 75 < interval_coverage(stock, table["lower_80"], table["upper_80"]) < 95
