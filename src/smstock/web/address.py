"""Addresses that a token may be sent to."""

from __future__ import annotations

from urllib.parse import urlsplit

from smstock.errors import SettingsError
from smstock.web.redact import redact


def safe_url(url: str, variable: str) -> str:
    """Return a URL that a token may be sent to; raise `SettingsError` where it would travel unencrypted.

    Parameters
    ----------
    url
        The address.
    variable
        Where it was given.

    Examples
    --------
    >>> safe_url("http://127.0.0.1:8765", "SMSTOCK_META_URL")
    'http://127.0.0.1:8765'
    """
    parts = urlsplit(url)
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in ("localhost", "127.0.0.1", "::1")):
        return url
    raise SettingsError(
        f"{redact(url)!r} is no address that a token may be sent to",
        where=variable,
        allowed="https://..., or http:// on this machine",
    )
