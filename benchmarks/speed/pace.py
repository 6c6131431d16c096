"""How much of Meta's quota the live source spends, and how often it is refused, in simulated time.

The platform is simulated as its documentation describes it: an account answers so many calls in any rolling hour,
refuses the next one, and stays closed longer if it is called while closed. Usage headers come with every answer.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections import defaultdict, deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from time import perf_counter
from typing import TYPE_CHECKING, Any

from benchmarks.reliability import virtual_time
from pydantic import SecretStr

from smstock.platforms.base import RawAnswer, Request
from smstock.platforms.meta import bodies
from smstock.platforms.meta.accounts import CALLS_PER_HOUR, FULL, LIMITED
from smstock.platforms.meta.live import LiveMeta
from smstock.query.lattice import Cell
from smstock.vocabulary.facets import Ages
from smstock.web.client import Reply
from smstock.web.credentials import Credential

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

HOUR = 3600.0
CLOSED_FOR = 300.0
"""Seconds that an account stays closed after a refusal, and that each call in that time adds."""

ESTIMATE = json.dumps(bodies.body("delivery_estimate", (88900, 104600), 0)).encode()
THROTTLED = json.dumps({"error": {"code": 80004, "error_subcode": 2446079, "message": "too many calls"}}).encode()
REQUEST = Request("k", Cell("DEU", "SRB", "all", Ages(18, None)), "delivery_estimate", "v25.0", ())


@dataclass
class Bucket:
    """The platform's own count of one account."""

    answered: deque[float] = field(default_factory=deque)
    closed_until: float = 0.0

    def used(self, now: float) -> int:
        """Return the calls answered in the last hour."""
        while self.answered and self.answered[0] <= now - HOUR:
            self.answered.popleft()
        return len(self.answered)


class Platform:
    """Meta's quota behind a wire of some latency: a `smstock.platforms.connection.Wire`.

    Parameters
    ----------
    rng
        Source of the latency.
    tier
        Access tier of every account, in the words of the headers.
    latency
        Median seconds to an answer.
    spent
        Calls that another program made through each account in the hour before.
    """

    def __init__(self, rng: Random, *, tier: str = LIMITED, latency: float = 0.5, spent: int = 0) -> None:
        self.rng, self.tier, self.latency = rng, tier, latency
        self.limit = CALLS_PER_HOUR[tier]
        before = [HOUR * (number / spent - 1) for number in range(spent)]
        self.buckets: dict[str, Bucket] = defaultdict(lambda: Bucket(deque(before)))
        self.answered = 0
        self.refused = 0

    async def fetch(self, url: str, *, token: SecretStr, headers: Mapping[str, str], content: bytes | None) -> Reply:
        """Answer a call, counted at some moment between its sending and its answer."""
        del token, headers, content
        account = re.search(r"act_\d+", url)
        latency = self.latency * self.rng.lognormvariate(0, 0.3)
        wire = self.rng.random() * latency
        await asyncio.sleep(wire)
        status, body, minutes = self._count(self.buckets[account[0] if account else ""])
        used = self.buckets[account[0] if account else ""].used(asyncio.get_running_loop().time())
        await asyncio.sleep(latency - wire)
        usage = {
            "type": "ads_management",
            "call_count": 100 * used // self.limit,
            "total_cputime": 20,
            "total_time": 20,
            "estimated_time_to_regain_access": minutes,
            "ads_api_access_tier": self.tier,
        }
        return Reply(status, (("x-business-use-case-usage", json.dumps({"1": [usage]})),), body)

    def _count(self, bucket: Bucket) -> tuple[int, bytes, int]:
        now = asyncio.get_running_loop().time()
        if now < bucket.closed_until:
            bucket.closed_until += CLOSED_FOR
        elif bucket.used(now) >= self.limit:
            bucket.closed_until = now + CLOSED_FOR
        else:
            bucket.answered.append(now)
            self.answered += 1
            return 200, ESTIMATE, 0
        self.refused += 1
        return 400, THROTTLED, int((bucket.closed_until - now) / 60)

    async def close(self) -> None:
        """Do nothing: there is no connection."""


@dataclass(frozen=True)
class Pace:
    """What a collection spent: calls answered and refused, and the share of the quota."""

    hours: float
    answered: int
    refused: int
    share: float


def simulate(platform: Platform, accounts: Sequence[str], *, hours: float, killed_every: float | None = None) -> Pace:
    """Collect for some hours, killed and started again now and then, and return what it spent of the quota.

    A killed run leaves the answers that had arrived; the next one is primed with them, as from a journal.
    """
    journal: list[RawAnswer] = []

    async def collect() -> None:
        loop = asyncio.get_running_loop()
        end = hours * HOUR
        while loop.time() < end:
            source = LiveMeta(
                [Credential(SecretStr(f"token-{i}"), account) for i, account in enumerate(accounts)],
                platform,
                patience=float("inf"),
                clock=loop.time,
                now=lambda: datetime(2026, 11, 1, tzinfo=UTC) + timedelta(seconds=loop.time()),
            )
            source.prime(journal)
            until = min(end, loop.time() + (killed_every or end))
            try:
                async with asyncio.timeout_at(until):
                    await _work(source, journal)
            except TimeoutError:
                continue

    virtual_time.run(collect)
    quota = platform.limit * len(set(accounts)) * hours
    return Pace(hours, platform.answered, platform.refused, platform.answered / quota)


async def _work(source: LiveMeta, journal: list[RawAnswer]) -> None:
    """Ask for ever, with as many workers as the source allows at the time."""

    async def worker() -> None:
        while True:
            raw = await source.ask(REQUEST)
            journal.append(raw)
            if len(workers) < source.concurrency:
                workers.append(group.create_task(worker()))

    async with asyncio.TaskGroup() as group:
        workers = [group.create_task(worker())]
        await asyncio.Event().wait()


def main(words: list[str]) -> None:
    """Print the table; ``python -m benchmarks pace``."""
    del words
    one, ten = ["1"], [str(number) for number in range(1, 11)]
    runs: list[tuple[str, list[str], float, float | None, dict[str, Any]]] = [
        ("1 Limited account", one, 24.0, None, {}),
        ("1 Limited account, killed every 37 min", one, 24.0, 37 * 60.0, {}),
        ("1 Limited account, 2 tokens", one * 2, 24.0, None, {}),
        ("1 Limited account, half spent before", one, 24.0, None, {"spent": 150}),
        ("10 Limited accounts", ten, 24.0, None, {}),
        ("1 Full account, 0.5 s an answer", one, 2.0, None, {"tier": FULL}),
    ]
    print(f"{'':<40}{'hours':>6}{'answers':>9}{'refused':>9}{'of quota':>10}{'a second':>10}{'computed in':>13}")
    for title, accounts, hours, killed_every, options in runs:
        began = perf_counter()
        platform = Platform(Random(1), **options)  # noqa: S311 - a simulation
        pace = simulate(platform, accounts, hours=hours, killed_every=killed_every)
        rate, took = pace.answered / hours / HOUR, perf_counter() - began
        print(f"{title:<40}{hours:>6.0f}{pace.answered:>9,}{pace.refused:>9,}", end="")
        print(f"{pace.share:>10.2%}{rate:>10.2f}{took:>11.1f} s")
