"""The filter: one pass over the dates of a panel, all corridors and all parameter points at once."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from smstock.models.fusion.noise import cases, noise
from smstock.models.fusion.shared import shared_parts, with_shared
from smstock.models.fusion.state import DRIFT, LEVEL, Case, State, advance, step, update

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from smstock.models.fusion.noise import Noise
    from smstock.models.fusion.panel import Measurement, Panel
    from smstock.models.fusion.parameters import Point
    from smstock.models.fusion.shared import Shared
    from smstock.models.fusion.state import Flags, Numbers, Step

ODD: Final = 0.02
"""Share of audiences and of figures of further sources that are plainly wrong: a glitch that was not found, a typo."""
ODD_SD: Final = 1.0
"""Error of such a number, as a logarithm."""


@dataclass(frozen=True, eq=False)
class Heard:
    """A measurement as the filter met it, arrays of shape (points, corridors): for residuals and explanations.

    Attributes
    ----------
    measurement
        What was said.
    expected, variance
        Logarithm that was expected, and its variance with the error of the measurement; missing where nothing was.
    moved
        How far it moved the level.
    ordinary
        Probability that it was neither a jump nor a sharp turn nor plainly wrong.
    """

    measurement: Measurement
    expected: Numbers
    variance: Numbers
    moved: Numbers
    ordinary: Numbers


@dataclass(frozen=True, eq=False)
class Filtered:
    """What a pass yields.

    Attributes
    ----------
    log_likelihood
        By point, of everything but first measurements.
    last
        The state at the last date.
    heard
        Each measurement, if asked for.
    shared
        Shared parts by date.
    """

    log_likelihood: Numbers
    last: State
    heard: tuple[Heard, ...]
    shared: Mapping[str, Shared]


@dataclass(eq=False)
class _Pass:
    """A pass on its way: the panel, the parameters, and what it yielded so far."""

    panel: Panel
    at: Point
    noises: Noise
    log_likelihood: Numbers
    shared: dict[str, Shared] = field(default_factory=dict)
    heard: list[Heard] = field(default_factory=list)


def move(state: State, at: Point, noises: Noise, years: float) -> State:
    """Return the state some years later.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> from smstock.models.fusion.panel import panel
    >>> from smstock.models.fusion.parameters import declared, learnt_scale, point
    >>> figures = pd.DataFrame({"destination": "AUT", "origin": "SRB", "reference_date": ["2016-01-01", "2017-01-01"],
    ...                         "value": [100.0, 110.0], "source": "eurostat"})
    >>> series, at = panel(figures), point(declared(), learnt_scale(declared())[0])
    >>> later = move(run(series, at).last, at, noise(series, at), 1.0)
    >>> np.exp(later.means[LEVEL]).round().tolist()
    [[114.0]]
    """
    over = step(at["damping"], years)
    return advance(
        state, over, mean=noises.mean, level_noise=noises.level, drift_noise=noises.drift, walk_noise=noises.walks
    )


def run(
    panel: Panel, at: Point, *, shared: Mapping[str, Shared] | None = None, until: str = "", keep: bool = False
) -> Filtered:
    """Filter a panel at one or more points.

    Parameters
    ----------
    panel, at
        What was measured, and the parameters.
    shared
        Shared parts that another panel left, by date; corridors are then independent of one another, and a date that
        is missing has none. Unless given they are estimated from this panel.
    until
        Last day to go to; the end unless given.
    keep
        Whether to keep the measurements of every date.
    """
    going = _Pass(panel, at, noise(panel, at), np.zeros(at.points))
    state = _start(going)
    years, since, figures_since = panel.years, 0.0, 0.0
    for place, date in enumerate(panel.dates):
        if until and date > until:
            break
        state = move(state, at, going.noises, years[place] - since)
        since = years[place]
        for measurement in _of_date(panel, place):
            over = step(at["damping"], since - figures_since)  # shared turns came about between two figures
            before = state
            if measurement.kind == "main":
                parts = shared.get(date) if shared is not None else _found(going, state, measurement, over)
                state = with_shared(panel, state, parts, over) if parts else state
            state, expected, variance, ordinary = _measure(going, state, measurement, over)
            if keep:
                moved = state.means[LEVEL] - before.means[LEVEL]
                going.heard.append(Heard(measurement, expected, variance, moved, ordinary))
            if measurement.kind == "main":
                figures_since = since
    known = going.shared if shared is None else shared
    return Filtered(going.log_likelihood, state, tuple(going.heard), known)


def _of_date(panel: Panel, place: int) -> Iterator[Measurement]:
    return (measurement for measurement in panel.measurements if measurement.date == place)


def _found(going: _Pass, state: State, measurement: Measurement, over: Step) -> Shared:
    """Return the shared parts of a date, estimated from its figures, and keep them with their likelihood."""
    parts, likelihood = shared_parts(going.panel, state, going.at, measurement, over)
    going.shared[going.panel.dates[measurement.date]] = parts
    going.log_likelihood = going.log_likelihood + likelihood
    return parts


def _start(going: _Pass) -> State:
    """Return the state before anything was measured: no level, no audience, a drift around its mean."""
    panel, noises = going.panel, going.noises
    shape = (going.at.points, len(panel.corridors))
    size = 2 + len(panel.metrics)
    nothing = np.zeros(shape)
    covariances = [[nothing for _ in range(size)] for _ in range(size)]
    covariances[DRIFT][DRIFT] = going.at["start"] ** 2 + noises.drift
    unseen = np.zeros(shape[1], dtype=bool)
    means = (nothing, np.broadcast_to(noises.mean, shape), *(nothing for _ in panel.metrics))
    return State(means, tuple(map(tuple, covariances)), unseen, unseen, tuple(unseen for _ in panel.metrics))


def _measure(
    going: _Pass, state: State, measurement: Measurement, over: Step
) -> tuple[State, Numbers, Numbers, Numbers]:
    """Return the state after a measurement, what was expected with its variance, and the ordinary share."""
    at, noises = going.at, going.noises
    measured = ~np.isnan(measurement.log)
    log = np.where(measured, measurement.log, 0.0)
    if measurement.kind == "audience":
        return _audience(going, state, measurement, log, measured)
    error = noises.error
    if measurement.kind == "source":
        log = log - at[f"offset:{measurement.name}"]
        error = error + at[f"spread:{measurement.name}"] ** 2
        error = error + at[f"spread_small:{measurement.name}"] ** 2 / going.panel.size
    continuing, first = measured & state.has_level, measured & ~state.has_level
    expected = np.where(continuing, state.means[LEVEL], np.nan)
    variance = state.covariances[LEVEL][LEVEL] + error
    ways = _odd() if measurement.kind == "source" else cases(at, over)
    again = continuing & state.figured if measurement.kind == "main" else continuing
    state, gained, ordinary = update(state, again, {LEVEL: 1.0}, log, error=error, cases=ways)
    if measurement.kind == "main":
        if (anew := continuing & ~state.figured).any():
            # the first figure of the series differs from another source's level by that source's error, not a jump
            afresh = [Case(1 - ODD, {}), Case(ODD, {(LEVEL, LEVEL): np.full_like(log, ODD_SD**2)})]
            state, more, _ = update(state, anew, {LEVEL: 1.0}, log, error=error, cases=afresh)
            gained = gained + more
        state = replace(state, figured=state.figured | measured)
    going.log_likelihood = going.log_likelihood + gained.sum(axis=1)
    if first.any():
        state = replace(_started(state, LEVEL, first, log, error=error), has_level=state.has_level | measured)
    return state, expected, variance, ordinary


def _odd() -> list[Case]:
    """Return the ways in which a number beside the main source comes about: ordinary, or plainly wrong."""
    return [Case(1 - ODD, {}), Case(ODD, {}, ODD_SD**2)]


def _audience(
    going: _Pass, state: State, measurement: Measurement, log: Numbers, measured: Flags
) -> tuple[State, Numbers, Numbers, Numbers]:
    """Measure with an audience: its first one tells nothing of the level, the next ones tell its change."""
    metric = going.panel.metrics.index(measurement.name)
    part = 2 + metric
    share = going.at[f"elasticity:{measurement.name}"]
    error = going.at[f"flicker:{measurement.name}"] ** 2 + measurement.variance
    covariances = [list(row) for row in state.covariances]
    covariances[part][part] = covariances[part][part] + measurement.break_variance
    state = replace(state, covariances=tuple(map(tuple, covariances)))
    continuing, first = measured & state.walking[metric], measured & state.has_level & ~state.walking[metric]
    expected = np.where(continuing, share * state.means[LEVEL] + state.means[part], np.nan)
    cov = state.covariances
    variance = share**2 * cov[LEVEL][LEVEL] + 2 * share * cov[LEVEL][part] + cov[part][part] + error
    state, gained, ordinary = update(state, continuing, {LEVEL: share, part: 1.0}, log, error=error, cases=_odd())
    going.log_likelihood = going.log_likelihood + gained.sum(axis=1)
    if first.any():
        started = _started(state, part, first, log - share * state.means[LEVEL], error=error, share=share)
        walking = (*state.walking[:metric], state.walking[metric] | first, *state.walking[metric + 1 :])
        state = replace(started, walking=walking)
    return state, expected, variance, ordinary


def _started(
    state: State, part: int, first: Flags, value: Numbers, *, error: Numbers, share: Numbers | float = 0.0
) -> State:
    """Return the state with a part that was measured for the first time as ``value`` = measurement - share x level."""
    means = list(state.means)
    covariances = [list(row) for row in state.covariances]
    means[part] = np.where(first, value, means[part])
    for other in range(len(means)):
        if other != part:
            tied = np.where(first, -share * state.covariances[LEVEL][other], covariances[part][other])
            covariances[part][other] = covariances[other][part] = tied
    own = error + share**2 * state.covariances[LEVEL][LEVEL]
    covariances[part][part] = np.where(first, own, covariances[part][part])
    return replace(state, means=tuple(means), covariances=tuple(map(tuple, covariances)))
