"""``smstock run``: the month in one command."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from smstock.cli.terminal import (
    JobsOption,
    JsonOption,
    OutputOption,
    PatienceOption,
    WaveOption,
    WorkspaceOption,
    note,
    note_calibration,
    progress_bar,
    show,
    show_json,
)

if TYPE_CHECKING:
    from smstock.workflows.outcome import Month


def run(
    job: Annotated[str, typer.Argument(help="Job of smstock.toml.")],
    wave: WaveOption = "",
    patience: PatienceOption = 24.0,
    jobs: JobsOption = None,
    workspace: WorkspaceOption = Path(),
    output: OutputOption = None,
    as_json: JsonOption = False,
) -> None:
    """Do the month: collect, calibrate if due, nowcast, write a page. Safe to run again, and from cron.

    A query by the week has its newest week collected, and week and month estimated.

    \b
    Example:
      smstock run serbia
      smstock run serbia --workspace ~/migration --output /var/lib/smstock --json
    """
    from smstock import Workspace
    from smstock.cli.collect import summary

    with progress_bar(job) as progress:
        month = Workspace(workspace, output).run(job, wave=wave, patience=patience, on_progress=progress, jobs=jobs)
    if as_json:
        files = [str(path) for path in month.files]
        show_json(
            {
                "collected": summary(month.collected),
                "calibration": month.calibration_id,
                "learnt": month.learnt,
                "unchanged": month.unchanged,
                "files": files,
                "notices": list(month.notices),
            }
        )
    else:
        _print(month)
    if month.collected.ended:
        raise month.collected.ended


def _print(month: Month) -> None:
    """Print how the month went, and its tables."""
    from smstock.cli.collect import in_words
    from smstock.report.plain_tables import table_of

    for line in in_words(month.collected):
        note(line)
    note_calibration(month.calibration_id, month.notices, learnt=month.learnt)
    show(*map(table_of, month.tables))
    for path in month.files:
        note(f"{'on file' if month.unchanged else 'written'}: {path}")
    if month.unchanged:
        note("unchanged: the month lies here as it was made, from these very inputs; nothing was made again")
