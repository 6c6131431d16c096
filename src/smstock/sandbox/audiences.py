"""Exact counts of accounts for a targeting spec, before the platform rounds them.

Every account has one sex, one age, one education and one relationship status, one kind of location, and the label of
one origin or of none; so that categories joined by OR add up, and two origins joined by AND are nobody.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from smstock.sandbox import shares
from smstock.sandbox.graph_error import invalid
from smstock.sandbox.world import SEXES, YOUNGEST_ACCOUNT
from smstock.vocabulary.facets import FOREIGN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smstock.sandbox.targeting import AnyOf, Target
    from smstock.sandbox.world import Numbers, World
    from smstock.vocabulary.facets import Ages


def count(world: World, target: Target, month: str) -> int:
    """Return how many accounts a target holds in a month (``YYYY-MM``): whole accounts, rounded down.

    A target within another one never holds more accounts. A share of a cell is the same share of each part of it.

    Raises
    ------
    GraphError
        The world has no such area, or none of the migrants of an origin.

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
    everywhere = () if target.regions else world.areas
    places = _places(world.areas, target.areas or everywhere, "area")
    sexes = [SEXES.index(sex) for sex in target.sexes]
    accounts = float(users(world, month, places, target.ages)[:, sexes].sum())
    countries = _places(world.areas, tuple(region.country for region in target.regions), "area")
    in_regions = users(world, month, countries, target.ages)[:, sexes].sum(axis=1)
    accounts += float(in_regions @ np.array([region.share for region in target.regions]))
    if target.groups:
        labelled = labels(world, month, places, target.ages)[:, :, sexes].sum(axis=(0, 2))
        parts = [[region.accounts_of(origin) for origin in world.origins] for region in target.regions]
        of_countries = labels(world, month, countries, target.ages)[:, :, sexes].sum(axis=2)
        labelled += (of_countries * np.array(parts).reshape(of_countries.shape)).sum(axis=0)
        accounts = float(
            np.append(labelled, max(accounts - labelled.sum(), 0.0)) @ _share_by_origin(world.origins, target.groups)
        )
    # Sums that are equal on paper differ in the last digit when they were added up in another order.
    return math.floor(round(accounts * target.share, 6))


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
