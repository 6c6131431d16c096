from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smstock.calibrate.common_error import CommonError
from smstock.errors import ContractError, UsageError
from smstock.models.quantiles import ENDS, SCORES
from smstock.nowcast.draws import chunks
from smstock.nowcast.sums import By, sums
from smstock.tables import HELD_BACK, check
from smstock.tables.sums import SUM, WITH, WITHOUT

DESTINATIONS, ORIGINS = ("AUT", "DEU", "FRA"), ("POL", "SRB", "TUR", "UKR")


def rows(destination: str, origin: str, *, total: float, women: float, spread: float) -> pd.DataFrame:
    medians = {"all": total, "female": women * total, "male": (1 - women) * total}
    table = pd.DataFrame(
        [
            {"sex": sex} | dict(zip(ENDS, median * np.exp(np.array(SCORES) * spread), strict=True))
            for sex, median in medians.items()
        ]
    )
    table = table.assign(destination=destination, origin=origin, reference_date="2020-10-15")
    return table.assign(age_min=0, age_max=None)


def summed(
    estimates: pd.DataFrame, by: tuple[By, ...] | list[By] = ("destination", "origin", "all"), **of: Any
) -> pd.DataFrame:
    """Return the sums with indicative corridors, which are those over everything estimated."""
    table = sums(estimates, by, **of)
    return table[table["indicative"] == WITH].reset_index(drop=True)


def world(seed: int, *, spread: float = 0.5) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.concat(
        [
            rows(there, home, total=10 ** rng.uniform(2, 6), women=rng.uniform(0.2, 0.8), spread=spread)
            for there in DESTINATIONS
            for home in ORIGINS
        ],
        ignore_index=True,
    )


def median(found: pd.DataFrame, column: str = "median", **where: str) -> float:
    for name, value in where.items():
        found = found[found[name] == value]
    return float(found[column].item())


@settings(max_examples=10)
@given(seed=st.integers(0, 1000), spread=st.floats(0, 1.2))
def test_sexes_add_up_to_both_and_parts_to_the_whole(seed: int, spread: float) -> None:
    found = summed(world(seed, spread=spread), common=CommonError(destination=0.3), count=100)
    for column in ("median", "benchmarked"):
        values = found.set_index(["destination", "origin", "sex"])[column]
        both, women, men = (values.xs(sex, level="sex") for sex in ("all", "female", "male"))
        assert (women + men).to_numpy() == pytest.approx(both.to_numpy(), rel=1e-9)
    for end in ("destination", "origin"):
        for sex in ("all", "female", "male"):
            parts = found.loc[(found[end] != "") & (found["sex"] == sex), "benchmarked"].sum()
            assert parts == pytest.approx(median(found, destination="", origin="", sex=sex), rel=1e-6)


def test_a_sum_over_one_corridor_is_that_corridor() -> None:
    one = rows("AUT", "SRB", total=5000, women=0.4, spread=0.6)
    found = summed(one, ["destination"])
    published = one.set_index("sex")
    for sex in ("all", "female", "male"):
        assert median(found, sex=sex) == pytest.approx(published.loc[sex, "median"], rel=0.01)
    for name in ENDS:
        assert median(found, name, sex="all") == pytest.approx(published.loc["all", name], rel=0.02)
    assert median(found, "benchmarked", sex="all") == pytest.approx(5000, rel=1e-4)


def test_own_errors_average_out_and_common_ones_do_not() -> None:
    """100 like corridors: log-normal with s = 0.5, common errors keep the width, own ones have 1 / 10 of it."""
    table = pd.concat(
        [rows("AUT", f"{a}{b}X", total=1000, women=0.5, spread=0.5) for a in "ABCDEFGHIJ" for b in "ABCDEFGHIJ"]
    )
    found = {}
    for name, common in (("own", CommonError()), ("common", CommonError(destination=1.0))):
        of = summed(table[table["sex"] == "all"], ["destination"], common=common)
        found[name] = (median(of), np.log(median(of, "upper_80") / median(of, "lower_80")) / (2 * SCORES[5]))
    assert found["common"] == pytest.approx((100_000, 0.5), rel=0.02)
    expected = 1000 * np.exp(0.125)
    assert found["own"][0] == pytest.approx(100 * expected, rel=0.01)
    assert found["own"][1] == pytest.approx(np.sqrt(np.exp(0.25) - 1) / 10, rel=0.1)


def test_corridors_without_an_estimate_are_counted_and_not_added() -> None:
    table = world(1)
    floored = table.iloc[:3].assign(origin="FJI")
    floored[["median", "lower_95", "lower_80", "lower_50"]] = [np.nan, 0, 0, 0]
    unknown = table.iloc[:3].assign(origin="TON")
    unknown[list(ENDS)] = np.nan
    without_interval = unknown.assign(origin="WSM", median=[10.0, 5.0, 5.0])
    before, after = (
        summed(each, ["destination"]).set_index(["destination", "sex"]).loc["AUT"]
        for each in (table, pd.concat([table, floored, unknown, without_interval]))
    )
    assert after["median"].to_numpy() == pytest.approx(before["median"].to_numpy(), rel=0.05)
    assert after[["estimated", "floored", "unknown"]].to_numpy().tolist() == [[4, 1, 2]] * 3
    assert after["floored_upper_80"].tolist() == floored["upper_80"].tolist()
    assert before["floored_upper_80"].isna().all()
    assert after["sum_of_medians"].tolist() == before["sum_of_medians"].tolist()


def test_a_country_with_itself_is_neither_added_nor_counted() -> None:
    serbian = world(3)
    own = rows("POL", "POL", total=1e6, women=0.5, spread=0.5)
    pd.testing.assert_frame_equal(summed(pd.concat([own, serbian], ignore_index=True)), summed(serbian))


def test_a_sum_of_nothing_estimated_has_no_median() -> None:
    table = world(1)
    table.loc[table["destination"] == "FRA", ["median", "lower_95", "lower_80", "lower_50"]] = [np.nan, 0, 0, 0]
    found = summed(table, ["destination", "all"])
    france = found[found["destination"] == "FRA"]
    assert france[[*ENDS, "benchmarked", "sum_of_medians"]].isna().all(axis=None)
    assert france["floored"].tolist() == [4, 4, 4]
    parts = found[(found["destination"] != "") & (found["sex"] == "all")]["benchmarked"].sum()
    assert parts == pytest.approx(median(found, destination="", sex="all"))


def test_a_level_that_a_corridor_lacks_the_sum_lacks_too() -> None:
    table = world(1)
    table.loc[0, ["lower_95", "upper_95"]] = np.nan
    found = summed(table).set_index(["destination", "origin", "sex"])
    lacking = found["upper_95"].isna()
    assert lacking[lacking].index.tolist() == [("AUT", "", "all"), ("", "POL", "all"), ("", "", "all")]
    assert found["upper_80"].notna().all()


def test_sexes_known_of_a_part_are_not_made_to_add_up() -> None:
    table = world(1)
    table.loc[(table["origin"] == "POL") & (table["sex"] != "all"), list(ENDS)] = np.nan
    found = summed(table, ["destination"])
    austria = found[found["destination"] == "AUT"]
    assert austria[["estimated", "unknown"]].to_numpy().tolist() == [[4, 0], [3, 1], [3, 1]]
    both, women, men = austria["median"]
    assert women + men < both
    assert found.loc[found["sex"] == "female", "benchmarked"].isna().all()
    assert found.loc[found["sex"] == "all", "benchmarked"].notna().all()


def test_age_groups_are_summed_apart() -> None:
    young, old = world(1).assign(age_max=29), world(1).assign(age_min=30)
    both = summed(pd.concat([young, old]), ["all"])
    alone = summed(young, ["all"])
    assert both["age_min"].tolist() == [0, 0, 0, 30, 30, 30]
    assert both["median"].to_numpy()[:3] == pytest.approx(alone["median"].to_numpy(), rel=0.1)


def test_totals_alone_are_summed_without_rows_of_sexes() -> None:
    found = summed(world(1).query("sex == 'all'"))
    assert set(found["sex"]) == {"all"}
    assert len(found) == len(DESTINATIONS) + len(ORIGINS) + 1


def test_the_order_of_rows_does_not_matter_and_the_contract_is_kept() -> None:
    table = world(2)
    found = sums(table)
    pd.testing.assert_frame_equal(sums(table.sample(frac=1, random_state=1)), found)
    pd.testing.assert_frame_equal(check(found, SUM), found)


def test_a_sum_that_is_not_made_and_two_methods_are_refused() -> None:
    with pytest.raises(UsageError, match="sums by sex"):
        summed(world(1), ["sex"])  # type: ignore[list-item]
    with pytest.raises(ContractError, match="two estimates"):
        summed(pd.concat([world(1), world(1)]))


def test_no_corridor_has_no_sum_and_no_draw() -> None:
    assert len(sums(world(1).iloc[:0])) == 0
    assert [len(part.table()) for part in chunks(world(1).iloc[:0], count=5, seed=1)] == [0]


def test_a_sum_without_indicative_corridors_stands_beside_that_with_them() -> None:
    table = world(1).assign(regime="stale", status="provisional", precision="digits")
    alone = table["origin"].isin(["POL", "SRB"])
    table.loc[alone, ["regime", "precision"]] = ["none", "magnitude"]
    held = table["origin"] == "TUR"
    table["status"] = table["status"].mask(held, HELD_BACK)
    table.loc[held, list(ENDS)] = np.nan
    of_all = sums(table, ["all"])
    both = of_all[of_all["sex"] == "all"].set_index("indicative")
    assert both.index.tolist() == [WITHOUT, WITH]
    counts = both[["estimated", "left_out", "held_back", "floored", "unknown"]]
    assert counts.to_numpy().tolist() == [[3, 6, 3, 0, 0], [9, 0, 3, 0, 0]]
    totals = table[table["sex"] == "all"]
    of_ukraine = totals.loc[totals["origin"] == "UKR", "median"].sum()
    assert both.loc[WITHOUT, "sum_of_medians"] == pytest.approx(of_ukraine)
    assert both.loc[WITH, "sum_of_medians"] == pytest.approx(totals["median"].sum())
    assert both.loc[WITHOUT, "precision"] == "digits"
    alone_sum = totals.loc[totals["regime"] == "none", "median"].sum()
    expected = "magnitude" if alone_sum > totals["median"].sum() / 2 else "digits"
    assert both.loc[WITH, "precision"] == expected
    checked = sums(table[~alone], ["all"])
    same = checked[(checked["sex"] == "all") & (checked["indicative"] == WITH)]
    assert both.loc[WITHOUT, "median"] == pytest.approx(same["median"].item(), rel=0.02)


def of_places() -> pd.DataFrame:
    """Estimates of a country, one beside a place of it, the two places of a country not asked, and a place alone."""
    medians = {"AUT": 1000.0, "DEU": 5000.0, "DE-BY": 900.0, "BE-1": 400.0, "BE-2": 600.0, "US-CA": 7000.0}
    rows = pd.DataFrame([(name, origin) for name in medians for origin in ("POL", "SRB")])
    rows.columns = ["destination", "origin"]
    rows["median"] = rows["destination"].map(medians)
    for level, factor in {50: 1.05, 80: 1.1, 95: 1.2}.items():
        rows[f"lower_{level}"], rows[f"upper_{level}"] = rows["median"] / factor, rows["median"] * factor
    shares = {"all": 1.0, "female": 0.4, "male": 0.6}
    by_sex = [rows.assign(sex=sex, **{end: rows[end] * share for end in ENDS}) for sex, share in shares.items()]
    table = pd.concat(by_sex, ignore_index=True).assign(age_min=0, age_max=None, reference_date="2020-10-15")
    return table.assign(regime="stale", status="provisional", precision="digits")


def test_a_country_and_its_places_are_added_up_once_and_all_places_are_their_country() -> None:
    covers = {"BEL": ("BE-1", "BE-2"), "DEU": ("DE-BY", "DE-BE")}
    table = sums(of_places(), covers=covers)
    totals = table[(table["sex"] == "all") & (table["indicative"] == "without")]
    by_destination = totals[totals["destination"] != ""].set_index("destination")
    expected = {"AUT": 2000.0, "DEU": 10000.0, "DE-BY": 1800.0, "BE-1": 800.0, "BE-2": 1200.0, "US-CA": 14000.0}
    assert by_destination["sum_of_medians"].to_dict() == expected | {"BEL": 2000.0}
    assert by_destination["estimated"].to_dict() == dict.fromkeys(expected, 2) | {"BEL": 4}
    assert by_destination["median"].to_dict() == pytest.approx(by_destination["sum_of_medians"].to_dict(), rel=0.02)
    of_origins = totals[totals["origin"] != ""].set_index("origin")["sum_of_medians"]
    assert of_origins.to_dict() == dict.fromkeys(["POL", "SRB"], 1000.0 + 5000.0 + 400.0 + 600.0)
    of_all = totals[(totals["destination"] == "") & (totals["origin"] == "")]
    assert of_all["sum_of_medians"].tolist() == [14000.0]
    benchmarked = by_destination["benchmarked"]
    assert benchmarked["BEL"] == pytest.approx(benchmarked["BE-1"] + benchmarked["BE-2"])
    assert benchmarked[["AUT", "DEU", "BEL"]].sum() == pytest.approx(of_all["median"].item())
    assert benchmarked[["DE-BY", "US-CA"]].isna().all()


def test_women_and_men_of_a_country_summed_over_its_places_add_up() -> None:
    table = sums(of_places(), ["destination"], covers={"BEL": ("BE-1", "BE-2")})
    of_country = table[(table["destination"] == "BEL") & (table["indicative"] == "with")].set_index("sex")["median"]
    assert of_country["female"] + of_country["male"] == pytest.approx(of_country["all"])


def test_places_that_no_set_covers_a_country_with_are_in_no_other_sum() -> None:
    places = of_places().query("destination == 'BE-1' or destination == 'BE-2'")
    table = sums(places)
    assert set(table["destination"]) == {"BE-1", "BE-2"}
    assert set(table["origin"]) == {""}
