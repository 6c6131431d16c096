"""The groups table by hand: which groups a query asked, and whose official figures stand beside them."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest

from smstock.corridors.groups import groups
from smstock.errors import InputError

Pair = tuple[int, int | None]
ADULTS: Pair = (18, None)
HALVES: list[Pair] = [(18, 39), (40, None)]
STOCK = ["provider", "dataset", "edition", "concept", "destination", "origin", "sex", "age_min", "age_max"]
STOCK += ["reference_date", "value"]


def answer(sex: str, ages: Pair, value: float | None, **other: object) -> dict[str, object]:
    cell: dict[str, object] = {"destination": "AUT", "origin": "SRB", "sex": sex, "metric": "mau"}
    cell |= {"age_min": ages[0], "age_max": ages[1], "education": "", "relationship": "", "dimension": ""}
    cell |= {"value": value, "lower": value or 0.0, "upper": value or 1000.0}
    return cell | {"status": "floored" if value is None else "observed"} | other


def answers(*rows: dict[str, object]) -> pd.DataFrame:
    return pd.DataFrame(rows).astype({"age_min": "Int64", "age_max": "Int64", "value": "Float64"})


def figure(sex: str, ages: Pair, value: float | None, **other: object) -> dict[str, object]:
    row: dict[str, object] = {"provider": "estat", "dataset": "pop", "edition": "1", "concept": "birth", "sex": sex}
    row |= {"destination": "AUT", "origin": "SRB", "age_min": ages[0], "age_max": ages[1], "value": value}
    return row | {"reference_date": "2020-01-01"} | other


def stock(*rows: dict[str, object]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=STOCK)
    return table.astype({"age_min": "Int64", "age_max": "Int64", "value": "Float64"})


def by_sex_and_age(**other: object) -> list[dict[str, object]]:
    """Answers of the whole, of each sex, of each age, and of sex by age."""
    whole = [answer("all", ADULTS, 10_000.0, **other)]
    sexes = [answer(sex, ADULTS, value, **other) for sex, value in (("female", 6000.0), ("male", 4000.0))]
    ages = [answer("all", ages, 5000.0, **other) for ages in HALVES]
    cells = zip(product(("female", "male"), HALVES), (3500.0, 2500.0, 1500.0, None), strict=True)
    return [*whole, *sexes, *ages, *(answer(sex, group, value, **other) for (sex, group), value in cells)]


def made(audience: pd.DataFrame, figures: pd.DataFrame, **other: object) -> pd.DataFrame:
    options: dict[str, object] = {"ages": ADULTS, "known_until": "2020-12-31"}
    return groups(audience, figures, **(options | other))  # type: ignore[arg-type]


def named(table: pd.DataFrame) -> list[tuple[object, ...]]:
    table = table.assign(age_max=table["age_max"].astype(object).where(table["age_max"].notna(), None))
    return [tuple(row) for row in table[["sex", "age_min", "age_max"]].itertuples(index=False)]


def test_sex_by_age_is_the_finest_partition() -> None:
    table = made(answers(*by_sex_and_age()), stock())
    assert named(table) == [(sex, low, high) for sex in ("female", "male") for low, high in HALVES]
    assert table["audience"].tolist()[:3] == [3500, 2500, 1500]
    assert table["education"].unique().tolist() == [""]


def test_a_group_below_the_floor_has_the_most_there_can_be() -> None:
    below = made(answers(*by_sex_and_age()), stock()).iloc[3]
    assert pd.isna(below["audience"])
    assert (below["audience_upper"], below["audience_status"]) == (1000, "floored")


def test_without_sex_by_age_it_is_age_else_sex_else_nothing() -> None:
    rows = by_sex_and_age()
    assert named(made(answers(*rows[:5]), stock())) == [("all", 18, 39), ("all", 40, None)]
    assert named(made(answers(*rows[:3]), stock())) == [("female", 18, None), ("male", 18, None)]
    assert made(answers(*rows[:1]), stock()).empty


def test_cells_of_other_breakdowns_and_metrics_are_no_groups() -> None:
    schooled = [answer(sex, ages, 9.0, education="graduate") for sex, ages in product(("female", "male"), HALVES)]
    daily = by_sex_and_age(metric="dau")
    assert made(answers(*by_sex_and_age()[:1], *schooled, *daily), stock()).empty


def test_age_groups_that_hold_others_are_left_out() -> None:
    wide = [answer(sex, (18, 64), 9999.0) for sex in ("female", "male")]
    table = made(answers(*by_sex_and_age(), *wide), stock())
    assert len(table) == 4
    assert 9999 not in table["audience"].dropna().tolist()


@pytest.mark.parametrize(
    ("pairs", "fault"),
    [([(18, 44), (40, None)], r"18-44 and 40\+ overlap"), ([(18, 24), (30, None)], "nobody of 25-29 is in a group")],
)
def test_age_groups_that_are_no_partition_are_refused_once(pairs: list[Pair], fault: str) -> None:
    cells = [answer(sex, ages, 9.0) for sex, ages in product(("female", "male"), pairs)]
    with pytest.raises(InputError, match=fault) as refused:
        made(answers(answer("all", ADULTS, 9.0), *cells), stock())
    assert "end to end of 18+" in str(refused.value.allowed)
    assert refused.value.exit_code == 3


def test_ages_of_the_totals_that_were_not_asked_are_groups_without_accounts() -> None:
    figures = stock(*(figure(sex, ages, 100.0) for sex in ("female", "male") for ages in ((0, 17), *HALVES)))
    table = made(answers(*by_sex_and_age()), figures, ages=(0, None))
    children = table[table["age_min"] == 0]
    assert named(children) == [("female", 0, 17), ("male", 0, 17)]
    assert children["audience_upper"].isna().all()
    assert table["official"].tolist() == [100.0] * 6


def test_an_office_of_the_same_groups_is_taken_as_it_is() -> None:
    cells = product(("female", "male"), HALVES)
    figures = stock(*(figure(sex, ages, value) for (sex, ages), value in zip(cells, (7.0, 5.0, 3.0, 0.0), strict=True)))
    table = made(answers(*by_sex_and_age()), figures)
    assert table["official"].tolist() == [7, 5, 3, 0]
    assert table["official_basis"].unique().tolist() == ["corridor"]
    assert table["official_date"].unique().tolist() == ["2020-01-01"]


def test_other_age_groups_are_bridged_and_keep_the_sum_of_everybody() -> None:
    offered: list[Pair] = [(0, 14), (15, 29), (30, 44), (45, 64), (65, None)]
    persons = (100.0, 300.0, 400.0, 250.0, 50.0)
    rows = [
        figure(sex, ages, value) for sex in ("female", "male") for ages, value in zip(offered, persons, strict=True)
    ]
    table = made(answers(*by_sex_and_age()), stock(*rows), ages=(0, None))
    women = table[table["sex"] == "female"].set_index("age_min")["official"]
    assert women.sum() == pytest.approx(sum(persons), rel=1e-9)
    assert 400 + 300 * 12 / 15 - 200 < women[18] < 400 + 300
    assert women[40] > 300
    assert women[0] > 100


def test_figures_that_do_not_reach_all_ages_wanted_tell_nothing() -> None:
    young = stock(*(figure(sex, ages, 9.0) for sex in ("female", "male") for ages in ((18, 39), (40, 64))))
    table = made(answers(*by_sex_and_age()), young)
    assert table["official"].isna().all()
    assert table["official_basis"].unique().tolist() == [""]


def halves(value: float, **other: object) -> list[dict[str, object]]:
    return [figure(sex, ages, value, **other) for sex, ages in product(("female", "male"), HALVES)]


def test_the_corridor_comes_before_all_foreign_origins_of_the_destination() -> None:
    foreign, own = halves(50.0, origin="WLD"), halves(7.0)
    bosnian = by_sex_and_age(origin="BIH")
    table = made(answers(*by_sex_and_age(), *bosnian), stock(*foreign, *own)).set_index("origin")
    assert table["official"]["SRB"].tolist() == [7.0] * 4
    assert table["official_basis"]["SRB"].unique().tolist() == ["corridor"]
    assert table["official"]["BIH"].tolist() == [50.0] * 4
    assert table["official_basis"]["BIH"].unique().tolist() == ["destination"]


def test_the_newest_date_known_is_official_and_the_target_date_is_the_stock() -> None:
    figures = stock(*(row for year in range(2018, 2023) for row in halves(year, reference_date=f"{year}-01-01")))
    table = made(answers(*by_sex_and_age()), figures, known_until="2020-06-30", target_date="2022-01-01")
    assert table["official"].tolist() == [2020.0] * 4
    assert table["official_date"].unique().tolist() == ["2020-01-01"]
    assert table["stock"].tolist() == [2022.0] * 4
    assert made(answers(*by_sex_and_age()), figures)["stock"].isna().all()


def test_a_newer_total_does_not_hide_the_newest_composition() -> None:
    total = [figure(sex, ADULTS, 99.0, reference_date="2020-07-01") for sex in ("female", "male")]
    table = made(answers(*by_sex_and_age()), stock(*halves(7.0), *total))
    assert table["official"].tolist() == [7.0] * 4


def test_of_two_sources_the_first_is_preferred_and_the_second_stands_in() -> None:
    figures = stock(
        *halves(7.0, reference_date="2019-01-01"),
        *halves(90.0, provider="oecd", reference_date="2020-01-01"),
        *halves(30.0, provider="oecd", destination="DEU"),
    )
    german = by_sex_and_age(destination="DEU")
    table = made(answers(*by_sex_and_age(), *german), figures).set_index("destination")
    assert table["official"]["AUT"].tolist() == [7.0] * 4
    assert table["official"]["DEU"].tolist() == [30.0] * 4


def test_a_first_source_of_totals_alone_does_not_hide_the_composition_of_the_second() -> None:
    totals = [figure(sex, ADULTS, 99.0, provider="undesa") for sex in ("female", "male")]
    table = made(answers(*by_sex_and_age()), stock(*totals, *halves(7.0)))
    assert table["official"].tolist() == [7.0] * 4


def test_a_query_by_sex_takes_figures_by_sex_of_all_ages() -> None:
    figures = stock(figure("female", ADULTS, 60.0), figure("male", ADULTS, 40.0))
    table = made(answers(*by_sex_and_age()[:3]), figures)
    assert table["official"].tolist() == [60.0, 40.0]


def test_users_and_residents_are_of_the_same_group() -> None:
    users = [row | {"value": 1000.0 * place} for place, row in enumerate(by_sex_and_age(origin=""))]
    people = pd.DataFrame([{"area": "AUT", "sex": "female", "age_min": 18, "age_max": 39, "value": 5e5}])
    people = pd.concat([people, people.assign(age_min=40, age_max=None, value=7e5)], ignore_index=True)
    people = people.astype({"age_min": "Int64", "age_max": "Int64"})
    table = made(answers(*by_sex_and_age(), *users), stock(), population=people)
    assert table["users"].tolist() == [5000, 6000, 7000, 8000]
    assert table["population"].tolist()[:2] == [5e5, 7e5]
    assert table["population"].isna().tolist() == [False, False, True, True]


def test_accounts_of_a_country_at_home_are_no_corridor() -> None:
    table = made(answers(*by_sex_and_age(), *by_sex_and_age(destination="SRB")), stock())
    assert table["destination"].unique().tolist() == ["AUT"]


def test_the_order_of_rows_does_not_matter() -> None:
    audience = answers(*by_sex_and_age(), *by_sex_and_age(origin="BIH"), *by_sex_and_age(destination="DEU"))
    offered: list[Pair] = [(0, 14), (15, 44), (45, 64), (65, None)]
    rows = [
        figure(sex, ages, 10.0 + place, destination=destination, reference_date=f"{year}-01-01")
        for destination, year, sex in product(("AUT", "DEU"), (2018, 2020), ("female", "male"))
        for place, ages in enumerate(offered)
    ]
    figures = stock(*rows)
    expected = made(audience, figures, ages=(0, None), target_date="2018-01-01")
    rng = np.random.default_rng(1)
    shuffled = made(
        audience.iloc[rng.permutation(len(audience))],
        figures.iloc[rng.permutation(len(figures))],
        ages=(0, None),
        target_date="2018-01-01",
    )
    pd.testing.assert_frame_equal(shuffled, expected, rtol=1e-6)


@pytest.mark.parametrize("other", [[(18, 39), (40, 64), (65, None)], [(18, 29), (30, 39), (40, None)]])
def test_corridors_of_different_age_groups_stand_beside_each_other(other: list[Pair]) -> None:
    finer = [figure("female", ages, 5.0, destination="DEU") for ages in other]
    finer += [figure("male", ages, 5.0, destination="DEU") for ages in other]
    german = by_sex_and_age(destination="DEU")
    table = made(answers(*by_sex_and_age(), *german), stock(*halves(7.0), *finer)).set_index("destination")
    assert table["official"]["AUT"].tolist() == [7.0] * 4
    assert table["official"]["DEU"].sum() == 30.0
