"""The simulated platform's look-ups: targeting categories, locations, languages and statuses (``GET /search``).

Fields and statuses: Meta, targeting search (30 March 2026). A page ends at ``limit``; the cursor ``after`` leads to the
next one, as on every list of the Graph API.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode

from smstock.platforms.meta import catalogue, locales
from smstock.sandbox import audiences
from smstock.sandbox.cities import City, Postcode, cities
from smstock.sandbox.graph_error import invalid
from smstock.sandbox.regions import Region, regions
from smstock.vocabulary import countries
from smstock.vocabulary.facets import Ages

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from smstock.sandbox.world import World

_UPPER_OVER_LOWER: Final = 1.176
_LIMIT: Final = 25
_KINDS: Final = ("country", "region", "city", "zip")
_SECRETS: Final = ("access_token", "appsecret_proof")


def search(
    world: World,
    parameters: Mapping[str, str],
    month: str,
    *,
    withdrawn: frozenset[str] | set[str] = frozenset(),
    going: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return the body of a look-up: behaviours, locations, languages, or the status of behaviours.

    Behaviours are the categories of the world's origins with their sizes over all destinations, not rounded; a
    withdrawn one is not among them. Locations, countries and what is below three of them, are found by how their names
    begin.

    Parameters
    ----------
    world
        What is true.
    parameters
        As they were sent.
    month
        The present, ``YYYY-MM``.
    withdrawn
        Origins whose category is gone.
    going
        Ids that are marked to go, with the day (ISO 8601) from which nothing is shown to them any more.

    Raises
    ------
    GraphError
        The look-up is of another type or class.

    Examples
    --------
    >>> import numpy as np
    >>> from smstock.sandbox.simulation import simulate
    >>> world = simulate(np.random.default_rng(1), areas=("AUT",), origins=("SRB",))
    >>> body = search(world, {"type": "adTargetingCategory", "class": "behaviors"}, "2026-11")
    >>> [(behavior["id"], behavior["name"]) for behavior in body["data"]]
    [('6027149004983', 'Lived in Serbia (Formerly Expats - Serbia)')]
    >>> body = search(world, {"type": "adgeolocation", "location_types": '["country"]', "q": "aus"}, "2026-11")
    >>> [country["key"] for country in body["data"]]
    ['AT']
    """
    match parameters.get("type"), parameters.get("class"):
        case "adTargetingCategory", "behaviors":
            matches = _behaviors(world, month, withdrawn)
        case "adgeolocation", None:
            matches = _areas(world, parameters)
        case "adlocale", None:
            matches = _locales(parameters.get("q", ""))
        case "targetingoptionstatus", None:
            return {
                "data": _statuses(world, parameters.get("targeting_option_list", ""), withdrawn, going or {}),
                "paging": {},
            }
        case kind, of:
            raise invalid(f"the simulated platform has no look-up of type {kind!r} and class {of!r}")
    return _page(matches, parameters)


def _page(matches: list[dict[str, Any]], parameters: Mapping[str, str]) -> dict[str, Any]:
    """Return the part of a list that was asked for; ``next``, the query of the next part, where more follows."""
    limit = parameters.get("limit", str(_LIMIT))
    if not limit.isdecimal():
        raise invalid(f"limit must be a whole number, not {limit!r}")
    first = _of_cursor(parameters["after"]) if parameters.get("after") else 0
    last = first + int(limit)
    paging: dict[str, Any] = {"cursors": {"before": _cursor(first), "after": _cursor(last)}} if matches[first:] else {}
    if paging and int(limit) and last < len(matches):
        asked = {name: value for name, value in parameters.items() if name not in _SECRETS} | {"after": _cursor(last)}
        paging["next"] = urlencode(asked)
    return {"data": matches[first:last], "paging": paging}


def _cursor(place: int) -> str:
    return b64encode(f"{place}".encode()).decode()


def _of_cursor(text: str) -> int:
    try:
        place = b64decode(text, validate=True).decode("ascii")
    except ValueError:
        place = ""
    if not place.isdecimal():
        raise invalid("Invalid cursors values")
    return int(place)


def _behaviors(world: World, month: str, withdrawn: frozenset[str] | set[str]) -> list[dict[str, Any]]:
    everywhere = audiences.labels(world, month, list(range(len(world.areas))), Ages(0)).sum(axis=(0, 2))
    sizes = {
        origin: int(size) for origin, size in zip(world.origins, everywhere, strict=True) if origin not in withdrawn
    }
    named = {category: category.name.removeprefix("Lived in ") for category in catalogue.lived_in()}
    return [
        {
            "id": category.behavior_id,
            "name": f"{category.name} (Formerly Expats - {place})",
            "type": "behaviors",
            "path": ["Expats", category.name],
            "description": f"People who used to live in {place} who now live abroad.",
            "real_time_cluster": False,
            "audience_size_lower_bound": sizes[category.origin],
            "audience_size_upper_bound": int(_UPPER_OVER_LOWER * sizes[category.origin]),
        }
        for category, place in named.items()
        if category.origin in sizes and category.origin not in withdrawn
    ]


def _areas(world: World, parameters: Mapping[str, str]) -> list[dict[str, Any]]:
    """Return locations of all kinds, or some, whose name begins so; in one country and one region if they are named."""
    try:
        kinds = json.loads(parameters.get("location_types") or json.dumps(_KINDS))
    except ValueError:
        kinds = None
    if not isinstance(kinds, list) or not kinds or not set(map(str, kinds)) <= {*_KINDS}:
        raise invalid(f"location_types must be a list of {', '.join(_KINDS)}")
    beginning, country = parameters.get("q", "").casefold(), parameters.get("country_code", "")
    within = parameters.get("region_id", "")
    below: dict[str, Iterable[Region | City | Postcode]] = {
        "region": regions(),
        "city": cities(),
        "zip": (postcode for city in cities() for postcode in city.postcodes),
    }
    matches = _countries(world) if "country" in kinds else []
    for kind, parts in below.items():
        matches += [_described(part) for part in parts if kind in kinds and part.country in world.areas]
    return [
        match
        for match in matches
        if match["name"].casefold().startswith(beginning)
        and country in {"", match["country_code"]}
        and within in {"", str(match.get("region_id", ""))}
    ]


def _described(part: Region | City | Postcode) -> dict[str, Any]:
    """Return a part of a country as the platform lists it."""
    country = countries.area(part.country)
    described: dict[str, Any] = {"key": part.key, "country_code": country.iso2, "country_name": country.name}
    described |= {"supports_region": True, "supports_city": True}
    match part:
        case Region():
            return described | {"name": part.name, "type": "region"}
        case City(region=region):
            return described | {"name": part.name, "type": "city", "region": region.name, "region_id": int(region.key)}
    city = part.city
    inside = {"region": city.region.name, "region_id": int(city.region.key)}
    primary = {"primary_city": city.name, "primary_city_id": int(city.key)}
    return described | {"name": part.number, "type": "zip"} | inside | primary


def _countries(world: World) -> list[dict[str, Any]]:
    areas = [countries.area(area) for area in world.areas]
    return [
        {
            "key": area.iso2,
            "name": area.name,
            "type": "country",
            "country_code": area.iso2,
            "country_name": area.name,
            "supports_region": False,
            "supports_city": False,
        }
        for area in areas
        if area.iso2
    ]


def _locales(beginning: str) -> list[dict[str, Any]]:
    return [
        {"key": locale.number, "name": locale.language}
        for locale in locales.known()
        if locale.language.casefold().startswith(beginning.casefold())
    ]


def _statuses(
    world: World, listed: str, withdrawn: frozenset[str] | set[str], going: Mapping[str, str]
) -> list[dict[str, Any]]:
    """Return the status of each id, and what is planned for it.

    NORMAL, DEPRECATING for one that is to go, or NON-DELIVERABLE for one that is withdrawn or none of the world.
    """
    try:
        ids = json.loads(listed)
    except ValueError:
        ids = None
    if not isinstance(ids, list):
        raise invalid("targeting_option_list must be a list of ids")
    offered = {category.behavior_id for category in catalogue.lived_in() if category.origin in world.origins}
    offered -= {category.behavior_id for category in catalogue.lived_in() if category.origin in withdrawn}
    offered |= catalogue.WITHOUT_ORIGIN.keys()
    statuses: list[dict[str, Any]] = []
    for identifier in map(str, ids):
        if identifier in offered and identifier in going:
            plan = [{"key": f"{going[identifier]}T00:00:00+0000", "value": "NON-DELIVERABLE"}]
            statuses.append({"id": identifier, "current_status": "DEPRECATING", "future_plan": plan})
        else:
            status = "NORMAL" if identifier in offered else "NON-DELIVERABLE"
            statuses.append({"id": identifier, "current_status": status, "future_plan": []})
    return statuses
