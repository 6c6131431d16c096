"""What is true of the members of a simulated LinkedIn: highly skilled, members, and their shares by dimension."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from smstock.sandbox.criteria import part_of_group
from smstock.sandbox.entities import ENTITIES, urn

if TYPE_CHECKING:
    from collections.abc import Iterable

    from smstock.sandbox.members import Members


def profiles(
    members: Members, month: str, *, destinations: Iterable[str] = (), origins: Iterable[str] = ()
) -> pd.DataFrame:
    """Return the true profile of each corridor, and of the home-schooled, a row for each entity of each dimension.

    Columns: destination, origin (the country itself: the home-schooled), highly_skilled and members (persons and
    accounts of the group), women (share of members), dimension, entity (URN), name, share (of the members).

    Parameters
    ----------
    members
        The members of a world.
    month
        ``YYYY-MM``.
    destinations, origins
        ISO 3166-1 alpha-3 codes, and codes of regions and cities as destinations; all countries of the world if left
        out. Who lives in a part of a country differs in number by origin, and in nothing else.

    Examples
    --------
    >>> import numpy as np
    >>> from smstock.sandbox.members import simulate_members
    >>> from smstock.sandbox.simulation import simulate
    >>> world = simulate(np.random.default_rng(1), areas=("DEU",), origins=("SRB",))
    >>> table = profiles(simulate_members(np.random.default_rng(1), world), "2026-11", destinations=["DEU"])
    >>> experience = table[(table["dimension"] == "experience") & (table["origin"] == "SRB")]
    >>> float(round(experience["share"].sum(), 6)), len(experience)
    (0.92, 12)
    """
    world = members.world
    skilled, number = members.highly_skilled(month), members.number(month)
    chosen, of_origins = list(destinations) or list(world.areas), list(origins) or list(world.origins)
    rows = []
    for destination in chosen:
        part = part_of_group(members, destination, month)
        place, inside = part or (world.areas.index(destination), np.ones(len(world.origins) + 1))
        area = world.areas[place]
        for origin in (*(abroad for abroad in of_origins if abroad != area), area):
            group = -1 if origin == area else world.origins.index(origin)
            of_group = {
                "destination": destination,
                "origin": origin,
                "highly_skilled": float(skilled[place, group] * inside[group]),
                "members": float(number[place, group] * inside[group]),
                "women": float(members.women[place, group]),
            }
            for dimension, entities in ENTITIES.items():
                shares = members.shares[dimension][place, group]
                rows += [
                    of_group
                    | {"dimension": dimension, "entity": urn(dimension, entity), "name": name, "share": float(share)}
                    for (entity, (name, _)), share in zip(entities.items(), shares, strict=True)
                ]
    return pd.DataFrame(rows)
