"""Which method tells which corridor: those with an official composition of their own, and those without."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from smstock.calibrate.shares import LearntShares, learn_shares
from smstock.models.shares.compositions import NUMBERS, Compositions, compositions
from smstock.models.shares.rivals import of_corridor
from smstock.models.shares.spread import Spread, held, measured, widened

GROUPS = tuple((sex, low, high, "") for sex in ("female", "male") for low, high in ((18, 39), (40, None)))
DESTINATIONS, ORIGINS = 30, 8


def world(*, known: float, seed: int = 1) -> pd.DataFrame:
    """Groups of corridors whose composition differs much, and hardly moves; of a part of them it was known before."""
    rng = np.random.default_rng(seed)
    rows = []
    for place in range(DESTINATIONS):
        for origin in range(ORIGINS):
            shares = rng.dirichlet([8.0] * 4)
            total = np.exp(rng.uniform(np.log(3e3), np.log(3e5)))
            stock = rng.poisson(total * shares).astype(float)
            before = rng.poisson(0.9 * total * shares).astype(float)
            own = rng.random() < known
            audience = np.round(stock * np.exp(rng.normal(-0.7, 0.3, 4)), -1)
            rows += [
                {
                    "destination": f"D{place:02}",
                    "origin": f"O{origin}",
                    "sex": sex,
                    "age_min": low,
                    "age_max": high,
                    "education": "",
                    "audience": audience[group],
                    "audience_upper": audience[group],
                    "users": np.nan,
                    "population": np.nan,
                    "official": before[group] if own else np.nan,
                    "official_basis": "corridor" if own else "",
                    "stock": stock[group],
                }
                for group, (sex, low, high, _) in enumerate(GROUPS)
            ]
    return pd.DataFrame(rows).astype({"age_max": "Int64"})


@pytest.fixture(scope="module")
def learnt() -> LearntShares:
    shares = learn_shares(world(known=0.5))
    assert shares is not None
    return shares


def test_where_a_composition_is_known_or_not_is_learnt_apart(learnt: LearntShares) -> None:
    assert learnt.elsewhere is not None
    assert learnt.elsewhere.elsewhere is None
    assert learnt.elsewhere.groups == learnt.groups
    # everybody's composition stands still: what was known of a corridor is better than anything told of it
    assert learnt.scores[0].error < learnt.elsewhere.scores[0].error
    without = learn_shares(world(known=0.5).assign(official=np.nan, official_basis=""))
    assert without is not None
    assert without.elsewhere is None
    assert without.scores == learnt.elsewhere.scores


def test_intervals_of_both_hold_as_many_groups_as_they_say(learnt: LearntShares) -> None:
    of = compositions(world(known=0.5, seed=2))  # other corridors of the same world
    shares, own, rng = learnt.expected(of), of_corridor(of), np.random.default_rng(1)
    drawn = learnt.draws(of, shares, of.total, 1000, rng) * of.total[:, None, None]
    lower, upper = np.quantile(drawn, [0.1, 0.9], axis=2)
    inside = (of.stock >= lower) & (of.stock <= upper)
    for rows in (own, ~own):
        assert 74 < 100 * inside[rows].mean() < 86
    widths = ((upper - lower) / of.total[:, None]).mean(axis=1)
    assert widths[own].mean() < widths[~own].mean() / 2
    assert drawn.sum(axis=1) == pytest.approx(np.broadcast_to(of.total[:, None], (len(of), 1000)))


def test_shares_of_each_corridor_are_those_of_its_method() -> None:
    labels = (("female", 18, None, ""), ("male", 18, None, ""))
    ends, nothing = np.array(["A", "B"], dtype=object), np.full((2, 2), np.nan)
    numbers = dict.fromkeys(NUMBERS, nothing) | {"official": np.array([[30.0, 10.0], [np.nan, np.nan]])}
    basis = np.array(["corridor", ""], dtype=object)
    of = Compositions(ends, ends, labels, basis=basis, groups_asked=(False, False), **numbers)
    other = LearntShares("official_shares", {"usual": {"": (0.1, 0.9)}}, labels, ())
    first = replace(other, parameters={"usual": {"": (0.5, 0.5)}}, elsewhere=other)
    assert first.expected(of).tolist() == [[0.75, 0.25], [0.1, 0.9]]
    assert replace(first, elsewhere=None).expected(of).tolist() == [[0.75, 0.25], [0.5, 0.5]]
    named = replace(first, elsewhere=replace(other, method="audience_shares"))
    assert named.methods(of).tolist() == ["official_shares", "audience_shares"]


def test_without_an_official_composition_a_corridor_has_none_of_its_own() -> None:
    of = compositions(world(known=1.0))
    rows = np.arange(len(of)) < 3
    less = of.without_official(rows)
    assert of_corridor(less).tolist() == (~rows).tolist()
    assert np.isnan(less.official[rows]).all()
    assert less.official[~rows].tolist() == of.official[~rows].tolist()


def test_intervals_of_a_composition_that_hardly_moves_are_as_narrow() -> None:
    rng, shares = np.random.default_rng(1), np.full((3000, 4), 0.25)
    stock = rng.dirichlet([2_500.0] * 4, 3000) * 1e6
    assumed = Spread(counting=1.0, shift=0.01)  # a hundred times the variance
    fitted = widened(assumed, stock, shares)
    assert 0.005 < fitted.factors[-1] < 0.02
    assert held(fitted, stock, shares).mean() == pytest.approx(0.8, abs=0.03)
    assert measured(stock, shares).shift == pytest.approx(1e-4, rel=0.1)
