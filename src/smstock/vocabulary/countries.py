"""Areas: every country and territory the statistical offices and the platforms name, under one key.

The key is ISO 3166-1 alpha-3, with ``XKX`` for Kosovo, ``CHI`` for the Channel Islands (UN, World Bank) and ``XXX`` for
the origins UN DESA does not itemise ("Others", location code 2003). ``countries.csv``, beside this module, holds the
areas; regions and other aggregates are not in it.

Where the columns come from: ISO3 and M49 from the UN DESA annex "Aggregates correspondence table" (2020), Kosovo's M49
number from World Population Prospects 2024; names from International Migrant Stock (the newest of the 2019, 2020 and
2024 editions); aliases are the spellings of Eurostat, OECD (CL_AREA of DSD_MIG 1.0), World Bank and Meta, and of the
UN in earlier editions. Names are English; the reader of Eurostat's labels alone knows others. Eurostat writes ISO
3166-1 alpha-2 except ``EL``, ``UK``, ``XK``, ``OTH`` ("Others") and dissolved states (``EX_SU``, ``EX_YU``, ``RS_ME``,
``CZ_SK``; their alpha-2 codes are read too). OECD writes alpha-3 except ``XKV`` and dissolved states (``SUN_F``). A
two-letter code that was given twice stands for its last bearer: ``CS`` is Serbia and Montenegro.

``Micronesia`` is no alias: it is a region at the UN and Eurostat, the Federated States at the OECD.
The Serbia of UN DESA includes Kosovo; its ``Channel Islands`` are Guernsey and Jersey (``CHA`` in copies of the 2020
edition by ISO3, hence an alias).
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Literal, get_args
from unicodedata import normalize

from smstock.errors import UnknownNameError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Scheme = Literal["iso3", "iso2", "m49", "eurostat", "oecd", "name"]
"""A way of writing an area: five sets of codes, and names (with their aliases)."""


@dataclass(frozen=True)
class Area:
    """A country or territory and how each scheme writes it.

    Parameters
    ----------
    iso3
        The key.
    iso2, eurostat, oecd
        Codes; empty where the scheme has none.
    m49
        UN numeric code (UN DESA "location code"); None where there is none.
    name
        Name as UN DESA prints it.
    aliases
        Other spellings met in official files and on platforms.
    valid_from, valid_to
        First and last calendar year the area existed, where that falls in 1990 or later, the span of migrant-stock
        series; None is open. For information: UN DESA carries today's areas back to 1990.
    groups
        Names of the groups it belongs to.
    """

    iso3: str
    iso2: str
    m49: int | None
    eurostat: str
    oecd: str
    name: str
    aliases: tuple[str, ...]
    valid_from: int | None
    valid_to: int | None
    groups: frozenset[str]


@cache
def areas() -> tuple[Area, ...]:
    """Return every area, dissolved states included, sorted by ISO3.

    Examples
    --------
    >>> [area.iso3 for area in areas() if area.valid_to == 1992]
    ['CSK', 'YUG']
    """
    text = Path(__file__).with_name("countries.csv").read_text(encoding="utf-8")
    return tuple(_area(row) for row in csv.DictReader(text.splitlines()))


def _area(row: dict[str, str]) -> Area:
    return Area(
        iso3=row["iso3"],
        iso2=row["iso2"],
        m49=_integer(row["m49"]),
        eurostat=row["eurostat"],
        oecd=row["oecd"],
        name=row["name"],
        aliases=tuple(filter(None, row["aliases"].split("|"))),
        valid_from=_integer(row["valid_from"]),
        valid_to=_integer(row["valid_to"]),
        groups=frozenset(filter(None, row["groups"].split("|"))),
    )


def _integer(text: str) -> int | None:
    return int(text) if text else None


@cache
def _by_iso3() -> dict[str, Area]:
    return {area.iso3: area for area in areas()}


def area(iso3: str) -> Area:
    """Return the area of an ISO3 code; raise `UnknownNameError` if there is none.

    Examples
    --------
    >>> area("GRC").eurostat, area("XKX").oecd, area("NAM").iso2
    ('EL', 'XKV', 'NA')
    """
    known = _by_iso3()
    return known[iso3] if iso3 in known else known[find(iso3, "iso3")]


@cache
def crosswalk(scheme: Scheme) -> Mapping[str, str]:
    """Return the read-only mapping from what a scheme writes to ISO3, for ``Series.map``.

    Keys are text, exactly as the providers write them: ``m49`` has ``4`` and ``004``, ``name`` every name and alias.

    Raises
    ------
    UnknownNameError
        There is no such scheme.

    Examples
    --------
    >>> crosswalk("eurostat")["EL"], crosswalk("m49")["004"], crosswalk("name")["Gambia, The"]
    ('GRC', 'AFG', 'GMB')
    """
    if scheme not in get_args(Scheme):
        raise UnknownNameError(f"unknown scheme {scheme!r}", allowed=", ".join(get_args(Scheme)))
    return MappingProxyType({text: area.iso3 for area in areas() for text in _written(area, scheme)})


def _written(area: Area, scheme: Scheme) -> tuple[str, ...]:
    """Return the texts by which a scheme writes an area."""
    if scheme == "name":
        return (area.name, *area.aliases)
    if scheme == "m49":
        return () if area.m49 is None else (str(area.m49), f"{area.m49:03d}")
    code: str = getattr(area, scheme)
    if scheme == "eurostat" and area.valid_to is not None:  # extracts differ: EX_SU and SU, RS_ME and CS
        return tuple(filter(None, (code, area.iso2)))
    return (code,) if code else ()


def find(text: str, scheme: Scheme | None = None) -> str:
    """Return the ISO3 of a code or name; without a scheme, ISO3, ISO2 and names are tried in this order.

    Codes match as written. Names match whatever the case, the spaces and a trailing ``*``, and never approximately:
    a fuzzy match would answer Nigeria for a misspelt Niger.

    Raises
    ------
    UnknownNameError
        Nothing matches; the message suggests the nearest names.

    Examples
    --------
    >>> find("NE"), find("niger"), find("  Kosovo*"), find("UK", "eurostat"), find("566", "m49")
    ('NER', 'NER', 'XKX', 'GBR', 'NGA')
    >>> find("Germny")
    Traceback (most recent call last):
    smstock.errors.UnknownNameError: unknown area 'Germny'
      allowed: an ISO 3166-1 code (alpha-3, alpha-2) or a name
      next:    did you mean Germany (DEU)?
    """
    iso3 = known_as(text, scheme)
    if not iso3:
        raise _unknown(text, scheme)
    return iso3


def known_as(text: str, scheme: Scheme | None = None) -> str:
    """Return the ISO3 of a code or name as `find` does; empty, and at once, where nothing matches.

    Examples
    --------
    >>> known_as("niger"), known_as("Germny")
    ('NER', '')
    """
    for candidate in (scheme,) if scheme else ("iso3", "iso2", "name"):
        known, key = (_names(), _squeezed(text)) if candidate == "name" else (crosswalk(candidate), text.strip())
        if key in known:
            return known[key]
    return ""


@cache
def _names() -> Mapping[str, str]:
    return {_squeezed(name): iso3 for name, iso3 in crosswalk("name").items()}


def _squeezed(name: str) -> str:
    return " ".join(normalize("NFC", name).split()).rstrip("* ").casefold()


def _unknown(text: str, scheme: Scheme | None) -> UnknownNameError:
    """Build the error that suggests the areas whose name, or code of any scheme, is nearest to ``text``."""
    from difflib import get_close_matches

    key = _squeezed(text)
    # Names come last: where a name reads like another area's code, the name is what was meant.
    schemes: tuple[Scheme, ...] = ("oecd", "eurostat", "iso2", "iso3", "name")
    nearest = {_squeezed(written): iso3 for spelling in schemes for written, iso3 in crosswalk(spelling).items()}
    partial = [name for name in _names() if len(key) > 3 and key in name]
    likely = [nearest[match] for match in [*get_close_matches(key, nearest, n=4, cutoff=0.75), *partial[:4]]]
    coded: Scheme = "iso3" if scheme in (None, "name") else scheme
    shown = [
        f"{_by_iso3()[iso3].name} ({written[0]})"
        for iso3 in dict.fromkeys(likely)
        if (written := _written(_by_iso3()[iso3], coded))
    ]
    allowed = "an ISO 3166-1 code (alpha-3, alpha-2) or a name"
    if scheme:
        allowed = "an area's name" if scheme == "name" else f"an area's {scheme} code"
    return UnknownNameError(
        f"unknown area {text!r}", allowed=allowed, hint=f"did you mean {' or '.join(shown)}?" if shown else ""
    )


@cache
def _groups() -> Mapping[str, tuple[str, ...]]:
    names = sorted({name for area in areas() for name in area.groups})
    return {name: tuple(area.iso3 for area in areas() if name in area.groups) for name in names}


def group(name: str) -> tuple[str, ...]:
    """Return the ISO3 codes of a group, sorted.

    The groups: ``eu27`` (from 2020), ``eu28`` (2013-2020), ``efta``, ``oecd`` (38 members), ``un-desa`` (areas of
    International Migrant Stock 2020), ``meta-origins`` (origins for which Meta has a "Lived in" behaviour),
    ``meta-destinations`` (areas Meta answered for in public recordings of 2017-2022).

    Raises
    ------
    UnknownNameError
        There is no such group; the message lists them.

    Examples
    --------
    >>> group("efta")
    ('CHE', 'ISL', 'LIE', 'NOR')
    """
    try:
        return _groups()[name]
    except KeyError:
        raise UnknownNameError(f"unknown group {name!r}", allowed=", ".join(_groups())) from None


def expand(entries: Iterable[str], places: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """Return the codes that codes, names and groups stand for, in order and without repetition.

    A leading ``-`` takes an entry away from the whole, wherever it stands.

    Parameters
    ----------
    entries
        Codes, names and groups of countries; codes and names of places.
    places
        Names of places by their codes; none unless given.

    Raises
    ------
    UnknownNameError
        An entry is neither an area nor a group.

    Examples
    --------
    >>> expand(["Norway", "efta", "-LI", "-CHE"])
    ('NOR', 'ISL')
    >>> expand(["Norway", "Bavaria"], {"DE-BY": "Bavaria"})
    ('NOR', 'DE-BY')
    >>> expand(["Bavaira"], {"DE-BY": "Bavaria"})
    Traceback (most recent call last):
    smstock.errors.UnknownNameError: unknown area 'Bavaira'
      allowed: an ISO 3166-1 code (alpha-3, alpha-2) or a name, or a group: ...
      next:    did you mean Bavaria (DE-BY)?
    """
    places = places or {}
    by_name = _by_name(places)
    members: dict[str, None] = {}
    removed: set[str] = set()
    for entry in map(str.strip, entries):
        if entry.startswith("-"):
            removed.update(_members(entry[1:].strip(), places, by_name))
        else:
            members.update(dict.fromkeys(_members(entry, places, by_name)))
    return tuple(code for code in members if code not in removed)


def _members(entry: str, places: Mapping[str, str], by_name: Mapping[str, str]) -> tuple[str, ...]:
    if entry in places:
        return (entry,)
    if place := by_name.get(_squeezed(entry)):
        if country := known_as(entry):
            raise UnknownNameError(
                f"{entry!r} is the name of a country and of a place of the query",
                allowed=f"{country} (the country) or {place} (the place)",
                hint="write the code",
            )
        return (place,)
    if entry in _groups():
        return group(entry)
    try:
        return (find(entry),)
    except UnknownNameError as error:
        error.allowed += f", or a group: {', '.join(_groups())}"
        if places:
            error.allowed += ", or a place or a set of places of the query"
        error.hint = nearest_place(entry, places) or error.hint
        raise


def nearest_place(text: str, places: Mapping[str, str]) -> str:
    """Return the question which of some places was meant by a name, a part of one, or a code; empty if none is near.

    Parameters
    ----------
    places
        Names of places by their codes.

    Examples
    --------
    >>> places = {"DE-BY": "Bavaria", "ES-X9": "Numantian Community"}
    >>> nearest_place("Bavaira", places), nearest_place("Numantia", places), nearest_place("Atlantis", places)
    ('did you mean Bavaria (DE-BY)?', 'did you mean Numantian Community (ES-X9)?', '')
    """
    from difflib import get_close_matches

    key, by_name = _squeezed(text), _by_name(places)
    candidates = by_name | {code.casefold(): code for code in places}
    partial = [name for name in sorted(by_name, key=len) if len(key) > 3 and key in name]
    for likely in [*get_close_matches(key, candidates, n=1, cutoff=0.75), *partial][:1]:
        return f"did you mean {places[candidates[likely]]} ({candidates[likely]})?"
    return ""


def _by_name(places: Mapping[str, str]) -> dict[str, str]:
    return {_squeezed(name): code for code, name in places.items()}
