"""Credentials that must be found nowhere, and a platform that repeats them wherever one might."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING
from urllib.parse import quote

from pydantic import SecretStr

from smstock.web.credentials import Credential

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from smstock.sandbox.reply import Reply

TOKENS = ("EAAGcanaryOne7Qf9ZCpsBAcanary", "EAAGcanaryTwo8Rg0ZDqtCBcanary", "100200300400500|canary-Three_9Sh1ZErtDC")
APP_SECRET = "5ec2e7ca9a2b5ec2e7ca9a2b5ec2e7ca"  # noqa: S105
PROOFS = {token: hmac.new(APP_SECRET.encode(), token.encode(), hashlib.sha256).hexdigest() for token in TOKENS}
SPELT = sorted(
    {spelt for secret in (*TOKENS, APP_SECRET, *PROOFS.values()) for spelt in (secret, quote(secret, safe=""))}
)
"""Every secret as it is, and as it stands in a URL."""


def credential(token: str, account: str) -> Credential:
    """Return a credential with an app secret, so that each call carries a proof too."""
    return Credential(SecretStr(token), account, app_secret=SecretStr(APP_SECRET))


def repeating(reply: Reply, authorization: str) -> Reply:
    """Return a reply that repeats the token and its proof: in messages, links, pages and a header."""
    token = authorization.removeprefix("Bearer ")
    secrets = f"access_token={quote(token, safe='')}&appsecret_proof={PROOFS[token]}"
    body = reply.body.replace(b'"message":"', f'"message":"{token} {secrets} '.encode())
    body = body.replace(b'"paging":{}', f'"paging":{{"next":"https://graph.facebook.com/?{secrets}"}}'.encode())
    body = body.replace(b'"links":[]', f'"links":["https://api.linkedin.com/?{secrets}"]'.encode())
    body = body.replace(b"<h1>", f"<h1>{secrets} ".encode())
    headers = [
        (name, f"{token} {secrets}" if name in ("x-fb-trace-id", "x-li-uuid") else value)
        for name, value in reply.headers
    ]
    return reply._replace(body=body, headers=tuple(headers))


def hidden(body: bytes) -> bytes:
    """Return a body as it may be kept."""
    for spelt in SPELT:
        body = body.replace(spelt.encode(), b"***")
    return body


def shows(text: str) -> bool:
    """Whether a text holds a secret."""
    return any(spelt in text for spelt in SPELT)


def leaks(folder: Path) -> Iterator[str]:
    """Yield every file of a folder that holds a secret, as it stands on the disk."""
    for path in folder.rglob("*"):
        if path.is_file() and shows(path.read_bytes().decode("latin-1")):
            yield f"a secret is in {path.name}"
