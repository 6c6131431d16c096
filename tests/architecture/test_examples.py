"""Every public function shows how it is called: in a doctest, or on a page that a test runs."""

from __future__ import annotations

import pytest
from benchmarks.bars.house import PACKAGE, PAGES, shown, undocumented, without_example


def test_every_public_function_shows_how_it_is_called() -> None:
    on_pages = {name for page in PAGES for name in shown(page.read_text(encoding="utf-8"))}
    assert undocumented(PACKAGE, on_pages) == []


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
