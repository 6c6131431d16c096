"""The house counted: its files, its imports, its documented functions, the time of its tests."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from time import perf_counter
from typing import TYPE_CHECKING, Final

from benchmarks.bars import imports
from benchmarks.bars.kept import REPOSITORY

if TYPE_CHECKING:
    from pathlib import Path

PACKAGE: Final = REPOSITORY / "src" / "smstock"
PAGES: Final = tuple(REPOSITORY / "docs" / name for name in ("python.md", "published.md"))


def circles() -> int:
    """Return how many circles of imports there are, those for types alone left out."""
    return len(imports.circles(imports.arrows(PACKAGE, for_types=False)))


def backward_arrows() -> int:
    """Return how many imports go from a room to one above it or beside it, those for types included."""
    layers = imports.declared_layers(REPOSITORY / "pyproject.toml")
    return len(imports.backward(imports.arrows(PACKAGE, for_types=True), layers))


def rooms(folder: str) -> int:
    """Return how many modules a room of the package holds, those of its sub-folders included."""
    return sum(path.name != "__init__.py" for path in (PACKAGE / folder).rglob("*.py"))


def undocumented_functions() -> int:
    """Return how many public functions have neither a doctest nor a place on a page that a test runs."""
    on_pages = set().union(*(shown(page.read_text(encoding="utf-8")) for page in PAGES if page.exists()))
    return len(undocumented(PACKAGE, on_pages))


def undocumented(package: Path, on_pages: set[str]) -> list[str]:
    """Return the public functions of a package that have no doctest and no place on a page, commands left out."""
    return [
        f"{path.relative_to(package).with_suffix('').as_posix()}.{name}"
        for path in sorted(package.rglob("*.py"))
        if path.relative_to(package).parts[0] != "cli"
        for name in without_example(path.read_text(encoding="utf-8"), on_pages)
    ]


def shown(page: str) -> set[str]:
    """Return the names in the code of a page: its blocks, and what stands between backticks.

    Examples
    --------
    >>> sorted(shown("Where people live, by `skills`."))
    ['skills']
    """
    blocks = re.findall(r"^```.*?^```", page, re.MULTILINE | re.DOTALL)
    spans = re.findall(r"`[^`\n]+`", re.sub(r"^```.*?^```", "", page, flags=re.MULTILINE | re.DOTALL))
    return set(re.findall(r"\w+", " ".join(blocks + spans)))


def without_example(source: str, on_pages: set[str]) -> list[str]:
    """Return the public functions of a module that have no doctest and are shown on no page."""
    functions = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return [
        function.name
        for function in functions
        if not function.name.startswith("_")
        and ">>>" not in (ast.get_docstring(function) or "")
        and function.name not in on_pages
    ]


def seconds_of_tests() -> float:
    """Return the seconds that `make test` takes once the environment is set up; raise if a test fails."""
    _make(".venv/.ready")
    started = perf_counter()
    _make("test")
    return perf_counter() - started


def _make(target: str) -> None:
    subprocess.run(["make", target], cwd=REPOSITORY, check=True, stdout=sys.stderr)  # noqa: S603, S607 - the user's make
