"""Months in which something is odd: each ends in one message, or in rows that say regime and reason."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from smstock.calibrate.calibration import FORMAT
from smstock.errors import ContractError, OfficialFileError, TooFewCellsError
from smstock.folder import Folder
from smstock.provenance import text_hash
from smstock.tables import AUDIENCE, STOCK, check
from smstock.workflows import calibration_spec
from smstock.workflows.calibration import calibrate, on_file
from smstock.workflows.evidence import Evidence
from smstock.workflows.nowcasting import nowcast

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from smstock.calibrate.calibration import Calibration

PLACES = ("AUT", "BEL", "BGR", "CHE", "CZE", "DEU", "DNK", "ESP", "FIN", "FRA", "GRC", "HRV", "HUN", "ITA", "NLD")
WAVE = "2018-06"
SPEC = """
name = "odd"
stock = "stock.csv"
provider = "office"
edition = "1"
concepts = ["birth"]
target_date = "2018-01-01"
known_until = "2013-01-01"
"""
SIDECAR = 'producer = "p"\ntitle = "t"\nedition = "1"\ncitation = "c"\nlicence = "l"\nretrieved = 2026-11-22\n'


def figures(places: Sequence[str], dates: Sequence[str], *, origin: str = "POL") -> pd.DataFrame:
    """Return stocks of some thousands that grow by 3 % a year."""
    rows = [
        {
            "destination": place,
            "reference_date": day,
            "value": round(2000 * (1 + PLACES.index(place)) * 1.03 ** (int(day[:4]) - 2010)),
        }
        for place in places
        for day in dates
    ]
    fixed = {"provider": "office", "dataset": "d", "edition": "1", "concept": "birth", "origin": origin, "sex": "all"}
    return pd.DataFrame(rows).assign(**fixed, age_min=0, age_max=None, flags="", retrieved_at="")


def answers(shown: Mapping[tuple[str, str], float | None], wave: str = WAVE) -> pd.DataFrame:
    """Return audiences by destination and origin; None is below the floor."""
    fixed: dict[str, Any] = dict.fromkeys(AUDIENCE.names, "")
    fixed |= {"platform": "meta", "metric": "mau", "sex": "all", "age_min": 18, "age_max": None}
    fixed |= {"location_basis": "home", "placements": "all", "wave": wave}
    rows = []
    for (place, origin), value in shown.items():
        reading = {"status": "floored", "value": None, "lower": 0.0, "upper": 1000.0}
        if value is not None:
            reading = {"status": "observed", "value": value, "lower": 0.95 * value, "upper": 1.05 * value}
        rows.append(fixed | reading | {"destination": place, "origin": origin})
    return check(pd.DataFrame(rows), AUDIENCE)


def audiences_of(places: Sequence[str], origin: str = "POL", *, factor: float = 0.4) -> dict[tuple[str, str], float]:
    rng = np.random.default_rng(3)
    return {
        (place, origin): float(round(factor * 2500 * (1 + PLACES.index(place)) * np.exp(0.2 * rng.standard_normal())))
        for place in places
    }


@dataclass
class Office:
    """A folder with one query and one calibration file; what a wave taught is learnt once."""

    folder: Path
    learnt: dict[str, Calibration] = field(default_factory=dict)

    @property
    def workspace(self) -> Folder:
        return Folder(self.folder, self.folder)

    def hold(self, stock: pd.DataFrame) -> None:
        text = stock[list(STOCK.names)].to_csv(index=False)
        (self.folder / "stock.csv").write_text(text, encoding="utf-8")
        sidecar = f'{SIDECAR}sha256 = "{text_hash(text)}"\n'
        (self.folder / "stock.csv.origin.toml").write_text(sidecar, encoding="utf-8")
        (self.folder / "odd.toml").write_text(SPEC, encoding="utf-8")

    def see(self, audience: pd.DataFrame) -> None:
        path = self.workspace.wave(str(audience["wave"].iloc[0]), "q.audience.parquet")
        path.parent.mkdir(parents=True, exist_ok=True)
        audience.to_parquet(path, index=False)

    def month(self, wave: str = WAVE, learnt_from: str = "") -> pd.DataFrame:
        """Return the totals of a wave by destination and origin."""
        spec = calibration_spec.load(self.folder / "odd.toml")
        taught_by = learnt_from or wave
        if taught_by not in self.learnt:
            self.learnt[taught_by] = calibrate(Evidence(spec, self.workspace, "q", taught_by))
        table = nowcast(Evidence(spec, self.workspace, "q", wave), self.learnt[taught_by]).estimates
        return table[table["sex"] == "all"].set_index(["destination", "origin"])


def of(totals: pd.DataFrame, destination: str, origin: str) -> dict[Any, Any]:
    """Return the row of a corridor."""
    row: dict[Any, Any] = (
        totals.reset_index().set_index(["destination", "origin"]).to_dict("index")[destination, origin]
    )
    return row


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


OLD_AND_NEW = ("2013-01-01", "2018-01-01")
MONTH_BEFORE = "2018-05"


@pytest.fixture(scope="module")
def calibrated(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """An office that learnt from the month before, and has no other wave."""
    office = Office(tmp_path_factory.mktemp("calibrated"))
    office.hold(figures(PLACES, OLD_AND_NEW))
    office.see(answers(audiences_of(PLACES), MONTH_BEFORE))
    office.month(MONTH_BEFORE)
    return office


@pytest.fixture
def next_month(calibrated: Office, tmp_path: Path) -> Office:
    """A copy of that office, to be given the next wave or to be altered."""
    shutil.copytree(calibrated.folder, tmp_path, dirs_exist_ok=True)
    return Office(tmp_path, dict(calibrated.learnt))


def test_a_wave_of_three_corridors_is_too_few_to_learn_an_elasticity_from(office: Office) -> None:
    office.hold(figures(PLACES[:3], OLD_AND_NEW))
    office.see(answers(audiences_of(PLACES[:3])))
    totals = office.month()
    # three errors give no 80 % interval
    assert set(totals["method"]) <= {"carry_forward", "trend", "damped_trend_fixed", "moving_average", "constant_ratio"}
    assert totals["lower_80"].isna().all()
    assert (totals["regime"] == "stale").all()


def test_one_corridor_is_refused(office: Office) -> None:
    office.hold(figures(PLACES[:1], OLD_AND_NEW))
    office.see(answers(audiences_of(PLACES[:1])))
    with pytest.raises(TooFewCellsError, match="no method can be tested on so few"):
        office.month()


def test_official_figures_that_are_0_throughout_are_named_with_their_date(office: Office) -> None:
    stock = figures(PLACES, OLD_AND_NEW)
    office.hold(stock.assign(value=stock["value"].where(stock["reference_date"] != "2018-01-01", 0)))
    office.see(answers(audiences_of(PLACES)))
    message = "the official figures of 2018-01-01 are 0 in each of the 15 corridors with an audience"
    with pytest.raises(TooFewCellsError, match=message) as refused:
        office.month()
    assert refused.value.where == str(office.folder / "stock.csv")
    assert "a missing one is an empty field" in refused.value.hint


def test_an_origin_nobody_calibrated_is_indicative_and_says_so(next_month: Office) -> None:
    next_month.see(answers(audiences_of(PLACES) | {("AUT", "VEN"): 5000.0}))
    row = of(next_month.month(learnt_from=MONTH_BEFORE), "AUT", "VEN")
    assert row["regime"] == "none"
    assert row["median"] > 0
    assert row["upper_80"] / row["lower_80"] > 1.2
    assert row["reason"].startswith("no official figure; ")
    assert "no official figure: indicative" in row["notes"]


def test_where_all_is_below_the_floor_official_figures_are_carried_and_the_rest_is_fewer_than(
    next_month: Office,
) -> None:
    below: dict[tuple[str, str], float | None] = dict.fromkeys([(place, "POL") for place in PLACES])
    next_month.see(answers(below | {("SWE", "POL"): None}))
    totals = next_month.month(learnt_from=MONTH_BEFORE)
    row = of(totals, "SWE", "POL")
    assert np.isnan(row["median"])
    assert row["lower_80"] == 0
    assert row["upper_80"] > 0
    assert row["reason"] == "no official figure; only the floor is known"
    assert (totals.drop("SWE")["median"] > 0).all()
    assert "fewer than 1,000 accounts" in of(totals, "AUT", "POL")["notes"]


def test_a_concept_that_was_not_asked_for_is_refused(office: Office) -> None:
    office.hold(figures(PLACES, OLD_AND_NEW).assign(concept="citizenship"))
    office.see(answers(audiences_of(PLACES)))
    with pytest.raises(ContractError, match="citizenship"):
        office.month()


def test_a_break_last_month_is_told_and_moves_no_register(office: Office) -> None:
    places = PLACES[:8]
    office.hold(figures(places, [f"{year}-01-01" for year in range(2014, 2019)]))
    for month, factor in (("2018-03", 0.4), ("2018-04", 0.4), ("2018-05", 0.4), (WAVE, 0.2)):
        office.see(answers(audiences_of(places, factor=factor), month))
    totals, before = office.month(), office.month("2018-05")
    assert (totals["regime"] == "register").all()
    assert totals["median"].to_numpy() == pytest.approx(before["median"].to_numpy(), rel=0.02)


def test_a_series_that_ends_in_2011_is_stale_and_says_so(office: Office) -> None:
    ended = figures(["AUT"], [f"{year}-01-01" for year in range(2008, 2012)])
    office.hold(pd.concat([ended, figures(PLACES[1:9], OLD_AND_NEW)]))
    office.see(answers(audiences_of(PLACES[:9])))
    row = of(office.month(), "AUT", "POL")
    assert row["regime"] == "stale"
    assert "the last of 2011-01-01, 7.5 years old" in row["reason"]


@pytest.mark.parametrize(("value", "number"), [(-5.0, "-5"), (np.inf, "inf")])
def test_a_figure_that_is_no_count_is_refused(office: Office, value: float, number: str) -> None:
    stock = figures(PLACES, OLD_AND_NEW)
    stock["value"] = stock["value"].astype(float)
    stock.loc[3, "value"] = value
    office.hold(stock)
    office.see(answers(audiences_of(PLACES)))
    with pytest.raises(OfficialFileError, match=f"'{number}.*' is neither a figure nor a mark") as caught:
        office.month()
    assert caught.value.where == f"{office.folder / 'stock.csv'}, line 5"


def test_a_figure_given_twice_is_refused(office: Office) -> None:
    stock = figures(PLACES, OLD_AND_NEW)
    office.hold(pd.concat([stock, stock.iloc[[4]].assign(value=9.0)]))
    office.see(answers(audiences_of(PLACES)))
    with pytest.raises(ContractError, match=r"stock|twice|duplicate"):
        office.month()


def test_a_shock_is_alerted_and_raises_a_register_in_part(office: Office) -> None:
    pairs = [(place, origin) for place in PLACES for origin in ("POL", "ROU", "VEN")]
    years = [f"{year}-01-01" for year in range(2013, 2018)]
    office.hold(pd.concat([figures(PLACES, years, origin=origin) for origin in ("POL", "ROU", "VEN")]))
    rng = np.random.default_rng(5)
    before = {pair: float(round(9000 * np.exp(rng.standard_normal()))) + 2000 for pair in pairs}
    after = {pair: value * float(np.exp(0.03 * rng.standard_normal())) for pair, value in before.items()}
    calm = office
    calm.see(answers(before, "2017-07"))
    calm.see(answers(after, "2018-05"))
    calm.see(answers(after | {("ESP", "VEN"): 2.2 * after["ESP", "VEN"]}))
    spec = office.folder / "odd.toml"
    spec.write_text(spec.read_text(encoding="utf-8").replace("2018-01-01", "2017-01-01"), encoding="utf-8")
    totals, quiet = office.month(learnt_from="2018-05"), office.month("2018-05")
    row = of(totals, "ESP", "VEN")
    assert row["regime"] == "shock"
    assert row["method"] == "minora_damped"
    assert row["notes"].startswith("alert: audience grew by")
    assert 1.15 < row["median"] / of(quiet, "ESP", "VEN")["median"] < 1.4
    assert (totals["regime"] == "shock").sum() == 1


def test_a_calibration_that_an_older_smstock_made_is_learnt_anew(next_month: Office) -> None:
    spec, path = calibration_spec.load(next_month.folder / "odd.toml"), next_month.workspace.calibration("odd")
    assert on_file(Evidence(spec, next_month.workspace, "q", MONTH_BEFORE)) is not None
    path.write_text(path.read_text(encoding="utf-8").replace(f'"format": {FORMAT}', '"format": 2'), encoding="utf-8")
    assert on_file(Evidence(spec, next_month.workspace, "q", MONTH_BEFORE)) is None


def test_a_calibration_that_was_altered_is_learnt_anew(next_month: Office) -> None:
    spec, path = calibration_spec.load(next_month.folder / "odd.toml"), next_month.workspace.calibration("odd")
    evidence, text = Evidence(spec, next_month.workspace, "q", MONTH_BEFORE), path.read_text(encoding="utf-8")
    for written, altered in (('"seed": 1', '"seed": null'), ('"lag": ', '"lag": 1'), (text, "[" * 100_000)):
        assert written in text
        path.write_text(text.replace(written, altered, 1), encoding="utf-8")
        assert on_file(evidence) is None
    path.write_text(text, encoding="utf-8")
    assert on_file(evidence) is not None
