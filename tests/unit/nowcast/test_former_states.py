"""The interval of a corridor counted under a former state covers both readings, and its row says so."""

from __future__ import annotations

from math import exp
from typing import Any

import pandas as pd
import pytest

from smstock.calibrate.calibration import Calibration
from smstock.models.baselines import CarryForward, RawAudience
from smstock.models.conformal import HalfWidth, HalfWidths
from smstock.nowcast.former_states import with_both_readings
from smstock.nowcast.plausibility import with_status
from smstock.tables import LEVELS, STOCK

LOGS = {50: 0.3, 80: 0.6}
ENDS = [f"{end}_{level}" for level in LEVELS for end in ("lower", "upper")]


def calibration(**more: Any) -> Calibration:
    widths = HalfWidths(tuple(HalfWidth("all", level, "all", log) for level, log in LOGS.items()))
    return Calibration(
        name="c", query="q", wave="2020-10", provider="undesa", edition="2020", concepts=("birth",),
        target_date="2020-07-01", inputs={}, versions={}, seed=1,
        **{
            "methods": {"carry_forward": CarryForward(), "raw_audience": RawAudience()},
            "ranking": ("carry_forward", "raw_audience"), "half_widths": {"raw_audience": widths},
        } | more,
    )  # fmt: skip


def estimates(*, under: str = "YUG", audience: float = 4500.0, figures: str = "") -> pd.DataFrame:
    """Return Serbians at six destinations, in the Netherlands with few persons and many accounts."""
    places = ["AUT", "DEU", "FRA", "ITA", "SWE", "NLD"]
    rows = pd.DataFrame({"destination": places, "origin": "SRB", "sex": "all", "official_last": 320.0, "lag": 0.3})
    rows = rows.assign(audience=[160.0] * 5 + [audience], counted_under=[""] * 5 + [under], former_figures=figures)
    dutch = rows.iloc[[-1, -1]].assign(sex=["female", "male"], official_last=160.0, audience=audience / 2)
    rows = pd.concat([rows, dutch], ignore_index=True)
    rows = rows.assign(alone=2 * rows["audience"], median=rows["official_last"], notes="", regime="stale", horizon=0)
    rows = rows.assign(base="carry_forward", official_last_date="2020-07-01", audience_status="observed")
    rows = rows.assign(audience_upper=rows["audience"])
    return rows.assign(**{end: rows["median"] * (0.9 if end.startswith("lower") else 1.1) for end in ENDS})


def test_each_level_reaches_what_the_audience_alone_says_at_it() -> None:
    wider = with_both_readings(estimates(), calibration()).iloc[5]
    assert wider["median"] == 320.0
    for level, log in LOGS.items():
        assert wider[f"lower_{level}"] == pytest.approx(0.9 * 320.0)
        assert wider[f"upper_{level}"] == pytest.approx(9000.0 * exp(log))


def test_an_estimate_that_follows_the_audience_is_not_held_back_and_its_interval_holds_the_figure() -> None:
    """9,000 persons beside an official figure of 320: 28 times, where a factor of 4.2 is the most without a former state."""
    rows = estimates()
    factor = rows["destination"].eq("NLD").map({True: 9000 / 320, False: 1.0})
    rows = rows.assign(**{name: rows[name] * factor for name in ("median", *ENDS)}).assign(method=rows["base"])
    known = with_both_readings(rows, calibration())
    judged = with_status(known, calibration(), pd.DataFrame(columns=STOCK.names)).iloc[5]
    assert (judged["status"], judged["median"]) == ("doubtful", 9000.0)
    assert judged["lower_80"] == pytest.approx(320.0)
    assert judged["upper_80"] == pytest.approx(9000.0 * exp(LOGS[80]))
    assert (
        "the estimate is 28 times the official figure of 2020-07-01 (320), beyond a factor of 4.22" in judged["notes"]
    )
    unknown = with_both_readings(rows.assign(counted_under=""), calibration())
    assert with_status(unknown, calibration(), pd.DataFrame(columns=STOCK.names)).iloc[5]["status"] == "held_back"


def test_a_level_whose_errors_are_too_few_has_no_interval() -> None:
    wider = with_both_readings(estimates(), calibration()).iloc[5]
    assert pd.isna(wider["lower_95"])
    assert pd.isna(wider["upper_95"])


def test_women_and_men_are_as_much_less_known_as_their_total() -> None:
    wider = with_both_readings(estimates(), calibration())
    total, women = wider.iloc[5], wider.iloc[6]
    assert women["upper_80"] / women["median"] == pytest.approx(total["upper_80"] / total["median"])
    assert women["lower_80"] == pytest.approx(0.9 * 160.0)


def test_an_interval_that_reaches_farther_stays() -> None:
    rows = estimates().assign(upper_80=99_000.0)
    assert with_both_readings(rows, calibration())["upper_80"].eq(99_000.0).all()


def test_no_other_row_is_touched() -> None:
    rows = estimates()
    wider = with_both_readings(rows, calibration())
    pd.testing.assert_frame_equal(wider.iloc[:5][list(rows)], rows.iloc[:5])


def test_it_is_doubtful_and_says_why_and_what_stands_beside() -> None:
    rows = with_both_readings(estimates(figures="Yugoslavia 42 (its citizens, eurostat, 2020-01-01)"), calibration())
    judged = with_status(rows.assign(method=rows["base"]), calibration(), pd.DataFrame(columns=STOCK.names))
    assert judged["status"].tolist() == ["provisional"] * 5 + ["doubtful"] * 3
    assert (
        judged["notes"]
        .iloc[5]
        .startswith(
            "doubtful: the audience says 28 times what peers show, and the office counts people under Yugoslavia "
            "(beside it: Yugoslavia 42 (its citizens, eurostat, 2020-01-01))"
        )
    )


@pytest.mark.parametrize(("audience", "times", "wider"), [(4500.0, "28", True), (640.0, "4", False)])
def test_without_an_office_a_note_says_what_may_be_and_the_interval_is_wider_where_the_audience_is_plain(
    audience: float, times: str, *, wider: bool
) -> None:
    rows = estimates(under="", audience=audience)
    noted = with_both_readings(rows, calibration())
    text = f"the audience says {times} times what peers show: people may be counted under"
    assert noted["notes"].tolist() == [""] * 5 + [f"{text} Serbia and Montenegro or Yugoslavia"] + [""] * 2
    assert noted["under_former"].eq("").all()
    assert noted["upper_80"].gt(rows["upper_80"]).tolist() == [False] * 5 + [wider] * 3
    if wider:
        assert noted["upper_80"].iloc[5] == pytest.approx(rows["alone"].iloc[5])


def test_an_office_alone_says_nothing_where_the_audience_agrees() -> None:
    rows = estimates(audience=170.0)
    quiet = with_both_readings(rows, calibration())
    assert set(quiet["notes"]) == set(quiet["under_former"]) == {""}
    pd.testing.assert_frame_equal(quiet[ENDS], rows[ENDS])


def test_without_a_method_of_the_audience_alone_it_is_doubtful_as_wide_as_it_was() -> None:
    rows = estimates()
    marked = with_both_readings(
        rows, calibration(methods={"carry_forward": CarryForward()}, ranking=("carry_forward",))
    )
    assert marked["under_former"].ne("").tolist() == [False] * 5 + [True] + [False] * 2
    pd.testing.assert_frame_equal(marked[ENDS], rows[ENDS])


def test_narrow_intervals_of_women_and_men_stay_inside_wide_ones() -> None:
    rows = estimates(under="")
    dutch, both = rows["destination"] == "NLD", rows["sex"] == "all"
    for level, of_both, of_one in ((50, 1.02, 1.3), (80, 1.5, 1.4), (95, 2.0, 1.5)):
        half = both.map({True: of_both, False: of_one})
        rows[f"lower_{level}"], rows[f"upper_{level}"] = rows["median"] / half, rows["median"] * half
    wider = with_both_readings(rows, calibration())[dutch]
    assert (wider["upper_80"] > 1.5 * wider["median"]).all()
    assert (wider["upper_50"] <= wider["upper_80"]).all()
    assert (wider["lower_50"] >= wider["lower_80"]).all()
