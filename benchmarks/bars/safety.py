"""Bars of safety: what cannot be is held back, what can be is not, and no misfortune of a month is published."""

from __future__ import annotations

from typing import Final

from benchmarks.bars.bar import Bar, Direction


def _unmarked() -> float:
    from benchmarks.reliability import absurd

    return absurd.unmarked()


def _false_alarms() -> float:
    from benchmarks.reliability import absurd

    return absurd.false_alarms()


def _broken_months() -> float:
    from benchmarks.reliability import months

    return months.breaches()


BARS: Final[tuple[Bar, ...]] = (
    Bar("Absurd estimates published unmarked, of 1,000 tried", 0, Direction.EXACTLY, _unmarked, long=True),
    Bar("Estimates of the worked example held back, unaltered", 0, Direction.AT_MOST, _false_alarms, long=True),
    Bar("36 months: breaches", 0, Direction.EXACTLY, _broken_months, long=True),
)
