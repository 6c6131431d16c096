"""The HTTP client, the only one: a URL goes out, status, headers worth keeping and body come in, no credential stays.

The URL is sent as it is, its query already encoded. httpx's ``params`` would encode it a second time, and ``params={}``
would drop it (httpx 0.28.1), so nothing here uses it.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final, Self
from urllib.parse import quote

import httpx

from smstock import __version__
from smstock.web.redact import HIDDEN, redact

if TYPE_CHECKING:
    from collections.abc import Mapping
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
    """

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    sent: bool = True


class Client:
    """An HTTP/1.1 client that keeps its connections open; used with ``async with``, within one event loop.

    Proxies and certificates are those of the environment (``HTTPS_PROXY``, ``SSL_CERT_FILE``). Redirects are not
    followed: a token goes to the address it was meant for, and who asks without one decides from ``location``.

    Parameters
    ----------
    seconds
        How long a call may take altogether.
    ipv4
        Connect over IPv4 only, where a network drops IPv6; proxies are not used then.
    """

    def __init__(self, *, seconds: float = SECONDS, ipv4: bool = False) -> None:
        # httpx logs every URL, and a URL may hold a proof
        logging.getLogger("httpx").addFilter(_without_credentials)
        self._seconds = seconds
        self._ipv4 = ipv4
        self._certificates = httpx.create_ssl_context()
        self._idle: list[httpx.AsyncClient] = []

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
                response = await self._sent(method, url, headers=headers, content=content, auth=authorized)
        except TimeoutError:
            return Reply(0, (), f"no answer within {self._seconds:.0f} s".encode())
        except (httpx.HTTPError, OSError) as error:
            reason = _cleaned(f"{type(error).__name__}: {error}", token).encode()
            return Reply(0, (), reason, sent=not isinstance(error, httpx.ConnectError | httpx.ConnectTimeout))
        retained = [(name, value) for name, value in response.headers.items() if name in KEPT_HEADERS]
        body = response.content
        if token is not None:
            # Latin-1 maps every byte to a character and back
            body = _cleaned(body.decode("latin-1"), token).encode("latin-1")
        return Reply(response.status_code, tuple((name, _cleaned(value, token)) for name, value in retained), body)

    async def close(self) -> None:
        """Close the connections."""
        for http in self._idle:
            await http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def _sent(self, method: str, url: str, **options: Any) -> httpx.Response:
        """Return the response of whichever connection was used last, of a new one where all are in use.

        Each connection is an httpx client of its own. A pool of httpcore (1.0.9) looks at all of its connections for
        each idle one, twice a call: at 180 connections that leaves 18 answers a second of 300.
        """
        http = self._idle.pop() if self._idle else self._connection()
        try:
            return await http.request(method, url, **options)
        finally:
            self._idle.append(http)

    def _connection(self) -> httpx.AsyncClient:
        # a local address of IPv4 leaves no other family to connect to
        address = "0.0.0.0" if self._ipv4 else None  # noqa: S104
        return httpx.AsyncClient(
            headers={"user-agent": f"smstock/{__version__}"},
            # whoever paces the calls decides how many are under way; a paced call comes every 12 s
            limits=httpx.Limits(keepalive_expiry=60),
            transport=httpx.AsyncHTTPTransport(verify=self._certificates, local_address=address) if address else None,
            timeout=httpx.Timeout(self._seconds, connect=SECONDS_TO_CONNECT),
            verify=self._certificates,
        )


def _cleaned(text: str, token: SecretStr | None) -> str:
    if token is None:
        return redact(text)
    secret = token.get_secret_value()
    return redact(text.replace(secret, HIDDEN).replace(quote(secret, safe=""), HIDDEN))


def _without_credentials(record: logging.LogRecord) -> bool:
    record.msg, record.args = redact(record.getMessage()), ()
    return True
