"""Asking is asynchronous, calling a step is not: a coroutine is run to its end, in a script and in a notebook alike."""

from __future__ import annotations

import asyncio
import signal
import threading
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from contextvars import copy_context
from typing import TYPE_CHECKING, Any, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator

T = TypeVar("T")

TICK: Final = 0.1
"""Seconds after which a wait is taken up again: an interrupt that came just before it is heard then."""


def complete(coroutine: Coroutine[Any, Any, T]) -> T:
    """Return what a coroutine returns; where an event loop is at work already, it gets one of its own in a thread.

    Ctrl-C cancels the coroutine and lets it clean up, then raises `KeyboardInterrupt`, in both cases.

    Examples
    --------
    >>> async def answer() -> int:
    ...     return 42
    >>> async def in_a_notebook() -> int:
    ...     return complete(answer())
    >>> complete(answer()), complete(in_a_notebook())
    (42, 42)
    """
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(coroutine)
    return _in_a_thread(coroutine)


def _in_a_thread(coroutine: Coroutine[Any, Any, T]) -> T:
    begun: Future[tuple[asyncio.AbstractEventLoop, asyncio.Task[Any]]] = Future()

    async def work() -> T:
        task = asyncio.current_task()
        assert task is not None
        begun.set_result((asyncio.get_running_loop(), task))
        return await coroutine

    awaited = threading.Event()

    def run() -> T:
        # an interrupt while the thread starts would leave it behind, so nothing is asked before somebody waits
        awaited.wait()
        return asyncio.run(work())

    with ThreadPoolExecutor(max_workers=1) as thread:
        outcome = thread.submit(copy_context().run, run)
        with _interrupts():
            try:
                awaited.set()
                while not wait([outcome], timeout=TICK).done:
                    pass
                return outcome.result()
            except KeyboardInterrupt:
                loop, task = begun.result()
                loop.call_soon_threadsafe(task.cancel)
                wait([outcome])
                raise


@contextmanager
def _interrupts() -> Iterator[None]:
    """Let Ctrl-C raise `KeyboardInterrupt` in the thread that waits.

    An event loop at work takes it as a wish to cancel its own task, which is waiting and would not hear of it. Where
    Ctrl-C is ignored or not Python's to handle, it stays so.
    """
    handler = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or not callable(handler):
        yield
        return
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
