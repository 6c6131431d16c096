"""Each command that writes into a workspace waits for no other run: it says so and changes nothing."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from filelock import FileLock
from tests.cli.command import REPOSITORY, smstock

from smstock.folder import LOCK
from smstock.tables import AUDIENCE, check

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

STOCK = REPOSITORY / "calibration/serbia/stock.csv"


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workspace with two waves of a query, a journal of it, and credentials that nobody is asked with."""
    monkeypatch.setenv("SMSTOCK_META_TOKEN", "EAAB" + "x" * 40)
    monkeypatch.setenv("SMSTOCK_META_ACCOUNT", "1")
    monkeypatch.setenv("SMSTOCK_LINKEDIN_TOKEN", "AQ" + "x" * 70)
    fixed = dict.fromkeys(AUDIENCE.names, "") | {
        "platform": "meta",
        "metric": "mau",
        "origin": "POL",
        "destination": "DEU",
        "sex": "all",
        "age_min": 18,
        "age_max": None,
        "location_basis": "home",
        "placements": "all",
        "status": "observed",
        "value": 9000.0,
        "lower": 8950.0,
        "upper": 9050.0,
    }
    for wave in ("2026-10", "2026-11"):
        path = tmp_path / "waves" / wave / "q.audience.parquet"
        path.parent.mkdir(parents=True)
        check(pd.DataFrame([fixed | {"wave": wave}]), AUDIENCE).to_parquet(path, index=False)
    (tmp_path / "waves/2026-11/q.journal.sqlite").touch()
    return tmp_path


@pytest.fixture
def held(workspace: Path) -> Iterator[Path]:
    """The workspace while another run holds it."""
    with FileLock(workspace / LOCK):
        yield workspace


def files(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file()}


WRITING = {
    "collect": f"collect {REPOSITORY}/queries/serbia-diaspora.toml --replay {REPOSITORY}/queries/recorded/serbia-diaspora "
    "--output {folder}",
    "collect --merge": f"collect {REPOSITORY}/queries/serbia-diaspora.toml --merge other.journal.sqlite --output {{folder}}",
    "calibrate": "calibrate serbia --query q --output {folder}",
    "backtest": "backtest serbia --query q --output {folder}",
    "nowcast": "nowcast serbia --query q --output {folder}",
    "nowcast --explain": "nowcast serbia --query q --explain POL:DEU --output {folder}",
    "skills": "skills q --output {folder}",
    "run": "run serbia --output {folder}",
    "official fetch": "official fetch oecd B14 --workspace {folder}",
    "official check --save": "official check {stock} --save {folder}/compared.csv",
    "official check --page": "official check {stock} --page {folder}/pages/compared.html",
    "audience --picture": "audience q --picture {folder}/q.png --output {folder}",
    "export": "export q {folder}/recordings --output {folder}",
    "publish": "publish s3://office/migration --output {folder}",
    "fetch": "fetch s3://office/migration --output {folder}",
    "catalogue meta --check": "catalogue meta --check --workspace {folder}",
    "catalogue linkedin facets": "catalogue linkedin facets --workspace {folder}",
    "catalogue linkedin entities": "catalogue linkedin entities degrees --workspace {folder}",
    "catalogue linkedin schools": "catalogue linkedin schools --country ROU --workspace {folder}",
}


@pytest.mark.parametrize("command", WRITING)
def test_a_command_that_writes_stops_at_a_held_lock(
    held: Path, tmp_path_factory: pytest.TempPathFactory, command: str
) -> None:
    before, stock = files(held), shutil.copy(STOCK, tmp_path_factory.mktemp("official"))
    ended = smstock(*WRITING[command].format(folder=held, stock=stock).split())
    assert (ended.returncode, ended.stdout) == (4, "")
    assert ended.stderr.startswith(f"smstock: another smstock run is at work in {held}\n")
    assert "nothing was changed" in ended.stderr
    assert files(held) == before


def test_a_file_outside_of_every_workspace_needs_no_lock(
    held: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(held)
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    stock = shutil.copy(STOCK, tmp_path_factory.mktemp("official"))
    assert smstock("audience", "q", "--picture", elsewhere / "q.png", "--workspace", held).returncode == 0
    assert smstock("official", "check", stock, "--save", elsewhere / "compared.csv").returncode == 0
    assert {path.name for path in files(elsewhere)} == {"q.png", "compared.csv"}


def test_what_only_reads_works_while_another_run_holds_the_workspace(held: Path) -> None:
    stock = shutil.copy(STOCK, held)
    assert smstock("audience", "q", "--workspace", held).returncode == 0
    assert smstock("official", "describe", stock).returncode == 0
    assert smstock("official", "check", stock).returncode == 0
    assert smstock("plan", "serbia-diaspora", "--output", held).returncode == 0


def test_a_folder_in_the_place_of_the_lock_is_one_message(tmp_path: Path) -> None:
    (tmp_path / LOCK).mkdir()
    ended = smstock("run", "serbia", "--output", tmp_path)
    assert ended.returncode == 3
    assert f"{tmp_path} cannot be locked" in ended.stderr
    assert "take away what lies there" in ended.stderr
