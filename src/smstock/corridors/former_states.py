"""Dated definitions: people whom an office counts under a state that is no more, so that its successor has too few.

An office that records the country of birth by its name of that day counts who was born in Belgrade before 1992 in
Yugoslavia. Its figure of Serbia is then a few who were born since.

``former_states.csv``, beside this module, holds the offices of which that is known: destination, former state, whom the
figure counts, and the day of the figures it was read off. At these destinations more than half of a state's successors
have far more citizens (Eurostat, ``migr_pop1ctz``, 1 January 2020, 300 or more) than natives (UN DESA, edition 2020),
``ratio`` times (median) what the other origins of the destination show, and at least three times. Nowhere else do they.
An office is known, too, where the files at hand have a figure of the former state.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from smstock.corridors.keys import equal
from smstock.tables import CORRIDOR_KEY
from smstock.vocabulary.countries import area

if TYPE_CHECKING:
    from collections.abc import Mapping

SUCCESSORS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType({
    "ANT": ("ABW", "BES", "CUW", "SXM"),
    "CSK": ("CZE", "SVK"),
    "SCG": ("SRB", "MNE", "XKX"),
    "SUN": (
        "ARM", "AZE", "BLR", "EST", "GEO", "KAZ", "KGZ", "LTU", "LVA", "MDA", "RUS", "TJK", "TKM", "UKR", "UZB",
    ),
    "YUG": ("BIH", "HRV", "MKD", "MNE", "SRB", "SVN", "XKX"),
})  # fmt: skip
"""Dissolved states and what they became; a dissolved state's figure is never added to that of a successor."""
BEYOND: Final = 3.0
"""Least that an audience must say above what peers show, a factor ..."""
SPREADS: Final = 2.0
"""... or standard deviations of all corridors, robustly, if that is more."""
PEERS: Final = 5
"""Corridors that an origin or a destination must have to say what is usual of it."""
EXPLAINS: Final = 0.1
"""Least part of the corridor's figure that one of the former state must be: fewer persons explain nothing."""
YEARS_OLD: Final = 10
"""Years up to which a figure of a former state says that the office counts it: censuses come every ten years."""
_ROUNDS: Final = 5
_TO_NORMAL: Final = 1.4826  # median absolute deviation to standard deviation
_KINDS: Final = {"birth": "born there", "citizenship": "its citizens", "mixed": "born there or its citizens"}


def former_states(origin: str) -> tuple[str, ...]:
    """Return the dissolved states that an origin was part of, the last one first; empty where there are none.

    Examples
    --------
    >>> former_states("SRB"), former_states("AUT")
    (('SCG', 'YUG'), ())
    """
    return tuple(former for former, successors in SUCCESSORS.items() if origin in successors)


@cache
def offices() -> frozenset[tuple[str, str, str]]:
    """Return the offices that count under a former state: destination, former state, concept.

    Examples
    --------
    >>> ("NLD", "YUG", "birth") in offices(), ("DEU", "YUG", "birth") in offices()
    (True, False)
    """
    text = Path(__file__).with_suffix(".csv").read_text(encoding="utf-8")
    return frozenset((row["destination"], row["former"], row["concept"]) for row in csv.DictReader(text.splitlines()))


def with_former_states(
    table: pd.DataFrame, figures: pd.DataFrame, *, known_until: str, benchmark: bool = False
) -> pd.DataFrame:
    """Return a corridor table with what is known of the former states of its origins; as it is where that is nothing.

    - ``counted_under``: former states (codes) under which the office is known to count, by the table of this module or
      by a figure of the former state in the files, a tenth of the corridor's or more;
    - ``former_figures``: the newest figures of the former states at the destination, in words.

    Parameters
    ----------
    table
        Corridor table.
    figures
        Stock table of all ages with every official figure at hand, any provider.
    known_until
        Figures about a later day are not used (ISO), nor those more than ten years older.
    benchmark
        Whether the figure of the corridor is its ``stock``; otherwise it is ``official_last``.

    Examples
    --------
    >>> import pandas as pd
    >>> row = {"destination": "BEL", "origin": "SVK", "sex": "all", "official_last": 900.0, "official_concept": ""}
    >>> figure = {"destination": "BEL", "origin": "CSK", "sex": "all", "concept": "citizenship", "value": 9000.0}
    >>> figures = pd.DataFrame([figure | {"provider": "eurostat", "reference_date": "2020-01-01"}])
    >>> table = with_former_states(pd.DataFrame([row]), figures, known_until="2020-10-15")
    >>> table[["counted_under", "former_figures"]].values.tolist()
    [['CSK', 'Czechoslovakia 9,000 (its citizens, eurostat, 2020-01-01)']]
    """
    origins = table["origin"].to_numpy(dtype=object)
    dissolved = {origin: former_states(str(origin)) for origin in set(origins.tolist())}
    if not any(dissolved.values()):
        return table
    of_former = _of_former_states(figures, known_until)
    official, concept = ("stock", "stock_concept") if benchmark else ("official_last", "official_concept")
    under, texts = [], []
    for destination, origin, figure, counts in zip(
        table["destination"], origins, table[official].astype("float64"), table[concept].fillna(""), strict=True
    ):
        states = dissolved[origin]
        newest = [row for state in states for row in of_former.get((destination, state), ())]
        known = {state for state in states if (destination, state, counts) in offices()}
        known |= {str(row["origin"]) for row in newest if float(row["value"]) >= EXPLAINS * figure}
        under.append(" ".join(state for state in states if state in known))
        texts.append(", ".join(map(_in_words, newest)))
    if not any(under) and not any(texts):
        return table
    return table.assign(counted_under=pd.array(under, dtype="str"), former_figures=pd.array(texts, dtype="str"))


def _of_former_states(figures: pd.DataFrame, known_until: str) -> dict[tuple[str, str], list[dict[str, Any]]]:
    """Return the newest figure above 0 of each dissolved state, destination, provider and concept."""
    rows = figures[figures["origin"].isin(list(SUCCESSORS)) & equal(figures, "sex", "all") & figures["value"].gt(0)]
    oldest = f"{int(known_until[:4]) - YEARS_OLD}{known_until[4:]}"
    rows = rows[(rows["reference_date"] <= known_until) & (rows["reference_date"] >= oldest)]
    key = [*CORRIDOR_KEY, "provider", "concept"]
    newest = rows.sort_values("reference_date", kind="stable").drop_duplicates(key, keep="last")
    of_former: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in newest.sort_values(key).to_dict("records"):
        figure = {str(name): value for name, value in row.items()}
        of_former.setdefault((str(figure["destination"]), str(figure["origin"])), []).append(figure)
    return of_former


def _in_words(figure: dict[str, Any]) -> str:
    kind = _KINDS.get(str(figure["concept"]), str(figure["concept"]))
    state = area(str(figure["origin"])).name
    return f"{state} {float(figure['value']):,.0f} ({kind}, {figure['provider']}, {figure['reference_date']})"


def excess(table: pd.DataFrame, official: str) -> pd.Series:
    """Return how many times what its peers show the audience of a corridor says; missing where too few are known.

    Audience over official figure, over what is usual of its origin and of its destination: medians, taken in turn, of
    totals of both sexes. An end with fewer than five corridors has no usual of its own, and a corridor neither of whose
    ends has one is not judged. A corridor that lies less than two robust standard deviations away has 1.

    Parameters
    ----------
    table
        Corridor table.
    official
        The column of official figures, ``official_last`` or ``stock``.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"destination": [*"ABCDEF"], "origin": "SRB", "sex": "all", "stock": 1e3})
    >>> excess(rows.assign(audience=[1e3, 9e2, 11e2, 1e3, 1e3, 9e3]), "stock").round(1).tolist()
    [1.0, 1.0, 1.0, 1.0, 1.0, 9.0]
    """
    audience, figure = (table[name].astype("float64") for name in ("audience", official))
    judged = equal(table, "sex", "all") & audience.gt(0).to_numpy() & figure.gt(0).to_numpy()
    rest = pd.Series(np.log(audience[judged] / figure[judged]))
    ends = [table.loc[judged, end].astype(object) for end in ("origin", "destination")]
    enough = [rest.groupby(end).transform("size") >= PEERS for end in ends]
    for _ in range(_ROUNDS):
        for end, many in zip(ends, enough, strict=True):
            rest = rest - rest.groupby(end).transform("median").where(many, 0.0)
    rest = rest.where(enough[0] | enough[1])
    spread = _TO_NORMAL * float((rest - rest.median()).abs().median())
    times = np.exp(rest.where(rest.isna() | (rest > SPREADS * spread), 0.0))
    return pd.Series(times).reindex(table.index)


def beyond(table: pd.DataFrame, official: str) -> pd.Series:
    """Return how many times what peers show the audience of a successor state says, where that is three or more.

    Missing elsewhere; on totals of both sexes only.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"destination": [*"ABCDEF"], "origin": "SVK", "sex": "all", "stock": 1e3})
    >>> beyond(rows.assign(audience=[1e3, 9e2, 11e2, 1e3, 1e3, 9e3]), "stock").tolist()
    [nan, nan, nan, nan, nan, 9.000000000000002]
    """
    times = excess(table, official)
    return times.where((times >= BEYOND) & table["origin"].map(lambda origin: bool(former_states(str(origin)))))


def misleading(benchmark: pd.DataFrame) -> pd.Series:
    """Return which corridors have a stock that its office counts under a former state, as the audience says too.

    They are no example of how stocks go with audiences. They are scored like any other.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"destination": [*"ABCDEF"], "origin": "SVK", "sex": "all", "stock": 1e3})
    >>> rows = rows.assign(audience=[1e3, 9e2, 11e2, 1e3, 9e3, 9e3], counted_under=["", "", "", "", "", "CSK"])
    >>> misleading(rows).tolist()
    [False, False, False, False, False, True]
    """
    if "counted_under" not in benchmark:
        return pd.Series(data=False, index=benchmark.index)
    marked = beyond(benchmark, "stock").notna() & benchmark["counted_under"].fillna("").ne("")
    corridor = [benchmark[end].astype(object) for end in CORRIDOR_KEY]
    return marked.groupby(corridor).transform("any").astype(bool)


def taught(benchmark: pd.DataFrame) -> pd.DataFrame:
    """Return a benchmark whose misleading corridors have no stock, so that nothing is learnt from them.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"destination": [*"ABCDEF"], "origin": "SVK", "sex": "all", "stock": 1e3})
    >>> rows = rows.assign(audience=[1e3, 9e2, 11e2, 1e3, 1e3, 9e3], counted_under=["", "", "", "", "", "CSK"])
    >>> taught(rows)["stock"].isna().sum()
    np.int64(1)
    """
    away = misleading(benchmark)
    return benchmark.assign(stock=benchmark["stock"].mask(away)) if away.any() else benchmark
