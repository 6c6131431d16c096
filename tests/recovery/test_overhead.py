"""The pieces of ``python -m benchmarks overhead``, at a size that takes seconds, and the list of benchmarks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest
from benchmarks.accuracy import synthetic
from benchmarks.speed import overhead

from benchmarks import __main__ as benchmarks
from smstock.query.lattice import count

if TYPE_CHECKING:
    from pathlib import Path


def test_the_largest_query_has_as_many_cells_as_the_largest_public_collection() -> None:
    assert count(synthetic.query(*overhead.LARGEST)) == 231 * 66_240 == 15_301_440


def test_every_cell_of_a_synthetic_wave_is_asked_and_observed(tmp_path: Path) -> None:
    asked, written = overhead.collected(synthetic.query(1, 3), tmp_path, synthetic.Synthetic())
    assert asked.counted == written.counted == 2 * 720
    table = pd.read_parquet(next(tmp_path.rglob("*.audience.parquet")))
    assert set(table["status"]) == {"observed"}
    assert table["value"].nunique() > 100


def test_cells_at_the_floor_save_their_parts(tmp_path: Path) -> None:
    asked, _ = overhead.collected(synthetic.query(1, 3), tmp_path, synthetic.Synthetic(above_floor=0.5))
    assert 2 <= asked.counted < 300


def test_a_plan_predicts_from_a_written_wave(tmp_path: Path) -> None:
    earlier = tmp_path / "2026-10" / "synthetic.audience.parquet"
    earlier.parent.mkdir()
    synthetic.write_wave(synthetic.query(2, 30), earlier)
    cost, calls = overhead.plan(2, 30, earlier)
    assert cost.counted == 2 * 29 * 720
    assert 2 * 29 < calls < cost.counted / 5
    assert overhead.plan(2, 30, None)[1] == cost.counted


@pytest.mark.slow
def test_memory_does_not_grow_with_the_cells() -> None:
    few, _ = overhead.apart(overhead.collect_at_once, 1, 3)
    many, _ = overhead.apart(overhead.collect_at_once, 1, 29)
    assert many.counted == 14 * few.counted
    assert many.mebibytes < few.mebibytes + 8


def test_the_benchmarks_are_listed_by_name(capsys: pytest.CaptureFixture[str]) -> None:
    assert benchmarks.main([]) == 0
    listed = [line.split()[0] for line in capsys.readouterr().out.splitlines()[2:]]
    assert {"fuzz", "overhead", "pace", "prune", "reliability"} <= set(listed)
    assert not {"collector", "scenario", "synthetic"} & set(listed)
    assert benchmarks.main(["relaibility"]) == 2
