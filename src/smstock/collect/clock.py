"""The clock of this machine beside that of the platform: a wave is named after the one, and dated by both.

Without this a machine whose battery died files a whole month under another one, and nothing in a new workspace
contradicts it.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Final

from smstock.errors import ClockError
from smstock.vocabulary.dates import Every, wave_of

if TYPE_CHECKING:
    from smstock.platforms.base import RawAnswer

FARTHEST: Final = timedelta(days=1)
"""How far the two clocks may be apart within a month."""

AT_THE_TURN: Final = timedelta(minutes=15)
"""How far they may be apart where a month ends between them: a call takes a minute, and clocks drift."""


def told_date(raw: RawAnswer) -> datetime | None:
    """Return when an answer was sent by the clock of the platform (its header ``Date``), None if it does not tell.

    Examples
    --------
    >>> from smstock.platforms.base import RawAnswer
    >>> told_date(RawAnswer(b"", 200, "", "", "", (("date", "Sun, 22 Nov 2026 10:00:00 GMT"),))).isoformat()
    '2026-11-22T10:00:00+00:00'
    >>> told_date(RawAnswer(b"", 200, "", "", "", (("date", "today"),))) is None
    True
    """
    text = next((value for name, value in raw.headers if name.lower() == "date"), "")
    try:
        date = parsedate_to_datetime(text)
        return date.replace(tzinfo=UTC) if date.tzinfo is None else date.astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        return None


def confirms(raw: RawAnswer, title: str, every: Every = "month") -> bool:
    """Whether an answer confirms the clock of this machine; False if it does not tell its own date.

    Parameters
    ----------
    raw
        An answer, dated by this machine.
    title
        Name of the platform.
    every
        How often the query is collected.

    Raises
    ------
    ClockError
        The platform has another day, or another wave.

    Examples
    --------
    >>> from smstock.platforms.base import RawAnswer
    >>> date = (("date", "Sun, 22 Nov 2026 10:00:01 GMT"),)
    >>> confirms(RawAnswer(b"", 200, "2026-11-22T10:00:00Z", "", "", date), "Meta")
    True
    >>> confirms(RawAnswer(b"", 200, "2031-02-01T10:00:00Z", "", "", date), "Meta")
    Traceback (most recent call last):
    smstock.errors.ClockError: the clock says 2031-02-01 10:00, and Meta says 2026-11-22 10:00 (UTC)
      next:    set the clock of this machine, then run the same command again; no answer was kept
    """
    date = told_date(raw)
    if date is None or not raw.asked_at:
        return False
    present = datetime.fromisoformat(raw.asked_at)
    apart = abs(present - date)
    if apart > FARTHEST or (wave_of(present, every) != wave_of(date, every) and apart > AT_THE_TURN):
        raise ClockError(
            f"the clock says {present:%Y-%m-%d %H:%M}, and {title} says {date:%Y-%m-%d %H:%M} (UTC)",
            hint="set the clock of this machine, then run the same command again; no answer was kept",
        )
    return True
