"""Bars of safety: what cannot be is held back, and what can be is not."""

from __future__ import annotations

from typing import Final

from benchmarks.bars.bar import Bar, Direction


def _unmarked() -> float:
    from benchmarks.reliability import absurd

    return absurd.unmarked()


def _false_alarms() -> float:
    from benchmarks.reliability import absurd

    return absurd.false_alarms()


BARS: Final[tuple[Bar, ...]] = (
    Bar("Absurd estimates published unmarked, of 1,000 tried", 0, Direction.EXACTLY, _unmarked, long=True),
    Bar("Estimates of the worked example held back, unaltered", 0, Direction.AT_MOST, _false_alarms, long=True),
)
