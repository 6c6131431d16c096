"""What the size of a corridor decides: how much its level, its drift and its figures vary."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from smstock.models.fusion.state import DRIFT, LEVEL, Case

if TYPE_CHECKING:
    from smstock.models.fusion.panel import Panel
    from smstock.models.fusion.parameters import Point
    from smstock.models.fusion.state import Numbers, Step

FIRST_ERROR: Final = 1e-8
"""Least error variance of a figure; a register is never known better than to 0.01 %."""


@dataclass(frozen=True, eq=False)
class Noise:
    """Variances of each corridor at each point, shape (points, corridors): what the size of a corridor decides.

    Attributes
    ----------
    mean
        What the drift returns to.
    level, drift, walks
        Variance a year of the disturbance of the level, of the drift, and of what the stock does not explain of each
        metric's audience.
    error
        Variance of the error of a figure.
    """

    mean: Numbers
    level: Numbers
    drift: Numbers
    error: Numbers
    walks: tuple[Numbers, ...]


def noise(panel: Panel, parameters: Point) -> Noise:
    """Return the noise of every corridor: a part that all have, and one that falls with size as counting noise does.

    Examples
    --------
    >>> import pandas as pd
    >>> from smstock.models.fusion.panel import panel
    >>> from smstock.models.fusion.parameters import declared, learnt_scale, point
    >>> figures = pd.DataFrame({"destination": "AUT", "origin": "SRB", "reference_date": ["2016-01-01", "2017-01-01"],
    ...                         "value": [100.0, 110.0], "source": "eurostat"})
    >>> series, at = panel(figures), point(declared(), learnt_scale(declared())[0])
    >>> noise(series, at).error.round(6).tolist()
    [[0.000858]]
    """

    def sized(name: str) -> Numbers:
        of_one: Numbers = parameters[name] ** 2 / panel.size
        return of_one

    return Noise(
        mean=parameters["growth"] / np.sqrt(panel.size),
        level=parameters["noise"] ** 2 + sized("noise_small"),
        drift=parameters["turn"] ** 2 + sized("turn_small"),
        error=sized("error") + FIRST_ERROR,
        walks=tuple(parameters[f"wander:{metric}"] ** 2 for metric in panel.metrics),
    )


def cases(parameters: Point, elapsed: Step) -> list[Case]:
    """Return the ways in which a figure of the main source comes about: ordinary, after a jump, after a sharp turn.

    Examples
    --------
    >>> from smstock.models.fusion.parameters import declared, learnt_scale, point
    >>> from smstock.models.fusion.state import step
    >>> at = point(declared(), learnt_scale(declared())[0])
    >>> [case.share.round(3).item() for case in cases(at, step(at["damping"], 1.0))]
    [0.855, 0.05, 0.095]
    """
    jump, bend = parameters["jump_share"], parameters["bend_share"] * (1 - parameters["jump_share"])
    sharper = parameters["bend"] ** 2
    return [
        Case(1 - jump - bend, {}),
        Case(jump, {(LEVEL, LEVEL): parameters["jump"] ** 2}),
        Case(
            bend,
            {
                (LEVEL, LEVEL): sharper * elapsed.level,
                (LEVEL, DRIFT): sharper * elapsed.both,
                (DRIFT, DRIFT): sharper * elapsed.drift,
            },
        ),
    ]
