from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from smstock.audience.breaks import FEWEST, break_links, chain_link, estimate_break, find_breaks
from smstock.errors import TooFewCellsError
from smstock.sandbox.audiences import labels
from smstock.sandbox.parameters import Break, Parameters
from smstock.sandbox.simulation import simulate
from smstock.tables import AUDIENCE, check
from smstock.vocabulary import countries
from smstock.vocabulary.facets import Ages

WAVES = ("2019-01", "2019-02", "2019-03", "2019-04", "2019-05", "2019-06")
PLACES = countries.group("eu28")
ORIGINS = PLACES[:12]


def table(logs: dict[str, np.ndarray], origins: tuple[str, ...] = ORIGINS) -> pd.DataFrame:
    """An audience table from logarithms by wave: origins by destinations, NaN at the floor."""
    rows = [
        {"wave": wave, "origin": origin, "destination": destination, "log": grid[i, j]}
        for wave, grid in logs.items()
        for i, origin in enumerate(origins)
        for j, destination in enumerate(PLACES)
        if origin != destination
    ]
    cells = pd.DataFrame(rows)
    value = np.exp(cells.pop("log"))
    fixed = dict.fromkeys(AUDIENCE.names, "") | {"platform": "meta", "metric": "mau", "sex": "all"}
    fixed |= {"location_basis": "home", "placements": "all"}
    cells = cells.assign(value=value, lower=value.fillna(0), upper=value.fillna(1000), age_min=18)
    cells["status"] = value.notna().map({True: "observed", False: "floored"})
    return check(cells.assign(**{name: text for name, text in fixed.items() if name not in cells}), AUDIENCE)


def quiet(seed: int = 1, noise: float = 0.025, drift: float = 0.0) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    shape = (len(ORIGINS), len(PLACES))
    level = rng.normal(9, 1, shape)
    return {wave: level + drift * n + rng.normal(0, noise, shape) for n, wave in enumerate(WAVES)}


def with_step(logs: dict[str, np.ndarray], step: np.ndarray | float, wave: str = "2019-04") -> dict[str, np.ndarray]:
    return {each: grid + (step if each >= wave else 0) for each, grid in logs.items()}


@pytest.mark.parametrize("drift", [0.0, -0.061, 0.05])
def test_drift_is_no_break(drift: float) -> None:
    assert find_breaks(table(quiet(drift=drift))).empty


@pytest.mark.parametrize("factor", [0.5, 0.7, 0.88, 1.3])
def test_a_common_step_is_found_with_its_factor(factor: float) -> None:
    found = find_breaks(table(with_step(quiet(), np.log(factor))))
    assert found[["wave", "origin"]].to_numpy().tolist() == [["2019-04", ""]]
    assert found["factor"].item() == pytest.approx(factor, rel=0.02)
    assert found["corridors"].item() == len(ORIGINS) * (len(PLACES) - 1)


def test_a_step_of_one_origin_is_its_own() -> None:
    step = np.zeros((len(ORIGINS), len(PLACES)))
    step[3] = np.log(0.6)
    audience = table(with_step(quiet(), step))
    found = find_breaks(audience)
    assert found[["wave", "origin"]].to_numpy().tolist() == [["2019-04", ORIGINS[3]]]
    links = break_links(audience, found)
    assert set(links["origin"]) == {ORIGINS[3]}
    assert links["factor"].to_numpy() == pytest.approx(0.6, rel=0.08)


def test_a_step_that_is_gone_a_wave_later_is_no_break() -> None:
    logs = quiet()
    logs["2019-04"] = logs["2019-04"] - 0.7
    assert find_breaks(table(logs)).empty


def test_growth_of_a_year_between_waves_is_no_break() -> None:
    logs = quiet()
    far = {"2017-06": logs["2019-01"], "2018-12": logs["2019-02"] + 0.15, "2019-06": logs["2019-03"] + 0.2}
    assert find_breaks(table(far)).empty


def test_a_break_is_not_looked_for_in_fewer_corridors_than_the_least() -> None:
    audience = table(with_step(quiet(), np.log(0.5)))
    one = audience[audience["origin"] == ORIGINS[0]]
    few = one[one["destination"].isin(sorted(one["destination"].unique())[: FEWEST - 1])]
    assert len(find_breaks(one)) == 1
    assert find_breaks(few).empty
    with pytest.raises(TooFewCellsError, match="7 corridors are observed before and after 2019-04"):
        estimate_break(few, "2019-04")


@pytest.mark.parametrize(("wave", "metric"), [("2019-01", "mau"), ("2019-07", "mau"), ("2019-04", "dau")])
def test_a_break_without_a_before_or_an_after_is_refused(wave: str, metric: str) -> None:
    with pytest.raises(TooFewCellsError, match=f"0 corridors are observed before and after {wave}"):
        estimate_break(table(quiet()), wave, metric=metric)


def test_effects_of_origins_and_destinations_are_found_and_hold_for_corridors_not_seen() -> None:
    rng = np.random.default_rng(2)
    u, v = rng.normal(0, 0.15, len(ORIGINS)), rng.normal(0, 0.15, len(PLACES))
    step = -0.68 + u[:, None] + v[None, :]
    logs = with_step(quiet(noise=0.01), step)
    hidden = rng.random(step.shape) < 0.5
    known = {wave: np.where(hidden & (wave >= "2019-04"), np.nan, grid) for wave, grid in logs.items()}
    fit = estimate_break(table(known), "2019-04")
    assert fit.effects.kappa == pytest.approx(-0.68, abs=0.1)
    assert np.corrcoef(u, [fit.effects.origins[origin] for origin in ORIGINS])[0, 1] > 0.98
    links = fit.links.pivot_table(values="factor", index="origin", columns="destination").loc[
        list(ORIGINS), list(PLACES)
    ]
    errors = (np.log(links.to_numpy()) - step)[hidden]
    assert np.nanstd(errors) < 0.03


def test_single_corridors_that_do_not_fit_hardly_count() -> None:
    step = np.full((len(ORIGINS), len(PLACES)), -0.68)
    step[np.arange(12), np.arange(12) + 5] = 2.0
    fit = estimate_break(table(with_step(quiet(), step)), "2019-04")
    assert fit.links["factor"].median() == pytest.approx(np.exp(-0.68), rel=0.02)
    assert fit.links["factor"].max() < 0.75


def test_an_origin_never_seen_after_the_break_is_linked_less_surely() -> None:
    rng = np.random.default_rng(3)
    step = -0.68 + rng.normal(0, 0.15, len(ORIGINS))[:, None] + np.zeros(len(PLACES))
    logs = with_step(quiet(), step)
    for wave in WAVES[3:]:
        logs[wave][0] = np.nan
    fit = estimate_break(table(logs), "2019-04")
    spread = fit.links.groupby("origin")["link_sd"].median()
    assert fit.effects.origins[ORIGINS[0]] == 0
    assert spread[ORIGINS[0]] > 0.1
    assert spread.drop(ORIGINS[0]).max() < 0.06


def test_one_corridor_counts_once_whatever_its_breakdown() -> None:
    whole = table(with_step(quiet(), np.log(0.5)))
    women = whole.assign(sex="female", value=whole["value"] / 2, lower=whole["lower"] / 2, upper=whole["upper"] / 2)
    both = pd.concat([women, whole], ignore_index=True)
    pd.testing.assert_frame_equal(find_breaks(both), find_breaks(whole))
    pd.testing.assert_frame_equal(estimate_break(both, "2019-04").links, estimate_break(whole, "2019-04").links)


def test_linked_waves_agree_over_the_break_and_undo_to_what_was_shown() -> None:
    audience = table(with_step(quiet(), np.log(0.5)))
    linked = chain_link(audience, break_links(audience, find_breaks(audience)))
    check(linked, AUDIENCE)
    assert find_breaks(linked).empty
    early = linked["wave"] < "2019-04"
    assert (linked.loc[~early, "link_factor"] == 1).all()
    assert (linked.loc[~early, "link_sd"] == 0).all()
    assert linked.loc[early, "link_sd"].between(0.01, 0.05).all()
    for name in ("value", "lower", "upper"):
        assert (linked[name] / linked["link_factor"]).to_numpy() == pytest.approx(audience[name].to_numpy())


def test_links_multiply_and_their_variances_add() -> None:
    audience = table(quiet())
    links = audience[["platform", "metric", "destination", "origin"]].drop_duplicates()
    two = pd.concat(
        [links.assign(wave="2019-03", factor=0.5, link_sd=0.03), links.assign(wave="2019-05", factor=0.8, link_sd=0.04)]
    )
    linked = chain_link(audience, two).groupby("wave")[["link_factor", "link_sd"]].first()
    assert linked["link_factor"].tolist() == pytest.approx([0.4, 0.4, 0.8, 0.8, 1, 1])
    assert linked["link_sd"].tolist() == pytest.approx([0.05, 0.05, 0.04, 0.04, 0, 0])


def test_a_floor_moves_with_its_series_and_users_stay() -> None:
    logs = with_step(quiet(), np.log(0.5))
    logs["2019-01"][0] = np.nan
    audience = table(logs)
    users = audience[audience["origin"] == ORIGINS[1]].assign(origin="")
    linked = chain_link(pd.concat([audience, users], ignore_index=True), estimate_break(audience, "2019-04").links)
    floored = linked[linked["status"] == "floored"]
    assert floored["value"].isna().all()
    assert floored["lower"].eq(0).all()
    assert floored["upper"].to_numpy() == pytest.approx(500, rel=0.1)
    kept = linked[linked["origin"] == ""]
    assert kept["value"].tolist() == users["value"].tolist()
    assert kept["link_factor"].eq(1).all()


def test_an_era_and_a_break_of_the_same_wave_both_count() -> None:
    audience = table(quiet())
    links = audience[["platform", "metric", "destination", "origin"]].drop_duplicates()
    same = [links.assign(wave="2019-04", factor=factor, link_sd=0.03) for factor in (1.0, 0.5)]
    linked = chain_link(audience, pd.concat(same))
    assert linked["link_factor"].tolist() == [0.5 if wave < "2019-04" else 1.0 for wave in audience["wave"]]
    assert linked["link_sd"].max() == pytest.approx(0.03 * np.sqrt(2))


def test_no_break_no_link() -> None:
    audience = table(quiet())
    links = break_links(audience, find_breaks(audience))
    assert links.empty
    assert chain_link(audience, links)["value"].tolist() == audience["value"].tolist()


@pytest.mark.parametrize("factor", [0.5, 0.8])
def test_the_break_of_a_simulated_world_is_found_within_its_uncertainty(factor: float) -> None:
    parameters = Parameters(
        first_month="2019-01", months=6, breaks=(Break("2019-04", factor, 0.09, 0.09, 0.05),), migrants=0.1
    )
    world = simulate(np.random.default_rng(5), parameters, areas=PLACES, origins=ORIGINS)
    order = [world.areas.index(place) for place in PLACES]
    with np.errstate(divide="ignore"):
        counts = {wave: labels(world, wave, order, Ages(18)).sum(axis=2).T for wave in WAVES}
        logs = {wave: np.where(count > 1000, np.log(count), np.nan) for wave, count in counts.items()}
    audience = table(logs)
    found = find_breaks(audience)
    assert found[["wave", "origin"]].to_numpy().tolist() == [["2019-04", ""]]
    links = estimate_break(audience, "2019-04").links.set_index(["origin", "destination"])
    places = [(PLACES.index(destination), ORIGINS.index(origin)) for origin, destination in links.index]
    truth = np.array([world.breaks[0][order[place], origin] for place, origin in places])
    z = (np.log(links["factor"]) - truth) / links["link_sd"]
    assert (z.abs() < 1.96).mean() > 0.85
    assert np.sqrt(np.mean(np.square(np.log(links["factor"]) - truth))) < 0.09
