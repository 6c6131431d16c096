"""Places: parts of countries, as a platform and a statistical office call them.

A place's code begins with the two letters of its country, as those of ISO 3166-2 (``US-CA``), NUTS (``DE21``) and LAU
written behind them do; so the country of a place is known wherever its code stands. NUTS writes ``EL`` for Greece and
``UK`` for the United Kingdom; a code may begin with either, ``GR30`` is ``EL30`` to official figures.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt
from typing import TYPE_CHECKING, ClassVar, Final
from unicodedata import normalize

from smstock.errors import QueryError
from smstock.vocabulary import countries, nuts
from smstock.vocabulary.dates import is_day
from smstock.vocabulary.states import state_or_county

if TYPE_CHECKING:
    from collections.abc import Iterable

EARTH: Final = 6371.0
"""Kilometres from its middle to its surface."""
_CODE: Final = re.compile(r"[A-Z]{2}-[A-Z0-9][A-Z0-9-]{0,14}|[A-Z]{2}[A-Z0-9]{1,3}")


@dataclass(frozen=True)
class City:
    """A city of a platform: its key, and how far around it (kilometres); None: the platform's own bounds."""

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    key: str
    radius: float | None = None


@dataclass(frozen=True)
class Circle:
    """A circle around a point: degrees north and east, kilometres."""

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    latitude: float
    longitude: float
    radius: float

    def __post_init__(self) -> None:
        """Refuse a point that is none of the Earth."""
        if not (abs(self.latitude) <= 90 and abs(self.longitude) <= 180):
            raise QueryError(
                f"no point of the Earth is at latitude {self.latitude:g}, longitude {self.longitude:g}",
                allowed="degrees north from -90 to 90, east from -180 to 180",
            )

    def apart(self, other: Circle) -> float:
        """Return the kilometres between both centres.

        Examples
        --------
        >>> round(Circle(48.14, 11.58, 10).apart(Circle(52.52, 13.4, 10)))
        504
        """
        north, east = (radians(angle) for angle in (self.latitude - other.latitude, self.longitude - other.longitude))
        along = cos(radians(self.latitude)) * cos(radians(other.latitude))
        return 2 * EARTH * asin(sqrt(sin(north / 2) ** 2 + along * sin(east / 2) ** 2))


@dataclass(frozen=True)
class Place:
    """A part of a country: its regions, cities, circles and postcodes together, any of them.

    Parameters
    ----------
    code
        Own code: the two letters of the country, then letters, digits and hyphens.
    name
        What it is called in reports.
    country
        ISO 3166-1 alpha-3.
    official
        Area that the official figures call it by (NUTS, FIPS, own); the code unless given.
    regions, postcodes
        Keys of Meta.
    cities, circles
        Cities of Meta by key, and circles around points, each with its radius.
    geos
        URNs of LinkedIn.
    valid_from, valid_to
        First and last day it existed (ISO); empty: open.
    """

    code: str
    name: str
    country: str
    official: str = ""
    regions: tuple[str, ...] = ()
    cities: tuple[City, ...] = ()
    circles: tuple[Circle, ...] = ()
    postcodes: tuple[str, ...] = ()
    geos: tuple[str, ...] = ()
    valid_from: str = ""
    valid_to: str = ""

    __pydantic_config__: ClassVar = {"extra": "forbid"}

    def __post_init__(self) -> None:
        """Refuse a code that is a country's or begins with another country's letters, and what cannot be of a place."""
        if not _CODE.fullmatch(self.code):
            raise QueryError(
                f"{self.code!r} is no code of a place",
                allowed="the two letters of the country, then capital letters, digits and hyphens, as US-CA or DE21",
            )
        keys = (*self.regions, *self.postcodes, *self.geos, *(city.key for city in self.cities))
        if any(not text or text != text.strip() for text in (self.name, *keys)):
            raise QueryError(
                f"{self.code} has a name or a key that is empty, or has blanks around it",
                allowed="a name, and keys as the platform writes them",
            )
        for day in filter(None, (self.valid_from, self.valid_to)):
            if not is_day(day):
                raise QueryError(f"{self.code}: {day!r} is no day", allowed="a day of the calendar, such as 2020-07-01")
        if self.valid_from and self.valid_to and self.valid_to < self.valid_from:
            raise QueryError(f"{self.code} ends on {self.valid_to}, before it begins on {self.valid_from}")
        if countries.known_as(self.code, "iso3"):
            raise QueryError(f"the place {self.code} has the code of a country", allowed="a code of its own")
        if country_of(self.code) != self.country:
            letters = countries.area(self.country).iso2
            raise QueryError(
                f"the place {self.code} is said to be in {self.country}",
                allowed=f"a code that begins with the letters of its country, such as {letters}-{self.code[-2:]}",
            )
        area = self.official_area
        if not _CODE.fullmatch(area) or countries.known_as(area, "iso3") or country_of(area) != self.country:
            country = countries.area(self.country)
            raise QueryError(
                f"the place {self.code} has official = {self.official!r}, which no part of {country.name} is called",
                allowed=f"NUTS (DE21), FIPS of states and counties (06, 06037), or one's own, as {country.iso2}-X1",
                hint="mend it, or take it out where official figures have the place's own code",
            )

    @property
    def claims(self) -> tuple[tuple[str, str], ...]:
        """What no other place may be or hold: its code and name, its official area, its keys and circles."""
        # the code first: what two places of one code share besides follows from it
        named = {"code": (self.code,), "regions": self.regions, "postcodes": self.postcodes, "geos": self.geos}
        named |= {"cities": tuple(city.key for city in self.cities), "official": (self.official_area,)}
        named |= {"circles": tuple(f"{at.latitude:g} {at.longitude:g} {at.radius:g}" for at in self.circles)}
        # a name that is the code of another place would be read as that code
        names = dict.fromkeys((_squeezed(self.name), _squeezed(self.code)))
        named |= {"name": tuple(names)}
        return tuple((kind, value) for kind, values in named.items() for value in values)

    @property
    def official_area(self) -> str:
        """What official figures call it."""
        return official_code(self.official or self.code)


def country_of(code: str) -> str:
    """Return the country of an area: itself, or that whose two letters the code of a place begins with.

    Empty where the code begins with no country's letters.

    Examples
    --------
    >>> country_of("USA"), country_of("US-CA"), country_of("EL30"), country_of("UKI3"), country_of("Q1")
    ('USA', 'USA', 'GRC', 'GBR', '')
    """
    return (
        countries.known_as(code, "iso3")
        or countries.known_as(code[:2], "iso2")
        or countries.known_as(code[:2], "eurostat")
    )


def is_place(code: str) -> bool:
    """Return whether a code is that of a part of a country.

    Examples
    --------
    >>> is_place("US-CA"), is_place("USA")
    (True, False)
    """
    return not countries.known_as(code, "iso3")


def is_code(text: str) -> bool:
    """Return whether a text may be the code of a place: of some country, and not that of a country, badly written.

    Examples
    --------
    >>> [is_code(text) for text in ("US-CA", "DE21", "DEA", "DEU", "DEW", "QQ-1")]
    [True, True, True, False, False, False]
    """
    if len(text) == len("DEU") and text.isalpha():
        return nuts.is_code(text)
    return _CODE.fullmatch(text) is not None and country_of(text) != ""


def official_code(text: str) -> str:
    """Return the code of an area as official figures have it: of a state or county by number, of NUTS in its letters.

    Examples
    --------
    >>> official_code("06"), official_code("0500000US06037"), official_code("GR30"), official_code("DE-BY")
    ('US-CA', 'US-06037', 'EL30', 'DE-BY')
    """
    if code := state_or_county(text):
        return code
    iso3 = countries.known_as(text[:2], "iso2")
    letters = countries.area(iso3).eurostat if iso3 else text[:2]
    return letters + text[2:] if letters and nuts.is_code(letters + text[2:]) else text


_NAMES: dict[str, str] = {}
_CODES: dict[str, str] = {}


def learn(places: Iterable[Place]) -> None:
    """Learn the names of places: from then on `name` tells them, as `smstock.vocabulary.countries` those of countries.

    Examples
    --------
    >>> learn([Place("DE-BY", "Bavaria", "DEU")])
    >>> name("DE-BY"), name("DE-XX")
    ('Bavaria', '')
    """
    for place in places:
        before = _squeezed(_NAMES.pop(place.code, ""))  # of two places of one name the one learnt last is meant
        if _CODES.get(before) == place.code:
            del _CODES[before]
        _NAMES[place.code] = place.name
        _CODES[_squeezed(place.name)] = place.code


def name(code: str) -> str:
    """Return the name of a place that was learnt; empty if none was."""
    return _NAMES.get(code, "")


def named(text: str) -> str:
    """Return the code of a learnt place by its exact name, in capital or small letters; empty if there is none.

    Examples
    --------
    >>> learn([Place("DE-BY", "Bavaria", "DEU")])
    >>> named("bavaria"), named("Bavari")
    ('DE-BY', '')
    """
    return _CODES.get(_squeezed(text), "")


def nearest(text: str) -> str:
    """Return the question which learnt place was meant by a name or code; empty if none is near.

    Examples
    --------
    >>> learn([Place("DE-BY", "Bavaria", "DEU")])
    >>> nearest("Bavari"), nearest("Atlantis")
    ('did you mean Bavaria (DE-BY)?', '')
    >>> learn([Place("ES-X9", "Numantian Community", "ESP")])
    >>> nearest("Numantia")
    'did you mean Numantian Community (ES-X9)?'
    """
    return countries.nearest_place(text, _NAMES)


def _squeezed(name: str) -> str:
    """Return a name in small letters and single blanks, whichever way its accents are stored."""
    return " ".join(normalize("NFC", name).split()).casefold()
