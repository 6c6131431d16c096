"""The simulated platform's look-ups: targeting categories and locations (``GET /search``)."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from smstock.platforms.meta import catalogue, locales
from smstock.sandbox import audiences
from smstock.sandbox.graph_error import invalid
from smstock.sandbox.regions import regions
from smstock.vocabulary import countries
from smstock.vocabulary.facets import Ages

if TYPE_CHECKING:
    from collections.abc import Mapping

    from smstock.sandbox.world import World

_UPPER_OVER_LOWER: Final = 1.176
_LIMIT: Final = 25


def search(
    world: World, parameters: Mapping[str, str], month: str, *, withdrawn: frozenset[str] | set[str] = frozenset()
) -> dict[str, Any]:
    """Return the body of a look-up: behaviours, countries, languages, or the status of behaviours.

    Behaviours are the categories of the world's origins with their sizes over all destinations, not rounded; a
    withdrawn one is not among them. Locations, countries and regions of three, are found by how their names begin.

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
    limit = parameters.get("limit", str(_LIMIT))
    if not limit.isdecimal():
        raise invalid(f"limit must be a whole number, not {limit!r}")
    match parameters.get("type"), parameters.get("class"):
        case "adTargetingCategory", "behaviors":
            matches = _behaviors(world, month, withdrawn)
        case "adgeolocation", None:
            matches = _areas(world, parameters)
        case "adlocale", None:
            matches = _locales(parameters.get("q", ""))
        case "targetingoptionstatus", None:
            matches = _statuses(world, parameters.get("targeting_option_list", ""), withdrawn)
        case kind, of:
            raise invalid(f"the simulated platform has no look-up of type {kind!r} and class {of!r}")
    return {"data": matches[: int(limit)], "paging": {}}


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
    """Return countries and regions whose name begins so, in one country if it is named; cities there are none."""
    try:
        kinds = json.loads(parameters.get("location_types", "null"))
    except ValueError:
        kinds = None
    if not isinstance(kinds, list) or not kinds or not set(map(str, kinds)) <= {"country", "region", "city"}:
        raise invalid('location_types must be a list of "country", "region" and "city"')
    beginning, code = parameters.get("q", "").casefold(), parameters.get("country_code", "")
    listed = [
        {
            "key": region.key,
            "name": region.name,
            "type": "region",
            "country_code": countries.area(region.country).iso2,
            "country_name": countries.area(region.country).name,
            "supports_region": True,
            "supports_city": False,
        }
        for region in regions()
        if region.country in world.areas and region.name.casefold().startswith(beginning)
    ]
    matches = _countries(world, beginning) if "country" in kinds else []
    matches += listed if "region" in kinds else []
    return [match for match in matches if code in {"", match["country_code"]}]


def _countries(world: World, beginning: str) -> list[dict[str, Any]]:
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
        if area.iso2 and area.name.casefold().startswith(beginning)
    ]


def _locales(beginning: str) -> list[dict[str, Any]]:
    return [
        {"key": locale.number, "name": locale.language}
        for locale in locales.known()
        if locale.language.casefold().startswith(beginning.casefold())
    ]


def _statuses(world: World, listed: str, withdrawn: frozenset[str] | set[str]) -> list[dict[str, Any]]:
    """Return the status of each id: NORMAL, or NON-DELIVERABLE for one that is withdrawn or none of the world."""
    try:
        ids = json.loads(listed)
    except ValueError:
        ids = None
    if not isinstance(ids, list):
        raise invalid("targeting_option_list must be a list of ids")
    offered = {category.behavior_id for category in catalogue.lived_in() if category.origin in world.origins}
    offered -= {category.behavior_id for category in catalogue.lived_in() if category.origin in withdrawn}
    offered |= {catalogue.LIVES_ABROAD}
    return [
        {"id": str(one), "current_status": "NORMAL" if str(one) in offered else "NON-DELIVERABLE", "future_plan": []}
        for one in ids
    ]
