"""Terminal tables of what a platform offers: categories of origin, changes of the live list, areas by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from smstock.platforms.meta import catalogue
from smstock.report.style import add_folding, add_texts, plain, ruled_table
from smstock.vocabulary import countries

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from rich.table import Table

    from smstock.platforms.linkedin.lookup import Entity
    from smstock.platforms.lookup import Place
    from smstock.platforms.meta.catalogue import Changes, LivedIn, Status
    from smstock.platforms.meta.locales import Locale

LANGUAGE_IS_ANOTHER_POPULATION: Final = (
    "A language is a different population: accounts that use the platform in it, of every origin and generation. "
    'A query asks for it by origin_basis = "language", and smstock makes no series of both.'
)


def categories_table(categories: Iterable[LivedIn]) -> Table:
    """Return one row a category: ISO 3166-1 alpha-3 code of the origin, the platform's name, its id, what to beware of.

    Examples
    --------
    >>> from smstock.platforms.meta.catalogue import category
    >>> categories_table([category("SRB"), category("GRC")]).row_count
    2
    """
    table = _table("Origin", "Name", "Id", note="Note")
    for category in categories:
        _add(table, category.origin, category.name, category.behavior_id, category.note)
    return table


def without_category_table(without: Mapping[str, tuple[Locale, ...]]) -> Table:
    """Return one row an origin without a category: its code, its name, and the locales that would target its languages.

    Examples
    --------
    >>> without_category_table({"UKR": (), "PAK": ()}).row_count
    2
    """
    table = _table("Origin", "No category", note="Language, a different population")
    for origin, locales in without.items():
        spoken = ", ".join(
            f"{locale.language} (locale {locale.number}{'' if locale.origin == origin else ', not of it alone'})"
            for locale in locales
        )
        _add(table, origin, countries.area(origin).name, spoken or "no locale known")
    return table


def changes_table(changes: Changes, queries: Mapping[str, tuple[str, ...]]) -> Table:
    """Return one row a category that the live list adds, lacks or renames.

    Parameters
    ----------
    changes
        The differences.
    queries
        For the origin of each removed category, the queries that ask for it.

    Examples
    --------
    >>> from smstock.platforms.meta.catalogue import Behavior, Changes, category
    >>> new = Behavior("1", "Lived in Ukraine", ("Expats", "Lived in Ukraine"))
    >>> changes_table(Changes((new,), (category("SRB"),), (), translated=False), {"SRB": ("q",)}).row_count
    2
    """
    table = _table("Change", "Id", "Name", note="")
    for added in changes.added:
        _add(table, "added", added.behavior_id, added.name, "not in this version of smstock")
    for removed in changes.removed:
        asking = ", ".join(queries.get(removed.origin, ()))
        note = f"asked by {asking}: take {removed.origin} out" if asking else "asked by no query here"
        _add(table, "removed", removed.behavior_id, removed.name, note)
    for renamed, name in changes.renamed:
        _add(table, "renamed", renamed.behavior_id, name, f"was {renamed.name}; the id counts")
    return table


def statuses_table(going: Sequence[Status], queries: Mapping[str, tuple[str, ...]]) -> Table:
    """Return one row a category that is not to stay: its id, its name, what Meta says, and the queries that ask for it.

    Examples
    --------
    >>> from smstock.platforms.meta.catalogue import Status
    >>> statuses_table([Status("6027149004983", "DEPRECATING")], {"SRB": ("q",)}).row_count
    1
    """
    table = _table("Id", "Name", note="Status")
    for status in going:
        asking = ", ".join(queries.get(catalogue.origin_of(status.behavior_id), ()))
        note = f"{status.words}; asked by {asking}" if asking else status.words
        _add(table, status.behavior_id, catalogue.name_of(status.behavior_id), note)
    return table


def places_table(places: Iterable[Place]) -> Table:
    """Return one row an area: its key, its name, what it is, and the region around it.

    Examples
    --------
    >>> from smstock.platforms.lookup import Place
    >>> places_table([Place("3843", "Bavaria", "region", "", "DE")]).row_count
    1
    """
    table = _table("Key", "Name", "Type", note="Region")
    for place in places:
        _add(table, place.key, place.name, place.kind, place.region)
    return table


def facets_table(facets: Sequence[tuple[str, tuple[str, ...]]]) -> Table:
    """Return facets, one a line, with the ways in which their entities can be found.

    Examples
    --------
    >>> facets_table([("schools", ("TYPEAHEAD",))]).row_count
    1
    """
    table = _table("facet", note="entities are found by")
    for name, finders in facets:
        _add(table, name, ", ".join(finder.lower() for finder in finders))
    return table


def entities_table(entities: Sequence[Entity]) -> Table:
    """Return entities of a facet, one a line: the URN that a query names, and the name.

    Examples
    --------
    >>> from smstock.platforms.linkedin.lookup import Entity
    >>> entities_table([Entity("urn:li:seniority:3", "Entry")]).row_count
    1
    """
    table = _table("urn", note="name")
    for entity in entities:
        _add(table, entity.urn, entity.name)
    return table


def _table(*headers: str, note: str) -> Table:
    """Return an empty table with one rule under its header; the note in its last column may take several lines."""
    table = ruled_table()
    add_texts(table, *headers)
    add_folding(table, note)
    return table


def _add(table: Table, *texts: str) -> None:
    """Add a row of texts in which square brackets are no markup."""
    table.add_row(*map(plain, texts))
