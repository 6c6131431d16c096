"""The published application of the measurement model: 20 European origins in the United Kingdom, 2018 and 2019.

Sources, priors and covariates are those of the authors' JAGS files models/model1.txt (both sexes together) and
models/model2.txt (by sex) and of the scripts that run them, in the public repository chiccorampazzo/fb-migration-uk
(MIT) of Rampazzo et al. 2021 (doi 10.1215/00703370-9578562). They are kept as published, oddities included:

- The prior mean of the Labour Force Survey's bias depends on the origin: -0.04, -0.13 or -0.35. The files say "small
  and big countries"; the sizes do not bear that out (Denmark has -0.35, Latvia -0.04).
- ``non_users`` = -log(share of the origin's population on Facebook) is added to the log audience, so that an origin
  with few users is expected to have a larger audience. ``redefinition`` = log(1 - drop of the audience in March 2019)
  is added to the audiences of 2018, before the drop, and makes them smaller. Both signs look inverted; ``definition``
  and ``bias``, of which the data see the sum only, take it up.
- The audience of Greece, far below the others, has a term of its own. By sex it has no ``redefinition``.
- An audience at the floor of 1,000 (men from Finland, 2019) is read as a count.
"""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from smstock.errors import ContractError
from smstock.published.measurement_model import CellTerm, Gamma, MeasurementModel, Source, Term
from smstock.vocabulary.countries import find

if TYPE_CHECKING:
    from collections.abc import Mapping


UK: Final = MeasurementModel(
    sources=(
        Source("survey", Gamma(100, 1), cell_terms=(CellTerm("undercount", 0.1),)),
        Source(
            "audience",
            Gamma(100, 1),
            terms=(Term("definition", 0.0, 0.1), Term("bias", 0.04, 0.1)),
            cell_terms=(CellTerm("redefinition", 0.1), CellTerm("non_users", 0.1), CellTerm("greece", sqrt(0.1))),
        ),
    ),
    intercept=Term("intercept", 0.0, 10.0),
    covariates=tuple(Term(name, 0.0, 1.0) for name in ("population", "inflow", "outflow", "gdp", "unemployment")),
    precision=Gamma(100, 1),
)
"""Model 1 and model 2, which differ in their cells only; the survey is the Labour Force Survey."""

SURVEY_BIAS: Final = {
    -0.04: ("AUT", "BEL", "CZE", "LVA", "SWE"),
    -0.13: ("FRA", "DEU", "HUN", "LTU", "GRC"),
    -0.35: ("DNK", "FIN", "IRL", "ITA", "NLD", "POL", "PRT", "ROU", "SVK", "ESP"),
}
"""Prior means of the survey's bias, on the log scale, and the origins that have them."""

_COVARIATES: Final = {
    "population": "pop_r",
    "inflow": "inflow_r",
    "outflow": "outflow_r",
    "gdp": "gdp_r",
    "unemployment": "unemp_r",
}


def uk_cells(files: Mapping[int, pd.DataFrame]) -> pd.DataFrame:
    """Return the cells of the published model from the authors' data files, in the order of their rows.

    Parameters
    ----------
    files
        Year (2018, 2019) to the table read from ``data_m1_<year>.csv`` (both sexes together) or ``data_m2_<year>.csv``
        (by sex).

    Returns
    -------
    pandas.DataFrame
        Indexed by labels such as ``AUT 2018`` and ``AUT female 2018``: ``origin`` (ISO 3166-1 alpha-3), ``sex``,
        ``year``, and the columns of `UK`; covariates are ratios to the mean of the origins or to the United Kingdom.

    Raises
    ------
    ContractError
        A file lacks a column, or names an origin that the published priors do not know.

    Examples
    --------
    >>> import pandas as pd
    >>> row = {"country": "Austria", "lfs": 19000, "fb": 12000, "rate": 0.5, "alg": 0.5, "pop_r": 0.4, "inflow_r": 0.2}
    >>> row |= {"outflow_r": -1.7, "gdp_r": 1.3, "unemp_r": 1.2}
    >>> cells = uk_cells({2018: pd.DataFrame([row])})
    >>> cells.loc["AUT 2018", ["survey", "undercount", "redefinition", "non_users"]].astype(float).round(2).tolist()
    [19000.0, -0.04, -0.69, 0.69]
    """
    return pd.concat([_cells(table, year) for year, table in files.items()])


def _cells(table: pd.DataFrame, year: int) -> pd.DataFrame:
    by_sex = "gender" in table
    needed = ["country", "lfs", "fb", "rate", *_COVARIATES.values(), *(["alg"] if year == 2018 else [])]
    if missing := [name for name in needed if name not in table]:
        raise ContractError(f"the data of {year} lack {', '.join(missing)}", allowed=", ".join(needed))
    origin = table["country"].map(find)
    bias = {iso3: mean for mean, origins in SURVEY_BIAS.items() for iso3 in origins}
    if unknown := sorted(set(origin) - bias.keys()):
        raise ContractError(f"there is no published prior for {', '.join(unknown)}", allowed=", ".join(sorted(bias)))
    sex = table["gender"].str.lower() if by_sex else "all"
    cells = pd.DataFrame({"origin": origin, "sex": sex, "year": str(year)})
    label = cells["origin"] + " " + (cells["sex"] + " " if by_sex else "") + cells["year"]
    greek = origin == "GRC"
    cells["survey"], cells["audience"] = table["lfs"].astype(float), table["fb"].astype(float)
    cells["undercount"] = origin.map(bias)
    cells["redefinition"] = np.log1p(-table["alg"]) if year == 2018 else np.nan
    if by_sex:
        cells["redefinition"] = cells["redefinition"].mask(greek)
    cells["non_users"] = -np.log1p(-table["rate"])
    cells["greece"] = np.where(greek, -2.76 if by_sex or year == 2018 else -3.70, np.nan)
    for name, column in _COVARIATES.items():
        cells[name] = table[column].astype(float)
    return cells.set_axis(label.to_numpy(), axis=0)
