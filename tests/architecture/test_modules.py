"""Each module is one noun of moderate size, and says what it and its public functions are for."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

SOURCES = Path(__file__).parents[2] / "src"
MODULES = sorted(SOURCES.rglob("*.py"))
LONGEST_MODULE = 400
SAYS_NOTHING = {"utils", "util", "helpers", "helper", "common", "misc"}

each_module = pytest.mark.parametrize("module", MODULES, ids=[str(path.relative_to(SOURCES)) for path in MODULES])


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


@each_module
def test_a_module_and_its_public_functions_say_what_they_are_for(module: Path) -> None:
    assert undocumented(module.read_text(encoding="utf-8")) == []


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


@each_module
def test_a_module_is_at_most_400_lines_long(module: Path) -> None:
    assert len(module.read_text(encoding="utf-8").splitlines()) <= LONGEST_MODULE


@each_module
def test_a_module_is_named_after_what_it_holds(module: Path) -> None:
    assert SAYS_NOTHING.isdisjoint(module.relative_to(SOURCES).with_suffix("").parts)
