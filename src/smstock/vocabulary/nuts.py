"""NUTS, Eurostat's regions: which code belongs to the version of 2013, 2016, 2021 or 2024, and what became of it.

``nuts.csv``, beside this module, lists levels 1 and 2: the version in which a code began (empty: 2013 or before, or not
known, as of countries that are no members), the last that has it (empty: it goes on), and the codes of the next version
that took over its area, or a part of it. A code may go on while its borders move a little (Noord-Holland, NO02).

Where it is from: codes and names of 2024 from Eurostat/GISCO (NUTS_RG_60M_2024, level 2; CC BY 4.0), what ended from
Eurostat's correspondence tables and Regulations (EU) 2016/2066, 2019/1755 and 2023/674. Members of the EU, with the
United Kingdom until 2016, have 98 and 276 regions of levels 1 and 2 in 2013, 104 and 281 in 2016, 92 and 242 in 2021,
92 and 244 in 2024, as published.

A code of level 3 (``FR241``) belongs to the versions of the level-2 code that it begins with. NUTS writes Greece ``EL``
and the United Kingdom ``UK``, where ISO 3166 has ``GR`` and ``GB``.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from smstock.errors import QueryError, meant
from smstock.vocabulary import countries

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

VERSIONS: Final = ("2013", "2016", "2021", "2024")
"""Versions that are told apart, each valid until the next."""

_FORM: Final = re.compile(r"[A-Z]{2}[0-9A-Z]{1,3}")
_NO_REGION: Final = re.compile(r"[A-Z]{2}(?:Z{1,3}|X{1,3})")
_LEVEL_2: Final = 4  # characters of its codes
_MOST_NAMED: Final = 6


@dataclass(frozen=True)
class Region:
    """A code of level 1 or 2: its name, the versions that have it, and the codes that came after it."""

    code: str
    name: str
    first: str
    last: str
    became: tuple[str, ...]

    @property
    def versions(self) -> tuple[str, ...]:
        """The versions that have it."""
        return tuple(year for year in VERSIONS if self.first <= year <= (self.last or VERSIONS[-1]))


@cache
def regions() -> Mapping[str, Region]:
    """Return the regions of levels 1 and 2 of all versions, by code.

    Examples
    --------
    >>> regions()["DE21"].name, regions()["FR24"].became
    ('Oberbayern', ('FRB0',))
    """
    text = Path(__file__).with_name("nuts.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return MappingProxyType({row["code"]: Region(**row | {"became": tuple(row["became"].split())}) for row in rows})


def is_code(text: str) -> bool:
    """Return whether a text has the form of a code, with the letters of a country that has regions.

    A code of three letters is one only where it is listed: others are codes of countries, well or badly written.

    Examples
    --------
    >>> [is_code(text) for text in ("DE21", "ES300", "DEA", "EL30")], [is_code(text) for text in ("DEW", "GR30", "US1")]
    ([True, True, True, True], [False, False, False])
    """
    if text.isalpha() and len(text) == len("DEU"):
        return text in regions() and not countries.known_as(text, "iso3")
    return _FORM.fullmatch(text) is not None and text[:2] in _countries()


def is_extra(text: str) -> bool:
    """Return whether a code stands for what lies in no region of a country, or in an unknown one: ``DEZZ``, ``DEXX``.

    Examples
    --------
    >>> is_extra("DEZZ"), is_extra("ESZ"), is_extra("NOXX"), is_extra("DE21")
    (True, True, True, False)
    """
    return _NO_REGION.fullmatch(text) is not None and text[:2] in _countries()


def named(name: str) -> bool:
    """Return whether a region of level 1 or 2 has a name; several may have it (``Berlin``, ``Bremen``, ``Centru``).

    Examples
    --------
    >>> named("Oberbayern"), named("Atlantis")
    (True, False)
    """
    return name.casefold() in _names()


def versions(code: str) -> tuple[str, ...]:
    """Return the versions that have a code; none where it is not known.

    Examples
    --------
    >>> versions("FR24"), versions("FR241"), versions("FRB0"), versions("DE41")
    (('2013',), ('2013',), ('2016', '2021', '2024'), ())
    """
    region = regions().get(code[:_LEVEL_2])
    return region.versions if region else ()


def counterparts(code: str, version: str) -> tuple[str, ...]:
    """Return the codes of levels 1 and 2 that have the area of a code in another version, or a part of it.

    Examples
    --------
    >>> counterparts("FR24", "2024"), counterparts("HU10", "2016"), counterparts("PT1D", "2013")
    (('FRB0',), ('HU11', 'HU12'), ('PT16', 'PT18'))
    >>> counterparts("UKI3", "2024"), counterparts("DE21", "2013")
    ((), ('DE21',))
    """
    codes = [code[:_LEVEL_2]]
    for _ in VERSIONS:
        if all(version in versions(one) for one in codes):
            break
        codes = list(dict.fromkeys(other for one in codes for other in _next(one, version)))
    return tuple(one for one in codes if version in versions(one))


def check(codes: Collection[str], version: str = "") -> None:
    """Refuse a code of another version than the others, or than the one that is named.

    Parameters
    ----------
    codes
        Codes of areas; those of no country with regions, and those with a hyphen, are of no version.
    version
        One of `VERSIONS`; empty: any that has all of them.

    Raises
    ------
    QueryError
        There is no such version, it lacks a code, or no version has all of them.

    Examples
    --------
    >>> check(["DE21", "FRB0", "US-CA"], "2021")
    >>> check(["DE21", "FR24"], "2021")
    Traceback (most recent call last):
    smstock.errors.QueryError: FR24 (Centre) is of NUTS 2013, not of NUTS 2021
      allowed: FRB0 (Centre — Val de Loire), which has its area in NUTS 2021
      next:    write that, or the version of the codes: nuts = "2013"
    """
    if version and version not in VERSIONS:
        raise QueryError(f"there is no NUTS {version}", allowed=", ".join(f'"{year}"' for year in VERSIONS))
    of_nuts = [code for code in codes if is_code(code) and not is_extra(code)]
    for code in of_nuts if version else ():
        if version not in versions(code):
            raise _not_of(code, version)
    known = [code for code in of_nuts if versions(code)]
    if known and not set(VERSIONS).intersection(*map(versions, known)):
        ended = min(known, key=lambda code: versions(code)[-1])
        began = max(known, key=lambda code: versions(code)[0])
        raise QueryError(
            f"{in_words(ended)} is of NUTS {span(ended)}, and {in_words(began)} of NUTS {span(began)}",
            allowed="codes of one version",
            hint='name it: nuts = "2021" above the places; what to write for the others is said then',
        )


def in_words(code: str) -> str:
    """Return a code with the name of its region, if that is known.

    Examples
    --------
    >>> in_words("DE21"), in_words("DE212")
    ('DE21 (Oberbayern)', 'DE212')
    """
    return f"{code} ({regions()[code].name})" if code in regions() else code


def span(code: str) -> str:
    """Return the versions that have a code in words.

    Examples
    --------
    >>> span("FR24"), span("FRB0")
    ('2013', '2016 to 2024')
    """
    years = versions(code)
    return " to ".join(dict.fromkeys((years[0], years[-1]))) if years else "no version"


def _not_of(code: str, version: str) -> QueryError:
    """Return the error for a code that a version lacks: which has it, and what to write in its place."""
    years = versions(code)
    listed = [other for other in regions() if version in versions(other)]
    if not years:
        return QueryError(
            f"{code} is in no NUTS from {VERSIONS[0]} to {VERSIONS[-1]}",
            allowed="codes of NUTS; codes of one's own have a hyphen, such as DE-X1",
            hint=meant(code, listed),
        )
    others = counterparts(code, version)
    if not others:
        country = countries.area(countries.find(code[:2], "eurostat")).name
        return QueryError(
            f"{in_words(code)} is of NUTS {span(code)}, not of NUTS {version}",
            allowed=f"no code: NUTS {version} has no region of {country} there",
            hint=f'name the version of the codes: nuts = "{years[-1]}"',
        )
    has = "which has its area" if len(others) == 1 else "which have parts of its area"
    return QueryError(
        f"{in_words(code)} is of NUTS {span(code)}, not of NUTS {version}",
        allowed=f"{', '.join(map(in_words, others[:_MOST_NAMED]))}, {has} in NUTS {version}",
        hint=f'write {"that" if len(others) == 1 else "those"}, or the version of the codes: nuts = "{years[-1]}"',
    )


@cache
def _countries() -> frozenset[str]:
    """Return the letters of all countries that have regions."""
    return frozenset(code[:2] for code in regions())


@cache
def _names() -> frozenset[str]:
    return frozenset(region.name.casefold() for region in regions().values())


@cache
def _before() -> Mapping[str, tuple[str, ...]]:
    """Return the codes that a code came after."""
    before: dict[str, list[str]] = {}
    for region in regions().values():
        for code in region.became:
            before.setdefault(code, []).append(region.code)
    return {code: tuple(codes) for code, codes in before.items()}


def _next(code: str, version: str) -> tuple[str, ...]:
    """Return the codes that lead from one towards a version; itself where the version has it."""
    years = versions(code)
    if not years or version in years:
        return (code,)
    return regions()[code].became if version > years[-1] else _before().get(code, ())
