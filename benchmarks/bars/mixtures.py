"""Random mixtures of providers, concepts, editions, sexes and years: what a less trusted entry does to the others."""

from __future__ import annotations

from itertools import product
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
from benchmarks.bars.bar import Bar, Direction

from smstock.official.resolver import Preference
from smstock.official.series import series

if TYPE_CHECKING:
    from collections.abc import Sequence

PER_ORDER: Final = 50
"""Corridors that share an order of entries; each holds a mixture of its own."""
ENTRIES: Final = tuple(
    Preference(provider, concept, edition)
    for provider, concept, edition in product(
        ("eurostat", "oecd", "undesa"), ("birth", "citizenship", "mixed"), ("2019", "2024")
    )
)
CORRIDOR_SEX: Final = ["destination", "origin", "sex"]
STANDING: Final = [*CORRIDOR_SEX, "reference_date", "provider", "concept", "edition", "value", "flags"]
DAYS: Final = tuple(f"{year}-{day}" for year in range(2014, 2021) for day in ("01-01", "07-01"))
DAY: Final = "2017-10-01"
UNTIL: Final = "2018-06-30"


def mixtures(count: int = 1_000, seed: int = 1) -> int:
    """Return in how many mixtures a less trusted entry changed or removed a figure, or made the last one older.

    The entries of an order are added one after the other. After each the series must hold every row that it held
    before, and the last figure of no sex may be older. Each order is tried as it is, for a day, and up to a day.
    """
    generator = np.random.default_rng(seed)
    return sum(_broken(generator, min(PER_ORDER, count - start)) for start in range(0, count, PER_ORDER))


def _broken(generator: np.random.Generator, corridors: int) -> int:
    """Return how many mixtures of one order were broken."""
    chosen = generator.choice(len(ENTRIES), size=generator.integers(2, 5), replace=False)
    order = [ENTRIES[place] for place in chosen]
    printed = pd.concat([_figures(generator, entry, corridors) for entry in order], ignore_index=True)
    broken: set[str] = set()
    for day, until in (("", ""), (DAY, ""), ("", UNTIL)):
        before = _series(printed, order[:1], day, until)
        for length in range(2, len(order) + 1):
            after = _series(printed, order[:length], day, until)
            gone = before.merge(after, on=STANDING, how="left", indicator=True)
            broken |= set(gone.loc[gone["_merge"] == "left_only", "origin"])
            last = [table.groupby(CORRIDOR_SEX)["reference_date"].max() for table in (before, after)]
            older = last[1].reindex(last[0].index).fillna("") < last[0]
            broken |= set(older[older].index.get_level_values("origin"))
            before = after
    return len(broken)


def _series(printed: pd.DataFrame, order: Sequence[Preference], day: str, until: str) -> pd.DataFrame:
    table = series([printed], order, day=day, until=until)
    return table.assign(flags=table["flags"].fillna(""))[STANDING]


def _figures(generator: np.random.Generator, entry: Preference, corridors: int) -> pd.DataFrame:
    """Return an entry's figures: of some corridors, some sexes and some days, some of them missing."""
    rows = [
        (f"DE-{number:02d}", sex, day)
        for number in range(corridors)
        for sex in generator.permutation(["all", "female", "male"])[: generator.integers(0, 4)]
        for day in generator.choice(DAYS, size=generator.integers(1, 6), replace=False)
    ]
    # an entry that an order names must hold something
    rows = rows or [("DE-00", "all", DAYS[0])]
    table = pd.DataFrame(rows, columns=["origin", "sex", "reference_date"])
    value = generator.integers(0, 10_000, len(table)).astype(float)
    missing = generator.random(len(table)) < 0.1
    return table.assign(
        provider=entry.provider,
        dataset="x",
        edition=entry.edition,
        concept=entry.concept,
        destination="DEU",
        age_min=0,
        age_max=None,
        value=np.where(missing, np.nan, value),
        flags=np.where(missing, ":", ""),
        retrieved_at="",
    )


BARS: Final[tuple[Bar, ...]] = (
    Bar(
        "Figures that a less trusted provider changed, of 1,000 mixtures",
        0,
        Direction.EXACTLY,
        lambda: float(mixtures()),
        long=True,
    ),
)
