from __future__ import annotations

from math import exp, sqrt

import numpy as np
import pandas as pd
import pytest

from smstock.models.calibration import Calibration
from smstock.models.estimate import estimate

WIDTHS = {"all": {"50": 0.2, "80": 0.4, "95": None}, "sex": {"50": 0.3, "80": 0.5, "95": None}}
CALIBRATION = Calibration(
    name="c", query="q", wave="2020-10", provider="p", edition="1", concepts=("birth",), target_date="2020-07-01",
    methods={"log_ratio": {"intercept": 0.0, "slope": 0.5, "lag": 5.0}, "carry_forward": {}, "constant_ratio": {"ratio": 2.0}},
    scores=[
        {"method": "log_ratio", "kind": "all", "rmsle": 0.3}, {"method": "carry_forward", "kind": "all", "rmsle": 0.4},
        {"method": "constant_ratio", "kind": "all", "rmsle": 1.2},
    ],
    widths={"log_ratio": WIDTHS, "carry_forward": WIDTHS, "constant_ratio": WIDTHS},
    ranking=("log_ratio", "carry_forward", "constant_ratio"), sex_sources=("official_last", "corrected", "audience", "equal"),
    errors_of_ratios=[], lag=5.0, cells=30, inputs={}, versions={}, seed=1,
)  # fmt: skip


def corridor(
    destination: str, audience: float | None, last: float | None, *, lag: float = 5.0, status: str = ""
) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for sex, share in (("all", 1.0), ("female", 0.6), ("male", 0.4)):
        rows.append(
            {
                "destination": destination,
                "origin": "SRB",
                "sex": sex,
                "audience": None if audience is None else audience * share,
                "audience_upper": 1000.0 if audience is None else audience * share,
                "audience_status": status or ("observed" if audience else "floored"),
                "official_last": None if last is None else last * share,
                "official_last_date": "2015-07-01" if last else "",
                "official_concept": "birth" if last else "",
                "lag": lag if last else None,
                "penetration_destination": None,
                "penetration_origin": None,
                "stock": None,
            }
        )
    return rows


def nowcast(*corridors: list[dict[str, object]]) -> pd.DataFrame:
    table = pd.DataFrame([row for rows in corridors for row in rows])
    numbers = [
        "audience",
        "audience_upper",
        "official_last",
        "lag",
        "penetration_destination",
        "penetration_origin",
        "stock",
    ]
    table[numbers] = table[numbers].astype("float64")
    return estimate(table, CALIBRATION, wave="2020-10", reference_date="2020-10-15")


def total(table: pd.DataFrame, destination: str) -> pd.Series:
    return table[(table["destination"] == destination) & (table["sex"] == "all")].iloc[0]


def test_each_corridor_gets_the_best_method_it_has_the_data_for() -> None:
    table = nowcast(
        corridor("AUT", 4000, 1000),
        corridor("DEU", None, 500),
        corridor("ITA", 3000, None),
        corridor("ISL", None, None),
    )
    assert total(table, "AUT")[["method", "median", "regime"]].tolist() == [
        "log_ratio",
        pytest.approx(2000),
        "official",
    ]
    assert total(table, "DEU")[["method", "median", "regime"]].tolist() == ["carry_forward", 500, "official"]
    assert total(table, "ITA")[["method", "median", "regime"]].tolist() == ["constant_ratio", 6000, "audience"]
    assert total(table, "ISL")["regime"] == "floored"


def test_below_the_floor_there_is_no_median_only_fewer_than() -> None:
    row = total(nowcast(corridor("ISL", None, None)), "ISL")
    assert np.isnan(row["median"])
    assert row["lower_80"] == 0
    assert row["upper_80"] == pytest.approx(2000 * exp(0.4))
    assert "fewer than 1,000 accounts" in row["notes"]


@pytest.mark.parametrize("status", ["failed", "not_ready", "glitch", "refused:age_rule", "quota"])
def test_where_nothing_is_known_nothing_is_said(status: str) -> None:
    rows = [{**row, "audience_upper": None} for row in corridor("ISL", None, None, status=status)]
    row = total(nowcast(corridor("AUT", 10, 10), rows), "ISL")
    assert row["regime"] == "none"
    assert row[["median", "lower_50", "upper_50", "lower_80", "upper_80"]].isna().all()
    assert status in row["notes"]


def test_sexes_add_up_and_the_split_is_the_official_one_where_there_is_one() -> None:
    table = nowcast(corridor("AUT", 4000, 1000), corridor("ITA", 3000, None))
    for destination in ("AUT", "ITA"):
        parts = table[table["destination"] == destination].set_index("sex")["median"]
        assert parts["female"] + parts["male"] == pytest.approx(parts["all"])
        assert parts["female"] / parts["all"] == pytest.approx(0.6)


def test_intervals_widen_with_the_square_root_of_the_age_of_the_figure_and_stop() -> None:
    for lag, share in ((0.0, 0.0), (1.25, sqrt(0.25)), (5.0, 1.0), (20.0, 1.0)):
        row = total(nowcast(corridor("AUT", None, 1000, lag=lag)), "AUT")
        assert row["upper_80"] == pytest.approx(1000 * exp(0.4 * share))
    assert total(nowcast(corridor("ITA", 3000, None)), "ITA")["upper_80"] == pytest.approx(6000 * exp(0.4))


def test_levels_nest_and_one_that_was_not_learnt_is_missing() -> None:
    row = total(nowcast(corridor("AUT", 4000, 1000)), "AUT")
    assert row["lower_80"] < row["lower_50"] < row["median"] < row["upper_50"] < row["upper_80"]
    assert np.isnan(row["upper_95"])


def test_skill_says_how_a_method_did_against_carrying_forward() -> None:
    table = nowcast(corridor("AUT", 4000, 1000), corridor("ITA", 3000, None))
    assert total(table, "AUT")["skill_vs_carry_forward"] == pytest.approx(0.25)
    assert total(table, "ITA")["skill_vs_carry_forward"] == pytest.approx(-2)


def test_sources_that_contradict_each_other_are_pointed_out() -> None:
    assert "20 times the official figure" in total(nowcast(corridor("NLD", 5000, 500)), "NLD")["notes"]
    assert "times" not in total(nowcast(corridor("AUT", 500, 500)), "AUT")["notes"]


def test_a_calibration_survives_its_file() -> None:
    again = Calibration.from_json(CALIBRATION.to_json(), "c.json")
    assert again == CALIBRATION
    assert again.id == CALIBRATION.id
