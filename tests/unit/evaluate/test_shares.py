"""Scores of shares by hand, and the guard that no method sees the stocks it is scored on."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar, Self

import numpy as np
import pytest

from smstock.evaluate.shares import MOST_FOLDS, LeftOut, leave_out
from smstock.models.shares.base import ShareMethod
from smstock.models.shares.compositions import Compositions

GROUPS = (("female", 18, None, ""), ("male", 18, None, ""))


def corridors(destinations: int) -> Compositions:
    ends = np.array([f"D{number:02}" for number in range(destinations)], dtype=object)
    nothing = np.full((destinations, 2), np.nan)
    stock = np.array([[100.0 + number, 100.0] for number in range(destinations)])
    origins = np.full(destinations, "O", dtype=object)
    return Compositions(
        ends, origins, GROUPS, nothing, nothing, nothing, nothing, nothing, origins, stock, groups_asked=(False, False)
    )


def test_errors_are_means_over_persons_and_over_corridors() -> None:
    """Shares are wrong by 0.1 in a corridor of 300 and by 0.2 in one of 100: 0.125, and 0.15."""
    of = replace(corridors(3), stock=np.array([[150.0, 150.0], [50.0, 50.0], [5.0, 5.0]]))
    wrong = np.array([[0.6, 0.4], [0.3, 0.7], [0.5, 0.5]])
    holed = np.array([[0.5, 0.5], [0.5, 0.5], [np.nan, np.nan]])
    inside = np.array([[True, True], [True, False], [False, False]])
    none = np.full((3, 2), np.nan)
    left_out = LeftOut(of, {"a": wrong, "b": holed, "c": none}, dict.fromkeys("abc", inside))
    best, second = left_out.scores()
    assert (best.method, best.error, best.corridors) == ("b", 0.0, 2)
    assert (second.method, second.corridors, second.held) == ("a", 2, 0.75)
    assert second.error == pytest.approx(0.125)
    assert second.plain_error == pytest.approx(0.15)
    assert LeftOut(of, {"c": none}, {"c": inside}).scores() == ()


class Seen(ShareMethod):
    """Says of each corridor whether it saw its destination's stock."""

    name: ClassVar[str] = "seen"
    source: ClassVar[str] = "a test"
    measures_spread: ClassVar[bool] = True
    last: ClassVar[frozenset[str]] = frozenset()

    @classmethod
    def fit(cls, of: Compositions) -> Self:
        cls.last = frozenset(of.destination[np.isfinite(of.total)].tolist())
        return cls()

    def predict(self, of: Compositions) -> np.ndarray:
        seen = np.array([[destination in self.last] for destination in of.destination], dtype=float)
        return np.hstack([seen, 1 - seen])


@pytest.mark.parametrize("destinations", [2, 7, MOST_FOLDS, 3 * MOST_FOLDS + 1])
def test_each_corridor_is_estimated_once_without_its_destination(destinations: int) -> None:
    of = corridors(destinations)
    unknown = np.arange(destinations) == 1
    left_out = leave_out(of.without_stock(unknown), (Seen,))
    assert len(left_out.of) == destinations - 1
    assert (left_out.expected["seen"] == [0.0, 1.0]).all()
