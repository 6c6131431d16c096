"""Years and days of official files: what is none in the calendar is refused, with its file, line and value."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pandas as pd

from smstock.errors import OfficialFileError
from smstock.official.columns import mapped
from smstock.vocabulary.dates import is_day

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

YEAR = re.compile("(?:19|20)[0-9]{2}")
"""A period that is read; figures for months and quarters are refused."""


def check_years(texts: pd.Series | Sequence[str], place: Callable[[int], str], *, beyond: Collection[str] = ()) -> None:
    """Refuse a text that is no calendar year.

    Parameters
    ----------
    place
        How an error names the cell of a position: file, and line or column.
    beyond
        Years after 2099 to which the projections of a layout reach.

    Raises
    ------
    OfficialFileError
        A text is no year from 1900 to 2099; the message names the first.

    Examples
    --------
    >>> check_years(["2015", "2015-13"], lambda row: f"a.csv, line {row + 2}")
    Traceback (most recent call last):
    smstock.errors.OfficialFileError: '2015-13' is no year
      where:   a.csv, line 3
      allowed: a year from 1900 to 2099
      next:    give annual figures: those for months, quarters and days are not read
    """
    periods = pd.Series(texts, dtype="str").reset_index(drop=True)
    wrong = periods[~mapped(periods, lambda text: YEAR.fullmatch(text) is not None or text in beyond, "bool")]
    if len(wrong):
        raise OfficialFileError(
            f"{wrong.iloc[0]!r} is no year",
            where=place(int(wrong.index[0])),
            allowed="a year from 1900 to 2099",
            hint="give annual figures: those for months, quarters and days are not read",
        )


def check_days(texts: pd.Series, place: Callable[[int], str]) -> None:
    """Refuse a text that is no day of the calendar.

    Parameters
    ----------
    place
        How an error names the cell of a position: file, and line or column.

    Raises
    ------
    OfficialFileError
        A text is no day, or not written ``YYYY-MM-DD``; the message names the first.

    Examples
    --------
    >>> check_days(pd.Series(["2016-02-29", "2015-02-29"]), lambda row: f"a.csv, line {row + 2}")
    Traceback (most recent call last):
    smstock.errors.OfficialFileError: '2015-02-29' is no day of the calendar
      where:   a.csv, line 3
      allowed: a day such as 2015-07-01
      next:    mend the date, then read the file again
    """
    days = texts.reset_index(drop=True)
    wrong = days[~mapped(days, is_day, "bool")]
    if len(wrong):
        raise OfficialFileError(
            f"{wrong.iloc[0]!r} is no day of the calendar",
            where=place(int(wrong.index[0])),
            allowed="a day such as 2015-07-01",
            hint="mend the date, then read the file again",
        )
