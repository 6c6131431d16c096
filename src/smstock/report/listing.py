"""The estimate table as people read it: one row a corridor, the largest first."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import floor, log10
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from smstock.corridors.sexes import EVEN_SPLIT
from smstock.report import wording
from smstock.tables import DOUBTFUL, HELD_BACK, MAGNITUDE

if TYPE_CHECKING:
    from collections.abc import Mapping

INDICATIVE: Final = "*"
"""Marks an estimate from the audience alone, without an official figure beside it."""

DOUBT: Final = "?"
"""Marks an estimate whose official figures something speaks against."""

MOST_CEILINGS: Final = 3
"""Most upper ends that are listed as they are."""

ROUNDED_UP: Final = "Upper ends are rounded up here, to 1, 2, 5, 10, 20, ...; sums are of those that the files hold."
"""What is said of upper ends that are raised."""

CHECKED, DOUBTED, ALONE, HELD, UNESTIMATED, BOUNDED, UNKNOWN = STANDINGS = (
    "checked",
    "doubtful",
    "indicative",
    "held back",
    "not estimated",
    "bounded",
    "unknown",
)
"""Where a row stands: estimated beside an official figure, beside one that something speaks against, or from the
audience alone; held back; an official figure without an estimate; only an upper end; nothing."""

_FLOOR: Final = re.compile(r"audience fewer than ([\d,]+) accounts")
_OTHER_SOURCE: Final = re.compile(r"official figure: ([^;()]+ instead of [^;()]+?)(?: \(|;|$)")
_OTHER_METHODS: Final = "†‡§¶#"
_KEY: Final = ["destination", "origin", "age_min", "age_max", "reference_date", "method"]


@dataclass(frozen=True)
class Ceiling:
    """Corridors of which no more is known than an upper end.

    Parameters
    ----------
    upper
        Upper end of the 80 % interval, persons; None where not even that is known.
    names
        The corridors, in alphabetical order.
    """

    upper: float | None
    names: tuple[str, ...]

    @property
    def text(self) -> str:
        """The ceiling in words."""
        return "no figure" if self.upper is None else f"fewer than {wording.persons(self.upper)}"

    @property
    def counted(self) -> str:
        """The ceiling in words, with the number of corridors it holds for."""
        return f"{self.text} each, {len(self.names)} corridors" if len(self.names) > 1 else self.text


def listing(estimates: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of both sexes together, with four columns more.

    ``name`` is the corridor in words; ``women`` the percentage of women among the medians of women and men, missing
    where either is, or where as many women as men were assumed; ``mark`` the footnote of its method (see `legend`);
    ``standing`` one of `STANDINGS`, in whose order the rows come. Within it they come by size, those without a
    median by their ceiling.

    Parameters
    ----------
    estimates
        Estimate table.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = [("DEU", "all", 500.0), ("AUT", "female", 180.0), ("AUT", "male", 120.0), ("AUT", "all", 300.0)]
    >>> table = pd.DataFrame(rows, columns=["destination", "sex", "median"]).assign(origin="SRB", method="log_ratio",
    ...     reference_date="2020-10-15", age_min=0, age_max=None, regime="stale", upper_80=None, official_last=None,
    ...     status="provisional")
    >>> listing(table)[["name", "median", "women"]].values.tolist()
    [['Germany', 500.0, nan], ['Austria', 300.0, 60.0]]
    """
    both_sexes = estimates[estimates["sex"] == "all"]
    names = pd.Series(wording.corridors(both_sexes), index=both_sexes.index, dtype="str")
    rows = both_sexes.assign(name=names, mark=_marks(both_sexes), standing=_standings(both_sexes))
    rows = rows.merge(_women(estimates).reset_index(), on=_KEY, how="left")
    rows["order"] = rows["standing"].map({standing: place for place, standing in enumerate(STANDINGS)})
    order = ["order", "median", "upper_80", "name"]
    rows = rows.sort_values(order, ascending=[True, False, False, True], ignore_index=True)
    return rows.drop(columns="order")


def _standings(both_sexes: pd.DataFrame) -> pd.Series:
    """Return where each row stands, the first of these that holds."""
    estimated, official = both_sexes["median"].notna(), both_sexes["official_last"].notna()
    standing = pd.Series(UNKNOWN, index=both_sexes.index, dtype="object")
    for name, holds in (
        (BOUNDED, both_sexes["upper_80"].notna()),
        (UNESTIMATED, official),
        (HELD, both_sexes["status"] == HELD_BACK),
        (ALONE, estimated),
        (CHECKED, estimated & (both_sexes["regime"] != "none")),
        (DOUBTED, both_sexes["status"] == DOUBTFUL),
    ):
        standing = standing.mask(holds, name)
    return standing


def _women(estimates: pd.DataFrame) -> pd.Series:
    """Return the percentage of women of each corridor that has a median for women and for men, and a sex ratio."""
    if "notes" in estimates:
        estimates = estimates[~estimates["notes"].fillna("").str.contains(EVEN_SPLIT, regex=False)]
    female, male = (
        estimates[estimates["sex"] == sex].set_index(_KEY)["median"].astype("float64") for sex in ("female", "male")
    )
    return (100 * female / (female + male)).rename("women")


def _marks(both_sexes: pd.DataFrame) -> pd.Series:
    """Return the footnote marks: none for the commonest method of rows with an official figure."""
    alone, doubted = both_sexes["regime"] == "none", both_sexes["status"] == DOUBTFUL
    estimated = both_sexes[both_sexes["median"].notna() & ~alone & ~doubted]["method"].value_counts()
    methods = sorted(estimated.index, key=lambda name: (-estimated[name], name))
    marks = dict(zip(methods, ["", *_OTHER_METHODS], strict=False))
    shown = both_sexes["method"].map(lambda name: marks.get(name, ""))
    return shown.mask(alone, INDICATIVE).mask(doubted, DOUBT).mask(both_sexes["median"].isna(), "")


def legend(rows: pd.DataFrame) -> list[tuple[str, str]]:
    """Return the marks of a listing and what they mean; the empty mark comes first.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"mark": ["", "*"], "method": ["log_ratio", "raw_audience"], "median": 17000.0,
    ...     "precision": "digits"})
    >>> for mark, meaning in legend(rows):
    ...     print(mark, meaning)
     by log ratio (the last official figure moved towards the audience)
    * no official figure, indicative: by raw audience (one account is one person)
    """
    estimated = rows[rows["median"].notna()]
    entries = []
    before = {INDICATIVE: "no official figure, indicative: ", DOUBT: "doubtful, something speaks against its figures: "}
    for mark in ("", *_OTHER_METHODS, DOUBT, INDICATIVE):
        methods = sorted(estimated.loc[estimated["mark"] == mark, "method"].unique())
        if methods:
            by = wording.enumeration([wording.method(name, explained=True) for name in methods])
            entries.append((mark, f"{before.get(mark, '')}by {by}"))
    if (estimated["precision"] == MAGNITUDE).any():
        entries.append(("In words:", "an order of magnitude, since its method is far off on destinations left out"))
    return entries


def audience_text(row: Mapping[Any, Any]) -> str:
    """Return the audience of a row as published, or that it is below the platform's floor; empty if there was none.

    Examples
    --------
    >>> audience_text({"audience": 72_000.0, "notes": ""}), audience_text({"audience": None, "notes": "no audience"})
    ('72,000', '')
    >>> audience_text({"audience": None, "notes": "audience fewer than 1,000 accounts; no interval"})
    '<1,000'
    """
    floor = None if wording.known(row["audience"]) else _FLOOR.search(row["notes"])
    return f"<{floor[1]}" if floor else wording.count(row["audience"])


def with_figures(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of a listing that hold an estimate, an official figure, or a reason why they are held back.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"name": ["Austria", "Chile"], "standing": ["checked", "unknown"]})
    >>> with_figures(rows)["name"].tolist()
    ['Austria']
    """
    return rows[~rows["standing"].isin([BOUNDED, UNKNOWN])]


def ceilings(rows: pd.DataFrame) -> list[Ceiling]:
    """Return the other rows of a listing, those that say the same taken together, the highest ceiling first.

    Of more than three different ends each is raised to the next of 1, 2, 5, 10, 20, 50, ...: the files hold the ends.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"name": ["Fiji", "Chile"], "standing": "bounded", "upper_80": 4739.3})
    >>> [(ceiling.text, ceiling.names) for ceiling in ceilings(rows)]
    [('fewer than 4,740', ('Chile', 'Fiji'))]
    """
    bounded, coarse = rows.drop(index=with_figures(rows).index), rounded_up(rows)
    names: dict[float | None, list[str]] = {}
    for name, upper in zip(bounded["name"], bounded["upper_80"], strict=True):
        end = (_step_above(upper) if coarse else upper) if wording.known(upper) else None
        names.setdefault(end, []).append(name)
    capped = [Ceiling(upper, tuple(sorted(together))) for upper, together in names.items()]
    return sorted(capped, key=lambda ceiling: -(ceiling.upper or 0.0))


def rounded_up(rows: pd.DataFrame) -> bool:
    """Return whether the upper ends that `ceilings` shows are raised: there are more than three different ones.

    Examples
    --------
    >>> rows = pd.DataFrame({"standing": "bounded", "upper_80": [4739.3, 4100.0, 812.0, 811.0]})
    >>> rounded_up(rows), rounded_up(rows.head(3))
    (True, False)
    """
    return bool(rows.drop(index=with_figures(rows).index)["upper_80"].nunique() > MOST_CEILINGS)


def set_apart(rows: pd.DataFrame, standing: str) -> list[tuple[str, str]]:
    """Return the corridors of a listing that are `HELD` back, or `DOUBTED`, and why, in the order of the listing.

    Examples
    --------
    >>> notes = "held back: 11,600,000 computed, more than 0.5 times all emigrants of the origin; indicative"
    >>> set_apart(pd.DataFrame({"name": ["Poland"], "standing": ["held back"], "notes": [notes]}), HELD)
    [('Poland', '11,600,000 computed, more than 0.5 times all emigrants of the origin')]
    """
    apart = rows[rows["standing"] == standing]
    why = [note.partition("; ")[0].removeprefix(f"{standing}: ") for note in apart["notes"]]
    return list(zip(apart["name"], why, strict=True))


def counted_otherwise(rows: pd.DataFrame) -> list[tuple[str, tuple[str, ...]]]:
    """Return which source the official figure is from instead of the one preferred, and of which corridors.

    Examples
    --------
    >>> notes = "official figure: undesa mixed 2020 instead of eurostat citizenship 2025-03-13 (no row)"
    >>> counted_otherwise(pd.DataFrame({"name": ["Croatia"], "standing": ["checked"], "notes": [notes]}))
    [('undesa mixed 2020 instead of eurostat citizenship 2025-03-13', ('Croatia',))]
    """
    names: dict[str, list[str]] = {}
    for name, notes in zip(rows["name"], rows["notes"], strict=True):
        if source := _OTHER_SOURCE.search(notes or ""):
            names.setdefault(source[1], []).append(name)
    return [(source, tuple(sorted(corridors))) for source, corridors in names.items()]


def _step_above(upper: float) -> float:
    """Return the least of 1, 2, 5, 10, 20, 50, ... that is not below a number."""
    power = 10.0 ** floor(log10(max(upper, 1.0)))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= upper)
