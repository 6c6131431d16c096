"""A run of the continuous integration that skipped every test on real data would be green for nothing."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path


def test_the_continuous_integration_has_the_real_data(request: pytest.FixtureRequest) -> None:
    try:
        folder: Path = request.getfixturevalue("shared")
    except pytest.skip.Exception as missing:
        if os.environ.get("CI"):
            pytest.fail(f"every test on real data was skipped: {missing}")
        raise
    assert (folder / "official").is_dir()
