"""Errors as the Graph API words them (Meta, Marketing API error reference, 11 December 2025)."""

from __future__ import annotations

from typing import Any


class GraphError(Exception):
    """A refusal by the simulated platform: part of what it simulates, not a fault of smstock.

    Parameters
    ----------
    message, code, subcode
        As under ``error`` in the body; a subcode of None is left out.
    title, user_message
        What a person at Meta's own interface reads.
    status
        HTTP status; the code tells more.
    blamed
        Parameter that is wrong.
    transient
        ``is_transient``.
    """

    def __init__(
        self,
        message: str,
        code: int = 100,
        subcode: int | None = None,
        *,
        title: str = "",
        user_message: str = "",
        status: int = 400,
        blamed: str = "",
        transient: bool = False,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.content: dict[str, Any] = {"message": message, "type": "OAuthException", "code": code}
        if blamed:
            # Meta sends JSON text inside JSON here
            self.content["error_data"] = f'{{"blame_field":"{blamed}"}}'
        if subcode is not None:
            self.content["error_subcode"] = subcode
        self.content["is_transient"] = transient
        if user_message:
            self.content |= {"error_user_title": title, "error_user_msg": user_message}
        self.content["fbtrace_id"] = "simulated"


def invalid(message: str) -> GraphError:
    """Return the refusal of a parameter that is wrong (code 100).

    Examples
    --------
    >>> invalid("age_min must be 13 to 65").content["message"]
    '(#100) age_min must be 13 to 65'
    """
    return GraphError(f"(#100) {message}")


def refused_spec(subcode: int, title: str, user_message: str) -> GraphError:
    """Return the refusal of a targeting spec that is well formed (code 100 with a subcode).

    Examples
    --------
    >>> refused_spec(1487756, "Locations Can't Be Used", "Some of your locations overlap.").content["error_subcode"]
    1487756
    """
    return GraphError("Invalid parameter", 100, subcode, title=title, user_message=user_message, blamed="targeting")
