from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
import pytest

from smstock.calibrate.calibration import Calibration
from smstock.calibrate.learnt import Score
from smstock.calibrate.register import HORIZONS, PastScore, Register
from smstock.calibrate.register_choice import learn_registers
from smstock.corridors.table import corridors
from smstock.errors import InputError
from smstock.evaluate.archive import Archive
from smstock.models.baselines import CarryForward, RawAudience
from smstock.models.conformal import HalfWidth, HalfWidths
from smstock.models.loglinear import LogRatio
from smstock.models.methods import SERIES
from smstock.models.stack import Stack
from smstock.models.trend import Trend
from smstock.nowcast.estimate import estimate
from smstock.nowcast.explanation import Explanation, IntervalOrigin, explain
from smstock.report import wording
from smstock.report.explanation import as_plain, in_words, picture

WAVE, DATE = "2018-06", "2018-06-15"
PLACES = ("AUT", "BEL", "CHE", "DEU", "ESP", "FRA", "ITA", "NLD")


def stock(first: int = 2012) -> pd.DataFrame:
    """Return yearly figures of Romanians in seven countries, growing by 10 %, and a single old one in the eighth."""
    fixed = {"provider": "eurostat", "dataset": "d", "edition": "e", "concept": "birth", "origin": "ROU", "sex": "all"}
    rows = [
        fixed
        | {
            "destination": place,
            "reference_date": f"{year}-01-01",
            "value": 1000.0 * (place_number + 1) * 1.1 ** (year - 2012),
        }
        for place_number, place in enumerate(PLACES)
        for year in range(first, 2018)
        if place != "NLD" or year == 2012
    ]
    return pd.DataFrame(rows).assign(age_min=15, age_max=64, flags="", retrieved_at="")


def audience() -> pd.DataFrame:
    """Return one wave; Swiss audiences are below the floor, and so are those of a country without a figure."""
    rows = [
        {
            "destination": place,
            "value": None if place in ("CHE", "GRC") else 900.0 * (number + 1),
            "status": "floored" if place in ("CHE", "GRC") else "observed",
        }
        for number, place in enumerate([*PLACES, "GRC"])
    ]
    return pd.DataFrame(rows).assign(
        platform="meta",
        metric="mau",
        wave=WAVE,
        asked_at="",
        origin="ROU",
        origin_basis="lived_in",
        sex="all",
        age_min=15,
        age_max=64,
        education="",
        dimension="",
        category="",
        relationship="",
        location_basis="home",
        placements="all",
        lower=0.0,
        upper=1000.0,
        request_key="",
        api_version="",
    )


def calibration() -> Calibration:
    half_widths = HalfWidths(
        tuple(HalfWidth("all", level, "all", log) for level, log in ((50, 0.1), (80, 0.2), (95, 0.3)))
    )
    errors = {"log_ratio": 0.3, "carry_forward": 0.4, "raw_audience": 0.9}
    return Calibration(
        name="eu",
        query="q",
        wave=WAVE,
        provider="eurostat",
        edition="e",
        concepts=("birth",),
        target_date="2017-01-01",
        methods={
            "log_ratio": LogRatio(slope=0.25, lag=1.0),
            "carry_forward": CarryForward(),
            "raw_audience": RawAudience(),
        },
        scores=tuple(Score(name, "all", 31, error) for name, error in errors.items()),
        half_widths=dict.fromkeys(errors, half_widths),
        ranking=("log_ratio", "carry_forward", "raw_audience"),
        sex_sources=("official_last", "audience"),
        lag=1.0,
        cells=31,
        inputs={},
        versions={},
        seed=1,
    )


@cache
def explained(destination: str, *, registers: bool = False) -> Explanation:
    """Return what the tests only read, made once for all of them."""
    figures = stock(2008 if registers else 2012)
    table = corridors(audience(), figures, target_date=DATE, known_until=DATE, benchmark=False)
    series = Archive(official=figures, audiences=audience())
    learnt = calibration()
    if registers:
        # the last method of series is fitted anew at each date
        learnt = replace(learnt, registers=learn_registers(series, DATE, methods=SERIES[:-1]))
    estimates = estimate(table, learnt, series, wave=WAVE, date=DATE, stock=figures)
    return explain(
        destination,
        "ROU",
        corridors=table,
        estimates=estimates,
        calibration=learnt,
        stock=figures,
        audiences=audience(),
    )


def test_every_source_method_and_weight_of_a_corridor_is_there() -> None:
    explanation = explained("ITA")
    assert explanation.figures["value"].tolist() == pytest.approx([7000 * 1.1**year for year in range(6)])
    assert explanation.estimate["regime"] == "register"
    assert explanation.methods["method"].tolist() == ["log_ratio", "carry_forward", "raw_audience"]
    assert explanation.methods["reason"].tolist() == ["used", "ranked lower", "ranked lower"]
    # log ratio moves a quarter of the way from the last figure to the audience
    assert explanation.pulls.set_index("input")["elasticity"].to_dict() == {"official_last": 0.75, "audience": 0.25}
    assert explanation.interval.shown == pytest.approx(0.2)


def test_a_register_is_explained_by_what_continued_it() -> None:
    explanation = explained("ITA", registers=True)
    first = explanation.methods.iloc[0]
    assert first["used"]
    assert first["reason"] == "used: continues the register"
    assert explanation.methods["used"].sum() == 1
    assert first["estimate"] == explanation.estimate["median"] == pytest.approx(7000 * 1.1**6.45, rel=0.05)
    text = in_words(explanation)
    assert f"{explanation.interval.errors} past figures, each estimated from those 2 years older" in text


def test_figures_of_a_former_state_stand_beside_those_of_the_corridor() -> None:
    explanation, beside = explained("ITA"), "Yugoslavia 42 (its citizens, eurostat, 2020-01-01)"
    assert "former state" not in in_words(explanation)
    known = replace(explanation, corridor=explanation.corridor | {"former_figures": beside})
    assert f"of the former state, in no figure above: {beside}" in in_words(known)


def test_the_model_over_time_expects_the_trend_to_go_on() -> None:
    over_time = explained("ITA").over_time
    last = over_time.iloc[-1]
    assert last["date"] == DATE
    assert last["value"] == pytest.approx(7000 * 1.1 ** (2018.45 - 2012), rel=0.04)
    figures = over_time[over_time["source"] == "eurostat"]
    assert figures["expected"].isna().tolist() == [True] + [False] * 5
    assert abs(figures["moved"].iloc[-1]) < abs(figures["moved"].iloc[1])


def over_time_of(figures: pd.DataFrame) -> Explanation:
    """Return the explanation of Italy whose model over time heard some figures."""
    table = corridors(audience(), stock(), target_date=DATE, known_until=DATE, benchmark=False)
    estimates = estimate(table, calibration(), Archive(stock(), audience()), wave=WAVE, date=DATE, stock=stock())
    sources: dict[str, Any] = {
        "corridors": table,
        "estimates": estimates,
        "calibration": calibration(),
        "audiences": audience(),
    }
    return explain("ITA", "ROU", stock=figures, **sources)


def test_what_is_expected_of_a_figure_is_what_was_expected_before_it() -> None:
    """In 2016 every figure is 30 % above its trend of 10 % a year: what they share was not expected of any of them."""
    figures = stock()
    later = figures["reference_date"] >= "2016"
    over_time = over_time_of(figures.assign(value=figures["value"].where(~later, 1.3 * figures["value"]))).over_time
    official = over_time[over_time["source"] == "eurostat"].set_index("date")
    jump = official.loc["2016-01-01"]
    assert jump["expected"] == pytest.approx(7000 * 1.1**4, rel=0.04)
    assert jump["moved"] == pytest.approx(np.log(jump["value"] / jump["expected"]), abs=0.02)
    surprise = pd.Series(np.log(official["value"] / official["expected"])).dropna()
    assert (np.sign(surprise) == np.sign(official["moved"].dropna().reindex(surprise.index))).all()


def test_a_source_beside_the_main_one_is_expected_in_its_own_terms() -> None:
    """A second office counts 30 % more than the first in seven countries, year after year."""
    figures = stock()
    second = figures[figures["reference_date"] >= "2014"].assign(
        provider="undesa", value=lambda rows: 1.3 * rows["value"]
    )
    explanation = over_time_of(pd.concat([figures, second], ignore_index=True))
    rows = explanation.over_time[explanation.over_time["source"] == "undesa"]
    assert explanation.scale == "eurostat"
    assert np.exp(rows["offset"].iloc[-1]) == pytest.approx(1.3, rel=0.05)
    assert rows["expected"].iloc[-1] == pytest.approx(1.3 * 7000 * 1.1**5, rel=0.05)
    assert "the model follows Eurostat: figures of UN DESA are taken to lie +" in in_words(explanation)


def test_the_words_hold_the_numbers() -> None:
    text = in_words(explained("ITA"))
    assert "People from Romania in Italy, 15 June 2018" in text
    assert "Regime: register; 6 official figures, every 1.0 years" in text
    assert "11,274 persons" in text
    assert "+0.75 % for 1 % more" in text
    assert "from errors on 31 corridors" in text


def test_what_correcting_for_users_would_do_is_said() -> None:
    explanation = explained("ITA")
    assert "no penetration and no sexes are known" in in_words(explanation)
    rows = [("official_last", np.nan, False), ("audience", 0.9, False), ("users", 1.2, False)]
    sexes = pd.DataFrame([*rows, ("corrected", 0.75, True), ("equal", 1.0, False)], columns=["source", "ratio", "used"])
    divided = {"method": "penetration", "estimate": 12_600.0, "rmsle": 1.1, "used": False, "reason": "ranked lower"}
    corridor = explanation.corridor | {"penetration_destination": 0.6, "penetration_origin": 0.4}
    methods = pd.concat([explanation.methods, pd.DataFrame([divided])])
    text = in_words(replace(explanation, sexes=sexes, corridor=corridor, methods=methods))
    assert "users of the platform: 60 % of the persons at the destination and 40 % of the persons at the origin" in text
    assert "dividing the audience by that: 12,600, 2.00 times it (not used, RMSLE 1.100)" in text
    assert "women per man in the audience 0.90; there, a woman is 1.20 times as likely as a man to be a user" in text
    assert "women per man in the estimate 0.75, from: audience corrected for the platform's users" in text


def test_an_old_figure_without_a_series_is_stale_and_says_so() -> None:
    text = in_words(explained("NLD"))
    assert "Regime: stale; one official figure, of 2012-01-01, 6.5 years old" in text


def test_a_corridor_below_the_floor_gets_no_confident_number() -> None:
    text = in_words(explained("GRC"))
    assert "fewer than" in text
    assert "Regime: none; no official figure" in text
    assert "lacks audience and last official figure" in text
    assert "age of its last official figure" not in text
    assert "no model over time: the corridor has no official figure" in text


def test_a_stack_says_what_its_members_lack() -> None:
    learnt, figures = calibration(), stock()
    stacked = Stack({"log_ratio": 0.6, "trend": 0.4}, {"log_ratio": learnt.methods["log_ratio"], "trend": Trend()})
    learnt = replace(learnt, methods=learnt.methods | {"stack": stacked}, ranking=("stack", *learnt.ranking))
    table = corridors(audience(), figures, target_date=DATE, known_until=DATE, benchmark=False)
    series = Archive(official=figures, audiences=audience())
    estimates = estimate(table, learnt, series, wave=WAVE, date=DATE, stock=figures)
    sources: dict[str, Any] = {"calibration": learnt, "stock": figures, "audiences": audience()}
    explanation = explain("GRC", "ROU", corridors=table, estimates=estimates, **sources)
    assert explanation.methods["reason"].iloc[0] == "lacks audience, official_last, official_growth"
    assert "lacks audience, last official figure and official growth" in in_words(explanation)


def test_an_unknown_corridor_is_named_with_those_there_are() -> None:
    with pytest.raises(InputError, match="holds no corridor ROU:USA") as caught:
        explained("USA")
    assert "AUT, BEL" in caught.value.allowed


@pytest.mark.parametrize("destination", ["ITA", "GRC"])
def test_the_picture_is_a_png(destination: str) -> None:
    assert picture(explained(destination))[:8] == b"\x89PNG\r\n\x1a\n"


def test_plain_values_hold_no_number_that_is_none() -> None:
    plain = as_plain(explained("GRC"))
    assert plain["estimate"]["median"] is None
    assert plain["methods"][0] == {
        "method": "log_ratio",
        "estimate": None,
        "rmsle": 0.3,
        "used": False,
        "reason": "lacks audience, official_last",
    }
    assert not [value for value in plain["estimate"].values() if isinstance(value, float) and np.isnan(value)]


def test_an_estimate_of_the_model_over_time_is_what_its_series_ends_in() -> None:
    scores = (PastScore("fusion", 0.1, 1.0), PastScore("carry_forward", 0.2, 1.0))
    registers = tuple(Register(years, "fusion", "as tested", 0.1, 90, 3, scores) for years in HORIZONS)
    figures = stock(2010)
    table = corridors(audience(), figures, target_date=DATE, known_until=DATE, benchmark=False)
    series, learnt = Archive(official=figures, audiences=audience()), replace(calibration(), registers=registers)
    estimates = estimate(table, learnt, series, wave=WAVE, date=DATE, stock=figures)
    sources: dict[str, Any] = {"corridors": table, "calibration": learnt, "stock": figures, "audiences": audience()}
    explanation = explain("ITA", "ROU", estimates=estimates, **sources)
    assert explanation.estimate["method"] == "fusion"
    assert explanation.over_time["value"].iloc[-1] == pytest.approx(explanation.estimate["median"], rel=1e-6)
    text = in_words(explanation)
    assert f"expects {wording.persons(explanation.estimate['median'])} persons: the estimate" in text
    assert "no method estimates this corridor" not in text
    assert "the official series, which fusion continues" in text


def test_a_source_is_compared_with_the_estimate_in_percent_or_in_times() -> None:
    explanation = explained("ITA")
    figures = pd.DataFrame({"reference_date": "2017-01-01", "source": "eurostat", "value": [100.0, 160.0, 2e4, 160.4]})
    corridor = explanation.corridor | {"audience": 40.0}
    changed = replace(
        explanation, figures=figures, corridor=corridor, estimate=explanation.estimate | {"median": 160.0}
    )
    text = in_words(changed)
    for words in ("60 % above it", "as much", "0.008 times it", "the estimate is 4 times it"):
        assert words in text


def test_age_narrows_the_interval_of_a_corridor_with_a_figure_only() -> None:
    interval = IntervalOrigin(learnt=0.5, shown=0.2, errors=31, years=0)
    of_figure = in_words(replace(explained("ITA"), interval=interval))
    assert "for this one by its size, and by the age of its last official figure" in of_figure
    alone = replace(explained("ITA"), interval=interval)
    without = in_words(replace(alone, corridor=alone.corridor | {"official_last": float("nan")}))
    assert "for this one by its size\n" in without


def test_the_parts_of_a_level_model_are_shown_the_largest_first() -> None:
    parts = pd.DataFrame(
        [
            ("typical corridor", 8000.0),
            ("penetration_destination", 0.1),
            ("origin", 0.5),
            ("share_age_45_54", 0.8),
            ("destination", 1.05),
        ],
        columns=["part", "factor"],
    )
    made = replace(explained("ITA"), parts=parts)
    assert "in a typical corridor with this last figure this audience would mean 8,000 persons" in in_words(made)
    text = in_words(replace(made, pulls=made.pulls[made.pulls["input"] != "official_last"]))
    assert "in a typical corridor this audience would mean 8,000 persons" in text
    ages = f"45{wording.DASH}54"
    assert f"times: penetration at the destination 0.10, origin 0.50, share age {ages} 0.80\n" in text
    assert explained("ITA").parts.empty
