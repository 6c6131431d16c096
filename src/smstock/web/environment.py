"""What the environment says about the wire: its proxies and certificates, checked before the first call.

A proxy's address may hold a password, so that no message repeats the value of its variable.
"""

from __future__ import annotations

import os
import ssl
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from smstock.errors import SettingsError, shown

if TYPE_CHECKING:
    from collections.abc import Mapping

PROXIES: Final = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
"""Variables that name a proxy, in capitals or not."""

_SOCKS: Final = ("socks5", "socks5h")
_MEND: Final = "mend the variable, or unset it"


def check(environment: Mapping[str, str]) -> None:
    """Raise `SettingsError`, naming the variable, where a proxy or a certificate of the environment cannot be used.

    Parameters
    ----------
    environment
        Variables, as `os.environ` holds them.

    Examples
    --------
    >>> check({"HTTPS_PROXY": "proxy.example:8080", "SSL_CERT_FILE": ""})
    >>> check({"https_proxy": "http://user:secret@proxy.example:port"})
    Traceback (most recent call last):
        ...
    smstock.errors.SettingsError: https_proxy is no address of a proxy: its host or its port cannot be read
      where:   https_proxy
      allowed: http://host:port or https://host:port; in a name or password, other signs than letters and digits as %XX
      next:    mend the variable, or unset it
    """
    for name in PROXIES:
        for variable in (name.lower(), name):
            if value := environment.get(variable):
                _check_proxy(variable, value)
    _check_certificates(environment)


def _check_proxy(variable: str, value: str) -> None:
    try:
        parts = urlsplit(value if "://" in value else f"http://{value}")
        host, _ = parts.hostname, parts.port
    except ValueError:
        raise _no_proxy(variable, "its host or its port cannot be read") from None
    if not host or not value.isprintable() or " " in value:
        raise _no_proxy(variable, "it has no host, or characters that no address has")
    if parts.scheme in _SOCKS and find_spec("socksio") is None:
        raise SettingsError(
            f"{variable} names a SOCKS proxy, which needs a package that is not installed",
            where=variable,
            allowed="http://host:port or https://host:port",
            hint="install socksio, or name an HTTP proxy",
        )
    if parts.scheme not in ("http", "https", *_SOCKS):
        raise _no_proxy(variable, "its scheme is none of http, https, socks5, socks5h")


def _no_proxy(variable: str, reason: str) -> SettingsError:
    return SettingsError(
        f"{variable} is no address of a proxy: {reason}",
        where=variable,
        allowed="http://host:port or https://host:port; in a name or password, other signs than letters and digits"
        " as %XX",
        hint=_MEND,
    )


def _check_certificates(environment: Mapping[str, str]) -> None:
    """Check what `ssl` and httpx would read: a file, else a folder, and the file that keys are logged to."""
    if file := environment.get("SSL_CERT_FILE"):
        if not Path(file).is_file():
            raise _no_certificates("SSL_CERT_FILE", file, "no such file", "a file of certificates, PEM")
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cafile=file)
        except (OSError, ValueError) as error:
            reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or str(error)
            raise _no_certificates("SSL_CERT_FILE", file, str(reason), "a file of certificates, PEM") from None
    elif (folders := environment.get("SSL_CERT_DIR")) and not any(map(os.path.isdir, folders.split(os.pathsep))):
        raise _no_certificates("SSL_CERT_DIR", folders, "no such folder", "a folder of certificates, PEM, hashed")
    if log := environment.get("SSLKEYLOGFILE"):
        try:
            ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).keylog_filename = log
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or str(error)
            raise _no_certificates("SSLKEYLOGFILE", log, reason, "a file that can be written") from None


def _no_certificates(variable: str, value: str, reason: str, allowed: str) -> SettingsError:
    return SettingsError(
        f"{variable} names {shown(value)}, which cannot be used: {reason}", where=variable, allowed=allowed, hint=_MEND
    )
