"""Yildiz et al. 2024 on the European stocks of 2018, held out: beside the published posterior, and without audiences."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from benchmarks.accuracy import yildiz as benchmark

from smstock.evaluate.scores import mdape, rmsle, wmape
from smstock.published import yildiz

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def truth(shared: Path) -> pd.Series:
    figures = benchmark.stocks(shared, "eurostat_birth_15_64.csv")
    stock: pd.Series = figures[figures["year"] == benchmark.HELD_OUT].set_index("corridor")["stock"]
    return stock


@pytest.fixture(scope="module")
def said(shared: Path) -> dict[str, pd.DataFrame]:
    prepared = benchmark.preparations(shared)
    return {
        name: benchmark.of_year(yildiz.fit(*prepared[name], years=benchmark.YEARS), benchmark.HELD_OUT)
        for name in ("as published", "no audience (S9)")
    }


def test_the_published_preparation_errs_as_much_as_the_published_posterior(
    shared: Path, truth: pd.Series, said: dict[str, pd.DataFrame]
) -> None:
    ours = said["as published"].loc[truth.index, "median"]
    theirs = benchmark.published(shared).loc[truth.index, "median"]
    assert mdape(truth, ours) == pytest.approx(mdape(truth, theirs), abs=4)
    assert wmape(truth, ours) == pytest.approx(wmape(truth, theirs), abs=4)
    apart = np.abs(np.log((ours / theirs)[truth >= 1000].to_numpy(dtype=float)))
    assert np.median(apart) < 0.25


def test_without_the_audience_the_model_is_better(truth: pd.Series, said: dict[str, pd.DataFrame]) -> None:
    without, published = (said[name].loc[truth.index, "median"] for name in ("no audience (S9)", "as published"))
    assert mdape(truth, without) < mdape(truth, published) / 2
    assert rmsle(truth, without) < rmsle(truth, published) / 2
