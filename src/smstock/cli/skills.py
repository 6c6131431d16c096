"""``smstock skills``: who the members of a network are by corridor."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from smstock.cli.terminal import (
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
    from collections.abc import Sequence

    import pandas as pd

    from smstock.workflows.skills import SkillProfile


def skills(
    query: Annotated[
        str,
        typer.Argument(
            help="Name of a query by dimension that was collected, or a CSV of counts typed off Campaign Manager."
        ),
    ],
    destination: Annotated[
        str, typer.Option(help="Show this destination: code or name; the one of typed counts that do not say it.")
    ] = "",
    origin: Annotated[
        str, typer.Option(help="Show this origin: code or name; the one of typed counts that do not say it.")
    ] = "",
    wave: WaveOption = "",
    since: Annotated[str, typer.Option(help="Wave that changes are from, YYYY-MM; the one before unless given.")] = "",
    education: Annotated[
        list[Path] | None,
        typer.Option(help="Official education (edat_lfs_9912, DIOC), for the highly skilled; may be repeated."),
    ] = None,
    stock: Annotated[Path | None, typer.Option(help="Official stock of one edition, for education by group.")] = None,
    population: Annotated[Path | None, typer.Option(help="Population, for the platform's penetration.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the draws behind the intervals.")] = 1,
    jobs: JobsOption = None,
    workspace: WorkspaceOption = Path(),
    output: OutputOption = None,
    as_json: JsonOption = False,
) -> None:
    """Profile the members of each corridor by degree, field, seniority, industry, skill: shares with intervals.

    One corridor is shown with its location quotients and its change since the wave before; several of one destination
    or origin side by side; otherwise a list. With official files, also the highly skilled stock. Writes Parquet, CSV
    and a page. It is the profile of members schooled in the origin, not of all migrants.

    Without access to the API: type what Campaign Manager shows into a CSV (facet, entity, count; a line total). All
    that is made of it is marked as typed.

    \b
    Example:
      smstock skills romania-skills
      smstock skills romania-skills --origin Romania --destination DEU --since 2026-08
      smstock skills counts.csv --destination Ireland --origin Serbia --wave 2026-11
      smstock skills romania-skills --education edat_lfs_9912.tsv --stock stock.csv --population wpp.csv --json
    """
    from smstock import Workspace

    profiled = Workspace(workspace, output).skills(
        query,
        destination=destination,
        origin=origin,
        wave=wave,
        since=since,
        education=education or (),
        stock=stock,
        population=population,
        seed=seed,
        jobs=jobs,
    )
    if as_json:
        show_json(_records(profiled))
        return
    _show(profiled)
    for path in profiled.files:
        note(f"written: {path}")


def _show(profiled: SkillProfile) -> None:
    """Print the tables that answer the question: of a corridor, a comparison, or a list."""
    from smstock.report import skills as tables

    chosen = profiled.corridors
    profile, skilled = _of(profiled.profile, chosen), profiled.highly_skilled
    if profiled.title:
        show(profiled.title, "")
    if len(chosen) == 1:
        show(tables.corridor_table(profile, *chosen[0]))
    elif 1 in {len({pair[end] for pair in chosen}) for end in (0, 1)}:
        show(tables.comparison_table(profile, chosen))
    else:
        show(tables.overview_table(profile, skilled))
        note("name --destination or --origin to see shares")
    if skilled is not None:
        show("", tables.highly_skilled_table(_of(skilled, chosen)))


def _of(table: pd.DataFrame, chosen: Sequence[tuple[str, str]]) -> pd.DataFrame:
    """Return the rows of some corridors, and of everybody at their destinations."""
    shown = {*chosen, *((where, "") for where, _ in chosen)}
    return table[[pair in shown for pair in zip(table["destination"], table["origin"], strict=True)]]


def _records(profiled: SkillProfile) -> dict[str, Any]:
    """Return the tables for machines."""

    def rows(table: pd.DataFrame | None) -> Any:
        return None if table is None else json.loads(table.to_json(orient="records", double_precision=6))

    skilled = profiled.highly_skilled
    return {
        "title": profiled.title,
        "profile": rows(_of(profiled.profile, profiled.corridors)),
        "highly_skilled": rows(None if skilled is None else _of(skilled, profiled.corridors)),
        "elasticities": rows(profiled.elasticities),
        "manifest": {key: part for key, part in vars(profiled.manifest).items() if key != "outputs"},
        "files": [str(path) for path in profiled.files],
    }
