"""Members of a simulated LinkedIn: where they were schooled, where they live, what they do, all of it known.

For destination d, origin o and month t::

    members(t, d, o) = stock(t, d, o) x tertiary(d, o) x joined(d, o)
    members(t, d, d) = population(t, d) x tertiary(d, d) x joined(d, d)

Only the highly skilled are members: ``tertiary`` is their share of a stock, ``joined`` the share of these who are
members, between that of the destination and that of the origin. What a member has of one dimension is independent of
the others, given destination and origin, and of sex and age.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from smstock.sandbox.entities import ENTITIES, EXCLUSIVE, IN_SCHOOLS, SCHOOLS

if TYPE_CHECKING:
    from collections.abc import Callable

    from smstock.sandbox.world import Numbers, World

AGES: Final = ("18-24", "25-34", "35-54", "55+")
"""The axis of ages."""
KNOWN_SEX: Final = 0.9
KNOWN_AGE: Final = 0.97
"""Shares of members whose sex, and whose age, LinkedIn knows; ages are stated for nearly all."""
STATED: Final = 0.92
"""Share of members who state an entity of an exclusive dimension."""


@dataclass(frozen=True, eq=False)
class Members:
    """The members of a world. Axes follow its areas (destinations) and its origins with the home-schooled as last one.

    Parameters
    ----------
    world
        Stocks and populations.
    tertiary, joined
        Share of the highly skilled in a group, and of members among them.
    women
        Share of women.
    ages
        Share of each age range: areas, origins, `AGES`.
    local
        Share with a school of the destination too; 0 for the home-schooled.
    language
        Share who use the interface in the language of the origin; the others in that of the destination.
    schools
        Share of each school of an area among those schooled there: areas, schools.
    shares
        By dimension, the share of members with each entity: areas, origins, entities.
    """

    world: World
    tertiary: Numbers
    joined: Numbers
    women: Numbers
    ages: Numbers
    local: Numbers
    language: Numbers
    schools: Numbers
    shares: dict[str, Numbers]

    def persons(self, month: str) -> Numbers:
        """Return the persons of each group in a month: areas, origins and home-schooled."""
        world = self.world
        home = world.population.sum(axis=(1, 2)) * world.growth(month)
        groups: Numbers = np.concatenate([world.stock[world.month_number(month)], home[:, None]], axis=1)
        return groups

    def highly_skilled(self, month: str) -> Numbers:
        """Return the persons of each group with tertiary education: areas, origins and home-schooled."""
        return self.persons(month) * self.tertiary

    def number(self, month: str) -> Numbers:
        """Return the members of each group: areas, origins and home-schooled."""
        return self.highly_skilled(month) * self.joined


def simulate_members(rng: np.random.Generator, world: World) -> Members:
    """Return the members of a world; the same generator state and world give the same members.

    Examples
    --------
    >>> import numpy as np
    >>> from smstock.sandbox.simulation import simulate
    >>> world = simulate(np.random.default_rng(1), areas=("DEU",), origins=("ROU",))
    >>> members = simulate_members(np.random.default_rng(1), world)
    >>> members.number("2026-11").shape, members.shares["seniority"].shape
    ((2, 2), (2, 2, 10))
    """
    areas, groups = len(world.areas), len(world.origins) + 1
    home = [world.areas.index(origin) for origin in world.origins]

    def joined(level: Numbers) -> Numbers:
        """Mix destination and origin; the home-schooled are of their own area."""
        mixed = 0.6 * level[:, None] + 0.4 * level[home]
        return np.concatenate([mixed, level[:, None]], axis=1)

    def effects(size: float, *kinds: int) -> Numbers:
        """Draw effects of destination, origin and corridor."""
        drawn: Numbers = (
            rng.normal(0, size, (areas, 1, *kinds))
            + rng.normal(0, size, (1, groups, *kinds))
            + rng.normal(0, size / 2, (areas, groups, *kinds))
        )
        return drawn

    weights = rng.dirichlet(np.linspace(3, 1, SCHOOLS), areas) * IN_SCHOOLS
    local = _logistic(-1.1 + effects(0.3))
    local[:, -1] = 0
    age = np.exp(np.log([0.15, 0.33, 0.39, 0.13]) + effects(0.15, len(AGES)))
    return Members(
        world=world,
        tertiary=_logistic(-0.9 + effects(0.35)),
        joined=joined(_logistic(rng.normal(-0.3, 0.7, areas))),
        women=_logistic(-0.15 + effects(0.15)),
        ages=age / age.sum(axis=-1, keepdims=True),
        local=local,
        language=_logistic(0.2 + effects(0.4)),
        schools=weights,
        shares={dimension: _shares(dimension, effects) for dimension in ENTITIES},
    )


def _shares(dimension: str, effects: Callable[..., Numbers]) -> Numbers:
    """Draw the shares of the entities of a dimension around those of the whole."""
    base = np.array([share for _, share in ENTITIES[dimension].values()])
    drawn = effects(0.3, len(base))
    if dimension in EXCLUSIVE:
        weights = base * np.exp(drawn)
        share: Numbers = STATED * weights / weights.sum(axis=-1, keepdims=True)
        return share
    return _logistic(np.log(base / (1 - base)) + drawn)


def _logistic(numbers: Numbers) -> Numbers:
    share: Numbers = 1 / (1 + np.exp(-numbers))
    return share
