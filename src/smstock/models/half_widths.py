"""Half widths of intervals by kind of cell, level and size of the estimate, as they were measured and are looked up."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, isfinite
from typing import TYPE_CHECKING, Self

import numpy as np

from smstock.corridors.sexes import Kind  # noqa: TC001 - read when a calibration is read
from smstock.models.conformal import POOLED, half_widths
from smstock.tables import LEVELS

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd


@dataclass(frozen=True)
class HalfWidth:
    """One half width.

    Attributes
    ----------
    kind
        Kind of cell.
    level
        Level of the interval (percent).
    band
        Size band of the estimate (`smstock.vocabulary.sizes.BANDS_OF_INTERVALS`), or ``all``.
    log
        Half of the interval on the log scale.
    """

    kind: Kind
    level: int
    band: str
    log: float


@dataclass(frozen=True)
class HalfWidths:
    """The half widths of one method; what too few errors stood behind is not among them.

    Examples
    --------
    >>> learnt = HalfWidths((HalfWidth("all", 80, "all", 0.4), HalfWidth("all", 80, "<1,000", 0.9)))
    >>> learnt.at("all", 80, "<1,000"), learnt.at("all", 80, ">=10,000"), learnt.at("sex", 80)
    (0.9, 0.4, inf)
    """

    measured: tuple[HalfWidth, ...] = ()

    def at(self, kind: Kind, level: int, band: str = POOLED) -> float:
        """Return a half width (log scale): that of the band, else that of all sizes, else infinity."""
        by_band = {part.band: part.log for part in self.measured if (part.kind, part.level) == (kind, level)}
        return by_band.get(band, by_band.get(POOLED, inf))

    @classmethod
    def of(cls, cells: Mapping[Kind, pd.DataFrame]) -> Self:
        """Return the half widths that the errors of some cells give, by kind of cell; none of a kind without cells.

        Parameters
        ----------
        cells
            Columns destination, stock and estimate (persons, above 0), the stock unseen by the estimate.

        Examples
        --------
        >>> import pandas as pd
        >>> cells = pd.DataFrame({"destination": ["AUT", "DEU"], "stock": [50.0, 80.0], "estimate": [100.0, 100.0]})
        >>> [(part.level, part.band, round(part.log, 2)) for part in HalfWidths.of({"all": cells}).measured]
        [(50, 'all', 0.69), (50, '<1,000', 0.69)]
        """
        measured = []
        for kind, rows in cells.items():
            if rows.empty:
                continue
            estimates = rows["estimate"].to_numpy(dtype=float)
            errors = np.log(rows["stock"].to_numpy(dtype=float) / estimates)
            destinations = rows["destination"].to_numpy()
            for level in LEVELS:
                by_band = half_widths(errors, estimates, level, destinations)
                measured += [HalfWidth(kind, level, band, float(log)) for band, log in by_band.items() if isfinite(log)]
        return cls(tuple(measured))
