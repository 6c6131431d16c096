"""Credentials out of text, before it reaches a message, a log or a journal."""

from __future__ import annotations

import re
from typing import Final

HIDDEN: Final = "***"
"""What stands where a credential stood."""

_NAMES = r"access_token|input_token|fb_exchange_token|refresh_token|appsecret_proof|client_secret|app_secret"
_VALUE = r"[^\s&\"'\\<>,;)}\]]+"

_PATTERNS: Final = (
    # access_token=..., also percent-encoded, as JSON, as Python's repr or as a header
    re.compile(rf"((?:{_NAMES})[\\\"']*\s*(?:=|:|%3D)\s*[\\\"']*){_VALUE}", re.IGNORECASE),
    re.compile(rf"(\bBearer(?:\s+|%20|\+)){_VALUE}", re.IGNORECASE),
    # an app token: numeric app id, a bar, the secret
    re.compile(r"()\b\d{8,}(?:\||%7C)[\w-]{16,}", re.IGNORECASE),
    # a Meta user, page or system-user token, wherever it stands
    re.compile(r"()EAA[A-Za-z0-9]{17,}(?:[_-][A-Za-z0-9]+)*"),
    # a LinkedIn token of a member
    re.compile(r"()\bAQ[A-Za-z0-9_-]{60,}"),
)


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
    for pattern in _PATTERNS:
        text = pattern.sub(rf"\1{HIDDEN}", text)
    return text
