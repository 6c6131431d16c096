"""The simulated LinkedIn's look-ups: facets, and their entities listed or found by the beginning of a word."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from smstock.platforms.linkedin.catalogue import AGE_RANGES, OF_DIMENSION, PREFIX, geos
from smstock.sandbox.cities import cities
from smstock.sandbox.criteria import LinkedInError
from smstock.sandbox.entities import ENTITIES, geo, schools, urn
from smstock.sandbox.regions import regions
from smstock.vocabulary import countries

if TYPE_CHECKING:
    from collections.abc import Mapping

_TYPEAHEAD_ONLY: Final = ("locations", "profileLocations", "schools")
_MOST: Final = 100


def facets() -> dict[str, Any]:
    """Return the body that lists the facets.

    Examples
    --------
    >>> [facet["facetName"] for facet in facets()["elements"]][:3]
    ['ageRanges', 'degrees', 'fieldsOfStudy']
    """
    elements = [
        {
            "adTargetingFacetUrn": f"{PREFIX}{name}",
            "availableEntityFinders": ["TYPEAHEAD"] if name in _TYPEAHEAD_ONLY else ["AD_TARGETING_FACET", "TYPEAHEAD"],
            "entityTypes": [name.upper()],
            "facetName": name,
        }
        for name in _facets()
    ]
    return {"elements": elements, "paging": {"count": len(elements), "links": [], "start": 0}}


def entities(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Return the body that lists the entities of a facet, those with a word that begins as the query does, or by URN.

    Raises
    ------
    LinkedInError
        There is no such facet, it can only be searched, or the answer was asked for in its old form.

    Examples
    --------
    >>> asked = {"q": "typeahead", "facet": "urn:li:adTargetingFacet:schools", "query": "romania"}
    >>> elements = entities(asked | {"queryVersion": "QUERY_USES_URNS", "count": "2"})["elements"]
    >>> [element["urn"] for element in elements]
    ['urn:li:organization:990000006420', 'urn:li:organization:990000006421']
    """
    if parameters.get("queryVersion") != "QUERY_USES_URNS":
        raise LinkedInError("the simulated LinkedIn answers with URNs only: queryVersion=QUERY_USES_URNS")
    facet = str(parameters.get("facet", ""))
    name, finder = facet.removeprefix(PREFIX), parameters.get("q")
    if finder == "urns":
        return _by_urn(parameters.get("urns"))
    if finder not in ("typeahead", "adTargetingFacet") or (finder != "typeahead" and name in _TYPEAHEAD_ONLY):
        raise LinkedInError("Invalid query parameters passed to request")
    names = _named(name)
    if finder == "typeahead":
        beginning = str(parameters.get("query", "")).casefold()
        names = {entity: label for entity, label in names.items() if _begins(label, beginning)}
    start, most = (_number(parameters.get(part), other) for part, other in (("start", 0), ("count", _MOST)))
    elements = [{"urn": entity, "name": label, "facetUrn": facet} for entity, label in names.items()][
        start : start + most
    ]
    return {"elements": elements, "paging": {"count": most, "links": [], "start": start, "total": len(names)}}


def _by_urn(asked: object) -> dict[str, Any]:
    """Return the body that names some entities; those that are unknown are left out."""
    if not isinstance(asked, list):
        raise LinkedInError("Invalid query parameters passed to request")
    known = {entity: (facet, label) for facet in _facets() for entity, label in _named(facet).items()}
    elements = [
        {"urn": entity, "name": known[entity][1], "facetUrn": f"{PREFIX}{known[entity][0]}"}
        for entity in map(str, asked)
        if entity in known
    ]
    return {"elements": elements, "paging": {"count": len(asked), "links": [], "start": 0}}


def _facets() -> list[str]:
    return sorted({facet.name for facet in OF_DIMENSION.values()} | {*_TYPEAHEAD_ONLY, "genders", "ageRanges"})


def _named(name: str) -> dict[str, str]:
    """Return the entities of a facet: URN -> name."""
    for dimension, facet in OF_DIMENSION.items():
        if facet.name == name:
            return {urn(dimension, number): label for number, (label, _) in ENTITIES[dimension].items()}
    match name:
        case "schools":
            return {entity: label for area in countries.areas() for entity, label in schools(area.iso3).items()}
        case "locations" | "profileLocations":
            return {whole: countries.area(area).name for area, whole in geos().items()} | _parts()
        case "genders":
            return {"urn:li:gender:FEMALE": "Female", "urn:li:gender:MALE": "Male"}
        case "ageRanges":
            return {f"urn:li:ageRange:{written}": ages for ages, written in AGE_RANGES.items()}
    raise LinkedInError(f"{name} is not valid", "INVALID_VALUE_FOR_FIELD")


def _parts() -> dict[str, str]:
    """Return regions and cities; their names end with that of the country."""
    named = {geo(region): f"{region.name}, {countries.area(region.country).name}" for region in regions()}
    return named | {
        geo(city): f"{city.name}, {city.region.name}, {countries.area(city.country).name}" for city in cities()
    }


def _begins(label: str, beginning: str) -> bool:
    return any(word.startswith(beginning) for word in label.casefold().split()) or label.casefold().startswith(
        beginning
    )


def _number(text: object, otherwise: int) -> int:
    return int(text) if isinstance(text, str) and text.isdecimal() else otherwise
