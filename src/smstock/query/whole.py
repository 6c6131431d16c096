"""Places that are said to be a whole country together: what would count somebody twice in their sum, or not at all."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Final

from smstock.errors import QueryError
from smstock.vocabulary import countries, nuts
from smstock.vocabulary.states import NUMBERS

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from smstock.vocabulary.places import Place

_ELSEWHERE: Final = ("FI2", "FRA", "FRY", "NO0B")
"""Regions of NUTS that are areas of their own in ISO 3166-1: Åland, the overseas departments of France, Svalbard."""
_MOST_NAMED: Final = 6


def check(covers: Mapping[str, Sequence[str]], places: Collection[Place]) -> None:
    """Refuse places that are not a whole country together, as far as that can be known from their codes and days.

    Parameters
    ----------
    covers
        Countries, each with the codes of the places that are together the whole of it.
    places
        All places of the query.

    Raises
    ------
    QueryError
        A place is of another country, lies in another one, or never existed beside it; or a region of NUTS or a state
        is in none of them.

    Examples
    --------
    >>> from smstock.vocabulary.places import Place
    >>> parts = Place("DE-BY", "Bavaria", "DEU", "DE2"), Place("DE-M", "Upper Bavaria", "DEU", "DE21")
    >>> check({"DEU": ["DE-BY", "DE-M"]}, parts)
    Traceback (most recent call last):
    smstock.errors.QueryError: the places that cover DEU: DE21 (DE-M) lies in DE2 (DE-BY)
      allowed: places of which none lies in another
      next:    take one of both out of the set, or leave `covers` out
    """
    by_code = {place.code: place for place in places}
    for country, codes in covers.items():
        parts = [by_code[code] for code in codes if code in by_code]
        lacking = [code for code in codes if code not in by_code or by_code[code].country != country]
        if not countries.known_as(country, "iso3") or lacking:
            raise QueryError(
                f"covers: {', '.join(lacking[:_MOST_NAMED]) or country} is no place of {country}",
                allowed="countries as ISO 3166-1 alpha-3, each with codes of its places in this query",
            )
        _apart(country, parts)
        _together(country, parts)
        _complete(country, [place.official_area for place in parts])


def _apart(country: str, parts: Sequence[Place]) -> None:
    """Refuse a place that lies in another one, or has a circle that touches a circle of another one."""
    areas = {place.official_area: place for place in parts if nuts.is_code(place.official_area)}
    for code, place in areas.items():
        for upper in (code[:end] for end in range(3, len(code))):
            if upper in areas:
                raise _of(country, f"{code} ({place.code}) lies in {upper} ({areas[upper].code})")
    for one, other in combinations((place for place in parts if place.circles), 2):
        if any(a.apart(b) <= a.radius + b.radius for a in one.circles for b in other.circles):
            raise _of(country, f"circles of {one.code} and {other.code} touch")


def _together(country: str, parts: Sequence[Place]) -> None:
    """Refuse places of which one ended before another one began."""
    ended = [place for place in parts if place.valid_to]
    if not ended or not parts:
        return
    first = min(ended, key=lambda place: place.valid_to)
    last = max(parts, key=lambda place: place.valid_from)
    if first.valid_to < last.valid_from:
        raise QueryError(
            f"the places that cover {country}: {first.code} ended on {first.valid_to}, before {last.code} began on "
            f"{last.valid_from}",
            allowed="places that existed on one day together",
            hint="make two sets of places, one of each time",
        )


def _complete(country: str, areas: Collection[str]) -> None:
    """Refuse regions of NUTS, or states of the USA, that leave a part of their country out."""
    lacking: list[str] = []
    if all(nuts.is_code(area) and nuts.versions(area) for area in areas):
        wholes = [_outside(country, areas, version) for version in nuts.VERSIONS if _has(areas, version)]
        lacking = min(wholes, key=len, default=[])
    elif set(areas) <= set(NUMBERS.values()):
        lacking = sorted({code for code in NUMBERS.values() if code != "PRI"} - set(areas))
    if lacking:
        more = f" and {len(lacking) - _MOST_NAMED} more" if len(lacking) > _MOST_NAMED else ""
        listed = ", ".join(map(nuts.in_words, lacking[:_MOST_NAMED])) + more
        raise QueryError(
            f"the places that cover {country} leave out {listed}",
            allowed="all parts of the country",
            hint="add places that stand for them (`official`), or leave `covers` out: then no sum is claimed",
        )


def _has(areas: Collection[str], version: str) -> bool:
    return all(version in nuts.versions(area) for area in areas)


def _outside(country: str, areas: Collection[str], version: str) -> list[str]:
    """Return the regions of level 2 of a country that no area holds, nor is a part of."""
    letters = countries.area(country).eurostat
    return [
        code
        for code, region in nuts.regions().items()
        if code.startswith(letters) and len(code) == len("DE21") and version in region.versions
        if not code.startswith(_ELSEWHERE) and not nuts.is_extra(code)
        if not any(code.startswith(area) or area.startswith(code) for area in areas)
    ]


def _of(country: str, what: str) -> QueryError:
    return QueryError(
        f"the places that cover {country}: {what}",
        allowed="places of which none lies in another",
        hint="take one of both out of the set, or leave `covers` out",
    )
