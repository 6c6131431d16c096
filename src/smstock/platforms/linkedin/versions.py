"""Versions of LinkedIn's marketing API, ``LinkedIn-Version: YYYYMM``, and the day each is sunset.

A version a month, each supported for a year at least; there is no default one, and a sunset one answers HTTP 426.
Sources: Microsoft Learn, banner of the audience-counts page (202601: 15 January 2027); API Evangelist's record of
LinkedIn's life cycle (202511: 16 November 2026; 202607: 15 July 2027; 202608 the latest one seen).
"""

from __future__ import annotations

import re
from typing import Final

DEFAULT: Final = "202608"

SUNSET: Final[dict[str, str]] = {"202511": "2026-11-16", "202601": "2027-01-15", "202607": "2027-07-15"}
"""Version -> day it is sunset (ISO date), where a source names it."""

_FORM: Final = re.compile(r"20\d{2}(0[1-9]|1[0-2])")


def is_version(text: str) -> bool:
    """Whether a text has the form of a version.

    Examples
    --------
    >>> is_version("202608"), is_version("202613"), is_version("v25.0")
    (True, False, False)
    """
    return bool(_FORM.fullmatch(text))


def sunset(version: str) -> str:
    """Return the day a version is sunset: the day named by a source, or else the 15th of its month a year later.

    Examples
    --------
    >>> sunset("202511"), sunset("202608")
    ('2026-11-16', '2027-08-15')
    """
    return SUNSET.get(version) or f"{int(version[:4]) + 1}-{version[4:]}-15"


def expired(version: str, today: str) -> str:
    """Return the day a version was sunset, empty if it still answers on a day (ISO date).

    Examples
    --------
    >>> expired("202511", "2026-11-22"), expired("202608", "2026-11-22")
    ('2026-11-16', '')
    """
    day = sunset(version)
    return day if day <= today else ""
