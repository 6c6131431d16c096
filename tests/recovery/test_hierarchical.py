"""Worlds drawn from the level model: what is known of them is found, and intervals on destinations left out cover."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from smstock.evaluate.crossvalidate import cross_validate
from smstock.models.hierarchical import Hierarchical, HierarchicalUpdate

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


def behind_a_floor(table: pd.DataFrame, floor: float) -> pd.DataFrame:
    """The world as a platform with a floor shows it."""
    low = table["audience"] < floor
    status = low.map({True: "floored", False: "observed"})
    upper = table["audience"].where(~low, floor)
    return table.assign(audience=table["audience"].where(~low), audience_upper=upper, audience_status=status)


def slopes_and_misses(seeds: range) -> dict[str, np.ndarray]:
    """Return slope and RMS error of the effects of both ends, half of the corridors below the floor.

    ``floors`` learns from them as floors, ``left out`` without them, ``as numbers`` takes the floor for an audience.
    """
    found: dict[str, list[list[float]]] = {}
    for seed in seeds:
        rng = np.random.default_rng(seed)
        truth = {f"O{place:02}": effect for place, effect in enumerate(rng.normal(0, ORIGIN_SD, 12))}
        truth |= {f"D{place:02}": effect for place, effect in enumerate(rng.normal(0, DESTINATION_SD, 15))}
        shown = behind_a_floor(world(seed, destinations=15, origins=12), np.exp(9))
        seen = shown["audience"].notna()
        ways = {
            "floors": shown,
            "left out": shown[seen],
            "as numbers": shown.assign(audience=shown["audience_upper"], audience_status="observed"),
        }
        for way, table in ways.items():
            fit = Hierarchical.fit(table)
            squares = []
            for effects in (fit.origins, fit.destinations):
                misses = np.array([effect - truth[name] for name, (effect, _) in effects.items()])
                squares.append(np.mean((misses - misses.mean()) ** 2))
            found.setdefault(way, []).append([fit.slope, np.sqrt(np.mean(squares))])
    return {way: np.array(fits) for way, fits in found.items()}


def offsets(seeds: range) -> np.ndarray:
    """Return the offset learnt in worlds a third of whose figures count citizens, 0.6 for each one born abroad."""
    found = []
    for seed in seeds:
        table = world(seed, destinations=15, origins=12)
        citizens = np.random.default_rng(1000 + seed).random(len(table)) < 1 / 3
        counted = table["stock"] * np.where(citizens, 0.6, 1.0)
        concept = np.where(citizens, "citizenship", "birth")
        fit = Hierarchical.fit(table.assign(stock=counted, stock_concept=concept))
        found.append(fit.offsets["stock_concept:citizenship"])
    return np.array(found)


def with_an_origin_that_grew(seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Stocks that hardly follow their audience, but for one origin, whose accounts beyond the figure are people who came.

    Beside them corridors of that origin in other destinations, where nobody came and few have an account.
    """
    rng = np.random.default_rng(seed)
    table = world(seed, destinations=12, origins=10).assign(lag=5.0)
    grew = (table["origin"] == "O00").to_numpy()
    signal = np.where(grew, rng.uniform(0.3, 3.0, len(table)), rng.normal(-0.5, 1.2, len(table)))
    table["official_last"] = np.exp(9 + rng.normal(0, 1.2, len(table)))
    table["audience"] = table["official_last"] * np.exp(signal)
    growth = 0.06 * signal + np.where(grew, 0.8 * np.maximum(signal, 0), 0.0)
    table["stock"] = table["official_last"] * np.exp(growth + rng.normal(0, 0.1, len(table)))
    quiet = table[grew].assign(destination=[f"N{place:02}" for place in range(grew.sum())])
    quiet["audience"] = quiet["official_last"] * np.exp(rng.uniform(-4.0, -2.0, len(quiet)))
    return table, quiet


def test_few_accounts_of_an_origin_that_grew_elsewhere_are_no_fall() -> None:
    for seed in range(5):
        table, quiet = with_an_origin_that_grew(seed)
        fitted = HierarchicalUpdate.fit(table)
        change = np.log((fitted.predict(quiet) / quiet["official_last"]).to_numpy())
        # the slope of all corridors alone would make 0.06 x 4 of it; the slope of the origin would make 3 of it
        assert change.min() > -0.4
        assert np.median(change) > -0.25
        # where it grew, it is seen to have grown
        grown = table[table["origin"] == "O00"]
        errors = np.log(fitted.predict(grown) / grown["stock"])
        assert np.sqrt(np.mean(errors**2)) < 0.2


TRUTH = [ELASTICITY, NOISE, ORIGIN_SD, DESTINATION_SD, TAPER]


def test_a_few_worlds_are_recovered() -> None:
    assert learnt(range(5)).mean(axis=0) == pytest.approx(TRUTH, abs=0.12)
    assert 65 <= coverage(range(2)) <= 92


def test_the_ratio_of_two_concepts_is_found() -> None:
    assert offsets(range(8)).mean() == pytest.approx(np.log(0.6), abs=0.05)


@pytest.mark.slow
def test_the_ratio_of_two_concepts_has_no_bias() -> None:
    assert offsets(range(100)).mean() == pytest.approx(np.log(0.6), abs=0.015)


def test_floors_are_neither_lost_nor_taken_for_numbers() -> None:
    found = slopes_and_misses(range(6))
    assert found["floors"][:, 0].mean() == pytest.approx(ELASTICITY, abs=0.04)
    assert found["as numbers"][:, 0].mean() > ELASTICITY + 0.15
    assert found["floors"][:, 1].mean() < found["as numbers"][:, 1].mean()


@pytest.mark.slow
def test_floors_make_the_elasticity_and_the_effects_more_certain() -> None:
    found = slopes_and_misses(range(60))
    slope = {way: fits[:, 0] for way, fits in found.items()}
    assert slope["floors"].mean() == pytest.approx(ELASTICITY, abs=0.015)
    assert slope["left out"].mean() == pytest.approx(ELASTICITY, abs=0.015)
    assert slope["floors"].std() < 0.95 * slope["left out"].std()
    assert found["floors"][:, 1].mean() < 0.98 * found["left out"][:, 1].mean()


@pytest.mark.slow
def test_two_hundred_worlds_are_recovered() -> None:
    assert learnt(range(200)).mean(axis=0) == pytest.approx(TRUTH, abs=0.04)


@pytest.mark.slow
def test_intervals_cover_four_in_five() -> None:
    assert 75 <= coverage(range(10)) <= 85
