"""Fixtures for every test: the folder of real data, and an environment without anybody's credentials."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

REPOSITORY = Path(__file__).parents[1]

# Hypothesis would measure wall time, which on a busy machine says nothing about the code.
settings.register_profile("smstock", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("smstock")


def shared_folder() -> Path | None:
    """Return the folder of real recordings and official files, if this machine has it.

    It lies beside the checkout, or where SMSTOCK_SHARED says.
    """
    folder = Path(os.environ.get("SMSTOCK_SHARED") or REPOSITORY.parent / "shared")
    return folder if (folder / "recordings").is_dir() else None


def pytest_report_header() -> str:
    folder = shared_folder()
    if folder is None:
        return "real data: none, tests on it are skipped; set SMSTOCK_SHARED to where it lies"
    return f"real data: {folder}"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data; the test is skipped where it is missing (in CI, `tests/recorded/test_shared.py` fails)."""
    folder = shared_folder()
    if folder is None:
        pytest.skip("the folder of real data is not beside the checkout; set SMSTOCK_SHARED to where it lies")
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
