from __future__ import annotations

import pandas as pd
import pytest

from smstock.report.listing import ceilings, legend, listing, rounded_up, with_figures


def test_corridors_stand_by_size_and_those_without_a_median_last(estimates: pd.DataFrame) -> None:
    names = ["Germany", "Austria", "Namibia", "Iran", "United States", "Chile", "Fiji", "DPR Korea"]
    assert listing(estimates)["name"].tolist() == names


def test_every_corridor_is_in_one_row(estimates: pd.DataFrame) -> None:
    rows = listing(estimates.sample(frac=1, random_state=1))
    assert sorted(rows["destination"]) == sorted(set(estimates["destination"]))
    assert set(rows["sex"]) == {"all"}


def test_women_are_a_percentage_of_women_and_men(estimates: pd.DataFrame) -> None:
    women = listing(estimates).set_index("destination")["women"]
    assert women["NAM"] == pytest.approx(60.0)
    assert women["DEU"] == pytest.approx(50.0)
    assert women[["CHL", "USA", "PRK"]].isna().all()


def test_the_commonest_method_has_no_mark_and_indicative_rows_have_a_star(estimates: pd.DataFrame) -> None:
    rows = listing(estimates)
    marks = rows.set_index("destination")["mark"].to_dict()
    assert marks == {"DEU": "", "AUT": "", "NAM": "†", "IRN": "*", "CHL": "", "FJI": "", "USA": "", "PRK": ""}
    assert [mark for mark, _ in legend(rows)] == ["", "†", "*"]


def test_a_corridor_with_an_official_figure_but_no_estimate_keeps_its_row(estimates: pd.DataFrame) -> None:
    assert "United States" in with_figures(listing(estimates))["name"].tolist()


def test_the_others_are_grouped_by_what_is_known_of_them(estimates: pd.DataFrame) -> None:
    rows = listing(estimates)
    assert [(ceiling.text, ceiling.names) for ceiling in ceilings(rows)] == [
        ("fewer than 4,740", ("Chile", "Fiji")),
        ("no figure", ("DPR Korea",)),
    ]
    grouped = [name for ceiling in ceilings(rows) for name in ceiling.names]
    assert sorted([*with_figures(rows)["name"], *grouped]) == sorted(rows["name"])


def test_higher_ceilings_come_first(estimates: pd.DataFrame) -> None:
    estimates = estimates.copy()
    estimates.loc[estimates["destination"] == "FJI", "upper_80"] = 9_000.0
    assert [ceiling.upper for ceiling in ceilings(listing(estimates))] == [9_000.0, 4_740.0, None]


def test_an_empty_estimate_table_is_an_empty_listing(estimates: pd.DataFrame) -> None:
    rows = listing(estimates.iloc[:0])
    assert rows.empty
    assert ceilings(rows) == []
    assert legend(rows) == []


def test_many_different_ceilings_are_raised_to_round_ones() -> None:
    uppers = {"Chile": 820.0, "Fiji": 1001.0, "Ghana": 1674.6, "Iran": 4554.0, "Japan": 5000.0, "Kenya": None}
    standing = ["bounded"] * 5 + ["unknown"]
    rows = pd.DataFrame({"name": list(uppers), "standing": standing, "upper_80": uppers.values()})
    assert [(ceiling.upper, ceiling.names) for ceiling in ceilings(rows)] == [
        (5000, ("Iran", "Japan")),
        (2000, ("Fiji", "Ghana")),
        (1000, ("Chile",)),
        (None, ("Kenya",)),
    ]
    assert [ceiling.upper for ceiling in ceilings(rows[:3])] == [1674.6, 1001.0, 820.0]


def test_an_assumed_split_has_no_percentage(estimates: pd.DataFrame) -> None:
    austrian = (estimates["destination"] == "AUT") & (estimates["sex"] != "all")
    noted = estimates.assign(notes=estimates["notes"].mask(austrian, "as many women as men assumed"))
    women = listing(noted).set_index("name")["women"]
    assert pd.isna(women["Austria"])
    assert women["Germany"] == 50


def test_raised_ceilings_are_said_to_be() -> None:
    rows = pd.DataFrame({"name": [*"ABCD"], "standing": "bounded", "upper_80": [4739.3, 4100.0, 812.0, 2.0]})
    assert rounded_up(rows)
    assert [ceiling.upper for ceiling in ceilings(rows)] == [5000.0, 1000.0, 2.0]
    assert not rounded_up(rows.head(3))
    assert [ceiling.upper for ceiling in ceilings(rows.head(3))] == [4739.3, 4100.0, 812.0]
