"""What the corridors of a destination, and those of an origin, share of the surprises of a date.

At a date of the main source::

    surprise = psi (turn of the destination + turn of the origin) + step of the destination + the corridor's own

A turn changes the drift and stays; a step (a redefinition, a new register) changes the level once. Which of the two a
destination's surprise is, is decided by its size and by how many corridors share it. Shared parts are estimated from
all corridors of the date, each weighted by its own uncertainty, and taken out before the corridor's own update; the
correlation that this leaves between corridors is not carried on to later dates.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

import numpy as np

from smstock.models.fusion.noise import cases, noise
from smstock.models.fusion.state import DRIFT, LEVEL, log_density, normalised, total

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from smstock.models.fusion.panel import Integers, Measurement, Panel
    from smstock.models.fusion.parameters import Point
    from smstock.models.fusion.state import Case, Numbers, State, Step

SWEEPS: Final = 3
"""Turns of estimating destination and origin given each other; a fourth moves nothing that matters."""


@dataclass(frozen=True, eq=False)
class Shared:
    """What the corridors of a date share: turns of destinations and origins, steps of destinations.

    Shapes (points, destinations), (points, origins), (points, destinations).
    """

    destination_turn: Numbers
    origin_turn: Numbers
    step: Numbers


def with_shared(panel: Panel, state: State, parts: Shared, elapsed: Step) -> State:
    """Return the state moved by the shared parts of its destination and origin.

    Examples
    --------
    >>> import pandas as pd
    >>> from smstock.models.fusion.panel import panel
    >>> from smstock.models.fusion.parameters import declared, learnt_scale, point
    >>> figures = pd.DataFrame({"destination": "AUT", "origin": "SRB", "reference_date": ["2016-01-01", "2017-01-01"],
    ...                         "value": [100.0, 110.0], "source": "eurostat"})
    >>> series, at = panel(figures), point(declared(), learnt_scale(declared())[0])
    >>> from smstock.models.fusion.filter import run
    >>> from smstock.models.fusion.state import step
    >>> before, nothing = run(series, at).last, np.zeros((1, 1))
    >>> doubled = Shared(nothing, nothing, np.log([[2.0]]))
    >>> after = with_shared(series, before, doubled, step(at["damping"], 1.0))
    >>> np.exp(after.means[LEVEL] - before.means[LEVEL]).round(6).tolist()
    [[2.0]]
    """
    turn = _of(parts.destination_turn, panel.destination) + _of(parts.origin_turn, panel.origin)
    level = state.means[LEVEL] + elapsed.psi * turn + _of(parts.step, panel.destination)
    return replace(state, means=(level, state.means[DRIFT] + elapsed.rho * turn, *state.means[2:]))


def _of(parts: Numbers, number: Integers) -> Numbers:
    """Return the part of each corridor; 0 for an unknown destination or origin."""
    padded = np.pad(parts, [(0, 0), (0, max(0, int(number.max(initial=-1)) + 1 - parts.shape[1]))])
    by_corridor: Numbers = padded[:, number]
    return by_corridor


def shared_parts(
    panel: Panel, state: State, parameters: Point, measurement: Measurement, elapsed: Step
) -> tuple[Shared, Numbers]:
    """Return the shared parts of a date, and their log likelihood by point (Laplace's approximation).

    Examples
    --------
    >>> import pandas as pd
    >>> from smstock.models.fusion.panel import panel
    >>> from smstock.models.fusion.parameters import declared, learnt_scale, point
    >>> figures = pd.DataFrame({"destination": "AUT", "origin": "SRB", "reference_date": ["2016-01-01", "2017-01-01"],
    ...                         "value": [100.0, 110.0], "source": "eurostat"})
    >>> series, at = panel(figures), point(declared(), learnt_scale(declared())[0])
    >>> from smstock.models.fusion.filter import run
    >>> from smstock.models.fusion.state import step
    >>> first = run(series, at, until="2016-01-01").last
    >>> parts, likelihood = shared_parts(series, first, at, series.measurements[1], step(at["damping"], 1.0))
    >>> parts.destination_turn.round(3).tolist(), parts.step.round(3).tolist(), likelihood.round(2).tolist()
    ([[0.014]], [[0.004]], [-0.63])
    """
    noises = noise(panel, parameters)

    figured = ~np.isnan(measurement.log) & state.figured  # against another source's level it says nothing of a turn
    of_destination = np.zeros((len(panel.corridors), len(panel.destinations)))
    of_destination[np.flatnonzero(figured), panel.destination[figured]] = 1.0
    of_origin = np.zeros((len(panel.corridors), len(panel.origins)))
    of_origin[np.flatnonzero(figured), panel.origin[figured]] = 1.0
    turn = np.zeros((parameters.points, len(panel.destinations)))
    origin = np.zeros((parameters.points, len(panel.origins)))
    steps = turn
    if not figured.any() or not elapsed.years:
        return Shared(turn, origin, steps), np.zeros(parameters.points)
    surprise = np.where(figured, measurement.log - state.means[LEVEL], 0.0)
    variance = state.covariances[LEVEL][LEVEL] + noises.error
    weigh = _weighing(variance, cases(parameters, elapsed))
    psi = elapsed.psi
    turn_variance, step_variance = (psi * parameters["destination_turn"]) ** 2, parameters["step"] ** 2
    origin_variance = (psi * parameters["origin_turn"]) ** 2
    for sweep in range(SWEEPS):
        unexplained = (
            surprise - psi * (turn[:, panel.destination] + origin[:, panel.origin]) - steps[:, panel.destination]
        )
        # at first every corridor counts alike: a destination that stepped must not look like jumps of its corridors
        precision = weigh(unexplained) if sweep else 1 / (variance + parameters["jump"] ** 2)
        weight = precision @ of_destination
        known = np.maximum(weight, 1e-12)
        mean = ((surprise - psi * origin[:, panel.origin]) * precision) @ of_destination / known
        turned = np.log1p(-parameters["step_share"]) + log_density(mean, 1 / known + turn_variance)
        stepped = np.log(parameters["step_share"]) + log_density(mean, 1 / known + step_variance)
        share = np.where(weight > 0, np.exp(stepped - np.logaddexp(turned, stepped)), 0.0)
        turn = (1 - share) * turn_variance / (turn_variance + 1 / known) * mean / psi
        steps = share * step_variance / (step_variance + 1 / known) * mean
        unexplained = surprise - psi * turn[:, panel.destination] - steps[:, panel.destination]
        pulled = (unexplained * precision) @ of_origin
        origin = origin_variance * pulled / (1 + origin_variance * (precision @ of_origin)) / psi
    unexplained = surprise - psi * (turn[:, panel.destination] + origin[:, panel.origin]) - steps[:, panel.destination]
    precision = weigh(unexplained)
    by_destination, by_origin = precision @ of_destination, precision @ of_origin
    shift = psi * turn + steps
    turned = np.log1p(-parameters["step_share"]) - 0.5 * (
        np.log1p(turn_variance * by_destination) + shift**2 / turn_variance
    )
    stepped = np.log(parameters["step_share"]) - 0.5 * (
        np.log1p(step_variance * by_destination) + shift**2 / step_variance
    )
    of_origins = -0.5 * (np.log1p(origin_variance * by_origin) + (psi * origin) ** 2 / origin_variance)
    likelihood: Numbers = np.where(by_destination > 0, np.logaddexp(turned, stepped), 0.0).sum(axis=1)
    return Shared(turn, origin, steps), likelihood + np.where(by_origin > 0, of_origins, 0.0).sum(axis=1)


def _weighing(variance: Numbers, cases: Sequence[Case]) -> Callable[[Numbers], Numbers]:
    """Return what weighs surprises: the precision of the case that each belongs to, averaged over cases."""
    spreads = [variance + case.added.get((LEVEL, LEVEL), 0.0) for case in cases]
    inverse = [1 / spread for spread in spreads]
    base = [np.log(case.share) - 0.5 * np.log(spread) for case, spread in zip(cases, spreads, strict=True)]

    def weigh(surprise: Numbers) -> Numbers:
        half = -0.5 * surprise * surprise
        shares, _ = normalised([log + half * precision for log, precision in zip(base, inverse, strict=True)])
        return total([share * precision for share, precision in zip(shares, inverse, strict=True)])

    return weigh
