"""What ``delivery_estimate`` and ``reachestimate`` answered, in every shape since 2017.

::

    2017-18   {"data": {"users": 120, "bid_estimations": [...], "estimate_ready": true}}
    2018-21   {"data": [{"estimate_mau": 2600, "estimate_dau": 1987, "estimate_ready": true, ...}]}
    2021-     {"data": [{"estimate_mau_lower_bound": 88900, "estimate_mau_upper_bound": 104600, ...}]}
    2021-     {"data": {"users_lower_bound": 141700, "users_upper_bound": 166700, "estimate_ready": true}}

-1 (also -3) stands for "no number", never for an empty audience (Meta, reachestimate page, 27 April 2026). Since 2026
``estimate_dau`` is 0 throughout: not supplied.

Where the monthly audience is at its floor, ``estimate_dau`` is no count: it is the floor times the share of daily
among monthly accounts. In the collection of April and May 2019, women plus men then exceed the total by more than 5 %
in 8,883 of 8,883 cells (median factor 2.00; above the floor 0.998), and 93 % of these numbers are 998 times a fraction
with a denominator of at most 7 (6 % would be by chance). It bounds the daily accounts from above, and is read so.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from smstock.platforms.base import Action, Answer, Reading
from smstock.platforms.meta import errors, rounding
from smstock.platforms.rounding import two_digit_interval
from smstock.vocabulary.status import FAILED, FLOORED, GLITCH, NO_NUMBER, NOT_READY, OBSERVED

if TYPE_CHECKING:
    from smstock.platforms.base import Fault, RawAnswer

_BOUNDS: Final = (
    ("estimate_mau_lower_bound", "estimate_mau_upper_bound"),
    ("users_lower_bound", "users_upper_bound"),
)
_MOST_ACCOUNTS: Final = 10_000_000_000
"""More than there are people; a larger number is no audience."""


def read(answer: RawAnswer) -> Answer:
    """Return the monthly (``mau``) and daily (``dau``) audience of an answer, or why there is none; never raises.

    A value is a number of the body, or the mean of its two bounds; ``lower`` and ``upper`` are in accounts. ``lower``
    is 0 where the lower bound is the floor.

    - ``mau`` at the floor is ``floored``: no value, 0 to the floor. Beside a larger ``dau`` it is a ``glitch``.
    - ``dau`` beside a floored ``mau`` is ``floored`` too, 0 to the number shown. A 0 is an observation there, until
      November 2021; any other 0 is ``no_number``.
    - A count that is no JSON integer is ``failed``. Bounds in the wrong order, a bound without the other, and more than
      10,000,000,000 accounts are a ``glitch``.
    - An error, at whatever HTTP status, goes through `errors.classify`. What is no answer of the API is ``failed``, to
      be asked again.

    ``action`` is `Action.KEEP` exactly where the status of ``mau`` is final.

    Examples
    --------
    >>> from smstock.platforms.base import RawAnswer
    >>> body = b'{"data":[{"estimate_dau":1987,"estimate_mau":2600,"estimate_ready":true}]}'
    >>> read(RawAnswer(body, 200, "2020-10-05T07:40:47Z", "delivery_estimate", "v8.0")).reading("mau")
    Reading(metric='mau', status='observed', value=2600.0, lower=2550.0, upper=2650.0)
    """
    body = _object(answer.body)
    error = body.get("error")
    if error is not None:
        fault = error if isinstance(error, dict) else {"message": error}
        return _faulty(errors.classify(fault, answer.http_status, answer.headers))
    estimate = _estimate(body)
    if estimate is None or not 200 <= answer.http_status < 300 or b"Service Unavailable" in answer.body:
        return _unusable(answer)
    if estimate.get("estimate_ready", True) is not True:
        return _without_number(NOT_READY, Action.RETRY, "the estimate is not ready")
    mau, dau = _readings(estimate, answer.asked_at)
    if mau.status == FAILED:
        return Answer((mau, dau), Action.RETRY, "a count of the body is no whole number")
    return Answer((mau, dau), Action.KEEP)


def _object(body: bytes) -> dict[str, Any]:
    """Return the JSON object of a body, empty if it holds none."""
    try:
        value = json.loads(body.decode())
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _estimate(body: dict[str, Any]) -> dict[str, Any] | None:
    """Return the ``data`` of a body, or the one item of it; empty for an empty list, None for anything else."""
    data = body.get("data")
    if isinstance(data, list) and len(data) <= 1:
        data = data[0] if data else {}
    return data if isinstance(data, dict) else None


def _unusable(answer: RawAnswer) -> Answer:
    """Read what is not the platform's word: a proxy's page, a cut body, a lost connection. It settles nothing."""
    if answer.http_status == 0:
        what = f"no answer came: {answer.body.decode(errors='replace')}"
    else:
        what = "no usable estimate in the body" if answer.body else "an empty body"
    return _faulty(errors.classify({"message": what, "is_transient": True}, answer.http_status, answer.headers))


def _faulty(fault: Fault) -> Answer:
    return _without_number(fault.status, fault.action, fault.detail, fault.wait)


def _without_number(status: str, action: Action, detail: str, wait: float | None = None) -> Answer:
    return Answer((Reading("mau", status), Reading("dau", status)), action, detail, wait)


def _readings(estimate: dict[str, Any], asked_at: str) -> tuple[Reading, Reading]:
    bounds = _bounds(estimate)
    point = _point(estimate, asked_at)
    # in October and November 2021 both were sent
    mau = point if bounds.status == NO_NUMBER else bounds
    daily = _count(estimate.get("estimate_dau"))
    if mau.status == FLOORED and isinstance(daily, int) and daily > (mau.upper or 0):
        mau = Reading("mau", GLITCH)
    return mau, _daily(daily, mau, zero_counts=mau is point)


def _count(number: Any) -> int | str:
    """Return a JSON value as a count of accounts, or the status that says why it is none."""
    if number is None:
        return NO_NUMBER
    if type(number) is not int:
        return FAILED
    if number < 0:
        return NO_NUMBER
    return number if number <= _MOST_ACCOUNTS else GLITCH


def _point(estimate: dict[str, Any], asked_at: str) -> Reading:
    name = "estimate_mau" if "estimate_mau" in estimate else "users"
    shown = _count(estimate.get(name))
    if isinstance(shown, str):
        return Reading("mau", shown)
    if shown == 0:
        return Reading("mau", NO_NUMBER)
    low_floor = name == "users" and (asked_at < "2018" or shown < rounding.FLOOR)
    floor = rounding.USERS_FLOOR if low_floor else rounding.FLOOR
    if shown <= floor:
        return Reading("mau", FLOORED, lower=0.0, upper=float(floor))
    return Reading("mau", OBSERVED, float(shown), *two_digit_interval(shown))


def _bounds(estimate: dict[str, Any]) -> Reading:
    names = next((pair for pair in _BOUNDS if not estimate.keys().isdisjoint(pair)), _BOUNDS[0])
    lower, upper = (_count(estimate.get(name)) for name in names)
    if isinstance(lower, str) or isinstance(upper, str):
        if FAILED in (lower, upper):
            return Reading("mau", FAILED)
        return Reading("mau", lower if isinstance(lower, str) and lower == upper else GLITCH)
    if lower > upper:
        return Reading("mau", GLITCH)
    if upper == 0:
        return Reading("mau", NO_NUMBER)
    if upper <= rounding.FLOOR:
        return Reading("mau", FLOORED, lower=0.0, upper=float(rounding.FLOOR))
    return Reading("mau", OBSERVED, rounding.point_of_bounds(lower, upper), *rounding.bounds_interval(lower, upper))


def _daily(shown: int | str, mau: Reading, *, zero_counts: bool) -> Reading:
    if isinstance(shown, str):
        return Reading("dau", shown)
    floored = mau.status == FLOORED
    if shown == 0 and not (floored and zero_counts):
        return Reading("dau", NO_NUMBER)
    count = float(shown)
    if count > 0 and floored:
        return Reading("dau", FLOORED, lower=0.0, upper=count)
    return Reading("dau", OBSERVED, count, count, count)
