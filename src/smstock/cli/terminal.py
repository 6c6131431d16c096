"""The terminal: data to stdout, progress and notes to stderr, options that every command spells alike."""

from __future__ import annotations

import json
import shutil
import sys
import time
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from duckdb import DuckDBPyRelation
    from rich.console import RenderableType

    from smstock.collect.runner import Tally
    from smstock.folder import Folder
    from smstock.report.pairs import Pairs

WIDTH = 110
"""Columns of a table where there is no terminal."""
SECONDS_BETWEEN_LINES = 300
"""How often a run without a terminal says how far it is."""
SECONDS_BETWEEN_PERCENTS = 5
"""How often a reading or writing says it on a terminal."""
ROWS_AT_ONCE = 10_000
"""Rows that are printed as JSON at once."""

WorkspaceOption = Annotated[
    Path, typer.Option("--workspace", "-w", help="Folder with smstock.toml, queries/ and calibration/.")
]
QueryArgument = Annotated[str, typer.Argument(help="Query: a file (TOML), or the name of one in queries/.")]
CalibrationArgument = Annotated[
    str, typer.Argument(help="Calibration: a file (TOML), or the name of one in calibration/.")
]
OutputOption = Annotated[
    Path | None,
    typer.Option("--output", "-o", help="Folder for waves, calibrations and estimates; the workspace unless given."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for machines instead of tables.")]
JobsOption = Annotated[
    int | None,
    typer.Option(
        "--jobs", help="Workers, from 1, or -1 for one a core; those of [compute] in smstock.toml, or 1, unless given."
    ),
]
PatienceOption = Annotated[
    float,
    typer.Option(
        "--patience", min=0, help="Hours that a live run may wait for quota, or up to half an hour for answers."
    ),
]
WaveOption = Annotated[
    str, typer.Option("--wave", help="Month, YYYY-MM, week, YYYY-Www, or day; the newest wave unless given.")
]


def workspace_at(root: Path, output: Path | None) -> Folder:
    """Return the workspace of the two folder options."""
    from smstock.folder import Folder

    return Folder(root, output or root)


def show(*renderables: RenderableType) -> None:
    """Print tables to stdout, as wide as `_width` says; brackets are no markup."""
    from rich.console import Console

    if sys.stdout is None:  # closed by the user: `>&-`
        return
    console = Console(highlight=False, markup=False, emoji=False, width=_width())
    for renderable in renderables:
        console.print(renderable)


def show_pairs(pairs: Pairs) -> None:
    """Print a table of pairs as `show` does, which is loaded only for what stands out on a terminal."""
    on_terminal = sys.stdout is not None and sys.stdout.isatty()
    if sys.stdout is None or (on_terminal and pairs.bold):
        show(pairs)
        return
    print(*pairs.lines(_width()), sep="\n", flush=True)


def _width() -> int:
    """Return how wide tables are: as ``COLUMNS`` says, else as the terminal, `WIDTH` where there is none."""
    return shutil.get_terminal_size((WIDTH, 0)).columns


def show_json(content: Any) -> None:
    """Print JSON to stdout: indented on a terminal, elsewhere in one line, so that a log of runs is JSON lines."""
    indent = 2 if sys.stdout is not None and sys.stdout.isatty() else None
    print(json.dumps(content, indent=indent, ensure_ascii=False, default=str), flush=True)


def show_json_of_rows(about: Mapping[str, object], rows: DuckDBPyRelation) -> None:
    """Print an object with the key ``rows`` last, in one line, a part of the rows at a time."""
    print(json.dumps(about, ensure_ascii=False, default=str).removesuffix("}"), end=', "rows": [')
    between = ""
    for batch in rows.to_arrow_reader(ROWS_AT_ONCE):
        for row in batch.to_pylist():
            print(between, json.dumps(row, ensure_ascii=False), sep="", end="")
            between = ", "
    print("]}", flush=True)


@contextmanager
def percent_shown(title: str, percent: Callable[[], float]) -> Iterator[None]:
    """Say on stderr how much of a long reading or writing is done, every few seconds on a terminal."""
    done = Event()

    def report() -> None:
        while not done.wait(SECONDS_BETWEEN_PERCENTS if sys.stderr.isatty() else SECONDS_BETWEEN_LINES):
            if (reached := percent()) > 0:
                note(f"{title}: {reached:.0f} %")

    reporter = Thread(target=report, daemon=True)
    reporter.start()
    try:
        yield
    finally:
        done.set()
        reporter.join()


def note(text: str) -> None:
    """Print a note for the person at the terminal, to stderr."""
    # a run ends neither because nobody reads its notes nor because there is no room for them
    with suppress(OSError):
        print(text, file=sys.stderr)


def note_calibration(identity: str, notices: Sequence[str], *, learnt: bool) -> None:
    """Note by which calibration estimates were made, and what a person should know of how it went."""
    unchanged = "kept" if notices else "on file, its inputs are unchanged"
    note(f"calibration {identity}: {'learnt anew' if learnt else unchanged}")
    for notice in notices:
        note(notice)


@contextmanager
def progress_bar(title: str) -> Iterator[Callable[[Tally], None]]:
    """Show how far a collection is, on stderr: a bar on a terminal, a line every few minutes elsewhere."""
    if not sys.stderr.isatty():
        yield _lines(title)
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title)

        def advance(tally: Tally) -> None:
            words = f"{title}: {_outage(tally)}" if tally.outage else title
            bar.update(task, description=words, total=tally.planned, completed=tally.done)

        yield advance


def _outage(tally: Tally) -> str:
    """Say that the platform does not answer, and until when it is asked."""
    if tally.outage is None:
        return ""
    until = datetime.now().astimezone() + timedelta(seconds=tally.outage.seconds)
    return f"no answer ({tally.outage.words}); trying again until {until:%H:%M}"


def _lines(title: str) -> Callable[[Tally], None]:
    """Return a report that prints a line when the last one is old."""
    last, silent = time.monotonic(), False

    def report(tally: Tally) -> None:
        nonlocal last, silent
        if silent != (tally.outage is not None):
            silent = tally.outage is not None
            note(f"{title}: {_outage(tally) if silent else 'answers come again'}")
        if time.monotonic() - last >= SECONDS_BETWEEN_LINES:
            last = time.monotonic()
            faults = f", {tally.faults.total():,} faults" if tally.faults else ""
            note(f"{title}: {tally.done:,} of {tally.planned:,} cells, {tally.asked:,} asked{faults}")

    return report
