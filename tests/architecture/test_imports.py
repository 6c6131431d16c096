"""The library and the command line start without the packages that only the work itself needs."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

SMSTOCK = str(Path(sys.executable).with_name("smstock"))
HEAVY = {
    "duckdb",
    "httpx",
    "jinja2",
    "numpy",
    "openpyxl",
    "pandas",
    "pyarrow",
    "pydantic",
    "scipy",
    "sklearn",
    "statsmodels",
}


ESTIMATING = {"calibrate", "corridors", "evaluate", "models", "nowcast", "published", "skills"}
"""Rooms that no command needs before there is a wave to estimate from."""


def modules(*command: str) -> set[str]:
    """Return the modules that a command imports, as Python's own import profile lists them."""
    profile = {**os.environ, "PYTHONPROFILEIMPORTTIME": "1"}
    ended = subprocess.run(command, env=profile, capture_output=True, text=True, check=True)
    lines = [line for line in ended.stderr.splitlines() if line.startswith("import time:")]
    return {line.rpartition("|")[2].strip() for line in lines}


def imported(*command: str) -> set[str]:
    """Return the top-level packages that a command imports."""
    return {module.partition(".")[0] for module in modules(*command)}


def test_import_smstock_loads_no_heavy_package() -> None:
    packages = imported(sys.executable, "-c", "import smstock")
    assert "smstock" in packages
    assert packages & HEAVY == set()


def test_help_loads_no_heavy_package() -> None:
    packages = imported(SMSTOCK, "--help")
    assert "smstock" in packages
    assert packages & HEAVY == set()


def test_an_import_inside_an_import_is_seen() -> None:
    assert {"pydantic", "pydantic_core"} <= imported(sys.executable, "-c", "import pydantic")


def test_asking_loads_no_method(repository: Path, tmp_path: Path) -> None:
    query = str(repository / "queries/serbia-diaspora.toml")
    place = ["--workspace", str(repository), "--output", str(tmp_path)]
    recordings = str(repository / "queries/recorded/serbia-diaspora")
    for words in (
        ["plan", query],
        ["collect", query, "--replay", recordings, *place],
        ["status", "serbia-diaspora", *place],
    ):
        loaded = modules(SMSTOCK, *words)
        rooms = {module.split(".")[1] for module in loaded if module.startswith("smstock.")}
        assert "query" in rooms, words
        assert rooms & ESTIMATING == set(), words
    assert {module.partition(".")[0] for module in modules(SMSTOCK, "plan", query)} & HEAVY <= {"pydantic"}
