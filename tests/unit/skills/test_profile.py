"""The table of a profile: what each row says, persons, change."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from smstock.skills.highly_skilled import HighlySkilled
from smstock.skills.profile import Subject, highly_skilled_table, skill_profile, subject, with_early_careers
from smstock.skills.shares import Shares

ROMANIANS = Subject("linkedin", "2026-11", "school_country", 18, None, "collected")


def shares(part: float, floored: bool = False, dimension: str = "seniority") -> Shares:
    table = pd.DataFrame({"origin": ["", "ROU"], "lower": [1.0, 0.0 if floored else 1.0]}).assign(
        destination="DEU",
        sex="all",
        dimension=dimension,
        category="entry",
        base="stated",
        value=[5e6, np.nan if floored else 1e4],
        upper=9.0,
        size=1e5,
        whole=1e5,
        status=["observed", "floored" if floored else "observed"],
    )
    spread = np.linspace(-0.01, 0.01, 11)[:, None]
    return Shares(table, np.array([[0.2, part]]) + spread * [0.0, 1.0])


def skilled(persons: float) -> HighlySkilled:
    row = {"destination": "DEU", "origin": "ROU", "sex": "all", "median": persons, "audience": 1e4}
    ends = {f"{end}_{level}": persons for end in ("lower", "upper") for level in (50, 80, 95)}
    words = {
        "audience_status": "observed",
        "official": persons,
        "official_of": "group",
        "evidence": "official and audience",
    }
    return HighlySkilled(pd.DataFrame([row | ends | words]), np.full((11, 1), persons), pd.DataFrame())


def test_every_row_says_whose_profile_it_is() -> None:
    found = skill_profile(shares(0.3), ROMANIANS)
    assert found["population"].tolist() == [
        "all LinkedIn members at the destination",
        "LinkedIn members schooled in the origin, not all migrants",
    ]
    assert found["origin_basis"].tolist() == ["", "school_country"]
    assert found["members"].tolist() == [5e6, 1e4]


def test_persons_are_shares_of_the_highly_skilled() -> None:
    found = skill_profile(shares(0.3), ROMANIANS, highly_skilled=skilled(50_000.0))
    assert found["persons"].isna().tolist() == [True, False]
    assert found["persons"][1] == pytest.approx(15_000)
    assert found["persons_lower_80"][1] < 15_000 < found["persons_upper_80"][1]


def test_women_and_men_have_their_own_figures_of_persons() -> None:
    found = skill_profile(shares(0.3, dimension="sex"), ROMANIANS, highly_skilled=skilled(50_000.0))
    assert found["persons"].isna().all()


def test_a_change_is_from_the_wave_before() -> None:
    found = skill_profile(shares(0.3), ROMANIANS, before=("2026-10", shares(0.25)))
    assert found["change"][1] == pytest.approx(0.05)
    assert found["wave_before"].tolist() == ["2026-10"] * 2
    assert skill_profile(shares(0.3), ROMANIANS)["change"].isna().all()


def test_below_the_floor_there_is_a_bound_and_no_quotient_persons_or_change() -> None:
    found = skill_profile(
        shares(0.02, floored=True), ROMANIANS, highly_skilled=skilled(5e4), before=("2026-10", shares(0.02))
    )
    row = found.iloc[1]
    assert pd.isna(row[["share", "location_quotient", "persons", "change"]]).all()
    assert 0 == row["lower_80"] < row["upper_80"] < 0.04


def test_the_highly_skilled_are_a_table_of_the_contract() -> None:
    found = highly_skilled_table(skilled(50_000.0), ROMANIANS)
    assert found["reference_date"].tolist() == ["2026-11-15"]
    assert "tertiary" in found["population"][0]


def test_the_subject_has_the_widest_ages() -> None:
    audience = pd.DataFrame(
        {"platform": "linkedin", "wave": "2026-11", "origin_basis": ["", "school_country"], "age_min": [18, 25]}
    )
    assert subject(audience.assign(age_max=[54, 34]), "collected") == Subject(
        "linkedin", "2026-11", "school_country", 18, 54, "collected"
    )


def test_early_careers_are_one_more_row() -> None:
    found = shares(0.3, dimension="experience")
    with_early = with_early_careers(Shares(found.table.assign(category="1-5"), found.draws))
    assert with_early.table["dimension"].tolist() == ["experience", "experience", "early_career", "early_career"]
    assert with_early_careers(found).table["dimension"].tolist() == ["experience", "experience"]
