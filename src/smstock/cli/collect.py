"""``smstock collect``: one wave of a query."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from smstock.cli.terminal import (
    JsonOption,
    OutputOption,
    PatienceOption,
    QueryArgument,
    WaveOption,
    WorkspaceOption,
    note,
    progress_bar,
    show_json,
)

if TYPE_CHECKING:
    from smstock.workflows.collection import Collected


def collect(
    query: QueryArgument,
    replay: Annotated[
        Path | None, typer.Option(help="File or folder of recorded answers to replay instead of asking.")
    ] = None,
    wave: WaveOption = "",
    again: Annotated[str, typer.Option(help="Ask anew what was settled as: refused, failed, glitch, no_number.")] = "",
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
    """
    if dry_run:
        from smstock.cli.plan import plan

        plan(query, accounts=1, workspace=workspace, output=output, as_json=as_json)
        return
    from smstock import Workspace

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
