"""Credentials out of text, before it reaches a message, a log or a journal."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

HIDDEN: Final = "***"
"""What stands where a credential stood."""

_NAMES = r"access_token|input_token|fb_exchange_token|refresh_token|appsecret_proof|client_secret|app_secret"
_VALUE = r"[^\s&\"'\\<>,;)}\]]+"

_PATTERNS: Final = (
    # access_token=..., also percent-encoded, as JSON, as Python's repr or as a header
    (
        tuple(_NAMES.split("|")),
        re.compile(rf"((?:{_NAMES})[\\\"']*\s*(?:=|:|%3D)\s*[\\\"']*){_VALUE}", re.IGNORECASE),
    ),
    (("bearer",), re.compile(rf"(\bBearer(?:\s+|%20|\+)){_VALUE}", re.IGNORECASE)),
    # an app token: numeric app id, a bar, the secret
    (("|", "%7c"), re.compile(r"()\b\d{8,}(?:\||%7C)[\w-]{16,}", re.IGNORECASE)),
    # a Meta user, page or system-user token, wherever it stands
    (("eaa",), re.compile(r"()EAA[A-Za-z0-9]{17,}(?:[_-][A-Za-z0-9]+)*")),
    # a LinkedIn token of a member
    (("aq",), re.compile(r"()\bAQ[A-Za-z0-9_-]{60,}")),
)
"""Forms of credentials, each after texts in small letters without one of which there is none: looked for first, since a
pattern takes a second for a megabyte."""

PIECE: Final = 1 << 16
"""Characters of a piece at least, but for the last one."""

_BETWEEN: Final = re.compile(r"[,;)}\]<>&]")


def redact(text: str) -> str:
    """Return a text with every credential in it replaced by ``***``.

    Credentials are: the values of ``access_token``, ``appsecret_proof`` and their like (URL, JSON, header), what
    follows ``Bearer``, and tokens by their form (Meta: ``EAA...``, ``<app id>|<secret>``; LinkedIn: ``AQ...``). The
    rest is unchanged; redacting twice is redacting once.

    Examples
    --------
    >>> redact("GET /v25.0/act_1/delivery_estimate?access_token=EAAB1c&limit=1")
    'GET /v25.0/act_1/delivery_estimate?access_token=***&limit=1'
    >>> redact("Error validating access token: Session has expired")
    'Error validating access token: Session has expired'
    """
    folded = text.casefold()
    for signs, pattern in _PATTERNS:
        if any(sign in folded for sign in signs):
            text = pattern.sub(rf"\1{HIDDEN}", text)
    return text


def pieces(text: str) -> Iterator[str]:
    """Yield a text in pieces that can be redacted one by one: each ends after a sign that no credential holds.

    Examples
    --------
    >>> text = '{"a": "Bearer EAAB"},' * 10_000
    >>> "".join(redact(piece) for piece in pieces(text)) == redact(text), len(list(pieces(text)))
    (True, 4)
    """
    start = 0
    while start < len(text):
        sign = _BETWEEN.search(text, start + PIECE)
        end = sign.end() if sign else len(text)
        yield text[start:end]
        start = end
