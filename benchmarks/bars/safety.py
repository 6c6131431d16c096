"""Bars of safety: what cannot be is held back, what can be is not, and no misfortune of a month is published."""

from __future__ import annotations

from functools import partial
from typing import Final

from benchmarks.bars.bar import Bar, Direction


def _unmarked() -> float:
    from benchmarks.reliability import absurd

    return absurd.unmarked()


def _unmarked_series() -> float:
    from benchmarks.reliability import absurd

    return absurd.unmarked_series()


def _unmarked_files() -> float:
    from benchmarks.reliability import absurd

    return absurd.unmarked_files()


def _false_alarms(month: str) -> float:
    from benchmarks.reliability import absurd

    return absurd.false_alarms(getattr(absurd, month)())


def _held_back(name: str, month: str) -> Bar:
    figure = partial(_false_alarms, month)
    return Bar(f"held back, nothing altered, {name}", 1, Direction.AT_MOST, figure, unit="%", decimals=2, long=True)


def _broken_months() -> float:
    from benchmarks.reliability import months

    return months.breaches()


def _with_places(platform: str, title: str, number: int) -> Bar:
    def broken() -> float:
        from benchmarks.reliability import reliability

        return reliability.breaches_with_places(platform, number)

    name = f"{number} collections with places, killed and lied to, {title}: breaches"
    return Bar(name, 0, Direction.EXACTLY, broken, long=True)


BARS: Final[tuple[Bar, ...]] = (
    Bar("absurd estimates published unmarked", 0, Direction.EXACTLY, _unmarked, long=True),
    Bar(
        "the same where two or all figures of a corridor are wrong alike",
        5,
        Direction.AT_MOST,
        _unmarked_series,
        unit="%",
        decimals=1,
        long=True,
    ),
    Bar(
        "the same where the whole official file is in other units",
        0,
        Direction.EXACTLY,
        _unmarked_files,
        unit="%",
        decimals=1,
        long=True,
    ),
    _held_back("the worked example", "example"),
    _held_back("the European Union", "european_union"),
    _held_back("the world", "world"),
    Bar("36 months: breaches", 0, Direction.EXACTLY, _broken_months, long=True),
    _with_places("meta", "Meta", 200),
    _with_places("linkedin", "LinkedIn", 200),
)
