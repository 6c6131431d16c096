"""Corridors of a country with itself: whoever lived in Germany and lives there came home, and is no migrant from it.

A platform answers such a question (in 2024 1,200 accounts "lived in Poland" in Poland). The answer stays a row of the
audience table. It is no audience of a corridor: nothing is learnt from it, and nothing is estimated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from smstock.tables import CORRIDOR_KEY
from smstock.vocabulary.places import country_of

if TYPE_CHECKING:
    import pandas as pd

OWN_COUNTRY: Final = "own_country"
"""Audience status of such a corridor in the corridor table."""
REASON: Final = "the destination is the origin: who lived there and lives there is no migrant, so nothing is estimated"
"""Why its row of an estimate is empty."""


def is_own(table: pd.DataFrame) -> np.ndarray:
    """Return which rows have a destination that is the origin, or a part of it.

    Examples
    --------
    >>> import pandas as pd
    >>> is_own(pd.DataFrame({"destination": ["DEU", "DE300", "AUT"], "origin": "DEU"})).tolist()
    [True, True, False]
    """
    destinations, origins = (table[end].to_numpy(dtype=object) for end in CORRIDOR_KEY)
    whole = {code: country_of(code) or code for code in set(destinations.tolist())}
    countries = np.array([whole[code] for code in destinations], dtype=object)
    own: np.ndarray = countries == origins
    return own


def abroad(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of corridors between two countries.

    Examples
    --------
    >>> import pandas as pd
    >>> abroad(pd.DataFrame({"destination": ["DEU", "AUT"], "origin": "DEU"}))["destination"].tolist()
    ['AUT']
    """
    own = is_own(table)
    return table[~own] if own.any() else table


def emptied(audience: pd.DataFrame) -> pd.DataFrame:
    """Return audiences of which those of a country with itself have no value, and say so as their status.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = {"destination": ["DEU"], "origin": ["DEU"], "value": [1200.0], "lower": [1150.0], "upper": [1250.0]}
    >>> emptied(pd.DataFrame(rows).assign(status="observed"))[["value", "upper", "status"]].values.tolist()
    [[nan, nan, 'own_country']]
    """
    own = is_own(audience)
    if not own.any():
        return audience
    numbers = [name for name in ("value", "lower", "upper") if name in audience]
    return audience.assign(
        status=audience["status"].astype(object).mask(own, OWN_COUNTRY),
        **{name: audience[name].astype("float64").mask(own) for name in numbers},
    )
