"""Bars of one path: figures by the path of the product, and a house where things are found."""

from __future__ import annotations

from functools import partial
from typing import Final

from benchmarks.bars import house, parses
from benchmarks.bars.bar import Bar, Direction


def _rmsle(task: str, method: str) -> float:
    from benchmarks.accuracy.printed import rmsle

    return rmsle(task, method)


def _accuracy(task: str, method: str, bar: float) -> Bar:
    name = f"{task}: RMSLE of {method}"
    return Bar(name, bar, Direction.AT_MOST, partial(_rmsle, task, method), decimals=3, long=True)


BARS: Final = (
    _accuracy("E3", "hierarchical", 0.66),
    _accuracy("E4", "hierarchical_update", 0.36),
    _accuracy("G1", "hierarchical_gravity", 0.895),
    _accuracy("G1o", "hierarchical_gravity", 0.902),
    _accuracy("G2", "hierarchical_update", 0.378),
    _accuracy("US1", "hierarchical", 0.355),
    Bar(
        "parses of an answer in one month",
        2,
        Direction.AT_MOST,
        lambda: parses.of_the_example().of_an_answer,
        decimals=2,
        long=True,
    ),
    Bar(
        "parses of an official file in one month, the most",
        1,
        Direction.EXACTLY,
        lambda: parses.of_the_example().of_a_file,
        long=True,
    ),
    Bar("time of `make test`", 180, Direction.AT_MOST, house.seconds_of_tests, unit="s", long=True),
    Bar("circles of imports", 0, Direction.EXACTLY, house.circles),
    Bar("imports against the order of the rooms", 0, Direction.EXACTLY, house.backward_arrows),
    Bar("modules in models/", 24, Direction.AT_MOST, partial(house.rooms, "models")),
    Bar(
        "public functions without a doctest or a place in docs/python.md",
        0,
        Direction.EXACTLY,
        house.undocumented_functions,
    ),
)
