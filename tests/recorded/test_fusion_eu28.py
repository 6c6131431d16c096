"""The model over time on the European corridors: the figures of the documentation, and never worse than carrying forward."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest
from benchmarks import accuracy_eu, fusion
from joblib import parallel_config

from smstock.evaluate.backtest import backtest
from smstock.evaluate.scores import interval_coverage, mdape, rmsle, wmape
from smstock.models.fusion.method import Fusion, long_tables
from smstock.models.hierarchical import HierarchicalUpdate

if TYPE_CHECKING:
    from pathlib import Path


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


@pytest.mark.slow
def test_not_one_bit_depends_on_workers_and_their_kind(shared: Path) -> None:
    known = accuracy_eu.evidence(shared)
    tables = []
    for backend, jobs in (("loky", 1), ("loky", 2), ("threading", 2)):
        with parallel_config(backend=backend):
            tested = backtest(known, [Fusion, HierarchicalUpdate], targets=["2018-01-01"], months_after=6, jobs=jobs)
        tables.append(tested.table)
    assert len(tables[0]) == 312 + 161
    for table in tables[1:]:
        pd.testing.assert_frame_equal(table, tables[0], check_exact=True)
