"""Each module is one noun of moderate size, and says what it and its public functions are for."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

SOURCES = Path(__file__).parents[2] / "src"
MODULES = sorted(SOURCES.rglob("*.py"))
LONGEST_MODULE = 400
SAYS_NOTHING = {"utils", "util", "helpers", "helper", "common", "misc"}


def offenders(fault: Callable[[Path], object]) -> dict[str, object]:
    """Return what a rule finds wrong, by module; modules without a fault are left out."""
    faults = {str(module.relative_to(SOURCES)): fault(module) for module in MODULES}
    return {name: fault for name, fault in faults.items() if fault}


def test_the_modules_are_found() -> None:
    assert SOURCES / "smstock" / "errors.py" in MODULES


def first_line(documented: ast.Module | ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    return (ast.get_docstring(documented) or "").partition("\n")[0]


def undocumented(source: str) -> list[str]:
    """Name what lacks a docstring whose first line is a sentence: the module, or a public function of it."""
    tree = ast.parse(source)
    public = [
        node
        for node in tree.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.name.startswith("_")
    ]
    named: list[tuple[str, ast.Module | ast.FunctionDef | ast.AsyncFunctionDef]] = [("the module", tree)]
    named += [(node.name, node) for node in public]
    return [name for name, node in named if len(first_line(node).split()) < 2]


def test_each_module_and_its_public_functions_say_what_they_are_for() -> None:
    assert offenders(lambda module: undocumented(module.read_text(encoding="utf-8"))) == {}


@pytest.mark.parametrize(
    ("source", "named"),
    [
        ('"""Floors of the platforms."""\ndef _private(): ...\nclass Floor: ...', []),
        ("", ["the module"]),
        ('"""."""', ["the module"]),
        ('"""Floors of the platforms."""\ndef floor(): ...', ["floor"]),
        ('"""Floors of the platforms."""\nasync def floor():\n    """."""', ["floor"]),
    ],
)
def test_an_absent_docstring_and_one_that_says_nothing_are_found(source: str, named: list[str]) -> None:
    assert undocumented(source) == named


def too_long(module: Path) -> int | None:
    """Return the number of lines of a module that is longer than allowed."""
    lines = len(module.read_text(encoding="utf-8").splitlines())
    return lines if lines > LONGEST_MODULE else None


def test_each_module_is_at_most_400_lines_long() -> None:
    assert offenders(too_long) == {}


def test_a_module_above_400_lines_is_found(tmp_path: Path) -> None:
    module = tmp_path / "long.py"
    module.write_text("\n" * (LONGEST_MODULE + 1))
    assert too_long(module) == LONGEST_MODULE + 1


def test_each_module_is_named_after_what_it_holds() -> None:
    assert offenders(lambda module: SAYS_NOTHING & set(module.relative_to(SOURCES).with_suffix("").parts)) == {}
