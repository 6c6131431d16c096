"""The quota of an advertising account: so many calls in any rolling hour (Meta, rate limiting, 5 May 2026).

A call that is refused is not counted; it puts the end of the block off.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from typing import Final, Literal

Tier = Literal["limited", "full"]

CALLS: Final[dict[Tier, int]] = {"limited": 300, "full": 100_000}
"""Calls in a rolling hour without active ads."""
CALLS_PER_AD: Final = 40
WORDS: Final[dict[Tier, str]] = {"limited": "development_access", "full": "standard_access"}
"""What the usage header calls a tier."""
HOUR: Final = 3600.0
PROLONGED: Final = 10.0
"""Seconds by which a call during a block puts its end off. Meta says that it does, not by how much; it is short enough
here that a collector which asks every 30 s while blocked gets through, as one did in January 2024."""


@dataclass
class Quota:
    """What is left of an account's calls; times are seconds on any clock.

    Examples
    --------
    >>> quota = Quota(limit=2)
    >>> [quota.admit(now) for now in (0, 10, 20, 30, 3605)]
    [True, True, False, False, False]
    >>> quota.blocked_until, quota.regain_minutes(3605), quota.admit(3620)
    (3620.0, 1, True)
    """

    limit: int
    admitted: deque[float] = field(default_factory=deque)
    blocked_until: float = 0.0

    def admit(self, now: float) -> bool:
        """Count a call at ``now`` and return True, or refuse it and prolong the block."""
        self._forget(now)
        if now < self.blocked_until:
            self.blocked_until += PROLONGED
            return False
        if len(self.admitted) >= self.limit:
            self.blocked_until = self.admitted[0] + HOUR
            return False
        self.admitted.append(now)
        return True

    def spend(self, share: float, now: float) -> None:
        """Count calls of others, spread over the hour before ``now``: a share of the limit."""
        calls = int(share * self.limit)
        self.admitted.extend(now - HOUR * (calls - place) / (calls + 1) for place in range(calls))

    def percent(self, now: float) -> int:
        """Return the calls of the last hour in percent of the limit."""
        self._forget(now)
        return 100 * len(self.admitted) // self.limit

    def regain_minutes(self, now: float) -> int:
        """Return the minutes until calls pass again, rounded up; 0 if they pass."""
        return max(math.ceil((self.blocked_until - now) / 60), 0)

    def _forget(self, now: float) -> None:
        """Drop the calls that are an hour old."""
        while self.admitted and self.admitted[0] + HOUR <= now:
            self.admitted.popleft()


def quota(tier: Tier, active_ads: int = 0) -> Quota:
    """Return the unspent quota of an account.

    Examples
    --------
    >>> quota("limited", active_ads=2).limit
    380
    """
    return Quota(CALLS[tier] + CALLS_PER_AD * active_ads)
