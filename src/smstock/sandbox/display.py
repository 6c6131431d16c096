"""How the simulated platform shows a count: with the floors and steps measured in `smstock.platforms.meta.rounding`.

Where in the band of two bounds the true count lies is not documented; here it is the middle.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

from smstock.platforms.meta.bodies import body
from smstock.platforms.meta.rounding import FLOOR
from smstock.platforms.rounding import to_two_digits

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from smstock.query.meta import Endpoint

Era = Literal["point", "bounds"]
"""``point``: one number, as from 2018 to November 2021; ``bounds``: two of them, as since."""

DAILY: Final = 0.65
"""Daily over monthly accounts; told in the point era only, for ``estimate_dau`` is 0 since 2026."""

_BAND: Final = 0.85
"""Lower over upper bound before rounding."""
_NO_NUMBER: Final = -1


def point(count: int) -> int:
    """Return a count as the point era shows it: two significant digits to the nearest, 1,000 at least.

    Examples
    --------
    >>> point(1049), point(1050), point(88_373), point(7)
    (1000, 1100, 88000, 1000)
    """
    return max(to_two_digits(count), FLOOR)


def bounds(count: int) -> tuple[int, int]:
    """Return a count as the bounds era shows it: a band around it, each end rounded, 1,000 at least.

    To the nearest 100 below 1,000,000, to the nearest 100,000 from there on.

    Examples
    --------
    >>> bounds(96_750), bounds(17_000_000), bounds(7)
    ((88900, 104600), (15600000, 18400000), (1000, 1000))
    """
    upper = count * 2 / (1 + _BAND)
    lower, upper = (_stepped(end) for end in (_BAND * upper, upper))
    return lower, upper


def _stepped(end: float) -> int:
    step = 100 if end < 1_000_000 else 100_000
    return max(int(end / step + 0.5) * step, FLOOR)


def estimate(count: int, endpoint: Endpoint, era: Era) -> dict[str, Any]:
    """Return the body of an answer that shows a count.

    Examples
    --------
    >>> estimate(96_750, "reachestimate", "bounds")
    {'data': {'users_lower_bound': 88900, 'users_upper_bound': 104600, 'estimate_ready': True}}
    """
    daily = int(DAILY * max(count, FLOOR)) if count else 0
    return body(endpoint, bounds(count) if era == "bounds" else (point(count),), _daily(daily, era))


def fields(endpoint: Endpoint, era: Era) -> tuple[str, ...]:
    """Return the fields of an estimate.

    Examples
    --------
    >>> fields("reachestimate", "bounds")
    ('users_lower_bound', 'users_upper_bound', 'estimate_ready')
    """
    return tuple(_estimates(estimate(0, endpoint, era))[0])


def only(content: Mapping[str, Any], names: Sequence[str]) -> dict[str, Any]:
    """Return the body of an estimate with some of its fields, all unless any is named.

    Examples
    --------
    >>> only(estimate(96_750, "reachestimate", "bounds"), ["estimate_ready"])
    {'data': {'estimate_ready': True}}
    """
    if not names:
        return dict(content)
    chosen = [{name: one[name] for name in one if name in names} for one in _estimates(content)]
    return {**content, "data": chosen if isinstance(content["data"], list) else chosen[0]}


def _estimates(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    data = content["data"]
    return data if isinstance(data, list) else [data]


def floored(count: int, endpoint: Endpoint, era: Era) -> dict[str, Any]:
    """Return the body of a glitch: the floor in place of the monthly count, beside daily accounts of the true one.

    Examples
    --------
    >>> floored(610_000, "delivery_estimate", "point")["data"][0]["estimate_mau"]
    1000
    """
    return body(endpoint, (FLOOR,) * _numbers(era), _daily(int(DAILY * count), era))


def no_number(endpoint: Endpoint, era: Era) -> dict[str, Any]:
    """Return the body that says there is no number: -1, which is not an empty audience.

    Examples
    --------
    >>> no_number("reachestimate", "point")
    {'data': {'users': -1, 'estimate_ready': True}}
    """
    return body(endpoint, (_NO_NUMBER,) * _numbers(era), _daily(_NO_NUMBER, era))


def not_ready(endpoint: Endpoint, era: Era) -> dict[str, Any]:
    """Return the body of an estimate that is not ready: it shows the floor, which means nothing.

    Examples
    --------
    >>> not_ready("reachestimate", "point")
    {'data': {'users': 1000, 'estimate_ready': False}}
    """
    return body(endpoint, (FLOOR,) * _numbers(era), 0, ready=False)


def _numbers(era: Era) -> int:
    return 2 if era == "bounds" else 1


def _daily(accounts: int, era: Era) -> int:
    return 0 if era == "bounds" else accounts
