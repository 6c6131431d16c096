"""Turns that destinations and origins share, beside the exact joint normal distribution of all corridors at once."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from smstock.models.fusion.filter import run
from smstock.models.fusion.noise import noise
from smstock.models.fusion.panel import Panel, panel
from smstock.models.fusion.parameters import PROCESS, Point, learnt_scale, point
from smstock.models.fusion.state import step

NEVER = 1e-14
VALUES = {
    "jump_share": NEVER,
    "bend_share": NEVER,
    "step_share": NEVER,
    "turn": 0.012,
    "turn_small": 0.3,
    "noise_small": 0.5,
    "error": 0.2,
    "destination_turn": 0.03,
    "start": 0.03,
}


def parameters() -> Point:
    values = dict(point(PROCESS, learnt_scale(PROCESS)[0]).values)
    return Point(values | {name: np.array([[value]]) for name, value in VALUES.items()})


def simulated(seed: int, destinations: int = 5, origins: int = 6, years: int = 8) -> pd.DataFrame:
    """Return figures of the model itself: own and shared turns, noise and errors."""
    at = {name: float(parameters()[name][0, 0]) for name in PROCESS}
    rng = np.random.default_rng(seed)
    shape = (destinations, origins)
    size = np.exp(rng.uniform(5, 12, shape))
    mean, level = at["growth"] / np.sqrt(size), np.log(size)
    over = step(np.array([[at["damping"]]]), 1.0)
    rho, psi = float(over.rho[0, 0]), float(over.psi[0, 0])
    turn = at["turn"] ** 2 + at["turn_small"] ** 2 / size
    drift = mean + np.sqrt(at["start"] ** 2 + turn) * rng.standard_normal(shape)
    root = np.linalg.cholesky([[over.level[0, 0], over.both[0, 0]], [over.both[0, 0], over.drift[0, 0]]])
    rows = []
    for year in range(years):
        if year:
            shared = at["destination_turn"] * rng.standard_normal((destinations, 1))
            shared = shared + at["origin_turn"] * rng.standard_normal((1, origins))
            own = np.sqrt(turn)[..., None] * (rng.standard_normal((*shape, 2)) @ root.T)
            noisy = np.sqrt(at["noise"] ** 2 + at["noise_small"] ** 2 / size) * rng.standard_normal(shape)
            level = level + psi * (drift + shared) + (1 - psi) * mean + own[..., 0] + noisy
            drift = rho * (drift + shared) + (1 - rho) * mean + own[..., 1]
        value = np.exp(level + at["error"] / np.sqrt(size) * rng.standard_normal(shape))
        rows += [(f"D{i:02}", f"O{j:02}", f"{2010 + year}-01-01", value[i, j]) for i, j in np.ndindex(shape)]
    return pd.DataFrame(rows, columns=["destination", "origin", "reference_date", "value"]).assign(source="register")


def exact(made: Panel, at: Point) -> tuple[np.ndarray, np.ndarray]:
    """Return means and standard deviations of the last drifts: every disturbance is a column of one dense system."""
    noises, years = noise(made, at), made.years
    logs = np.array([each.log for each in made.measurements])
    corridors, dates = len(made.corridors), len(years)
    own, both = 2 * dates, len(made.destinations) + len(made.origins)
    level = np.zeros((corridors, corridors * own + (dates - 1) * both))
    drift = level.copy()
    place = np.arange(corridors)
    error, mean = noises.error[0], noises.mean[0]
    level[place, place * own] = np.sqrt(error)
    drift[place, place * own + 1] = np.sqrt(at["start"][0, 0] ** 2 + noises.drift[0])
    expected, expected_drift = logs[0], mean
    loads, surprises = [], []
    for date in range(1, dates):
        over = step(at["damping"], years[date] - years[date - 1])
        rho, psi, gap = float(over.rho[0, 0]), float(over.psi[0, 0]), over.years
        level, drift = level + psi * drift, rho * drift
        expected = expected + psi * expected_drift + (gap - psi) * mean
        expected_drift = rho * expected_drift + (1 - rho) * mean
        for corridor in range(corridors):
            q = noises.drift[0, corridor]
            tied = q * over.both[0, 0]
            covariance = [[noises.level[0, corridor] * gap + q * over.level[0, 0], tied], [tied, q * over.drift[0, 0]]]
            root = np.linalg.cholesky(covariance)
            first = corridor * own + 2 * date
            level[corridor, first : first + 2] += root[0]
            drift[corridor, first : first + 2] += root[1]
            shared = corridors * own + (date - 1) * both
            for column, name in (
                (shared + made.destination[corridor], "destination_turn"),
                (shared + len(made.destinations) + made.origin[corridor], "origin_turn"),
            ):
                level[corridor, column] += psi * at[name][0, 0]
                drift[corridor, column] += rho * at[name][0, 0]
        loads.append(level.copy())
        surprises.append(logs[date] - expected)
    load = np.concatenate(loads)
    gain = np.linalg.solve(load @ load.T + np.diag(np.tile(error, dates - 1)), load @ drift.T).T
    variance = (drift * drift).sum(axis=1) - (gain * (drift @ load.T)).sum(axis=1)
    return expected_drift + gain @ np.concatenate(surprises), np.sqrt(variance)


@pytest.mark.parametrize("seed", [0, 1])
def test_what_is_not_carried_on_is_small_beside_the_uncertainty(seed: int) -> None:
    made, at = panel(simulated(seed)), parameters()
    last = run(made, at).last
    mean, sd = exact(made, at)
    assert np.abs((last.means[1][0] - mean) / sd).max() < 0.1
    assert np.sqrt(np.square((last.means[1][0] - mean) / sd).mean()) < 0.04
    np.testing.assert_allclose(np.sqrt(last.covariances[1][1][0]) / sd, 1.0, atol=0.05)


def test_without_shared_turns_the_drifts_are_further_off() -> None:
    made, at = panel(simulated(0)), parameters()
    mean, sd = exact(made, at)
    alone = run(made, at, shared={}).last
    assert np.abs((alone.means[1][0] - mean) / sd).max() > 0.3
