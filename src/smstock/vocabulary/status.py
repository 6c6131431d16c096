"""Why a value is there, or is not.

A value that was not observed is missing, and its status says why. Nothing is ever turned into 0.
"""

from __future__ import annotations

from typing import Final

OBSERVED: Final = "observed"
"""The platform gave a number above its floor."""
FLOORED: Final = "floored"
"""The platform gave its floor: the count is below it. The value is missing, ``upper`` is the floor."""
DEDUCED: Final = "deduced"
"""Not asked, because a coarser cell is at the floor; the interval is that cell's."""
NOT_READY: Final = "not_ready"
"""The platform said ``estimate_ready: false``."""
NO_NUMBER: Final = "no_number"
"""The platform answered without a number (-1, or a metric it did not supply)."""
GLITCH: Final = "glitch"
"""A number that contradicts the rest of what the platform said."""
CATEGORY_REMOVED: Final = "category_removed"
"""The platform withdrew the targeting category of this origin."""
FAILED: Final = "failed"
"""No usable answer was obtained; of a replay also: its recordings hold none."""
QUOTA: Final = "quota"
"""Not asked before the quota ended; running again asks it."""
REFUSED: Final = "refused:"
"""Prefix: the platform, or its known rules, refuse the cell; the reason follows the colon."""

STATUSES: Final = (OBSERVED, FLOORED, DEDUCED, NOT_READY, NO_NUMBER, GLITCH, CATEGORY_REMOVED, FAILED, QUOTA)


def is_status(text: str) -> bool:
    """Whether ``text`` is a status of the vocabulary.

    Examples
    --------
    >>> is_status("floored"), is_status("refused:age_rule"), is_status("refused:"), is_status("zero")
    (True, True, False, False)
    """
    return text in STATUSES or (text.startswith(REFUSED) and len(text) > len(REFUSED))


def names_no_cell(text: str) -> bool:
    """Whether a status is a refusal that does not tell what of the cell was refused.

    It may as well be about the application, the account or the whole query, so it counts for the cell only where the
    platform has answered another one.

    Examples
    --------
    >>> [names_no_cell(f"refused:{reason}") for reason in ("invalid_parameter", "code_4711", "unknown", "invalid_geo")]
    [True, True, True, False]
    """
    reason = text.removeprefix(REFUSED)
    return reason != text and (reason in ("invalid_parameter", "unknown") or reason.startswith("code_"))
