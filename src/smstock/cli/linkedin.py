"""``smstock catalogue linkedin``: what LinkedIn offers to ask for."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from smstock.cli.terminal import JsonOption, OutputOption, WorkspaceOption, note, show, show_json, workspace_at

app = typer.Typer(
    help="List LinkedIn's facets and their entities; make sets of schools.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

RefreshOption = Annotated[bool, typer.Option("--refresh", help="Ask even if an answer of the last 30 days is kept.")]


@app.command("facets")
def facets(
    refresh: RefreshOption = False,
    workspace: WorkspaceOption = Path(),
    output: OutputOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the facets that LinkedIn targets by, and how the entities of each are found.

    One call, with your credential; the answer is kept in catalogues/ for 30 days.

    \b
    Example:
      smstock catalogue linkedin facets
    """
    from datetime import UTC, datetime

    from smstock.workflows import entities

    folder, now = workspace_at(workspace, output), datetime.now(UTC)
    facets = entities.facets_of(folder, entities.live, now=now, refresh=refresh)
    if as_json:
        show_json([{"facet": name, "finders": list(finders)} for name, finders in facets])
        return
    from smstock.report.catalogues import facets_table

    show(facets_table(facets))


@app.command("entities")
def entities(
    facet: Annotated[str, typer.Argument(help="Facet, such as degrees, seniorities, profileLocations.")],
    name: Annotated[str, typer.Argument(help="Name, or the beginning of one; all unless given.")] = "",
    refresh: RefreshOption = False,
    workspace: WorkspaceOption = Path(),
    output: OutputOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the entities of a facet: the URNs to write into a query, with their names.

    Schools and locations can only be searched by name. The answer is kept in catalogues/ for 30 days.

    \b
    Example:
      smstock catalogue linkedin entities degrees
      smstock catalogue linkedin entities profileLocations Germany --json
    """
    from datetime import UTC, datetime

    from smstock.workflows import entities as workflow

    folder, now = workspace_at(workspace, output), datetime.now(UTC)
    listed = workflow.entities_of(folder, workflow.live, facet, name, now=now, refresh=refresh)
    if as_json:
        show_json([{"urn": entity.urn, "name": entity.name} for entity in listed])
    elif listed:
        from smstock.report.catalogues import entities_table

        show(entities_table(listed))
    else:
        note(f"LinkedIn finds no {facet} by {name!r}")


@app.command("schools")
def schools(
    names: Annotated[
        list[str] | None, typer.Argument(help="Names to look for; the name of the country unless given.")
    ] = None,
    country: Annotated[str, typer.Option(help="Country of the schools: code or name.")] = "",
    refresh: RefreshOption = False,
    workspace: WorkspaceOption = Path(),
    output: OutputOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the schools that LinkedIn finds by name into queries/schools/COUNTRY.toml, to be reviewed.

    One call a name. LinkedIn tells no country of a school: take out what is of another one, then write the day of your
    review into the file. A query takes no set that nobody has reviewed.

    \b
    Example:
      smstock catalogue linkedin schools --country ROU
      smstock catalogue linkedin schools --country ROU Universitatea Politehnica Babes-Bolyai
    """
    from datetime import UTC, datetime

    from smstock.errors import UsageError
    from smstock.workflows import entities as workflow

    if not country:
        raise UsageError("the country of the schools is missing", hint="name it: --country ROU")
    folder, now = workspace_at(workspace, output), datetime.now(UTC)
    path, schools = workflow.schools_of(folder, workflow.live, country, names or (), now=now, refresh=refresh)
    if as_json:
        listed = [{"urn": urn, "name": name} for urn, name in schools.schools]
        show_json({"country": schools.country, "schools": listed, "written": str(path)})
        return
    print(path)
    note(f"{len(schools.schools):,} schools, not reviewed: take out those of other countries, then write the day")
