"""LinkedIn itself as a source of answers: any number of tokens, each at the pace of its application."""

from __future__ import annotations

import asyncio
import contextlib
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import ceil
from typing import TYPE_CHECKING, Final, Protocol, Self

from smstock.errors import CredentialError, QuotaError
from smstock.platforms.base import Action, RawAnswer
from smstock.platforms.linkedin import answers, restli
from smstock.platforms.linkedin.quota import Day
from smstock.vocabulary.dates import instant
from smstock.web.address import safe_url
from smstock.web.client import Client
from smstock.web.credentials import credentials

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path
    from types import TracebackType

    from pydantic import SecretStr

    from smstock.platforms.base import Request
    from smstock.web.client import Reply
    from smstock.web.credentials import Credential

URL: Final = "https://api.linkedin.com"
VARIABLE: Final = "SMSTOCK_LINKEDIN_URL"

CONCURRENCY: Final = 4
"""Calls under way at most, of one application: no pace is published, and a burst is what an infrastructure refuses."""

PATIENCE: Final = 24 * 3600.0
"""Seconds after its first call beyond which a run does not wait for quota."""


class Wire(Protocol):
    """How calls are made: `smstock.web.client.Client`, or a simulation of what is behind it."""

    async def fetch(
        self, url: str, *, token: SecretStr, headers: Mapping[str, str], content: bytes | None = None
    ) -> Reply:
        """Return what a GET of the URL brought, or a POST where there is a body."""

    async def close(self) -> None:
        """Close the connections."""


def headers(api_version: str, call: restli.Call) -> dict[str, str]:
    """Return the headers of a call.

    Examples
    --------
    >>> headers("202608", restli.Call("https://api.linkedin.com/rest/adTargetingFacets"))
    {'LinkedIn-Version': '202608', 'X-Restli-Protocol-Version': '2.0.0'}
    """
    versioned = {"LinkedIn-Version": api_version, "X-Restli-Protocol-Version": "2.0.0"}
    return versioned if call.body is None else versioned | restli.TUNNEL


def address(url: str, request: Request) -> restli.Call:
    """Return the call that makes a request; its criteria are encoded already, and go out as they are.

    Examples
    --------
    >>> from smstock.platforms.base import Request
    >>> from smstock.query.lattice import Cell
    >>> from smstock.vocabulary.facets import Ages
    >>> asked = (("q", "targetingCriteriaV2"), ("targetingCriteria", "(include:(and:List()))"))
    >>> address(URL, Request("k", Cell("DEU", "", "all", Ages(18)), "audienceCounts", "202608", asked)).url
    'https://api.linkedin.com/rest/audienceCounts?q=targetingCriteriaV2&targetingCriteria=(include:(and:List()))'
    """
    query = "&".join(f"{name}={value}" for name, value in request.parameters)
    return restli.call(f"{url}/rest/{request.endpoint}", query)


@dataclass(eq=False)
class Application:
    """An application, its quota and the tokens that members gave it; the first one is used."""

    name: str
    day: Day
    credentials: list[Credential] = field(default_factory=list)


class Live:
    """The live platform: asks through whichever application may, waits where none may, learns from every answer.

    Used with ``async with``, within one event loop.

    Parameters
    ----------
    credentials
        Tokens, and the label of the application of each. Of several tokens of one the first that works is used.
    wire
        The HTTP client; closed at the end.
    url
        Where the platform is.
    patience
        Seconds after the first call beyond which the run does not wait for quota; ``inf`` waits as long as it takes.
    clock
        Seconds that never run backwards, as the event loop counts them.
    now
        The present.

    Attributes
    ----------
    dropped : list[str]
        Why each credential that is of no more use was dropped: application and the platform's words.

    Raises
    ------
    SettingsError
        At ``url`` a token would travel to another machine unencrypted.
    """

    attempts: int = 5

    def __init__(
        self,
        credentials: Sequence[Credential],
        wire: Wire,
        *,
        url: str = URL,
        patience: float = PATIENCE,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.dropped: list[str] = []
        self._applications: list[Application] = []
        for credential in credentials:
            self._application(credential, now).credentials.append(credential)
        self._wire = wire
        self._url = safe_url(url, VARIABLE).rstrip("/")
        self._patience = patience
        self._clock = clock
        self._now = now
        self._deadline: float | None = None
        self._changed = asyncio.Event()

    @property
    def concurrency(self) -> int:
        """How many calls may be under way at once."""
        return max(1, CONCURRENCY * len(self._applications))

    def prime(self, journal: Iterable[RawAnswer]) -> None:
        """Count the calls that earlier runs made today.

        Parameters
        ----------
        journal
            Answers of any age; those of other applications are passed over.
        """
        calls: dict[str, list[tuple[datetime, bool]]] = {each.name: [] for each in self._applications}
        for raw in journal:
            if raw.account in calls:
                calls[raw.account].append((datetime.fromisoformat(raw.asked_at), raw.http_status == 429))
        for application in self._applications:
            application.day.prime(calls[application.name])

    async def ask(self, request: Request) -> RawAnswer:
        """Return the answer of the first application that may ask; wait for it as long as patience lasts.

        Raises
        ------
        QuotaError
            No application may ask before patience ends.
        CredentialError
            The platform accepts no credential any more; the message holds its words for each.
        """
        application = await self._turn()
        credential = application.credentials[0]
        asked_at, call = instant(self._now()), address(self._url, request)
        sent = True
        try:
            reply = await self._wire.fetch(
                call.url, token=credential.token, headers=headers(request.api_version, call), content=call.body
            )
            sent = reply.sent
        finally:
            application.day.end(sent=sent)
            self._wake()
        raw = RawAnswer(
            body=reply.body,
            http_status=reply.status,
            asked_at=asked_at,
            endpoint=request.endpoint,
            api_version=request.api_version,
            headers=reply.headers,
            account=application.name,
        )
        self._learn(application, credential, raw)
        return raw

    async def close(self) -> None:
        """Close the connections."""
        await self._wire.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    def _application(self, credential: Credential, now: Callable[[], datetime]) -> Application:
        """Return the application of a credential, a new one if it is the first of its label."""
        name = credential.app or "application"
        for known in self._applications:
            if known.name == name:
                return known
        self._applications.append(Application(name, Day(now, credential.calls_per_day)))
        return self._applications[-1]

    async def _turn(self) -> Application:
        """Take a place of the application that may ask soonest, as soon as it may."""
        if self._deadline is None:
            self._deadline = self._clock() + self._patience
        while self._applications:
            soonest = min(each.day.delay() for each in self._applications)
            if soonest and self._clock() + soonest > self._deadline:
                raise QuotaError(
                    f"the quota of every application is spent for the next {ceil(soonest / 60)} min; a day ends at"
                    " midnight UTC",
                    hint="run the same command then, it goes on where it stopped; or wait longer: --patience HOURS",
                )
            free = [each for each in self._applications if each.day.under_way < CONCURRENCY]
            application = min(free, key=lambda each: (each.day.delay(), each.day.used), default=None)
            wait = application.day.delay() if application else None
            if application and not wait:
                application.day.begin()
                return application
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._changed.wait()
        raise CredentialError(
            "no usable credential is left",
            where="; ".join(self.dropped),
            hint="renew what the platform names; running again goes on where this run stopped",
        )

    def _learn(self, application: Application, credential: Credential, raw: RawAnswer) -> None:
        """Pause an application or drop a credential, as an answer tells."""
        answer = answers.read(raw)
        match answer.action:
            case Action.KEEP:
                application.day.accepted()
            case Action.PAUSE_ACCOUNT | Action.PAUSE_APP:
                application.day.refused()
            case Action.STOP_CREDENTIAL if credential in application.credentials:
                application.credentials.remove(credential)
                self.dropped.append(f"{application.name}: {answer.detail}")
                self._applications = [other for other in self._applications if other.credentials]

    def _wake(self) -> None:
        """Let everyone who waits for a turn look again."""
        self._changed.set()
        self._changed.clear()


def connect(environment: Mapping[str, str], home: Path, *, patience: float = PATIENCE) -> Live:
    """Return the live platform for the credentials of a user; ``SMSTOCK_LINKEDIN_URL`` puts another one in its place.

    Parameters
    ----------
    environment
        Variables, as `os.environ` holds them.
    home
        The user's home folder.
    patience
        Seconds after the first call beyond which the run does not wait for quota.

    Raises
    ------
    CredentialError
        There is none, or it cannot be used; see `smstock.web.credentials.credentials`.
    SettingsError
        ``SMSTOCK_LINKEDIN_URL`` is no address that a token may be sent to.

    Examples
    --------
    >>> from pathlib import Path
    >>> connect({"SMSTOCK_LINKEDIN_TOKEN": "AQX..."}, Path("nobody")).concurrency
    4
    """
    found = credentials("linkedin", environment, home)
    return Live(found, Client(), url=environment.get(VARIABLE) or URL, patience=patience)
