"""``smstock calibrate``: audiences beside official stocks."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from smstock.cli.terminal import (
    JsonOption,
    OutputOption,
    WaveOption,
    WorkspaceOption,
    note,
    show,
    show_json,
    workspace_at,
)


def calibrate(
    calibration: Annotated[Path, typer.Argument(help="Calibration file (TOML).")],
    query: Annotated[str, typer.Option(help="Name of the query that was collected.")],
    wave: WaveOption = "",
    workspace: WorkspaceOption = Path(),
    output: OutputOption = None,
    as_json: JsonOption = False,
) -> None:
    """Learn how audiences relate to official stocks, and measure every method with whole destinations left out.

    \b
    Example:
      smstock calibrate calibration/serbia.toml --query serbia-diaspora
    """
    from smstock import workflows
    from smstock.report.tables import methods_table
    from smstock.workflows import calibration_spec
    from smstock.workflows.evidence import Evidence
    from smstock.workflows.inputs import newest_wave

    there = workspace_at(workspace, output)
    evidence = Evidence(calibration_spec.load(calibration), there, query, wave or newest_wave(there, query))
    learnt = workflows.calibrate(evidence)
    path = there.calibration(learnt.name)
    if as_json:
        show_json({"id": learnt.id, "path": str(path), "ranking": learnt.ranking, "scores": learnt.scores})
    else:
        show(methods_table(learnt))
        note(f"written: {path}")
