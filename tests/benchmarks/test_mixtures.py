"""Mixtures of providers: another entry at the end of an order leaves every figure where it was."""

from __future__ import annotations

import pytest
from benchmarks.bars.mixtures import mixtures


def test_a_less_trusted_provider_changes_no_figure_in_100_mixtures() -> None:
    assert mixtures(100, seed=2) == 0


@pytest.mark.slow
def test_a_less_trusted_provider_changes_no_figure_in_1000_mixtures() -> None:
    assert mixtures(1_000) == 0
