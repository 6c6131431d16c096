"""Which figure of internet use counts for an area and sex."""

from __future__ import annotations

from typing import Any

import pandas as pd

from smstock.official.internet import internet_use


def row(day: str, value: float | None, **given: Any) -> dict[str, Any]:
    return {
        "indicator": "internet_use",
        "category": "I_IU3",
        "area": "AUT",
        "group": "",
        "sex": "female",
        "age_min": 16,
        "age_max": 74,
        "reference_date": day,
        "value": value,
        "unit": "percent of individuals",
    } | given


def rates(*rows: dict[str, Any], until: str = "2026-01-01") -> list[tuple[str, str, float]]:
    found = internet_use(pd.DataFrame(rows), until=until)
    return list(found[["area", "sex", "rate"]].itertuples(index=False, name=None))


def test_the_newest_known_figure_counts() -> None:
    rows = [row("2019-07-01", 80), row("2020-07-01", 85), row("2021-07-01", None), row("2022-07-01", 90)]
    assert rates(*rows) == [("AUT", "female", 0.9)]
    assert rates(*rows, until="2021-12-31") == [("AUT", "female", 0.85)]
    assert rates(*rows, until="2018-12-31") == []


def test_of_one_day_the_widest_ages_count() -> None:
    rows = [row("2020-07-01", 85), row("2020-07-01", 99, age_max=24), row("2020-07-01", 70, age_min=0, age_max=None)]
    assert rates(*rows) == [("AUT", "female", 0.7)]


def test_groups_counts_and_other_questions_are_left_out() -> None:
    rows = [
        row("2020-07-01", 10, group="WLD"),
        row("2020-07-01", 10, category="I_IUX"),
        row("2020-07-01", 10, unit="persons"),
        row("2020-07-01", 10, indicator="social_network_use"),
        row("2019-07-01", 80, sex="male"),
    ]
    assert rates(*rows) == [("AUT", "male", 0.8)]
