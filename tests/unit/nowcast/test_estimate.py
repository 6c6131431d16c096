from __future__ import annotations

import json
from dataclasses import replace
from math import exp, log, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest

from smstock.calibrate.calibration import FORMAT, Calibration
from smstock.calibrate.common_error import CommonError
from smstock.calibrate.learnt import Score
from smstock.calibrate.register import PastScore, Register
from smstock.corridors.regimes import DAMPING, regimes
from smstock.errors import ContractError
from smstock.models.baselines import CarryForward, ConstantRatio
from smstock.models.conformal import HalfWidth, HalfWidths
from smstock.models.hierarchical import HierarchicalGravity
from smstock.models.loglinear import LogRatio
from smstock.models.stack import Stack
from smstock.models.trend import Trend
from smstock.nowcast.estimate import combined
from smstock.provenance import canonical_json, text_hash

if TYPE_CHECKING:
    from collections.abc import Callable

    from smstock.corridors.sexes import Kind
    from smstock.models.base import Method


def half_widths(**logs: dict[int, float]) -> HalfWidths:
    kinds: tuple[Kind, ...] = ("all", "sex")
    return HalfWidths(
        tuple(HalfWidth(kind, level, "all", log) for kind in kinds for level, log in logs.get(kind, {}).items())
    )


HALF_WIDTHS = half_widths(all={50: 0.2, 80: 0.4}, sex={50: 0.3, 80: 0.5})
METHODS: dict[str, Method] = {
    "log_ratio": LogRatio(intercept=0.0, slope=0.5, lag=5.0),
    "carry_forward": CarryForward(),
    "constant_ratio": ConstantRatio(ratio=2.0),
}
CALIBRATION = Calibration(
    name="c", query="q", wave="2020-10", provider="p", edition="1", concepts=("birth",), target_date="2020-07-01",
    methods=METHODS,
    scores=(
        Score("log_ratio", "all", 30, 0.3), Score("carry_forward", "all", 30, 0.4), Score("constant_ratio", "all", 30, 1.2)
    ),
    half_widths=dict.fromkeys(METHODS, HALF_WIDTHS),
    ranking=("log_ratio", "carry_forward", "constant_ratio"), sex_sources=("official_last", "corrected", "audience", "equal"),
    lag=5.0, cells=30, destinations=30, inputs={}, versions={}, seed=1,
)  # fmt: skip


def corridor(
    destination: str, audience: float | None, last: float | None, *, lag: float = 5.0, status: str = ""
) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    for sex, share in (("all", 1.0), ("female", 0.6), ("male", 0.4)):
        rows.append(
            {
                "destination": destination,
                "origin": "SRB",
                "sex": sex,
                "audience": None if audience is None else audience * share,
                "audience_upper": 1000.0 if audience is None else audience * share,
                "audience_status": status or ("observed" if audience else "floored"),
                "official_last": None if last is None else last * share,
                "official_last_date": "2015-07-01" if last else "",
                "official_concept": "birth" if last else "",
                "lag": lag if last else None,
                "penetration_destination": None,
                "penetration_origin": None,
                "stock": None,
            }
        )
    return rows


def nowcast(*corridors: list[dict[str, object]]) -> pd.DataFrame:
    table = pd.DataFrame([row for rows in corridors for row in rows])
    numbers = [
        "audience",
        "audience_upper",
        "official_last",
        "lag",
        "penetration_destination",
        "penetration_origin",
        "stock",
    ]
    table[numbers] = table[numbers].astype("float64")
    return estimated(table, CALIBRATION)


def test_a_country_with_itself_has_no_estimate_and_says_why() -> None:
    own = [row | {"audience_upper": None} for row in corridor("SRB", None, None, status="own_country")]
    table = nowcast(corridor("AUT", 60_000.0, 140_000.0), own)
    serbian = table[table["destination"] == "SRB"]
    assert table.loc[table["destination"] == "AUT", "median"].gt(0).all()
    assert serbian[["median", "lower_80", "upper_80"]].isna().all(axis=None)
    assert serbian["reason"].str.startswith("the destination is the origin").all()
    assert serbian["notes"].str.contains("no migrant").all()


def figures(table: pd.DataFrame) -> pd.DataFrame:
    known = table[(table["sex"] == "all") & table["official_last"].notna()]
    return known.rename(columns={"official_last": "value", "official_last_date": "reference_date"})


NO_WAVES = pd.DataFrame(columns=["destination", "origin", "date", "value"])
NO_REGISTERS = pd.DataFrame(columns=["destination", "origin", "estimate", "horizon"])


def estimated(
    table: pd.DataFrame,
    calibration: Calibration,
    *,
    evidence: pd.DataFrame | None = None,
    continued: pd.DataFrame = NO_REGISTERS,
) -> pd.DataFrame:
    known = regimes(figures(table), NO_WAVES, "2020-10-15") if evidence is None else evidence
    return combined(
        table, calibration, wave="2020-10", reference_date="2020-10-15", evidence=known, continued=continued
    )


def total(table: pd.DataFrame, destination: str) -> pd.Series:
    return table[(table["destination"] == destination) & (table["sex"] == "all")].iloc[0]


def test_each_corridor_gets_the_best_method_it_has_the_data_for() -> None:
    table = nowcast(
        corridor("AUT", 4000, 1000),
        corridor("DEU", None, 500),
        corridor("ITA", 3000, None),
        corridor("ISL", None, None),
    )
    assert total(table, "AUT")[["method", "median", "regime"]].tolist() == [
        "log_ratio",
        pytest.approx(2000),
        "stale",
    ]
    assert total(table, "DEU")[["method", "median", "regime"]].tolist() == ["carry_forward", 500, "stale"]
    assert total(table, "ITA")[["method", "median", "regime"]].tolist() == ["constant_ratio", 6000, "none"]
    assert total(table, "ISL")["regime"] == "none"


def test_below_the_floor_there_is_no_median_only_fewer_than() -> None:
    row = total(nowcast(corridor("ISL", None, None)), "ISL")
    assert np.isnan(row["median"])
    assert row["lower_80"] == 0
    assert row["upper_80"] == pytest.approx(2000 * exp(0.4))
    assert "fewer than 1,000 accounts" in row["notes"]


def test_fewer_than_is_never_fewer_than_the_floor() -> None:
    steep = replace(CALIBRATION, methods=CALIBRATION.methods | {"constant_ratio": ConstantRatio(ratio=0.01)})
    row = total(estimated(table_of(corridor("ISL", None, None)), steep), "ISL")
    assert row["upper_80"] == 1000


@pytest.mark.parametrize("status", ["failed", "not_ready", "glitch", "refused:age_rule", "quota"])
def test_where_nothing_is_known_nothing_is_said(status: str) -> None:
    rows = [{**row, "audience_upper": None} for row in corridor("ISL", None, None, status=status)]
    row = total(nowcast(corridor("AUT", 10, 10), rows), "ISL")
    assert row["regime"] == "none"
    assert row[["median", "lower_50", "upper_50", "lower_80", "upper_80"]].isna().all()
    assert status in row["notes"]


def test_sexes_add_up_and_the_split_is_the_official_one_where_there_is_one() -> None:
    table = nowcast(corridor("AUT", 4000, 1000), corridor("ITA", 3000, None))
    for destination in ("AUT", "ITA"):
        parts = table[table["destination"] == destination].set_index("sex")["median"]
        assert parts["female"] + parts["male"] == pytest.approx(parts["all"])
        assert parts["female"] / parts["all"] == pytest.approx(0.6)


def test_intervals_widen_with_the_square_root_of_the_age_of_the_figure_and_stop() -> None:
    for lag, share in ((0.0, 0.0), (1.25, sqrt(0.25)), (5.0, 1.0), (20.0, 1.0)):
        row = total(nowcast(corridor("AUT", None, 1000, lag=lag)), "AUT")
        assert row["upper_80"] == pytest.approx(1000 * exp(0.4 * share))
    assert total(nowcast(corridor("ITA", 3000, None)), "ITA")["upper_80"] == pytest.approx(6000 * exp(0.4))


def test_levels_nest_and_one_that_was_not_learnt_is_missing() -> None:
    row = total(nowcast(corridor("AUT", 4000, 1000)), "AUT")
    assert row["lower_80"] < row["lower_50"] < row["median"] < row["upper_50"] < row["upper_80"]
    assert np.isnan(row["upper_95"])


def test_women_and_men_are_known_no_better_than_their_total() -> None:
    narrow_sexes = half_widths(all={50: 0.2, 80: 0.4}, sex={50: 0.1, 80: 0.1})
    narrow = replace(CALIBRATION, half_widths=CALIBRATION.half_widths | {"log_ratio": narrow_sexes})
    found = estimated(table_of(corridor("AUT", 4000, 1000)), narrow)
    assert (found["upper_80"] / found["median"]).to_numpy() == pytest.approx(np.full(3, exp(0.4)))
    assert found["upper_95"].isna().all()


def test_a_95_percent_interval_out_of_proportion_is_left_out_and_the_row_says_so() -> None:
    """A factor of 5.8 beside one of 1.32: too few errors know so much of the tail."""
    out_of_line = half_widths(all={50: 0.1, 80: log(1.32), 95: log(5.8)})
    learnt = replace(CALIBRATION, half_widths=CALIBRATION.half_widths | {"log_ratio": out_of_line})
    row = total(estimated(table_of(corridor("AUT", 4000, 1000)), learnt), "AUT")
    assert row["upper_80"] / row["median"] == pytest.approx(1.32)
    assert row[["lower_95", "upper_95"]].isna().all()
    assert "no 95 % interval: too few errors" in row["notes"]


def test_skill_says_how_a_method_did_against_carrying_forward() -> None:
    table = nowcast(corridor("AUT", 4000, 1000), corridor("ITA", 3000, None))
    assert total(table, "AUT")["skill_vs_carry_forward"] == pytest.approx(0.25)
    assert total(table, "ITA")["skill_vs_carry_forward"] == pytest.approx(-2)


def test_sources_that_contradict_each_other_are_pointed_out() -> None:
    assert "20 times the official figure" in total(nowcast(corridor("NLD", 5000, 500)), "NLD")["notes"]
    assert "times" not in total(nowcast(corridor("AUT", 500, 500)), "AUT")["notes"]


def test_a_calibration_survives_its_file() -> None:
    stack = Stack(
        {"log_ratio": 0.5, "carry_forward": 0.5}, {name: METHODS[name] for name in ("log_ratio", "carry_forward")}
    )
    learnt = replace(WITH_REGISTERS, methods=METHODS | {"stack": stack}, common=CommonError(destination=0.4))
    again = Calibration.from_json(learnt.to_json(), "c.json")
    assert again == learnt
    assert again.id == learnt.id


def test_a_file_whose_values_are_of_another_kind_is_refused() -> None:
    content = json.loads(CALIBRATION.to_json())
    del content["sha256"]
    content["scores"][0]["rmsle"] = "small"
    text = canonical_json({**content, "sha256": text_hash(canonical_json(content))})
    with pytest.raises(ContractError, match="is no calibration of this smstock"):
        Calibration.from_json(text, "c.json")


def test_a_file_with_keys_too_many_or_too_few_is_refused() -> None:
    alterations: list[Callable[[dict[str, Any]], object]] = [
        lambda content: content.update(comment="mine"),
        lambda content: content["scores"][0].update(comment="mine"),
        lambda content: content["methods"].update(constant_ratio={}),
        lambda content: content.pop("common"),
        lambda content: content["scores"][0]["intervals"].append({"level": 81, "coverage": 1.0, "width": 1.0}),
        lambda content: content["half_widths"].update(
            trend={"measured": [{"kind": "all", "level": 81, "band": "all", "log": 1.0}]}
        ),
        lambda content: content["half_widths"].update(
            trend={"measured": [{"kind": "all", "level": 80, "band": "<7", "log": 1.0}]}
        ),
    ]
    for alter in alterations:
        content = json.loads(WITH_REGISTERS.to_json())
        del content["sha256"]
        alter(content)
        text = canonical_json({**content, "sha256": text_hash(canonical_json(content))})
        with pytest.raises(ContractError, match="is no calibration of this smstock"):
            Calibration.from_json(text, "c.json")


def test_foreign_accounts_of_another_basis_are_left_out_and_the_row_says_so() -> None:
    """The sum of a few origins asked is far below the platform's own category that was learnt from."""
    gravity = HierarchicalGravity(middle=8.0, covariates={"foreign_accounts": [1.0, -3.0, 1.0, -9.0, 9.0]})
    learnt = replace(
        CALIBRATION, methods={"hierarchical_gravity": gravity}, ranking=("hierarchical_gravity",), foreign_basis="category",
        scores=(Score("hierarchical_gravity", "all", 30, 0.5),), half_widths={},
    )  # fmt: skip
    table = table_of(corridor("ITA", 3000, None)).assign(audience_foreign=9000.0)
    usual, unlike = (
        total(estimated(table.assign(**columns), learnt), "ITA")
        for columns in (
            {"audience_foreign": None, "audience_foreign_basis": ""},
            {"audience_foreign_basis": "asked"},
        )
    )
    alike = total(estimated(table.assign(audience_foreign_basis="category"), learnt), "ITA")
    assert unlike["median"] == usual["median"] != alike["median"]
    left_out = (
        "foreign accounts left out: learnt from the platform's own category, in this wave the sum of the origins asked"
    )
    assert left_out in unlike["notes"]
    assert "foreign accounts" not in usual["notes"] + alike["notes"]


REGISTER = Register(
    horizon=1, method="damped_trend", reason="RMSLE 0.100 on 90 past figures, carried forward 0.200",
    skill=0.4, cells=90, dates=3, scores=(PastScore("damped_trend", 0.1, 2.0), PastScore("carry_forward", 0.2, 4.0)),
    half_widths=HalfWidths((
        HalfWidth("all", 50, "all", 0.02), HalfWidth("all", 80, "all", 0.05), HalfWidth("all", 80, "1,000-9,999", 0.04),
        HalfWidth("all", 95, "all", 0.03), HalfWidth("sex", 80, "all", 0.06),
    )),
)  # fmt: skip
WITH_REGISTERS = replace(CALIBRATION, registers=(REGISTER,))


def continued(destination: str, estimate: float) -> pd.DataFrame:
    return pd.DataFrame({"destination": [destination], "origin": "SRB", "estimate": estimate, "horizon": 1})


def evidence(destination: str, regime: str, *, excess: float = float("nan")) -> pd.DataFrame:
    row = {"destination": destination, "origin": "SRB", "regime": regime, "reason": "because", "excess": excess}
    return pd.DataFrame([row | {"official_last": 1000.0, "scaled": 1000 * exp(DAMPING * excess)}])


def table_of(*corridors: list[dict[str, object]]) -> pd.DataFrame:
    return pd.DataFrame([row for rows in corridors for row in rows]).astype({"official_last": "float64"})


def test_a_register_is_continued_by_its_own_method_with_its_own_errors() -> None:
    found = estimated(
        table_of(corridor("AUT", 4000, 1000, lag=1.0), corridor("DEU", 4000, 1000)),
        WITH_REGISTERS,
        evidence=evidence("AUT", "register"),
        continued=continued("AUT", 1100.0),
    )
    row = total(found, "AUT")
    assert row[["median", "method", "regime"]].tolist() == [1100.0, "damped_trend", "register"]
    assert row["skill_vs_carry_forward"] == pytest.approx(0.5)
    assert row["reason"] == "because; damped trend: RMSLE 0.100 on 90 past figures, carried forward 0.200"
    assert row["upper_80"] == pytest.approx(1100 * exp(0.04))
    # levels nest even where a wider one has errors of all sizes only
    assert row["upper_95"] == pytest.approx(1100 * exp(0.04))
    parts = found[found["destination"] == "AUT"].set_index("sex")
    assert parts.loc["female", "median"] == pytest.approx(660)
    assert parts.loc["female", "upper_80"] == pytest.approx(660 * exp(0.06))
    assert total(found, "DEU")["method"] == "log_ratio"


def test_a_younger_figure_of_a_register_has_a_narrower_interval() -> None:
    found = estimated(
        table_of(corridor("AUT", None, 1000, lag=0.25)),
        WITH_REGISTERS,
        evidence=evidence("AUT", "register"),
        continued=continued("AUT", 1000.0),
    )
    assert total(found, "AUT")["upper_80"] == pytest.approx(1000 * exp(0.04 * sqrt(0.25)))


def test_a_shock_raises_a_register_by_part_of_its_excess_growth_and_widens_it() -> None:
    found = estimated(
        table_of(corridor("AUT", 4000, 1000, lag=1.0)),
        WITH_REGISTERS,
        evidence=evidence("AUT", "shock", excess=0.5),
        continued=continued("AUT", 1100.0),
    )
    row = total(found, "AUT")
    assert row[["method", "regime"]].tolist() == ["minora_damped", "shock"]
    assert row["median"] == pytest.approx(1100 * exp(DAMPING * 0.5))
    assert row["upper_80"] / row["median"] == pytest.approx(exp(sqrt(0.04**2 + (1.2815516 * 0.3 * 0.5) ** 2)))
    assert row["notes"].startswith("alert: because")
    assert "raised by 16%" in row["reason"]
    assert np.isnan(row["skill_vs_carry_forward"])
    parts = found.set_index("sex")["median"]
    assert parts["female"] + parts["male"] == pytest.approx(parts["all"])


def test_a_register_that_carry_forward_never_missed_has_no_skill() -> None:
    never = replace(REGISTER, scores=(PastScore("damped_trend", 0.0, 0.0), PastScore("carry_forward", 0.0, 0.0)))
    found = estimated(
        table_of(corridor("AUT", 4000, 1000, lag=1.0)),
        replace(WITH_REGISTERS, registers=(never,)),
        evidence=evidence("AUT", "register"),
        continued=continued("AUT", 1000.0),
    )
    assert np.isnan(total(found, "AUT")["skill_vs_carry_forward"])


def test_a_shock_that_the_method_heard_of_is_not_counted_twice() -> None:
    found = estimated(table_of(corridor("AUT", 4000, 1000)), CALIBRATION, evidence=evidence("AUT", "shock", excess=0.5))
    assert total(found, "AUT")[["method", "regime", "median"]].tolist() == ["log_ratio", "shock", pytest.approx(2000)]


@pytest.mark.parametrize(
    ("audience", "last", "reason"),
    [
        (4000, 1000, "log ratio: RMSLE 0.300 on destinations left out, carried forward 0.400"),
        (None, 500, "carried forward (RMSLE 0.400): it lacks what log ratio needs, an audience above the floor"),
        (3000, None, "no official figure; constant ratio: RMSLE 1.200 on destinations left out"),
        (None, None, "no official figure; only the floor is known"),
    ],
)
def test_each_row_says_why_it_has_its_method(audience: float | None, last: float | None, reason: str) -> None:
    found = total(nowcast(corridor("AUT", audience, last), corridor("DEU", 10, 10)), "AUT")
    assert str(found["reason"]).endswith(reason)


@pytest.mark.parametrize(
    ("growth", "audience", "reason"),
    [
        (None, 4000, "it lacks what stack needs, an earlier official figure"),
        (0.1, None, "it lacks what stack needs, an audience above the floor"),
        (None, None, "it lacks what stack needs, an earlier official figure and an audience above the floor"),
    ],
)
def test_a_row_says_what_it_lacks_of_what_each_member_of_a_stack_needs(
    growth: float | None, audience: float | None, reason: str
) -> None:
    members: dict[str, Method] = {"trend": Trend(), "log_ratio": LogRatio(slope=0.25, lag=5.0)}
    stack = Stack({"trend": 0.5, "log_ratio": 0.5}, members)
    learnt = replace(
        CALIBRATION, methods=CALIBRATION.methods | {"stack": stack}, ranking=("stack", "carry_forward", "log_ratio")
    )
    table = table_of(corridor("AUT", audience, 1000)).assign(official_growth=growth)
    found = total(estimated(table, learnt), "AUT")
    assert found["method"] == "carry_forward"
    assert str(found["reason"]).endswith(f"carried forward (RMSLE 0.400): {reason}")


@pytest.mark.parametrize(
    ("methods", "audience", "last", "reason"),
    [
        (("carry_forward",), 4000, 500, "carried forward (RMSLE 0.400) as was asked for"),
        (("log_ratio",), 4000, None, "no official figure; it lacks what the methods in use need"),
        (("log_ratio",), None, 500, "of the audience only the floor is known"),
    ],
)
def test_a_row_of_a_method_that_was_named_says_so(
    methods: tuple[str, ...], audience: float | None, last: float | None, reason: str
) -> None:
    table = table_of(corridor("AUT", audience, last))
    known = regimes(figures(table), NO_WAVES, "2020-10-15")
    found = combined(
        table,
        CALIBRATION,
        wave="2020-10",
        reference_date="2020-10-15",
        evidence=known,
        continued=NO_REGISTERS,
        methods=methods,
    )
    assert str(total(found, "AUT")["reason"]).endswith(reason)


def test_carrying_forward_says_that_nothing_was_better() -> None:
    plain = replace(CALIBRATION, ranking=("carry_forward", "log_ratio"), scores=(
        Score("carry_forward", "all", 30, 0.2), Score("log_ratio", "all", 30, 0.3),
    ))  # fmt: skip
    found = total(estimated(table_of(corridor("AUT", 4000, 1000)), plain), "AUT")
    assert found["method"] == "carry_forward"
    assert str(found["reason"]).endswith("carried forward (RMSLE 0.200): no method did better on destinations left out")


def test_carrying_forward_in_place_of_a_worse_stack_does_not_say_that_nothing_was_better() -> None:
    scores = (Score("carry_forward", "all", 30, 0.2), Score("log_ratio", "all", 30, 0.19))
    plain = replace(CALIBRATION, ranking=("carry_forward", "log_ratio"), scores=scores)
    found = total(estimated(table_of(corridor("AUT", 4000, 1000)), plain), "AUT")
    assert found["method"] == "carry_forward"
    assert str(found["reason"]).endswith("methods weighed together did not do better on destinations left out")


@pytest.mark.parametrize("text", [CALIBRATION.to_json().replace(f'"format": {FORMAT}', '"format": 2'), '{"x": 1}', "["])
def test_a_calibration_of_another_format_is_refused(text: str) -> None:
    with pytest.raises(ContractError, match="is no calibration of this smstock") as caught:
        Calibration.from_json(text, "c.json")
    assert "smstock calibrate" in caught.value.hint
    assert "Error(" not in str(caught.value)


def test_women_or_men_below_the_floor_are_never_more_than_both() -> None:
    """Errors of one sex are larger than those of totals (0.5 and 0.4 at 80 %); the total's end holds for both."""
    rows = nowcast(corridor("ISL", None, None)).set_index("sex")
    assert rows["upper_80"].tolist() == pytest.approx([2000 * exp(0.4)] * 3)
    steep = replace(CALIBRATION, half_widths=dict.fromkeys(METHODS, half_widths(all={80: 0.4}, sex={80: 0.1})))
    rows = estimated(table_of(corridor("ISL", None, None)), steep).set_index("sex")
    assert rows["upper_80"].to_dict() == pytest.approx(
        {"all": 2000 * exp(0.4), "female": 2000 * exp(0.1), "male": 2000 * exp(0.1)}
    )


def test_an_assumed_split_is_noted_and_a_known_even_one_is_not() -> None:
    unknown = [
        {**row, "audience": row["audience"] if row["sex"] == "all" else None} for row in corridor("IRQ", 900, None)
    ]
    even = [{**row, "audience": 900.0 if row["sex"] == "all" else 450.0} for row in corridor("ITA", 900, None)]
    table = nowcast(unknown, even)
    noted = table[table["notes"].str.contains("as many women as men assumed")]
    assert sorted(zip(noted["destination"], noted["sex"], strict=True)) == [("IRQ", "female"), ("IRQ", "male")]


def test_a_register_that_could_not_be_tested_on_its_past_says_so() -> None:
    rows = corridor("AUT", None, 1000, lag=1.0)
    evidence = {"destination": "AUT", "origin": "SRB", "regime": "register", "reason": "10 official figures"}
    known = pd.DataFrame([evidence | {"official_last": 1000.0, "scaled": None, "excess": None}])
    reason = total(estimated(table_of(rows), CALIBRATION, evidence=known), "AUT")["reason"]
    assert reason.endswith("not continued by its own past: too few past figures of yearly series to test that on")
    stale = total(estimated(table_of(rows), CALIBRATION, evidence=known.assign(regime="stale")), "AUT")["reason"]
    assert "not continued" not in stale
