"""The accuracy benchmark prints the same whoever computes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from benchmarks.accuracy import accuracy
from joblib import Parallel, delayed

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.slow
def test_a_task_prints_the_same_in_this_process_and_in_others(shared: Path) -> None:
    here = accuracy.printed("B1", shared)
    assert "within the 80 % interval" in here
    assert Parallel(n_jobs=2)([delayed(accuracy.printed)("B1", shared)] * 2) == [here, here]
