"""The model of Yildiz et al. without a sampler: exact pieces, recovery of what was simulated, refusals."""

from __future__ import annotations

from math import exp, log

import numpy as np
import pandas as pd
import pytest

from smstock.errors import ContractError, ModelError
from smstock.published import yildiz
from smstock.published.yildiz import COLUMNS, Precision, fit

YEARS = range(2011, 2020)
CORRIDORS = [f"c{number:02d}" for number in range(60)]
NO_BREAK = pd.DataFrame({"mean": 0.0, "sd": 0.1}, index=CORRIDORS)
PRECISIONS = {"eurostat": Precision(400, 100), "mau": Precision(5, 10)}


def simulated(seed: int = 1) -> tuple[pd.DataFrame, np.ndarray, pd.DataFrame]:
    """Stocks of 60 corridors, Eurostat of most years, audiences of 2016 to 2019 that count half, a break by 0.5."""
    rng = np.random.default_rng(seed)
    y = np.empty((60, 9))
    y[:, 0] = rng.normal(8, 2, 60)
    for year in range(1, 9):
        y[:, year] = 0.4 + 0.96 * y[:, year - 1] + rng.normal(0, 0.1, 60)
    rows = []
    for place, corridor in enumerate(CORRIDORS):
        for number, year in enumerate(YEARS):
            if year < 2018:
                rows.append((corridor, year, "eurostat", y[place, number] + rng.normal(0, 0.05), "eurostat", False))
            if year >= 2016:
                shift = log(0.5) if year == 2019 else 0.0
                audience = y[place, number] + log(0.6) + shift + rng.normal(0, 0.3)
                rows.append((corridor, year, "mau", audience, f"mau {year}", year == 2019))
    table = pd.DataFrame(rows, columns=["corridor", "year", "source", "log", "factor", "breaks"])
    factors = pd.DataFrame(
        {"mean": [1.0, 0.7, 0.7, 0.7, 0.7], "sd": [0.02, 0.3, 0.3, 0.3, 0.3]},
        index=["eurostat", *(f"mau {year}" for year in range(2016, 2020))],
    )
    return table.assign(censored=False, size=0.0)[list(COLUMNS)], y, factors


def test_stocks_factors_and_precisions_are_recovered() -> None:
    table, y, factors = simulated()
    found = fit(table, factors, NO_BREAK.assign(mean=log(0.5)), years=YEARS, precisions=PRECISIONS)
    assert found.rounds < yildiz.MOST_ROUNDS
    medians = np.log(found.stocks["median"].to_numpy(dtype=float)).reshape(60, 9)
    errors = medians - y
    assert np.sqrt((errors[:, :7] ** 2).mean()) < 0.08
    assert np.sqrt((errors[:, 7] ** 2).mean()) < 0.16
    sd = found.stocks["sd"].to_numpy(dtype=float).reshape(60, 9)
    inside = np.abs(errors) < 1.2816 * sd
    assert 0.65 < inside.mean() < 0.95
    assert found.factors["median"]["mau 2017"] == pytest.approx(0.6, rel=0.15)
    assert found.precisions["mau"] == pytest.approx(1 / 0.3**2, rel=0.35)
    assert found.autoregression["mu2"] == pytest.approx(0.96, abs=0.03)


def test_given_everything_but_stocks_and_factors_the_solution_is_that_of_one_large_gaussian() -> None:
    table, _, factors = simulated()
    two = table[table["corridor"].isin(CORRIDORS[:2])]
    system = yildiz._System(two, factors, NO_BREAK.iloc[:2], YEARS, PRECISIONS)
    system.stocks()
    wide, offset = 20, {name: 20 + place for place, name in enumerate(factors.index)}
    precision, linear = np.zeros((wide + 5, wide + 5)), np.zeros(wide + 5)

    def add(row: np.ndarray, target: float, weight: float) -> None:
        nonlocal precision, linear
        precision = precision + weight * np.outer(row, row)
        linear = linear + weight * target * row

    unit = np.eye(wide + 5)
    for corridor in range(2):
        first = 10 * corridor
        add(unit[first], system.first[0], 1 / system.first[1])
        for year in range(1, 9):
            y, before = unit[first + year], unit[first + year - 1]
            add(y - system.mu[1] * before, system.mu[0], 1 / system.process)
            precision = precision + np.outer(before, before) * system.spread[1] / system.process
        add(unit[first + 9], 0.0, 100.0)
    for row in two.to_dict("records"):
        first = 10 * CORRIDORS.index(row["corridor"])
        design = unit[first + row["year"] - 2011] + unit[offset[row["factor"]]] + row["breaks"] * unit[first + 9]
        add(design, row["log"], system.tau[row["source"]])
    for name, prior in factors.iterrows():
        add(unit[offset[str(name)]], log(prior["mean"]), prior["sd"] ** -2)
    covariance = np.linalg.inv(precision)
    mean = covariance @ linear
    assert np.allclose(system.mean.ravel(), mean[:20])
    assert np.allclose(system.factor_mean, mean[20:])
    assert np.allclose(system.covariance[1], covariance[10:20, 10:20])
    assert np.allclose(system.joint[0], covariance[:10, 20:])


def test_a_censored_floor_pulls_less_than_the_floor_as_a_value() -> None:
    table, _, factors = simulated()
    low = table["corridor"].isin(CORRIDORS[:20]) & (table["source"] == "mau")
    floor = table["log"].where(~low, log(1e6))  # far above every stock here: as a bound it says nothing
    medians = {}
    for censored in (True, False):
        rows = table.assign(log=floor, censored=low & censored)
        fixed = PRECISIONS | {"mau": Precision(5, 0.01)}
        found = fit(rows, factors, NO_BREAK, years=YEARS, precisions=fixed)
        medians[censored] = found.stocks["median"].xs(2019, level="year")[CORRIDORS[:20]].median()
    assert medians[False] > 1.5 * medians[True]


def test_the_mode_of_a_precision_lies_between_data_and_prior() -> None:
    squares = np.full(50, 0.04)
    assert yildiz._precision(squares, Precision(25, 1e6), squares, 1.0) == pytest.approx(25)
    assert yildiz._precision(squares, Precision(100, 1e-3), squares, 1.0) == pytest.approx(100, rel=1e-3)
    assert 25 < yildiz._precision(squares, Precision(100, 30), squares, 1.0) < 100


def test_a_variance_of_much_data_is_its_mean_square() -> None:
    assert yildiz._half_normal(10_000 * 0.04, 10_000) == pytest.approx(0.04, rel=1e-3)


@pytest.mark.parametrize("column", ["corridor", "year", "factor", "source"])
def test_an_observation_of_something_unknown_is_refused(column: str) -> None:
    table, _, factors = simulated()
    wrong = table.astype({column: object})
    wrong.loc[0, column] = 1 if column == "year" else "nowhere"
    with pytest.raises(ContractError, match=f"unknown {column}"):
        fit(wrong, factors, NO_BREAK, years=YEARS, precisions=PRECISIONS)


@pytest.mark.parametrize(
    "years", [range(2019, 2010, -1), range(2011, 2030, 2), range(2011, 2012), range(0), range(2011, 2300), [*YEARS]]
)
def test_years_out_of_order_or_with_gaps_are_refused(years: range) -> None:
    table, _, factors = simulated()
    with pytest.raises(ContractError, match="years are "):
        fit(table, factors, NO_BREAK, years=years, precisions=PRECISIONS)


@pytest.mark.parametrize(
    ("name", "column", "value"),
    [
        ("observations", "log", None),
        ("observations", "log", -np.inf),
        ("observations", "size", np.nan),
        ("observations", "size", -1.0),
        ("observations", "breaks", None),
        ("observations", "censored", None),
        ("factors", "mean", np.nan),
        ("factors", "mean", 0.0),
        ("factors", "mean", -1.0),
        ("factors", "sd", 0.0),
        ("factors", "sd", -0.1),
        ("breaks", "mean", np.nan),
        ("breaks", "sd", 0.0),
        ("breaks", "sd", -0.1),
    ],
)
def test_a_number_that_is_missing_or_out_of_bounds_is_refused(name: str, column: str, value: float | None) -> None:
    table, _, factors = simulated()
    tables = {"observations": table, "factors": factors, "breaks": NO_BREAK.copy()}
    place = tables[name].index[0]
    if isinstance(tables[name].loc[place, column], bool | np.bool_):
        tables[name] = tables[name].astype({column: object})
    tables[name].loc[place, column] = value
    with pytest.raises(ContractError, match=f"(?s){column}.*the table {name}"):
        fit(**tables, years=YEARS, precisions=PRECISIONS)
    with pytest.raises(ContractError, match=f"lacks? {column}"):
        fit(**tables | {name: tables[name].drop(columns=column)}, years=YEARS, precisions=PRECISIONS)


@pytest.mark.parametrize("name", ["factors", "breaks"])
def test_a_label_that_occurs_twice_or_a_table_of_none_is_refused(name: str) -> None:
    table, _, factors = simulated()
    tables = {"factors": factors, "breaks": NO_BREAK}
    twice = pd.concat([tables[name]] * 2)
    with pytest.raises(ContractError, match=f"(?s)occurs more than once.*{name}"):
        fit(table, **tables | {name: twice}, years=YEARS, precisions=PRECISIONS)
    with pytest.raises(ContractError, match=f"(?s)it is empty.*{name}"):
        fit(table, **tables | {name: tables[name].head(0)}, years=YEARS, precisions=PRECISIONS)


@pytest.mark.parametrize("prior", [(-5, 10), (5, 0), (5, -1), (np.nan, 1), (5, np.inf), (5, 1, -1.0), (0, 1)])
def test_what_is_the_prior_of_no_precision_is_refused(prior: tuple[float, ...]) -> None:
    with pytest.raises(ModelError, match="is no prior"):
        Precision(*prior)


def test_numbers_of_another_unit_are_an_error_and_no_missing_medians() -> None:
    table, _, factors = simulated()
    with pytest.raises(ModelError, match="no finite answer"), np.errstate(all="ignore"):
        fit(table.assign(log=1e200), factors, NO_BREAK, years=YEARS, precisions=PRECISIONS)


def test_a_survey_grows_more_precise_with_size() -> None:
    table, y, factors = simulated()
    lfs = table[table["year"] == 2016].query("source == 'eurostat'")
    more = lfs.assign(source="lfs", size=np.exp(lfs["log"]), factor="eurostat")
    precisions = PRECISIONS | {"lfs": Precision(0.5, 1.0, by_size=0.001)}
    found = fit(pd.concat([table, more], ignore_index=True), factors, NO_BREAK, years=YEARS, precisions=precisions)
    assert found.precisions["lfs"] > 0
    assert exp(y[0, 5]) == pytest.approx(found.stocks.loc[("c00", 2016), "median"], rel=0.3)
