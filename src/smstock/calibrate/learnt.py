"""What is learnt from audiences beside official stocks: fitted methods, their measured errors, their ranking."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from smstock.calibrate.common_error import CommonError
from smstock.errors import UsageError
from smstock.models.base import Method  # noqa: TC001 - read when a file is read
from smstock.models.conformal import POOLED, HalfWidths
from smstock.tables import LEVELS

if TYPE_CHECKING:
    from smstock.corridors.sexes import Kind

Scored = Literal["all", "sex", "large", "small"]
"""Kind of cells that scores are of: totals, women and men, totals of a large stock and of a smaller one."""


@dataclass(frozen=True)
class IntervalScore:
    """How the intervals of a level did: stocks inside (percent), and the median log ratio of upper and lower end."""

    level: int
    coverage: float | None = None
    width: float | None = None

    def __post_init__(self) -> None:
        """Refuse a level that no table has."""
        if self.level not in LEVELS:
            raise UsageError(f"there is no interval of {self.level} %", allowed=", ".join(map(str, LEVELS)))


@dataclass(frozen=True)
class Score:
    """Cross-validated scores of a method (`smstock.evaluate.scores`), on the cells that all methods share.

    Attributes
    ----------
    method, kind
        Name of the method, and the kind of cells.
    cells, cells_own
        Cells that are scored, and those that the method could estimate.
    rmsle, mdape, wmape, mape, median_log_error, total_bias, crps
        Scores by these names.
    intervals
        Those of the intervals, a level each.
    """

    method: str
    kind: Scored
    cells: int
    rmsle: float
    cells_own: int = 0
    mdape: float | None = None
    wmape: float | None = None
    mape: float | None = None
    median_log_error: float | None = None
    total_bias: float | None = None
    crps: float | None = None
    intervals: tuple[IntervalScore, ...] = ()

    def coverage(self, level: int) -> float | None:
        """Return how many stocks the intervals of a level held (percent), None where there were none.

        Examples
        --------
        >>> score = Score("log_ratio", "all", 31, 0.3, intervals=(IntervalScore(80, 83.9),))
        >>> score.coverage(80), score.coverage(95)
        (83.9, None)
        """
        return next((interval.coverage for interval in self.intervals if interval.level == level), None)


@dataclass(frozen=True)
class RatioError:
    """How far a source of a sex ratio was from the official one.

    Attributes
    ----------
    source
        One of `smstock.audience.gender_gap.RATIOS`.
    cells
        Corridors that it was compared on.
    rms
        Root mean square of the log ratio of both.
    skill
        1 - rms / rms of an equal split.
    """

    source: str
    cells: int
    rms: float | None = None
    skill: float | None = None


@dataclass(frozen=True, kw_only=True)
class Learnt:
    """Methods with their measured errors.

    Attributes
    ----------
    methods
        The fitted methods by name.
    scores
        Cross-validated scores, one for each method and kind of cell.
    half_widths
        Half widths of the intervals by method.
    ranking
        Methods from the least cross-validated RMSLE up; the first one a corridor has the data for estimates it.
    sex_sources
        Sources of sex ratios, the most accurate first.
    errors_of_ratios
        How far each source of a sex ratio was from the official one, in the same order.
    common
        What cross-validated errors of the method chosen have in common.
    lacking
        Columns that methods read and none of the corridors tested had.
    foreign_basis
        What the accounts of all foreign origins rested on (`smstock.corridors.composition`), empty where none did.
    lag
        Median years between the benchmark and the last official figure before it, over the corridors tested; None if
        they had no earlier figure.
    cells
        Corridors (both sexes) that were cross-validated.
    destinations
        Of how many destinations the corridors are that all methods estimate.
    audiences
        Corridors (both sexes) with an audience and a stock to learn from.
    former
        Corridors (both sexes) whose office counts them under a former state: they did not teach the methods that they
        would mislead.
    """

    methods: dict[str, Method] = field(default_factory=dict)
    scores: tuple[Score, ...] = ()
    half_widths: dict[str, HalfWidths] = field(default_factory=dict)
    ranking: tuple[str, ...] = ()
    sex_sources: tuple[str, ...] = ()
    errors_of_ratios: tuple[RatioError, ...] = ()
    common: CommonError = field(default_factory=CommonError)
    lacking: tuple[str, ...] = ()
    foreign_basis: str = ""
    lag: float | None = None
    cells: int = 0
    destinations: int = 0
    audiences: int = 0
    former: int = 0

    def half_width(self, method: str, kind: Kind, level: int, band: str = POOLED) -> float:
        """Return the half width of a method's interval (log scale), infinity where nothing was measured.

        Examples
        --------
        >>> Learnt().half_width("log_ratio", "all", 80)
        inf
        """
        return self.half_widths.get(method, HalfWidths()).at(kind, level, band)

    def rmsle(self) -> dict[str, float]:
        """Return the RMSLE of each method on the totals that all methods share.

        Examples
        --------
        >>> Learnt(scores=(Score("log_ratio", "all", 31, 0.3), Score("log_ratio", "sex", 62, 0.4))).rmsle()
        {'log_ratio': 0.3}
        """
        return {score.method: score.rmsle for score in self.scores if score.kind == "all"}
