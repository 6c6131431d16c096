"""Gender gaps: women per man in the audience, among the platform's users, and in the official stock.

A platform that reaches more of a country's women than of its men shows too many women among migrants as well. Dividing
the sex ratio of the audience by the sex ratio of penetration takes that part out (the correction of Spyratos et al.
2018, section 3.3, applied to the ratio of the sexes, where everything common to both cancels).
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import pandas as pd

from smstock.tables import CORRIDOR_KEY

Persons = TypeVar("Persons", pd.Series, np.ndarray)

RATIOS = ("official_last", "audience", "corrected", "equal")
"""Sources of a sex ratio, in the order in which ties are broken."""


def sex_ratios(corridors: pd.DataFrame) -> pd.DataFrame:
    """Return women per man by corridor, from every source side by side.

    Columns: destination, origin, ``users`` (penetration of women over that of men at the destination), ``audience``,
    ``corrected`` (audience / users), ``official_last``, ``stock`` (the benchmark), ``equal`` (1). A ratio is missing
    where either sex is missing, at the floor or 0.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"destination": "AUT", "origin": "SRB", "sex": ["female", "male"], "stock": None})
    >>> table = table.assign(audience=[31000.0, 34000.0], official_last=[90000.0, 85000.0])
    >>> table["penetration_destination"] = [0.45, 0.47]
    >>> sex_ratios(table)[["audience", "corrected", "official_last"]].round(3).values.tolist()
    [[0.912, 0.952, 1.059]]
    """
    columns = ["audience", "penetration_destination", "official_last", "stock"]
    by_sex = {
        sex: corridors[corridors["sex"] == sex].set_index(CORRIDOR_KEY)[columns].astype("float64")
        for sex in ("female", "male")
    }
    index = corridors[CORRIDOR_KEY].drop_duplicates()
    female, male = (
        by_sex[sex].where(by_sex[sex] > 0).reindex(pd.MultiIndex.from_frame(index)) for sex in ("female", "male")
    )
    ratio = female / male
    return pd.DataFrame(
        {
            "users": ratio["penetration_destination"],
            "audience": ratio["audience"],
            "corrected": ratio["audience"] / ratio["penetration_destination"],
            "official_last": ratio["official_last"],
            "stock": ratio["stock"],
            "equal": 1.0,
        }
    ).reset_index()


def ratio_errors(ratios: pd.DataFrame) -> pd.DataFrame:
    """Return how far each source of a sex ratio was from the benchmark: columns source, cells, rms, skill.

    ``rms`` is of the log ratio. ``skill`` is 1 - rms / rms of an equal split on the same cells, so that sources known
    for different corridors can be compared. Nothing is fitted, so no corridor has to be held out. A source without
    cells has neither.

    Examples
    --------
    >>> ratios = pd.DataFrame({"stock": [2.0, 0.5], "official_last": [2.0, 0.5], "audience": [1.0, 1.0],
    ...                        "corrected": [None, None], "equal": 1.0})
    >>> ratio_errors(ratios)[["source", "cells", "skill"]].head(2).to_numpy().tolist()
    [['official_last', 2, 1.0], ['audience', 2, 0.0]]
    """
    rows = []
    truth = np.log(ratios["stock"].to_numpy(dtype=float))
    for source in RATIOS:
        errors = np.log(ratios[source].to_numpy(dtype=float)) - truth
        tested = np.isfinite(errors)
        rms, equal = (
            float(np.sqrt(np.mean(np.square(part[tested])))) if tested.any() else float("nan")
            for part in (errors, truth)
        )
        rows.append(
            {
                "source": source,
                "cells": int(tested.sum()),
                "rms": rms,
                "skill": 1 - rms / equal if equal else float("nan"),
            }
        )
    return pd.DataFrame(rows)


def split(total: Persons, women_per_man: Persons) -> tuple[Persons, Persons]:
    """Return women and men that add up to the total at a given sex ratio.

    Examples
    --------
    >>> import pandas as pd
    >>> [part.tolist() for part in split(pd.Series([300.0]), pd.Series([2.0]))]
    [[200.0], [100.0]]
    """
    women = total * women_per_man / (1 + women_per_man)
    return women, total - women
