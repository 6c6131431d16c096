"""Targeting criteria: what a cell is in LinkedIn's words, and the one form in which two equal criteria are equal texts.

::

    {"include": {"and": [{"or": {<facet>: [<entity>, ...]}}, ...]}, "exclude": {"or": {<facet>: [<entity>, ...]}}}

Members match every object of ``and`` by any of its entities, and none of ``exclude`` (Microsoft Learn, LinkedIn
targeting criteria).
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final

from smstock.platforms.base import Request
from smstock.platforms.linkedin import restli, versions
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
from smstock.vocabulary.places import country_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from smstock.query.lattice import Cell
    from smstock.query.linkedin import LinkedInQuery

INCLUDE_ONLY: Final = ("ageRanges", "genders", "groups", "interfaceLocales")
NOT_TOGETHER: Final = (
    ("titles", ("seniorities", "jobFunctions")),
    ("employers", ("industries", "staffCountRanges")),
    ("profileLocations", ("locations",)),
)
"""A facet, and those it is not joined with by AND (Microsoft Learn, targeting criteria facet URNs)."""


def request(cell: Cell, query: LinkedInQuery) -> Request:
    """Return the request that asks for a cell.

    Examples
    --------
    >>> from smstock.query.lattice import Cell
    >>> from smstock.query.linkedin import LinkedInQuery
    >>> query = LinkedInQuery(name="q", origins=("ROU",), destinations=("DEU",), ages="18+",
    ...                       origin_basis="school_country")
    >>> dict(request(Cell("DEU", "", "all", Ages(18)), query).parameters)["targetingCriteria"]
    '(include:(and:List((or:(urn%3Ali%3AadTargetingFacet%3Alocations:List(urn%3Ali%3Ageo%3A101282230))))))'
    """
    text = restli.encode(criteria(cell, query))
    return Request(
        key=key_of_text(text),
        cell=cell,
        endpoint="audienceCounts",
        api_version=query.api_version or versions.DEFAULT,
        parameters=(("q", "targetingCriteriaV2"), ("targetingCriteria", text)),
    )


def of_parameters(parameters: Mapping[str, str]) -> dict[str, Any]:
    """Return the targeting criteria among the parameters of a request.

    Examples
    --------
    >>> of_parameters({"q": "targetingCriteriaV2", "targetingCriteria": "(include:(and:List()))"})
    {'include': {'and': []}}
    """
    decoded: dict[str, Any] = restli.decode(parameters["targetingCriteria"])
    return decoded


def criteria(cell: Cell, query: LinkedInQuery) -> dict[str, Any]:
    """Return the targeting criteria of a cell, in canonical form; the rules must have let the cell pass.

    An origin is its schools, or the language of its interface; with ``school_country_not_destination`` without members
    who also have a school of the destination. The whole of the ages is said by silence, since LinkedIn does not know
    the age of every member.

    Examples
    --------
    >>> from smstock.query.lattice import Cell
    >>> from smstock.query.linkedin import LinkedInQuery
    >>> query = LinkedInQuery(name="q", origins=("ROU",), destinations=("DEU",), ages="18+",
    ...                       origin_basis="school_country")
    >>> criteria(Cell("DEU", "", "all", Ages(18)), query)
    {'include': {'and': [{'or': {'urn:li:adTargetingFacet:locations': ['urn:li:geo:101282230']}}]}}
    """
    include = [
        _any_of(PERMANENT_LOCATION if query.location_basis == "home" else LOCATION, located(cell.destination, query)),
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


def located(area: str, query: LinkedInQuery) -> tuple[str, ...]:
    """Return the locations of an area: those of a place, the query's own, or else the shipped one; empty if none.

    Examples
    --------
    >>> from smstock.query.linkedin import LinkedInQuery
    >>> query = LinkedInQuery(name="q", origins=("ROU",), destinations=("DEU",), ages="18+",
    ...                       origin_basis="school_country")
    >>> located("USA", query), located("PRK", query)
    (('urn:li:geo:103644278',), ())
    """
    if place := query.place(area):
        return place.geos
    geo = query.geos.get(area) or geos().get(area)
    return (geo,) if geo else ()


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
    criteria: dict[str, Any] = {"include": {"and": sorted(clauses, key=lambda clause: sorted(clause["or"].items()))}}
    if targeting.get("exclude"):
        criteria["exclude"] = _sorted(targeting["exclude"])
    return criteria


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
    broken = [
        f"{facet} cannot be joined with {partner}"
        for facet, exclusive in NOT_TOGETHER
        for partner in exclusive
        if facet in names and partner in names
    ]
    broken += [f"{name} can be included only" for name in INCLUDE_ONLY if f"{PREFIX}{name}" in excluded]
    clauses = [clause["or"] for clause in targeting["include"]["and"]]
    chosen = {(facet, entity) for clause in clauses for facet, entities in clause.items() for entity in entities}
    both = sorted(entity for facet, entities in excluded.items() for entity in entities if (facet, entity) in chosen)
    broken += [f"{entity} is both included and excluded" for entity in both]
    return broken


def _origin(cell: Cell, query: LinkedInQuery) -> list[dict[str, Any]]:
    if not cell.origin:
        return []
    if query.origin_basis == "interface_language":
        return [_any_of(LANGUAGE, query.languages[cell.origin])]
    return [_any_of(SCHOOL, query.schools[cell.origin])]


def _excluded(cell: Cell, query: LinkedInQuery) -> dict[str, Any]:
    """Return what leaves out those with a school of the destination; at home nobody is left out."""
    country = country_of(cell.destination)
    local = query.origin_basis == "school_country_not_destination" and cell.origin not in ("", country)
    return _any_of(SCHOOL, query.schools[country]) if local else {}


def _any_of(facet: Facet, entities: Iterable[str]) -> dict[str, Any]:
    return {"or": {facet.urn: list(entities)}}


def _sorted(clause: Mapping[str, Any]) -> dict[str, Any]:
    return {"or": {facet: sorted(set(clause["or"][facet])) for facet in sorted(clause["or"])}}
