from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smstock.calibrate.common_error import CommonError
from smstock.compute import Compute
from smstock.errors import ContractError, UsageError
from smstock.models.quantiles import SCORES
from smstock.nowcast.draws import chunks

PROBABILITIES = [0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975]
ENDS = ["lower_95", "lower_80", "lower_50", "median", "upper_50", "upper_80", "upper_95"]


def draws(estimates: pd.DataFrame, *, count: int, seed: int, common: CommonError | None = None) -> pd.DataFrame:
    """Return the draws of every corridor in one table."""
    parts = chunks(estimates, count=count, seed=seed, common=common)
    return pd.concat([part.table() for part in parts], ignore_index=True)


def corridor(
    origin: str, total: float, women: float, *, spread: float, of_sexes: float, destination: str = "DEU"
) -> pd.DataFrame:
    """Three rows with log-normal intervals of the standard deviations given; their sum is coherent in the medians."""
    medians = {"all": total, "female": women, "male": total - women}
    rows = [
        {"sex": sex}
        | dict(zip(ENDS, median * np.exp(np.array(SCORES) * (spread if sex == "all" else of_sexes)), strict=True))
        for sex, median in medians.items()
    ]
    table = pd.DataFrame(rows).assign(destination=destination, origin=origin, reference_date="2020-10-15")
    return table.assign(age_min=0, age_max=None)


def floored(origin: str) -> pd.DataFrame:
    rows = corridor(origin, 1000, 500, spread=1.0, of_sexes=1.0)
    rows[["median", "lower_95", "lower_80", "lower_50"]] = [np.nan, 0, 0, 0]
    return rows


def wide(found: pd.DataFrame, origin: str) -> pd.DataFrame:
    return found[found["origin"] == origin].set_index(["draw", "sex"])["persons"].unstack("sex")  # noqa: PD010


WORLD = pd.concat(
    [
        corridor("POL", 90_000, 40_000, spread=0.2, of_sexes=0.25),
        corridor("SRB", 9_000, 5_000, spread=0.5, of_sexes=0.6),
        corridor("TUR", 700, 300, spread=0.8, of_sexes=0.9, destination="AUT"),
        floored("FJI"),
        floored("TON"),
    ],
    ignore_index=True,
)


@settings(max_examples=25)
@given(
    total=st.floats(0, 1e7),
    share=st.floats(0, 1),
    spread=st.floats(0, 2),
    of_sexes=st.floats(0, 2),
    count=st.integers(2, 50),
)
def test_women_and_men_add_up_and_nothing_is_negative(
    total: float, share: float, spread: float, of_sexes: float, count: int
) -> None:
    rows = corridor("SRB", total, share * total, spread=spread, of_sexes=of_sexes)
    found = wide(draws(rows, count=count, seed=1), "SRB")
    assert (found["female"] + found["male"]).to_numpy() == pytest.approx(found["all"].to_numpy(), rel=1e-12)
    assert found.to_numpy().min() >= 0
    assert len(found) == count


@pytest.mark.parametrize("common", [CommonError(), CommonError(0.2, 0.5, 0.2)])
@pytest.mark.parametrize(("count", "within"), [(200, 0.05), (1001, 0.015)])
def test_totals_have_the_published_quantiles_whatever_goes_together(
    common: CommonError, count: int, within: float
) -> None:
    found = draws(WORLD, count=count, seed=3, common=common)
    for origin, published in WORLD[WORLD["sex"] == "all"].groupby("origin"):
        made = np.quantile(wide(found, str(origin))["all"], PROBABILITIES, method="hazen")
        known = published[ENDS].to_numpy(dtype=float)[0]
        there = ~np.isnan(known)
        assert np.log1p(made[there]) == pytest.approx(np.log1p(known[there]), abs=within)


@pytest.mark.parametrize(
    ("women", "spread", "of_women", "of_men"),
    [(500, 0.2, 0.25, 0.25), (300, 0.2, 0.35, 0.25), (500, 0.5, 0.6, 0.55), (800, 0.3, 0.3, 0.5), (500, 0.8, 0.8, 0.8)],
)
def test_sexes_have_the_published_80_percent_width_where_it_can_be(
    women: float, spread: float, of_women: float, of_men: float
) -> None:
    """Within 7 % of the log width, and 4 % of the median: the share is solved to first order."""
    rows = corridor("SRB", 1000, women, spread=spread, of_sexes=of_women)
    rows.loc[2] = corridor("SRB", 1000, women, spread=spread, of_sexes=of_men).loc[2]
    found = wide(draws(rows, count=2000, seed=1), "SRB")
    for sex, wanted in (("female", of_women), ("male", of_men)):
        low, middle, high = np.quantile(found[sex], [0.1, 0.5, 0.9])
        assert np.log(high / low) / (2 * SCORES[5]) == pytest.approx(wanted, rel=0.07)
        assert np.log(middle) == pytest.approx(np.log(rows.set_index("sex")["median"][sex]), abs=0.04)


def test_sexes_that_claim_to_be_better_known_than_their_sum_take_its_width() -> None:
    found = wide(draws(corridor("SRB", 1000, 400, spread=0.5, of_sexes=0.2), count=1000, seed=1), "SRB")
    assert (found["female"] / found["all"]).to_numpy() == pytest.approx(0.4, rel=1e-6)


def test_draws_depend_on_the_seed_and_not_on_the_order_of_rows_or_the_size_of_chunks() -> None:
    common = CommonError(0.1, 0.3, 0.2)
    found = draws(WORLD, count=40, seed=5, common=common)
    shuffled = WORLD.sample(frac=1, random_state=2)
    pd.testing.assert_frame_equal(draws(shuffled, count=40, seed=5, common=common), found)
    one_by_one = [part.persons for part in chunks(WORLD, count=40, seed=5, common=common, corridors=1)]
    assert np.concatenate(one_by_one).ravel().tolist() == pytest.approx(found["persons"].tolist(), nan_ok=True)
    assert not draws(WORLD, count=40, seed=6, common=common)["persons"].equals(found["persons"])


@pytest.mark.parametrize("compute", [Compute(2), Compute(3, "threading")], ids=str)
def test_draws_do_not_depend_on_what_they_are_spread_over(compute: Compute) -> None:
    common = CommonError(0.1, 0.3, 0.2)
    alone, spread = (
        [part.persons for part in chunks(WORLD, count=40, seed=5, common=common, corridors=1, compute=of)]
        for of in (Compute(), compute)
    )
    assert len(alone) > 2
    np.testing.assert_array_equal(np.concatenate(spread), np.concatenate(alone))


def rank_correlation(found: pd.DataFrame, one: str, other: str) -> float:
    return float(wide(found, one)["all"].corr(wide(found, other)["all"], method="spearman"))


def test_corridors_of_a_destination_share_the_errors_they_are_said_to_share() -> None:
    """A correlation r of normal scores is one of 6 / pi arcsin(r / 2) of ranks."""
    found = draws(WORLD, count=4000, seed=1, common=CommonError(destination=0.6))
    assert rank_correlation(found, "POL", "SRB") == pytest.approx(6 / np.pi * np.arcsin(0.3), abs=0.04)
    assert rank_correlation(found, "POL", "TUR") == pytest.approx(0, abs=0.05)
    everywhere = draws(WORLD, count=4000, seed=1, common=CommonError(everywhere=0.6))
    assert rank_correlation(everywhere, "POL", "TUR") == pytest.approx(6 / np.pi * np.arcsin(0.3), abs=0.04)


def test_only_fewer_than_is_as_vague_in_sum_as_each_corridor() -> None:
    """Between 0 and the upper ends; 95 % ends of several add up, since nothing is known of how they go together."""
    found = draws(WORLD, count=1000, seed=1)
    one, other = wide(found, "FJI")["all"], wide(found, "TON")["all"]
    published = WORLD[(WORLD["origin"] == "FJI") & (WORLD["sex"] == "all")].iloc[0]
    assert (one == 0).mean() >= 0.2
    assert np.quantile(one, 0.975, method="hazen") == pytest.approx(published["upper_95"], rel=0.02)
    assert np.quantile(one + other, 0.975, method="hazen") == pytest.approx(2 * published["upper_95"], rel=0.02)


def test_where_nothing_is_known_draws_are_missing() -> None:
    unknown = corridor("FJI", 100, 50, spread=0.1, of_sexes=0.1)
    unknown[ENDS] = np.nan
    without_interval = unknown.assign(origin="TON", median=[100.0, 50.0, 50.0])
    sexes_unknown = corridor("SRB", 100, 50, spread=0.1, of_sexes=0.1)
    sexes_unknown.loc[1:, ENDS] = np.nan
    found = draws(pd.concat([unknown, without_interval, sexes_unknown]), count=5, seed=1)
    missing = {
        origin: [bool(wide(found, origin)[sex].isna().all()) for sex in ("all", "female", "male")]
        for origin in ("FJI", "TON", "SRB")
    }
    assert missing == {"FJI": [True] * 3, "TON": [True] * 3, "SRB": [False, True, True]}


def test_a_query_without_sexes_has_totals_alone() -> None:
    totals = WORLD[WORLD["sex"] == "all"]
    found = draws(totals, count=5, seed=1)
    assert found[found["sex"] == "all"]["persons"].notna().all()
    assert found[found["sex"] != "all"]["persons"].isna().all()


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (pd.concat([WORLD, WORLD.iloc[:1]]), "two estimates of one sex"),
        (WORLD[WORLD["sex"] != "male"], "lacks its total, women or men"),
        (WORLD[WORLD["sex"] != "all"], "lacks its total, women or men"),
    ],
)
def test_a_corridor_that_does_not_fit_together_is_refused(rows: pd.DataFrame, said: str) -> None:
    with pytest.raises(ContractError, match=said):
        draws(rows, count=5, seed=1)


def test_one_draw_is_no_distribution() -> None:
    with pytest.raises(UsageError, match="1 draws"):
        draws(WORLD, count=1, seed=1)
