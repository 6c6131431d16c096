"""Figures that stand in columns: the body that they were read from, put together again, or held against it.

Meta shows one number or two bounds, never below its floor. What a collector put in the place of a figure (-2 for an
error, a mean of its own below the floor) is none of Meta's, and no answer.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final

from smstock.platforms.meta import bodies, rounding
from smstock.platforms.meta.collectors import literals
from smstock.platforms.meta.collectors.literals import UnreadableError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from smstock.query.meta import Endpoint

NO_NUMBER: Final = -1
"""What Meta shows where it has no number."""


def body(monthly: Mapping[str, str], daily: str = "", *, ready: bool = True) -> tuple[bytes, Endpoint]:
    """Return the body in which Meta showed some figures, and the endpoint that answers so.

    Parameters
    ----------
    monthly
        By Meta's name of it, a number or two bounds; names that start with ``users`` are those of ``reachestimate``.
    daily
        Daily accounts; none where the column is missing, which -1 says in a body.
    ready
        Whether the estimate was ready.

    Raises
    ------
    UnreadableError
        A figure is no whole number, or none that Meta shows.

    Examples
    --------
    >>> body({"users_lower_bound": "88900", "users_upper_bound": "104600"})
    (b'{"data":{"users_lower_bound":88900,"users_upper_bound":104600,"estimate_ready":true}}', 'reachestimate')
    """
    if not monthly or any(not figure for figure in monthly.values()):
        raise UnreadableError("has no figure")
    endpoint: Endpoint = "reachestimate" if next(iter(monthly)).startswith("users") else "delivery_estimate"
    numbers = {name: _count(name, figure) for name, figure in monthly.items()}
    lowest = rounding.USERS_FLOOR if [*numbers] == ["users"] else rounding.FLOOR
    for name, number in numbers.items():
        if number != NO_NUMBER and number < lowest:
            raise UnreadableError(f"has {name} {number:,}: Meta shows none below {lowest:,}")
    content = bodies.body(endpoint, tuple(numbers.values()), _count("dau", daily) if daily else NO_NUMBER, ready=ready)
    return json.dumps(content, separators=(",", ":")).encode(), endpoint


def _count(name: str, figure: str) -> int:
    try:
        number = literals.whole(figure)
    except UnreadableError as error:
        raise UnreadableError(f"has a {name} that {error}") from None
    if number < NO_NUMBER:
        raise UnreadableError(f"has {name} {number}, the collector's sign that nothing was answered")
    return number


def estimate(content: bytes) -> dict[str, Any]:
    """Return the estimate in a body, empty where it has none.

    Examples
    --------
    >>> estimate(b'{"data":[{"estimate_mau":2600}]}'), estimate(b'{"error":{}}')
    ({'estimate_mau': 2600}, {})
    """
    data = json.loads(content).get("data")
    if isinstance(data, list) and len(data) == 1:
        data = data[0]
    return data if isinstance(data, dict) else {}


def contradiction(content: bytes, figures: Mapping[str, str]) -> str:
    """Return how figures in columns contradict the body beside them, empty if they do not.

    A figure of a column below the floor that the body shows is the collector's own estimate, and no contradiction.

    Parameters
    ----------
    content
        The body.
    figures
        Figures by Meta's name of them; a missing one contradicts nothing.

    Examples
    --------
    >>> contradiction(b'{"data":[{"estimate_mau":2600}]}', {"estimate_mau": "2700"})
    'estimate_mau is 2,600 in the body and 2700 in its column'
    >>> contradiction(b'{"data":[{"estimate_mau":1000}]}', {"estimate_mau": "730.5"})
    ''
    >>> contradiction(b'{"error":{}}', {"estimate_mau": "2700"})
    'the body has no figure, and estimate_mau is 2700 in its column'
    """
    shown = estimate(content)
    beside = "" if shown else next((name for name, figure in figures.items() if re.match("[1-9]", figure)), "")
    if beside:
        return f"the body has no figure, and {beside} is {figures[beside][:20]} in its column"
    for name, figure in figures.items():
        number = shown.get(name)
        if not figure or type(number) is not int:
            continue
        try:
            differs = literals.whole(figure) != number
        except UnreadableError:
            differs = True
        refined = name != "estimate_dau" and number == rounding.FLOOR and _below(figure, rounding.FLOOR)
        if differs and not refined:
            return f"{name} is {number:,} in the body and {figure[:20]} in its column"
    return ""


def _below(figure: str, floor: float) -> bool:
    try:
        return 0 <= float(figure) < floor
    except ValueError:
        return False
