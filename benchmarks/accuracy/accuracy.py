"""Every method on real audiences beside real stocks: nowcasts of past dates, and destinations left out.

Tasks by name: E1 to E4 are the European Union (`benchmarks.accuracy.eu`), B1 the break in its audiences
(`benchmarks.accuracy.audience`), G1 to G4 the world (`benchmarks.accuracy.world`), S1 people from Serbia
(`benchmarks.accuracy.serbia`), US1 to US3 states of the USA (`benchmarks.accuracy.us`), UK the United Kingdom
(`benchmarks.accuracy.uk`), where there is no truth. Back-tests score each method on the cells that it estimates; where
destinations are left out, all methods are scored on the same cells, and the Super Learner with the intervals of its own
residual model. Skill is that of RMSLE against carry forward (against the raw audience where there is no official
figure), on the cells of both, with an interval from drawing destinations.
"""

from __future__ import annotations

import platform
from contextlib import redirect_stdout
from io import StringIO
from typing import TYPE_CHECKING, Final

from benchmarks.accuracy import audience, eu, scoreboard, serbia, uk, us, world
from benchmarks.real_data import shared_folder
from joblib import Parallel, delayed
from threadpoolctl import threadpool_limits

from smstock.models.methods import METHODS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

ALONE = tuple(method for method in METHODS if "official_last" not in method.needs)
"""Methods that need no official figure."""

TASKS: Final[dict[str, Callable[[Path], None]]] = {
    "E1": lambda shared: eu.show_nowcasts("E1: EU, one year ahead", shared, months_after=6),
    "E2": lambda shared: eu.show_nowcasts("E2: EU, two years ahead", shared, months_after=0),
    "E3": lambda shared: scoreboard.cross_validated(
        "E3: EU 2018, no official figure", eu.eu(shared, census=False), ALONE
    ),
    "E4": lambda shared: scoreboard.cross_validated("E4: EU 2018, census of 2011", eu.eu(shared, census=True), METHODS),
    "G1": lambda shared: scoreboard.cross_validated(
        "G1: World 2020, no official figure", world.world(shared), world.ALONE
    ),
    "G1r": lambda shared: world.show_other_folds("G1 in ten random folds", shared, leave_out=""),
    "G1o": lambda shared: world.show_other_folds("G1 with origins left out", shared, leave_out="origin"),
    "G1d": lambda shared: world.show_other_folds("G1 in 20 blocks of destinations", shared, leave_out="destination"),
    "G2": lambda shared: scoreboard.cross_validated(
        "G2: World 2020, UN DESA of 2015", world.world(shared), world.EVERY
    ),
    "G3": lambda shared: world.show_edition_2019("G3", shared, world.ALONE),
    "G4": lambda shared: world.show_edition_2019("G4", shared, world.EVERY),
    "S1": lambda _: serbia.show(),
    "B1": audience.show_break,
    "US1": us.show_states_left_out,
    "US2": us.show_random_splits,
    "US3": us.show_ages_held_out,
    "UK": uk.show,
}
"""What prints each task, given the folder of real data."""


WORKERS: Final = 2
"""Tasks under way at once; what a task prints does not depend on it."""


def main(words: list[str]) -> None:
    """Print the tables of each task; ``python -m benchmarks accuracy E3`` prints one."""
    shared = shared_folder()
    print(f"{platform.machine()}, Python {platform.python_version()}\n")
    chosen = [name for name in TASKS if not words or name in words]
    for text in Parallel(n_jobs=WORKERS, return_as="generator")(delayed(printed)(name, shared) for name in chosen):
        print(text, end="", flush=True)


def printed(name: str, shared: Path) -> str:
    """Return what a task prints; linear algebra runs in one thread, so that no bit depends on who else is at work."""
    with threadpool_limits(1), redirect_stdout(StringIO()) as text:
        TASKS[name](shared)
    return text.getvalue()
