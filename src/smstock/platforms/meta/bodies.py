"""Bodies in the form in which Meta answers; `smstock.platforms.meta.answers` reads them.

Recordings that keep figures alone, and simulations of the platform, are answers in this form too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smstock.query.meta import Endpoint

_NO_CURVE: Final = [{"spend": 0, "reach": 0, "impressions": 0, "actions": 0}]


def body(endpoint: Endpoint, monthly: Sequence[int], daily: int, *, ready: bool = True) -> dict[str, Any]:
    """Return the body of an answer; ``reachestimate`` has an object for a list of one, and no daily accounts.

    Parameters
    ----------
    endpoint
        Who answers.
    monthly
        Monthly accounts: one number, or as since November 2021 two bounds.
    daily
        Daily accounts.
    ready
        Whether the platform says that its estimate is ready.

    Examples
    --------
    >>> body("reachestimate", (88900, 104600), 0)
    {'data': {'users_lower_bound': 88900, 'users_upper_bound': 104600, 'estimate_ready': True}}
    >>> body("delivery_estimate", (2600,), 1987)["data"][0]["estimate_mau"]
    2600
    """
    name = "estimate_mau" if endpoint == "delivery_estimate" else "users"
    names = (name,) if len(monthly) == 1 else (f"{name}_lower_bound", f"{name}_upper_bound")
    data: dict[str, Any] = dict(zip(names, monthly, strict=True)) | {"estimate_ready": ready}
    if endpoint == "reachestimate":
        return {"data": data}
    return {"data": [data | {"daily_outcomes_curve": _NO_CURVE, "estimate_dau": daily}], "paging": {}}
