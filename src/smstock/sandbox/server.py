"""The simulated platforms over HTTP/1.1 on the local machine: GET requests, connections kept alive.

Written on bare streams because the faults are faults of the wire: a connection that is closed, an answer that comes
twice.
"""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from smstock.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from smstock.sandbox.reply import Reply

    Handle = Callable[[str, bytes, Mapping[str, str]], Reply]

HOST: Final = "127.0.0.1"
"""Nobody but this machine reaches the sandbox."""


async def serve(handle: Handle, *, port: int, latency: float = 0.0) -> asyncio.Server:
    """Return a server that listens on the local machine until it is closed.

    Parameters
    ----------
    handle
        Answers a request: method, raw path, headers by name in lower case.
    port
        0 takes a free one.
    latency
        Seconds from a request to its answer.

    Raises
    ------
    UsageError
        The port is taken, or not allowed.

    Examples
    --------
    >>> from errno import EADDRINUSE
    >>> from unittest.mock import patch
    >>> with patch("asyncio.start_server", side_effect=OSError(EADDRINUSE, "")):
    ...     asyncio.run(serve(lambda *_: None, port=8765))
    Traceback (most recent call last):
    smstock.errors.UsageError: port 8765 cannot be used: Address already in use
      next:    choose another one with --port, or 0 for a free one
    """
    try:
        return await asyncio.start_server(partial(_converse, handle, latency), HOST, port)
    except OSError as error:
        raise UsageError(
            f"port {port} cannot be used: {os.strerror(error.errno or 0)}",
            hint="choose another one with --port, or 0 for a free one",
        ) from None


@contextmanager
def stop_signals() -> Iterator[asyncio.Event]:
    """Yield an event of the running loop that SIGINT (Ctrl-C) and SIGTERM set.

    Both are handled whatever the process inherited: a shell has what it starts in the background ignore SIGINT.

    Examples
    --------
    >>> async def stopped() -> bool:
    ...     with stop_signals() as stop:
    ...         signal.raise_signal(signal.SIGTERM)
    ...         return await stop.wait()
    >>> asyncio.run(stopped())
    True
    """
    loop, stop = asyncio.get_running_loop(), asyncio.Event()

    def handle(_number: int, _frame: object) -> None:
        loop.call_soon_threadsafe(stop.set)

    inherited = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in inherited.items():
            signal.signal(number, handler)


async def _converse(handle: Handle, latency: float, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer the requests of one connection, in order, until either side ends it."""
    try:
        while request := await _request(reader):
            method, path, headers = request
            reply = handle(method, path, headers)
            if latency or reply.delay:
                await asyncio.sleep(latency + reply.delay)
            if reply.status == 0:
                writer.transport.abort()
                return
            # On a connection that stays open, no client could tell the second copy from the answer to its next request.
            last = headers.get("connection", "").lower() == "close" or reply.copies > 1
            writer.write(_written(reply, last=last) * reply.copies)
            await writer.drain()
            if last:
                return
    except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        return  # the client went away, or speaks something else
    except asyncio.CancelledError:
        return  # the server is closed; Python 3.11 would print a cancelled conversation as an error
    finally:
        writer.close()


def untunnelled(method: str, path: bytes, headers: Mapping[str, str], body: bytes) -> tuple[str, bytes]:
    """Return method and path of a request; those of the GET that stands for it where its query was tunnelled.

    Examples
    --------
    >>> headers = {"x-http-method-override": "GET", "content-type": "application/x-www-form-urlencoded"}
    >>> untunnelled("POST", b"/rest/audienceCounts", headers, b"q=targetingCriteriaV2")
    ('GET', b'/rest/audienceCounts?q=targetingCriteriaV2')
    """
    form = headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
    if method == "POST" and headers.get("x-http-method-override") == "GET" and form:
        return "GET", path + b"?" + body
    return method, path


def front(services: Mapping[str, Handle], otherwise: Handle) -> Handle:
    """Return what hands each request to the platform whose paths begin so, and all others to one.

    Examples
    --------
    >>> handle = front({"/rest/": lambda *_: "LinkedIn"}, lambda *_: "Meta")
    >>> handle("GET", b"/rest/audienceCounts", {}), handle("GET", b"/v26.0/search", {})
    ('LinkedIn', 'Meta')
    """

    def handle(method: str, path: bytes, headers: Mapping[str, str]) -> Reply:
        for beginning, service in services.items():
            if path.startswith(beginning.encode()):
                return service(method, path, headers)
        return otherwise(method, path, headers)

    return handle


async def _request(reader: asyncio.StreamReader) -> tuple[str, bytes, dict[str, str]] | None:
    """Read a request; None if the client has ended the connection or sent no request."""
    head = await reader.readuntil(b"\r\n\r\n")
    first, *lines = head.split(b"\r\n")
    words = first.split(b" ")
    if len(words) != 3 or not words[2].startswith(b"HTTP/1."):
        return None
    pairs = (line.partition(b":") for line in lines if line)
    headers = {name.strip().lower().decode("latin-1"): value.strip().decode("latin-1") for name, _, value in pairs}
    length = headers.get("content-length", "0")
    body = await reader.readexactly(int(length)) if length.isdecimal() else b""
    return *untunnelled(words[0].decode("latin-1"), words[1], headers, body), headers


def _written(reply: Reply, *, last: bool) -> bytes:
    """Return a reply as it goes over the wire."""
    lines = [f"HTTP/1.1 {reply.status} {HTTPStatus(reply.status).phrase}"]
    lines += [f"{name}: {value}" for name, value in reply.headers]
    lines += [f"content-length: {len(reply.body)}", f"connection: {'close' if last else 'keep-alive'}", "", ""]
    return "\r\n".join(lines).encode("latin-1") + reply.body
