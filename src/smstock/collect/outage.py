"""The line to a platform: notices when answers fail alike for every cell, and then lets single probes through.

One cell that fails is asked again and left. Where the last answers of several cells all failed (a lost connection, a
5xx, a body that cannot be read, an estimate that stays unready), it is the line: asking on as usual would spend each
cell's attempts, and hours.
"""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Final

from smstock.errors import PlatformError
from smstock.platforms.base import Action
from smstock.vocabulary.status import FAILED, NOT_READY

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from smstock.platforms.base import Answer, Request

PATIENCE: Final = 1800.0
"""Seconds that an outage may last before the run ends."""

ALARM: Final = 3
"""Failures in a row after which it is told."""

DOWN: Final = 8
"""Failures in a row, of more than one cell, that are an outage."""

PAUSES: Final = (5.0, 120.0)
"""Seconds before the first probe, and at most before a later one; each pause is twice the one before."""

_NEITHER: Final = frozenset({Action.PAUSE_ACCOUNT, Action.PAUSE_APP, Action.STOP_CREDENTIAL, Action.STOP_RUN})


@dataclass(frozen=True)
class Outage:
    """Answers fail alike: the words of the last one, and the seconds for which the run goes on trying."""

    words: str
    seconds: float


def fails(answer: Answer) -> bool:
    """Whether an answer is none: nothing came, or nothing that can be read.

    Examples
    --------
    >>> from smstock.platforms.base import Answer, Reading
    >>> [fails(Answer((Reading("mau", status),), Action.RETRY)) for status in ("failed", "not_ready")]
    [True, False]
    """
    return answer.action is Action.RETRY and answer.readings[0].status == FAILED


class Line:
    """The line of one run.

    Parameters
    ----------
    title
        Name of the platform.
    patience
        Seconds from the first failure after which an outage ends the run.
    sleep
        How to wait.
    changed
        Called when the line fails, is tried again, or works again.

    Attributes
    ----------
    down
        Whether there is an outage.
    outages
        How many there were.
    aside
        Cells whose attempts an outage spent: they are asked again.
    """

    def __init__(
        self, title: str, patience: float, sleep: Callable[[float], Awaitable[None]], changed: Callable[[], object]
    ) -> None:
        self.down = False
        self.outages = 0
        self.aside: list[Request] = []
        self._title, self._patience, self._sleep, self._changed = title, patience, sleep, changed
        self._failures = 0
        self._failing: set[str] = set()
        self._suspects: set[str] = set()
        self._unready: set[str] = set()
        self._worked = False
        self._undecided: list[Request] = []
        self._since = self._waited = 0.0
        self._pause = PAUSES[0]
        self._words = ""
        self._probe = asyncio.Lock()

    @property
    def outage(self) -> Outage | None:
        """What a person should know of the line, None while it works."""
        return Outage(self._words, max(0.0, self._left())) if self.down or self._failures >= ALARM else None

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """Let a call through: at once, or in an outage one at a time, after a pause.

        Raises
        ------
        PlatformError
            The outage has lasted as long as patience.
        """
        async with AsyncExitStack() as probing:
            if self.down:
                await probing.enter_async_context(self._probe)
                if not await self._paused():
                    await probing.aclose()
            yield

    def heard(self, key: str, answer: Answer) -> None:
        """Learn from an answer to a request."""
        if answer.action in _NEITHER:
            return
        before = self.outage
        unready = answer.action is Action.RETRY and answer.readings[0].status == NOT_READY
        if unready and self._worked and key not in self._unready:
            # a platform that answers others is computing: this tells neither that the line works nor that it fails
            self._unready.add(key)
        elif unready or fails(answer):
            self._failed(key, answer.detail)
        else:
            self._unready.discard(key)
            self._works()
        if (before is None) != (self.outage is None):
            self._changed()

    def gave_up(self, request: Request, outages: int) -> None:
        """Note that the attempts at a cell are spent, begun after so many outages; what an outage spent counts not."""
        if self.down or self.outages > outages:
            self.aside.append(request)
        else:
            # an answer to another cell will tell that it was its own fault, an outage that it was not
            self._undecided.append(request)

    def take_aside(self) -> list[Request]:
        """Return the cells to be asked again, which are no longer aside."""
        requests, self.aside = self.aside, []
        return requests

    def _failed(self, key: str, words: str) -> None:
        self._words = words
        # a cell that failed until another one was answered may fail by itself: it is no sign of the next outage
        if key in self._suspects:
            return
        if not self._failures:
            self._since, self._waited = asyncio.get_running_loop().time(), 0.0
        self._failures += 1
        self._failing.add(key)
        if not self.down and self._failures >= DOWN and len(self._failing) > 1:
            self.down = True
            self.outages += 1
            self._pause = PAUSES[0]
            self.aside += self._undecided
            self._undecided.clear()

    def _works(self) -> None:
        if self.down:
            self._suspects.update(request.key for request in self.aside)
        self.down, self._worked = False, True
        self._failures = 0
        self._failing.clear()
        self._undecided.clear()

    async def _paused(self) -> bool:
        """Pause before a probe; return False at once where the line has come to work again."""
        if not self.down:
            return False
        left = self._left()
        if left <= 0:
            raise PlatformError(
                f"{self._title} has not answered for {ceil(self._patience / 60)} min: {self._words}",
                hint="run the same command later, it goes on where it stopped",
            )
        self._changed()
        pause = min(self._pause, left)
        await self._sleep(pause)
        self._waited += pause
        self._pause = min(2 * self._pause, PAUSES[1])
        return True

    def _left(self) -> float:
        """Return the seconds until patience ends, as the loop counts them and at least by what was waited."""
        return self._patience - max(self._waited, asyncio.get_running_loop().time() - self._since)
