"""Draws of every corridor's stock that agree with the published intervals, and women and men that add up in each draw.

*Totals.* The draws of a corridor are its quantile function (`smstock.models.quantiles`) at equally spaced
probabilities, (k - 1/2) / count, so that median and interval ends are met up to the spacing. Corridors go together by
the order in which these values come: that of scores with common errors (`smstock.calibrate.common_error`). This is the
method of Iman and Conover 1982, doi 10.1080/03610918208812265.

*Women and men.* women = share x total, men = total - women, and ::

    logit share = log(median of women / median of men) + tilt x score of the total + spread x Normal(0, 1)

To first order the variances of log women and log men are (t + (1 - s) tilt)^2 + (1 - s)^2 spread^2 and (t - s tilt)^2 +
s^2 spread^2, with t the standard deviation of the log total and s the share. Two equations for two unknowns: they are
solved for the widths of the published 80 % intervals. Where both sexes are claimed to be known better than additivity
permits, the share is fixed.

*Only "fewer than".* A corridor without a median is drawn between 0 and its upper ends, which the draws meet. Nothing is
known of how such corridors go together, so all of them take the same probability in a draw: their sum is as vague as
each, and no number comes from averaging what is not known. *Nothing known*: the draws are missing.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING, Final, Self

import numpy as np
import pandas as pd
from scipy.special import expit

from smstock.calibrate.common_error import CommonError
from smstock.compute import ALONE
from smstock.errors import ContractError, UsageError
from smstock.models.quantiles import ENDS, MIDDLE, SCORES, knots, persons
from smstock.tables import CORRIDOR_KEY, ESTIMATE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from smstock.compute import Compute

CELL: Final = [*CORRIDOR_KEY, "age_min", "age_max", "reference_date"]
"""What a corridor's total, women and men have in common."""
SEXES: Final = ("all", "female", "male")
NUMBERS_AT_ONCE: Final = 1_000_000
"""Draws of totals held at once: some 100 MB with everything about them."""
_LOWER_80, _UPPER_80 = ENDS.index("lower_80"), ENDS.index("upper_80")
_WIDTH_80: Final = SCORES[_UPPER_80] - SCORES[_LOWER_80]
LEAST_PRODUCT: Final = 1e-9
"""Least product of both shares that is divided by: where one sex has nobody, the spread of the share is moot."""


@dataclass(frozen=True)
class Drawn:
    """Draws of some corridors.

    Parameters
    ----------
    cells
        The corridors, a row each: columns of `CELL`. The index is their place among all, in the order of these columns.
    floored
        Which of them have no median: drawn from their upper ends, or not at all. Shape (corridors,).
    persons
        Shape (corridors, 3, draws), in the order of `SEXES`; not a number where nothing is known.
    """

    cells: pd.DataFrame
    floored: np.ndarray
    persons: np.ndarray

    @classmethod
    def of(cls, parts: Sequence[Drawn]) -> Self:
        """Return several as one."""
        cells, floored, persons = zip(*((part.cells, part.floored, part.persons) for part in parts), strict=True)
        return cls(pd.concat(cells), np.concatenate(floored), np.concatenate(persons))

    def taken(self, rows: np.ndarray) -> Drawn:
        """Return the draws of some corridors."""
        return Drawn(self.cells[rows], self.floored[rows], self.persons[rows])

    def table(self) -> pd.DataFrame:
        """Return the draws as a table: columns of `CELL`, sex, draw (from 1 on), persons."""
        count = self.persons.shape[2]
        rows = self.cells.loc[self.cells.index.repeat(len(SEXES) * count)].reset_index(drop=True)
        sexes = pd.Categorical(np.tile(np.repeat(SEXES, count), len(self.cells)), categories=list(SEXES))
        draw = np.tile(np.arange(1, count + 1, dtype="int32"), len(self.cells) * len(SEXES))
        return rows.assign(sex=sexes, draw=draw, persons=self.persons.ravel())


def require(count: int) -> None:
    """Raise `UsageError` where draws asked for are fewer than 2.

    Examples
    --------
    >>> require(2)
    """
    if count < 2:
        raise UsageError(f"{count} draws were asked for", allowed="2 or more", hint="take 1,000")


def chunks(
    estimates: pd.DataFrame,
    *,
    count: int,
    seed: int,
    common: CommonError | None = None,
    corridors: int = 0,
    compute: Compute = ALONE,
) -> Iterator[Drawn]:
    """Yield draws of total, women and men, for some corridors at a time: memory does not grow with their number.

    Women and men add up to the total in each draw. Draws are 0 or more; missing for corridors of which nothing is
    known, and for those with a median and no interval.

    Parameters
    ----------
    estimates
        Estimate table, one method a corridor.
    count
        Draws of each corridor, 2 or more.
    seed
        Equal arguments give equal draws, whatever the order of the rows.
    common
        Errors that corridors have in common; none, unless given.
    corridors
        Corridors at a time; those of `NUMBERS_AT_ONCE` draws, unless given. The draws do not depend on it.
    compute
        What they are spread over: as many at once as there are workers. The draws do not depend on it.

    Raises
    ------
    ContractError
        A corridor has two rows of one sex (two methods), or women or men without the other or the total.
    UsageError
        ``count`` is below 2.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"sex": ["all", "female", "male"], "median": [300.0, 120.0, 180.0]})
    >>> rows["lower_80"], rows["upper_80"] = rows["median"] / 2, rows["median"] * 2
    >>> rows = rows.assign(destination="AUT", origin="SRB", age_min=0, age_max=None, reference_date="2020-10-15")
    >>> (part,) = chunks(rows, count=101, seed=1)
    >>> wide = part.table().pivot(index="draw", columns="sex", values="persons")
    >>> bool((wide["female"] + wide["male"] - wide["all"]).abs().max() < 1e-9), float(wide["all"].median().round(6))
    (True, 300.0)
    """
    require(count)
    common = common or CommonError()
    cells, known, floored = _by_corridor(estimates)
    grid = np.array([NormalDist().inv_cdf((draw + 0.5) / count) for draw in range(count)])
    shared, own, sexes = (np.random.default_rng([seed, stream]) for stream in range(3))
    ends = {end: np.unique(cells[end].astype(object), return_inverse=True) for end in CORRIDOR_KEY}
    of_end = {end: _permuted(shared, grid, len(names)) for end, (names, _) in ends.items()}
    everywhere, together = _permuted(shared, grid, 2)
    step = corridors or max(NUMBERS_AT_ONCE // count, 1)
    parts = [slice(start, start + step) for start in range(0, max(len(cells), 1), step)]
    for first in range(0, len(parts), compute.at_once):
        at_once, blocks = parts[first : first + compute.at_once], []
        for part in at_once:
            # one stream of randomness, whoever does the rest
            rows = len(known[part])
            scores = np.sqrt(common.own) * _permuted(own, grid, rows) + np.sqrt(common.everywhere) * everywhere
            for end, (_, place) in ends.items():
                scores += np.sqrt(getattr(common, end)) * of_end[end][place[part]]
            scores[floored[part]] = together
            blocks.append((known[part], scores, _permuted(sexes, grid, rows)))
        for part, drawn in zip(at_once, compute.spread(_drawn, blocks, grid), strict=True):
            yield Drawn(cells.iloc[part], floored[part], drawn)


def _drawn(grid: np.ndarray, block: tuple[np.ndarray, np.ndarray, np.ndarray]) -> np.ndarray:
    """Return total, women and men of some corridors: of their knots, their scores, and the noise of the sexes."""
    known, scores, noise = block
    total, score = _totals(known[:, 0], scores, grid)
    women = total * _share_of_women(known, score, noise)
    return np.stack([total, women, total - women], axis=1)


def _by_corridor(estimates: pd.DataFrame) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Return corridors in their order, the knots of total, women and men (n, 3, 7), and which lack a median (n)."""
    rows = estimates.sort_values([*CELL, "sex"], kind="stable", ignore_index=True)
    if (twice := rows.duplicated([*CELL, "sex"])).any():
        _refuse(rows[twice], "has two estimates of one sex", "keep one method a corridor")
    number = rows.groupby(CELL, dropna=False, sort=False).ngroup().to_numpy()
    cells = rows.loc[~rows.duplicated(CELL), CELL].reset_index(drop=True)
    listed = np.zeros((len(cells), len(SEXES)), dtype=bool)
    quantiles = np.full((len(cells), len(SEXES), 7), np.nan)
    median = np.full(len(cells), np.nan)
    for place, sex in enumerate(SEXES):
        of_sex = (rows["sex"] == sex).to_numpy()
        listed[number[of_sex], place] = True
        quantiles[number[of_sex], place] = knots(rows[of_sex])
        if sex == "all":
            median[number[of_sex]] = rows.loc[of_sex, "median"].to_numpy(dtype=float, na_value=np.nan)
    incomplete = ~listed[:, 0] | (listed[:, 1] != listed[:, 2])
    if incomplete.any():
        _refuse(cells[incomplete], "lacks its total, women or men", "keep all rows of a corridor, or its total alone")
    for text in ("destination", "origin", "reference_date"):
        cells[text] = pd.Categorical(cells[text])
    return cells, quantiles, np.isnan(median)


def _refuse(rows: pd.DataFrame, what: str, hint: str) -> None:
    first = rows.iloc[0]
    raise ContractError(
        f"corridor {first['origin']} to {first['destination']} {what}",
        where=f"table {ESTIMATE.name}, {len(rows)} times",
        allowed="one row each of all, female and male; or all alone",
        hint=hint,
    )


def _permuted(rng: np.random.Generator, grid: np.ndarray, rows: int) -> np.ndarray:
    """Return the normal scores of the grid in a random order in each row, shape (rows, draws)."""
    return rng.permuted(np.broadcast_to(grid, (rows, len(grid))), axis=1)


def _totals(known: np.ndarray, scores: np.ndarray, grid: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the quantiles of each corridor in the order of its scores, and the normal scores they are at."""
    order = np.argsort(scores, axis=1, kind="stable")
    total, score = np.empty_like(scores), np.empty_like(scores)
    np.put_along_axis(total, order, persons(known, grid), axis=1)
    np.put_along_axis(score, order, np.broadcast_to(grid, scores.shape), axis=1)
    return total, score


def _share_of_women(known: np.ndarray, score: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """Return the share of women in each draw, shape (corridors, draws); not a number where sexes are not known."""
    with np.errstate(divide="ignore"):
        women, men = np.log(np.expm1(known[:, 1:, MIDDLE])).T
    nobody = np.isneginf(women) & np.isneginf(men)
    centre = np.where(nobody, 0.0, women) - np.where(nobody, 0.0, men)
    tilt, spread = _solved(expit(centre), (known[:, :, _UPPER_80] - known[:, :, _LOWER_80]).T / _WIDTH_80)
    drawn: np.ndarray = expit(centre[:, None] + tilt[:, None] * score + spread[:, None] * noise)
    return drawn


def _solved(share: np.ndarray, deviations: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return tilt and spread at which women and men have the standard deviations asked for; the nearest if none do."""
    total, women, men = deviations
    both = np.maximum(share * (1 - share), LEAST_PRODUCT)
    added = np.maximum((share * women**2 + (1 - share) * men**2 - total**2) / both, 0.0)
    tilt = (women**2 - men**2 - (1 - 2 * share) * added) / (2 * np.where(total > 0, total, np.inf))
    tilt = np.clip(tilt, -np.sqrt(added), np.sqrt(added))
    return tilt, np.sqrt(np.maximum(added - tilt**2, 0.0))
