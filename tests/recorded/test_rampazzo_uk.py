"""The published posteriors of Rampazzo et al. 2021, taken again without a sampler."""

from __future__ import annotations

import time
from itertools import product
from typing import TYPE_CHECKING

import numpy as np
import pytest
from benchmarks.accuracy import measurement as benchmark

from smstock.published import measurement
from smstock.published.measurement import Posterior, conflicts, fit
from smstock.published.measurement_uk import UK

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

MODELS = (1, 2)
MEDIAN, BOUND = 0.015, 0.04


@pytest.fixture(scope="module")
def folder(shared: Path) -> Path:
    return shared / "benchmarks" / "uk"


@pytest.fixture(scope="module")
def posteriors(folder: Path) -> dict[int, Posterior]:
    return {model: fit(benchmark.read_cells(folder, model), UK) for model in MODELS}


def assert_within(differences: pd.DataFrame) -> None:
    assert differences.notna().all(axis=None)
    sizes = differences.abs().max()
    assert sizes["median"] <= MEDIAN
    assert sizes["lower_95"] <= BOUND
    assert sizes["upper_95"] <= BOUND


@pytest.mark.parametrize(("model", "cells"), [(1, 40), (2, 80)])
def test_stocks(folder: Path, posteriors: dict[int, Posterior], model: int, cells: int) -> None:
    pairs = benchmark.stocks_beside(posteriors[model], benchmark.read_published(folder, model))
    assert len(pairs[0]) == cells
    assert_within(benchmark.relative(*pairs))


@pytest.mark.parametrize("model", MODELS)
def test_the_differences_go_both_ways(folder: Path, posteriors: dict[int, Posterior], model: int) -> None:
    """What is left is the sampling error of the published medians, not a bias."""
    pairs = benchmark.stocks_beside(posteriors[model], benchmark.read_published(folder, model))
    differences = benchmark.relative(*pairs)["median"]
    assert abs(differences.mean()) < 0.001
    assert differences.abs().median() < 0.002


@pytest.mark.parametrize("model", MODELS)
def test_stocks_of_both_sexes(folder: Path, posteriors: dict[int, Posterior], model: int) -> None:
    """Model 1 estimates them; of model 2 they are sums of two correlated stocks."""
    ours = posteriors[model].totals(["origin", "year"]).set_index(["origin", "year"])
    published = benchmark.read_sums(folder, model)
    assert len(published) == 40
    for column, limit in (("median", MEDIAN), ("lower_95", BOUND), ("upper_95", BOUND)):
        ratio = ours.loc[published.index, column] / published[column]
        assert ratio.notna().all()
        assert (ratio - 1).abs().max() <= limit


@pytest.mark.parametrize(("model", "count"), [(1, 90), (2, 172)])
def test_every_other_parameter(folder: Path, posteriors: dict[int, Posterior], model: int, count: int) -> None:
    """They are logarithms, so that a difference of 0.01 is a factor of 1 %."""
    pairs = benchmark.parameters_beside(posteriors[model], benchmark.read_published(folder, model))
    assert len(pairs[0]) == count
    assert_within(benchmark.absolute(*pairs))


@pytest.mark.parametrize(("year", "name"), [("2018", "undercount18"), ("2019", "undercount19")])
def test_undercount_of_the_survey(folder: Path, posteriors: dict[int, Posterior], year: str, name: str) -> None:
    """Its published medians are 24.7 % and 19.5 % of the survey's total."""
    import pandas as pd

    cells = benchmark.read_cells(folder, 1)
    counted = cells.loc[cells["year"] == year, "survey"].sum()
    total = posteriors[1].totals(["year"]).set_index("year").loc[year]
    published = pd.read_csv(folder / "published_summary_model1.csv", index_col=0).loc[name]
    for column, quantile in benchmark.COLUMNS.items():
        assert total[column] / counted == pytest.approx(1 + published[quantile], rel=0.01)


@pytest.mark.parametrize("model", MODELS)
def test_conflicts(posteriors: dict[int, Posterior], model: int) -> None:
    found = conflicts(posteriors[model]).set_index(["equation", "parameter"])
    assert set(found.index) == {
        ("audience", "precision"),
        ("audience", "definition"),
        ("audience", "bias"),
        ("migration", "precision"),
    }
    assert found.index[0] == ("audience", "precision")
    if model == 1:
        assert found.loc[("audience", "precision"), "median"] == pytest.approx(7, abs=0.5)
        assert found.loc[("audience", "bias"), "z"] == pytest.approx((-0.428 - 0.04) / 0.1, abs=0.05)


@pytest.mark.parametrize("model", MODELS)
def test_there_is_no_mass_away_from_the_lattice(folder: Path, posteriors: dict[int, Posterior], model: int) -> None:
    """Model 2 has a second mode, where the survey is the poor source; it lies 170 below the first."""
    equations = measurement._equations(benchmark.read_cells(folder, model), UK)
    table = posteriors[model].parameters
    ours = np.log(table.loc[table["parameter"] == "precision", "median"].to_numpy(dtype=float))
    axis = np.arange(np.log(0.3), np.log(1000), 0.45)
    points = np.vstack([ours, list(product(axis, repeat=3))])
    heights = measurement._condition(equations, points).log_likelihood + (100 * points - np.exp(points)).sum(axis=1)
    assert heights.argmax() == 0
    near = np.abs(points - ours).max(axis=1) < 1
    assert heights[~near].max() < heights[0] - 12


@pytest.mark.parametrize("model", MODELS)
def test_the_poisson_noise_is_negligible(folder: Path, posteriors: dict[int, Posterior], model: int) -> None:
    assert benchmark.without_poisson(benchmark.read_cells(folder, model), posteriors[model]) < 0.003


def test_a_thousandth_of_the_cpu_time_of_jags(folder: Path) -> None:
    cells = benchmark.read_cells(folder, 1)
    seconds = []
    for _ in range(5):
        start = time.process_time()
        fit(cells, UK)
        seconds.append(time.process_time() - start)
    assert min(seconds) < benchmark.JAGS_SECONDS / 1000
