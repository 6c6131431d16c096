from __future__ import annotations

import numpy as np
import pandas as pd

from smstock.evaluate.learning import learn
from smstock.tables import CORRIDOR


def test_a_query_without_sexes_is_learnt_from() -> None:
    rng = np.random.default_rng(1)
    stock = np.exp(rng.normal(9, 1.5, 14))
    table = pd.DataFrame({"stock": stock, "audience": stock * np.exp(rng.normal(-0.5, 0.4, 14))})
    table = table.assign(
        destination=[f"D{number:02}" for number in range(14)],
        origin="SRB",
        sex="all",
        official_last=stock * np.exp(rng.normal(-0.1, 0.2, 14)),
        lag=5.0,
    )
    learnt = learn(table.reindex(columns=[*CORRIDOR.names]), rng)
    assert learnt["cells"] == 14
    assert learnt["widths"]["carry_forward"]["all"]["80"] > 0
    assert learnt["widths"]["carry_forward"]["sex"]["80"] is None
    assert learnt["band_widths"]["carry_forward"]["sex"] == {"50": {}, "80": {}, "95": {}}
