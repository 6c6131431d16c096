"""What Meta refuses of a place, known before it is asked.

Sources: Meta, targeting restrictions and basic targeting (19 February 2026); locations that overlap are refused (error
100, subcode 1487756).
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Final

from smstock.errors import shown
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


def findings(query: MetaQuery) -> Iterator[Finding]:
    """Yield what is wrong with the places that a query asks, and what may be."""
    for place in query.places:
        if place.code not in query.destinations:
            continue
        for rule, message in _refusals(place):
            yield Finding("refused", rule, f"{place.code} ({place.name}): {message}")
        if len(kinds := [kind for kind in MOST if getattr(place, kind)]) > 1:
            yield Finding(
                "note",
                "overlap",
                f"{place.code} ({place.name}) joins {' and '.join(kinds)}: where one lies in another Meta refuses the "
                "place (error 100/1487756), which nothing here can tell before it is asked",
            )


def _refusals(place: Place) -> Iterator[tuple[str, str]]:
    held = {kind: getattr(place, kind) for kind in MOST}
    if not any(held.values()):
        yield "no_location", f"it has no location of Meta; write one of {', '.join(MOST)}"
    for kind, most in MOST.items():
        if len(held[kind]) > most:
            yield "locations", f"it has {len(held[kind]):,} {kind}; Meta takes {most:,} at most"
    yield from _no_keys(place)
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


def _no_keys(place: Place) -> Iterator[tuple[str, str]]:
    """Yield what cannot be a key of Meta: a number that a spreadsheet changed, a postcode without its country."""
    keys = (*place.regions, *(city.key for city in place.cities))
    if odd := [key for key in keys if not (key.isascii() and key.isdigit())]:
        yield "key", f"{shown(odd[0])} is no key of a region or city; Meta's are digits only"
    letters = countries.area(place.country).iso2
    if odd := [key for key in place.postcodes if not key.startswith(f"{letters}:")]:
        yield "key", f"{shown(odd[0])} is no key of a postcode there; Meta's begin with the country, as {letters}:80331"


def _within(radius: float, span: tuple[float, float]) -> bool:
    return span[0] <= radius <= span[1]


def _span(span: tuple[float, float]) -> str:
    return f"{span[0]:g} to {span[1]:g} km"
