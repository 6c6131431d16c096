from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smstock.errors import TooFewCellsError
from smstock.models.baselines import CarryForward, ConstantRatio
from smstock.models.stack import LEAST_WEIGHT, AudienceStack, Stack, losses, weigh

if TYPE_CHECKING:
    from smstock.models.base import Method


def errors_of(seed: int, destinations: int, scales: list[float], cells: int = 4) -> tuple[np.ndarray, ...]:
    """Return log predictions that err by so much, the truth, and the number of the destination of each cell."""
    rng = np.random.default_rng(seed)
    groups = np.repeat(np.arange(destinations), cells)
    truth = rng.normal(8, 2, len(groups))
    common = np.column_stack([rng.normal(0, scale / 2, destinations)[groups] for scale in scales])
    return truth[:, None] + common + rng.normal(0, scales, (len(groups), len(scales))), truth, groups


@given(st.integers(0, 2**32 - 1), st.integers(3, 30))
def test_weights_are_shares_and_small_ones_are_left_out(seed: int, destinations: int) -> None:
    logs, truth, groups = errors_of(seed, destinations, [0.2, 0.3, 0.25, 1.0])
    weights = weigh(losses(logs, truth, groups))
    assert weights.sum() == pytest.approx(1)
    assert np.all((weights == 0) | (weights >= LEAST_WEIGHT))


def test_weights_are_the_shares_of_draws_that_a_method_wins() -> None:
    """Of two destinations one is estimated better by either method: its exponential weight has to be the larger."""
    squares = np.array([[1.0, 2.0], [3.0, 1.0]])
    # the first wins where w1 + 3 w2 < 2 w1 + w2, that is w1 > 2 w2, for which the odds are 1 in 3
    assert weigh([squares])[0] == pytest.approx(1 / 3, abs=0.06)
    assert weigh([squares, squares[:, ::-1]])[0] == pytest.approx(1 / 2, abs=0.06)


def test_the_best_method_has_all_the_weight_where_destinations_are_many_and_shares_it_where_few() -> None:
    shares = {}
    for destinations in (4, 300):
        weights = [weigh(losses(*errors_of(seed, destinations, [0.3, 0.36]))) for seed in range(40)]
        shares[destinations] = float(np.mean([weight[0] for weight in weights]))
    assert 0.5 < shares[4] < 0.75
    assert shares[300] > 0.9


def test_with_few_destinations_the_stack_errs_less_than_the_winner() -> None:
    """200 worlds of six destinations: three methods about as good, the stack and the winner tried on new corridors."""
    of_stack, of_winner = [], []
    for seed in range(200):
        scales = [0.3, 0.32, 0.34]
        by_group = losses(*errors_of(seed, 6, scales))
        logs, truth, _ = errors_of(seed + 10_000, 50, scales)
        of_stack.append(np.square(logs @ weigh(by_group) - truth).mean())
        of_winner.append(np.square(logs[:, by_group[0].sum(axis=0).argmin()] - truth).mean())
    assert np.mean(of_stack) < 0.9 * np.mean(of_winner)


def test_persons_count_for_half_of_the_weight() -> None:
    """One method is right about many small corridors, the other about the single large one."""
    truth = np.log(np.tile([100.0, 100.0, 100.0, 1e6], 9))
    groups = np.repeat(np.arange(9), 4)
    large = truth > np.log(1e5)
    logs = np.column_stack([truth + np.where(large, 0.3, 0.0), truth + np.where(large, 0.0, 0.4)])
    squares, persons = losses(logs, truth, groups)
    assert weigh([squares]).tolist() == [1.0, 0.0]
    assert weigh([persons]).tolist() == [0.0, 1.0]
    assert weigh([squares, persons]).tolist() == [0.5, 0.5]
    assert persons[0] == pytest.approx([1e3 * np.expm1(0.3), 3 * 10 * np.expm1(0.4)])


def test_a_stack_is_a_geometric_mean_of_its_members() -> None:
    stack = Stack(
        {"constant_ratio": 0.25, "carry_forward": 0.75},
        {"constant_ratio": ConstantRatio(ratio=2.0), "carry_forward": CarryForward()},
    )
    table = pd.DataFrame({"audience": [100.0, np.nan], "official_last": [50.0, 50.0]})
    assert stack.predict(table)[0] == pytest.approx(200**0.25 * 50**0.75)
    assert np.isnan(stack.predict(table)[1])


def test_a_stack_is_not_fitted_by_itself() -> None:
    with pytest.raises(TooFewCellsError, match="weighted by cross-validation"):
        Stack.fit(pd.DataFrame({"stock": np.ones(20)}))


def test_a_stack_reads_what_its_members_read() -> None:
    members: dict[str, Method] = {"constant_ratio": ConstantRatio(ratio=2.0), "carry_forward": CarryForward()}
    mixed = Stack({"constant_ratio": 0.4, "carry_forward": 0.6}, members)
    assert mixed.reads_audience()
    assert mixed.rests_on_last()
    assert not Stack({"carry_forward": 1.0}, {"carry_forward": CarryForward()}).reads_audience()
    assert not AudienceStack({"constant_ratio": 1.0}, {"constant_ratio": ConstantRatio(ratio=2.0)}).rests_on_last()
