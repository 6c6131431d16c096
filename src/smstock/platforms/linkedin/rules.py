"""What LinkedIn refuses, or would answer about other people than the query says, known before it is asked.

Sources: Microsoft Learn, targeting criteria facet URNs and ads targeting; the form of each entity stands in
`smstock.platforms.linkedin.catalogue`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from smstock.platforms.linkedin import targeting, versions
from smstock.platforms.linkedin.catalogue import (
    AGE_RANGES,
    LANGUAGE,
    LOCATION,
    LONGEST_EXPERIENCE,
    OF_DIMENSION,
    SCHOOL,
    geos,
)
from smstock.query.lattice import shapes
from smstock.query.preflight import Finding, no_corridor, nothing_asked
from smstock.vocabulary.facets import Ages
from smstock.vocabulary.places import country_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from smstock.query.lattice import Cell
    from smstock.query.linkedin import LinkedInQuery

WHOLE: Final = "18+"
"""The only range that can be the whole: it is asked without a facet of age."""

_WORDS: Final = {
    "no_geo": "no location id is known; look it up with `smstock catalogue linkedin entities profileLocations NAME`"
    " and write it under [geos], that of a place into its entry (`smstock catalogue places --platform linkedin`)",
    "no_school_set": "no set of schools; make one with `smstock catalogue linkedin schools`",
    "no_language": "no language is written under [languages]",
    "conflicting_facets": "facets that LinkedIn does not take together",
}


def refusal(cell: Cell, query: LinkedInQuery) -> str:
    r"""Return why LinkedIn would refuse a cell (the reason of its ``refused:`` status), empty if it would not.

    Examples
    --------
    >>> from smstock.query.spec import parse
    >>> from smstock.query.lattice import Cell
    >>> query = parse('name="q"\nplatform="linkedin"\norigins=["ROU"]\ndestinations=["DEU"]\nages="18+"\n'
    ...               'origin_basis="school_country"\n[schools]\nROU=["urn:li:organization:1"]')
    >>> refusal(Cell("DEU", "ROU", "all", Ages(18)), query), refusal(Cell("DEU", "POL", "all", Ages(18)), query)
    ('', 'no_school_set')
    """
    if not targeting.located(cell.destination, query):
        return "no_geo"
    if cell.origin and (missing := _without_proxy(cell, query)):
        return missing
    return ""


def _without_proxy(cell: Cell, query: LinkedInQuery) -> str:
    if query.origin_basis == "interface_language":
        return "" if query.languages.get(cell.origin) else "no_language"
    return "no_school_set" if _without_schools(cell, query) else ""


def _without_schools(cell: Cell, query: LinkedInQuery) -> set[str]:
    """Return the countries whose schools a cell needs and the query lacks."""
    needed = {cell.origin}
    if query.origin_basis == "school_country_not_destination":
        needed.add(country_of(cell.destination))
    return {area for area in needed if not query.schools.get(area)}


def findings(query: LinkedInQuery, today: str) -> list[Finding]:
    """Return every rule of LinkedIn that a query breaks, and what its author should know.

    Parameters
    ----------
    query
        The query.
    today
        ISO date on which it would be asked.
    """
    broken = [*_geos(query), *_ages(query), *_entities(query), *_versions(query)]
    if refused := [*nothing_asked(query), *(Finding("refused", rule, message) for rule, message in broken)]:
        return refused
    return [*_conflicts(query), *_refused_cells(query), *_notes(query, today)]


def _geos(query: LinkedInQuery) -> Iterator[tuple[str, str]]:
    for where, geo in query.geos.items():
        if not geo.startswith("urn:li:geo:") or not geo[11:].isdecimal():
            yield "geos", f"geos.{where} is {geo!r}; write urn:li:geo:NUMBER"
    of_countries = {geo: area for area, geo in {**geos(), **query.geos}.items()}
    for place in query.places:
        for geo in place.geos:
            if not LOCATION.has(geo):
                yield "geos", f"{place.code} ({place.name}) has the location {geo!r}; write urn:li:geo:NUMBER"
            elif geo in of_countries:
                yield (
                    "geos",
                    f"{place.code} ({place.name}) has the location of {of_countries[geo]}, {geo}; write its own",
                )


def _ages(query: LinkedInQuery) -> Iterator[tuple[str, str]]:
    if query.ages != WHOLE:
        yield "ages", f"ages are {query.ages}; write {WHOLE}, which is asked without an age, and age_groups within it"
    for text in query.age_groups:
        if not targeting.ranges(Ages.parse(text)):
            yield "age_groups", f"age group {text} is no union of LinkedIn's ranges {', '.join(AGE_RANGES)}"


def _entities(query: LinkedInQuery) -> Iterator[tuple[str, str]]:
    groups = [
        (f"dimensions.{dimension}.{category}", OF_DIMENSION[dimension], entities)
        for dimension, categories in query.dimensions.items()
        for category, entities in categories.items()
    ]
    groups += [(f"schools.{area}", SCHOOL, entities) for area, entities in query.schools.items()]
    groups += [(f"languages.{area}", LANGUAGE, entities) for area, entities in query.languages.items()]
    for where, facet, entities in groups:
        if not entities:
            yield "entities", f"{where} is empty"
        for entity in entities:
            if not facet.has(entity):
                yield "entities", f"{where} names {entity!r}; {facet.name} are written as {facet.form}"
    for category, years in query.dimensions.get("experience", {}).items():
        numbers = [int(urn.rpartition(":")[2]) for urn in years if urn.rpartition(":")[2].isdecimal()]
        if len(years) > 2 or any(not 1 <= number <= LONGEST_EXPERIENCE for number in numbers):
            yield "experience", f"dimensions.experience.{category}: write the first and the last year, 1 to 12"


def _versions(query: LinkedInQuery) -> Iterator[tuple[str, str]]:
    if query.api_version and not versions.is_version(query.api_version):
        yield "api_version", f"{query.api_version!r} is no version; write one such as {versions.DEFAULT}"


def _conflicts(query: LinkedInQuery) -> list[Finding]:
    """Return the facets that exclude each other, which a set of schools shared by two countries is too."""
    clashes: dict[str, int] = {}
    for cell, number in shapes(query):
        if not refusal(cell, query):
            for conflict in targeting.conflicts(targeting.criteria(cell, query)):
                clashes[conflict] = clashes.get(conflict, 0) + number
    return [Finding("refused", "conflicting_facets", f"{clash}: {count:,} cells") for clash, count in clashes.items()]


def _refused_cells(query: LinkedInQuery) -> list[Finding]:
    counts: dict[str, int] = {}
    places: dict[str, set[str]] = {}
    for cell, number in shapes(query):
        if reason := refusal(cell, query):
            counts[reason] = counts.get(reason, 0) + number
            lacking = {
                "no_geo": {cell.destination},
                "no_language": {cell.origin},
                "no_school_set": _without_schools(cell, query),
            }
            places.setdefault(reason, set()).update(lacking[reason])
    return [
        Finding("cells", reason, f"{_WORDS[reason]}: {', '.join(sorted(places[reason]))}", cells=count)
        for reason, count in sorted(counts.items())
    ] + no_corridor(query, refusal)


def _notes(query: LinkedInQuery, today: str) -> list[Finding]:
    version = query.api_version or versions.DEFAULT
    notes = []
    if day := versions.expired(version, today):
        message = f"{version} was sunset on {day}: nothing can be asked live under it; {versions.DEFAULT} answers"
        notes.append(Finding("note", "expired_version", message))
    if query.location_basis == "default":
        message = 'a destination counts those who were there recently, too; location_basis = "home" counts residents'
        notes.append(Finding("note", "location_basis", message))
    return notes
