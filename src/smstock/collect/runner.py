"""The runner: asks what has no settled answer yet, writes each answer down, stops without losing one."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from smstock.errors import PlatformError, QuotaError
from smstock.platforms.base import Action
from smstock.query.lattice import cells

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from smstock.collect.journal import Journal
    from smstock.platforms.base import Answer, Platform, Request, Source
    from smstock.query.spec import QuerySpec

ATTEMPTS: Final = 5
"""How often a cell is asked that answers with a passing fault."""

PAUSES: Final = (2.0, 8.0, 30.0, 120.0)
"""Seconds before the second, third, ... attempt."""


@dataclass
class Tally:
    """How far a collection is. ``planned`` = ``refused`` + ``settled`` + ``missing`` + what is still to ask.

    ``asked`` counts this run's calls, ``missing`` the cells a recording has no answer for.
    """

    planned: int
    refused: int = 0
    settled: int = 0
    asked: int = 0
    missing: int = 0
    faults: Counter[str] = field(default_factory=Counter)


async def run(
    query: QuerySpec,
    platform: Platform,
    source: Source,
    journal: Journal,
    tally: Tally,
    *,
    attempts: int = ATTEMPTS,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    progress: Callable[[Tally], None] = lambda tally: None,
) -> Tally:
    """Ask every cell that the journal does not settle yet, in the order of the lattice.

    A cell that its rules refuse is not asked. An answer is journalled before it is read. A passing fault is asked again
    up to ``attempts`` times, then left for the next run.

    Raises
    ------
    QuotaError
        The account's quota is spent.
    PlatformError
        No further request can succeed; the message holds the platform's own words.
    """
    settled = settled_keys(platform, journal)
    for cell in cells(query):
        if platform.refusal(cell, query):
            tally.refused += 1
        else:
            request = platform.request(cell, query)
            if request.key in settled:
                tally.settled += 1
            else:
                await _settle(request, platform, source, journal, tally, attempts, sleep)
        progress(tally)
    return tally


def settled_keys(platform: Platform, journal: Journal) -> set[str]:
    """Return the request keys whose last word is in the journal."""
    return {key for key, answer in journal.answers() if platform.read(answer).action is Action.KEEP}


async def _settle(
    request: Request,
    platform: Platform,
    source: Source,
    journal: Journal,
    tally: Tally,
    attempts: int,
    sleep: Callable[[float], Awaitable[None]],
) -> None:
    for attempt in range(attempts):
        raw = await source.ask(request)
        if raw is None:
            tally.missing += 1
            return
        journal.write(request, raw)
        tally.asked += 1
        answer = platform.read(raw)
        if answer.action is Action.KEEP:
            tally.settled += 1
            return
        _stop_if_hopeless(answer)
        tally.faults[answer.detail] += 1
        if attempt + 1 < attempts:
            await sleep(answer.wait if answer.wait is not None else PAUSES[min(attempt, len(PAUSES) - 1)])


def _stop_if_hopeless(answer: Answer) -> None:
    if answer.action in (Action.PAUSE_ACCOUNT, Action.PAUSE_APP):
        minutes = f" The platform asks to wait {answer.wait / 60:.0f} minutes." if answer.wait else ""
        raise QuotaError(
            f"the quota is spent: {answer.detail}.{minutes}", hint="run the same command later; it goes on where it stopped"
        )
    if answer.action in (Action.STOP_CREDENTIAL, Action.STOP_RUN):
        raise PlatformError(f"the platform refuses to go on: {answer.detail}")
