from __future__ import annotations

import subprocess
import sys
from importlib import metadata
from typing import TYPE_CHECKING

import pytest
from benchmarks.peers.super_learner import SuperLearner

from smstock.models.methods import METHODS, OVER_TIME, libraries
from smstock.models.stack import STACKS
from smstock.provenance import STATISTICS, TABLES, versions
from smstock.published.zagheni import Zagheni
from smstock.workflows import calibration

if TYPE_CHECKING:
    from smstock.models.base import Method

KNOWN: tuple[type[Method], ...] = (*METHODS, *OVER_TIME, *STACKS, SuperLearner, Zagheni)

FIT = """
import sys
import numpy as np
import pandas as pd
from smstock.models.methods import method
rng = np.random.default_rng(1)
table = pd.DataFrame({"origin": ["SRB", "NAM", "POL"] * 20, "destination": ["AUT", "DEU"] * 30, "sex": "all"})
for column in ("audience", "official_last"):
    table[column] = rng.uniform(100, 1000, len(table))
table["stock"], table["lag"] = rng.uniform(100, 1000, len(table)), 2.0
for name in sys.argv[1:]:
    method(name).fit(table).predict(table)
    print(name, *sorted({"sklearn", "statsmodels"} & set(sys.modules)))
"""
LEARNING = ["log_ratio", "origin_ratio", "constant_ratio", "log_linear", "hierarchical"]


@pytest.fixture(scope="module")
def loaded() -> dict[str, str]:
    """What was loaded once each method was fitted, in a process of its own."""
    ended = subprocess.run(
        [sys.executable, "-c", FIT, *LEARNING], capture_output=True, text=True, check=True, timeout=120
    )
    return {name: modules for name, _, modules in (line.partition(" ") for line in ended.stdout.splitlines())}


@pytest.mark.parametrize("method", LEARNING)
def test_a_method_loads_what_it_states(method: str, loaded: dict[str, str]) -> None:
    assert not loaded[method]
    assert not {"statsmodels", "scikit-learn"} & libraries([method])


def test_every_library_that_a_method_states_is_installed() -> None:
    stated = {library for method in KNOWN for library in method.libraries} | {*STATISTICS, *TABLES}
    assert set(versions(stated)) == stated | {"python", "smstock"}
    assert all(version == metadata.version(name) for name, version in versions(stated).items() if name in stated)


def test_every_method_computes_on_tables() -> None:
    assert all({"numpy", "pandas"} <= set(method.libraries) for method in KNOWN)


def test_a_calibration_depends_on_what_its_methods_compute_with() -> None:
    assert libraries(["carry_forward", "log_ratio"]) == {"numpy", "pandas"}
    assert libraries(["carry_forward", "stack"]) == {"numpy", "pandas", "scipy"}
    assert libraries([]) == set()


def test_what_is_learnt_depends_neither_on_how_tables_are_stored_nor_on_methods_that_were_not_learnt() -> None:
    learnt = calibration._versions(["carry_forward", "log_ratio"])
    assert set(learnt) == {"numpy", "pandas", "python", "scipy", "smstock"}
    assert calibration._versions(["log_linear"]) == learnt
