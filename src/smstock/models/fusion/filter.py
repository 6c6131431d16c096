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
"""Share of audiences and of figures of further sources that are plainly wrong: an undetected glitch, a typo."""
ODD_SD: Final = 1.0
"""Error of such a number, as a logarithm."""


@dataclass(frozen=True, eq=False)
class Heard:
    """A measurement as the filter met it, arrays of shape (points, corridors): for residuals and explanations.

    Attributes
    ----------
    measurement
        The measurement.
    expected, variance
        Expected logarithm, and its variance with the error of the measurement; missing without an expectation.
    before
        Logarithm of the level before it and before what corridors share at its date; missing without a level.
    moved
        How far it moved the level from there.
    ordinary
        Probability that it was an ordinary one: no jump, no sharp turn, no plain error.
    """

    measurement: Measurement
    expected: Numbers
    variance: Numbers
    before: Numbers
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
    parameters: Point
    noises: Noise
    log_likelihood: Numbers
    shared: dict[str, Shared] = field(default_factory=dict)
    heard: list[Heard] = field(default_factory=list)


def move(state: State, parameters: Point, noises: Noise, years: float) -> State:
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
    elapsed = step(parameters["damping"], years)
    return advance(
        state, elapsed, mean=noises.mean, level_noise=noises.level, drift_noise=noises.drift, walk_noise=noises.walks
    )


def run(
    panel: Panel, parameters: Point, *, shared: Mapping[str, Shared] | None = None, until: str = "", keep: bool = False
) -> Filtered:
    """Filter a panel at one or more points.

    Parameters
    ----------
    panel, parameters
        What was measured, and the parameters.
    shared
        Shared parts that another panel left, by date; corridors are then independent of one another, and a date that
        is missing has none. Unless given they are estimated from this panel.
    until
        Last day to go to; the end unless given.
    keep
        Whether to keep the measurements of every date.
    """
    filtering = _Pass(panel, parameters, noise(panel, parameters), np.zeros(parameters.points))
    state = _start(filtering)
    years, since, figures_since = panel.years, 0.0, 0.0
    for place, date in enumerate(panel.dates):
        if until and date > until:
            break
        state = move(state, parameters, filtering.noises, years[place] - since)
        since = years[place]
        for measurement in _of_date(panel, place):
            elapsed = step(parameters["damping"], since - figures_since)  # shared turns came about between two figures
            before = state
            if measurement.kind == "main":
                shared_of_date = (
                    shared.get(date) if shared is not None else _shared_of_date(filtering, state, measurement, elapsed)
                )
                state = with_shared(panel, state, shared_of_date, elapsed) if shared_of_date else state
            state, expected, variance, ordinary = _measure(filtering, state, measurement, elapsed)
            if keep:
                level = np.where(before.has_level, before.means[LEVEL], np.nan)
                moved = state.means[LEVEL] - before.means[LEVEL]
                filtering.heard.append(Heard(measurement, expected, variance, level, moved, ordinary))
            if measurement.kind == "main":
                figures_since = since
    known = filtering.shared if shared is None else shared
    return Filtered(filtering.log_likelihood, state, tuple(filtering.heard), known)


def _of_date(panel: Panel, place: int) -> Iterator[Measurement]:
    return (measurement for measurement in panel.measurements if measurement.date == place)


def _shared_of_date(filtering: _Pass, state: State, measurement: Measurement, elapsed: Step) -> Shared:
    """Return the shared parts of a date, estimated from its figures, and keep them with their likelihood."""
    shared, likelihood = shared_parts(filtering.panel, state, filtering.parameters, measurement, elapsed)
    filtering.shared[filtering.panel.dates[measurement.date]] = shared
    filtering.log_likelihood = filtering.log_likelihood + likelihood
    return shared


def _start(filtering: _Pass) -> State:
    """Return the state before anything was measured: no level, no audience, a drift around its mean."""
    panel, noises = filtering.panel, filtering.noises
    shape = (filtering.parameters.points, len(panel.corridors))
    size = 2 + len(panel.metrics)
    nothing = np.zeros(shape)
    covariances = [[nothing for _ in range(size)] for _ in range(size)]
    covariances[DRIFT][DRIFT] = filtering.parameters["start"] ** 2 + noises.drift
    unseen = np.zeros(shape[1], dtype=bool)
    means = (nothing, np.broadcast_to(noises.mean, shape), *(nothing for _ in panel.metrics))
    return State(means, tuple(map(tuple, covariances)), unseen, unseen, tuple(unseen for _ in panel.metrics))


def _measure(
    filtering: _Pass, state: State, measurement: Measurement, elapsed: Step
) -> tuple[State, Numbers, Numbers, Numbers]:
    """Return the state after a measurement, what was expected with its variance, and the ordinary share."""
    parameters, noises = filtering.parameters, filtering.noises
    measured = ~np.isnan(measurement.log)
    log = np.where(measured, measurement.log, 0.0)
    if measurement.kind == "audience":
        return _audience(filtering, state, measurement, log, measured)
    error = noises.error
    if measurement.kind == "source":
        log = log - parameters[f"offset:{measurement.name}"]
        error = error + parameters[f"spread:{measurement.name}"] ** 2
        error = error + parameters[f"spread_small:{measurement.name}"] ** 2 / filtering.panel.size
    continuing, starting = measured & state.has_level, measured & ~state.has_level
    expected = np.where(continuing, state.means[LEVEL], np.nan)
    variance = state.covariances[LEVEL][LEVEL] + error
    cases_of_kind = _odd() if measurement.kind == "source" else cases(parameters, elapsed)
    compared = continuing & state.figured if measurement.kind == "main" else continuing
    state, gain, ordinary = update(state, compared, {LEVEL: 1.0}, log, error=error, cases=cases_of_kind)
    if measurement.kind == "main":
        if (first_figured := continuing & ~state.figured).any():
            # the first figure of the series differs from another source's level by that source's error, not a jump
            first_cases = [Case(1 - ODD, {}), Case(ODD, {(LEVEL, LEVEL): np.full_like(log, ODD_SD**2)})]
            state, first_gain, _ = update(state, first_figured, {LEVEL: 1.0}, log, error=error, cases=first_cases)
            gain = gain + first_gain
        state = replace(state, figured=state.figured | measured)
    filtering.log_likelihood = filtering.log_likelihood + gain.sum(axis=1)
    if starting.any():
        state = replace(_started(state, LEVEL, starting, log, error=error), has_level=state.has_level | measured)
    return state, expected, variance, ordinary


def _odd() -> list[Case]:
    """Return the ways in which a number beside the main source comes about: ordinary, or plainly wrong."""
    return [Case(1 - ODD, {}), Case(ODD, {}, ODD_SD**2)]


def _audience(
    filtering: _Pass, state: State, measurement: Measurement, log: Numbers, measured: Flags
) -> tuple[State, Numbers, Numbers, Numbers]:
    """Measure with an audience: its first one tells nothing of the level, the next ones tell its change."""
    metric = filtering.panel.metrics.index(measurement.name)
    part = 2 + metric
    share = filtering.parameters[f"elasticity:{measurement.name}"]
    error = filtering.parameters[f"flicker:{measurement.name}"] ** 2 + measurement.variance
    covariances = [list(row) for row in state.covariances]
    covariances[part][part] = covariances[part][part] + measurement.break_variance
    state = replace(state, covariances=tuple(map(tuple, covariances)))
    continuing, starting = measured & state.walking[metric], measured & state.has_level & ~state.walking[metric]
    expected = np.where(continuing, share * state.means[LEVEL] + state.means[part], np.nan)
    covariance = state.covariances
    variance = (
        share**2 * covariance[LEVEL][LEVEL] + 2 * share * covariance[LEVEL][part] + covariance[part][part] + error
    )
    state, gain, ordinary = update(state, continuing, {LEVEL: share, part: 1.0}, log, error=error, cases=_odd())
    filtering.log_likelihood = filtering.log_likelihood + gain.sum(axis=1)
    if starting.any():
        started = _started(state, part, starting, log - share * state.means[LEVEL], error=error, share=share)
        walking = (*state.walking[:metric], state.walking[metric] | starting, *state.walking[metric + 1 :])
        state = replace(started, walking=walking)
    return state, expected, variance, ordinary


def _started(
    state: State, part: int, starting: Flags, value: Numbers, *, error: Numbers, share: Numbers | float = 0.0
) -> State:
    """Return the state with a part that was measured for the first time as ``value`` = measurement - share x level."""
    means = list(state.means)
    covariances = [list(row) for row in state.covariances]
    means[part] = np.where(starting, value, means[part])
    for other in range(len(means)):
        if other != part:
            tied = np.where(starting, -share * state.covariances[LEVEL][other], covariances[part][other])
            covariances[part][other] = covariances[other][part] = tied
    own_variance = error + share**2 * state.covariances[LEVEL][LEVEL]
    covariances[part][part] = np.where(starting, own_variance, covariances[part][part])
    return replace(state, means=tuple(means), covariances=tuple(map(tuple, covariances)))
