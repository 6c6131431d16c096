"""Targeting criteria: what a cell is in LinkedIn's words, and the one form in which two equal criteria are equal texts.

::

    {"include": {"and": [{"or": {<facet>: [<entity>, ...]}}, ...]}, "exclude": {"or": {<facet>: [<entity>, ...]}}}

Members match every object of ``and`` by any of its entities, and none of ``exclude`` (Microsoft Learn, LinkedIn
targeting criteria).
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final

from smstock.platforms.linkedin import restli
from smstock.platforms.linkedin.catalogue import (
    AGE,
    AGE_RANGES,
    GENDER,
    LANGUAGE,
    LOCATION,
    OF_DIMENSION,
    PERMANENT_LOCATION,
    PREFIX,
    SCHOOL,
    Facet,
    geos,
)
from smstock.vocabulary.facets import Ages

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from smstock.query.lattice import Cell
    from smstock.query.spec import QuerySpec

INCLUDE_ONLY: Final = ("ageRanges", "genders", "groups", "interfaceLocales")
NOT_TOGETHER: Final = (
    ("titles", ("seniorities", "jobFunctions")),
    ("employers", ("industries", "staffCountRanges")),
    ("profileLocations", ("locations",)),
)
"""A facet, and those it is not joined with by AND (Microsoft Learn, targeting criteria facet URNs)."""


def criteria(cell: Cell, query: QuerySpec) -> dict[str, Any]:
    """Return the targeting criteria of a cell, in canonical form; the rules must have let the cell pass.

    An origin is its schools, or the language of its interface; with ``school_country_not_destination`` without members
    who also have a school of the destination. The whole of the ages is said by silence, since LinkedIn does not know
    the age of every member.
    """
    include = [
        _any_of(PERMANENT_LOCATION if query.location_basis == "home" else LOCATION, [geo(cell.destination, query)]),
        *_origin(cell, query),
    ]
    if cell.sex != "all":
        include.append(_any_of(GENDER, [f"urn:li:gender:{cell.sex.upper()}"]))
    if cell.ages != query.whole:
        include.append(_any_of(AGE, [f"urn:li:ageRange:{AGE_RANGES[text]}" for text in ranges(cell.ages)]))
    if cell.dimension:
        include.append(_any_of(OF_DIMENSION[cell.dimension], query.entities(cell.dimension, cell.category)))
    exclude = _excluded(cell, query)
    return canonical({"include": {"and": include}} | ({"exclude": exclude} if exclude else {}))


def geo(area: str, query: QuerySpec) -> str:
    r"""Return the location of an area: the query's own, or else the shipped one; empty if there is none.

    Examples
    --------
    >>> from smstock.query.spec import parse
    >>> query = parse('name="q"\nplatform="linkedin"\norigins=["ROU"]\ndestinations=["DEU"]\nages="18+"')
    >>> geo("USA", query), geo("PRK", query)
    ('urn:li:geo:103644278', '')
    """
    return query.geos.get(area) or geos().get(area, "")


def ranges(ages: Ages) -> tuple[str, ...]:
    """Return the ranges of LinkedIn that make up a range of ages; empty if none do.

    Examples
    --------
    >>> ranges(Ages(25, 54)), ranges(Ages(35)), ranges(Ages(18, 30))
    (('25-34', '35-54'), ('35-54', '55+'), ())
    """
    held = [text for text in AGE_RANGES if ages.holds(Ages.parse(text))]
    if not held or Ages.parse(held[0]).minimum != ages.minimum or Ages.parse(held[-1]).maximum != ages.maximum:
        return ()
    return tuple(held)


def canonical(targeting: Mapping[str, Any]) -> dict[str, Any]:
    """Return criteria in the one form that equal criteria share: sorted, each entity once.

    Examples
    --------
    >>> one = {"or": {"urn:li:adTargetingFacet:skills": ["urn:li:skill:2", "urn:li:skill:1", "urn:li:skill:2"]}}
    >>> canonical({"include": {"and": [one]}})["include"]["and"][0]["or"]["urn:li:adTargetingFacet:skills"]
    ['urn:li:skill:1', 'urn:li:skill:2']
    """
    clauses = [_sorted(clause) for clause in targeting["include"]["and"]]
    found: dict[str, Any] = {"include": {"and": sorted(clauses, key=lambda clause: sorted(clause["or"].items()))}}
    if targeting.get("exclude"):
        found["exclude"] = _sorted(targeting["exclude"])
    return found


def key(targeting: Mapping[str, Any]) -> str:
    """Return the request key of criteria: equal criteria have equal keys, however they were written.

    Examples
    --------
    >>> clause = {"or": {"urn:li:adTargetingFacet:skills": ["urn:li:skill:2", "urn:li:skill:1"]}}
    >>> other = {"or": {"urn:li:adTargetingFacet:skills": ["urn:li:skill:1", "urn:li:skill:2"]}}
    >>> key({"include": {"and": [clause]}}) == key({"include": {"and": [other]}})
    True
    """
    return key_of_text(restli.encode(canonical(targeting)))


def key_of_text(canonical_text: str) -> str:
    """Return the request key of criteria whose canonical text is known.

    Examples
    --------
    >>> len(key_of_text("(include:(and:List()))"))
    24
    """
    return hashlib.sha256(b"linkedin" + canonical_text.encode()).hexdigest()[:24]


def conflicts(targeting: Mapping[str, Any]) -> list[str]:
    """Return every rule on facets that criteria break, in words.

    Examples
    --------
    >>> clause = {"or": {"urn:li:adTargetingFacet:genders": ["urn:li:gender:MALE"]}}
    >>> conflicts({"include": {"and": []}, "exclude": clause})
    ['genders can be included only']
    """
    included = [facet for clause in targeting["include"]["and"] for facet in clause["or"]]
    excluded = targeting.get("exclude", {}).get("or", {})
    names = {facet.removeprefix(PREFIX) for facet in included}
    found = [
        f"{facet} cannot be joined with {other}"
        for facet, others in NOT_TOGETHER
        for other in others
        if facet in names and other in names
    ]
    found += [f"{name} can be included only" for name in INCLUDE_ONLY if f"{PREFIX}{name}" in excluded]
    clauses = [clause["or"] for clause in targeting["include"]["and"]]
    chosen = {(facet, each) for clause in clauses for facet, entities in clause.items() for each in entities}
    both = sorted(each for facet, entities in excluded.items() for each in entities if (facet, each) in chosen)
    found += [f"{each} is both included and excluded" for each in both]
    return found


def _origin(cell: Cell, query: QuerySpec) -> list[dict[str, Any]]:
    if not cell.origin:
        return []
    if query.origin_basis == "interface_language":
        return [_any_of(LANGUAGE, query.languages[cell.origin])]
    return [_any_of(SCHOOL, query.schools[cell.origin])]


def _excluded(cell: Cell, query: QuerySpec) -> dict[str, Any]:
    """Return what leaves out those with a school of the destination; at home nobody is left out."""
    local = query.origin_basis == "school_country_not_destination" and cell.origin not in ("", cell.destination)
    return _any_of(SCHOOL, query.schools[cell.destination]) if local else {}


def _any_of(facet: Facet, entities: Iterable[str]) -> dict[str, Any]:
    return {"or": {facet.urn: list(entities)}}


def _sorted(clause: Mapping[str, Any]) -> dict[str, Any]:
    return {"or": {facet: sorted(set(clause["or"][facet])) for facet in sorted(clause["or"])}}
