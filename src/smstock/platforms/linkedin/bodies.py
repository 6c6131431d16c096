"""Bodies in the form in which ``audienceCounts`` answers; `smstock.platforms.linkedin.answers` reads them."""

from __future__ import annotations

from typing import Any


def body(total: int) -> dict[str, Any]:
    """Return the body of an answer that shows a total.

    Examples
    --------
    >>> body(310)["elements"]
    [{'active': 0, 'total': 310}]
    """
    return {"elements": [{"active": 0, "total": total}], "paging": {"count": 10, "links": [], "start": 0}}
