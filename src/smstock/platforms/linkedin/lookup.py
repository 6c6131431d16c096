"""LinkedIn's look-ups: the facets it targets by today, and the entities of a facet, listed or found by name.

``GET /rest/adTargetingFacets`` and ``GET /rest/adTargetingEntities`` (Microsoft Learn, ads targeting). The latter is
asked with ``queryVersion=QUERY_USES_URNS``; without it the entity comes in a legacy union.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final

from smstock.errors import PlatformError
from smstock.platforms.linkedin import restli, versions
from smstock.platforms.linkedin.catalogue import PREFIX
from smstock.platforms.linkedin.errors import classify
from smstock.platforms.linkedin.live import CREDENTIAL, URL, VARIABLE, headers
from smstock.platforms.lookup import LookUp

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from smstock.platforms.base import Fault
    from smstock.web.client import Reply
    from smstock.web.credentials import Credential

PAGE: Final = 100
"""Entities that are asked for at a time."""
MOST_PAGES: Final = 50
"""Pages of a list at most; a name finds less."""

_LOCALE: Final = {"language": "en", "country": "US"}


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


class LinkedInLookUp(LookUp["list[Mapping[str, Any]]"]):
    """LinkedIn's look-ups."""

    credential: ClassVar = CREDENTIAL
    title: ClassVar = "LinkedIn"
    address: ClassVar = URL
    variable: ClassVar = VARIABLE

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
            It refuses the look-up, its version is sunset, a passing fault did not pass, or its list has no end.
        """
        asked_at = self._instant()
        listed: dict[str, Mapping[str, Any]] = {}
        for number in range(MOST_PAGES):
            paged = {"count": PAGE, "start": number * PAGE} if parameters else {}
            page = await self._look(resource, dict(parameters) | paged)
            # a service that passes over `start` sends one page for ever
            fresh = {repr(element): element for element in page if repr(element) not in listed}
            listed |= fresh
            if not paged or len(page) < PAGE or not fresh:
                break
        else:
            raise PlatformError(
                f"LinkedIn lists {MOST_PAGES * PAGE:,} entities or more, so the list may be cut",
                where=resource,
                hint="look for a name",
            )
        return Found(asked_at, versions.DEFAULT, dict(parameters), tuple(listed.values()))

    async def _fetch(self, resource: str, parameters: Mapping[str, Any], credential: Credential) -> Reply:
        address = f"{self._url}/rest/{resource}"
        call = restli.call(address, restli.encode_query(parameters)) if parameters else restli.Call(address)
        sent = headers(versions.DEFAULT, call)
        return await self._wire.fetch(call.url, token=credential.token, headers=sent, content=call.body)

    def _read(self, content: Mapping[str, Any], reply: Reply) -> list[Mapping[str, Any]] | Fault | None:
        if reply.status and not 200 <= reply.status < 300:
            return classify(content, reply.status)
        elements = content.get("elements") if reply.status else None
        return [element for element in elements if isinstance(element, dict)] if isinstance(elements, list) else None

    def _payer(self, credential: Credential) -> str:
        return credential.app or "application"

    def _later(self, faults: Sequence[Fault]) -> str:
        del faults  # none tells how long
        return "in some minutes, or after midnight UTC, when a day of quota ends"


def entities(answer: Found) -> tuple[Entity, ...]:
    """Return the entities of an answer, in the platform's order; those without a URN are passed over.

    Examples
    --------
    >>> element = {"urn": "urn:li:seniority:3", "name": "Entry", "facetUrn": "urn:li:adTargetingFacet:seniorities"}
    >>> entities(Found("2026-11-22T10:00:00Z", "202608", {}, (element, {"name": "none"})))
    (Entity(urn='urn:li:seniority:3', name='Entry'),)
    """
    return tuple(
        Entity(str(entry["urn"]), _printable(entry.get("name"))) for entry in answer.elements if entry.get("urn")
    )


def facets(answer: Found) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the facets of an answer, each with the ways in which its entities can be found.

    Examples
    --------
    >>> element = {"facetName": "schools", "availableEntityFinders": ["TYPEAHEAD"]}
    >>> facets(Found("2026-11-22T10:00:00Z", "202608", {}, (element,)))
    (('schools', ('TYPEAHEAD',)),)
    """
    return tuple(
        (str(entry["facetName"]), tuple(map(str, entry.get("availableEntityFinders") or ())))
        for entry in answer.elements
        if entry.get("facetName")
    )


def _printable(name: object) -> str:
    """Return a name in one line, without what no file of text can hold."""
    return "".join(letter for letter in " ".join(str(name or "").split()) if letter.isprintable())
