"""Asking again after a passing fault: tenacity makes the attempts, and this tells how long it waits between them.

One ask is one attempt: what came of it reaches the journal, so the retrying is the collector's and not the client's.
"""

from __future__ import annotations

import asyncio
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Any, Final, TypeVar

from tenacity import AsyncRetrying, retry_if_result, stop_after_attempt, wait_exponential
from tenacity.wait import wait_base

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable
    from random import Random

    from tenacity import RetryCallState

    Wait = Callable[[RetryCallState], float]

LONGEST: Final = wait_exponential(multiplier=2, exp_base=4, max=120)
"""The longest pause after the first, second, ... attempt: 2, 8, 32, then 120 s."""

MOST_SECONDS: Final = 30 * 86_400.0
"""The longest pause that is believed: above it a date may lie beyond the calendar."""

T = TypeVar("T")


class Backoff(wait_base):
    """The seconds between two attempts, as tenacity asks for them.

    The pause is what the platform told; without that, a random time between 0 and `LONGEST` ("full jitter": those who
    failed together do not come back together).

    Parameters
    ----------
    rng
        Source of the jitter.
    requested
        Returns the pause, in seconds, that the result of an attempt asks for; None if it asks for none.
    """

    def __init__(self, rng: Random, requested: Callable[[Any], float | None] = lambda _: None) -> None:
        self._rng = rng
        self._requested = requested

    def __call__(self, retry_state: RetryCallState) -> float:
        """Return the pause after the attempt that ended last."""
        seconds = self._requested(last(retry_state))
        return self._rng.uniform(0, LONGEST(retry_state)) if seconds is None else seconds


def attempts(
    most: int,
    *,
    again: Callable[[T], bool],
    wait: Wait,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> AsyncRetrying:
    """Return a loop that calls a function until its result is final, or ``most`` times, and returns the last result.

    An error ends it at once: what passes is told by results.

    Parameters
    ----------
    most
        How many attempts there are at most.
    again
        Whether a result calls for another attempt.
    wait, sleep
        The pause between two attempts, and how to wait.

    Examples
    --------
    >>> from random import Random
    >>> replies, slept = iter([503, 503, 200]), []
    >>> async def ask() -> int:
    ...     return next(replies)
    >>> async def sleep(seconds: float) -> None:
    ...     slept.append(round(seconds, 1))
    >>> asking = attempts(5, again=lambda status: status == 503, wait=Backoff(Random(1)), sleep=sleep)
    >>> asyncio.run(asking(ask)), slept
    (200, [0.3, 6.8])
    """
    return AsyncRetrying(
        stop=stop_after_attempt(most), wait=wait, retry=retry_if_result(again), sleep=sleep, retry_error_callback=last
    )


def last(state: RetryCallState) -> Any:
    """Return the result of the last attempt; raise the error that ended it.

    Examples
    --------
    >>> from tenacity import RetryCallState
    >>> state = RetryCallState(AsyncRetrying(), None, (), {})
    >>> state.set_result(503)
    >>> last(state)
    503
    """
    return state.outcome.result() if state.outcome else None


def retry_after(headers: Iterable[tuple[str, str]]) -> float | None:
    """Return the seconds that ``Retry-After`` tells (RFC 9110, 10.2.3), None if it is absent or unreadable.

    A date is counted from the answer's own ``Date``; one that is past is 0. No pause is longer than `MOST_SECONDS`.

    Examples
    --------
    >>> retry_after([("retry-after", "120")])
    120.0
    >>> date, later = "Sun, 22 Nov 2026 10:00:00 GMT", "Sun, 22 Nov 2026 10:05:00 GMT"
    >>> retry_after([("Date", date), ("Retry-After", later)])
    300.0
    """
    fields = {name.lower(): value for name, value in headers}
    text = fields.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text), MOST_SECONDS)
    try:
        seconds = (parsedate_to_datetime(text) - parsedate_to_datetime(fields["date"])).total_seconds()
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    return min(max(seconds, 0.0), MOST_SECONDS)
