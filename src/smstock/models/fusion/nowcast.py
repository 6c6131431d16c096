"""Nowcasts from a fit: the stock of every corridor at a date, with intervals as wide as earlier errors were."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from smstock.models.fusion.filter import Filtered, move, run
from smstock.models.fusion.noise import noise
from smstock.models.fusion.state import DRIFT, LEVEL, step
from smstock.tables import LEVELS
from smstock.vocabulary.dates import years_between

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from smstock.models.fusion.fit import Fit
    from smstock.models.fusion.intervals import Reach
    from smstock.models.fusion.panel import Panel
    from smstock.models.fusion.parameters import Numbers, Point
    from smstock.models.fusion.shared import Shared
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


def forecast(panel: Panel, at: Point, state: State, years: float, *, since: float) -> Forecast:
    """Return what is expected some years after a state, averaged over the points.

    The variance holds the drift's and the level's own noise, the turns that destination and origin may have taken in
    the ``since`` years from the last figures to the day expected, the error of the figure, and how far the points
    differ. Jumps and steps are left to the widths of the intervals.
    """
    import numpy as np

    noises = noise(panel, at)
    later = move(state, at, noises, years)
    turns = step(at["damping"], since).psi ** 2 * (at["destination_turn"] ** 2 + at["origin_turn"] ** 2)
    variance = later.covariances[LEVEL][LEVEL] + noises.error + turns
    mean = later.means[LEVEL].mean(axis=0)
    sd = np.sqrt(variance.mean(axis=0) + later.means[LEVEL].var(axis=0))
    return Forecast(np.where(state.seen, mean, np.nan), np.where(state.seen, sd, np.nan))


def errors(panel: Panel, at: Point, passed: Filtered, years: float) -> pd.DataFrame:
    """Return how far the figures lay from what was expected some years before them, knowing nothing since.

    Parameters
    ----------
    panel, at, passed
        A panel and what a pass at the point kept (``keep=True``).
    years
        Years from the last figure to the figure expected; figures within 0.3 of that are paired.

    Returns
    -------
    pandas.DataFrame
        destination, origin, reference_date, expected (persons), value (persons), sd (of the logarithm), error
        (logarithm of value over expected) and figures (how many of the main source were known by then). Only corridors
        with a figure of the main source at both dates.
    """
    import numpy as np
    import pandas as pd

    figures = [each for each in panel.measurements if each.kind == "main"]
    tables = [
        pd.DataFrame(columns=["destination", "origin", "reference_date", "expected", "value", "sd", "error", "figures"])
    ]
    for earlier in figures:
        for later in figures:
            apart = years_between(panel.dates[earlier.date], panel.dates[later.date])
            both = ~np.isnan(earlier.log) & ~np.isnan(later.log)
            if abs(apart - years) > 0.3 or not both.any():
                continue
            expected = forecast(panel, at, passed.states[earlier.date], apart, since=apart)
            known = panel.corridors[both].to_frame(index=False)
            tables.append(
                known.assign(
                    reference_date=panel.dates[later.date],
                    expected=np.exp(expected.mean[both]),
                    value=np.exp(later.log[both]),
                    sd=expected.sd[both],
                    error=(later.log - expected.mean)[both],
                    figures=figures_until(panel, panel.dates[earlier.date])[both],
                )
            )
    return pd.concat(tables[1:] or tables, ignore_index=True)


def nowcast(panel: Panel, fitted: Fit, date: str, reach: Reach | None = None, *, own: bool = False) -> pd.DataFrame:
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
    reach
        How far intervals reach, learnt from past errors; as far as those of the normal distribution unless given.
    own
        Whether destinations and origins share what this panel says, instead of what the fit's panel said.

    Returns
    -------
    pandas.DataFrame
        destination, origin, reference_date, median (persons), sd (of its logarithm), drift (growth a year), and lower
        and upper ends of the intervals. Missing where a corridor has no figure by then.
    """
    import pandas as pd

    if own:
        return _estimated(panel, fitted, date, reach, shared=None)
    blocks = [slice(start, start + BLOCK) for start in range(0, len(panel.corridors), BLOCK)]
    tables = [_estimated(panel.part(rows), fitted, date, reach, shared=fitted.shared) for rows in blocks]
    return pd.concat(tables, ignore_index=True)


def _estimated(
    panel: Panel, fitted: Fit, date: str, reach: Reach | None, *, shared: Mapping[str, Shared] | None
) -> pd.DataFrame:
    """Return the estimate of every corridor, all in one pass."""
    import numpy as np
    import pandas as pd
    from scipy.special import ndtri

    at = fitted.at_points()
    passed = run(panel, at, shared=shared, until=date)
    figures = [panel.dates[each.date] for each in panel.measurements if each.kind == "main"]
    last = max((day for day in figures if day <= date), default=date)
    expected = forecast(panel, at, passed.last, 0.0, since=years_between(last, date))
    median = np.exp(expected.mean)
    table = panel.corridors.to_frame(index=False).assign(
        reference_date=date,
        median=median,
        sd=expected.sd,
        drift=np.where(passed.last.seen, passed.last.means[DRIFT].mean(axis=0), np.nan),
    )
    short = figures_until(panel, date) < 2
    for level in LEVELS:
        if reach is None:
            half = expected.sd * float(ndtri(0.5 + level / 200))
        else:
            half = expected.sd * reach.of(table["destination"], np.nan_to_num(median), short, level)
        half = np.where(np.isinf(half), np.nan, half)
        table[f"lower_{level}"], table[f"upper_{level}"] = median * np.exp(-half), median * np.exp(half)
    return pd.DataFrame(table)


def figures_until(panel: Panel, date: str) -> Numbers:
    """Return how many figures of the main source each corridor has up to a day."""
    import numpy as np

    known = [
        ~np.isnan(each.log) for each in panel.measurements if each.kind == "main" and panel.dates[each.date] <= date
    ]
    return np.sum(known, axis=0) if known else np.zeros(len(panel.corridors))
