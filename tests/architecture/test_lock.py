"""The lock pins, with hashes, whatever the project asks for, and names no place to get it from."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[2]
LOCK = (ROOT / "requirements.lock").read_text(encoding="utf-8")
ENTRIES = re.findall(r"^([a-z0-9-]+)==\S+(.*(?:\n    .*)*)", LOCK, re.MULTILINE)


def test_every_requirement_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    asked = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    names = {re.split(r"[<>=\[; ]", requirement)[0].lower().replace("_", "-") for requirement in asked}
    assert names - {name for name, _ in ENTRIES} == set()


def test_every_pin_has_hashes() -> None:
    assert len(ENTRIES) > 50
    assert [name for name, rest in ENTRIES if "--hash=sha256:" not in rest] == []


def test_no_place_is_named() -> None:
    assert re.findall(r"https?:|file:|--\w*-?index-url|--find-links", LOCK) == []
