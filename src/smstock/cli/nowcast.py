"""``smstock nowcast``: estimates with intervals."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from smstock.cli.terminal import (
    CalibrationArgument,
    JobsOption,
    JsonOption,
    OutputOption,
    WaveOption,
    WorkspaceOption,
    note,
    note_calibration,
    show,
    show_json,
)


def nowcast(
    calibration: CalibrationArgument,
    query: Annotated[str, typer.Option(help="Name of the query that was collected.")],
    wave: WaveOption = "",
    method: Annotated[
        list[str] | None, typer.Option(help="Use this method, in place of the ranking; may be repeated.")
    ] = None,
    explain: Annotated[
        str,
        typer.Option(metavar="ORIGIN:DESTINATION", help="Explain one corridor, as ROU:ITA, and draw its series."),
    ] = "",
    draws: Annotated[
        int, typer.Option(min=0, help="Write so many draws of every corridor as well, for sums of your own.")
    ] = 0,
    by: Annotated[
        str,
        typer.Option(
            metavar="FACET[,FACET]",
            help="Divide estimates by sex, age, sex,age or education; as the calibration file says.",
        ),
    ] = "",
    jobs: JobsOption = None,
    workspace: WorkspaceOption = Path(),
    output: OutputOption = None,
    as_json: JsonOption = False,
) -> None:
    """Estimate the stock of every corridor of a wave, with 50, 80 and 95 % intervals.

    Uses the calibration on file, and makes it first if its inputs changed. Writes Parquet, CSV, JSON and a page, and
    sums by destination and origin. In draws women and men add up to both, and corridors err together as measured. With
    --explain it prints what each source said of one corridor, what each method makes of it, what the estimate hangs on
    and where its interval comes from, and writes a picture of the series. Divided by age, it says what each group rests
    on, and writes a pyramid.

    \b
    Example:
      smstock nowcast calibration/serbia.toml --query serbia-diaspora
      smstock nowcast calibration/serbia.toml --query serbia-diaspora --method log_linear --json
      smstock nowcast calibration/serbia.toml --query serbia-diaspora --draws 1000
      smstock nowcast calibration/us-states.toml --query us-states --by sex,age
      smstock nowcast calibration/serbia.toml --query serbia-diaspora --explain SRB:AUT
      smstock nowcast calibration/us-states.toml --query us-states --by sex,age --explain MEX:California
    """
    from smstock import Workspace

    front = Workspace(workspace, output)
    facets = [facet.strip() for facet in by.split(",") if facet.strip()]
    if explain:
        from rich.text import Text

        from smstock.report.explanation import as_plain, in_words

        explained = front.explain(
            calibration, explain, query=query, wave=wave, methods=method or (), draws=draws, by=facets, jobs=jobs
        )
        if as_json:
            show_json(as_plain(explained.explanation))
        else:
            show(Text(in_words(explained.explanation)))
        for picture in filter(None, (explained.picture, explained.pyramid)):
            note(f"written: {picture}")
        return
    result = front.nowcast(calibration, query=query, wave=wave, methods=method or (), draws=draws, by=facets, jobs=jobs)
    note_calibration(result.calibration, result.notices, learnt=result.learnt)
    if as_json:
        tables = (result.estimates, result.detail)
        show_json([row for table in tables for row in json.loads(table.to_json(orient="records", double_precision=3))])
        return
    from smstock.report.sums import sums_tables
    from smstock.report.tables import estimates_table

    show(estimates_table(result.estimates, result.sums), *sums_tables(result.sums))
    if len(result.detail):
        from smstock.report.pyramids import groups_table

        show(groups_table(result.detail))
    for path in result.files:
        note(f"written: {path}")
