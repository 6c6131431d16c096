"""Tables, or lines of JSON, with a targeting spec, and the body or Meta's own names of the figures: the compact form.

Columns: ``targeting_spec``; ``response_body``, or ``estimate_mau_lower_bound`` and ``estimate_mau_upper_bound``,
``users_lower_bound`` and ``users_upper_bound``, ``estimate_mau`` or ``users``; where known ``estimate_dau``,
``estimate_ready``, ``timestamp`` (Unix seconds or ISO 8601), ``endpoint``, ``api_version``, ``http_status``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from smstock.platforms.base import RawAnswer, Recorded
from smstock.platforms.meta.collectors import figures, literals
from smstock.platforms.meta.collectors.literals import UnreadableError
from smstock.platforms.meta.collectors.table import recorded

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from smstock.platforms.meta.collectors.table import Row, Table

MONTHLY: Final = (
    ("estimate_mau_lower_bound", "estimate_mau_upper_bound"),
    ("users_lower_bound", "users_upper_bound"),
    ("estimate_mau",),
    ("users",),
)
"""Meta's names of monthly accounts in each era and endpoint."""

_LAST_STATUS: Final = 999
_READY: Final = {"": True, "true": True, "1": True, "false": False, "0": False}


def recognised(table: Table) -> bool:
    """Return whether a table is of this form.

    Examples
    --------
    >>> from smstock.platforms.meta.collectors.table import Table
    >>> recognised(Table(("targeting_spec", "users_lower_bound", "users_upper_bound"), iter(())))
    True
    """
    return table.has("targeting_spec") and (
        table.has("response_body") or any(table.has(*columns) for columns in MONTHLY)
    )


def rows(table: Table) -> Iterator[Recorded]:
    """Return each row as an answer, or with the reason why it is none.

    Examples
    --------
    >>> from smstock.platforms.meta.collectors.table import Row, Table
    >>> values = {"targeting_spec": '{"age_min": 18}', "users_lower_bound": "88900", "users_upper_bound": "104600"}
    >>> [line] = rows(Table(tuple(values), iter([Row(2, values, 3)])))
    >>> line.answer.body
    b'{"data":{"users_lower_bound":88900,"users_upper_bound":104600,"estimate_ready":true}}'
    """
    return recorded(table, _recorded)


def _recorded(row: Row, place: str) -> Recorded:
    try:
        targeting = literals.dictionary(row["targeting_spec"])
    except UnreadableError as error:
        raise UnreadableError(f"targeting_spec {error}") from None
    asked_at = literals.moment(row["timestamp"] or row["asked_at"])
    status = literals.whole(row["http_status"]) if row["http_status"] else 200
    if not 0 <= status <= _LAST_STATUS:
        raise UnreadableError(f"http_status is {status}")
    if row["response_body"]:
        monthly = {name: row[name] for names in MONTHLY for name in names if row[name]}
        content = literals.body(row["response_body"])
        if words := figures.contradiction(content, monthly | {"estimate_dau": row["estimate_dau"]}):
            raise UnreadableError(f"figures contradict the response_body: {words}")
        endpoint: str = row["endpoint"]
        return Recorded(place, targeting, RawAnswer(content, status, asked_at, endpoint, row["api_version"]))
    content, endpoint = body(row.values)
    return Recorded(place, targeting, RawAnswer(content, status, asked_at, endpoint, row["api_version"]), restated=True)


def body(figures_by_name: Mapping[str, Any]) -> tuple[bytes, str]:
    """Return the body that holds some figures under Meta's names of them, and the endpoint that answers so.

    Raises
    ------
    UnreadableError
        There is none, there are some of two kinds, or one is no figure that Meta shows.

    Examples
    --------
    >>> body({"estimate_mau": 2600, "estimate_dau": 1987, "estimate_ready": True})[1]
    'delivery_estimate'
    """
    values = {name: "" if value is None else str(value) for name, value in figures_by_name.items()}
    names = next((names for names in MONTHLY if any(values.get(name) for name in names)), MONTHLY[0])
    if any(values.get(name) for others in MONTHLY for name in others if name not in names):
        raise UnreadableError("has figures of two kinds, and no response_body to tell which Meta showed")
    ready = _READY.get(values.get("estimate_ready", "").lower())
    if ready is None:
        raise UnreadableError("estimate_ready is neither true nor false")
    return figures.body({name: values.get(name, "") for name in names}, values.get("estimate_dau", ""), ready=ready)
