"""A month of several waves: means, bounds, floors, and the noise that a mean takes out."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from smstock.audience.month import by_month
from smstock.tables import AUDIENCE, check

WEEKS = ("2026-W45", "2026-W46", "2026-W47", "2026-W48")
FLOOR = {"status": "floored", "value": None, "lower": 0.0, "upper": 1000.0}
GLITCH = {"status": "glitch", "value": None, "lower": None, "upper": None}


def shown(value: float, step: float = 50.0) -> dict[str, Any]:
    return {"status": "observed", "value": value, "lower": value - step, "upper": value + step}


def table(*answers: dict[str, Any], destination: str = "AUT") -> pd.DataFrame:
    cell: dict[str, Any] = dict.fromkeys(AUDIENCE.names, "") | {"platform": "meta", "metric": "mau", "origin": "SRB"}
    cell |= {"sex": "all", "age_min": 18, "age_max": None, "destination": destination}
    cell |= {"location_basis": "home", "placements": "all"}
    rows = [cell | answer | {"wave": wave} for wave, answer in zip(WEEKS, answers, strict=False)]
    return check(pd.DataFrame(rows), AUDIENCE)


def mean(*answers: dict[str, Any]) -> tuple[str, list[float | None]]:
    month = check(by_month(table(*answers)), AUDIENCE)
    assert month["wave"].tolist() == ["2026-11"]
    row = month.iloc[0]
    return row["status"], [None if pd.isna(row[name]) else round(row[name], 6) for name in ("value", "lower", "upper")]


def test_a_mean_by_hand() -> None:
    status, numbers = mean(shown(1000, 0), shown(2000, 0), shown(4000, 0))
    assert (status, numbers) == ("observed", [2000.0, 2000.0, 2000.0])


def test_bounds_hold_the_mean_of_any_counts_that_the_answers_allow() -> None:
    rng = np.random.default_rng(1)
    for _ in range(50):
        answers = [shown(value, 100) for value in rng.integers(1000, 9000, 4).astype(float)]
        _, (value, lower, upper) = mean(*answers)
        counts = [rng.uniform(answer["lower"], answer["upper"]) for answer in answers]
        assert lower is not None
        assert upper is not None
        assert lower <= np.exp(np.mean(np.log(counts))) <= upper
        assert value is not None
        assert lower <= value <= upper


def test_a_glitch_takes_no_part() -> None:
    assert mean(shown(3000), GLITCH, shown(3000), GLITCH) == mean(shown(3000), shown(3000))
    assert mean(GLITCH, GLITCH) == ("glitch", [None, None, None])


@pytest.mark.parametrize(
    ("answers", "status", "numbers"),
    [
        ([FLOOR, FLOOR, FLOOR], "floored", [None, 0.0, 1000.0]),
        # at most the mean of what each wave can be: (1,000 x 1,210) ** 0.5
        ([FLOOR, shown(1150, 60)], "floored", [None, 0.0, 1100.0]),
        # most waves are shown: the floored one is at most 1,000, and may be 0
        ([FLOOR, shown(1000, 0), shown(1331, 0)], "observed", [1100.0, 0.0, 1100.0]),
        ([FLOOR, GLITCH], "floored", [None, 0.0, 1000.0]),
        ([FLOOR | {"status": "deduced"}, FLOOR | {"status": "deduced"}], "deduced", [None, 0.0, 1000.0]),
        ([FLOOR | {"status": "deduced"}, FLOOR], "floored", [None, 0.0, 1000.0]),
    ],
)
def test_floors_are_bounds(answers: list[dict[str, Any]], status: str, numbers: list[float | None]) -> None:
    assert mean(*answers) == (status, numbers)


def test_months_and_cells_are_kept_apart_whatever_their_order() -> None:
    waves = pd.concat([table(shown(2000), shown(2000)), table(shown(6000), shown(6000), destination="DEU")])
    december = table(shown(8000)).assign(wave="2026-W50")
    shuffled = pd.concat([waves, december]).sample(frac=1.0, random_state=3)
    months = by_month(shuffled).set_index(["wave", "destination"])["value"].round(6).to_dict()
    assert months == {("2026-11", "AUT"): 2000.0, ("2026-11", "DEU"): 6000.0, ("2026-12", "AUT"): 8000.0}


def test_a_month_of_four_weeks_is_steadier_than_a_week() -> None:
    """Counts with 4 % of noise, rounded to two digits: the mean of four has half the error of one."""
    rng = np.random.default_rng(7)
    truth = np.exp(rng.uniform(np.log(2e3), np.log(9e5), 400))
    weeks = []
    for wave in WEEKS:
        counts = truth * np.exp(rng.normal(0.0, 0.04, truth.size))
        step = 10.0 ** (np.floor(np.log10(counts)) - 1)
        value = np.round(counts / step) * step
        cells = [f"{number:03}" for number in range(truth.size)]
        rows = pd.DataFrame(
            {"value": value, "lower": value - step / 2, "upper": value + step / 2, "destination": cells}
        )
        weeks.append(rows.assign(wave=wave, status="observed", **dict.fromkeys(
            [name for name in AUDIENCE.names if name not in {*rows, "wave", "status"}], ""
        )))  # fmt: skip
    month = by_month(pd.concat(weeks)).set_index("destination")["value"].sort_index()
    error_of_month = np.log(month / truth).std()
    error_of_week = np.log(weeks[0].set_index("destination")["value"] / truth).std()
    assert 0.4 < error_of_month / error_of_week < 0.6
