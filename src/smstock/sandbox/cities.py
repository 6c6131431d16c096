"""What is smaller than a region of the simulated world: cities, what lies around a point, postcodes.

A city is a share of its region as a region is one of its country, the same at all times, and a postcode a fifth of its
city or about that; so each is below what it lies in, in truth and on the platform. People of a city live around its
middle, thinner outward (a normal distribution, standard deviation :data:`SPREAD` times the root of its thousands, in
kilometres), those of no city around the cities of their region (:data:`AROUND` kilometres), around larger ones more. A
circle holds whoever lives in it, of any region; a city with a radius holds the city and whoever else lives within the
radius of its middle.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from math import sqrt
from typing import TYPE_CHECKING, Final

from scipy.special import chndtr

from smstock.sandbox.regions import Region, divided, regions, rows
from smstock.vocabulary import countries
from smstock.vocabulary.places import Circle

if TYPE_CHECKING:
    from collections.abc import Callable

    from smstock.sandbox.regions import Part

SPREAD: Final = 0.125
"""Kilometres from the middle of a city of a thousand people, standard deviation in each direction."""
AROUND: Final = 40.0
"""Kilometres from the middle of a city to those around it, standard deviation in each direction."""
POSTCODES: Final = 5
"""Postcodes of a city."""
_FAR: Final = 6.0
"""Standard deviations beyond which nobody lives."""
_ELSEWHERE: Final = "elsewhere"


@dataclass(frozen=True)
class City:
    """A city: its place among those of its region, name, key on the platform, thousands of people, and its middle."""

    region: Region
    place: int
    name: str
    key: str
    thousands: int
    latitude: float
    longitude: float

    @property
    def code(self) -> str:
        """Own code: that of the region, and the place in the order of size."""
        return f"{self.region.code}-{self.place}"

    @property
    def country(self) -> str:
        """ISO 3166-1 alpha-3."""
        return self.region.country

    @property
    def middle(self) -> Circle:
        """The middle as a circle of no radius."""
        return Circle(self.latitude, self.longitude, 0.0)

    @property
    def share(self) -> float:
        """Share of the people of the country."""
        return self.region.share * dict(_people(self.region))[self.code]

    def share_of(self, origin: str, month: str) -> float:
        """Return the share of the country's migrants of an origin that live in the city.

        Examples
        --------
        >>> madrid = by_key()["9300053"]
        >>> madrid.share_of("ROU", "2026-11") < madrid.region.share_of("ROU", "2026-11")
        True
        """
        inside = divided(self.region.code, origin, _people(self.region))[0]
        return self.region.share_of(origin, month) * inside[self.code]

    def accounts_of(self, origin: str, month: str) -> float:
        """Return the share of the country's accounts with the label of an origin that are in the city.

        Examples
        --------
        >>> madrid = by_key()["9300053"]
        >>> madrid.accounts_of("ROU", "2026-11") < madrid.region.accounts_of("ROU", "2026-11")
        True
        """
        inside = divided(self.region.code, origin, _people(self.region))[1]
        return self.region.accounts_of(origin, month) * inside[self.code]

    @property
    def postcodes(self) -> tuple[Postcode, ...]:
        """Its postcodes."""
        return tuple(Postcode(self, place) for place in range(POSTCODES))


@dataclass(frozen=True)
class Postcode:
    """A postcode of a city, by its place among them."""

    city: City
    place: int

    @property
    def number(self) -> str:
        """Five digits, which are the sandbox's own."""
        return f"{self.city.key[-4:]}{self.place}"

    @property
    def key(self) -> str:
        """Key on the platform, such as ``ES:00530``."""
        return f"{countries.area(self.country).iso2}:{self.number}"

    @property
    def country(self) -> str:
        """ISO 3166-1 alpha-3."""
        return self.city.country

    @property
    def share(self) -> float:
        """Share of the people of the country."""
        return self.city.share / POSTCODES

    def share_of(self, origin: str, month: str) -> float:
        """Return the share of the country's migrants of an origin that live in the postcode."""
        return self.city.share_of(origin, month) * self._inside(origin, 0)

    def accounts_of(self, origin: str, month: str) -> float:
        """Return the share of the country's accounts with the label of an origin that are in the postcode."""
        return self.city.accounts_of(origin, month) * self._inside(origin, 1)

    def _inside(self, origin: str, measure: int) -> float:
        parts = tuple((str(place), 1 / POSTCODES) for place in range(POSTCODES))
        return divided(self.city.code, origin, parts)[measure][str(self.place)]


@dataclass(frozen=True)
class Within:
    """Whoever lives in a circle; with a city, its people beside. The country is that of the nearest city."""

    circle: Circle
    city: City | None = None

    @cached_property
    def nearest(self) -> City:
        """The city whose middle is nearest to that of the circle."""
        return self.city or min(cities(), key=lambda city: city.middle.apart(self.circle))

    @property
    def country(self) -> str:
        """ISO 3166-1 alpha-3."""
        return self.nearest.country

    @property
    def share(self) -> float:
        """Share of the people of the country."""
        return self._sum(lambda part: part.share)

    def share_of(self, origin: str, month: str) -> float:
        """Return the share of the country's migrants of an origin that live here."""
        return self._sum(lambda part: part.share_of(origin, month))

    def accounts_of(self, origin: str, month: str) -> float:
        """Return the share of the country's accounts with the label of an origin that are here."""
        return self._sum(lambda part: part.accounts_of(origin, month))

    def _sum(self, measure: Callable[[Part], float]) -> float:
        """Add up what is here of each city, and of the people around the cities of each region."""
        of_cities, of_regions = self._held
        around = sum(
            share * (measure(region) - sum(measure(city) for city in _of_region(region)))
            for region, share in of_regions.items()
        )
        return sum(share * measure(city) for city, share in of_cities.items()) + around

    @cached_property
    def _held(self) -> tuple[dict[City, float], dict[Region, float]]:
        """Share of each city that is here, and of the people of each region who live in none of its cities."""
        of_cities: dict[City, float] = {} if self.city is None else {self.city: 1.0}
        of_regions: dict[Region, float] = {}
        for city in cities():
            if city.country != self.country:
                continue
            away = city.middle.apart(self.circle)
            if city != self.city and (near := _inside(self.circle.radius, away, SPREAD * sqrt(city.thousands))):
                of_cities[city] = near
            if near := _inside(self.circle.radius, away, AROUND):
                weight = city.thousands / sum(other.thousands for other in _of_region(city.region))
                of_regions[city.region] = of_regions.get(city.region, 0.0) + near * weight
        return of_cities, of_regions


def _inside(radius: float, away: float, deviation: float) -> float:
    """Return the share of people around a point who live in a circle whose middle is so far away."""
    if away > radius + _FAR * deviation:
        return 0.0
    return float(chndtr((radius / deviation) ** 2, 2, (away / deviation) ** 2))


@cache
def cities() -> tuple[City, ...]:
    """Return the cities of all three countries.

    Examples
    --------
    >>> [city.name for city in cities() if city.region.code == "ES-CT"][:2]
    ['Barcelona', "L'Hospitalet de Llobregat"]
    """
    of_code = {region.code: region for region in regions()}
    counted: dict[str, int] = {}
    listed = []
    for row in rows("cities.csv"):
        counted[row["region"]] = counted.get(row["region"], 0) + 1
        listed.append(
            City(
                of_code[row["region"]], counted[row["region"]], row["name"], row["key"], int(row["thousands"]),
                float(row["latitude"]), float(row["longitude"]),
            )
        )  # fmt: skip
    return tuple(listed)


@cache
def by_code() -> dict[str, Region | City]:
    """Return regions and cities by their code.

    Examples
    --------
    >>> by_code()["US-CA"].name, by_code()["ES-MD-1"].name
    ('California', 'Madrid')
    """
    parts: list[Region | City] = [*regions(), *cities()]
    return {part.code: part for part in parts}


@cache
def by_key() -> dict[str, Region | City | Postcode]:
    """Return regions, cities and postcodes by their key on the platform.

    Examples
    --------
    >>> by_key()["3847"].name, by_key()["9300053"].name, by_key()["ES:00530"].city.name
    ('California', 'Madrid', 'Madrid')
    """
    parts: list[Region | City | Postcode] = [*regions(), *cities()]
    parts += [postcode for city in cities() for postcode in city.postcodes]
    return {part.key: part for part in parts}


@cache
def _of_region(region: Region) -> tuple[City, ...]:
    return tuple(city for city in cities() if city.region == region)


@cache
def _people(region: Region) -> tuple[tuple[str, float], ...]:
    """Return each city's share of the people of its region, and that of those who live in none."""
    thousands = next(int(row["thousands"]) for row in rows("regions.csv") if row["code"] == region.code)
    shares = [(city.code, city.thousands / thousands) for city in _of_region(region)]
    return (*shares, (_ELSEWHERE, 1 - sum(share for _, share in shares)))
