"""The filter beside an exact oracle: the joint normal distribution of everything that was ever measured of a corridor."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from scipy.linalg import expm
from scipy.stats import multivariate_normal

from smstock.models.fusion import filter as filtering
from smstock.models.fusion.filter import run
from smstock.models.fusion.noise import noise
from smstock.models.fusion.panel import panel
from smstock.models.fusion.parameters import Point, declared, learnt_scale, point
from smstock.models.fusion.shared import Shared

if TYPE_CHECKING:
    from collections.abc import Callable

    from smstock.models.fusion.panel import Panel

NEVER = {"jump_share": 1e-14, "bend_share": 1e-14}


def parameters(of: Panel, **changed: float) -> Point:
    named = declared(of.sources, of.metrics)
    values = dict(point(named, learnt_scale(named)[0]).values)
    for name, value in changed.items():
        values[name.replace("__", ":")] = np.array([[value]])
    return Point(values)


def four_sources() -> Panel:
    official = pd.DataFrame(
        [
            ("AUT", "SRB", "2010-01-01", 1000.0, "register"),
            ("AUT", "SRB", "2011-05-21", 950.0, "census"),
            ("AUT", "SRB", "2012-01-01", 1120.0, "register"),
            ("AUT", "SRB", "2015-01-01", 1150.0, "register"),
            ("AUT", "SRB", "2016-07-01", 1400.0, "survey"),
        ],
        columns=["destination", "origin", "reference_date", "value", "source"],
    )
    audiences = pd.DataFrame(
        [
            ("2014-06-15", "mau", 500.0),
            ("2015-06-15", "mau", 540.0),
            ("2016-06-15", "mau", 610.0),
            ("2016-06-15", "dau", 300.0),
            ("2017-01-15", "dau", 330.0),
        ],
        columns=["date", "metric", "value"],
    ).assign(destination="AUT", origin="SRB")
    return panel(official, audiences, main="register", dates=["2018-01-01"])


def disturbance(kappa: float, level: float, drift: float, years: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the move of (level, drift) and the covariance of its disturbance, by Van Loan's matrix exponential."""
    rates = np.array([[0.0, 1.0], [0.0, -kappa]])
    spread = np.diag([level, drift])
    both = expm(np.block([[-rates, spread], [np.zeros((2, 2)), rates.T]]) * years)
    moves = both[2:, 2:].T
    return moves, moves @ both[:2, 2:]


def oracle(made: Panel, at: Point) -> tuple[float, float, float]:
    """Return mean and variance of the last level, and the log likelihood, by one dense normal distribution.

    Everything is written as a row over independent normal variables: the errors of first measurements, the first drift
    and every disturbance. The measurements left are then one multivariate normal observation of these.
    """
    noises = noise(made, at)
    kappa, mean = -np.log(at["damping"][0, 0]), noises.mean.ravel()[0]
    error, first = noises.error.ravel()[0], made.measurements[0]
    variances = [error, at["start"][0, 0] ** 2 + noises.drift.ravel()[0]]
    state = np.zeros((2, 1 + 2))  # a column for the constant, then one a variable
    state[0, 0], state[0, 1], state[1, 0], state[1, 2] = first.log[0], 1.0, mean, 1.0
    walks: dict[str, np.ndarray] = {}
    rows, errors, logs = [], [], []

    def grown(row: np.ndarray) -> np.ndarray:
        return np.pad(row, (0, 1 + len(variances) - len(row)))

    years = made.years
    for place in range(len(years)):
        if gap := years[place] - years[place - 1] if place else 0.0:
            moves, covariance = disturbance(kappa, noises.level.ravel()[0], noises.drift.ravel()[0], gap)
            root = np.linalg.cholesky(covariance)
            shift = moves @ [0.0, -mean] + [gap * mean, mean]  # the drift around its mean moves freely
            variances += [1.0, 1.0]
            state = moves @ np.array([grown(row) for row in state])
            state[:, 0] += shift
            state[:, -2:] += root
            for metric, walk in walks.items():
                variances.append(at[f"wander:{metric}"][0, 0] ** 2 * gap)
                walks[metric] = grown(walk)
                walks[metric][-1] = 1.0
        for each in made.measurements:
            if each.date != place or each is first:
                continue
            row = grown(state[0])
            spread = error
            if each.kind == "source":
                row[0] += at[f"offset:{each.name}"][0, 0]
                spread += (
                    at[f"spread:{each.name}"][0, 0] ** 2 + at[f"spread_small:{each.name}"][0, 0] ** 2 / made.size[0]
                )
            if each.kind == "audience":
                row, spread = at[f"elasticity:{each.name}"][0, 0] * row, at[f"flicker:{each.name}"][0, 0] ** 2
                if each.name not in walks:
                    variances.append(spread)
                    walks[each.name] = grown(-row)
                    walks[each.name][0] += each.log[0]
                    walks[each.name][-1] = 1.0
                    continue
                row = row + grown(walks[each.name])
            rows.append(row)
            errors.append(spread)
            logs.append(each.log[0])
    load = np.array([grown(row) for row in rows])
    prior = np.diag(variances)
    last = grown(state[0])
    covariance = load[:, 1:] @ prior @ load[:, 1:].T + np.diag(errors)
    surprise = np.array(logs) - load[:, 0]
    gain = last[1:] @ prior @ load[:, 1:].T @ np.linalg.inv(covariance)
    variance = last[1:] @ prior @ last[1:] - gain @ load[:, 1:] @ prior @ last[1:]
    density = multivariate_normal(np.zeros(len(surprise)), covariance).logpdf(surprise)
    return float(last[0] + gain @ surprise), float(variance), float(density)


def test_the_filter_is_the_dense_normal_distribution(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filtering, "ODD", 1e-14)
    made = four_sources()
    at = parameters(made, **NEVER, offset__census=0.05, turn=0.03)
    passed = run(made, at, shared={})
    mean, variance, likelihood = oracle(made, at)
    assert passed.last.means[0][0, 0] == pytest.approx(mean, abs=1e-8)
    assert passed.last.covariances[0][0][0, 0] == pytest.approx(variance, rel=1e-8)
    assert passed.log_likelihood[0] == pytest.approx(likelihood, abs=1e-8)


def test_a_date_without_measurement_changes_nothing() -> None:
    official = pd.DataFrame(
        {"destination": "AUT", "origin": "SRB", "reference_date": ["2010-01-01", "2012-01-01"], "value": [100.0, 130.0]}
    ).assign(source="register")
    plain, fine = (panel(official, dates=["2014-01-01", *more]) for more in ([], ["2011-01-01", "2013-05-05"]))
    one, two = (run(made, parameters(made)).last for made in (plain, fine))
    np.testing.assert_allclose(one.means, two.means)
    np.testing.assert_allclose(one.covariances, two.covariances)


def test_points_side_by_side_are_runs_one_by_one(series: Callable[..., pd.DataFrame]) -> None:
    made = panel(series(1, years=4))
    named = declared()
    rows = np.array([learnt_scale(named)[0], learnt_scale(named)[0] + 0.3])
    together = run(made, point(named, rows))
    for place, row in enumerate(rows):
        alone = run(made, point(named, row))
        assert together.log_likelihood[place] == pytest.approx(alone.log_likelihood[0])
        np.testing.assert_allclose(together.last.means[0][place], alone.last.means[0][0])


def test_a_step_of_a_whole_destination_is_a_step_and_no_drift(series: Callable[..., pd.DataFrame]) -> None:
    figures = series(3)
    redefined = (figures["destination"] == "BEL") & (figures["reference_date"] >= "2015-01-01")
    made = panel(figures.assign(value=figures["value"].where(~redefined, 2 * figures["value"])), dates=["2018-01-01"])
    plain = panel(figures, dates=["2018-01-01"])
    at = parameters(made)
    found = run(made, at)
    place = made.destinations.index("BEL")
    assert found.shared["2015-01-01"].step[0, place] == pytest.approx(np.log(2), abs=0.05)
    belgian = made.destination == place
    np.testing.assert_allclose(
        found.last.means[0][0, belgian], run(plain, at).last.means[0][0, belgian] + np.log(2), atol=0.1
    )


def test_shared_parts_of_another_panel_stand_in_for_its_corridors(series: Callable[..., pd.DataFrame]) -> None:
    figures = series(5)
    made = panel(figures)
    at = parameters(made)
    whole = run(made, at)
    some = figures[figures["destination"].isin(["BEL", "FIN"]) & (figures["origin"] != "ITA")]
    part = panel(some, destinations=made.destinations, origins=made.origins)
    alone = run(part, at, shared=whole.shared)
    rows = made.corridors.get_indexer(part.corridors)
    np.testing.assert_allclose(alone.last.means[0], whole.last.means[0][:, rows])
    assert isinstance(whole.shared["2011-01-01"], Shared)


def test_audiences_after_a_repaired_break_say_less(series: Callable[..., pd.DataFrame]) -> None:
    del series
    official = pd.DataFrame(
        [("AUT", "SRB", "2015-01-01", 1000.0, "census")],
        columns=["destination", "origin", "reference_date", "value", "source"],
    )
    waves = pd.DataFrame({"date": ["2015-06-15", "2018-06-15"], "value": [500.0, 1000.0]})
    waves = waves.assign(destination="AUT", origin="SRB", metric="mau")
    moved = []
    for link in (0.0, 0.5):
        made = panel(official, waves.assign(link_sd=[link, 0.0]))
        moved.append(run(made, parameters(made, turn=0.1), shared={}).last.means[0][0, 0] - np.log(1000))
    assert moved[0] > moved[1] > 0
