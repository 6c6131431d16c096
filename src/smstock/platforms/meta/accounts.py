"""Advertising accounts: the tokens of each, its quota, and what the usage headers of its answers say about that.

The quota belongs to the pair of app and advertising account (Meta, rate limiting, 5 May 2026): two tokens of one
account share it, and more accounts are the way to more answers an hour.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import ceil
from typing import TYPE_CHECKING, Final

from smstock.platforms.meta import usage
from smstock.web.credentials import LABEL, NUMBER, TOKEN, CredentialForm
from smstock.web.quota import HOUR, MINUTE, NEARLY, PAUSES, Limiter

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from smstock.web.credentials import Credential

LIMITED: Final = "development_access"
FULL: Final = "standard_access"
"""The two access tiers, as the headers call them."""

CALLS_PER_HOUR: Final = {LIMITED: 300, FULL: 100_000}
"""Quota of an account by access tier (Meta, rate limiting, 5 May 2026)."""

CALLS_PER_AD: Final = 40
"""What each active ad adds to it."""

QUICK: Final = 0.25
"""Seconds: answers that come sooner are still asked for several at a time, since those that arrive together are written
to the journal by one commit, and a commit waits for the disk."""

QUOTA_HEADER: Final = "x-business-use-case-usage"
"""The header that tells the hour of this account; the two others tell of limits of a shorter time, and of the app."""


CREDENTIAL: Final = CredentialForm(
    "meta",
    {"token": TOKEN, "account": r"(act_)?[0-9]+", "app": LABEL, "app_secret": TOKEN, "active_ads": NUMBER},
    required=("token", "account"),
    allowed="token and app_secret without a blank or a line break, account as act_123 or 123, app (any label), "
    "active_ads (a whole number)",
)


@dataclass(eq=False)
class Account:
    """An advertising account under one app; taken to be on the Limited tier until it is told otherwise.

    Parameters
    ----------
    app, number
        Label of the app, number of the account.
    limiter
        Its quota.
    active_ads
        Ads that are running on it.
    credentials
        Its tokens; the first one is used.
    latency
        Seconds that its answers take, as a moving average.
    """

    app: str
    number: str
    limiter: Limiter
    active_ads: int = 0
    credentials: list[Credential] = field(default_factory=list)
    latency: float = 0.5

    @property
    def name(self) -> str:
        """The account as the platform and the journal name it."""
        return f"act_{self.number}"

    @property
    def concurrency(self) -> int:
        """Calls under way that spend the quota: rate times latency (Little's law), a quarter more, 2 to 64.

        2 on the Limited tier, 18 on the Full one at a latency of 0.5 s. A latency counts as `QUICK` at least.
        """
        return min(64, max(2, ceil(1.25 * self.limiter.limit / HOUR * max(self.latency, QUICK))))

    def turn(self) -> tuple[float, float]:
        """Return a key that sorts first whoever may ask soonest, then whoever has most to spare."""
        return self.limiter.delay(), self.limiter.used / self.limiter.limit

    def timed(self, seconds: float) -> None:
        """Note how long an answer took."""
        self.latency += 0.2 * (seconds - self.latency)

    def set_tier(self, tier: str) -> None:
        """Set the quota to that of an access tier; a tier that is not known changes nothing."""
        if tier in CALLS_PER_HOUR:
            self.limiter.limit = CALLS_PER_HOUR[tier] + CALLS_PER_AD * self.active_ads

    def learn(self, headers: Iterable[tuple[str, str]], *, age: float | None = None) -> None:
        """Take over what the usage headers of an answer tell: the tier, the calls used, pauses before a limit is hit.

        Parameters
        ----------
        headers
            Of an answer of this account.
        age
            Seconds since it was asked for, if it is an old one: it tells the tier and the pauses that have not ended,
            its counts are past.
        """
        usage_headers = [(name.lower(), value) for name, value in headers]
        quota = usage.read((name, value) for name, value in usage_headers if name == QUOTA_HEADER)
        shorter = usage.read((name, value) for name, value in usage_headers if name != QUOTA_HEADER)
        self.set_tier(quota.tier or shorter.tier)
        since = age or 0.0
        if quota.regain_seconds:
            self.limiter.pause(quota.regain_seconds + MINUTE - since)
        elif age is None:
            self.limiter.correct(call_percent=quota.call_percent, time_percent=quota.time_percent)
        if max(shorter.call_percent or 0.0, shorter.time_percent or 0.0) >= NEARLY:
            self.limiter.pause((shorter.regain_seconds or PAUSES[0]) - since)


def accounts(credentials: Sequence[Credential], clock: Callable[[], float]) -> list[Account]:
    """Return the accounts of some credentials, each with all of its tokens.

    Parameters
    ----------
    credentials
        In the order in which the tokens of an account are to be used.
    clock
        Seconds that never run backwards.

    Examples
    --------
    >>> from pydantic import SecretStr
    >>> from smstock.web.credentials import Credential
    >>> tokens = [Credential(SecretStr("EAAB..."), number) for number in ("1", "1", "2")]
    >>> [(account.name, len(account.credentials), account.limiter.limit) for account in accounts(tokens, lambda: 0.0)]
    [('act_1', 2, 300), ('act_2', 1, 300)]
    """
    by_number: dict[tuple[str, str], Account] = {}
    for credential in credentials:
        key = (credential.app, credential.account)
        account = by_number.setdefault(key, Account(*key, Limiter(CALLS_PER_HOUR[LIMITED], clock=clock)))
        account.active_ads = max(account.active_ads, credential.active_ads)
        account.credentials.append(credential)
        account.set_tier(LIMITED)
    return list(by_number.values())
