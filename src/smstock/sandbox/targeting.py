"""Targeting specs as the simulated platform understands them: the reverse of `smstock.platforms.meta.targeting`.

Grammar: Meta, basic and detailed targeting (19 February 2026). What the world does not have (interests, devices,
...) is refused as an invalid parameter, never ignored: an ignored part would be a wrong number.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from smstock.platforms.meta import catalogue, locales, rules
from smstock.platforms.meta.targeting import OPEN_AGE
from smstock.sandbox import shares
from smstock.sandbox.graph_error import GraphError, invalid, refused_spec
from smstock.sandbox.locations import Located, entries, located, overlap
from smstock.vocabulary.facets import FOREIGN, Ages

if TYPE_CHECKING:
    from collections.abc import Mapping

    from smstock.sandbox.regions import Part

_KEYS: Final = ("geo_locations", "age_min", "age_max", "genders", "locales", "flexible_spec", "publisher_platforms")
_GENDERS: Final = {0: ("female", "male"), 1: ("male",), 2: ("female",)}


@dataclass(frozen=True)
class AnyOf:
    """One object of ``flexible_spec``: accounts that have any of its attributes."""

    origins: frozenset[str] = frozenset()
    education: frozenset[int] = frozenset()
    relationship: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Target:
    """Whom a spec asks for: accounts in any of the areas, of any of the sexes, of the ages, with all of ``groups``.

    ``areas`` is empty for the whole world, unless ``places`` are asked, parts of countries. ``share`` is the share of
    accounts with its placements and location types; ``locales`` are keys of languages, any if there are none.
    """

    areas: tuple[str, ...]
    sexes: tuple[str, ...]
    ages: Ages
    groups: tuple[AnyOf, ...] = ()
    share: float = 1.0
    places: tuple[Part, ...] = ()
    locales: frozenset[int] = frozenset()


def read(
    spec: Mapping[str, Any], *, withdrawn: frozenset[str] | set[str] = frozenset(), refuse_location_types: bool = False
) -> Target:
    """Return whom a targeting spec asks for.

    Parameters
    ----------
    spec
        The spec as it was sent.
    withdrawn
        Origins whose category the platform no longer has.
    refuse_location_types
        Whether ``location_types`` is refused (subcode 1870199) instead of understood.

    Raises
    ------
    GraphError
        The platform would not answer the spec, or the world lacks something it names.

    Examples
    --------
    >>> target = read({"geo_locations": {"countries": ["AT"]}, "genders": [2], "age_min": 25, "locales": [52]})
    >>> target.areas, target.sexes, target.ages, target.locales
    (('AUT',), ('female',), Ages(minimum=25, maximum=None), frozenset({52}))
    """
    _only(spec, _KEYS, "targeting_spec")
    asked, kinds = _locations(spec.get("geo_locations"), refuse_location_types=refuse_location_types)
    ages = _ages(spec)
    groups = tuple(_group(group, withdrawn) for group in entries(spec, "flexible_spec"))
    languages = _some_of(spec, "locales", {locale.number: 1.0 for locale in locales.known()})
    if len(languages) > locales.MOST:
        raise invalid(f"locales: {len(languages)} are more than {locales.MOST}")
    adults = rules.ADULT | {"": max(rules.ADULT.values())}
    adult = max(adults.get(location.country, rules.ADULT_ELSEWHERE) for location in asked)
    if (groups or languages) and ages.minimum < adult:
        raise refused_spec(
            1870165,
            "Targeting Not Available",
            "Your audience contains targeting options that can no longer be used to target ads to people under 18"
            " globally, 20 in Thailand or 21 in Indonesia. Increase the minimum age or remove all targeting options"
            " apart from location, age and gender.",
        )
    placements = _some_of(spec, "publisher_platforms", shares.PLACEMENTS)
    return Target(
        areas=tuple(location.country for location in asked if location.country and location.part is None),
        sexes=_sexes(spec),
        ages=ages,
        groups=groups,
        share=shares.located(kinds) * shares.reached(placements),
        places=tuple(location.part for location in asked if location.part is not None),
        locales=languages,
    )


def _only(content: Mapping[str, Any], keys: tuple[str, ...], where: str) -> None:
    if "exclusions" in content:
        raise refused_spec(2446394, "Option Not Available", "Detailed targeting exclusions are no longer available.")
    unknown = [key for key in content if key not in keys]
    if unknown:
        raise invalid(f"{where}: {', '.join(unknown)} is not known here; known: {', '.join(keys)}")


def _some_of(content: Mapping[str, Any], key: str, known: Mapping[Any, float]) -> frozenset[Any]:
    """Return the values of a list, each of which has to be known."""
    values = entries(content, key)
    for value in values:
        if isinstance(value, bool) or not isinstance(value, int | str) or value not in known:
            raise invalid(f"{key}: {value!r} is not one of {', '.join(map(str, known))}")
    return frozenset(values)


def _locations(content: object, *, refuse_location_types: bool) -> tuple[tuple[Located, ...], frozenset[str]]:
    """Return the locations of a spec, none of which overlap, and the location types it asks for."""
    asked = located(content) if isinstance(content, dict) else ()
    if not isinstance(content, dict) or not asked:
        raise GraphError(
            "Your audience targeting is incomplete. Select at least one location, or choose a Custom Audience.",
            blamed="targeting",
        )
    if content.get("location_types") and refuse_location_types:
        raise refused_spec(
            1870199,
            "Location Types Not Available",
            "All location targeting will now reach people living in or recently in the locations you selected."
            " Please remove all values from the location_types field.",
        )
    if overlap(asked):
        raise refused_spec(
            1487756, "Locations Can't Be Used", "Some of your locations overlap. Try removing a location."
        )
    return asked, _some_of(content, "location_types", shares.LOCATION_TYPES)


def _ages(spec: Mapping[str, Any]) -> Ages:
    minimum, maximum = spec.get("age_min"), spec.get("age_max")
    minimum = rules.ADULT_ELSEWHERE if minimum is None else minimum
    maximum = OPEN_AGE if maximum is None else maximum
    if type(minimum) is not int or type(maximum) is not int or not rules.YOUNGEST <= minimum <= maximum <= OPEN_AGE:
        raise invalid(
            f"ages {minimum!r} to {maximum!r}: allowed are {rules.YOUNGEST} <= age_min <= age_max <= {OPEN_AGE}"
        )
    return Ages(minimum, None if maximum == OPEN_AGE else maximum)


def _sexes(spec: Mapping[str, Any]) -> tuple[str, ...]:
    genders = _some_of(spec, "genders", dict.fromkeys(_GENDERS, 1)) or {0}
    return tuple(sorted({sex for gender in genders for sex in _GENDERS[gender]}))


def _group(content: object, withdrawn: frozenset[str] | set[str]) -> AnyOf:
    if not isinstance(content, dict) or not any(content.values()):
        raise invalid("flexible_spec: every object names at least one option")
    _only(content, ("behaviors", "education_statuses", "relationship_statuses"), "flexible_spec")
    return AnyOf(
        origins=frozenset(_origin(behavior, withdrawn) for behavior in entries(content, "behaviors")),
        education=_some_of(content, "education_statuses", shares.EDUCATION),
        relationship=_some_of(content, "relationship_statuses", shares.RELATIONSHIP),
    )


def _origin(behavior: object, withdrawn: frozenset[str] | set[str]) -> str:
    identifier = str(behavior.get("id")) if isinstance(behavior, dict) else ""
    origin = _origins().get(identifier)
    if origin is None:
        raise invalid(f"behaviors: {identifier!r} is no category of people who lived in an origin")
    if origin in withdrawn:
        raise refused_spec(
            1487694,
            "Targeting Category No Longer Available",
            "The category you selected is no longer available. Remove it from your targeting.",
        )
    return origin


@cache
def _origins() -> dict[str, str]:
    return {category.behavior_id: category.origin for category in catalogue.lived_in()} | {
        catalogue.LIVES_ABROAD: FOREIGN
    }


def parse(text: str) -> dict[str, Any]:
    """Return the object of a ``targeting_spec`` parameter; raise `GraphError` if the text holds none.

    Examples
    --------
    >>> parse('{"age_min":18}')
    {'age_min': 18}
    """
    try:
        spec = json.loads(text)
    except (ValueError, RecursionError):
        spec = None
    if not isinstance(spec, dict):
        raise invalid("Param targeting_spec must be a JSON object")
    return spec
