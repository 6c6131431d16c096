from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from smstock.report.limits import limits
from smstock.report.listing import listing

if TYPE_CHECKING:
    import pandas as pd

    from smstock.report.basis import Basis


def text_of(estimates: pd.DataFrame, basis: Basis) -> str:
    return "\n".join(f"{limit.name} {limit.meaning}" for limit in limits(listing(estimates), basis))


def test_concepts_lag_and_measured_spread_are_those_of_the_calibration(estimates: pd.DataFrame, basis: Basis) -> None:
    text = text_of(estimates, basis)
    assert "These count, depending on the country, the foreign-born or foreign citizens (UN DESA, edition 2020)" in text
    assert "was 5.0 years old" in text
    assert "four in five such estimates were within a factor of 4.48." in text  # exp(1.5)


def test_one_concept_needs_no_alternatives(estimates: pd.DataFrame, basis: Basis) -> None:
    assert "These count the foreign-born (" in text_of(estimates, replace(basis, concepts=("birth",)))


def test_indicative_rows_are_explained_only_where_there_are_any(estimates: pd.DataFrame, basis: Basis) -> None:
    assert "indicative" not in text_of(estimates[estimates["regime"] != "none"], basis)


def test_an_interval_that_could_not_be_measured_has_no_factor(estimates: pd.DataFrame, basis: Basis) -> None:
    text = text_of(estimates, replace(basis, half_widths={}))
    assert "indicative" in text
    assert "factor" not in text


def test_a_mixture_says_what_of(estimates: pd.DataFrame, basis: Basis) -> None:
    text = text_of(estimates, replace(basis, concepts=("mixed",)))
    assert "These count the foreign-born in some countries and foreign citizens in others (" in text


def test_an_age_that_is_not_known_is_not_said(estimates: pd.DataFrame, basis: Basis) -> None:
    text = text_of(estimates, replace(basis, lag=None))
    assert "They were measured where there was no earlier official figure." in text
    assert "years old" not in text
