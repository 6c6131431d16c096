"""The groups table by level of education: whose shares stand behind a corridor, of which ages, and what was known when."""

from __future__ import annotations

import pandas as pd
import pytest

from smstock.corridors.schooling import of_origin_groups, schooling
from smstock.vocabulary.schooling import LEVELS

GROUPS = dict(zip("lmh", LEVELS, strict=True))
AGES = [(0, 14), (15, 24), (25, 64), (65, None)]


def answers(*origins: str, destination: str = "AUT", education: str = "lmh", status: str = "observed") -> pd.DataFrame:
    cell: dict[str, object] = {
        "destination": destination,
        "sex": "all",
        "age_min": 15,
        "age_max": None,
        "metric": "mau",
        "upper": 2000.0,
    }
    cell |= {"relationship": "", "dimension": ""}
    rows = [
        cell | {"origin": origin, "education": name, "value": 10.0 * place if status == "observed" else None}
        for origin in origins
        for place, name in enumerate(["", *education])
    ]
    table = pd.DataFrame(rows).assign(status="observed")
    return table.assign(status=table["status"].where(table["education"] == "", status))


def shares(group: str, low: float, medium: float, high: float, **other: object) -> pd.DataFrame:
    row: dict[str, object] = {
        "provider": "eurostat",
        "dataset": "edat",
        "indicator": "education",
        "area": "AUT",
        "concept": "birth",
    }
    row |= {"group": group, "sex": "all", "age_min": 25, "age_max": 64, "unit": "percent"}
    rows = {"category": LEVELS, "value": [low, medium, high], "reference_date": "2019-07-01"}
    return pd.DataFrame(row | rows | other)


def by_age(origin: str = "WLD", persons: tuple[float, ...] = (10.0, 10.0, 70.0, 10.0)) -> pd.DataFrame:
    row = {"provider": "p", "dataset": "d", "edition": "e", "concept": "birth", "destination": "AUT", "origin": origin}
    ages = {"age_min": [low for low, _ in AGES], "age_max": [high for _, high in AGES], "value": persons}
    return pd.DataFrame(row | {"sex": "all", "reference_date": "2019-01-01"} | ages).astype({"age_max": "Int64"})


def total(*origins: str, value: float = 1000.0) -> pd.DataFrame:
    return pd.DataFrame({"destination": "AUT", "origin": list(origins), "value": value})


def made(education: pd.DataFrame, *origins: str, figures: pd.DataFrame | None = None, **other: object) -> pd.DataFrame:
    options = {"ages": (0, None), "levels": GROUPS, "known_until": "2020-01-01"} | other
    audience = options.pop("audience", answers(*origins))
    figures = by_age() if figures is None else figures
    return schooling(audience, education, figures, total(*origins), **options)  # type: ignore[arg-type]


def official(table: pd.DataFrame, origin: str) -> list[float]:
    return [round(persons, 6) for persons in table.loc[table["origin"] == origin, "official"]]


def test_an_origin_takes_the_shares_of_its_group_and_the_ages_of_all_origins() -> None:
    education = pd.concat([shares("EU27_2020_FOR", 10, 40, 50), shares("NEU27_2020_FOR", 50, 30, 20)])
    table = made(education, "POL", "SRB")
    assert official(table, "POL") == [200.0, 70.0, 280.0, 350.0, 100.0]
    assert official(table, "SRB") == [200.0, 350.0, 210.0, 140.0, 100.0]
    assert table["official_basis"].unique().tolist() == ["EU27_2020_FOR", "NEU27_2020_FOR"]
    assert table["age_basis"].unique().tolist() == ["destination"]
    of_poland = table[table["origin"] == "POL"]
    assert of_poland["other_group"].dropna().tolist() == [0.5, 0.3, 0.2]


def test_figures_of_the_corridor_come_before_those_of_its_group() -> None:
    own = shares("SRB", 1, 1, 2, unit="persons", provider="oecd", dataset="dioc", reference_date="2011-07-01")
    ages = pd.concat([by_age(), by_age("SRB", (0.0, 0.0, 100.0, 0.0))])
    table = made(pd.concat([shares("NEU27_2020_FOR", 50, 30, 20), own]), "SRB", "TUR", figures=ages)
    assert official(table, "SRB") == [0.0, 250.0, 250.0, 500.0, 0.0]
    assert table.groupby("origin")["official_basis"].first().to_dict() == {"SRB": "corridor", "TUR": "NEU27_2020_FOR"}


def test_persons_by_sex_and_age_are_added_up() -> None:
    parts = [
        shares("SRB", 10, 20, persons, unit="persons", sex=sex, age_min=low, age_max=high)
        for sex, persons in (("female", 10.0), ("male", 30.0))
        for low, high in ((15, 24), (25, 64), (65, None))
    ]
    table = made(pd.concat(parts), "SRB")
    # everybody of 15 and over: 60 low, 120 medium, 120 high, of 90 % of the people
    assert table["age_min"].tolist() == [0, 15, 15, 15]
    assert official(table, "SRB") == [100.0, 180.0, 360.0, 360.0]


def test_the_target_of_a_series_was_not_known_before() -> None:
    old = shares("NEU27_2020_FOR", 60, 30, 10, reference_date="2014-07-01")
    education = pd.concat([old, shares("NEU27_2020_FOR", 50, 30, 20)])
    dates = {"known_until": "2015-01-01", "target_date": "2020-01-01"}
    figures = by_age().assign(reference_date="2014-01-01")
    table = made(education, "SRB", figures=figures, **dates)
    assert official(table, "SRB")[1:4] == [420.0, 210.0, 70.0]
    assert table["stock"].round(6).tolist()[1:4] == [350.0, 210.0, 140.0]
    single = made(old, "SRB", figures=figures, **dates)
    assert single["official"].isna().all()
    assert single["stock"].round(6).tolist()[1:4] == [420.0, 210.0, 70.0]


def test_accounts_are_of_levels_only_where_every_level_was_asked() -> None:
    education = shares("NEU27_2020_FOR", 50, 30, 20)
    assert made(education, "SRB")["audience"].dropna().tolist() == [10.0, 20.0, 30.0]
    lacking = made(education, "SRB", audience=answers("SRB", education="lm"))
    assert lacking["audience_upper"].isna().all()
    below = made(education, "SRB", audience=answers("SRB", status="floored"))
    assert below["audience"].isna().all()
    assert below["audience_status"].dropna().unique().tolist() == ["floored"]


def test_two_groups_of_a_level_are_added_up() -> None:
    table = made(
        shares("NEU27_2020_FOR", 50, 30, 20),
        "SRB",
        audience=answers("SRB", education="lmhx"),
        levels=GROUPS | {"x": LEVELS[2]},
    )
    assert table["audience"].dropna().tolist() == [10.0, 20.0, 70.0]


@pytest.mark.parametrize("ages", [(0, 60), (30, None)])
def test_levels_of_other_ages_than_the_totals_divide_nothing(ages: tuple[int, int | None]) -> None:
    assert made(shares("NEU27_2020_FOR", 50, 30, 20), "SRB", ages=ages).empty


def test_ages_that_most_destinations_have_are_taken_and_of_several_the_widest() -> None:
    narrow, wide = (shares("NEU27_2020_FOR", 50, 30, 20, age_min=low) for low in (25, 15))
    audience = pd.concat([answers("SRB"), answers("SRB", destination="DEU")])
    both = made(pd.concat([narrow, wide]), "SRB", audience=audience)
    assert set(both.loc[both["education"] != "", "age_min"]) == {15}
    most = made(pd.concat([narrow, narrow.assign(area="DEU"), wide]), "SRB", audience=audience)
    assert set(most.loc[most["education"] != "", "age_min"]) == {25}


def test_an_unknown_destination_is_of_the_group_that_others_know() -> None:
    audience = pd.concat([answers("SRB"), answers("SRB", destination="DEU")])
    table = made(shares("NEU27_2020_FOR", 50, 30, 20), "SRB", audience=audience)
    of_germany = table[table["destination"] == "DEU"]
    assert of_germany["origin_group"].unique().tolist() == ["NEU27_2020_FOR"]
    assert of_germany["official"].isna().all()


def test_groups_of_origins_are_sums_over_the_corridors_asked() -> None:
    education = pd.concat(
        [shares("NEU27_2020_FOR", 50, 30, 20, reference_date=day) for day in ("2014-07-01", "2019-07-01")]
    )
    table = made(
        education,
        "SRB",
        "TUR",
        figures=by_age().assign(reference_date="2014-01-01"),
        known_until="2015-01-01",
        target_date="2020-01-01",
    )
    groups = of_origin_groups(table)
    assert groups["origin"].unique().tolist() == ["NEU27_2020_FOR"]
    assert groups["official_basis"].unique().tolist() == ["corridor"]
    levelled = groups[groups["education"] != ""]
    assert levelled["stock"].round(6).tolist() == [700.0, 420.0, 280.0]
    assert levelled["audience"].tolist() == [20.0, 40.0, 60.0]
