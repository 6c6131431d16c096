"""The benchmark of estimates beyond memory runs each of its steps, on few rows."""

from __future__ import annotations

import pytest
from benchmarks.speed.tables import AGES, SEXES, STEPS, WAVES, costs, parts, peak

pytestmark = pytest.mark.slow  # five processes


def test_every_step_is_measured_and_what_is_exported_is_whole() -> None:
    measured = costs(1)
    assert list(measured) == ["written", *STEPS]
    assert all(0 < cost.gibibytes < 4 and cost.processor > 0 for cost in measured.values())
    assert [name for name, cost in measured.items() if not cost.written] == ["summed by destination"]
    assert peak(1) == max(cost.gibibytes for cost in measured.values())


def test_a_month_has_every_corridor_sex_and_age_group_once() -> None:
    rows = [
        part[["destination", "origin", "sex", "age_min"]] for part in parts(12 * len(AGES) * len(WAVES), WAVES[0], 0)
    ]
    assert [len(part) for part in rows] == [3 * 2 * len(SEXES)] * len(AGES)
    assert not any(part.duplicated().any() for part in rows)
