"""``smstock status``: how far a collection is."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from smstock.cli.terminal import (
    JsonOption,
    OutputOption,
    WaveOption,
    WorkspaceOption,
    show_json,
    show_pairs,
    workspace_at,
)


def status(
    query: Annotated[str, typer.Argument(help="Query: its name, or a file (TOML).")],
    wave: WaveOption = "",
    workspace: WorkspaceOption = Path(),
    output: OutputOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print how far a collection is: cells by status, pace by account, time to go. Works while it runs.

    \b
    Example:
      smstock status serbia-diaspora
      smstock status serbia-diaspora --wave 2020-10 --json
    """
    from dataclasses import asdict
    from datetime import UTC, datetime

    from smstock.vocabulary.dates import wave_of
    from smstock.workflows.months import begun_wave
    from smstock.workflows.progress import progress_of
    from smstock.workflows.references import query_name

    folder = workspace_at(workspace, output)
    name, now = query_name(folder.root, query), datetime.now(UTC)
    progress = progress_of(folder, name, begun_wave(folder, name, wave, present=wave_of(now)), now=now)
    if as_json:
        show_json(asdict(progress) | {"hours": progress.hours})
    else:
        from smstock.report.progress import progress_table

        show_pairs(progress_table(progress))
