"""Places that a run of ``python -m benchmarks reliability --places`` asks for, beside their country and others.

They are those of the sandbox: regions, two regions together, cities with a radius or without, circles, postcodes; on
LinkedIn also a place without a location. What is refused of them before anything is asked is no matter of these runs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from smstock.platforms.meta.locations import CIRCLE_RADIUS, CITY_RADIUS
from smstock.sandbox.cities import cities
from smstock.sandbox.entities import geo
from smstock.sandbox.regions import regions
from smstock.vocabulary import countries
from smstock.vocabulary.places import Circle, City, Place

if TYPE_CHECKING:
    from random import Random

COUNTRIES: Final = ("DEU", "ESP", "USA")
"""Countries of which the sandbox has places."""
OTHERS: Final = {"meta": ("AUT", "NAM", "THA", "ISL"), "linkedin": ("IRL", "CHE", "PRK")}
"""Countries without places that are asked beside them: rules that differ, and one without a location, among them."""
_WITH_COUNTRY: Final = 0.8


def drawn(rng: Random, platform: str) -> dict[str, Any]:
    """Return the places and destinations of a query: some places of a country, mostly beside it, and others."""
    country = rng.choice(COUNTRIES)
    known = _of_meta(rng, country) if platform == "meta" else _of_linkedin(rng, country)
    places = rng.sample(known, rng.randint(2, 5))
    whole = [country] if rng.random() < _WITH_COUNTRY else []
    others = rng.sample(OTHERS[platform], rng.randint(0, 2))
    destinations = [*(place.code for place in places), *whole, *others]
    return {"places": places, "destinations": rng.sample(destinations, len(destinations))}


def _of_meta(rng: Random, country: str) -> list[Place]:
    letters = countries.area(country).iso2
    first, second, third = rng.sample([region for region in regions() if region.country == country], 3)
    alone, wide, middle, parted = rng.sample([city for city in cities() if city.country == country], 4)
    circle = Circle(middle.latitude, middle.longitude, round(rng.uniform(*CIRCLE_RADIUS), 1))
    around = round(rng.uniform(*CITY_RADIUS), 1)
    postcodes = tuple(postcode.key for postcode in rng.sample(parted.postcodes, rng.randint(1, 3)))
    return [
        Place(first.code, first.name, country, regions=(first.key,)),
        Place(f"{letters}-X1", "Two regions", country, regions=(second.key, third.key)),
        Place(alone.code, f"City of {alone.name}", country, cities=(City(alone.key),)),
        Place(f"{letters}-X2", f"Around {wide.name}", country, cities=(City(wide.key, around),)),
        Place(f"{letters}-X3", f"Circle in {middle.name}", country, circles=(circle,)),
        Place(f"{letters}-X4", f"Postcodes of {parted.name}", country, postcodes=postcodes),
    ]


def _of_linkedin(rng: Random, country: str) -> list[Place]:
    letters = countries.area(country).iso2
    first, second, third = rng.sample([region for region in regions() if region.country == country], 3)
    alone, other = rng.sample([city for city in cities() if city.country == country], 2)
    return [
        Place(first.code, first.name, country, geos=(geo(first),)),
        Place(f"{letters}-X1", "Two regions", country, geos=(geo(second), geo(third))),
        Place(alone.code, f"City of {alone.name}", country, geos=(geo(alone),)),
        Place(other.code, f"City of {other.name}", country, geos=(geo(other),)),
        Place(f"{letters}-X5", "A place without a location", country),
    ]
