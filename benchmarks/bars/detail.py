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


def _of_wave(fewest: int) -> float:
    from benchmarks.accuracy import shares

    return shares.beside_of_wave(WAVE, fewest)


def _of_all(office: str, rival: str) -> float:
    from benchmarks.accuracy import shares_of_all

    return shares_of_all.beside(office, rival)


def _held_of_all(office: str) -> float:
    from benchmarks.accuracy import shares_of_all

    return abs(shares_of_all.held(office) - NOMINAL)


def _farthest_of_worlds() -> float:
    from benchmarks.accuracy import group_worlds

    return group_worlds.farthest("countries")


def _held_of_regions(published: str) -> float:
    from benchmarks.accuracy import group_worlds

    return abs(group_worlds.of_all("regions", published=published) - NOMINAL)


def _states(score: str) -> float:
    from benchmarks.accuracy import chosen

    return chosen.figure("US1", score)


def _held_of_states() -> float:
    from benchmarks.accuracy import chosen

    bands = chosen.bands("US1")
    return float((bands["coverage"] - NOMINAL).abs().max())


NOMINAL: Final = 80.0
WAVE: Final = 1
LARGE: Final = 20_000
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
    Bar(
        f"the same in corridors of more than {LARGE:,} persons",
        0.85,
        MOST,
        lambda: _of_wave(LARGE),
        decimals=2,
        long=True,
    ),
    Bar("80 % intervals of groups by sex and age, from 80", 4, MOST, _held, decimals=1, long=True),
    Bar(
        "error of shares, UN DESA 2019, official shares elsewhere = 1",
        0.85,
        MOST,
        lambda: _of_all("UN DESA", "official_shares"),
        decimals=2,
        long=True,
    ),
    Bar(
        "error of shares, UN DESA 2019, shares of the audience = 1",
        0.85,
        MOST,
        lambda: _of_all("UN DESA", "audience_shares"),
        decimals=2,
        long=True,
    ),
    Bar(
        "80 % intervals of groups, UN DESA 2019, from 80",
        4,
        MOST,
        lambda: _held_of_all("UN DESA"),
        decimals=1,
        long=True,
    ),
    Bar(
        "error of shares, Eurostat 2019, official shares elsewhere = 1",
        0.85,
        MOST,
        lambda: _of_all("Eurostat", "official_shares"),
        decimals=2,
        long=True,
    ),
    Bar(
        "error of shares, Eurostat 2019, shares of the audience = 1",
        0.85,
        MOST,
        lambda: _of_all("Eurostat", "audience_shares"),
        decimals=2,
        long=True,
    ),
    Bar(
        "80 % intervals of groups, Eurostat 2019, from 80",
        4,
        MOST,
        lambda: _held_of_all("Eurostat"),
        decimals=1,
        long=True,
    ),
    Bar(
        "80 % intervals of groups, 10 worlds, by size, farthest from 80",
        4,
        MOST,
        _farthest_of_worlds,
        decimals=1,
        long=True,
    ),
    Bar(
        "80 % intervals of groups, regions that publish nothing, from 80",
        4,
        MOST,
        lambda: _held_of_regions("nothing"),
        decimals=1,
        long=True,
    ),
    Bar(
        "80 % intervals of groups, regions that publish figures, from 80",
        4,
        MOST,
        lambda: _held_of_regions("figures"),
        decimals=1,
        long=True,
    ),
)
