from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from smstock.errors import TooFewCellsError, UnknownNameError
from smstock.models.base import GROWTHS
from smstock.models.baselines import CarryForward, ConstantRatio, OriginRatio, RawAudience
from smstock.models.loglinear import LogLinear, LogRatio
from smstock.models.methods import METHODS, method
from smstock.models.penetration import Penetration, PenetrationLower, PenetrationUpper

if TYPE_CHECKING:
    from smstock.models.base import Method


def corridors(rows: int = 30, seed: int = 1, origins: tuple[str, ...] = ("SRB", "ROU")) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    stock = np.exp(rng.normal(9, 1.5, rows))
    return pd.DataFrame(
        {
            "destination": [f"D{index:02}" for index in range(rows)],
            "origin": [origins[index % len(origins)] for index in range(rows)],
            "sex": "all",
            "audience": stock * np.exp(rng.normal(-0.5, 0.4, rows)),
            "official_last": stock * np.exp(rng.normal(-0.1, 0.2, rows)),
            "lag": 5.0,
            "official_growth": rng.normal(0.02, 0.03, rows),
            "official_mean": stock * np.exp(rng.normal(-0.1, 0.2, rows)),
            "audience_growth": rng.normal(0.1, 0.1, rows),
            "penetration_destination": rng.uniform(0.3, 0.9, rows),
            "penetration_origin": 0.5,
            "stock": stock,
        }
    )


@pytest.mark.parametrize("kind", METHODS, ids=lambda kind: kind.name)
def test_what_a_method_needs_and_a_corridor_lacks_is_missing_not_zero(kind: type[Method]) -> None:
    table = corridors()
    fitted = kind.fit(table)
    for column in kind.needs:
        for nothing in (np.nan,) if column in GROWTHS else (np.nan, 0.0):
            table.loc[3, column] = nothing
            predicted = fitted.predict(table)
            assert np.isnan(predicted[3])
            assert predicted.drop(3).gt(0).all()


@pytest.mark.parametrize("kind", METHODS, ids=lambda kind: kind.name)
def test_parameters_rebuild_the_method(kind: type[Method]) -> None:
    fitted = kind.fit(corridors())
    again = method(kind.name)(**fitted.parameters())
    pd.testing.assert_series_equal(fitted.predict(corridors(seed=2)), again.predict(corridors(seed=2)))


@pytest.mark.parametrize("kind", [kind for kind in METHODS if kind.fewest], ids=lambda kind: kind.name)
def test_too_few_corridors_are_said_to_be_too_few(kind: type[Method]) -> None:
    with pytest.raises(TooFewCellsError, match=f"{kind.name} needs {kind.fewest}"):
        kind.fit(corridors(kind.fewest - 1))


@pytest.mark.parametrize("kind", METHODS, ids=lambda kind: kind.name)
def test_no_corridors_have_no_estimates(kind: type[Method]) -> None:
    nothing = corridors().head(0)
    assert kind.fit(corridors()).predict(nothing).astype(float).tolist() == []


def test_baselines_by_hand() -> None:
    table = pd.DataFrame(
        {"audience": [100.0, 200.0, 300.0], "official_last": [90.0, 80.0, 70.0], "stock": [50.0, 400.0, 330.0]}
    )
    assert CarryForward.fit(table).predict(table).tolist() == [90, 80, 70]
    assert RawAudience.fit(table).predict(table).tolist() == [100, 200, 300]
    # ratios 0.5, 2, 1.1: the median is 1.1
    assert ConstantRatio.fit(table).predict(table).round(6).tolist() == [110, 220, 330]


def test_origin_ratio_by_hand() -> None:
    table = pd.DataFrame(
        {"origin": ["NAM", "NAM", "POL", "POL"], "audience": 100.0, "stock": [50.0, 150.0, 200.0, 400.0]}
    )
    # medians 1 and 3; over all corridors 0.5, 1.5, 2, 4: 1.75
    fitted = OriginRatio.fit(table)
    assert fitted.predict(table).tolist() == [100, 100, 300, 300]
    assert fitted.predict(pd.DataFrame({"origin": ["SYR"], "audience": [100.0]})).tolist() == [175]


def test_origin_ratio_leaves_a_single_origin_to_the_constant_ratio() -> None:
    with pytest.raises(TooFewCellsError, match="two origins"):
        OriginRatio.fit(corridors(origins=("SRB",)))


def test_penetration_finds_the_weight_that_made_the_stocks() -> None:
    table = corridors()
    probability = 0.25 * table["penetration_destination"] + 0.75 * table["penetration_origin"]
    table["audience"] = table["stock"] * probability
    assert Penetration.fit(table).destination_weight == 0.25


def test_penetration_variants_enclose_every_weight() -> None:
    table = corridors()
    lower, upper = PenetrationLower.fit(table).predict(table), PenetrationUpper.fit(table).predict(table)
    for weight in (0.0, 0.25, 0.5, 0.75, 1.0):
        inside = Penetration(weight).predict(table)
        assert (lower <= inside * (1 + 1e-12)).all()
        assert (inside <= upper * (1 + 1e-12)).all()


def test_log_linear_is_the_least_squares_of_an_independent_library() -> None:
    table = corridors(60, origins=("SRB", "ROU", "POL"))
    fitted = LogLinear.fit(table)
    dummies = pd.get_dummies(table["origin"], dtype=float)
    oracle = sm.OLS(np.log(table["stock"]), pd.concat([np.log(table["audience"]), dummies], axis=1)).fit()
    assert fitted.slope == pytest.approx(oracle.params["audience"])
    for origin, effect in fitted.origins.items():
        assert fitted.intercept + effect == pytest.approx(oracle.params[origin])
    assert sum(fitted.origins.values()) == pytest.approx(0)


def test_log_linear_gives_an_origin_it_has_not_seen_the_mean() -> None:
    fitted = LogLinear(intercept=1.0, slope=0.0, origins={"SRB": 1.0, "ROU": -1.0})
    predicted = fitted.predict(pd.DataFrame({"origin": ["SRB", "POL"], "audience": [5.0, 5.0]}))
    assert predicted.tolist() == pytest.approx([np.exp(2), np.exp(1)])


def test_log_ratio_recovers_how_far_the_audience_pulls() -> None:
    table = corridors(400)
    table["stock"] = table["official_last"] * np.exp(0.1 + 0.3 * np.log(table["audience"] / table["official_last"]))
    fitted = LogRatio.fit(table)
    assert (fitted.intercept, fitted.slope, fitted.lag) == pytest.approx((0.1, 0.3, 5.0))


def test_log_ratio_moves_a_fresh_figure_less_and_an_old_one_no_farther() -> None:
    table = corridors(1)
    moves = []
    for lag in (0.0, 2.5, 5.0, 10.0):
        predicted = LogRatio(0.2, 0.4, 5.0).predict(table.assign(lag=lag))
        moves.append(float(np.log(predicted[0] / table["official_last"][0])))
    assert moves[0] == 0
    assert moves[1] == pytest.approx(moves[2] / 2)
    assert moves[3] == pytest.approx(moves[2])


def test_an_unknown_method_lists_the_known_ones() -> None:
    with pytest.raises(UnknownNameError, match="log_lin'") as caught:
        method("log_lin")
    assert "log_linear" in caught.value.allowed
    assert caught.value.hint == "did you mean log_linear?"
