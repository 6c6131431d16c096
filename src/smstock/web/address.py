"""Addresses that a token may be sent to, and those of this machine."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address
from urllib.parse import urlsplit

from smstock.errors import SettingsError


def safe_url(url: str, variable: str) -> str:
    """Return a URL that a token may be sent to; raise `SettingsError` where there is none.

    A message shows no more of it than scheme, host and port: before the host a password may stand.

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
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise _unusable(variable, "its host or its port cannot be read") from None
    if not host or not url.isprintable() or " " in url:
        raise _unusable(variable, "it has no host, or characters that no address has")
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise _unusable(variable, "it has more than scheme, host, port and path, which is not shown")
    if parts.scheme == "https" or (parts.scheme == "http" and is_this_machine(host)):
        return url
    shown = f"{parts.scheme}://{host}" + (f":{port}" if port is not None else "")
    raise _unusable(variable, f"{shown} is neither encrypted nor on this machine")


def is_this_machine(host: str) -> bool:
    """Return whether a host is the machine that asks: what is sent there stays there, and no proxy has a part in it.

    Examples
    --------
    >>> [is_this_machine(host) for host in ("localhost", "127.0.0.2", "::1", "graph.facebook.com", "10.0.0.1")]
    [True, True, True, False, False]
    """
    if host.lower().rstrip(".") == "localhost":
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (mapped or address).is_loopback


def _unusable(variable: str, reason: str) -> SettingsError:
    return SettingsError(
        f"{variable} holds no address that a token may be sent to: {reason}",
        where=variable,
        allowed="https://..., or http:// on this machine",
        hint="mend the variable, or unset it to ask the platform itself",
    )
