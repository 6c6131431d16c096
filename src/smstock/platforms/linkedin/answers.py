"""What an answer of ``audienceCounts`` means: the reading of its total, or why there is none.

::

    {"elements": [{"active": 0, "total": 25312600}], "paging": {"count": 10, "links": [], "start": 0}}

``total`` 0 means fewer than 300 members, not none (Microsoft Learn, audience counts). ``active``, those likelier to
visit, is not used: it is 0 in published answers.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from smstock.platforms.base import Action, Answer, Reading
from smstock.platforms.linkedin import errors, rounding
from smstock.vocabulary.status import FAILED, FLOORED, GLITCH, NO_NUMBER, OBSERVED

if TYPE_CHECKING:
    from smstock.platforms.base import Fault, RawAnswer

_MOST_MEMBERS: Final = 10_000_000_000
"""More than there are people; a larger number is no audience."""


def read(answer: RawAnswer) -> Answer:
    """Return the ``total`` of an answer, or why there is none; never raises.

    - 0 is ``floored``: no value, 0 to 300, the upper end not included.
    - 1 to 299, which LinkedIn does not show, and more than 10,000,000,000 are a ``glitch``; a negative number is
      ``no_number``; a total that is no JSON integer is ``failed``, to be asked again.
    - An error goes through `errors.classify`. What is no answer of the API is ``failed``, to be asked again.

    Examples
    --------
    >>> from smstock.platforms.base import RawAnswer
    >>> body = b'{"elements":[{"active":0,"total":25312600}],"paging":{"count":10,"links":[],"start":0}}'
    >>> read(RawAnswer(body, 200, "2026-11-22T10:00:00Z", "audienceCounts", "202608")).readings
    (Reading(metric='total', status='observed', value=25312600.0, lower=25312500.0, upper=25312700.0),)
    """
    body = _object(answer.body)
    if not 200 <= answer.http_status < 300:
        if answer.http_status == 0:
            body = {"message": f"no answer came: {answer.body.decode(errors='replace')}"}
        return _faulty(errors.classify(body, answer.http_status))
    elements = body.get("elements")
    element = elements[0] if isinstance(elements, list) and len(elements) == 1 else None
    if not isinstance(element, dict):
        what = body.get("message") or ("no usable count in the body" if answer.body else "an empty body")
        return _without_number(FAILED, Action.RETRY, f"{what} (HTTP {answer.http_status})")
    reading = _total(element.get("total"))
    if reading.status == FAILED:
        return Answer((reading,), Action.RETRY, "the total of the body is no whole number")
    return Answer((reading,), Action.KEEP)


def _object(body: bytes) -> dict[str, Any]:
    """Return the JSON object of a body, empty if it holds none."""
    try:
        value = json.loads(body.decode())
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _total(total: Any) -> Reading:
    if type(total) is not int:
        return Reading("total", FAILED)
    if total < 0:
        return Reading("total", NO_NUMBER)
    if total == 0:
        return Reading("total", FLOORED, lower=0.0, upper=float(rounding.FLOOR))
    if total < rounding.FLOOR or total > _MOST_MEMBERS:
        return Reading("total", GLITCH)
    return Reading("total", OBSERVED, float(total), *rounding.interval(total))


def _faulty(fault: Fault) -> Answer:
    return _without_number(fault.status, fault.action, fault.detail)


def _without_number(status: str, action: Action, detail: str) -> Answer:
    return Answer((Reading("total", status),), action, detail)
