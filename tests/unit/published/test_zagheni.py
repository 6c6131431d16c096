from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from smstock.errors import TooFewCellsError
from smstock.models.loglinear import LogLinear
from smstock.published.zagheni import Zagheni, ZagheniNaive, groups

ORIGINS = {"MEX": 0.7, "IND": 0.2, "NAM": -0.9}
AGES = {15: -0.4, 20: 0.1, 25: 0.3}


def cells(noise: float = 0.0, slope: float = 0.8) -> pd.DataFrame:
    rng = np.random.default_rng(1)
    rows = [(d, o, a, s) for d in ("US-AL", "US-AK") for o in ORIGINS for a in AGES for s in ("female", "male")]
    table = pd.DataFrame(rows, columns=["destination", "origin", "age_min", "sex"])
    table["audience"] = np.exp(rng.normal(6, 1.5, len(table)))
    effect = table["origin"].map(ORIGINS) + table["age_min"].map(AGES) + table["sex"].map({"female": 0.2, "male": -0.2})
    return table.assign(
        stock=np.exp(1 + slope * np.log(table["audience"]) + effect + rng.normal(0, noise, len(table)) * (noise > 0))
    )


def test_known_effects_are_recovered() -> None:
    found = Zagheni.fit(cells())
    assert (found.intercept, found.slope, found.adjusted_r_squared) == pytest.approx((1, 0.8, 1))
    assert found.origins == pytest.approx(ORIGINS)
    assert found.groups["female 15"] == pytest.approx(-0.2)
    assert sum(found.groups.values()) == pytest.approx(0)


def test_the_groups_are_ages_by_sex_not_ages_and_sex() -> None:
    table = cells()
    twisted = (table["sex"] == "female") & (table["age_min"] == 20)
    table.loc[twisted, "stock"] *= 5
    assert Zagheni.fit(table).predict(table).to_numpy() == pytest.approx(table["stock"].to_numpy())
    assert groups(table).nunique() == 6


def test_naive_is_the_regression_without_effects() -> None:
    table = cells(noise=0.3)
    found = ZagheniNaive.fit(table)
    slope, intercept = np.polyfit(np.log(table["audience"]), np.log(table["stock"]), 1)
    assert (found.slope, found.intercept) == pytest.approx((slope, intercept))
    assert found.adjusted_r_squared < Zagheni.fit(table).adjusted_r_squared


def test_on_totals_it_is_the_log_linear_method() -> None:
    totals = cells(noise=0.3).query("age_min == 15 and sex == 'female'")
    # one group only: its effect is 0
    zagheni, linear = Zagheni.fit(totals), LogLinear.fit(totals)
    pd.testing.assert_series_equal(zagheni.predict(totals), linear.predict(totals))


def test_cells_without_stock_are_left_out_of_the_fit_and_still_estimated() -> None:
    table = cells()
    table.loc[0, "stock"] = 0.0
    found = Zagheni.fit(table)
    assert found.slope == pytest.approx(0.8)
    assert found.predict(table)[0] > 0


def test_a_cell_without_audience_is_missing() -> None:
    table = cells()
    fitted = Zagheni.fit(table)
    table.loc[3, "audience"] = np.nan
    assert fitted.predict(table).isna().to_numpy().nonzero()[0].tolist() == [3]


def test_an_unseen_origin_and_an_unseen_group_have_no_effect() -> None:
    cell = pd.DataFrame({"origin": ["POL"], "sex": ["male"], "age_min": [70], "audience": [1.0]})
    assert Zagheni.fit(cells()).predict(cell).tolist() == pytest.approx([np.exp(1)])


def test_parameters_rebuild_the_method() -> None:
    fitted = Zagheni.fit(cells(noise=0.3))
    assert Zagheni(**fitted.parameters()) == fitted  # type: ignore[arg-type]


def test_too_few_cells_are_said_to_be_too_few() -> None:
    with pytest.raises(TooFewCellsError, match="zagheni needs 5"):
        Zagheni.fit(cells().head(4))
