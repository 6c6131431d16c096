"""``smstock estimates``: the estimates of all waves as one table, summed, compared and exported."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from smstock.cli.terminal import (
    JsonOption,
    OutputOption,
    WorkspaceOption,
    note,
    percent_shown,
    show,
    show_json_of_rows,
)
from smstock.errors import UsageError

if TYPE_CHECKING:
    from duckdb import DuckDBPyRelation
    from rich.table import Table

    from smstock.workflows.estimates import Estimates


def estimates(
    name: Annotated[str, typer.Argument(help="Name of the calibration that the estimates were made by.")],
    since: Annotated[str, typer.Option(help="First wave; the oldest unless given.")] = "",
    until: Annotated[str, typer.Option(help="Last wave; the newest unless given.")] = "",
    destination: Annotated[
        list[str] | None,
        typer.Option(help="Code or name of an area or place, or a group such as eu27; may be repeated."),
    ] = None,
    origin: Annotated[list[str] | None, typer.Option(help="The same of origins; may be repeated.")] = None,
    sex: Annotated[str, typer.Option(help="all (women and men together), female or male; each unless given.")] = "",
    ages: Annotated[
        str, typer.Option(help="An age group of the estimates, as 15-64 or 65+, or each; totals unless given.")
    ] = "",
    education: Annotated[
        str, typer.Option(help="An education group of the estimates, or each; totals unless given.")
    ] = "",
    by: Annotated[str, typer.Option(help="Add up: by destination, by origin, or all corridors.")] = "",
    compare: Annotated[
        tuple[str, str] | None, typer.Option(metavar="BEFORE AFTER", help="Two waves: what changed, largest first.")
    ] = None,
    export: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Write to this file, .csv or .parquet, in place of one that is there."),
    ] = None,
    columns: Annotated[str, typer.Option(help="Columns to export or print as JSON, with commas between.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be exported, and write nothing.")] = False,
    workspace: WorkspaceOption = Path(),
    output: OutputOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print, add up, compare or export the estimates of all waves, however many; memory does not grow with them.

    A wave that its manifest does not vouch for is left aside. Waves that count different things are not compared.

    \b
    Example:
      smstock estimates serbia
      smstock estimates serbia --by destination --since 2024-01 --sex all
      smstock estimates serbia --compare 2025-11 2026-11 --destination eu27
      smstock estimates us-states --destination California --origin MEX --sex female --ages each
      smstock estimates serbia --export serbia.csv --columns wave,destination,origin,sex,median,lower_80,upper_80
    """
    from smstock import Workspace
    from smstock.workflows.estimates import with_columns

    if columns and not (export or as_json):
        raise UsageError("--columns chooses what is exported", hint="name the file too: --export FILE, or --json")
    if dry_run and export is None:
        raise UsageError("--dry-run says what would be exported", hint="name the file too: --export FILE")
    front = Workspace(workspace, output)
    made = front.estimates(
        name,
        since=since,
        until=until,
        destinations=destination or [],
        origins=origin or [],
        sex=sex,
        ages=ages,
        education=education,
    )
    for notice in made.notices:
        note(notice)
    relation = _asked(made, by, compare)
    chosen = tuple(column.strip() for column in columns.split(",")) if columns else ()
    with percent_shown(f"estimates {name}", made.progress):
        if dry_run and export is not None:
            rows = with_columns(relation, chosen)
            (count,) = rows.aggregate("count(*)").fetchall()[0]
            note(f"{export}{_in_place_of(export)}: {count:,} rows of {', '.join(rows.columns)}; nothing is written")
        elif export is not None:
            replaced = _in_place_of(export)
            note(f"written: {made.export(relation, export, chosen)}{replaced}")
        elif as_json:
            show_json_of_rows(
                {"name": name, "waves": list(made.waves), "notices": made.notices}, with_columns(relation, chosen)
            )
        else:
            note(f"{name}: {', '.join(made.waves) if len(made.waves) < 3 else _span(list(made.waves))}")
            show(_table(made, relation, by, compare))


def _asked(made: Estimates, by: str, compare: tuple[str, str] | None) -> DuckDBPyRelation:
    """Return what the options ask for: changes, sums or rows."""
    if compare:
        return made.changes(*compare, by)
    return made.sums(by) if by else made.rows


def _table(made: Estimates, relation: DuckDBPyRelation, by: str, compare: tuple[str, str] | None) -> Table:
    """Return the first rows as a table, and one more than it lists, so that it can tell of others."""
    from smstock.report.estimates import MOST, changes_table, rows_table, sums_table

    listed = relation if by or compare else made.largest()
    rows = listed.limit(MOST + 1).to_dicts()
    if compare:
        return changes_table(rows, *compare)
    return sums_table(rows) if by else rows_table(rows)


def _in_place_of(file: Path) -> str:
    """Say that a file is replaced where there is one."""
    return ", in place of the file that was there" if file.is_file() else ""


def _span(waves: list[str]) -> str:
    return f"{len(waves)} waves, {waves[0]} to {waves[-1]}"
