"""Cross-validation with whole destinations held out, intervals included.

Every method is fitted without a destination and scored on it. The interval there, and the choice of a method, come from
errors on the other destinations. Each of those is predicted by a fit without itself and without the scored one. So no
estimate, interval or choice has seen the stock it is scored on. The stack is weighted in the same way: on a
destination, by what its members predicted of the others.

Corridors that an office counts under a former state (`smstock.corridors.former_states`) are scored, and teach no
method that they would mislead.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import combinations_with_replacement
from typing import TYPE_CHECKING, Final, Self

import numpy as np
import pandas as pd

from smstock.compute import ALONE
from smstock.corridors.former_states import taught
from smstock.errors import TooFewCellsError
from smstock.evaluate.held_out import CHOSEN, Truth
from smstock.evaluate.splits import by_destination
from smstock.models.conformal import HalfWidths
from smstock.models.stack import STACKS, Stack, enough, in_stack, losses, weigh
from smstock.tables import CORRIDOR_KEY

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from smstock.compute import Compute
    from smstock.models.base import Method
    from smstock.models.readings import Readings

ALL: Final = -1
"""In place of the number of a fold: all of them."""
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
    if count < 2:
        raise _too_few(both_sexes)
    # the level models stand last and take longest: begun last, one would be waited for
    tasks = [(method, fold) for method in reversed(methods) for fold in (range(count) if method.nests else [ALL])]
    answers = compute.spread(_predicted, tasks, _Known.of(_plain(both_sexes), methods), fold_of, count)
    by_method: dict[str, list[np.ndarray]] = {method.name: [] for method in methods}
    for (method, _), stocks in zip(tasks, answers, strict=True):
        by_method[method.name].append(stocks)
    predictions = {name: np.vstack(stocks) for name, stocks in by_method.items()}
    predictions |= _stacked(predictions, methods, both_sexes, fold_of)
    truth = Truth.of(known, both_sexes)
    scored = [truth.scored(fold_of == fold, _of_fold(predictions, fold)) for fold in range(count)]
    if not any(len(part.row) for part in scored):
        raise _too_few(both_sexes)
    return truth.table(scored, [*predictions, CHOSEN])


def _too_few(totals: pd.DataFrame) -> TooFewCellsError:
    """Return the error for corridors on which no method can be tested."""
    usable = totals["stock"].gt(0) & totals["audience"].notna()
    count = totals.loc[usable, "destination"].nunique()
    return TooFewCellsError(
        f"{count} destination{'s have' if count != 1 else ' has'} both an audience and an official stock above 0; "
        "no method can be tested on so few",
        hint="collect more destinations, or calibrate against an edition that covers more of them",
    )


def _destinations(known: pd.DataFrame, rng: np.random.Generator) -> pd.Series:
    folds = by_destination(known, rng)
    return known["destination"].map({name: index for index, fold in enumerate(folds) for name in fold})


def _plain(corridors: pd.DataFrame) -> pd.DataFrame:
    """Return a table with its texts as Python objects: of those, rows are taken and compared in half the time."""
    texts = [str(name) for name, kind in corridors.dtypes.items() if isinstance(kind, pd.StringDtype)]
    return corridors.astype(dict.fromkeys(texts, object))


def _of_fold(predictions: Mapping[str, np.ndarray], fold: int) -> dict[str, np.ndarray]:
    return {name: predicted[fold] for name, predicted in predictions.items()}


def _numbered(folds: pd.Series) -> np.ndarray:
    numbers: np.ndarray = pd.factorize(folds, sort=True)[0]
    return numbers


@dataclass(frozen=True, eq=False)
class _Known:
    """What is known of the corridors, as the methods see it.

    Attributes
    ----------
    asked, examples
        Corridor tables: of all, and of all with the stocks left out that would mislead a method.
    readings
        What methods that nest read of their table, by name.
    """

    asked: pd.DataFrame
    examples: pd.DataFrame
    readings: Mapping[str, Readings]

    @classmethod
    def of(cls, corridors: pd.DataFrame, methods: Iterable[type[Method]]) -> Self:
        tables = cls(corridors, taught(corridors), {})
        return replace(tables, readings={of.name: of.read(tables.seen_by(of)) for of in methods if of.nests})

    def seen_by(self, method: type[Method]) -> pd.DataFrame:
        return self.examples if method.misled() else self.asked


def _predicted(known: _Known, fold_of: np.ndarray, count: int, task: tuple[type[Method], int]) -> np.ndarray:
    """Return totals predicted without two folds, a row a fold: element (i, row) is fitted without fold i and its own.

    Rows of fold i itself are fitted without that fold only. A method that nests is asked fold by fold, one that learns
    nothing once for all of them.
    """
    method, alone = task
    totals = known.seen_by(method)
    stocks = np.full((count if alone == ALL else 1, len(totals)), np.nan)
    if not method.learns():
        stocks[:] = method().predict(totals).to_numpy(dtype=float)
        return stocks
    if method.nests:
        with suppress(TooFewCellsError):
            stocks[0] = method.nested(known.readings[method.name], fold_of == alone, fold_of)
        return stocks
    # a fold without a usable row leaves every fit as it is
    folds = np.unique(fold_of[method.usable(totals)])
    pairs = list(combinations_with_replacement(folds.tolist(), 2))
    for (fold, other), predicted in zip(pairs, _without(method, totals, fold_of, pairs), strict=True):
        of_other, of_fold = np.flatnonzero(fold_of == other), np.flatnonzero(fold_of == fold)
        stocks[fold, of_other], stocks[other, of_fold] = predicted
    stocks[np.setdiff1d(np.arange(count), folds)] = stocks[fold_of, np.arange(len(totals))]
    return stocks


def _without(
    method: type[Method], totals: pd.DataFrame, fold_of: np.ndarray, pairs: Sequence[tuple[int, int]]
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return for each pair of folds the stocks of the second and of the first, predicted without both."""
    predict = method.left_out(totals)
    stocks = []
    for fold, other in pairs:
        held_out = (fold_of == fold) | (fold_of == other)
        folds_out = fold_of[held_out]
        try:
            predicted = predict(held_out)
        except TooFewCellsError:
            predicted = np.full(len(folds_out), np.nan)
        stocks.append((predicted[folds_out == other], predicted[folds_out == fold]))
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
