"""A live platform as a source of answers: any number of tokens, each asking at the pace of the quota it spends.

A call goes to whoever may make it soonest; one whose quota is spent, or whose token died, holds up no other.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from abc import ABC, abstractmethod
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from math import ceil
from typing import TYPE_CHECKING, ClassVar, Final, Generic, Protocol, TypeVar

from smstock.errors import CredentialError, QuotaError, UsageError
from smstock.platforms.base import Action, RawAnswer
from smstock.platforms.connection import Connection
from smstock.vocabulary.dates import instant

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from smstock.platforms.base import Answer, Request
    from smstock.platforms.connection import Wire
    from smstock.web.client import Reply
    from smstock.web.credentials import Credential

CONCURRENCY: Final = 256
"""Calls under way at most, of all quotas together: each holds a connection, and many systems allow a process 1,024
open files."""

CLOCKS: Final = timedelta(days=1)
"""By how much the clock of this machine and the date of an answer may differ: further apart, an answer would be filed
under a month in which it was not given."""

PATIENCE: Final = 24 * 3600.0
"""Seconds after its first call beyond which a run does not wait for quota."""


class Quota(Protocol):
    """What may be asked, and when: `smstock.web.quota.Limiter`, or that of a day."""

    under_way: int

    def delay(self) -> float:
        """Return the seconds until the next call may be sent, 0 if it may be sent now."""

    def begin(self) -> None:
        """Count a call that is sent now."""

    def end(self, *, sent: bool = True) -> None:
        """Note that a call was answered or lost, or never sent."""

    def accepted(self) -> None:
        """Note that a call was not refused."""


class Payer(Protocol):
    """Whose quota a call is taken from: an advertising account, or an application; the first credential is used."""

    credentials: list[Credential]

    @property
    def name(self) -> str:
        """The name that the journal keeps."""

    @property
    def limiter(self) -> Quota:
        """Its quota."""

    @property
    def concurrency(self) -> int:
        """Its calls that may be under way at once."""

    def turn(self) -> tuple[float, float]:
        """Return a key that sorts first whoever may ask soonest, then whoever has most to spare."""


P = TypeVar("P", bound=Payer)


class Live(Connection, ABC, Generic[P]):
    """The live platform: asks through whichever payer may, waits where none may, learns from every answer.

    Used with ``async with``, within one event loop.

    Parameters
    ----------
    credentials
        Tokens and the accounts or applications they ask through. Of several tokens of one the first that works is used.
    wire
        The HTTP client; closed at the end.
    url
        Where the platform is, if it is not at ``address``.
    patience
        Seconds after the first call beyond which the run does not wait for quota; ``inf`` waits as long as it takes.
    clock
        Seconds that never run backwards, as the event loop counts them.
    now
        The present.

    Attributes
    ----------
    payer, refill
        What a quota belongs to, and when it is whole again, in words.
    dropped : list[str]
        Why each credential that is of no more use was dropped: payer and the platform's words.

    Raises
    ------
    SettingsError
        At ``url`` a token would travel to another machine unencrypted.
    """

    payer: ClassVar[str]
    refill: ClassVar[str] = ""

    attempts: int = 5

    def __init__(
        self,
        credentials: Sequence[Credential],
        wire: Wire,
        *,
        url: str | None = None,
        patience: float = PATIENCE,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        super().__init__(credentials, wire, url=url)
        self.dropped: list[str] = []
        self._patience = patience
        self._clock = clock
        self._now = now
        self._payers = self._payers_of(credentials)
        self._deadline: float | None = None
        self._changed = asyncio.Event()

    @property
    def concurrency(self) -> int:
        """How many calls may be under way at once; it may grow as answers tell of a larger quota."""
        return min(CONCURRENCY, max(1, sum(payer.concurrency for payer in self._payers)))

    @abstractmethod
    def prime(self, journal: Iterable[RawAnswer]) -> None:
        """Count the calls that earlier runs made, as far as a quota still remembers them.

        Parameters
        ----------
        journal
            Answers of any age; those of other payers are passed over.
        """

    async def ask(self, request: Request) -> RawAnswer:
        """Return the answer of the first payer that may ask; wait for it as long as patience lasts.

        Raises
        ------
        QuotaError
            No payer may ask before patience ends.
        CredentialError
            The platform accepts no credential any more; the message holds its words for each.
        UsageError
            The clock of this machine and the date of the answer differ by more than `CLOCKS`.
        """
        payer = await self._turn()
        credential = payer.credentials[0]
        asked_at = instant(self._now())
        sent = True
        try:
            reply = await self._fetch(request, payer, credential)
            sent = reply.sent
        finally:
            payer.limiter.end(sent=sent)
            self._wake()
        _refuse_wrong_clock(self._now(), reply)
        raw = RawAnswer(
            body=reply.body,
            http_status=reply.status,
            asked_at=asked_at,
            endpoint=request.endpoint,
            api_version=request.api_version,
            headers=reply.headers,
            account=payer.name,
        )
        self._learn(payer, credential, raw)
        return raw

    @abstractmethod
    def _payers_of(self, credentials: Sequence[Credential]) -> list[P]:
        """Return whose quotas some credentials spend."""

    @abstractmethod
    async def _fetch(self, request: Request, payer: P, credential: Credential) -> Reply:
        """Make the call of a request."""

    @abstractmethod
    def _read(self, raw: RawAnswer) -> Answer:
        """Understand an answer."""

    @abstractmethod
    def _refused(self, payer: P, answer: Answer, raw: RawAnswer) -> None:
        """Pause whoever an answer says has spent its quota."""

    def _learn(self, payer: P, credential: Credential, raw: RawAnswer) -> None:
        """Pause a payer or drop a credential, as an answer tells."""
        answer = self._read(raw)
        match answer.action:
            case Action.KEEP:
                payer.limiter.accepted()
            case Action.PAUSE_ACCOUNT | Action.PAUSE_APP:
                self._refused(payer, answer, raw)
            case Action.STOP_CREDENTIAL if credential in payer.credentials:
                payer.credentials.remove(credential)
                self.dropped.append(f"{payer.name}: {answer.detail}")
                self._payers = [other for other in self._payers if other.credentials]

    async def _turn(self) -> P:
        """Take a place of the payer that may ask soonest, as soon as it may."""
        if self._deadline is None:
            self._deadline = self._clock() + self._patience
        while self._payers:
            soonest = min(payer.limiter.delay() for payer in self._payers)
            if soonest and self._clock() + soonest > self._deadline:
                raise QuotaError(
                    f"the quota of every {self.payer} is spent for the next {ceil(soonest / 60)} min{self.refill}",
                    hint="run the same command later, it goes on where it stopped; or wait longer: --patience HOURS",
                )
            free = [payer for payer in self._payers if payer.limiter.under_way < payer.concurrency]
            payer = min(free, key=lambda candidate: candidate.turn(), default=None)
            wait = payer.limiter.delay() if payer else None
            if payer and not wait:
                payer.limiter.begin()
                return payer
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._changed.wait()
        raise CredentialError(
            "no usable credential is left",
            where="; ".join(self.dropped),
            hint="renew what the platform names; running again goes on where this run stopped",
        )

    def _wake(self) -> None:
        """Let everyone who waits for a turn look again."""
        self._changed.set()
        self._changed.clear()


def _refuse_wrong_clock(now: datetime, reply: Reply) -> None:
    """Refuse an answer that says it was given on another day; one without a date that can be read says nothing."""
    for name, value in reply.headers:
        if name.lower() != "date":
            continue
        with contextlib.suppress(ValueError, TypeError):
            dated = parsedate_to_datetime(value)
            if dated.tzinfo and abs(now - dated) > CLOCKS:
                raise UsageError(
                    f"the clock says {now:%Y-%m-%d %H:%M}, and the platform {dated:%Y-%m-%d %H:%M} (UTC)",
                    allowed=f"a difference of {CLOCKS.days} day",
                    hint="set the clock; the answer was not kept",
                )
