"""How a command ends: one message or record on stderr, its exit code, and no traceback for what was foreseen."""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from smstock.errors import InputError, SmstockError, UsageError
from smstock.folder import advice

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType

INTERRUPTED: Final = 130
"""Exit code after Ctrl-C."""
_BY_SIGNAL: Final = 128


@dataclass
class Interruption:
    """The signal that a command was asked to end by; Ctrl-C unless another one came."""

    number: int = signal.SIGINT


@contextmanager
def interruptions() -> Iterator[Interruption]:
    """Let SIGTERM and SIGHUP end a command as Ctrl-C does; one that is ignored, as under nohup, stays so."""
    interruption = Interruption()

    def hear(number: int, frame: FrameType | None) -> None:
        interruption.number = number
        handler = signal.getsignal(signal.SIGINT)
        # where Ctrl-C is ignored, as in the background of a script, these two still end the command
        (handler if callable(handler) else signal.default_int_handler)(signal.SIGINT, frame)

    numbers = [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    if threading.current_thread() is not threading.main_thread():
        numbers = []
    replaced = [number for number in numbers if signal.getsignal(number) is signal.SIG_DFL]
    for number in replaced:
        signal.signal(number, hear)
    try:
        yield interruption
    finally:
        for number in replaced:
            signal.signal(number, signal.SIG_DFL)


@contextmanager
def notes() -> Iterator[None]:
    """Print what is logged for the user to stderr: the same only once, and a file that is left aside only once."""

    class Notes(logging.Handler):
        def __init__(self) -> None:
            super().__init__()
            self.printed: set[object] = set()

        def emit(self, record: logging.LogRecord) -> None:
            message = record.getMessage()
            # a table that is damaged is met by several steps, each with words of its own
            subject = getattr(record, "file", message)
            if subject not in self.printed:
                self.printed.add(subject)
                _to_stderr(message)

    log, handler = logging.getLogger("smstock"), Notes()
    log.addHandler(handler)
    try:
        yield
    finally:
        log.removeHandler(handler)


def code_of(error: BaseException, interruption: Interruption, *, as_json: bool) -> int | None:
    """Say what a command ended by, as text or as one JSON record; return the exit code, None if nobody foresaw it."""
    if isinstance(error, KeyboardInterrupt):
        return interrupted(interruption, as_json=as_json)
    # typer and rich make an exit of a pipe that nobody reads any more; `| head` is no fault
    if isinstance(error, BrokenPipeError) or isinstance(error.__context__, BrokenPipeError):
        _drop_output()
        return 0
    if isinstance(error, SmstockError):
        return _failed(error, error.exit_code, as_json=as_json)
    if isinstance(error, OSError):
        _drop_output()
        return _failed(_of_the_system(error), InputError.exit_code, as_json=as_json)
    return _misused(error, as_json=as_json)


def interrupted(interruption: Interruption, *, as_json: bool) -> int:
    """Say that a command was asked to end; return the exit code, 128 and the number of the signal."""
    code = _BY_SIGNAL + interruption.number
    how = "interrupted" if code == INTERRUPTED else f"ended by {signal.Signals(interruption.number).name}"
    next_step = "what was done is kept, and running again goes on from there"
    if as_json:
        return _failed(SmstockError(how, hint=next_step), code, as_json=True)
    _to_stderr(f"smstock: {how}; {next_step}")
    return code


def _failed(error: SmstockError, code: int, *, as_json: bool) -> int:
    """Print an error, as text or as one JSON record in a line; return the exit code."""
    if as_json:
        parts = {"what": error.what, "where": error.where, "allowed": error.allowed, "next": error.hint, "code": code}
        _to_stderr(json.dumps({"error": parts}, ensure_ascii=False))
    else:
        _to_stderr(f"smstock: {error}")
    return code


def _of_the_system(error: OSError) -> SmstockError:
    """Return what an error of the system, such as a full disk behind stdout, means to the user."""
    what = f"{error.filename} cannot be used" if error.filename else "the output cannot be written"
    return InputError(f"{what}: {error.strerror or error}", hint=advice(error, "mend it, or choose another place"))


def _misused(error: BaseException, *, as_json: bool) -> int | None:
    """Say what is wrong with the options, in the words of typer; return None if it is another error."""
    if getattr(error, "exit_code", None) != UsageError.exit_code or not hasattr(error, "format_message"):
        return None
    if not as_json:
        error.show()  # type: ignore[attr-defined]
        return UsageError.exit_code
    context = getattr(error, "ctx", None)
    path = context.command_path if context else "smstock"
    wrong = UsageError(error.format_message(), hint=f"`{path} --help` lists the options")
    return _failed(wrong, wrong.exit_code, as_json=True)


def _drop_output() -> None:
    """Let what is still to be printed go nowhere: nobody reads it, or there is no room for it."""
    with suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _to_stderr(text: str) -> None:
    with suppress(OSError, ValueError):
        print(text, file=sys.stderr, flush=True)
