"""The quota of one account: so many calls in any rolling hour, and pauses when the platform asks for them.

A call takes a place from the moment it is sent until an hour after its answer came. The platform counts it at some
moment between the two, so a client that keeps to its places is never refused, however slow the wire is. While the hour
is empty the calls may come in a burst; afterwards each waits for an old one to leave. Spacing them evenly would spend
no more in the hour and make every small query last as long as a large one.

What an account's own calls do not explain comes out of the platform's usage: calls of another program, and calls of a
process that was killed before they were written down. They are given places as if they had been made just now.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

HOUR: Final = 3600.0
SLACK: Final = 1.0
"""Seconds that a place is kept beyond the hour, since the platform's clock and ours are not one."""

MINUTE: Final = 60.0
"""Seconds to add to a pause that the platform told, since it tells whole minutes."""

NEARLY: Final = 90.0
"""Percent of a limit at which calls stop or slow down, before they are refused."""

PAUSES: Final = (300.0, 900.0, 3600.0)
"""Seconds to pause after the first, second, every later refusal in a row, where the platform does not tell."""


class Limiter:
    """The places of one account, shared by all who ask through it.

    Parameters
    ----------
    limit
        Calls in any rolling hour; may be changed as the platform tells another one.
    clock
        Seconds that never run backwards.

    Examples
    --------
    >>> now = 0.0
    >>> limiter = Limiter(2, clock=lambda: now)
    >>> limiter.begin(); limiter.begin(); limiter.end(); limiter.end()
    >>> now = 600.0
    >>> limiter.delay()
    3001.0
    """

    def __init__(self, limit: int, *, clock: Callable[[], float]) -> None:
        self.limit = limit
        self.under_way = 0
        self._clock = clock
        self._leaving: deque[float] = deque()
        self._slowed: int | None = None
        self._paused_until = float("-inf")
        self._refusals = 0

    @property
    def used(self) -> int:
        """Places taken now."""
        now = self._clock()
        while self._leaving and self._leaving[0] <= now:
            self._leaving.popleft()
        return len(self._leaving) + self.under_way

    def delay(self) -> float:
        """Return the seconds until the next call may be sent, 0 if it may be sent now.

        Where answers are still under way it is the least that it can be.
        """
        limit = self.limit if self._slowed is None else min(self.limit, self._slowed)
        must_leave = self.used - limit + 1
        now = self._clock()
        if must_leave <= 0:
            place = now
        elif must_leave <= len(self._leaving):
            place = self._leaving[must_leave - 1]
        else:
            place = now + HOUR + SLACK
        return max(place, self._paused_until, now) - now

    def begin(self) -> None:
        """Take a place for a call that is sent now."""
        self.under_way += 1

    def end(self, *, sent: bool = True) -> None:
        """Note that a call was answered or lost; unless it was never sent, it may have been counted until now."""
        self.under_way -= 1
        self._take(1 if sent else 0)

    def prime(self, answered: Iterable[float]) -> None:
        """Take places for calls of an earlier process, at the latest times at which they can have been counted.

        Parameters
        ----------
        answered
            Times on the limiter's clock, in any order; one in the future is taken for now.
        """
        now = self._clock()
        places = (min(time, now) + HOUR + SLACK for time in answered)
        self._leaving = deque(sorted([*self._leaving, *places]))

    def correct(self, *, call_percent: float | None, time_percent: float | None) -> None:
        """Correct the places by the platform's own count.

        Parameters
        ----------
        call_percent
            Calls of the hour, percent of the limit. What the own calls do not explain is given places from now on.
        time_percent
            Processor or wall time used in the hour, percent of its limit. From 90 % on the calls an hour are cut in
            proportion, for it is the calls that spend the time.
        """
        # twice the limit closes the account for an hour, whatever leaves meanwhile
        self._take(int(min(call_percent or 0.0, 200.0) / 100 * self.limit) - self.used)
        nearly = time_percent is not None and time_percent >= NEARLY
        self._slowed = max(1, int(self.used * NEARLY / time_percent)) if nearly and time_percent else None

    def pause(self, seconds: float) -> None:
        """Send nothing for some seconds; a longer pause that was asked for before stands."""
        self._paused_until = max(self._paused_until, self._clock() + seconds)

    def refused(self, seconds: float | None) -> None:
        """Pause after a refusal: as long as the platform told, and longer if that was not enough the last time.

        The refusal of a call that was under way when the pause began lengthens it to the time told, and counts for no
        second one.

        Parameters
        ----------
        seconds
            Seconds until calls pass again, as the platform told; None if it did not.
        """
        if self._clock() >= self._paused_until:
            if seconds is None or self._refusals:
                self.pause(PAUSES[min(self._refusals, len(PAUSES) - 1)])
            self._refusals += 1
        if seconds is not None:
            self.pause(seconds + MINUTE)

    def accepted(self) -> None:
        """Note that a call was not refused: the next refusal is a first one again."""
        self._refusals = 0

    def _take(self, places: int) -> None:
        self._leaving.extend([self._clock() + HOUR + SLACK] * places)
