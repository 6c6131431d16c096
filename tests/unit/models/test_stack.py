from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smstock.errors import TooFewCellsError
from smstock.models.baselines import CarryForward, ConstantRatio
from smstock.models.stack import Stack, weigh


@given(st.integers(0, 2**32 - 1), st.integers(2, 6))
def test_weights_are_shares_and_never_worse_than_the_best_member(seed: int, members: int) -> None:
    rng = np.random.default_rng(seed)
    truth = rng.normal(8, 2, 60)
    logs = truth[:, None] + rng.normal(0, rng.uniform(0.1, 1, members), (60, members)) + rng.normal(0, 0.3, members)
    weights = weigh(logs, truth)
    assert weights.min() >= 0
    assert weights.sum() == pytest.approx(1)
    alone = np.square(logs - truth[:, None]).mean(axis=0).min()
    assert np.square(logs @ weights - truth).mean() <= alone * 1.05 + 1e-9


def test_a_member_that_adds_nothing_has_no_weight() -> None:
    rng = np.random.default_rng(1)
    truth = rng.normal(8, 2, 200)
    good = truth + rng.normal(0, 0.1, 200)
    assert weigh(np.column_stack([good, good + rng.normal(0, 2, 200)]), truth).tolist() == [1.0, 0.0]


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
