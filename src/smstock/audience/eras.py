"""Eras of an audience: what makes answers of different years one series, and what a change of display costs.

Until November 2021 Meta showed one number; since then two bounds, the lower one 0.85 of the upper one. By the rule
`smstock.platforms.meta.rounding.point_of_bounds` the middle of the bounds stands for them. Where in the band the true
count lies is not documented, so a series that crosses the change carries the spread of the band as uncertainty; within
either era the unknown place cancels out of every ratio.

Daily accounts are a second metric, never a substitute. Their ratio to monthly accounts moves with their definition, so
each period has a scale of its own: between countries of the European Union it was 0.69 until March 2019 and 0.74 from
April on (medians; single corridors spread by 0.14 and 0.13 around them), and 0.87 in a collection of May 2024.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final, Literal

import pandas as pd

from smstock.tables import AUDIENCE
from smstock.vocabulary.dates import in_order, month_of_wave

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

SERIES: Final = tuple(name for name in AUDIENCE.key if name != "wave")
"""Columns that make rows of several waves one series."""

LINK: Final = ("platform", "metric", "wave", "destination", "origin", "factor", "link_sd")
"""Columns of a table of links: what everything before ``wave`` is multiplied by, and the standard deviation of the
logarithm of that factor."""

BOUNDS_FROM: Final = "2021-11"
"""First month of the bounds era on Meta."""

BAND: Final = 0.85
"""Lower over upper bound."""

BAND_SD: Final = -math.log(BAND) / math.sqrt(12)
"""Standard deviation of a logarithm that may lie anywhere in the band with equal chance: 0.047."""


def series_numbers(audience: pd.DataFrame) -> npt.NDArray[np.integer]:
    """Return the number of the series each row belongs to, from 0 on.

    Examples
    --------
    >>> import pandas as pd
    >>> cell = dict.fromkeys(SERIES, "")
    >>> rows = [cell | {"destination": "DEU", "age_max": None}, cell | {"destination": "AUT", "age_max": 64}]
    >>> series_numbers(pd.DataFrame([*rows, rows[0]])).tolist()
    [0, 1, 0]
    """
    return audience.groupby(list(SERIES), sort=False, dropna=False).ngroup().to_numpy()


def era(wave: str) -> Literal["point", "bounds"]:
    """Return how Meta showed an audience in a wave.

    In October and November 2021 both forms were sent; bounds then count as such from November on.

    Examples
    --------
    >>> era("2019-04"), era("2021-W43"), era("2024-05")
    ('point', 'point', 'bounds')
    """
    return "point" if month_of_wave(wave) < BOUNDS_FROM else "bounds"


def era_links(audience: pd.DataFrame) -> pd.DataFrame:
    """Return the links over the change of display: factor 1, standard deviation :data:`BAND_SD`, for every corridor.

    The table (columns :data:`LINK`) is empty unless monthly audiences of Meta lie on both sides of November 2021. The
    factor is 1 because values of the bounds era are middles of the band; upper bounds would need 0.925.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"platform": "meta", "metric": "mau", "wave": ["2020-10", "2024-05"],
    ...                       "destination": "DEU", "origin": "POL"})
    >>> era_links(table)[["wave", "destination", "factor"]].values.tolist()
    [['2024-05', 'DEU', 1.0]]
    """
    rows = audience[(audience["platform"] == "meta") & (audience["metric"] == "mau")]
    after = rows["wave"].map(era) == "bounds"
    if after.all() or not after.any():
        return pd.DataFrame(columns=list(LINK))
    links = rows[["platform", "metric", "destination", "origin"]].drop_duplicates()
    return links.assign(wave=in_order(rows.loc[after, "wave"])[0], factor=1.0, link_sd=BAND_SD)[list(LINK)].reset_index(
        drop=True
    )
