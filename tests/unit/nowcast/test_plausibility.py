"""What is possible: populations, emigrants and immigrants, figures and audiences beside each other."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from smstock.calibrate.calibration import Calibration
from smstock.calibrate.learnt import Score
from smstock.models.baselines import CarryForward
from smstock.models.loglinear import LogRatio
from smstock.nowcast.plausibility import with_status
from smstock.tables import LEVELS, STOCK

ENDS = [f"{end}_{level}" for level in LEVELS for end in ("lower", "upper")]


def calibration(**errors: float) -> Calibration:
    return Calibration(
        name="c", query="q", wave="2020-10", provider="undesa", edition="2020", concepts=("birth",),
        target_date="2020-07-01", inputs={}, versions={}, seed=1, cells=31, destinations=31,
        methods={"log_ratio": LogRatio(slope=0.2, lag=5.0), "carry_forward": CarryForward()},
        scores=tuple(Score(name, "all", 31, error) for name, error in errors.items()),
    )  # fmt: skip


def row(median: float, official: float | None = None, *, date: str = "2020-07-01", **more: Any) -> dict[str, Any]:
    """Return the total of Serbians in Austria: 8.6 million persons in 2015, 1.5 million of them immigrants."""
    of: dict[str, Any] = {
        "destination": "AUT", "origin": "SRB", "sex": "all", "median": median, "base": "log_ratio", "horizon": 0,
        "alone": None, "audience": None, "audience_upper": None, "audience_status": "not_asked", "official_last": official,
        "official_last_date": date if official is not None else "", "lag": 0.3 if official is not None else None,
        "regime": "none" if official is None else "stale", "notes": "",
    }  # fmt: skip
    ends = {end: median * (0.5 if end.startswith("lower") else 2.0) for end in ENDS}
    return of | ends | more


def stock(*figures: tuple[str, float], destination: str = "AUT") -> pd.DataFrame:
    rows = [{"destination": destination, "reference_date": day, "value": value} for day, value in figures]
    table = pd.DataFrame(rows, columns=["destination", "reference_date", "value"])
    return table.assign(origin="SRB", sex="all").reindex(columns=STOCK.names)


def judged(*rows: dict[str, Any], of: pd.DataFrame | None = None, **more: Any) -> list[dict[Any, Any]]:
    figures = stock() if of is None else of
    table = pd.DataFrame(rows)
    for name in ("alone", "audience", "audience_upper", "official_last", "lag"):
        table[name] = table[name].astype("float64")
    made: list[dict[Any, Any]] = with_status(table, calibration(), figures, **more).to_dict("records")
    return made


@pytest.mark.parametrize(
    ("estimate", "why"),
    [
        (row(5.5e6, 1.5e6), "more than 0.6 times the population of the destination"),
        (row(8e5), "more than 0.5 times all emigrants of the origin"),
        (
            row(1e5, 1e5, audience=9.9e6, alone=9.9e6, audience_status="observed"),
            "more accounts (9,900,000) than the dest",
        ),
        (row(9e5, 1e5), "9 times the official figure of 2020-07-01 (100,000), beyond a factor of 4.22"),
        (row(5e3, 1e5), "0.05 times the official figure"),
        (row(2e5, 1e5, audience=6e6, alone=1.2e7, audience_status="observed"), "the audience alone says 120 times"),
        (row(1e5, 0.1, lag=0.3), "less than one person"),
    ],
)
def test_what_is_not_possible_has_no_number_and_says_why(estimate: dict[str, Any], why: str) -> None:
    (held,) = judged(estimate)
    assert held["status"] == "held_back"
    assert pd.isna(held["median"])
    assert all(pd.isna(held[end]) for end in ENDS)
    assert held["precision"] == ""
    assert why in held["notes"]
    assert held["notes"].startswith(f"held back: {estimate['median']:,.0f} computed, ")


@pytest.mark.parametrize(
    "estimate",
    [
        row(178_000, 177_609, audience=66_000.0, alone=66_000.0, audience_status="observed"),
        row(17_000),
        row(60.0, 2.0),
        row(3e5, 1e5, lag=5.0),
        row(1.5e6, 1.4e6, origin="DEU"),
    ],
)
def test_what_is_possible_stays(estimate: dict[str, Any]) -> None:
    (made,) = judged(estimate)
    assert (made["status"], made["precision"]) == ("provisional", "digits")
    assert made["notes"] in {"", "the official figure stands alone: no other figure and no audience checks it"}
    assert made["median"] == estimate["median"]


def test_few_corridors_to_learn_from_give_an_order_of_magnitude_where_there_is_no_figure() -> None:
    few = replace(calibration(), cells=9, destinations=9)
    rows = pd.DataFrame([row(17_000), row(178_000, 177_609, destination="DEU")])
    for name in ("alone", "audience", "audience_upper", "official_last", "lag"):
        rows[name] = rows[name].astype("float64")
    assert with_status(rows, few, stock())["precision"].tolist() == ["magnitude", "digits"]


def test_a_figure_a_thousand_times_the_one_before_is_held_back_unless_an_audience_bears_it_out() -> None:
    newest = ("2020-07-01", 100_000.0)
    (wrong,) = judged(row(1e5, 1e5), of=stock(("2015-07-01", 1000.0), newest))
    assert "the official figure of 2020-07-01 (100,000) is 100 times that of 2015-07-01 (1,000)" in wrong["notes"]
    observed: dict[str, Any] = {"audience": 5e4, "alone": 5e4, "audience_status": "observed"}
    (borne_out,) = judged(row(1e5, 1e5, **observed), of=stock(("2015-07-01", 1000.0), newest))
    assert borne_out["status"] == "provisional"


def test_a_register_that_earlier_figures_bear_out_is_doubtful_where_the_audience_contradicts_it() -> None:
    floored: dict[str, Any] = {"audience_status": "floored", "alone": 500.0, "base": "carry_forward"}
    (alone,) = judged(row(1e5, 1e5, **floored))
    assert "the audience alone says fewer than 0.005 times" in alone["notes"]
    (register,) = judged(row(1e5, 1e5, **floored), of=stock(("2019-07-01", 98_000.0), ("2020-07-01", 1e5)))
    assert (register["status"], register["median"]) == ("doubtful", 1e5)
    assert register["notes"].startswith("doubtful: the audience alone says fewer than 0.005 times the official figure")
    (nearer,) = judged(row(1e5, 1e5, **floored | {"alone": 2500.0}), of=stock(("2019-07-01", 98_000.0)))
    assert nearer["status"] == "provisional"


def test_a_series_that_leapt_a_thousandfold_two_figures_ago_is_doubtful_unless_an_audience_bears_it_out() -> None:
    figures = stock(("2018-07-01", 1_000.0), ("2019-07-01", 980_000.0), ("2020-07-01", 1e6))
    (leapt,) = judged(row(1e6, 1e6), of=figures)
    assert (leapt["status"], leapt["median"]) == ("doubtful", 1e6)
    assert "the official figure of 2019-07-01 (980,000) is 980 times that of 2018-07-01 (1,000)" in leapt["notes"]
    observed: dict[str, Any] = {"audience": 5e5, "alone": 5e5, "audience_status": "observed"}
    ninetyfold = stock(("2018-07-01", 5_000.0), ("2019-07-01", 450_000.0), ("2020-07-01", 5e5))
    (borne_out,) = judged(row(5e5, 5e5, **observed), of=ninetyfold)
    assert borne_out["status"] == "provisional"
    (long_ago,) = judged(row(5e5, 5e5), of=stock(("1990-07-01", 10.0), ("2005-07-01", 4e5), ("2015-07-01", 4e5)))
    assert long_ago["status"] == "provisional"


def test_a_register_leaps_less_in_a_year_than_a_compilation_in_five() -> None:
    agreeing: dict[str, Any] = {"audience": 1e5, "alone": 1e5, "audience_status": "observed"}
    (in_a_year,) = judged(row(1e5, 1e5, **agreeing), of=stock(("2019-07-01", 1_000.0), ("2020-07-01", 1e5)))
    assert in_a_year["status"] == "held_back"
    (in_five,) = judged(row(1e5, 1e5, **agreeing), of=stock(("2015-07-01", 200.0), ("2020-07-01", 1e5)))
    assert in_five["status"] == "provisional"
    (sudden,) = judged(row(1e5, 1e5), of=stock(("2019-07-01", 5_000.0), ("2020-07-01", 1e5)))
    assert sudden["status"] == "doubtful"
    (ukrainians_in_ireland,) = judged(row(56e3, 56e3), of=stock(("2019-07-01", 4_402.0), ("2020-07-01", 55_936.0)))
    assert ukrainians_in_ireland["status"] == "provisional"


def test_a_single_figure_that_the_audience_speaks_against_is_doubtful_and_said_once() -> None:
    remark = "audience alone says 0.05 times the official figure"
    (single,) = judged(row(1e5, 1e5, alone=5e3, audience=5e3, audience_status="observed", notes=remark))
    assert single["status"] == "doubtful"
    assert single["notes"].count("audience alone says") == 1
    (second,) = judged(row(1e5, 1e5, alone=5e3, audience=5e3), of=stock(("2015-07-01", 9e4), ("2020-07-01", 1e5)))
    assert second["status"] == "provisional"


def test_an_official_figure_that_nothing_checks_says_so() -> None:
    says = "the official figure stands alone: no other figure and"
    floored: dict[str, Any] = {"audience_status": "floored", "alone": 9e5}
    (alone, at_floor) = judged(row(1e5, 1e5), row(1e5, 1e5, destination="DEU", **floored))
    assert alone["notes"] == f"{says} no audience checks it"
    assert at_floor["notes"] == f"{says} an audience below the floor does not check it"
    assert alone["status"] == at_floor["status"] == "provisional"
    heard = row(1e5, 1e5, audience=9e4, alone=9e4, audience_status="observed")
    earlier = stock(("2015-07-01", 9e4), destination="DEU")
    for row_of, figures in ((heard, stock()), (row(1e5, 1e5, destination="DEU"), earlier), (row(1e5), stock())):
        (checked,) = judged(row_of, of=figures)
        assert says not in checked["notes"]


def test_a_figure_of_nobody_is_told_beside_the_audience() -> None:
    (empty,) = judged(row(5e3, 0.0, audience=2e3, alone=5e3, audience_status="observed"))
    assert "the audience alone says 5,000, and the official figure of 2020-07-01 is 0" in empty["notes"]


def test_more_than_all_emigrants_of_the_origin_in_one_destination_is_doubtful() -> None:
    (many,) = judged(row(2e6, 1.9e6))
    assert many["status"] == "doubtful"
    assert "times all emigrants of the origin in 2015" in many["notes"]


def test_a_population_of_some_ages_is_a_lower_end_of_all() -> None:
    figures = {"provider": "p", "edition": "1", "area": "AUT", "age_min": 18, "age_max": None, "sex": "all"}
    dated = figures | {"reference_date": "2020-07-01"}
    many, few = (pd.DataFrame([dated | {"value": value}]) for value in (3e7, 1e6))
    everywhere = row(1.2e6, 1.2e6, origin="IND", audience=9e6, alone=1.2e6, audience_status="observed")
    (possible,) = judged(everywhere, population=many)
    assert possible["status"] == "provisional"
    (held,) = judged(everywhere, population=few)
    assert "more accounts (9,000,000) than the destination has persons (8," in held["notes"]


def test_an_official_figure_of_the_total_checks_women_and_men_who_have_none() -> None:
    rows = [row(1e6, 9.6e5), row(6e5, sex="female"), row(4e5, sex="male")]
    made = judged(*(part | {"destination": "DEU", "origin": "PSE"} for part in rows))
    assert {part["status"] for part in made} == {"provisional"}


def test_a_corridor_that_is_held_back_for_its_women_says_so() -> None:
    of_women: dict[str, Any] = {"sex": "female", "audience": 9e6, "alone": 9e6, "audience_status": "observed"}
    total, women = judged(row(1e5, 1e5), row(5e4, 5e4, **of_women))
    assert total["notes"].startswith("held back: 100,000 computed, of women: more accounts (9,000,000) than the")
    assert women["notes"].startswith("held back: 50,000 computed, more accounts (9,000,000) than the")


def test_a_corridor_is_held_back_as_a_whole() -> None:
    rows = [row(9e5, 1e5), row(5e4, 5e4, sex="female"), row(5e4, 5e4, sex="male")]
    made = judged(*rows)
    assert [part["status"] for part in made] == ["held_back"] * 3
    assert all("9 times the official figure" in part["notes"] for part in made)


def test_corridors_may_not_add_up_to_more_than_there_are_persons() -> None:
    many = [row(4e5, 4e5, origin=origin) for origin in ("DEU", "TUR", "POL", "ROU", "ITA", "FRA", "ESP", "GBR", "USA")]
    assert {made["status"] for made in judged(*many[:3])} == {"provisional"}
    too_many = judged(*(part | {"median": 1.2e6, "official_last": 1.2e6} for part in many))
    assert {made["status"] for made in too_many} == {"held_back"}
    assert (
        "with its other origins 10,800,000, more than 1 times the population of the destination" in too_many[0]["notes"]
    )


def test_the_population_of_the_spec_is_used_by_sex_and_a_missing_one_is_said() -> None:
    figures = {"provider": "p", "edition": "1", "area": "AUT", "age_min": 0, "age_max": None, "value": 2.5e5}
    population = pd.DataFrame([figures | {"sex": "all", "reference_date": "2020-07-01"}])
    (held,) = judged(row(178_000, 177_609), population=population)
    assert "more than 0.6 times the population of the destination (250,000)" in held["notes"]
    (region,) = judged(row(1_000.0, 1_000.0, destination="AT31"))
    assert region["status"] == "provisional"
    assert region["notes"].split("; ")[0] == "not checked against the population of the destination: none is at hand"


def test_a_method_that_is_far_off_gives_an_order_of_magnitude() -> None:
    table = pd.DataFrame([row(17_000), row(9_000.0, 9_000.0, base="carry_forward", destination="DEU")])
    for name in ("alone", "audience", "audience_upper", "official_last", "lag"):
        table[name] = table[name].astype("float64")
    made = with_status(table, calibration(log_ratio=1.2, carry_forward=0.4), stock())
    assert made["precision"].tolist() == ["magnitude", "digits"]
    assert made["median"].tolist() == [17_000.0, 9_000.0]


def test_women_and_men_of_an_official_figure_that_are_not_both_make_it_doubtful() -> None:
    rows = [row(6e5, 6e5), row(1e5, 1e5, sex="female"), row(9e4, 9e4, sex="male")]
    made = judged(*rows)
    assert {part["status"] for part in made} == {"doubtful"}
    assert "women and men of the official figure add up to 190,000, and not to 600,000" in made[0]["notes"]
    near = judged(row(1.9e5, 1.9e5 + 40), *rows[1:])
    assert {part["status"] for part in near} == {"provisional"}


def test_an_upper_end_that_all_emigrants_do_not_reach_is_left_out() -> None:
    floored = row(float("nan"), audience_upper=1e3, audience_status="floored") | {"upper_80": 4.6e6}
    (beyond,) = judged(floored)
    assert pd.isna(beyond["upper_80"])
    assert beyond["notes"].startswith("no upper end: 4,600,000 would be more than all emigrants of the origin (")
    (possible,) = judged(floored | {"upper_80": 4.6e3})
    assert possible["upper_80"] == 4.6e3
