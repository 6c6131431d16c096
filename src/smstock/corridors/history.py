"""The history of a corridor in columns: its last official figures and their growth, its audience then and now."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np
import pandas as pd

from smstock.corridors.keys import codes, columns, equal, matches, numbers
from smstock.tables import CORRIDOR_SEX_KEY
from smstock.vocabulary.dates import in_order, is_before, middle_of_wave, years_between
from smstock.vocabulary.status import DEDUCED, FLOORED

FIGURES_OF_MEAN: Final = 3
"""Newest figures whose mean is ``official_mean``: three years of a yearly series."""
NEAR: Final = 1.0
"""Years that a wave may lie from the day whose audience it stands for."""
USUAL_DAYS: Final = 100
"""Days up to a wave whose waves say what is usual: four monthly or fifteen weekly ones, its own among them."""
_OF_THE_LAST: Final = {
    **{name: name for name in CORRIDOR_SEX_KEY},
    "official_last": "value",
    "official_last_date": "reference_date",
    "official_concept": "concept",
    "official_provider": "provider",
}
"""Columns of the newest figure, and what a stock table calls them."""
BREAK: Final = r"(?:^| )b(?: |;|$)"
"""The flag of a break: the figure counts otherwise than the one before it."""


def official_history(stock: pd.DataFrame, *, target_date: str, known_until: str) -> pd.DataFrame:
    """Return the last official figure of each corridor and what its series says, one row a corridor and sex.

    Parameters
    ----------
    stock
        Stock table of one provider, edition, accepted set of concepts and age group.
    target_date
        The day to be estimated (ISO).
    known_until
        Figures about a later day are not used.

    Returns
    -------
    pandas.DataFrame
        Columns destination, origin, sex and

        - ``official_last``, ``official_last_date``, ``official_concept``, ``official_provider``: the newest figure
          (persons), its day, concept and provider; ``lag``: years from that day to the target date;
        - ``official_growth``: growth of the logarithm a year up to the newest figure, since the figure that lies as
          long before it as it lies before the target date, or the one nearest to that (of two, the later); missing
          without an earlier figure above 0 of the same provider and concept, or where a figure since is flagged as a
          break;
        - ``official_mean``: mean of the three newest figures above 0, or of as many as there are.

    Examples
    --------
    >>> import pandas as pd
    >>> years = pd.DataFrame({"reference_date": ["2015-01-01", "2016-01-01", "2017-01-01"], "value": [80., 90., 108.]})
    >>> stock = years.assign(destination="AUT", origin="SRB", sex="all", concept="birth", flags="", provider="x")
    >>> row = official_history(stock, target_date="2018-01-01", known_until="2017-06-30").iloc[0]
    >>> row["official_last"], row["official_last_date"], round(row["official_growth"], 3), round(row["official_mean"])
    (np.float64(108.0), '2017-01-01', np.float64(0.182), 93)
    """
    day_codes, days = pd.factorize(stock["reference_date"].to_numpy(dtype=object), sort=True)
    rows = np.flatnonzero(np.array(days <= known_until, dtype=bool)[day_codes] & stock["value"].notna().to_numpy())
    (cells,) = codes([texts[rows] for texts in columns(stock, CORRIDOR_SEX_KEY)])
    order = np.lexsort((day_codes[rows], cells))
    rows, corridor = rows[order], np.unique(cells[order], return_inverse=True)[1]
    ordinals = np.array([date.fromisoformat(day).toordinal() for day in days], dtype=float)
    figures = _Figures(
        corridor=corridor,
        last=np.flatnonzero(np.diff(corridor, append=-1)),
        value=numbers(stock["value"])[rows],
        day=ordinals[day_codes[rows]],
        series=codes([texts[rows] for texts in columns(stock, ["provider", "concept"])])[0],
        after_break=_flagged(stock["flags"].to_numpy(dtype=object)[rows]),
    )
    last = rows[figures.last]
    lags = np.array([years_between(day, target_date) for day in days], dtype=float)[day_codes[last]]
    history = {name: stock[column].array.take(last) for name, column in _OF_THE_LAST.items()}
    history |= {"lag": lags, "official_growth": _growth(figures, lags), "official_mean": _mean(figures, rows)}
    return pd.DataFrame(history)


@dataclass(frozen=True)
class _Figures:
    """Figures in the order of corridors and days; ``last`` are the positions of the newest of each corridor."""

    corridor: np.ndarray
    last: np.ndarray
    value: np.ndarray
    day: np.ndarray
    series: np.ndarray
    after_break: np.ndarray


def _flagged(flags: np.ndarray) -> np.ndarray:
    """Return which flags tell a break."""
    of_rows, different = pd.factorize(flags)
    return np.array([*(bool(re.search(BREAK, flag)) for flag in different), False])[of_rows]


def _mean(figures: _Figures, rows: np.ndarray) -> np.ndarray:
    """Return the mean of the newest figures above 0 by corridor, summed in the order of days and of their rows."""
    positive = np.flatnonzero(figures.value > 0)
    corridor = figures.corridor[positive]
    before_end = np.searchsorted(corridor, corridor, side="right") - np.arange(len(corridor))
    newest = positive[before_end <= FIGURES_OF_MEAN]
    newest = newest[np.lexsort((rows[newest], figures.day[newest]))]
    means = np.full(len(figures.last), np.nan)
    by_corridor = pd.Series(figures.value[newest]).groupby(figures.corridor[newest]).mean()
    means[by_corridor.index] = by_corridor
    return means


def _growth(figures: _Figures, lags: np.ndarray) -> np.ndarray:
    """Return the growth of the logarithm a year by corridor; missing where there is nothing to compare with."""
    corridor, positive = figures.corridor, figures.value > 0
    last = figures.last[corridor]
    years = (figures.day[last] - figures.day) / 365.25
    usable = positive & (figures.series == figures.series[last]) & (years > 0) & positive[last]
    # what lies before the newest break, or counts others, is not comparable with the newest figure
    since, broken = np.full(len(lags), -np.inf), positive & figures.after_break
    np.maximum.at(since, corridor[broken], figures.day[broken])
    usable &= figures.day >= since[corridor]
    nearest = np.lexsort((years, np.abs(years - lags[corridor])))
    nearest = nearest[usable[nearest]]
    growth = np.full(len(lags), np.nan)
    a_year = np.log(figures.value[last[nearest]] / figures.value[nearest]) / years[nearest]
    growth[corridor[nearest][::-1]] = a_year[::-1]  # of several the first stays, the nearest
    return growth


def audience_growth(table: pd.DataFrame, waves: pd.DataFrame, *, wave: str) -> pd.Series:
    """Return the log of the audience now over the audience nearest the last official figure, by row of ``table``.

    It needs two observed audiences, not floors, and an earlier wave within a year of the figure's date; it is missing
    otherwise.

    Parameters
    ----------
    table
        Columns destination, origin, sex, audience, official_last_date (empty: none).
    waves
        Audience table of one metric and age group, any number of waves; made comparable beforehand.
    wave
        The wave that ``table`` is of; only earlier ones are compared with it.

    Examples
    --------
    >>> import pandas as pd
    >>> corridor = {"destination": ["AUT"], "origin": ["SRB"], "sex": ["all"]}
    >>> now = pd.DataFrame(corridor | {"audience": [1200.0], "official_last_date": ["2018-01-01"]})
    >>> waves = pd.DataFrame({"wave": ["2016-12", "2018-03", "2019-01"], "value": [500.0, 1000.0, 1200.0]})
    >>> audience_growth(now, waves.assign(**{name: of[0] for name, of in corridor.items()}), wave="2019-01").round(3)
    0    0.182
    Name: audience_growth, dtype: float64
    """
    older = [name for name in waves["wave"].unique() if is_before(name, wave)]
    rows = np.flatnonzero(waves["wave"].isin(older).to_numpy() & waves["value"].gt(0).to_numpy())
    now, before = codes(columns(table, CORRIDOR_SEX_KEY), [texts[rows] for texts in columns(waves, CORRIDOR_SEX_KEY)])
    row, earlier = matches(now, before)
    row, earlier = row[earlier >= 0], rows[earlier[earlier >= 0]]
    of_rows = waves["wave"].to_numpy(dtype=object)[earlier]
    names = in_order(of_rows)
    wave_codes = pd.Index(names).get_indexer(of_rows)
    middles = np.array([_ordinal(middle_of_wave(name)) for name in names])
    last_days = np.array([_ordinal(day) for day in table["official_last_date"]])
    apart = np.abs(middles[wave_codes] - last_days[row]) / 365.25
    nearest = np.lexsort((wave_codes, apart))
    nearest = nearest[apart[nearest] <= NEAR][::-1]
    then = np.full(len(table), np.nan)
    then[row[nearest]] = numbers(waves["value"])[earlier[nearest]]  # of several the nearest stays, put in at the end
    accounts = numbers(table["audience"])
    growth = np.log(np.where(accounts > 0, accounts, np.nan) / then)
    return pd.Series(growth, index=table.index, name="audience_growth")


def _ordinal(day: str) -> float:
    """Return the number of a day, not a number where there is none."""
    return float(date.fromisoformat(day).toordinal()) if day else float("nan")


def audience_typical(waves: pd.DataFrame, *, wave: str) -> pd.Series:
    """Return the median audience of the waves of the last 100 days up to a wave, by destination, origin and sex.

    A floor counts as the most it can be. A wave without a number (a glitch, a failure) takes no part.

    Parameters
    ----------
    waves
        Audience table of one metric and age group, any number of waves; made comparable beforehand.
    wave
        The newest wave that is used.

    Examples
    --------
    >>> import pandas as pd
    >>> corridor = {"destination": "AUT", "origin": "SRB", "sex": "all", "status": "observed", "upper": None}
    >>> values = {"2018-02": 10.0, "2018-03": 900.0, "2018-04": 1000.0, "2018-06": 1200.0, "2018-07": 9000.0}
    >>> table = pd.DataFrame([corridor | {"wave": wave, "value": value} for wave, value in values.items()])
    >>> audience_typical(table, wave="2018-06").to_dict()
    {('AUT', 'SRB', 'all'): 1000.0}
    """
    first = (date.fromisoformat(middle_of_wave(wave)) - timedelta(days=USUAL_DAYS)).isoformat()
    names = [name for name in waves["wave"].unique() if not is_before(wave, name) and middle_of_wave(name) >= first]
    recent = waves[waves["wave"].isin(names)]
    bounded = equal(recent, "status", FLOORED) | equal(recent, "status", DEDUCED)
    shown, bounds = numbers(recent["value"]), numbers(recent["upper"])
    accounts = np.where(np.isnan(shown) & bounded, bounds, shown)
    of_key = columns(recent, CORRIDOR_SEX_KEY)
    _, first_rows, cells = np.unique(codes(of_key)[0], return_index=True, return_inverse=True)
    typical = pd.Series(accounts).groupby(cells).median()
    index = pd.MultiIndex.from_arrays([texts[first_rows] for texts in of_key], names=CORRIDOR_SEX_KEY)
    return pd.Series(typical.to_numpy(), index=index, name="audience_typical")
