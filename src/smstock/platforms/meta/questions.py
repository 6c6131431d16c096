"""Targeting specs read back: which cell of which query a recorded question is, in the words of a query."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from smstock.errors import UnknownNameError, shown
from smstock.platforms.meta import catalogue, locales
from smstock.platforms.meta.targeting import EDUCATION, LOCATION_TYPES, RELATIONSHIP, canonical
from smstock.vocabulary import countries
from smstock.vocabulary.facets import FOREIGN

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_SEXES: Final = {(): "all", (1,): "male", (2,): "female"}
_STATUSES: Final = {
    "education_statuses": ("education", EDUCATION),
    "relationship_statuses": ("relationship", RELATIONSHIP),
}
_SAID: Final = frozenset(
    {"age_max", "age_min", "flexible_spec", "genders", "geo_locations", "locales", "publisher_platforms"}
)
_PARTS: Final = {"cities": "city", "custom_locations": "circle", "regions": "region", "zips": "postcode"}
"""What a place may be made of."""
_ASKED_OF: Final = frozenset({"countries", "location_types", *_PARTS})


def described(targeting: Mapping[str, Any]) -> dict[str, str]:
    """Return a targeting spec by the keys of a query; what a query cannot say stands under ``anything else``.

    Examples
    --------
    >>> words = described({"geo_locations": {"countries": ["AT"], "location_types": ["home"]}, "age_min": 18,
    ...                    "genders": [1], "flexible_spec": [{"behaviors": [{"id": 6027149004983}]}]})
    >>> [words[key] for key in ("destinations", "origins", "location_basis", "ages", "sex", "placements")]
    ['AUT', 'SRB', '"home"', '18+', 'male', '[]']
    """
    spec = canonical(targeting)
    locations = _dict(spec.get("geo_locations"))
    flexible = [_dict(part) for part in _list(spec.get("flexible_spec"))]
    beyond = [name for name in spec if name not in _SAID] + [name for name in locations if name not in _ASKED_OF]
    beyond += [name for part in flexible for name in part if name not in _STATUSES and name != "behaviors"]
    origins = [origin for part in flexible for origin in _origins(part)]
    if languages := _hashable(_list(spec.get("locales"))):
        origins.append(f"accounts in {_language(languages)}")
    until = f"-{spec['age_max']}" if "age_max" in spec else "+"
    words = {
        "destinations": _joined(_destinations(locations)) or "no country",
        "location_basis": json.dumps(_basis(_list(locations.get("location_types")))),
        "origins": " and ".join(origins) or "all users",
        "ages": f"{spec.get('age_min', '?')}{until}",
        "sex": _SEXES.get(tuple(_hashable(_list(spec.get("genders")))), "another"),
        "placements": json.dumps(_list(spec.get("publisher_platforms"))),
    }
    for field, (facet, codes) in _STATUSES.items():
        names = {number: name for name, number in codes.items()}
        statuses = [status for part in flexible for status in _hashable(_list(part.get(field)))]
        words[facet] = "+".join(names.get(status, str(status)) for status in sorted(statuses, key=str)) or "none"
    words["anything else"] = _joined(beyond) or "nothing"
    return {key: shown(value) for key, value in words.items()}


def _origins(part: dict[str, Any]) -> list[str]:
    ids = [str(_dict(item).get("id")) for item in _list(part.get("behaviors"))]
    return [" or ".join(_origin(number) for number in ids)] if ids else []


def _origin(number: str) -> str:
    if number == catalogue.LIVES_ABROAD:
        return FOREIGN
    names = {category.behavior_id: category.origin for category in catalogue.lived_in() if category.preferred}
    return names.get(number, f"category {number}")


def _language(numbers: list[Any]) -> str:
    return locales.language(tuple(int(number) if str(number).isdecimal() else number for number in numbers))


def _country(code: object) -> str:
    try:
        return countries.find(str(code), "iso2")
    except UnknownNameError:
        return str(code)


def _destinations(locations: dict[str, Any]) -> Iterator[str]:
    """Yield the countries, then the parts of countries, each by the key or the point that tells it."""
    yield from (_country(code) for code in _list(locations.get("countries")))
    for kind, word in _PARTS.items():
        for part in map(_dict, _list(locations.get(kind))):
            where = part.get("key") or f"{part.get('latitude')}, {part.get('longitude')}"
            around = f" ({part['radius']} {part.get('distance_unit', 'mile')})" if "radius" in part else ""
            yield f"{word} {where}{around}"


def _basis(types: list[Any]) -> str:
    return next((basis for basis, known in LOCATION_TYPES.items() if [*known] == types), _joined(types) or "default")


def _joined(parts: Iterable[object]) -> str:
    return " with ".join(map(str, parts))


def _dict(part: object) -> dict[str, Any]:
    return part if isinstance(part, dict) else {}


def _list(part: object) -> list[Any]:
    return part if isinstance(part, list) else []


def _hashable(parts: list[Any]) -> list[Any]:
    return [part if isinstance(part, int | str) else str(part) for part in parts]
