from __future__ import annotations

from math import log, sqrt

import pandas as pd
import pytest

from smstock.errors import ContractError, UnknownNameError
from smstock.published.measurement import fit
from smstock.published.measurement_uk import SURVEY_BIAS, UK, uk_cells

COLUMNS = ["country", "lfs", "fb", "rate", "alg", "pop_r", "inflow_r", "outflow_r", "gdp_r", "unemp_r"]
FIGURES = (50_000, 40_000, 0.25, 0.6, 0.5, 0.3, -0.2, 2.0, 1.5)
"""Made up, as the covariates of a published file look."""


def file(*countries: str) -> pd.DataFrame:
    return pd.DataFrame([(country, *FIGURES) for country in countries], columns=COLUMNS)


def by_sex(*countries: str) -> pd.DataFrame:
    return pd.concat([file(*countries).assign(gender=gender) for gender in ("Female", "Male")], ignore_index=True)


def test_each_origin_has_one_prior_of_the_survey() -> None:
    origins = [origin for group in SURVEY_BIAS.values() for origin in group]
    assert len(origins) == len(set(origins)) == 20


def test_prior_means_of_both_sexes_together() -> None:
    cells = uk_cells({2018: file("Denmark", "Greece"), 2019: file("Denmark", "Greece").drop(columns="alg")})
    assert cells.index.tolist() == ["DNK 2018", "GRC 2018", "DNK 2019", "GRC 2019"]
    assert cells["undercount"].tolist() == [-0.35, -0.13, -0.35, -0.13]
    assert cells["non_users"].tolist() == pytest.approx([-log(0.75)] * 4)
    assert cells["redefinition"].tolist() == pytest.approx(
        [log(0.4), log(0.4), float("nan"), float("nan")], nan_ok=True
    )
    assert cells["greece"].tolist() == pytest.approx([float("nan"), -2.76, float("nan"), -3.70], nan_ok=True)


def test_prior_means_by_sex() -> None:
    """Greece has no term for the redefinition, and the same prior in both years."""
    cells = uk_cells({2018: by_sex("Denmark", "Greece"), 2019: by_sex("Greece").drop(columns="alg")})
    assert cells.index[:2].tolist() == ["DNK female 2018", "GRC female 2018"]
    assert (cells["sex"]["GRC male 2018"], cells["year"]["GRC male 2018"]) == ("male", "2018")
    greek = cells["origin"] == "GRC"
    assert cells.loc[greek, "redefinition"].isna().all()
    assert cells.loc[~greek, "redefinition"].notna().all()
    assert cells.loc[greek, "greece"].tolist() == [-2.76] * 4
    assert cells.loc[~greek, "greece"].isna().all()


def test_precisions_of_the_published_priors() -> None:
    sds = {term.name: term.sd for source in UK.sources for term in source.cell_terms}
    sds |= {term.name: term.sd for source in UK.sources for term in source.terms}
    assert sds.pop("greece") == pytest.approx(1 / sqrt(10))
    assert {name: round(sd**-2) for name, sd in sds.items()} == dict.fromkeys(sds, 100)
    assert {(prior.mean, prior.sd) for _, prior in UK.precisions()} == {(100.0, 10.0)}


def test_the_cells_are_those_the_model_takes() -> None:
    posterior = fit(uk_cells({2018: file("Poland", "Denmark", "Greece")}), UK)
    assert posterior.stocks["median"]["POL 2018"] > 50_000
    assert set(posterior.parameters["parameter"]) == {
        *("intercept", "population", "inflow", "outflow", "gdp", "unemployment"),
        *("definition", "bias", "undercount", "redefinition", "non_users", "greece", "precision"),
    }


def test_a_file_without_a_column() -> None:
    with pytest.raises(ContractError, match="the data of 2018 lack pop_r, alg"):
        uk_cells({2018: file("Poland").drop(columns=["alg", "pop_r"])})


def test_origins_without_a_published_prior() -> None:
    with pytest.raises(ContractError, match="no published prior for NOR"):
        uk_cells({2018: file("Poland", "Norway")})
    with pytest.raises(UnknownNameError, match="Polandia"):
        uk_cells({2018: file("Polandia")})
