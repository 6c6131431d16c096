"""How far compositions lie from what is expected: measured on simulated ones, and drawn."""

from __future__ import annotations

import numpy as np
import pytest

from smstock.models.shares.spread import FEWEST, Spread, held, measured, widened
from smstock.vocabulary.sizes import BANDS

SHARES = np.array([0.4, 0.3, 0.2, 0.07, 0.03])


def counted(
    rng: np.random.Generator, corridors: int, counting: float, shift: float, sizes: tuple[float, float] = (200, 200_000)
) -> tuple[np.ndarray, np.ndarray]:
    """Return stocks: shares of a Dirichlet distribution of variance p(1-p)t, sampled, each sampled one standing for k."""
    totals = np.exp(rng.uniform(np.log(sizes[0]), np.log(sizes[1]), corridors))
    compositions = rng.dirichlet(SHARES * (1 / shift - 1), corridors)
    sampled = np.array(
        [rng.multinomial(max(round(size / counting), 1), p) for size, p in zip(totals, compositions, strict=True)]
    )
    return sampled * counting, np.tile(SHARES, (corridors, 1))


@pytest.mark.parametrize(("counting", "shift"), [(1.0, 0.01), (20.0, 0.02), (100.0, 0.002)])
def test_the_variances_of_a_simulated_world_are_recovered(counting: float, shift: float) -> None:
    spread = measured(*counted(np.random.default_rng(3), 4000, counting, shift))
    assert spread.counting == pytest.approx(counting, rel=0.15, abs=0.7)
    assert spread.shift == pytest.approx(shift, rel=0.15)


def test_nothing_expected_keeps_the_spread_that_is_assumed() -> None:
    assert measured(np.array([[1.0, 2.0]]), np.array([[0.5, 0.5]])) == Spread()
    assert measured(np.zeros((0, 2)), np.zeros((0, 2))) == Spread()


@pytest.mark.parametrize("wrong", [0.2, 1.0, 4.0])
def test_widened_intervals_hold_as_many_groups_as_they_say(wrong: float) -> None:
    """The variances are given wrong by a factor; corridors of other draws are held in 80 % all the same."""
    rng = np.random.default_rng(4)
    spread = Spread(counting=20 * wrong, shift=0.02 * wrong)
    fitted = widened(spread, *counted(rng, 1500, 20, 0.02))
    assert held(fitted, *counted(rng, 1500, 20, 0.02)).mean() == pytest.approx(0.8, abs=0.035)


def test_a_band_of_few_groups_takes_the_factor_of_the_next_larger() -> None:
    rng = np.random.default_rng(5)
    assert FEWEST == 60
    low = list(BANDS.values())[2]
    stock, shares = counted(rng, 200, 1, 0.02, (low * 1.2, low * 1.5))
    factors = widened(Spread(shift=0.005), stock, shares).factors
    assert len(set(factors)) == 1
    assert factors[0] > 1
    assert widened(Spread(), stock[:10], shares[:10]).factors == (1.0,) * len(BANDS)


def test_draws_add_up_to_one_and_have_the_mean_and_variance_of_the_distribution() -> None:
    spread, rng = Spread(counting=10.0, shift=0.01), np.random.default_rng(6)
    totals = np.array([500.0, 1e7])
    draws = spread.draws(np.tile(SHARES, (2, 1)), totals, 40_000, rng)
    assert draws.shape == (2, 5, 40_000)
    assert draws.sum(axis=1) == pytest.approx(np.ones((2, 40_000)))
    assert draws.mean(axis=2) == pytest.approx(np.tile(SHARES, (2, 1)), abs=2e-3)
    variances = SHARES * (1 - SHARES) * ((10 + 0.01 * totals) / totals)[:, None]
    assert draws.var(axis=2) == pytest.approx(variances, rel=0.05)


def test_draws_of_what_is_not_known_are_not_known_and_of_nobody_are_nobody() -> None:
    shares = np.array([[np.nan, np.nan], [1.0, 0.0]])
    draws = Spread().draws(shares, np.array([100.0, np.nan]), 20, np.random.default_rng(1))
    assert np.isnan(draws[0]).all()
    assert (draws[1, 1] == 0).all()
    assert (draws[1, 0] == 1).all()


def test_the_same_seed_draws_the_same() -> None:
    one, two = (Spread().draws(SHARES[None], np.array([900.0]), 50, np.random.default_rng(2)) for _ in range(2))
    assert (one == two).all()


def test_a_stock_in_the_middle_is_held_and_one_far_off_is_not() -> None:
    stock = np.array([[400.0, 300, 200, 70, 30], [30, 70, 200, 300, 400]])
    inside = held(Spread(), stock, np.tile(SHARES, (2, 1)))
    assert inside[0].all()
    assert inside[1].tolist() == [False, False, True, False, False]


def test_nobody_is_held_where_less_than_half_a_person_is_likely() -> None:
    rare = np.array([[0.9999, 0.0001]])
    assert held(Spread(), np.array([[100.0, 0.0]]), rare)[0, 1]
    assert not held(Spread(), np.array([[99.0, 1.0]]) * 100, np.array([[0.5, 0.5]])).any()
