"""``smstock export``: what was collected, for use elsewhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from smstock.cli.terminal import OutputOption, WaveOption, WorkspaceOption, note, workspace_at


def export(
    query: Annotated[str, typer.Argument(help="Query: its name, or a file (TOML).")],
    folder: Annotated[Path, typer.Argument(help="Folder for the recording; made if it is not there.")],
    wave: WaveOption = "",
    workspace: WorkspaceOption = Path(),
    output: OutputOption = None,
) -> None:
    """Write the raw answers of a wave as a recording that `smstock collect --replay` takes anywhere.

    A recording holds what was asked and answered, and neither token nor advertising account.

    \b
    Example:
      smstock export serbia-diaspora recordings/2020-10 --wave 2020-10
    """
    from datetime import UTC, datetime

    from smstock.vocabulary.dates import wave_of
    from smstock.workflows.months import begun_wave
    from smstock.workflows.recordings import record
    from smstock.workflows.references import query_name

    lies = workspace_at(workspace, output)
    name = query_name(lies.root, query)
    path, answers = record(lies, name, begun_wave(lies, name, wave, present=wave_of(datetime.now(UTC))), folder)
    note(f"{answers:,} answers")
    print(path)
