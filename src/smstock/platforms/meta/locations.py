"""What Meta refuses of a place, known before it is asked, and what its author should know.

Sources: Meta, targeting restrictions and basic targeting (19 February 2026); locations that overlap are refused (error
100, subcode 1487756).
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Final

from smstock.query.preflight import Finding
from smstock.vocabulary import countries

if TYPE_CHECKING:
    from collections.abc import Iterator

    from smstock.query.meta import MetaQuery
    from smstock.vocabulary.places import Place

MOST: Final = {"regions": 200, "cities": 250, "circles": 200, "postcodes": 50_000}
"""Locations of each kind in one targeting spec at most."""
CITY_RADIUS: Final = (17.0, 80.0)
"""Kilometres around a city."""
CIRCLE_RADIUS: Final = (1.0, 80.0)
"""Kilometres around a point."""


def findings(query: MetaQuery, today: str) -> Iterator[Finding]:
    """Yield what is wrong with the places that a query asks on a day (ISO), and what asking them means."""
    asked = [place for place in query.places if place.code in query.destinations]
    for place in asked:
        for rule, message in _refusals(place):
            yield Finding("refused", rule, f"{place.code} ({place.name}): {message}")
        if (place.valid_to and place.valid_to < today) or place.valid_from > today:
            span = f"{place.valid_from or 'any day'} to {place.valid_to or 'any day'}"
            yield Finding("note", "not_valid", f"{place.code} ({place.name}) exists from {span}, and not on {today}")
    yield from _of_countries(query, asked)


def _refusals(place: Place) -> Iterator[tuple[str, str]]:
    held = {kind: getattr(place, kind) for kind in MOST}
    if not any(held.values()):
        yield "no_location", f"it has no location of Meta; write one of {', '.join(MOST)}"
    for kind, most in MOST.items():
        if len(held[kind]) > most:
            yield "locations", f"it has {len(held[kind]):,} {kind}; Meta takes {most:,} at most"
    for city in place.cities:
        if city.radius is not None and not _within(city.radius, CITY_RADIUS):
            yield "radius", f"the radius around city {city.key} is {city.radius:g} km; Meta takes {_span(CITY_RADIUS)}"
    for circle in place.circles:
        if not _within(circle.radius, CIRCLE_RADIUS):
            yield "radius", f"the radius of a circle is {circle.radius:g} km; Meta takes {_span(CIRCLE_RADIUS)}"
    for one, other in combinations(place.circles, 2):
        if one.apart(other) <= one.radius + other.radius:
            both = " and ".join(f"{circle.latitude:g}, {circle.longitude:g}" for circle in (one, other))
            yield "overlap", f"the circles around {both} touch, and Meta refuses locations that overlap"


def _of_countries(query: MetaQuery, asked: list[Place]) -> Iterator[Finding]:
    """Yield what asking a country beside its places would save, and of which no sum is claimed."""
    alone = sorted({place.country for place in asked} - set(query.destinations))
    if alone:
        named = ", ".join(countries.area(country).name for country in alone)
        yield Finding(
            "note",
            "country_unasked",
            f"{named} is not asked beside its places: a cell below the floor in the country would be below it in each "
            "place, and cost no call",
        )
    for country in sorted({place.country for place in asked}):
        parts = set(query.covers.get(country, ()))
        lacking = parts.difference(query.destinations)
        if not parts or lacking:
            why = f"{len(lacking)} of its {len(parts)} places are not asked" if parts else "no set covers it"
            yield Finding(
                "note",
                "no_sum",
                f"places of {countries.area(country).name} are added up to no sum: {why}",
            )


def _within(radius: float, span: tuple[float, float]) -> bool:
    return span[0] <= radius <= span[1]


def _span(span: tuple[float, float]) -> str:
    return f"{span[0]:g} to {span[1]:g} km"
