from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from smstock.errors import ContractError, ModelError, TooFewCellsError
from smstock.published.alexander.bias import BiasRegression
from smstock.published.alexander.series import PooledSeries, Scales, fit_series, observations

AGES = [15, 20, 25, 30, 35, 40, 45, 50, 55]
LEVEL = np.array([0.8, 0.95, 1.0, 1.0, 1.0, 1.02, 1.05, 1.1, 1.15])
SCHEDULES = pd.DataFrame({1: LEVEL / np.linalg.norm(LEVEL), 2: np.linspace(-1, 1, 9) / np.sqrt(3.75)}, index=AGES)
SCALES = Scales(level=0.1, change=0.1, offset=0.5, departure=0.15, audience=0.2, persistence=0.6)
FIRST = 2010


def walk(rng: np.random.Generator, start: float, step: float, years: int) -> np.ndarray:
    return np.concatenate([[start], start + rng.normal(0, step, years - 1).cumsum()])


def world(seed: int, destinations: int = 20, years: int = 10) -> pd.DataFrame:
    """True log shares, drawn from the model: destination, age_min, year, truth."""
    rng = np.random.default_rng(seed)
    change = walk(rng, rng.normal(), SCALES.change, years)
    tables = []
    for number in range(destinations):
        level = walk(rng, rng.normal(-16, 1), SCALES.level, years)
        departures = np.zeros((len(AGES), years))
        for year in range(years):
            kept = SCALES.persistence * departures[:, year - 1] if year else 0
            departures[:, year] = kept + rng.normal(0, SCALES.departure, len(AGES))
        truth = (
            np.outer(SCHEDULES[1], level) + np.outer(SCHEDULES[2], change + rng.normal(0, SCALES.offset)) + departures
        )
        keys = pd.MultiIndex.from_product([AGES, range(FIRST, FIRST + years)], names=["age_min", "year"])
        tables.append(pd.DataFrame({"truth": truth.ravel()}, index=keys).assign(destination=f"D{number:02}"))
    return pd.concat(tables).reset_index()


def seen(truth: pd.DataFrame, seed: int, *, survey_years: int = 8, audience_years: int = 3) -> pd.DataFrame:
    """A survey of the first years with errors of 0.1 to 0.4, audiences of the last years, 5 % of it lost."""
    rng = np.random.default_rng(1000 + seed)
    error, last = rng.uniform(0.1, 0.4, len(truth)), truth["year"].max()
    noise = rng.normal(0, 1, (2, len(truth)))
    survey = truth.assign(log_share=truth["truth"] + noise[0] * error, error=error, source="survey")
    audience = truth.assign(log_share=truth["truth"] + noise[1] * np.hypot(0.3, SCALES.audience), error=0.3)
    audience = audience[truth["year"] > last - audience_years].assign(source="audience")
    table = pd.concat([survey[truth["year"] < FIRST + survey_years], audience]).drop(columns="truth")
    kept: pd.DataFrame = table[rng.random(len(table)) > 0.05]
    return kept


def beside(found: PooledSeries, truth: pd.DataFrame) -> pd.DataFrame:
    table = found.shares.merge(truth, on=["destination", "age_min", "year"], validate="one_to_one")
    assert len(table) == len(truth)
    return table.assign(error=table["log_share"] - table["truth"])


def dense(observed: pd.DataFrame, truth: pd.DataFrame, level_sd: float) -> tuple[np.ndarray, np.ndarray, float]:
    """Posterior mean and sd of every log share by one covariance of everything, built from the model's definition."""
    keys = truth[["destination", "age_min", "year"]].reset_index(drop=True)
    time = (keys["year"] - FIRST).to_numpy()
    first, second = (keys["age_min"].map(SCHEDULES[column]).to_numpy() for column in (1, 2))
    same = np.equal.outer(keys["destination"].to_numpy(), keys["destination"].to_numpy())
    same_age = np.equal.outer(keys["age_min"].to_numpy(), keys["age_min"].to_numpy())
    steps, apart = np.minimum.outer(time, time), np.abs(np.subtract.outer(time, time))
    rho = SCALES.persistence
    # variance of an autoregression that starts with one innovation, and its correlation forwards
    stationary = SCALES.departure**2 * (1 - rho ** (2 * (steps + 1))) / (1 - rho**2) * rho**apart
    covariance = same * np.outer(first, first) * (level_sd**2 + SCALES.level**2 * steps)
    covariance += np.outer(second, second) * (same * SCALES.offset**2 + 1 + SCALES.change**2 * steps)
    covariance += same * same_age * stationary
    rows = keys.reset_index().merge(observed, on=["destination", "age_min", "year"])
    place = rows["index"].to_numpy()
    noise = rows["error"] ** 2 + SCALES.audience**2 * (rows["source"] == "audience")
    inner = covariance[np.ix_(place, place)] + np.diag(noise)
    gain = np.linalg.solve(inner, covariance[place]).T
    values = rows["log_share"].to_numpy()
    mean = gain @ values
    sd = np.sqrt(np.diag(covariance - gain @ covariance[place]))
    likelihood = -0.5 * (values @ np.linalg.solve(inner, values) + np.linalg.slogdet(2 * np.pi * inner)[1])
    return mean, sd, float(likelihood)


@pytest.mark.parametrize("level_sd", [1.0, 30.0])
def test_given_the_scales_it_is_the_conditional_of_one_large_gaussian(level_sd: float) -> None:
    truth = world(1, destinations=4, years=5)
    observed = seen(truth, 1, survey_years=3)
    found = fit_series(observed, SCHEDULES, level_sd=level_sd, scales=SCALES)
    table = truth.merge(found.shares, on=["destination", "age_min", "year"])
    mean, sd, likelihood = dense(observed, truth, level_sd)
    assert table["log_share"].to_numpy() == pytest.approx(mean)
    assert table["sd"].to_numpy() == pytest.approx(sd)
    assert found.log_likelihood == pytest.approx(likelihood)


def test_the_scales_and_the_shares_of_a_simulated_world_are_recovered() -> None:
    truth = world(2)
    found = fit_series(seen(truth, 2), SCHEDULES, level_sd=100.0)
    assert found.scales.departure == pytest.approx(SCALES.departure, rel=0.15)
    assert found.scales.audience == pytest.approx(SCALES.audience, rel=0.4)
    assert found.scales.persistence == pytest.approx(SCALES.persistence, abs=0.2)
    assert found.scales.level == pytest.approx(SCALES.level, abs=0.06)
    assert found.scales.offset == pytest.approx(SCALES.offset, rel=0.4)
    table = beside(found, truth)
    inside = (table["error"].abs() < 1.96 * table["sd"]).mean()
    assert 0.92 < inside < 0.98
    # the survey alone errs by 0.26, the audiences by 0.36
    assert np.sqrt((table["error"] ** 2).mean()) < 0.16


@pytest.mark.slow
def test_intervals_hold_what_they_say_over_many_worlds() -> None:
    errors = []
    for seed in range(10):
        truth = world(seed)
        errors.append(beside(fit_series(seen(truth, seed), SCHEDULES, level_sd=100.0), truth))
    table = pd.concat(errors)
    z = (table["error"] / table["sd"]).abs()
    for level, quantile in ((0.5, 0.674), (0.8, 1.282), (0.95, 1.96)):
        assert (z < quantile).mean() == pytest.approx(level, abs=0.02)
    nowcast = table["year"] == table["year"].max()
    assert (z[nowcast] < 1.96).mean() == pytest.approx(0.95, abs=0.025)


def test_audiences_make_the_years_after_the_survey_more_certain_and_more_accurate() -> None:
    truth = world(3)
    observed = seen(truth, 3, survey_years=6)
    with_audience = beside(fit_series(observed, SCHEDULES, level_sd=100.0, scales=SCALES), truth)
    survey = observed[observed["source"] == "survey"]
    alone = fit_series(survey, SCHEDULES, level_sd=100.0, scales=SCALES).shares
    assert alone["year"].max() == FIRST + 5
    later = with_audience["year"] >= FIRST + 7
    last_known = alone[alone["year"] == FIRST + 5].set_index(["destination", "age_min"])["log_share"]
    carried = with_audience[later].join(last_known.rename("carried"), on=["destination", "age_min"])
    error = np.sqrt((with_audience["error"][later] ** 2).mean())
    assert error < 0.8 * np.sqrt(((carried["carried"] - carried["truth"]) ** 2).mean())


def test_the_published_prior_of_the_level_pulls_a_destination_of_few_observations_up() -> None:
    truth = world(4, destinations=6, years=2)
    observed = seen(truth, 4, survey_years=2, audience_years=0)
    few = observed[(observed["destination"] != "D00") | (observed["age_min"] == 30)]
    published = beside(fit_series(few, SCHEDULES, scales=SCALES), truth).query("destination == 'D00'")
    vague = beside(fit_series(few, SCHEDULES, level_sd=100.0, scales=SCALES), truth).query("destination == 'D00'")
    assert published["error"].mean() > 1
    assert abs(vague["error"].mean()) < 0.7


def test_a_source_that_says_nothing_changes_nothing() -> None:
    truth = world(5, destinations=3, years=4)
    observed = seen(truth, 5, survey_years=4, audience_years=1)
    deaf = observed["error"].mask(observed["source"] == "audience", 1e6)
    alone = fit_series(observed[observed["source"] == "survey"], SCHEDULES, scales=SCALES)
    found = fit_series(observed.assign(error=deaf), SCHEDULES, scales=SCALES)
    assert found.shares["log_share"].to_numpy() == pytest.approx(alone.shares["log_share"].to_numpy(), abs=1e-6)


def test_observations_are_shares_with_the_errors_of_their_source() -> None:
    survey = pd.DataFrame({"destination": ["A", "A", "A", "B"], "age_min": [15, 20, 25, 15], "year": 2016})
    survey = survey.assign(stock=[10.0, 20.0, 0.0, 5.0], population=1000.0, error=[0.3, 0.2, 0.9, 0.4])
    audiences = pd.DataFrame({"destination": ["A", "A", "NAM"], "age_min": [15, 20, 15], "year": 2017})
    audiences = audiences.assign(audience=[30.0, np.nan, 20.0], users=1000.0)
    bias = BiasRegression(0.5, 2.0, {"15": 0.1}, {"A": -0.2}, precision=4.0)
    found = observations(survey, audiences, bias)
    # 0.9 belongs to a cell without migrants; NAM is not in the survey; an audience is missing
    assert found["destination"].tolist() == ["A", "A", "B", "A"]
    assert found["log_share"].tolist() == pytest.approx(
        [np.log(0.01), np.log(0.02), np.log(0.005), 0.5 + 2 * np.log(0.03) + 0.1 - 0.2]
    )
    assert found["error"].tolist() == pytest.approx([0.3, 0.2, 0.4, np.sqrt(0.25 + 0.09)])
    assert found["source"].tolist() == ["survey"] * 3 + ["audience"]


def test_no_share_at_the_ages_of_the_schedules() -> None:
    with pytest.raises(TooFewCellsError, match="no share"):
        fit_series(seen(world(1, 2, 2), 1).assign(age_min=70), SCHEDULES)


@pytest.mark.parametrize(("column", "value"), [("log_share", -np.inf), ("log_share", np.nan), ("error", 0.0)])
def test_what_is_no_observation_is_named(column: str, value: float) -> None:
    observed = seen(world(1, 2, 2), 1).reset_index(drop=True)
    observed.loc[3, column] = value
    with pytest.raises(ContractError) as caught:
        fit_series(observed, SCHEDULES, scales=SCALES)
    row = observed.loc[3]
    assert f"{row['destination']}, age {row['age_min']}, {row['year']}" in str(caught.value)


@pytest.mark.parametrize("level_sd", [np.nan, np.inf, 0.0, -1.0, None, "1"])
def test_a_level_of_no_spread_is_refused(level_sd: Any) -> None:
    with pytest.raises(ModelError, match="level_sd is "):
        fit_series(seen(world(1, 2, 2), 1), SCHEDULES, level_sd=level_sd)


@pytest.mark.parametrize(("level", "persistence"), [(0.0, 0.5), (-1.0, 0.5), (np.nan, 0.5), (np.inf, 0.5), (1.0, 1.0)])
def test_what_are_no_scales_is_refused(level: float, persistence: float) -> None:
    with pytest.raises(ModelError, match="are no scales"):
        replace(SCALES, level=level, persistence=persistence)


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        ("year", 2200, "the years go from .* to 2200"),
        ("year", 2016.5, "the years go from"),
        ("year", np.nan, "year is nan"),
        ("source", "census", "the source is 'census'"),
    ],
)
def test_an_observation_of_no_year_or_source_is_refused(column: str, value: float | str, message: str) -> None:
    observed = seen(world(1, 2, 2), 1).astype({"year": "float64"})
    observed.loc[observed.index[0], column] = value
    with pytest.raises(ContractError, match=message):
        fit_series(observed, SCHEDULES, scales=SCALES)
    with pytest.raises(ContractError, match=f"it lacks {column}"):
        fit_series(observed.drop(columns=column), SCHEDULES, scales=SCALES)
