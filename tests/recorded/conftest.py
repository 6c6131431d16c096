"""Real official files, each read once for every test that looks at it."""

from __future__ import annotations

import tomllib
from functools import cache
from typing import TYPE_CHECKING

import pytest

from smstock.official import readers

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from smstock.official.base import OfficialTable


@pytest.fixture(scope="session")
def described(shared: Path, repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return the path of an official file; of a copy, one beside which its sidecar says what the copy leaves out."""
    sidecars = tomllib.loads((repository / "benchmarks" / "speed" / "official_sidecars.toml").read_text())
    folder = tmp_path_factory.mktemp("official")

    @cache
    def linked(name: str) -> Path:
        path = folder / name.rpartition("/")[2]
        path.symlink_to(shared / "official" / name)
        if name in sidecars:
            entries = dict.fromkeys(("producer", "title", "citation", "licence"), "X") | {"retrieved": "2026-11-22"}
            text = "".join(f'{entry} = "{said}"\n' for entry, said in (entries | sidecars[name]).items())
            path.with_name(f"{path.name}.origin.toml").write_text(text)
        return path

    return linked


@pytest.fixture(scope="session")
def official(described: Callable[[str], Path]) -> Callable[[str], dict[str, OfficialTable]]:
    """Read the tables of an official file."""

    @cache
    def read(name: str) -> dict[str, OfficialTable]:
        return readers.read_all(described(name))

    return read
