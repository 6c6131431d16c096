"""Nowcasts from a fit: the stock of every corridor at a date.

Intervals are not made here: they are as wide as the errors of past dates (`smstock.calibrate.register_choice`).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from smstock.models.fusion.filter import move, run
from smstock.models.fusion.noise import noise
from smstock.models.fusion.state import LEVEL, step
from smstock.vocabulary.dates import years_between

if TYPE_CHECKING:
    from smstock.models.fusion.fit import Fit
    from smstock.models.fusion.panel import Panel
    from smstock.models.fusion.parameters import Numbers, Point
    from smstock.models.fusion.state import State


BLOCK: Final = 5_000
"""Corridors that are filtered side by side: few enough for the processor's cache, enough to keep it busy."""


@dataclass(frozen=True, eq=False)
class Forecast:
    """What is expected at a date: mean and sd of the logarithm of the official figure, by corridor.

    Missing where a corridor has no figure yet.
    """

    mean: Numbers
    sd: Numbers


def forecast(panel: Panel, parameters: Point, state: State, years: float, *, since: float) -> Forecast:
    """Return what is expected some years after a state, averaged over the points.

    The variance holds the drift's and the level's own noise, the turns that destination and origin may have taken in
    the ``since`` years from the last figures to the day expected, the error of the figure, and how far the points
    differ. Jumps and steps of the years to come are left out.

    Examples
    --------
    >>> import pandas as pd
    >>> from smstock.models.fusion.panel import panel
    >>> from smstock.models.fusion.parameters import declared, learnt_scale, point
    >>> figures = pd.DataFrame({"destination": "AUT", "origin": "SRB", "reference_date": ["2016-01-01", "2017-01-01"],
    ...                         "value": [100.0, 110.0], "source": "eurostat"})
    >>> series, at = panel(figures), point(declared(), learnt_scale(declared())[0])
    >>> expected = forecast(series, at, run(series, at).last, 1.0, since=1.0)
    >>> np.exp(expected.mean).round().tolist(), expected.sd.round(2).tolist()
    ([114.0], [0.1])
    """
    noises = noise(panel, parameters)
    later = move(state, parameters, noises, years)
    turns = step(parameters["damping"], since).psi ** 2 * (
        parameters["destination_turn"] ** 2 + parameters["origin_turn"] ** 2
    )
    variance = later.covariances[LEVEL][LEVEL] + noises.error + turns
    mean = later.means[LEVEL].mean(axis=0)
    sd = np.sqrt(variance.mean(axis=0) + later.means[LEVEL].var(axis=0))
    return Forecast(np.where(state.has_level, mean, np.nan), np.where(state.has_level, sd, np.nan))


def stocks_at(panel: Panel, fitted: Fit, date: str) -> pd.DataFrame:
    """Return the estimate of every corridor at a date.

    Given the fit, corridors are independent: they are filtered in blocks, so that memory beside the panel and the
    result does not grow with their number, and no number depends on the blocks.

    Parameters
    ----------
    panel
        With everything known; measurements after the date are not used.
    fitted
        What was learnt, from this panel or another.
    date
        ISO day, one of the panel's dates.

    Returns
    -------
    pandas.DataFrame
        destination, origin, reference_date, median (persons) and sd (of its logarithm, as the model has it). Missing
        where a corridor has no figure by then.

    Examples
    --------
    >>> from smstock.models.fusion.fit import fit
    >>> from smstock.models.fusion.panel import panel
    >>> figures = pd.DataFrame([{"destination": "AUT", "origin": origin, "source": "eurostat",
    ...     "reference_date": f"{2000 + year}-01-01", "value": start * 1.04**year}
    ...     for origin, start in (("SRB", 900.0), ("BIH", 400.0)) for year in range(6, 18)])
    >>> series = panel(figures, dates=["2018-01-01"])
    >>> table = stocks_at(series, fit(series), "2018-01-01")
    >>> table["origin"].tolist(), (table["median"] / 1.04**18 / 100).round().tolist()
    (['BIH', 'SRB'], [4.0, 9.0])
    """
    blocks = [slice(start, start + BLOCK) for start in range(0, len(panel.corridors), BLOCK)]
    tables = [_estimated(panel.part(rows), fitted, date) for rows in blocks]
    return pd.concat(tables, ignore_index=True)


def _estimated(panel: Panel, fitted: Fit, date: str) -> pd.DataFrame:
    """Return the estimate of every corridor, all in one pass."""
    parameters = fitted.at_points()
    filtered = run(panel, parameters, shared=fitted.shared, until=date)
    figures = [panel.dates[measurement.date] for measurement in panel.measurements if measurement.kind == "main"]
    last_figures = max((day for day in figures if day <= date), default=date)
    expected = forecast(panel, parameters, filtered.last, 0.0, since=years_between(last_figures, date))
    table: pd.DataFrame = panel.corridors.to_frame(index=False).assign(
        reference_date=date, median=np.exp(expected.mean), sd=expected.sd
    )
    return table
