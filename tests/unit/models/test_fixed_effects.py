from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from hypothesis import given
from hypothesis import strategies as st

from smstock.models import fixed_effects


def cells(seed: int, rows: int = 120) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    table = pd.DataFrame({"x": rng.normal(5, 2, rows), "origin": rng.choice(["MEX", "IND", "NAM"], rows)})
    table["group"] = rng.choice(["female 15", "male 15"], rows)
    return table.assign(
        y=0.3 + 0.8 * table["x"] + table["origin"].map({"MEX": 1.0, "IND": 0, "NAM": -2}) + rng.normal()
    )


def fit(table: pd.DataFrame, *factors: str) -> fixed_effects.FixedEffects:
    return fixed_effects.fit(
        table["x"].to_numpy(), table["y"].to_numpy(), {factor: table[factor] for factor in factors}
    )


@given(seed=st.integers(0, 2**32 - 1), noise=st.floats(0.1, 3))
def test_it_is_the_least_squares_that_a_formula_describes(seed: int, noise: float) -> None:
    table = cells(seed)
    table["y"] += np.random.default_rng(seed + 1).normal(0, noise, len(table))
    found = fit(table, "origin", "group")
    oracle = smf.ols("y ~ x + C(origin, Sum) + C(group, Sum)", table).fit()
    assert found.slope == pytest.approx(oracle.params["x"])
    assert found.intercept == pytest.approx(oracle.params["Intercept"])
    assert found.adjusted_r_squared == pytest.approx(oracle.rsquared_adj)
    assert found.effects["origin"]["IND"] == pytest.approx(oracle.params["C(origin, Sum)[S.IND]"])
    for effects in found.effects.values():
        assert sum(effects.values()) == pytest.approx(0, abs=1e-9)


def test_a_factor_of_one_level_has_no_effect_and_costs_no_degree_of_freedom() -> None:
    table = cells(1).assign(group="all")
    with_it, without = fit(table, "origin", "group"), fit(table, "origin")
    assert with_it.effects.pop("group") == {"all": 0.0}
    assert with_it == without


def test_effects_that_cannot_be_told_apart_cost_no_degree_of_freedom() -> None:
    table = cells(2)
    table["y"] += np.random.default_rng(3).normal(0, 1, len(table))
    twice = fit(table.assign(again=table["origin"]), "origin", "again")
    assert twice.adjusted_r_squared == pytest.approx(fit(table, "origin").adjusted_r_squared)


def test_a_constant_has_no_variance_to_explain() -> None:
    assert np.isnan(fixed_effects.fit(np.array([1.0, 2.0, 3.0]), np.ones(3), {}).adjusted_r_squared)
