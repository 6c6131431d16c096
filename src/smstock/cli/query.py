"""``smstock query``: queries of other collectors."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from smstock.cli.terminal import JsonOption, note, show_json

app = typer.Typer(help="Convert queries of other collectors.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def _group() -> None:
    """Convert queries of other collectors."""


@app.command(short_help="Turn a JSON query of another collector into TOML.")
def convert(
    file: Annotated[Path, typer.Argument(help="Query of pySocialWatcher, mySocialWatcher or audiencer (JSON).")],
    query: Annotated[
        Path | None, typer.Argument(help="The query to write (TOML); printed to standard output unless given.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Turn a JSON query of another collector into a query of smstock; what it cannot say is listed.

    What is listed stands as comments in the query too. Look at it, then run `smstock plan`.

    \b
    Example:
      smstock query convert expats.json queries/expats.toml
      smstock query convert migration_nowcast.json
    """
    from smstock.workflows.conversion import convert

    converted = convert(file, query)
    if as_json:
        show_json({"written": None if query is None else str(query), **vars(converted)})
        return
    for sentence in converted.unsaid:
        note(f"not in the query: {sentence}")
    for sentence in converted.remarks:
        note(f"note: {sentence}")
    print(converted.text if query is None else query, end="" if query is None else "\n")
