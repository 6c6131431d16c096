"""``smstock backtest``: what each method would have said of past dates."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Literal

import typer

from smstock.cli.terminal import (
    CalibrationArgument,
    JobsOption,
    JsonOption,
    OutputOption,
    WorkspaceOption,
    note,
    show,
    show_json,
)


def backtest(
    calibration: CalibrationArgument,
    query: Annotated[str, typer.Option(help="Name of the query that was collected; all its waves are used.")],
    months_after: Annotated[
        int, typer.Option(min=-120, max=120, help="Months from each date to the day it is estimated on.")
    ] = 6,
    target: Annotated[
        list[str] | None,
        typer.Option(help="Date to be estimated, YYYY-MM-DD; may be repeated. Every date of the stock unless given."),
    ] = None,
    lag: Annotated[
        int | None,
        typer.Option(min=0, max=240, help="Months from a figure's date to its publication; known for some providers."),
    ] = None,
    score: Annotated[
        Literal["mdape", "wmape", "mape", "rmsle", "crps"], typer.Option(help="Score of the skill.")
    ] = "rmsle",
    jobs: JobsOption = None,
    workspace: WorkspaceOption = Path(),
    output: OutputOption = None,
    as_json: JsonOption = False,
) -> None:
    """Estimate past dates from what was known then, by every method, and score it by what came out later.

    A method learns from earlier dates only, and sees no figure before it was published. Skill is against carrying the
    last official figure forward. Writes the estimates as Parquet and CSV.

    \b
    Example:
      smstock backtest calibration/serbia.toml --query serbia-diaspora
      smstock backtest calibration/serbia.toml --query serbia-diaspora --months-after 0 --score wmape
      smstock backtest calibration/serbia.toml --query serbia-diaspora --target 2015-07-01 --target 2020-07-01 --json
    """
    from smstock import Workspace
    from smstock.report.backtests import backtest_table

    tested = Workspace(workspace, output).backtest(
        calibration,
        query=query,
        months_after=months_after,
        targets=target or (),
        lag=lag,
        score=score,
        jobs=jobs,
    )
    if as_json:
        tables = ("scores", "by_size_band", "by_regime", "untested", "refusals")
        records = {name: json.loads(getattr(tested, name).to_json(orient="records")) for name in tables}
        show_json({"months_after": months_after, **records, "lack": tested.lack, "files": list(map(str, tested.files))})
    else:
        if tested.lack:
            note(tested.lack)
        show(backtest_table(tested.scores, tested.untested, months_after=months_after, score=score))
        for path in tested.files:
            note(f"written: {path}")
