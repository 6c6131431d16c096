"""A small nowcast by hand: every regime, Namibia, a name with brackets, an official figure of another concept."""

from __future__ import annotations

from math import exp
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from smstock.calibrate.learnt import IntervalScore, RatioError, Score, Scored
from smstock.report.basis import Basis
from smstock.tables import ESTIMATE, LEVELS, check

if TYPE_CHECKING:
    from collections.abc import Iterator

Row = tuple[str, str, str, float | None, float | None, float | None, float | None, str]

WIDTHS = {50: 0.1, 80: 0.2, 95: 0.4}
ROWS: list[Row] = [
    # destination, regime, method, women, men, audience, official, notes
    ("DEU", "stale", "log_ratio", 100_000.0, 100_000.0, 72_000.0, 199_691.0, ""),
    (
        "AUT",
        "stale",
        "log_ratio",
        93_000.0,
        85_000.0,
        66_000.0,
        177_609.0,
        "audience alone says 0.2 times <the> figure",
    ),
    ("NAM", "register", "carry_forward", 39.0, 26.0, None, 65.0, "official figure counts citizens"),
    ("IRN", "none", "raw_audience", 3_060.0, 13_940.0, 17_000.0, None, "no official figure: indicative"),
    ("CHL", "none", "raw_audience", None, None, None, None, "audience fewer than 1,000 accounts"),
    ("FJI", "none", "raw_audience", None, None, None, None, "audience fewer than 1,000 accounts"),
    ("USA", "stale", "raw_audience", None, None, None, 39_837.0, "audience fewer than 1,000 accounts"),
    ("PRK", "none", "none", None, None, None, None, "no audience (failed)"),
]


def _sexes(row: Row) -> Iterator[dict[str, Any]]:
    destination, regime, method, women, men, audience, official, notes = row
    medians = {"female": women, "male": men, "all": None if women is None or men is None else women + men}
    for sex, median in medians.items():
        record: dict[str, Any] = {
            "destination": destination, "origin": "SRB", "sex": sex, "age_min": 0, "age_max": None,
            "reference_date": "2020-10-15", "wave": "2020-10", "median": median, "regime": regime, "method": method,
            "audience": audience, "audience_status": "observed" if audience else "floored", "official_last": official,
            "official_last_date": "2020-07-01" if official else "", "skill_vs_carry_forward": None, "reason": "as stated", "notes": notes,
            "status": "provisional", "precision": "digits" if median else "",
            "calibration_id": "serbia-0123456789ab",
        }  # fmt: skip
        for level in LEVELS:
            floored = (0.0, 2_500.0 + 28 * level) if method != "none" else (None, None)
            lower, upper = (median / exp(WIDTHS[level]), median * exp(WIDTHS[level])) if median else floored
            record |= {f"lower_{level}": lower, f"upper_{level}": upper}
        yield record


@pytest.fixture(scope="module")
def estimates() -> pd.DataFrame:
    return check(pd.DataFrame([row for corridor in ROWS for row in _sexes(corridor)]), ESTIMATE)


def _score(method: str, kind: Scored, rmsle: float, held: float, *, cells: int = 31, own: int = 31) -> Score:
    coverage = {50: held - 30, 80: held, 95: 96.8}
    return Score(
        method,
        kind,
        cells,
        rmsle,
        cells_own=own,
        mdape=51 * rmsle,
        wmape=55 * rmsle,
        median_log_error=0.0,
        total_bias=-28 * rmsle,
        intervals=tuple(IntervalScore(level, share) for level, share in coverage.items()),
    )


@pytest.fixture(scope="module")
def basis() -> Basis:
    return Basis(
        calibration="serbia-0123456789ab",
        query="serbia-diaspora",
        wave="2020-10",
        provider="undesa",
        edition="2020",
        concepts=("birth", "citizenship"),
        target_date="2020-07-01",
        scores=(
            _score("log_ratio", "all", 0.317, 83.9),
            _score("carry_forward", "all", 0.403, 80.6, own=40),
            _score("raw_audience", "all", 1.144, 80.6),
            _score("chosen", "all", 0.321, 77.4),
            _score("log_ratio", "sex", 0.2, 90.0),
            _score("log_ratio", "large", 0.223, 92.3, cells=13, own=13),
            _score("log_ratio", "small", 0.37, 77.8, cells=18, own=18),
        ),
        half_widths={"raw_audience": 1.5},
        errors_of_ratios=(
            RatioError("official_last", 40, 0.243, 0.431),
            RatioError("audience", 30, 0.278, -0.04),
            RatioError("corrected", 0),
            RatioError("equal", 40, 0.427, 0.0),
        ),
        lag=5.0,
        inputs={"audience": "a" * 64, "stock": "b" * 64},
        versions={"smstock": "0.1.0", "python": "3.11.7"},
        seed=1,
    )


@pytest.fixture(scope="module")
def sex_ratios() -> pd.DataFrame:
    columns = ["destination", "users", "audience", "corrected", "official_last"]
    rows = [("DEU", 0.96, 0.76, 0.792, 1.02), ("AUT", None, 0.91, None, 1.063), ("NAM", 1.1, None, None, 1.5)]
    return pd.DataFrame(rows, columns=columns).assign(origin="SRB", stock=None, equal=1.0)
