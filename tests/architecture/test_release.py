"""The version is the same wherever a person meets it."""

from __future__ import annotations

import re
from pathlib import Path

from smstock import __version__

REPOSITORY = Path(__file__).parents[2]


def test_the_citation_and_the_newest_part_of_the_changelog_name_the_version() -> None:
    citation = (REPOSITORY / "CITATION.cff").read_text(encoding="utf-8")
    changelog = (REPOSITORY / "CHANGELOG.md").read_text(encoding="utf-8")
    assert re.findall(r"^version: (.+)$", citation, re.MULTILINE) == [__version__]
    assert re.findall(r"^## \[(.+)\]", changelog, re.MULTILINE)[0] == __version__


def test_contributing_names_files_that_exist() -> None:
    page = (REPOSITORY / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = {
        name for name in re.findall(r"`((?:[\w.-]+/)+(?:[\w.-]+)?)`", page) if "NAME" not in name and "NOUN" not in name
    }
    roots = (REPOSITORY, REPOSITORY / "src" / "smstock")
    assert len(named) > 20
    assert [name for name in sorted(named) if not any((root / name).exists() for root in roots)] == []
