"""Waves of any size without a network: queries of so many cells, and a source that answers each at once."""

from __future__ import annotations

import json
from math import prod
from typing import TYPE_CHECKING

from smstock.collect.prediction import COLUMNS
from smstock.platforms.base import RawAnswer
from smstock.platforms.meta import bodies, catalogue
from smstock.query.lattice import grids
from smstock.query.spec import QuerySpec, specify
from smstock.vocabulary import countries

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from smstock.platforms.base import Request

AGES = ("18-24", "25-29", "30-34", "35-39", "40-44", "45-49", "50-54", "55-59", "60-64", "65+")
OVERLAPPING = ("18-29", "30-44", "45-64", "18-44")
EDUCATION = {"low": ["high_school_grad"], "middle": ["some_college"], "high": ["alum", "master_degree"]}
RELATIONSHIP = {"single": ["single"], "together": ["in_relationship", "married"], "apart": ["separated", "divorced"]}
CELLS_A_CORRIDOR = prod((3, 1 + len(AGES) + len(OVERLAPPING), 1 + len(EDUCATION), 1 + len(RELATIONSHIP)))
"""720, as many as in the largest public collection (April 2019): sexes, 14 age groups, education, a fourth facet."""

HEADERS = (
    ("content-type", "application/json; charset=UTF-8"),
    ("date", "Sun, 22 Nov 2026 10:00:00 GMT"),
    (
        "x-business-use-case-usage",
        '{"1000000001":[{"call_count":12,"total_cputime":3,"total_time":3,"ads_api_access_tier":"standard_access"}]}',
    ),
    ("x-fb-trace-id", "synthetic"),
)


def query(destinations: int, origins: int) -> QuerySpec:
    """Return a query of all four facets between so many areas; origins that Meta has a category for come first.

    The origins are destinations too, as long as there are as many, and nobody is a migrant at home.

    Examples
    --------
    >>> from smstock.query.lattice import count
    >>> count(query(232, 92)), count(query(1, 2))
    (15301440, 720)
    """
    areas = [area.iso3 for area in countries.areas() if area.iso2]
    by_category = sorted(areas, key=lambda area: not catalogue.has(area))
    return specify(
        {
            "name": "synthetic",
            "platform": "meta",
            "destinations": by_category[:destinations],
            "origins": by_category[:origins],
            "ages": "18+",
            "age_groups": [*AGES, *OVERLAPPING],
            "breakdowns": [["sex", "age", "education", "relationship"]],
            "education": EDUCATION,
            "relationship": RELATIONSHIP,
        }
    )


def write_wave(asked: QuerySpec, path: Path, seed: int = 1) -> None:
    """Write the columns of an audience table that a prediction is made of, a row for each cell in asking order.

    Corridors have log-normal sizes, and a part of one has a share of it: a tenth of the corridors are above the floor.
    """
    import numpy as np
    import pandas as pd
    import pyarrow as pa
    import pyarrow.parquet as pq

    rng = np.random.default_rng(seed)
    writer = None
    for corridors, cells in grids(asked):
        sizes = 1000 * np.exp(rng.normal(-3.2, 2.5, len(corridors)))
        places = pd.DataFrame(corridors, columns=["destination", "origin"])
        for cell in cells:
            share = 0.5 ** (cell.sex != "all") * 0.3 ** (bool(cell.education) + bool(cell.relationship))
            share *= 1 if cell.ages == asked.whole else 0.12
            status = np.where(sizes * share > 1000, "observed", np.where(sizes * share > 300, "floored", "deduced"))
            piece = places.assign(
                sex=cell.sex,
                age_min=cell.ages.minimum,
                age_max=pd.array([cell.ages.maximum] * len(places), dtype="Int64"),
                education=cell.education,
                relationship=cell.relationship,
                dimension="",
                category="",
                metric="mau",
                status=status,
            )
            table = pa.Table.from_pandas(piece[[*COLUMNS]], preserve_index=False)
            writer = writer or pq.ParquetWriter(path, table.schema)
            writer.write_table(table)
    if writer:
        writer.close()


class Synthetic:
    """A `smstock.platforms.base.Source` that answers every request at once, each with a number of its own.

    Parameters
    ----------
    above_floor
        Share of the cells that are above the floor, drawn by request key.
    """

    attempts = 5
    concurrency = 18
    dropped: tuple[str, ...] = ()

    def __init__(self, above_floor: float = 1.0) -> None:
        self._above_floor = above_floor

    async def ask(self, request: Request) -> RawAnswer:
        """Return two bounds, or the floor."""
        drawn = int(request.key[:12], 16) / 16**12
        upper = 1200 + 100 * int(request.key[12:15], 16) if drawn < self._above_floor else 1000
        body = json.dumps(bodies.body("delivery_estimate", (max(1000, upper * 17 // 2000 * 100), upper), 0)).encode()
        return RawAnswer(
            body, 200, "2026-11-22T10:00:00Z", request.endpoint, request.api_version, HEADERS, "act_1000000001"
        )

    def prime(self, journal: Iterable[RawAnswer]) -> None:
        """Read the journal, as the live source does, and forget it: there is no quota."""
        for _ in journal:
            pass

    async def close(self) -> None:
        """Do nothing: there is no connection."""
