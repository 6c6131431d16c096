"""Meta itself as a source of answers: any number of tokens and advertising accounts, each at its own pace.

A call goes to whichever account may ask; an account that is throttled, or whose token died, holds up no other.
"""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import time
from datetime import UTC, datetime
from math import ceil, inf
from typing import TYPE_CHECKING, Final, Protocol, Self
from urllib.parse import quote, urlencode

from smstock.errors import CredentialError, QuotaError
from smstock.platforms.base import Action, RawAnswer
from smstock.platforms.meta import answers
from smstock.platforms.meta.accounts import Account, accounts
from smstock.vocabulary.dates import instant
from smstock.web.address import safe_url
from smstock.web.client import SECONDS, Client
from smstock.web.credentials import credentials
from smstock.web.quota import HOUR
from smstock.web.retry import retry_after

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path
    from types import TracebackType

    from pydantic import SecretStr

    from smstock.platforms.base import Request
    from smstock.web.client import Reply
    from smstock.web.credentials import Credential

URL: Final = "https://graph.facebook.com"

PARAMETERS: Final = {
    "delivery_estimate": ("optimization_goal", "targeting_spec"),
    "reachestimate": ("targeting_spec",),
}
"""What each endpoint accepts of a request (facebook-python-business-sdk v25, adaccount.py); nothing else is sent."""

CONCURRENCY: Final = 256
"""Calls under way at most, of all accounts together: each holds a connection, and many systems allow a process 1,024
open files."""

PATIENCE: Final = 24 * HOUR
"""Seconds after its first call beyond which a run does not wait for quota."""


class Wire(Protocol):
    """How calls are made: `smstock.web.client.Client`, or a simulation of what is behind it."""

    async def fetch(self, url: str, *, token: SecretStr) -> Reply:
        """Return what a GET of the URL brought."""

    async def close(self) -> None:
        """Close the connections."""


class Live:
    """The live platform: asks through whichever account may, waits where none may, learns from every answer.

    Used with ``async with``, within one event loop.

    Parameters
    ----------
    credentials
        Tokens and the accounts they ask through. Of several tokens of one account the first one that works is used.
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
        Why each credential that is of no more use was dropped: account and the platform's words.

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
        self._accounts = accounts(credentials, clock)
        self._wire = wire
        self._url = safe_url(url, "SMSTOCK_META_URL").rstrip("/")
        self._patience = patience
        self._clock = clock
        self._now = now
        self._deadline: float | None = None
        self._changed = asyncio.Event()

    @property
    def concurrency(self) -> int:
        """How many calls may be under way at once; grows when an account turns out to be on the Full tier."""
        return min(CONCURRENCY, max(1, sum(account.concurrency for account in self._accounts)))

    def prime(self, journal: Iterable[RawAnswer]) -> None:
        """Count the calls that earlier runs made within the hour, so that a restart does not spend the quota twice.

        The tier and the pauses that those answers told hold on. Calls that were under way when a run was killed are in
        no journal; as many as there can have been are counted for each account that asked within the hour.

        Parameters
        ----------
        journal
            Answers of any age; those of other accounts are passed over.
        """
        now, clock = self._now(), self._clock()
        ages: dict[str, list[float]] = {account.name: [] for account in self._accounts}
        for raw in journal:
            age = (now - datetime.fromisoformat(raw.asked_at)).total_seconds() if raw.account in ages else inf
            if age < HOUR + SECONDS:
                ages[raw.account].append(age)
                for account in self._accounts:
                    if account.name == raw.account:
                        account.learn(raw.headers, age=age)
        for account in self._accounts:
            # the platform may have counted a call as late as its answer came
            times = [clock - age + SECONDS for age in ages[account.name]]
            account.limiter.prime(times + [clock] * account.concurrency if times else [])

    async def ask(self, request: Request) -> RawAnswer:
        """Return the answer of the first account that may ask; wait for it as long as patience lasts.

        Raises
        ------
        QuotaError
            No account may ask before patience ends.
        CredentialError
            The platform accepts no credential any more; the message holds its words for each.
        """
        account = await self._turn()
        credential = account.credentials[0]
        asked_at, began = instant(self._now()), self._clock()
        sent = True
        try:
            reply = await self._wire.fetch(self._address(request, account, credential), token=credential.token)
            sent = reply.sent
        finally:
            account.limiter.end(sent=sent)
            self._wake()
        raw = RawAnswer(
            body=reply.body,
            http_status=reply.status,
            asked_at=asked_at,
            endpoint=request.endpoint,
            api_version=request.api_version,
            headers=reply.headers,
            account=account.name,
        )
        if reply.status:
            account.timed(self._clock() - began)
        self._learn(account, credential, raw)
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

    async def _turn(self) -> Account:
        """Take a place of the account that may ask soonest, as soon as it may."""
        if self._deadline is None:
            self._deadline = self._clock() + self._patience
        while self._accounts:
            soonest = min(account.limiter.delay() for account in self._accounts)
            if soonest and self._clock() + soonest > self._deadline:
                raise QuotaError(
                    f"the quota of every account is spent for the next {ceil(soonest / 60)} min",
                    hint="run the same command later, it goes on where it stopped; or wait longer: --patience HOURS",
                )
            free = [account for account in self._accounts if account.limiter.under_way < account.concurrency]
            account = min(free, key=Account.turn, default=None)
            wait = account.limiter.delay() if account else None
            if account and not wait:
                account.limiter.begin()
                return account
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(wait):
                    await self._changed.wait()
        raise CredentialError(
            "no usable credential is left",
            where="; ".join(self.dropped),
            hint="renew what the platform names; running again goes on where this run stopped",
        )

    def _learn(self, account: Account, credential: Credential, raw: RawAnswer) -> None:
        """Pause an account or all of its app, drop a credential, change the pace, as an answer tells."""
        answer = answers.read(raw)
        told = retry_after(raw.headers) if answer.wait is None else answer.wait
        match answer.action:
            case Action.KEEP:
                account.limiter.accepted()
            case Action.PAUSE_ACCOUNT:
                account.limiter.refused(told)
            case Action.PAUSE_APP:
                for other in self._accounts:
                    if other.app == account.app:
                        other.limiter.refused(told)
            case Action.STOP_CREDENTIAL if credential in account.credentials:
                account.credentials.remove(credential)
                self.dropped.append(f"{account.name}: {answer.detail}")
                self._accounts = [other for other in self._accounts if other.credentials]
        account.learn(raw.headers)

    def _wake(self) -> None:
        """Let everyone who waits for a turn look again."""
        self._changed.set()
        self._changed.clear()

    def _address(self, request: Request, account: Account, credential: Credential) -> str:
        parameters = [(name, value) for name, value in request.parameters if name in PARAMETERS[request.endpoint]]
        if credential.app_secret:
            parameters.append(("appsecret_proof", proof(credential.token, credential.app_secret)))
        query = urlencode(parameters, quote_via=quote)
        return f"{self._url}/{request.api_version}/{account.name}/{request.endpoint}?{query}"


def connect(environment: Mapping[str, str], home: Path, *, patience: float = PATIENCE) -> Live:
    """Return the live platform for the credentials of a user; ``SMSTOCK_META_URL`` puts another one in its place.

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
        ``SMSTOCK_META_URL`` is no address that a token may be sent to.

    Examples
    --------
    >>> from pathlib import Path
    >>> connect({"SMSTOCK_META_TOKEN": "EAAB...", "SMSTOCK_META_ACCOUNT": "act_123"}, Path("nobody")).concurrency
    2
    """
    found = credentials("meta", environment, home)
    return Live(found, Client(), url=environment.get("SMSTOCK_META_URL") or URL, patience=patience)


def proof(token: SecretStr, app_secret: SecretStr) -> str:
    """Return ``appsecret_proof``: HMAC-SHA256 of the token under the app's secret, in hexadecimal."""
    return hmac.new(app_secret.get_secret_value().encode(), token.get_secret_value().encode(), "sha256").hexdigest()
