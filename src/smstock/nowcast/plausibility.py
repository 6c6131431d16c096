"""Plausible or held back: each estimate against what is possible; what fails is not published as a number.

A bound is a figure that is at hand times a factor that real stocks keep. The factors were read off UN DESA's stocks by
destination and origin, edition 2020, corridors of 1,000 persons or more:

- one origin is at most 36 % of a destination's population, but for one in 1,000 corridors;
- one destination holds at most half of an origin's population;
- in 2020 one corridor held at most 2.5 times all emigrants of its origin of 2015, and 11.2 times all immigrants of its
  destination (Venezuelans in Colombia); all but one in 1,000 held less than 1.1 times either;
- over five years stocks grew to more than 7 times in one corridor of 100, to more than 87 times in one of 1,000.

Where no official figure of the corridor is at hand nobody could check the estimate, so its bounds are narrower.
Flows are not looked at: no table that a nowcast reads holds any.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from smstock.corridors.profiles import profiles
from smstock.tables import CORRIDOR_KEY, CORRIDOR_SEX_KEY, DIGITS, HELD_BACK, LEVELS, MAGNITUDE, PROVISIONAL
from smstock.vocabulary import status
from smstock.vocabulary.dates import years_between

if TYPE_CHECKING:
    from smstock.calibrate.calibration import Calibration

SHARE_OF_DESTINATION: Final = 0.4
"""Most of a destination's population that may be of one origin."""
SHARE_OF_ORIGIN: Final = 1.0
"""Most of an origin's own population that may live in one destination."""
ALL_OF_DESTINATION: Final = 1.0
"""Most of a destination's population that its corridors may add up to."""
ALL_OF_ORIGIN: Final = 1.5
"""Most of an origin's own population that its corridors may add up to."""
EMIGRANTS: Final = {True: 3.0, False: 0.5}
"""Most of all emigrants of the origin that one corridor may hold: with an official figure of it, and without."""
IMMIGRANTS: Final = {True: 12.0, False: 0.5}
"""Most of all immigrants of the destination that one corridor may hold: with an official figure of it, and without."""
CHANGE: Final = 4.0
"""Most that an estimate may lie above or below a last official figure of today, a factor ..."""
CHANGE_A_YEAR: Final = 1.2
"""... and by how much that factor grows for each year of the figure's age: 10 after five years."""
JUMP: Final = {True: 600.0, False: 30.0}
"""Most that the last official figure may lie above or below the one before it: where the audience agrees, and else.
In UN DESA's the most was 509, of Syrians in Türkiye from 2010 to 2015, but for a few figures that were under 10."""
CONFLICT: Final = 100.0
"""Most that the audience alone may say above or below the last official figure: beyond it one of both is wrong."""
AGREES: Final = 10.0
"""Within this factor an audience, or an earlier figure, bears a figure out."""
LEAST: Final = 1_000.0
"""Fewer persons than that may change by any factor."""
USEFUL: Final = 1.0
"""RMSLE on destinations left out up to which a method gives digits; beyond it gives an order of magnitude."""


def with_status(
    table: pd.DataFrame, calibration: Calibration, stock: pd.DataFrame, population: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return estimates with ``status`` and ``precision``; what is not plausible has no number, and a note says why.

    A corridor is held back as a whole: its total, women and men.

    Parameters
    ----------
    table
        Estimates of `smstock.nowcast.estimate.combined`, with ``alone``, what the audience alone says (persons), and
        ``base`` and ``horizon``.
    calibration
        Methods and their errors.
    stock
        Stock table that the last official figures are from, earlier ones too.
    population
        Population of areas by sex, where the calibration file names one of all ages; profiles of countries of 2015
        otherwise.

    Examples
    --------
    >>> from smstock.calibrate.calibration import Calibration
    >>> from smstock.tables import STOCK
    >>> calibration = Calibration(name="c", query="q", wave="2020-10", provider="undesa", edition="2020",
    ...     concepts=("birth",), target_date="2020-07-01", inputs={}, versions={}, seed=1)
    >>> row = {"destination": "POL", "origin": "MAR", "sex": "all", "median": 11.6e6, "base": "log_linear",
    ...     "horizon": 0, "alone": 11.6e6, "audience": 9000.0, "audience_status": "observed", "official_last": None,
    ...     "official_last_date": "", "lag": None, "regime": "none", "notes": "indicative"}
    >>> ends = {f"{end}_{level}": None for end in ("lower", "upper") for level in LEVELS}
    >>> no_stock = pd.DataFrame(columns=STOCK.names)
    >>> (row,) = with_status(pd.DataFrame([row | ends]), calibration, no_stock).to_dict("records")
    >>> row["status"], row["median"]
    ('held_back', nan)
    >>> print(row["notes"])  # doctest: +NORMALIZE_WHITESPACE
    held back: 11,600,000 computed, more than 0.5 times all emigrants of the origin (2,971,770 in 2015) and 0.5 times
    all immigrants of the destination (611,855 in 2015); indicative
    """
    rows = table.reset_index(drop=True)
    ends = _populations(rows, population)
    why = _broken_bounds(rows, ends)
    why = _added(why, _against_figures(rows, calibration, stock))
    why = _added(why, _too_many_together(rows, ends, why))
    of_corridor = rows[CORRIDOR_KEY].assign(why=why)[why != ""].drop_duplicates(CORRIDOR_KEY)
    shared = rows[CORRIDOR_KEY].merge(of_corridor, on=CORRIDOR_KEY, how="left")["why"].fillna("")
    known = rows["median"].notna()
    held = known & (shared != "")
    reasons = why.where(why != "", shared)
    computed = [
        f"held back: {_rounded(number)} computed, {text}" for number, text in zip(rows["median"], reasons, strict=True)
    ]
    unchecked = _unchecked(rows, ends).where(known & ~held, "")
    notes = pd.Series(computed, index=rows.index).where(held, unchecked)
    emptied = {name: rows[name].where(~held) for name in ("median", *_ends())}
    return rows.assign(
        **emptied,
        status=np.where(held, HELD_BACK, PROVISIONAL),
        precision=_precision(rows, calibration).where(known & ~held, ""),
        notes=["; ".join(filter(None, pair)) for pair in zip(notes, rows["notes"], strict=True)],
    )


def _ends() -> list[str]:
    return [f"{end}_{level}" for level in LEVELS for end in ("lower", "upper")]


def _rounded(number: float) -> str:
    return f"{float(f'{number:.3g}'):,.0f}" if number == number else ""  # noqa: PLR0124 - missing


def _added(texts: pd.Series, more: pd.Series) -> pd.Series:
    """Return reasons with further ones after them."""
    both = (texts != "") & (more != "")
    return texts.where(~both, texts + " and ") + more


def _populations(rows: pd.DataFrame, population: pd.DataFrame | None) -> pd.DataFrame:
    """Return what is known of both ends of each row: population of its sex and where from, emigrants, immigrants."""
    known = pd.DataFrame(index=rows.index)
    countries = profiles()
    figures = pd.Series(dtype="float64")
    if population is not None:
        ages = population[(population["age_min"] == 0) & population["age_max"].isna()]
        figures = ages.groupby(["area", "sex"])["value"].max()
    for end in CORRIDOR_KEY:
        keys = pd.MultiIndex.from_arrays([rows[end], rows["sex"]])
        given = figures.reindex(keys).to_numpy(dtype=float) if len(figures) else np.full(len(rows), np.nan)
        of_2015 = rows[end].map(lambda area: countries[area].population if area in countries else np.nan)
        known[end] = np.where(np.isnan(given), of_2015.astype("float64"), given)
        known[f"{end}_source"] = np.where(np.isnan(given), " in 2015", "")
    for column, end in (("emigrants", "origin"), ("immigrants", "destination")):
        known[column] = (
            rows[end]
            .map(lambda area, column=column: getattr(countries[area], column) if area in countries else np.nan)
            .astype("float64")
        )
    return known


def _broken_bounds(rows: pd.DataFrame, ends: pd.DataFrame) -> pd.Series:
    """Say which populations, emigrants or immigrants an estimate or its audience exceeds; empty where none."""
    median, audience = (rows[name].astype("float64") for name in ("median", "audience"))
    checked = rows["official_last"].astype("float64").gt(0)
    why = pd.Series("", index=rows.index)
    bounds = (
        (SHARE_OF_DESTINATION, ends["destination"], "the population of the destination", ends["destination_source"]),
        (SHARE_OF_ORIGIN, ends["origin"], "the population of the origin", ends["origin_source"]),
        (checked.map(EMIGRANTS), ends["emigrants"], "all emigrants of the origin", " in 2015"),
        (checked.map(IMMIGRANTS), ends["immigrants"], "all immigrants of the destination", " in 2015"),
    )
    for factor, figure, what, source in bounds:
        factors, sources = (pd.Series(part, index=rows.index) for part in (factor, source))
        broken = (median > factors * figure) & (median >= LEAST)
        texts = [
            f"{factor:g} times {what} ({count:,.0f}{when})" if over else ""
            for over, factor, count, when in zip(broken, factors, figure, sources, strict=True)
        ]
        why = _added(why, pd.Series(texts, index=rows.index))
    why = why.where(why == "", "more than " + why)
    for end in CORRIDOR_KEY:
        over = (audience > ends[end]) & median.notna()
        texts = [
            f"more accounts ({accounts:,.0f}) than the {end} has persons ({count:,.0f}{when})" if broken else ""
            for broken, accounts, count, when in zip(over, audience, ends[end], ends[f"{end}_source"], strict=True)
        ]
        why = _added(why, pd.Series(texts, index=rows.index))
    return why


def _against_figures(rows: pd.DataFrame, calibration: Calibration, stock: pd.DataFrame) -> pd.Series:
    """Say where an estimate, its last official figure, the one before and the audience cannot all be right."""
    before = _before_last(rows, stock)
    reads = {name: method.reads_audience() for name, method in calibration.methods.items()}
    at_floor = rows["audience_status"].isin([status.FLOORED, status.DEDUCED]).to_numpy()
    numbers = zip(
        rows["median"].astype("float64"),
        rows["official_last"].astype("float64"),
        rows["official_last_date"],
        before["value"],
        before["date"],
        rows["lag"].astype("float64").fillna(0.0),
        rows["alone"].astype("float64"),
        rows["base"].map(lambda name: reads.get(name, False)),
        at_floor,
        strict=True,
    )
    return pd.Series([_contradiction(*row) for row in numbers], index=rows.index)


def _contradiction(  # noqa: PLR0917 - one for each column
    median: float,
    last: float,
    last_date: str,
    earlier: float,
    earlier_date: str,
    lag: float,
    alone: float,
    reads_audience: bool,  # noqa: FBT001
    at_floor: bool,  # noqa: FBT001
) -> str:
    if not (median >= 0 and last > 0):
        return ""
    if last < 1:
        return f"the official figure of {last_date} ({last:g}) is less than one person"
    if not any(number >= LEAST for number in (median, last, earlier, alone)):
        return ""
    contradictions, borne_out = [], _apart(last, earlier) <= AGREES
    allowed = CHANGE * CHANGE_A_YEAR ** max(lag, 0.0)
    if _apart(median, last) > allowed:
        contradictions.append(
            f"{_times(median, last)} the official figure of {last_date} ({last:,.0f}), beyond a factor of {allowed:.3g}"
        )
    # at the floor the audience is an upper end: it can only say that a figure is too large
    heard = _apart(alone, last) if not at_floor or alone < last else 1.0
    heard = 1.0 if np.isnan(heard) else heard
    if heard > CONFLICT and (reads_audience or not borne_out):
        contradictions.append(
            f"the audience alone says {'fewer than ' if at_floor else ''}{_times(alone, last)} the official figure of "
            f"{last_date} ({last:,.0f})"
        )
    agreeing = alone > 0 and not at_floor and heard <= AGREES
    span = max(years_between(earlier_date, last_date), 1.0) if earlier_date else 1.0
    if _apart(last, earlier) > JUMP[agreeing] * CHANGE_A_YEAR ** max(span - 5, 0.0):
        contradictions.append(
            f"the official figure of {last_date} ({last:,.0f}) is {_times(last, earlier)} that of {earlier_date} "
            f"({earlier:,.0f})"
        )
    return " and ".join(contradictions)


def _apart(number: float, other: float) -> float:
    """Return the factor between two numbers, 1 or more; not a number where one is missing."""
    if number > 0 and other > 0:
        return max(number / other, other / number)
    return inf if (number == 0 and other >= LEAST) or (other == 0 and number >= LEAST) else float("nan")


def _times(number: float, other: float) -> str:
    return f"{number / other:.2g} times" if other > 0 else "far from"


def _before_last(rows: pd.DataFrame, stock: pd.DataFrame) -> pd.DataFrame:
    """Return the official figure before the last of each row, and its date; missing and empty where there is none."""
    figures = stock.loc[stock["value"].notna(), [*CORRIDOR_SEX_KEY, "reference_date", "value"]]
    dated = rows[[*CORRIDOR_SEX_KEY, "official_last_date"]].assign(place=rows.index)
    pairs = dated.merge(figures, on=CORRIDOR_SEX_KEY)
    pairs = pairs[pairs["reference_date"] < pairs["official_last_date"]].sort_values("reference_date")
    newest = pairs.drop_duplicates("place", keep="last").set_index("place")
    return pd.DataFrame(
        {
            "value": newest["value"].astype("float64").reindex(rows.index),
            "date": newest["reference_date"].reindex(rows.index).fillna(""),
        }
    )


def _too_many_together(rows: pd.DataFrame, ends: pd.DataFrame, why: pd.Series) -> pd.Series:
    """Say where what is left of an end's corridors adds up to more persons than it can."""
    texts = pd.Series("", index=rows.index)
    total = (rows["sex"] == "all") & (why == "")
    for end, most, members in (
        ("destination", ALL_OF_DESTINATION, "origins"),
        ("origin", ALL_OF_ORIGIN, "destinations"),
    ):
        sums = rows["median"].astype("float64").where(total).groupby(rows[end]).transform("sum")
        over = total & (sums > most * ends[end]) & rows["median"].notna()
        parts = [
            f"with its other {members} {_rounded(number)}, more than {most:g} times the population of the {end} "
            f"({count:,.0f}{when})"
            if broken
            else ""
            for broken, number, count, when in zip(over, sums, ends[end], ends[f"{end}_source"], strict=True)
        ]
        texts = _added(texts, pd.Series(parts, index=rows.index))
    return texts


def _unchecked(rows: pd.DataFrame, ends: pd.DataFrame) -> pd.Series:
    """Say of which end no population is at hand to check an estimate against."""
    lacking = [
        " and ".join(f"the {end}" for end, missing in zip(CORRIDOR_KEY, row, strict=True) if missing)
        for row in ends[CORRIDOR_KEY].isna().to_numpy()
    ]
    texts = [f"not checked against the population of {which}: none is at hand" if which else "" for which in lacking]
    return pd.Series(texts, index=rows.index)


def _precision(rows: pd.DataFrame, calibration: Calibration) -> pd.Series:
    """Return how exactly a median may be quoted: in digits, or by its order of magnitude."""
    errors = calibration.rmsle()
    of_method = rows["base"].map(lambda name: errors.get(name, 0.0))
    of_register = rows["horizon"].map(
        {
            register.horizon: register.score(register.method).rmsle
            for register in calibration.registers
            if any(score.method == register.method for score in register.scores)
        }
    )
    rmsle = of_register.astype("float64").where(rows["horizon"] > 0, of_method).fillna(0.0)
    return pd.Series(np.where(rmsle > USEFUL, MAGNITUDE, DIGITS), index=rows.index)
