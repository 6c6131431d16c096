"""What every table that crosses rooms keeps to."""

from __future__ import annotations

import pandas as pd
import pytest

from smstock.errors import ContractError
from smstock.tables import POPULATION, STOCK, Contract, check

FIGURE = {
    "provider": "undesa",
    "dataset": "ims",
    "edition": "2020",
    "concept": "birth",
    "destination": "NAM",
    "area": "NAM",
    "origin": "SRB",
    "sex": "all",
    "age_min": 0,
    "age_max": None,
    "value": 12,
    "flags": "",
    "retrieved_at": "",
}


@pytest.mark.parametrize("contract", [STOCK, POPULATION])
@pytest.mark.parametrize("day", ["2015-02-29", "2015-04-31", "2015-13-01", "0000-01-01", "2015-1-1", ""])
def test_no_table_has_a_reference_date_that_no_calendar_has(contract: Contract, day: str) -> None:
    with pytest.raises(ContractError, match=f"reference_date is '{day}'"):
        check(pd.DataFrame([FIGURE | {"reference_date": day}]), contract)


def test_a_leap_day_is_a_reference_date() -> None:
    table = check(pd.DataFrame([FIGURE | {"reference_date": "2016-02-29"}]), STOCK)
    assert table["reference_date"].tolist() == ["2016-02-29"]
