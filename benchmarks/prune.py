"""Calls saved by asking coarse cells first, on 662,400 real cells of ten large destinations (April 2019).

The order of asking and the deduction are those of `smstock collect`; the answers are the recorded ones. The lattice has
four facets (sex, age, education, device); the query language's fourth, relationship, stands for the device here.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from benchmarks.real_data import shared_folder

from smstock.collect.deduction import Deduction
from smstock.query.lattice import batches
from smstock.query.spec import QuerySpec
from smstock.vocabulary.facets import Ages
from smstock.vocabulary.status import DEDUCED, FLOORED, OBSERVED

if TYPE_CHECKING:
    import pandas as pd

    from smstock.query.lattice import Cell

FLOOR = 1000
SEX = {0: "all", 1: "male", 2: "female"}


def main(words: list[str]) -> None:
    """Print the calls of the full product, of smstock, and what the saving cost in wrong deductions."""
    import pandas as pd

    del words
    table = pd.read_parquet(shared_folder() / "benchmarks/prune/facebook_2019_04_full_lattice.parquet")
    start = time.perf_counter()
    asked, wrong, missed = replay(table)
    seconds = time.perf_counter() - start
    cells = len(table)
    above = int((table["mau"] > FLOOR).sum())
    print(f"cells {cells:,}, above the floor {above:,} ({above / cells:.1%})\n")
    print("| way of asking | calls | share of the product | wrong deductions |")
    print("| --- | ---: | ---: | ---: |")
    print(f"| full product (pySocialWatcher, rsocialwatcher) | {cells:,} | 100.0 % | 0 |")
    print(f"| smstock: no cell with a coarser one at the floor | {asked:,} | {asked / cells:.1%} | {wrong} |")
    print(f"\ncells above the floor that were asked and read exactly: {above - wrong - missed:,} of {above:,}")
    print(f"planning and deduction: {cells / seconds:,.0f} cells a second")


def replay(table: pd.DataFrame) -> tuple[int, int, int]:
    """Return calls, wrong deductions, and cells above the floor that were neither asked nor deduced."""
    asked = wrong = 0
    seen = 0
    for _, part in table.groupby("destination", sort=True):
        query, answers = _query(part)
        settled: dict[Cell, str] = {}
        deduction = Deduction(query, lambda cell, settled=settled: settled.get(cell, ""))
        for batch in batches(query):
            for cell in batch:
                value = answers[_key(cell)]
                seen += value > FLOOR
                if deduction.deduced(cell):
                    settled[cell] = DEDUCED
                    wrong += value > FLOOR
                else:
                    asked += 1
                    settled[cell] = FLOORED if value <= FLOOR else OBSERVED
    return asked, wrong, int((table["mau"] > FLOOR).sum()) - seen


def _query(part: pd.DataFrame) -> tuple[QuerySpec, dict[tuple[str, ...], int]]:
    """Return one destination's lattice as a query, and its answers; origins are numbered, since a cell needs no code."""
    import pandas as pd

    origins = {label: f"O{index:02}" for index, label in enumerate(part["origin_label"].unique())}
    ages = [
        str(Ages(int(low), None if pd.isna(high) else int(high)))
        for low, high in zip(part["age_min"], part["age_max"], strict=True)
    ]
    education, device = (part[name].replace("all", "") for name in ("education", "device"))
    keys = zip(part["origin_label"].map(origins), part["sex"].map(SEX), ages, education, device, strict=True)
    answers = dict(zip(keys, part["mau"].astype(int), strict=True))
    query = QuerySpec.model_construct(
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
