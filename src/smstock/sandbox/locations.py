"""``geo_locations`` of a targeting spec as the simulated platform reads them: where each one is, and which overlap.

Grammar: Meta, basic targeting (19 February 2026), and the fields of TargetingGeoLocation in facebook-business 26. Radii
and the most locations of each kind are those of `smstock.platforms.meta.locations`. A radius without a unit is one in
miles. What a look-up tells beside a key (name, region, country) may come with it, and says nothing.

Meta refuses locations that overlap (error 100, subcode 1487756): a country and a region of it, a region and a city of
it, circles that touch. Here one location lies in another by name, or both are circles that touch.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final

from smstock.errors import QueryError, UnknownNameError
from smstock.platforms.meta import locations
from smstock.sandbox.cities import City, Postcode, Within, by_key
from smstock.sandbox.graph_error import invalid
from smstock.sandbox.regions import Region
from smstock.vocabulary import countries
from smstock.vocabulary.places import Circle

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from smstock.sandbox.regions import Part

_KILOMETRES: Final = {"kilometer": 1.0, "mile": 1.609344}
_SPANS: Final = {
    "cities": {"kilometer": locations.CITY_RADIUS, "mile": (10.0, 50.0)},
    "custom_locations": {"kilometer": locations.CIRCLE_RADIUS, "mile": (0.63, 50.0)},
}
_MOST: Final = {
    "regions": locations.MOST["regions"],
    "cities": locations.MOST["cities"],
    "zips": locations.MOST["postcodes"],
    "custom_locations": locations.MOST["circles"],
}
_ONE_OF: Final = {"regions": "region", "cities": "city", "zips": "postcode"}
_KEYS: Final = ("countries", "country_groups", *_MOST, "location_types")


@dataclass(frozen=True)
class Located:
    """A location: the names of what it lies in, widest first and itself last; the part of a country, and the circle.

    No name at all is the whole world.
    """

    path: tuple[str, ...]
    part: Part | None = None
    circle: Circle | None = None

    @property
    def country(self) -> str:
        """ISO 3166-1 alpha-3; empty for the whole world."""
        return self.path[0] if self.path else ""

    def overlaps(self, other: Located) -> bool:
        """Return whether one lies in the other, or the circles of both touch."""
        shorter = min(len(self.path), len(other.path))
        if self.path[:shorter] == other.path[:shorter]:
            return True
        if self.circle is None or other.circle is None:
            return False
        radii = self.circle.radius + other.circle.radius
        return radii > 0 and self.circle.apart(other.circle) <= radii


def located(content: Mapping[str, Any]) -> tuple[Located, ...]:
    """Return the locations of ``geo_locations``, none where it names none.

    Raises
    ------
    GraphError
        A location is not written as Meta takes it, or is not one of the world.

    Examples
    --------
    >>> [location.path for location in located({"countries": ["AT"], "cities": [{"key": "9300053"}]})]
    [('AUT',), ('ESP', 'ES-MD', '9300053')]
    """
    if unknown := [key for key in content if key not in _KEYS]:
        raise invalid(f"geo_locations: {', '.join(unknown)} is not known here; known: {', '.join(_KEYS)}")
    asked = [*_wide(content)]
    for kind, most in _MOST.items():
        listed = entries(content, kind)
        if len(listed) > most:
            raise invalid(f"{kind}: {len(listed):,} are more than {most:,}")
        asked += [_circle(entry) if kind == "custom_locations" else _named(entry, kind) for entry in listed]
    return tuple(asked)


def overlap(asked: Sequence[Located]) -> bool:
    """Return whether any two locations overlap.

    Examples
    --------
    >>> overlap(located({"countries": ["ES"], "regions": [{"key": "3847"}]}))
    False
    >>> overlap(located({"regions": [{"key": "9200008"}], "cities": [{"key": "9300043"}]}))
    True
    """
    return any(one.overlaps(other) for one, other in combinations(asked, 2))


def _wide(content: Mapping[str, Any]) -> Iterator[Located]:
    """Yield the whole world, and countries; a country named twice is one."""
    for group in entries(content, "country_groups"):
        if group != "worldwide":
            raise invalid(f"country_groups: {group!r} is not worldwide")
        yield Located(())
    for code in dict.fromkeys(map(str, entries(content, "countries"))):
        try:
            yield Located((countries.find(code, "iso2"),))
        except UnknownNameError:
            raise invalid(f"countries: {code!r} is no ISO 3166-1 alpha-2 code") from None


def _named(entry: object, kind: str) -> Located:
    """Return a region, city or postcode by its key; a city perhaps with a radius, 0 being the city alone."""
    described = entry if isinstance(entry, dict) else {}
    key = str(described.get("key"))
    match kind, by_key().get(key):
        case "regions", Region() as region:
            return Located((region.country, region.code), region)
        case "zips", Postcode(city=city) as postcode:
            return Located((*_path(city), postcode.key), postcode, city.middle)
        case "cities", City() as city if not described.get("radius"):
            return Located(_path(city), city, city.middle)
        case "cities", City() as city:
            circle = Circle(city.latitude, city.longitude, _radius(described, kind))
            return Located(_path(city), Within(circle, city), circle)
    raise invalid(f"{kind}: {key!r} is no key of a {_ONE_OF[kind]}")


def _path(city: City) -> tuple[str, ...]:
    return city.country, city.region.code, city.key


def _circle(entry: object) -> Located:
    numbers = [entry.get(name) for name in ("latitude", "longitude")] if isinstance(entry, dict) else []
    if not isinstance(entry, dict) or not all(_is_number(number) for number in numbers):
        raise invalid("custom_locations: latitude and longitude must be numbers")
    radius = _radius(entry, "custom_locations")
    try:
        circle = Circle(float(entry["latitude"]), float(entry["longitude"]), radius)
    except QueryError as error:
        raise invalid(f"custom_locations: {error.what}") from None
    part = Within(circle)
    return Located((part.country, part.nearest.region.code, f"{circle}"), part, circle)


def _radius(entry: Mapping[str, Any], kind: str) -> float:
    """Return a radius in kilometres."""
    unit: Any = entry.get("distance_unit", "mile")
    radius: Any = entry.get("radius")
    if unit not in ("kilometer", "mile"):
        raise invalid(f"{kind}: distance_unit {unit!r} is not one of {', '.join(_KILOMETRES)}")
    least, most = _SPANS[kind][unit]
    if not _is_number(radius) or not least <= float(radius) <= most:
        raise invalid(f"{kind}: a radius of {radius!r} is not within {least:g} to {most:g} {unit}s")
    return float(radius) * _KILOMETRES[unit]


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def entries(content: Mapping[str, Any], key: str) -> list[Any]:
    """Return the list under a key of a spec, an empty one where there is none; refuse what is no list.

    Examples
    --------
    >>> entries({"countries": ["AT"]}, "countries"), entries({}, "regions")
    (['AT'], [])
    """
    value = content.get(key)
    if value is None:
        return []
    if not isinstance(value, list):
        raise invalid(f"{key} must be a list")
    return value
