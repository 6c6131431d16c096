from __future__ import annotations

import asyncio
import os
import signal
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

import pytest

from smstock.workflows.event_loop import complete

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator


@pytest.fixture(autouse=True)
def _interruptible() -> Iterator[None]:
    """Ctrl-C raises, also where the tests run in the background and it is ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


async def in_a_notebook(coroutine: Coroutine[Any, Any, object]) -> object:
    return complete(coroutine)


async def failing() -> None:
    raise ValueError("as it was raised")


def test_an_error_is_the_one_that_was_raised() -> None:
    with pytest.raises(ValueError, match="as it was raised"):
        complete(failing())
    with pytest.raises(ValueError, match="as it was raised"):
        asyncio.run(in_a_notebook(failing()))


async def interrupted(events: list[str]) -> None:
    try:
        os.kill(os.getpid(), signal.SIGINT)
        await asyncio.Event().wait()
    finally:
        await asyncio.sleep(0)
        events.append("cleaned up")


def test_an_interrupt_lets_the_coroutine_clean_up_in_a_script() -> None:
    events: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        complete(interrupted(events))
    assert events == ["cleaned up"]


def test_an_interrupt_lets_the_coroutine_clean_up_in_a_notebook() -> None:
    events: list[str] = []

    async def cell() -> None:
        # asyncio's own handler would only ask the task of this loop to end, which waits
        handler = signal.getsignal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            complete(interrupted(events))
        events.append("the cell goes on")
        assert signal.getsignal(signal.SIGINT) is handler

    asyncio.run(cell())
    assert events == ["cleaned up", "the cell goes on"]


def test_context_is_carried_into_the_thread() -> None:
    title = ContextVar("title", default="none")

    async def read() -> str:
        return title.get()

    async def cell() -> object:
        title.set("the cell's")
        return complete(read())

    assert asyncio.run(cell()) == "the cell's"
