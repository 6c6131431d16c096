"""A collector that can be killed: `smstock.workflows.collect` in a process of its own, in virtual time.

The platform stays behind in the parent, as a real one would, and survives. Between the two there is the whole of
smstock's client; only the socket is simulated.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sqlite3
import traceback
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from itertools import count
from multiprocessing import Pipe
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Literal, NoReturn

import httpx
from benchmarks.reliability.sides import SIDES
from benchmarks.reliability.virtual_time import VirtualLoop

from smstock import folder, workflows
from smstock.collect import journal
from smstock.sandbox.server import untunnelled
from smstock.web.client import Client
from smstock.workflows import collection

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Mapping, Sequence
    from multiprocessing.connection import Connection

    from smstock.folder import Folder
    from smstock.platforms.base import Source
    from smstock.query.spec import QuerySpec
    from smstock.sandbox.reply import Reply
    from smstock.web.credentials import Credential

    Handle = Callable[[float, str, bytes, Mapping[str, str]], Reply]

Where = Literal["await", "statement", "file"]
"""Where a process is killed: at a step of the event loop, at a statement of SQL, at a file put in its place."""

CERTIFICATES = httpx.create_ssl_context()
"""Read once, since it takes as long as ten calls; nothing is encrypted here."""

LATENCY = 0.4
"""Median seconds to an answer."""


Delivery = tuple[float, bytes, "Reply"]
"""When an answer reached the client, the path that was asked for, and what came."""


@dataclass(frozen=True)
class Death:
    """The ``number``-th place of a kind, at which a process kills itself with SIGKILL."""

    where: Where
    number: int


@dataclass(frozen=True)
class Attempt:
    """What one process is to do.

    Parameters
    ----------
    query, workspace, credentials
        What is collected, where it is kept, and who asks.
    start
        Unix seconds at which it begins.
    patience
        Seconds that it may wait for quota.
    seed
        Of latencies and jitter.
    death
        Where it is killed; None: nowhere.
    disk
        Bytes to which a file may grow; None: any.
    recordings
        Answers that are replayed in place of the platform; None: it is asked.
    """

    query: QuerySpec
    workspace: Folder
    credentials: Sequence[Credential]
    start: float
    patience: float
    seed: int
    death: Death | None = None
    disk: int | None = None
    recordings: Path | None = None


@dataclass
class Life:
    """What a process did, as its parent saw it.

    Attributes
    ----------
    disk
        Bytes to which its files could grow; None: any.
    unseen
        Whether only the sending of the answers was seen, not their arrival.
    ending
        ``done``, ``killed``, or the name of the error that ended it.
    ended
        When, in Unix seconds.
    open_cells
        Cells that a finished collection left for the next one.
    calls
        Path and reply of each call, in the order in which the platform answered.
    delivered
        When each answer reached the client, its path and reply, in that order.
    messages
        Every log record, message and traceback.
    """

    disk: int | None = None
    unseen: bool = False
    ending: str = "killed"
    ended: float = 0.0
    open_cells: int = -1
    calls: list[tuple[bytes, Reply]] = field(default_factory=list)
    delivered: list[Delivery] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)


def live(attempt: Attempt, handle: Handle) -> Life:
    """Let a process collect until it is done, fails or is killed; answer its calls.

    Parameters
    ----------
    attempt
        What it does.
    handle
        The platform: Unix seconds, method, raw path, headers by name in lower case.
    """
    ours, theirs = Pipe()
    process = os.fork()
    if not process:
        ours.close()
        _collect(attempt, theirs)
    theirs.close()
    life = Life(disk=attempt.disk)
    with ours, suppress(EOFError, ConnectionError):
        while True:
            kind, *content = ours.recv()
            match kind:
                case "call":
                    life.calls.append((content[2], handle(*content)))
                    ours.send(life.calls[-1][1])
                case "delivered":
                    when, number = content
                    life.delivered.append((when, *life.calls[number]))
                case "message":
                    life.messages += content
                case "ended":
                    life.ending, life.ended, life.open_cells = content
    _, status = os.waitpid(process, 0)
    if os.WIFSIGNALED(status) != (life.ending == "killed"):
        life.ending = f"the process ended with {os.waitstatus_to_exitcode(status)} as {life.ending}"
    return life


class _Loop(VirtualLoop):
    """A loop in virtual time that can be watched."""

    def before_step(self) -> None:
        """Do nothing; replaced by who watches."""

    def _run_once(self) -> None:
        self.before_step()
        super()._run_once()  # type: ignore[misc]


class _Log(logging.Handler):
    """Sends every record to the parent, which outlives this process."""

    def __init__(self, wire: Connection) -> None:
        super().__init__()
        self._wire = wire

    def emit(self, record: logging.LogRecord) -> None:
        self._wire.send(("message", self.format(record)))


def _collect(attempt: Attempt, wire: Connection) -> NoReturn:
    """Collect in this process, and leave it without a trace of the parent's work."""
    _limit_files(attempt.disk)
    logging.basicConfig(level=logging.DEBUG, handlers=[_Log(wire)], force=True)
    loop = _Loop()

    def now() -> float:
        return attempt.start + loop.time()

    def die() -> None:
        wire.send(("ended", "killed", now(), -1))
        os.kill(os.getpid(), signal.SIGKILL)

    httpx.create_ssl_context = _certificates  # type: ignore[assignment]
    source = SIDES[attempt.query.platform].source(
        attempt.credentials,
        Client(),
        patience=attempt.patience,
        clock=loop.time,
        now=lambda: datetime.fromtimestamp(now(), UTC),
    )
    asyncio.run = loop.run_until_complete  # type: ignore[assignment]
    collection.Random = partial(Random, attempt.seed)  # type: ignore[attr-defined, assignment]
    _replace_socket(wire, now, Random(attempt.seed))  # noqa: S311 - a simulation
    if attempt.death:
        _watch(attempt.death, loop, die)
    ending, open_cells = "done", -1
    try:
        begun = datetime.fromtimestamp(attempt.start, UTC)
        kept = attempt.recordings
        asked: Source | None = None if kept else source
        tally = workflows.collect(attempt.query, attempt.workspace, now=begun, source=asked, recordings=kept).tally
        open_cells = tally.planned - tally.done
    except Exception as error:  # noqa: BLE001 - whatever it is, the parent has to hear of it
        ending = type(error).__name__
        wire.send(("message", str(error), traceback.format_exc()))
    wire.send(("ended", ending, now(), open_cells))
    os._exit(0)


def _certificates() -> ssl.SSLContext:
    return CERTIFICATES


def _limit_files(size: int | None) -> None:
    if size is not None:
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (size, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))


def _replace_socket(wire: Connection, now: Callable[[], float], rng: Random) -> None:
    """Let every call of httpx go to the parent, and take its time."""
    numbers = count()

    async def answered(transport: object, request: httpx.Request) -> httpx.Response:
        del transport
        latency = LATENCY * rng.lognormvariate(0, 0.5)
        outward = latency * rng.random()
        await asyncio.sleep(outward)
        headers = {name.lower(): value for name, value in request.headers.items()}
        method, path = untunnelled(request.method, request.url.raw_path, headers, request.content)
        wire.send(("call", now(), method, path, headers))
        number, reply = next(numbers), wire.recv()
        await asyncio.sleep(latency - outward + reply.delay)
        if reply.status == 0:
            # what a library may put into its message
            raise httpx.ReadError(f"reset by peer: {request.url}, {request.headers['authorization']}")
        wire.send(("delivered", now(), number))
        return httpx.Response(reply.status, headers=reply.headers, content=reply.body)

    httpx.AsyncHTTPTransport.handle_async_request = answered  # type: ignore[method-assign, assignment]


def _watch(death: Death, loop: _Loop, die: Callable[[], None]) -> None:
    """Count the places of one kind, and die at the fatal one."""
    places, connect, fsync, replace = count(1), sqlite3.connect, os.fsync, Path.replace

    def place() -> None:
        if next(places) == death.number:
            die()

    def watched(path: Path | str, *, uri: bool = False, check_same_thread: bool = True) -> sqlite3.Connection:
        connection = connect(path, uri=uri, check_same_thread=check_same_thread)
        connection.set_trace_callback(lambda _: place())
        return connection

    def flushed(file: int) -> None:
        place()
        fsync(file)

    def replaced(path: Path, target: Path) -> Path:
        place()
        moved = replace(path, target)
        place()
        return moved

    match death.where:
        case "await":
            loop.before_step = place  # type: ignore[method-assign]
        case "statement":
            journal.sqlite3.connect = watched  # type: ignore[attr-defined]
        case "file":
            folder.os.fsync = flushed  # type: ignore[attr-defined]
            Path.replace = replaced  # type: ignore[method-assign, assignment]
