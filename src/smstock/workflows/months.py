"""Waves that are true: a live one is begun on its own days, by a clock that the answers do not contradict."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from smstock.collect.reader import JournalReader
from smstock.errors import ClockError, InputError, UsageError, meant, shown
from smstock.vocabulary.dates import Every, check_wave, in_order, is_before, month_of_wave, wave_of
from smstock.vocabulary.dates import wave as days_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from smstock.folder import Folder

SLACK: Final = timedelta(hours=1)
"""By how much a clock may be set back without being wrong."""

ABSENCE: Final = timedelta(days=400)
"""After how long without an answer a clock is doubted; who asks once a year is not."""


def wave_to_ask(workspace: Folder, query: str, wave: str, *, now: datetime, every: Every = "month") -> str:
    """Return the name of a live wave: the present one, or one that was named and begun live.

    Parameters
    ----------
    workspace
        Where the waves lie.
    query
        Name of what is asked.
    wave
        The wave that was named, empty if none was.
    now
        The present, as the clock has it.
    every
        How often the query is collected.

    Raises
    ------
    ClockError
        The clock is before the newest answer of the workspace, or long after it and no wave was named.
    UsageError
        The wave is not the present one and was not begun; or it was begun as a replay.

    Examples
    --------
    >>> from datetime import UTC
    >>> from pathlib import Path
    >>> from smstock.folder import Folder
    >>> nowhere, now = Folder(Path("nowhere"), Path("nowhere")), datetime(2026, 11, 22, tzinfo=UTC)
    >>> wave_to_ask(nowhere, "q", "", now=now)
    '2026-11'
    >>> wave_to_ask(nowhere, "q", "", now=now, every="week")
    '2026-W47'
    >>> wave_to_ask(nowhere, "q", "1999-11", now=now)
    Traceback (most recent call last):
    smstock.errors.UsageError: no wave of q was begun in 1999-11, and it is 2026-11
      allowed: the present month, or one that was begun: none was
      next:    leave out --wave to begin the wave of this month
    """
    present = wave_of(now, every)
    _refuse_wrong_clock(workspace, now, present, confirmed=wave == present)
    if wave and days_of(wave).name != present and wave not in workspace.begun(query):
        raise UsageError(
            f"no wave of {query} was begun in {wave}, and it is {present}",
            allowed=f"the present {every}, or one that was begun: {', '.join(workspace.begun(query)) or 'none was'}",
            hint=f"leave out --wave to begin the wave of this {every}",
        )
    wave = wave or present
    path = workspace.wave(wave, f"{query}.journal.sqlite")
    if _replayed(path):
        raise UsageError(
            f"the wave {wave} of {query} was begun as a replay: today's answers do not belong to it",
            where=str(path),
            hint="leave out --wave, or collect into another folder: --output",
        )
    return wave


@contextmanager
def no_wave_by_a_wrong_clock(journal: Path) -> Iterator[None]:
    """Take away a journal that is begun in the block, if the platform contradicts the clock: its wave is none.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as place:
    ...     path = Path(place, "2031-02", "q.journal.sqlite")
    ...     with suppress(ClockError), no_wave_by_a_wrong_clock(path):
    ...         path.parent.mkdir()
    ...         path.touch()
    ...         raise ClockError("it is 2026")
    ...     path.parent.exists()
    False
    """
    begun = journal.exists()
    try:
        yield
    except ClockError:
        if not begun:
            for ending in ("", "-wal", "-shm"):
                journal.with_name(journal.name + ending).unlink(missing_ok=True)
            with suppress(OSError):  # it holds other waves
                journal.parent.rmdir()
        raise


def dated_waves(workspace: Folder, query: str) -> list[str]:
    """Return the collected waves of a query whose answers were asked on their days, in order.

    A wave that a mistyped name or a wrong clock dated is none: it neither leads nor stands among the others.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.folder import Folder
    >>> dated_waves(Folder(Path("nowhere"), Path("nowhere")), "q")
    []
    """
    waves = workspace.waves_of(query)
    return [wave for wave in waves if not misdated(workspace.wave(wave, f"{query}.audience.parquet"), wave)]


def waves_before(workspace: Folder, query: str, wave: str) -> list[str]:
    """Return the dated waves of a query that come before one; before a month those of the months before.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.folder import Folder
    >>> waves_before(Folder(Path("nowhere"), Path("nowhere")), "q", "2026-11")
    []
    """
    waves = dated_waves(workspace, query)
    if days_of(wave).every == "month":
        return [earlier for earlier in waves if month_of_wave(earlier) < wave]
    return [earlier for earlier in waves if is_before(earlier, wave)]


def waves_in(workspace: Folder, query: str, wave: str) -> list[str]:
    """Return the collected waves that a wave is made of: those of its month, where weeks or days were collected in it.

    Any other wave is made of itself.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from smstock.folder import Folder
    >>> with TemporaryDirectory() as place:
    ...     folder = Folder(Path(place), Path(place))
    ...     for week in ("2026-W44", "2026-W45", "2026-W48", "2026-W49"):
    ...         folder.wave(week, "q.audience.parquet").parent.mkdir(parents=True)
    ...         folder.wave(week, "q.audience.parquet").touch()
    ...     waves_in(folder, "q", "2026-11"), waves_in(folder, "q", "2026-W48"), waves_in(folder, "q", "2026-10")
    (['2026-W45', '2026-W48'], ['2026-W48'], ['2026-W44'])
    """
    if days_of(wave).every != "month" or not any(
        inside != wave and month_of_wave(inside) == wave for inside in workspace.waves_of(query)
    ):
        return [wave]
    return [inside for inside in dated_waves(workspace, query) if month_of_wave(inside) == wave] or [wave]


def newest(waves: list[str], present: str) -> str:
    """Return the newest of some waves that had begun by the end of the present one; the newest of all if none had.

    Examples
    --------
    >>> newest(["2026-10", "2026-11", "2031-05"], "2026-11"), newest(["2026-10", "2026-W47"], "2026-11")
    ('2026-11', '2026-W47')
    """
    begun = [wave for wave in waves if not present or days_of(wave).first <= days_of(present).last]
    return in_order(begun or waves)[-1]


def misdated(path: Path, wave: str) -> bool:
    """Whether a table has answers, and none of the days that it is named after; a damaged one cannot tell.

    Examples
    --------
    >>> from pathlib import Path
    >>> misdated(Path("q.audience.parquet"), "2026-11")
    False
    """
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    try:
        asked = pq.read_table(path, columns=["asked_at"])["asked_at"]
        days = set(pc.unique(pc.utf8_slice_codeunits(asked, 0, 10)).to_pylist()) - {"", None}
    except (OSError, ValueError, KeyError):
        return False
    return bool(days) and not any(days_of(wave).holds(day) for day in days)


def _refuse_wrong_clock(workspace: Folder, now: datetime, present: str, *, confirmed: bool) -> None:
    instant, path = _newest_answer(workspace)
    if path is None:
        return
    answered = datetime.fromisoformat(instant)
    if now < answered - SLACK:
        raise ClockError(
            f"the clock says {now:%Y-%m-%d %H:%M}, before the newest answer of the workspace, of "
            f"{answered:%Y-%m-%d %H:%M} (UTC)",
            where=str(path),
            hint="set the clock; if it is right, that answer was dated by a wrong one: move its wave away",
        )
    if now - answered > ABSENCE and not confirmed:
        raise ClockError(
            f"the clock says {now:%Y-%m-%d}, {(now - answered).days / 365.25:.1f} years after the newest answer of the "
            f"workspace, of {answered:%Y-%m-%d}",
            where=str(path),
            hint=f"set the clock; if it is right, name the {days_of(present).every} once: --wave {present}",
        )


def _newest_answer(workspace: Folder) -> tuple[str, Path | None]:
    """Return when the newest live answer of the workspace was asked, and its journal; None if there is none."""
    instants: list[tuple[str, Path]] = []
    for path in workspace.of_waves("*.journal.sqlite"):
        # what is no journal holds up no other collection
        with suppress(InputError), JournalReader(path, whole=False) as journal:
            if journal.about()["source"] == "live" and (instant := journal.newest()):
                instants.append((instant, path))
    return max(instants, default=("", None))


def _replayed(path: Path) -> bool:
    """Whether a journal was begun as a replay; the run that opens it to write says what is wrong with one that is not.

    One that holds nothing is of a run that was killed as it began.
    """
    with suppress(InputError), JournalReader(path, whole=False) as journal:
        return journal.about()["source"] == "replay"
    return False


def begun_wave(workspace: Folder, query: str, wave: str = "", *, present: str = "") -> str:
    """Return a wave that was named, or else the newest one, of those that were begun for a query.

    A wave of days after the ``present`` one does not lead.

    Raises
    ------
    UsageError
        What was named is no wave.
    InputError
        It was not begun, or none was.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from smstock.folder import Folder
    >>> with TemporaryDirectory() as place:
    ...     folder = Folder(Path(place), Path(place))
    ...     folder.wave("2026-11", "q.journal.sqlite").parent.mkdir(parents=True)
    ...     folder.wave("2026-11", "q.journal.sqlite").touch()
    ...     begun_wave(folder, "q")
    '2026-11'
    """
    waves = workspace.begun(query)
    if wave and check_wave(wave) not in waves:
        raise InputError(
            f"no collection of {shown(query)!r} was begun in {wave}",
            where=str(workspace.output / "waves"),
            allowed=", ".join(waves) or "none was begun",
            hint="" if waves else _to_begin(workspace, query),
        )
    if not waves:
        raise InputError(
            f"no collection of {shown(query)!r} was begun",
            where=str(workspace.output / "waves"),
            hint=_to_begin(workspace, query) or "mend the name, or collect",
        )
    return wave or newest(waves, present)


def _to_begin(workspace: Folder, query: str) -> str:
    """Return what to do where no wave of a query was begun: collect it, or mend its name; empty if none is near."""
    names = workspace.queries()
    return f"`smstock collect {query}` begins one" if query in names else meant(query, names)
