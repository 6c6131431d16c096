"""What stands below the table of a back-test."""

from __future__ import annotations

import pandas as pd
import pytest

from smstock.report.backtests import backtest_table


@pytest.mark.parametrize(("cells", "unlike"), [((80, 30), True), ((80, 80), False)])
def test_methods_on_different_cells_are_to_be_compared_by_their_skill(cells: tuple[int, int], unlike: bool) -> None:
    row = {"dates": 2, "mdape": 20.0, "wmape": 27.0, "rmsle": 0.88, "crps": None, "coverage_80": None}
    rows = [
        row
        | {"method": "damped_trend_fixed", "cells": cells[1], "skill": 0.05, "skill_lower": 0.01, "skill_upper": 0.1},
        row | {"method": "carry_forward", "cells": cells[0], "skill": 0.0, "skill_lower": None, "skill_upper": None},
    ]
    table = backtest_table(pd.DataFrame(rows), pd.DataFrame(columns=["method", "reason"]), months_after=6)
    caption = str(table.caption)
    assert ("which differ: rows are to be compared by their skill" in caption) == unlike
    assert "Better than carrying the last official figure forward, on the cells of both: damped trend fixed." in caption
