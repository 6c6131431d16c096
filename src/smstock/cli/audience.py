"""``smstock audience``: what the waves of a query say of each other."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

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

if TYPE_CHECKING:
    from smstock.audience.beside import Beside


def audience(
    query: Annotated[str, typer.Argument(help="Query with two waves or more: its name, or a file (TOML).")],
    wave: WaveOption = "",
    picture: Annotated[Path | None, typer.Option(help="Draw a chained series into this PNG file.")] = None,
    corridor: Annotated[
        str,
        typer.Option(metavar="ORIGIN:DESTINATION", help="The corridor to draw; the largest one linked unless given."),
    ] = "",
    metric: Annotated[str, typer.Option(help="The metric to draw or to compare.")] = "mau",
    beside: Annotated[
        str, typer.Option(metavar="QUERY", help="Compare with another query of the same corridors, by origin.")
    ] = "",
    workspace: WorkspaceOption = Path(),
    output: OutputOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print the glitches and breaks in the waves of a query up to one: what is taken out, and what is chained.

    Calibration and nowcast repair audiences in the same way.

    With --beside, prints how many accounts of another query stand beside those of this one, for each origin: such as
    accounts by language beside accounts that lived in the origin, and how well one tells the other.

    \b
    Example:
      smstock audience serbia-today
      smstock audience serbia-today --wave 2026-11 --json
      smstock audience serbia-today --picture austria.png --corridor SRB:AUT
      smstock audience poland --beside poland-language
    """
    from datetime import UTC, datetime

    from smstock.errors import UsageError
    from smstock.folder import lock_around, write_file
    from smstock.report.audiences import breaks_table, glitches_table, series
    from smstock.report.audiences import picture as drawn
    from smstock.vocabulary.dates import in_order, wave_of
    from smstock.workflows.audiences import repaired, side_by_side
    from smstock.workflows.explanation import corridor as named
    from smstock.workflows.explanation import ends
    from smstock.workflows.languages import query_of
    from smstock.workflows.references import query_name
    from smstock.workflows.waves import collected_wave

    if corridor:
        ends(corridor)  # what is no corridor is told before anything is looked for
    folder = workspace_at(workspace, output)
    name = query_name(folder.root, query)
    if beside:
        if picture is not None or corridor:
            raise UsageError("--beside compares all corridors", hint="leave --picture and --corridor out")
        other, present = query_name(folder.root, beside), wave_of(datetime.now(UTC))
        newest = collected_wave(folder, name, wave, present=present)
        _print_beside(side_by_side(folder, name, other, newest, metric), as_json=as_json)
        return
    newest = collected_wave(folder, name, wave, present=wave_of(datetime.now(UTC)))
    repair = repaired(folder, name, newest)
    if picture is not None:
        asked = query_of(folder, name, newest)
        places = {place.code: place.name for place in asked.places} if asked else {}
        origin, destination = named(corridor, places) if corridor else ("", "")
        drawing = drawn(series(repair, metric=metric, origin=origin, destination=destination))
        with lock_around(picture):
            write_file(picture, drawing)
        note(f"written: {picture}")
    if as_json:
        tables = {"breaks": repair.breaks, "glitches": repair.glitches}
        show_json({name: json.loads(table.to_json(orient="records")) for name, table in tables.items()})
        return
    waves = in_order(repair.shown["wave"])
    note(f"{name}: {len(waves)} waves, {waves[0]} to {waves[-1]}")
    for kind, table, rows in (
        ("breaks", breaks_table, repair.breaks),
        ("glitches", glitches_table, repair.glitches),
    ):
        if len(rows):
            show(table(rows))
        else:
            note(f"no {kind}")


def _print_beside(beside: Beside, *, as_json: bool) -> None:
    """Print two audiences side by side."""
    from smstock.report.audiences import beside_table

    if as_json:
        names = ("query", "beside")
        sides = {
            side: {"name": query, "origin_basis": basis}
            for side, query, basis in zip(names, beside.queries, beside.bases, strict=True)
        }
        show_json({**sides, "metric": beside.metric, "origins": json.loads(beside.table.to_json(orient="records"))})
    else:
        show(beside_table(beside))
