"""Early careers: how many members of a corridor are at the beginning of their working life.

The platform has no date of arrival. Years of experience are those of a career, wherever it was made. Members at the
beginning of a career cannot have worked at the destination for long. A group with more of them than everybody at the
destination is younger and, other things equal, arrived more recently. The quotient says how much more. It says nothing
about members with long careers, who may have arrived late in them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from smstock.skills.shares import Shares
from smstock.tables import CORRIDOR_SEX_KEY

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable


EARLY: Final = 5
"""Years of experience up to which a career is early."""

EARLY_CAREER: Final = "early_career"
"""The dimension whose one category is the early careers."""

_YEARS: Final = re.compile(r"(?P<first>\d+)\s*(?:\D+\s*(?P<last>\d+))?\D*")
_UP_TO: Final = re.compile(r"(?:up\W?to|at\W?most)\W?(?P<last>\d+)\D*|(?P<end>\d+)\D+(?:less|fewer)", re.IGNORECASE)
_FEWER: Final = re.compile(r"(?:<|(?:less|fewer)\W?than|under|below)\W?(?P<end>\d+)\D*", re.IGNORECASE)
_MORE: Final = re.compile(r"(?:>|more\W?than|over|above)\W?(?P<last>\d+)\D*", re.IGNORECASE)
_OPEN: Final = re.compile(r"\+|more|over|above", re.IGNORECASE)


def years_of(category: str) -> tuple[int, int | None] | None:
    """Return the years a category of experience spans, None if its name does not tell.

    Examples
    --------
    >>> years_of("3-5"), years_of("up-to-2"), years_of("12+ years"), years_of("4 years"), years_of("junior")
    ((3, 5), (0, 2), (12, None), (4, 4), None)
    >>> years_of("More than 12"), years_of("less than 3 years")
    ((13, None), (0, 2))
    """
    category = category.strip()
    if (below := _UP_TO.fullmatch(category)) is not None:
        return 0, int(below["last"] or below["end"])
    if (below := _FEWER.fullmatch(category)) is not None:
        return 0, int(below["end"]) - 1
    if (above := _MORE.fullmatch(category)) is not None:
        return int(above["last"]) + 1, None
    match = _YEARS.fullmatch(category)
    if match is None:
        return None
    first = int(match["first"])
    if match["last"]:
        return first, int(match["last"])
    return first, None if _OPEN.search(category) else first


def covered(categories: Iterable[str], first: int, last: int) -> bool:
    """Return whether categories of experience hold every year from one to another.

    Examples
    --------
    >>> covered(["1 to 2", "3 to 5"], 1, 5), covered(["1 to 2", "3 to 5", "More than 12"], 1, 12)
    (True, False)
    """
    spans = [span for span in map(years_of, categories) if span]
    return all(
        any(begin <= year and (end is None or year <= end) for begin, end in spans) for year in range(first, last + 1)
    )


def early_careers(shares: Shares, years: int = EARLY) -> Shares:
    """Return, for each corridor and everybody, the share of members with at most some years of experience.

    It is the sum of the categories within these years. Its count is their sum, below the floor if all of them are. A
    corridor whose categories leave a year out has none; nobody has if a category begins within and ends beyond.

    Parameters
    ----------
    shares
        Shares of all dimensions.
    years
        Longest experience that counts as early.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> table = pd.DataFrame({"category": ["1-2", "3-5", "6+"], "value": [100.0, 300.0, 600.0], "lower": 1.0}).assign(
    ...     destination="DEU", origin="ROU", sex="all", dimension="experience", upper=2.0, status="observed",
    ...     base="stated", size=1000.0)
    >>> early = early_careers(Shares(table, np.array([[0.1, 0.3, 0.6]])))
    >>> early.table[["category", "value"]].to_numpy().tolist(), early.draws.round(2).tolist()
    ([['up to 5 years', 400.0]], [[0.4]])
    """
    experience = shares.of(dimension="experience")
    spans = {category: years_of(category) for category in experience.table["category"].unique()}
    early_categories = [name for name, span in spans.items() if span and span[1] is not None and span[1] <= years]
    straddling = [
        span for span in spans.values() if span is None or (span[0] <= years and (span[1] or years + 1) > years)
    ]
    rows: list[dict[Hashable, object]] = []
    draws = []
    if early_categories and not straddling:
        chosen: pd.DataFrame = experience.table[experience.table["category"].isin(early_categories)]
        for _, group in chosen.groupby(CORRIDOR_SEX_KEY, sort=True):
            if not covered(group["category"], 1, years):
                continue
            first = group.iloc[0].to_dict()
            sums = {name: group[name].sum(min_count=1) for name in ("value", "lower", "upper")}
            status = "observed" if sums["lower"] > 0 else first["status"]
            named = {"dimension": EARLY_CAREER, "category": f"up to {years} years", "status": status}
            rows.append(first | sums | named)
            draws.append(experience.draws[:, group.index.to_numpy()].sum(axis=1))
    table = pd.DataFrame(rows, columns=experience.table.columns)
    return Shares(table, np.column_stack(draws) if draws else np.empty((len(experience.draws), 0)))
