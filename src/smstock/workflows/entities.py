"""LinkedIn's catalogue: facets and entities, kept in the workspace for a month, and sets of schools to be reviewed."""

from __future__ import annotations

import json
import os
import re
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from smstock.errors import InputError
from smstock.folder import write_atomically
from smstock.platforms.linkedin.lookup import Found, LinkedInLookUp, entities, facets
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
    QuotaError, CredentialError, PlatformError
        The platform does not answer.
    """
    return facets(_kept(workspace, "facets", platform, lambda there: there.facets(), now=now, refresh=refresh))


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
    QuotaError, CredentialError, PlatformError
        The platform does not answer.
    """
    if not re.fullmatch(r"[A-Za-z]+", facet):
        raise InputError(f"{facet!r} is no name of a facet", allowed="such as degrees, seniorities, profileLocations")
    slug = "-".join(re.findall(r"\w+", name.casefold()))
    what = f"{facet}-{slug}" if slug else facet
    found = _kept(workspace, what, platform, lambda there: there.entities(facet, name), now=now, refresh=refresh)
    return entities(found)


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
    QuotaError, CredentialError, PlatformError
        The platform does not answer.
    """
    area = countries.area(countries.find(country))
    path = workspace.root / "queries" / "schools" / f"{area.iso3}.toml"
    if path.exists():
        raise InputError(f"there is a set of schools already: {path}", hint="move it away to look the schools up anew")
    asked = tuple(dict.fromkeys(names)) or (area.name,)
    found: dict[str, str] = {}
    for name in asked:
        for school in entities_of(workspace, platform, "schools", name, now=now, refresh=refresh):
            found.setdefault(school.urn, school.name)
    if not found:
        raise InputError(f"LinkedIn finds no school by {', '.join(asked)}", hint="give other names, such as of towns")
    schools = SchoolSet(area.iso3, tuple(found.items()))
    said = f"Schools that LinkedIn found by {', '.join(asked)} on {now.date().isoformat()}."
    text = school_sets.write(schools, said)
    write_atomically(path, partial(_write, text=text))
    return path, schools


def _kept(
    workspace: Folder,
    what: str,
    platform: Callable[[], LinkedInLookUp],
    ask: Callable[[LinkedInLookUp], Coroutine[None, None, Found]],
    *,
    now: datetime,
    refresh: bool,
) -> Found:
    """Return an answer from the workspace, or ask for it and keep it."""
    path = workspace.output / "catalogues" / f"linkedin-{what}.json"
    if not refresh and (kept := _read(path)) and now - datetime.fromisoformat(kept.asked_at) < KEPT:
        return kept

    async def once() -> Found:
        async with platform() as there:
            return await ask(there)

    found = complete(once())
    content = {
        "asked_at": found.asked_at,
        "api_version": found.api_version,
        "parameters": dict(found.parameters),
        "elements": [dict(each) for each in found.elements],
    }
    write_atomically(path, partial(_write, text=canonical_json(content)))
    return found


def _read(path: Path) -> Found | None:
    """Return a kept answer; None if there is none that can be read, and it is asked again."""
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        return Found(kept["asked_at"], kept["api_version"], kept["parameters"], tuple(kept["elements"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _write(path: Path, text: str) -> None:
    # half a surrogate pair is legal in JSON, and no UTF-8
    path.write_text(text, encoding="utf-8", errors="backslashreplace")
