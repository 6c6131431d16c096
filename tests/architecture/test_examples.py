"""Every public function shows how it is called: in a doctest, or on a page that a test runs."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
SOURCES = REPOSITORY / "src" / "smstock"
PAGES = [REPOSITORY / "docs" / name for name in ("python.md", "published.md")]


def shown(page: str) -> set[str]:
    """Return the names in the code of a page: its blocks, and what stands between backticks."""
    blocks = re.findall(r"^```.*?^```", page, re.MULTILINE | re.DOTALL)
    spans = re.findall(r"`[^`\n]+`", re.sub(r"^```.*?^```", "", page, flags=re.MULTILINE | re.DOTALL))
    return set(re.findall(r"\w+", " ".join(blocks + spans)))


def without_example(source: str, elsewhere: set[str]) -> list[str]:
    """Return the public functions of a module that have no doctest and are not shown elsewhere."""
    functions = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return [
        function.name
        for function in functions
        if not function.name.startswith("_")
        and ">>>" not in (ast.get_docstring(function) or "")
        and function.name not in elsewhere
    ]


def test_every_public_function_shows_how_it_is_called() -> None:
    on_pages = {name for page in PAGES for name in shown(page.read_text(encoding="utf-8"))}
    modules = [path for path in sorted(SOURCES.rglob("*.py")) if "cli" not in path.relative_to(SOURCES).parts]
    lacking = {
        str(path.relative_to(SOURCES)): without_example(path.read_text(encoding="utf-8"), on_pages) for path in modules
    }
    assert {path: names for path, names in lacking.items() if names} == {}


@pytest.mark.parametrize(
    ("source", "named"),
    [
        ("def _floor(): ...", []),
        ("def floor(): ...", ["floor"]),
        ("async def floor(): ...", ["floor"]),
        ('def floor():\n    """>>> floor()"""', []),
        ("def fetch(): ...", []),
        ("class Floor:\n    def lowest(self): ...", []),
    ],
)
def test_a_function_without_an_example_is_seen(source: str, named: list[str]) -> None:
    assert without_example(source, {"fetch"}) == named


def test_only_the_code_of_a_page_shows_a_function() -> None:
    assert shown("Where people live.\n\n```python\nplan(query)\n```\n\nAs `skills` does.") == {
        "python",
        "plan",
        "query",
        "skills",
    }
