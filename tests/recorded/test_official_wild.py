"""Files and figures as people hold them: the right value of each handed case."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest

from smstock.corridors.history import official_history
from smstock.official.resolver import Preference
from smstock.official.series import series

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def cases(shared: Path) -> Path:
    folder = shared / "cases"
    if not folder.is_dir():
        pytest.skip("the folder of real data has no cases")
    return folder


def test_romania_to_poland_rests_on_eurostat_beside_the_united_nations(cases: Path) -> None:
    stock = pd.DataFrame({"dataset": "x", "destination": "POL", "origin": "ROU", "age_min": 0, "age_max": None}, [0])
    stock = stock.assign(flags="", retrieved_at="")
    printed = pd.read_csv(cases / "newcomer" / "romania_poland_eurostat.csv")
    value = printed["number of citizens in country"].astype(float)
    eurostat = pd.DataFrame({"value": value, "reference_date": printed["year"].astype(str) + "-01-01", "sex": "all"})
    eurostat = eurostat.assign(provider="eurostat", concept="citizenship", edition="2025").merge(stock, how="cross")
    printed = pd.read_csv(cases / "newcomer" / "romania_poland_undesa.csv")
    sex = printed["sex"].map({"Total": "all", "Female": "female", "Male": "male"})
    value = printed["stock"].astype(float)
    undesa = pd.DataFrame({"value": value, "reference_date": printed["year"].astype(str) + "-07-01", "sex": sex})
    undesa = undesa.assign(provider="undesa", concept="mixed", edition="2020").merge(stock, how="cross")
    order = [Preference("eurostat", "citizenship", "2025"), Preference("undesa", "mixed", "2020")]
    chosen = series([eurostat, undesa], order, until="2024-01-01")
    last = official_history(chosen, target_date="2024-01-01", known_until="2024-01-01").set_index("sex").loc["all"]
    assert (last["official_last"], last["official_last_date"]) == (1619, "2020-01-01")
