"""What a platform lists for whoever targets by it, looked up through the first of a user's credentials that works.

Look-ups are few, and a person waits for them: a passing fault is asked again after a pause, a spent quota ends them.
"""

from __future__ import annotations

import asyncio
import json
from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import TYPE_CHECKING, Any, ClassVar, Final, Generic, TypeVar

from smstock.errors import CredentialError, PlatformError, QuotaError, SettingsError
from smstock.platforms.base import Action, Fault
from smstock.platforms.connection import Connection
from smstock.vocabulary.dates import instant
from smstock.vocabulary.status import FAILED
from smstock.web.retry import Backoff, attempts

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence

    from smstock.platforms.connection import Wire
    from smstock.web.client import Reply
    from smstock.web.credentials import Credential

ATTEMPTS: Final = 4
"""How often a look-up is made that meets a passing fault; the pauses between take 42 s at most."""


L = TypeVar("L")


@dataclass(frozen=True)
class Place:
    """A part of a country, and the key by which a targeting spec names it; ``country`` is ISO 3166-1 alpha-2.

    ``kind`` is region or city, or location where the platform does not tell.
    """

    key: str
    name: str
    kind: str
    region: str
    country: str


class LookUp(Connection, ABC, Generic[L]):
    """Look-ups of a platform; used with ``async with``.

    Parameters
    ----------
    credentials
        Tokens; the first one that works is used.
    wire
        The HTTP client; closed at the end.
    url
        Where the platform is, if it is not at ``address``.
    now, rng, sleep
        The present, the source of the jitter between attempts, and how to wait.

    Attributes
    ----------
    title
        Name of the platform for people.

    Raises
    ------
    SettingsError
        At ``url`` a token would travel to another machine unencrypted.
    """

    title: ClassVar[str]

    def __init__(
        self,
        credentials: Sequence[Credential],
        wire: Wire,
        *,
        url: str | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        rng: Random | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        super().__init__(credentials, wire, url=url)
        self._now = now
        self._rng = rng or Random()  # noqa: S311 - spreads retries over time
        self._sleep = sleep
        self._dropped: list[str] = []
        self._throttled: dict[str, Fault] = {}

    @abstractmethod
    async def _fetch(self, resource: str, parameters: Mapping[str, Any], credential: Credential) -> Reply:
        """Make a call."""

    @abstractmethod
    def _read(self, content: Mapping[str, Any], reply: Reply) -> L | Fault | None:
        """Return what the body of an answer lists, or what its error means, or None if it is neither."""

    @abstractmethod
    def _payer(self, credential: Credential) -> str:
        """Return the name that a credential has in messages."""

    @abstractmethod
    def _later(self, faults: Sequence[Fault]) -> str:
        """Return when to run the command again after calls were refused."""

    def _instant(self) -> str:
        return instant(self._now())

    async def _look(self, resource: str, parameters: Mapping[str, Any]) -> L:
        """Return what a look-up lists.

        An application that is throttled is not asked again, since a refused call may prolong the pause.

        Raises
        ------
        QuotaError
            The platform refuses calls for now.
        CredentialError
            It accepts no credential; the message holds its words for each.
        SettingsError
            The version of the API is retired.
        PlatformError
            It refuses the look-up, or a passing fault did not pass.
        """
        for credential in tuple(self._credentials):
            if credential.app in self._throttled:
                continue
            answer = await self._patiently(resource, parameters, credential)
            if not isinstance(answer, Fault):
                return answer
            match answer.action:
                case Action.PAUSE_ACCOUNT | Action.PAUSE_APP:
                    self._throttled[credential.app] = answer
                case Action.STOP_CREDENTIAL:
                    self._credentials.remove(credential)
                    self._dropped.append(f"{self._payer(credential)}: {answer.detail}")
                case Action.STOP_RUN:
                    # a look-up asks by the version of smstock
                    what = f"{self.title} does not answer by this version of its API: {answer.detail}"
                    raise SettingsError(what, hint="update smstock, then run the same command again")
                case action:
                    what = f"{self.title} does not answer the look-up: {answer.detail}"
                    raise PlatformError(what, hint="run the same command later" if action is Action.RETRY else "")
        if self._throttled:
            faults = tuple(self._throttled.values())
            words = "; ".join(fault.detail for fault in faults)
            hint = f"run the same command {self._later(faults)}"
            raise QuotaError(f"{self.title} refuses calls for now", where=words, hint=hint)
        raise CredentialError(
            "no usable credential is left", where="; ".join(self._dropped), hint="renew what the platform names"
        )

    async def _patiently(self, resource: str, parameters: Mapping[str, Any], credential: Credential) -> L | Fault:
        """Ask until something other than a passing fault comes back, or the attempts are spent."""

        async def ask() -> L | Fault:
            return self._understood(await self._fetch(resource, parameters, credential))

        asking = attempts(ATTEMPTS, again=_passing, wait=Backoff(self._rng), sleep=self._sleep)
        answer: L | Fault = await asking(ask)
        return answer

    def _understood(self, reply: Reply) -> L | Fault:
        """Read an answer; what is neither a list nor an error of the platform is a passing fault."""
        try:
            body = json.loads(reply.body, parse_constant=str)
        except (ValueError, RecursionError):
            body = None
        read = self._read(body if isinstance(body, dict) else {}, reply)
        if read is not None:
            return read
        words = reply.body.decode(errors="replace") if reply.status == 0 else ""
        return Fault(FAILED, Action.RETRY, words or f"no list in the body (HTTP {reply.status})")


def _passing(answer: object) -> bool:
    return isinstance(answer, Fault) and answer.action is Action.RETRY
