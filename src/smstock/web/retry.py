"""How long to wait before asking again after a passing fault.

One ask is one attempt: what came of it reaches the journal, so the retrying is the collector's and not the client's.
"""

from __future__ import annotations

from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

from tenacity import AsyncRetrying, RetryCallState, wait_exponential

if TYPE_CHECKING:
    from collections.abc import Iterable
    from random import Random

LONGEST: Final = wait_exponential(multiplier=2, exp_base=4, max=120)
"""The longest pause after the first, second, ... attempt: 2, 8, 32, then 120 s."""


def pause(attempt: int, rng: Random, *, told: float | None = None) -> float:
    """Return the seconds to wait after an attempt that ended in a passing fault.

    The pause is what the platform told; without that, a random time between 0 and `LONGEST` ("full jitter": those who
    failed together do not come back together).

    Parameters
    ----------
    attempt
        Number of the attempt that failed, from 1.
    rng
        Source of the jitter.
    told
        The pause that the platform asked for, in seconds.

    Examples
    --------
    >>> from random import Random
    >>> [round(pause(attempt, Random(1)), 1) for attempt in (1, 2, 3, 4, 5)]
    [0.3, 1.1, 4.3, 16.1, 16.1]
    >>> pause(1, Random(1), told=300.0)
    300.0
    """
    if told is not None:
        return told
    state = RetryCallState(AsyncRetrying(), None, (), {})
    state.attempt_number = attempt
    return rng.uniform(0, LONGEST(state))


def retry_after(headers: Iterable[tuple[str, str]]) -> float | None:
    """Return the seconds that ``Retry-After`` tells (RFC 9110, 10.2.3), None if it is absent or unreadable.

    A date is counted from the answer's own ``Date``; one that is past is 0.

    Examples
    --------
    >>> retry_after([("retry-after", "120")])
    120.0
    >>> date, later = "Sun, 22 Nov 2026 10:00:00 GMT", "Sun, 22 Nov 2026 10:05:00 GMT"
    >>> retry_after([("Date", date), ("Retry-After", later)])
    300.0
    """
    told = {name.lower(): value for name, value in headers}
    text = told.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return float(text)
    try:
        seconds = (parsedate_to_datetime(text) - parsedate_to_datetime(told["date"])).total_seconds()
    except (KeyError, TypeError, ValueError):
        return None
    return max(seconds, 0.0)
