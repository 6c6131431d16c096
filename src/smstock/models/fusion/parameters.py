"""The parameters of the model over time: what each is, its prior, and many points of them side by side.

A `Point` holds each parameter as an array of shape (points, 1), so that one run of the filter serves many points: the
mode, its neighbours for a gradient, or draws that carry the uncertainty of the parameters into a nowcast.

Priors are normal on the scale that a parameter is learnt on (logit of a share, logarithm of a standard deviation) and
wide: on that scale a standard deviation of 1 spans a factor of 50 between the 2.5 and 97.5 % points.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Numbers = np.ndarray[tuple[int, ...], np.dtype[np.float64]]

Scale = Literal["share", "sd", "real"]


@dataclass(frozen=True)
class Parameter:
    """A parameter: what it means, its prior median, the scale it is learnt on and the prior sd on that scale."""

    meaning: str
    median: float
    scale: Scale = "sd"
    sd: float = 1.0


PROCESS: Final[Mapping[str, Parameter]] = {
    "damping": Parameter("share of a drift that is left after a year", 0.8, "share", 0.4),
    "growth": Parameter(
        "drift a year that every corridor returns to, of one person; falls with sqrt(size)", 0.2, "real", 0.2
    ),
    "noise": Parameter("noise of the level a year, of a large corridor", 0.003),
    "noise_small": Parameter("the same of one person; falls with sqrt(size)", 0.7),
    "error": Parameter("error of a figure of one person; falls with sqrt(size)", 0.3),
    "turn": Parameter("noise of the drift a year, of a large corridor", 0.02),
    "turn_small": Parameter("the same of one person; falls with sqrt(size)", 0.2),
    "jump_share": Parameter("share of figures at which the level jumps for good", 0.05, "share"),
    "jump": Parameter("size of such a jump", 0.3, "sd", 0.7),
    "bend_share": Parameter("share of figures before which the drift turned sharply", 0.1, "share"),
    "bend": Parameter("noise of the drift a year of such a turn", 0.1, "sd", 0.7),
    "destination_turn": Parameter("turn of the drift that a destination's corridors share", 0.02, "sd", 0.5),
    "origin_turn": Parameter("turn of the drift that an origin's corridors share", 0.01, "sd", 0.5),
    "step_share": Parameter(
        "share of a destination's figures that step together: a redefinition, a new register", 0.05, "share"
    ),
    "step": Parameter("size of such a step", 0.3, "sd", 0.7),
    "start": Parameter("drift before the first figure", 0.05, "sd", 0.5),
}
"""The series of official figures. Standard deviations are of logarithms: 0.02 is 2 %."""

SOURCE: Final[Mapping[str, Parameter]] = {
    "offset": Parameter("logarithm of this source over the main one", 0.0, "real", 0.1),
    "spread": Parameter("error of a figure of this source, beside that of the main one", 0.1),
    "spread_small": Parameter("the same of one person; falls with sqrt(size)", 1.0),
}
"""Each further source of official figures."""

METRIC: Final[Mapping[str, Parameter]] = {
    "elasticity": Parameter("growth of the audience over growth of the stock", 0.3, "sd", 0.5),
    "wander": Parameter("noise of the audience a year that no change of the stock explains", 0.15, "sd", 0.5),
    "flicker": Parameter("error of a single audience", 0.03, "sd", 0.5),
}
"""Each metric of a platform. Audiences vary by 0.025 over six weeks; labels are sticky: an elasticity below 1."""

_LOWEST: Final = 1e-9


@dataclass(frozen=True)
class Point:
    """Values of every parameter at one or more points: arrays of shape (points, 1), by name.

    Names of a source or metric carry it after a colon: ``offset:census``, ``elasticity:mau``.
    """

    values: Mapping[str, Numbers]

    def __getitem__(self, name: str) -> Numbers:
        """Return a parameter by name."""
        return self.values[name]

    @property
    def points(self) -> int:
        """How many points there are."""
        return max(len(value) for value in self.values.values())


def declared(sources: Sequence[str] = (), metrics: Sequence[str] = ()) -> dict[str, Parameter]:
    """Return every parameter of a model with these further sources and metrics, by name and in a fixed order.

    Examples
    --------
    >>> list(declared(["census"], ["mau"]))[-5:]
    ['spread:census', 'spread_small:census', 'elasticity:mau', 'wander:mau', 'flicker:mau']
    """
    named = dict(PROCESS)
    named |= {f"{name}:{source}": parameter for source in sources for name, parameter in SOURCE.items()}
    return named | {f"{name}:{metric}": parameter for metric in metrics for name, parameter in METRIC.items()}


def learnt_scale(parameters: Mapping[str, Parameter]) -> tuple[Numbers, Numbers]:
    """Return prior means and standard deviations on the learnt scale, in the order of the parameters.

    Examples
    --------
    >>> [end.round(2).tolist() for end in learnt_scale({"jump": PROCESS["jump"]})]
    [[-1.2], [0.7]]
    """

    def learnt(parameter: Parameter) -> float:
        median = parameter.median
        if parameter.scale == "share":
            return float(np.log(median / (1 - median)))
        return float(np.log(median)) if parameter.scale == "sd" else median

    ordered = parameters.values()
    return np.array([learnt(parameter) for parameter in ordered]), np.array([parameter.sd for parameter in ordered])


def point(parameters: Mapping[str, Parameter], learnt: Numbers) -> Point:
    """Return the values of parameters from the learnt scale, shape (points, parameters) or (parameters,).

    Examples
    --------
    >>> at = point(PROCESS, learnt_scale(PROCESS)[0])
    >>> at["damping"].round(3).tolist(), at["jump"].round(3).tolist()
    ([[0.8]], [[0.3]])
    """
    rows = np.atleast_2d(learnt)
    values = {}
    for column, (name, parameter) in enumerate(parameters.items()):
        raw = rows[:, column : column + 1]
        if parameter.scale == "share":
            values[name] = np.clip(1 / (1 + np.exp(-raw)), _LOWEST, 1 - 1e-6)
        else:
            values[name] = np.exp(raw) if parameter.scale == "sd" else raw
    return Point(values)
