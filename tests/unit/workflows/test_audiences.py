"""Which waves the audiences of a wave are repaired by, and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from smstock.errors import InputError
from smstock.folder import Folder
from smstock.tables import AUDIENCE, check
from smstock.workflows.audiences import audiences, repaired, side_by_side
from smstock.workflows.calibration_spec import CalibrationSpec
from smstock.workflows.inputs import inputs_of
from smstock.workflows.waves import read_waves

if TYPE_CHECKING:
    from pathlib import Path

WAVES = {"2019-01": 9000.0, "2019-02": None, "2019-03": 9000.0}
FLOOR = {"status": "floored", "value": None, "lower": 0.0, "upper": 1000.0}


@pytest.fixture
def workspace(tmp_path: Path) -> Folder:
    """People from Poland in Germany, two age groups, in three waves; the middle one is at the floor."""
    there = Folder(tmp_path, tmp_path)
    fixed: dict[str, Any] = dict.fromkeys(AUDIENCE.names, "")
    fixed |= {"platform": "meta", "metric": "mau", "origin": "POL", "destination": "DEU", "sex": "all", "age_min": 18}
    fixed |= {"location_basis": "home", "placements": "all", "age_max": None}
    for wave, value in WAVES.items():
        shown = {"status": "observed", "value": value, "lower": 8950.0, "upper": 9050.0} if value else FLOOR
        by_education = fixed | {"education": "tertiary"}
        rows = pd.DataFrame([each | shown | {"wave": wave} for each in (fixed, by_education)])
        path = there.wave(wave, "q.audience.parquet")
        path.parent.mkdir(parents=True, exist_ok=True)
        check(rows, AUDIENCE).to_parquet(path, index=False)
    return there


def test_the_first_wave_is_as_it_was_collected(workspace: Folder) -> None:
    seen = audiences(workspace, "q", "2019-01", "mau")
    assert seen.waves is None
    assert seen.repair is None
    assert len(seen.audience) == 2


def test_a_wave_is_repaired_by_earlier_ones_only(workspace: Folder) -> None:
    # That the floor of February is a glitch also shows in January alone; of March nothing is known yet.
    seen = audiences(workspace, "q", "2019-02", "mau")
    assert seen.waves is not None
    assert sorted(seen.waves["wave"].unique()) == ["2019-01", "2019-02"]
    assert seen.audience["status"].tolist() == ["glitch"]
    assert seen.audience["value"].isna().all()


def test_every_wave_is_chained_for_the_newest(workspace: Folder) -> None:
    seen = audiences(workspace, "q", "2019-03", "mau")
    assert seen.audience["value"].tolist() == [9000.0]
    assert seen.repair is not None
    assert seen.repair.glitches["wave"].tolist() == ["2019-02"]


def test_breakdowns_that_no_corridor_is_made_of_are_not_read(workspace: Folder) -> None:
    assert read_waves(workspace, "q", until="2019-03")["education"].unique().tolist() == [""]


def test_inputs_name_earlier_waves(workspace: Folder, tmp_path: Path) -> None:
    (tmp_path / "stock.csv").write_text("x")
    spec = CalibrationSpec(
        name="x", stock=(tmp_path / "stock.csv",), provider="p", edition="1", concepts=("birth",),
        target_date="2018-01-01", known_until="2017-01-01",
    )  # fmt: skip
    first, last = (inputs_of(spec, workspace, "q", wave) for wave in ("2019-01", "2019-03"))
    assert sorted(first) == ["audience", "spec", "stock"]
    assert sorted(last) == ["audience", "audience 2019-01", "audience 2019-02", "spec", "stock"]
    assert last["audience 2019-01"] == first["audience"]


def test_a_single_wave_has_nothing_to_be_compared_with(workspace: Folder) -> None:
    with pytest.raises(InputError, match="q has no wave before 2019-01"):
        repaired(workspace, "q", "2019-01")


def test_a_damaged_earlier_wave_is_named_and_left_aside(workspace: Folder, caplog: pytest.LogCaptureFixture) -> None:
    waves = workspace.waves_of("q")
    workspace.wave("2019-01", "q.audience.parquet").write_bytes(b"no parquet")
    read = read_waves(workspace, "q", until=waves[-1])
    assert set(read["wave"]) == set(waves) - {"2019-01"}
    assert "2019-01/q.audience.parquet is damaged" in caplog.text
    with pytest.raises(InputError, match=r"2019-01.q\.audience\.parquet is damaged"):
        read_waves(workspace, "q", until="2019-01")


def of_basis(workspace: Folder, wave: str, basis: str) -> None:
    path = workspace.wave(wave, "q.audience.parquet")
    pd.read_parquet(path).assign(origin_basis=basis).to_parquet(path, index=False)


def test_waves_by_language_and_by_where_accounts_lived_are_never_one_series(
    workspace: Folder, caplog: pytest.LogCaptureFixture
) -> None:
    for wave, basis in {"2019-01": "lived_in", "2019-02": "language", "2019-03": "language"}.items():
        of_basis(workspace, wave, basis)
    seen = audiences(workspace, "q", "2019-03", "mau")
    assert seen.waves is not None
    assert sorted(seen.waves["wave"].unique()) == ["2019-02", "2019-03"]
    assert "origins of 2019-01 are by lived_in, those of the newest wave by language" in caplog.text
    # the first wave of the new basis begins a series
    assert audiences(workspace, "q", "2019-02", "mau").waves is None
    with pytest.raises(InputError, match="q has no wave before 2019-02"):
        repaired(workspace, "q", "2019-02")


def test_a_month_of_two_bases_has_no_mean(workspace: Folder) -> None:
    of_basis(workspace, "2019-02", "lived_in")
    of_basis(workspace, "2019-03", "language")
    with pytest.raises(InputError, match="several bases of origin") as caught:
        read_waves(workspace, "q", until="2019-03", parts=["2019-02", "2019-03"])
    assert caught.value.where == "2019-02 by lived_in; 2019-03 by language"


def test_two_queries_stand_side_by_side_in_the_waves_of_both(workspace: Folder) -> None:
    for wave in ("2019-01", "2019-03"):
        of_basis(workspace, wave, "lived_in")
        table = pd.read_parquet(workspace.wave(wave, "q.audience.parquet"))
        spoken = table.assign(origin_basis="language", value=table["value"] * 2)
        spoken.to_parquet(workspace.wave(wave, "spoken.audience.parquet"), index=False)
    compared = side_by_side(workspace, "q", "spoken", "2019-03", "mau")
    assert compared.bases == ("lived_in", "language")
    assert compared.table[["origin", "corridors", "waves", "ratio"]].to_numpy().tolist() == [
        ["POL", 1, 2, 2.0], ["", 1, 2, 2.0],
    ]  # fmt: skip


def test_queries_without_a_common_corridor_are_not_compared(workspace: Folder) -> None:
    table = pd.read_parquet(workspace.wave("2019-03", "q.audience.parquet"))
    table.assign(placements="facebook").to_parquet(workspace.wave("2019-03", "spoken.audience.parquet"), index=False)
    with pytest.raises(InputError, match="q and spoken have no corridor in common"):
        side_by_side(workspace, "q", "spoken", "2019-03", "mau")
