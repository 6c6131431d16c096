"""The highly skilled stock: official figures, the correction, the sexes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from smstock.errors import InputError, ModelError
from smstock.official.readers import read_indicator
from smstock.skills.correction import Evidence, corrected
from smstock.skills.highly_skilled import highly_skilled, penetrations
from smstock.skills.tertiary import tertiary
from smstock.vocabulary.facets import FOREIGN

if TYPE_CHECKING:
    from pathlib import Path


def education(**values: object) -> pd.DataFrame:
    row = {
        "indicator": "education",
        "category": "isced5-8",
        "area": "AUT",
        "concept": "birth",
        "group": FOREIGN,
        "sex": "all",
        "age_min": 15,
        "age_max": 64,
        "reference_date": "2020-07-01",
        "value": 20.0,
        "unit": "percent",
    }
    return pd.DataFrame([row | values])


def stock(**values: object) -> pd.DataFrame:
    row = {
        "concept": "birth",
        "destination": "AUT",
        "origin": "SRB",
        "sex": "all",
        "age_min": 0,
        "age_max": None,
        "reference_date": "2020-01-01",
        "value": 150_000.0,
    }
    return pd.DataFrame([row | values])


def test_the_group_of_an_origin_is_preferred_to_all_born_abroad() -> None:
    shares = pd.concat([education(value=30.0), education(group="EU27_2020_FOR", value=40.0)])
    people = pd.concat([stock(), stock(origin="ROU")])
    found = tertiary(shares, people, "2021-01-01").set_index("origin")
    assert found["group"].to_dict() == {"SRB": FOREIGN, "ROU": "EU27_2020_FOR"}
    assert found["by_group"].to_dict() == pytest.approx({"SRB": 45_000, "ROU": 60_000})


def test_shares_of_all_born_abroad_are_used_as_eurostat_has_them(tmp_path: Path) -> None:
    path = tmp_path / "edat_lfs_9912.tsv"
    head = "freq,unit,sex,isced11,c_birth,age,geo\\TIME_PERIOD\t2020 \n"
    path.write_text(head + "A,PC,T,ED5-8,FOR,Y15-64,AT\t30.0 \n", encoding="utf-8")
    found = tertiary(read_indicator(path), stock(), "2021-01-01")
    assert found["by_group"].tolist() == pytest.approx([45_000])


def test_the_concentration_of_a_group_is_the_sum_of_squared_shares_of_its_origins() -> None:
    people = pd.concat([stock(value=75_000.0), stock(origin="TUR", value=25_000.0), stock(origin="ROU")])
    shares = pd.concat([education(group="NEU27_2020_FOR"), education(group="EU27_2020_FOR")])
    found = tertiary(shares, people, "2021-01-01").set_index("origin")["concentration"]
    assert found.to_dict() == pytest.approx({"ROU": 1.0, "SRB": 0.625, "TUR": 0.625})


def test_the_average_of_a_group_is_taken_to_lie_above_its_middle() -> None:
    nan, cells = float("nan"), 4
    even, uneven = (
        corrected(
            evidence([nan] * cells, [9.0] * cells, sd=nan, spread_of_group=np.full(cells, factor)),
            np.random.default_rng(1),
            4000,
        ).persons
        for factor in (0.0, 1.0)
    )
    assert np.median(even) == pytest.approx(9.0, abs=0.02)
    assert np.median(uneven) < 8.97


def test_ages_of_the_stock_decide_which_shares_are_taken() -> None:
    shares = pd.concat([education(value=30.0), education(age_min=25, value=35.0)])
    people = pd.concat([stock(), stock(age_min=25, age_max=64, value=100_000.0)])
    assert tertiary(shares, people, "2021-01-01")["by_group"].tolist() == [35_000.0]
    assert tertiary(shares, stock(), "2021-01-01")["by_group"].tolist() == [45_000.0]


def test_only_the_newest_figures_that_were_known_are_used() -> None:
    shares = pd.concat(
        [
            education(),
            education(reference_date="2021-07-01", value=25.0),
            education(value=None, reference_date="2021-01-01"),
        ]
    )
    assert tertiary(shares, stock(), "2021-06-30")["share"].tolist() == [0.2]
    assert tertiary(shares, stock(), "2021-07-01")["share"].tolist() == [0.25]


def test_another_concept_is_not_mixed_in() -> None:
    assert tertiary(education(concept="citizenship"), stock(), "2021-01-01")["by_group"].isna().all()


def test_persons_by_origin_are_added_over_adult_ages_and_both_sexes() -> None:
    rows = [
        education(group="SRB", unit="persons", sex=sex, age_min=low, age_max=low + 9, value=value)
        for sex, low, value in (("female", 15, 1.0), ("female", 25, 10.0), ("male", 25, 100.0), ("male", 0, 5000.0))
    ]
    found = tertiary(pd.concat(rows), None, "2022-07-01").set_index("sex")
    assert found["by_origin"].to_dict() == {"female": 11.0, "male": 100.0, "all": 111.0}
    assert found["years"].round(1).tolist() == [2.0, 2.0, 2.0]


def test_an_education_file_without_tertiary_education_is_refused() -> None:
    with pytest.raises(InputError, match="no figure of tertiary education"):
        tertiary(education(category="isced0-2"), stock(), "2021-01-01")
    with pytest.raises(InputError, match="2019-12-31"):
        tertiary(education(), stock(), "2019-12-31")


def evidence(audience: list[float], official: list[float], sd: float = 0.05, **changes: object) -> Evidence:
    cells = len(audience)
    values: dict[str, object] = {
        "audience": np.array(audience),
        "audience_variance": np.full(cells, 1e-4),
        "official": np.array(official),
        "official_sd": np.full(cells, sd),
        "group": np.full(cells, np.nan),
        "covariates": np.ones((cells, 1)),
        "prior_mean": np.array([0.0]),
        "prior_sd": np.array([1.0]),
        "origins": [f"o{place % 4}" for place in range(cells)],
        "destinations": [f"d{place % 3}" for place in range(cells)],
        "spread_of_group": np.zeros(cells),
        "spreads": (0.2, 0.2, 0.4),
    }
    return Evidence(**(values | changes))  # type: ignore[arg-type]


def test_without_an_audience_the_official_figure_stands_and_without_both_nothing() -> None:
    nan = float("nan")
    found = corrected(evidence([8.0, 8.0, nan, nan], [9.0, 9.0, 9.5, nan]), np.random.default_rng(1), 4000).persons
    assert found[:, 2].mean() == pytest.approx(9.5, abs=0.01)
    assert found[:, 2].std() == pytest.approx(0.05, rel=0.1)
    assert np.isnan(found[:, 3]).all()


def test_a_figure_of_the_group_gives_way_to_the_audience_more_than_one_of_its_own() -> None:
    nan = float("nan")
    audience, official = [8.0] * 11 + [9.0], [9.0] * 12
    own = corrected(evidence(audience, official), np.random.default_rng(1), 2000).persons[:, -1]
    group = corrected(evidence(audience, official, sd=nan), np.random.default_rng(1), 2000).persons[:, -1]
    assert 9.0 < own.mean() < 9.15 < group.mean() < 10.0


def people(rng: np.random.Generator, origins: int = 10, destinations: int = 5) -> tuple[pd.DataFrame, ...]:
    """Return members, official figures, penetration and the truth of a simulated world."""
    names = [(f"D{place}", f"O{whence}") for place in range(destinations) for whence in range(origins)]
    areas = sorted({area for pair in names for area in pair})
    rate, gap = (
        pd.Series(values, areas)
        for values in (np.exp(rng.normal(-1.6, 0.6, len(areas))), rng.normal(0, 0.3, len(areas)))
    )
    index = pd.DataFrame(names, columns=["destination", "origin"])
    skilled = np.exp(rng.normal(9.5, 1, len(index)))
    women = 1 / (1 + np.exp(-rng.normal(0, 0.2, len(index))))
    ends = [index[name] for name in ("destination", "origin")]
    log_rates = [np.log(rate[end].to_numpy()) for end in ends]
    members = skilled * np.exp(0.7 * log_rates[0] + 0.3 * log_rates[1] + rng.normal(0, 0.1, len(index)))
    odds = women / (1 - women) * np.exp(0.6 * gap[ends[0]].to_numpy() + 0.4 * gap[ends[1]].to_numpy())
    known = rng.random(len(index)) < 0.5
    tables: list[list[pd.DataFrame]] = [[], [], []]
    for sex, part, share in (
        ("all", 1.0, 1.0),
        ("female", women, odds / (1 + odds)),
        ("male", 1 - women, 1 / (1 + odds)),
    ):
        count = np.round(members * share, -2)
        floored = count < 300
        tables[0].append(
            index.assign(
                sex=sex,
                dimension="",
                value=np.where(floored, np.nan, count),
                lower=np.where(floored, 0, count - 50),
                upper=np.where(floored, 300, count + 50),
                status=np.where(floored, "floored", "observed"),
            )
        )
        tables[1].append(
            index.assign(
                sex=sex,
                by_origin=np.where(known, skilled * part, np.nan),
                years=0.0,
                by_group=np.nan,
                concentration=np.nan,
            )
        )
        tables[2].append(index.assign(sex=sex, truth=skilled * part))
    signs = {"all": 0.0, "female": 0.5, "male": -0.5}
    rates = [
        pd.DataFrame({"area": areas, "sex": sex, "rate": (rate * np.exp(sign * gap)).to_numpy()})
        for sex, sign in signs.items()
    ]
    return pd.concat(tables[0]), pd.concat(tables[1]), pd.concat(rates), pd.concat(tables[2])


def test_corridors_without_a_figure_are_found_without_bias_and_one_ratio_for_all_is_biased() -> None:
    errors, naive, sexes = [], [], []
    for seed in range(3):
        rng = np.random.default_rng(seed)
        members, official, penetration, truth = people(rng)
        table = highly_skilled(members, official, penetration, rng, 600).table
        both = table.merge(truth, on=["destination", "origin", "sex"]).merge(
            penetration[penetration["sex"] == "all"].rename(columns={"area": "origin"})[["origin", "rate"]], on="origin"
        )
        new = both[(both["evidence"] == "audience") & (both["sex"] == "all")]
        old = both[(both["evidence"] == "official and audience") & (both["sex"] == "all")]
        ratio = np.median(old["truth"] / old["audience"])
        low = new["rate"] < new["rate"].median()
        errors += np.log(new["median"] / new["truth"]).tolist()
        naive.append(np.log(new["audience"] * ratio / new["truth"])[low].mean())
        women = both[(both["sex"] == "female") & both["median"].notna()]
        sexes += np.log(women["median"] / women["truth"]).tolist()
    assert np.mean(errors) == pytest.approx(0, abs=0.03)
    assert np.mean(sexes) == pytest.approx(0, abs=0.03)
    assert np.mean(naive) < -0.05


def test_elasticities_are_learnt_from_figures_by_origin() -> None:
    rng = np.random.default_rng(3)
    members, official, penetration, _ = people(rng, 15, 8)
    found = highly_skilled(members, official, penetration, rng, 600).elasticities.set_index("name")
    assert found["median"]["penetration at the destination"] == pytest.approx(0.7, abs=0.1)
    assert found["median"]["penetration at the origin"] == pytest.approx(0.3, abs=0.1)
    assert ((found["upper_80"] - found["lower_80"]) < 2 * 1.2816 * found["prior_sd"]).all()


def test_the_sexes_add_up_to_the_total_in_every_draw() -> None:
    rng = np.random.default_rng(4)
    members, official, penetration, _ = people(rng)
    found = highly_skilled(members, official, penetration, rng, 200)
    by_sex = {sex: found.draws[:, (found.table["sex"] == sex).to_numpy()] for sex in ("all", "female", "male")}
    assert by_sex["female"] + by_sex["male"] == pytest.approx(by_sex["all"], nan_ok=True)


def test_without_any_corridor_known_from_both_sides_the_model_declines() -> None:
    members, official, penetration, _ = people(np.random.default_rng(5))
    with pytest.raises(ModelError, match="no corridor has both"):
        highly_skilled(members, official.assign(by_origin=np.nan), penetration, np.random.default_rng(1), 100)


def test_penetration_takes_the_ages_nearest_to_adults() -> None:
    users = pd.DataFrame({"destination": ["AUT"], "origin": "", "sex": "all", "dimension": "", "value": 1e6})
    population = pd.DataFrame(
        {"area": "AUT", "sex": "all", "age_min": [0, 15, 65], "age_max": None, "value": [9e6, 8e6, 2e6]}
    )
    assert penetrations(users, population.assign(reference_date="2020-07-01"))["rate"].tolist() == [0.125]
