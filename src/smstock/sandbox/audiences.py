"""Exact counts of accounts for a targeting spec, before the platform rounds them.

Every account has one sex, one age, one education and one relationship status, one kind of location, one language, and
the label of one origin or of none; so that categories joined by OR add up, and two origins joined by AND are nobody.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from smstock.platforms.meta.rounding import FLOOR
from smstock.sandbox import languages, shares
from smstock.sandbox.cities import Within
from smstock.sandbox.graph_error import invalid, refused_spec
from smstock.sandbox.world import SEXES, YOUNGEST_ACCOUNT
from smstock.vocabulary.facets import FOREIGN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smstock.sandbox.regions import Part
    from smstock.sandbox.targeting import AnyOf, Target
    from smstock.sandbox.world import Numbers, World
    from smstock.vocabulary.facets import Ages


def count(world: World, target: Target, month: str) -> int:
    """Return how many accounts a target holds in a month (``YYYY-MM``): whole accounts, rounded down.

    A target within another one never holds more accounts. A share of a cell is the same share of each part of it.

    Raises
    ------
    GraphError
        The world has no such area, or none of the migrants of an origin; or fewer than the floor are in a circle
        (subcode 1885036; below what number Meta refuses one is not documented).

    Examples
    --------
    >>> import numpy as np
    >>> from smstock.sandbox.simulation import simulate
    >>> from smstock.sandbox.targeting import AnyOf, Target
    >>> from smstock.vocabulary.facets import Ages
    >>> world = simulate(np.random.default_rng(1), areas=("AUT",), origins=("SRB",))
    >>> everyone = Target(("AUT",), ("female", "male"), Ages(18))
    >>> serbs = Target(("AUT",), ("female", "male"), Ages(18), (AnyOf(origins=frozenset({"SRB"})),))
    >>> 0 < count(world, serbs, "2026-11") < count(world, everyone, "2026-11")
    True
    """
    asked = [(area, None) for area in target.areas] + [(place.country, place) for place in target.places]
    asked = asked or [(area, None) for area in world.areas]
    areas = _places(world.areas, tuple(area for area, _ in asked), "area")
    parts = [part for _, part in asked]
    sexes = [SEXES.index(sex) for sex in target.sexes]
    people = np.array([1.0 if part is None else part.share for part in parts])
    accounts = users(world, month, areas, target.ages)[:, sexes].sum(axis=1) * people
    for part, number in zip(parts, accounts, strict=True):
        if isinstance(part, Within) and part.city is None and number < FLOOR:
            raise refused_spec(1885036, "Too Few People", "Too few people are in a custom location.")
    using = np.ones((len(areas), len(world.origins)))
    if target.locales:
        accounts, using = _speaking(world, month, areas, target, parts)
    if target.groups:
        labelled = labels(world, month, areas, target.ages)[:, :, sexes].sum(axis=2)
        labelled = (labelled * using * _migrants(parts, world.origins, month)).sum(axis=0)
        groups = np.append(labelled, max(accounts.sum() - labelled.sum(), 0.0))
        accounts = groups @ _share_by_origin(world.origins, target.groups)
    # Sums that are equal on paper differ in the last digit when they were added up in another order.
    return math.floor(round(float(accounts.sum()) * target.share, 6))


def _migrants(parts: Sequence[Part | None], origins: Sequence[str], month: str) -> Numbers:
    """Return the share of a country's accounts with the label of each origin that are in each part of it."""
    return np.array(
        [[1.0 if part is None else part.accounts_of(origin, month) for origin in origins] for part in parts]
    )


def _speaking(
    world: World, month: str, areas: list[int], target: Target, parts: Sequence[Part | None]
) -> tuple[Numbers, Numbers]:
    """Return the accounts that use a language in each area or part of it, and the share of each origin that does."""
    sexes = [SEXES.index(sex) for sex in target.sexes]
    natives, migrants = speaking(world, month, areas, target.ages, target.locales)
    origins = languages.of(world).world.origins
    people = np.array([1.0 if part is None else part.share for part in parts])
    accounts = natives[:, sexes].sum(axis=1) * people
    accounts += (migrants[:, :, sexes].sum(axis=2) * _migrants(parts, origins, month)).sum(axis=1)
    return accounts, languages.of(world).migrants(target.locales)[areas, : len(world.origins)]


def speaking(
    world: World, month: str, areas: list[int], ages: Ages, locales: frozenset[int]
) -> tuple[Numbers, Numbers]:
    """Return accounts that use any of some languages: natives by area and sex, migrants by area, origin and sex.

    Areas by their place in the world, origins as in `smstock.sandbox.languages`.

    Examples
    --------
    >>> import numpy as np
    >>> from smstock.sandbox.simulation import simulate
    >>> from smstock.vocabulary.facets import Ages
    >>> world = simulate(np.random.default_rng(1), areas=("AUT", "UKR"), origins=("SRB",))
    >>> natives, migrants = speaking(world, "2026-11", [world.areas.index("AUT")], Ages(18), frozenset({52}))
    >>> float(natives.sum()), migrants.shape, bool(migrants.sum() > 0)
    (0.0, (1, 3, 2), True)
    """
    tongues = languages.of(world)
    accounts = labels(tongues.world, month, areas, ages)
    natives = np.maximum(users(world, month, areas, ages) - accounts.sum(axis=1), 0)
    return (
        natives * tongues.natives(locales)[areas, None],
        accounts * tongues.migrants(locales)[areas, :, None],
    )


def users(world: World, month: str, areas: Sequence[int], ages: Ages) -> Numbers:
    """Return all accounts of an age range by area and sex; areas by their place in the world.

    Examples
    --------
    >>> import numpy as np
    >>> from smstock.sandbox.simulation import simulate
    >>> from smstock.vocabulary.facets import Ages
    >>> users(simulate(np.random.default_rng(1), areas=("AUT",), origins=("SRB",)), "2026-11", [0, 1], Ages(18)).shape
    (2, 2)
    """
    first, last = _bounds(ages)
    below = world.users_below
    accounts: Numbers = (below[areas, :, last] - below[areas, :, first]) * world.growth(month)[areas, None]
    return accounts


def labels(world: World, month: str, areas: Sequence[int], ages: Ages) -> Numbers:
    """Return accounts with a label by area, origin and sex; areas by their place in the world.

    Examples
    --------
    >>> import numpy as np
    >>> from smstock.sandbox.simulation import simulate
    >>> from smstock.vocabulary.facets import Ages
    >>> labels(simulate(np.random.default_rng(1), areas=("AUT",), origins=("SRB",)), "2026-11", [0, 1], Ages(18)).shape
    (2, 1, 2)
    """
    first, last = _bounds(ages)
    rates = world.label_rates
    accounts: Numbers = (rates[areas, :, :, last] - rates[areas, :, :, first]) * world.labelled(month)[areas, :, None]
    return accounts


def _bounds(ages: Ages) -> tuple[int, int]:
    """Return the places of the two bounds of an age range; the last bound is above all ages."""
    first = max(ages.minimum - YOUNGEST_ACCOUNT, 0)
    return first, -1 if ages.maximum is None else max(ages.maximum - YOUNGEST_ACCOUNT + 1, 0)


def _places(among: tuple[str, ...], names: tuple[str, ...], what: str) -> list[int]:
    try:
        return [among.index(name) for name in names]
    except ValueError:
        missing = ", ".join(name for name in names if name not in among)
        raise invalid(f"the simulated world has no {what} {missing}") from None


@lru_cache(maxsize=4096)
def _share_by_origin(origins: tuple[str, ...], groups: tuple[AnyOf, ...]) -> Numbers:
    """Return the share of the accounts of each origin, and last of those without a label, that all groups hold."""
    statuses = np.outer(list(shares.EDUCATION.values()), list(shares.RELATIONSHIP.values()))
    held = np.ones((len(origins) + 1, *statuses.shape), dtype=bool)
    for group in groups:
        labelled = np.zeros(len(origins) + 1, dtype=bool)
        named = group.origins - {FOREIGN}
        labelled[_places(origins, tuple(named), "migrants from")] = True
        labelled[:-1] |= FOREIGN in group.origins
        education = np.array([status in group.education for status in shares.EDUCATION])
        relationship = np.array([status in group.relationship for status in shares.RELATIONSHIP])
        held &= labelled[:, None, None] | education[:, None] | relationship
    share: Numbers = held.reshape(len(held), -1) @ statuses.ravel()
    return share
