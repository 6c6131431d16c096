"""What stands behind the parts by education of an estimate: an office's figures of the origin, or of a group of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from smstock.models.shares.rivals import CORRIDOR
from smstock.tables import CORRIDOR_KEY
from smstock.vocabulary.facets import Ages
from smstock.vocabulary.schooling import ORIGIN_GROUPS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from smstock.calibrate.shares import LearntShares
    from smstock.models.shares.compositions import Compositions

NOT_MEASURED: Final = "how far people of one origin depart from these is not measured: indicative"
_NONE: Final = "none"


def as_learnt(of: Compositions, groups: pd.DataFrame, learnt: LearntShares) -> Compositions:
    """Return corridors as the method knows them: by the group of their origin, where groups were learnt from.

    Examples
    --------
    >>> from smstock.calibrate.shares import LearntShares
    >>> from smstock.models.shares.compositions import compositions
    >>> row = {"destination": "AUT", "origin": "SRB", "sex": "all", "age_min": 15, "age_max": 64, "stock": None}
    >>> row |= dict.fromkeys(["audience", "audience_upper", "users", "population"]) | {"official": [3.0, 7.0]}
    >>> row |= {"education": ["isced0-2", "isced3-4"], "official_basis": "WLD", "origin_group": "WLD"}
    >>> learnt = LearntShares("official_shares", {}, (), (), of_groups=True)
    >>> known = as_learnt(compositions(pd.DataFrame(row)), pd.DataFrame(row), learnt)
    >>> known.origin.tolist(), known.basis.tolist()
    (['WLD'], ['corridor'])
    """
    if not learnt.of_groups:
        return of
    names = groups.drop_duplicates(CORRIDOR_KEY).set_index(CORRIDOR_KEY)["origin_group"]
    corridors = pd.MultiIndex.from_arrays([of.destination, of.origin])
    group = names.reindex(corridors).to_numpy(dtype=object)
    return replace(of, origin=group, basis=np.where(of.basis == group, CORRIDOR, of.basis))


def unmeasured(of: Compositions, learnt: LearntShares) -> np.ndarray:
    """Return of which corridors nobody has measured how far their shares are from those that stand in.

    Examples
    --------
    >>> from smstock.calibrate.shares import LearntShares
    >>> from smstock.models.shares.compositions import compositions
    >>> row = {"destination": "AUT", "origin": "SRB", "sex": "all", "age_min": 15, "age_max": 64, "stock": None}
    >>> row |= dict.fromkeys(["audience", "audience_upper", "users", "population"]) | {"official": [3.0, 7.0]}
    >>> row |= {"education": ["isced0-2", "isced3-4"], "official_basis": "WLD"}
    >>> learnt = LearntShares("official_shares", {}, (), (), of_groups=True)
    >>> unmeasured(compositions(pd.DataFrame(row)), learnt).tolist()
    [True]
    """
    unknown: np.ndarray = (of.basis != CORRIDOR) & learnt.of_groups
    return unknown


def with_sources(parts: pd.DataFrame, groups: pd.DataFrame, learnt: LearntShares) -> pd.DataFrame:
    """Return estimates by education whose notes say what their shares rest on; without a measured error: indicative.

    Examples
    --------
    >>> from smstock.calibrate.shares import LearntShares
    >>> part = {"destination": "AUT", "origin": "SRB", "education": "isced0-2", "regime": "stale", "notes": ""}
    >>> row = {"destination": "AUT", "origin": "SRB", "age_min": 15, "age_max": 64, "education": "isced0-2"}
    >>> row |= {"official_basis": "NEU27_2020_FOR", "origin_group": "NEU27_2020_FOR", "age_basis": "destination"}
    >>> row |= {"official_date": "2020-07-01", "official_source": "eurostat edat_lfs_9912"}
    >>> learnt = LearntShares("official_shares", {}, (), (), of_groups=True)
    >>> told = with_sources(pd.DataFrame([part]), pd.DataFrame([row]), learnt)
    >>> told["regime"][0], told["notes"][0]  # doctest: +NORMALIZE_WHITESPACE
    ('none', 'ages 15-64, as many as among all origins there; education of all from outside the EU there stands in
    (eurostat edat_lfs_9912, 2020-07-01); how far people of one origin depart from these is not measured: indicative')
    """
    levels = groups[groups["education"] != ""].drop_duplicates(CORRIDOR_KEY)
    sources = {
        (row["destination"], row["origin"]): (_source(row), learnt.of_groups and row["official_basis"] != CORRIDOR)
        for row in levels.to_dict("records")
    }
    pairs = zip(parts["destination"], parts["origin"], strict=True)
    of_rows = [sources.get(pair, ("", False)) for pair in pairs]
    levelled = (parts["education"] != "").to_numpy()
    notes = [
        "; ".join(filter(None, (source, NOT_MEASURED if alone else "", note) if level else (note,)))
        for (source, alone), level, note in zip(of_rows, levelled, parts["notes"], strict=True)
    ]
    alone = levelled & np.array([alone for _, alone in of_rows], dtype=bool)
    return parts.assign(notes=notes, regime=parts["regime"].mask(alone, _NONE))


def _source(row: Mapping[Any, Any]) -> str:
    """Say of which ages levels are, and whose figures stand behind them."""
    high = row["age_max"]
    ages = Ages(int(row["age_min"]), None if pd.isna(high) else int(high))
    shared = (
        ", as many as among all origins there" if row["official_basis"] and row["age_basis"] == "destination" else ""
    )
    origins = ORIGIN_GROUPS.get(str(row["origin_group"]), "abroad")
    figure = f"({row['official_source']}, {row['official_date']})"
    if row["official_basis"] == CORRIDOR:
        whose = f"official figures of the corridor {figure}"
    elif row["official_basis"]:
        whose = f"education of all from {origins} there stands in {figure}"
    else:
        whose = f"no official figure by education there: those of people from {origins} in other countries stand in"
    return f"ages {ages}{shared}; {whose}"
