"""The commands, in the order of the month."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from smstock import __version__
from smstock.cli import (
    audience,
    backtest,
    calibrate,
    catalogue,
    collect,
    estimates,
    export,
    nowcast,
    official,
    plan,
    publish,
    query,
    recordings,
    repair,
    run,
    sandbox,
    skills,
    status,
)


class Commands(TyperGroup):
    """The commands; the value of an option that cannot be used is told without the words of typer's checker."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command of a context."""
        try:
            return super().invoke(ctx)
        except typer.BadParameter as error:
            error.message = error.message.removeprefix("Value error, ").replace("Input should be", "it should be")
            raise


app = typer.Typer(
    name="smstock",
    cls=Commands,
    help="Estimate how many migrants live where, from what advertising platforms say about their audiences.",
    epilog="Exit codes: 0 done, 1 bug, 2 usage, 3 bad input, 4 platform or quota (run again later), 5 model refused, "
    "129, 130 or 143 ended by SIGHUP, Ctrl-C or SIGTERM (what was done is kept).",
    no_args_is_help=True,
    rich_markup_mode=None,  # rich help costs 0.3 s at every start
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(asked: bool) -> None:
    if asked:
        print(f"smstock {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    del version


app.command("plan", short_help="Cells, calls, hours and broken rules of a query.")(plan.plan)
app.command("collect", short_help="Collect a wave; resumes where it stopped.")(collect.collect)
app.command("status", short_help="How far a collection is.")(status.status)
app.command("audience", short_help="Glitches and breaks in the waves of a query.")(audience.audience)
app.add_typer(official.app, name="official")
app.command("calibrate", short_help="Learn from official stocks; measure every method.")(calibrate.calibrate)
app.command("backtest", short_help="Score every method on past dates, from what was known then.")(backtest.backtest)
app.command("nowcast", short_help="Estimate stocks, with intervals.")(nowcast.nowcast)
app.command("estimates", short_help="Estimates of all waves: added up, compared, exported.")(estimates.estimates)
app.command("skills", short_help="Who they are: degrees, seniority, skills by corridor.")(skills.skills)
app.command("run", short_help="The month: collect, calibrate if due, nowcast, page.")(run.run)
app.command("export", short_help="The raw answers of a wave, to be replayed elsewhere.")(export.export)
app.command("publish", short_help="Results to object storage, by URL.")(publish.publish)
app.command("fetch", short_help="Results from object storage, by URL.")(publish.fetch)
app.command("repair", short_help="What can be saved of damaged journals.")(repair.repair)
app.add_typer(recordings.app, name="recordings")
app.add_typer(query.app, name="query")
app.add_typer(catalogue.app, name="catalogue")
app.add_typer(sandbox.app, name="sandbox")
