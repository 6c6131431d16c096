"""Small damages to real files are refused, or stay where they were done (benchmarks/reliability/damages.py)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from benchmarks.reliability import damages

if TYPE_CHECKING:
    from pathlib import Path

FEW = 50


@pytest.fixture(scope="module")
def samples(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, damages.Sample]:
    return damages.samples(shared, tmp_path_factory.mktemp("fuzz"))


def test_the_samples_hold_figures(samples: dict[str, damages.Sample]) -> None:
    for name, sample in samples.items():
        assert sum(len(table) for table in sample.tables.values()) >= 2, name


@pytest.mark.parametrize("name", damages.SAMPLES)
def test_damages_are_refused_or_stay_where_they_are(samples: dict[str, damages.Sample], name: str) -> None:
    outcomes = damages.fuzz(name, samples[name], FEW, seed=1)
    assert outcomes.faults == ()
    assert outcomes.counts.total() == FEW
    assert min(outcomes.counts["refused"], outcomes.counts["read"]) > FEW // 20


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")
def test_many_damages_are_refused_or_stay_where_they_are(samples: dict[str, damages.Sample]) -> None:
    outcomes = damages.many(samples)
    assert outcomes.faults == ()
    assert outcomes.counts.total() >= 100_000
    assert outcomes.counts["again"] < outcomes.counts.total() * 2 // 5


@pytest.mark.parametrize("name", ["tsv", "worldbank csv", "wpp text", "ages as columns", "undesa sheet"])
def test_a_shifted_column_would_be_noticed(samples: dict[str, damages.Sample], name: str) -> None:
    ((contract, table),) = samples[name].tables.items()
    shifted = table.assign(value=table["value"].shift(-1, fill_value=-1.0))
    assert not damages.is_local(samples[name], {contract: shifted})
