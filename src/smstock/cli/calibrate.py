"""``smstock calibrate``: audiences beside official stocks."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from smstock.cli.terminal import (
    CalibrationArgument,
    JobsOption,
    JsonOption,
    OutputOption,
    WaveOption,
    WorkspaceOption,
    note,
    show,
    show_json,
)

if TYPE_CHECKING:
    from smstock.calibrate.shares import LearntShares


def calibrate(
    calibration: CalibrationArgument,
    query: Annotated[str, typer.Option(help="Name of the query that was collected.")],
    wave: WaveOption = "",
    jobs: JobsOption = None,
    workspace: WorkspaceOption = Path(),
    output: OutputOption = None,
    as_json: JsonOption = False,
) -> None:
    """Learn how audiences relate to official stocks, and measure every method with whole destinations left out.

    \b
    Example:
      smstock calibrate calibration/serbia.toml --query serbia-diaspora
    """
    from smstock import Workspace
    from smstock.report.pyramids import UNKNOWN, shares_table
    from smstock.report.tables import methods_table
    from smstock.workflows import references
    from smstock.workflows.calibration import another_basis, fewer_audiences, of_file

    front = Workspace(workspace, output)
    known = of_file(
        front.folder.calibration(references.calibration(front.folder.root, calibration, front.folder.fetched).name)
    )
    learnt = front.calibrate(calibration, query=query, wave=wave, jobs=jobs)
    path = front.folder.calibration(learnt.name)
    if notice := fewer_audiences(learnt, known) or another_basis(learnt, known):
        note(f"{notice}; it was replaced")
    if as_json:
        show_json(
            {
                "id": learnt.id,
                "path": str(path),
                "ranking": learnt.ranking,
                "scores": [asdict(score) for score in learnt.scores],
                "lacking": learnt.lacking,
                "former": learnt.former,
                "shares": _scores(learnt.shares),
                "shares_elsewhere": _scores(learnt.shares and learnt.shares.elsewhere),
                "schooling": _scores(learnt.schooling),
                "schooling_elsewhere": _scores(learnt.schooling and learnt.schooling.elsewhere),
            }
        )
    else:
        show(methods_table(learnt.scores, learnt.registers, target_date=learnt.target_date))
        for shares in filter(None, (learnt.shares, learnt.schooling)):
            show(shares_table(shares))
            if shares.elsewhere:
                show(shares_table(shares.elsewhere, UNKNOWN))
        if learnt.lacking:
            columns = ", ".join(learnt.lacking)
            note(f"learnt without {columns}: `smstock plan` notes those of them that the query could ask for")
        if learnt.former:
            corridors = "1 corridor" if learnt.former == 1 else f"{learnt.former:,} corridors"
            note(f"{corridors} counted under a former state: left out of fits that they would mislead")
        note(f"written: {path}")


def _scores(shares: LearntShares | None) -> list[dict[str, object]]:
    return [asdict(score) for score in shares.scores] if shares else []
