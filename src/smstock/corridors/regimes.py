"""Regimes: which evidence a corridor has, chosen by its data, and alerts where an audience outruns its peers.

``register``
    A series of official figures that is regular and fresh: the last one, moved by a damped trend, is hard to beat.
``stale``
    An official figure, but an old one or one of few: the audience is worth much.
``none``
    No official figure: an estimate from the audience alone is indicative.
``shock``
    The audience grew beyond what the growth of its peers, and their noise, explain. Scaled onto the official stock as
    in Minora et al. 2022 (doi 10.1140/epjds/s13688-022-00370-6), official stock x growth of the audience; here only
    growth beyond the peers counts, and it is damped, because a label given once is kept.
"""

from __future__ import annotations

from math import expm1
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from smstock.errors import ContractError
from smstock.tables import CORRIDOR_KEY
from smstock.vocabulary.dates import years_between

if TYPE_CHECKING:
    from collections.abc import Hashable


FRESH: Final = 3.01
"""Oldest last figure of a register (years, and a leap day): Eurostat's are out after some 15 months, and one year may
be missing."""
REGULAR: Final = 1.5
"""Longest median gap of a register (years)."""
FIGURES: Final = 3
"""Fewest figures of a register."""
SHORT: Final = 2
"""Fewest figures of a short series, which is no register of its own and may be continued like the registers beside it
(`smstock.nowcast.continuation`)."""
SHORT_FRESH: Final = 2.01
"""Oldest last figure of a short series: cut to two figures, past series were tested one and two years on."""
WINDOWS: Final = (1.0, 21 / 365.25)
"""Years over which an audience's growth is looked at: a year, and three weeks, which waves by the month never span."""
FEWEST_PEERS: Final = 5
"""Fewest other corridors of the destination, or of the origin, whose spread is a measure of noise."""
BEYOND: Final = 4.0
"""Robust standard deviations of the peers' growth beyond which growth is a shock."""
LEAST: Final = 0.15
"""Least excess growth (logarithm) that is a shock: less is no news."""
LEAST_SD: Final = 0.03
"""Least noise of a growth: the rounding of two audiences of a few thousand."""
DAMPING: Final = 0.3
"""Growth of the stock for growth of the audience beyond its peers."""
_KINDS: Final = {"growth": "float64", "excess": "float64", "noise": "float64"}


def regimes(official: pd.DataFrame, audiences: pd.DataFrame, date: str) -> pd.DataFrame:
    """Return the regime of every corridor that has a figure or an audience.

    Parameters
    ----------
    official
        Columns destination, origin, reference_date (ISO), value (persons); one series a corridor. Figures after the
        date are not used, nor missing ones.
    audiences
        Columns destination, origin, date (ISO), value (accounts; missing below the floor) of one metric, glitches and
        breaks taken out.
    date
        The day to be estimated (ISO).

    Returns
    -------
    pandas.DataFrame
        destination, origin, regime, series (the regime that the official series alone gives), short (whether the series
        is regular and fresh with too few figures for a register), reason (a sentence),
        official_last (persons), official_last_date, figures,
        growth and excess (logarithms: of the audience over the last year, and beyond the peers; over the last three
        weeks where that stands out more), noise (robust standard deviation of the peers), scaled (persons: the official
        stock times the damped excess; missing unless a shock).

    Raises
    ------
    ContractError
        A number is negative or infinite.

    Examples
    --------
    >>> import pandas as pd
    >>> official = pd.DataFrame({"destination": ["ESP"] * 3, "origin": "VEN", "value": [60e3, 63e3, 65e3],
    ...                          "reference_date": ["2015-01-01", "2016-01-01", "2017-01-01"]})
    >>> days = pd.DataFrame({"date": ["2017-06-15", "2018-01-15"], "value": 9e4, "destination": "ESP"})
    >>> origins = pd.DataFrame({"origin": ["VEN", "COL", "ECU", "PER", "BOL", "ARG", "BRA"]})
    >>> waves = days.merge(origins, how="cross")
    >>> waves.loc[(waves["origin"] == "VEN") & (waves["date"] > "2018"), "value"] = 20e4
    >>> regime_of = regimes(official, waves, "2018-02-01").set_index("origin")
    >>> regime_of.loc["VEN", "regime"], round(regime_of.loc["VEN", "scaled"], -2), regime_of.loc["COL", "regime"]
    ('shock', np.float64(82600.0), 'none')
    """
    _refuse(audiences, "audience")
    table = (
        series(official, date)
        .merge(_excess(audiences[audiences["date"].astype("str") <= date]), on=CORRIDOR_KEY, how="outer")
        .sort_values(CORRIDOR_KEY)
    )
    table["figures"] = table["figures"].fillna(0).astype(int)
    known = table["figures"] > 0
    table["series"] = table["series"].where(known, "none")
    table["short"] = table["short"].fillna(value=False).astype(bool)
    shock = (table["excess"] > LEAST) & (table["excess"] > BEYOND * table["noise"])
    table["regime"] = table["series"].mask(shock & known, "shock")
    table["scaled"] = (table["official_last"] * np.exp(DAMPING * table["excess"])).where(table["regime"] == "shock")
    table["official_last_date"] = table["official_last_date"].astype("str").where(known, "")
    table["reason"] = [_reason(row) for row in table.to_dict("records")]
    columns = [
        "regime",
        "series",
        "short",
        "reason",
        "official_last",
        "official_last_date",
        "figures",
        "growth",
        "excess",
        "noise",
        "scaled",
    ]
    return pd.DataFrame(table[[*CORRIDOR_KEY, *columns]]).reset_index(drop=True)


def series(official: pd.DataFrame, date: str) -> pd.DataFrame:
    """Return what the official series of each corridor that has one gives alone.

    Columns: destination, origin, official_last, official_last_date, figures, gap (median, years), age (years), series
    and short, as `regimes` has them.

    Examples
    --------
    >>> days = ["2015-01-01", "2016-01-01", "2017-01-01"]
    >>> official = pd.DataFrame({"destination": "ESP", "origin": "VEN", "value": 6e4, "reference_date": days})
    >>> [series(official[:count], "2017-02-01")[["series", "short"]].values.tolist() for count in (1, 2, 3)]
    [[['stale', False]], [['stale', True]], [['register', False]]]
    """
    _refuse(official, "official")
    table = _series(official[official["reference_date"].astype("str") <= date], date)
    regular = table["gap"] <= REGULAR
    register = regular & (table["figures"] >= FIGURES) & (table["age"] <= FRESH)
    table["series"] = np.where(register, "register", "stale")
    table["short"] = regular & (table["figures"] >= SHORT) & (table["age"] <= SHORT_FRESH) & ~register
    return table


def _refuse(table: pd.DataFrame, name: str) -> None:
    """Refuse what no count can be."""
    value = table["value"].to_numpy(dtype=float)
    wrong = table[np.isinf(value) | (value < 0)]
    if len(wrong):
        row = wrong.iloc[0]
        raise ContractError(
            f"{len(wrong)} {name} numbers are negative or infinite",
            where=f"{row['destination']} {row['origin']}: {row['value']}",
            allowed="0 or more, finite",
        )


def _series(official: pd.DataFrame, date: str) -> pd.DataFrame:
    """Return last figure, its day and age, number of figures and median gap (years) of each corridor."""
    known = official.astype({"reference_date": "str", "value": "float64"}).dropna(subset=["value"])
    known = known.sort_values("reference_date", kind="stable").drop_duplicates(
        [*CORRIDOR_KEY, "reference_date"], keep="last"
    )
    days = pd.to_datetime(known["reference_date"])
    years = (days - pd.Timestamp(date)) / pd.Timedelta(days=365.25)
    known = known.assign(gap=years.groupby([known[name] for name in CORRIDOR_KEY]).diff())
    of_corridor = known.groupby(CORRIDOR_KEY)
    # column by column: in one aggregation they take three times as long
    table = pd.DataFrame(
        {
            "official_last": of_corridor["value"].last(),
            "official_last_date": of_corridor["reference_date"].last(),
            "figures": of_corridor.size(),
            "gap": of_corridor["gap"].median(),
        }
    ).reset_index()
    table["age"] = [years_between(day, date) for day in table["official_last_date"]]
    return table


def _excess(audiences: pd.DataFrame) -> pd.DataFrame:
    """Return growth of each audience, beyond the destination's median, its first day, and the noise of its peers.

    Of the windows the one counts in which a corridor stands out most from its peers; a year, where it does in none.
    """
    asked = audiences[CORRIDOR_KEY].drop_duplicates()
    positive = audiences[audiences["value"] > 0]
    over_year, over_weeks = (
        asked.merge(_growth(positive, window), on=CORRIDOR_KEY, how="left").set_index(CORRIDOR_KEY)
        for window in WINDOWS
    )
    year, weeks = ((of["excess"] / of["noise"]).where(of["excess"] > LEAST, -np.inf) for of in (over_year, over_weeks))
    return over_year.mask(weeks > year, over_weeks).reset_index()


def _growth(positive: pd.DataFrame, window: float) -> pd.DataFrame:
    """Return growth over a window, beyond the destination's median, and the noise of its peers.

    Peers of the destination share the platform's growth there, which is taken out. What a whole origin grows beyond
    that stays in: a crisis sends people to many places at once.
    """
    newest = str(positive["date"].max()) if len(positive) else ""
    days = {str(day) for day in positive["date"].unique() if years_between(day, newest) <= window}
    if len(days) < 2:
        return pd.DataFrame(columns=[*CORRIDOR_KEY, "growth", "excess", "noise", "since"]).astype(_KINDS)
    before, after = (
        positive[positive["date"] == day].drop_duplicates(CORRIDOR_KEY).set_index(CORRIDOR_KEY)["value"]
        for day in (min(days), newest)
    )
    ratio = (after / before).dropna()
    growth = ratio.index.to_frame(index=False).assign(growth=np.log(ratio.to_numpy(dtype=float)))
    growth["excess"] = growth["growth"] - growth.groupby("destination")["growth"].transform(_middle)
    spreads = [_spread(growth, name) for name in CORRIDOR_KEY]
    growth["noise"] = pd.concat(spreads, axis=1).max(axis=1).clip(lower=LEAST_SD)
    return growth.assign(since=min(days))


def _middle(growth: pd.Series) -> float:
    return float(growth.median()) if len(growth) > FEWEST_PEERS else 0.0


def _spread(growth: pd.DataFrame, name: str) -> pd.Series:
    """Return the robust standard deviation of the excess within each destination or origin; missing with few peers."""
    groups = growth["excess"].groupby(growth[name])
    distance = (growth["excess"] - groups.transform("median")).abs()
    spread = 1.4826 * distance.groupby(growth[name]).transform("median")
    return spread.where(groups.transform("size") > FEWEST_PEERS)


def _reason(row: dict[Hashable, Any]) -> str:
    """Say why a corridor is in its regime."""
    if row["regime"] == "shock":
        times = row["excess"] / row["noise"]
        grew = f"audience grew by {expm1(row['excess']):.0%} beyond its peers since {row['since']}"
        return f"{grew}, {times:.1f} times their noise"
    if row["regime"] == "none":
        return "no official figure"
    age = f"the last of {row['official_last_date']}, {row['age']:.1f} years old"
    if row["figures"] == 1:
        return f"one official figure, {age.removeprefix('the last ')}"
    return f"{row['figures']} official figures, every {row['gap']:.1f} years, {age}"
