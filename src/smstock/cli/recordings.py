"""``smstock recordings``: answers that other collectors wrote down."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from smstock.cli.terminal import JsonOption, note, show_json

if TYPE_CHECKING:
    from smstock.workflows.recordings import Converted

app = typer.Typer(help="Convert what other collectors recorded.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def _group() -> None:
    """Convert what other collectors recorded."""


@app.command(short_help="Turn files of other collectors into a recording.")
def convert(
    files: Annotated[list[Path], typer.Argument(help="Files of other collectors, or folders of them.")],
    recording: Annotated[Path, typer.Argument(help="The recording to write: NAME.jsonl.gz or NAME.jsonl.")],
    as_json: JsonOption = False,
) -> None:
    """Turn files of other collectors into one recording, and say which rows are no answers, and why.

    Reads CSV of pySocialWatcher, mySocialWatcher and rsocialwatcher, the database of audiencer, and CSV with
    targeting_spec and figures. `smstock collect --replay` reads the same files as they are.

    \b
    Example:
      smstock recordings convert dataframe_collected_finished_1601872407.csv recordings/2020-10.jsonl.gz
      smstock recordings convert collected/ nowcast.db recordings/all.jsonl.gz --json
    """
    from smstock.workflows.recordings import convert

    converted = convert(files, recording)
    if as_json:
        show_json(summary(converted))
        return
    for sentence in (*map(str, converted.accounts), *converted.passed_over):
        note(sentence)
    print(converted.path)


def summary(converted: Converted) -> dict[str, object]:
    """Return what was converted for machines: each reason with the first row that has it."""
    return {
        "written": str(converted.path),
        "answers": converted.answers,
        "files": [
            {
                "file": str(account.file),
                "answers": account.answers,
                "restated": account.restated,
                "left_out": [vars(reason) for reason in account.left_out.values()],
            }
            for account in converted.accounts
        ],
        "passed_over": list(converted.passed_over),
    }
