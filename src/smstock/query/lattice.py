"""The cells of a query, coarse ones first, streamed: memory does not grow with their number."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache, lru_cache
from itertools import combinations, product
from math import prod
from typing import TYPE_CHECKING, Final

from smstock.vocabulary.facets import DIMENSIONS, FACETS, FOREIGN, Ages
from smstock.vocabulary.places import country_of, is_place

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from collections.abc import Set as AbstractSet

    from smstock.query.spec import QuerySpec

ORDER: Final = (*FACETS, *DIMENSIONS)
"""Everything a query can break down by, in the order in which cells are asked."""

OF_ALL_USERS: Final = ("sex", "age", *DIMENSIONS)
"""What all users are broken down by where a query asks for them too."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One audience: destination x origin x facets. An empty origin means all users, an empty group all of them.

    The origin ``WLD`` means all who lived in another country, whichever.

    Origin and destination are one in a cell of the home stock. ``category`` is a category of ``dimension``.
    """

    destination: str
    origin: str
    sex: str
    ages: Ages
    education: str = ""
    relationship: str = ""
    dimension: str = ""
    category: str = ""

    def __str__(self) -> str:
        who = "all users" if not self.origin else self.origin
        groups = (self.sex, str(self.ages), self.education, self.relationship, self.category)
        return f"{who} in {self.destination}, {', '.join(filter(None, groups))}"


def cells(query: QuerySpec) -> Iterator[Cell]:
    r"""Yield every cell of a query once, in asking order: the batches one after another.

    Examples
    --------
    >>> from smstock.query.spec import parse
    >>> head = 'name="q"\nplatform="meta"\norigins=["SRB"]\ndestinations=["AUT"]\nages="18+"\n'
    >>> query = parse(head + 'breakdowns=[["sex"]]')
    >>> [(cell.destination, cell.origin, cell.sex) for cell in cells(query)]
    [('AUT', 'SRB', 'all'), ('AUT', 'SRB', 'female'), ('AUT', 'SRB', 'male')]
    """
    return (cell for batch in batches(query) for cell in batch)


def batches(query: QuerySpec) -> Iterator[Iterator[Cell]]:
    r"""Yield the cells in batches: no cell of a batch holds another one of it, and every coarser cell came before.

    All users come first, then all foreign ones, then the origins; within each, few facets before many and wide age
    groups before narrow ones.
    Asking batch by batch, a cell is known to be at the floor before any of its parts is asked.

    Examples
    --------
    >>> from smstock.query.spec import parse
    >>> head = 'name="q"\nplatform="meta"\norigins=["SRB"]\ndestinations=["AUT", "DEU"]\nages="18+"\n'
    >>> [[(cell.destination, cell.sex) for cell in batch] for batch in batches(parse(head + 'breakdowns=[["sex"]]'))]
    [[('AUT', 'all'), ('DEU', 'all')], [('AUT', 'female'), ('DEU', 'female'), ('AUT', 'male'), ('DEU', 'male')]]
    """
    for corridors, steps in _groups(query):
        for facets, ages in steps:
            yield _cells_at(query, corridors, facets, ages)


def grids(query: QuerySpec) -> Iterator[tuple[list[tuple[str, str]], list[Cell]]]:
    r"""Yield the corridors that are broken down alike, and the cells of the first of them in asking order.

    A corridor is a destination and an origin; all users of an area are one whose origin is empty. Memory grows with the
    cells of one corridor only.

    Examples
    --------
    >>> from smstock.query.spec import parse
    >>> query = parse('name="q"\nplatform="meta"\norigins=["SRB"]\ndestinations=["AUT", "DEU"]\nages="18+"')
    >>> [(corridors, len(cells)) for corridors, cells in grids(query)]
    [([('AUT', 'SRB'), ('DEU', 'SRB')], 1)]
    """
    for corridors, steps in _groups(query):
        yield corridors, [cell for facets, ages in steps for cell in _cells_at(query, corridors[:1], facets, ages)]


def _groups(
    query: QuerySpec,
) -> Iterator[tuple[list[tuple[str, str]], Iterator[tuple[tuple[str, ...], tuple[Ages, ...]]]]]:
    """Yield corridors with the steps that all of them go through: all users, all foreign ones, the origins.

    Countries come before places, which they hold.
    """
    for among in (False, True):
        if areas := [area for area in query.areas_of_totals if is_place(area) is among]:
            yield [(area, "") for area in areas], _steps(query, OF_ALL_USERS)
        if areas := [area for area in query.areas_of_foreigners if is_place(area) is among]:
            yield [(area, FOREIGN) for area in areas], iter([((), (query.whole,))])
        corridors = [corridor for corridor in query.corridors if is_place(corridor[0]) is among]
        if corridors or not (among or query.places):
            yield corridors, _steps(query)


def count(query: QuerySpec) -> int:
    r"""Return the number of cells of a query without listing them.

    Examples
    --------
    >>> from smstock.query.spec import parse
    >>> head = 'name="q"\nplatform="meta"\norigins=["SRB"]\ndestinations=["AUT", "DEU"]\nages="18+"\n'
    >>> count(parse(head + 'breakdowns=[["sex"]]'))
    6
    """
    of_totals, of_corridors = (
        sum(prod(len(query.values(facet)) for facet in facets) for facets in levels(query, among))
        for among in (OF_ALL_USERS, ORDER)
    )
    return len(query.areas_of_totals) * of_totals + len(query.areas_of_foreigners) + len(query.corridors) * of_corridors


def shapes(query: QuerySpec) -> Iterator[tuple[Cell, int]]:
    r"""Yield one cell of each kind a platform's rules could tell apart, and how many cells are of its kind.

    A kind is a destination, an origin, an age range, and whether education, relationship or a dimension are broken
    down.

    Examples
    --------
    >>> from smstock.query.spec import parse
    >>> head = 'name="q"\nplatform="meta"\norigins=["SRB"]\ndestinations=["AUT"]\nages="18+"\n'
    >>> [(cell.destination, number) for cell, number in shapes(parse(head + 'breakdowns=[["sex"]]'))]
    [('AUT', 3)]
    """
    kinds = _kinds(query, OF_ALL_USERS)
    for area in query.areas_of_totals:
        yield from ((Cell(area, "", "all", *kind), number) for kind, number in kinds.items())
    yield from ((Cell(area, FOREIGN, "all", query.whole), 1) for area in query.areas_of_foreigners)
    kinds = _kinds(query)
    for destination, origin in query.corridors:
        for kind, number in kinds.items():
            yield Cell(destination, origin, "all", *kind), number


def _kinds(query: QuerySpec, among: tuple[str, ...] = ORDER) -> dict[tuple[Ages, str, str, str, str], int]:
    """Return how many cells of one corridor have each age range, with or without the groups that rules tell apart."""
    kinds: dict[tuple[Ages, str, str, str, str], int] = {}
    for facets, ages in _steps(query, among):
        number = prod(len(query.values(facet)) for facet in facets if facet != "age")
        education, relationship = (
            query.values(facet)[0] if facet in facets else "" for facet in ("education", "relationship")
        )
        dimension, category = _categories(query, facets)[0]
        for group in ages:
            kind = (group, education, relationship, dimension, category)
            kinds[kind] = kinds.get(kind, 0) + number
    return kinds


def levels(query: QuerySpec, among: tuple[str, ...] = ORDER) -> list[tuple[str, ...]]:
    r"""Return the sets of facets that are crossed, coarse first; the total is the empty set.

    Examples
    --------
    >>> from smstock.query.spec import parse
    >>> levels(parse('name="q"\nplatform="meta"\norigins=["SRB"]\ndestinations=["AUT"]\nages="18+"\n'
    ...              'age_groups=["18-24"]\nbreakdowns=[["sex", "age"]]'))
    [(), ('sex',), ('age',), ('sex', 'age')]
    """
    chosen = {
        tuple(facet for facet in ORDER if facet in subset)
        for breakdown in query.breakdowns
        for size in range(len(breakdown) + 1)
        for subset in combinations(set(breakdown) & set(among), size)
    }
    return sorted(chosen | {()}, key=lambda facets: (len(facets), [ORDER.index(facet) for facet in facets]))


def parents(cell: Cell, query: QuerySpec) -> list[Cell]:
    r"""Return the cells one step coarser than ``cell``: each holds all its accounts.

    Examples
    --------
    >>> from smstock.query.spec import parse
    >>> query = parse('name="q"\nplatform="meta"\norigins=["SRB"]\ndestinations=["AUT"]\nages="18+"')
    >>> [parent.sex for parent in parents(Cell("AUT", "SRB", "female", Ages(18)), query)]
    ['all']
    """
    coarser = []
    if cell.sex != "all":
        coarser.append(replace(cell, sex="all"))
    coarser += [replace(cell, ages=ages) for ages in _wider(query).get(cell.ages, ())]
    if cell.education:
        coarser.append(replace(cell, education=""))
    if cell.relationship:
        coarser.append(replace(cell, relationship=""))
    if cell.dimension:
        coarser.append(replace(cell, dimension="", category=""))
    if is_place(cell.destination) and (country := country_of(cell.destination)) in query.destinations:
        coarser.append(replace(cell, destination=country))
    return coarser


def tiers(several: Iterable[Cell], query: QuerySpec) -> Iterator[list[Cell]]:
    r"""Yield some cells in the order to ask them: every coarser one of them stands in a list before.

    Examples
    --------
    >>> from smstock.query.spec import parse
    >>> query = parse('name="q"\nplatform="meta"\norigins=["SRB"]\ndestinations=["AUT"]\nages="18+"')
    >>> several = [Cell("AUT", "SRB", sex, Ages(18)) for sex in ("female", "all")]
    >>> [[cell.sex for cell in tier] for tier in tiers(several, query)]
    [['all'], ['female']]
    """
    waiting = list(dict.fromkeys(several))
    while waiting:
        among = set(waiting)
        first = [cell for cell in waiting if not _has_coarser(cell, among, query)]
        yield first
        among.difference_update(first)
        waiting = [cell for cell in waiting if cell in among]


def _has_coarser(cell: Cell, among: AbstractSet[Cell], query: QuerySpec) -> bool:
    return any(parent in among or _has_coarser(parent, among, query) for parent in parents(cell, query))


@lru_cache(maxsize=64)
def _wider_of(ages: str, age_groups: tuple[str, ...]) -> dict[Ages, tuple[Ages, ...]]:
    """Return, for each age group, the wider ones that hold it, without those that hold another of them."""
    wider = {}
    groups = [Ages.parse(text) for text in age_groups]
    for group in groups:
        holding = [other for other in (Ages.parse(ages), *groups) if other != group and other.holds(group)]
        wider[group] = tuple(one for one in holding if not any(other != one and one.holds(other) for other in holding))
    return wider


def _wider(query: QuerySpec) -> dict[Ages, tuple[Ages, ...]]:
    return _wider_of(query.ages, query.age_groups)


def _steps(query: QuerySpec, among: tuple[str, ...] = ORDER) -> Iterator[tuple[tuple[str, ...], tuple[Ages, ...]]]:
    """Yield the facets that are crossed, and the age groups of equal depth, coarse first."""
    wider = _wider(query)

    @cache
    def depth(ages: Ages) -> int:
        return 1 + max((depth(other) for other in wider.get(ages, ()) if other != query.whole), default=0)

    by_depth: dict[int, list[Ages]] = {}
    for ages in wider:
        by_depth.setdefault(depth(ages), []).append(ages)
    for facets in levels(query, among):
        if "age" in facets:
            yield from ((facets, tuple(by_depth[level])) for level in sorted(by_depth))
        else:
            yield facets, (query.whole,)


def _cells_at(
    query: QuerySpec, corridors: list[tuple[str, str]], facets: tuple[str, ...], ages: tuple[Ages, ...]
) -> Iterator[Cell]:
    sexes, education, relationship = (
        query.values(facet) if facet in facets else (nothing,)
        for facet, nothing in (("sex", "all"), ("education", ""), ("relationship", ""))
    )
    for sex, group, schooling, partner, category in product(
        sexes, ages, education, relationship, _categories(query, facets)
    ):
        for destination, origin in corridors:
            yield Cell(destination, origin, sex, group, schooling, partner, *category)


def _categories(query: QuerySpec, facets: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return the dimension among some facets with each of its categories; two empty texts where there is none."""
    categories = [(facet, category) for facet in facets if facet in DIMENSIONS for category in query.values(facet)]
    return categories or [("", "")]
