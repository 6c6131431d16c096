"""European registers as a nowcast continues them: what its intervals hold, learnt from earlier dates only."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from benchmarks.accuracy import eu, registers

from smstock.evaluate.scores import wmape
from smstock.models.conformal import BANDS, band

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def table(shared: Path) -> pd.DataFrame:
    return registers.continuations(eu.evidence(shared))


def test_intervals_of_registers_hold_what_they_say_a_year_after_the_last_figure(table: pd.DataFrame) -> None:
    rows = table[table["ahead"] == 1]
    assert rows["reference_date"].nunique() == 5
    assert len(rows) == 1631
    assert 50 <= registers.coverage(rows, 50) <= 60
    assert 78 <= registers.coverage(rows, 80) <= 88
    assert 93 <= registers.coverage(rows, 95) <= 98


def test_no_year_and_no_size_is_left_out_of_the_intervals(table: pd.DataFrame) -> None:
    rows = table[table["ahead"] == 1]
    sizes = band(rows["median"].to_numpy(dtype=float))
    by_size = [registers.coverage(rows[sizes == name], 80) for name in BANDS]
    by_year = [registers.coverage(of_year, 80) for _, of_year in rows.groupby("reference_date")]
    assert all(77 <= held <= 95 for held in by_size)
    assert all(75 <= held <= 92 for held in by_year)


def test_intervals_two_years_after_the_last_figure_are_rather_too_wide(table: pd.DataFrame) -> None:
    rows = table[table["ahead"] == 2]
    assert rows["reference_date"].nunique() == 3
    assert 80 <= registers.coverage(rows, 80) <= 92


@pytest.mark.parametrize("ahead", registers.AHEAD)
def test_registers_are_never_continued_worse_than_by_their_last_figure(table: pd.DataFrame, ahead: int) -> None:
    for _, rows in table[table["ahead"] == ahead].groupby("reference_date"):
        assert wmape(rows["stock"], rows["median"]) <= wmape(rows["stock"], rows["last"]) + 1e-9
