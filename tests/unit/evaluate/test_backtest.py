"""Vintages and back-tests: what was known when, what is learnt from it, and that nothing later is ever seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pandas as pd
import pytest

from smstock.compute import Compute
from smstock.errors import InputError
from smstock.evaluate.archive import Archive, known_audiences, known_official, months_later, stand, vintage
from smstock.evaluate.backtest import FEWEST_OF_BAND, backtest
from smstock.evaluate.scores import size_band
from smstock.models.base import Method
from smstock.models.baselines import CarryForward, ConstantRatio, RawAudience
from smstock.models.conformal import half_width
from smstock.models.fusion import fit as fitting
from smstock.models.fusion.method import Fusion
from smstock.models.hierarchical import HierarchicalUpdate
from smstock.models.loglinear import LogLinear
from smstock.models.trend import DampedTrend, Minora, Trend
from smstock.tables import AUDIENCE, LEVELS, STOCK, check

if TYPE_CHECKING:
    from smstock.corridors.vintage import Vintage

METHODS = [CarryForward, Trend, DampedTrend, Minora, RawAudience, ConstantRatio, LogLinear]
YEARS = range(2010, 2019)
TARGETS = [f"{year}-01-01" for year in range(2013, 2019)]


def official(seed: int = 1, destinations: int = 12, provider: str = "eurostat") -> pd.DataFrame:
    """Yearly stocks of 1 January, growing at a rate of each corridor's own."""
    rng = np.random.default_rng(seed)
    rows = []
    for destination in range(destinations):
        for origin in ("POL", "ROU"):
            level, growth = rng.normal(8, 1), rng.normal(0.03, 0.05)
            for year in YEARS:
                level += growth + rng.normal(0, 0.02)
                value = float(np.round(np.exp(level)))
                rows.append((f"AA{chr(65 + destination)}", origin, f"{year}-01-01", value))
    table = pd.DataFrame(rows, columns=["destination", "origin", "reference_date", "value"])
    fixed = {"dataset": "d", "edition": "e", "concept": "birth", "flags": "", "retrieved_at": "", "sex": "all"}
    return check(table.assign(provider=provider, age_min=0, age_max=None, **fixed), STOCK)


def audiences(
    stock: pd.DataFrame, waves: tuple[str, ...] = ("2015-05", "2016-05", "2017-05", "2018-05")
) -> pd.DataFrame:
    """Audiences of half the stock of the year, in May."""
    rng = np.random.default_rng(2)
    tables = []
    for wave in waves:
        year = stock[stock["reference_date"] == f"{wave[:4]}-01-01"]
        noise = np.exp(rng.normal(0, 0.05, len(year)))
        tables.append(year[["destination", "origin"]].assign(wave=wave, value=year["value"] / 2 * noise))
    table = pd.concat(tables, ignore_index=True)
    fixed: dict[str, Any] = dict.fromkeys(AUDIENCE.names, "")
    fixed |= {"platform": "meta", "metric": "mau", "sex": "all", "age_min": 13, "age_max": None, "status": "observed"}
    fixed |= {"location_basis": "home", "placements": "all", "lower": table["value"], "upper": table["value"]}
    return check(table.assign(**{name: of for name, of in fixed.items() if name not in table}), AUDIENCE)


@pytest.fixture(scope="module")
def evidence() -> Archive:
    stock = official()
    return Archive(stock, audiences(stock))


@pytest.fixture(scope="module")
def small() -> Archive:
    """Two destinations and the last four years."""
    stock = official(destinations=2)
    return Archive(stock[stock["reference_date"] >= "2015"].reset_index(drop=True), audiences(stock))


def test_the_last_day_before_and_the_first_day_of_publication() -> None:
    stock = official()
    assert known_official(stock, "2018-03-31")["reference_date"].max() == "2016-01-01"
    assert known_official(stock, "2018-04-01")["reference_date"].max() == "2017-01-01"


def test_a_provider_without_a_lag_is_refused_and_may_be_given_one() -> None:
    stock = official(provider="office")
    with pytest.raises(InputError, match="'office' are published") as refused:
        known_official(stock, "2018-01-01")
    assert "--lag" in refused.value.hint
    assert known_official(stock, "2018-01-01", {"office": 0})["reference_date"].max() == "2018-01-01"


def test_a_wave_is_known_when_its_last_answer_is() -> None:
    table = pd.DataFrame({"wave": ["2018-05"] * 2, "asked_at": ["2018-05-03T00:00:00Z", "2018-06-02T00:00:00Z"]})
    assert known_audiences(table, "2018-06-01").empty
    assert len(known_audiences(table, "2018-06-02")) == 2


def test_weeks_are_averaged_by_the_month_as_they_are_known() -> None:
    """Of the three weeks of May two are known on 18 May: their mean is its audience then."""
    stock = official()
    may = audiences(stock, ("2018-05",))
    weeks = [
        may.assign(wave=f"2018-W{week}", **{name: may[name] * factor for name in ("value", "lower", "upper")})
        for week, factor in ((19, 1.0), (20, 1.21), (21, 100.0))
    ]
    archive = Archive(stock, pd.concat(weeks, ignore_index=True), provider="eurostat", averaged=True)
    table = archive.audiences_at("2018-05-18")
    assert table["wave"].unique().tolist() == ["2018-05"]
    assert table["value"].to_numpy() == pytest.approx(1.1 * may["value"].to_numpy())
    stood = stand(archive, cutoff="2018-05-18", target_date="2018-01-01")
    means = table.set_index(["destination", "origin"])["value"]
    assert stood.set_index(["destination", "origin"])["audience"].sort_index().to_numpy() == pytest.approx(
        means.sort_index().to_numpy()
    )


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [("2018-01-31", 1, "2018-02-28"), ("2020-02-29", 12, "2021-02-28"), ("2018-01-15", -1, "2017-12-15")],
)
def test_months_later(day: str, months: int, later: str) -> None:
    assert months_later(day, months) == later


def test_a_stand_holds_the_figures_and_the_audience_of_its_day(evidence: Archive) -> None:
    table = stand(evidence, cutoff="2017-07-01", target_date="2017-01-01")
    assert set(table["official_last_date"]) == {"2016-01-01"}
    assert set(table["published"]) == {"2018-04-01"}
    wave = evidence.audiences[evidence.audiences["wave"] == "2017-05"].set_index(["destination", "origin"])["value"]
    assert table.set_index(["destination", "origin"])["audience"].to_dict() == wave.to_dict()
    early = stand(evidence, cutoff="2014-07-01", target_date="2014-01-01")
    assert early["audience"].isna().all()
    assert set(early["audience_status"]) == {"not_asked"}


def test_figures_of_other_providers_are_known_but_are_not_the_corridors_own() -> None:
    stock = official()
    survey = official(seed=9, provider="census")
    both = Archive(pd.concat([stock, survey], ignore_index=True), audiences(stock), provider="eurostat")
    alone = Archive(stock, both.audiences)
    at = {"cutoff": "2018-07-01", "target_date": "2018-01-01"}
    pd.testing.assert_frame_equal(stand(both, **at), stand(alone, **at))
    assert set(vintage(both, [stand(both, **at)], **at).official["provider"]) == {"eurostat", "census"}


def test_a_vintage_learns_from_dates_whose_figures_were_out(evidence: Archive) -> None:
    stands = [stand(evidence, cutoff=months_later(day, 6), target_date=day) for day in TARGETS]
    known = vintage(evidence, stands, cutoff="2018-07-01", target_date="2018-01-01")
    assert sorted(known.past["target_date"].unique()) == TARGETS[:-1]
    assert known.past["stock"].notna().all()
    assert known.corridors["stock"].isna().all()
    assert known.official["reference_date"].max() == "2017-01-01"
    assert known.audiences["wave"].max() == "2018-05"
    on_the_day = vintage(evidence, stands, cutoff="2018-01-01", target_date="2018-01-01")
    assert on_the_day.past["target_date"].max() == "2016-01-01"
    assert on_the_day.audiences["wave"].max() == "2017-05"


def test_nothing_later_than_the_cutoff_is_seen(evidence: Archive) -> None:
    """Whatever is published or collected after a cutoff, the estimates and intervals from it stay as they are."""
    told = evidence.official.copy()
    late = told["reference_date"] >= "2017-01-01"
    told.loc[late, "value"] = np.random.default_rng(3).uniform(1, 1e6, late.sum()).round()
    heard = evidence.audiences.copy()
    after = heard["wave"] >= "2018-05"
    heard.loc[after, ["value", "lower", "upper"]] *= 17
    before, otherwise = (
        backtest(of, METHODS, targets=TARGETS[2:], months_after=6).table for of in (evidence, Archive(told, heard))
    )
    columns = ["target_date", "destination", "origin", "method", "estimate", "regime"]
    columns += [f"{end}_{level}" for end in ("lower", "upper") for level in LEVELS]
    old, new = (table[table["cutoff"] < "2018-04-01"][columns].reset_index(drop=True) for table in (before, otherwise))
    assert set(old["target_date"]) == set(TARGETS[2:-1])
    pd.testing.assert_frame_equal(old, new)
    last = [table.loc[table["target_date"] == "2018-01-01", "estimate"].tolist() for table in (before, otherwise)]
    assert last[0] != last[1]


def test_not_one_bit_depends_on_workers_and_their_kind(evidence: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    methods = [CarryForward, LogLinear, HierarchicalUpdate, Fusion]
    results = []
    for compute in (Compute(), Compute(2), Compute(2, "threading")):
        monkeypatch.setattr(fitting, "_LEARNT", {})
        results.append(backtest(evidence, methods, targets=TARGETS[-2:], months_after=6, compute=compute))
    alone = results.pop(0)
    assert {"log_linear", "hierarchical_update", "fusion"} <= set(alone.table["method"])
    for result in results:
        pd.testing.assert_frame_equal(alone.table, result.table, check_exact=True)
        pd.testing.assert_frame_equal(alone.refusals, result.refusals)


def test_carry_forward_repeats_the_figure_known_then(evidence: Archive) -> None:
    tested = backtest(evidence, [CarryForward], targets=["2018-01-01"], months_after=6).table
    figures = evidence.official.set_index(["reference_date", "destination", "origin"])["value"]
    row = tested.iloc[0]
    assert row["estimate"] == figures["2017-01-01", row["destination"], row["origin"]]
    assert row["stock"] == figures["2018-01-01", row["destination"], row["origin"]]
    assert set(tested["lag"].round()) == {1}
    assert set(tested["regime"]) == {"register"}
    earlier = backtest(evidence, [CarryForward], targets=["2018-01-01"], months_after=0).table
    assert set(earlier["lag"].round()) == {2}


def test_intervals_come_from_earlier_errors_in_other_destinations(evidence: Archive) -> None:
    tested = backtest(evidence, [CarryForward], targets=TARGETS, months_after=6).table
    assert tested.loc[tested["target_date"] == TARGETS[0], "lower_80"].isna().all()
    row = tested[tested["target_date"] == "2016-01-01"].iloc[3]
    others = tested[(tested["target_date"] < "2016-01-01") & (tested["destination"] != row["destination"])]
    in_band = others[size_band(others["estimate"]) == size_band(pd.Series([row["estimate"]]))[0]]
    chosen = in_band if len(in_band) >= FEWEST_OF_BAND else others
    width = half_width(np.log(chosen["stock"] / chosen["estimate"]).to_numpy(), 80)
    assert row["upper_80"] == pytest.approx(row["estimate"] * np.exp(width))
    assert row["lower_80"] == pytest.approx(row["estimate"] / np.exp(width))


def test_with_one_destination_its_own_earlier_errors_are_taken() -> None:
    stock = official(destinations=1)
    tested = backtest(Archive(stock, audiences(stock)), [CarryForward], targets=TARGETS, months_after=6).table
    assert tested.loc[tested["target_date"] == "2018-01-01", "lower_50"].notna().all()


def test_a_method_that_cannot_be_fitted_says_why(evidence: Archive) -> None:
    refusals = backtest(evidence, METHODS, targets=["2014-01-01"], months_after=6).refusals
    reasons = refusals.set_index("method")["reason"]
    assert "log_linear needs 5 corridors with audience" in reasons["log_linear"]
    assert reasons["raw_audience"] == "no corridor of that date has audience"
    assert reasons["minora"] == "no corridor of that date has official_last and audience_growth"


class Halved(Method):
    """A method of whole series: half of the newest figure it finds in the long table."""

    name: ClassVar = "halved"
    needs: ClassVar = ()
    source: ClassVar = "test"

    @classmethod
    def estimate(cls, vintage: Vintage) -> pd.Series:
        newest = vintage.official.sort_values("reference_date").drop_duplicates(["destination", "origin"], keep="last")
        values = newest.set_index(["destination", "origin"])["value"] / 2
        keys = pd.MultiIndex.from_frame(vintage.corridors[["destination", "origin"]])
        return pd.Series(values.reindex(keys).to_numpy(), index=vintage.corridors.index)


def test_a_method_of_whole_series_reads_the_long_tables(evidence: Archive) -> None:
    tested = backtest(evidence, [CarryForward, Halved], targets=["2018-01-01"], months_after=6).table
    estimates = tested.pivot_table(index=["destination", "origin"], columns="method", values="estimate")
    assert (estimates["halved"] * 2).tolist() == estimates["carry_forward"].tolist()


@pytest.mark.parametrize(
    ("targets", "message"), [([], "no target date is named"), (["2018-07-01"], "no official figure for 2018-07-01")]
)
def test_dates_without_figures_are_refused(evidence: Archive, targets: list[str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        backtest(evidence, METHODS, targets=targets, months_after=6)


def test_where_no_method_can_estimate_the_reasons_are_told(evidence: Archive) -> None:
    with pytest.raises(InputError, match="no method can estimate 2010-01-01") as refused:
        backtest(evidence, [CarryForward, LogLinear], targets=["2010-01-01"], months_after=6)
    assert "no corridor of that date has official_last" in refused.value.where


def test_a_figure_that_was_out_by_the_cutoff_is_not_scored(small: Archive) -> None:
    last, first = (backtest(small, [CarryForward], targets=TARGETS[-1:], months_after=months) for months in (14, 0))
    assert len(last.table) == len(first.table)
    with pytest.raises(InputError) as refused:
        backtest(small, [CarryForward], targets=TARGETS[-1:], months_after=15)
    assert refused.value.where == "its official figures were out by 2019-04-01"
