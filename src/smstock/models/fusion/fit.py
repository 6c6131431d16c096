"""Learning the parameters: the mode of their posterior, and points around it that carry their uncertainty on."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.optimize import Bounds, minimize
from scipy.special import ndtri

from smstock.errors import ModelError, TooFewCellsError
from smstock.models.fusion.filter import run
from smstock.models.fusion.parameters import PROCESS, declared, learnt_scale, point

if TYPE_CHECKING:
    from collections.abc import Mapping

    from smstock.models.fusion.panel import Integers, Panel
    from smstock.models.fusion.parameters import Numbers, Parameter, Point
    from smstock.models.fusion.shared import Shared

FEWEST: Final = 20
"""Fewest figures that follow an earlier one of their corridor."""
STEPS: Final = (25, 12)
"""Most iterations for the parameters of the series, and for those of further sources and audiences."""
DIFFERENCE: Final = 1e-4
"""Step of a numerical gradient on the learnt scale."""
CURVATURE: Final = 1e-2
"""Step of the gradient's own difference, for the curvature at the mode."""


MOST_LEARNT: Final = 16
"""Panels of which what was learnt is remembered: a back-test asks for the figures up to a day at several horizons."""
_LEARNT: Final[dict[bytes, tuple[Numbers, Numbers]]] = {}


@dataclass(frozen=True, eq=False)
class Fit:
    """What was learnt from a panel.

    Attributes
    ----------
    parameters
        What was learnt, by name.
    mode
        The most probable point on the learnt scale.
    points
        Points of equal weight around it, the mode not among them; shape (points, parameters), on the learnt scale.
    shared
        Shared parts of every date at ``points``, for corridors outside the panel.
    destinations, origins
        Names that the shared parts belong to.
    main
        The source that is estimated.
    """

    parameters: Mapping[str, Parameter]
    mode: Numbers
    points: Numbers
    shared: Mapping[str, Shared]
    destinations: tuple[str, ...]
    origins: tuple[str, ...]
    main: str

    def at_mode(self) -> Point:
        """Return the parameters at the mode, one point."""
        return point(self.parameters, self.mode)

    def at_points(self) -> Point:
        """Return the parameters at the points around the mode."""
        return point(self.parameters, self.points)


def fit(panel: Panel, *, points: int = 4) -> Fit:
    """Return what a panel teaches, by marginal likelihood and prior.

    The parameters of the series are learnt first, from the main source alone. Those of further sources and of audiences
    are learnt next, given the first, and stand at their mode. Points of the parameters of the series are drawn by a
    fixed sequence from the normal approximation at their mode, so that the same panel gives the same fit.

    Raises
    ------
    TooFewCellsError
        Fewer than 20 figures of the main source follow an earlier one of their corridor.
    """
    main_panel = panel.only_main()
    counts = np.sum([~np.isnan(measurement.log) for measurement in main_panel.measurements], axis=0)
    pairs = int(np.maximum(counts - 1, 0).sum())
    if pairs < FEWEST:
        raise TooFewCellsError(
            f"{pairs} figures of {panel.main} follow an earlier one of their corridor",
            allowed=f"{FEWEST} or more",
            hint="give more years or more corridors, or carry the last figure forward",
        )
    mode, covariance = _of_series(main_panel)
    spread = np.linalg.cholesky(covariance)
    around = mode + _normal_points(points, len(mode)) @ spread.T
    full = _Posterior(panel, declared(panel.sources, panel.metrics))
    further = np.arange(len(PROCESS), len(full.centre))
    mode = np.concatenate([mode, full.centre[further]])
    if len(further):
        mode = full.climbed(_near(full, mode), further, STEPS[1])
    around = np.column_stack([around, np.tile(mode[further], (points, 1))])
    filtered = run(panel, point(full.parameters, around))
    return Fit(full.parameters, mode, around, filtered.shared, panel.destinations, panel.origins, panel.main)


def _of_series(main_panel: Panel) -> tuple[Numbers, Numbers]:
    """Return mode and covariance of the parameters of the series; the same figures are learnt from once."""
    content = _content(main_panel)
    if content not in _LEARNT:
        series = _Posterior(main_panel, PROCESS)
        mode = series.climbed(series.centre, np.arange(len(PROCESS)), STEPS[0])
        covariance = series.covariance(mode)
        while len(_LEARNT) >= MOST_LEARNT:
            _LEARNT.pop(next(iter(_LEARNT)), None)
        _LEARNT[content] = mode, covariance
    return _LEARNT[content]


def _content(panel: Panel) -> bytes:
    """Return a digest of all that a fit reads of a panel of one source."""
    digest = sha256(repr((panel.dates, panel.destinations, panel.origins, panel.main)).encode())
    for numbers in (panel.destination, panel.origin, panel.size):
        digest.update(numbers.tobytes())
    for measurement in panel.measurements:
        digest.update(repr((measurement.date, measurement.kind)).encode())
        for numbers in (measurement.log, measurement.variance, measurement.break_variance):
            digest.update(numbers.tobytes())
    return digest.digest()


def _near(posterior: _Posterior, mode: Numbers) -> Numbers:
    """Return the parameters with each source's offset and spread at what its surprises look like, to start from."""
    names = list(posterior.parameters)
    start = mode.copy()
    heard = run(posterior.panel, point(posterior.parameters, mode[None]), keep=True).heard
    for source in posterior.panel.sources:
        surprises = [
            reading.measurement.log - reading.expected[0] for reading in heard if reading.measurement.name == source
        ]
        finite = np.concatenate(surprises)
        finite = finite[~np.isnan(finite)]
        if len(finite) >= FEWEST:
            middle = float(np.median(finite))
            start[names.index(f"offset:{source}")] = middle
            start[names.index(f"spread:{source}")] = np.log(max(1.4826 * float(np.median(abs(finite - middle))), 0.01))
    return start


class _Posterior:
    """The log posterior of parameters on the learnt scale, given a panel; up to a constant."""

    def __init__(self, panel: Panel, parameters: Mapping[str, Parameter]) -> None:
        self.panel, self.parameters = panel, parameters
        self.centre, self.spread = learnt_scale(parameters)

    def heights(self, rows: Numbers) -> Numbers:
        """Return the log posterior of each row."""
        prior = -0.5 * np.square((rows - self.centre) / self.spread).sum(axis=1)
        heights: Numbers = run(self.panel, point(self.parameters, rows)).log_likelihood + prior
        return heights

    def slope(self, row: Numbers, free: Integers) -> tuple[float, Numbers]:
        """Return the log posterior and its gradient in the free parameters: all differences in one pass."""
        rows = np.repeat(row[None], len(free) + 1, axis=0)
        rows[np.arange(1, len(rows)), free] += DIFFERENCE
        heights = self.heights(rows)
        return float(heights[0]), (heights[1:] - heights[0]) / DIFFERENCE

    def climbed(self, start: Numbers, free: Integers, steps: int) -> Numbers:
        """Return the parameters with the free ones at the mode, looked for within 6 prior standard deviations."""

        def downhill(free_values: Numbers) -> tuple[float, Numbers]:
            rows = start.copy()
            rows[free] = free_values
            height, slope = self.slope(rows, free)
            return -height, -slope

        reach = 6 * self.spread[free]
        bounds = Bounds(self.centre[free] - reach, self.centre[free] + reach)
        optimum = minimize(
            downhill, start[free], jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": steps}
        )
        if not np.isfinite(optimum.fun):
            raise ModelError(
                "the likelihood of the series is not finite", hint="look for figures that are out of place"
            )
        climbed = start.copy()
        climbed[free] = optimum.x
        return climbed

    def covariance(self, mode: Numbers) -> Numbers:
        """Return the covariance of the normal approximation at the mode, in no direction wider than the prior."""
        free = np.arange(len(mode))
        slope_at_mode = self.slope(mode, free)[1]
        rows = mode + CURVATURE * np.eye(len(mode))
        curvature = np.array([slope_at_mode - self.slope(row, free)[1] for row in rows]) / CURVATURE
        scale = np.outer(self.spread, self.spread)
        values, vectors = np.linalg.eigh((curvature + curvature.T) / 2 * scale)
        covariance: Numbers = (vectors / np.maximum(values, 1.0)) @ vectors.T * scale
        return covariance


def _normal_points(points: int, size: int) -> Numbers:
    """Return points of a standard normal distribution, spread evenly, in pairs around 0; shape (points, size)."""
    # half a second to load, and few runs learn a fusion
    from scipy.stats import qmc

    half = qmc.Halton(size, scramble=True, rng=1).random((points + 1) // 2)
    normal = ndtri(half)
    paired: Numbers = np.concatenate([normal, -normal])[:points]
    return paired
