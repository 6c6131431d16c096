"""Location quotients: how many times as common a category is among the members of a corridor as among others."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    from smstock.skills.shares import Shares

    Numbers = npt.NDArray[np.float64]

_CELL: Final = ("destination", "sex", "dimension", "category")


def against_everybody(shares: Shares) -> Shares:
    """Return each share over that of all members at the destination, in draws; 1 is as common.

    Missing where either is missing or its count below the floor, and for everybody themselves. All members include
    those of the corridor.

    Parameters
    ----------
    shares
        Shares of corridors, and of everybody at their destinations.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from smstock.skills.shares import Shares
    >>> table = pd.DataFrame({"origin": ["", "ROU"], "lower": 1.0}).assign(destination="DEU", sex="all",
    ...     dimension="seniority", category="entry")
    >>> against_everybody(Shares(table, np.array([[0.2, 0.3]]))).draws.round(2).tolist()
    [[nan, 1.5]]
    """
    table, observed = shares.table, _above_floor(shares)
    everybody = (table["origin"] == "").to_numpy()
    cells = list(zip(*(table[name] for name in _CELL), strict=True))
    place = {
        cell: number for number, (cell, is_everybody) in enumerate(zip(cells, everybody, strict=True)) if is_everybody
    }
    column = np.array([place.get(cell, -1) for cell in cells])
    quotients = np.where((column >= 0) & ~everybody, observed / observed[:, column], np.nan)
    return replace(shares, draws=quotients)


def against_other_origins(shares: Shares) -> Shares:
    """Return each share over that of all other origins of the destination taken together, in draws.

    Other origins weigh by their members. The quotient is missing for everybody, for a count below the floor, and where
    no other origin has a share. A category below the floor at another origin weighs with its believed share.

    Parameters
    ----------
    shares
        Shares of corridors.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from smstock.skills.shares import Shares
    >>> table = pd.DataFrame({"origin": ["BGR", "POL", "ROU"], "lower": 1.0, "size": [100.0, 300.0, 50.0]}).assign(
    ...     destination="DEU", sex="all", dimension="seniority", category="entry")
    >>> against_other_origins(Shares(table, np.array([[0.1, 0.3, 0.5]]))).draws.round(2).tolist()
    [[0.3, 1.29, 2.0]]
    """
    table, observed = shares.table, _above_floor(shares)
    quotients = np.full(shares.draws.shape, np.nan)
    migrants = table[table["origin"] != ""]
    for rows in migrants.groupby(list(_CELL), sort=False).indices.values():
        places = migrants.index.to_numpy()[rows]
        part, size = shares.draws[:, places], table["size"].to_numpy(dtype=float)[places]
        size = np.where(np.isfinite(part).all(axis=0) & np.isfinite(size), size, 0.0)
        mass = np.where(size > 0, part, 0.0) * size
        people = size.sum() - size
        share_of_others = (mass.sum(axis=1, keepdims=True) - mass) / np.where(people > 0, people, np.nan)
        quotients[:, places] = observed[:, places] / share_of_others
    return replace(shares, draws=quotients)


def _above_floor(shares: Shares) -> Numbers:
    """Return the draws, missing where the count is below the floor."""
    observed: Numbers = np.where((shares.table["lower"] > 0).to_numpy(), shares.draws, np.nan)
    return observed
