"""The reverse corridor: persons of the destination who live in the origin, by the official figures at hand."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd

from smstock.corridors.keys import codes, equal, matches, numbers
from smstock.tables import CORRIDOR_KEY

ITEMISES: Final = "undesa"
"""Provider whose tables list every origin that it counts in a destination: an origin it does not list there is 0."""

_NEWER: Final = ("reference_date", "edition")


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
    dated = np.asarray(figures["reference_date"].array <= known_until, dtype=bool)
    known = np.flatnonzero(equal(figures, "sex", "all") & dated & figures["value"].notna().to_numpy())
    ends = [figures[end].array.take(known).to_numpy(dtype=object) for end in CORRIDOR_KEY]
    origins, destinations = table["origin"].to_numpy(dtype=object), table["destination"].to_numpy(dtype=object)
    back, of_figures = codes([origins, destinations], ends)
    known_back = np.flatnonzero(np.isin(of_figures, back))
    rows = known[known_back]
    of_birth = equal(figures, "concept", "birth")[rows]
    days, editions = (pd.factorize(figures[name].to_numpy(dtype=object)[rows], sort=True)[0] for name in _NEWER)
    order = np.lexsort((editions, of_birth, days))[::-1]
    last = order[np.unique(of_figures[known_back][order], return_index=True)[1]]
    _, positions = matches(back, of_figures[known_back][last])
    values = np.append(numbers(figures["value"])[rows[last]], np.nan)[positions]
    listed = equal(figures, "provider", ITEMISES)[known]
    places, itemised = (set(end[listed].tolist()) for end in ends)
    none_listed = np.array(
        [origin in places and place in itemised for origin, place in zip(origins, destinations, strict=True)],
        dtype=bool,
    )
    return pd.Series(np.where(np.isnan(values) & none_listed, 0.0, values), index=table.index, name="official_reverse")
