"""Cross-validation with whole destinations held out, intervals included.

For each held-out fold every method is fitted on the others; its interval there comes from errors on folds that were held
out in turn among those others. So neither estimate nor interval nor choice of method has seen the cell it is scored on.
"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

from smstock.errors import TooFewCellsError
from smstock.evaluate.splits import by_destination
from smstock.models.conformal import half_width, interval
from smstock.models.sexes import KEY, by_sex, kind, ranked_sources
from smstock.tables import LEVELS

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import pandas as pd

    from smstock.models.base import Method

CHOSEN = "chosen"
"""The method with the least RMSLE among the corridors left, as a method of its own."""


def cross_validate(corridors: pd.DataFrame, methods: Sequence[type[Method]], rng: np.random.Generator) -> pd.DataFrame:
    """Return an estimate and intervals of every method for every corridor with a stock, fitted without its destination.

    Columns: destination, origin, sex, method, stock, estimate, and lower_L, upper_L for each level. The method
    ``chosen`` is, in each fold, the one with the least RMSLE on the other folds.

    Raises
    ------
    TooFewCellsError
        No method has enough corridors left.
    """
    import pandas as pd

    known = corridors[corridors.groupby(KEY)["stock"].transform("count") > 0].reset_index(drop=True)
    folds = by_destination(known, rng)
    without = {pair: _held_out(known, folds[pair[0]] | folds[pair[1]], methods) for pair in combinations(range(len(folds)), 2)}
    scored = []
    for index, fold in enumerate(folds):
        others = [table[~table["destination"].isin(fold)] for pair, table in without.items() if index in pair]
        if others:
            scored.append(_with_intervals(_held_out(known, fold, methods), pd.concat(others)))
    if not scored or all(table.empty for table in scored):
        raise TooFewCellsError(
            f"{len(folds)} destinations have both an audience and an official stock; no method can be fitted on so few",
            hint="collect more destinations, or calibrate against an edition that covers more of them",
        )
    return pd.concat(scored, ignore_index=True)


def _held_out(known: pd.DataFrame, fold: frozenset[str], methods: Sequence[type[Method]]) -> pd.DataFrame:
    """Estimate the corridors of a fold by methods fitted on all others."""
    import pandas as pd

    rest = known[~known["destination"].isin(fold)]
    there = known[known["destination"].isin(fold)]
    totals, sources = rest[rest["sex"] == "all"], ranked_sources(rest)
    tables = []
    for method in methods:
        try:
            fitted = method.fit(totals)
        except TooFewCellsError:
            continue
        tables.append(by_sex(fitted, there, sources).assign(method=method.name))
    if not tables:
        return pd.DataFrame(columns=[*KEY, "sex", "method", "stock", "estimate"])
    stocks = there[[*KEY, "sex", "stock"]]
    return pd.concat(tables, ignore_index=True).merge(stocks, on=[*KEY, "sex"]).loc[lambda table: table["stock"] > 0]


def _with_intervals(table: pd.DataFrame, others: pd.DataFrame) -> pd.DataFrame:
    """Give a held-out fold the chosen method, and every method its intervals, from errors on the other folds."""
    import pandas as pd

    chosen = best_method(others)
    table = pd.concat([table, table[table["method"] == chosen].assign(method=CHOSEN)], ignore_index=True)
    others = pd.concat([others, others[others["method"] == chosen].assign(method=CHOSEN)], ignore_index=True)
    widths = interval_widths(others)
    for level in LEVELS:
        width = pd.Series(
            [widths.get((name, kind(sex), level), float("inf")) for name, sex in zip(table["method"], table["sex"], strict=True)],
            index=table.index,
            dtype="float64",
        )
        table[f"lower_{level}"], table[f"upper_{level}"] = interval(table["estimate"], width)
    return table


def best_method(held_out: pd.DataFrame) -> str:
    """Return the method with the least RMSLE on the totals that all methods estimate."""
    from smstock.evaluate.scores import on_common_cells, rmsle

    totals = on_common_cells(held_out[held_out["sex"] == "all"])
    errors = {str(name): rmsle(cells["stock"], cells["estimate"]) for name, cells in totals.groupby("method", sort=False)}
    return min(errors, key=lambda name: errors[name])


def interval_widths(held_out: pd.DataFrame) -> dict[tuple[str, str, int], float]:
    """Return the half width (log scale) of each method's intervals by kind of cell (all, sex) and level."""
    import numpy as np

    widths = {}
    for (name, kind), cells in held_out.groupby(["method", held_out["sex"].map(kind)], sort=False):
        errors = np.log((cells["stock"] / cells["estimate"]).to_numpy(dtype=float))
        for level in LEVELS:
            widths[str(name), str(kind), level] = half_width(errors, level)
    return widths
