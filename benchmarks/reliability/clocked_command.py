"""The command line in a process of its own, at an instant of one's own, against a simulated platform over HTTP.

Command and platform are forked from a process that has imported everything, so a run costs its work alone. Their clock
is that of the machine, moved: where the command waits for a timer and nothing comes in meanwhile, it leaps to it. So
half an hour of waiting takes no time, and all that lies between the command's first line and the socket is the user's.
"""

from __future__ import annotations

import asyncio
import mmap
import os
import selectors
import signal
import struct
import sys
import time
import traceback
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, tzinfo
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, Self

from benchmarks.reliability import canary

from smstock.cli import main
from smstock.platforms.live import Live
from smstock.sandbox.server import HOST, serve

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from smstock.sandbox.reply import Reply

    Handle = Callable[[str, bytes, Mapping[str, str]], Reply]

GRACE: Final = 0.05
"""Seconds in which something may come in before a wait is over at once."""
MOST_SECONDS: Final = 180.0
"""Seconds of the machine after which a command that has not ended never will."""
FOREIGN: Final = ("anyio._backends._asyncio", "httpcore", "pyarrow.parquet", "pyarrow.compute", "sklearn.ensemble")
OWN: Final = ("cli.app", "workflows.month", "report.page", "report.tables", "report.sums", "platforms.meta.live")


@dataclass(frozen=True)
class Death:
    """A signal to a command: at its call, or as its file is put in its place, of this number."""

    signal: signal.Signals
    call: int = 0
    file: int = 0


@dataclass(frozen=True)
class Ended:
    """How a command ended: its exit code, below 0 by a signal, what it printed, and the calls that it made."""

    code: int
    out: str
    err: str
    calls: int


@dataclass(frozen=True)
class Circumstances:
    """What a command meets on its machine.

    Parameters
    ----------
    clock
        When it takes it to be, in Unix seconds.
    environment
        Variables; the address of the platform is added to them.
    death, largest_file
        What befalls it: a signal; a disk that holds no larger file.
    """

    clock: float
    environment: Mapping[str, str]
    death: Death | None = None
    largest_file: int | None = None


class _Shared:
    """Numbers that the processes of a run share: by how much the clock is moved, calls made, whom to kill."""

    def __init__(self) -> None:
        self._memory = mmap.mmap(-1, 24)

    def __getitem__(self, place: int) -> float:
        number: float = struct.unpack_from("d", self._memory, 8 * place)[0]
        return number

    def __setitem__(self, place: int, number: float) -> None:
        struct.pack_into("d", self._memory, 8 * place, number)


MOVED, CALLS, PROCESS = range(3)
PRINTED: Final = ("out", "err")
_TIME, _MONOTONIC = time.time, time.monotonic


class _Leap(selectors.DefaultSelector):
    """Waits no longer than `GRACE`: the rest of the time has passed at once."""

    shared: _Shared

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None or timeout <= GRACE:
            return super().select(timeout)
        ready = super().select(GRACE)
        if not ready:
            self.shared[MOVED] += timeout - GRACE
        return ready


class _AnyTime(type):
    """Takes every time for one of `_Clock`: libraries that are imported late ask for its type."""

    def __instancecheck__(cls, value: object) -> bool:
        return isinstance(value, datetime)


class _Clock(datetime, metaclass=_AnyTime):
    """The time of the command; as large as what it stands for, since compiled libraries look."""

    __slots__ = ()

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> Self:
        return cls.fromtimestamp(time.time(), tz)


def import_before_forks() -> None:
    """Import what commands need, once."""
    for name in (*FOREIGN, *(f"smstock.{room}" for room in OWN)):
        import_module(name)


def run(
    words: Sequence[str],
    platform: Callable[[Callable[[], float]], Handle],
    *,
    true: float,
    circumstances: Circumstances,
    scratch: Path,
) -> Ended:
    """Run a command.

    Parameters
    ----------
    words
        What is typed after ``smstock``.
    platform
        Returns what answers, given its clock.
    true
        When it is, in Unix seconds: the time of the platform.
    circumstances
        What the command meets.
    scratch
        A folder for what it prints.
    """
    shared, began = _Shared(), _TIME()
    server, url = _platform(platform, shared, true - began, circumstances.death)
    process = os.fork()
    if not process:
        _become(words, circumstances, url, shared=shared, moved=circumstances.clock - began, scratch=scratch)
    shared[PROCESS] = process
    try:
        code = _waited(process)
    finally:
        os.kill(server, signal.SIGKILL)
        os.waitpid(server, 0)
    out, err = ((scratch / name).read_text(encoding="utf-8", errors="replace") for name in PRINTED)
    return Ended(code, out, err, int(shared[CALLS]))


def _waited(process: int) -> int:
    began = _MONOTONIC()
    while True:
        ended, status = os.waitpid(process, os.WNOHANG)
        if ended:
            return os.waitstatus_to_exitcode(status)
        if _MONOTONIC() - began > MOST_SECONDS:
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)
            raise RuntimeError(f"a command has not ended after {MOST_SECONDS:.0f} s")
        time.sleep(0.005)


def _platform(
    platform: Callable[[Callable[[], float]], Handle], shared: _Shared, moved: float, death: Death | None
) -> tuple[int, str]:
    """Fork the platform; return its process and its address."""
    reading, writing = os.pipe()
    process = os.fork()
    if process:
        os.close(writing)
        with os.fdopen(reading) as ports:
            return process, f"http://{HOST}:{ports.read()}"
    handle = platform(lambda: _TIME() + moved + shared[MOVED])

    def counted(method: str, path: bytes, headers: Mapping[str, str]) -> Reply:
        shared[CALLS] += 1
        if death and shared[CALLS] == death.call:
            os.kill(int(shared[PROCESS]), death.signal)
        return canary.repeating(handle(method, path, headers), headers["authorization"])

    async def listen() -> None:
        server = await serve(counted, port=0)
        with os.fdopen(writing, "w") as ports:
            ports.write(str(server.sockets[0].getsockname()[1]))
        await server.serve_forever()

    try:
        asyncio.run(listen())
    finally:
        os._exit(1)


def _become(
    words: Sequence[str], meets: Circumstances, url: str, *, shared: _Shared, moved: float, scratch: Path
) -> None:
    """Be the command; never return."""
    code = 1
    try:
        _use_streams(scratch)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        for number in (signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_DFL)
        for name in [name for name in os.environ if name.startswith("SMSTOCK_") or name.lower().endswith("_proxy")]:
            del os.environ[name]
        os.environ.update({**meets.environment, "SMSTOCK_META_URL": url})
        _move_clock(shared, moved)
        if meets.death and meets.death.file:
            _die_at_file(meets.death)
        if meets.largest_file is not None:
            import resource

            limit = (meets.largest_file, resource.getrlimit(resource.RLIMIT_FSIZE)[1])
            resource.setrlimit(resource.RLIMIT_FSIZE, limit)
        sys.argv = ["smstock", *words]
        main()
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:  # noqa: BLE001 - printed, as Python prints an error that nobody foresaw
        traceback.print_exc()
    finally:
        with suppress(OSError, ValueError):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(code)


def _use_streams(scratch: Path) -> None:
    for number, name in enumerate(PRINTED, 1):
        os.dup2(os.open(scratch / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
    sys.stdout, sys.stderr = (os.fdopen(number, "w", encoding="utf-8") for number in (1, 2))


def _move_clock(shared: _Shared, moved: float) -> None:
    _Leap.shared = shared
    patched: Any = time
    patched.time = lambda: _TIME() + moved + shared[MOVED]
    patched.monotonic = lambda: _MONOTONIC() + shared[MOVED]
    # a default is bound as its function is made
    Live.__init__.__kwdefaults__ = {**(Live.__init__.__kwdefaults__ or {}), "clock": patched.monotonic}
    selectors.DefaultSelector = _Leap  # type: ignore[misc]
    own = [module for name, module in sys.modules.items() if name.startswith("smstock.")]
    for module in (*own, import_module("datetime")):
        if getattr(module, "datetime", None) is datetime:
            module.__dict__["datetime"] = _Clock


def _die_at_file(death: Death) -> None:
    synchronized, flush = [0], os.fsync

    def fsync(fd: Any) -> None:
        synchronized[0] += 1
        if synchronized[0] == death.file:
            os.kill(os.getpid(), death.signal)
        flush(fd)

    os.fsync = fsync
