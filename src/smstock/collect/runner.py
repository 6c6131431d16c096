"""The runner: asks what has no settled answer yet, coarse cells first, and stops without losing an answer."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any, Final

from smstock.collect.clock import confirms
from smstock.collect.deduction import Deduction
from smstock.collect.outage import PATIENCE, Line, Outage
from smstock.collect.refusals import Refusals
from smstock.collect.unread import SECOND_LOOKS, catch_up, suspicious
from smstock.errors import SettingsError, shown
from smstock.platforms.base import Action
from smstock.query.lattice import batches, tiers
from smstock.vocabulary.dates import wave
from smstock.vocabulary.status import GLITCH
from smstock.web.retry import attempts

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping

    from smstock.collect.journal import Journal
    from smstock.platforms.base import Answer, Platform, RawAnswer, Request, Source
    from smstock.query.lattice import Cell
    from smstock.query.spec import QuerySpec
    from smstock.web.retry import Wait

GRACE: Final = 5.0
"""Seconds that requests under way are given to arrive when a run ends early."""

HANDOVERS: Final = 20
"""How many throttled accounts or dead credentials one cell meets before it is left for the next run."""


@dataclass
class Tally:
    """How far a collection is.

    ``planned`` = ``refused`` + ``settled`` + ``deduced`` + ``missing`` + what is still open. ``asked`` counts this
    run's calls, ``missing`` the cells a recording has no answer for, ``faults`` the answers that settled nothing, by
    the platform's words. ``outage`` stands while answers fail alike for every cell.
    """

    planned: int
    refused: int = 0
    settled: int = 0
    deduced: int = 0
    asked: int = 0
    missing: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    outage: Outage | None = None

    @property
    def done(self) -> int:
        """Cells that need nothing more in this run."""
        return self.refused + self.settled + self.deduced + self.missing


async def run(
    query: QuerySpec,
    platform: Platform[Any],
    source: Source,
    journal: Journal,
    tally: Tally,
    *,
    earlier: Mapping[str, float] | None = None,
    wait: Wait,
    patience: float = PATIENCE,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    progress: Callable[[Tally], object] = lambda _: None,
) -> Tally:
    """Ask every cell that neither the rules, the journal nor a coarser cell settles, batch by batch.

    Answers are journalled before they are read. A passing fault is asked again, then left for the next run. A floor
    that contradicts its own answer, or an ``earlier`` value (request key -> accounts), is asked again, and settled as
    a glitch if it stays.

    Parameters
    ----------
    query, platform, source, journal
        What is asked, of whom, through what, and where the answers go.
    tally
        Counts on while the run lasts.
    earlier
        Values of an earlier wave.
    wait
        The seconds between two attempts at a cell, each of which ends in a `Look`.
    patience
        Seconds that an outage may last.
    sleep, progress
        How to wait; what to call after every cell, and when an outage begins or ends.

    Raises
    ------
    ClockError
        The first answers have another date than this machine; they are not written.
    QuotaError, CredentialError
        The source can ask no more.
    SettingsError
        The version of the API is retired; the message holds the platform's own words.
    PlatformError
        An outage outlasts patience, or nothing but refusals that name no cell or answers without a number came.
    """
    catch_up(platform, journal, earlier or {})
    deduction = Deduction.from_journal(query, platform, journal)

    def changed() -> None:
        tally.outage = line.outage
        progress(tally)

    line = Line(platform.title, patience, sleep, changed)
    refusals = Refusals(platform.title, len(query.destinations), journal)
    collection = _Collection(
        query, platform, source, journal, deduction, tally, earlier or {}, line, refusals, wait, sleep, progress
    )
    for batch in batches(query):
        await collection.ask_all(batch)
        # coarse before fine, as far as the line allows
        if not line.down:
            await collection.ask_again(line.take_aside())
    while requests := line.take_aside():
        await collection.ask_again(requests)
    collection.settle(refusals.end())
    return tally


@dataclass(frozen=True)
class Look:
    """An answer, its number in the journal, the platform's words, and whether its floor is suspicious."""

    answer: Answer
    number: int
    words: str
    doubtful: bool = False


@dataclass
class _Collection:
    """One run: workers that share the cells of a batch, and commit what arrives together in one transaction."""

    query: QuerySpec
    platform: Platform[Any]
    source: Source
    journal: Journal
    deduction: Deduction
    tally: Tally
    earlier: Mapping[str, float]
    line: Line
    refusals: Refusals
    wait: Wait
    sleep: Callable[[float], Awaitable[None]]
    progress: Callable[[Tally], object]
    dated: bool = False
    stopping: bool = False
    arrived: list[tuple[Request, RawAnswer, asyncio.Future[int]]] = field(default_factory=list)

    async def ask_all(self, batch: Iterator[Cell]) -> None:
        """Settle the cells of a batch, as many at a time as the source can take.

        The first error ends the batch; answers that arrive within seconds of it are still written.
        """
        workers: set[asyncio.Task[None]] = set()

        def hire() -> None:
            while len(workers) < max(1, self.source.concurrency):
                workers.add(asyncio.create_task(self._work(batch, hire)))

        hire()
        try:
            while pending := [worker for worker in workers if not worker.done()]:
                done, _ = await asyncio.wait(pending, return_when=asyncio.FIRST_COMPLETED)
                for worker in done:
                    worker.result()
        finally:
            self.stopping = True
            if late := [worker for worker in workers if not worker.done()]:
                await asyncio.wait(late, timeout=GRACE)
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
            self.stopping = False

    async def ask_again(self, requests: Iterable[Request]) -> None:
        """Settle cells that were put aside, coarse before fine."""
        for tier in tiers([request.cell for request in requests], self.query):
            await self.ask_all(iter(tier))

    async def _work(self, batch: Iterator[Cell], hire: Callable[[], None]) -> None:
        for cell in batch:
            if self.platform.refusal(cell, self.query):
                self.tally.refused += 1
            else:
                request = self.platform.request(cell, self.query)
                if self.journal.status(request.key):
                    self.tally.settled += 1
                elif self.deduction.deduced(cell):
                    self.tally.deduced += 1
                else:
                    await self._settle(request)
                    hire()
            self.progress(self.tally)
            if self.stopping:
                return

    async def _settle(self, request: Request) -> None:
        """Ask until an answer settles the cell, or the attempts are spent; who asks is the source's business."""
        doubts, handovers, outages = count(1), count(1), self.line.outages

        def again(look: Look | None) -> bool:
            if look is None or self.line.down:
                return False
            return next(doubts) <= SECOND_LOOKS if look.doubtful else look.answer.action is Action.RETRY

        asking = attempts(self.source.attempts, again=again, wait=self.wait, sleep=self.sleep)
        look: Look | None = await asking(self._look, request, handovers)
        if look is not None and look.answer.action is Action.KEEP:
            status = GLITCH if look.doubtful else look.answer.readings[0].status
            self.settle(self.refusals.settled(request, status, look.number, look.words))
        elif look is not None:
            self.line.gave_up(request, outages)

    def settle(self, settled: Iterator[tuple[str, str, int]]) -> None:
        """Note cells as settled: key, status and answer."""
        for cell in settled:
            self.journal.settle(*cell)
            self.tally.settled += 1

    async def _look(self, request: Request, handovers: Iterator[int]) -> Look | None:
        """Return what the first who may answer says; None where nobody does, or the run ends."""
        while not self.stopping:
            async with self.line.turn():
                raw = await self.source.ask(request)
                if raw is None:
                    self.tally.missing += 1
                    return None
                # before it is written: an answer with a wrong date belongs to no wave
                self.dated = self.dated or confirms(raw, self.platform.title, wave(self.journal.wave).every)
                number = await self._write(request, raw)
                answer = self.platform.read(raw)
                self.tally.asked += 1
                # a recording does not change: it has no line
                if self.source.attempts > 1:
                    self.line.heard(request.key, answer)
            if answer.action is Action.STOP_RUN:
                raise self._retired(request, answer)
            if answer.action is Action.KEEP:
                words = answer.detail or shown(raw.body.decode(errors="replace"))
                return Look(answer, number, words, suspicious(answer, self.earlier.get(request.key, 0.0)))
            self.tally.faults[answer.detail] += 1
            if answer.action is Action.RETRY:
                return Look(answer, number, answer.detail)
            if next(handovers) >= HANDOVERS:
                return None
        return None

    def _retired(self, request: Request, answer: Answer) -> SettingsError:
        """Return what is said where no call can succeed: the version of the API is retired, or unknown."""
        usual = self.platform.version
        otherwise = f"without the key smstock asks by {usual}" if request.api_version != usual else "or update smstock"
        return SettingsError(
            f"{self.platform.title} does not answer by version {request.api_version}: {answer.detail}",
            where=f"query {self.query.name}, key api_version",
            hint=f"set api_version to a version that it answers, {otherwise}; the same command then goes on",
        )

    async def _write(self, request: Request, raw: RawAnswer) -> int:
        """Write an answer together with those that arrive at the same moment; return its number."""
        written: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self.arrived.append((request, raw, written))
        await asyncio.sleep(0)
        # where another worker's commit held this answer, what has arrived since waits for those still to come
        if not written.done():
            self._commit()
        return await written

    def _commit(self) -> None:
        if not self.arrived:
            return
        arrived, self.arrived = self.arrived, []
        numbers = self.journal.write([(request, raw) for request, raw, _ in arrived])
        for (_, _, written), number in zip(arrived, numbers, strict=True):
            written.set_result(number)
