from __future__ import annotations

from dataclasses import replace
from functools import cache
from math import log

import numpy as np
import pandas as pd
import pytest

from smstock.calibrate.register import Register, half_width_at
from smstock.calibrate.register_choice import (
    CHOICES,
    COMPARABLE,
    OF_DATES,
    _past,
    _skill_of_choosing,
    _Trial,
    learn_registers,
)
from smstock.corridors.table import corridors
from smstock.evaluate.archive import Archive
from smstock.models.baselines import CarryForward
from smstock.models.methods import SERIES
from smstock.models.trend import Trend
from smstock.nowcast.continuation import continued

PLACES = ("AUT", "BEL", "CHE", "DEU", "DNK", "ESP")
ORIGINS = ("BGR", "HRV", "HUN", "POL", "ROU", "SRB")
NO_WAVES = pd.DataFrame(
    columns=[
        *("destination", "origin", "sex", "wave", "metric", "asked_at", "age_min", "age_max", "education"),
        *("relationship", "dimension", "value", "lower", "upper", "status"),
    ]
)
DATE = "2018-01-01"
QUICK = SERIES[:-1]
"""Without the model over time, which is fitted anew at each date."""


def series(years: range, *, growth: float, noise: float, seed: int = 1, every: int = 1) -> pd.DataFrame:
    """Return figures of 36 corridors, by sex, that grow alike or wander; women are 40 %."""
    rng = np.random.default_rng(seed)
    rows = []
    for destination in PLACES:
        for origin in ORIGINS:
            level = rng.uniform(log(500), log(50_000))
            for year in years:
                if (year - years.start) % every == 0:
                    for sex, share in (("all", 1.0), ("female", 0.4), ("male", 0.6)):
                        rows.append((destination, origin, sex, f"{year}-01-01", share * np.exp(level)))
                level += growth + noise * rng.standard_normal()
    table = pd.DataFrame(rows, columns=["destination", "origin", "sex", "reference_date", "value"])
    fixed = {"provider": "eurostat", "dataset": "d", "edition": "e", "concept": "birth", "flags": ""}
    return table.assign(**fixed, age_min=0, age_max=None, retrieved_at="")


@cache
def wandering() -> dict[int, Register]:
    """Return what registers of random walks teach; learnt once for every test that looks at it."""
    return learnt(series(range(2008, 2019), growth=0.0, noise=0.1))


@cache
def steady() -> dict[int, Register]:
    """Return what registers that all grow by 8 % a year teach."""
    return learnt(growing())


def growing() -> pd.DataFrame:
    return series(range(2011, 2019), growth=0.08, noise=0.0)


def learnt(stock: pd.DataFrame, date: str = DATE) -> dict[int, Register]:
    registers = learn_registers(Archive(official=stock, audiences=NO_WAVES), date, methods=QUICK)
    return {register.horizon: register for register in registers}


def test_a_steady_growth_is_continued_and_a_random_walk_carried_forward() -> None:
    assert sorted(steady()) == [1, 2, 3]
    assert all(register.method != "carry_forward" for register in steady().values())
    assert steady()[1].skill == pytest.approx(1, abs=0.1)
    carried = wandering()[1]
    assert carried.method == "carry_forward"
    assert carried.reason.startswith("carried forward: ")
    assert carried.cells == 180
    assert carried.dates == 5


def test_figures_that_never_change_are_carried_forward_and_no_number_is_infinite() -> None:
    registers = learnt(series(range(2011, 2019), growth=0.0, noise=0.0))
    assert {register.method for register in registers.values()} == {"carry_forward"}
    assert [register.score("carry_forward").rmsle for register in registers.values()] == [0.0] * len(registers)
    assert not [register.reason for register in registers.values() if "inf" in register.reason]


def test_the_reason_says_what_was_measured_and_on_which_dates() -> None:
    register = steady()[2]
    own, carried = register.score(register.method), register.score("carry_forward")
    assert register.reason.startswith(
        f"RMSLE {own.rmsle:.3f}, carried forward {carried.rmsle:.3f}, on 144 past figures (2015 to 2018), less at 4 of 4"
        f" dates; wMAPE {own.wmape:.1f}, {carried.wmape:.1f}; drawn towards "
    )
    assert register.reason.endswith("less at 100% of the dates")


def test_one_date_without_any_choice_lets_nothing_pass_that_loses_on_it() -> None:
    """With one date there is no date of choice, and so no skill of choosing anew: the method itself is judged."""
    stock = series(range(2015, 2019), growth=0.05, noise=0.0)
    turned = stock.assign(value=stock["value"].where(stock["reference_date"] < DATE, stock["value"] * np.exp(-0.2)))
    steady_on, fallen = (
        learn_registers(Archive(official=figures, audiences=NO_WAVES), DATE, methods=(CarryForward, Trend))[0]
        for figures in (stock, turned)
    )
    assert steady_on.dates == fallen.dates == 1
    assert steady_on.skill is None
    assert steady_on.method == "trend"
    assert fallen.method == "carry_forward"
    assert fallen.reason.startswith("carried forward: nothing was better, trend came nearest: RMSLE 0.200, carried ")


def test_a_method_that_wins_on_too_few_dates_is_not_kept() -> None:
    """Growth that turns at two dates of four: a trend overshoots on these, however well it does on the others."""
    rates = {2013: 0.3, 2014: 0.3, 2015: 0.3, 2016: 0.3, 2017: 0.0, 2018: 0.0}
    stock = series(range(2012, 2019), growth=0.0, noise=0.0)
    level = stock["reference_date"].str[:4].astype(int).map(lambda year: sum(r for y, r in rates.items() if y <= year))
    trial = _trial(stock.assign(value=stock["value"] * np.exp(level)), years=1)
    assert trial.dates == 4
    assert trial.against["won"].to_dict()["trend"] < OF_DATES
    assert learnt(stock.assign(value=stock["value"] * np.exp(level)))[1].method != "trend"


def test_comparable_registers_count_as_three_dates() -> None:
    """By hand: two own dates beside one of another age and four beside: (2 own + 3 (1 a + 4 b) / 5) / (2 + 3)."""
    own, age, beside = (
        _Trial(
            pd.DataFrame({"carry_forward": 0.1, "trend": 0.1 * np.exp(logs)}, index=range(len(logs))),
            pd.DataFrame({"carry_forward": 4.0, "trend": 4.0 * np.exp(-1)}, index=range(len(logs))),
            *(pd.Series(50.0, index=range(len(logs))) for _ in range(2)),
        )
        for logs in (np.array([0.2, -0.1]), np.array([-0.2]), np.array([-0.3, -0.3, -0.3, 0.1]))
    )
    drawn = own.judged([age, beside]).loc["trend"]
    pooled = [0.5 * log(np.mean(np.exp(2 * np.array(logs)))) for logs in ([0.2, -0.1], [-0.3, -0.3, -0.3, 0.1])]
    assert COMPARABLE == 3
    assert drawn["rmsle"] == pytest.approx((2 * pooled[0] + 3 * (-0.2 + 4 * pooled[1]) / 5) / 5)
    assert drawn["won"] == pytest.approx((2 * 0.5 + 3 * (1.0 + 4 * 0.75) / 5) / 5)
    assert drawn["wmape"] == pytest.approx(-1.0)
    # one comparable date is worth no more than it is
    assert own.judged([age]).loc["trend", "rmsle"] == pytest.approx((2 * pooled[0] - 0.2) / 3)


def test_corridors_that_were_not_asked_for_steady_the_choice() -> None:
    """Few own figures at two dates, of which one spoils the trend; 36 series beside them grow as steadily as can be."""
    stock = series(range(2014, 2019), growth=0.08, noise=0.0, seed=2)
    asked_for = stock[stock["destination"].isin(PLACES[:3])]
    newest = asked_for["reference_date"] == DATE
    asked_for = asked_for.assign(value=asked_for["value"].where(~newest, asked_for["value"] * np.exp(-0.05)))
    evidence = Archive(official=asked_for, audiences=NO_WAVES)
    beside = series(range(2011, 2019), growth=0.08, noise=0.01, seed=3).assign(origin=lambda rows: "X" + rows["origin"])
    alone, steadied = (
        learn_registers(evidence, DATE, beside=figures, methods=QUICK, horizons=(1,))[0] for figures in (None, beside)
    )
    assert alone.method == "carry_forward"
    assert steadied.method != "carry_forward"
    assert "comparable registers" in steadied.reason
    # they steady the choice and are not among the errors
    assert alone.cells == steadied.cells == 36


def test_choosing_anew_counts_from_three_dates_of_choice_on() -> None:
    """The trend wins at every date but the last: of five choices each takes it, and the last one loses by it."""
    days = [f"{year}-01-01" for year in range(2012, 2019)]
    ones = pd.Series(1.0, index=days)
    errors = pd.DataFrame({"carry_forward": 0.2, "trend": [0.1] * 6 + [0.9]}, index=days)
    skill, choices = _skill_of_choosing(_Trial(errors, errors, ones, ones), 2)
    assert choices == 5 >= CHOICES
    assert skill == pytest.approx(1 - ((4 * 0.1**2 + 0.9**2) / (5 * 0.2**2)) ** 0.5)
    assert _skill_of_choosing(_Trial(errors[:2], errors[:2], ones[:2], ones[:2]), 2)[1] == 0


def test_errors_of_a_random_walk_are_its_steps_and_grow_with_the_age_of_the_figure() -> None:
    registers = wandering()
    half = {years: register.half_widths.at("all", 80) for years, register in registers.items()}
    assert half[1] == pytest.approx(1.2816 * 0.1, rel=0.25)
    assert half[1] < half[2] < half[3]
    # women are a fixed share here, so their errors are those of the total
    assert registers[1].half_widths.at("sex", 80) == pytest.approx(half[1], rel=1e-6)
    between = half_width_at(1.5, registers[2], registers[1], ("all", 80, "all"))
    assert between == pytest.approx((half[1] + half[2]) / 2)
    assert half_width_at(0.25, registers[1], None, ("all", 80, "all")) == pytest.approx(half[1] / 2)


def _trial(stock: pd.DataFrame, years: int) -> _Trial:
    errors = _past(Archive(official=stock, audiences=NO_WAVES), QUICK, years)
    assert errors is not None
    return _Trial.of(errors[~errors["short"]])


def test_nothing_later_than_the_date_teaches() -> None:
    stock = series(range(2011, 2019), growth=0.05, noise=0.05)
    late = stock.assign(value=stock["value"].where(stock["reference_date"] <= "2016-01-01", 1.0))
    registers = learnt(stock, "2016-01-01")
    assert len(registers) > 0
    assert registers == learnt(late, "2016-01-01")


@pytest.mark.parametrize("years", [range(2016, 2019), range(2017, 2018)])
def test_too_short_a_series_teaches_nothing(years: range) -> None:
    assert learnt(series(years, growth=0.05, noise=0.05)) == {}


def test_figures_every_five_years_are_no_register() -> None:
    assert learnt(series(range(1990, 2019), growth=0.05, noise=0.05, every=5)) == {}


def test_a_register_is_continued_to_the_day_by_its_method() -> None:
    stock = growing()
    evidence = Archive(official=stock, audiences=NO_WAVES)
    table = corridors(asked(), stock, target_date="2018-10-15", known_until="2018-10-15", benchmark=False)
    registers = list(steady().values())
    estimates = continued(evidence, table, registers, "2018-10-15")
    assert set(estimates["horizon"]) == {1}
    last = stock[(stock["reference_date"] == DATE) & (stock["sex"] == "all")].set_index(["destination", "origin"])
    ratio = estimates.set_index(["destination", "origin"])["estimate"] / last["value"]
    assert ratio.to_numpy() == pytest.approx(np.exp(0.08 * 287 / 365.25), rel=0.01)
    # a corridor whose horizon was not tested is left to the other methods
    assert continued(evidence, table, registers[2:], "2018-10-15").empty


def test_the_model_over_time_is_among_the_methods() -> None:
    stock = series(range(2013, 2019), growth=0.05, noise=0.02)
    evidence = Archive(official=stock, audiences=NO_WAVES)
    register = learn_registers(evidence, DATE)[0]
    assert register.score("fusion").rmsle < register.score("carry_forward").rmsle
    table = corridors(asked(), stock, target_date="2018-10-15", known_until="2018-10-15", benchmark=False)
    fused = continued(evidence, table, [replace(register, method="fusion")], "2018-10-15")
    last = stock[(stock["reference_date"] == DATE) & (stock["sex"] == "all")].set_index(["destination", "origin"])
    ratio = fused.set_index(["destination", "origin"])["estimate"] / last["value"]
    assert np.log(ratio).mean() == pytest.approx(0.05 * 287 / 365.25, rel=0.5)


def asked() -> pd.DataFrame:
    pairs = pd.DataFrame([(place, origin) for place in PLACES for origin in ORIGINS], columns=["destination", "origin"])
    pairs = pairs.assign(sex="all", age_min=18, age_max=None, education="", relationship="", dimension="", asked_at="")
    return pairs.assign(value=None, lower=0.0, upper=1000.0, status="floored", metric="mau", wave="2018-10")
