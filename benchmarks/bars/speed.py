"""Bars of speed: what a month, an official file and a world cost, beside a former commit or a peer in the same run."""

from __future__ import annotations

from functools import cache
from typing import Final

from benchmarks.bars.bar import Bar, Direction


def _first() -> float:
    from benchmarks.speed import first_month

    return first_month.share_of_former()


def _unchanged() -> float:
    from benchmarks.speed import again

    return again.unchanged()


def _plan() -> float:
    from benchmarks.speed import again

    return again.plan()


def _status() -> float:
    from benchmarks.speed import again

    return again.status()


def _explained() -> float:
    from benchmarks.real_data import shared_folder
    from benchmarks.speed import again

    return again.explained(shared_folder())


def _import() -> float:
    from benchmarks.speed import official_import

    return official_import.cpu_beside_the_client()


def _import_memory() -> float:
    from benchmarks.speed import official_import

    return official_import.peak_of_import()


def _ten_thousand() -> float:
    from benchmarks.speed import world

    return world.calibrate_10_000()


@cache
def _month_of_the_world() -> tuple[float, float]:
    from benchmarks.speed import world

    return world.month_54_000()


def _world() -> float:
    return _month_of_the_world()[0]


def _world_memory() -> float:
    return _month_of_the_world()[1]


def _calibrating() -> float:
    from benchmarks.speed import cores

    return cores.calibrating()


def _backtesting() -> float:
    from benchmarks.speed import cores

    return cores.backtesting()


def _tables() -> float:
    from benchmarks.speed import tables

    return tables.peak()


def _merged() -> float:
    from benchmarks.speed import merge

    return merge.differing_cells()


MOST, LEAST = Direction.AT_MOST, Direction.AT_LEAST
BARS: Final[tuple[Bar, ...]] = (
    Bar("`smstock run serbia`, first: CPU, commit 08434bc = 1", 0.33, MOST, _first, decimals=2, long=True),
    Bar("the same again, unchanged: CPU, `smstock --help` = 1", 6, MOST, _unchanged, decimals=1, long=True),
    Bar("`smstock plan`: CPU, `smstock --help` = 1", 2, MOST, _plan, decimals=1, long=True),
    Bar("`smstock status`: CPU, `smstock --help` = 1", 2, MOST, _status, decimals=1, long=True),
    Bar("explaining one corridor of 25: CPU, nowcast of the 25 = 1", 1, MOST, _explained, decimals=2, long=True),
    Bar("import of 7 million figures: CPU, `eurostat` client = 1", 1, MOST, _import, decimals=2, long=True),
    Bar("import of 7 million figures: memory", 0.8, MOST, _import_memory, decimals=2, unit="GiB", long=True),
    Bar("10,000 corridors calibrated, all methods: CPU", 90, MOST, _ten_thousand, unit="s", long=True),
    Bar("54,000 corridors calibrated and nowcast: CPU", 20, MOST, _world, decimals=1, unit="min", long=True),
    Bar("54,000 corridors calibrated and nowcast: memory", 4, MOST, _world_memory, decimals=1, unit="GiB", long=True),
    Bar("two processes, calibrate of the EU set: speed, one = 1", 1.7, LEAST, _calibrating, decimals=2, long=True),
    Bar("two processes, backtest of the EU set: speed, one = 1", 1.7, LEAST, _backtesting, decimals=2, long=True),
    Bar(
        "10^8 estimates written, summed, exported: memory",
        4,
        MOST,
        _tables,
        decimals=2,
        unit="GiB",
        long=True,
    ),
    Bar("cells that differ, two journals merged and one collector's", 0, Direction.EXACTLY, _merged, long=True),
)
