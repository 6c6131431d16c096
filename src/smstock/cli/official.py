"""``smstock official``: official statistics, fetched, imported, described, listed and checked."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from smstock.cli.terminal import JsonOption, WorkspaceOption, note, show, show_json, workspace_at
from smstock.errors import InputError

app = typer.Typer(
    help="Fetch, import, describe, list and check official statistics.", no_args_is_help=True, rich_markup_mode=None
)

FilesArgument = Annotated[list[Path], typer.Argument(help="Files as the provider gave them, or tidy CSV.")]


@app.callback()
def _group() -> None:
    """Fetch, import, describe, list and check official statistics."""


@app.command("import", short_help="Keep official files in the workspace, once they were read.")
def import_(
    files: FilesArgument,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Read, say what would be kept, and copy nothing.")] = False,
    workspace: WorkspaceOption = Path(),
    as_json: JsonOption = False,
) -> None:
    """Keep official files in official/PROVIDER/ of the workspace, each once it was read, under its day and hash.

    None is written over, and the same bytes are kept once. A sidecar beside a file goes with it; one is written for a
    file without. Prints the paths as a calibration in calibration/ names them.

    \b
    Example:
      smstock official import undesa_pd_2020_ims_stock_by_sex_and_destination.xlsx
      smstock official import downloads/*.csv --dry-run
    """
    from datetime import UTC, datetime

    from smstock.report.officials import imported_table
    from smstock.workflows.officials import imported

    records = imported(files, workspace_at(workspace, None), today=datetime.now(UTC).date(), dry_run=dry_run)
    kept = [record for record in records if "refused" not in record]
    if as_json:
        show_json(records)
    elif kept:
        show(imported_table(kept))
        note("")
        for record in kept:
            print(record["named"])
    _end_with_refusals(records)


@app.command(short_help="Write the tables of official files as Parquet.")
def convert(
    files: FilesArgument,
    save: Annotated[Path, typer.Option(metavar="FOLDER", help="Folder that the tables are written to.")],
    as_json: JsonOption = False,
) -> None:
    """Write each table of official files as Parquet, in parts, so that a file may be larger than memory.

    \b
    Example:
      smstock official convert migr_pop1ctz.tsv.gz --save tables
    """
    from smstock.workflows.officials import converted

    records = converted(files, save)
    if as_json:
        show_json(records)
    else:
        for record in records:
            if "written" in record:
                note(f"{record['file']}: {record['rows']:,} rows of {record['table']}")
                print(record["written"])
    _end_with_refusals(records)


@app.command(short_help="Say what official files hold; draft how an unknown table is read.")
def describe(
    files: FilesArgument,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the sidecar, and write nothing.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Say what official files hold, and copy nothing; of a table in any other layout, guess what its columns are.

    The guess is written as a sidecar beside the file, never over one. What cannot be known is left empty in it, and the
    file is refused until somebody has filled that in.

    \b
    Example:
      smstock official describe migr_pop1ctz.tsv.gz
      smstock official describe stocks_of_our_office.csv --dry-run
    """
    from smstock.report.descriptions import guess_table
    from smstock.report.officials import official_table
    from smstock.workflows.description import descriptions

    records = descriptions(files, dry_run=dry_run)
    if as_json:
        show_json(records)
    else:
        if known := [record for record in records if "rows" in record]:
            show(official_table(known))
        for record in records:
            if "columns" in record:
                show(guess_table(record))
            if "sidecar" in record:
                _tell_of_sidecar(record)
    _end_with_refusals(records)


@app.command(short_help="Fetch a data set of a provider into the workspace.")
def fetch(
    provider: Annotated[str, typer.Argument(help="eurostat, oecd, worldbank, undesa or census.")],
    dataset: Annotated[str, typer.Argument(help="The provider's name of it; for undesa the edition.")],
    edition: Annotated[str, typer.Argument(help="Year of the survey (census).")] = "",
    since: Annotated[int | None, typer.Option(help="First year; the last ten years unless given.")] = None,
    until: Annotated[int | None, typer.Option(help="Last year; this one unless given.")] = None,
    geo: Annotated[list[str] | None, typer.Option(help="Destination or group of them; may be repeated.")] = None,
    ages: Annotated[bool, typer.Option("--ages", help="By age group too (eurostat).")] = False,
    whole: Annotated[bool, typer.Option("--whole", help="The whole data set in one file (eurostat).")] = False,
    days: Annotated[int, typer.Option(min=0, help="Files younger than this many days are kept.")] = 30,
    refresh: Annotated[bool, typer.Option("--refresh", help="Fetch again whatever the age of the files.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print what would be asked, and ask nothing.")] = False,
    workspace: WorkspaceOption = Path(),
    as_json: JsonOption = False,
) -> None:
    """Fetch a data set into official/PROVIDER/ of the workspace, with a sidecar that says where it is from.

    \b
    Example:
      smstock official fetch eurostat migr_pop3ctb --since 2015 --dry-run
      smstock official fetch eurostat migr_pop1ctz --geo DEU --geo France --ages
      smstock official fetch oecd B14
      smstock official fetch worldbank SP.POP.TOTL --since 2000
      smstock official fetch undesa 2024
      smstock official fetch census B05006 2022
    """
    from datetime import UTC, datetime
    from random import SystemRandom

    from smstock.report.officials import fetched_table
    from smstock.workflows import fetching

    now = datetime.now(UTC)
    downloads = fetching.downloads(
        provider, dataset, now=now, edition=edition, since=since, until=until, geo=geo or (), ages=ages, whole=whole
    )
    outcomes: list[dict[str, object]]
    if dry_run:
        outcomes = [{"file": one.name, "cells": one.cells, "url": one.url} for one in downloads]
    else:
        fetched = fetching.fetch(
            provider,
            downloads,
            workspace_at(workspace, None),
            now=now,
            rng=SystemRandom(),
            days=0 if refresh else days,
            note=note,
        )
        outcomes = [
            {"file": str(one.path), "outcome": one.outcome, "bytes": one.size, "url": one.download.url}
            for one in fetched
        ]
    if as_json:
        show_json(outcomes)
    else:
        show(fetched_table(outcomes))


@app.command("list", short_help="List the official files of the workspace, and their holes.")
def list_(workspace: WorkspaceOption = Path(), as_json: JsonOption = False) -> None:
    """List the official files of the workspace: sources, concepts, corridors, dates, and where figures are missing.

    Holes are destinations with the number of dates on which others have figures and they have none.

    \b
    Example:
      smstock official list
      smstock official list --json
    """
    from smstock.report.officials import holdings_table
    from smstock.workflows.officials import listing

    records = listing(workspace_at(workspace, None))
    if as_json:
        show_json(records)
    elif records:
        show(holdings_table(records))
        for record in records:
            if "refused" in record:
                note(f"not read: {record['refused']}")
    else:
        note("no official files yet: smstock official fetch, or put files into official/PROVIDER/")


@app.command(short_help="Compare stocks with themselves and with each other.")
def check(
    files: FilesArgument,
    date: Annotated[str, typer.Option(help="Day, YYYY-MM-DD, to which series are interpolated first.")] = "",
    save: Annotated[Path | None, typer.Option(help="Write every comparison to this CSV.")] = None,
    page: Annotated[Path | None, typer.Option(help="Write the largest disagreements to this HTML page.")] = None,
    as_json: JsonOption = False,
) -> None:
    """Compare stocks with themselves and each other: sums by sex and origin, jumps, providers, editions.

    \b
    Example:
      smstock official check undesa_2020.xlsx undesa_2024.xlsx
      smstock official check official/eurostat/*.json official/undesa/*.xlsx --date 2020-01-01 --page compared.html
    """
    from smstock.folder import lock_around, write_file
    from smstock.official.consistency import counts
    from smstock.report.consistency import consistency_page
    from smstock.report.officials import disagreements_table, verdicts_table
    from smstock.workflows.officials import comparisons

    compared, records = comparisons(files, date=date)
    if save is not None:
        with lock_around(save):
            write_file(save, compared.to_csv(index=False))
    if page is not None:
        with lock_around(page):
            names = [Path(record["file"]).name for record in records if "stock" in record]
            write_file(page, consistency_page(compared, counts(compared), names))
    if as_json:
        apart = compared[compared["verdict"] != "agrees"]
        show_json(
            {
                "files": records,
                "counts": counts(compared).to_dict("records"),
                "disagreements": apart.to_dict("records"),
            }
        )
    else:
        show(verdicts_table(counts(compared)), disagreements_table(compared))
        for record in records:
            if "passed_over" in record:
                note(f"passed over: {record['file']} holds no stock, only {' and '.join(record['passed_over'])}")
    _end_with_refusals(records)


def _end_with_refusals(records: list[dict[str, Any]]) -> None:
    """Print why files were refused, and end the command with the exit code of bad input if any was."""
    refused = [record["refused"] for record in records if "refused" in record]
    for message in refused:
        note(f"smstock: {message}")
    if refused:
        raise typer.Exit(InputError.exit_code)


def _tell_of_sidecar(record: dict[str, Any]) -> None:
    """Print the sidecar that was not written, and say what to do with it."""
    if record["written"]:
        mapping = "look at [columns] in it, and " if "columns" in record else ""
        note(f"wrote {record['sidecar']}: {mapping}fill in what is empty; then the file is read")
        return
    print(record["text"], end="")
    note(f"{record['sidecar']} was not written: put these lines there, and fill in what is empty")
