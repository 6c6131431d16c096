"""Estimates of corridors that an office counts under a former state: doubtful, and as wide as both readings.

The official figure may leave out most of the people, and nobody can tell from here how many. So the interval reaches
from what the figure says to what the audience alone says, whichever of them the estimate follows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from smstock.corridors.former_states import BEYOND, beyond, former_states
from smstock.models.conformal import band
from smstock.nowcast.medians import from_audience
from smstock.tables import CORRIDOR_KEY, LEVELS
from smstock.vocabulary.countries import area
from smstock.vocabulary.counts import multiple

if TYPE_CHECKING:
    from smstock.calibrate.calibration import Calibration

PLAINLY: Final = 2 * BEYOND
"""How many times what its peers show an audience must say for a wider interval where no office is known: twice as much
as where one is."""
_COLUMNS: Final = ("counted_under", "former_figures")


def with_both_readings(table: pd.DataFrame, calibration: Calibration) -> pd.DataFrame:
    """Return estimates with what a former state may hide: why a row is doubtful (``under_former``), a wider interval.

    A corridor is marked where its audience says at least three times what its peers show, and an office is known to
    count under the former state. At each level its interval holds the official figure, and reaches up to that of what
    the audience alone says; women and men as much farther as their total. Where no office is known, a note says what
    may be; if the audience says at least six times what its peers show, the interval reaches up to what it says, and no
    farther. A figure of citizens tells nothing of where people were born, and keeps its interval.

    Parameters
    ----------
    table
        Estimates with ``alone``, what the audience alone says (persons), and the columns of
        `smstock.corridors.former_states.with_former_states` where there are any.
    calibration
        Says how wrong the best method is that needs nothing but an audience.

    Examples
    --------
    >>> from smstock.calibrate.calibration import Calibration
    >>> from smstock.models.baselines import RawAudience
    >>> from smstock.models.conformal import HalfWidth, HalfWidths
    >>> calibration = Calibration(name="c", query="q", wave="2020-10", provider="undesa", edition="2020",
    ...     concepts=("birth",), target_date="2020-07-01", inputs={}, versions={}, seed=1,
    ...     methods={"raw_audience": RawAudience()}, ranking=("raw_audience",),
    ...     half_widths={"raw_audience": HalfWidths((HalfWidth("all", 80, "all", 0.693147),))})
    >>> rows = pd.DataFrame({"destination": [*"ABCDEF"], "origin": "SVK", "sex": "all", "official_last": 1e3})
    >>> rows = rows.assign(audience=[1e3, 9e2, 11e2, 1e3, 1e3, 9e3], counted_under=["", "", "", "", "", "CSK"])
    >>> rows = rows.assign(alone=rows["audience"], median=1e3, notes="", former_figures="")
    >>> ends = {f"{end}_{level}": value for level in LEVELS for end, value in (("lower", 9e2), ("upper", 11e2))}
    >>> wider = with_both_readings(rows.assign(**ends), calibration)
    >>> wider[["lower_80", "upper_80"]].round().values.tolist()[4:]
    [[900.0, 1100.0], [900.0, 18000.0]]
    >>> wider["under_former"].iloc[-1]
    'the audience says 9 times what peers show, and the office counts people under Czechoslovakia'
    """
    times = beyond(table, "official_last").where(table["median"].notna())
    texts = {name: table[name].fillna("") if name in table else pd.Series("", table.index) for name in _COLUMNS}
    known = times.notna() & texts["counted_under"].ne("")
    why = [_why(*row) for row in zip(times.where(known), texts["counted_under"], texts["former_figures"], strict=True)]
    maybe = [
        f"the audience says {multiple(factor)} times what peers show: people may be counted under "
        f"{_names(former_states(origin))}"
        if factor > 0
        else ""
        for factor, origin in zip(times.where(~known), table["origin"], strict=True)
    ]
    notes = ["; ".join(filter(None, pair)) for pair in zip(table["notes"], maybe, strict=True)]
    people = table["official_concept"].ne("citizenship") if "official_concept" in table else True
    return _widened(table, known, known | ((times >= PLAINLY) & people), calibration).assign(
        notes=notes, under_former=pd.Series(why, table.index, dtype="str")
    )


def _why(times: float, states: str, figures: str) -> str:
    if not times > 0:
        return ""
    beside = f" (beside it: {figures})" if figures else ""
    return (
        f"the audience says {multiple(times)} times what peers show, and the office counts people under "
        f"{_names(states.split())}{beside}"
    )


def _names(states: list[str] | tuple[str, ...]) -> str:
    return " or ".join(area(state).name for state in states)


def _widened(table: pd.DataFrame, known: pd.Series, beyond_peers: pd.Series, calibration: Calibration) -> pd.DataFrame:
    """Return the table with intervals that hold the official figure and what the audience says.

    Where an office is known, they hold the interval of that too.
    """
    name = from_audience(calibration)
    if not beyond_peers.any() or not name:
        return table
    wider = table.copy()
    alone, figure = (table[column].astype("float64").where(beyond_peers) for column in ("alone", "official_last"))
    sizes = band(alone.fillna(1.0).to_numpy(dtype=float))
    marked = _of_corridors(table, beyond_peers.astype("float64").where(beyond_peers)).notna()
    for level in LEVELS:
        half_width = np.array([calibration.half_width(name, "all", level, size) for size in sizes])
        factor_of_reading: np.ndarray = np.exp(np.where(known, half_width, 0.0))
        # a level whose errors are too few to tell has no interval
        reading = (alone * factor_of_reading).where(np.isfinite(half_width))
        lower, upper = (table[f"{end}_{level}"].astype("float64") for end in ("lower", "upper"))
        higher = (reading / upper).clip(lower=1.0)
        deeper = (figure / lower).clip(upper=1.0).where(lower > 0, 1.0).where(reading.notna())
        for end, values, factor in (("lower", lower, deeper), ("upper", upper, higher)):
            wider[f"{end}_{level}"] = values.where(~marked, values * _of_corridors(table, factor))
    # women and men are moved as their total is, level by level: one must not reach beyond the next
    outwards = sorted(LEVELS, reverse=True)
    lowers, uppers = ([f"{end}_{level}" for level in outwards] for end in ("lower", "upper"))
    wider.loc[marked, lowers] = wider.loc[marked, lowers].cummax(axis=1)
    wider.loc[marked, uppers] = wider.loc[marked, uppers].cummin(axis=1)
    return wider


def _of_corridors(table: pd.DataFrame, of_totals: pd.Series) -> pd.Series:
    """Return on each row what is known of its corridor's total; missing where nothing is."""
    return of_totals.groupby([table[end].astype(object) for end in CORRIDOR_KEY]).transform("max")
