"""Calls saved by asking coarse cells first, on 662,400 real cells of ten large destinations (April 2019).

The order of asking and the deduction are those of `smstock collect`; the answers are the recorded ones. The lattice has
four facets (sex, age, education, device); the query language's fourth, relationship, stands for the device here.
"""

from __future__ import annotations

import time
from dataclasses import replace
from functools import partial
from math import inf
from typing import TYPE_CHECKING

from benchmarks.real_data import shared_folder

from smstock.collect.deduction import Deduction
from smstock.platforms.rounding import two_digit_interval
from smstock.query.lattice import batches, parents
from smstock.query.meta import MetaQuery
from smstock.vocabulary.facets import Ages
from smstock.vocabulary.status import DEDUCED, FLOORED, OBSERVED

if TYPE_CHECKING:
    import pandas as pd

    from smstock.query.lattice import Cell

FLOOR = 1000
SHOWN_AS_FLOOR = 1050
"""Counts below this are shown as 1,000."""
SEX = {0: "all", 1: "male", 2: "female"}


def main(words: list[str]) -> None:
    """Print the calls of each way of asking, and what the saving costs in wrong deductions."""
    import pandas as pd

    del words
    table = pd.read_parquet(shared_folder() / "benchmarks/prune/facebook_2019_04_full_lattice.parquet")
    cells, above = len(table), int((table["mau"] > FLOOR).sum())
    print(f"cells {cells:,}, above the floor {above:,} ({above / cells:.1%})\n")
    print("| way of asking | calls | share of the product | wrong deductions | cells a second |")
    print("| --- | ---: | ---: | ---: | ---: |")
    print(f"| full product (pySocialWatcher, rsocialwatcher) | {cells:,} | 100.0% | 0 | |")
    for name, sums in (
        ("smstock: no part of a cell at the floor", False),
        ("the same, and parts add up (not used)", True),
    ):
        start = time.perf_counter()
        asked, wrong = replay(table, sums=sums)
        pace = cells / (time.perf_counter() - start)
        print(f"| {name} | {asked:,} | {asked / cells:.1%} | {wrong} | {pace:,.0f} |")
    print(f"\nEvery cell that is asked is read as it was shown; a wrong deduction is a cell shown above {FLOOR:,}.")


def replay(table: pd.DataFrame, *, sums: bool) -> tuple[int, int]:
    """Return calls and wrong deductions, with or without the rule that parts add up to at most the whole."""
    asked = wrong = 0
    for _, part in table.groupby("destination", sort=True):
        query, answers = _query(part)
        settled: dict[Cell, str] = {}
        intervals: dict[Cell, tuple[float, float]] = {}
        deduction = Deduction(query, partial(_status, settled))
        for cell in (cell for batch in batches(query) for cell in batch):
            value = answers[_key(cell)]
            if deduction.deduced(cell) or (sums and _left_over(cell, query, intervals) <= SHOWN_AS_FLOOR):
                settled[cell], intervals[cell] = DEDUCED, (0.0, FLOOR)
                wrong += value > FLOOR
            else:
                asked += 1
                settled[cell] = FLOORED if value <= FLOOR else OBSERVED
                intervals[cell] = (0.0, FLOOR) if value <= FLOOR else two_digit_interval(value)
    return asked, wrong


def _status(settled: dict[Cell, str], cell: Cell) -> str:
    return settled.get(cell, "")


def _left_over(cell: Cell, query: MetaQuery, intervals: dict[Cell, tuple[float, float]]) -> float:
    """Return the most that a coarser cell leaves for this one, once its other parts have taken their least."""
    return min(
        (
            intervals[parent][1]
            - sum(intervals[part][0] for part in _siblings(cell, parent, query) if part in intervals)
            for parent in parents(cell, query)
        ),
        default=inf,
    )


def _siblings(cell: Cell, parent: Cell, query: MetaQuery) -> list[Cell]:
    """Return the other parts of a coarser cell that share no account with this one."""
    if parent.sex != cell.sex:
        return [replace(cell, sex=sex) for sex in query.sexes if sex != cell.sex]
    if parent.ages != cell.ages:
        groups = [Ages.parse(text) for text in query.age_groups]
        beside = [replace(cell, ages=ages) for ages in groups if ages != cell.ages]
        return [part for part in beside if parent in parents(part, query)]
    if parent.education != cell.education:
        return [replace(cell, education=name) for name in query.education if name != cell.education]
    return []


def _query(part: pd.DataFrame) -> tuple[MetaQuery, dict[tuple[str, ...], int]]:
    """Return one destination's lattice as a query, and its answers; origins are numbered, for a cell needs no code."""
    import pandas as pd

    origins = {label: f"O{index:02}" for index, label in enumerate(part["origin_label"].unique())}
    ages = [
        str(Ages(int(low), None if pd.isna(high) else int(high)))
        for low, high in zip(part["age_min"], part["age_max"], strict=True)
    ]
    education, device = (part[name].replace("all", "") for name in ("education", "device"))
    keys = zip(part["origin_label"].map(origins), part["sex"].map(SEX), ages, education, device, strict=True)
    answers: dict[tuple[str, ...], int] = dict(zip(keys, part["mau"].astype(int), strict=True))
    query = MetaQuery.model_construct(
        name="prune",
        platform="meta",
        destinations=("D",),
        origins=tuple(origins.values()),
        ages="13+",
        breakdowns=(("sex", "age", "education", "relationship"),),
        age_groups=tuple(dict.fromkeys(text for text in ages if text != "13+")),
        sexes=("female", "male"),
        education={name: (name,) for name in education.unique() if name},
        relationship={name: (name,) for name in device.unique() if name},
        totals=False,
        always_ask=(),
    )
    return query, answers


def _key(cell: Cell) -> tuple[str, ...]:
    return cell.origin, cell.sex, str(cell.ages), cell.education, cell.relationship
