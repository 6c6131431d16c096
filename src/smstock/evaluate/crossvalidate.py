"""Cross-validation with whole destinations held out, intervals included.

Every method is fitted without a destination and scored on it. The interval there, and the choice of a method, come from
errors on the other destinations. Each of those is predicted by a fit without itself and without the scored one. So no
estimate, interval or choice has seen the stock it is scored on. The stack is weighted in the same way: on a
destination, by what its members predicted of the others.

Corridors that an office counts under a former state (`smstock.corridors.former_states`) are scored, and teach no
method that they would mislead.
"""

from __future__ import annotations

from itertools import combinations_with_replacement
from math import inf
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from smstock.audience.gender_gap import sex_ratios
from smstock.compute import ALONE
from smstock.corridors.former_states import taught
from smstock.corridors.sexes import kind, ranked_sources, with_sexes
from smstock.errors import TooFewCellsError
from smstock.evaluate.scores import on_common_cells, rmsle
from smstock.evaluate.splits import by_destination
from smstock.models.baselines import CarryForward
from smstock.models.conformal import HalfWidths, band, interval
from smstock.models.stack import STACKS, AudienceStack, Stack, enough, in_stack, losses, weigh
from smstock.tables import CORRIDOR_KEY, CORRIDOR_SEX_KEY, LEVELS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from smstock.compute import Compute
    from smstock.models.base import Method

CHOSEN = "chosen"
"""The method that estimates first by its errors on the other destinations, as a method of its own."""
CANDIDATES: Final = 3
"""Fewest methods that a stack is made of."""


def cross_validate(
    corridors: pd.DataFrame,
    methods: Sequence[type[Method]],
    rng: np.random.Generator,
    *,
    folds: pd.Series | None = None,
    compute: Compute = ALONE,
) -> pd.DataFrame:
    """Return an estimate and intervals of every method for every corridor with a stock, fitted without its destination.

    Columns: destination, origin, sex, method, stock, estimate, and lower_L, upper_L for each level. The stacks weigh
    the others by their errors on the other folds (`smstock.models.stack`). ``chosen`` is, for each fold, the method
    that would estimate first by the errors on the others (`leading`).

    Parameters
    ----------
    corridors
        Corridor table; those without any stock are left aside.
    methods
        Methods to test.
    rng
        Draws blocks of destinations where there are many.
    folds
        Fold of each corridor, by its index; the rows of a corridor share one. Destinations if left out.
    compute
        What methods and folds are spread over.

    Raises
    ------
    TooFewCellsError
        No method has enough corridors left, or fewer than two destinations have a stock.

    Examples
    --------
    >>> from smstock.models.baselines import ConstantRatio
    >>> corridors = pd.DataFrame({"destination": ["AUT", "BEL", "CHE", "DEU"], "origin": "SRB", "sex": "all",
    ...     "audience": [1e3, 2e3, 4e3, 8e3], "stock": [3e3, 6e3, 12e3, 80e3], "official_last": None, "lag": None,
    ...     "penetration_destination": 0.5, "penetration_origin": 0.4})
    >>> table = cross_validate(corridors, [ConstantRatio], np.random.default_rng(1))
    >>> table.loc[table["method"] == "constant_ratio", "estimate"].tolist()
    [3000.0, 6000.0, 12000.0, 24000.0]
    """
    known = corridors[corridors.groupby(CORRIDOR_KEY)["stock"].transform("count") > 0]
    fold_of = _numbered(_destinations(known, rng) if folds is None else folds.loc[known.index])
    known, totals = known.reset_index(drop=True), (known["sex"] == "all").to_numpy()
    count = int(fold_of.max(initial=-1)) + 1
    both_sexes, fold_of = known[totals].reset_index(drop=True), fold_of[totals]
    asked, ratios = _plain(both_sexes), sex_ratios(known)
    examples = taught(asked)
    # the level models stand last and take longest
    order = list(reversed(methods))
    answers = dict(zip(order, compute.spread(_of_method, order, asked, examples, fold_of, count), strict=True))
    predictions = {method.name: answers[method] for method in methods}
    predictions |= _stacked(predictions, methods, both_sexes, fold_of)
    scored = (
        [_scored(known, ratios, both_sexes, fold_of == fold, _of_fold(predictions, fold)) for fold in range(count)]
        if count > 1
        else []
    )
    if not any(len(table) for table in scored):
        usable = both_sexes["stock"].gt(0) & both_sexes["audience"].notna()
        count = both_sexes.loc[usable, "destination"].nunique()
        raise TooFewCellsError(
            f"{count} destination{'s have' if count != 1 else ' has'} both an audience and an official stock above 0; "
            "no method can be tested on so few",
            hint="collect more destinations, or calibrate against an edition that covers more of them",
        )
    return pd.concat(scored, ignore_index=True)


def _destinations(known: pd.DataFrame, rng: np.random.Generator) -> pd.Series:
    folds = by_destination(known, rng)
    return known["destination"].map({name: index for index, fold in enumerate(folds) for name in fold})


def _plain(corridors: pd.DataFrame) -> pd.DataFrame:
    """Return a table with its texts as Python objects: of those, rows are taken and compared in half the time."""
    texts = [str(name) for name, kind in corridors.dtypes.items() if isinstance(kind, pd.StringDtype)]
    return corridors.astype(dict.fromkeys(texts, object))


def _of_method(
    asked: pd.DataFrame, examples: pd.DataFrame, fold_of: np.ndarray, count: int, method: type[Method]
) -> np.ndarray:
    return _predictions(method, examples if method.misled() else asked, fold_of, count)


def _of_fold(predictions: Mapping[str, np.ndarray], fold: int) -> dict[str, np.ndarray]:
    return {name: predicted[fold] for name, predicted in predictions.items()}


def _numbered(folds: pd.Series) -> np.ndarray:
    numbers: np.ndarray = pd.factorize(folds, sort=True)[0]
    return numbers


def _predictions(method: type[Method], totals: pd.DataFrame, fold_of: np.ndarray, count: int) -> np.ndarray:
    """Return totals predicted without two folds: element (i, row) is the row fitted without fold i and its own.

    Rows of fold i itself are fitted without that fold only. A method that learns nothing is asked once.
    """
    stocks = np.full((count, len(totals)), np.nan)
    if not method.learns():
        stocks[:] = method().predict(totals).to_numpy(dtype=float)
        return stocks
    if method.nests:
        for fold in range(count):
            try:
                stocks[fold] = method.nested(totals, fold_of == fold, fold_of)
            except TooFewCellsError:
                continue
        return stocks
    # taking rows costs by the column and by the row, and this is done for every pair of folds
    usable = method.usable(totals)
    narrow = totals.loc[usable, list(dict.fromkeys(["destination", "origin", "stock", "lag", *method.needs]))]
    rows, fold_of_row = np.flatnonzero(usable), fold_of[usable]
    folds = np.unique(fold_of_row)
    for fold, other in combinations_with_replacement(folds, 2):
        held_out = (fold_of_row == fold) | (fold_of_row == other)
        try:
            predicted = method.fit(narrow[~held_out]).predict(narrow[held_out]).to_numpy(dtype=float)
        except TooFewCellsError:
            continue
        rows_out, fold_out = rows[held_out], fold_of_row[held_out]
        stocks[fold, rows_out[fold_out == other]] = predicted[fold_out == other]
        stocks[other, rows_out[fold_out == fold]] = predicted[fold_out == fold]
    # a fold without a usable row leaves every fit as it is
    stocks[np.setdiff1d(np.arange(count), folds)] = stocks[fold_of, np.arange(len(totals))]
    return stocks


def _stacked(
    predictions: dict[str, np.ndarray], methods: Sequence[type[Method]], totals: pd.DataFrame, fold_of: np.ndarray
) -> dict[str, np.ndarray]:
    """Return the predictions of each stack, weighted by all folds but the row's own and the one held out."""
    stock, asked = totals["stock"].to_numpy(dtype=float), totals["audience"].notna().to_numpy()
    target = np.log(np.where(stock > 0, stock, np.nan))
    logs = {name: np.log(np.where(predicted > 0, predicted, np.nan)) for name, predicted in predictions.items()}
    cells = {name: float(np.isfinite(of[:, asked]).sum()) for name, of in logs.items()}
    stacked = {}
    for stack, members in members_of_stacks({method.name: method for method in methods}, cells).items():
        if len(members) >= CANDIDATES:
            cube = np.stack([logs[name] for name in members], axis=-1)
            stacked[stack.name] = np.exp(_weighted(cube, target, fold_of))
    return {name: predicted for name, predicted in stacked.items() if np.isfinite(predicted).any()}


def members_of_stacks(methods: Mapping[str, type[Method]], cells: Mapping[str, float]) -> dict[type[Stack], list[str]]:
    """Return the members that each stack may have; a stack of the members of the one before is left out.

    Parameters
    ----------
    methods
        Methods by name.
    cells
        How many cells with an audience each one estimates.

    Examples
    --------
    >>> from smstock.models.baselines import CarryForward, RawAudience
    >>> methods = {"carry_forward": CarryForward, "raw_audience": RawAudience}
    >>> {stack.name: names for stack, names in members_of_stacks(methods, dict.fromkeys(methods, 31)).items()}
    {'stack': ['carry_forward'], 'audience_stack': ['raw_audience']}
    """
    members: dict[type[Stack], list[str]] = {}
    before: list[str] = []
    for stack in STACKS:
        names = [name for name, method in methods.items() if stack.admits(method)]
        admitted = in_stack(names, [cells[name] for name in names])
        if admitted and admitted != before:
            members[stack] = before = admitted
    return members


def _weighted(cube: np.ndarray, target: np.ndarray, fold_of: np.ndarray) -> np.ndarray:
    """Return log predictions of a stack, shape (folds, rows), of those of its members, shape (folds, rows, members)."""
    stacked = np.full(cube.shape[:2], np.nan)
    for fold, logs in enumerate(cube):
        known = np.isfinite(logs).all(axis=1) & np.isfinite(target) & (fold_of != fold)
        destinations, group_of = np.unique(fold_of[known], return_inverse=True)
        by_group = losses(logs[known], target[known], group_of)
        cells = np.bincount(group_of, minlength=len(destinations))
        for other in np.unique(fold_of):
            apart = destinations != other
            if enough(int(cells[apart].sum()), int(apart.sum())):
                weights = weigh([errors[apart] for errors in by_group])
                rows = fold_of == other
                stacked[fold, rows] = logs[rows][:, weights > 0] @ weights[weights > 0]
    return stacked


def _scored(
    known: pd.DataFrame,
    ratios: pd.DataFrame,
    totals: pd.DataFrame,
    held_out: np.ndarray,
    predictions: dict[str, np.ndarray],
) -> pd.DataFrame:
    """Return one fold's estimates with intervals; the other folds, predicted without it, supply the errors."""
    keys = pd.MultiIndex.from_frame(totals[CORRIDOR_KEY])
    is_held_out = pd.Series(held_out, index=keys, name="held_out")
    inside = ratios.join(is_held_out, on=CORRIDOR_KEY)
    # one call for all methods: splitting costs more by the call than by the row
    estimates = pd.concat([pd.Series(predicted, index=keys) for predicted in predictions.values()])
    table = with_sexes(estimates, ratios, ranked_sources(inside[~inside["held_out"].astype(bool)]))
    table["method"] = [name for _ in range(3) for name in predictions for _ in range(len(totals))]
    table = table.sort_values("method", key=lambda names: names.map(list(predictions).index), kind="stable")
    stocks = known[[*CORRIDOR_SEX_KEY, "stock"]].join(is_held_out, on=CORRIDOR_KEY)
    table = table.merge(stocks, on=CORRIDOR_SEX_KEY)
    table = table[(table["stock"] > 0) & (table["estimate"] > 0)]
    return _with_intervals(table.drop(columns="held_out"), table["held_out"].astype(bool))


def _with_intervals(table: pd.DataFrame, inside: pd.Series) -> pd.DataFrame:
    """Give a fold the chosen method, and every method its intervals, from the errors on the other folds."""
    chosen = _best_method(table[~inside])
    held_out, elsewhere = (
        pd.concat([part, part[part["method"] == chosen].assign(method=CHOSEN)], ignore_index=True)
        for part in (table[inside], table[~inside])
    )
    learnt = measured_half_widths(elsewhere)
    alike = [held_out["method"], held_out["sex"].map(kind), band(held_out["estimate"].to_numpy(dtype=float))]
    groups: Mapping[Any, Any] = held_out.groupby(alike, sort=False).indices
    for level in LEVELS:
        half_width = pd.Series(float("inf"), index=held_out.index)
        for (name, sexes, size), rows in groups.items():
            half_width.iloc[rows] = learnt.get(name, HalfWidths()).at(sexes, level, size)
        held_out[f"lower_{level}"], held_out[f"upper_{level}"] = interval(held_out["estimate"], half_width)
    return held_out


def _best_method(held_out: pd.DataFrame) -> str:
    """Return the method that estimates first by its errors on the totals that all methods estimate."""
    totals = on_common_cells(held_out[held_out["sex"] == "all"])
    errors = {
        str(name): rmsle(cells["stock"], cells["estimate"]) for name, cells in totals.groupby("method", sort=False)
    }
    return leading(errors, len(totals) // max(len(errors), 1), totals["destination"].nunique())


def leading(errors: Mapping[str, float], cells: int, destinations: int) -> str:
    """Return the method that estimates first: the stack, or the last figure where there is no evidence against it.

    Carry forward leads where cells or destinations are too few, or where it errs less than the stack. Where no last
    figures are known, the stack of the audience leads. Without a stack, the method of least RMSLE does.

    Parameters
    ----------
    errors
        RMSLE by method, on the cells of all.
    cells, destinations
        How many these are, and of how many destinations (`smstock.models.stack.enough`).

    Examples
    --------
    >>> errors = {"carry_forward": 0.4, "log_ratio": 0.3}
    >>> leading(errors, 31, 31), leading(errors, 4, 4), leading(errors | {"stack": 0.31}, 31, 31)
    ('log_ratio', 'carry_forward', 'stack')
    >>> leading(errors | {"stack": 0.41}, 31, 31), leading({"log_linear": 1.0, "audience_stack": 1.1}, 31, 31)
    ('carry_forward', 'audience_stack')
    """
    carried = errors.get(CarryForward.name, inf)
    if carried < inf and (not enough(cells, destinations) or carried < errors.get(Stack.name, 0.0)):
        return CarryForward.name
    for stack in (Stack, AudienceStack):
        if stack.name in errors and (stack is Stack or carried == inf):
            return stack.name
    return min(errors, key=lambda name: errors[name], default="")


def measured_half_widths(held_out: pd.DataFrame) -> dict[str, HalfWidths]:
    """Return the half widths of each method's intervals, from its errors on cells held out.

    Examples
    --------
    >>> cells = pd.DataFrame({"destination": ["AUT", "DEU"], "stock": [50.0, 80.0], "estimate": 100.0, "sex": "all"})
    >>> round(measured_half_widths(cells.assign(method="trend"))["trend"].at("all", 50), 2)
    0.69
    """
    # numbers alone, destinations too: texts are slow to take
    destinations, _ = pd.factorize(held_out["destination"], sort=True)
    cells = held_out[["stock", "estimate"]].assign(destination=destinations)
    methods, totals = held_out["method"].to_numpy(dtype=object), (held_out["sex"] == "all").to_numpy()
    learnt = {}
    for name in dict.fromkeys(methods.tolist()):
        own = methods == name
        learnt[str(name)] = HalfWidths.of({"all": cells[own & totals], "sex": cells[own & ~totals]})
    return learnt
