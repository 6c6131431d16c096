"""Conformal intervals: as wide as the errors on corridors outside the fit.

Split conformal prediction (Papadopoulos et al. 2002; Lei et al. 2018, doi 10.1080/01621459.2017.1307116) on the
absolute log error: the interval of level L around a median m is ``[m / e^q, m e^q]`` with q the ceil((n+1)L)-th
smallest of n errors. It covers at least L of new corridors that are exchangeable with those.

Small corridors are known worse than large ones, so the errors of each size band of the estimate are taken by
themselves (Mondrian conformal prediction: Vovk, Lindsay, Nouretdinov and Gammerman 2003, group-conditional). In a band
with few cells the half width is drawn towards that of all cells: ``(n q_band + 10 q_all) / (n + 10)``. The two bands
below 1,000 persons are drawn towards that of both together, which is drawn towards that of all cells in the same way.

Errors of one destination are alike. n of them are worth ``n / (1 + (m - 1) rho)`` independent ones, with m the mean
size of an error's destination and rho the correlation within (design effect: Kish 1965, section 5.4); the rank is that
of so many errors. With rho = 1 this is the number of destinations, as in the hierarchical conformal prediction of Lee,
Barber and Willett 2023 (arXiv 2306.06342).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import product
from math import ceil, inf, isfinite
from typing import TYPE_CHECKING, Final, Self, get_args

import numpy as np
import pandas as pd

from smstock.corridors.sexes import Kind
from smstock.errors import UsageError, shown
from smstock.tables import LEVELS
from smstock.vocabulary.sizes import BANDS, SMALL

if TYPE_CHECKING:
    from collections.abc import Mapping

POOLED: Final = "all"
"""Band of the half width that all cells give together."""
SHRINK: Final = 10
"""Cells that the pooled half width counts for beside those of a band."""
_BANDS: Final = (POOLED, *BANDS)
"""Bands of a half width."""
_SMALL: Final = "small"
"""The small bands together."""


def half_width(log_errors: np.ndarray, level: int, groups: np.ndarray | None = None) -> float:
    """Return q, the half width of the interval of ``level`` percent on the log scale; inf if the errors are too few.

    Parameters
    ----------
    log_errors
        Errors (natural logarithms); missing ones are passed over.
    level
        Level of the interval in percent.
    groups
        Destination of each error, where a new one is to be estimated; errors count one by one if left out.

    Examples
    --------
    >>> import numpy as np
    >>> errors = np.array([0.1, -0.2, 0.3, -0.4])
    >>> half_width(errors, 50), half_width(errors, 80), half_width(errors, 95)
    (0.3, 0.4, inf)
    >>> half_width(np.repeat(errors, 5), 80), half_width(np.repeat(errors, 5), 80, np.repeat(np.arange(4), 5))
    (0.4, 0.4)
    >>> half_width(np.repeat(errors, 5), 70), half_width(np.repeat(errors, 5), 70, np.repeat(np.arange(4), 5))
    (0.3, 0.4)
    """
    return _Sizes.of(log_errors, groups).half_width(level)


@dataclass(frozen=True)
class _Sizes:
    """Sizes of some errors, from which the half widths of all levels are read.

    Attributes
    ----------
    ordered
        Sizes of the known errors, the least first.
    worth
        How many independent errors they are worth.
    cells
        How many errors there are, missing ones with them.
    """

    ordered: np.ndarray
    worth: float
    cells: int

    @classmethod
    def of(cls, log_errors: np.ndarray, groups: np.ndarray | None) -> Self:
        known = np.isfinite(log_errors)
        sizes = np.abs(log_errors[known])
        order = np.argsort(sizes, kind="stable")
        return cls.ranked(sizes[order], None if groups is None else groups[known][order], len(log_errors))

    @classmethod
    def ranked(cls, ordered: np.ndarray, groups: np.ndarray | None, cells: int) -> Self:
        """Return the sizes of errors that are in order, their groups with them."""
        return cls(ordered, float(len(ordered)) if groups is None else _worth(ordered, groups), cells)

    def half_width(self, level: int) -> float:
        number = len(self.ordered)
        rank = ceil(number * (1 + 1 / self.worth) * level / 100 - 1e-9) if number else 1
        return float(self.ordered[rank - 1]) if rank <= number else inf


def effective_number(sizes: np.ndarray, groups: np.ndarray) -> float:
    """Return how many independent errors some errors in groups are worth: between the number of groups and their own.

    The correlation within groups is that of the ranks of the sizes, by the analysis of variance of one factor. A single
    group cannot tell, and its errors count one by one.

    Examples
    --------
    >>> import numpy as np
    >>> groups = np.repeat(np.arange(4), 5)
    >>> effective_number(np.repeat([0.1, 0.2, 0.3, 0.4], 5), groups), effective_number(np.arange(20) % 5, groups)
    (4.0, 20.0)
    """
    order = np.argsort(sizes, kind="stable")
    return _worth(sizes[order], np.unique(groups, return_inverse=True)[1][order])


def _worth(ordered: np.ndarray, groups: np.ndarray) -> float:
    """Return how many independent errors some are worth, whose sizes are in order and whose groups are numbers."""
    number, counts = len(ordered), np.bincount(groups)
    different = np.count_nonzero(counts)
    if not 1 < different < number:
        return float(number)
    ranks = _ranks(ordered)
    means = np.bincount(groups, weights=ranks) / np.maximum(counts, 1)
    squares = float(counts @ counts)
    between = float(counts @ (means - ranks.mean()) ** 2) / (different - 1)
    within = float(((ranks - means[groups]) ** 2).sum()) / (number - different)
    typical_size = (number - squares / number) / (different - 1)
    variance = between + (typical_size - 1) * within
    correlation = min(max((between - within) / variance, 0.0), 1.0) if variance > 0 else 0.0
    return float(number / (1 + (squares / number - 1) * correlation))


def _ranks(ordered: np.ndarray) -> np.ndarray:
    """Return the ranks of numbers in order, from 1; equal ones share the mean of theirs."""
    is_new = np.concatenate([[True], ordered[1:] != ordered[:-1]])
    first = np.flatnonzero(is_new)
    last = np.append(first[1:], len(ordered))
    ranks: np.ndarray = ((first + 1 + last) / 2)[np.cumsum(is_new) - 1]
    return ranks


def band(persons: np.ndarray) -> np.ndarray:
    """Return the size band of estimates; a missing one is in the pooled band.

    Examples
    --------
    >>> import numpy as np
    >>> band(np.array([12.0, 5000.0, 1e6, np.nan])).tolist()
    ['<100', '1,000-9,999', '>=10,000', 'all']
    """
    bands: np.ndarray = np.array([*BANDS, POOLED], dtype=object)[place_of_band(persons)]
    return bands


def place_of_band(persons: np.ndarray) -> np.ndarray:
    """Return the place of the size band of estimates in the order of bands; that of a missing one is past the last.

    Examples
    --------
    >>> import numpy as np
    >>> place_of_band(np.array([12.0, 5000.0, np.nan])).tolist()
    [0, 2, 4]
    """
    persons = np.asarray(persons, dtype=float)
    place = np.searchsorted(list(BANDS.values()), persons, side="right") - 1
    places: np.ndarray = np.where(np.isnan(persons), len(BANDS), place)
    return places


def half_widths(
    log_errors: np.ndarray, persons: np.ndarray, level: int, groups: np.ndarray | None = None
) -> dict[str, float]:
    """Return the half width of each size band and, as ``all``, that of the whole; inf where the errors are too few.

    Parameters
    ----------
    log_errors
        Errors of held-out estimates (natural logarithms).
    persons
        The estimates.
    level
        Level of the interval in percent.
    groups
        Destination of each error, where a new one is to be estimated.

    Examples
    --------
    >>> import numpy as np
    >>> persons = np.repeat([100.0, 50_000.0], 100)
    >>> errors = np.concatenate([np.linspace(-1, 1, 100), np.linspace(-0.1, 0.1, 100)])
    >>> {name: round(log, 2) for name, log in half_widths(errors, persons, 80).items()}
    {'all': 0.62, '<100': 0.8, '100-999': 0.82, '>=10,000': 0.13}
    """
    return _by_band(_sizes_by_band(log_errors, persons, groups), level)


def _sizes_by_band(log_errors: np.ndarray, persons: np.ndarray, groups: np.ndarray | None) -> dict[str, _Sizes]:
    """Return the sizes of all errors, of those of each size band that has any, and of those of the small ones."""
    place, known = place_of_band(persons), np.flatnonzero(np.isfinite(log_errors))
    sizes = np.abs(log_errors[known])
    order = np.argsort(sizes, kind="stable")
    ordered, known = sizes[order], known[order]
    groups, place_of = None if groups is None else groups[known], place[known]
    cells = dict(zip(BANDS, np.bincount(place, minlength=len(BANDS)).tolist(), strict=False))
    members = {name: place_of == number for number, name in enumerate(BANDS)}
    members[_SMALL] = np.logical_or.reduce([members[name] for name in SMALL])
    cells[_SMALL] = sum(cells[name] for name in SMALL)
    by_band = {POOLED: _Sizes.ranked(ordered, groups, len(log_errors))}
    for name, rows in members.items():
        if cells[name]:
            by_band[name] = _Sizes.ranked(ordered[rows], None if groups is None else groups[rows], cells[name])
    return by_band


def _by_band(sizes: Mapping[str, _Sizes], level: int) -> dict[str, float]:
    """Return the half width of each band, drawn towards that of the small bands together, or of all cells."""
    pooled = sizes[POOLED].half_width(level)
    small = _drawn(sizes.get(_SMALL), level, pooled)
    by_band = {POOLED: pooled}
    for name in BANDS:
        if name in sizes:
            by_band[name] = _drawn(sizes[name], level, small if name in SMALL else pooled)
        elif name in SMALL and _SMALL in sizes:
            by_band[name] = small
    return {name: log for name, log in by_band.items() if name == POOLED or isfinite(log)}


def _drawn(sizes: _Sizes | None, level: int, towards: float) -> float:
    """Return the half width of a band, drawn towards a wider group's where its cells are few; inf if they are too few.

    Too few stays infinite: `HalfWidths.at` then takes a lower level of the band in proportion.
    """
    own = sizes.half_width(level) if sizes else inf
    if sizes is None or not isfinite(own) or not isfinite(towards):
        return own
    return (sizes.cells * own + SHRINK * towards) / (sizes.cells + SHRINK)


def interval(median: pd.Series, half_width: pd.Series | float) -> tuple[pd.Series, pd.Series]:
    """Return lower and upper end around a median (persons); both missing where the half width is infinite.

    Examples
    --------
    >>> import pandas as pd
    >>> [end.round(1).tolist() for end in interval(pd.Series([100.0]), 0.693147)]
    [[50.0], [200.0]]
    """
    factor = np.exp(pd.Series(half_width, index=median.index, dtype="float64").replace(inf, float("nan")))
    return median / factor, median * factor


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
        Size band of the estimate (`smstock.vocabulary.sizes.BANDS`), or ``all``.
    log
        Half of the interval on the log scale.
    """

    kind: Kind
    level: int
    band: str
    log: float

    def __post_init__(self) -> None:
        """Refuse a level that no table has, and a band that is none."""
        if self.level not in LEVELS or self.band not in _BANDS:
            raise UsageError(
                f"there is no interval of {self.level} % in the band {shown(repr(self.band))}",
                allowed=f"{', '.join(map(str, LEVELS))} %; {', '.join(_BANDS)}",
            )


@dataclass(frozen=True)
class HalfWidths:
    """The half widths of one method; what too few errors stood behind is not among them.

    Examples
    --------
    >>> learnt = HalfWidths((HalfWidth("all", 80, "all", 0.4), HalfWidth("all", 80, "<100", 0.9)))
    >>> learnt.at("all", 80, "<100"), learnt.at("all", 80, ">=10,000"), learnt.at("sex", 80)
    (0.9, 0.4, inf)
    """

    measured: tuple[HalfWidth, ...] = ()

    def at(self, kind: Kind, level: int, band: str = POOLED) -> float:
        """Return a half width (log scale): that of the band, else that of all sizes, else infinity.

        A band with too few errors for a level and enough for a lower one has the tail of all sizes in proportion: its
        half width at the lower level, times what both levels are of all sizes.

        Examples
        --------
        >>> logs = {(80, "all"): 0.6, (95, "all"): 1.2, (80, ">=10,000"): 0.2}
        >>> learnt = HalfWidths(tuple(HalfWidth("all", level, band, log) for (level, band), log in logs.items()))
        >>> round(learnt.at("all", 95, ">=10,000"), 2), learnt.at("all", 95, "<100")
        (0.4, 1.2)
        """
        logs = self._logs
        pooled = logs.get((kind, level, POOLED), inf)
        if (kind, level, band) in logs or pooled == inf:
            return logs.get((kind, level, band), pooled)
        lower = [
            other
            for other in LEVELS
            if other < level and (kind, other, band) in logs and logs.get((kind, other, POOLED), 0) > 0
        ]
        return logs[kind, lower[-1], band] * pooled / logs[kind, lower[-1], POOLED] if lower else pooled

    @cached_property
    def _logs(self) -> dict[tuple[Kind, int, str], float]:
        return {(part.kind, part.level, part.band): part.log for part in self.measured}

    def table(self) -> np.ndarray:
        """Return all half widths, shape (levels, kinds, bands): the last band is that of a missing estimate.

        Examples
        --------
        >>> HalfWidths((HalfWidth("all", 80, "all", 0.4), HalfWidth("all", 80, "<100", 0.9))).table()[1].tolist()
        [[0.9, 0.4, 0.4, 0.4, 0.4], [inf, inf, inf, inf, inf]]
        """
        places = product(LEVELS, get_args(Kind), (*BANDS, POOLED))
        logs = [self.at(kind, level, band) for level, kind, band in places]
        return np.array(logs).reshape(len(LEVELS), len(get_args(Kind)), -1)

    @classmethod
    def of(cls, cells: Mapping[Kind, pd.DataFrame]) -> Self:
        """Return the half widths that the errors of some cells give, by kind of cell; none of a kind without cells.

        Parameters
        ----------
        cells
            Columns destination, stock and estimate (persons, above 0), the stock unseen by the estimate.

        Examples
        --------
        >>> cells = pd.DataFrame({"destination": ["AUT", "DEU"], "stock": [50.0, 80.0], "estimate": [100.0, 100.0]})
        >>> [(part.level, part.band, round(part.log, 2)) for part in HalfWidths.of({"all": cells}).measured]
        [(50, 'all', 0.69), (50, '<100', 0.69), (50, '100-999', 0.69)]
        """
        logs: list[HalfWidth] = []
        for kind, rows in cells.items():
            # as numbers: texts are slow to tell apart
            destinations, _ = pd.factorize(rows["destination"], sort=True)
            stocks, estimates = (rows[name].to_numpy(dtype=float) for name in ("stock", "estimate"))
            logs += measured(kind, np.log(stocks / estimates), estimates, destinations)
        return cls(tuple(logs))


def measured(kind: Kind, log_errors: np.ndarray, persons: np.ndarray, groups: np.ndarray) -> list[HalfWidth]:
    """Return the half widths that errors of one kind of cell give: those of all levels, of each band and of all.

    Parameters
    ----------
    kind
        Kind of cell.
    log_errors
        Errors of held-out estimates (natural logarithms).
    persons
        The estimates.
    groups
        Number of the destination of each error, from 0.

    Examples
    --------
    >>> import numpy as np
    >>> logs = measured("all", np.log([0.5, 0.8]), np.array([100.0, 100.0]), np.array([0, 1]))
    >>> [(part.level, part.band, round(part.log, 2)) for part in logs]
    [(50, 'all', 0.69), (50, '<100', 0.69), (50, '100-999', 0.69)]
    """
    if len(log_errors) == 0:
        return []
    sizes = _sizes_by_band(log_errors, persons, groups)
    return [
        HalfWidth(kind, level, band, float(log))
        for level in LEVELS
        for band, log in _by_band(sizes, level).items()
        if isfinite(log)
    ]
