"""How much of the quota is used, as the headers of an answer tell it (Meta, rate limiting, 5 May 2026).

Three headers, each a JSON object; an absent or unreadable one is no information::

    x-business-use-case-usage  {"<id>": [{"type": "ads_management", "call_count": 95, "total_cputime": 20,
                               "total_time": 20, "estimated_time_to_regain_access": 5, "ads_api_access_tier": ...}]}
    x-ad-account-usage         {"acc_id_util_pct": 9.67, "reset_time_duration": 100, "ads_api_access_tier": ...}
    x-app-usage                {"call_count": 28, "total_time": 25, "total_cputime": 25}

``estimated_time_to_regain_access`` is in minutes, ``reset_time_duration`` in seconds. The key of the first header has
been seen as ad account (with and without ``act_``) and as business, so every key is read.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_ABSURD = 1e9


@dataclass(frozen=True)
class Usage:
    """The quota as one answer tells it; None where it says nothing.

    Parameters
    ----------
    call_percent
        Calls used, percent of the limit that is nearest to being spent; may exceed 100.
    time_percent
        Processor or wall time used, percent, likewise.
    regain_seconds
        Seconds until calls pass again, if they are refused now; an ordinary answer tells it too and asks for no pause.
    tier
        Access tier: ``development_access`` (Limited) or ``standard_access`` (Full); empty if not told.
    """

    call_percent: float | None = None
    time_percent: float | None = None
    regain_seconds: float | None = None
    tier: str = ""


def read(headers: Iterable[tuple[str, str]]) -> Usage:
    """Return the usage that headers tell, the largest figure where several limits tell one.

    Header names in any case; what is no number of 0 to a billion is passed over.

    Examples
    --------
    >>> read([("X-Ad-Account-Usage", '{"acc_id_util_pct": 9.67, "reset_time_duration": 100}')])
    Usage(call_percent=9.67, time_percent=None, regain_seconds=100.0, tier='')
    """
    limits = list(_limits(headers))
    minutes = _largest(limits, "estimated_time_to_regain_access")
    waits = [60 * minutes] if minutes else []
    waits += [seconds] if (seconds := _largest(limits, "reset_time_duration")) else []
    tiers = [limit["ads_api_access_tier"] for limit in limits if isinstance(limit.get("ads_api_access_tier"), str)]
    return Usage(
        call_percent=_largest(limits, "call_count", "acc_id_util_pct"),
        time_percent=_largest(limits, "total_time", "total_cputime"),
        regain_seconds=max(waits, default=None),
        tier=tiers[0] if tiers else "",
    )


def regain_seconds(headers: Iterable[tuple[str, str]]) -> float | None:
    """Return the seconds after which a refused client may ask again; None if the headers do not tell, or tell 0.

    Examples
    --------
    >>> usage = '{"1": [{"type": "ads_management", "estimated_time_to_regain_access": 5}]}'
    >>> regain_seconds([("x-business-use-case-usage", usage)])
    300.0
    """
    return read(headers).regain_seconds


def _limits(headers: Iterable[tuple[str, str]]) -> Iterator[dict[str, Any]]:
    """Yield each limit that the headers tell of and that counts for estimates."""
    for name, text in headers:
        match name.lower():
            case "x-ad-account-usage" | "x-app-usage":
                yield _json_object(text)
            case "x-business-use-case-usage":
                lists = [listed for listed in _json_object(text).values() if isinstance(listed, list)]
                limits = [limit for listed in lists for limit in listed if isinstance(limit, dict)]
                yield from (limit for limit in limits if limit.get("type") == "ads_management")


def _json_object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _largest(limits: list[dict[str, Any]], *names: str) -> float | None:
    amounts = [limit[name] for limit in limits for name in names if _is_amount(limit.get(name))]
    return float(max(amounts)) if amounts else None


def _is_amount(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < _ABSURD
