"""Places in the level model: drawn to their country, and to their origin there, as far as the data say."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from smstock.models.hierarchical import Hierarchical
from smstock.models.readings import Readings

ORIGINS = ("BRA", "CHN", "COL", "IND", "MAR", "MEX", "PHL", "ROU", "SRB", "TUR", "UKR", "VNM")
PLACES = {"DEU": "DE", "ESP": "ES", "USA": "US"}
OTHERS = ("AUT", "BEL", "CHE", "FRA", "ITA", "NLD", "POL", "SWE")
SDS = {"country": 0.3, "origin there": 0.3, "place": 0.15, "error": 0.15}


def world(seed: int, *, nested: bool = True) -> pd.DataFrame:
    """Return corridors of three countries and their places and of others, whose countries have effects unless not."""
    rng = np.random.default_rng(seed)
    of_origin = dict(zip(ORIGINS, rng.normal(0, 0.4, len(ORIGINS)), strict=True))
    rows = []
    for country in (*PLACES, *OTHERS):
        of_country = rng.normal(0, SDS["country"]) * nested
        there = dict(zip(ORIGINS, rng.normal(0, SDS["origin there"], len(ORIGINS)) * nested, strict=True))
        for destination in (country, *(f"{PLACES[country]}-{number}" for number in range(8) if country in PLACES)):
            of_place = rng.normal(0, SDS["place"])
            for origin in ORIGINS:
                accounts = rng.normal(9, 1.3)
                ends = of_origin[origin] + of_country + there[origin] + of_place
                log = 0.7 + 0.9 * accounts + ends + rng.normal(0, SDS["error"])
                rows.append((destination, origin, np.exp(accounts), np.exp(log)))
    return pd.DataFrame(rows, columns=["destination", "origin", "audience", "stock"])


def error(corridors: pd.DataFrame, place: str) -> float:
    """Return the root mean squared log error of a place that the model was not taught by."""
    outside = corridors["destination"] == place
    made = Hierarchical.fit(corridors[~outside]).predict(corridors[outside])
    return float(np.sqrt(np.mean(np.log(made / corridors.loc[outside, "stock"]) ** 2)))


def test_a_place_left_out_borrows_from_its_country_and_from_its_origin_there(monkeypatch: pytest.MonkeyPatch) -> None:
    tables = [world(seed) for seed in range(4)]
    drawn = [error(table, place) for table in tables for place in ("DE-0", "US-3")]
    monkeypatch.setattr(Readings, "of_several", lambda _: ([], []))
    alone = [error(table, place) for table in tables for place in ("DE-0", "US-3")]
    assert np.mean(drawn) < 0.65 * np.mean(alone)
    assert [np.mean(drawn), np.mean(alone)] == pytest.approx([0.224, 0.354], abs=0.005)  # docs/below-the-country.md
    assert np.mean(drawn) < 1.25 * np.hypot(SDS["place"], SDS["error"])


def test_effects_of_countries_and_of_origins_there_are_recovered() -> None:
    made = [Hierarchical.fit(world(seed)) for seed in range(4)]
    assert {*made[0].countries} == {*PLACES}
    assert len(made[0].origins_there) == len(PLACES) * len(ORIGINS)
    _, _, _, _, _, _, _, countries, there, _ = np.mean([method.scales for method in made], axis=0)
    assert there == pytest.approx(SDS["origin there"], abs=0.05)
    assert 0.1 < countries < 0.8  # three of them say little


def test_where_countries_have_none_their_effects_are_next_to_nothing() -> None:
    made = [Hierarchical.fit(world(seed, nested=False)) for seed in range(4)]
    assert np.mean([np.std([*method.origins_there.values()]) for method in made]) < 0.04
    assert np.mean([np.abs([*method.countries.values()]).mean() for method in made]) < 0.12


def test_countries_alone_and_places_of_one_country_alone_have_none() -> None:
    table = world(1)
    countries = table[table["destination"].str.len() == 3]
    of_one = table[table["destination"].str.startswith("US")]
    for corridors in (countries, of_one):
        method = Hierarchical.fit(corridors)
        assert method.countries == method.origins_there == {}
        assert len(method.scales) < 1 + 8 + 1
        assert {"origin", "destination"} <= method.parts(corridors).keys()
        assert not {"country", "origin in country"} & method.parts(corridors).keys()


def test_an_unknown_place_of_a_known_country_and_one_corridor_alone_are_estimated_alike() -> None:
    table = world(1)
    method = Hierarchical.fit(table)
    corridors = pd.DataFrame({"destination": ["US-99", "USA", "JPN"], "origin": "MEX", "audience": 1e4})
    together = method.predict(corridors)
    alone = [method.predict(corridors.iloc[[row]]).item() for row in range(len(corridors))]
    assert together.tolist() == pytest.approx(alone)
    parts = method.parts(corridors)
    assert parts["country"].tolist() == [method.countries["USA"], method.countries["USA"], 0.0]
    assert parts["origin in country"].tolist() == [method.origins_there["MEX:USA"]] * 2 + [0.0]
    assert parts["destination"][0] == 0.0


def test_floors_of_places_teach_without_moving_what_others_say() -> None:
    table = world(1)
    floored = table["audience"] < np.exp(8.0)
    below = table.assign(
        audience=table["audience"].mask(floored),
        audience_upper=np.where(floored, np.exp(8.0), table["audience"]),
        audience_status=np.where(floored, "floored", "observed"),
    )
    whole, censored = Hierarchical.fit(table), Hierarchical.fit(below)
    assert censored.slope == pytest.approx(whole.slope, abs=0.05)
    there = [*whole.origins_there]
    correlation = np.corrcoef(
        [whole.origins_there[name] for name in there], [censored.origins_there[name] for name in there]
    )
    assert correlation[0, 1] > 0.9
