"""Accounts by language beside accounts by where they lived."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from smstock.audience.beside import SAME, beside

CELL: dict[str, Any] = dict.fromkeys((*SAME, "education", "relationship", "dimension"), "") | {
    "metric": "mau", "sex": "all", "age_min": 18, "age_max": None, "status": "observed", "wave": "2026-10",
}  # fmt: skip


def table(*rows: tuple[str, str, float], **changes: Any) -> pd.DataFrame:
    return pd.DataFrame(
        [CELL | {"origin": origin, "destination": area, "value": value} | changes for origin, area, value in rows]
    )


LIVED = table(("POL", "DEU", 1000), ("POL", "AUT", 100), ("POL", "NLD", 10), ("UKR", "DEU", 50), ("UKR", "AUT", 60))
SPOKEN = table(("POL", "DEU", 2000), ("POL", "AUT", 400), ("POL", "NLD", 80), ("UKR", "DEU", 50), ("UKR", "AUT", 240))


def test_ratios_and_spreads_by_hand() -> None:
    compared = beside(LIVED, SPOKEN).set_index("origin")
    # Poland: 2, 4, 8; Ukraine: 1, 4
    figures = compared.loc[["POL"], ["corridors", "waves", "ratio", "least", "most"]].to_numpy()
    assert figures == pytest.approx(np.array([[3, 1, 4, 2, 8]]))
    assert compared.loc["UKR", "ratio"] == pytest.approx(2.5)
    half, whole = np.log(2), np.log(4) / 2
    assert compared.loc["POL", "sd_destinations"] == pytest.approx(half)
    assert compared.loc["UKR", "sd_destinations"] == pytest.approx(np.sqrt(2) * whole)
    # 5 corridors less 2 effects of origin
    assert compared.loc["", "sd_destinations"] == pytest.approx(np.sqrt((2 * half**2 + 2 * whole**2) / 3))
    assert compared["sd_waves"].isna().all()


def test_a_link_that_moves_between_waves_is_not_steady() -> None:
    later = {"wave": "2026-11"}
    one = pd.concat([LIVED, LIVED.assign(**later)])
    other = pd.concat([SPOKEN, SPOKEN.assign(value=SPOKEN["value"] * np.exp(0.2), **later)])
    compared = beside(one, other).set_index("origin")
    assert compared["waves"].tolist() == [2, 2, 2]
    assert compared.loc["", "sd_waves"] == pytest.approx(np.sqrt(5 * 2 * 0.1**2 / 5))
    assert compared.loc["POL", "ratio"] == pytest.approx(4 * np.exp(0.1))


def test_floors_breakdowns_all_users_and_other_ages_are_no_part_of_it() -> None:
    floor = table(("POL", "ITA", 0)).assign(status="floored", value=None)
    more = [table(("POL", "ITA", 500)), table(("", "DEU", 9000)), table(("POL", "DEU", 3), sex="female"),
            table(("POL", "DEU", 3), age_min=18, age_max=24), table(("POL", "DEU", 3), education="tertiary")]  # fmt: skip
    compared = beside(pd.concat([LIVED, floor, *more[1:]]), pd.concat([SPOKEN, *more]))
    pd.testing.assert_frame_equal(compared, beside(LIVED, SPOKEN))


def test_a_known_spread_over_destinations_is_found() -> None:
    rng = np.random.default_rng(1)
    cells = [(origin, f"D{number}", 1000.0) for origin in ("POL", "ROU", "SRB") for number in range(200)]
    lived = table(*cells)
    effects = np.repeat([0.0, 1.0, -1.0], 200)
    spoken = lived.assign(value=1000 * np.exp(effects + rng.normal(0, 0.3, 600)))
    compared = beside(lived, spoken).set_index("origin")
    assert compared.loc["", "sd_destinations"] == pytest.approx(0.3, rel=0.1)
    assert compared.loc["ROU", "ratio"] == pytest.approx(np.exp(1.0), rel=0.1)


def test_nothing_in_common_is_no_corridor() -> None:
    assert beside(LIVED, SPOKEN.assign(placements="facebook"))["corridors"].tolist() == [0]
