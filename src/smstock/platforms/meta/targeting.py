"""Targeting specs: what a cell is in Meta's words, and the one form in which two equal specs are equal texts.

Grammar: Meta, basic and detailed targeting (19 February 2026). Objects of ``flexible_spec`` are joined by AND, what
stands inside one object by OR.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any, Final

from smstock.errors import QueryError
from smstock.platforms.base import Request
from smstock.platforms.meta import catalogue, locales, versions
from smstock.vocabulary import countries

if TYPE_CHECKING:
    from collections.abc import Mapping

    from smstock.query.lattice import Cell
    from smstock.query.meta import MetaQuery

EDUCATION: Final = {
    "high_school": 1,
    "undergrad": 2,
    "alum": 3,
    "high_school_grad": 4,
    "some_college": 5,
    "associate_degree": 6,
    "in_grad_school": 7,
    "some_grad_school": 8,
    "master_degree": 9,
    "professional_degree": 10,
    "doctorate_degree": 11,
    "unspecified": 12,
    "some_high_school": 13,
}
RELATIONSHIP: Final = {
    "single": 1,
    "in_relationship": 2,
    "married": 3,
    "engaged": 4,
    "not_specified": 6,
    "civil_union": 7,
    "domestic_partnership": 8,
    "open_relationship": 9,
    "complicated": 10,
    "separated": 11,
    "divorced": 12,
    "widowed": 13,
}
PLACEMENTS: Final = ("audience_network", "facebook", "instagram", "messenger", "threads")
OPEN_AGE: Final = 65
"""``age_max`` 65 means 65 and older."""

OPTIMIZATION_GOAL: Final = "REACH"
"""Goals such as link clicks force Advantage expansion beyond the stated targeting since v19; reach does not."""

_GENDERS = {"male": [1], "female": [2]}
_IDS = frozenset({"id", "key"})
_IDENTIFIED = _IDS | {"latitude"}
"""What tells by itself which object is meant."""
_BESIDE = frozenset(
    {"country", "country_code", "country_name", "name", "primary_city_id", "region", "region_id", "type"}
)
"""What Meta's look-ups tell of an object beside that, and other collectors send along."""
LOCATION_TYPES: Final = {
    "home": ("home",),
    "home_or_recent": ("home", "recent"),
    "recent": ("recent",),
    "travel_in": ("travel_in",),
}
"""``location_types`` of each location basis; none is sent for the default one."""
UNIT: Final = "kilometer"
"""Unit of every radius; Meta takes miles too."""

_JSON = json.JSONEncoder(separators=(",", ":"), sort_keys=True, ensure_ascii=True)


def request(cell: Cell, query: MetaQuery) -> Request:
    """Return the request that asks for a cell.

    Examples
    --------
    >>> from smstock.query.lattice import Cell
    >>> from smstock.query.meta import MetaQuery
    >>> from smstock.vocabulary.facets import Ages
    >>> query = MetaQuery(name="q", origins=("SRB",), destinations=("AUT",), ages="18+")
    >>> dict(request(Cell("AUT", "", "all", Ages(18)), query).parameters)["targeting_spec"]
    '{"age_min":18,"geo_locations":{"countries":["AT"]}}'
    """
    asked = text(spec(cell, query))
    return Request(
        key=key_of_text(asked),
        cell=cell,
        endpoint=query.endpoint,
        api_version=query.api_version or versions.DEFAULT,
        parameters=(("optimization_goal", OPTIMIZATION_GOAL), ("targeting_spec", asked)),
    )


def of_parameters(parameters: Mapping[str, str]) -> dict[str, Any]:
    """Return the targeting spec among the parameters of a request.

    Examples
    --------
    >>> of_parameters({"optimization_goal": "REACH", "targeting_spec": '{"age_min":18}'})
    {'age_min': 18}
    """
    decoded: dict[str, Any] = json.loads(parameters["targeting_spec"])
    return decoded


def spec(cell: Cell, query: MetaQuery) -> dict[str, Any]:
    """Return the targeting spec of a cell, in canonical form; a place is all its regions, cities, circles, postcodes.

    ``location_types`` is sent only where the query names a location basis: Meta is withdrawing the field (subcode
    1870199), and its own default then decides whom a destination counts.

    Raises
    ------
    UnknownNameError
        Meta has no category for the origin, and the query asks for one.
    QueryError
        The query names an education or relationship status Meta does not have.
    """
    locations = _locations(cell.destination, query)
    if query.location_basis != "default":
        locations["location_types"] = [*LOCATION_TYPES[query.location_basis]]
    flexible: list[dict[str, Any]] = []
    by_language = cell.origin and query.origin_basis == "language"
    if cell.origin and not by_language:
        flexible.append({"behaviors": [{"id": catalogue.behavior(cell.origin)}]})
    if cell.education:
        flexible.append({"education_statuses": sorted(codes(query, "education", cell.education), key=str)})
    if cell.relationship:
        flexible.append({"relationship_statuses": sorted(codes(query, "relationship", cell.relationship), key=str)})
    # sorted and without empty parts, as `canonical` would leave it: that costs more than all the rest
    parts: dict[str, Any] = {
        "age_max": None if cell.ages.maximum == OPEN_AGE else cell.ages.maximum,
        "age_min": cell.ages.minimum,
        "flexible_spec": flexible,
        "genders": _GENDERS.get(cell.sex),
        "geo_locations": locations,
        "locales": [*languages(cell.origin, query)] if by_language else [],
        "publisher_platforms": sorted(query.placements),
    }
    return {name: part for name, part in parts.items() if part not in (None, [])}


def languages(origin: str, query: MetaQuery) -> tuple[int, ...]:
    """Return the locale keys that stand for an origin: those of the query, or else those smstock knows.

    Examples
    --------
    >>> from smstock.query.meta import MetaQuery
    >>> query = MetaQuery(name="q", origins=("UKR", "ALB"), destinations=("AUT",), ages="18+",
    ...                   origin_basis="language", locales={"ALB": (87,)})
    >>> languages("UKR", query), languages("ALB", query), languages("EGY", query)
    ((52,), (87,), ())
    """
    return query.locales.get(origin) or tuple(locale.number for locale in locales.of_origin(origin))


def _locations(destination: str, query: MetaQuery) -> dict[str, Any]:
    """Return where accounts of a destination are: its country, or all that a place is made of."""
    place = query.place(destination)
    if place is None:
        return {"countries": [countries.area(destination).iso2]}
    cities = [
        {"key": city.key} | ({} if city.radius is None else {"distance_unit": UNIT, "radius": _plain(city.radius)})
        for city in place.cities
    ]
    circles = [
        {"distance_unit": UNIT, "latitude": circle.latitude, "longitude": circle.longitude, "radius": circle.radius}
        for circle in place.circles
    ]
    locations: dict[str, Any] = canonical(
        {
            "cities": cities,
            "custom_locations": circles,
            "regions": [{"key": key} for key in place.regions],
            "zips": [{"key": key} for key in place.postcodes],
        }
    )
    return locations


def codes(query: MetaQuery, facet: str, group: str) -> list[int]:
    """Return Meta's codes of a group of statuses; raise `QueryError` for a status Meta does not have.

    Examples
    --------
    >>> from smstock.query.meta import MetaQuery
    >>> groups = {"high": ("master_degree", "alum")}
    >>> codes(MetaQuery(name="q", origins=("SRB",), destinations=("AUT",), ages="18+", education=groups), "education",
    ...       "high")
    [3, 9]
    """
    known, groups = (EDUCATION, query.education) if facet == "education" else (RELATIONSHIP, query.relationship)
    unknown = [status for status in groups[group] if status not in known]
    if unknown or not groups[group]:
        raise QueryError(
            f"{facet} group {group!r} names {', '.join(map(repr, unknown)) or 'no status'}",
            allowed=", ".join(known),
        )
    return sorted({known[status] for status in groups[group]})


def canonical(targeting: Mapping[str, Any]) -> dict[str, Any]:
    """Return a targeting spec in the one form that equal specs share.

    Ids become text, whole numbers integers, lists are sorted, empty parts and what is told beside an id go (name,
    region, country), "all genders", "to 65 and older" and a radius of 0 around a city, which is the city alone
    (accepted in 2022), are said by silence.

    Examples
    --------
    >>> canonical({"age_max": 65, "age_min": 13, "genders": [0], "geo_locations": {"countries": ["DE", "AT"]}})
    {'age_min': 13, 'geo_locations': {'countries': ['AT', 'DE']}}
    """
    plain = {name: _plain(part) for name, part in targeting.items()}
    if set(plain.get("genders") or ()) in ({0}, {1, 2}):
        plain["genders"] = None
    if plain.get("age_max") == OPEN_AGE:
        plain["age_max"] = None
    return {name: plain[name] for name in sorted(plain) if plain[name] not in (None, [], {}, "")}


def key(targeting: Mapping[str, Any]) -> str:
    """Return the request key of a targeting spec: equal specs have equal keys, however they were written.

    Examples
    --------
    >>> one = {"genders": [2], "geo_locations": {"countries": ["AT", "DE"]}, "age_min": 18}
    >>> two = {"age_min": 18, "age_max": None, "geo_locations": {"countries": ["DE", "AT"]}, "genders": [2]}
    >>> key(one) == key(two), len(key(one))
    (True, 24)
    """
    return key_of_text(text(canonical(targeting)))


def key_of_text(canonical_text: str) -> str:
    """Return the request key of a targeting spec whose canonical text is known.

    Examples
    --------
    >>> key_of_text(text(canonical({"age_min": 18}))) == key({"age_min": 18})
    True
    """
    return hashlib.sha256(b"meta" + canonical_text.encode()).hexdigest()[:24]


def text(targeting: Mapping[str, Any]) -> str:
    """Return the JSON text of a targeting spec as it is sent; equal for equal specs in canonical form.

    Examples
    --------
    >>> text({"genders": [2], "age_min": 18})
    '{"age_min":18,"genders":[2]}'
    """
    return _JSON.encode(targeting)


def _plain(part: Any) -> Any:
    """Sort what has no order, drop what says nothing."""
    if isinstance(part, dict):
        inner = {name: str(value) if name in _IDS else _plain(value) for name, value in part.items()}
        if not _IDENTIFIED.isdisjoint(inner):
            inner = {name: value for name, value in inner.items() if name not in _BESIDE}
        if "key" in inner and inner.get("radius") == 0:
            inner = {name: value for name, value in inner.items() if name not in {"distance_unit", "radius"}}
        return {name: inner[name] for name in sorted(inner) if inner[name] not in (None, [], {}, "")}
    if isinstance(part, list):
        items = [_plain(item) for item in part]
        if len(items) > 1:
            # the text of each item costs more than all the rest
            nested = any(isinstance(item, dict | list) for item in items)
            items.sort(key=_sorted_text if nested else str)
        return items
    # tables of numbers with gaps turn 18 into 18.0
    return int(part) if isinstance(part, float) and part.is_integer() else part


def _sorted_text(item: Any) -> str:
    return json.dumps(item, sort_keys=True)
