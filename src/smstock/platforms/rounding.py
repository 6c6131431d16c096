"""Two significant digits to the nearest, steps of 10 at least: how platforms show a count, and what it can have been.

Meta showed its audiences so until November 2021, LinkedIn does; each says in its own room how that is known, and what
its floor hides.
"""

from __future__ import annotations


def to_two_digits(count: int) -> int:
    """Return a count as it is shown: to the nearest unit of its second digit, 10 at least, a half upwards.

    Examples
    --------
    >>> to_two_digits(304), to_two_digits(995), to_two_digits(1049), to_two_digits(88_373)
    (300, 1000, 1000, 88000)
    """
    step: int = 10 ** max(len(str(count)) - 2, 1)
    return (2 * count + step) // (2 * step) * step


def two_digit_interval(shown: int) -> tuple[float, float]:
    """Return the true counts compatible with a count as it is shown: lower end included, upper end not.

    Half a step to either side. A step is a unit of the second digit, 10 at least; below a power of ten it is a tenth of
    the step above it.

    Examples
    --------
    >>> two_digit_interval(1100), two_digit_interval(10_000), two_digit_interval(30)
    ((1050.0, 1150.0), (9950.0, 10500.0), (25.0, 35.0))
    """
    digits = len(str(shown))
    above = 10 ** max(digits - 2, 1)
    below = 10 ** max(digits - 3, 1) if shown == 10 ** (digits - 1) else above
    return max(shown - below / 2, 0.0), shown + above / 2
