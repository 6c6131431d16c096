from __future__ import annotations

from dataclasses import replace
from math import inf, nan

import pytest

from smstock.errors import ModelError
from smstock.published.measurement_model import CellTerm, Gamma, MeasurementModel, Source, Term

SURVEY = Source("survey", Gamma(100, 1), cell_terms=(CellTerm("undercount", 0.1),))
AUDIENCE = Source("audience", Gamma(20, 2), (Term("bias", 0.0, 0.1),), (CellTerm("greece", 0.3),))
MODEL = MeasurementModel((SURVEY, AUDIENCE), Term("intercept", 0, 10), (Term("population", 0, 1),), Gamma(4, 2))


def test_columns_are_counts_prior_means_and_covariates() -> None:
    assert MODEL.columns() == ["survey", "audience", "undercount", "greece", "population"]


def test_what_all_cells_share() -> None:
    names = [(equation, term.name) for equation, term in MODEL.coefficients()]
    assert names == [("migration", "intercept"), ("migration", "population"), ("audience", "bias")]
    assert [(equation, gamma.mean, gamma.sd) for equation, gamma in MODEL.precisions()] == [
        ("survey", 100, 10),
        ("audience", 10, pytest.approx(20**0.5 / 2)),
        ("migration", 2, 1),
    ]


@pytest.mark.parametrize("sources", [(), (SURVEY, SURVEY), (replace(SURVEY, name="migration"),)])
def test_sources_that_cannot_be_told_apart(sources: tuple[Source, ...]) -> None:
    with pytest.raises(ModelError, match="the sources are"):
        replace(MODEL, sources=sources)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Gamma(0, 1),
        lambda: Gamma(inf, 1),
        lambda: Gamma(1, inf),
        lambda: Gamma(nan, 1),
        lambda: Term("bias", 0, 0),
        lambda: Term("bias", nan, 1),
        lambda: Term("bias", 0, inf),
        lambda: CellTerm("small", -1),
        lambda: CellTerm("small", nan),
    ],
)
def test_priors_that_are_no_densities(wrong: object) -> None:
    assert callable(wrong)
    with pytest.raises(ModelError):
        wrong()
