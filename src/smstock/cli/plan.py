"""``smstock plan``: what a query would cost."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from smstock.cli.terminal import JsonOption, OutputOption, QueryArgument, WorkspaceOption, show_json, show_pairs


def plan(
    query: QueryArgument,
    accounts: Annotated[int, typer.Option(min=1, help="Advertising accounts that share the calls.")] = 1,
    workspace: WorkspaceOption = Path(),
    output: OutputOption = None,
    as_json: JsonOption = False,
) -> None:
    """Print cells, calls and hours of a query, and every rule it breaks. Asks nobody.

    Where an earlier wave of the query lies in the workspace, the calls are predicted from it.
    Exit code 3 if the platform would refuse the query.

    \b
    Example:
      smstock plan queries/serbia-diaspora.toml
      smstock plan queries/serbia-diaspora.toml --accounts 3 --json
    """
    from dataclasses import asdict

    from smstock import Workspace

    planned = Workspace(workspace, output).plan(query, accounts=accounts)
    if as_json:
        a_month = {"calls_a_month": planned.calls_a_month, "hours_a_month": planned.hours_a_month}
        show_json(asdict(planned) | {"hours": planned.hours} | a_month)
    else:
        from smstock.report.plans import plan_table

        show_pairs(plan_table(planned))
    if planned.refused:
        raise typer.Exit(3)
