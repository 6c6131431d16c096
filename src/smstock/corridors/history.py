"""The history of a corridor in columns: its last official figures and their growth, its audience then and now."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

import numpy as np
import pandas as pd

from smstock.tables import CORRIDOR_SEX_KEY
from smstock.vocabulary.dates import middle_of_wave, years_between
from smstock.vocabulary.status import DEDUCED, FLOORED

FIGURES_OF_MEAN: Final = 3
"""Newest figures whose mean is ``official_mean``: three years of a yearly series."""
NEAR: Final = 1.0
"""Years that a wave may lie from the day whose audience it stands for."""
USUAL_DAYS: Final = 100
"""Days up to a wave whose waves say what is usual: four monthly ones, its own among them."""
_OF_A_FIGURE: Final = ["provider", "concept", "reference_date", "value", "flags"]
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
    known = stock.loc[
        (stock["reference_date"] <= known_until) & stock["value"].notna(), [*CORRIDOR_SEX_KEY, *_OF_A_FIGURE]
    ]
    known = known.sort_values("reference_date", kind="stable")
    known["corridor"] = known.groupby(CORRIDOR_SEX_KEY).ngroup()
    last = known.drop_duplicates("corridor", keep="last").set_index("corridor").sort_index()
    lags = {day: years_between(day, target_date) for day in pd.unique(last["reference_date"])}
    history = last.assign(lag=last["reference_date"].map(lags).astype("float64"))
    positive = known[known["value"] > 0].set_index("corridor")
    history["official_growth"] = _growth(positive, history)
    history["official_mean"] = positive.groupby("corridor").tail(FIGURES_OF_MEAN).groupby("corridor")["value"].mean()
    names = {"value": "official_last", "reference_date": "official_last_date"}
    names |= {"concept": "official_concept", "provider": "official_provider"}
    columns = [*CORRIDOR_SEX_KEY, *names, "lag", "official_growth", "official_mean"]
    return history[columns].rename(columns=names).reset_index(drop=True)


def _growth(positive: pd.DataFrame, history: pd.DataFrame) -> pd.Series:
    """Return the growth of the logarithm a year by corridor; missing where there is nothing to compare with."""
    last = history.reindex(positive.index)
    day_of = {day: date.fromisoformat(day).toordinal() for day in pd.unique(positive["reference_date"])}
    day, day_of_last = (figures["reference_date"].map(day_of).to_numpy(dtype=float) for figures in (positive, last))
    years = (day_of_last - day) / 365.25
    usable = (positive["concept"] == last["concept"]) & (positive["provider"] == last["provider"])
    usable &= (years > 0) & (last["value"] > 0)
    # what lies before the newest break, or counts others, is not comparable with the newest figure
    broken = positive.loc[positive["flags"].fillna("").str.contains(BREAK), "reference_date"]
    if len(broken):
        since = broken.groupby("corridor").max().reindex(positive.index).fillna("")
        usable &= positive["reference_date"].to_numpy() >= since.to_numpy()
    ratio = last["value"].to_numpy(dtype=float) / positive["value"].to_numpy(dtype=float)
    nearest = np.lexsort((years, np.abs(years - last["lag"].to_numpy())))
    nearest = nearest[usable.to_numpy()[nearest]]
    growth = pd.Series(np.log(ratio[nearest]) / years[nearest], index=positive.index[nearest])
    return growth[~growth.index.duplicated()]


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
    earlier = waves[(waves["wave"] < wave) & waves["value"].gt(0)][[*CORRIDOR_SEX_KEY, "wave", "value"]]
    days = {name: middle_of_wave(name) for name in earlier["wave"].unique()}
    pairs = (
        table[[*CORRIDOR_SEX_KEY, "official_last_date"]].reset_index(names="row").merge(earlier, on=CORRIDOR_SEX_KEY)
    )
    pairs = pairs[pairs["official_last_date"] != ""]
    distance = pd.to_datetime(pairs["wave"].map(days)) - pd.to_datetime(pairs["official_last_date"])
    pairs["apart"] = distance.dt.days.abs() / 365.25
    pairs = pairs[pairs["apart"] <= NEAR].sort_values(["apart", "wave"], kind="stable").drop_duplicates("row")
    before = pairs.set_index("row")["value"].reindex(table.index)
    accounts = table["audience"].to_numpy(dtype=float)
    ratio = np.where(accounts > 0, accounts, np.nan) / before.to_numpy(dtype=float)
    return pd.Series(np.log(ratio), index=table.index, name="audience_growth")


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
    days = {name: middle_of_wave(name) for name in waves["wave"].unique()}
    first = (date.fromisoformat(middle_of_wave(wave)) - timedelta(days=USUAL_DAYS)).isoformat()
    recent = waves[(waves["wave"] <= wave) & (waves["wave"].map(days) >= first)]
    bounds = recent["upper"].where(recent["status"].isin((FLOORED, DEDUCED))).astype("float64")
    accounts = recent["value"].astype("float64").fillna(bounds)
    return recent.assign(accounts=accounts).groupby(CORRIDOR_SEX_KEY)["accounts"].median().rename("audience_typical")
