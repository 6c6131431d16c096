from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from smstock.errors import TooFewCellsError
from smstock.published.alexander.schedules import age_schedules

AGES = [15, 20, 25, 30, 35]


def shares(rows: int = 40, noise: float = 0.0) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    level, change = rng.normal(-6, 1, rows), rng.normal(0, 0.5, rows)
    logs = np.outer(level, [1.2, 1.0, 0.9, 0.9, 1.0]) + np.outer(change, [-1, -0.5, 0, 0.5, 1])
    return pd.DataFrame(np.exp(logs + rng.normal(0, 1, logs.shape) * noise), columns=AGES)


def test_two_schedules_span_what_was_made_of_two() -> None:
    found = age_schedules(shares())
    logs = np.log(shares().to_numpy())
    assert logs @ found.to_numpy() @ found.to_numpy().T == pytest.approx(logs)


def test_schedules_are_orthonormal_and_named_by_age() -> None:
    found = age_schedules(shares(noise=0.3))
    assert (found.T @ found).to_numpy() == pytest.approx(np.eye(2), abs=1e-12)
    assert list(found.index) == AGES
    assert found.shape == (5, 2)
    assert (found.sum() >= 0).all()


def test_they_are_the_eigenvectors_of_the_second_moments() -> None:
    logs = np.log(shares(noise=0.3).to_numpy())
    values, vectors = np.linalg.eigh(logs.T @ logs)
    found = age_schedules(shares(noise=0.3))
    for column, rank in ((1, -1), (2, -2)):
        assert abs(found[column].to_numpy() @ vectors[:, rank]) == pytest.approx(1)
    assert values[-1] > values[-2]


def test_incomplete_rows_are_left_out() -> None:
    table = shares()
    zero, missing = table.head(1) * [1, 0, 1, 1, 1], table.head(1) * [1, np.nan, 1, 1, 1]
    again = pd.concat([zero, table, missing])
    pd.testing.assert_frame_equal(age_schedules(again), age_schedules(table))


def test_too_few_complete_rows_or_ages() -> None:
    with pytest.raises(TooFewCellsError, match="2 complete rows of 2 ages; there are 1 of 5"):
        age_schedules(shares(1))
    with pytest.raises(TooFewCellsError, match="there are 40 of 1"):
        age_schedules(shares()[[15]])
