from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smstock.audience.gender_gap import RATIOS, ratio_errors, sex_ratios, split


def corridor(
    destination: str, female: dict[str, float | None], male: dict[str, float | None]
) -> list[dict[str, object]]:
    empty = dict.fromkeys(("audience", "penetration_destination", "official_last", "stock"))
    return [
        {"destination": destination, "origin": "SRB", "sex": sex, **empty, **row}
        for sex, row in (("female", female), ("male", male))
    ]


def test_ratios_by_hand() -> None:
    table = pd.DataFrame(
        corridor(
            "AUT",
            {"audience": 300, "penetration_destination": 0.6, "stock": 90},
            {"audience": 200, "penetration_destination": 0.5, "stock": 100},
        )
        + corridor("DEU", {"audience": 300}, {"audience": None, "penetration_destination": 0.5})
    )
    ratios = sex_ratios(table).set_index("destination")
    assert ratios.loc["AUT", "audience"] == 1.5
    assert ratios.loc["AUT", "users"] == pytest.approx(1.2)
    assert ratios.loc["AUT", "corrected"] == pytest.approx(1.25)
    assert ratios.loc["AUT", "stock"] == pytest.approx(0.9)
    assert ratios.loc["DEU", ["audience", "users", "corrected", "stock"]].isna().all()


def test_sources_known_for_different_corridors_are_compared_on_their_own_cells() -> None:
    rng = np.random.default_rng(1)
    truth = np.exp(rng.normal(0, 0.4, 40))
    ratios = pd.DataFrame({"stock": truth, "audience": truth * 1.1, "official_last": np.nan, "equal": 1.0})
    # known only where the sexes are nearly even: a small error there is no merit
    even = np.abs(np.log(truth)) < 0.2
    ratios["corrected"] = np.where(even, 1.0, np.nan)
    errors = ratio_errors(ratios).set_index("source")
    assert errors.loc["audience", "rms"] == pytest.approx(np.log(1.1))
    assert errors.loc["corrected", "skill"] == pytest.approx(0)
    assert errors["skill"].to_dict()["audience"] > 0.5
    assert errors.loc["official_last", "cells"] == 0
    assert list(errors.index) == list(RATIOS)


@given(st.floats(1, 1e8), st.floats(0.01, 100))
def test_women_and_men_add_up_at_the_ratio(total: float, ratio: float) -> None:
    women, men = split(pd.Series([total]), pd.Series([ratio]))
    assert women[0] + men[0] == pytest.approx(total)
    assert women[0] / men[0] == pytest.approx(ratio)
    assert men[0] > 0
