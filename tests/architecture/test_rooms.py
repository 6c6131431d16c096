"""The page on the architecture lists the rooms that exist, and no other."""

from __future__ import annotations

import re
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]


def test_the_page_lists_exactly_the_rooms_that_exist() -> None:
    page = (REPOSITORY / "docs" / "architecture.md").read_text(encoding="utf-8")
    table = page.partition("## Rooms\n")[2].partition("\n## ")[0]
    listed = [room for row in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE) for room in re.findall(r"`(\w+)`", row)]
    existing = {path.parent.name for path in REPOSITORY.glob("src/smstock/*/__init__.py")}
    existing |= {path.stem for path in REPOSITORY.glob("src/smstock/[a-z]*.py")}
    assert sorted(listed) == sorted(existing)
