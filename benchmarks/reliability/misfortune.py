"""What befalls an office in a month, drawn from a seed: the machine, the platform, the files, the people.

A cause that a person has to remove is told by its words in a message; one that passes by itself has none to remove.
"""

from __future__ import annotations

import signal
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from benchmarks.reliability.clocked_command import Death
from benchmarks.reliability.leftover import LEFTOVERS

from smstock.sandbox.faults import FaultPlan
from smstock.sandbox.graph_error import GraphError
from smstock.sandbox.meta import ACCOUNT, Account, SimulatedMeta, Token, account
from smstock.sandbox.quota import Quota
from smstock.sandbox.reply import Reply, refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from random import Random

    from benchmarks.reliability.clocked_command import Handle

    from smstock.sandbox.world import World

DAY: Final = 24 * 3600.0
ANYWAY: Final = FaultPlan(json_error=0.01, reset=0.01, truncated=0.01, not_ready=0.03)
"""Faults of an ordinary day."""
_PAGE: Final = (("content-type", "text/html"),)
_REPLIES: Final = {
    "503": Reply(503, _PAGE, b"<html><h1>Service Unavailable</h1></html>"),
    "a lost connection": Reply(0, (), b""),
    "garbage": Reply(200, _PAGE, b"\x00\xff<html"),
    "code 2": refusal(GraphError("Service temporarily unavailable", 2, status=500, transient=True)),
    "silence": Reply(200, _PAGE, b"", delay=3600.0),
}
_REACHES: Final = (
    "no answer",
    "half of the calls",
    "half of the destinations",
    "one destination in five",
    "the first half only",
)
_APPLICATION: Final = {
    3: "(#3) Application does not have the capability to make this API call.",
    10: "(#10) Application does not have permission for this action",
    200: "(#200) Ad account owner has NOT grant ads_management or ads_read permission",
    294: "(#294) Managing advertisements requires an access token with the extended permission for ads_management",
}
_CLOCKS: Final = {"a month back": -31, "five years back": -1826, "a month ahead": 31, "three years ahead": 1096}


@dataclass(frozen=True)
class Cause:
    """A misfortune.

    Parameters
    ----------
    kind, detail
        What it is, and which of its kind.
    day
        The first day of the month (of the tries) on which it is met.
    days
        On how many days it is met; it passes by itself then. 0: until a person removes it.
    words
        Part of the message by which a run that meets it ends or, if ``bars`` is False, by which it is named on the way.
    bars
        Whether it may end a run.
    """

    kind: str
    detail: str = ""
    day: int = 1
    days: int = 0
    words: str = ""
    bars: bool = True
    number: int = 0

    def met(self, day: int) -> bool:
        """Whether a run of a day meets it, if nobody removed it."""
        return day >= self.day and (not self.days or day < self.day + self.days)


class Deck:
    """All that may befall, dealt in a random order: everything befalls before anything befalls a second time."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._cards: list[Callable[[Random], Cause]] = []

    def dealt(self) -> list[Cause]:
        """Return the misfortunes of a month: none to four, damage apart no two of a kind."""
        befallen: dict[str, Cause] = {}
        put_aside = []
        for _ in range(self._rng.choice((0, 1, 2, 2, 3, 3, 4, 4))):
            if not self._cards:
                self._cards = self._rng.sample(CARDS, len(CARDS))
            card = self._cards.pop()
            cause = card(self._rng)
            kind = cause.detail if cause.kind == "damage" else cause.kind
            if kind in befallen:
                put_aside.append(card)
            else:
                befallen[kind] = cause
        self._cards += put_aside
        return list(befallen.values())


def _death(name: str, rng: Random) -> Cause:
    place = rng.choice((rng.randint(1, 26), -rng.randint(1, 10)))
    words = "" if name == "SIGKILL" else "interrupted" if name == "SIGINT" else f"ended by {name}"
    return Cause("kill", name, day=rng.randint(1, 2), days=1, words=words, number=place)


def _outage(reach: str, days: int, rng: Random) -> Cause:
    detail = f"{rng.choice(sorted(_REPLIES))}: {reach}"
    return Cause("outage", detail, days=days, words="has not answered for|have no answer")


def _damage(name: str, rng: Random) -> Cause:
    kind = LEFTOVERS[name]
    number = rng.randrange(10**6)
    return Cause("damage", name, day=rng.randint(1, 3), words=kind.words, bars=kind.bars, number=number)


def _clock(name: str, rng: Random) -> Cause:
    return Cause("clock", name, day=rng.randint(1, 2), words="the clock says")


def _quota(duration: str, _: Random) -> Cause:
    return Cause("quota", duration, days=1, words="the quota of every account is spent")


CARDS: Final[tuple[Callable[[Random], Cause], ...]] = (
    *(partial(_death, name) for name in ("SIGKILL", "SIGKILL", "SIGKILL", "SIGTERM", "SIGHUP", "SIGINT")),
    *(partial(_outage, reach, days) for reach in _REACHES for days in (1, 3)),
    partial(_outage, "no answer", 99),
    *(partial(_damage, name) for name in LEFTOVERS),
    *(partial(_clock, name) for name in _CLOCKS),
    *(partial(_quota, duration) for duration in ("an hour", "30 hours")),
    lambda rng: Cause("token", words="Session has expired", number=rng.randint(0, 20)),
    lambda rng: Cause("version", words="deprecated version", number=rng.randint(0, 20)),
    lambda rng: Cause("application", str(rng.choice(sorted(_APPLICATION))), words=r"\(#\d{1,3}\)"),
    lambda rng: Cause("disk", str(rng.choice((4, 24, 64))), words="free space|whether the disk is full"),
    lambda rng: Cause("typo", rng.choice(("1999-11", "2062-01")), days=1, words="no wave of simulated"),
)


def platform(
    causes: Mapping[str, Cause], world: World, token: str, seed: int
) -> Callable[[Callable[[], float]], Handle]:
    """Return what a platform is on a day on which some causes are met, by kind, given its clock."""

    def made(clock: Callable[[], float]) -> Handle:
        ends, retired = (causes[kind].number if kind in causes else None for kind in ("token", "version"))
        faults = FaultPlan(**{**vars(ANYWAY), "token_expires_after": ends, "version_expires_after": retired})
        quota = causes["quota"].detail if "quota" in causes else ""
        if quota == "an hour":
            faults = FaultPlan(**{**vars(faults), "quota_spent": 1.0})
        blocked = Account("full", Quota(100_000, blocked_until=clock() + 1.25 * DAY))
        service = SimulatedMeta(
            world,
            clock,
            accounts={ACCOUNT: blocked if quota == "30 hours" else account("limited" if quota else "full")},
            tokens={token: Token(frozenset({ACCOUNT}))},
            faults=faults,
            seed=seed,
        )
        return _behind(service, causes)

    return made


def _behind(service: SimulatedMeta, causes: Mapping[str, Cause]) -> Handle:
    """Return a platform behind a line that may fail, and before an application that may lack a right."""
    calls = [0]
    reply, _, reach = causes["outage"].detail.partition(": ") if "outage" in causes else ("", "", "")

    def fails(path: bytes) -> bool:
        match reach:
            case "half of the calls":
                return calls[0] % 2 == 0
            case "half of the destinations":
                return sum(path.partition(b"countries")[2][:24]) % 2 == 0
            case "one destination in five":
                return sum(path.partition(b"countries")[2][:24]) % 5 == 0
            case "the first half only":
                return calls[0] > 13
            case _:
                return reach == "no answer"

    def handle(method: str, path: bytes, headers: Mapping[str, str]) -> Reply:
        calls[0] += 1
        if fails(path):
            return _REPLIES[reply]
        if "application" in causes:
            code = int(causes["application"].detail)
            return refusal(GraphError(_APPLICATION[code], code, status=403))
        return service.handle(method, path, headers)

    return handle


def death(causes: Mapping[str, Cause]) -> Death | None:
    """Return when the run of a day is killed, by what."""
    if "kill" not in causes:
        return None
    number = causes["kill"].number
    return Death(signal.Signals[causes["kill"].detail], call=max(number, 0), file=max(-number, 0))


def wrong_by(causes: Mapping[str, Cause]) -> float:
    """Return by how many seconds the clock of the machine is ahead."""
    return _CLOCKS[causes["clock"].detail] * DAY if "clock" in causes else 0.0
