"""The examples on the pages about providers give what the pages say, on the real files."""

from __future__ import annotations

import doctest
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

PAGES = ("README", "census", "dioc", "eurostat", "fetching", "mapping", "oecd", "tidy", "undesa", "worldbank", "wpp")


@pytest.mark.parametrize("page", PAGES)
def test_examples_of_a_page(
    shared: Path, repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    for path in (shared / "official").rglob("*"):
        if path.is_file() and path.name != "README.md":
            (tmp_path / path.name).symlink_to(path)
    monkeypatch.chdir(tmp_path)
    failed, tried = doctest.testfile(
        str(repository / "docs" / "providers" / f"{page}.md"),
        module_relative=False,
        optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS,
        encoding="utf-8",
    )
    assert tried >= 4
    assert not failed


def test_every_page_is_tried(repository: Path) -> None:
    there = {path.stem for path in (repository / "docs" / "providers").glob("*.md")} - {"files"}  # test_files.py
    assert there == set(PAGES)
