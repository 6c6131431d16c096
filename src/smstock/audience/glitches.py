"""Glitches: numbers that contradict what the platform says of the same cell in another metric or another wave.

Now and then the platform shows the floor in place of a large corridor: Poland to Germany, some 610,000 accounts, was
shown as 1,000 in March 2019. Read as "fewer than 1,000", such a floor would pull the corridor below the floor. A glitch
has no value and no interval. The first of these rules that holds names it:

- ``daily``: the monthly audience is at the floor while more daily accounts than that are shown.
- ``floor``: it is at the floor while the cell's neighbouring waves are at :data:`LARGE` times the floor (median).
- ``spike``: a value is :data:`LARGE` times the cell's neighbouring waves, or they are that much larger, on both sides
  of it. A jump at the end of a series is left alone: it may be a crisis, or a break.
- ``row``: several destinations of an origin rise at once, all by about the same number of accounts. Values recovered by
  union and difference do so where a helper destination was a glitch. A crisis raises corridors in proportion.
- ``share``: daily accounts beside a monthly glitch are the floor times a share, and are a glitch too.

Neighbouring waves are the :data:`REACH` on either side within a regime, the time between two breaks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from smstock.audience.eras import SERIES, series_numbers
from smstock.vocabulary.dates import in_order, is_before
from smstock.vocabulary.status import DEDUCED, FLOORED, GLITCH, OBSERVED

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    Numbers = npt.NDArray[np.floating]
    Flags = npt.NDArray[np.bool_]

LARGE: Final = 3.0
"""Ratio to the neighbouring waves that is a glitch; within six weeks an audience varies by some 3 %."""

REACH: Final = 3
"""Waves on either side that are neighbours."""

ROW: Final = 4
"""Fewest destinations of an origin that rise together for its row to be suspect."""

ALIKE: Final = 2.0
"""Ratio within which rises are about the same number of accounts."""


def glitch_reasons(audience: pd.DataFrame, breaks: Sequence[str] = ()) -> pd.Series:
    """Return the rule by which each row is a glitch, empty for every other row; same index.

    Parameters
    ----------
    audience
        Audience table (`smstock.tables.AUDIENCE`), one or several waves. ``daily`` and ``share`` need the metric
        ``dau`` beside ``mau``, the other rules several waves of one series.
    breaks
        First waves of new regimes (the column ``wave`` of `smstock.audience.breaks.find_breaks`); audiences are not
        compared across them.

    Examples
    --------
    >>> import pandas as pd
    >>> cell = dict.fromkeys(SERIES, "") | {"metric": "mau"}
    >>> large = cell | {"status": "observed", "value": 61e4, "lower": 605e3, "upper": 615e3}
    >>> floor = cell | {"status": "floored", "value": None, "lower": 0.0, "upper": 1000.0}
    >>> waves = ["2018-03", "2018-04", "2018-05"]
    >>> table = pd.DataFrame([row | {"wave": wave} for wave, row in zip(waves, [large, floor, large])])
    >>> glitch_reasons(table).tolist()
    ['', 'floor', '']
    """
    status = audience["status"]
    monthly = (audience["metric"] != "dau").to_numpy()
    floored = status.isin([FLOORED, DEDUCED]).to_numpy()
    known = floored | (status == OBSERVED).to_numpy()
    lower, upper = (audience[name].where(known).to_numpy("float64") for name in ("lower", "upper"))
    reasons = pd.Series("", index=audience.index, dtype="str")
    near = _neighbours(audience, lower, upper, breaks)
    with np.errstate(invalid="ignore"):  # a comparison with a missing number is False
        daily = floored & monthly & (_beside(audience, upper, "dau") > upper)
        reasons = reasons.mask(daily, "daily")
        reasons = reasons.mask(floored & monthly & (LARGE * upper <= near.lower) & (reasons == ""), "floor")
        known &= (reasons == "").to_numpy()
        near = _neighbours(audience, np.where(known, lower, np.nan), np.where(known, upper, np.nan), breaks)
        high, low = lower >= LARGE * near.upper, LARGE * upper <= near.lower
        up = high & (lower >= LARGE * near.least_earlier) & (lower >= LARGE * near.least_later)
        down = low & (LARGE * upper <= near.most_earlier) & (LARGE * upper <= near.most_later)
        reasons = reasons.mask(known & ~floored & (up | down), "spike")
        raised = _raised_rows(audience, lower, near.upper, high & known & ~floored)
        reasons = reasons.mask(raised & known & ~floored & (reasons == ""), "row")
    spurious = reasons.isin(["daily", "floor"]) | (monthly & (status == GLITCH))
    beside = _beside(audience, np.where(spurious, 1.0, 0.0), "mau") == 1
    return reasons.mask(floored & ~monthly & beside & (reasons == ""), "share")


def without_glitches(audience: pd.DataFrame, breaks: Sequence[str] = ()) -> pd.DataFrame:
    """Return the table with every glitch marked: status ``glitch``, no value, no interval.

    All other rows are as they were, floors included. Parameters as in `glitch_reasons`.

    Notes
    -----
    Of 3,049 real floors of 1,000 (corridors of the European Union, 2018 and 2019), 127 are glitches: 98 beside larger
    daily accounts, 29 more by the neighbouring waves. Judged by what the collectors recovered of a floored corridor by
    union and difference, which is no part of the rules, all 69 of 5,000 and more are found, and 2 of 1,198 below 1,000
    are called glitches (both have daily accounts above 1,000). Without daily accounts a floor in place of 1,000 to
    3,000 accounts is not found: 65 of the 98 are. Of floors put in place of real values of 3,000 and more, 96 % are
    found (``python -m benchmarks audience``).

    Examples
    --------
    >>> import pandas as pd
    >>> cell = dict.fromkeys(SERIES, "") | {"wave": "2019-04"}
    >>> table = pd.DataFrame([
    ...     cell | {"metric": "mau", "status": "floored", "value": None, "lower": 0.0, "upper": 1000.0},
    ...     cell | {"metric": "dau", "status": "observed", "value": 3232.0, "lower": 3232.0, "upper": 3232.0}])
    >>> without_glitches(table)[["metric", "status", "value"]].values.tolist()
    [['mau', 'glitch', nan], ['dau', 'observed', 3232.0]]
    """
    glitch = glitch_reasons(audience, breaks) != ""
    numbers = ["value", "lower", "upper"]
    cleaned = audience.assign(status=audience["status"].mask(glitch, GLITCH))
    cleaned[numbers] = audience[numbers].astype("float64").mask(glitch)
    return cleaned


@dataclass(frozen=True, eq=False)
class _Neighbours:
    """Neighbouring waves of each row: medians of both ends, and the extremes on either side; missing if none."""

    lower: Numbers
    upper: Numbers
    least_earlier: Numbers
    least_later: Numbers
    most_earlier: Numbers
    most_later: Numbers


def _neighbours(audience: pd.DataFrame, lower: Numbers, upper: Numbers, breaks: Sequence[str]) -> _Neighbours:
    """Compare each row with the waves around it; the least of a side is of upper ends, the most of lower ends."""
    waves = in_order(audience["wave"].unique())
    series, column = series_numbers(audience), pd.Index(waves).get_indexer(pd.Index(audience["wave"]))
    regime = [sum(not is_before(wave, start) for start in breaks) for wave in waves]
    shape = (int(series.max(initial=-1)) + 1, len(waves))
    lowers, uppers, *neighbours = (np.full(shape, np.nan) for _ in range(8))
    lowers[series, column], uppers[series, column] = lower, upper
    for place in range(len(waves)):
        near = [other for other in range(place - REACH, place + REACH + 1) if 0 <= other < len(waves)]
        same = [other for other in near if regime[other] == regime[place] and other != place]
        earlier, later = ([other for other in same if (other < place) is before] for before in (True, False))
        least, most = pd.DataFrame(uppers), pd.DataFrame(lowers)
        statistics = (
            most[same].median(axis=1),
            least[same].median(axis=1),
            least[earlier].min(axis=1),
            least[later].min(axis=1),
            most[earlier].max(axis=1),
            most[later].max(axis=1),
        )
        for target, numbers in zip(neighbours, statistics, strict=True):
            target[:, place] = numbers
    return _Neighbours(*(numbers[series, column] for numbers in neighbours))


def _beside(audience: pd.DataFrame, numbers: Numbers, metric: str) -> Numbers:
    """Return the number of the same cell and wave in another metric, missing where there is none."""
    cell = ["wave", *(name for name in SERIES if name != "metric")]
    of_metric = audience["metric"] == metric
    other = audience.loc[of_metric, cell].assign(number=numbers[of_metric])
    beside: Numbers = audience[cell].merge(other, on=cell, how="left")["number"].to_numpy("float64")
    return beside


def _raised_rows(audience: pd.DataFrame, lower: Numbers, upper: Numbers, high: Flags) -> Flags:
    """Flag values that rose together.

    A row has risen where enough of its destinations are high, all by about the same number of accounts. Its other
    destinations are flagged too if they rose as much, or if nothing else is known of them than such a number.
    """
    row = audience.groupby([*(name for name in SERIES if name != "destination"), "wave"], dropna=False).ngroup()
    rise = audience[[]].assign(row=row, rise=lower - upper, lower=lower)
    tops = rise[high].groupby("row")["rise"].agg(["size", "min", "median", "max"])
    tops = tops[(tops["size"] >= ROW) & (tops["max"] <= ALIKE * tops["min"])]
    middle = rise["row"].map(tops["median"])
    moved = rise["rise"].fillna(rise["lower"])
    flags: Flags = np.asarray((moved * ALIKE >= middle) & (moved <= ALIKE * middle))
    return flags
