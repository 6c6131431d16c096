"""Names say what they hold: none of the words that could hold anything is bound in the sources."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

SOURCES = Path(__file__).parents[2] / "src" / "smstock"
VAGUE = {"there", "found", "each", "said", "told"}


def vague(source: str) -> list[str]:
    """Return the vague names that a source binds, each with its line: variables, arguments, attributes, aliases."""
    bound: list[tuple[int, str | None]] = []
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Name(ctx=ast.Store()):
                bound.append((node.lineno, node.id))
            case ast.Attribute(ctx=ast.Store()):
                bound.append((node.lineno, node.attr))
            case ast.arg():
                bound.append((node.lineno, node.arg))
            case ast.alias(asname=str()):
                bound.append((node.lineno, node.asname))
            case ast.MatchAs() | ast.MatchStar() | ast.ExceptHandler():
                bound.append((node.lineno, node.name))
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                bound.append((node.lineno, node.name))
    return [f"{line} {name}" for line, name in sorted(bound, key=lambda place: place[0]) if name in VAGUE]


def test_no_vague_name_is_bound() -> None:
    names = {str(path.relative_to(SOURCES)): vague(path.read_text(encoding="utf-8")) for path in SOURCES.rglob("*.py")}
    assert {path: lines for path, lines in sorted(names.items()) if lines} == {}


@pytest.mark.parametrize(
    ("source", "named"),
    [
        ("rows = found", []),
        ("found = 1", ["1 found"]),
        ("for each in rows: ...", ["1 each"]),
        ("def look(there): ...", ["1 there"]),
        ("\nself.told = {said for said in rows}", ["2 told", "2 said"]),
        ("if (found := read()): ...", ["1 found"]),
        ("class Look:\n    said: str", ["2 said"]),
    ],
)
def test_a_vague_name_is_seen_wherever_it_is_bound(source: str, named: list[str]) -> None:
    assert vague(source) == named
