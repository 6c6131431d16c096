"""One wave of a query: ask (or replay), journal, read the audience table out of the journal."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any, Final

from smstock.collect.database import SUFFIX
from smstock.collect.journal import Journal
from smstock.collect.outage import PATIENCE
from smstock.collect.reader import JournalReader
from smstock.collect.runner import Tally, run
from smstock.collect.wave import Gaps
from smstock.errors import (
    ClockError,
    CredentialError,
    InputError,
    PlatformError,
    QueryError,
    RecordingError,
    SettingsError,
    UsageError,
    shown,
)
from smstock.folder import leave_aside
from smstock.platforms import replay
from smstock.platforms.known import platform
from smstock.query.lattice import cells, count
from smstock.vocabulary.dates import check_wave, instant, wave_of
from smstock.vocabulary.status import FAILED, GLITCH, NO_NUMBER
from smstock.web.retry import Backoff
from smstock.workflows import arguments
from smstock.workflows.completeness import require_answers
from smstock.workflows.event_loop import complete
from smstock.workflows.months import no_wave_by_a_wrong_clock, wave_to_ask
from smstock.workflows.place_notes import require_existing
from smstock.workflows.wave_before import unfinished_before, values_before
from smstock.workflows.wave_table import write_wave
from smstock.workflows.waves import read_wave

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator
    from datetime import datetime

    import pandas as pd

    from smstock.errors import SmstockError
    from smstock.folder import Folder
    from smstock.platforms.base import Platform, RawAnswer, Source
    from smstock.query.spec import QuerySpec


AGAIN: Final = ("refused", FAILED, GLITCH, NO_NUMBER)
"""What cells that are to be asked anew were settled as; those that failed are asked anew by every run."""


@dataclass(frozen=True)
class Collected:
    """A collected wave: where its audience table lies, and how it went.

    ``tally`` counts the cells of a live wave as its table does. ``dropped`` names the credentials that turned out to be
    of no use, with the platform's words; ``unfinished`` the wave before this one if cells of it were never asked, empty
    otherwise. ``gaps`` counts the cells that are open, ``least_answered`` is the share that must be answered before the
    wave is published, ``refusals`` the cells that rules or the platform refuse, by reason. ``ended`` is what ended the
    asking early, such as an outage. ``remarks`` tells what was left out of recordings of other collectors, and why.
    """

    query: str
    wave: str
    audience: Path
    tally: Tally
    dropped: tuple[str, ...] = ()
    unfinished: str = ""
    gaps: Gaps = field(default_factory=Gaps)
    least_answered: float = 1.0
    refusals: dict[str, int] = field(default_factory=dict)
    ended: SmstockError | None = None
    remarks: tuple[str, ...] = ()

    def lack(self) -> str:
        """Return in a sentence what the wave lacks, empty if nothing; raise `IncompleteError` if it is too much."""
        return require_answers(self.gaps, query=self.query, wave=self.wave, least=self.least_answered)

    def table(self) -> pd.DataFrame:
        """Return the audience table: a row for each planned cell and metric."""
        return read_wave(self.audience)


def collect(
    query: QuerySpec,
    workspace: Folder,
    *,
    now: datetime,
    recordings: Path | None = None,
    source: Source | None = None,
    wave: str = "",
    again: str = "",
    patience: float = PATIENCE,
    on_progress: Callable[[Tally], object] = lambda _: None,
    raises: bool = True,
) -> Collected:
    """Collect a wave; running it again asks only what is still open.

    Parameters
    ----------
    query
        What to ask.
    workspace
        Where journal, audience table and manifest go.
    now
        The present; it names the wave of a live platform.
    recordings
        A file or a folder of recorded answers to replay; the wave is then their newest one unless ``wave`` says
        otherwise.
    source
        The live platform, if nothing is replayed.
    wave
        Name of the wave, such as ``2026-11`` or ``2026-W47``; of a live platform the present one, or one that was
        begun; else one of the kind that the query collects.
    again
        One of `AGAIN`: cells that were settled so are asked anew; the journal keeps the old answers.
    patience
        Seconds that a run may wait; an outage ends it after half an hour at the latest.
    on_progress
        Called after every cell, and when an outage begins or ends.
    raises
        Raise what ends the asking early (the last three errors); else it is `Collected.ended`.

    Raises
    ------
    UsageError
        A live wave of other days was not begun (`wave_to_ask`), or a recording is replayed as a wave of another kind.
    ClockError
        Answers on file, or the first ones of the platform, contradict the clock; a wave begun by it is taken away.
    QueryError
        The platform refuses the query; every broken rule is listed. Or a place does not exist on the wave's day.
    RecordingError
        The recordings hold no answer to any cell of the query.
    QuotaError, PlatformError
        The platform stopped answering; what was answered is in the journal.
    SettingsError, CredentialError
        The version of the API is retired, or no usable credential is left; what was answered is in the journal.
    """
    service = platform(query.platform)
    if wave:
        check_wave(wave, None if wave in workspace.begun(query.name) else query.wave.every)
    if again and again not in AGAIN:
        raise UsageError(f"cells cannot be asked again as {shown(again)!r}", allowed=", ".join(AGAIN))
    _refuse_broken_rules(query, service, now)
    if recordings is not None:
        source = _replay(recordings, service, query, wave)
        wave = source.wave or wave_of(now, query.wave.every)
    if source is None:
        raise QueryError(
            "nothing to ask: neither a live platform nor recordings", hint="give --replay FOLDER, or credentials"
        )
    if recordings is None:
        wave = wave_to_ask(workspace, query.name, wave, now=now, every=query.wave.every)
    require_existing(query, wave)
    tally = Tally(planned=count(query))
    path = workspace.wave(wave, f"{query.name}.journal.sqlite")
    was_empty = path.exists()
    with (
        no_wave_by_a_wrong_clock(path),
        Journal(path, query, wave, "replay" if recordings else "live") as journal,
    ):
        _name_lost_answers(journal, workspace, was_empty=was_empty)
        if again:
            journal.ask_again(again)
        source.prime(_asked_lately(workspace, now - timedelta(hours=service.quota_hours)))
        earlier = values_before(workspace, query, wave)
        try:
            work = run(
                query,
                service,
                source,
                journal,
                tally,
                earlier=earlier,
                # nothing that is written depends on the jitter
                wait=Backoff(Random(), requested=lambda look: look.answer.wait),  # noqa: S311
                patience=min(patience, PATIENCE),
                progress=on_progress,
            )
            ended = _ended(_closing(work, source))
        except ClockError:
            raise
        except BaseException:
            write_wave(journal, workspace, earlier)
            raise
        written = write_wave(journal, workspace, earlier)
    if ended is not None and raises:
        raise ended
    return Collected(
        query.name,
        wave,
        written.audience,
        written.tally(tally) if recordings is None else tally,
        dropped=tuple(source.dropped),
        unfinished=unfinished_before(workspace, query.name, wave),
        gaps=written.gaps,
        least_answered=query.publish.least_answered,
        refusals=written.refusals,
        ended=ended,
        remarks=source.remarks if isinstance(source, replay.Replay) else (),
    )


def live(query: QuerySpec, *, patience: float, wave: str = "") -> Source:
    r"""Return the live platform of a query, for the credentials in the environment or in the user's file.

    Parameters
    ----------
    query
        Names the platform.
    patience, wave
        Hours that a run may wait for quota; the wave that was named, which is told first if it is none.

    Raises
    ------
    CredentialError
        There is no credential; the message lists every place looked at.

    Examples
    --------
    >>> from smstock.query.spec import parse
    >>> text = 'name = "q"\nplatform = "meta"\nages = "18+"\norigins = ["SRB"]\ndestinations = ["AUT"]'
    >>> live(parse(text, where="q.toml"), patience=-1)
    Traceback (most recent call last):
    smstock.errors.UsageError: patience is -1
      allowed: hours, from 0 to 8784
    """
    arguments.wave(wave)
    seconds = arguments.hours("patience", patience) * 3600
    return platform(query.platform).connect(os.environ, Path.home(), patience=seconds)


def _ended(work: Coroutine[Any, Any, None]) -> SmstockError | None:
    """Do the work; return what ended it early though all went as it should here, such as an outage."""
    try:
        complete(work)
    except ClockError:
        raise
    except (PlatformError, SettingsError, CredentialError) as error:
        return error
    return None


async def _closing(work: Coroutine[Any, Any, Tally], source: Source) -> None:
    """Do the work, then close the source."""
    try:
        await work
    finally:
        await source.close()


def _asked_lately(workspace: Folder, since: datetime) -> Iterator[RawAnswer]:
    """Yield the answers since a moment in every journal of the workspace: they share the accounts' quota.

    A journal that is damaged, of a later smstock, or none, is named and holds up no other collection.
    """
    for path in workspace.of_waves(f"*{SUFFIX}"):
        try:
            with JournalReader(path, whole=False) as journal:
                yield from journal.asked_since(instant(since))
        except InputError as error:
            leave_aside(error, path)


def _name_lost_answers(journal: Journal, workspace: Folder, *, was_empty: bool) -> None:
    """Name a journal that is begun beside the table of an earlier one: all of it is asked again."""
    if journal.is_new and workspace.wave(journal.wave, f"{journal.query.name}.audience.parquet").exists():
        words = "was empty" if was_empty else "was gone"
        hint = "to keep its answers, stop and put back a copy of it"
        error = InputError(f"the journal {journal.path} {words}: it is begun anew, and asks every cell", hint=hint)
        leave_aside(error, journal.path)


def _refuse_broken_rules(query: QuerySpec, service: Platform[Any], now: datetime) -> None:
    broken = [
        finding.message for finding in service.findings(query, now.date().isoformat()) if finding.severity == "refused"
    ]
    if broken:
        raise QueryError(
            f"{service.title} refuses the query: {'; '.join(broken)}", hint="mend the query; `smstock plan` checks it"
        )


def _replay(recordings: Path, service: Platform[Any], query: QuerySpec, wave: str) -> replay.Replay:
    """Open recordings for the wave asked for, or for the newest one in which they answer the query."""
    recorded = replay.read(recordings, service, query, wave)
    keys = {service.request(cell, query).key for cell in cells(query) if not service.refusal(cell, query)}
    waves = recorded.waves(keys, query.wave.every)
    answered = keys & set(recorded.answers)
    if not answered:
        differing = replay.differences(recordings, service, query)
        raise RecordingError(
            f"{shown(recordings)} holds no answer to any of the {len(keys):,} requests of {query.name}",
            where="; ".join(differing) or "each value was recorded, but no question with all of them together",
            hint="write what differs into the query as the recordings have it (sex, ages: breakdowns and age_groups)",
        )
    if wave and waves and wave not in waves:
        raise RecordingError(
            f"{shown(recordings)} holds no answer to {query.name} in {wave}",
            allowed=f"--wave {', '.join(waves)}",
            hint="change --wave, or leave it out",
        )
    undated = sum(any(not answer.asked_at for answer in recorded.answers[key]) for key in answered)
    if undated:
        every = query.wave.every
        taken = f"the newest {every} recorded" if waves else f"this {every}, unless --wave names it"
        remark = (
            f"{undated:,} of {len(answered):,} requests have answers without a time: they are taken for "
            f"{'the wave named' if wave else taken}"
        )
        recorded = replace(recorded, remarks=(*recorded.remarks, remark))
    return replace(recorded, wave=wave or (waves[-1] if waves else ""))
