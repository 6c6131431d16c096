from __future__ import annotations

from math import inf
from string import ascii_uppercase

import numpy as np
import pandas as pd
import pytest

from smstock.calibrate.learning import learn
from smstock.tables import CORRIDOR, check


def test_a_query_without_sexes_is_learnt_from() -> None:
    rng = np.random.default_rng(1)
    stock = np.exp(rng.normal(9, 1.5, 14))
    table = pd.DataFrame({"stock": stock, "audience": stock * np.exp(rng.normal(-0.5, 0.4, 14))})
    table = table.assign(
        destination=[f"AA{letter}" for letter in ascii_uppercase[:14]],
        origin="SRB",
        sex="all",
        official_last=stock * np.exp(rng.normal(-0.1, 0.2, 14)),
        lag=5.0,
        audience_status="observed",
    )
    table = check(table.reindex(columns=[*CORRIDOR.names]), CORRIDOR)
    learnt = learn(table.assign(audience_foreign=9e6, audience_foreign_basis="category"), rng)
    assert learnt.foreign_basis == "category"
    assert learnt.cells == 14
    half_widths = learnt.half_widths["carry_forward"]
    assert 0 < half_widths.at("all", 80) < inf
    assert half_widths.at("sex", 80) == inf
    assert {part.kind for part in half_widths.measured} == {"all"}


def test_what_corridors_of_a_destination_have_in_common_is_learnt() -> None:
    """The last figure errs by destination (standard deviation 0.4) and hardly by corridor (0.1): a share of 0.94."""
    rng = np.random.default_rng(3)
    destination, origin = (ends.ravel() for ends in np.meshgrid(np.arange(12), np.arange(4), indexing="ij"))
    stock = np.exp(rng.normal(9, 1.5, 48))
    table = pd.DataFrame(
        {
            "stock": stock,
            "audience": stock * np.exp(rng.normal(-0.5, 2, 48)),
            "official_last": stock * np.exp(rng.normal(0, 0.4, 12)[destination] + rng.normal(0, 0.1, 48)),
        }
    )
    table = table.assign(
        destination=[f"AA{ascii_uppercase[number]}" for number in destination],
        origin=[f"BB{ascii_uppercase[number]}" for number in origin],
        sex="all",
        lag=5.0,
        audience_status="observed",
    )
    common = learn(check(table.reindex(columns=[*CORRIDOR.names]), CORRIDOR), rng).common
    assert common.everywhere + common.destination >= 0.6
    assert common.origin <= 0.1


@pytest.mark.parametrize(("lag", "median"), [(5.0, 5.0), (None, None)])
def test_corridors_whose_audiences_are_all_below_the_floor_are_learnt_from(
    lag: float | None, median: float | None
) -> None:
    """Lag and columns are those of the corridors that were tested, whether or not any has an audience."""
    rng = np.random.default_rng(1)
    stock = np.exp(rng.normal(9, 1.5, 6))
    table = pd.DataFrame({"stock": stock, "official_last": stock / 2, "lag": lag, "official_growth": 0.1})
    table = table.assign(destination=[f"AA{letter}" for letter in ascii_uppercase[:6]], origin="SRB", sex="all")
    table = table.assign(audience_status="floored", audience_upper=1000.0)
    learnt = learn(check(table.reindex(columns=[*CORRIDOR.names]), CORRIDOR), rng)
    assert learnt.lag == median
    assert learnt.cells == 6
    assert "audience" in learnt.lacking
    assert not {"official_last", "official_growth", "audience_upper"} & set(learnt.lacking)
    assert ("lag" in learnt.lacking) == (lag is None)


def corridors_of(destinations: int, origins: int, seed: int = 1) -> pd.DataFrame:
    """Return corridors whose last figure and whose audience err alike: neither is better."""
    rng = np.random.default_rng(seed)
    destination, origin = (ends.ravel() for ends in np.meshgrid(range(destinations), range(origins), indexing="ij"))
    count = destinations * origins
    stock = np.exp(rng.normal(9, 1.5, count))
    table = pd.DataFrame({"stock": stock, "audience": 0.5 * stock * np.exp(rng.normal(0, 0.5, count))})
    table = table.assign(
        official_last=stock * np.exp(rng.normal(0, 0.5, count)),
        destination=[f"AA{ascii_uppercase[number]}" for number in destination],
        origin=[f"BB{ascii_uppercase[number]}" for number in origin],
        sex="all",
        lag=5.0,
        audience_status="observed",
    )
    return check(table.reindex(columns=[*CORRIDOR.names]), CORRIDOR)


def test_two_destinations_are_too_few_to_choose_by_and_the_last_figure_is_carried_forward() -> None:
    learnt = learn(corridors_of(2, 9).assign(audience=lambda table: table["stock"] / 2), np.random.default_rng(1))
    errors = learnt.rmsle()
    assert errors["log_ratio"] < errors["carry_forward"]
    assert learnt.ranking[0] == "carry_forward"
    assert (learnt.cells, learnt.destinations) == (18, 2)


def test_corridors_with_a_figure_are_not_estimated_by_the_audience_alone_since_others_have_none() -> None:
    table = corridors_of(12, 4)
    half = table["destination"].isin(sorted(table["destination"].unique())[:6])
    audience = table["stock"] * np.exp(np.random.default_rng(2).normal(0, 1.0, len(table)))
    last = (table["stock"] * 1.02).where(half)
    learnt = learn(table.assign(audience=audience, official_last=last), np.random.default_rng(1))
    errors = learnt.rmsle()
    assert "stack" not in learnt.methods
    assert errors["carry_forward"] < 0.1 < errors["audience_stack"]
    assert "official_last" in learnt.methods[learnt.ranking[0]].needs
    without = [name for name in learnt.ranking if "official_last" not in learnt.methods[name].required()]
    assert without[0] == "audience_stack"


def test_methods_that_may_be_best_share_the_weight_and_estimate_first() -> None:
    table = corridors_of(8, 4)
    learnt = learn(table, np.random.default_rng(1))
    stack = learnt.methods["stack"]
    assert learnt.ranking[0] == "stack"
    assert learnt.half_widths["stack"].at("all", 80) < inf
    unknown = table.assign(official_last=np.nan, lag=np.nan)
    assert stack.predict(table).notna().all()
    assert stack.predict(unknown).isna().all()
    first = next(name for name in learnt.ranking if learnt.methods[name].predict(unknown).notna().all())
    alone = [name for name in learnt.ranking if not learnt.methods[name].rests_on_last()]
    assert first == alone[0] == "audience_stack"
