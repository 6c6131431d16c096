"""Worlds drawn from the level model: what is known of them is found, and intervals on destinations left out cover."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from smstock.evaluate.crossvalidate import cross_validate
from smstock.models.hierarchical import Hierarchical

ELASTICITY, ORIGIN_SD, DESTINATION_SD, NOISE, TAPER = 0.85, 0.4, 0.5, 0.25, 0.2


def world(seed: int, *, destinations: int, origins: int) -> pd.DataFrame:
    """Corridors between unnamed places: effects of both ends, heavy-tailed errors, smaller for larger audiences."""
    rng = np.random.default_rng(seed)
    u, v = rng.normal(0, ORIGIN_SD, origins), rng.normal(0, DESTINATION_SD, destinations)
    d, o = (places.ravel() for places in np.meshgrid(np.arange(destinations), np.arange(origins), indexing="ij"))
    x = rng.normal(0, 1.5, len(d))
    errors = NOISE * rng.standard_t(4, len(d)) * np.exp(-TAPER * x)
    return pd.DataFrame(
        {
            "destination": [f"D{place:02}" for place in d],
            "origin": [f"O{place:02}" for place in o],
            "sex": "all",
            "audience": np.exp(9 + x),
            "official_last": np.nan,
            "lag": np.nan,
            "penetration_destination": np.nan,
            "penetration_origin": np.nan,
            "stock": np.exp(9.5 + ELASTICITY * x + u[o] + v[d] + errors),
        }
    )


def learnt(seeds: range) -> np.ndarray:
    """Return slope and scales of each world: residual, origins, destinations, taper."""
    fits = [Hierarchical.fit(world(seed, destinations=15, origins=12)) for seed in seeds]
    return np.array([[fit.slope, *fit.scales[:3], fit.scales[-1]] for fit in fits])


def coverage(seeds: range) -> float:
    """Return the share (percent) of stocks inside 80 % intervals, destinations left out, over worlds."""
    covered = []
    for seed in seeds:
        table = cross_validate(world(seed, destinations=12, origins=6), [Hierarchical], np.random.default_rng(seed))
        table = table[table["method"] == "hierarchical"]
        table = table[table["sex"] == "all"]
        covered.append(((table["stock"] >= table["lower_80"]) & (table["stock"] <= table["upper_80"])).mean() * 100)
    return float(np.mean(covered))


TRUTH = [ELASTICITY, NOISE, ORIGIN_SD, DESTINATION_SD, TAPER]


def test_a_few_worlds_are_recovered() -> None:
    assert learnt(range(5)).mean(axis=0) == pytest.approx(TRUTH, abs=0.12)
    assert 65 <= coverage(range(2)) <= 92


@pytest.mark.slow
def test_two_hundred_worlds_are_recovered() -> None:
    assert learnt(range(200)).mean(axis=0) == pytest.approx(TRUTH, abs=0.04)


@pytest.mark.slow
def test_intervals_cover_four_in_five() -> None:
    assert 75 <= coverage(range(10)) <= 85
