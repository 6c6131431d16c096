"""The model over time as a method of back-tests: it reads whole series, not the columns of a corridor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from smstock.models.base import Method
from smstock.models.fusion.fit import fit
from smstock.models.fusion.forecast import stocks_at
from smstock.models.fusion.panel import panel
from smstock.tables import CORRIDOR_KEY
from smstock.vocabulary.dates import middle_of_wave
from smstock.vocabulary.facets import NO_ORIGIN

if TYPE_CHECKING:
    import pandas as pd

    from smstock.corridors.vintage import Vintage


@dataclass(frozen=True)
class Fusion(Method):
    """The latent stock behind every official series and audience that was known at the cutoff.

    Every vintage is fitted anew. It predicts corridors with a figure of the provider that has most of them.
    """

    name: ClassVar = "fusion"
    needs: ClassVar = ("official_last",)
    source: ClassVar = "this project: state space of level and damped drift, shared turns and steps"
    libraries: ClassVar = ("numpy", "pandas", "scipy")

    @classmethod
    def estimate(cls, vintage: Vintage) -> pd.Series:
        """Return the stock of each corridor of a vintage (persons), missing for one without a figure.

        Raises
        ------
        TooFewCellsError
            There are fewer than 20 figures that follow an earlier one of their corridor.
        ContractError
            A corridor has two figures of one provider and date.
        """
        panel_known = panel(*long_tables(vintage.official, vintage.audiences), dates=[vintage.target_date])
        table = stocks_at(panel_known, fit(panel_known), vintage.target_date).set_index(CORRIDOR_KEY)["median"]
        return table.reindex(vintage.corridors.set_index(CORRIDOR_KEY).index).set_axis(vintage.corridors.index)


def long_tables(stock: pd.DataFrame, audience: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return figures and audiences of both sexes as the panel reads them.

    Parameters
    ----------
    stock
        Stock table of one age group; the provider is the source.
    audience
        Audience table, made comparable beforehand; only observed audiences of the widest ages are used.

    Examples
    --------
    >>> import pandas as pd
    >>> stock = pd.DataFrame({"destination": ["AUT"], "origin": ["SRB"], "sex": ["all"], "provider": ["undesa"],
    ...                       "reference_date": ["2015-07-01"], "value": [100.0]})
    >>> empty = pd.DataFrame(columns=["destination", "origin", "sex", "wave", "metric", "age_min", "age_max",
    ...                               "education", "relationship", "dimension", "value", "lower", "upper"])
    >>> long_tables(stock, empty)[0].values.tolist()
    [['AUT', 'SRB', '2015-07-01', 100.0, 'undesa']]
    """
    figures = stock[stock["sex"] == "all"].rename(columns={"provider": "source"})
    undivided = (audience["sex"] == "all") & ~audience["origin"].isin(NO_ORIGIN) & (audience["education"] == "")
    undivided &= (audience["relationship"] == "") & (audience["dimension"] == "")
    rows = audience[undivided & audience["value"].notna()]
    rows = rows[rows["age_min"] == rows["age_min"].min()]
    widest = rows["age_max"].fillna(999)
    rows = rows[widest == widest.max()]
    days = {wave: middle_of_wave(wave) for wave in rows["wave"].unique()}
    columns = [*CORRIDOR_KEY, "date", "metric", "value", "lower", "upper", *(["link_sd"] if "link_sd" in rows else [])]
    return (
        figures[[*CORRIDOR_KEY, "reference_date", "value", "source"]].reset_index(drop=True),
        rows.assign(date=rows["wave"].map(days))[columns].reset_index(drop=True),
    )
