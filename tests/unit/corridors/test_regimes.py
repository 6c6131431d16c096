from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from smstock.corridors.regimes import BEYOND, DAMPING, regimes
from smstock.errors import ContractError

PLACES = ("AUT", "BEL", "CHE", "DEU", "DNK", "ESP", "FIN", "FRA", "GBR", "ITA", "NLD", "SWE")
ORIGINS = ("BGR", "COL", "HRV", "HUN", "MAR", "PER", "POL", "PRT", "ROU", "TUR", "UKR", "VEN")
DATE = "2018-06-15"
NOTHING = pd.DataFrame(columns=["destination", "origin", "date", "value"])


def figures(*years: int, value: float = 1000.0) -> pd.DataFrame:
    days = [f"{year}-01-01" for year in years]
    return pd.DataFrame({"destination": "AUT", "origin": "ROU", "reference_date": days, "value": value})


@pytest.mark.parametrize(
    ("years", "regime", "reason"),
    [
        ((2015, 2016, 2017), "register", "3 official figures, every 1.0 years, the last of 2017-01-01, 1.5 years old"),
        ((2009, 2010, 2011), "stale", "3 official figures, every 1.0 years, the last of 2011-01-01, 7.5 years old"),
        ((2017,), "stale", "one official figure, of 2017-01-01, 1.5 years old"),
        (
            (2000, 2005, 2010, 2015, 2016),
            "stale",
            "5 official figures, every 5.0 years, the last of 2016-01-01, 2.5 years old",
        ),
        ((2019, 2020, 2021), None, ""),
    ],
)
def test_the_series_decides_the_regime(years: tuple[int, ...], regime: str | None, reason: str) -> None:
    found = regimes(figures(*years), NOTHING, DATE)
    assert found[["regime", "reason"]].to_numpy().tolist() == ([[regime, reason]] if regime else [])


@pytest.mark.parametrize(
    ("years", "short"),
    [((2016, 2017), True), ((2017,), False), ((2015, 2017), False), ((2014, 2015), False), ((2015, 2016, 2017), False)],
)
def test_a_short_series_has_two_figures_a_year_apart_and_the_last_is_fresh(years: tuple[int, ...], short: bool) -> None:
    regime_of = regimes(figures(*years), NOTHING, DATE)
    assert regime_of["short"].tolist() == [short]
    assert regime_of["regime"].tolist() == ["register" if len(years) == 3 else "stale"]


def test_a_corridor_with_an_audience_only_has_no_official_figure() -> None:
    waves = pd.DataFrame({"destination": "AUT", "origin": "ROU", "date": [DATE], "value": [5000.0]})
    found = regimes(figures().iloc[:0], waves, DATE)
    assert found[["regime", "reason", "figures"]].to_numpy().tolist() == [["none", "no official figure", 0]]


@pytest.mark.parametrize("value", [-5.0, np.inf])
def test_a_figure_that_is_no_count_is_refused(value: float) -> None:
    with pytest.raises(ContractError, match="negative or infinite"):
        regimes(figures(2017, value=value), NOTHING, DATE)


def panel_of_audiences(rng: np.random.Generator, shocks: dict[tuple[str, str], float]) -> pd.DataFrame:
    """Return two waves of 144 corridors: platform growth by destination, noise by corridor, and the shocks given."""
    rows = []
    for destination in PLACES:
        platform = 0.1 * rng.standard_normal()
        for origin in ORIGINS:
            before = np.exp(rng.uniform(8, 13))
            growth = platform + 0.05 * rng.standard_t(5) + shocks.get((destination, origin), 0.0)
            rows += [
                (destination, origin, "2017-09-15", before),
                (destination, origin, "2018-06-15", before * np.exp(growth)),
            ]
    return pd.DataFrame(rows, columns=["destination", "origin", "date", "value"])


def official_of_all() -> pd.DataFrame:
    corridors = pd.MultiIndex.from_product([PLACES, ORIGINS], names=["destination", "origin"]).to_frame(index=False)
    return corridors.merge(
        pd.DataFrame({"reference_date": ["2015-01-01", "2016-01-01", "2017-01-01"]}), how="cross"
    ).assign(value=5000.0)


def test_simulated_shocks_are_found_and_few_others() -> None:
    rng = np.random.default_rng(1)
    found = false = shocked = calm = 0
    for _ in range(20):
        hit = {(PLACES[place], ORIGINS[origin]): rng.uniform(0.4, 1.0) for place, origin in rng.integers(0, 12, (3, 2))}
        table = regimes(official_of_all(), panel_of_audiences(rng, hit), "2018-06-20").set_index(
            ["destination", "origin"]
        )
        alarms = set(table.index[table["regime"] == "shock"])
        found, shocked = found + len(alarms & hit.keys()), shocked + len(hit)
        false, calm = false + len(alarms - hit.keys()), calm + len(table) - len(hit)
    assert found / shocked > 0.9
    assert false / calm < 0.01


def test_a_crisis_of_a_whole_origin_is_a_shock_in_its_corridors() -> None:
    hit = {(place, "VEN"): 0.8 for place in PLACES}
    table = regimes(official_of_all(), panel_of_audiences(np.random.default_rng(3), hit), "2018-06-20")
    alarms = table[table["regime"] == "shock"]
    assert (alarms["origin"] == "VEN").mean() == 1
    assert len(alarms) >= 10


def test_growth_of_the_platform_is_no_shock() -> None:
    waves = panel_of_audiences(
        np.random.default_rng(4), {(place, origin): 0.9 for place in PLACES[:6] for origin in ORIGINS}
    )
    assert (regimes(official_of_all(), waves, "2018-06-20")["regime"] == "shock").mean() < 0.02


def test_a_shock_is_scaled_onto_the_official_stock_and_damped() -> None:
    waves = panel_of_audiences(np.random.default_rng(5), {("AUT", "ROU"): 1.0})
    table = regimes(official_of_all(), waves, "2018-06-20")
    row = table[(table["destination"] == "AUT") & (table["origin"] == "ROU")].iloc[0]
    assert row["scaled"] == pytest.approx(5000 * np.exp(DAMPING * row["excess"]))
    assert row["excess"] > BEYOND * row["noise"]
    assert "beyond its peers" in row["reason"]


def test_one_wave_or_few_peers_raise_no_alarm() -> None:
    waves = panel_of_audiences(np.random.default_rng(6), {("AUT", "ROU"): 1.0})
    once = waves[waves["date"] == "2018-06-15"]
    alone = waves[(waves["destination"] == "AUT") & (waves["origin"] == "ROU")]
    for some in (once, alone):
        assert "shock" not in set(regimes(official_of_all(), some, "2018-06-20")["regime"])


def weekly_audiences(rng: np.random.Generator, days: list[str], shocks: dict[tuple[str, str], float]) -> pd.DataFrame:
    """Return waves of 144 corridors, rounded to two digits: growth by destination and corridor, noise, late shocks."""
    rows = []
    for destination in PLACES:
        platform = 0.1 * rng.standard_normal()
        for origin in ORIGINS:
            size, growth = rng.uniform(8, 13), platform + 0.1 * rng.standard_t(5)
            for day in days:
                years = (pd.Timestamp(day) - pd.Timestamp(days[0])).days / 365.25
                log = size + growth * years + 0.02 * rng.standard_normal()
                log += shocks.get((destination, origin), 0.0) * (day == days[-1])
                step = 10.0 ** (np.floor(log / np.log(10)) - 1)
                rows.append((destination, origin, day, np.round(np.exp(log) / step) * step))
    return pd.DataFrame(rows, columns=["destination", "origin", "date", "value"])


THREE_WEEKS = ["2018-05-24", "2018-06-14"]
YEAR_OF_WEEKS = [day.date().isoformat() for day in pd.date_range(end="2018-06-14", periods=52, freq="7D")]


@pytest.mark.parametrize("days", [THREE_WEEKS, YEAR_OF_WEEKS])
def test_a_shock_is_seen_within_three_weeks(days: list[str]) -> None:
    hit = {("AUT", "ROU"): 0.4, ("ESP", "VEN"): 0.6}
    table = regimes(official_of_all(), weekly_audiences(np.random.default_rng(2), days, hit), "2018-06-20")
    shocks = table[table["regime"] == "shock"]
    assert set(zip(shocks["destination"], shocks["origin"], strict=True)) == set(hit)
    assert shocks["reason"].str.contains("beyond its peers since 2018-05-24").all()
    assert shocks["excess"].to_numpy() == pytest.approx([0.4, 0.6], abs=0.12)


@pytest.mark.slow
def test_weeks_without_a_shock_seldom_show_one() -> None:
    rng = np.random.default_rng(4)
    shown = 0
    for _ in range(10):
        table = regimes(official_of_all(), weekly_audiences(rng, YEAR_OF_WEEKS, {}), "2018-06-20")
        shown += int((table["regime"] == "shock").sum())
    assert shown <= 3  # of 1,440 corridors


def test_waves_by_the_month_are_looked_at_over_a_year_alone() -> None:
    months = [f"{year}-{month:02}-15" for year, month in (*((2017, month) for month in range(6, 13)), (2018, 1))]
    waves = weekly_audiences(np.random.default_rng(2), months, {("AUT", "ROU"): 0.9})
    table = regimes(official_of_all(), waves, "2018-02-01")
    ends = regimes(official_of_all(), waves[waves["date"].isin([months[0], months[-1]])], "2018-02-01")
    pd.testing.assert_frame_equal(table, ends)
