"""``smstock catalogue``: what a platform offers to ask for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from smstock.cli import linkedin
from smstock.cli.terminal import JsonOption, OutputOption, WorkspaceOption, note, show, show_json, workspace_at

if TYPE_CHECKING:
    from smstock.folder import Folder
    from smstock.workflows.catalogues import Check, Offer

app = typer.Typer(
    help="List what a platform offers: origins, places, facets, schools.", no_args_is_help=True, rich_markup_mode=None
)

app.add_typer(linkedin.app, name="linkedin")


@app.command("meta")
def meta(
    origins: Annotated[
        list[str] | None, typer.Argument(help="Origins to look up: codes, names or groups; all unless given.")
    ] = None,
    query: Annotated[Path | None, typer.Option(help="Look up the origins of this query (TOML).")] = None,
    check: Annotated[bool, typer.Option("--check", help="Compare the list with what Meta offers today.")] = False,
    workspace: WorkspaceOption = Path(),
    output: OutputOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the origins for which Meta has a "Lived in" category, and name those for which it has none.

    With --check, asks Meta for its list and for the status of each known category (two calls, with your credential),
    writes the answers to catalogues/meta-DATE.json, and prints what was added, removed or renamed since this version of
    smstock, and what is marked to go, with the day. Exit code 3 if a query of the workspace asks for a category that is
    gone.

    \b
    Example:
      smstock catalogue meta
      smstock catalogue meta Ukraine Türkiye efta
      smstock catalogue meta --query queries/serbia-today.toml
      smstock catalogue meta --check --json
    """
    if check:
        if origins or query:
            from smstock.errors import UsageError

            raise UsageError("--check compares the whole list", hint="leave the origins and --query out")
        _check(workspace_at(workspace, output), as_json=as_json)
        return
    from smstock.query.spec import load
    from smstock.workflows import catalogues

    _list(catalogues.offer([*(origins or ()), *(load(query).origins if query else ())]), as_json=as_json)


@app.command("places")
def places(
    country: Annotated[str, typer.Option(help="Country to look in: code or name.")],
    name: Annotated[
        str, typer.Argument(help="Name of a region or city, or the beginning of one; all unless given.")
    ] = "",
    kind: Annotated[
        Literal["region", "city"] | None, typer.Option("--type", help="What to look for on Meta; both unless given.")
    ] = None,
    platform: Annotated[Literal["meta", "linkedin"], typer.Option(help="Whose keys.")] = "meta",
    write: Annotated[
        Path | None, typer.Option(help="Write them as a set of places to this file, to be reviewed.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """List the keys by which a platform names parts of a country. Asks it: one call, with your credential.

    Meta has regions and cities, all of a country where no name is given. LinkedIn has locations, found by name only.

    With --write, makes a set of places of them (docs/below-the-country.md). Look at each entry, write its code of
    ISO 3166-2 or NUTS and the day of your review: a query takes no set that nobody has reviewed.

    \b
    Example:
      smstock catalogue places Bavaria --country DE
      smstock catalogue places --country DE --type region --write queries/places/german-laender.toml
      smstock catalogue places Mün --country Germany --type city --json
      smstock catalogue places Bavaria --country DE --platform linkedin
    """
    from dataclasses import asdict
    from datetime import UTC, datetime

    from smstock.workflows import catalogues

    if platform == "linkedin":
        from smstock.errors import UsageError
        from smstock.workflows import entities

        if kind:
            raise UsageError("LinkedIn does not tell regions from cities", hint="leave --type out")
        areas = entities.places(name, country, entities.live())
    else:
        areas = catalogues.places(name, country, catalogues.live(), (kind,) if kind else ("region", "city"))
    if write is not None and areas:
        catalogues.write_places(areas, write, datetime.now(UTC).date().isoformat())
    if as_json:
        show_json([asdict(place) for place in areas])
    elif areas:
        from smstock.report.catalogues import places_table

        show(places_table(areas))
    else:
        title = {"meta": "Meta", "linkedin": "LinkedIn"}[platform]
        note(f"{title} finds no such area: {name}" if name else f"{title} lists no area there")
    if write is not None and areas:
        note(f"written: {write}: {len(areas):,} places, not reviewed")


def _check(folder: Folder, *, as_json: bool) -> None:
    """Ask for the live list, print how it differs, and end with exit code 3 if that breaks a query."""
    from smstock.workflows import catalogues

    checked = catalogues.check(folder, catalogues.live())
    if as_json:
        show_json(_differences(checked))
    else:
        if not checked.changes.none:
            from smstock.report.catalogues import changes_table

            show(changes_table(checked.changes, checked.queries))
        if checked.going:
            from smstock.report.catalogues import statuses_table

            show(statuses_table(checked.going, checked.queries))
        note(_in_words(checked))
        note(_statuses_in_words(checked))
        note(f"written: {checked.path}")
    if checked.breaks_queries:
        raise typer.Exit(3)


def _list(offer: Offer, *, as_json: bool) -> None:
    """Print origins with a category, then those without one."""
    from smstock.report import catalogues

    if as_json:
        show_json(_offered(offer))
        return
    if offer.categories:
        show(catalogues.categories_table(offer.categories))
    if offer.categories and offer.without:
        show("")
    if offer.without:
        show(catalogues.without_category_table(offer.without))
        note(catalogues.LANGUAGE_IS_ANOTHER_POPULATION)


def _offered(offer: Offer) -> dict[str, Any]:
    """Return an offer for machines."""
    from dataclasses import asdict

    from smstock.report.catalogues import LANGUAGE_IS_ANOTHER_POPULATION
    from smstock.vocabulary.countries import area

    without = [
        {
            "origin": origin,
            "name": area(origin).name,
            "languages": [
                {
                    "locale": locale.number,
                    "language": locale.language,
                    "stands_for": locale.origin,
                    "note": locale.note,
                }
                for locale in locales
            ],
        }
        for origin, locales in offer.without.items()
    ]
    listed: dict[str, Any] = {"categories": [asdict(category) for category in offer.categories]}
    return listed | {"without_category": without, "languages_are": LANGUAGE_IS_ANOTHER_POPULATION}


def _differences(checked: Check) -> dict[str, Any]:
    """Return a check for machines."""
    from dataclasses import asdict

    from smstock.platforms.meta.catalogue import name_of

    changes = checked.changes
    return {
        "asked_at": checked.asked_at,
        "known": checked.known,
        "added": [asdict(behavior) for behavior in changes.added],
        "removed": [asdict(gone) | {"queries": checked.queries[gone.origin]} for gone in changes.removed],
        "renamed": [{"was": category.name, **asdict(category), "name": name} for category, name in changes.renamed],
        "translated": changes.translated,
        "statuses": checked.asked,
        "going": [
            asdict(status) | {"name": name_of(status.behavior_id), "queries": _queries(checked, status.behavior_id)}
            for status in checked.going
        ],
        "written": str(checked.path),
    }


def _queries(checked: Check, behavior_id: str) -> tuple[str, ...]:
    """Return the queries that ask for a category."""
    from smstock.platforms.meta.catalogue import origin_of

    return checked.queries.get(origin_of(behavior_id), ())


def _statuses_in_words(checked: Check) -> str:
    """Return in a sentence how many categories are to stay, and what to do where some are not."""
    if not checked.asked:
        return f"the status of no category is known: {checked.refused or 'Meta lists none'}"
    if not checked.going:
        return f"of {checked.asked} categories whose status Meta tells, none is marked to go"
    return (
        f"of {checked.asked} categories whose status Meta tells, {len(checked.going)} are not to stay: collect them "
        'while they answer, and by origin_basis = "language" too, so that a link is known (smstock audience --beside)'
    )


def _in_words(checked: Check) -> str:
    """Return the outcome of a check in a sentence."""
    day, changes = checked.asked_at[:10], checked.changes
    outcome = "as shipped" if changes.none else "differs from what this version of smstock ships"
    language = "; names were not compared, it is in another language" if changes.translated else ""
    return f"Meta's list of {day}: {outcome}; it holds {checked.known} known categories of origin{language}"
