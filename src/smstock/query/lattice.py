"""The cells of a query, coarse ones first, streamed: memory does not grow with their number."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations, product
from math import prod
from typing import TYPE_CHECKING

from smstock.vocabulary.facets import FACETS, Ages

if TYPE_CHECKING:
    from collections.abc import Iterator

    from smstock.query.spec import QuerySpec


@dataclass(frozen=True)
class Cell:
    """One audience: destination x origin x facets. An empty origin means all users, an empty group all of them."""

    destination: str
    origin: str
    sex: str
    ages: Ages
    education: str = ""
    relationship: str = ""


def cells(query: QuerySpec) -> Iterator[Cell]:
    """Yield every cell of a query once: all users first, then origins; within each, coarse before fine.

    Examples
    --------
    >>> from smstock.query.spec import parse
    >>> query = parse('name="q"\\nplatform="meta"\\norigins=["SRB"]\\ndestinations=["AUT"]\\nages="18+"\\nbreakdowns=[["sex"]]')
    >>> [(cell.destination, cell.origin, cell.sex) for cell in cells(query)]
    [('AUT', 'SRB', 'all'), ('AUT', 'SRB', 'female'), ('AUT', 'SRB', 'male')]
    """
    if query.totals:
        for facets in levels(query, ("sex", "age")):
            for area in _areas_of_totals(query):
                yield from _cells_at(query, area, "", facets)
    for facets in levels(query):
        for destination, origin in _corridors(query):
            yield from _cells_at(query, destination, origin, facets)


def count(query: QuerySpec) -> int:
    """Return the number of cells of a query without listing them."""
    corridors = len(query.destinations) * len(query.origins) - len(set(query.destinations) & set(query.origins))
    totals = len(_areas_of_totals(query)) * _per_corridor(query, ("sex", "age")) if query.totals else 0
    return totals + corridors * _per_corridor(query)


def levels(query: QuerySpec, among: tuple[str, ...] = FACETS) -> list[tuple[str, ...]]:
    """Return the sets of facets that are crossed, coarse first; the total is the empty set.

    Examples
    --------
    >>> from smstock.query.spec import parse
    >>> levels(parse('name="q"\\nplatform="meta"\\norigins=["SRB"]\\ndestinations=["AUT"]\\nages="18+"\\n'
    ...              'age_groups=["18-24"]\\nbreakdowns=[["sex", "age"]]'))
    [(), ('sex',), ('age',), ('sex', 'age')]
    """
    chosen = {
        tuple(facet for facet in FACETS if facet in subset)
        for breakdown in query.breakdowns
        for size in range(len(breakdown) + 1)
        for subset in combinations(set(breakdown) & set(among), size)
    }
    return sorted(chosen | {()}, key=lambda facets: (len(facets), [FACETS.index(facet) for facet in facets]))


def parents(cell: Cell, query: QuerySpec) -> list[Cell]:
    """Return the cells one facet coarser than ``cell``: each holds all its accounts.

    Examples
    --------
    >>> from smstock.query.spec import parse
    >>> query = parse('name="q"\\nplatform="meta"\\norigins=["SRB"]\\ndestinations=["AUT"]\\nages="18+"')
    >>> [parent.sex for parent in parents(Cell("AUT", "SRB", "female", Ages(18)), query)]
    ['all']
    """
    coarser = []
    if cell.sex != "all":
        coarser.append(replace(cell, sex="all"))
    if cell.ages != query.whole:
        coarser.append(replace(cell, ages=query.whole))
    if cell.education:
        coarser.append(replace(cell, education=""))
    if cell.relationship:
        coarser.append(replace(cell, relationship=""))
    return coarser


def _corridors(query: QuerySpec) -> Iterator[tuple[str, str]]:
    """Yield destination and origin; nobody is a migrant at home."""
    return ((destination, origin) for destination in query.destinations for origin in query.origins if destination != origin)


def _areas_of_totals(query: QuerySpec) -> tuple[str, ...]:
    """Return destinations and origins: penetration is needed at both ends."""
    return tuple(dict.fromkeys((*query.destinations, *query.origins)))


def _cells_at(query: QuerySpec, destination: str, origin: str, facets: tuple[str, ...]) -> Iterator[Cell]:
    for values in product(*(query.values(facet) for facet in facets)):
        at = dict(zip(facets, values, strict=True))
        yield Cell(
            destination,
            origin,
            at.get("sex", "all"),
            Ages.parse(at["age"]) if "age" in at else query.whole,
            at.get("education", ""),
            at.get("relationship", ""),
        )


def _per_corridor(query: QuerySpec, among: tuple[str, ...] = FACETS) -> int:
    return sum(prod(len(query.values(facet)) for facet in facets) for facets in levels(query, among))
