"""Bars of detail: places, and estimates by sex and age."""

from __future__ import annotations

from typing import Final

from benchmarks.bars.bar import Bar, Direction


def _beside(rival: str, *, plain: bool = False) -> float:
    from benchmarks.accuracy import shares

    return shares.beside(rival, plain=plain)


def _held() -> float:
    from benchmarks.accuracy import shares

    return abs(shares.held() - NOMINAL)


def _states(score: str) -> float:
    from benchmarks.accuracy import chosen

    return chosen.figure("US1", score)


def _held_of_states() -> float:
    from benchmarks.accuracy import chosen

    bands = chosen.bands("US1")
    return float((bands["coverage"] - NOMINAL).abs().max())


NOMINAL: Final = 80.0
MOST: Final = Direction.AT_MOST
BARS: Final[tuple[Bar, ...]] = (
    Bar(
        "states of the USA left out: MdAPE of what a calibration chooses",
        19.8,
        MOST,
        lambda: _states("mdape"),
        decimals=1,
        unit="%",
        long=True,
    ),
    Bar("the same: RMSLE", 0.35, MOST, lambda: _states("rmsle"), decimals=3, long=True),
    Bar("the same: 80 % intervals by size band, farthest from 80", 4, MOST, _held_of_states, decimals=1, long=True),
    Bar(
        "error of shares by sex and age, official shares kept = 1",
        0.85,
        MOST,
        lambda: _beside("official_shares"),
        decimals=2,
        long=True,
    ),
    Bar(
        "the same, shares of the audience = 1",
        0.85,
        MOST,
        lambda: _beside("audience_shares"),
        decimals=2,
        long=True,
    ),
    Bar(
        "the same, every corridor alike, official shares kept = 1",
        0.85,
        MOST,
        lambda: _beside("official_shares", plain=True),
        decimals=2,
        long=True,
    ),
    Bar("80 % intervals of groups by sex and age, from 80", 4, MOST, _held, decimals=1, long=True),
)
