"""Replies of the simulated platform, sound and spoilt."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from smstock.sandbox.faults import FaultPlan
    from smstock.sandbox.graph_error import GraphError

_JSON: Final = (("content-type", "application/json; charset=UTF-8"),)


class Reply(NamedTuple):
    """An answer on its way; ``status`` 0 stands for a connection that is closed without one.

    ``delay`` is in seconds; ``copies`` tells how often the answer is sent.
    """

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    delay: float = 0.0
    copies: int = 1


def answer(content: Mapping[str, Any], status: int = 200) -> Reply:
    """Return the reply whose body is a JSON object.

    Examples
    --------
    >>> answer({"data": []}).body
    b'{"data":[]}'
    """
    return Reply(status, _JSON, json.dumps(content, separators=(",", ":")).encode())


_INSTEAD: Final = {
    "json_error": answer(
        {
            "error": {
                "message": "An unknown error occurred",
                "type": "OAuthException",
                "code": 1,
                "fbtrace_id": "simulated",
            }
        },
        500,
    ),
    "html_error": Reply(
        503,
        (("content-type", "text/html; charset=utf-8"),),
        b"<!DOCTYPE html><html><head><title>503</title></head><body><h1>Service Unavailable</h1></body></html>",
    ),
    "error_in_ok": answer(
        {
            "error": {
                "message": "(#2) Service temporarily unavailable",
                "type": "OAuthException",
                "is_transient": True,
                "code": 2,
                "fbtrace_id": "simulated",
            }
        }
    ),
    "reset": Reply(0, (), b""),
}
"""Faults that put another reply in the place of the right one."""


def refusal(error: GraphError) -> Reply:
    """Return the reply that tells an error.

    Examples
    --------
    >>> from smstock.sandbox.graph_error import GraphError
    >>> refusal(GraphError("(#32) Page request limit reached", 32)).status
    400
    """
    return answer({"error": error.content}, error.status)


def spoilt(reply: Reply, fault: str, plan: FaultPlan) -> Reply:
    """Return a reply with one of the faults of :data:`smstock.sandbox.faults.ANSWER_FAULTS`; with none, the reply.

    A body that is cut or malformed is never valid JSON.

    Examples
    --------
    >>> from smstock.sandbox.faults import FaultPlan
    >>> spoilt(answer({"data": []}), "truncated", FaultPlan()).body
    b'{"dat'
    """
    if fault in _INSTEAD:
        return _INSTEAD[fault]
    changes: dict[str, dict[str, Any]] = {
        "malformed": {"body": reply.body.replace(b":", b"::", 1)},
        "truncated": {"body": reply.body[: len(reply.body) // 2]},
        "empty": {"body": b""},
        "slow": {"delay": plan.slow_seconds},
        "late": {"delay": plan.late_seconds},
        "duplicate": {"copies": 2},
    }
    return reply._replace(**changes.get(fault, {}))
