"""``smstock official``: official statistics files."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from smstock.cli.terminal import JsonOption, show, show_json

app = typer.Typer(help="Read official statistics files.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def _group() -> None:
    """Read official statistics files."""


@app.command("import")
def import_(
    files: Annotated[list[Path], typer.Argument(help="Files as the provider gave them, or tidy CSV.")],
    as_json: JsonOption = False,
) -> None:
    """Say what official files hold: layout, rows, years, areas, concepts, and what was left out and why.

    \b
    Example:
      smstock official import calibration/serbia/stock.csv
      smstock official import undesa_pd_2020_ims_stock_by_sex_and_destination.xlsx --json
    """
    from smstock.report.officials import official_table
    from smstock.workflows.officials import summaries

    found = summaries(files)
    if as_json:
        show_json(found)
    else:
        show(official_table(found))
