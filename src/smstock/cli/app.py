"""The commands, in the order of the month."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Final

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

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Commands(TyperGroup):
    """The commands; the value of an option that cannot be used is told without the words of typer's checker."""

    def invoke(self, ctx: Any) -> Any:
        """Run the command of a context."""
        try:
            return super().invoke(ctx)
        except typer.BadParameter as error:
            error.message = error.message.removeprefix("Value error, ").replace("Input should be", "it should be")
            raise


STEPS: Final[dict[str, tuple[Callable[..., None], str]]] = {
    "plan": (plan.plan, "Cells, calls, hours and broken rules of a query."),
    "collect": (collect.collect, "Collect a wave; resumes where it stopped."),
    "status": (status.status, "How far a collection is."),
    "audience": (audience.audience, "Glitches and breaks in the waves of a query."),
    "calibrate": (calibrate.calibrate, "Learn from official stocks; measure every method."),
    "backtest": (backtest.backtest, "Score every method on past dates, from what was known then."),
    "nowcast": (nowcast.nowcast, "Estimate stocks, with intervals."),
    "estimates": (estimates.estimates, "Estimates of all waves: added up, compared, exported."),
    "skills": (skills.skills, "Who they are: degrees, seniority, skills by corridor."),
    "run": (run.run, "The month: collect, calibrate if due, nowcast, page."),
    "export": (export.export, "The raw answers of a wave, to be replayed elsewhere."),
    "publish": (publish.publish, "Results to object storage, by URL."),
    "fetch": (publish.fetch, "Results from object storage, by URL."),
    "repair": (repair.repair, "What can be saved of damaged journals."),
}
"""Commands and what the list of commands says of them."""
GROUPS: Final = {
    "official": official.app,
    "recordings": recordings.app,
    "query": query.app,
    "catalogue": catalogue.app,
    "sandbox": sandbox.app,
}
"""Commands that have commands of their own."""


def commands(words: Sequence[str] = ()) -> typer.Typer:
    """Return the command line for the words that were typed; of all commands unless the first word names one.

    Building a command costs milliseconds, and there are dozens.

    Examples
    --------
    >>> [command.name for command in commands(["plan", "q.toml"]).registered_commands]
    ['plan']
    """
    app = typer.Typer(
        name="smstock",
        cls=Commands,
        help="Estimate how many migrants live where, from what advertising platforms say about their audiences.",
        epilog="Exit codes: 0 done, 1 bug, 2 usage, 3 bad input, 4 platform or quota (run again later), 5 model "
        "refused, 129, 130 or 143 ended by SIGHUP, Ctrl-C or SIGTERM (what was done is kept).",
        no_args_is_help=True,
        rich_markup_mode=None,  # rich help costs 0.3 s at every start
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback()(_root)
    typed = {*words[:1]} & {*STEPS, *GROUPS}
    for name, (command, short_help) in STEPS.items():
        if name in typed or not typed:
            app.command(name, short_help=short_help)(command)
    for name, group in GROUPS.items():
        if name in typed or not typed:
            app.add_typer(group, name=name)
    return app


def _version(asked: bool) -> None:
    if asked:
        print(f"smstock {__version__}")
        raise typer.Exit


def _root(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version and exit.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    del version
