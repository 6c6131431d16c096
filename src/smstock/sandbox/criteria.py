"""Targeting criteria as the simulated LinkedIn reads them, and how many members they hold."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from smstock.platforms.linkedin import targeting
from smstock.platforms.linkedin.catalogue import AGE_RANGES, LONGEST_EXPERIENCE, OF_DIMENSION, PREFIX, geos
from smstock.sandbox.cities import City, by_code
from smstock.sandbox.entities import ENTITIES, EXCLUSIVE, geo, schools, urn
from smstock.sandbox.members import AGES, KNOWN_AGE, KNOWN_SEX
from smstock.vocabulary import countries

if TYPE_CHECKING:
    from collections.abc import Mapping

    from smstock.sandbox.members import Members
    from smstock.sandbox.world import Numbers

_DIMENSION: Final = {facet.name: dimension for dimension, facet in OF_DIMENSION.items()}
_LOCATIONS: Final = ("profileLocations", "locations")
_VISITORS: Final = 1.04
"""Members at a place who live there or were there recently, over those who live there."""


class LinkedInError(Exception):
    """A refusal by the simulated platform: part of what it simulates, not a fault of smstock.

    Parameters
    ----------
    message, code
        As in the body; ``code`` is a word of the campaign resources or the number of the service.
    status
        HTTP status.
    """

    def __init__(self, message: str, code: str | int = 0, status: int = 400) -> None:
        super().__init__(message)
        self.status = status
        name = "code" if isinstance(code, str) else "serviceErrorCode"
        self.content: dict[str, Any] = {"message": message, name: code, "status": status}


@dataclass(frozen=True)
class Criteria:
    """Whom criteria ask for; an empty part asks for everybody.

    Parameters
    ----------
    areas
        Where they live, countries and codes of their regions and cities; ``recent``: or were recently.
    schools, without_schools
        Any of the ones, none of the others.
    languages
        Areas of whose languages the interface is.
    sexes, ages
        As LinkedIn knows them.
    having
        Dimension and numbers of entities, any of them; each pair has to hold.
    """

    areas: frozenset[str]
    recent: bool = False
    schools: frozenset[str] = frozenset()
    without_schools: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    sexes: frozenset[str] = frozenset()
    ages: frozenset[str] = frozenset()
    having: tuple[tuple[str, frozenset[int]], ...] = field(default=())


def read(spec: Any, *, withdrawn: frozenset[str] | set[str] = frozenset()) -> Criteria:
    """Return whom criteria ask for.

    Parameters
    ----------
    spec
        The record that was sent.
    withdrawn
        Entities that the platform no longer has.

    Raises
    ------
    LinkedInError
        The platform would not answer the criteria, or does not have something they name.

    Examples
    --------
    >>> clause = {"or": {"urn:li:adTargetingFacet:profileLocations": ["urn:li:geo:101282230"]}}
    >>> sorted(read({"include": {"and": [clause]}}).areas)
    ['DEU']
    """
    try:
        clauses = [_clause(clause) for clause in spec["include"]["and"]]
        excluded = _clause(spec["exclude"]) if "exclude" in spec else {}
        conflicts = targeting.conflicts(spec)
    except (KeyError, TypeError, AttributeError):
        raise LinkedInError("Invalid query parameters passed to request") from None
    if conflicts:
        raise LinkedInError(conflicts[0], "INCOMPATIBLE_TARGETING_COMBINATION")
    for entity in (name for facets in (*clauses, excluded) for names in facets.values() for name in names):
        if entity in withdrawn:
            raise LinkedInError(f"{entity} is not valid", "INVALID_VALUE_FOR_FIELD")
    if set(excluded) - {"schools"} or any(len(facets) != 1 for facets in clauses):
        raise LinkedInError("the simulated LinkedIn takes one facet a clause, and excludes schools only")
    return _asked([next(iter(facets.items())) for facets in clauses], excluded)


def _clause(content: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return the facets of an object of criteria by their short names."""
    facets = {facet.removeprefix(PREFIX): entities for facet, entities in content["or"].items()}
    if not all(isinstance(entities, list) for entities in facets.values()):
        raise TypeError
    return facets


def _asked(clauses: list[tuple[str, list[str]]], excluded: Mapping[str, list[str]]) -> Criteria:
    parts: dict[str, frozenset[str]] = {}
    having = []
    for facet, entities in clauses:
        if facet in _DIMENSION:
            having.append((_DIMENSION[facet], _numbers(_DIMENSION[facet], entities)))
        elif facet in parts:
            raise LinkedInError(f"the simulated LinkedIn takes {facet} once")
        else:
            parts[facet] = frozenset(_known(facet, entity) for entity in entities)
    located = [facet for facet in _LOCATIONS if facet in parts]
    if not located:
        raise LinkedInError("a location is required", "INVALID_VALUE_FOR_FIELD")
    return Criteria(
        areas=parts[located[0]],
        recent=located[0] == "locations",
        schools=parts.get("schools", frozenset()),
        without_schools=frozenset(_known("schools", entity) for entity in excluded.get("schools", [])),
        languages=parts.get("interfaceLocales", frozenset()),
        sexes=parts.get("genders", frozenset()),
        ages=parts.get("ageRanges", frozenset()),
        having=tuple(having),
    )


def _known(facet: str, entity: str) -> str:
    """Return what an entity stands for: an area, a school, a sex, a range of ages; refuse one that there is not."""
    number = entity.rpartition(":")[2]
    match facet:
        case "profileLocations" | "locations":
            name = located().get(entity, "")
        case "interfaceLocales":
            name = next((area.iso3 for area in countries.areas() if area.iso2 and area.iso2 == number[-2:]), "")
        case "schools":
            name = entity if entity.startswith("urn:li:organization:") and number.isdecimal() else ""
        case "genders":
            name = number.lower() if number in ("FEMALE", "MALE") else ""
        case "ageRanges":
            name = next((ages for ages, written in AGE_RANGES.items() if written == number), "")
        case _:
            name = ""
    if not name:
        raise LinkedInError(f"{facet}: {entity} is not valid", "INVALID_VALUE_FOR_FIELD")
    return name


def _numbers(dimension: str, entities: list[str]) -> frozenset[int]:
    """Return the numbers of entities; two years of experience are the ends of a range."""
    of_urn = {urn(dimension, number): number for number in ENTITIES[dimension]}
    if unknown := [entity for entity in entities if entity not in of_urn]:
        raise LinkedInError(f"{unknown[0]} is not valid", "INVALID_VALUE_FOR_FIELD")
    numbers = sorted(of_urn[entity] for entity in entities)
    if dimension == "experience":
        if len(numbers) > 2:
            raise LinkedInError("yearsOfExperienceRanges takes two values", "INVALID_VALUE_FOR_FIELD")
        return frozenset(range(numbers[0], min(numbers[-1], LONGEST_EXPERIENCE) + 1))
    return frozenset(numbers)


def count(members: Members, asked: Criteria, month: str) -> int:
    """Return how many members criteria hold in a month (``YYYY-MM``): whole members, rounded down.

    Examples
    --------
    >>> import numpy as np
    >>> from smstock.sandbox.members import simulate_members
    >>> from smstock.sandbox.simulation import simulate
    >>> world = simulate(np.random.default_rng(1), areas=("DEU",), origins=("ROU",))
    >>> members = simulate_members(np.random.default_rng(1), world)
    >>> everybody = Criteria(frozenset({"DEU"}))
    >>> schooled = Criteria(frozenset({"DEU"}), schools=frozenset(schools("ROU")))
    >>> 0 < count(members, schooled, "2026-11") < count(members, everybody, "2026-11")
    True
    """
    share = _living(members, asked.areas, month) * _schooled(members, asked)
    share = share * _speaking(members, asked) * _aged(members, asked)
    for dimension, numbers in asked.having:
        share = share * having(members, dimension, numbers)
    accounts = float(np.sum(members.number(month) * share)) * (_VISITORS if asked.recent else 1.0)
    # Sums that are equal on paper differ in the last digit when they were added up in another order.
    return math.floor(round(accounts, 6))


@cache
def located() -> dict[str, str]:
    """Return the country, region or city of each location: URN -> code.

    Examples
    --------
    >>> located()["urn:li:geo:101282230"], located()["urn:li:geo:990003847"], located()["urn:li:geo:999300053"]
    ('DEU', 'US-CA', 'ES-MD-1')
    """
    return {geo: area for area, geo in geos().items()} | {geo(part): part.code for part in by_code().values()}


def part_of_group(members: Members, code: str, month: str) -> tuple[int, Numbers] | None:
    """Return the place of the country of a region or city in the world, and the share of each group that lives there.

    Groups are origins and the home-schooled; None where the world has no such place.

    Examples
    --------
    >>> import numpy as np
    >>> from smstock.sandbox.members import simulate_members
    >>> from smstock.sandbox.simulation import simulate
    >>> world = simulate(np.random.default_rng(1), areas=("ESP",), origins=("ROU",))
    >>> place, shares = part_of_group(simulate_members(np.random.default_rng(1), world), "ES-MD", "2026-11")
    >>> world.areas[place], shares.shape
    ('ESP', (2,))
    """
    part = by_code().get(code)
    if part is None or part.country not in members.world.areas:
        return None
    shares = [*(part.share_of(origin, month) for origin in members.world.origins), part.share]
    return members.world.areas.index(part.country), np.array(shares)


def _living(members: Members, codes: frozenset[str], month: str) -> Numbers:
    """Return the share of each group that lives in any of some countries, regions and cities: areas, groups.

    What lies in another one of them counts once.
    """
    share = np.zeros(members.tertiary.shape)
    for place, area in enumerate(members.world.areas):
        if area in codes:
            share[place] = 1.0
    for code in sorted(codes):
        part = by_code().get(code)
        within = part and {part.country, *((part.region.code,) if isinstance(part, City) else ())}
        if within and not within & codes and (inside := part_of_group(members, code, month)):
            share[inside[0]] += inside[1]
    return share


def having(members: Members, dimension: str, numbers: frozenset[int]) -> Numbers:
    """Return the share of members who have any of some entities of a dimension: areas, origins and home-schooled.

    Examples
    --------
    >>> import numpy as np
    >>> from smstock.sandbox.members import simulate_members
    >>> from smstock.sandbox.simulation import simulate
    >>> world = simulate(np.random.default_rng(1), areas=("DEU",), origins=("ROU",))
    >>> members = simulate_members(np.random.default_rng(1), world)
    >>> having(members, "experience", frozenset(range(1, 13))).round(6).tolist()
    [[0.92, 0.92], [0.92, 0.92]]
    """
    places = [place for place, number in enumerate(ENTITIES[dimension]) if number in numbers]
    shares = members.shares[dimension][:, :, places]
    share: Numbers = shares.sum(axis=-1) if dimension in EXCLUSIVE else 1 - (1 - shares).prod(axis=-1)
    return share


def _schooled(members: Members, asked: Criteria) -> Numbers | float:
    """Return the share of each group with any of the schools and none of the others.

    A member has one school of the country of origin, and perhaps one of the destination, independently.
    """
    if not asked.schools and not asked.without_schools:
        return 1.0

    world = members.world
    named, excluded = (
        np.array([_held(members, place, names) for place in range(len(world.areas))])
        for names in (asked.schools - asked.without_schools, asked.without_schools)
    )
    home = [world.areas.index(origin) for origin in world.origins]
    first_in = np.concatenate([np.tile(named[home], (len(named), 1)), named[:, None]], axis=1)
    first_out = np.concatenate([np.tile(excluded[home], (len(named), 1)), excluded[:, None]], axis=1)
    second_in, second_out = members.local * named[:, None], members.local * excluded[:, None]
    spared = (1 - first_out) * (1 - second_out)
    if not asked.schools:
        everybody_else: Numbers = spared
        return everybody_else
    neither: Numbers = (1 - first_out - first_in) * (1 - second_out - second_in)
    share: Numbers = spared - neither
    return share


def _held(members: Members, place: int, names: frozenset[str]) -> float:
    """Return the share of those schooled in an area whose school is among some."""
    listed = schools(members.world.areas[place])
    return float(sum(share for name, share in zip(listed, members.schools[place], strict=False) if name in names))


def _speaking(members: Members, asked: Criteria) -> Numbers | float:
    if not asked.languages:
        return 1.0

    world = members.world
    local = np.array([area in asked.languages for area in world.areas], dtype=float)[:, None]
    origin = np.array([area in asked.languages for area in world.origins], dtype=float)
    brought = np.concatenate([np.tile(origin, (len(local), 1)), local], axis=1)
    share: Numbers = members.language * brought + (1 - members.language) * local
    return share


def _aged(members: Members, asked: Criteria) -> Numbers | float:
    share: Numbers | float = 1.0
    if asked.sexes:
        women, men = members.women * ("female" in asked.sexes), (1 - members.women) * ("male" in asked.sexes)
        share = KNOWN_SEX * (women + men)
    if asked.ages:
        places = [place for place, ages in enumerate(AGES) if ages in asked.ages]
        share = share * KNOWN_AGE * members.ages[:, :, places].sum(axis=-1)
    return share
