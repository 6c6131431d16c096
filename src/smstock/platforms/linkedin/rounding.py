"""How LinkedIn rounds an audience, and so which true counts a displayed total is compatible with.

"The total is a rounded approximation, and the degree of approximation depends upon the size of the audience segment";
"to protect member privacy, this value is 0 when the audience size is less than 300" (Microsoft Learn, audience counts,
LinkedIn-Version 202601). The steps are not documented. They were measured: all of 349,700 counts that LinkedIn showed
in five countries have two significant digits at most, rounded to the nearest; half of them are 0, and the least above 0
is 300.

Both facts make 300 the counts from 300 to 304: fewer are shown as 0 before anything is rounded, 305 as 310. That 295 to
299 are shown as 300 would need a floor that is compared with the rounded count, against the words of the page.

The sample of that page (25,312,600) has more digits. So a total with more than two of them obeys another rule, of which
nothing is known but that it divides by some power of ten. The largest one that does is the largest step it can have
been rounded by, and one such step to either side covers rounding to the nearest, down and up.

The rule is that of an answer, not of a wave: a finer rounding to the nearest gives a total of two digits by chance, and
the interval of two digits then holds what the finer one would have held.
"""

from __future__ import annotations

from typing import Final

from smstock.platforms.rounding import to_two_digits, two_digit_interval

FLOOR: Final = 300
"""A smaller audience is shown as 0."""

TWO_DIGITS: Final = "two_digits"
"""The rule of a total that two digits show: half a unit of the second one to either side."""
MORE_DIGITS: Final = "more_digits"
"""The rule of a total with more of them: the largest power of ten that divides it, to either side."""


def rule(total: int) -> str:
    """Return which of the two rules a total above the floor obeys.

    Examples
    --------
    >>> rule(310), rule(1_200_000), rule(25_312_600)
    ('two_digits', 'two_digits', 'more_digits')
    """
    return TWO_DIGITS if to_two_digits(total) == total else MORE_DIGITS


def interval(total: int) -> tuple[float, float]:
    """Return the true counts compatible with a total above the floor: by its rule, 300 at least.

    Examples
    --------
    >>> interval(300), interval(310), interval(1000)
    ((300.0, 305.0), (305.0, 315.0), (995.0, 1050.0))
    >>> interval(25_312_600)
    (25312500.0, 25312700.0)
    """
    if rule(total) == TWO_DIGITS:
        lower, upper = two_digit_interval(total)
        return max(lower, float(FLOOR)), upper
    step = _largest_power_of_ten(total)
    return max(float(total - step), float(FLOOR)), float(total + step)


def _largest_power_of_ten(total: int) -> int:
    """Return the largest power of ten that divides a total."""
    digits = str(total)
    return int(10 ** (len(digits) - len(digits.rstrip("0"))))
