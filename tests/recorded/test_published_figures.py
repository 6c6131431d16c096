"""The methods give the figures that were computed independently on the same cells (benchmarks of the EU and the world)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from benchmarks import accuracy

from smstock.evaluate.crossvalidate import cross_validate
from smstock.evaluate.scores import score
from smstock.models.baselines import CarryForward, RawAudience
from smstock.models.loglinear import LogRatio

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from smstock.models.base import Method


def scores(corridors: pd.DataFrame, method: type[Method]) -> tuple[float, ...]:
    """Cells, MdAPE, wMAPE, RMSLE and total bias, rounded as they were printed."""
    held_out = cross_validate(corridors, [method], np.random.default_rng(1))
    table = score(held_out[held_out["sex"] == "all"], levels=())
    (found,) = table[table["method"] == method.name].to_dict("records")
    digits = {"cells": 0, "mdape": 1, "wmape": 1, "rmsle": 3, "total_bias": 1}
    return tuple(round(float(found[name]), places) for name, places in digits.items())


def test_eu_without_an_official_figure(shared: Path) -> None:
    assert scores(accuracy.eu(shared / "benchmarks", census=False), RawAudience) == (164, 30.4, 27.5, 0.881, -11.8)


@pytest.mark.parametrize(
    ("method", "figures"), [(CarryForward, (134, 24.8, 19.9, 0.540, -15.3)), (LogRatio, (134, 21.6, 14.0, 0.392, -0.8))]
)
def test_eu_with_the_census_of_2011(shared: Path, method: type[Method], figures: tuple[float, ...]) -> None:
    assert scores(accuracy.eu(shared / "benchmarks", census=True), method) == figures


def test_world_without_an_official_figure(shared: Path) -> None:
    cells, mdape, _, rmsle, _ = scores(accuracy.world(shared), RawAudience)
    assert (cells, mdape, rmsle) == (1300, 62.4, 1.268)
