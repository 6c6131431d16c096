"""Estimates made up by hand, written as a nowcast writes them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from smstock import Workspace, results
from smstock.nowcast.sums import sums
from smstock.results import Manifest
from smstock.tables import ESTIMATE, LEVELS, check

if TYPE_CHECKING:
    from pathlib import Path

BASIS = {"concepts": "birth", "edition": "2024", "metric": "mau", "origin_basis": "lived_in", "provider": "undesa"}
MADE = Manifest("nowcast", "serbia", "", inputs={}, versions={"smstock": "1"}, about={"basis": BASIS})


def row(destination: str, origin: str, median: float | None, **others: Any) -> dict[str, Any]:
    """Return an estimate with 50, 80 and 95 % intervals of factors 1.5, 2 and 3 about it."""
    ends = {
        f"{end}_{level}": None if median is None else median * factor**sign
        for level, factor in zip(LEVELS, (1.5, 2.0, 3.0), strict=True)
        for end, sign in (("lower", -1), ("upper", 1))
    }
    common = {"sex": "all", "age_min": 15, "age_max": None, "regime": "stale", "status": "provisional"}
    common |= {"precision": "digits", "reason": "why", "method": "trend", "audience": 100.0, "audience_status": "ok"}
    common |= {"official_last": None, "official_last_date": "", "skill_vs_carry_forward": None, "notes": ""}
    cell = {"destination": destination, "origin": origin, "median": median, "calibration_id": "serbia-1"}
    return {**cell, **ends, **common, **others}


def write(folder: Path, wave: str, rows: list[dict[str, Any]], made: Manifest = MADE, *, name: str = "serbia") -> Path:
    """Write the estimates of a wave as a nowcast does, their sums beside them, and return the path of the table."""
    table = check(pd.DataFrame(rows).assign(wave=wave, reference_date=f"{wave}-15"), ESTIMATE)
    path = Workspace(folder).folder.estimate(wave, f"{name}.manifest.json")
    tables = {f"{name}.parquet": table, f"{name}.sums.parquet": sums(table, count=200)}
    writers = {file: results.parquet(content) for file, content in tables.items()}
    return results.write(path, replace(made, wave=wave), writers)[0]


BEFORE = [
    row("AUT", "SRB", 1000.0),
    row("AUT", "HRV", 200.0, precision="magnitude", regime="none"),
    row("AUT", "POL", None, precision="", upper_80=50.0, lower_80=0.0),
    row("AUT", "UKR", None, precision="", status="held_back"),
    row("AUT", "ROU", None, precision=""),
    row("AUT", "AUT", None, precision="", audience_status="own_country"),
    row("DEU", "SRB", 40.0, precision="magnitude"),
]
AFTER = [row("AUT", "SRB", 4500.0, method="stack"), row("AUT", "HRV", 190.0), row("DEU", "POL", 7.0)]
