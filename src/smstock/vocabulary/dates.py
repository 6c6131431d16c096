"""Dates as text: ISO 8601, so that they sort, compare and survive every file format.

A wave is a calendar month (``2026-11``); a reference date a day (``2020-07-01``); an instant a UTC second
(``2020-10-05T07:40:47Z``).
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta

from smstock.errors import UsageError, shown

_WAVE = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


def wave_of(moment: datetime) -> str:
    """Return the wave (calendar month, UTC) that an instant belongs to.

    Examples
    --------
    >>> wave_of(datetime(2020, 10, 5, 7, tzinfo=UTC))
    '2020-10'
    """
    return moment.astimezone(UTC).strftime("%Y-%m")


def check_wave(text: str) -> str:
    """Return ``text`` if it names a wave; raise `UsageError` otherwise.

    Examples
    --------
    >>> check_wave("2020-10")
    '2020-10'
    >>> check_wave("2020-13")
    Traceback (most recent call last):
    smstock.errors.UsageError: '2020-13' is not a wave
      allowed: a calendar month, YYYY-MM
    """
    if not _WAVE.fullmatch(text):
        raise UsageError(f"{shown(text)!r} is not a wave", allowed="a calendar month, YYYY-MM")
    return text


def is_day(text: str) -> bool:
    """Return whether a text is a day of the calendar, written ``YYYY-MM-DD``.

    Examples
    --------
    >>> is_day("2016-02-29"), is_day("2015-02-29"), is_day("0000-01-01"), is_day("2015-7-1")
    (True, False, False, False)
    """
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def is_moment(text: str) -> bool:
    """Return whether a text is a day of the calendar, or an instant of one, in ISO 8601.

    Examples
    --------
    >>> is_moment("2020-10-05"), is_moment("2020-10-05T07:40:47Z"), is_moment("2020-02-30T07:40:47Z")
    (True, True, False)
    """
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return is_day(text[:10])


def instant(moment: datetime) -> str:
    """Return an instant as ISO 8601 text in UTC, to the second.

    Examples
    --------
    >>> instant(datetime(2020, 10, 5, 7, 40, 47, tzinfo=UTC))
    '2020-10-05T07:40:47Z'
    """
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def instant_of_timestamp(seconds: float) -> str:
    """Return a Unix timestamp as ISO 8601 text in UTC, to the second.

    Examples
    --------
    >>> instant_of_timestamp(1601872407.0)
    '2020-10-05T04:33:27Z'
    """
    return instant(datetime.fromtimestamp(seconds, tz=UTC))


def years_between(earlier: str, later: str) -> float:
    """Return the years from one ISO date to another (365.25 days a year), negative if ``later`` comes first.

    Examples
    --------
    >>> round(years_between("2015-07-01", "2020-07-01"), 2)
    5.0
    """
    return (date.fromisoformat(later[:10]) - date.fromisoformat(earlier[:10])).days / 365.25


def month_of_answers(wave: str) -> tuple[str, str]:
    """Return the days (ISO) from which and before which the answers of a wave are asked: its month and 15 days more.

    Examples
    --------
    >>> month_of_answers("2026-12")
    ('2026-12-01', '2027-01-16')
    """
    first = date.fromisoformat(f"{check_wave(wave)}-01")
    of_next_month = (first + timedelta(days=31)).replace(day=1)
    return first.isoformat(), (of_next_month + timedelta(days=15)).isoformat()


def middle_of_wave(wave: str) -> str:
    """Return the reference date of an audience wave: the 15th of its month.

    Examples
    --------
    >>> middle_of_wave("2020-10")
    '2020-10-15'
    """
    return f"{check_wave(wave)}-15"
