"""What an error of the Graph API means for a cell and for the collection.

Throttles, refusals and faults all come as HTTP 400 and sometimes as 401, 403, 500 or 503, so the code and subcode
decide, and the HTTP status only where they are unknown. Sources: Meta, Marketing API error reference (11 December
2025), rate limiting (5 May 2026); bodies published in issues of pySocialWatcher, facebook-python-business-sdk, others.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from smstock.platforms.base import Action, Fault
from smstock.platforms.meta.usage import regain_seconds
from smstock.vocabulary.status import CATEGORY_REMOVED, FAILED, QUOTA, REFUSED
from smstock.web.redact import redact

if TYPE_CHECKING:
    from collections.abc import Iterable


_PASSING = (FAILED, Action.RETRY)
_ACCOUNT = (QUOTA, Action.PAUSE_ACCOUNT)
_APP = (QUOTA, Action.PAUSE_APP)
_CREDENTIAL = (FAILED, Action.STOP_CREDENTIAL)
_RUN = (FAILED, Action.STOP_RUN)


def _refused(reason: str) -> tuple[str, Action]:
    return REFUSED + reason, Action.KEEP


_VERSION_EXPIRED = 2635

# (code, subcode); subcode None: every other subcode, and none
_MEANING: Final[dict[tuple[int, int | None], tuple[str, Action]]] = {
    (1, None): _PASSING,  # unknown, often temporary
    (1, 99): _refused("too_much_data"),
    (2, None): _PASSING,  # service temporarily unavailable
    (3, None): _CREDENTIAL,  # the app lacks a capability
    (4, None): _APP,
    (10, None): _CREDENTIAL,  # the app lacks a permission
    (12, None): _RUN,  # the call is no longer offered
    (17, None): _ACCOUNT,
    (17, 1885172): _PASSING,  # edits of a spending cap, no limit of reading
    (32, None): _PASSING,  # the limit of Pages
    (100, None): _refused("invalid_parameter"),
    (100, 33): _CREDENTIAL,  # no such ad account, or not for this user
    (100, 1487694): (CATEGORY_REMOVED, Action.KEEP),
    (100, 1487756): _refused("invalid_geo"),
    (100, 1870165): _refused("age_rule"),
    (100, 1870199): _refused("location_types"),
    (100, 1870219): _refused("detailed_targeting"),
    (100, 1885036): _refused("too_few_users"),  # in a custom location; below what number is not documented
    (100, 2446394): _refused("detailed_targeting"),  # an option, or its exclusion, is no longer available
    (102, None): _CREDENTIAL,
    (104, None): _CREDENTIAL,  # wrong appsecret_proof
    (190, None): _CREDENTIAL,  # token invalid, expired or withdrawn
    # permissions; 270: the app's access tier, 275: the account is not the user's, 294: ads_management missing
    **{(code, None): _CREDENTIAL for code in range(200, 300)},
    (341, None): _APP,
    (368, None): _CREDENTIAL,  # blocked as abusive
    (613, None): _ACCOUNT,
    (613, 1996): _APP,  # inconsistent volume of requests
    (613, 1487632): _PASSING,  # edits of a budget
    (613, 5044001): _PASSING,  # edits a second
    (960, None): _PASSING,  # an error of a batch
    (2500, None): _RUN,  # the path is not understood
    (_VERSION_EXPIRED, None): _RUN,
    **{(code, None): _ACCOUNT for code in range(80000, 80015)},  # the business-use-case limits; 80004 is ads_management
}

_LONGEST_WORDS = 300


def classify(error: Mapping[str, Any], http_status: int, headers: Iterable[tuple[str, str]] = ()) -> Fault:
    """Return what an error (the object under ``error`` of a body) means.

    ``is_transient: true`` makes every error one to ask again, except the throttles: Meta sends it with codes 4 and 17
    too (facebook-python-business-sdk issue 416, facebook-nodejs-business-sdk issue 97), and asking on prolongs those.
    An unknown code is read by its HTTP status: 401 ends the credential, 429 pauses the account, another 4xx is a
    refusal (``refused:code_<code>``), anything else passes. ``wait`` is read from the headers of a throttle.

    Parameters
    ----------
    error
        Any part of it may be missing or of another type than documented.
    http_status
        Status of the answer.
    headers
        Names and values of the answer's headers.

    Examples
    --------
    >>> fault = classify({"code": 100, "error_subcode": 1487756, "message": "Invalid parameter"}, 400)
    >>> fault.status, fault.action.value, fault.detail
    ('refused:invalid_geo', 'keep', 'Invalid parameter (code 100/1487756)')
    """
    code, subcode = _number(error.get("code")), _number(error.get("error_subcode"))
    status, action = _meaning(code, subcode, http_status)
    throttled = action in (Action.PAUSE_ACCOUNT, Action.PAUSE_APP)
    if error.get("is_transient") is True and not throttled:
        status, action = _PASSING
    wait = regain_seconds(headers) if throttled else None
    return Fault(status, action, _detail(error, code, subcode, http_status), wait)


def _meaning(code: int | None, subcode: int | None, http_status: int) -> tuple[str, Action]:
    if code is not None:
        known = _MEANING.get((code, subcode)) or _MEANING.get((code, None))
        if known:
            return known
    match http_status:
        case 401:
            return _CREDENTIAL
        case 429:
            return _ACCOUNT
        case _ if 400 <= http_status < 500:
            return _refused("unknown" if code is None else f"code_{code}")
        case _:
            return _PASSING


def _number(value: Any) -> int | None:
    """Return a code that is written as a number or as text."""
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,9}", value):
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**9 else None


def _detail(error: Mapping[str, Any], code: int | None, subcode: int | None, http_status: int) -> str:
    """Return the platform's words, short and without a credential, and the codes to look up."""
    texts = [error.get(name) for name in ("message", "error_user_title", "error_user_msg")]
    words = [_printable(text) for text in texts if isinstance(text, str)]
    text = redact(": ".join(dict.fromkeys(filter(None, words)))) or "an error without a message"
    if len(text) > _LONGEST_WORDS:
        text = text[: _LONGEST_WORDS - 3] + "..."
    version = re.search(r"v\d+\.\d+", " ".join(words)) if code == _VERSION_EXPIRED else None
    where = f"HTTP {http_status}" if code is None else f"code {code}" + (f"/{subcode}" if subcode is not None else "")
    field = _blamed(error.get("error_data"))
    return (f"use version {version[0]}: " if version else "") + f"{text} ({where}{f', field {field}' if field else ''})"


def _blamed(data: Any) -> str:
    """Return the parameter that ``error_data`` (an object, or JSON text of one) blames; empty if none."""
    if isinstance(data, str):
        try:
            data = json.loads(data)
        except (ValueError, RecursionError):
            return ""
    if not isinstance(data, Mapping):
        return ""
    blamed = data.get("blame_field") or data.get("blame_field_specs")
    while isinstance(blamed, list) and blamed:
        blamed = blamed[0]
    return redact(_printable(blamed))[:60] if isinstance(blamed, str) else ""


def _printable(text: str) -> str:
    return "".join(letter for letter in " ".join(text.split()) if letter.isprintable())
