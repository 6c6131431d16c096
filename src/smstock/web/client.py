"""The HTTP client, the only one: a URL goes out, status, headers worth keeping and body come in, no credential stays.

The URL is sent as it is, its query already encoded. httpx's ``params`` would encode it a second time, and ``params={}``
would drop it (httpx 0.28.1), so nothing here uses it.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from contextlib import aclosing
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final, Self, cast
from urllib.parse import quote

import httpx

from smstock import __version__
from smstock.errors import SettingsError
from smstock.web import environment as surroundings
from smstock.web.address import is_this_machine
from smstock.web.redact import HIDDEN, pieces, redact

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping
    from types import TracebackType

    from pydantic import SecretStr

if find_spec("sniffio") is None:
    # httpcore (1.0.9) tries to import it four times a call, and each time the whole path would be searched
    sys.modules["sniffio"] = None  # type: ignore[assignment]

KEPT_HEADERS: Final = frozenset(
    {
        "content-type",
        "date",
        "location",
        "retry-after",
        "x-ad-account-usage",
        "x-app-usage",
        "x-business-use-case-usage",
        "x-fb-request-id",
        "x-fb-trace-id",
        "x-li-request-id",
        "x-li-uuid",
    }
)
"""Headers that are worth keeping with an answer: when, how much of the quota is used, and what to quote to support."""

SECONDS: Final = 60.0
"""How long a call may take, from its start to the last byte."""

SECONDS_TO_CONNECT: Final = 15.0
"""How much of that may pass before there is a connection."""

_UNSENT: Final = (httpx.ConnectError, httpx.ConnectTimeout)

LARGEST: Final = 4 << 20
"""Bytes of an answer, unpacked, that are read; the list of everything Meta targets has less than one million."""


@dataclass(frozen=True)
class Reply:
    """What came back to one call.

    Parameters
    ----------
    status
        HTTP status; 0 if nothing came back, and then ``body`` says why.
    headers
        Those of `KEPT_HEADERS`, names in lower case.
    body
        Byte for byte, but for credentials.
    sent
        Whether the call can have reached the platform, and so can have been counted.
    cut
        Whether more came than is read; nothing of it is kept, and the status is 0.
    """

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    sent: bool = True
    cut: bool = False


class Client:
    """An HTTP/1.1 client that keeps its connections open; used with ``async with``, within one event loop.

    Proxies and certificates are those of the environment (``HTTPS_PROXY``, ``NO_PROXY``, ``SSL_CERT_FILE``); what is on
    this machine is asked without a proxy, which would see the token of a call that is not encrypted. Redirects are not
    followed: a token goes to the address it was meant for, and who asks without one decides from ``location``.

    Parameters
    ----------
    seconds
        How long a call may take altogether.
    ipv4
        Connect over IPv4 only, where a network drops IPv6; proxies are not used then.
    largest
        How many bytes of an answer are read.
    environment
        Variables whose proxies and certificates are checked.

    Raises
    ------
    SettingsError
        A proxy or a certificate of the environment cannot be used; the message names its variable.
    """

    def __init__(
        self,
        *,
        seconds: float = SECONDS,
        ipv4: bool = False,
        largest: int = LARGEST,
        environment: Mapping[str, str] = os.environ,
    ) -> None:
        surroundings.check(environment)
        # httpx logs every URL, and a URL may hold a proof
        logging.getLogger("httpx").addFilter(_without_credentials)
        self._seconds = seconds
        self._ipv4 = ipv4
        self._largest = largest
        self._certificates = httpx.create_ssl_context()
        self._idle: dict[bool, list[httpx.AsyncClient]] = {False: [], True: []}

    async def fetch(
        self,
        url: str,
        *,
        token: SecretStr | None = None,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
    ) -> Reply:
        """Return what a GET of ``url`` brought; any status is an answer, and so is a lost connection.

        The token goes into the ``Authorization`` header and nowhere else; where the reply repeats it, ``***`` stands.
        Without a token nothing in the body is replaced, so a file comes in byte for byte.

        Parameters
        ----------
        url
            With its query, encoded.
        token
            The bearer token; None for an open service.
        headers
            Further headers.
        content
            Body of a POST, which is sent in place of a GET.
        """

        def authorized(request: httpx.Request) -> httpx.Request:
            if token is not None:
                request.headers["Authorization"] = f"Bearer {token.get_secret_value()}"
            return request

        try:
            async with asyncio.timeout(self._seconds):
                method = "GET" if content is None else "POST"
                status, received, body = await self._sent(
                    method, url, headers=headers, content=content, auth=authorized
                )
        except TimeoutError:
            return Reply(0, (), f"no answer within {self._seconds:.0f} s".encode())
        except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
            reason = _cleaned(f"{type(error).__name__}: {error}", token).encode()
            return Reply(0, (), reason, sent=not isinstance(error, _UNSENT))
        if body is None:
            return Reply(0, (), f"the answer is larger than {self._largest:,} bytes".encode(), cut=True)
        if token is not None:
            body = await _without_token(body, token)
        retained = [(name, value) for name, value in received.items() if name in KEPT_HEADERS]
        return Reply(status, tuple((name, _cleaned(value, token)) for name, value in retained), body)

    async def close(self) -> None:
        """Close the connections."""
        for http in (*self._idle[False], *self._idle[True]):
            await http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _sent(self, method: str, url: str, **options: Any) -> tuple[int, httpx.Headers, bytes | None]:
        """Return status, headers and body, None if it is too large, over the connection used last or a new one.

        Each connection is an httpx client of its own. A pool of httpcore (1.0.9) looks at all of its connections for
        each idle one, twice a call: at 180 connections that leaves 18 answers a second of 300.
        """
        address = httpx.URL(url)
        near = is_this_machine(address.host)
        idle = self._idle[near]
        http = idle.pop() if idle else self._connection(near=near)
        body = bytearray()
        try:
            # an answer that is not read to its end closes its connection
            async with (
                http.stream(method, address, **options) as response,
                # it is a generator, which httpx declares as less
                aclosing(cast("AsyncGenerator[bytes, None]", response.aiter_bytes())) as parts,
            ):
                async for part in parts:
                    body += part
                    if len(body) > self._largest:
                        return response.status_code, response.headers, None
        finally:
            idle.append(http)
        return response.status_code, response.headers, bytes(body)

    def _connection(self, *, near: bool) -> httpx.AsyncClient:
        # a local address of IPv4 leaves no other family to connect to
        address = "0.0.0.0" if self._ipv4 else None  # noqa: S104
        try:
            return httpx.AsyncClient(
                headers={"user-agent": f"smstock/{__version__}"},
                # whoever paces the calls decides how many are under way; a paced call comes every 12 s
                limits=httpx.Limits(keepalive_expiry=60),
                transport=httpx.AsyncHTTPTransport(verify=self._certificates, local_address=address)
                if address
                else None,
                timeout=httpx.Timeout(self._seconds, connect=SECONDS_TO_CONNECT),
                trust_env=not near,
                verify=self._certificates,
            )
        except (ValueError, ImportError, httpx.InvalidURL):
            # what `surroundings.check` lets pass: the settings of the system, a host that cannot be encoded, NO_PROXY
            variables = ", ".join((*surroundings.PROXIES, "NO_PROXY"))
            raise SettingsError(
                "a proxy cannot be used, or a host that is to be asked without one is none",
                where=f"{variables}, or the proxies of the system's settings",
                hint="mend or unset what is set of them",
            ) from None


async def _without_token(body: bytes, token: SecretStr) -> bytes:
    """Return a body without its credentials; other calls go on meanwhile."""
    # Latin-1 maps every byte to a character and back
    cleaned = []
    for piece in pieces(_without(body.decode("latin-1"), token)):
        cleaned.append(redact(piece))
        await asyncio.sleep(0)
    return "".join(cleaned).encode("latin-1")


def _cleaned(text: str, token: SecretStr | None) -> str:
    return redact(text if token is None else _without(text, token))


def _without(text: str, token: SecretStr) -> str:
    secret = token.get_secret_value()
    return text.replace(secret, HIDDEN).replace(quote(secret, safe=""), HIDDEN)


def _without_credentials(record: logging.LogRecord) -> bool:
    record.msg, record.args = redact(record.getMessage()), ()
    return True
