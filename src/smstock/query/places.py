"""Sets of places: lists of parts of countries that a person has reviewed, and that a query names in its destinations.

::

    title = "The federal states of Germany"
    reviewed = "2026-12-01"           # when somebody looked at each entry; a set without a date is refused
    covers = "DEU"                    # its places together are this country; left out: no sum is claimed
    nuts = "2021"                     # version of the codes of NUTS; left out: any that has all of them

    [[place]]
    code = "DE-BY"                    # ISO 3166-2, NUTS, LAU or own, after the letters of the country
    name = "Bavaria"
    official = "DE2"                  # what official figures call it; the code unless given
    regions = ["1230"]                # Meta: keys of regions; also postcodes = ["DE:80331"]
    cities = [{key = "814016", radius = 17}]                            # kilometres
    circles = [{latitude = 48.137, longitude = 11.575, radius = 10}]    # degrees, kilometres
    geos = ["urn:li:geo:1"]           # LinkedIn
    valid_from = "1990-10-03"         # optional, as is valid_to

A table of places says the same in rows: ``queries/places/NAME.csv`` (`smstock.query.place_rows`).
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Final

from pydantic import TypeAdapter, ValidationError

from smstock import toml
from smstock.errors import InputError, QueryError, meant, shown
from smstock.query import place_rows
from smstock.vocabulary import countries, nuts
from smstock.vocabulary.dates import is_day
from smstock.vocabulary.places import Place, country_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

_ENTRY: Final = tuple(field.name for field in fields(Place))
_KEYS: Final = ("title", "reviewed", "covers", "nuts", "place")
_HINT: Final = "make this set of places with `smstock catalogue places`"


@dataclass(frozen=True)
class PlaceSet:
    """Places, the country that they are together (empty: none), and the day they were reviewed."""

    name: str
    places: tuple[Place, ...]
    covers: str = ""
    reviewed: str = ""
    title: str = ""


def read(path: Path) -> PlaceSet:
    r"""Return the set of places of a file of TOML or CSV, named after it.

    Raises
    ------
    QueryError
        The file is missing or no set of places, nobody has reviewed it, or two entries claim one code or one area.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "laender.toml")
    ...     _ = file.write_text(
    ...         'reviewed = "2026-12-01"\n[[place]]\ncode = "DE-BY"\nname = "Bavaria"\nregions = ["1230"]'
    ...     )
    ...     read(file).places[0].country
    'DEU'
    """
    if path.suffix.lower() == ".csv":
        content = place_rows.read(path, _ENTRY, hint=_HINT)
    else:
        content = toml.read(path, QueryError, hint=_HINT)
    try:
        entries = [_with_country(entry) for entry in content["place"]]
        places = TypeAdapter(tuple[Place, ...]).validate_python(entries)
        covers = countries.find(str(content["covers"])) if content.get("covers") else ""
    except (KeyError, TypeError, AttributeError):
        raise QueryError(
            "this is no set of places", where=str(path), allowed="reviewed, and [[place]] with code and name"
        ) from None
    except ValidationError as error:
        named = [_named(dict(failure), entries) for failure in error.errors(include_url=False)]
        raise QueryError(toml.faults(named, _ENTRY, of="a place"), where=str(path)) from None
    except InputError as error:
        raise QueryError(error.what, where=str(path), allowed=error.allowed, hint=error.hint) from None
    reviewed = str(content.get("reviewed", ""))
    if not places:
        raise QueryError("this set of places has no place", where=str(path), hint="write one, or take the set out")
    if not is_day(reviewed):
        raise QueryError(
            "nobody has reviewed this set of places" if not reviewed else f"reviewed is {reviewed!r}, which is no day",
            where=str(path),
            allowed='reviewed = "YYYY-MM-DD"; a day in each row of a CSV',
            hint="look at each entry, then write the day",
        )
    if unknown := [key for key in content if key not in _KEYS]:
        hint = meant(unknown[0], _KEYS)
        raise QueryError(f"no such key: {', '.join(unknown)}", where=str(path), allowed=", ".join(_KEYS), hint=hint)
    if foreign := [place.code for place in places if covers and place.country != covers]:
        raise QueryError(
            f"the set covers {covers}, and {', '.join(foreign)} is no part of it",
            where=str(path),
            allowed=f"places of {covers}; no covers where they are not one whole country",
        )
    try:
        distinct(places)
        nuts.check([place.official_area for place in places], str(content.get("nuts", "")))
    except QueryError as error:
        raise QueryError(error.what, where=str(path), allowed=error.allowed, hint=error.hint) from None
    return PlaceSet(path.stem, places, covers, reviewed, str(content.get("title", "")))


def distinct(places: Iterable[Place]) -> None:
    """Raise `QueryError` where two places claim one code, name, official area or key of a platform.

    Examples
    --------
    >>> distinct([Place("DE-BY", "Bavaria", "DEU", regions=("1",)), Place("DE-BE", "Berlin", "DEU", regions=("1",))])
    Traceback (most recent call last):
    smstock.errors.QueryError: DE-BY and DE-BE both claim regions 1
      allowed: each once, so that nobody is counted in two places
      next:    mend one of both, or make them one place
    """
    claimed: dict[tuple[str, str], Place] = {}
    for place in places:
        for claim in place.claims:
            if claim not in claimed:
                claimed[claim] = place
                continue
            first = claimed[claim]
            twice = f"{place.code} claims {' '.join(claim)} twice"
            raise QueryError(
                twice if first is place else f"{first.code} and {place.code} both claim {' '.join(claim)}",
                allowed="each once, so that nobody is counted in two places",
                hint="take one of both out" if first is place else "mend one of both, or make them one place",
            )


def _named(failure: dict[str, Any], entries: list[dict[str, Any]]) -> dict[str, Any]:
    """Return a failure that names the place by its code, not by its number from 0."""
    number, *key = failure["loc"]
    return failure | {"loc": (entries[number]["code"], *key)}


def _with_country(entry: Mapping[str, Any]) -> dict[str, Any]:
    """Return an entry with the country that its code tells, in place of the one it names."""
    code = str(entry["code"])
    country = countries.find(str(entry["country"])) if entry.get("country") else country_of(code)
    if not country:
        raise QueryError(
            f"the code {shown(repr(code))} begins with the letters of no country",
            allowed="the two letters of the country, then capital letters, digits and hyphens, as US-CA or DE21",
        )
    return {**entry, "country": country}


def complete(content: dict[str, Any], folder: Path | None) -> dict[str, Any]:
    """Return the content of a query file with the places of the sets it names, and what each set covers.

    The name of a set among the destinations stands for all its places.

    Examples
    --------
    >>> complete({"destinations": ["DEU"]}, None)
    {'destinations': ['DEU']}
    """
    if "place_sets" not in content:
        return content
    if folder is None:
        raise QueryError("place_sets are files beside a query file; this query has none", hint="name the places")
    files = content.pop("place_sets")
    if not isinstance(files, list) or not all(isinstance(name, str) for name in files):
        raise QueryError("place_sets: a list of files, in brackets", hint='write place_sets = ["places/laender.toml"]')
    sets = [read(folder / name) for name in files]
    for what, values in (
        ("are called", [group.name for group in sets]),
        ("cover", [group.covers for group in sets if group.covers]),
    ):
        if twice := sorted({value for value in values if values.count(value) > 1}):
            raise QueryError(
                f"two sets of places {what} {', '.join(twice)}",
                allowed="each name once, and one set that covers a country",
                hint="name one of both files otherwise" if what == "are called" else "take `covers` out of one of both",
            )
    places = [place for group in sets for place in group.places]
    return content | {
        "places": places,
        "covers": {group.covers: tuple(place.code for place in group.places) for group in sets if group.covers},
        "destinations": _expanded(content.get("destinations"), sets),
    }


def _expanded(destinations: Any, sets: Iterable[PlaceSet]) -> Any:
    """Return destinations with the codes of a set in place of its name, all with the ``-`` that stands before it."""
    if not isinstance(destinations, list):
        return destinations
    codes: dict[Any, list[str]] = {}
    for group in sets:
        codes[group.name] = [place.code for place in group.places]
        codes[f"-{group.name}"] = [f"-{place.code}" for place in group.places]
    listed = [entry.strip() if isinstance(entry, str) else entry for entry in destinations]
    return [code for entry in listed for code in (codes.get(entry, [entry]) if isinstance(entry, str) else [entry])]
