from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from smstock.errors import TooFewCellsError
from smstock.evaluate.crossvalidate import cross_validate
from smstock.evaluate.held_out import CHOSEN
from smstock.evaluate.splits import MOST_FOLDS, by_destination
from smstock.models.baselines import CarryForward, ConstantRatio, RawAudience
from smstock.models.loglinear import LogLinear, LogRatio
from smstock.models.penetration import Penetration
from smstock.models.trend import Minora, MovingAverage

LEARNING = [CarryForward, Penetration, LogLinear, LogRatio]


def benchmark(destinations: int = 16, seed: int = 1, origins: tuple[str, ...] = ("SRB",)) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    rows = []
    for index in range(destinations):
        for origin in origins:
            stock = float(np.exp(rng.normal(9, 1.5)))
            women = float(rng.uniform(0.3, 0.7))
            audience, last = stock * np.exp(rng.normal(-0.5, 0.4)), stock * np.exp(rng.normal(-0.1, 0.2))
            for sex, share in (("all", 1.0), ("female", women), ("male", 1 - women)):
                rows.append(
                    {
                        "destination": f"D{index:03}",
                        "origin": origin,
                        "sex": sex,
                        "audience": audience * share,
                        "official_last": last * share,
                        "lag": 5.0,
                        "penetration_destination": 0.5,
                        "penetration_origin": 0.4,
                        "stock": stock * share,
                    }
                )
    return pd.DataFrame(rows)


def test_no_estimate_interval_or_choice_has_seen_the_destination_it_is_scored_on() -> None:
    table = benchmark(10)
    other = table.copy()
    other.loc[other["destination"] == "D007", "stock"] *= 50
    before = cross_validate(table, LEARNING, np.random.default_rng(1))
    after = cross_validate(other, LEARNING, np.random.default_rng(1))
    changed = before["destination"] == "D007"
    columns = ["method", "sex", "estimate", "lower_50", "upper_50", "lower_80", "upper_80", "lower_95", "upper_95"]
    pd.testing.assert_frame_equal(before.loc[changed, columns], after.loc[changed, columns])
    assert not before.loc[~changed, "estimate"].equals(after.loc[~changed, "estimate"])


def test_the_estimate_is_that_of_a_fit_on_the_other_destinations() -> None:
    table = benchmark(8)
    totals = table[table["sex"] == "all"].reset_index(drop=True)
    scored = cross_validate(table, [LogLinear], np.random.default_rng(1))
    for index, row in totals.iterrows():
        expected = LogLinear.fit(totals.drop(index)).predict(totals.loc[[index]]).iloc[0]
        estimates = scored[
            (scored["destination"] == row["destination"])
            & (scored["sex"] == "all")
            & (scored["method"] == "log_linear")
        ]
        assert estimates["estimate"].item() == pytest.approx(expected)


def test_every_cell_is_scored_once_by_every_method_and_sexes_add_up() -> None:
    scored = cross_validate(benchmark(), [CarryForward, RawAudience, ConstantRatio], np.random.default_rng(1))
    assert len(scored) == 16 * 3 * 4  # the chosen one is a method too; of two or fewer methods there is no stack
    assert not scored.duplicated(["destination", "origin", "sex", "method"]).any()
    wide = scored.pivot_table(index=["destination", "method"], columns="sex", values="estimate")
    assert (wide["female"] + wide["male"]).to_numpy() == pytest.approx(wide["all"].to_numpy())


def test_the_best_of_two_is_chosen() -> None:
    scored = cross_validate(benchmark(), [CarryForward, RawAudience], np.random.default_rng(1))
    assert set(scored["method"]) == {"carry_forward", "raw_audience", CHOSEN}
    chosen = scored[(scored["method"] == CHOSEN) & (scored["sex"] == "all")].set_index("destination")["estimate"]
    carried = scored[(scored["method"] == "carry_forward") & (scored["sex"] == "all")].set_index("destination")[
        "estimate"
    ]
    pd.testing.assert_series_equal(chosen, carried)


def test_a_corridor_without_a_stock_is_not_scored_and_teaches_nothing() -> None:
    table = benchmark(10)
    gone = table["destination"] == "D003"
    table.loc[gone, "stock"] = np.nan
    scored = cross_validate(table, LEARNING, np.random.default_rng(1))
    without = cross_validate(table[~gone], LEARNING, np.random.default_rng(1))
    pd.testing.assert_frame_equal(scored, without)


@pytest.mark.parametrize("destinations", [0, 1])
def test_one_destination_is_too_few(destinations: int) -> None:
    table = benchmark(2)
    table = table[table["destination"] < f"D{destinations:03}"]
    with pytest.raises(TooFewCellsError, match=f"{destinations} destinations? ha(ve|s) both"):
        cross_validate(table, LEARNING, np.random.default_rng(1))


def test_many_destinations_are_held_out_in_blocks_that_partition_them() -> None:
    folds = by_destination(benchmark(101), np.random.default_rng(1))
    assert len(folds) == MOST_FOLDS
    assert sorted(name for fold in folds for name in fold) == [f"D{index:03}" for index in range(101)]


@pytest.mark.parametrize("worlds", [4, pytest.param(10, marks=pytest.mark.slow)])
def test_in_a_simulated_world_the_intervals_cover_and_the_best_method_is_found(worlds: int) -> None:
    """Worlds of 16 destinations: log errors of 0.2 around the last figure, 0.4 around the audience."""
    covered, chosen = [], []
    for seed in range(worlds):
        scored = cross_validate(benchmark(16, seed), [CarryForward, ConstantRatio], np.random.default_rng(seed))
        totals = scored[(scored["sex"] == "all") & (scored["method"] == "constant_ratio")]
        covered += list((totals["stock"] >= totals["lower_80"]) & (totals["stock"] <= totals["upper_80"]))
        best = scored[(scored["sex"] == "all") & (scored["method"] == CHOSEN)]
        carried = scored[(scored["sex"] == "all") & (scored["method"] == "carry_forward")]
        chosen.append(best["estimate"].to_numpy() == pytest.approx(carried["estimate"].to_numpy()))
    assert 0.75 <= np.mean(covered) <= 0.86
    assert all(chosen)


def test_the_stack_of_sources_that_err_apart_is_closer_than_each() -> None:
    rng = np.random.default_rng(3)
    table = benchmark(14, origins=("SRB", "ROU", "POL", "DEU", "ITA"))
    table["audience"] = table["stock"] * np.exp(rng.normal(0, 0.4, len(table)))
    table["official_last"] = table["stock"] * np.exp(rng.normal(0, 0.4, len(table)))
    table["official_mean"] = table["stock"] * np.exp(rng.normal(0, 0.4, len(table)))
    table["audience_growth"] = rng.normal(0, 0.2, len(table))
    scored = cross_validate(table, [CarryForward, MovingAverage, Minora], np.random.default_rng(1))
    totals = scored[scored["sex"] == "all"]
    totals = totals.assign(error=np.log(totals["estimate"].to_numpy() / totals["stock"].to_numpy()))
    errors = totals.groupby("method")["error"].std().to_dict()
    assert errors["stack"] < 0.85 * min(errors[name] for name in ("carry_forward", "moving_average", "minora"))


def test_folds_may_be_given() -> None:
    table = benchmark(12)
    halves = table["destination"].map(lambda name: int(name[1:]) % 2)
    scored = cross_validate(table, [ConstantRatio], np.random.default_rng(1), folds=halves)
    ratio = table[table["sex"] == "all"].groupby(halves).apply(lambda half: (half["stock"] / half["audience"]).median())
    totals = scored[(scored["sex"] == "all") & (scored["method"] == "constant_ratio")].set_index("destination")
    audience = table[table["sex"] == "all"].set_index("destination")["audience"]
    expected = [audience[name] * ratio[1 - int(name[1:]) % 2] for name in totals.index]
    assert totals["estimate"].to_numpy() == pytest.approx(np.array(expected))
