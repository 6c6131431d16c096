from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from smstock import settings
from smstock.errors import InputError, UsageError
from smstock.official import readers, sidecar
from smstock.platforms.known import platform
from smstock.query.lattice import count
from smstock.query.spec import load
from smstock.sandbox import folder
from smstock.sandbox.simulation import simulate
from smstock.vocabulary import countries
from smstock.workflows import calibration_spec

if TYPE_CHECKING:
    from pathlib import Path

    from smstock.sandbox.world import World


@pytest.fixture(scope="module")
def europe() -> World:
    return simulate(
        np.random.default_rng(1),
        areas=countries.expand((*folder.DESTINATIONS, *folder.LANGUAGES_OF)),
        origins=folder.ORIGINS,
    )


@pytest.fixture(scope="module")
def workspace(europe: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    there = tmp_path_factory.mktemp("sandbox") / "simulated"
    folder.write(europe, there, month="2026-11", source="seed 1")
    return there


def test_a_job_of_the_workspace_has_all_it_needs(workspace: Path) -> None:
    job = settings.job(workspace, "simulated")
    query = load(job.query)
    assert count(query) == 3 * (31 * 10 - 2)
    assert [finding for finding in platform("meta").findings(query, "2026-11-22") if finding.severity != "note"] == []
    spec = calibration_spec.load(job.calibration)
    stock = readers.read_stock(*spec.stock)
    chosen = stock[(stock["provider"] == spec.provider) & (stock["edition"] == spec.edition)]
    assert set(chosen["concept"]) == set(spec.concepts or ())
    assert {spec.target_date, spec.known_until} < set(chosen["reference_date"])
    assert chosen["reference_date"].max() == spec.target_date == "2025-01-01"
    assert spec.users is not None
    assert spec.population is not None
    users, population = readers.read_users(spec.users), readers.read_population(spec.population)
    assert set(users["area"]) == set(population["area"]) == {*query.destinations, *query.origins}
    assert set(users["age_min"]) == {query.whole.minimum}
    assert set(population["age_min"]) == {0, query.whole.minimum}


def test_the_query_of_cities_names_places_that_the_truth_knows(workspace: Path) -> None:
    query = load(workspace / "queries/spanish-cities.toml")
    findings = platform("meta").findings(query, "2026-11-22")
    assert [finding for finding in findings if finding.severity != "note"] == []
    assert len(query.destinations) == 1 + 19 + 33
    truth = pd.read_csv(workspace / "calibration/spanish-regions/truth.csv")
    assert set(query.destinations) <= set(truth["destination"])


def test_the_query_by_language_has_a_truth_of_each_corridor(workspace: Path) -> None:
    query = load(workspace / "queries/simulated-languages.toml")
    assert query.origin_basis == "language"
    assert [finding for finding in platform("meta").findings(query, "2026-11-22") if finding.severity != "note"] == []
    truth = pd.read_csv(workspace / "calibration/simulated-languages/truth.csv")
    assert set(zip(truth["destination"], truth["origin"], strict=True)) == set(query.corridors)


def test_every_file_or_its_sidecar_says_that_it_is_simulated(workspace: Path) -> None:
    files = [path for path in workspace.rglob("*") if path.is_file()]
    assert len(files) == 23
    for path in files:
        if path.suffix == ".csv":
            origin = sidecar.read(path)
            assert origin is not None
            assert origin.producer == "simulated by smstock"
            assert origin.citation == "smstock sandbox world, seed 1"
        else:
            assert "no figure is about a real country" in path.read_text(encoding="utf-8")


def test_the_same_world_and_month_give_the_same_bytes(europe: World, workspace: Path, tmp_path: Path) -> None:
    written = folder.write(europe, tmp_path / "again", month="2026-11", source="seed 1")
    for path in written:
        assert path.read_bytes() == (workspace / path.relative_to(tmp_path / "again")).read_bytes()


def test_nothing_is_overwritten(europe: World, tmp_path: Path) -> None:
    kept = tmp_path / "mine.txt"
    kept.write_text("mine")
    for there in (tmp_path, kept):
        with pytest.raises(InputError, match="is not empty"):
            folder.write(europe, there, month="2026-11", source="seed 1")
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize("month", ["2019-02", "2031-01"])
def test_a_month_without_figures_or_without_a_world_is_refused(europe: World, tmp_path: Path, month: str) -> None:
    with pytest.raises(UsageError, match=month):
        folder.write(europe, tmp_path / "new", month=month, source="seed 1")
    assert not (tmp_path / "new").exists()


def test_the_first_and_the_last_month_can_be_written(europe: World, tmp_path: Path) -> None:
    for month in ("2019-03", "2030-12"):
        folder.write(europe, tmp_path / month, month=month, source="seed 1")
        calibration_spec.load(tmp_path / month / "calibration" / "simulated.toml")
