"""Dividing the audience by the probability that a migrant is a user: Spyratos et al. 2018 and 2019.

Spyratos et al. 2018 (JRC112310, doi 10.2760/964282), section 3.3, and 2019 (doi 10.1371/journal.pone.0224134)::

    p_c = users_c / population_c
    P   = W p_destination + (1 - W) p_origin         W: weight of the destination
    N   = audience / P                               lower, upper: P = max, min of the two

The published value of W is not in the public text; here it is the one of 0, 1/4, 1/2, 3/4, 1 with the least RMSLE.
Dividing by penetration made estimates worse in every data set tried so far; the method is offered as published.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final, Self

import numpy as np

from smstock.models.cells import CellMethod

if TYPE_CHECKING:
    from smstock.models.cells import Cells

WEIGHTS: Final = (0.0, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True)
class Penetration(CellMethod):
    """Audience over a weighted mean of penetration at destination and origin.

    Parameters
    ----------
    destination_weight
        W, between 0 (penetration of the origin) and 1 (of the destination).

    Examples
    --------
    >>> import pandas as pd
    >>> cell = pd.DataFrame({"audience": [1000.0], "penetration_destination": [0.5], "penetration_origin": [0.25]})
    >>> [round(Penetration(weight).predict(cell)[0]) for weight in (0.0, 0.5, 1.0)]
    [4000, 2667, 2000]
    """

    name: ClassVar = "penetration"
    needs: ClassVar = ("audience", "penetration_destination", "penetration_origin")
    source: ClassVar = "Spyratos et al. 2018, 2019"
    fewest: ClassVar = 3

    destination_weight: float = 0.5

    @classmethod
    def _learnt(cls, cells: Cells) -> Self:
        audience, destination, origin = (cells[name] for name in cls.needs)
        weights = np.array(WEIGHTS)[:, None]
        errors = np.log(audience / (weights * destination + (1 - weights) * origin) / cells["stock"])
        return cls(WEIGHTS[int(np.square(errors).mean(axis=1).argmin())])

    def _stocks(self, cells: Cells) -> np.ndarray:
        weight = self.destination_weight
        audience, destination, origin = (cells[name] for name in self.needs)
        stocks: np.ndarray = audience / (weight * destination + (1 - weight) * origin)
        return stocks


@dataclass(frozen=True)
class PenetrationLower(CellMethod):
    """The lower variant: divided by the larger of both penetration rates."""

    name: ClassVar = "penetration_lower"
    needs: ClassVar = Penetration.needs
    source: ClassVar = Penetration.source

    def _stocks(self, cells: Cells) -> np.ndarray:
        audience, destination, origin = (cells[name] for name in self.needs)
        stocks: np.ndarray = audience / np.maximum(destination, origin)
        return stocks


@dataclass(frozen=True)
class PenetrationUpper(CellMethod):
    """The upper variant: divided by the smaller of both penetration rates."""

    name: ClassVar = "penetration_upper"
    needs: ClassVar = Penetration.needs
    source: ClassVar = Penetration.source

    def _stocks(self, cells: Cells) -> np.ndarray:
        audience, destination, origin = (cells[name] for name in self.needs)
        stocks: np.ndarray = audience / np.minimum(destination, origin)
        return stocks
