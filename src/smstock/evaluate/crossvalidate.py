"""Cross-validation with whole destinations held out, intervals included.

Every method is fitted without a destination and scored on it. The interval there, and the choice of a method, come from
errors on the other destinations, each predicted by a fit without it and without the one that is scored. So no estimate,
interval or choice has seen the stock it is scored on.
"""

from __future__ import annotations

from itertools import combinations_with_replacement
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
    totals = known[known["sex"] == "all"].reset_index(drop=True)
    predictions = {method.name: _predictions(method, totals, folds) for method in methods}
    scored = (
        [_scored(known, totals, index, folds, predictions) for index in range(len(folds))] if len(folds) > 1 else []
    )
    if not any(len(table) for table in scored):
        raise TooFewCellsError(
            f"{len(folds)} destinations have both an audience and an official stock; no method can be tested on so few",
            hint="collect more destinations, or calibrate against an edition that covers more of them",
        )
    return pd.concat(scored, ignore_index=True)


def _predictions(method: type[Method], totals: pd.DataFrame, folds: list[frozenset[str]]) -> np.ndarray:
    """Return totals predicted without two folds: element (i, row) is the row fitted without fold i and its own.

    Rows of fold i itself are fitted without that fold only. A method that learns nothing is asked once.
    """
    import numpy as np

    fold_of = totals["destination"].map({name: index for index, fold in enumerate(folds) for name in fold}).to_numpy()
    found = np.full((len(folds), len(totals)), np.nan)
    if not method.fewest:
        found[:] = method().predict(totals).to_numpy(dtype=float)
        return found
    # taking rows costs by the column, and this is done for every pair of folds
    narrow = totals[list(dict.fromkeys(["origin", "stock", "lag", *method.needs]))]
    for one, other in combinations_with_replacement(range(len(folds)), 2):
        out = (fold_of == one) | (fold_of == other)
        try:
            predicted = method.fit(narrow[~out]).predict(narrow[out]).to_numpy(dtype=float)
        except TooFewCellsError:
            continue
        here = fold_of[out]
        found[one, np.flatnonzero(out)[here == other]] = predicted[here == other]
        found[other, np.flatnonzero(out)[here == one]] = predicted[here == one]
    return found


def _scored(
    known: pd.DataFrame,
    totals: pd.DataFrame,
    index: int,
    folds: list[frozenset[str]],
    predictions: dict[str, np.ndarray],
) -> pd.DataFrame:
    """Return one fold's estimates with intervals; the other folds, predicted without it, supply the errors."""
    import pandas as pd

    sources, ratios = ranked_sources(known[~known["destination"].isin(folds[index])]), sex_ratios(known)
    keys = pd.MultiIndex.from_frame(totals[KEY])
    tables = [
        with_sexes(pd.Series(found[index], index=keys), ratios, sources).assign(method=name)
        for name, found in predictions.items()
    ]
    table = pd.concat(tables, ignore_index=True).merge(known[[*KEY, "sex", "stock"]], on=[*KEY, "sex"])
    table = table[(table["stock"] > 0) & (table["estimate"] > 0)]
    return _with_intervals(table, folds[index])


def _with_intervals(table: pd.DataFrame, fold: frozenset[str]) -> pd.DataFrame:
    """Give a fold the chosen method, and every method its intervals, from the errors on the other folds."""
    import pandas as pd

    inside = table["destination"].isin(fold)
    chosen = best_method(table[~inside])
    here, others = (
        pd.concat([part, part[part["method"] == chosen].assign(method=CHOSEN)], ignore_index=True)
        for part in (table[inside], table[~inside])
    )
    widths = interval_widths(others)
    for level in LEVELS:
        width = [
            widths.get((name, kind(sex), level), float("inf"))
            for name, sex in zip(here["method"], here["sex"], strict=True)
        ]
        here[f"lower_{level}"], here[f"upper_{level}"] = interval(
            here["estimate"], pd.Series(width, index=here.index, dtype="float64")
        )
    return here


def best_method(held_out: pd.DataFrame) -> str:
    """Return the method with the least RMSLE on the totals that all methods estimate."""
    totals = on_common_cells(held_out[held_out["sex"] == "all"])
    errors = {
        str(name): rmsle(cells["stock"], cells["estimate"]) for name, cells in totals.groupby("method", sort=False)
    }
    return min(errors, key=lambda name: errors[name], default="")


def interval_widths(held_out: pd.DataFrame) -> dict[tuple[str, str, int], float]:
    """Return the half width (log scale) of each method's intervals by kind of cell (all, sex) and level."""
    import numpy as np
    import pandas as pd

    widths = {}
    errors = pd.Series(np.log((held_out["stock"] / held_out["estimate"]).to_numpy(dtype=float)), index=held_out.index)
    for (name, of), cells in errors.groupby([held_out["method"], held_out["sex"].map(kind)], sort=False):
        for level in LEVELS:
            widths[str(name), str(of), level] = half_width(cells.to_numpy(dtype=float), level)
    return widths
