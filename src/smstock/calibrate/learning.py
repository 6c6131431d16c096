"""Learning a calibration: fit every method, measure every method, rank them, keep the errors for the intervals."""

from __future__ import annotations

from dataclasses import asdict
from math import inf, isfinite
from typing import TYPE_CHECKING, Any

from smstock.audience.gender_gap import ratio_errors, sex_ratios
from smstock.calibrate import common_error
from smstock.corridors.sexes import ranked_sources
from smstock.errors import TooFewCellsError
from smstock.evaluate.crossvalidate import CHOSEN, cross_validate, interval_widths, stack_members
from smstock.evaluate.scores import on_common_cells, score
from smstock.models.conformal import POOLED
from smstock.models.methods import METHODS, lacking
from smstock.models.quantiles import normal_scores
from smstock.models.stack import Stack, weigh
from smstock.tables import LEVELS

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from smstock.models.base import Method

Record = dict[str, Any]
KINDS = ("all", "sex")
"""Kinds of cells that have intervals of their own: totals, and women and men."""

LARGE = 10_000
"""Stock in persons from which a corridor is scored as large."""


def learn(benchmark: pd.DataFrame, rng: np.random.Generator) -> Record:
    """Return the learnt part of a `Calibration`: methods, scores, widths, ranking, sex ratios, common error, lag.

    It says, too, which columns that methods read the corridors do not have.

    Parameters
    ----------
    benchmark
        Corridor table whose ``stock`` is known for the corridors to learn from.
    rng
        Draws the folds where destinations are held out in blocks.

    Raises
    ------
    TooFewCellsError
        Too few corridors have both an audience and a stock.
    """
    held_out = cross_validate(benchmark, METHODS, rng)
    scores = _scores(held_out)
    errors = {str(record["method"]): record["rmsle"] for record in scores if record["kind"] == "all"}
    totals = benchmark[benchmark["sex"] == "all"]
    fitted = {method.name: method for method in _fitted(totals) if method.name in errors}
    fitted |= _stack(held_out, errors, fitted)
    found = interval_widths(held_out[held_out["method"] != CHOSEN])

    def widths(name: str, of: str, level: int) -> dict[str, float]:
        # a kind of which no cell was held out, such as women and men of a query without sexes, has no interval
        return found.get((name, of, level), {POOLED: inf})

    learnt_from = totals[totals["stock"].notna() & totals["audience"].notna()]
    lags = learnt_from["lag"].dropna()
    return {
        "methods": {name: method.parameters() for name, method in fitted.items()},
        "scores": scores,
        "widths": {
            name: {of: {str(level): _finite(widths(name, of, level)[POOLED]) for level in LEVELS} for of in KINDS}
            for name in fitted
        },
        "band_widths": {
            name: {of: {str(level): _banded(widths(name, of, level)) for level in LEVELS} for of in KINDS}
            for name in fitted
        },
        "ranking": tuple(sorted(fitted, key=lambda name: errors[name])),
        "sex_sources": ranked_sources(benchmark),
        "errors_of_ratios": _records(ratio_errors(sex_ratios(benchmark))),
        "common": _common(held_out[(held_out["method"] == CHOSEN) & (held_out["sex"] == "all")]),
        "lacking": lacking(learnt_from),
        "lag": float(lags.median()) if len(lags) else 0.0,
        "cells": len(held_out[held_out["sex"] == "all"].drop_duplicates(["destination", "origin"])),
    }


def _scores(held_out: pd.DataFrame) -> list[Record]:
    """Score each kind of cell on the cells that all methods share; ``cells_own`` counts those a method could estimate.

    Over all totals the coverage of leave-one-out intervals is close to nominal by construction; that of ``large`` and
    ``small`` corridors is what they have to prove.
    """
    totals = held_out["sex"] == "all"
    kinds = {
        "all": totals,
        "sex": ~totals,
        "large": totals & (held_out["stock"] >= LARGE),
        "small": totals & (held_out["stock"] < LARGE),
    }
    records = []
    for of, chosen in kinds.items():
        cells = held_out[chosen]
        own = cells[cells["estimate"] > 0]["method"].value_counts()
        table = score(on_common_cells(cells), levels=LEVELS)
        if len(table):
            records += _records(table.assign(kind=of, cells_own=table["method"].map(own)))
    return records


def _common(chosen: pd.DataFrame) -> dict[str, float]:
    """Return what the errors of the method chosen have in common, each corridor estimated without its destination."""
    errors = normal_scores(chosen.rename(columns={"estimate": "median"}), chosen["stock"].to_numpy(dtype=float))
    return asdict(common_error.learn(errors, chosen["destination"], chosen["origin"]))


def _fitted(totals: pd.DataFrame) -> list[Method]:
    fitted = []
    for method in METHODS:
        try:
            fitted.append(method.fit(totals))
        except TooFewCellsError:
            continue
    return fitted


def _stack(held_out: pd.DataFrame, errors: dict[str, float], fitted: dict[str, Method]) -> dict[str, Method]:
    """Return the stack of the fitted methods if no method by itself was better when cross-validated, else nothing."""
    import numpy as np

    alone = {name: error for name, error in errors.items() if name in fitted}
    if Stack.name not in errors or errors[Stack.name] >= min(alone.values()):
        return {}
    totals = held_out[(held_out["sex"] == "all") & held_out["method"].isin(list(fitted))]
    wide = totals.pivot_table(index=["destination", "origin", "stock"], columns="method", values="estimate")
    members = stack_members({str(name): float(share) for name, share in wide.notna().mean().items()})
    wide = wide[members].dropna()
    stock = wide.index.get_level_values("stock").to_numpy(dtype=float)
    weights = weigh(np.log(wide.to_numpy(dtype=float)), np.log(stock))
    kept = {name: float(weight) for name, weight in zip(members, weights, strict=True) if weight > 0}
    return {Stack.name: Stack(kept, {name: fitted[name] for name in kept})}


def _banded(widths: dict[str, float]) -> dict[str, float]:
    return {name: float(width) for name, width in widths.items() if name != POOLED}


def _records(table: pd.DataFrame) -> list[Record]:
    """Return rows as plain Python values, what is not finite as None."""
    return [
        {str(name): _finite(value) if isinstance(value, float) else value for name, value in row.items()}
        for row in table.astype(object).to_dict("records")
    ]


def _finite(number: float) -> float | None:
    return float(number) if isfinite(number) else None
