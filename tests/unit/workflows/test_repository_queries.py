"""The queries of this repository are worked examples: each is read and planned."""

from __future__ import annotations

from pathlib import Path

import pytest

from smstock import workflows
from smstock.query.spec import load

QUERIES = sorted((Path(__file__).parents[3] / "queries").glob("*.toml"))
TODAY = "2026-11-22"


@pytest.mark.parametrize("path", QUERIES, ids=[path.stem for path in QUERIES])
def test_a_query_parses_and_plans(path: Path) -> None:
    query = load(path)
    planned = workflows.plan(query, today=TODAY)
    assert query.name == path.stem
    assert not planned.refused
    assert 0 < planned.calls <= planned.cells


def test_the_live_example_breaks_no_rule_today_and_takes_less_than_a_night_on_one_account() -> None:
    planned = workflows.plan(load(next(path for path in QUERIES if path.stem == "serbia-today")), today=TODAY)
    assert {finding.severity for finding in planned.findings} == {"note"}
    # all users of 222 destinations and of Serbia, and 222 corridors, each as a total and by sex
    assert planned.cells == planned.calls == 3 * (223 + 222)
    assert planned.hours is not None
    assert planned.hours < 5
