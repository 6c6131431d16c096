"""The quota of one application: so many calls in a day of UTC, of which LinkedIn tells neither the number nor the rest.

It ends at midnight UTC. An answer carries no header of it and no ``Retry-After``; 429 comes when it is spent, and also
now and then to protect the infrastructure (Microsoft Learn, LinkedIn rate limiting). So the first refusals in a row are
answered by short pauses, and the next one ends the day.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

SHORT_PAUSES: Final = (5.0, 30.0, 120.0)
"""Seconds to pause after the first, second, third refusal in a row; one more, and the day is over."""

SLACK: Final = 60.0
"""Seconds after midnight before the first call of a day, since the platform's clock and ours are not one."""


class Day:
    """The calls of one application, day by day.

    Parameters
    ----------
    now
        The present.
    limit
        Calls a day, if the user knows it; 0: until the platform refuses.

    Examples
    --------
    >>> noon = datetime(2026, 11, 22, 12, tzinfo=UTC)
    >>> day = Day(lambda: noon)
    >>> for _ in range(4):
    ...     day.refused()
    ...     noon += timedelta(seconds=day.delay())
    >>> noon.isoformat()
    '2026-11-23T00:01:00+00:00'
    """

    def __init__(self, now: Callable[[], datetime], limit: int = 0) -> None:
        self.under_way = 0
        self._now = now
        self._limit = limit
        self._calls: Counter[str] = Counter()
        self._paused_until = datetime.min.replace(tzinfo=UTC)
        self._refusals = 0

    @property
    def used(self) -> int:
        """Calls of today, those under way included."""
        return self._calls[self._now().date().isoformat()] + self.under_way

    def delay(self) -> float:
        """Return the seconds until the next call may be sent, 0 if it may be sent now."""
        now = self._now()
        until = self._paused_until
        if self._limit and self.used >= self._limit:
            until = max(until, _morning(now))
        return max((until - now).total_seconds(), 0.0)

    def begin(self) -> None:
        """Count a call that is sent now."""
        self.under_way += 1

    def end(self, *, sent: bool = True) -> None:
        """Note that a call was answered or lost; it counts in the day that it ended in, unless it was never sent."""
        self.under_way -= 1
        self._calls[self._now().date().isoformat()] += sent

    def prime(self, answered: Iterable[tuple[datetime, bool]]) -> None:
        """Count the calls of earlier processes: when each was made, and whether it was refused.

        Where today's last ones were all refused until the day was over, one call is made to see whether it still is.
        """
        today = self._now().date()
        calls = sorted(call for call in answered if call[0].date() == today)
        self._calls[today.isoformat()] += len(calls)
        self._refusals = 0
        for _, refused in calls:
            self._refusals = self._refusals + 1 if refused else 0

    def refused(self) -> None:
        """Pause after a refusal; that of a call which was under way when the pause began counts for no second one."""
        now = self._now()
        if now < self._paused_until:
            return
        over = self._refusals >= len(SHORT_PAUSES)
        self._paused_until = _morning(now) if over else now + timedelta(seconds=SHORT_PAUSES[self._refusals])
        self._refusals = 0 if over else self._refusals + 1

    def accepted(self) -> None:
        """Note that a call was not refused: the next refusal is a first one again."""
        self._refusals = 0


def _morning(now: datetime) -> datetime:
    """Return when the first call of the next day of UTC may be made."""
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + timedelta(days=1, seconds=SLACK)
