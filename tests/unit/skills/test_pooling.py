"""Pooling of compositions: what corridors learn from each other, and that the intervals hold what they say."""

from __future__ import annotations

import numpy as np
import pytest

from smstock.skills.pooling import believe

DRAWS = 2000


def shares_of(
    lower: np.ndarray, upper: np.ndarray, origins: list[str], destinations: list[str], seed: int = 1
) -> np.ndarray:
    belief = believe(lower, upper, origins, destinations)
    theta = belief.exact(belief.draw(np.random.default_rng(seed), DRAWS))
    size = np.exp(theta - theta.max(axis=-1, keepdims=True))
    found: np.ndarray = size / size.sum(axis=-1, keepdims=True)
    return found


def test_exact_counts_of_a_single_corridor_give_the_posterior_of_a_multinomial() -> None:
    counts = np.array([[600.0, 1400.0, 4000.0]])
    found = shares_of(counts, counts + 1, ["ROU"], ["DEU"])[:, 0]
    dirichlet = np.random.default_rng(2).dirichlet(counts[0], 40_000)
    assert np.median(found, axis=0) == pytest.approx(np.median(dirichlet, axis=0), rel=0.01)
    assert found.std(axis=0) == pytest.approx(dirichlet.std(axis=0), rel=0.07)


def test_a_rounding_error_is_uniform_and_no_gaussian() -> None:
    """Of counts in the millions only rounding is left: within 80 % of the uniform error lie 80 % of the draws."""
    lower, upper = np.array([[950_000.0, 9.9999e6]]), np.array([[1_050_000.0, 1.00001e7]])
    found = shares_of(lower, upper, ["ROU"], ["DEU"])[:, 0, 0]
    odds = found / (1 - found) * 1e7
    assert ((odds > 960_000) & (odds < 1_040_000)).mean() == pytest.approx(0.8, abs=0.03)
    assert ((odds < 948_000) | (odds > 1_052_000)).mean() < 0.005


def test_a_category_below_the_floor_is_below_it_and_learns_from_other_corridors() -> None:
    rare = np.array([[10_000.0, 5_000.0, 0.0], [100_000.0, 50_000.0, 1_000.0], [200_000.0, 99_000.0, 2_100.0]])
    upper = np.where(rare == 0, 300.0, rare + 100)
    found = shares_of(rare, upper, ["ROU"] * 3, ["DEU", "ITA", "ESP"])[:, 0, 2]
    assert np.quantile(found, 0.999) < 350 / 15_000
    assert np.median(found) == pytest.approx(0.0068, rel=0.25)


def test_corridors_that_are_alike_help_more_than_corridors_that_differ() -> None:
    def width(share: np.ndarray) -> float:
        lower = np.column_stack([1e6 * share, 1e6 * (1 - share)])
        lower[0] = [0.0, 2_000.0]
        upper = lower * 1.001
        upper[0, 0] = 300.0
        found = shares_of(lower, upper, ["ROU"] * 6, [*"ABCDEF"])[:, 0, 0]
        low, high = np.quantile(found, [0.1, 0.9])
        return float(np.log(high / low))

    alike = np.full(6, 0.05) + np.arange(6) * 0.0005
    differing = np.array([0.05, 0.01, 0.3, 0.005, 0.15, 0.02])
    assert width(alike) < 0.2
    assert width(differing) > 3 * width(alike)


def test_the_same_seed_gives_the_same_draws_and_another_seed_others() -> None:
    lower = np.array([[600.0, 1400.0], [3000.0, 9000.0]])
    first, again, other = (shares_of(lower, lower + 50, ["ROU", "BGR"], ["DEU", "DEU"], seed) for seed in (1, 1, 2))
    assert (first == again).all()
    assert (first != other).any()


def world(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray, list[str], list[str]]:
    """Return shares of a simulated world, and the intervals in which its counts are shown."""
    origins, destinations, categories = 5, 4, 4
    origin, destination = (place.ravel() for place in np.meshgrid(range(origins), range(destinations), indexing="ij"))
    theta = rng.normal(0, 1, categories) + rng.normal(0, 0.4, (origins, categories))[origin]
    theta += rng.normal(0, 0.3, (destinations, categories))[destination] + rng.normal(
        0, 0.25, (len(origin), categories)
    )
    share = np.exp(theta) / np.exp(theta).sum(axis=1, keepdims=True)
    count = np.array(
        [
            rng.multinomial(rng.poisson(size), part)
            for size, part in zip(np.exp(rng.normal(8.5, 1.3, len(origin))), share, strict=True)
        ]
    )
    step = 10.0 ** np.maximum(np.floor(np.log10(np.maximum(count, 1))) - 1, 0)
    middle = np.round(count / step) * step
    lower = np.where(count < 300, 0.0, np.maximum(middle - step / 2, 300))
    upper = np.where(count < 300, 300.0, middle + step / 2)
    seen = (lower > 0).any(axis=1)
    names = [[f"{kind}{place}" for place in places[seen]] for kind, places in (("o", origin), ("d", destination))]
    return share[seen], lower[seen], upper[seen], names[0], names[1]


@pytest.mark.parametrize("worlds", [4, pytest.param(40, marks=pytest.mark.slow)])
def test_intervals_hold_the_shares_of_simulated_worlds_as_often_as_they_say(worlds: int) -> None:
    inside: dict[int, list[float]] = {50: [], 80: [], 95: []}
    for seed in range(worlds):
        share, lower, upper, origins, destinations = world(np.random.default_rng(seed))
        found = shares_of(lower, upper, origins, destinations, seed)
        for level in inside:
            low, high = np.quantile(found, [0.5 - level / 200, 0.5 + level / 200], axis=0)
            inside[level] += ((low <= share) & (share <= high))[lower > 0].tolist()
    slack = 0.06 if worlds < 40 else 0.02
    for level, held in inside.items():
        assert np.mean(held) == pytest.approx(level / 100, abs=slack * (1.5 if level == 50 else 1)), level
