"""Figures as they were last measured, each with the commit and the day: ``kept.toml`` beside this module."""

from __future__ import annotations

import json
import subprocess
import tomllib
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from smstock.folder import write_file

if TYPE_CHECKING:
    from collections.abc import Mapping

REPOSITORY: Final = Path(__file__).parents[2]
KEPT: Final = Path(__file__).with_name("kept.toml")
PAGE: Final = REPOSITORY / "docs" / "benchmarks.md"
HEAD: Final = "# Figures as `python -m benchmarks bars TOPIC --measure` last measured them.\n"
UNCOMMITTED: Final = ", with uncommitted changes"
NO_CHECKOUT: Final = "no checkout"
"""What stands for the commit where there is none, as in an archive of the sources."""


@dataclass(frozen=True)
class Commit:
    """The state of the repository that a figure belongs to, and the day; it says so if changes were not committed."""

    name: str
    day: date


@dataclass(frozen=True)
class Measured:
    """A figure, and the commit and day at which it was measured."""

    figure: float
    commit: Commit


def commit(repository: Path = REPOSITORY) -> Commit:
    """Return the commit checked out, marked if a file differs from it that is not made by measuring.

    Outside of a checkout, or without git, it is `NO_CHECKOUT`.
    """
    made = [f":(exclude){path.relative_to(REPOSITORY).as_posix()}" for path in (KEPT, PAGE)]
    try:
        name = _git(repository, "rev-parse", "--short=7", "HEAD")
        changes = _git(repository, "status", "--porcelain", "--", ".", *made)
    except (OSError, subprocess.CalledProcessError):
        name, changes = NO_CHECKOUT, ""
    return Commit(name + (UNCOMMITTED if changes else ""), datetime.now(UTC).date())


def _git(repository: Path, *words: str) -> str:
    return subprocess.run(  # noqa: S603 - words of this module
        ["git", *words],  # noqa: S607 - the git of whoever measures
        cwd=repository,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.strip()


def read(path: Path = KEPT) -> dict[str, Measured]:
    """Return the figures kept, by the names of their bars; none if the file does not exist."""
    if not path.exists():
        return {}
    rows = tomllib.loads(path.read_text(encoding="utf-8"))
    return {name: Measured(row["figure"], Commit(row["commit"], row["day"])) for name, row in rows.items()}


def write(figures: Mapping[str, Measured], path: Path = KEPT) -> None:
    """Write figures sorted by name."""
    text = HEAD + "".join(
        f"\n[{json.dumps(name)}]\nfigure = {measured.figure}\n"
        f"commit = {json.dumps(measured.commit.name)}\nday = {measured.commit.day}\n"
        for name, measured in sorted(figures.items())
    )
    write_file(path, text)
