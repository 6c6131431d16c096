"""Meta's look-ups, ``GET /search``: which behaviours it targets today and for how long, and keys of regions and cities.

Parameters and fields: facebook-python-business-sdk, targetingsearch.py; rsocialwatcher. A look-up belongs to no ad
account, so none of an account's hourly calls is set aside for it; if the app or the account is throttled it gives way
at once, because calls that are refused prolong the pause (Meta, rate limiting, 5 May 2026).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final, Literal
from urllib.parse import quote, urlencode

from smstock.errors import PlatformError
from smstock.platforms.lookup import LookUp, Place
from smstock.platforms.meta import versions
from smstock.platforms.meta.accounts import CREDENTIAL
from smstock.platforms.meta.catalogue import UNKNOWN, Behavior, Status
from smstock.platforms.meta.errors import classify
from smstock.platforms.meta.live import URL, VARIABLE
from smstock.platforms.meta.live import proof as appsecret_proof

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from smstock.platforms.base import Fault
    from smstock.web.client import Reply
    from smstock.web.credentials import Credential

Kind = Literal["region", "city"]
"""Areas below the country that can be looked up by name."""

MOST_BEHAVIORS: Final = 2000
MOST_PLACES: Final = 3000
"""Areas of an answer at most; a country has some hundred regions, and rsocialwatcher asks for as many."""


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


class MetaLookUp(LookUp["Mapping[str, Any]"]):
    """Meta's look-ups; the accounts beside the tokens only name them in messages."""

    credential: ClassVar = CREDENTIAL
    title: ClassVar = "Meta"
    address: ClassVar = URL
    variable: ClassVar = VARIABLE

    async def behaviors(self) -> Found:
        """Return the list of every behaviour that can be targeted; raise as `search` does."""
        asked = {"type": "adTargetingCategory", "class": "behaviors", "limit": str(MOST_BEHAVIORS)}
        return await self.search(asked)

    async def statuses(self, ids: Sequence[str]) -> Found:
        """Return the present and planned status of some targeting options; raise as `search` does."""
        listed = json.dumps([*ids], separators=(",", ":"))
        return await self.search({"type": "targetingoptionstatus", "targeting_option_list": listed})

    async def places(self, name: str, country: str, kinds: Sequence[Kind]) -> Found:
        """Return the areas of some kinds whose name resembles ``name``; raise as `search` does.

        Parameters
        ----------
        name
            Name, or the beginning of one; empty: every area.
        country
            ISO 3166-1 alpha-2 code.
        kinds
            What to look for.
        """
        asked = {
            "type": "adgeolocation",
            "location_types": json.dumps(list(kinds), separators=(",", ":")),
            "country_code": country,
            "limit": str(MOST_PLACES),
        }
        return await self.search(asked | ({"q": name} if name else {}))

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
        asked_at = self._instant()
        return Found(asked_at, versions.DEFAULT, parameters, await self._look("search", parameters))

    async def _fetch(self, resource: str, parameters: Mapping[str, Any], credential: Credential) -> Reply:
        asked = dict(parameters)
        if credential.app_secret:
            asked["appsecret_proof"] = appsecret_proof(credential.token, credential.app_secret)
        address = f"{self._url}/{versions.DEFAULT}/{resource}?{urlencode(asked, quote_via=quote)}"
        return await self._wire.fetch(address, token=credential.token, headers={}, content=None)

    def _read(self, content: Mapping[str, Any], reply: Reply) -> Mapping[str, Any] | Fault | None:
        if (error := content.get("error")) is not None:
            return classify(error if isinstance(error, dict) else {"message": error}, reply.status, reply.headers)
        return content if 200 <= reply.status < 300 and isinstance(content.get("data"), list) else None

    def _payer(self, credential: Credential) -> str:
        return f"act_{credential.account}"

    def _later(self, faults: Sequence[Fault]) -> str:
        seconds = max(fault.wait or 0.0 for fault in faults)
        return f"in {seconds / 60:.0f} min, not before" if seconds else "in an hour, not before"


def behaviors(answer: Found) -> tuple[Behavior, ...]:
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
    if len(answer.entries) >= MOST_BEHAVIORS:
        raise PlatformError(f"Meta lists {MOST_BEHAVIORS:,} behaviours or more, so the list may be cut")
    return tuple(
        Behavior(str(entry["id"]), str(entry.get("name", "")), _texts(entry.get("path")))
        for entry in answer.entries
        if entry.get("id")
    )


def statuses(answer: Found) -> tuple[Status, ...]:
    """Return the statuses of an answer, each with what is planned for it; those without an id are passed over.

    Examples
    --------
    >>> entry = {"id": "6027149004983", "current_status": "NORMAL",
    ...          "future_plan": [{"key": "2027-01-15T00:00:00+0000", "value": "DEPRECATING"}]}
    >>> statuses(Found("2026-11-22T10:00:00Z", "v25.0", {}, {"data": [entry]}))
    (Status(behavior_id='6027149004983', status='NORMAL', planned=(('2027-01-15', 'DEPRECATING'),)),)
    """
    return tuple(
        Status(str(entry["id"]), str(entry.get("current_status") or UNKNOWN), _plans(entry.get("future_plan")))
        for entry in answer.entries
        if entry.get("id")
    )


def _plans(value: Any) -> tuple[tuple[str, str], ...]:
    """Return days and statuses that are planned, in order; the example of Meta is a list, its description a map."""
    pairs = [*value.items()] if isinstance(value, dict) else []
    if isinstance(value, list):
        pairs = [(plan.get("key", ""), plan.get("value", "")) for plan in value if isinstance(plan, dict)]
    return tuple(sorted((str(day)[:10], str(status)) for day, status in pairs))


def places(answer: Found) -> tuple[Place, ...]:
    """Return the areas of an answer, in the platform's order; those without a key are passed over.

    Raises
    ------
    PlatformError
        The list may have been cut: it is as long as was asked for.

    Examples
    --------
    >>> entry = {"key": "3843", "name": "Bavaria", "type": "region", "country_code": "DE", "supports_city": True}
    >>> places(Found("2026-11-22T10:00:00Z", "v25.0", {}, {"data": [entry]}))
    (Place(key='3843', name='Bavaria', kind='region', region='', country='DE'),)
    """
    if len(answer.entries) >= MOST_PLACES:
        raise PlatformError(
            f"Meta lists {MOST_PLACES:,} areas or more, so the list may be cut",
            hint="look for the beginning of a name, or for regions only (--type region)",
        )
    names = ("key", "name", "type", "region", "country_code")
    return tuple(Place(*(str(entry.get(name, "")) for name in names)) for entry in answer.entries if entry.get("key"))


def _texts(value: Any) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list) else ()
