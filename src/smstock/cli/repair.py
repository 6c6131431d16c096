"""``smstock repair``: what can be saved of damaged journals."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from smstock.cli.terminal import JsonOption, OutputOption, WorkspaceOption, note, show_json, workspace_at


def repair(
    name: Annotated[
        str,
        typer.Argument(metavar="[WAVE/QUERY]", help="The journal, as 2026-11/serbia; every damaged one unless given."),
    ] = "",
    workspace: WorkspaceOption = Path(),
    output: OutputOption = None,
    as_json: JsonOption = False,
) -> None:
    """Save the answers of a damaged journal that are as they were written; `collect` then asks the others again.

    The damaged journal is kept beside the new one under another name. A journal that is whole is left as it is.

    \b
    Example:
      smstock repair
      smstock repair 2026-11/serbia-today --json
    """
    from smstock.workflows import salvage

    repaired = salvage.repair(workspace_at(workspace, output), name)
    if as_json:
        show_json(
            [
                {
                    "query": journal.query,
                    "wave": journal.wave,
                    "saved": journal.answers.saved,
                    "lost": journal.answers.lost,
                    "damaged": str(journal.answers.damaged),
                }
                for journal in repaired
            ]
        )
        return
    if not repaired:
        note(f"{name} is not damaged" if name else "no journal is damaged")
    for journal in repaired:
        answers = journal.answers
        lost = f"{answers.lost:,} lost" if answers.saved or answers.lost else "how many are lost cannot be told"
        print(f"{journal.wave}/{journal.query}: {answers.saved:,} answers saved, {lost}")
        note(f"the damaged journal is kept: {answers.damaged}")
        replay = " --replay FOLDER" if journal.source == "replay" else ""
        note(f"next: `smstock collect {journal.query} --wave {journal.wave}{replay}` asks what is open")
