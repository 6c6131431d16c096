"""The model of log-ratios on a simulated world whose truth is known."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smstock.evaluate.shares import LeftOut, fitted, leave_out
from smstock.models.shares.compositions import Compositions, shares
from smstock.models.shares.log_ratio import LogRatioShares
from smstock.models.shares.methods import restored
from smstock.models.shares.spread import held

GROUPS = tuple(
    (sex, low, high, "") for sex in ("female", "male") for low, high in ((18, 29), (30, 44), (45, 64), (65, None))
)
FLOOR = 1000.0
PEOPLE = (3_000.0, 300_000.0)


def world(seed: int = 1, destinations: int = 40, origins: int = 10, floor: float = FLOOR) -> Compositions:
    """Return corridors whose audience is biased by sex and age, and shown in two digits and above a floor alone.

    Each origin has a composition of its own, each destination shifts it, and each corridor, too. Men and the young have
    more accounts, how many more differs by origin; everybody at the destination is biased otherwise than migrants.
    """
    rng = np.random.default_rng(seed)
    sex = np.array([-1.0] * 4 + [1.0] * 4)
    age = np.tile([0.0, 1.0, 2.0, 3.0], 2)
    usual = rng.normal(0, 0.4, (origins, 8)) - 0.3 * (age - 1) ** 2
    shift = rng.normal(0, 0.4, (destinations, 1)) * sex + rng.normal(0, 0.4, (destinations, 1)) * (age - 1.5)
    place, origin = (axis.ravel() for axis in np.mgrid[:destinations, :origins])
    corridors = usual[origin] + shift[place] + rng.normal(0, 0.15, (len(place), 8))
    expected = np.exp(corridors) / np.exp(corridors).sum(axis=1, keepdims=True)
    totals = np.exp(rng.uniform(np.log(PEOPLE[0]), np.log(PEOPLE[1]), len(place)))
    stock = rng.poisson(totals[:, None] * expected).astype(float)
    bias = 0.2 * sex - 0.35 * age + rng.normal(0, 0.2, (origins, 8))[origin]
    accounts = stock * np.exp(bias + rng.normal(0, 0.1, stock.shape) + rng.normal(-0.7, 0.2, (len(place), 1)))
    digits = 10 ** np.maximum(np.floor(np.log10(np.maximum(accounts, 1))) - 1, 0)
    shown = np.round(accounts / digits) * digits
    audience = np.where(shown >= floor, shown, np.nan)
    people = 1e6 * np.exp(rng.normal(0, 0.1, (destinations, 8)) - 0.2 * age)
    users = people * np.exp(-0.3 - 0.1 * sex - 0.15 * age)
    names = np.array([f"D{number:02}" for number in range(destinations)], dtype=object)
    return Compositions(
        destination=names[place],
        origin=np.array([f"O{number}" for number in range(origins)], dtype=object)[origin],
        groups=GROUPS,
        audience=audience,
        audience_upper=np.where(np.isnan(audience), floor, audience),
        users=users[place],
        population=people[place],
        official=np.full(stock.shape, np.nan),
        basis=np.full(len(place), "", dtype=object),
        stock=stock,
        groups_asked=(True,) * 8,
    )


@pytest.fixture(scope="module")
def simulated() -> Compositions:
    return world()


@pytest.fixture(scope="module")
def left_out(simulated: Compositions) -> LeftOut:
    return leave_out(simulated)


def test_it_errs_less_than_every_rival_on_destinations_it_has_not_seen(left_out: LeftOut) -> None:
    scores = left_out.scores()
    assert len(scores) == 4
    assert scores[0].method == "log_ratio_shares"
    assert scores[0].corridors == 400
    assert scores[0].error < 0.5 * min(score.error for score in scores[1:])
    assert scores[0].plain_error < 0.5 * min(score.plain_error for score in scores[1:])


def test_intervals_hold_at_the_rate_they_say_on_destinations_it_has_not_seen(left_out: LeftOut) -> None:
    assert 0.75 < left_out.scores()[0].held < 0.85


def test_intervals_of_draws_hold_as_often(simulated: Compositions) -> None:
    """Half of the destinations teach, the other half is estimated; shares lie in the middle 80 % of draws."""
    unseen = simulated.destination >= "D20"
    method = LogRatioShares.fit(simulated.without_stock(unseen))
    truth = simulated.taken(unseen)
    draws = method.draws(truth.without_stock(np.ones(len(truth))), truth.total, 400, np.random.default_rng(1))
    assert draws.sum(axis=1) == pytest.approx(np.ones((len(truth), 400)))
    low, high = np.quantile(draws, [0.1, 0.9], axis=2)
    real = shares(truth.stock)
    inside = (low <= real) & (real <= high)
    assert 0.73 < inside.mean() < 0.87
    assert inside.mean() == pytest.approx(held(method.spread, truth.stock, method.predict(truth)).mean(), abs=0.02)


def test_stocks_of_the_corridors_estimated_are_not_looked_at(simulated: Compositions) -> None:
    unseen = simulated.destination >= "D20"
    spoilt = replace(simulated, stock=np.where(unseen[:, None], simulated.stock[:, ::-1] * 9, simulated.stock))
    expected, again = (
        LogRatioShares.fit(of.without_stock(unseen)).predict(of.taken(unseen)) for of in (simulated, spoilt)
    )
    assert (expected == again).all()


def test_an_official_composition_of_the_corridor_is_used(simulated: Compositions, left_out: LeftOut) -> None:
    """Five years before, with changes of a tenth since: the error falls by more than a third."""
    rng = np.random.default_rng(2)
    known = replace(simulated, official=simulated.stock * np.exp(rng.normal(0, 0.1, simulated.stock.shape)))
    known = replace(known, basis=np.full(len(known), "corridor", dtype=object))
    with_official = {score.method: score.error for score in leave_out(known, (LogRatioShares,)).scores()}
    assert with_official["log_ratio_shares"] < 0.65 * left_out.scores()[0].error


def test_it_is_the_same_again_and_from_a_file_and_in_any_order(simulated: Compositions) -> None:
    method = fitted(LogRatioShares, simulated)
    expected = method.predict(simulated)
    assert LogRatioShares.fit(simulated) == method
    stored = restored("log_ratio_shares", json.loads(json.dumps(method.parameters())))
    assert (stored.predict(simulated) == expected).all()
    one, two = (of.draws(simulated, simulated.total, 5, np.random.default_rng(3)) for of in (method, stored))
    assert (one == two).all()
    order = np.random.default_rng(4).permutation(len(simulated))
    shuffled = simulated.taken(order)
    assert LogRatioShares.fit(shuffled).predict(shuffled) == pytest.approx(expected[order], rel=1e-6)


def test_an_origin_or_destination_never_seen_has_shares(simulated: Compositions) -> None:
    method = LogRatioShares.fit(simulated.taken(simulated.origin != "O3"))
    expected = method.predict(simulated.taken(simulated.origin == "O3"))
    assert expected.sum(axis=1) == pytest.approx(1)
    real = shares(simulated.stock[simulated.origin == "O3"])
    everybody = shares(simulated.stock[simulated.origin != "O3"].sum(axis=0)[None])
    assert np.abs(expected - real).mean() < np.abs(everybody - real).mean()


def test_without_answers_users_or_residents_it_is_what_is_usual_of_the_origin(simulated: Compositions) -> None:
    nothing = np.full(simulated.stock.shape, np.nan)
    bare = replace(simulated, users=nothing, population=nothing, audience=nothing, audience_upper=nothing)
    bare = replace(bare, groups_asked=(False,) * 8)
    expected = LogRatioShares.fit(bare).predict(bare)
    assert expected[0] == pytest.approx(
        shares(simulated.stock[simulated.origin == "O0"].sum(axis=0)[None])[0], abs=2e-3
    )


@settings(max_examples=5)
@given(st.integers(0, 7), st.floats(0.4, 3.0))
def test_a_bias_of_a_group_that_is_the_same_everywhere_changes_nothing(group: int, factor: float) -> None:
    """All audiences of a group of every origin are more or fewer by one factor: what is usual takes it up."""
    of = world(destinations=12, origins=4, floor=0.0)
    biased = of.audience.copy()
    biased[:, group] *= factor
    twin = replace(of, audience=biased, audience_upper=biased)
    expected, again = (LogRatioShares.fit(cells).predict(cells) for cells in (of, twin))
    assert np.abs(again - expected).max() < 0.02
    assert np.abs(again - expected).mean() < 0.002


@settings(max_examples=5)
@given(st.floats(0.2, 20.0))
def test_as_many_times_persons_in_all_corridors_have_the_same_shares(factor: float) -> None:
    of = world(destinations=12, origins=4)
    many = replace(of, stock=of.stock * factor)
    expected, again = (LogRatioShares.fit(cells).predict(of) for cells in (of, many))
    assert np.abs(again - expected).mean() < 0.005
