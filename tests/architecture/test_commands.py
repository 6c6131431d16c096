"""Each command says what it does, shows an example, and stands on a page of the documentation."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import typer
from typer.core import TyperCommand, TyperGroup

from smstock.cli.app import commands

if TYPE_CHECKING:
    from collections.abc import Iterator

REPOSITORY = Path(__file__).parents[2]


def commands_of(app: typer.Typer) -> dict[str, TyperCommand]:
    """Return the commands, those of its groups included, by the words a person types."""

    def walk(words: str, command: object) -> Iterator[tuple[str, TyperCommand]]:
        if isinstance(command, TyperGroup):
            for name, member in command.commands.items():
                yield from walk(f"{words} {name}", member)
        elif isinstance(command, TyperCommand):
            yield words, command

    return dict(walk("smstock", typer.main.get_command(app)))


COMMANDS = commands_of(commands())
PAGES = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").rglob("*.md"))]
DOCUMENTATION = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)

each_command = pytest.mark.parametrize("typed", COMMANDS)


@each_command
def test_help_says_what_the_command_does_and_shows_how_it_is_typed(typed: str) -> None:
    first_line, _, rest = (COMMANDS[typed].help or "").partition("\n")
    assert len(first_line.split()) > 1
    assert typed in rest


@each_command
def test_a_page_of_the_documentation_names_the_command(typed: str) -> None:
    assert typed in DOCUMENTATION


def test_commands_of_groups_are_found() -> None:
    app, group = typer.Typer(), typer.Typer()
    app.command()(plan)
    group.command()(fetch)
    app.add_typer(group, name="official")
    assert list(commands_of(app)) == ["smstock plan", "smstock official fetch"]


def plan() -> None: ...
def fetch() -> None: ...
