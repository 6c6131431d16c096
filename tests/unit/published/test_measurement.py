from __future__ import annotations

from dataclasses import replace
from math import log, sqrt
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from scipy.special import digamma, polygamma
from scipy.stats import norm

from smstock.errors import ContractError
from smstock.published.measurement import Posterior, conflicts, fit
from smstock.published.measurement_model import CellTerm, Gamma, MeasurementModel, Source, Term

if TYPE_CHECKING:
    from collections.abc import Hashable

Unknown = tuple[str, str, "Hashable"]
"""Equation, parameter, cell."""

KNOWN = 1e9
"""Rate at which a gamma prior leaves nothing open."""

SURVEY = Source("survey", Gamma(100, 1), cell_terms=(CellTerm("undercount", 0.1),))
AUDIENCE = Source(
    "audience",
    Gamma(20, 1),
    terms=(Term("definition", -0.1, 0.3), Term("bias", 0.1, 0.2)),
    cell_terms=(CellTerm("redefinition", 0.15), CellTerm("small", 0.3)),
)
MODEL = MeasurementModel(
    sources=(SURVEY, AUDIENCE),
    intercept=Term("intercept", 10.0, 1.0),
    covariates=(Term("population", 0.0, 0.5), Term("inflow", 0.0, 0.5)),
    precision=Gamma(10, 1),
)


def known(model: MeasurementModel) -> MeasurementModel:
    """The same model, its precisions held at their prior means."""

    def hold(prior: Gamma) -> Gamma:
        return Gamma(prior.mean * KNOWN, KNOWN)

    sources = tuple(replace(source, precision=hold(source.precision)) for source in model.sources)
    return replace(model, sources=sources, precision=hold(model.precision))


def simulated(rng: np.random.Generator, model: MeasurementModel, n: int) -> tuple[pd.DataFrame, dict[str, np.ndarray]]:
    """Cells drawn from the model, parameters from their priors; and the truth."""
    cells = pd.DataFrame(
        {term.name: rng.normal(0, 1, n) for term in model.covariates}, index=[f"c{place}" for place in range(n)]
    )
    truth = {term.name: np.array(rng.normal(term.mean, term.sd)) for _, term in model.coefficients()}
    level = truth["intercept"] + sum(truth[term.name] * cells[term.name].to_numpy() for term in model.covariates)
    tau = rng.gamma(model.precision.shape) / model.precision.rate
    stocks = rng.normal(level, 1 / sqrt(tau))
    truth |= {"stock": np.exp(stocks), "migration precision": np.array(tau)}
    for source in model.sources:
        mean = stocks + sum(truth[term.name] for term in source.terms)
        for term in source.cell_terms:
            prior = rng.normal(-0.2, 0.3, n)
            prior[rng.random(n) < 0.3] = np.nan
            truth[term.name] = rng.normal(prior, term.sd)
            mean = mean + np.nan_to_num(truth[term.name])
            cells[term.name] = prior
        tau = rng.gamma(source.precision.shape) / source.precision.rate
        truth[f"{source.name} precision"] = np.array(tau)
        cells[source.name] = np.maximum(rng.poisson(np.exp(rng.normal(mean, 1 / sqrt(tau)))), 1).astype(float)
    return cells, truth


def dense(cells: pd.DataFrame, model: MeasurementModel) -> dict[Unknown, tuple[float, float]]:
    """Posterior mean and sd of every unknown, by one regression with every unknown as a column."""
    priors: dict[Unknown, tuple[float, float]] = {
        (equation, term.name, ""): (term.mean, term.sd**-2) for equation, term in model.coefficients()
    }
    for source in model.sources:
        for own in source.cell_terms:
            has = cells[own.name].dropna()
            priors |= {(source.name, own.name, label): (mean, own.sd**-2) for label, mean in has.items()}
    priors |= {("", "stock", label): (0.0, 0.0) for label in cells.index}
    rows: list[dict[Unknown, float]] = []
    values, weights = [], []
    for label, cell in cells.to_dict("index").items():
        slopes: dict[Unknown, float] = {("migration", term.name, ""): -cell[term.name] for term in model.covariates}
        rows.append({("", "stock", label): 1.0, ("migration", "intercept", ""): -1.0} | slopes)
        values.append(0.0)
        weights.append(model.precision.mean)
        for source in model.sources:
            if np.isnan(cell[source.name]):
                continue
            shared: dict[Unknown, float] = {(source.name, term.name, ""): 1.0 for term in source.terms}
            rows.append({key: 1.0 for key in priors if key[0] == source.name and key[2] == label} | shared)
            rows[-1]["", "stock", label] = 1.0
            values.append(float(digamma(cell[source.name])))
            weights.append(1 / (1 / source.precision.mean + float(polygamma(1, cell[source.name]))))
    design = np.array([[row.get(key, 0.0) for key in priors] for row in rows])
    means, precisions = np.array(list(priors.values())).T
    covariance = np.linalg.inv(design.T @ (design * np.array(weights)[:, None]) + np.diag(precisions))
    solution = covariance @ (design.T @ (np.array(weights) * values) + precisions * means)
    return dict(zip(priors, zip(solution.tolist(), np.sqrt(np.diag(covariance)).tolist(), strict=True), strict=True))


@pytest.mark.parametrize("seed", range(4))
def test_with_known_precisions_it_is_the_regression_on_all_unknowns(seed: int) -> None:
    rng = np.random.default_rng(seed)
    cells, _ = simulated(rng, MODEL, 7)
    cells.loc["c1", "audience"] = np.nan
    cells.loc["c2", ["survey", "audience"]] = np.nan
    posterior = fit(cells, known(MODEL))
    exact = dense(cells, MODEL)
    rows = posterior.parameters[posterior.parameters["parameter"] != "precision"]
    assert len(rows) + len(cells) == len(exact)
    for row in rows.fillna({"cell": ""}).to_dict("records"):
        mean, sd = exact[row["equation"], row["parameter"], row["cell"]]
        assert (row["median"], row["sd"]) == pytest.approx((mean, sd), abs=2e-6)
        assert row["upper_95"] == pytest.approx(mean + 1.959964 * sd, abs=1e-5)
    for label, row in posterior.stocks.to_dict("index").items():
        mean, sd = exact["", "stock", label]
        assert log(row["median"]) == pytest.approx(mean, abs=2e-6)
        assert log(row["lower_80"]) == pytest.approx(mean - 1.281552 * sd, abs=1e-5)
        assert row["sd"] == pytest.approx(np.exp(mean + sd**2 / 2) * sqrt(np.expm1(sd**2)), rel=1e-5)


def test_the_precisions_are_summed_over_as_on_a_fine_grid() -> None:
    rng = np.random.default_rng(5)
    model = MeasurementModel(
        (Source("survey", Gamma(30, 1)), Source("audience", Gamma(4, 1))), Term("intercept", 10, 1), (), Gamma(3, 1)
    )
    cells, _ = simulated(rng, replace(model, precision=Gamma(1e6, 1e6)), 12)
    counts = cells[["survey", "audience"]].to_numpy()
    survey, audience, migration = (np.linspace(low, high, 20) for low, high in ((2.4, 4.4), (-1.2, 3.3), (-2.6, 2.6)))
    log_weights, means = np.zeros((20, 20, 20)), np.zeros((20, 20, 20))
    ones = np.ones((12, 12))
    for place in np.ndindex(20, 20, 20):
        tau = np.exp([survey[place[0]], audience[place[1]], migration[place[2]]])
        stock = np.eye(12) / tau[2] + ones
        noise = np.concatenate([polygamma(1, counts[:, k]) + 1 / tau[k] for k in (0, 1)])
        joint = np.block([[stock, stock], [stock, stock]]) + np.diag(noise)
        data = digamma(counts.T.ravel()) - 10.0
        factor = np.linalg.cholesky(joint)
        white = np.linalg.solve(factor, data)
        log_weights[place] = -white @ white / 2 - np.log(np.diag(factor)).sum() + np.log(tau) @ [30, 4, 3] - tau.sum()
        means[place] = 10.0 + np.hstack([stock[0], stock[0]]) @ np.linalg.solve(joint, data)
    weights = np.exp(log_weights - log_weights.max())
    weights /= weights.sum()
    posterior = fit(cells, model)
    ours = posterior.parameters.set_index(["equation", "parameter"])["median"]
    for axis, (name, grid) in enumerate((("survey", survey), ("audience", audience), ("migration", migration))):
        marginal = weights.sum(axis=tuple({0, 1, 2} - {axis}))
        exact = np.interp(0.5, np.cumsum(marginal) - marginal / 2, grid)
        assert np.log(ours[name, "precision"]) == pytest.approx(exact, abs=0.01)
    assert posterior.weights @ posterior.log_means[:, 0] == pytest.approx((weights * means).sum(), abs=1e-3)


@pytest.mark.parametrize(("count", "shift", "spread"), [(20, 2e-3, 0.04), (1000, 2e-5, 1e-3)])
def test_the_gaussian_in_place_of_the_poisson(count: int, shift: float, spread: float) -> None:
    """One cell, whose exact posterior is a double integral over log stock and log mu."""
    source = Source("survey", Gamma(100, 1))
    model = known(MeasurementModel((source,), Term("intercept", log(count) + 0.3, 0.2), (), Gamma(50, 1)))
    posterior = fit(pd.DataFrame({"survey": [float(count)]}), model)
    axis = log(count) + np.linspace(-1.5, 1.5, 1501)
    poisson = count * axis - np.exp(axis)
    likelihood = norm.pdf(axis[:, None], axis, 0.1) @ np.exp(poisson - poisson.max())
    weights = likelihood * norm.pdf(axis, log(count) + 0.3, sqrt(0.04 + 0.02))
    mean = (weights @ axis) / weights.sum()
    sd = sqrt((weights @ (axis - mean) ** 2) / weights.sum())
    assert posterior.log_means[0, 0] == pytest.approx(mean, abs=shift)
    assert sqrt(posterior.log_variances[0, 0] + (posterior.loadings[0, 0] ** 2).sum()) == pytest.approx(sd, rel=spread)


def test_intervals_cover_what_the_model_made() -> None:
    """Parameters from the prior, counts from the model: every interval covers as often as it says."""
    rng = np.random.default_rng(11)
    trials, n = 40, 10
    covered: dict[tuple[str, int], list[float]] = {}
    for _ in range(trials):
        cells, truth = simulated(rng, MODEL, n)
        posterior = fit(cells, MODEL)
        table = posterior.parameters
        for level in (50, 80, 95):
            stocks = posterior.stocks[[f"lower_{level}", f"upper_{level}"]].to_numpy().T
            covered.setdefault(("stock", level), []).append(
                float(np.mean((stocks[0] < truth["stock"]) & (truth["stock"] < stocks[1])))
            )
            for row in table[table["cell"].isna()].to_dict("records"):
                name = f"{row['equation']} precision" if row["parameter"] == "precision" else row["parameter"]
                inside = row[f"lower_{level}"] < truth[name] < row[f"upper_{level}"]
                covered.setdefault(("parameters", level), []).append(float(inside))
            for term in ("undercount", "redefinition", "small"):
                rows = table[table["parameter"] == term]
                true = pd.Series(truth[term], index=cells.index)[rows["cell"]].to_numpy()
                inside = (rows[f"lower_{level}"] < true) & (true < rows[f"upper_{level}"])
                covered.setdefault(("cell terms", level), []).append(float(inside.mean()))
    for (what, level), shares in covered.items():
        standard_error = sqrt(level / 100 * (1 - level / 100) / trials)
        assert np.mean(shares) == pytest.approx(level / 100, abs=2.5 * standard_error), (what, level)


def test_known_parameters_are_found_where_the_data_are_many() -> None:
    rng = np.random.default_rng(2)
    wide = replace(MODEL, covariates=tuple(replace(term, sd=5.0) for term in MODEL.covariates), precision=Gamma(4, 0.5))
    cells, truth = simulated(rng, wide, 150)
    table = fit(cells, wide).parameters
    found = table[table["cell"].isna()].set_index(["equation", "parameter"])
    for name in ("population", "inflow"):
        assert found["median"]["migration", name] == pytest.approx(truth[name], abs=0.15)
        assert found["sd"]["migration", name] < 0.1
    assert found["median"]["migration", "precision"] == pytest.approx(truth["migration precision"], rel=0.35)


def test_a_cell_without_counts_has_the_stock_of_the_migration_model_and_the_terms_of_the_prior() -> None:
    rng = np.random.default_rng(3)
    cells, _ = simulated(rng, MODEL, 30)
    cells.loc["c0", ["survey", "audience"]] = np.nan
    cells.loc["c0", "undercount"] = -0.35
    posterior = fit(cells, MODEL)
    coefficients = posterior.parameters[posterior.parameters["cell"].isna()].set_index("parameter")["median"]
    level = coefficients["intercept"] + sum(coefficients[name] * cells[name]["c0"] for name in ("population", "inflow"))
    assert np.log(posterior.stocks["median"]["c0"]) == pytest.approx(level, abs=0.02)
    assert (posterior.stocks["sd"] / posterior.stocks["median"]).idxmax() == "c0"
    table = posterior.parameters
    row = table[(table["cell"] == "c0") & (table["parameter"] == "undercount")].iloc[0]
    assert (row["median"], row["sd"]) == pytest.approx((-0.35, 0.1), abs=1e-6)


def test_a_source_that_counts_nothing_is_as_good_as_none() -> None:
    rng = np.random.default_rng(4)
    cells, _ = simulated(rng, MODEL, 10)
    without = fit(cells, replace(MODEL, sources=(SURVEY,))).stocks["median"]
    empty = fit(cells.assign(audience=np.nan), MODEL)
    assert empty.stocks["median"].to_numpy() == pytest.approx(without.to_numpy(), rel=1e-4)
    assert conflicts(replace(empty, parameters=empty.parameters[empty.parameters["equation"] == "audience"])).empty


def test_the_order_of_the_cells_does_not_matter() -> None:
    rng = np.random.default_rng(6)
    cells, _ = simulated(rng, MODEL, 9)
    shuffled = fit(cells.sample(frac=1, random_state=1), MODEL).stocks.loc[cells.index, "median"]
    assert shuffled.to_numpy() == pytest.approx(fit(cells, MODEL).stocks["median"].to_numpy(), rel=1e-6)


@pytest.fixture(scope="module")
def posterior() -> Posterior:
    cells, _ = simulated(np.random.default_rng(8), MODEL, 8)
    return fit(cells.assign(group=list("aabbbaab"), year="2020"), MODEL)


@pytest.mark.parametrize("by", [[], ["nope"], ["group", "nope"], "group"])
def test_totals_by_columns_that_are_none_are_refused(posterior: Posterior, by: list[str]) -> None:
    with pytest.raises(ContractError, match="there are no cells alike in") as refused:
        posterior.totals(by)
    assert "group, year" in refused.value.allowed


def test_totals_are_those_of_draws_from_the_posterior(posterior: Posterior) -> None:
    rng = np.random.default_rng(9)
    draws = 40_000
    component = rng.choice(len(posterior.weights), draws, p=posterior.weights)
    shared = rng.normal(size=(draws, posterior.loadings.shape[2]))
    own = rng.normal(size=(draws, 8)) * np.sqrt(posterior.log_variances[component])
    stocks = np.exp(
        posterior.log_means[component] + own + np.einsum("gnq,gq->gn", posterior.loadings[component], shared)
    )
    totals = posterior.totals(["group", "year"]).set_index("group")
    for group in "ab":
        total = stocks[:, (posterior.stocks["group"] == group).to_numpy()].sum(axis=1)
        row = totals.loc[group]
        exact = np.quantile(total, [0.5, 0.025, 0.975])
        assert row[["median", "lower_95", "upper_95"]].to_numpy(dtype=float) == pytest.approx(exact, rel=0.02)
        assert row["sd"] == pytest.approx(total.std(), rel=0.05)


def test_the_total_of_one_cell_is_the_cell(posterior: Posterior) -> None:
    alone = replace(posterior, stocks=posterior.stocks.assign(group=posterior.stocks.index)).totals(["group"])
    for column in ("median", "lower_95", "upper_95", "sd"):
        assert alone[column].to_numpy() == pytest.approx(posterior.stocks[column].to_numpy(), rel=1e-5)


def test_conflicts_are_the_parameters_that_left_their_priors() -> None:
    """An audience of a tenth of the survey's count, against a prior that knows of no such thing."""
    rng = np.random.default_rng(10)
    survey = Source("survey", Gamma(100, 1), (Term("undercount", 0.0, 0.05),))
    audience = Source("audience", Gamma(100, 1), (Term("bias", 0.0, 0.2),))
    model = MeasurementModel((survey, audience), Term("intercept", 10, 2), (), Gamma(4, 4))
    stocks = np.exp(rng.normal(10, 1, 40))
    cells = pd.DataFrame({"survey": stocks, "audience": stocks / 10})
    found = conflicts(fit(cells, model))
    assert list(found.columns) == ["equation", "parameter", "cell", "prior_mean", "prior_sd", "median", "sd", "z"]
    assert found.iloc[0][["equation", "parameter"]].tolist() == ["audience", "bias"]
    row = found.iloc[0]
    assert row["z"] == pytest.approx((row["median"] - 0.0) / 0.2)
    assert row["z"] < -8
    assert (found["z"].abs() > 2).all()
    assert found["z"].abs().is_monotonic_decreasing
    agreeing = replace(model, sources=(survey, replace(audience, terms=(Term("bias", -log(10), 0.2),))))
    assert "bias" not in conflicts(fit(cells, agreeing))["parameter"].tolist()


def test_conflicts_beyond_a_limit(posterior: Posterior) -> None:
    everything = conflicts(posterior, beyond=0.0)
    limit = float(everything["z"].abs().median())
    assert len(conflicts(posterior, beyond=limit)) == (everything["z"].abs() > limit).sum()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"survey": ["8000", "900"]}, "survey hold text"),
        ({"audience": [np.inf, 5.0]}, "audience is infinite"),
        ({"survey": None}, "the table of cells lacks survey"),
        ({"audience": [0.0, 5.0]}, "audience has a count below 1"),
        ({"inflow": [1.0, np.nan]}, "inflow is missing in some cell"),
        ({"population": [1.0, np.inf]}, "population is infinite in some cell"),
    ],
)
def test_cells_that_cannot_be_used(change: dict[str, list[float] | list[str] | None], message: str) -> None:
    cells, _ = simulated(np.random.default_rng(1), MODEL, 2)
    for column, values in change.items():
        cells = cells.drop(columns=column) if values is None else cells.assign(**{column: values})
    with pytest.raises(ContractError, match=message):
        fit(cells, MODEL)


def test_labels_that_occur_twice() -> None:
    cells, _ = simulated(np.random.default_rng(1), MODEL, 2)
    with pytest.raises(ContractError, match="'AUT' occurs more than once"):
        fit(cells.set_axis(["AUT", "AUT"], axis=0), MODEL)


def test_a_table_without_cells() -> None:
    cells, _ = simulated(np.random.default_rng(1), MODEL, 2)
    with pytest.raises(ContractError, match="there is no cell"):
        fit(cells.iloc[:0], MODEL)
