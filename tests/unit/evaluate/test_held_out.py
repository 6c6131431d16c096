"""Cross-validation against the same in plain pandas: one fit, one fold and one cell at a time."""

from __future__ import annotations

from math import ceil, inf, log
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from smstock.audience.gender_gap import ratio_errors, sex_ratios
from smstock.evaluate.crossvalidate import cross_validate
from smstock.evaluate.held_out import CHOSEN
from smstock.models.baselines import CarryForward, ConstantRatio, OriginRatio
from smstock.models.conformal import effective_number
from smstock.models.loglinear import LogLinear
from smstock.models.penetration import Penetration

if TYPE_CHECKING:
    from collections.abc import Callable

    Fit = Callable[[pd.DataFrame, pd.DataFrame], pd.Series]


def carry_forward(taught: pd.DataFrame, asked: pd.DataFrame) -> pd.Series:
    del taught
    return asked["official_last"]


def constant_ratio(taught: pd.DataFrame, asked: pd.DataFrame) -> pd.Series:
    return asked["audience"] * (taught["stock"] / taught["audience"]).median()


def origin_ratio(taught: pd.DataFrame, asked: pd.DataFrame) -> pd.Series:
    ratio = taught["stock"] / taught["audience"]
    by_origin = ratio.groupby(taught["origin"]).median()
    return asked["audience"] * asked["origin"].map(by_origin).fillna(ratio.median())


def penetration(taught: pd.DataFrame, asked: pd.DataFrame) -> pd.Series:
    def stocks(cells: pd.DataFrame, weight: float) -> pd.Series:
        mean = weight * cells["penetration_destination"] + (1 - weight) * cells["penetration_origin"]
        return cells["audience"] / mean

    weights = (0.0, 0.25, 0.5, 0.75, 1.0)
    errors = [float((np.log(stocks(taught, weight) / taught["stock"]) ** 2).mean()) for weight in weights]
    return stocks(asked, weights[int(np.argmin(errors))])


def log_linear(taught: pd.DataFrame, asked: pd.DataFrame) -> pd.Series:
    origins = sorted(taught["origin"].unique())
    cells = [*zip(taught["origin"], taught["audience"], strict=True)]
    rows = [[1.0, log(audience), *(float(origin == name) for name in origins)] for origin, audience in cells]
    solution = np.linalg.lstsq(np.array(rows), np.log(taught["stock"].to_numpy()), rcond=None)[0]
    level = dict(zip(origins, solution[0] + solution[2:], strict=True))
    unknown = float(np.mean([*level.values()]))
    cells = [*zip(asked["origin"], asked["audience"], strict=True)]
    logs = [level.get(origin, unknown) + solution[1] * log(audience) for origin, audience in cells]
    return pd.Series(np.exp(logs), index=asked.index)


ORACLES: dict[str, tuple[Fit, list[str]]] = {
    "carry_forward": (carry_forward, ["official_last"]),
    "constant_ratio": (constant_ratio, ["audience"]),
    "origin_ratio": (origin_ratio, ["audience"]),
    "penetration": (penetration, ["audience", "penetration_destination", "penetration_origin"]),
    "log_linear": (log_linear, ["audience"]),
}
METHODS = [CarryForward, ConstantRatio, OriginRatio, Penetration, LogLinear]


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    """Corridors of 9 destinations and 3 origins, some without audience, stock of one sex, penetration or figure."""
    rng = np.random.default_rng(7)
    rows = []
    for place in range(9):
        for origin in ("POL", "ROU", "SRB")[: 1 + place % 3]:
            stock, women = float(np.exp(rng.normal(8, 1.5))), float(rng.uniform(0.3, 0.7))
            audience, last = stock * np.exp(rng.normal(-0.5, 0.5)), stock * np.exp(rng.normal(0, 0.2))
            shown = float(rng.uniform(0.3, 0.7))
            parts = {"all": (1.0, 1.0), "female": (women, shown), "male": (1 - women, 1 - shown)}
            for sex, (share, of_audience) in parts.items():
                rows.append(
                    {
                        "destination": f"D{place}",
                        "origin": origin,
                        "sex": sex,
                        "audience": audience * of_audience,
                        "official_last": last * share,
                        "lag": 5.0,
                        "penetration_destination": 0.4 + 0.02 * place,
                        "penetration_origin": 0.3 if origin != "POL" else 0.5,
                        "stock": round(stock * share),
                    }
                )
    table = pd.DataFrame(rows)
    table.loc[table.index % 17 == 3, "stock"] = np.nan
    table.loc[table["destination"].eq("D1") & table["origin"].eq("ROU"), "audience"] = np.nan
    table.loc[table["destination"].eq("D5"), "penetration_destination"] = np.nan
    table.loc[table["destination"].eq("D7"), "official_last"] = np.nan
    return table


@pytest.fixture(scope="module")
def scored(table: pd.DataFrame) -> pd.DataFrame:
    return cross_validate(table, METHODS, np.random.default_rng(1))


def without(table: pd.DataFrame, name: str, destinations: set[str]) -> pd.Series:
    """Return the totals of every corridor by a fit without some destinations."""
    fit, needs = ORACLES[name]
    totals = table[table["sex"] == "all"]
    usable = totals[(totals[needs] > 0).all(axis=1)]
    taught = usable[(usable["stock"] > 0) & ~usable["destination"].isin(destinations)]
    return fit(taught, usable).reindex(totals.index)


def elsewhere(table: pd.DataFrame, name: str, held_out: str) -> pd.DataFrame:
    """Return all sexes of the other destinations, each predicted without itself and without the one held out."""
    totals = table[table["sex"] == "all"]
    parts = [
        totals.assign(estimate=without(table, name, {held_out, other}))[totals["destination"] == other]
        for other in sorted(set(totals["destination"]) - {held_out})
    ]
    return split(table, pd.concat(parts), held_out)


def split(table: pd.DataFrame, totals: pd.DataFrame, held_out: str) -> pd.DataFrame:
    """Return totals, women and men of some corridors, with their stocks: those that can be scored."""
    ratios = sex_ratios(table).set_index(["destination", "origin"])
    skill = ratio_errors(ratios[ratios.index.get_level_values(0) != held_out]).set_index("source")["skill"]
    sources = sorted(skill.dropna().index, key=lambda source: -skill[source])
    stocks = table.set_index(["destination", "origin", "sex"])["stock"]
    rows, columns = [], ("destination", "origin", "estimate")
    for sex in ("all", "female", "male"):
        for destination, origin, persons in zip(*(totals[name] for name in columns), strict=True):
            known = ratios.loc[(destination, origin), sources].dropna()
            ratio = known.iloc[0] if len(known) else 1.0
            share = {"all": 1.0, "female": ratio / (1 + ratio), "male": 1 / (1 + ratio)}[sex]
            rows.append((destination, origin, sex, persons * share, stocks[destination, origin, sex]))
    cells = pd.DataFrame(rows, columns=["destination", "origin", "sex", "estimate", "stock"])
    return cells[(cells["estimate"] > 0) & (cells["stock"] > 0)]


def half_width(cells: pd.DataFrame, level: int, band: tuple[float, float], small: tuple[float, float]) -> float:
    """Return the half width for an estimate in a size band, as the methodology has it."""

    def own(low: float, high: float) -> tuple[float, int]:
        among = cells[(cells["estimate"] >= low) & (cells["estimate"] < high)]
        sizes = np.abs(np.log((among["stock"] / among["estimate"]).to_numpy()))
        if not len(sizes):
            return inf, 0
        worth = effective_number(sizes, pd.factorize(among["destination"])[0])
        rank = ceil(len(sizes) * (1 + 1 / worth) * level / 100 - 1e-9)
        return (float(np.sort(sizes)[rank - 1]) if rank <= len(sizes) else inf), len(sizes)

    def drawn(low: float, high: float, towards: float) -> float:
        width, count = own(low, high)
        return (count * width + 10 * towards) / (count + 10) if max(width, towards) < inf else width

    pooled = own(0, inf)[0]
    if pooled == inf:
        return inf
    of_small = drawn(*small, pooled) if own(*small)[1] else inf
    if band[0] >= small[1]:
        return drawn(*band, pooled)
    return drawn(*band, of_small) if own(*band)[1] else of_small


@pytest.mark.parametrize("name", ORACLES)
def test_every_estimate_is_that_of_a_plain_fit_without_its_destination(
    table: pd.DataFrame, scored: pd.DataFrame, name: str
) -> None:
    totals = table[table["sex"] == "all"]
    parts = []
    for held_out in sorted(set(totals["destination"])):
        inside = totals.assign(estimate=without(table, name, {held_out}))[totals["destination"] == held_out]
        parts.append(split(table, inside, held_out))
    expected = pd.concat(parts).set_index(["destination", "origin", "sex"]).sort_index()
    estimates = scored[scored["method"] == name].set_index(["destination", "origin", "sex"]).sort_index()
    assert len(expected) > 20
    assert estimates.index.equals(expected.index)
    assert estimates["estimate"].to_numpy() == pytest.approx(expected["estimate"].to_numpy(), rel=1e-12)
    assert estimates["stock"].tolist() == expected["stock"].tolist()


@pytest.mark.parametrize("name", ["carry_forward", "penetration", "log_linear"])
def test_every_interval_is_as_wide_as_the_errors_elsewhere_say(
    table: pd.DataFrame, scored: pd.DataFrame, name: str
) -> None:
    bands = [(0.0, 100.0), (100.0, 1e3), (1e3, 1e4), (1e4, inf)]
    checked = 0
    for held_out in sorted(set(table["destination"])):
        cells = elsewhere(table, name, held_out)
        own = scored[(scored["method"] == name) & (scored["destination"] == held_out)]
        for sex, persons, *ends in own[["sex", "estimate", "lower_80", "upper_80"]].to_numpy().tolist():
            alike = cells[(cells["sex"] == "all") == (sex == "all")]
            band = next(band for band in bands if band[0] <= persons < band[1])
            width = half_width(alike, 80, band, (0.0, 1e3))
            if width < inf:
                assert ends == pytest.approx([persons / np.exp(width), persons * np.exp(width)], rel=1e-9)
                checked += 1
    assert checked > 15


def test_the_choice_of_a_fold_is_the_method_of_least_error_elsewhere_on_the_totals_of_all(table: pd.DataFrame) -> None:
    scored = cross_validate(table, [ConstantRatio, Penetration], np.random.default_rng(1))
    key = ["destination", "origin", "sex"]
    choices = set()
    for held_out, rows in scored.groupby("destination"):
        cells = {name: elsewhere(table, name, str(held_out)) for name in ("constant_ratio", "penetration")}
        totals = {name: of[of["sex"] == "all"].set_index(key) for name, of in cells.items()}
        common = totals["constant_ratio"].index.intersection(totals["penetration"].index)
        ratios = {name: (of["estimate"] / of["stock"]).loc[common].to_numpy() for name, of in totals.items()}
        errors = {name: float((np.log(ratio) ** 2).mean()) for name, ratio in ratios.items()}
        best = min(errors, key=lambda name: errors[name])
        chosen, expected = (rows[rows["method"] == name].drop(columns="method") for name in (CHOSEN, best))
        pd.testing.assert_frame_equal(chosen.reset_index(drop=True), expected.reset_index(drop=True))
        choices.add(best)
    assert choices == {"constant_ratio", "penetration"}
