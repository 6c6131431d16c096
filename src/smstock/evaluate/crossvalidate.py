"""Cross-validation with whole destinations held out, intervals included.

Every method is fitted without a destination and scored on it. The interval there, and the choice of a method, come from
the errors on the other destinations, each again from a fit without it (jackknife; Barber et al. 2021,
doi 10.1214/20-AOS1965). So no cell is scored by an estimate, an interval or a choice that has seen its own stock.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from smstock.audience.gender_gap import sex_ratios
from smstock.errors import TooFewCellsError
from smstock.evaluate.scores import on_common_cells, rmsle
from smstock.evaluate.splits import by_destination
from smstock.models.conformal import half_width, interval
from smstock.models.sexes import KEY, kind, ranked_sources, with_sexes
from smstock.tables import LEVELS

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import pandas as pd

    from smstock.models.base import Method

CHOSEN = "chosen"
"""The method with the least RMSLE on the other destinations, as a method of its own."""


def cross_validate(corridors: pd.DataFrame, methods: Sequence[type[Method]], rng: np.random.Generator) -> pd.DataFrame:
    """Return an estimate and intervals of every method for every corridor with a stock, fitted without its destination.

    Columns: destination, origin, sex, method, stock, estimate, and lower_L, upper_L for each level. The method
    ``chosen`` is, for each destination, the one with the least RMSLE on the others.

    Raises
    ------
    TooFewCellsError
        No method has enough corridors left, or fewer than two destinations have a stock.
    """
    import pandas as pd

    known = corridors[corridors.groupby(KEY)["stock"].transform("count") > 0].reset_index(drop=True)
    folds = by_destination(known, rng)
    held_out = [table for fold in folds for table in _held_out(known, fold, methods)]
    if len(folds) < 2 or not held_out:
        raise TooFewCellsError(
            f"{len(folds)} destinations have both an audience and an official stock; no method can be tested on so few",
            hint="collect more destinations, or calibrate against an edition that covers more of them",
        )
    table = pd.concat(held_out, ignore_index=True).merge(known[[*KEY, "sex", "stock"]], on=[*KEY, "sex"])
    table = table[table["stock"] > 0]
    return pd.concat([_with_intervals(table, fold) for fold in folds], ignore_index=True)


def _held_out(known: pd.DataFrame, fold: frozenset[str], methods: Sequence[type[Method]]) -> list[pd.DataFrame]:
    """Estimate the corridors of a fold by every method that can be fitted on the others."""
    inside = known["destination"].isin(fold)
    rest, there = known[~inside], known[inside]
    totals, sources = rest[rest["sex"] == "all"], ranked_sources(rest)
    asked = there[there["sex"] == "all"].set_index(KEY)
    ratios = sex_ratios(there)
    tables = []
    for method in methods:
        try:
            fitted = method.fit(totals)
        except TooFewCellsError:
            continue
        total = fitted.predict(asked.reset_index()).set_axis(asked.index)
        tables.append(with_sexes(total, ratios, sources).assign(method=method.name))
    return tables


def _with_intervals(table: pd.DataFrame, fold: frozenset[str]) -> pd.DataFrame:
    """Give a fold the chosen method, and every method its intervals, from the errors on the other folds."""
    import pandas as pd

    inside = table["destination"].isin(fold)
    chosen = best_method(table[~inside])
    here, others = (
        pd.concat([part, part[part["method"] == chosen].assign(method=CHOSEN)], ignore_index=True) for part in (table[inside], table[~inside])
    )
    widths = interval_widths(others)
    for level in LEVELS:
        width = [widths.get((name, kind(sex), level), float("inf")) for name, sex in zip(here["method"], here["sex"], strict=True)]
        here[f"lower_{level}"], here[f"upper_{level}"] = interval(here["estimate"], pd.Series(width, index=here.index, dtype="float64"))
    return here


def best_method(held_out: pd.DataFrame) -> str:
    """Return the method with the least RMSLE on the totals that all methods estimate."""
    totals = on_common_cells(held_out[held_out["sex"] == "all"])
    errors = {str(name): rmsle(cells["stock"], cells["estimate"]) for name, cells in totals.groupby("method", sort=False)}
    return min(errors, key=lambda name: errors[name], default="")


def interval_widths(held_out: pd.DataFrame) -> dict[tuple[str, str, int], float]:
    """Return the half width (log scale) of each method's intervals by kind of cell (all, sex) and level."""
    import numpy as np

    widths = {}
    errors = np.log(held_out["stock"] / held_out["estimate"])
    for (name, of), cells in errors.groupby([held_out["method"], held_out["sex"].map(kind)], sort=False):
        for level in LEVELS:
            widths[str(name), str(of), level] = half_width(cells.to_numpy(dtype=float), level)
    return widths
