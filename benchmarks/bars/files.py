"""Bars of files: a figure is read as it was written, or refused; and a second provider removes none."""

from __future__ import annotations

from typing import Final

from benchmarks.bars import mixtures
from benchmarks.bars.bar import Bar, Direction


def _wrong() -> float:
    from benchmarks.reliability import written

    return written.outcomes().wrong


def _refused_that_tell() -> float:
    from benchmarks.reliability import written

    return written.outcomes().refused_that_tell


def _damaged_wrong() -> float:
    from benchmarks.reliability import damages

    return len(damages.outcomes().faults)


def _damaged() -> float:
    from benchmarks.reliability import damages

    return damages.outcomes().counts.total()


BARS: Final[tuple[Bar, ...]] = (
    Bar("Columns read wrong, of 10,000 in random formats of numbers", 0, Direction.EXACTLY, _wrong, long=True),
    Bar(
        "Columns refused of these, of which nothing can be read in two ways",
        0,
        Direction.EXACTLY,
        _refused_that_tell,
        long=True,
    ),
    Bar("Damages to real files of every layout", 100_000, Direction.AT_LEAST, _damaged, long=True),
    Bar("Tracebacks, unnamed files and figures that moved, of these", 0, Direction.EXACTLY, _damaged_wrong, long=True),
    *mixtures.BARS,
)
