"""LinkedIn's catalogue: facets and entities, kept in the workspace for a month; sets of schools; locations by name."""

from __future__ import annotations

import json
import os
import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from smstock.errors import InputError, UsageError
from smstock.folder import lock_around, write_file
from smstock.platforms.linkedin.catalogue import PERMANENT_LOCATION
from smstock.platforms.linkedin.lookup import Found, LinkedInLookUp, entities, facets
from smstock.platforms.lookup import Place
from smstock.provenance import canonical_json
from smstock.query import schools as school_sets
from smstock.query.schools import SchoolSet
from smstock.vocabulary import countries
from smstock.workflows.event_loop import complete

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Sequence

    from smstock.folder import Folder
    from smstock.platforms.linkedin.lookup import Entity

KEPT: Final = timedelta(days=30)
"""How long an answer is read from the workspace before the platform is asked again."""


def live() -> LinkedInLookUp:
    """Return the look-ups of the platform, for the credentials in the environment or in the user's file.

    Raises
    ------
    CredentialError
        There is no credential; the message lists every place looked at.

    Examples
    --------
    >>> from unittest.mock import patch
    >>> with patch.dict(os.environ, {"SMSTOCK_LINKEDIN_TOKEN": "AQ..."}):
    ...     live().title
    'LinkedIn'
    """
    return LinkedInLookUp.connect(os.environ, Path.home())


def facets_of(
    workspace: Folder, platform: Callable[[], LinkedInLookUp], *, now: datetime, refresh: bool = False
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return the facets LinkedIn targets by, each with the ways in which its entities can be found.

    Parameters
    ----------
    workspace
        Where answers are kept, in ``catalogues``.
    platform
        Opens its look-ups; not called where a kept answer is young enough.
    now
        The present.
    refresh
        Ask in any case.

    Raises
    ------
    BusyError
        Another run holds the workspace, and no kept answer is young enough.
    QuotaError, CredentialError, PlatformError
        The platform does not answer.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from smstock.folder import Folder
    >>> kept = {"asked_at": "2026-11-21T08:00:00+00:00", "api_version": "202611", "parameters": {}}
    >>> kept["elements"] = [{"facetName": "schools", "availableEntityFinders": ["TYPEAHEAD"]}]
    >>> now = datetime.fromisoformat("2026-11-22T08:00:00+00:00")
    >>> with TemporaryDirectory() as place:
    ...     folder = Folder(Path(place), Path(place))
    ...     write_file(folder.output / "catalogues" / "linkedin-facets.json", json.dumps(kept))
    ...     facets_of(folder, live, now=now)
    (('schools', ('TYPEAHEAD',)),)
    """
    return facets(_answer(workspace, "facets", platform, lambda service: service.facets(), now=now, refresh=refresh))


def entities_of(
    workspace: Folder,
    platform: Callable[[], LinkedInLookUp],
    facet: str,
    name: str = "",
    *,
    now: datetime,
    refresh: bool = False,
) -> tuple[Entity, ...]:
    """Return the entities of a facet, those whose name resembles ``name`` if it is given.

    Parameters
    ----------
    workspace, platform, now, refresh
        As `facets_of` takes them.
    facet
        Short name, such as ``degrees``.
    name
        Name, or the beginning of one; schools and locations can only be searched.

    Raises
    ------
    InputError
        ``facet`` is no name of a facet.
    BusyError
        Another run holds the workspace, and no kept answer is young enough.
    QuotaError, CredentialError, PlatformError
        The platform does not answer.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from smstock.folder import Folder
    >>> kept = {"asked_at": "2026-11-21T08:00:00+00:00", "api_version": "202611", "parameters": {}}
    >>> kept["elements"] = [{"urn": "urn:li:degree:200", "name": "Bachelor's Degree"}]
    >>> now = datetime.fromisoformat("2026-11-22T08:00:00+00:00")
    >>> with TemporaryDirectory() as place:
    ...     folder = Folder(Path(place), Path(place))
    ...     write_file(folder.output / "catalogues" / "linkedin-degrees.json", json.dumps(kept))
    ...     [entity.name for entity in entities_of(folder, live, "degrees", now=now)]
    ["Bachelor's Degree"]
    """
    if not re.fullmatch(r"[A-Za-z]+", facet):
        raise InputError(f"{facet!r} is no name of a facet", allowed="such as degrees, seniorities, profileLocations")
    slug = "-".join(re.findall(r"\w+", name.casefold()))
    what = f"{facet}-{slug}" if slug else facet
    answer = _answer(workspace, what, platform, lambda service: service.entities(facet, name), now=now, refresh=refresh)
    return entities(answer)


def places(name: str, country: str, platform: LinkedInLookUp) -> tuple[Place, ...]:
    """Return the locations whose name resembles ``name``, without those of other countries, with their URNs.

    LinkedIn tells the country only by the end of the name (``California, United States``); a metropolitan area has none
    there, and is left to the reader.

    Parameters
    ----------
    name
        Name, or the beginning of one: locations can only be searched.
    country
        Code or name of an area.
    platform
        Its look-ups; closed at the end.

    Raises
    ------
    UnknownNameError
        The country is not known.
    UsageError
        There is no name to look for.
    InputError
        The country has no ISO 3166-1 alpha-2 code, with which the codes of its places begin.
    QuotaError, CredentialError, PlatformError
        The platform does not answer.

    Examples
    --------
    >>> from unittest.mock import AsyncMock, MagicMock
    >>> elements = ({"urn": "urn:li:geo:102095887", "name": "California, United States"},
    ...             {"urn": "urn:li:geo:1", "name": "California, Colombia"})
    >>> platform = MagicMock(entities=AsyncMock(return_value=Found("2026-11-22T10:00:00Z", "202608", {}, elements)))
    >>> places("California", "USA", platform)
    (Place(key='urn:li:geo:102095887', name='California', kind='location', region='', country='US'),)
    """
    area = countries.area(countries.find(country))
    if not area.iso2:
        raise InputError(f"{area.name} has no ISO 3166-1 alpha-2 code, with which the codes of its places begin")
    if not name:
        raise UsageError("LinkedIn lists no locations", hint="name one, or the beginning of one")

    async def once() -> Found:
        async with platform:
            return await platform.entities(PERMANENT_LOCATION.name, name)

    located = []
    for entity in entities(complete(once())):
        within, _, last = entity.name.rpartition(", ")
        home = countries.known_as(last, "name")
        if home == area.iso3 and within:
            located.append(Place(entity.urn, within, "location", "", area.iso2))
        elif not home:
            located.append(Place(entity.urn, entity.name, "location", "", area.iso2))
    return tuple(located)


def schools_of(
    workspace: Folder,
    platform: Callable[[], LinkedInLookUp],
    country: str,
    names: Sequence[str] = (),
    *,
    now: datetime,
    refresh: bool = False,
) -> tuple[Path, SchoolSet]:
    """Write the schools whose name resembles some names into a set of schools to be reviewed; return its path and it.

    LinkedIn tells no country of a school, so a person has to take out what is of another one.

    Parameters
    ----------
    workspace, platform, now, refresh
        As `facets_of` takes them; the set goes to ``queries/schools/<country>.toml``.
    country
        Code or name of an area.
    names
        Names to look for; the name of the country if there are none.

    Raises
    ------
    UnknownNameError
        The country is not known.
    InputError
        There is a set of it already.
    BusyError
        Another run holds the workspace, and no kept answer is young enough.
    QuotaError, CredentialError, PlatformError
        The platform does not answer.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from smstock.folder import Folder
    >>> kept = {"asked_at": "2026-11-21T08:00:00+00:00", "api_version": "202611", "parameters": {}}
    >>> kept["elements"] = [{"urn": "urn:li:organization:1035", "name": "Universitatea A"}]
    >>> now = datetime.fromisoformat("2026-11-22T08:00:00+00:00")
    >>> with TemporaryDirectory() as place:
    ...     folder = Folder(Path(place), Path(place))
    ...     write_file(folder.output / "catalogues" / "linkedin-schools-universitatea.json", json.dumps(kept))
    ...     path, schools = schools_of(folder, live, "ROU", ["Universitatea"], now=now)
    ...     path.name, schools.schools
    ('ROU.toml', (('urn:li:organization:1035', 'Universitatea A'),))
    """
    area = countries.area(countries.find(country))
    path = workspace.root / "queries" / "schools" / f"{area.iso3}.toml"
    if path.exists():
        raise InputError(f"there is a set of schools already: {path}", hint="move it away to look the schools up anew")
    asked = tuple(dict.fromkeys(names)) or (area.name,)
    names_by_urn: dict[str, str] = {}
    with workspace.lock(), lock_around(path):
        for name in asked:
            for school in entities_of(workspace, platform, "schools", name, now=now, refresh=refresh):
                names_by_urn.setdefault(school.urn, school.name)
        if not names_by_urn:
            raise InputError(
                f"LinkedIn finds no school by {', '.join(asked)}", hint="give other names, such as of towns"
            )
        schools = SchoolSet(area.iso3, tuple(names_by_urn.items()))
        comment = f"Schools that LinkedIn found by {', '.join(asked)} on {now.date().isoformat()}."
        write_file(path, school_sets.write(schools, comment))
    return path, schools


def _answer(
    workspace: Folder,
    what: str,
    platform: Callable[[], LinkedInLookUp],
    ask: Callable[[LinkedInLookUp], Coroutine[None, None, Found]],
    *,
    now: datetime,
    refresh: bool,
) -> Found:
    """Return an answer from the workspace, or ask for it and keep it, under the lock of the workspace."""
    path = workspace.output / "catalogues" / f"linkedin-{what}.json"
    if not refresh and (earlier := _read(path)) and now - datetime.fromisoformat(earlier.asked_at) < KEPT:
        return earlier

    async def once() -> Found:
        async with platform() as service:
            return await ask(service)

    with workspace.lock():
        answer = complete(once())
        content = {
            "asked_at": answer.asked_at,
            "api_version": answer.api_version,
            "parameters": dict(answer.parameters),
            "elements": [dict(element) for element in answer.elements],
        }
        write_file(path, canonical_json(content))
    return answer


def _read(path: Path) -> Found | None:
    """Return a kept answer; None if there is none that can be read, and it is asked again."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        return Found(content["asked_at"], content["api_version"], content["parameters"], tuple(content["elements"]))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
