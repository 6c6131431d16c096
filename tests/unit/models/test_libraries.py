from __future__ import annotations

import subprocess
import sys
from importlib import metadata
from typing import TYPE_CHECKING

import pytest
from benchmarks.peers.super_learner import SuperLearner

from smstock.models.methods import METHODS, OVER_TIME, libraries
from smstock.models.stack import Stack
from smstock.provenance import STATISTICS, TABLES, versions
from smstock.published.zagheni import Zagheni
from smstock.workflows import calibration

if TYPE_CHECKING:
    from smstock.models.base import Method

KNOWN: tuple[type[Method], ...] = (*METHODS, *OVER_TIME, Stack, SuperLearner, Zagheni)

FIT = """
import sys
import numpy as np
import pandas as pd
from smstock.models.methods import method
rng = np.random.default_rng(1)
table = pd.DataFrame({"origin": ["SRB", "NAM", "POL"] * 20, "destination": ["AUT", "DEU"] * 30, "sex": "all"})
for column in sys.argv[2].split(","):
    table[column] = rng.uniform(100, 1000, len(table))
table["stock"], table["lag"] = rng.uniform(100, 1000, len(table)), 2.0
method(sys.argv[1]).fit(table).predict(table)
print(*sorted({"sklearn", "statsmodels"} & set(sys.modules)))
"""


@pytest.mark.parametrize(
    ("method", "loaded"),
    [("log_linear", "statsmodels"), ("log_ratio", ""), ("origin_ratio", ""), ("constant_ratio", "")],
)
def test_a_method_loads_what_it_states(method: str, loaded: str) -> None:
    columns = "audience,official_last"
    ended = subprocess.run(
        [sys.executable, "-c", FIT, method, columns], capture_output=True, text=True, check=True, timeout=120
    )
    assert ended.stdout.strip() == loaded
    assert ("statsmodels" in libraries([method])) is ("statsmodels" in loaded)


def test_every_library_that_a_method_states_is_installed() -> None:
    stated = {library for method in KNOWN for library in method.libraries} | {*STATISTICS, *TABLES}
    assert set(versions(stated)) == stated | {"python", "smstock"}
    assert all(version == metadata.version(name) for name, version in versions(stated).items() if name in stated)


def test_every_method_computes_on_tables() -> None:
    assert all({"numpy", "pandas"} <= set(method.libraries) for method in KNOWN)


def test_a_calibration_without_a_regression_does_not_depend_on_statsmodels() -> None:
    assert libraries(["carry_forward", "log_ratio"]) == {"numpy", "pandas"}
    assert libraries(["carry_forward", "stack"]) == {"numpy", "pandas", "scipy"}
    assert libraries([]) == set()


def test_what_is_learnt_depends_neither_on_how_tables_are_stored_nor_on_methods_that_were_not_learnt() -> None:
    learnt = calibration._versions(["carry_forward", "log_ratio"])
    assert set(learnt) == {"numpy", "pandas", "python", "scipy", "smstock"}
    assert set(calibration._versions(["log_linear"])) - set(learnt) == {"statsmodels"}
