"""``smstock plan``: what a query would cost."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from smstock.cli.terminal import JsonOption, show, show_json


def plan(
    query: Annotated[Path, typer.Argument(help="Query file (TOML).")],
    accounts: Annotated[int, typer.Option(min=1, help="Advertising accounts that share the calls.")] = 1,
    as_json: JsonOption = False,
) -> None:
    """Print cells, calls and hours of a query, and every rule it breaks. Asks nobody.

    Exit code 3 if the platform would refuse the query.

    \b
    Example:
      smstock plan queries/serbia-diaspora.toml
      smstock plan queries/serbia-diaspora.toml --accounts 3 --json
    """
    from dataclasses import asdict
    from datetime import UTC, datetime

    from smstock import workflows
    from smstock.query.spec import load

    planned = workflows.plan(load(query), today=datetime.now(UTC).date().isoformat(), accounts=accounts)
    if as_json:
        show_json(asdict(planned) | {"hours": planned.hours})
    else:
        from smstock.report.tables import plan_table

        show(plan_table(planned))
    if planned.refused:
        raise typer.Exit(3)
