"""``smstock skills``: who the members of a network are by corridor."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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
    import pandas as pd

    from smstock.workflows.skills import SkillProfile

MOST_IN_PAGE = 12
"""Corridors that a page shows one by one unless they are named."""


def skills(
    query: Annotated[str, typer.Argument(help="Name of a query by dimension that was collected.")],
    destination: Annotated[str, typer.Option(help="Show this destination: code or name.")] = "",
    origin: Annotated[str, typer.Option(help="Show this origin: code or name.")] = "",
    wave: WaveOption = "",
    since: Annotated[str, typer.Option(help="Wave that changes are from, YYYY-MM; the one before unless given.")] = "",
    education: Annotated[
        list[Path] | None,
        typer.Option(help="Official education (edat_lfs_9912, DIOC), for the highly skilled; may be repeated."),
    ] = None,
    stock: Annotated[Path | None, typer.Option(help="Official stock of one edition, for education by group.")] = None,
    population: Annotated[Path | None, typer.Option(help="Population, for the platform's penetration.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the draws behind the intervals.")] = 1,
    workspace: WorkspaceOption = Path(),
    output: OutputOption = None,
    as_json: JsonOption = False,
) -> None:
    """Profile the members of each corridor by degree, field, seniority, industry, skill: shares with intervals.

    One corridor is shown with its location quotients and its change since the wave before; several of one destination
    or origin side by side; otherwise a list. With official files, also the highly skilled stock. Writes Parquet, CSV
    and a page. It is the profile of members schooled in the origin, not of all migrants.

    \b
    Example:
      smstock skills romania-skills
      smstock skills romania-skills --origin Romania --destination DEU --since 2026-08
      smstock skills romania-skills --education edat_lfs_9912.tsv --stock stock.csv --population wpp.csv --json
    """
    from smstock.vocabulary.dates import check_wave
    from smstock.workflows import skills as workflow
    from smstock.workflows.inputs import newest_wave

    there = workspace_at(workspace, output)
    month = check_wave(wave) if wave else newest_wave(there, query)
    chosen = workflow.corridors(there, query=query, wave=month, destination=_area(destination), origin=_area(origin))
    official = workflow.OfficialFiles(tuple(education or ()), stock, population)
    found = workflow.skill_profile(
        there, query=query, wave=month, since=check_wave(since) if since else "", official=official, seed=seed
    )
    in_page = chosen if destination or origin else chosen[:MOST_IN_PAGE]
    page = workflow.write_page(found, there, _title(query, chosen), in_page)
    if as_json:
        show_json(_records(found, chosen))
        return
    _show(found, chosen)
    for path in (*found.files, page):
        note(f"written: {path}")


def _area(text: str) -> str:
    """Return the code of an area that was named, empty if none was."""
    from smstock.vocabulary.countries import find

    return find(text) if text else ""


def _title(query: str, chosen: list[tuple[str, str]]) -> str:
    from smstock.report.wording import country

    if len(chosen) == 1:
        return f"Schooled in {country(chosen[0][1])}, living in {country(chosen[0][0])}"
    return f"Skill profiles: {query}"


def _show(found: SkillProfile, chosen: list[tuple[str, str]]) -> None:
    """Print the tables that answer the question: of a corridor, a comparison, or a list."""
    from smstock.report import skills as tables

    profile, skilled = _of(found.profile, chosen), found.highly_skilled
    if found.title:
        show(found.title, "")
    if len(chosen) == 1:
        show(tables.corridor_table(profile, *chosen[0]))
    elif 1 in {len({pair[end] for pair in chosen}) for end in (0, 1)}:
        show(tables.comparison_table(profile, chosen))
    else:
        show(tables.overview_table(profile, skilled))
        note("name --destination or --origin to see shares")
    if skilled is not None:
        show("", tables.highly_skilled_table(_of(skilled, chosen)))


def _of(table: pd.DataFrame, chosen: list[tuple[str, str]]) -> pd.DataFrame:
    """Return the rows of some corridors, and of everybody at their destinations."""
    wanted = {*chosen, *((where, "") for where, _ in chosen)}
    return table[[pair in wanted for pair in zip(table["destination"], table["origin"], strict=True)]]


def _records(found: SkillProfile, chosen: list[tuple[str, str]]) -> dict[str, Any]:
    """Return the tables for machines."""

    def rows(table: pd.DataFrame | None) -> Any:
        return None if table is None else json.loads(table.to_json(orient="records", double_precision=6))

    return {
        "title": found.title,
        "profile": rows(_of(found.profile, chosen)),
        "highly_skilled": rows(None if found.highly_skilled is None else _of(found.highly_skilled, chosen)),
        "elasticities": rows(found.elasticities),
        "manifest": found.manifest,
        "files": [str(path) for path in found.files],
    }
