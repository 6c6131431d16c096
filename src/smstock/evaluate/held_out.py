"""Estimates of the corridors of one fold, with the intervals and the choice that the errors on the other folds give.

All is arrays, one element a corridor, a sex and a method; a table is made once, of all folds.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Self

import numpy as np
import pandas as pd

from smstock.audience.gender_gap import sex_ratios, split
from smstock.corridors.sexes import ranked_sources, women_per_man
from smstock.evaluate.leading import leading
from smstock.evaluate.scores import rmsle
from smstock.models.conformal import HalfWidths, interval, measured, place_of_band
from smstock.tables import CORRIDOR_KEY, LEVELS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from smstock.corridors.sexes import Kind
    from smstock.models.conformal import HalfWidth

CHOSEN: Final = "chosen"
"""The method that estimates first by its errors on the other destinations, as a method of its own."""
SEXES: Final = ("all", "female", "male")
"""Sexes in the order of the arrays."""


@dataclass(frozen=True)
class HeldOut:
    """Estimates of one fold that can be scored, ordered by method, sex and corridor.

    Attributes
    ----------
    row, sex, method
        Place of the corridor, of the sex and of the method, of which the choice is the last.
    estimate
        Persons.
    half_width
        Half widths of the intervals (log scale), shape (levels, estimates).
    """

    row: np.ndarray
    sex: np.ndarray
    method: np.ndarray
    estimate: np.ndarray
    half_width: np.ndarray

    @classmethod
    def of(cls, parts: Sequence[HeldOut]) -> Self:
        """Return several as one."""
        columns = zip(
            *([part.row, part.sex, part.method, part.estimate, part.half_width] for part in parts), strict=True
        )
        return cls(*(np.concatenate(column, axis=-1) for column in columns))


@dataclass(frozen=True)
class Truth:
    """What estimates are scored against, by corridor.

    Attributes
    ----------
    corridors
        Columns destination and origin.
    stock
        Persons, shape (sexes, corridors).
    ratios
        Women per man from each source, as `smstock.audience.gender_gap.sex_ratios` has them.
    destination
        Number of each destination, in the order of the alphabet.
    """

    corridors: pd.DataFrame
    stock: np.ndarray
    ratios: pd.DataFrame
    destination: np.ndarray

    @classmethod
    def of(cls, known: pd.DataFrame, totals: pd.DataFrame) -> Self:
        """Return what is known of corridors, of a table of all sexes and its rows of both sexes together."""
        corridors = pd.MultiIndex.from_frame(totals[CORRIDOR_KEY])
        by_sex = [totals["stock"].to_numpy(dtype=float)]
        for sex in SEXES[1:]:
            stocks = known[known["sex"] == sex].set_index(CORRIDOR_KEY)["stock"]
            by_sex.append(stocks.reindex(corridors).to_numpy(dtype=float))
        ratios = sex_ratios(known).set_index(CORRIDOR_KEY).reindex(corridors).reset_index(drop=True)
        destination, _ = pd.factorize(totals["destination"], sort=True)
        return cls(totals[CORRIDOR_KEY].astype("str"), np.stack(by_sex), ratios, destination)

    def scored(self, held_out: np.ndarray, predictions: Mapping[str, np.ndarray]) -> HeldOut:
        """Return the estimates of one fold.

        Parameters
        ----------
        held_out
            Which corridors are of the fold.
        predictions
            Totals (persons) by method, predicted without the fold and without the corridor's own.
        """
        names, totals = [*predictions], np.stack([*predictions.values()])
        women, men = split(totals, women_per_man(self.ratios, ranked_sources(self.ratios[~held_out])))
        estimates = np.stack([totals, women, men], axis=1)
        scorable = (self.stock > 0) & (estimates > 0)
        elsewhere = scorable & ~held_out
        chosen = self._best_method(names, totals, elsewhere[:, 0])
        parts = [
            self._of_method(place, estimates[place], elsewhere[place], scorable[place] & held_out)
            for place in range(len(names))
        ]
        if chosen:
            leader = parts[names.index(chosen)]
            parts.append(replace(leader, method=np.full(len(leader.row), len(names))))
        return HeldOut.of(parts)

    def _best_method(self, names: Sequence[str], totals: np.ndarray, known: np.ndarray) -> str:
        """Return the method that estimates first by its errors on the totals that all methods estimate."""
        present = known.any(axis=1)
        common = known[present].all(axis=0) & present.any()
        if not common.any():
            return ""
        stock = self.stock[0, common]
        errors = {names[place]: rmsle(stock, totals[place, common]) for place in np.flatnonzero(present).tolist()}
        return leading(errors, len(stock), len(np.unique(self.destination[common])))

    def _of_method(self, method: int, estimates: np.ndarray, elsewhere: np.ndarray, held_out: np.ndarray) -> HeldOut:
        """Return the estimates of one method on a fold, their intervals from its errors elsewhere."""
        learnt = HalfWidths(
            (
                *self._measured("all", estimates[:1], self.stock[:1], elsewhere[:1]),
                *self._measured("sex", estimates[1:], self.stock[1:], elsewhere[1:]),
            )
        )
        sex, row = np.nonzero(held_out)
        persons = estimates[held_out]
        half_width = learnt.table()[:, np.minimum(sex, 1), place_of_band(persons)]
        return HeldOut(row, sex, np.full(len(row), method), persons, half_width)

    def _measured(self, kind: Kind, estimates: np.ndarray, stock: np.ndarray, known: np.ndarray) -> list[HalfWidth]:
        persons = estimates[known]
        destination = np.broadcast_to(self.destination, known.shape)[known]
        return measured(kind, np.log(stock[known] / persons), persons, destination)

    def table(self, scored: Sequence[HeldOut], methods: Sequence[str]) -> pd.DataFrame:
        """Return estimates of all folds as a table: columns as `smstock.evaluate.crossvalidate.cross_validate` says."""
        every = HeldOut.of(scored)
        table = pd.DataFrame(
            {
                **{end: self.corridors[end].array.take(every.row) for end in CORRIDOR_KEY},
                "sex": pd.array(SEXES, dtype="str").take(every.sex),
                "estimate": every.estimate,
                "method": pd.array(methods, dtype="str").take(every.method),
                "stock": self.stock[every.sex, every.row],
            }
        )
        for level, half_width in zip(LEVELS, every.half_width, strict=True):
            ends = interval(table["estimate"], pd.Series(half_width))
            table[f"lower_{level}"], table[f"upper_{level}"] = ends
        return table
