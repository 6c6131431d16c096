"""Languages of accounts in a simulated world: which language migrants and natives use the platform in.

::

    natives(d)     = users(d) - accounts of migrants: in the languages of d
    migrants(d, o) = accounts of persons from o: a share in the languages of o, others in those of d

Accounts of persons are without label errors. Origins are those of the world and, since a language needs no category,
every other state where a language of `smstock.platforms.meta.locales` is spoken. Their stocks are drawn by a generator
of their own, from the people of the world, which is the same with languages and without. Of several languages of a
state that which stands for it is used four times as often as each other one.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import numpy as np

from smstock.platforms.meta import locales as known_locales
from smstock.sandbox.simulation import corridors

if TYPE_CHECKING:
    from smstock.sandbox.world import Numbers, World

KEPT: Final = 0.5
"""Logit of the share of migrants that use a language of their origin, in the middle of all corridors."""
KEPT_SD: Final = 0.5
"""Standard deviation of that logit over origins, and over the corridors of one."""
_OWN: Final = 4.0


@dataclass(frozen=True, eq=False)
class Languages:
    """Languages in a world.

    Parameters
    ----------
    world
        The world without label errors and with further origins: its labels are accounts of persons.
    kept
        Share that uses a language of the origin: areas, origins.
    """

    world: World
    kept: Numbers

    def natives(self, locales: frozenset[int]) -> Numbers:
        """Return the share of natives that use any of some languages: areas."""
        return np.array([_share(area, locales) for area in self.world.areas])

    def migrants(self, locales: frozenset[int]) -> Numbers:
        """Return the share of the accounts of migrants that use any of some languages: areas, origins."""
        of_origins = np.array([_share(origin, locales) for origin in self.world.origins])
        share: Numbers = self.kept * of_origins + (1 - self.kept) * self.natives(locales)[:, None]
        return share


@lru_cache(maxsize=2)
def of(world: World) -> Languages:
    """Return the languages of a world; the same world has the same ones.

    Examples
    --------
    >>> import numpy as np
    >>> from smstock.sandbox.simulation import simulate
    >>> languages = of(simulate(np.random.default_rng(1), areas=("AUT", "UKR"), origins=("SRB",)))
    >>> languages.world.origins, languages.migrants(frozenset({52})).shape
    (('SRB', 'AUT', 'UKR'), (3, 3))
    """
    spoken = {state for locale in known_locales.known() for state in locale.spoken_in}
    further = tuple(area for area in world.areas if area in spoken and area not in world.origins)
    rng = np.random.default_rng(zlib.crc32(world.population.tobytes()))
    origins = (*world.origins, *further)
    shape = (len(world.areas), len(origins))
    drawn = corridors(rng, world.parameters, world, further)
    logit = KEPT + rng.normal(0, KEPT_SD, shape[1]) + rng.normal(0, KEPT_SD, shape)
    return Languages(
        replace(
            world,
            parameters=replace(world.parameters, label_level=0.0, breaks=()),
            origins=origins,
            stock=np.concatenate([world.stock, drawn.stock], axis=2),
            women=np.concatenate([world.women, drawn.women], axis=1),
            schedule=np.concatenate([world.schedule, drawn.schedule], axis=1),
            origin_bias=np.zeros(shape[1]),
            destination_bias=np.zeros(shape[0]),
            corridor_bias=np.zeros(shape),
            gender_gap=np.zeros(shape[1]),
            breaks=np.zeros((0, *shape)),
            noise=np.broadcast_to(0.0, (world.parameters.months, *shape)),
        ),
        1 / (1 + np.exp(-logit)),
    )


@lru_cache(maxsize=4096)
def _share(state: str, locales: frozenset[int]) -> float:
    """Return the share of those who use a language of a state that use one of some languages."""
    spoken = [locale for locale in known_locales.known() if state in locale.spoken_in]
    weights = {locale.number: _OWN if locale.origin == state else 1.0 for locale in spoken}
    return sum(weight for number, weight in weights.items() if number in locales) / (sum(weights.values()) or 1.0)
