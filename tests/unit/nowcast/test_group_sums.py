"""Sums of groups: what they add up to, which corridors are in them, and that one corridor is its own sum."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from tests.unit.nowcast.test_detail import CELLS, ENDS, groups, kept, total

from smstock.calibrate.common_error import CommonError
from smstock.nowcast.detail import detail
from smstock.nowcast.group_sums import GroupSums
from smstock.nowcast.sums import sums
from smstock.tables.sums import SUM, WITH, WITHOUT

if TYPE_CHECKING:
    from collections.abc import Mapping

BOTH = {"all": 1000.0, "female": 450.0, "male": 550.0}
KEY = ["destination", "origin", "indicative"]
SHARES = (0.4, 0.1, 0.3, 0.2)


def made(
    estimates: pd.DataFrame,
    cells: pd.DataFrame,
    *,
    by: tuple[str, ...] = ("sex", "age"),
    covers: Mapping[str, tuple[str, ...]] | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Return the rows of groups, the sums of totals and the sums of groups."""
    added = sums(estimates, covers=covers, count=400)
    of_groups = GroupSums(estimates, added, covers)
    rows = detail(estimates, cells, kept(SHARES), by, count=400, sums=of_groups)
    return rows, added, of_groups.table()


def world() -> tuple[pd.DataFrame, pd.DataFrame]:
    """Three origins in Austria and in Germany, Germany with other medians, official figures throughout."""
    origins = ("SRB", "HRV", "ROU")
    sizes = {"SRB": 1.0, "HRV": 3.0, "ROU": 0.2}
    parts = [
        total(origin, {sex: persons * size * scale for sex, persons in BOTH.items()}, regime="stale").assign(
            destination=destination
        )
        for origin, size in sizes.items()
        for destination, scale in (("AUT", 1.0), ("DEU", 10.0))
    ]
    cells = groups(*origins)
    return pd.concat(parts, ignore_index=True), pd.concat([cells, cells.assign(destination="DEU")])


def of(table: pd.DataFrame, destination: str, origin: str, which: str = WITHOUT) -> pd.DataFrame:
    key = (table["destination"] == destination) & (table["origin"] == origin) & (table["indicative"] == which)
    return table[key].reset_index(drop=True)


@pytest.mark.parametrize("by", [("age",), ("sex", "age")])
def test_groups_add_up_to_the_sum_of_the_total(by: tuple[str, ...]) -> None:
    _, added, parts = made(*world(), by=by)
    assert list(parts.columns) == SUM.names
    medians = parts.groupby([*KEY, "sex"])["median"].sum()
    wholes = added.set_index([*KEY, "sex"])["median"].reindex(medians.index)
    assert len(medians) == 2 * (2 + 3 + 1) * (2 if "sex" in by else 1)
    assert medians.to_numpy() == pytest.approx(wholes.to_numpy())


def test_destinations_and_origins_add_up_to_the_whole_group_by_group() -> None:
    _, _, parts = made(*world())
    parts = parts[parts["indicative"] == WITH]
    label = ["sex", "age_min"]
    whole = of(parts, "", "", WITH).set_index(label)["median"]
    for end, other in (("destination", "origin"), ("origin", "destination")):
        of_end = parts[(parts[end] != "") & (parts[other] == "")].groupby(label)["benchmarked"].sum()
        assert of_end.to_dict() == pytest.approx(whole.to_dict())


def test_a_sum_over_one_corridor_is_that_of_its_rows() -> None:
    estimates = total("SRB", BOTH, regime="stale", spread=0.3)
    rows, _, parts = made(estimates, groups("SRB"))
    alone = of(parts, "AUT", "")
    assert alone["median"].tolist() == pytest.approx(rows["median"].tolist(), rel=0.005)
    assert alone["sum_of_medians"].tolist() == pytest.approx(rows["median"].tolist())
    assert alone[ENDS].to_numpy(dtype=float) == pytest.approx(rows[ENDS].to_numpy(dtype=float), rel=0.05)


def test_independent_errors_of_shares_shrink_in_a_sum() -> None:
    # totals are as good as known, so that only shares vary: of n alike the width is that of one over the root of n
    origins = ["SRB", "HRV", "ROU", "POL", "UKR", "TUR", "BIH", "ALB", "MKD", "BGR", "HUN", "SVK", "CZE"]
    estimates = pd.concat([total(origin, BOTH, regime="stale", spread=1e-6) for origin in origins], ignore_index=True)
    rows, _, parts = made(estimates, groups(*origins))

    def width(table: pd.DataFrame) -> np.ndarray:
        first = table[table["sex"].eq("female") & table["age_min"].eq(18)]
        return ((first["upper_80"] - first["lower_80"]) / first["median"]).to_numpy(dtype=float)

    assert width(of(parts, "AUT", "")) == pytest.approx(width(rows).mean() / np.sqrt(len(origins)), rel=0.15)


def test_indicative_corridors_are_in_the_sum_with_them_alone() -> None:
    estimates, cells = world()
    estimates.loc[estimates["origin"] == "ROU", "regime"] = "none"
    _, added, parts = made(estimates, cells)
    assert (
        parts.groupby(KEY)["estimated"].first().to_dict()
        == added[added["estimated"] > 0].groupby(KEY)["estimated"].first().to_dict()
    )
    assert of(parts, "", "ROU").empty
    assert len(of(parts, "", "ROU", WITH)) == len(CELLS)
    assert set(of(parts, "AUT", "")["left_out"]) == {1}


def test_places_are_not_added_to_their_country() -> None:
    estimates, cells = world()
    estimates = pd.concat([estimates, estimates[estimates["destination"] == "DEU"].assign(destination="DE-BY")])
    cells = pd.concat([cells, cells[cells["destination"] == "DEU"].assign(destination="DE-BY")])
    _, added, parts = made(estimates.reset_index(drop=True), cells)
    for table in (added, parts):
        assert set(of(table, "", "")["estimated"]) == {6}
        assert set(of(table, "", "SRB")["estimated"]) == {2}
        assert set(of(table, "DE-BY", "")["estimated"]) == {3}
    assert of(parts, "DE-BY", "")["benchmarked"].isna().all()


def test_places_that_are_the_whole_of_a_country_have_its_sum() -> None:
    estimates, cells = world()
    codes = {"AUT": "BE-1", "DEU": "BE-2"}
    estimates, cells = (table.assign(destination=table["destination"].map(codes)) for table in (estimates, cells))
    _, added, parts = made(estimates, cells, covers={"BEL": ("BE-1", "BE-2")})
    country, whole = of(parts, "BEL", ""), of(parts, "", "")
    assert country["median"].tolist() == pytest.approx(whole["median"].tolist(), rel=0.05)
    assert country["benchmarked"].sum() == pytest.approx(
        of(parts, "BE-1", "")["benchmarked"].sum() + of(parts, "BE-2", "")["benchmarked"].sum()
    )
    assert set(added["destination"]) == set(parts["destination"])


def test_a_corridor_that_is_not_divided_is_counted_and_nothing_is_scaled_to_it() -> None:
    estimates, cells = world()
    _, added, parts = made(estimates, cells[(cells["destination"] != "DEU") | (cells["origin"] != "HRV")])
    germany = of(parts, "DEU", "")
    assert (set(germany["estimated"]), set(germany["unknown"])) == ({2}, {1})
    whole = of(added, "DEU", "").set_index("sex")["median"]["all"]
    assert germany["median"].sum() == pytest.approx(whole * 12 / 42, rel=0.05)


def test_fewer_than_is_no_number_in_a_sum() -> None:
    estimates, cells = world()
    figures = ["median", *(f"{end}_{level}" for end in ("lower", "upper") for level in (50, 95))]
    below = (estimates["destination"] == "DEU") & (estimates["origin"] == "HRV")
    estimates.loc[below, [*figures, "lower_80", "upper_80"]] = [*[None] * len(figures), 0.0, 50.0]
    rows, _, parts = made(estimates, cells)
    alone = rows[(rows["destination"] == "DEU") & rows["origin"].isin(["SRB", "ROU"])]
    germany = of(parts, "DEU", "")
    assert len(rows) == 5 * len(CELLS)
    assert germany["sum_of_medians"].tolist() == pytest.approx(
        [alone.loc[(alone["sex"] == sex) & (alone["age_min"] == low), "median"].sum() for sex, low, _ in CELLS]
    )
    assert set(map(tuple, germany[["estimated", "floored", "unknown", "floored_upper_80"]].to_numpy())) == {
        (2, 1, 0, 50)
    }


def test_intervals_of_sums_hold_the_truth_of_a_simulated_world_at_their_rate() -> None:
    # 1,000 destinations of four origins; totals err alike within a destination by half of their variance, shares apart
    rng, spread, origins = np.random.default_rng(1), 0.3, ("SRB", "HRV", "ROU", "POL")
    destinations = [f"US-{number:03}" for number in range(1000)]
    sizes = np.exp(rng.uniform(np.log(300), np.log(30_000), (len(destinations), len(origins))))
    errors = np.sqrt(0.5) * (rng.standard_normal(sizes.shape) + rng.standard_normal((len(destinations), 1)))
    concentration = sizes / (1 + 0.02 * sizes) - 1  # that of the method: counting 1, shift 0.02
    compositions = rng.standard_gamma(concentration[:, :, None] * np.array(SHARES))
    compositions /= compositions.sum(axis=2, keepdims=True)
    truth = (np.exp(np.log(sizes) + spread * errors)[:, :, None] * compositions).sum(axis=1)
    pairs = pd.MultiIndex.from_product([destinations, origins], names=["destination", "origin"]).to_frame(index=False)
    one = total("SRB", {"all": 1.0}, regime="stale", spread=spread).drop(columns=["destination", "origin"])
    estimates = pairs.merge(one, how="cross")
    estimates[ENDS] = estimates[ENDS].to_numpy(dtype=float) * sizes.reshape(-1, 1)
    cells = pairs.merge(groups("SRB").drop(columns=["destination", "origin"]), how="cross")
    common = CommonError(destination=0.5)
    of_groups = GroupSums(estimates, sums(estimates, ["destination"], common=common, count=400))
    detail(estimates, cells, kept(SHARES), ("sex", "age"), common=common, count=400, sums=of_groups)
    parts = of_groups.table().query("indicative == 'without'").set_index(["destination", "sex", "age_min"])
    parts = parts.reindex([(destination, *cell[:2]) for destination in destinations for cell in CELLS])
    held = (parts["lower_80"].to_numpy() <= truth.ravel()) & (truth.ravel() <= parts["upper_80"].to_numpy())
    by_group = held.reshape(-1, len(CELLS)).mean(axis=0)
    assert [0.76 <= rate <= 0.84 for rate in (held.mean(), *by_group)] == [True] * (1 + len(CELLS)), by_group


def test_orders_of_magnitude_are_handed_on() -> None:
    estimates, cells = world()
    estimates.loc[estimates["origin"] == "HRV", "precision"] = "magnitude"
    _, _, parts = made(estimates, cells)
    assert set(of(parts, "", "HRV")["precision"]) == {"magnitude"}
    assert set(of(parts, "", "SRB")["precision"]) == {"digits"}


def test_nothing_divided_is_no_sum() -> None:
    estimates, _ = world()
    table = GroupSums(estimates, sums(estimates, count=50)).table()
    assert (len(table), list(table.columns)) == (0, SUM.names)
