"""What is known of a corridor beside its audience: logarithms of ratios, missing where the table lacks them.

A covariate is read from the columns of the corridor table, or from the profiles of both countries. The stock and the
last official figure of the corridor itself are left out.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from smstock.tables import CORRIDOR_KEY
from smstock.vocabulary.profiles import profiles

if TYPE_CHECKING:
    from collections.abc import Callable


SHARE: Final = "share_"
"""Prefix of columns with the share of a sex or an age group in the audience."""
SHARE_OF_AGE: Final = f"{SHARE}age_"
"""Prefix of shares of age groups: ``share_age_18_24``, ``share_age_65_over``."""
LEAST_DAILY: Final = 0.02
"""A smaller share of daily among monthly accounts counts as this one; platforms answer 0 for few."""
LEAST_REVERSE: Final = 50.0
"""A smaller stock of the reverse corridor counts as this one (persons)."""

LABEL: Final = ("returned", "reverse", "penetration_destination", "penetration_origin", "daily")
"""How the label "lived abroad" is filled: by natives who came home, by users, by those who are active."""
GRAVITY: Final = (
    "immigrants",
    "population_destination",
    "population_origin",
    "share_of_foreign",
    "foreign_accounts",
    "distance",
)
"""Sizes of both ends, and the distance between them."""
COLUMN_OF: Final = {
    "reverse": "official_reverse",
    "daily": "audience_daily",
    "share_of_foreign": "audience_foreign",
    "foreign_accounts": "audience_foreign",
    "penetration_destination": "penetration_destination",
    "penetration_origin": "penetration_origin",
}
"""The column that a covariate is read from, beside the audience; the others are read from profiles of countries."""
EARTH: Final = 6371.0
"""Mean radius (kilometres)."""


def columns_of(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the columns that some covariates, and the shares beside them, are read from where a table has them.

    Examples
    --------
    >>> columns_of(("returned", "daily"))
    ('audience_typical', 'audience_daily', 'share_female', 'share_age_*')
    """
    read = (COLUMN_OF[name] for name in names if name in COLUMN_OF)
    return tuple(dict.fromkeys(("audience_typical", *read, f"{SHARE}female", f"{SHARE_OF_AGE}*")))


def usual_audience(corridors: pd.DataFrame) -> np.ndarray:
    """Return ``audience_typical``, the median over the waves around, where the table has it, else the audience.

    Examples
    --------
    >>> import pandas as pd
    >>> usual_audience(pd.DataFrame({"audience": [1000.0, 70.0], "audience_typical": [61000.0, None]})).tolist()
    [61000.0, 70.0]
    """
    audience = corridors["audience"]
    if "audience_typical" in corridors.columns:
        audience = corridors["audience_typical"].where(corridors["audience_typical"] > 0, audience)
    accounts: np.ndarray = audience.to_numpy(dtype=float)
    return accounts


def covariates(corridors: pd.DataFrame, names: tuple[str, ...]) -> pd.DataFrame:
    """Return covariates by name, and the logarithm of every ``share_`` column the table has; shape (corridors, names).

    Parameters
    ----------
    corridors
        Corridor table; beside its contract the columns ``audience_daily`` (daily accounts), ``official_reverse``
        (persons of the destination living in the origin), ``audience_foreign`` (accounts that lived in any other
        country) and ``share_...`` are used where they are there.
    names
        Names out of ``LABEL`` and ``GRAVITY``: ``returned`` is emigrants over immigrants of the destination,
        ``distance`` that of a great circle between the middles of both countries (kilometres).

    Examples
    --------
    >>> import pandas as pd
    >>> cell = pd.DataFrame({"destination": ["LTU"], "origin": ["GBR"], "audience": [4200.0], "share_female": [0.5]})
    >>> covariates(cell, ("returned", "reverse")).round(2).values.tolist()
    [[1.41, nan, -0.69]]
    """
    audience = usual_audience(corridors)

    def column(name: str) -> np.ndarray:
        absent = np.full(len(corridors), np.nan)
        return corridors[name].to_numpy(dtype=float) if name in corridors.columns else absent

    ends = {end: pd.factorize(corridors[end]) for end in CORRIDOR_KEY}

    def known(end: str, figure: str) -> np.ndarray:
        places, areas = ends[end]
        profile = profiles()
        return np.array([*(getattr(profile.get(area), figure, np.nan) for area in areas), np.nan], dtype=float)[places]

    def distance() -> np.ndarray:
        (south, west), (north, east) = (
            [np.radians(known(end, figure)) for figure in ("latitude", "longitude")]
            for end in ("origin", "destination")
        )
        angle = np.sin(south) * np.sin(north) + np.cos(south) * np.cos(north) * np.cos(east - west)
        kilometres: np.ndarray = EARTH * np.arccos(np.clip(angle, -1, 1))
        return kilometres

    ratios: dict[str, Callable[[], np.ndarray]] = {
        "returned": lambda: known("destination", "emigrants") / known("destination", "immigrants"),
        "reverse": lambda: np.maximum(column("official_reverse"), LEAST_REVERSE),
        "daily": lambda: np.maximum(column("audience_daily") / audience, LEAST_DAILY),
        "immigrants": lambda: known("destination", "immigrants"),
        "population_destination": lambda: known("destination", "population"),
        "population_origin": lambda: known("origin", "population"),
        "share_of_foreign": lambda: audience / column("audience_foreign"),
        "distance": distance,
        "foreign_accounts": lambda: column("audience_foreign") / known("destination", "population"),
    }
    ratios_named = {name: ratios[name]() if name in ratios else column(name) for name in names}
    shares = {str(name): column(str(name)) for name in corridors.columns if str(name).startswith(SHARE)}
    named = ratios_named | shares
    # in one array: models of a cross-validation ask for this hundreds of times
    figures = np.array([*named.values()], dtype=float).reshape(len(named), len(corridors))
    logs = np.log(np.where(figures > 0, figures, np.nan))
    return pd.DataFrame(logs.T, index=corridors.index, columns=[*named])
