"""Years of months in one folder, from cron, with kills, outages, wrong clocks, damage and what people have to mend.

Each day of a month the documented line is run, `smstock run JOB --workspace FOLDER --json`, as a process of its own at
the instant of that day, against the simulated Meta over HTTP. The seed draws what befalls the month. A person reads
what a run says and does what it asks, once a day. A month ends a day after it was published, or after its last try.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import time
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from benchmarks.machine import machine
from benchmarks.reliability import canary, clocked_command, leftover, misfortune, office
from benchmarks.reliability.clocked_command import Circumstances
from benchmarks.reliability.reliability import Report, show

from smstock.sandbox.meta import ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.reliability.clocked_command import Ended
    from benchmarks.reliability.misfortune import Cause

TRIES: Final = 10
"""Days of a month on which it is tried at most."""
OF_OUTAGE: Final = 3
"""Days after which a month without any answer is given up."""
CODES: Final = frozenset({0, 2, 3, 4, 5, 129, 130, 143})
"""The documented exit codes but 1, which is a fault of smstock."""
TRUE = "no release or calibration from an incomplete or misdated wave, no value that was not true in its month"
CLEAN = "no traceback, no exit code but the documented ones"
PUBLISHED = "every month that could be published is"
ASKED = "each human step is asked for, once"
EXPLAINED = "a run that fails names a cause that it met"
IDEMPOTENT = "a month that is done asks nothing anew and changes nothing"
SECRET = "no secret in any file or message"  # noqa: S105
INVARIANTS: Final = (TRUE, CLEAN, PUBLISHED, ASKED, EXPLAINED, IDEMPOTENT, SECRET)


class _Years:
    """An office, month after month."""

    def __init__(self, folder: Path, seed: int, log: Callable[[str], object]) -> None:
        self.log = log
        self.deck, self.seed = misfortune.Deck(Random(seed)), seed  # noqa: S311 - a simulation
        self.folder, self.scratch = folder / "office", folder / "scratch"
        self.scratch.mkdir()
        self.world = office.set_up(self.folder, seed, month=office.START)
        self.report = Report()
        self.token = 0
        self.causes: list[Cause] = []
        self.damaged: set[Cause] = set()
        self.mended: list[Cause] = []
        self.left: dict[str, str] = {}
        self.done_before = self.by_hand = False

    def month(self, number: int) -> None:
        """Live through a month."""
        self.name, self.before = office.month(number), office.month(number - 1)
        self.where = f"{self.name}"
        # what nobody had to mend yet goes on
        unmended = {cause.kind for cause in self.causes}
        befallen = [cause for cause in self.deck.dealt() if cause.kind not in unmended]
        self.causes += befallen
        for cause in befallen:
            if cause.kind == "damage":
                continue
            self.report.happened[f"misfortune: {cause.kind}{f', {cause.detail}' if cause.detail else ''}"] += 1
        clear, done, idle = 0, False, False
        for day in range(1, TRIES + 1):
            self._damaged(day)
            met = {cause.kind: cause for cause in self.causes if cause.kind != "damage" and cause.met(day)}
            broken = [cause for cause in self.damaged if cause.bars]
            tried = self._tried(day, met)
            clear += not met and not broken
            idle = done and tried.code == 0
            done = done or tried.code == 0
            later = any(cause.day > day for cause in self.causes if cause.kind in ("damage", "clock", "kill"))
            if idle and not later:
                break
            if not done and "outage" in met and met["outage"].days > TRIES and day >= OF_OUTAGE and not later:
                break
        self._closed(clear=clear, done=done)

    def _damaged(self, day: int) -> None:
        """Let the damage of a day happen."""
        for cause in [cause for cause in self.causes if cause.kind == "damage" and cause.day == day]:
            name, number = cause.detail, cause.number
            present = leftover.spoil(name, number, self.folder, month=self.name, before=self.before)
            self.report.happened[f"misfortune: damage, {name}"] += present
            if present and cause.words:
                self.damaged.add(cause)

    def _tried(self, day: int, met: dict[str, Cause]) -> Ended:
        """Let cron run the job on a day, judge what it did, and do what it asks; return how it ended."""
        if "typo" in met:
            self._ran(day, met, "collect", "simulated", "--wave", met["typo"].detail)
        before, published = office.hashes(self.folder), self._released()
        self.by_hand = False
        ended = self._ran(day, met, "run", "simulated")
        after = office.hashes(self.folder)
        changed = sorted(path for path in before.keys() | after.keys() if before.get(path) != after.get(path))
        self._note(TRUE, office.untrue(self.folder, self.name, self.world, changed))
        if ended.code == 0 and not self._released():
            self._note(TRUE, ["exit code 0 without a release"])
        if published and ended.code == 0 and not self.damaged and self.done_before and before == self.left:
            anew = [*changed, *([f"{ended.calls} calls"] if ended.calls else [])]
            self._note(IDEMPOTENT, [f"day {day}: {anew}"] if anew else [])
            self.report.happened["runs of a month that is done"] += 1
        # what was interrupted, repaired or brought back is finished, and used, by the run after it
        self.left, self.done_before = after, ended.code == 0 and not self.by_hand
        return ended

    def _ran(self, day: int, met: dict[str, Cause], *words: str) -> Ended:
        """Run a command on a day, see how it ended, and do what it asks."""
        true = datetime.fromisoformat(f"{self.name}-{day:02}T04:17:00").replace(tzinfo=UTC).timestamp()
        death, token = misfortune.death(met), canary.TOKENS[self.token % len(canary.TOKENS)]
        ended = clocked_command.run(
            [*words, "--workspace", str(self.folder), "--json"],
            misfortune.platform(met, self.world, token, self.seed),
            true=true,
            circumstances=Circumstances(
                clock=true + misfortune.wrong_by(met),
                environment={
                    "HOME": str(self.scratch),
                    "SMSTOCK_META_TOKEN": token,
                    "SMSTOCK_META_ACCOUNT": ACCOUNT,
                    "SMSTOCK_META_APP_SECRET": canary.APP_SECRET,
                },
                death=death,
                largest_file=int(met["disk"].detail) * 1024 if "disk" in met else None,
            ),
            scratch=self.scratch,
        )
        causes = "; ".join(f"{cause.kind} {cause.detail}".strip() for cause in (*met.values(), *self.damaged))
        self.log(
            f"{self.name}-{day:02} {' '.join(words)} [{causes}]: {_ending(ended)}, {ended.calls} calls\n{ended.err}"
        )
        self.report.happened[f"runs ended: {_ending(ended)}"] += 1
        self.report.happened["calls that reached the platform"] += ended.calls
        killed = death is not None and ended.code == -death.signal
        if "Traceback" in ended.out + ended.err or not (ended.code in CODES or killed):
            self._note(CLEAN, [f"day {day}: exit code {ended.code}: {ended.err[-300:]}"])
        if canary.shows(ended.out + ended.err):
            self._note(SECRET, [f"day {day}: {ended.err[-300:]}"])
        self._heard(day, met, ended, killed=killed)
        return ended

    def _heard(self, day: int, met: dict[str, Cause], ended: Ended, *, killed: bool) -> None:
        """Read what a run said, and do what it asks."""
        causes = [*met.values(), *self.damaged]
        named = [cause for cause in causes if cause.words and re.search(cause.words, ended.err)]
        guilty = [cause for cause in named if cause.bars]
        if ended.code and not killed and not guilty:
            again = [cause.kind for cause in self.mended if re.search(cause.words, ended.err)]
            problem = f"day {day}: {ended.err[-400:]} (met: {[cause.kind for cause in causes]}, mended: {again})"
            self._note(ASKED if again else EXPLAINED, [problem])
        words = [cause.words for cause in named if not cause.bars]
        notes = [line for line in ended.err.splitlines() if line.startswith("left aside")]
        unasked = [line for line in notes if not any(re.search(part, line) for part in words)]
        self._note(ASKED, [f"day {day}: {line}" for line in unasked])
        for cause in (*(guilty[:1] if ended.code and not killed else ()), *(one for one in named if not one.bars)):
            self._asked(day, cause, ended.err)

    def _asked(self, day: int, cause: Cause, message: str) -> None:
        """Do what a message asks."""
        if cause.days:
            return
        self.mended.append(cause)
        self.report.happened[f"human step: {office.STEPS[cause.kind]}"] += 1
        self.causes = [other for other in self.causes if other is not cause]
        self.damaged.discard(cause)
        match cause.kind:
            case "token":
                self.token += 1
            case "version":
                office.name_version(self.folder, message)
            case "damage":
                for words in office.mended(self.folder, message):
                    self._by_hand(day, *words)

    def _by_hand(self, day: int, *words: str) -> None:
        """Run what a message says, on a day on which nothing else goes wrong."""
        self.by_hand = True
        ended = self._ran(day, {}, *words)
        if ended.code:
            self._note(ASKED, [f"{' '.join(words)} was asked for, and ends with {ended.code}: {ended.err[-300:]}"])

    def _released(self) -> bool:
        return (self.folder / "estimates" / self.name / "simulated.manifest.json").is_file()

    def _closed(self, *, clear: int, done: bool) -> None:
        """Judge a month."""
        happened = self.report.happened
        happened["months"] += 1
        happened["months published"] += done
        happened["months without a day on which nothing was wrong"] += not clear
        if clear and not done:
            self._note(PUBLISHED, [f"{clear} days on which nothing went wrong"])
        if done:
            unnamed = [cause for cause in self.damaged if not cause.bars]
            self._note(ASKED, [f"{cause.detail} is not named" for cause in unnamed if not self._harmless(cause)])
        self._note(SECRET, canary.leaks(self.folder))
        self.causes = [cause for cause in self.causes if cause.kind in ("token", "version")]
        self.damaged.clear()
        if done:
            self._ran(TRIES, {}, "collect", "other")

    def _harmless(self, cause: Cause) -> bool:
        """Whether the command that reads a file of another query names its damage, or finds none that matters."""
        if not cause.detail.startswith("another query"):
            return False
        self.damaged = {replace(cause, bars=True)}
        ended = self._ran(TRIES, {}, "collect", "other", "--wave", self.before)
        return ended.code == 0 or bool(re.search(cause.words, ended.err))

    def _note(self, invariant: str, problems: list[str] | Iterator[str]) -> None:
        self.report.note(self.seed, invariant, (f"{self.where}: {problem}" for problem in problems))


def _ending(ended: Ended) -> str:
    return f"exit code {ended.code}" if ended.code >= 0 else "SIGKILL"


def run(seed: int, months: int, log: Callable[[str], object] = lambda _: None) -> Report:
    """Return what became of the months of a seed, up to a Ctrl-C; ``log`` is told of each run."""
    clocked_command.import_before_forks()
    with TemporaryDirectory() as folder:
        years = _Years(Path(folder), seed, log)
        with suppress(KeyboardInterrupt):
            for number in range(months):
                years.month(number)
    return years.report


@cache
def breaches(seed: int = 1, months: int = 36) -> float:
    """Return how often a promise was broken."""
    return float(run(seed, months).breaches.total())


def _printed(text: str) -> None:
    print(text, flush=True)


def main(words: list[str]) -> None:
    """Print what befell the months, and how often each promise was broken."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks months", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="of all that befalls")
    parser.add_argument("--months", type=int, default=36, help="months in a row, at most 48")
    parser.add_argument("--runs", action="store_true", help="print how each run ended")
    chosen = parser.parse_args(words)
    print(machine(), flush=True)
    began, spent = time.perf_counter(), os.times()
    report = run(chosen.seed, chosen.months, _printed if chosen.runs else lambda _: None)
    now = os.times()
    cpu = sum(now[:4]) - sum(spent[:4])
    print(
        f"\n{chosen.months} months, seed {chosen.seed}: {time.perf_counter() - began:.0f} s, {cpu:.0f} s of one core\n"
    )
    show(report, INVARIANTS)
    sys.exit(1 if report.breaches.total() else 0)
