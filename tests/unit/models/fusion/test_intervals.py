from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from smstock.models.conformal import half_width as split_conformal
from smstock.models.fusion.intervals import half_width, reach, scales


def past(seed: int = 1, **columns: str | float) -> pd.DataFrame:
    """Return errors of 100 corridors at six dates, one standard deviation wide."""
    rng = np.random.default_rng(seed)
    days = [f"{year}-01-01" for year in range(2011, 2017)]
    table = pd.DataFrame({"reference_date": np.repeat(days, 100), "destination": "AUT", "value": 500.0, "figures": 5})
    return table.assign(sd=0.1, error=0.1 * rng.standard_normal(len(table))).assign(**columns)


def test_normal_errors_get_the_reach_of_a_normal_distribution() -> None:
    found = [reach(past(seed)) for seed in range(8)]
    for level, normal in ((80, 1.28), (95, 1.96)):
        reached = np.mean([each.widths[1, False, level] * each.scales["AUT"] for each in found])
        assert reached == pytest.approx(normal, rel=0.06)


def test_a_size_band_that_calmed_down_gets_narrower_intervals() -> None:
    names = [f"A{chr(65 + place)}A" for place in range(20)]  # many destinations: none has errors enough to be restless
    table = past().assign(destination=np.tile(names, 30))
    restless = np.where(table["reference_date"] < "2015-01-01", 3 * table["error"], table["error"])
    calmed, ever = (reach(each).widths[1, False, 80] for each in (table.assign(error=restless), table))
    assert ever < calmed < 2 * ever


def test_errors_are_ranked_in_the_band_of_the_figure_that_came_out() -> None:
    small, large = past(1, value=50.0, destination="AUT"), past(2, destination="BEL")
    both = pd.concat([small.assign(error=5 * small["error"]), large], ignore_index=True)
    found = reach(both.assign(expected=500.0))
    assert found.widths[0, False, 80] > 1.5 * found.widths[1, False, 80]


@given(arrays(float, st.integers(1, 60), elements=st.floats(0, 10)), st.sampled_from([50, 80, 95]))
def test_equal_weights_are_split_conformal_prediction(sizes: np.ndarray, level: int) -> None:
    assert half_width(sizes, np.full(len(sizes), 0.3), level) == split_conformal(sizes, level)


def test_a_restless_destination_gets_wider_intervals_than_a_calm_one() -> None:
    calm, restless = past(), past(2, destination="ROU")
    both = pd.concat([calm, restless.assign(error=5 * restless["error"])], ignore_index=True)
    found = reach(both)
    of = found.of(pd.Series(["AUT", "ROU", "XKX"]), np.full(3, 500.0), np.zeros(3, dtype=bool), 80)
    assert of[1] > 2 * of[0]
    assert of[2] == pytest.approx(found.widths[1, False, 80])


def test_later_errors_do_not_widen_the_past() -> None:
    table = past()
    changed = table.assign(error=np.where(table["reference_date"] == "2016-01-01", 3.0, table["error"]))
    pd.testing.assert_series_equal(scales(table, "2016-01-01"), scales(changed, "2016-01-01"))
    assert scales(changed, "2017-01-01")["AUT"] > 1.5 * scales(table, "2017-01-01")["AUT"]


def test_a_size_band_with_few_errors_takes_those_of_all() -> None:
    found = reach(past())
    assert found.widths[3, False, 80] == found.widths[0, False, 80]


def test_coverage_holds_on_errors_that_were_not_seen() -> None:
    inside = []
    for seed in range(8):
        found, new = reach(past(seed)), past(seed + 100)
        far = found.of(new["destination"], new["value"].to_numpy(), np.zeros(len(new), dtype=bool), 80)
        inside.append((new["error"].abs() / new["sd"] <= far).mean())
    assert np.mean(inside) == pytest.approx(0.8, abs=0.02)
