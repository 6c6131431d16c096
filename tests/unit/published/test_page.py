"""The page of the published models: every example runs and says what stands there."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[3] / "docs/published.md"
BLOCKS = re.findall(r"^## ([^\n]+)\n.*?^```python\n(.*?)^```", PAGE.read_text(), flags=re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize(("model", "block"), BLOCKS, ids=[title for title, _ in BLOCKS])
def test_the_example_of_a_model_gives_what_it_says(model: str, block: str) -> None:
    example = doctest.DocTestParser().get_doctest(block, {}, model, str(PAGE), 0)
    assert len(example.examples) >= 5
    said: list[str] = []
    doctest.DocTestRunner().run(example, out=said.append)
    assert not said, "".join(said)


def test_every_model_has_an_example() -> None:
    assert len(BLOCKS) == 4
