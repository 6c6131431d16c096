"""Meta's look-ups, ``GET /search``: which behaviours it targets today, and the keys of regions and cities.

Parameters and fields: facebook-python-business-sdk, targetingsearch.py; rsocialwatcher. A look-up belongs to no ad
account, so none of an account's hourly calls is set aside for it; if the app or the account is throttled it gives way
at once, because calls that are refused prolong the pause (Meta, rate limiting, 5 May 2026).
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import TYPE_CHECKING, Any, Final, Literal, Self
from urllib.parse import quote, urlencode

from smstock.errors import CredentialError, PlatformError, QuotaError
from smstock.platforms.base import Action, Fault
from smstock.platforms.meta import versions
from smstock.platforms.meta.catalogue import Behavior
from smstock.platforms.meta.errors import classify
from smstock.platforms.meta.live import URL, VARIABLE
from smstock.platforms.meta.live import proof as appsecret_proof
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

Kind = Literal["region", "city"]
"""Areas below the country that can be looked up by name."""

ATTEMPTS: Final = 4
"""How often a look-up is made that meets a passing fault; the pauses between take 42 s at most."""

MOST_BEHAVIORS: Final = 2000
MOST_PLACES: Final = 100

_HINTS: Final = {
    Action.RETRY: "run the same command later",
    Action.STOP_RUN: "update smstock, then run it again",
}


@dataclass(frozen=True)
class Found:
    """An answer: when and how it was asked, and its body, which holds no credential."""

    asked_at: str
    api_version: str
    parameters: Mapping[str, str]
    body: Mapping[str, Any]

    @property
    def entries(self) -> list[Mapping[str, Any]]:
        """The objects of its list."""
        return [entry for entry in self.body["data"] if isinstance(entry, dict)]


@dataclass(frozen=True)
class Place:
    """A region or a city, and the key by which a targeting spec names it; ``country`` is ISO 3166-1 alpha-2."""

    key: str
    name: str
    kind: str
    region: str
    country: str


class LookUp:
    """Look-ups through the credentials of a user, the first one that works; used with ``async with``.

    Parameters
    ----------
    credentials
        Tokens; the accounts beside them only name them in messages.
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
        self._credentials = credentials
        self._wire = wire
        self._url = safe_url(url, VARIABLE).rstrip("/")
        self._api_version = api_version
        self._now = now
        self._rng = rng or Random()  # noqa: S311
        self._sleep = sleep

    async def behaviors(self) -> Found:
        """Return the list of every behaviour that can be targeted; raise as `search` does."""
        asked = {"type": "adTargetingCategory", "class": "behaviors", "limit": str(MOST_BEHAVIORS)}
        return await self.search(asked)

    async def places(self, name: str, country: str, kinds: Sequence[Kind]) -> Found:
        """Return the areas of some kinds whose name resembles ``name``, at most 100; raise as `search` does.

        Parameters
        ----------
        name
            Name, or the beginning of one.
        country
            ISO 3166-1 alpha-2 code.
        kinds
            What to look for.
        """
        asked = {
            "type": "adgeolocation",
            "location_types": json.dumps(list(kinds), separators=(",", ":")),
            "q": name,
            "country_code": country,
            "limit": str(MOST_PLACES),
        }
        return await self.search(asked)

    async def search(self, parameters: Mapping[str, str]) -> Found:
        """Return the answer to a look-up.

        Raises
        ------
        QuotaError
            The platform refuses calls for now.
        CredentialError
            It accepts no credential; the message holds its words for each.
        PlatformError
            It refuses the look-up, its version has expired, or a passing fault did not pass.
        """
        throttled: dict[str, Fault] = {}
        dropped: list[str] = []
        for credential in self._credentials:
            if credential.app in throttled:
                continue
            answer = await self._ask(parameters, credential)
            if isinstance(answer, Found):
                return answer
            match answer.action:
                case Action.PAUSE_ACCOUNT | Action.PAUSE_APP:
                    throttled[credential.app] = answer
                case Action.STOP_CREDENTIAL:
                    dropped.append(f"act_{credential.account}: {answer.detail}")
                case action:
                    raise PlatformError(
                        f"Meta does not answer the look-up: {answer.detail}", hint=_HINTS.get(action, "")
                    )
        if throttled:
            told = max((fault.wait or 0.0 for fault in throttled.values()), default=0.0)
            when = f"in {told / 60:.0f} min" if told else "in an hour"
            words = "; ".join(fault.detail for fault in throttled.values())
            raise QuotaError("Meta refuses calls for now", where=words, hint=f"run the same command {when}, not before")
        raise CredentialError(
            "no usable credential is left", where="; ".join(dropped), hint="renew what the platform names"
        )

    async def _ask(self, parameters: Mapping[str, str], credential: Credential) -> Found | Fault:
        """Ask until something other than a passing fault comes back, or the attempts are spent."""
        asked = dict(parameters)
        if credential.app_secret:
            asked["appsecret_proof"] = appsecret_proof(credential.token, credential.app_secret)
        address = f"{self._url}/{self._api_version}/search?{urlencode(asked, quote_via=quote)}"
        answer = await self._once(address, parameters, credential)
        for attempt in range(1, ATTEMPTS):
            if isinstance(answer, Found) or answer.action is not Action.RETRY:
                break
            await self._sleep(pause(attempt, self._rng))
            answer = await self._once(address, parameters, credential)
        return answer

    async def _once(self, address: str, parameters: Mapping[str, str], credential: Credential) -> Found | Fault:
        asked_at = instant(self._now())
        body = _read(await self._wire.fetch(address, token=credential.token, headers={}, content=None))
        return body if isinstance(body, Fault) else Found(asked_at, self._api_version, parameters, body)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._wire.close()


def connect(environment: Mapping[str, str], home: Path) -> LookUp:
    """Return the look-ups of the live platform for the credentials of a user, as `Live.connect` does for estimates.

    Raises
    ------
    CredentialError, SettingsError
        As `Live.connect` does.
    """
    return LookUp(credentials("meta", environment, home), Client(), url=environment.get(VARIABLE) or URL)


def behaviors(found: Found) -> tuple[Behavior, ...]:
    """Return the behaviours of a list; those without an id are passed over.

    Raises
    ------
    PlatformError
        The list may have been cut: it is as long as was asked for.

    Examples
    --------
    >>> body = {"data": [{"id": "6027149004983", "name": "Lived in Serbia", "path": ["Expats", "Lived in Serbia"]}]}
    >>> behaviors(Found("2026-11-22T10:00:00Z", "v25.0", {}, body))
    (Behavior(behavior_id='6027149004983', name='Lived in Serbia', path=('Expats', 'Lived in Serbia')),)
    """
    if len(found.entries) >= MOST_BEHAVIORS:
        raise PlatformError(f"Meta lists {MOST_BEHAVIORS:,} behaviours or more, so the list may be cut")
    return tuple(
        Behavior(str(entry["id"]), str(entry.get("name", "")), _texts(entry.get("path")))
        for entry in found.entries
        if entry.get("id")
    )


def places(found: Found) -> tuple[Place, ...]:
    """Return the areas of an answer, in the platform's order; those without a key are passed over.

    Examples
    --------
    >>> entry = {"key": "3843", "name": "Bavaria", "type": "region", "country_code": "DE", "supports_city": True}
    >>> places(Found("2026-11-22T10:00:00Z", "v25.0", {}, {"data": [entry]}))
    (Place(key='3843', name='Bavaria', kind='region', region='', country='DE'),)
    """
    names = ("key", "name", "type", "region", "country_code")
    return tuple(Place(*(str(entry.get(name, "")) for name in names)) for entry in found.entries if entry.get("key"))


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list) else ()


def _read(reply: Reply) -> Mapping[str, Any] | Fault:
    """Return the body of an answer that is a list, or what its error means; anything else is a passing fault."""
    try:
        body = json.loads(reply.body, parse_constant=str)
    except (ValueError, RecursionError):
        body = None
    content = body if isinstance(body, dict) else {}
    if (error := content.get("error")) is not None:
        return classify(error if isinstance(error, dict) else {"message": error}, reply.status, reply.headers)
    if 200 <= reply.status < 300 and isinstance(content.get("data"), list):
        return content
    said = reply.body.decode(errors="replace") if reply.status == 0 else f"no list in the body (HTTP {reply.status})"
    return Fault(FAILED, Action.RETRY, said)
