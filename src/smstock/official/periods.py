"""Years and days of official files: what is none in the calendar is refused, with its file, line and value."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pandas as pd

from smstock.errors import OfficialFileError, meant
from smstock.official.columns import mapped
from smstock.vocabulary.dates import is_day

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence

    from smstock.official.rawfile import RawFile

YEAR = re.compile("(?:19|20)[0-9]{2}")
"""A period that is read; figures for months and quarters are refused."""

DAYS = {"undesa": "07-01", "worldbank": "07-01", "eurostat": "01-01", "oecd": "01-01"}
"""The day of the year that the figures of a provider are about."""


def day_of_year(file: RawFile, provider: str) -> str:
    """Return the day of the year that annual figures are about: as the sidecar says it, else the provider's.

    Raises
    ------
    OfficialFileError
        The sidecar does not say it, and the provider is one of another name than `DAYS` has.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.official.rawfile import RawFile
    >>> file = RawFile(Path("a.csv"), "text", b"")
    >>> day_of_year(file, "undesa")
    '07-01'
    >>> day_of_year(file, "ine-es")
    Traceback (most recent call last):
    smstock.errors.OfficialFileError: a.csv does not say which day of the year its figures are for
      where:   provider 'ine-es' of its sidecar
      allowed: undesa, worldbank, eurostat, oecd, whose day is known; or reference_date
      next:    write reference_date = "01-01", or the day it is, in a.csv.origin.toml above any line in brackets
    """
    stated = file.origin.reference_date if file.origin else ""
    if stated:
        return stated[-len("07-01") :]
    if provider not in DAYS:
        raise OfficialFileError(
            f"{file.path} does not say which day of the year its figures are for",
            where=", ".join(filter(None, (f"provider {provider!r} of its sidecar", meant(provider, DAYS)))),
            allowed=f"{', '.join(DAYS)}, whose day is known; or reference_date",
            hint=f'write reference_date = "01-01", or the day it is, in {file.path.name}.origin.toml above any line '
            "in brackets",
        )
    return DAYS[provider]


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
