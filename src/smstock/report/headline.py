"""The answer of a nowcast in a few sentences, whose counts and sums are those of its tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from smstock.report import wording
from smstock.report.listing import ALONE, BOUNDED, CHECKED, DOUBTED, HELD, UNESTIMATED, UNKNOWN, ceilings
from smstock.report.sums import whole
from smstock.tables import MAGNITUDE
from smstock.tables.sums import WITH, WITHOUT
from smstock.vocabulary.counts import plural

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_NAMED = 3
"""Most corridors that are named."""


def headline(rows: pd.DataFrame, sums: pd.DataFrame | None = None) -> str:
    """Return the answer: how many, where most, and what is known of the other corridors; each is counted once.

    Parameters
    ----------
    rows
        A listing (see `listing`).
    sums
        Table `smstock.tables.sums.SUM` of the same estimates; without it medians are added up.

    Examples
    --------
    >>> import pandas as pd
    >>> from smstock.report.listing import listing
    >>> stocks = {"destination": ["AUT", "FRA"], "median": [178194.0, 96866.0], "official_last": [177609.0, 96899.0]}
    >>> table = pd.DataFrame(stocks).assign(origin="SRB", sex="all", age_min=0, age_max=None, method="log_ratio",
    ...     reference_date="2020-10-15", lower_80=[161012.0, 87700.0], upper_80=[197208.0, 107000.0], regime="stale",
    ...     status="provisional", precision="digits")
    >>> print(headline(listing(table)).replace(wording.DASH, "-"))  # doctest: +NORMALIZE_WHITESPACE
    On 15 October 2020 about 275,000 people from Serbia lived in the 2 countries with an official figure (sum of
    medians). The stocks, with 80 % intervals: Austria 178,000 (161,000-197,000); France 96,900
    (87,700-107,000).
    """
    number = rows["standing"].value_counts().to_dict()
    of_countries = wording.one_of(rows, "origin") or wording.one_of(rows, "destination")
    nouns = ("country", "countries") if of_countries else ("corridor", "corridors")
    checked, doubted, alone = (rows[rows["standing"] == standing] for standing in (CHECKED, DOUBTED, ALONE))
    if len(checked) or len(doubted) or len(alone):
        which, main = (WITHOUT, checked) if len(checked) else (WITH, pd.concat([doubted, alone]))
        text = _of_one(main.iloc[0]) if len(main) == 1 else _of_several(main, rows, whole(sums, which), nouns)
        more = (f"more {nouns[0]}", f"more {nouns[1]}")
    else:
        text, more = "No stock could be estimated.", nouns
    parts = [text]
    parts += _qualified(len(checked), len(doubted), len(alone), more)
    if held := number.get(HELD, 0):
        parts.append(f"In {plural(held, *more)} the estimate is held back: what was computed is not possible.")
    if known := number.get(UNESTIMATED, 0):
        parts.append(f"In {plural(known, *more)} there is an official figure and no estimate.")
    if bounded := number.get(BOUNDED, 0):
        parts.append(_bounded(rows, bounded, more))
    if unknown := number.get(UNKNOWN, 0):
        parts.append(f"Of {plural(unknown, *more)} nothing is known.")
    return " ".join(parts)


def _qualified(checked: int, doubted: int, alone: int, more: tuple[str, str]) -> list[str]:
    """Say which estimates no official figure bears out: those beside the sum, or those that the sum is of."""
    against = "something speaks against the official figures"
    if checked:
        doubtful = f"In {plural(doubted, *more)} the estimate is doubtful: {against}."
        indication = f"For {plural(alone, *more)} the audience alone gives an indication."
        return [doubtful] * bool(doubted) + [indication] * bool(alone)
    if doubted and alone:
        return [f"These are doubtful where there is an official figure, since {against}, and else indicative."]
    if doubted:
        return [f"This is doubtful: {against}."]
    return ["This is indicative: no official figure was at hand to check it."] * bool(alone)


def _of_one(row: pd.Series) -> str:
    where, ends = wording.country(row["destination"]), _range(row, "80 % interval ")
    who = _people(row["median"], row["precision"])
    return f"{_when(row)} {who} from {wording.country(row['origin'])} lived in {where}{ends}."


def _of_several(
    main: pd.DataFrame, rows: pd.DataFrame, of_all: Mapping[str, Any] | None, nouns: tuple[str, str]
) -> str:
    """Say what the corridors add up to, as the sums have it, and which are the largest."""
    summed, how = len(main), " (sum of medians)"
    total, precision = float(main["median"].sum()), _coarser(main)
    if of_all is not None and wording.known(of_all["median"]):
        summed, total, precision = int(of_all["estimated"]), float(of_all["median"]), str(of_all["precision"])
        how = _range(of_all, "80 % interval ")
    some = f"{summed} of the " if summed < len(main) else ""
    where = f"{some}{plural(len(main), *nouns)} {_having(main)}"
    largest = main.head(MOST_NAMED)
    measured = all(_range(row) for _, row in largest.iterrows())
    named = "; ".join(
        f"{row['name']} {wording.quoted(row['median'], row['precision'])}{_range(row)}" for _, row in largest.iterrows()
    )
    lead = "The largest stocks" if len(main) > len(largest) else "The stocks"
    return (
        f"{_when(main.iloc[0])} {_people(total, precision)} {_lived(rows, some=bool(some))}{where}{how}. "
        f"{lead}{', with 80 % intervals' if measured else ''}: {named}."
    )


def _coarser(main: pd.DataFrame) -> str:
    of_magnitude = main.loc[main["precision"] == MAGNITUDE, "median"].sum()
    return MAGNITUDE if of_magnitude > main["median"].sum() / 2 else "digits"


def _when(row: pd.Series) -> str:
    return f"On {wording.day(str(row['reference_date']))}"


def _people(number: float, precision: str) -> str:
    """Return a number of people, or its order of magnitude."""
    if precision != MAGNITUDE:
        return f"about {wording.persons(number)} people"
    words = wording.magnitude(number)
    return f"{words} people" if words == "a few" else f"{words} of people"


def _lived(rows: pd.DataFrame, *, some: bool) -> str:
    """Return who lived where, up to the number of corridors."""
    the = "" if some else "the "
    if origin := wording.one_of(rows, "origin"):
        return f"from {origin} lived in {the}"
    if destination := wording.one_of(rows, "destination"):
        return f"who lived in {destination} came from {the}"
    return f"lived abroad, in {the}"


def _having(main: pd.DataFrame) -> str:
    standings = set(main["standing"].unique())
    if standings == {ALONE}:
        return "with an audience above the floor"
    return "with an estimate" if ALONE in standings else "with an official figure"


def _range(row: Mapping[str, Any] | pd.Series, what: str = "") -> str:
    ends = wording.quoted_interval(row["lower_80"], row["upper_80"], row["precision"])
    return f" ({what}{ends})" if ends else ""


def _bounded(rows: pd.DataFrame, number: int, nouns: tuple[str, str]) -> str:
    """Say in how many corridors only an upper end is known, and which if it is the same for all."""
    capped = [ceiling for ceiling in ceilings(rows) if ceiling.upper is not None]
    few = f"{capped[0].text}{' each' if number > 1 else ''}" if len(capped) == 1 else "only an upper end is known"
    return f"In {plural(number, *nouns)}, {few}."
