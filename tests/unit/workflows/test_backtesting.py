"""Back-testing a workspace: every wave and date it has, what is written, and what cannot be tested."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from smstock import results
from smstock.errors import IncompleteError, InputError, UnknownNameError, UsageError
from smstock.folder import Folder
from smstock.models.fusion import fit as fitting
from smstock.tables import AUDIENCE, STOCK, check
from smstock.workflows import calibration_spec
from smstock.workflows.backtesting import Backtested, backtest
from smstock.workflows.evidence import Evidence
from smstock.workflows.waves import collected_wave

if TYPE_CHECKING:
    from pathlib import Path

    from smstock.workflows.calibration_spec import CalibrationSpec

SPEC = """
name = "office"
stock = "stock.csv"
provider = "eurostat"
edition = "1"
concepts = ["birth"]
target_date = "2018-01-01"
known_until = "2017-01-01"
"""
DESTINATIONS = ("AUT", "BEL", "CYP", "CZE", "DNK", "EST", "FIN", "FRA", "GRC", "HUN", "IRL", "ITA")
WAVES = ("2016-05", "2017-05", "2018-05")


def growing() -> pd.DataFrame:
    """Stocks of 12 corridors on 1 January of each year, growing steadily with a little noise."""
    rng = np.random.default_rng(1)
    start, rates = rng.uniform(500, 50_000, 12), rng.normal(0.05, 0.02, 12)
    rows = [
        (DESTINATIONS[corridor], f"{year}-01-01", round(start[corridor] * np.exp(rates[corridor] * (year - 2010))))
        for corridor in range(12)
        for year in range(2010, 2019)
    ]
    return pd.DataFrame(rows, columns=["destination", "reference_date", "value"])


def office(folder: Path, provider: str = "eurostat", waves: tuple[str, ...] = WAVES) -> tuple[CalibrationSpec, Folder]:
    """A workspace with a calibration file, its stock, and the waves of the query q."""
    figures = growing()
    fixed: dict[str, Any] = {
        "dataset": "d",
        "edition": "1",
        "concept": "birth",
        "origin": "ROU",
        "sex": "all",
        "age_min": 0,
    }
    stock = figures.assign(**fixed, provider=provider, age_max=None, flags="", retrieved_at="")
    folder.mkdir(exist_ok=True)
    check(stock, STOCK).to_csv(folder / "stock.csv", index=False)
    (folder / "stock.csv.origin.toml").write_text(
        'producer = "X"\ntitle = "X"\nedition = "1"\ncitation = "X"\nlicence = "X"\nretrieved = 2026-11-22\n'
    )
    (folder / "office.toml").write_text(SPEC.replace("eurostat", provider))
    for wave in waves:
        now = figures[figures["reference_date"].str[:4] == wave[:4]]
        values: dict[str, Any] = dict.fromkeys(AUDIENCE.names, "")
        values |= {"platform": "meta", "metric": "mau", "wave": wave, "origin": "ROU", "sex": "all", "age_min": 13}
        values |= {"age_max": None, "location_basis": "home", "placements": "all", "status": "observed"}
        values |= {"destination": now["destination"]} | dict.fromkeys(("value", "lower", "upper"), now["value"] * 0.7)
        path = folder / "waves" / wave / "q.audience.parquet"
        path.parent.mkdir(parents=True)
        check(pd.DataFrame(values), AUDIENCE).to_parquet(path)
    return calibration_spec.load(folder / "office.toml"), Folder(folder, folder)


def by_method(table: pd.DataFrame) -> dict[str, dict[str, Any]]:
    return {str(row["method"]): {str(name): of for name, of in row.items()} for row in table.to_dict("records")}


def test_every_wave_is_used_and_the_estimates_are_written(tmp_path: Path) -> None:
    spec, workspace = office(tmp_path)
    tested = backtest(
        Evidence(spec, workspace, "q", collected_wave(workspace, "q")),
        targets=["2015-01-01", "2016-01-01", "2017-01-01", "2018-01-01"],
    )
    scores = by_method(tested.scores)
    assert scores["trend"]["dates"] == 4
    assert scores["carry_forward"]["skill"] == 0
    assert scores["trend"]["skill"] > 0.9
    assert scores["trend"]["skill_lower"] > 0.5
    assert scores["minora"]["rmsle"] < scores["carry_forward"]["rmsle"]
    assert scores["constant_ratio"]["dates"] == 2
    assert tested.scores["skill"].dropna().is_monotonic_decreasing
    assert set(tested.untested["method"]) >= {"penetration", "penetration_lower", "penetration_upper"}
    parquet, csv, manifest = tested.files
    table = pd.read_parquet(parquet)
    assert len(pd.read_csv(csv, keep_default_na=False)) == len(table)
    assert set(scores) == set(table["method"])
    inputs = json.loads(manifest.read_text())["inputs"]
    assert {f"audience {wave}" for wave in WAVES} | {"stock", "stock.origin.toml", "spec"} == set(inputs)
    assert str(tmp_path) not in manifest.read_text()


@dataclass(frozen=True)
class OneWave:
    """A workspace with one wave, its back-test of 2018, and the files as they were written."""

    evidence: Evidence
    backtest: Backtested
    written: list[bytes]


@pytest.fixture(scope="module")
def one_wave(tmp_path_factory: pytest.TempPathFactory) -> OneWave:
    spec, workspace = office(tmp_path_factory.mktemp("one-wave"), waves=WAVES[-1:])
    evidence = Evidence(spec, workspace, "q", collected_wave(workspace, "q"))
    tested = backtest(evidence, targets=["2018-01-01"])
    return OneWave(evidence, tested, [path.read_bytes() for path in tested.files])


def test_running_again_writes_the_same_bytes(one_wave: OneWave, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fitting, "_LEARNT", {})
    again = backtest(
        Evidence(one_wave.evidence.spec, one_wave.evidence.folder, "q", one_wave.evidence.wave),
        targets=["2018-01-01"],
    )
    assert [path.read_bytes() for path in again.files] == one_wave.written


def test_corridors_that_the_query_does_not_ask_for_are_left_aside(tmp_path: Path) -> None:
    spec, workspace = office(tmp_path, waves=WAVES[-1:])
    path = tmp_path / "waves" / WAVES[-1] / "q.audience.parquet"
    pd.read_parquet(path)[:5].to_parquet(path)
    tested = backtest(Evidence(spec, workspace, "q", collected_wave(workspace, "q")), targets=["2018-01-01"])
    assert by_method(tested.scores)["carry_forward"]["cells"] == 5


def test_with_one_wave_audiences_cannot_be_learnt_from_and_that_is_said(one_wave: OneWave) -> None:
    tested = one_wave.backtest
    assert "log_linear needs 5 corridors with audience" in by_method(tested.untested)["log_linear"]["reason"]
    assert {"carry_forward", "trend", "raw_audience"} <= set(tested.scores["method"])


def test_a_provider_of_ones_own_needs_a_publication_lag(tmp_path: Path) -> None:
    spec, workspace = office(tmp_path, provider="ons", waves=WAVES[-1:])
    with pytest.raises(InputError, match="'ons' are published"):
        backtest(Evidence(spec, workspace, "q", collected_wave(workspace, "q")))
    tested = backtest(
        Evidence(spec, workspace, "q", collected_wave(workspace, "q")), lag=3, months_after=2, targets=["2018-01-01"]
    )
    assert by_method(tested.scores)["carry_forward"]["cells"] == 12


def test_a_target_that_is_no_day_is_told_as_such(tmp_path: Path) -> None:
    spec, workspace = office(tmp_path, waves=WAVES[-1:])
    evidence = Evidence(spec, workspace, "q", collected_wave(workspace, "q"))
    with pytest.raises(UsageError, match="'2020-02-30' is no day of the calendar"):
        backtest(evidence, targets=["2018-01-01", "2020-02-30"])


def test_an_unknown_score_is_told_before_anything_is_estimated(tmp_path: Path) -> None:
    spec, workspace = office(tmp_path, waves=())
    with pytest.raises(UnknownNameError, match="there is no score 'rmsel'") as unknown:
        backtest(Evidence(spec, workspace, "q", "2018-05"), score="rmsel")
    assert (unknown.value.allowed, unknown.value.hint) == ("mdape, wmape, mape, rmsle, crps", "did you mean rmsle?")


def half_answered(workspace: Folder, least: float) -> None:
    """Let the manifest of the newest wave tell that half of its cells are open."""
    folder = workspace.output / "waves" / WAVES[-1]
    gaps = {"answerable": 24, "unanswered": 12, "late": 0, "example": "ROU in AUT, all, 13+"}
    manifest = results.Manifest(
        step="collect",
        query="q",
        wave=WAVES[-1],
        inputs={},
        versions={},
        about={
            "gaps": gaps,
            "source": "live",
            "statuses": {"observed": 12, "failed": 12},
            "query": {"publish": {"least_answered": least}},
        },
    )
    table = pd.read_parquet(folder / "q.audience.parquet")
    results.write(folder / "q.manifest.json", manifest, {"q.audience.parquet": results.parquet(table)})


def test_a_wave_with_open_cells_is_not_tested_unless_its_query_allows_it(tmp_path: Path) -> None:
    spec, workspace = office(tmp_path, waves=WAVES[-1:])
    half_answered(workspace, 1.0)
    with pytest.raises(IncompleteError, match="12 of 24 cells of q in 2018-05 have no answer"):
        backtest(Evidence(spec, workspace, "q", WAVES[-1]), targets=["2018-01-01"])
    assert not (tmp_path / "backtests").exists()
    half_answered(workspace, 0.5)
    tested = backtest(Evidence(spec, workspace, "q", WAVES[-1]), targets=["2018-01-01"])
    assert tested.lack.startswith("12 of 24 cells")
    assert json.loads(tested.files[-1].read_text())["about"]["lack"] == tested.lack


def test_a_query_that_was_not_collected_is_named(tmp_path: Path) -> None:
    spec, workspace = office(tmp_path, waves=())
    with pytest.raises(InputError, match="'q' was not collected yet"):
        backtest(Evidence(spec, workspace, "q", collected_wave(workspace, "q")))


def test_audiences_are_repaired_by_the_waves_known_at_the_cutoff(tmp_path: Path) -> None:
    months = ("2016-11", "2016-12", "2017-01", "2017-02", "2017-03", "2018-01", "2018-02")
    spec, workspace = office(tmp_path, waves=months)
    for month in months:
        path = tmp_path / "waves" / month / "q.audience.parquet"
        table = pd.read_parquet(path)
        here = table["destination"] == "FRA"
        # a floor between two large audiences, seen for what it is once the month after it is in
        if month == "2017-02":
            table.loc[here, ["value", "lower", "upper", "status"]] = [None, 0.0, 1000.0, "floored"]
        # a label redefined overnight
        if month >= "2018":
            table[["value", "lower", "upper"]] *= 0.5
        table.to_parquet(path)
    tested = backtest(Evidence(spec, workspace, "q", collected_wave(workspace, "q")), targets=["2018-01-01"])
    scores = by_method(tested.scores)
    assert scores["minora"]["rmsle"] < scores["carry_forward"]["rmsle"]
    table = pd.read_parquet(tested.files[0])
    assert set(table.loc[table["method"] == "minora", "destination"]) == set(DESTINATIONS)
