"""Versions of Meta's Marketing API and the day each stops answering.

Source: Meta, Marketing API changelog, versions page, as of 18 September 2026. The estimate endpoints are Marketing API
endpoints: its expiry counts, not the later one of the Graph API.
"""

from __future__ import annotations

from typing import Final

DEFAULT: Final = "v25.0"

EXPIRY: Final[dict[str, str]] = {
    "v26.0": "",
    "v25.0": "",
    "v24.0": "2026-10-06",
    "v23.0": "2026-06-09",
    "v22.0": "2026-02-19",
    "v21.0": "2025-09-09",
    "v20.0": "2025-05-06",
    "v19.0": "2025-02-04",
    "v18.0": "2024-08-13",
    "v17.0": "2024-05-14",
    "v14.0": "2023-09-20",
}
"""Version -> last day (ISO date; empty: not announced). Versions below the oldest one have expired before it."""


def number(version: str) -> float:
    """Return a version as a number that sorts.

    Examples
    --------
    >>> number("v25.0")
    25.0
    """
    return float(version.removeprefix("v"))


def expired(version: str, today: str) -> str:
    """Return the day a version stopped answering, ``before 2023-09-20`` if only that is known, empty if it answers.

    Examples
    --------
    >>> expired("v24.0", "2026-11-22"), expired("v25.0", "2026-11-22"), expired("v8.0", "2026-11-22")
    ('2026-10-06', '', 'before 2023-09-20')
    """
    oldest = min(EXPIRY, key=number)
    if number(version) < number(oldest):
        return f"before {EXPIRY[oldest]}"
    if version not in EXPIRY:
        # between two listed versions: gone when the next listed one went
        later = [known for known in EXPIRY if number(known) > number(version)]
        day = EXPIRY[min(later, key=number)] if later else ""
    else:
        day = EXPIRY[version]
    return day if day and day < today else ""
