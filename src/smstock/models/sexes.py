"""Women and men: the split of a total that the calibration trusts most, coherent by construction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smstock.audience.gender_gap import RATIOS, ratio_errors, sex_ratios, split

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from smstock.models.base import Method

KEY = ["destination", "origin"]


def by_sex(method: Method, corridors: pd.DataFrame, sources: Sequence[str] = RATIOS) -> pd.DataFrame:
    """Return a method's estimate of every corridor and sex: columns destination, origin, sex, estimate.

    Women and men add up to the total exactly; their ratio is the first of ``sources`` that a corridor has.
    """
    import pandas as pd

    totals = corridors[corridors["sex"] == "all"].set_index(KEY)
    total = method.predict(totals.reset_index()).set_axis(totals.index)
    ratios = sex_ratios(corridors).set_index(KEY)[list(sources)].bfill(axis=1).iloc[:, 0].reindex(totals.index).fillna(1.0)
    women, men = split(total, ratios)
    parts = [part.rename("estimate").reset_index().assign(sex=sex) for sex, part in (("all", total), ("female", women), ("male", men))]
    return pd.concat(parts, ignore_index=True)


def ranked_sources(corridors: pd.DataFrame) -> tuple[str, ...]:
    """Return the sources of sex ratios, the most accurate first; a source never tested comes last."""
    errors = ratio_errors(sex_ratios(corridors)).set_index("source")["rms"]
    return tuple(sorted(RATIOS, key=lambda source: (errors[source] != errors[source], errors[source], RATIOS.index(source))))


def kind(sex: str) -> str:
    """Return which errors an interval rests on: those of totals (``all``) or of one sex (``sex``).

    Examples
    --------
    >>> kind("all"), kind("female")
    ('all', 'sex')
    """
    return "all" if sex == "all" else "sex"
