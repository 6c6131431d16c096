from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smstock.models.fusion.state import Case, State, advance, normalised, step, update

ONE = np.ones((1, 1))


def a_state(*, walks: int = 0) -> State:
    size = 2 + walks
    covariances = [[ONE * (0.04 if i == j else 0.005) for j in range(size)] for i in range(size)]
    seen = np.array([True])
    return State(
        tuple(ONE * value for value in (5.0, 0.1, -1.0)[:size]),
        tuple(map(tuple, covariances)),
        seen,
        seen,
        (seen,) * walks,
    )


def matrices(state: State) -> tuple[np.ndarray, np.ndarray]:
    mean = np.array([part[0, 0] for part in state.means])
    return mean, np.array([[entry[0, 0] for entry in row] for row in state.covariances])


def moved(state: State, years: float, damping: float = 0.8) -> State:
    return advance(
        state,
        step(damping * ONE, years),
        mean=0.02 * ONE,
        level_noise=0.001 * ONE,
        drift_noise=0.003 * ONE,
        walk_noise=[0.01 * ONE] * (len(state.means) - 2),
    )


@given(first=st.floats(0.01, 5), second=st.floats(0.01, 5), damping=st.floats(0.05, 0.99), walks=st.integers(0, 1))
def test_two_moves_are_one_move_over_the_sum_of_their_years(
    first: float, second: float, damping: float, walks: int
) -> None:
    twice = matrices(moved(moved(a_state(walks=walks), first, damping), second, damping))
    once = matrices(moved(a_state(walks=walks), first + second, damping))
    for found, expected in zip(twice, once, strict=True):
        np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-9)


def test_a_drift_carries_on_for_one_over_kappa_years_in_all() -> None:
    start = a_state()
    far = advance(start, step(0.8 * ONE, 200.0), mean=0 * ONE, level_noise=0 * ONE, drift_noise=0 * ONE, walk_noise=[])
    assert far.means[0][0, 0] == pytest.approx(5.0 + 0.1 / -np.log(0.8))
    assert far.means[1][0, 0] == pytest.approx(0.0, abs=1e-12)


def test_an_update_is_that_of_a_joint_normal_distribution() -> None:
    state = a_state(walks=1)
    mean, covariance = matrices(state)
    loading = np.array([0.3, 0.0, 1.0])
    after, likelihood, _ = update(
        state, np.array([True]), {0: 0.3, 2: 1.0}, np.array([0.7]), error=0.01 * ONE, cases=[Case(1.0, {})]
    )
    variance = loading @ covariance @ loading + 0.01
    surprise = 0.7 - loading @ mean
    gain = covariance @ loading / variance
    found = matrices(after)
    np.testing.assert_allclose(found[0], mean + gain * surprise)
    np.testing.assert_allclose(found[1], covariance - np.outer(gain, loading @ covariance))
    assert likelihood[0, 0] == pytest.approx(-0.5 * (np.log(2 * np.pi * variance) + surprise**2 / variance))


def test_two_equal_cases_are_one() -> None:
    half = Case(0.5, {})
    here, log = np.array([True]), np.array([5.4])
    one, two = (
        update(a_state(), here, {0: 1.0}, log, error=0.01 * ONE, cases=ways) for ways in ([Case(1.0, {})], [half, half])
    )
    for found, expected in zip(matrices(two[0]), matrices(one[0]), strict=True):
        np.testing.assert_allclose(found, expected)
    np.testing.assert_allclose(two[1], one[1])


@pytest.mark.parametrize(("surprise", "drifts"), [(0.05, True), (2.0, False)])
def test_a_jump_moves_the_level_and_leaves_the_drift(surprise: float, drifts: bool) -> None:
    tight = tuple(tuple(entry * 0.01 for entry in row) for row in a_state().covariances)
    state = State(a_state().means, tight, np.array([True]), np.array([True]), ())
    ways = [Case(0.95, {}), Case(0.05, {(0, 0): ONE})]
    after, _, ordinary = update(
        state, np.array([True]), {0: 1.0}, np.array([5.0 + surprise]), error=1e-4 * ONE, cases=ways
    )
    assert after.means[0][0, 0] == pytest.approx(5.0 + surprise, abs=0.02)
    assert bool(ordinary[0, 0] > 0.5) is drifts
    assert bool(after.means[1][0, 0] - 0.1 > 0.05 * surprise) is drifts


def test_a_corridor_that_was_not_measured_stays_as_it_is() -> None:
    state = a_state()
    after, likelihood, _ = update(state, np.array([False]), {0: 1.0}, np.array([9.0]), error=ONE, cases=[Case(1.0, {})])
    np.testing.assert_array_equal(matrices(after)[0], matrices(state)[0])
    assert likelihood.sum() == 0


def test_shares_of_far_apart_weights_do_not_overflow() -> None:
    shares, total = normalised([np.array([-1e5]), np.array([-1e5 - 800])])
    assert shares[0][0] == 1
    assert total[0] == -1e5
