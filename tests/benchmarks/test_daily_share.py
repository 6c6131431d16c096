from __future__ import annotations

import math

import pandas as pd
import pytest
from benchmarks.accuracy.audience import daily_share

from smstock.audience.eras import SERIES


def rows(*cells: tuple[str, str, str, float]) -> pd.DataFrame:
    fixed = dict.fromkeys(SERIES, "") | {"platform": "meta", "status": "observed", "origin": "POL"}
    return pd.DataFrame([fixed | {"metric": m, "wave": w, "destination": d, "value": v} for m, w, d, v in cells])


def test_each_period_has_its_daily_share() -> None:
    cells = [(f"A{n}", monthly, share) for n, (monthly, share) in enumerate([(1e4, 0.4), (2e4, 0.5), (3e4, 0.6)])]
    audience = rows(
        *(("mau", "2018-05", area, monthly) for area, monthly, _ in cells),
        *(("dau", "2018-05", area, monthly * share) for area, monthly, share in cells),
        ("mau", "2024-05", "A0", 1e4),
        ("dau", "2024-05", "A0", 8.7e3),
        ("dau", "2024-05", "A1", 8.7e3),
    )
    shares = daily_share(audience, ["2019-04"]).set_index("period")
    assert shares["share"].to_dict() == pytest.approx({"2018-05": 0.5, "2019-04": 0.87})
    assert shares["cells"].to_dict() == {"2018-05": 3, "2019-04": 1}
    assert shares.loc["2018-05", "sd"] == pytest.approx(1.4826 * math.log(0.6 / 0.5))


def test_daily_accounts_beside_a_floor_are_left_out() -> None:
    audience = rows(("mau", "2018-05", "DEU", 1e4), ("dau", "2018-05", "DEU", 700.0))
    audience.loc[0, "status"] = "floored"
    assert daily_share(audience).empty
