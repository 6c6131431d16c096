"""What an error of LinkedIn's API means for a cell and for the collection.

The HTTP status decides, and where it is 400 the code of the body::

    {"message": "Invalid query parameters passed to request", "serviceErrorCode": 0, "status": 400}

Sources: Microsoft Learn, LinkedIn error handling and rate limiting; codes of the campaign resources. An answer tells no
wait: there is neither ``Retry-After`` nor a header of the quota.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from smstock.platforms.base import Action, Fault
from smstock.vocabulary.status import FAILED, QUOTA, REFUSED
from smstock.web.redact import redact

if TYPE_CHECKING:
    from collections.abc import Mapping

_PASSING = (FAILED, Action.RETRY)
_CREDENTIAL = (FAILED, Action.STOP_CREDENTIAL)
_RUN = (FAILED, Action.STOP_RUN)

_OF_STATUS: Final = {
    401: _CREDENTIAL,  # a token lasts 60 days
    403: _CREDENTIAL,  # the app is not approved for the product, or the token lacks its scope
    404: _RUN,  # the path is not known to this version
    408: _PASSING,
    411: _RUN,  # a tunnelled call without its length
    426: _RUN,  # the version is sunset
    429: (QUOTA, Action.PAUSE_ACCOUNT),
}

_REASONS: Final = {
    "INVALID_VALUE_FOR_FIELD": "invalid_value",
    "INCOMPATIBLE_TARGETING_COMBINATION": "incompatible_facets",
    "FIELD_CANNOT_BE_BOTH_IN_INCLUDED_AND_EXCLUDED_TARGETING": "included_and_excluded",
    "AUDIENCE_SIZE_TOO_SMALL": "too_few_members",  # small, not 0; below what number is not documented
}
_NO_SIZE: Final = "FAILED_TO_RETRIEVE_AUDIENCE_SIZE"
_NO_PERMISSION: Final = "100"
_UNAUTHORIZED: Final = re.compile(
    r"not (been )?(authorized|approved|permitted)|not enough permissions|access denied", re.IGNORECASE
)

_LONGEST_WORDS = 300


def classify(body: Mapping[str, Any], http_status: int) -> Fault:
    """Return what an answer other than a count means.

    ======================  ======================================================================================
    400 of an application   the application is not authorized for the product: as 403
    HTTP 400 and other 4xx  a refusal of the cell, by the code of the body (``refused:invalid_parameter`` without)
    401, 403                the token, or the app behind it, is of no use
    404, 411, 426           no call can succeed; 426 is a version that is sunset
    429                     quota: a short pause first, then until midnight UTC
    anything else           passing
    ======================  ======================================================================================

    Parameters
    ----------
    body
        The object of the body; any part of it may be missing or of another type than documented.
    http_status
        Status of the answer.

    Examples
    --------
    >>> fault = classify({"message": "Invalid query parameters passed to request", "serviceErrorCode": 0}, 400)
    >>> fault.status, fault.action.value, fault.detail
    ('refused:invalid_parameter', 'keep', 'Invalid query parameters passed to request (HTTP 400, code 0)')
    """
    code = _code(body)
    status, action = _meaning(code, str(body.get("message")), http_status)
    return Fault(status, action, _detail(body, code, http_status))


def _meaning(code: str, message: str, http_status: int) -> tuple[str, Action]:
    if code == _NO_SIZE:
        return _PASSING
    if http_status == 400 and (code == _NO_PERMISSION or _UNAUTHORIZED.search(message)):
        return _CREDENTIAL
    if http_status in _OF_STATUS:
        return _OF_STATUS[http_status]
    if 400 <= http_status < 500:
        return f"{REFUSED}{_REASONS.get(code, 'invalid_parameter')}", Action.KEEP
    return _PASSING


def _code(body: Mapping[str, Any]) -> str:
    """Return the code of an error: a word of the campaign resources, or the number of the service."""
    for name in ("code", "errorDetailType", "serviceErrorCode"):
        value = body.get(name)
        if isinstance(value, str | int) and not isinstance(value, bool):
            return str(value)[:80]
    return ""


def _detail(body: Mapping[str, Any], code: str, http_status: int) -> str:
    """Return the platform's words, short and without a credential, and what to look up."""
    message = body.get("message")
    line = " ".join(message.split()) if isinstance(message, str) else ""
    words = "".join(letter for letter in line if letter.isprintable())
    text = redact(words) or "an error without a message"
    if len(text) > _LONGEST_WORDS:
        text = text[: _LONGEST_WORDS - 3] + "..."
    hint = "the version is sunset, name a newer one (api_version): " if http_status == 426 else ""
    return f"{hint}{text} (HTTP {http_status}{f', code {redact(code)}' if code else ''})"
