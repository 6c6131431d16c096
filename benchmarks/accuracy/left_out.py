"""Estimates of destinations left out, for methods that are too slow to be fitted without every pair of destinations.

Such a method is fitted once without each destination (or block of them, as `smstock.evaluate.splits` draws it).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.peers.super_learner import SuperLearner
from joblib import Parallel, delayed
from threadpoolctl import threadpool_limits

from smstock.evaluate.splits import by_destination
from smstock.models.conformal import half_width, interval
from smstock.tables import LEVELS

if TYPE_CHECKING:
    import pandas as pd

    from smstock.models.base import Method

WORKERS = 2


def super_learner(corridors: pd.DataFrame) -> pd.DataFrame:
    """Return the Super Learner's estimates of every corridor with a stock, with the intervals of its residual model."""
    import numpy as np
    import pandas as pd

    known = corridors[(corridors["stock"] > 0) & (corridors["sex"] == "all")].reset_index(drop=True)
    folds = by_destination(known, np.random.default_rng(1))
    parts: list[pd.DataFrame] = Parallel(n_jobs=WORKERS)(delayed(_without)(known, fold) for fold in folds)
    return pd.concat(parts, ignore_index=True)


def _without(known: pd.DataFrame, fold: frozenset[str]) -> pd.DataFrame:
    import pandas as pd

    inside = known["destination"].isin(fold)
    columns = ["destination", "origin", "sex", "stock"]
    with threadpool_limits(1):  # of a worker: the same bits as in one process
        fitted, cells = SuperLearner.fit(known[~inside]), known[inside]
        table = pd.concat([cells[columns], fitted.intervals(cells, LEVELS)], axis=1)
        return table.assign(method=SuperLearner.name, estimate=fitted.predict(cells))


def sums_of_cells(cells: pd.DataFrame, method: type[Method]) -> pd.DataFrame:
    """Return a cell method's estimates summed over ages and sexes, with the stock: one row a corridor.

    A corridor one of whose cells has no estimate has none. Columns destination, origin, sex, method, stock, estimate.
    """
    import numpy as np
    import pandas as pd

    estimate = pd.Series(np.nan, index=cells.index)
    for fold in by_destination(cells, np.random.default_rng(1)):
        inside = cells["destination"].isin(fold)
        estimate[inside] = method.fit(cells[~inside]).predict(cells[inside])
    sums = cells.assign(estimate=estimate).groupby(["destination", "origin"], as_index=False)
    table = sums.agg(stock=("stock", "sum"), estimate=("estimate", lambda values: values.sum(skipna=False)))
    return table.assign(sex="all", method=method.name)


def with_intervals(held_out: pd.DataFrame) -> pd.DataFrame:
    """Return one method's estimates with conformal intervals from its errors on the other destinations.

    These errors come from fits that have seen the destination scored, though not the one they are about.
    """
    import numpy as np
    import pandas as pd

    parts = []
    for name, cells in held_out.groupby("destination"):
        elsewhere = held_out[held_out["destination"] != name]
        errors = np.log((elsewhere["stock"] / elsewhere["estimate"]).to_numpy(dtype=float))
        ends = {}
        for level in LEVELS:
            ends[f"lower_{level}"], ends[f"upper_{level}"] = interval(cells["estimate"], half_width(errors, level))
        parts.append(cells.assign(**ends))
    return pd.concat(parts, ignore_index=True)
