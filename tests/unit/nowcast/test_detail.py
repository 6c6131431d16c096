"""Groups of a total: by hand, in what they add up to, and in what is said of accounts below the floor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smstock.calibrate.shares import LearntShares
from smstock.compute import Compute
from smstock.errors import UsageError
from smstock.nowcast.detail import detail
from smstock.tables import ESTIMATE, LEVELS
from smstock.tables.estimate import whole

if TYPE_CHECKING:
    from collections.abc import Sequence

SCORES = {50: 0.674, 80: 1.282, 95: 1.960}
CELLS = [("female", 18, 39), ("female", 40, None), ("male", 18, 39), ("male", 40, None)]
SHARES = (0.4, 0.1, 0.3, 0.2)
ENDS = ["lower_95", "lower_80", "lower_50", "median", "upper_50", "upper_80", "upper_95"]
PAIR = ["destination", "origin"]


def total(origin: str, medians: dict[str, float], *, spread: float = 0.2, **other: object) -> pd.DataFrame:
    """Rows of the estimate table with log-normal intervals: one for each sex given."""
    row: dict[str, Any] = dict.fromkeys(ESTIMATE.names, "")
    row |= {"destination": "AUT", "origin": origin, "age_min": 18, "age_max": None, "reference_date": "2020-01-15"}
    row |= {"wave": "2020-01", "regime": "none", "status": "provisional", "precision": "digits", "reason": "r"}
    row |= {"method": "log_linear", "audience": 90.0, "audience_status": "observed", "official_last": None}
    row |= {"skill_vs_carry_forward": None, "calibration_id": "c-1"} | other
    rows = [
        row
        | {"sex": sex, "median": median}
        | {f"lower_{level}": median * np.exp(-spread * SCORES[level]) for level in LEVELS}
        | {f"upper_{level}": median * np.exp(spread * SCORES[level]) for level in LEVELS}
        for sex, median in medians.items()
    ]
    return pd.DataFrame(rows)


def groups(*origins: str, floored: Sequence[int] = (), official: float | None = None) -> pd.DataFrame:
    """The groups of each corridor; those at the places given are below the floor of 1,000."""
    rows = [
        {
            "destination": "AUT",
            "origin": origin,
            "sex": sex,
            "age_min": low,
            "age_max": high,
            "education": "",
            "audience": np.nan if place in floored else 2000.0 + place,
            "audience_upper": 1000.0 if place in floored else 2000.0 + place,
            "audience_status": "floored" if place in floored else "observed",
            "official": official,
            "official_basis": "" if official is None else "corridor",
            "official_date": "" if official is None else "2019-01-01",
        }
        for origin in origins
        for place, (sex, low, high) in enumerate(CELLS)
    ]
    missing = dict.fromkeys(["users", "population", "stock"], np.nan)
    return pd.DataFrame(rows).assign(**missing).astype({"age_max": "Int64"})


def kept(shares: Sequence[float] = SHARES) -> LearntShares:
    """The official composition kept, of shares that are the same everywhere."""
    labels = tuple((sex, low, high, "") for sex, low, high in CELLS)
    return LearntShares("official_shares", {"usual": {"": tuple(shares)}}, labels, ())


def medians(table: pd.DataFrame) -> list[float]:
    return [round(median, 6) for median in table["median"]]


def test_shares_of_a_total_by_hand() -> None:
    table = detail(total("SRB", {"all": 1000.0}), groups("SRB"), kept(), ["sex", "age"])
    assert [tuple(row) for row in table[["sex", "age_min"]].to_numpy()] == [cell[:2] for cell in CELLS]
    assert medians(table) == [400, 100, 300, 200]
    assert set(table["method"]) == {"official_shares"}
    assert set(table["calibration_id"]) == {"c-1"}


def test_women_and_men_with_estimates_of_their_own_are_divided_within() -> None:
    # shares 4 : 1 within women, 3 : 2 within men, whatever the share of women in the composition
    estimates = total("SRB", {"all": 1000.0, "female": 200.0, "male": 800.0})
    assert medians(detail(estimates, groups("SRB"), kept(), ["sex", "age"])) == [160, 40, 480, 320]
    assert medians(detail(estimates, groups("SRB"), kept(), ["age"])) == [640, 360]


@given(
    women=st.floats(0.05, 0.95),
    size=st.floats(50, 1e6),
    spread=st.floats(0.02, 1.0),
    weights=st.tuples(*[st.floats(0.01, 1.0)] * 4),
    by=st.sampled_from([["age"], ["sex", "age"]]),
)
@settings(max_examples=30, deadline=None)
def test_parts_add_up_and_intervals_nest(
    women: float, size: float, spread: float, weights: tuple[float, ...], by: list[str]
) -> None:
    estimates = total("SRB", {"all": size, "female": women * size, "male": (1 - women) * size}, spread=spread)
    shares = [weight / sum(weights) for weight in weights]
    table = detail(estimates, groups("SRB"), kept(shares), by, count=200)
    assert table["median"].sum() == pytest.approx(size)
    if "sex" in by:
        assert table.groupby("sex")["median"].sum().to_dict() == pytest.approx(
            {"female": women * size, "male": (1 - women) * size}
        )
    assert (np.diff(table[ENDS].to_numpy(dtype=float), axis=1) >= 0).all()


def test_a_group_of_all_persons_has_the_interval_of_the_total() -> None:
    estimates = total("SRB", {"all": 5000.0}, spread=0.3)
    table = detail(estimates, groups("SRB"), kept((1.0, 0.0, 0.0, 0.0)), ["sex", "age"], count=2001)
    assert table[ENDS].to_numpy(dtype=float)[0].tolist() == pytest.approx(
        estimates[ENDS].to_numpy(dtype=float)[0].tolist(), rel=0.005
    )
    assert table[ENDS].to_numpy(dtype=float)[1:].max() == 0


def test_an_interval_is_that_of_the_total_and_of_the_share_together() -> None:
    # the share varies as in a beta distribution: its variance adds to that of the total, in logarithms
    estimates, learnt = total("SRB", {"all": 5000.0}, spread=0.3), kept((0.5, 0.2, 0.2, 0.1))
    alone = learnt.fitted().spread.concentration(np.array([5000.0]))[0]
    of_share = np.sqrt((1 - 0.5) / (0.5 * (alone + 1)))
    table = detail(estimates, groups("SRB"), learnt, ["sex", "age"], count=4000)
    low, high = table[["lower_80", "upper_80"]].to_numpy(dtype=float)[0]
    width = np.log(high / low) / (2 * SCORES[80])
    assert width == pytest.approx(np.hypot(0.3, of_share), rel=0.05)


def test_a_total_without_a_number_has_no_parts_and_a_doubtful_one_hands_its_doubt_on() -> None:
    held = total("SRB", {"all": 1000.0}, status="held_back")
    below = total("HRV", {"all": np.nan}).assign(lower_80=0.0, upper_50=10.0, upper_80=20.0, upper_95=30.0)
    doubtful = total("ROU", {"all": 1000.0}, status="doubtful", notes="the audience leapt")
    table = detail(pd.concat([held, below, doubtful]), groups("SRB", "HRV", "ROU"), kept(), ["sex", "age"])
    assert set(table["origin"]) == {"ROU"}
    assert set(table["status"]) == {"doubtful"}
    assert set(table["notes"]) == {"of its total: the audience leapt"}


def test_a_group_below_the_floor_is_marked() -> None:
    table = detail(total("SRB", {"all": 1000.0}), groups("SRB", floored=[1]), kept(), ["sex", "age"])
    assert table["notes"].tolist() == ["", "fewer than 1,000 accounts: its share comes from pooling", "", ""]
    assert table["audience_status"].tolist() == ["observed", "floored", "observed", "observed"]
    assert table["audience"].isna().tolist() == [False, True, False, False]


def test_both_sexes_below_the_floor_are_fewer_than_both_floors() -> None:
    table = detail(total("SRB", {"all": 1000.0}), groups("SRB", floored=[0, 2]), kept(), ["age"])
    assert table["notes"].tolist() == ["fewer than 2,000 accounts: its share comes from pooling", ""]


def test_one_sex_below_the_floor_claims_no_bound_for_both() -> None:
    table = detail(total("SRB", {"all": 1000.0}), groups("SRB", floored=[2]), kept(), ["age"])
    young, old = table.to_dict("records")
    assert young["notes"] == "accounts of one sex are below the floor: part of its share comes from pooling"
    assert (young["audience_status"], bool(pd.isna(young["audience"]))) == ("floored", True)
    assert (old["notes"], old["audience_status"], old["audience"]) == ("", "observed", 4004)


def test_official_persons_stand_beside_and_are_summed_over_sexes() -> None:
    estimates = total("SRB", {"all": 1000.0})
    by_sex = detail(estimates, groups("SRB", official=25.0), kept(), ["sex", "age"])
    by_age = detail(estimates, groups("SRB", official=25.0), kept(), ["age"])
    assert by_sex["official_last"].tolist() == [25, 25, 25, 25]
    assert by_age["official_last"].tolist() == [50, 50]
    assert set(by_age["official_last_date"]) == {"2019-01-01"}


def test_ages_are_sums_over_sexes() -> None:
    estimates = total("SRB", {"all": 1000.0, "female": 450.0, "male": 550.0})
    by_sex = detail(estimates, groups("SRB"), kept(), ["sex", "age"])
    by_age = detail(estimates, groups("SRB"), kept(), ["age"])
    assert medians(by_age) == [round(sum(by_sex["median"][by_sex["age_min"] == low]), 6) for low in (18, 40)]
    # women and men of one age go together with their total only in part: the sum is known better than both ends added
    added = by_sex.groupby("age_min")["upper_80"].sum()
    assert (by_age["upper_80"].to_numpy() < added.to_numpy()).all()


def test_equal_arguments_give_equal_figures_whatever_the_workers_and_the_order() -> None:
    origins = ("SRB", "HRV", "ROU", "POL")
    estimates = pd.concat([total(origin, {"all": 1000.0 * place}) for place, origin in enumerate(origins, 1)])
    first = detail(estimates, groups(*origins), kept(), ["sex", "age"], count=300)
    with Compute(jobs=2).running() as compute:
        spread = detail(estimates, groups(*origins), kept(), ["sex", "age"], count=300, compute=compute)
    turned = detail(estimates[::-1], groups(*origins), kept(), ["sex", "age"], count=300)
    pd.testing.assert_frame_equal(first, spread)
    pd.testing.assert_frame_equal(first, turned)
    other = detail(estimates, groups(*origins), kept(), ["sex", "age"], count=300, seed=2)
    assert (first["upper_80"] != other["upper_80"]).any()
    assert medians(first) == medians(other)


def test_parts_are_told_from_wholes() -> None:
    estimates = total("SRB", {"all": 1000.0, "female": 450.0, "male": 550.0})
    parts = detail(estimates, groups("SRB"), kept(), ["sex", "age"])
    rows = pd.concat([estimates.astype({"age_max": "Int64"}), parts], ignore_index=True)
    assert whole(rows).index.tolist() == [0, 1, 2]


@pytest.mark.parametrize("facets", [["income"], ["sex", "age", "degree"]])
def test_what_estimates_are_not_divided_by_is_refused(facets: list[str]) -> None:
    with pytest.raises(UsageError, match="estimates are not divided by") as caught:
        detail(total("SRB", {"all": 1000.0}), groups("SRB"), kept(), facets)
    assert caught.value.allowed == "sex, age, education"


def test_education_is_not_crossed_with_sex_or_age() -> None:
    with pytest.raises(UsageError, match="by education and sex or age at once") as caught:
        detail(total("SRB", {"all": 1000.0}), groups("SRB"), kept(), ["sex", "education"])
    assert caught.value.allowed == "education alone; sex, age, or both"


def test_groups_that_were_not_learnt_are_refused() -> None:
    other = LearntShares("official_shares", {"usual": {"": (1.0,)}}, (("all", 18, None, ""),), ())
    with pytest.raises(UsageError, match="not those that the shares were learnt of") as caught:
        detail(total("SRB", {"all": 1000.0}), groups("SRB"), other, ["age"])
    assert "same age groups" in caught.value.hint
