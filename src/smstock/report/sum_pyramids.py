"""Population pyramids of sums: everybody in a destination, everybody from an origin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from smstock.nowcast.sums import indicative
from smstock.report import wording
from smstock.report.charts import svg
from smstock.report.pyramids import MOST, pyramid
from smstock.tables import CORRIDOR_KEY
from smstock.tables.sums import WITH, WITHOUT
from smstock.vocabulary.places import country_of, is_place

if TYPE_CHECKING:
    from collections.abc import Iterator

_LABEL: Final = ["sex", "age_min", "age_max", "education"]
SECTIONS: Final = {"destination": "In the destinations", "origin": "From the origins", "": "Altogether"}
"""What the pyramids of sums are called, by the end of corridors that is kept apart."""


def sum_pyramids(detail: pd.DataFrame, group_sums: pd.DataFrame) -> dict[str, list[dict[str, str]]]:
    """Return pyramids of the largest sums over two corridors or more: name and SVG of each, by section.

    A sum is without indicative corridors, unless it has no others. An official figure is shown where every corridor of
    the sum has one; the share of the audience is that of the corridors whose every group is known. Where there is only
    one destination, or origin, the sum over everything is that of it.

    Parameters
    ----------
    detail
        Estimates of groups.
    group_sums
        Their sums (`smstock.nowcast.group_sums`).

    Examples
    --------
    >>> pair = {"destination": "AUT", "origin": ["SRB", "HRV"], "sex": "all", "age_min": 18, "age_max": 24}
    >>> pair["education"] = ""
    >>> detail = pd.DataFrame(pair | {"audience": 5.0, "official_last": 9.0, "regime": "stale", "status": ""})
    >>> row = {"destination": "AUT", "origin": "", "sex": "all", "age_min": 18, "age_max": 24, "estimated": 2}
    >>> row |= {"education": "", "median": 20.0, "lower_80": 10.0, "upper_80": 30.0}
    >>> drawn = sum_pyramids(detail, pd.DataFrame([row | {"indicative": which} for which in ("without", "with")]))
    >>> [(name, pyramid["name"], pyramid["svg"][:4]) for name, (pyramid,) in drawn.items()]
    [('In the destinations', 'In Austria', '<svg')]
    """
    sections: dict[str, list[dict[str, str]]] = {}
    for end, rows in _largest(group_sums):
        beside = _beside(detail, rows, group_sums)
        name = " ".join(filter(None, ("In" if end == "destination" else "From" if end else "", _of(rows, end))))
        sections.setdefault(SECTIONS[end], []).append({"name": name, "svg": svg(pyramid(beside))})
    return sections


def _of(rows: pd.DataFrame, end: str) -> str:
    return wording.country(str(rows[end].iloc[0])) if end else "All corridors"


def _largest(group_sums: pd.DataFrame) -> Iterator[tuple[str, pd.DataFrame]]:
    """Yield the rows of the sums that are drawn, and which end each keeps apart."""
    several = group_sums[group_sums["estimated"] > 1]
    chosen = several[several["indicative"] == WITHOUT]
    keys = pd.MultiIndex.from_frame(chosen[CORRIDOR_KEY])
    others = several[(several["indicative"] == WITH) & ~pd.MultiIndex.from_frame(several[CORRIDOR_KEY]).isin(keys)]
    sums = pd.concat([chosen, others])
    single = any((sums[end] != "").any() and sums[end].nunique() == 1 + (sums[end] == "").any() for end in CORRIDOR_KEY)
    for end in SECTIONS:
        kept_apart = [(sums[name] != "") == (name == end) for name in CORRIDOR_KEY]
        of_end = sums[kept_apart[0] & kept_apart[1]]
        if not end and single:
            continue
        sizes = of_end.groupby(CORRIDOR_KEY)["median"].sum().sort_values(ascending=False, kind="stable")
        for destination, origin in sizes.index[:MOST]:
            yield end, of_end[(of_end["destination"] == destination) & (of_end["origin"] == origin)]


def _beside(detail: pd.DataFrame, rows: pd.DataFrame, group_sums: pd.DataFrame) -> pd.DataFrame:
    """Return the groups of a sum with what its corridors have of official figures and of audiences."""
    destination, origin, which = rows[[*CORRIDOR_KEY, "indicative"]].iloc[0]
    members = detail if which == WITH else detail[~indicative(detail)]
    if destination:
        own = members["destination"] == destination
        members = members[own if own.any() else members["destination"].map(country_of) == destination]
    else:
        summed = set(group_sums["destination"].unique()) - set(detail["destination"].unique())
        once = [not is_place(code) or country_of(code) in summed for code in members["destination"]]
        members = members[once]
        members = members[members["origin"] == origin] if origin else members
    beside = rows.copy()
    for name in ("official_last", "audience"):
        known = members[name].notna().groupby([members[end] for end in CORRIDOR_KEY]).transform("all")
        usable = members[known] if name == "audience" or known.all() else members[:0]
        sums = usable.astype({"age_max": "Float64"}).groupby(_LABEL, dropna=False)[name].sum()
        keys = pd.MultiIndex.from_frame(rows[_LABEL].astype({"age_max": "Float64"}))
        beside[name] = sums.reindex(keys).to_numpy(dtype=float, na_value=float("nan"))
    return beside
