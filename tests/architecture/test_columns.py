"""Nobody walks in Python over a column of a table: a set of one is made of its different values."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

SOURCES = Path(__file__).parents[2] / "src" / "smstock"
WITHOUT_TABLES = {"platforms", "query", "toml", "vocabulary", "web"}
"""Rooms whose subscripts are of JSON and TOML."""


def walks(source: str) -> list[int]:
    """Return the lines in which a set is made of a subscript by a name: ``set(table["sex"])``, ``{*rows[name]}``."""
    lines = []
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"set", "frozenset"}:
            walked = node.args
        elif isinstance(node, ast.Set):
            walked = [element.value for element in node.elts if isinstance(element, ast.Starred)]
        elif isinstance(node, ast.SetComp):
            walked = [generator.iter for generator in node.generators]
        else:
            continue
        lines += [argument.lineno for argument in walked if _is_column(argument)]
    return lines


def _is_column(node: ast.expr) -> bool:
    """Return whether an expression takes something by a name, as a column is taken from a table."""
    if not isinstance(node, ast.Subscript):
        return False
    key = node.slice.elts[-1] if isinstance(node.slice, ast.Tuple) else node.slice
    return isinstance(key, ast.Name) or (isinstance(key, ast.Constant) and isinstance(key.value, str))


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ('sorted(set(table["sex"]))', [1]),
        ("set(rows[name])", [1]),
        ('frozenset(table.loc[mask, "origin"])', [1]),
        ('{*asked["origin"], *dates}', [1]),
        ('{date for table in held for date in table["reference_date"]}', [1]),
        ('sorted(table["sex"].unique())', []),
        ('{*asked["origin"].unique()}', []),
        ("set(names), set(words[1:]), set(pairs[0])", []),
    ],
)
def test_a_walk_over_a_column_is_known(source: str, lines: list[int]) -> None:
    assert walks(source) == lines


def test_no_set_is_made_by_walking_over_a_column() -> None:
    modules = (path for path in SOURCES.rglob("*.py") if path.relative_to(SOURCES).parts[0] not in WITHOUT_TABLES)
    walked = {path.relative_to(SOURCES).as_posix(): walks(path.read_text(encoding="utf-8")) for path in modules}
    assert {name: lines for name, lines in walked.items() if lines} == {}
