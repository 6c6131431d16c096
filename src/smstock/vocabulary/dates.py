"""Dates as text: ISO 8601, so that they sort, compare and survive every file format.

A wave is a calendar month (``2026-11``), an ISO week (``2026-W47``) or a day (``2026-11-23``), all in UTC; a reference
date a day (``2020-07-01``); an instant a UTC second (``2020-10-05T07:40:47Z``). Names of waves of several kinds do not
sort as text: they sort by their middle days (`in_order`).
"""

from __future__ import annotations

from calendar import monthrange
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Final, Literal

from smstock.errors import UsageError, shown

if TYPE_CHECKING:
    from collections.abc import Iterable

Every = Literal["month", "week", "day"]
"""How often a query is collected, and so what its waves are."""
FORMS: Final[dict[Every, str]] = {"month": "YYYY-MM", "week": "YYYY-Www", "day": "YYYY-MM-DD"}
"""How the names of waves are written."""
HOURS_A_MONTH: Final = 24 * 365.25 / 12
"""Hours of a month on average."""
WAVES_A_MONTH: Final[dict[Every, float]] = {"month": 1.0, "week": 365.25 / 12 / 7, "day": 365.25 / 12}
"""Waves of a month on average, by how often a query is collected."""
_NAMES: Final[dict[Every, str]] = {"month": "%Y-%m", "week": "%G-W%V", "day": "%Y-%m-%d"}
_FIRST: Final[dict[Every, str]] = {"month": "-01", "week": "-1", "day": ""}
"""What makes the name of a wave its first day."""
_MIDDLE: Final[dict[Every, int]] = {"month": 14, "week": 3, "day": 0}
GRACE: Final[dict[Every, int]] = {"month": 15, "week": 3, "day": 1}
"""Days after a wave in which it may be completed."""


@dataclass(frozen=True)
class Wave:
    """The days of a wave.

    Attributes
    ----------
    name
        What its folder is called.
    every
        Whether it is a month, a week or a day.
    first, last
        Its first and last day.
    middle
        Its reference date: the 15th of a month, the Thursday of a week.
    until
        The day before which its answers are asked: half as long as the wave again, in which it may be completed.

    Examples
    --------
    >>> week = wave("2026-W53")
    >>> week.every, week.first, week.middle, week.until
    ('week', '2026-12-28', '2026-12-31', '2027-01-07')
    """

    name: str
    every: Every
    first: str
    last: str
    middle: str
    until: str

    def holds(self, day: str) -> bool:
        """Return whether a day (ISO) is one of its days."""
        return self.first <= day <= self.last


@lru_cache(maxsize=4096)
def wave(name: str) -> Wave:
    """Return the wave of a name; raise `UsageError` if it names none.

    Examples
    --------
    >>> wave("2026-11").until, wave("2026-11-23").holds("2026-11-24")
    ('2026-12-16', False)
    >>> wave("2027-W53")
    Traceback (most recent call last):
    smstock.errors.UsageError: '2027-W53' is not a wave
      allowed: a month, YYYY-MM; a week, YYYY-Www; a day, YYYY-MM-DD
    """
    for every, rest in _FIRST.items():
        with suppress(ValueError, OverflowError):
            first = date.fromisoformat(name + rest)
            if first.strftime(_NAMES[every]) == name:
                return _wave(name, every, first)
    allowed = "; ".join(f"a {every}, {form}" for every, form in FORMS.items())
    raise UsageError(f"{shown(name)!r} is not a wave", allowed=allowed)


def wave_of(moment: datetime, every: Every = "month") -> str:
    """Return the wave (month, week or day, UTC) that an instant belongs to.

    Examples
    --------
    >>> moment = datetime(2027, 1, 3, 7, tzinfo=UTC)
    >>> wave_of(moment), wave_of(moment, "week"), wave_of(moment, "day")
    ('2027-01', '2026-W53', '2027-01-03')
    """
    return moment.astimezone(UTC).strftime(_NAMES[every])


def is_wave(text: str) -> bool:
    """Return whether a text names a wave.

    Examples
    --------
    >>> is_wave("2026-W47"), is_wave("2026-11 (copy)")
    (True, False)
    """
    try:
        return wave(text).name == text
    except UsageError:
        return False


def check_wave(text: str, every: Every | None = None) -> str:
    """Return ``text`` if it names a wave, of a certain kind where one is given; raise `UsageError` otherwise.

    Examples
    --------
    >>> check_wave("2020-10"), check_wave("2020-W41"), check_wave("2020-W41", "week")
    ('2020-10', '2020-W41', '2020-W41')
    >>> check_wave("2020-13")
    Traceback (most recent call last):
    smstock.errors.UsageError: '2020-13' is not a wave
      allowed: a month, YYYY-MM; a week, YYYY-Www; a day, YYYY-MM-DD
    >>> check_wave("2020-W41", "month")
    Traceback (most recent call last):
    smstock.errors.UsageError: 2020-W41 is a week
      allowed: a month, YYYY-MM
    """
    named = wave(text)
    if every and named.every != every:
        raise UsageError(f"{text} is a {named.every}", allowed=f"a {every}, {FORMS[every]}")
    return text


def in_order(waves: Iterable[str]) -> list[str]:
    """Return different waves in the order of their middle days.

    Examples
    --------
    >>> in_order(["2026-11", "2026-W47", "2026-10", "2026-W45"])
    ['2026-10', '2026-W45', '2026-11', '2026-W47']
    """
    return sorted(set(waves), key=_place)


def is_before(one: str, other: str) -> bool:
    """Return whether a wave comes before another one, in the order of `in_order`.

    Examples
    --------
    >>> is_before("2026-W47", "2026-12"), is_before("2026-W47", "2026-11"), is_before("2026-11", "2026-11")
    (True, False, False)
    """
    return _place(one) < _place(other)


def month_of_wave(name: str) -> str:
    """Return the month that a wave counts to, that of its middle day.

    Examples
    --------
    >>> month_of_wave("2026-W53"), month_of_wave("2027-W01"), month_of_wave("2026-11")
    ('2026-12', '2027-01', '2026-11')
    """
    return middle_of_wave(name)[:7]


def _place(name: str) -> tuple[str, str]:
    return middle_of_wave(name), name


def _wave(name: str, every: Every, first: date) -> Wave:
    length = {"month": monthrange(first.year, first.month)[1], "week": 7, "day": 1}[every]
    middle, last, until = (
        (first + timedelta(days=days)).isoformat() for days in (_MIDDLE[every], length - 1, length + GRACE[every])
    )
    return Wave(name, every, first.isoformat(), last, middle, until)


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


def middle_of_wave(name: str) -> str:
    """Return the reference date of an audience wave: the 15th of its month, the Thursday of its week, its day.

    Examples
    --------
    >>> middle_of_wave("2020-10"), middle_of_wave("2020-W41"), middle_of_wave("2020-10-05")
    ('2020-10-15', '2020-10-08', '2020-10-05')
    """
    return wave(name).middle
