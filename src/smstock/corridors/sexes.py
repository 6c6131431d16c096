"""Women and men: the split of a total that the calibration trusts most, coherent by construction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import numpy as np
import pandas as pd

from smstock.audience.gender_gap import RATIOS, ratio_errors, split
from smstock.tables import CORRIDOR_KEY

if TYPE_CHECKING:
    from collections.abc import Sequence


EVEN_SPLIT: Final = "as many women as men assumed"
"""The note of women and men whose split is assumed."""

Kind = Literal["all", "sex"]
"""Kind of cell that has intervals of its own: totals, and women and men."""


def evenly_split(ratios: pd.DataFrame, sources: Sequence[str]) -> pd.MultiIndex:
    """Return the corridors that `with_sexes` splits evenly, for want of a ratio or of a better one.

    Examples
    --------
    >>> ratios = pd.DataFrame({"destination": ["AUT", "IRQ"], "origin": "SRB", "audience": [1.0, None], "equal": 1.0})
    >>> evenly_split(ratios, ["audience", "equal"]).tolist()
    [('IRQ', 'SRB')]
    """
    before = list(sources)[: sources.index("equal")] if "equal" in sources else list(sources)
    unknown = ratios[before].isna().all(axis=1)
    return pd.MultiIndex.from_frame(ratios.loc[unknown, CORRIDOR_KEY])


def with_sexes(total: pd.Series, ratios: pd.DataFrame, sources: Sequence[str]) -> pd.DataFrame:
    """Return totals, women and men of each corridor: columns destination, origin, sex, estimate.

    Women and men add up to the total exactly; their ratio is the first of ``sources`` that a corridor has.

    Parameters
    ----------
    total
        Estimates of both sexes together, indexed by destination and origin (persons).
    ratios
        Women per man from each source, as `sex_ratios` returns them.
    sources
        Sources in the order of preference.

    Examples
    --------
    >>> total = pd.Series([300.0], index=pd.MultiIndex.from_tuples([("AUT", "SRB")]))
    >>> ratios = pd.DataFrame({"destination": ["AUT"], "origin": ["SRB"], "audience": [2.0]})
    >>> with_sexes(total, ratios, ["audience"])[["sex", "estimate"]].to_numpy().tolist()
    [['all', 300.0], ['female', 200.0], ['male', 100.0]]
    """
    corridors = pd.MultiIndex.from_frame(ratios[CORRIDOR_KEY])
    preferred = pd.Series(women_per_man(ratios, sources), index=corridors).reindex(total.index).fillna(1.0)
    women, men = split(total, preferred)
    destinations, origins = (total.index.get_level_values(end).to_numpy(dtype=object).tolist() for end in (0, 1))
    return pd.DataFrame(
        {
            "destination": destinations * 3,
            "origin": origins * 3,
            "sex": ["all"] * len(total) + ["female"] * len(total) + ["male"] * len(total),
            "estimate": pd.concat([total, women, men]).to_numpy(dtype=float),
        }
    )


def women_per_man(ratios: pd.DataFrame, sources: Sequence[str]) -> np.ndarray:
    """Return the ratio of each corridor by the first of the sources that it has; 1 where it has none.

    Examples
    --------
    >>> ratios = pd.DataFrame({"audience": [None, 0.5, None], "corrected": [2.0, 3.0, None]})
    >>> women_per_man(ratios, ["audience", "corrected"]).tolist()
    [2.0, 0.5, 1.0]
    """
    preferred = np.ones(len(ratios))
    for source in reversed(sources):
        ratio = ratios[source].to_numpy(dtype=float)
        preferred = np.where(np.isnan(ratio), preferred, ratio)
    return preferred


def ranked_sources(ratios: pd.DataFrame) -> tuple[str, ...]:
    """Return the sources of sex ratios, the most skilful first, and after them those that were never tested.

    Parameters
    ----------
    ratios
        Women per man from each source, as `smstock.audience.gender_gap.sex_ratios` returns them.

    Examples
    --------
    >>> ratios = pd.DataFrame({"stock": [2.0], "official_last": [1.9], "audience": [1.0], "corrected": [None]})
    >>> ranked_sources(ratios.assign(equal=1.0))
    ('official_last', 'audience', 'equal', 'corrected')
    """
    skill = ratio_errors(ratios).set_index("source")["skill"]
    return tuple(
        sorted(RATIOS, key=lambda source: (skill[source] != skill[source], -skill[source], RATIOS.index(source)))
    )


def kind(sex: str) -> Kind:
    """Return which errors an interval rests on: those of totals (``all``) or of one sex (``sex``).

    Examples
    --------
    >>> kind("all"), kind("female")
    ('all', 'sex')
    """
    return "all" if sex == "all" else "sex"
