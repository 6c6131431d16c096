"""European registers as a nowcast continues them: what its intervals hold, learnt from earlier dates only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from benchmarks.accuracy import eu, registers

from smstock.evaluate.scores import rmsle, wmape
from smstock.models.conformal import band
from smstock.vocabulary.sizes import BANDS

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def table(shared: Path) -> pd.DataFrame:
    return registers.continuations(eu.evidence(shared), aheads=(1,))


def test_intervals_of_registers_hold_what_they_say_a_year_after_the_last_figure(table: pd.DataFrame) -> None:
    assert table["reference_date"].nunique() == 5
    assert len(table) == 1765
    assert 50 <= registers.coverage(table, 50) <= 60
    assert 78 <= registers.coverage(table, 80) <= 88
    assert 93 <= registers.coverage(table, 95) <= 98


def test_intervals_hold_in_each_year_and_size_band(table: pd.DataFrame) -> None:
    sizes = band(table["median"].to_numpy(dtype=float))
    by_size = [registers.coverage(table[sizes == name], 80) for name in BANDS]
    by_year = [registers.coverage(of_year, 80) for _, of_year in table.groupby("reference_date")]
    assert all(75 <= held <= 94 for held in by_size)
    assert all(75 <= held <= 92 for held in by_year)


def test_no_vintage_errs_more_than_carrying_forward(table: pd.DataFrame) -> None:
    rows = registers.vintages(table)
    assert rows["year"].tolist() == ["2014", "2015", "2016", "2017", "2018", "all"]
    assert (rows["rmsle"] < 1.02 * rows["carried_rmsle"]).all()
    assert rows["why"].str.startswith("RMSLE ").all()
    # what the table says is what its scores are of cells
    assert rows["rmsle"].iloc[-1] == pytest.approx(rmsle(table["stock"], table["median"]))
    assert rows[[f"cells {name}" for name in BANDS]].sum(axis=1).tolist() == rows["cells"].tolist()


def test_registers_are_continued_better_than_by_their_last_figure_in_every_year(table: pd.DataFrame) -> None:
    for _, rows in table.groupby("reference_date"):
        assert wmape(rows["stock"], rows["median"]) < 0.6 * wmape(rows["stock"], rows["last"])
