from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm

from smstock.errors import ContractError, ModelError, TooFewCellsError
from smstock.published.alexander.bias import Alexander, AlexanderPooled, BiasRegression, fit_bias, sampling_error

AGES = {15: -0.6, 20: 0.1, 25: 0.5}


def cells(destinations: int = 12, error: float = 0.2, sd: float = 0.1, seed: int = 1) -> pd.DataFrame:
    """Cells whose log share is -1 + 0.8 x the audience's, with ages, destinations, sampling and other errors."""
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(
        [(f"D{d:02}", age) for d in range(destinations) for age in AGES], columns=["destination", "age_min"]
    )
    table["origin"], table["sex"] = "MEX", "male"
    table["users"], table["population"], table["error"] = 100_000, 150_000.0, error
    table["audience"] = np.exp(rng.normal(6, 1, len(table))).round()
    table["effect"] = rng.normal(0, 0.5, destinations).repeat(len(AGES))
    noise = rng.normal(0, 1, len(table)) * np.hypot(error, sd)
    log_share = -1 + 0.8 * np.log(table["audience"] / table["users"]) + table["age_min"].map(AGES) + table["effect"]
    return table.assign(stock=table["population"] * np.exp(log_share + noise))


def test_sampling_error_by_hand() -> None:
    share, population = pd.Series([0.2]), pd.Series([10_000.0])
    # 2016: 1.9 sqrt(99 x 0.2 x 0.8 / 10000) / 0.2; 2004: 1.2 x 2.9 sqrt(142 x 0.2 x 0.8 / 10000) / 0.2
    assert sampling_error(share, population, 2016)[0] == pytest.approx(0.378, abs=5e-4)
    assert sampling_error(share, population, 2004)[0] == pytest.approx(0.829, abs=5e-4)
    factors = [sampling_error(share, population, year)[0] for year in (2005, 2008, 2009, 2011, 2012)]
    assert np.array(factors) / factors[-1] * 1.9 == pytest.approx([2.2, 2.2, 2.0, 2.0, 1.9])


def test_before_2001_there_is_no_design_factor() -> None:
    with pytest.raises(ModelError, match="2000"):
        sampling_error(pd.Series([0.2]), pd.Series([10_000.0]), 2000)


@pytest.mark.parametrize("error", [np.nan, np.inf])
def test_a_cell_without_a_finite_error_is_left_out(error: float) -> None:
    table = cells()
    without = fit_bias(table.drop(index=4))
    table.loc[4, "error"] = error
    assert fit_bias(table) == without


def test_known_coefficients_are_recovered() -> None:
    table = cells(200, error=0.05, sd=0.05)
    found = fit_bias(table)
    assert (found.slope, found.ages["25"]) == pytest.approx((0.8, 0.5), abs=0.03)
    effects = table["destination"].map(found.destinations).to_numpy()
    assert np.corrcoef(effects, table["effect"].to_numpy())[0, 1] > 0.99
    assert sum(found.ages.values()) == pytest.approx(0)
    assert effects.sum() == pytest.approx(0)


def test_the_error_that_sampling_does_not_explain_is_recovered() -> None:
    # 1 / 0.3^2 = 11; 400 degrees of freedom, so that the relative standard error of tau is about 0.1
    found = fit_bias(cells(200, error=0.1, sd=0.3))
    assert found.precision == pytest.approx(1 / 0.3**2, rel=0.3)


def test_equal_sampling_errors_give_ordinary_least_squares() -> None:
    table = cells()
    dummies = pd.get_dummies(table[["destination", "age_min"]].astype(str), drop_first=True, dtype=float)
    slope = np.log(table["audience"] / table["users"])
    oracle = sm.OLS(np.log(table["stock"] / table["population"]), sm.add_constant(dummies.assign(slope=slope))).fit()
    found = fit_bias(table)
    assert found.slope == pytest.approx(oracle.params["slope"])
    assert found.log_share(table).to_numpy() == pytest.approx(oracle.fittedvalues.to_numpy())


def test_a_cell_of_large_sampling_error_weighs_little() -> None:
    table = cells(30, error=0.05)
    table.loc[0, ["stock", "error"]] = [table["stock"][0] / 1000, 50.0]
    assert fit_bias(table).slope == pytest.approx(fit_bias(table.drop(index=0)).slope, abs=0.01)


def test_what_the_survey_did_not_meet_is_left_out_of_the_fit_and_still_estimated() -> None:
    table = cells()
    without = fit_bias(table.drop(index=4))
    table.loc[4, "stock"] = 0
    found = fit_bias(table)
    assert found == without
    assert np.isfinite(found.log_share(table)).all()


def test_an_audience_that_is_missing_or_0_gives_no_share() -> None:
    table = cells().astype({"audience": float})
    table.loc[[1, 2], "audience"] = [0.0, np.nan]
    assert fit_bias(table).log_share(table).isna().to_numpy().nonzero()[0].tolist() == [1, 2]


def test_effects_that_cannot_be_told_apart_do_not_stop_the_fit() -> None:
    table = cells()
    # the only cell of a destination and of an age: nothing says which of the two it is
    lonely = table.tail(1).assign(destination="NAM", age_min=60)
    found = fit_bias(pd.concat([table, lonely]))
    assert found.slope == pytest.approx(fit_bias(table).slope)
    assert found.log_share(lonely).to_numpy() == pytest.approx(
        np.log((lonely["stock"] / lonely["population"]).to_numpy())
    )


def test_no_more_cells_than_coefficients_are_too_few() -> None:
    with pytest.raises(TooFewCellsError, match="4 coefficients; there are 4 cells"):
        fit_bias(cells(3).drop(index=[0, 2, 4, 6, 8]))


def test_the_method_has_a_regression_for_each_origin_and_sex() -> None:
    table = pd.concat([cells(seed=1), cells(seed=2).assign(sex="female"), cells(1).assign(origin="NAM")])
    table = table.reset_index(drop=True)
    fitted = Alexander.fit(table)
    assert sorted(fitted.regressions) == ["MEX female", "MEX male"]
    predicted = fitted.predict(table)
    men = (table["origin"] == "MEX") & (table["sex"] == "male")
    expected = np.exp(fit_bias(table[men]).log_share(table[men])) * table["population"][men]
    assert predicted[men].to_numpy() == pytest.approx(expected.to_numpy())
    assert predicted[table["origin"] == "NAM"].isna().all()


def test_an_unseen_destination_is_estimated_at_the_mean_of_the_others() -> None:
    table = cells()
    fitted = Alexander.fit(table)
    regression = fitted.regressions["MEX male"]
    unseen = fitted.predict(table.assign(destination="NAM"))
    seen = fitted.predict(table)
    assert np.log((seen / unseen).to_numpy()) == pytest.approx(
        table["destination"].map(regression.destinations).to_numpy()
    )


def test_pooled_has_no_destination_effects_and_learns_from_differences_between_them() -> None:
    table = cells(60, error=0.01, sd=0.01)
    # destinations with larger audiences have still larger stocks: slope 1.8 between, 0.8 within
    share = pd.Series(np.log((table["audience"] / table["users"]).to_numpy()))
    between = share.groupby(table["destination"]).transform("mean")
    table["stock"] = table["population"] * np.exp(
        np.log(table["stock"] / table["population"]) - table["effect"] + between
    )
    pooled = AlexanderPooled.fit(table).regressions["MEX male"]
    assert pooled.destinations == {}
    assert pooled.slope > Alexander.fit(table).regressions["MEX male"].slope + 0.1


def test_parameters_are_plain_numbers() -> None:
    found = Alexander.fit(cells()).parameters()["regressions"]
    assert isinstance(found, dict)
    assert BiasRegression(**found["MEX male"]) == fit_bias(cells())


@pytest.mark.parametrize("column", ["audience", "users", "stock", "population"])
def test_where_nobody_was_counted_there_are_too_few_cells(column: str) -> None:
    table = cells(30, error=0.05)
    for nobody in (0.0, None):
        with pytest.raises(TooFewCellsError):
            fit_bias(table.assign(**{"stock": 0.0, column: nobody}))
    with pytest.raises(TooFewCellsError):
        fit_bias(table.head(0))
    with pytest.raises(ContractError, match=f"it lacks {column}"):
        fit_bias(table.drop(columns=column))
    for value in (-1.0, np.inf):
        table[column] = table[column].astype("float64")
        table.loc[3, column] = value
        with pytest.raises(ContractError, match=rf"{column} is -?\w+.* in the row 3"):
            fit_bias(table)


def test_a_stock_above_its_population_is_refused() -> None:
    table = cells(30, error=0.05)
    table.loc[3, "stock"] = 1.25 * table["population"][3]
    with pytest.raises(ContractError, match=r"is above the population .* in the row 3"):
        fit_bias(table)


@pytest.mark.parametrize(("share", "population"), [(-0.1, 1000.0), (1.1, 1000.0), (np.inf, 1000.0), (0.1, -1.0)])
def test_a_share_of_no_population_has_no_sampling_error(share: float, population: float) -> None:
    with pytest.raises(ContractError, match=r"the share is .* in the row 1"):
        sampling_error(pd.Series([0.1, share]), pd.Series([1000.0, population]), 2016)
