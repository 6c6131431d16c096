"""How Meta rounds an audience, and so which true counts a displayed number is compatible with.

Point era (``users`` to 2018, ``estimate_mau`` to November 2021): two significant digits, in steps of 10 at least, to
the nearest (`smstock.platforms.rounding`). Measured on the recorded answers and the benchmark collections of 2017 to
2020:

- All 11,862 recorded point values, and all 1,237,860 of April and May 2019, have at most two significant digits. All
  604 recorded values below 100 are tens (20 to 90).
- To the nearest: 1,550 cells show exactly a power of ten, where the neighbouring numbers predict 1,428 if rounding is
  to the nearest, 2,564 if it is down, 291 if it is up. And total minus women minus men, regressed on the total and on
  the rounding steps, is offset by -0.00 (standard error 0.01; 11,098 triples) and -0.03 (0.01; 15,428 triples) of a
  step: 0 means nearest, +0.5 down, -0.5 up.

Bounds era (November 2021 on): each bound to the nearest 100 below 1,000,000, to the nearest 100,000 from there on, the
lower one 0.85 of the upper one before rounding. This band is a display, not a statistical interval; where in it the
true count lies is not documented. Source: 514 answers of 2024, of which 513 keep the ratio and one is at the floor.

A lower bound of 1,000 may stand for any count below: beside an upper bound of 1,100, 0.85 of which is 935, it does.
Then the true count may be anything from 0 to half a step above the upper bound.

A floor hides what is below it: 20 for ``users``, 1,000 since March 2018 (corridors of the European Union; one
collection in the United States of that year holds both). Counts of 1,000 to 1,049 round to 1,000 too; a floored answer
is nevertheless read as "1,000 at most", for they are some 0.3 % of the floored cells.
"""

from __future__ import annotations

from typing import Final

FLOOR: Final = 1000
"""Smallest number shown by ``estimate_mau`` and by both bounds; by ``users`` since March 2018."""

USERS_FLOOR: Final = 20
"""Smallest number shown by ``users`` until the beginning of 2018."""

_COARSE_FROM = 1_000_000


def bounds_interval(lower: int, upper: int) -> tuple[float, float]:
    """Return the true counts compatible with two bounds: the band between them, and half a step on either side.

    A lower bound at the floor bounds nothing: whatever lies below the floor is shown as it.

    Examples
    --------
    >>> bounds_interval(88_900, 104_600), bounds_interval(1_000_000, 1_200_000), bounds_interval(1000, 1100)
    ((88850.0, 104650.0), (999950.0, 1250000.0), (0.0, 1150.0))
    """
    below = 100 if lower <= _COARSE_FROM else 100_000
    above = 100 if upper < _COARSE_FROM else 100_000
    least = 0.0 if lower == FLOOR else max(lower - below / 2, 0.0)
    return least, upper + above / 2


def point_of_bounds(lower: int, upper: int) -> float:
    """Return the value that stands for two bounds, their mean.

    The upper bound would add a jump of 8 % to a series from before there were bounds. Where the lower bound is the
    floor, the mean is of two numbers shown, and `bounds_interval` says how little is known of the count.

    Examples
    --------
    >>> point_of_bounds(88_900, 104_600)
    96750.0
    """
    return (lower + upper) / 2
