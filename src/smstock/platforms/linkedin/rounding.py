"""How LinkedIn rounds an audience, and so which true counts a displayed total is compatible with.

"The total is a rounded approximation, and the degree of approximation depends upon the size of the audience segment";
it is 0 when the audience is smaller than 300 (Microsoft Learn, audience counts, LinkedIn-Version 202601). Neither the
steps nor the direction are documented, and no collection of totals has been measured here.

So the interval is a cautious one. A total is taken to be a multiple of a power of ten; the largest one that divides it
is the largest step it can have been rounded by, up to a unit of its second digit. One such step to either side covers
rounding to the nearest, down and up.
"""

from __future__ import annotations

from typing import Final

FLOOR: Final = 300
"""A smaller audience is shown as 0."""


def step(total: int) -> int:
    """Return the largest power of ten that a total can have been rounded by: a tenth of its first digit at most.

    Examples
    --------
    >>> step(25_312_600), step(310_000), step(1_000_000), step(305)
    (100, 10000, 100000, 1)
    """
    largest = int(10 ** (len(str(total)) - 2))
    while total % largest:
        largest //= 10
    return largest


def interval(total: int) -> tuple[float, float]:
    """Return the true counts compatible with a total above the floor: one step to either side, 300 at least.

    Examples
    --------
    >>> interval(25_312_600), interval(310)
    ((25312500.0, 25312700.0), (300.0, 320.0))
    """
    return max(float(total - step(total)), float(FLOOR)), float(total + step(total))
