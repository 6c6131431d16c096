"""Fixtures for every test: the folder of real data, and an environment without anybody's credentials."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]


def shared_folder() -> Path | None:
    """Return the folder of real recordings and official files, if this machine has it.

    It lies beside the checkout, or where SMSTOCK_SHARED says.
    """
    folder = Path(os.environ.get("SMSTOCK_SHARED") or REPOSITORY.parent / "shared")
    return folder if (folder / "recordings").is_dir() else None


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data; the test is skipped where it is missing, and fails in CI."""
    folder = shared_folder()
    if folder is None:
        message = "the folder of real data is not beside the checkout; set SMSTOCK_SHARED to where it lies"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    return folder


@pytest.fixture(scope="session")
def repository() -> Path:
    """The checkout itself, which is a worked example of a workspace."""
    return REPOSITORY


@pytest.fixture(autouse=True)
def _no_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("SMSTOCK_") and name != "SMSTOCK_SHARED":
            monkeypatch.delenv(name)
