"""The reverse corridor: persons of the destination who live in the origin, by the official figures at hand."""

from __future__ import annotations

from typing import Final

import pandas as pd

from smstock.tables import CORRIDOR_KEY

ITEMISES: Final = "undesa"
"""Provider whose tables list every origin that it counts in a destination: an origin it does not list there is 0."""


def official_reverse(table: pd.DataFrame, figures: pd.DataFrame, *, known_until: str) -> pd.Series:
    """Return the last official stock of the reverse of each corridor (persons), by row of ``table``.

    Of several figures of one day, one of the foreign-born is preferred, then the newer edition. A corridor without a
    figure has 0 if UN DESA lists other origins at the reverse destination, and the reverse origin elsewhere: it counts
    no such migrants there. Any other is missing.

    Parameters
    ----------
    table
        Columns destination and origin.
    figures
        Stock table of all ages: any providers, editions, concepts and corridors.
    known_until
        Figures about a later day are not used (ISO).

    Examples
    --------
    >>> import pandas as pd
    >>> figures = pd.DataFrame({"destination": ["SRB", "SRB", "ITA"], "origin": ["AUT", "HUN", "SRB"], "sex": "all",
    ...     "provider": "undesa", "edition": "2020", "concept": "birth", "reference_date": "2015-07-01",
    ...     "value": [1500.0, 9000.0, 40000.0]})
    >>> corridors = pd.DataFrame({"destination": ["AUT", "SRB", "HUN", "DEU"], "origin": ["SRB", "ITA", "ITA", "SRB"]})
    >>> official_reverse(corridors, figures, known_until="2016-01-01").tolist()
    [1500.0, 40000.0, 0.0, nan]
    """
    known = figures[(figures["sex"] == "all") & (figures["reference_date"] <= known_until) & figures["value"].notna()]
    order = known.assign(of_birth=known["concept"] == "birth")
    order = order.sort_values(["reference_date", "of_birth", "edition"], kind="stable")
    last = order.drop_duplicates(CORRIDOR_KEY, keep="last").set_index(CORRIDOR_KEY)["value"]
    back = pd.MultiIndex.from_arrays([table["origin"], table["destination"]])
    reverse = last.reindex(back).set_axis(table.index).astype("float64")
    listed = known[known["provider"] == ITEMISES]
    none_listed = table["origin"].isin(listed["destination"]) & table["destination"].isin(listed["origin"])
    return reverse.mask(reverse.isna() & none_listed, 0.0).rename("official_reverse")
