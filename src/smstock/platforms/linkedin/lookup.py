"""LinkedIn's look-ups: the facets it targets by today, and the entities of a facet, listed or found by name.

``GET /rest/adTargetingFacets`` and ``GET /rest/adTargetingEntities`` (Microsoft Learn, ads targeting). The latter is
asked with ``queryVersion=QUERY_USES_URNS``; without it the entity comes in a legacy union.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import TYPE_CHECKING, Any, Final, Self

from smstock.errors import CredentialError, PlatformError, QuotaError
from smstock.platforms.base import Action, Fault
from smstock.platforms.linkedin import restli, versions
from smstock.platforms.linkedin.catalogue import PREFIX
from smstock.platforms.linkedin.errors import classify
from smstock.platforms.linkedin.live import URL, VARIABLE, headers
from smstock.vocabulary.dates import instant
from smstock.vocabulary.status import FAILED
from smstock.web.address import safe_url
from smstock.web.client import Client
from smstock.web.credentials import credentials
from smstock.web.retry import pause

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from pathlib import Path
    from types import TracebackType

    from smstock.platforms.live import Wire
    from smstock.web.client import Reply
    from smstock.web.credentials import Credential

ATTEMPTS: Final = 4
"""How often a look-up is made that meets a passing fault; the pauses between take 42 s at most."""
PAGE: Final = 100
"""Entities that are asked for at a time."""
MOST_PAGES: Final = 50

_LOCALE: Final = {"language": "en", "country": "US"}
_HINTS: Final = {Action.RETRY: "run the same command later", Action.STOP_RUN: "update smstock, then run it again"}


@dataclass(frozen=True)
class Found:
    """The elements of an answer, all of its pages together, and when and how it was asked."""

    asked_at: str
    api_version: str
    parameters: Mapping[str, Any]
    elements: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True)
class Entity:
    """A value of a facet: the URN that criteria name it by, and its English name."""

    urn: str
    name: str


class LookUp:
    """Look-ups through the credentials of a user, the first one that works; used with ``async with``.

    Parameters
    ----------
    credentials
        Tokens.
    wire
        The HTTP client; closed at the end.
    url
        Where the platform is.
    api_version
        Version that is asked.
    now, rng, sleep
        The present, the source of the jitter between attempts, and how to wait.

    Raises
    ------
    SettingsError
        At ``url`` a token would travel to another machine unencrypted.
    """

    def __init__(
        self,
        credentials: Sequence[Credential],
        wire: Wire,
        *,
        url: str = URL,
        api_version: str = versions.DEFAULT,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        rng: Random | None = None,
        sleep: Callable[[float], Awaitable[object]] = asyncio.sleep,
    ) -> None:
        self._credentials = list(credentials)
        self._wire = wire
        self._url = safe_url(url, VARIABLE).rstrip("/")
        self._api_version = api_version
        self._now = now
        self._rng = rng or Random()  # noqa: S311
        self._sleep = sleep

    async def facets(self) -> Found:
        """Return the facets; raise as `get` does."""
        return await self.get("adTargetingFacets", {})

    async def entities(self, facet: str, name: str = "") -> Found:
        """Return the entities of a facet, those whose name resembles ``name`` if it is given; raise as `get` does.

        Parameters
        ----------
        facet
            Short name, such as ``degrees``. Schools and locations can only be searched by name.
        name
            Name, or the beginning of one.
        """
        asked: dict[str, Any] = {
            "q": "typeahead" if name else "adTargetingFacet",
            "facet": f"{PREFIX}{facet}",
            "locale": _LOCALE,
            "queryVersion": "QUERY_USES_URNS",
        }
        return await self.get("adTargetingEntities", asked | ({"query": name} if name else {}))

    async def get(self, resource: str, parameters: Mapping[str, Any]) -> Found:
        """Return the answer to a look-up, page after page.

        Raises
        ------
        QuotaError
            The platform refuses calls for now.
        CredentialError
            It accepts no credential; the message holds its words for each.
        PlatformError
            It refuses the look-up, its version is sunset, or a passing fault did not pass.
        """
        asked_at = instant(self._now())
        elements: list[Mapping[str, Any]] = []
        for number in range(MOST_PAGES):
            paged = {"count": PAGE, "start": number * PAGE} if parameters else {}
            page = await self._page(resource, dict(parameters) | paged)
            elements += page
            if not paged or len(page) < PAGE:
                break
        return Found(asked_at, self._api_version, dict(parameters), tuple(elements))

    async def _page(self, resource: str, parameters: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        call = restli.call(f"{self._url}/rest/{resource}", restli.encode_query(parameters))
        if not parameters:
            call = restli.Call(f"{self._url}/rest/{resource}")
        dropped: list[str] = []
        while self._credentials:
            answer = await self._ask(call, self._credentials[0])
            if isinstance(answer, list):
                return answer
            match answer.action:
                case Action.PAUSE_ACCOUNT | Action.PAUSE_APP:
                    raise QuotaError(
                        "LinkedIn refuses calls for now",
                        where=answer.detail,
                        hint="run the same command in some minutes, or after midnight UTC, when a day of quota ends",
                    )
                case Action.STOP_CREDENTIAL:
                    dropped.append(f"{self._credentials.pop(0).app or 'application'}: {answer.detail}")
                case action:
                    hint = _HINTS.get(action, "")
                    raise PlatformError(f"LinkedIn does not answer the look-up: {answer.detail}", hint=hint)
        raise CredentialError(
            "no usable credential is left", where="; ".join(dropped), hint="renew what the platform names"
        )

    async def _ask(self, call: restli.Call, credential: Credential) -> list[Mapping[str, Any]] | Fault:
        """Ask until something other than a passing fault comes back, or the attempts are spent."""
        for attempt in range(1, ATTEMPTS + 1):
            sent = headers(self._api_version, call)
            answer = _read(await self._wire.fetch(call.url, token=credential.token, headers=sent, content=call.body))
            if isinstance(answer, list) or answer.action is not Action.RETRY or attempt == ATTEMPTS:
                break
            await self._sleep(pause(attempt, self._rng))
        return answer

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._wire.close()


def connect(environment: Mapping[str, str], home: Path) -> LookUp:
    """Return the look-ups of the live platform for the credentials of a user, as `Live.connect` does for counts.

    Raises
    ------
    CredentialError, SettingsError
        As `Live.connect` does.
    """
    return LookUp(credentials("linkedin", environment, home), Client(), url=environment.get(VARIABLE) or URL)


def entities(found: Found) -> tuple[Entity, ...]:
    """Return the entities of an answer, in the platform's order; those without a URN are passed over.

    Examples
    --------
    >>> element = {"urn": "urn:li:seniority:3", "name": "Entry", "facetUrn": "urn:li:adTargetingFacet:seniorities"}
    >>> entities(Found("2026-11-22T10:00:00Z", "202608", {}, (element, {"name": "none"})))
    (Entity(urn='urn:li:seniority:3', name='Entry'),)
    """
    return tuple(Entity(str(each["urn"]), _printable(each.get("name"))) for each in found.elements if each.get("urn"))


def facets(found: Found) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the facets of an answer, each with the ways in which its entities can be found.

    Examples
    --------
    >>> element = {"facetName": "schools", "availableEntityFinders": ["TYPEAHEAD"]}
    >>> facets(Found("2026-11-22T10:00:00Z", "202608", {}, (element,)))
    (('schools', ('TYPEAHEAD',)),)
    """
    return tuple(
        (str(each["facetName"]), tuple(map(str, each.get("availableEntityFinders") or ())))
        for each in found.elements
        if each.get("facetName")
    )


def _printable(name: object) -> str:
    """Return a name in one line, without what no file of text can hold."""
    return "".join(letter for letter in " ".join(str(name or "").split()) if letter.isprintable())


def _read(reply: Reply) -> list[Mapping[str, Any]] | Fault:
    """Return the elements of an answer, or what its error means; anything else is a passing fault."""
    try:
        body = json.loads(reply.body)
    except (ValueError, RecursionError):
        body = None
    content = body if isinstance(body, dict) else {}
    if not 200 <= reply.status < 300:
        told = content or {"message": reply.body.decode(errors="replace") if reply.status == 0 else ""}
        return classify(told, reply.status)
    elements = content.get("elements")
    if isinstance(elements, list):
        return [each for each in elements if isinstance(each, dict)]
    return Fault(FAILED, Action.RETRY, f"no list in the body (HTTP {reply.status})")
