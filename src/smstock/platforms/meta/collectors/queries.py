"""Queries of other collectors (JSON) in the keys of a query of smstock, and what these cannot say.

pySocialWatcher and mySocialWatcher ask every combination of the entries of all fields; audiencer asks every total as
well, and writes a category as ``{"id": ..., "name": ...}``. Where they name no ``location_types`` or
``publisher_platforms``, the first two ask for residents on Facebook.

Sources: maraujo/pySocialWatcher (utils.py, constants.py), OxfordDemSci/mySocialWatcher, tomthe/audiencer.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from smstock.errors import QueryError, UnknownNameError, shown
from smstock.platforms.meta import catalogue
from smstock.platforms.meta.targeting import EDUCATION, LOCATION_TYPES, OPEN_AGE, PLACEMENTS, RELATIONSHIP
from smstock.vocabulary import countries
from smstock.vocabulary.facets import FACETS, Ages

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

ADULT: Final = 18
"""Age from which Meta counts where a query names no least one, and from which categories may be asked."""

_SEXES: Final = {1: "male", 2: "female"}
_HOME: Final = ["home"]
_READ: Final = frozenset(
    (
        "name", "geo_locations", "genders", "ages_ranges", "behavior", "scholarities", "relationship_statuses",
        "publisher_platforms",
    )
)  # fmt: skip
_SHOWN: Final = 5


@dataclass
class Draft:
    """A query in the making: its keys, what of the other query it cannot say, and what its author should know."""

    keys: dict[str, Any] = field(default_factory=dict)
    unsaid: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def draft(content: Mapping[str, Any]) -> Draft:
    """Return the query that the JSON query of another collector comes to.

    Raises
    ------
    QueryError
        It names no country, or no origin that Meta has a category of.

    Examples
    --------
    >>> places = [{"name": "countries", "values": ["AT"]}, {"name": "cities", "values": [{"key": 1, "name": "Oxford"}]}]
    >>> serbia = [{"or": [6027149004983], "name": "Expats (Serbia)"}]
    >>> query = draft({"name": "Expats", "geo_locations": places, "behavior": serbia, "ages_ranges": [{"min": 18}]})
    >>> query.keys["destinations"], query.keys["origins"], query.keys["location_basis"], query.unsaid
    (['AUT'], ['SRB'], 'home', ['geo_locations: cities Oxford'])
    """
    query = Draft()
    everything_too = _is_of_audiencer(content)
    title = str(content.get("name") or "converted")
    query.keys["name"] = query_key(title) or "converted"
    query.keys["title"] = shown(title)
    query.keys["platform"] = "meta"
    if everything_too:
        query.unsaid.append("geo_locations: the whole world, which audiencer asks by itself")
        query.remarks.append("taken for a query of audiencer: all users are asked too, and all placements")
    _areas(query, content)
    _origins(query, content, everything_too=everything_too)
    _ages(query, content)
    _sexes(query, content)
    _groups(query, content, "scholarities", "education", EDUCATION)
    _groups(query, content, "relationship_statuses", "relationship", RELATIONSHIP)
    _placements(query, content, everything_too=everything_too)
    for name in content:
        if name in _READ or not (entries := list(_entries(content.get(name)))):
            continue
        # a text of its own is no group, and may be a token
        text = isinstance(content.get(name), str)
        query.unsaid.append(shown(name) if text else f"{shown(name)}: {_some(entries)}")
    if facets := query.keys.pop("facets", []):
        query.keys["breakdowns"] = [[facet for facet in FACETS if facet in facets]]
        query.remarks.append("the totals of each breakdown are asked as well, so that parts can be held against them")
    return query


def query_key(text: str) -> str:
    """Return the name of a query that a text comes to: small letters, digits and hyphens; empty if none is left.

    Examples
    --------
    >>> query_key("Expats (All)"), query_key("?")
    ('expats-all', '')
    """
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:60].strip("-")


def _is_of_audiencer(content: Mapping[str, Any]) -> bool:
    categories = _entries(content.get("behavior"))
    platforms = _entries(content.get("publisher_platforms"))
    return any(isinstance(one, dict) and "id" in one for one in categories) or any(
        isinstance(one, list) for one in platforms
    )


def _entries(value: Any) -> Iterator[Any]:
    """Yield the entries of a field that say something: null and an empty table stand for everybody."""
    if isinstance(value, dict):
        for entries in value.values():
            yield from _entries(entries) if isinstance(entries, list) else [entries]
    elif isinstance(value, list):
        yield from (entry for entry in value if entry not in (None, {}, [], ""))
    elif value not in (None, "", False):
        yield value


def _label(entry: Any) -> str:
    if isinstance(entry, dict):
        name = entry.get("name")
        values = entry.get("values")
        if values is not None:
            listed = values if isinstance(values, list) else [values]
            return f"{name} {', '.join(_label(value) for value in listed[:_SHOWN])}"
        return str(name or entry.get("key") or entry)
    return str(entry)


def _some(entries: list[Any]) -> str:
    more = len(entries) - _SHOWN
    listed = "; ".join(_label(entry) for entry in entries[:_SHOWN])
    return shown(listed) + (f" and {more:,} more" if more > 0 else "")


def _areas(query: Draft, content: Mapping[str, Any]) -> None:
    places: list[tuple[str, str]] = []
    for entry in _entries(content.get("geo_locations")):
        values = entry.get("values") if isinstance(entry, dict) else None
        if not isinstance(values, list) or entry.get("name") != "countries":
            query.unsaid.append(f"geo_locations: {shown(_label(entry))}")
            continue
        types = sorted(map(str, _entries(entry.get("location_types")))) or _HOME
        basis = next((basis for basis, known in LOCATION_TYPES.items() if [*known] == types), "")
        if not basis:
            query.unsaid.append(f"geo_locations: {shown(_label(entry))} with location_types {shown(', '.join(types))}")
            continue
        if "location_type" in entry:
            query.remarks.append("location_type is no field that a collector reads: residents were counted")
        if len(values) > 1:
            query.unsaid.append(
                f"geo_locations: {shown(_label(entry))} as one area; they are destinations of their own"
            )
        for code in values:
            try:
                places.append((countries.find(str(code), "iso2"), basis))
            except UnknownNameError:
                query.unsaid.append(f"geo_locations: country {shown(code)}, which is not known")
    if not places:
        raise QueryError(
            "the query names no country",
            where="; ".join(query.unsaid),
            allowed='geo_locations with "name": "countries"',
            hint="a query of smstock is about countries: write one by hand (docs/commands.md)",
        )
    basis = Counter(basis for _, basis in places).most_common(1)[0][0]
    others = [f"{area} ({other})" for area, other in places if other != basis]
    if others:
        listed = ", ".join(others)
        query.unsaid.append(f"a query has one location_basis, {basis}: convert a second one for {shown(listed)}")
    query.keys["destinations"] = list(dict.fromkeys(area for area, other in places if other == basis))
    query.keys["location_basis"] = basis


def _origins(query: Draft, content: Mapping[str, Any], *, everything_too: bool) -> None:
    known = {category.behavior_id: category for category in catalogue.lived_in()}
    origins: list[str] = []
    foreign = False
    for entry in _entries(content.get("behavior")):
        ids = _ids(entry)
        if ids == [catalogue.LIVES_ABROAD]:
            foreign = True
        elif len(ids) == 1 and ids[0] in known:
            category = known[ids[0]]
            origins.append(category.origin)
            if not category.preferred:
                asked = catalogue.category(category.origin).behavior_id
                query.remarks.append(f"{category.origin}: smstock asks category {asked}, not {ids[0]}")
        else:
            query.unsaid.append(f"behavior: {shown(_label(entry))}")
    if not origins:
        raise QueryError(
            "the query names no origin that Meta has a category of",
            where="; ".join(query.unsaid),
            allowed='behavior with one id of "Lived in ..." in each entry',
            hint="all who lived abroad are asked beside an origin: name one in behavior, then convert again"
            if foreign
            else "a query of smstock is about origins: write one by hand (docs/commands.md)",
        )
    query.keys["origins"] = list(dict.fromkeys(origins))
    if foreign:
        query.keys["foreign"] = True
    everybody = content.get("behavior")
    if everything_too or (isinstance(everybody, list) and None in everybody):
        query.keys["totals"] = True


def _ids(entry: Any) -> list[str]:
    """Return the ids of a category that counts anyone who has one of them; none if it counts otherwise."""
    if not isinstance(entry, dict) or set(entry) - {"or", "id", "name"}:
        return []
    listed = entry.get("or", entry.get("id"))
    ids = listed if isinstance(listed, list) else [listed]
    return [str(one) for one in ids]


def _ages(query: Draft, content: Mapping[str, Any]) -> None:
    ranges: list[Ages] = []
    for entry in _entries(content.get("ages_ranges")):
        try:
            ranges.append(_range(entry))
        except (QueryError, TypeError, ValueError):
            query.unsaid.append(f"ages_ranges: {shown(entry)}")
    ranges = list(dict.fromkeys(ranges)) or [Ages(ADULT)]
    whole = next((one for one in ranges if all(one.holds(other) for other in ranges)), None)
    if whole is None:
        ends = [one.maximum for one in ranges]
        whole = Ages(min(one.minimum for one in ranges), None if None in ends else max(end for end in ends if end))
        query.remarks.append(f"no age range holds all others: {whole} is asked as well")
    if whole.minimum < ADULT:
        query.remarks.append(
            f"Meta refuses categories below {ADULT} since 2023: to replay older recordings write"
            ' api_version = "v15.0"; to ask today begin at 18'
        )
    query.keys["ages"] = str(whole)
    groups = [str(one) for one in ranges if one != whole]
    if groups:
        query.keys["age_groups"] = groups
        query.keys.setdefault("facets", []).append("age")


def _range(entry: Any) -> Ages:
    if not isinstance(entry, dict) or set(entry) - {"min", "max", "name"}:
        raise TypeError
    least, most = entry.get("min", ADULT), entry.get("max")
    if type(least) is not int or (most is not None and type(most) is not int):
        raise TypeError
    return Ages(least, None if most == OPEN_AGE else most)


def _sexes(query: Draft, content: Mapping[str, Any]) -> None:
    genders = [gender for gender in _entries(content.get("genders")) if gender != 0]
    sexes = [_SEXES[gender] for gender in genders if gender in (1, 2)]
    query.unsaid += [f"genders: {shown(gender)}" for gender in genders if gender not in (1, 2)]
    if sexes:
        query.keys.setdefault("facets", []).append("sex")
        if set(sexes) != set(_SEXES.values()):
            query.keys["sexes"] = sorted(set(sexes))


def _groups(query: Draft, content: Mapping[str, Any], name: str, facet: str, codes: Mapping[str, int]) -> None:
    statuses = {code: status for status, code in codes.items()}
    groups: dict[str, list[str]] = {}
    for entry in _entries(content.get(name)):
        listed = entry.get("or") if isinstance(entry, dict) else None
        numbers = [_number(one) for one in listed] if isinstance(listed, list) else []
        if not numbers or set(entry) - {"or", "name"} or any(number not in statuses for number in numbers):
            query.unsaid.append(f"{name}: {shown(_label(entry))}")
            continue
        group = re.sub(r"\W+", "_", str(entry.get("name") or facet).lower()).strip("_")[:40] or facet
        while group in groups:
            group += "_"
        groups[group] = [statuses[number] for number in dict.fromkeys(numbers)]
    if groups:
        query.keys[facet] = groups
        query.keys.setdefault("facets", []).append(facet)


def _number(value: Any) -> int:
    return int(value) if isinstance(value, int | str) and str(value).isdigit() else -1


def _placements(query: Draft, content: Mapping[str, Any], *, everything_too: bool) -> None:
    platforms = list(_entries(content.get("publisher_platforms")))
    if everything_too:
        query.unsaid += [f"publisher_platforms: {shown(_label(one))}, beside all of them" for one in platforms]
        return
    names = [str(platform) for platform in platforms] or ["facebook"]
    query.unsaid += [f"publisher_platforms: {shown(name)}" for name in names if name not in PLACEMENTS]
    if placements := [name for name in names if name in PLACEMENTS]:
        query.keys["placements"] = placements
