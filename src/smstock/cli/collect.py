"""``smstock collect``: one wave of a query."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from smstock.cli.terminal import (
    JsonOption,
    OutputOption,
    PatienceOption,
    QueryArgument,
    WorkspaceOption,
    note,
    progress_bar,
    show_json,
)

if TYPE_CHECKING:
    from smstock.collect.merge import Merged
    from smstock.workflows.collection import Collected
    from smstock.workflows.merging import Merging


def collect(
    query: QueryArgument,
    replay: Annotated[
        Path | None, typer.Option(help="File or folder of recorded answers to replay instead of asking.")
    ] = None,
    wave: Annotated[
        str,
        typer.Option(
            help="Month, YYYY-MM, week, YYYY-Www, or day; unless given the present one, the newest of recordings, "
            "that of merged journals."
        ),
    ] = "",
    again: Annotated[str, typer.Option(help="Ask anew what was settled as: refused, failed, glitch, no_number.")] = "",
    merge: Annotated[
        list[Path] | None,
        typer.Option(
            help="Journal of this wave that another office collected: take its answers, ask nothing; may be repeated."
        ),
    ] = None,
    patience: PatienceOption = 24.0,
    workspace: WorkspaceOption = Path(),
    output: OutputOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be asked, and ask nothing.")] = False,
    as_json: JsonOption = False,
) -> None:
    """Collect a wave of audiences; running it again asks only what is still open.

    Every answer is journalled before it is read. What could not be answered is a row that says why. Credentials come
    from SMSTOCK_META_TOKEN and SMSTOCK_META_ACCOUNT, for LinkedIn from SMSTOCK_LINKEDIN_TOKEN, or from
    ~/.config/smstock/credentials.toml.

    \b
    Example:
      smstock collect queries/serbia-diaspora.toml --replay queries/recorded/serbia-diaspora
      smstock collect my-query --replay dataframe_collected_finished_1601872407.csv
      smstock collect queries/serbia-today.toml --patience 6
      smstock collect serbia-today --merge /media/other-office/serbia-today.journal.sqlite
    """
    from smstock import Workspace
    from smstock.errors import UsageError

    if merge:
        if replay or again:
            raise UsageError("--merge asks nothing", hint="merge first, then collect with --replay or --again")
        merged = Workspace(workspace, output).merge(query, merge, wave=wave, dry_run=dry_run)
        _show_merged(merged, as_json=as_json)
        return
    if dry_run:
        from smstock.cli.plan import plan

        plan(query, accounts=1, workspace=workspace, output=output, as_json=as_json)
        return
    with progress_bar(Path(query).stem) as progress:
        collected = Workspace(workspace, output).collect(
            query, recordings=replay, wave=wave, again=again, patience=patience, on_progress=progress
        )
    if as_json:
        show_json(summary(collected))
    else:
        for line in in_words(collected):
            note(line)
        print(collected.audience)
    collected.lack()


def _show_merged(merging: Merging, *, as_json: bool) -> None:
    """Print what became of merged journals, and the wave as it is then."""
    collected = merging.collected
    if as_json:
        journals = [asdict(journal) for journal in merging.journals]
        wave = {"wave": merging.wave} if collected is None else summary(collected)
        show_json(wave | {"merged": journals, "dry_run": collected is None})
    else:
        for journal in merging.journals:
            for line in merged_in_words(journal):
                note(line)
        if collected is None:
            note("nothing was changed")
        else:
            for line in in_words(collected):
                note(line)
            print(collected.audience)
    if collected is not None:
        collected.lack()


def summary(collected: Collected) -> dict[str, object]:
    """Return the outcome of a collection for machines."""
    tally = collected.tally
    return {
        "wave": collected.wave,
        "audience": str(collected.audience),
        "cells": tally.planned,
        "settled": tally.settled,
        "asked_now": tally.asked,
        "deduced": tally.deduced,
        "missing": tally.missing,
        "open": collected.gaps.unanswered,
        "open_example": collected.gaps.example,
        "refused": tally.refused,
        "refusals": collected.refusals,
        "faults": dict(tally.faults),
        "dropped": list(collected.dropped),
        "unfinished": collected.unfinished,
        "remarks": list(collected.remarks),
    }


def in_words(collected: Collected) -> list[str]:
    """Return the outcome of a collection, a sentence a line."""
    tally = collected.tally
    unsettled = (
        (tally.deduced, "deduced from a coarser cell at the floor"),
        (tally.refused, "refused by rule"),
        (tally.missing, "without an answer"),
        (tally.planned - tally.done, "still open"),
    )
    parts = "".join(f", {count:,} {what}" for count, what in unsettled if count)
    lines = [
        f"wave {collected.wave}: {tally.planned:,} cells, {tally.settled:,} settled ({tally.asked:,} asked now){parts}"
    ]
    lines += [f"recordings: {remark}" for remark in collected.remarks]
    if collected.refusals:
        reasons = ", ".join(f"{count:,} {reason}" for reason, count in collected.refusals.items())
        lines.append(f"refused by rule or by the platform: {reasons}")
    lines += [f"{count:,} answers settled nothing: {words}" for words, count in tally.faults.most_common(3)]
    lines += [f"credential dropped: {words}" for words in collected.dropped]
    if collected.unfinished:
        lines.append(
            f"the wave {collected.unfinished} has cells that were never asked; --wave {collected.unfinished} resumes it"
        )
    return lines


def merged_in_words(merged: Merged) -> list[str]:
    """Return what became of a merged journal, a sentence a line; of conflicts the first three."""
    counts = (
        (merged.taken, "cells taken that were open"),
        (merged.alike, "answered alike"),
        (merged.settled_otherwise, "with a number in one journal only, which holds"),
        (merged.needless, "deduced from a coarser cell at the floor, though answered"),
        (len(merged.conflicts), "answered otherwise, of which the earlier answer holds"),
    )
    parts = ", ".join(f"{count:,} {what}" for count, what in counts if count) or "nothing to take"
    lines = [f"journal {merged.sha256[:12]}, {merged.answers:,} answers: {parts}"]
    lines += [
        f"{conflict.cell}: {conflict.reading} ({conflict.asked_at}) holds, "
        f"not {conflict.passed_over} ({conflict.passed_over_at})"
        for conflict in merged.conflicts[:3]
    ]
    if more := len(merged.conflicts[3:]):
        lines.append(f"and {more:,} more; --json lists them all")
    return lines
