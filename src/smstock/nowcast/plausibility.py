"""Plausible, doubtful or held back: each estimate against what is possible.

What is not possible is not published as a number. Where an audience, a leap of the series or a sum speaks against the
official figures, nobody can tell from here which is wrong: the estimate is published as doubtful, after the others and
outside of the sums over official figures.

A bound is a figure that is at hand times a factor that real stocks keep. The factors were read off UN DESA's stocks by
destination and origin, edition 2020, corridors of 1,000 persons or more:

- one origin is at most 36 % of a destination's population, but for one in 1,000 corridors;
- one destination holds at most half of an origin's population;
- in 2020 one corridor held at most 2.5 times all emigrants of its origin of 2015, and 11.2 times all immigrants of its
  destination (Venezuelans in Colombia); all but one in 1,000 held less than 1.1 times either.

Where no official figure of the corridor is at hand nobody could check the estimate, so its bounds are narrower.
Flows are not looked at: no table that a nowcast reads holds any.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from smstock.models.stack import enough
from smstock.nowcast import counts
from smstock.nowcast.contradictions import LEAST, contradictions
from smstock.tables import (
    CORRIDOR_KEY,
    DIGITS,
    DOUBTFUL,
    HELD_BACK,
    LEVELS,
    MAGNITUDE,
    PROVISIONAL,
)
from smstock.vocabulary.facets import SEXES
from smstock.vocabulary.profiles import profiles

if TYPE_CHECKING:
    from smstock.calibrate.calibration import Calibration

SHARE_OF_DESTINATION: Final = {True: 0.6, False: 0.4}
"""Most of a destination's population that may be of one origin: with an official figure of the corridor, and without.
"""
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
_REPEATED: Final = re.compile("^(audience alone says .* official figure|the last official figure is .* the one before)")
SEXES_APART: Final = 0.05
"""Share of an official figure by which its women and men may miss it without doubt ..."""
LEAST_APART: Final = 50.0
"""... or persons, if that is more: offices round."""
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
        ``base`` and ``horizon``; ``under_former``, if any, says what a former state hides.
    calibration
        Methods and their errors.
    stock
        Stock table that the last official figures are from, earlier ones too.
    population
        Population of areas by sex, where the calibration file names one; of all ages if it has them. Profiles of
        countries of 2015 stand in for it, unless the population of some ages is larger.

    Examples
    --------
    >>> from smstock.calibrate.calibration import Calibration
    >>> from smstock.tables import STOCK
    >>> calibration = Calibration(name="c", query="q", wave="2020-10", provider="undesa", edition="2020",
    ...     concepts=("birth",), target_date="2020-07-01", inputs={}, versions={}, seed=1)
    >>> row = {"destination": "POL", "origin": "MAR", "sex": "all", "median": 11.6e6, "base": "log_linear",
    ...     "horizon": 0, "alone": 11.6e6, "audience": 9000.0, "audience_upper": 9050.0, "audience_status": "observed",
    ...     "official_last": None, "official_last_date": "", "lag": None, "regime": "none", "notes": "indicative"}
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
    against = contradictions(rows, calibration, stock)
    hidden = rows["under_former"] if "under_former" in rows else pd.Series("", index=rows.index, dtype="str")
    doubts = counts.joined(_sexes_apart(rows), counts.joined(against.doubted, counts.doubts(rows, ends)))
    # a figure known to leave people out holds nothing back
    too_small = _of_corridor(rows, hidden) != ""
    far = against.held.where(too_small, "").str.replace(r"^(?=\d)", "the estimate is ", regex=True)
    doubts = counts.joined(hidden, counts.joined(far, doubts))
    why = counts.joined(_broken_bounds(rows, ends), against.held.mask(too_small, ""))
    why = counts.joined(why, _too_many_together(rows, ends, why))
    known = rows["median"].notna()
    held = known & (_of_corridor(rows, why) != "")
    doubted = known & ~held & (_of_corridor(rows, doubts) != "")
    computed = rows["median"].map(lambda number: f"held back: {_rounded(number)} computed, ") + _of_corridor(rows, why)
    notes = computed.where(held, _joined(_unchecked(rows, ends), against.unchecked).where(known, ""))
    notes = notes.mask(doubted, _joined("doubtful: " + _of_corridor(rows, doubts), notes))
    beyond = _upper_ends(rows, ends)
    notes = _joined(beyond, notes)
    emptied = {name: rows[name].where(~held & (beyond == "")) for name in ("median", *_ends())}
    return rows.assign(
        **emptied,
        status=np.select([held, doubted], [HELD_BACK, DOUBTFUL], PROVISIONAL),
        precision=_precision(rows, calibration).where(known & ~held, ""),
        notes=_joined(notes, _not_repeated(rows["notes"], held | doubted)),
    )


def _of_corridor(rows: pd.DataFrame, why: pd.Series) -> pd.Series:
    """Return the reason of each row, or else the first one of its corridor and whom it is of; empty where none is."""
    of_whom = rows["sex"].map({"all": "of both sexes: ", "female": "of women: ", "male": "of men: "})
    first = rows[CORRIDOR_KEY].assign(why=of_whom + why)[why != ""].drop_duplicates(CORRIDOR_KEY)
    shared = rows[CORRIDOR_KEY].merge(first, on=CORRIDOR_KEY, how="left")["why"].fillna("")
    return why.where(why != "", shared)


def _joined(texts: pd.Series, more: pd.Series) -> pd.Series:
    """Return notes with further ones behind a semicolon."""
    return pd.Series(["; ".join(filter(None, pair)) for pair in zip(texts, more, strict=True)], index=texts.index)


def _not_repeated(notes: pd.Series, marked: pd.Series) -> pd.Series:
    """Return remarks of rows without what the reason of their status says more exactly."""
    kept = notes.map(lambda text: "; ".join(part for part in text.split("; ") if not _REPEATED.search(part)))
    return kept.where(marked, notes)


def _ends() -> list[str]:
    return [f"{end}_{level}" for level in LEVELS for end in ("lower", "upper")]


def _rounded(number: float) -> str:
    return f"{float(f'{number:.3g}'):,.0f}" if number == number else ""  # noqa: PLR0124 - missing


def _upper_ends(rows: pd.DataFrame, ends: pd.DataFrame) -> pd.Series:
    """Say which "fewer than" would be more than all persons of an end, or all its emigrants or immigrants."""
    upper = rows["upper_80"].astype("float64").where(rows["median"].isna())
    texts = pd.Series("", index=rows.index)
    for name, what, when in (
        ("destination", "the population of the destination", ends["destination_source"]),
        ("origin", "the population of the origin", ends["origin_source"]),
        ("emigrants", "all emigrants of the origin", " in 2015"),
        ("immigrants", "all immigrants of the destination", " in 2015"),
    ):
        parts = [
            f"no upper end: {_rounded(end)} would be more than {what} ({count:,.0f}{source})" if end > count else ""
            for end, count, source in zip(upper, ends[name], pd.Series(when, index=rows.index), strict=True)
        ]
        texts = texts.where(texts != "", pd.Series(parts, index=rows.index))
    return texts


def _sexes_apart(rows: pd.DataFrame) -> pd.Series:
    """Say where women and men of the last official figure do not add up to it."""
    key = [*CORRIDOR_KEY, "official_last_date"]
    known = rows[key].assign(sex=rows["sex"], value=rows["official_last"].astype("float64"))
    of_sexes = known[(known["sex"] != "all") & known["value"].notna()].groupby(key)["value"].agg(["sum", "size"])
    both = known[key].merge(of_sexes[of_sexes["size"] == len(SEXES) - 1].reset_index(), on=key, how="left")["sum"]
    total = known["value"].where(known["sex"] == "all")
    apart = (total - both).abs() > np.maximum(SEXES_APART * total, LEAST_APART)
    texts = [
        f"women and men of the official figure add up to {added:,.0f}, and not to {number:,.0f}" if differs else ""
        for differs, added, number in zip(apart, both, total, strict=True)
    ]
    return pd.Series(texts, index=rows.index)


def _populations(rows: pd.DataFrame, population: pd.DataFrame | None) -> pd.DataFrame:
    """Return what is known of both ends of each row: population of its sex and where from, emigrants, immigrants."""
    known = pd.DataFrame(index=rows.index)
    countries = profiles()
    of_all_ages = of_some = pd.Series(dtype="float64")
    if population is not None:
        ages = population[(population["age_min"] == 0) & population["age_max"].isna()]
        of_all_ages, of_some = (part.groupby(["area", "sex"])["value"].max() for part in (ages, population))
    for end in CORRIDOR_KEY:
        keys = pd.MultiIndex.from_arrays([rows[end], rows["sex"]])
        whole, part = (
            figures.reindex(keys).to_numpy(dtype=float) if len(figures) else np.full(len(rows), np.nan)
            for figures in (of_all_ages, of_some)
        )
        of_2015 = np.array([countries[area].population if area in countries else np.nan for area in rows[end]])
        # a part of the ages is a lower end of all
        larger = np.isnan(whole) & (part > np.nan_to_num(of_2015))
        known[end] = np.where(np.isnan(whole), np.where(larger, part, of_2015), whole)
        known[f"{end}_source"] = np.select([~np.isnan(whole), larger], ["", " of some ages"], " in 2015")
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
    # one official figure checks the corridor: its women and men too
    figures = rows[CORRIDOR_KEY].assign(known=rows["official_last"].astype("float64").gt(0))
    checked = figures.groupby(CORRIDOR_KEY)["known"].transform("any")
    why = pd.Series("", index=rows.index)
    most_of_destination = checked.map(SHARE_OF_DESTINATION)
    bounds = (
        (most_of_destination, ends["destination"], "the population of the destination", ends["destination_source"]),
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
        why = counts.joined(why, pd.Series(texts, index=rows.index))
    why = why.where(why == "", "more than " + why)
    for end in CORRIDOR_KEY:
        over = (audience > ends[end]) & median.notna()
        texts = [
            f"more accounts ({accounts:,.0f}) than the {end} has persons ({count:,.0f}{when})" if broken else ""
            for broken, accounts, count, when in zip(over, audience, ends[end], ends[f"{end}_source"], strict=True)
        ]
        why = counts.joined(why, pd.Series(texts, index=rows.index))
    return why


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
        texts = counts.joined(texts, pd.Series(parts, index=rows.index))
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
    """Return how exactly a median may be quoted: in digits, or by its order of magnitude.

    Without an official figure an estimate rests on the corridors learnt from alone: few of them give a magnitude.
    """
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
    few = (rows["regime"] == "none") & (not enough(calibration.cells, calibration.destinations))
    return pd.Series(np.where((rmsle > USEFUL) | few, MAGNITUDE, DIGITS), index=rows.index)
