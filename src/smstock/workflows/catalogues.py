"""What a platform offers: origins with a category and without, the live list beside the shipped one, areas by name."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from smstock.errors import InputError, PlatformError, UsageError
from smstock.folder import write_file
from smstock.platforms.meta import catalogue, locales
from smstock.platforms.meta.platform import META
from smstock.provenance import canonical_json
from smstock.query import spec as query_spec
from smstock.vocabulary import countries
from smstock.workflows.event_loop import complete

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Sequence

    from smstock.folder import Folder
    from smstock.platforms.lookup import Place
    from smstock.platforms.meta.catalogue import Changes, LivedIn, Status
    from smstock.platforms.meta.locales import Locale
    from smstock.platforms.meta.lookup import Found, Kind, MetaLookUp
    from smstock.query.spec import QuerySpec

T = TypeVar("T")


@dataclass(frozen=True)
class Offer:
    """Origins as the platform offers them.

    Parameters
    ----------
    categories
        The categories; a second id of an origin follows the first one.
    without
        Origins that have none, each with the locales of its official languages, as far as they are known.
    """

    categories: tuple[LivedIn, ...]
    without: dict[str, tuple[Locale, ...]]


@dataclass(frozen=True)
class Check:
    """The live list beside the shipped catalogue.

    Parameters
    ----------
    asked_at
        When the list was asked for.
    known
        Number of shipped categories that it holds.
    changes
        What it adds, lacks and renames.
    queries
        For the origin of each category that is gone or to go, the names of the queries that ask for it.
    path
        Where the answers were written.
    going
        Statuses of the categories that are not to stay, or that Meta says another thing of.
    asked
        Number of the categories whose status it told.
    refused
        Why it told none; empty where it answered.
    """

    asked_at: str
    known: int
    changes: Changes
    queries: dict[str, tuple[str, ...]]
    path: Path
    going: tuple[Status, ...] = ()
    asked: int = 0
    refused: str = ""

    @property
    def breaks_queries(self) -> bool:
        """Whether a query asks for a category that is gone, or no longer served."""
        gone = {category.origin for category in self.changes.removed}
        gone |= {catalogue.origin_of(status.behavior_id) for status in self.going if status.gone}
        return any(queries for origin, queries in self.queries.items() if origin in gone)


def offer(origins: Iterable[str] = ()) -> Offer:
    """Return which of some origins have a category; all that have one if none is named.

    Parameters
    ----------
    origins
        Codes, names or groups of areas.

    Raises
    ------
    UnknownNameError
        One is neither an area nor a group.

    Examples
    --------
    >>> offered = offer(["Serbia", "UKR"])
    >>> [category.behavior_id for category in offered.categories], list(offered.without)
    (['6027149004983'], ['UKR'])
    """
    named = countries.expand(origins) or tuple(dict.fromkeys(category.origin for category in catalogue.lived_in()))
    return Offer(
        categories=tuple(category for category in catalogue.lived_in() if category.origin in named),
        without={origin: locales.locales(origin) for origin in named if not catalogue.has(origin)},
    )


def live() -> MetaLookUp:
    """Return the look-ups of the platform, for the credentials in the environment or in the user's file.

    Raises
    ------
    CredentialError
        There is no credential; the message lists every place looked at.

    Examples
    --------
    >>> from unittest.mock import patch
    >>> with patch.dict(os.environ, {"SMSTOCK_META_TOKEN": "EAAB...", "SMSTOCK_META_ACCOUNT": "1"}):
    ...     live().title
    'Meta'
    """
    from smstock.platforms.meta.lookup import MetaLookUp

    return MetaLookUp.connect(os.environ, Path.home())


def check(workspace: Folder, platform: MetaLookUp) -> Check:
    """Ask for the live list and the status of each shipped category, write both, and compare them with the catalogue.

    The answers go to ``catalogues/meta-<date>.json``; a second one of the same day takes the place of the first.

    Parameters
    ----------
    workspace
        Its queries are looked through for categories that are gone.
    platform
        Its look-ups; closed at the end.

    Raises
    ------
    QueryError
        A query of the workspace cannot be read; nothing is asked.
    BusyError
        Another run holds the workspace; nothing is asked.
    QuotaError, CredentialError, PlatformError
        The platform gives no list, or one without any known category.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from smstock.folder import Folder
    >>> from unittest.mock import AsyncMock, MagicMock
    >>> from smstock.platforms.meta.lookup import Found
    >>> listed = {"data": [{"id": "6027149004983", "name": "Lived in Serbia (Formerly Expats - Serbia)"}]}
    >>> stated = {"data": [{"id": "6027149004983", "current_status": "DEPRECATING"}]}
    >>> answers = [Found("2026-11-22T10:00:00Z", "v25.0", {}, body) for body in (listed, stated)]
    >>> platform = MagicMock(behaviors=AsyncMock(return_value=answers[0]), statuses=AsyncMock(return_value=answers[1]))
    >>> with TemporaryDirectory() as place:
    ...     checked = check(Folder(Path(place), Path(place)), platform)
    ...     checked.known, checked.path.name, checked.going[0].status, checked.breaks_queries
    (1, 'meta-2026-11-22.json', 'DEPRECATING', False)
    """
    from smstock.platforms.meta.lookup import Found, behaviors, statuses

    queries = [query_spec.load(path) for path in sorted((workspace.root / "queries").glob("*.toml"))]
    with workspace.lock():
        answer, of_status = _asked(platform, lambda: _list_and_statuses(platform))
        path = _write(answer, of_status if isinstance(of_status, Found) else None, workspace)
    listed = behaviors(answer)
    shipped = {category.behavior_id for category in catalogue.lived_in()}
    known = shipped & {behavior.behavior_id for behavior in listed}
    if not known:
        raise PlatformError(
            f"none of the {len(listed):,} behaviours listed is known, so this is no list of categories",
            where=str(path),
            hint="run the same command later",
        )
    changes = catalogue.changes(listed)
    stated = statuses(of_status) if isinstance(of_status, Found) else ()
    going = tuple(status for status in stated if status.goes)
    origins = [gone.origin for gone in changes.removed] + [catalogue.origin_of(status.behavior_id) for status in going]
    return Check(
        asked_at=answer.asked_at,
        known=len(known),
        changes=changes,
        queries={origin: _asking(queries, origin) for origin in origins if origin},
        path=path,
        going=going,
        asked=len(stated),
        refused="" if isinstance(of_status, Found) else of_status.what,
    )


async def _list_and_statuses(platform: MetaLookUp) -> tuple[Found, Found | PlatformError]:
    """Return the answers to both look-ups; where the second one is refused, why: the list tells enough by itself."""
    listed = await platform.behaviors()
    try:
        return listed, await platform.statuses(catalogue.asked_ids())
    except PlatformError as error:
        return listed, error


def places(
    name: str, country: str, platform: MetaLookUp, kinds: Sequence[Kind] = ("region", "city")
) -> tuple[Place, ...]:
    """Return the regions and cities of a country whose name resembles ``name``, with Meta's keys.

    Parameters
    ----------
    name
        Name, or the beginning of one; empty: all of them.
    country
        Code or name of an area.
    platform
        Its look-ups; closed at the end.
    kinds
        What to look for.

    Raises
    ------
    UnknownNameError
        The country is not known.
    InputError
        It has no ISO 3166-1 alpha-2 code, by which the platform names countries.
    QuotaError, CredentialError, PlatformError
        The platform does not answer, or its list may be cut.

    Examples
    --------
    >>> from unittest.mock import AsyncMock, MagicMock
    >>> from smstock.platforms.meta.lookup import Found
    >>> listed = {"data": [{"key": "3843", "name": "Bavaria", "type": "region", "country_code": "DE"}]}
    >>> platform = MagicMock(places=AsyncMock(return_value=Found("2026-11-22T10:00:00Z", "v25.0", {}, listed)))
    >>> places("Bav", "Germany", platform)
    (Place(key='3843', name='Bavaria', kind='region', region='', country='DE'),)
    """
    from smstock.platforms.meta import lookup

    area = countries.area(countries.find(country))
    if not area.iso2:
        raise InputError(f"{area.name} has no ISO 3166-1 alpha-2 code, by which Meta names countries")
    return lookup.places(_asked(platform, lambda: platform.places(name, area.iso2, kinds)))


def write_places(areas: Sequence[Place], path: Path, today: str) -> None:
    """Write areas of a platform as a set of places that nobody has reviewed; refuse to replace a file.

    Each entry has a code made of its key, for the reader to replace.

    Raises
    ------
    UsageError
        The file is there already.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from smstock.platforms.lookup import Place
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "laender.toml")
    ...     write_places([Place("3843", "Bavaria", "region", "", "DE")], file, "2026-12-01")
    ...     print(file.read_text())
    # Areas found on 2026-12-01. Look at each entry: its code (ISO 3166-2, NUTS, own), its name, and what
    # official figures call it (official = "..."). Then write the day of the review.
    <BLANKLINE>
    reviewed = ""
    <BLANKLINE>
    [[place]]
    code = "DE-3843"
    name = "Bavaria"
    regions = ["3843"]
    <BLANKLINE>
    """
    if path.exists():
        raise UsageError(f"{path} is there already", hint="name another file, or move this one away")
    lines = [
        f"# Areas found on {today}. Look at each entry: its code (ISO 3166-2, NUTS, own), its name, and what",
        '# official figures call it (official = "..."). Then write the day of the review.',
        "",
        'reviewed = ""',
    ]
    for area in areas:
        name, key = (json.dumps(text, ensure_ascii=False) for text in (area.name, area.key))
        where = {"region": f"regions = [{key}]", "city": f"cities = [{{key = {key}}}]", "location": f"geos = [{key}]"}
        number = area.key.rpartition(":")[2]
        lines += ["", "[[place]]", f'code = "{area.country}-{number}"', f"name = {name}", where[area.kind]]
    path.parent.mkdir(parents=True, exist_ok=True)
    write_file(path, "\n".join(lines) + "\n")


def _asked(platform: MetaLookUp, ask: Callable[[], Awaitable[T]]) -> T:
    async def once() -> T:
        async with platform:
            return await ask()

    return complete(once())


def _asking(queries: Sequence[QuerySpec], origin: str) -> tuple[str, ...]:
    return tuple(
        query.name
        for query in queries
        if query.platform == META.name and query.origin_basis == "lived_in" and origin in query.origins
    )


def _write(answer: Found, statuses: Found | None, workspace: Folder) -> Path:
    path = workspace.output / "catalogues" / f"meta-{answer.asked_at[:10]}.json"
    text = canonical_json(
        {
            "asked_at": answer.asked_at,
            "api_version": answer.api_version,
            "parameters": dict(answer.parameters),
            "answer": dict(answer.body),
            "statuses": {"parameters": dict(statuses.parameters), "answer": dict(statuses.body)} if statuses else None,
        }
    )
    write_file(path, text)
    return path
