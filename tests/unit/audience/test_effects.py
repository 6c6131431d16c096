from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from smstock.audience.effects import fit_effects

ORIGINS = [f"O{n:02}" for n in range(15)]
DESTINATIONS = [f"D{n:02}" for n in range(20)]
INDEX = pd.MultiIndex.from_product([ORIGINS, DESTINATIONS], names=["origin", "destination"])


def simulated(theta: float = 0.0, beta: float = 0.0, noise: float = 0.02, seed: int = 1) -> tuple[pd.Series, pd.Series]:
    rng = np.random.default_rng(seed)
    u, v = rng.normal(0, 0.1, (15, 1)), rng.normal(0, 0.1, (1, 20))
    size = rng.normal(0, 1, (15, 20))
    steps = -0.7 + u + v + theta * u * v + beta * size + rng.normal(0, noise, (15, 20))
    return pd.Series(steps.ravel(), INDEX), pd.Series(size.ravel(), INDEX)


def test_size_and_product_are_found() -> None:
    effects = fit_effects(*simulated(theta=-6, beta=0.03))
    assert effects.theta == pytest.approx(-6, abs=1)
    assert effects.beta == pytest.approx(0.03, abs=0.01)
    assert effects.residual_sd == pytest.approx(0.02, abs=0.004)


def test_without_them_they_are_near_zero() -> None:
    effects = fit_effects(*simulated())
    assert effects.theta == pytest.approx(0, abs=1)
    assert effects.beta == pytest.approx(0, abs=0.01)


@pytest.mark.parametrize("theta", [0, -6])
def test_corridors_not_seen_lie_within_their_intervals(theta: float) -> None:
    inside = []
    for seed in range(12):
        steps, size = simulated(theta=theta, beta=0.03, seed=seed)
        hidden = np.random.default_rng(seed + 100).random(len(steps)) < 0.5
        effects = fit_effects(steps.mask(hidden), size)
        z = ((steps - effects.fitted) / effects.sd)[hidden].abs()
        inside.append((z < 1.96).mean())
    assert 0.91 < np.mean(inside) < 0.98


def test_a_tenth_of_wild_corridors_hardly_moves_the_others() -> None:
    steps, size = simulated()
    wild = np.random.default_rng(9).random(len(steps)) < 0.1
    effects = fit_effects(steps.where(~wild, 1.5), size)
    assert (effects.fitted - steps)[~wild].abs().median() < 0.05


def test_steps_that_are_all_alike_have_no_effects() -> None:
    steps = pd.Series(-0.7, INDEX)
    effects = fit_effects(steps, steps * 0)
    assert effects.kappa == pytest.approx(-0.7)
    assert effects.fitted.to_numpy() == pytest.approx(-0.7)
    assert effects.residual_sd < 0.001
