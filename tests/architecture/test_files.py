"""The page of what is read: it has a row for every layout, and a test of the repository for every row."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from smstock.official.readers import LAYOUTS

PAGE = Path(__file__).parents[2] / "docs" / "providers" / "files.md"
ROWS = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in PAGE.read_text(encoding="utf-8").splitlines()
    if line.startswith("| ") and not line.startswith(("| ---", "| layout", "| file"))
]
TEST = re.compile(r"\]\(([^)]+)\)`::(\w+)`")


@cache
def decorators_of(path: Path) -> dict[str, list[str]]:
    """Return the decorators of each test of a file."""
    functions = [node for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef)]
    return {one.name: [ast.unparse(decorator) for decorator in one.decorator_list] for one in functions}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_each_row_is_shown_by_a_test_that_runs(row: list[str]) -> None:
    shown_by = TEST.findall(row[-1])
    assert all(row)
    assert shown_by
    for path, name in shown_by:
        decorators = decorators_of((PAGE.parent / path).resolve())[name]
        assert not any("slow" in decorator for decorator in decorators)


def test_each_layout_has_a_row() -> None:
    first_cells = [row[0] for row in ROWS]
    assert [layout.name for layout in LAYOUTS if not layout.name.startswith(tuple(first_cells))] == []
