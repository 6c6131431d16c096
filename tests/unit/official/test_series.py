"""Series of several providers: which figure counts in a year, and which concept a corridor keeps to."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smstock.corridors.history import official_history
from smstock.errors import InputError
from smstock.official.resolver import Preference
from smstock.official.series import series

EUROSTAT = Preference("eurostat", "birth", "2025")
UNDESA = Preference("undesa", "birth", "2020")
CITIZENS = Preference("eurostat", "citizenship", "2025")
ORDER = (EUROSTAT, UNDESA, CITIZENS)


def figure(source: Preference, day: str, value: float | None, **given: Any) -> dict[str, Any]:
    return {
        "provider": source.provider,
        "dataset": f"{source.provider}-{source.concept}",
        "edition": source.edition,
        "concept": source.concept,
        "destination": "DEU",
        "origin": "POL",
        "sex": "all",
        "age_min": 0,
        "age_max": None,
        "reference_date": day,
        "value": value,
        "flags": "",
        "retrieved_at": "",
    } | given


def found(*figures: dict[str, Any], day: str = "", order: tuple[Preference, ...] = ORDER) -> list[tuple[str, float]]:
    there = {(row["provider"], row["concept"], row["edition"]) for row in figures}
    named = tuple(entry for entry in order if (entry.provider, entry.concept, entry.edition) in there)
    table = series([pd.DataFrame(figures)], named, day=day)
    return list(zip(table["reference_date"], table["value"], strict=True))


def test_in_a_year_the_most_trusted_figure_counts_and_an_empty_year_is_filled() -> None:
    rows = [
        figure(EUROSTAT, "2015-01-01", 10),
        figure(UNDESA, "2015-07-01", 11),
        figure(EUROSTAT, "2020-01-01", None, flags=":"),
        figure(UNDESA, "2020-07-01", 21),
    ]
    assert found(*rows) == [("2015-01-01", 10), ("2020-07-01", 21)]


def test_a_figure_that_was_filled_in_says_so() -> None:
    rows = [figure(EUROSTAT, "2015-01-01", 10), figure(UNDESA, "2020-07-01", 21, flags="B R")]
    table = series([pd.DataFrame(rows)], [EUROSTAT, UNDESA])
    assert table["flags"].tolist() == ["", "B R; resolved: undesa birth 2020 instead of eurostat birth 2025 (no row)"]


def test_for_a_day_each_series_is_interpolated_before_the_order_is_applied() -> None:
    """2020-07-01 is day 182 of 366: 10 + 182 / 366 of 366."""
    rows = [
        figure(EUROSTAT, "2020-01-01", 10),
        figure(EUROSTAT, "2021-01-01", 376),
        figure(UNDESA, "2020-07-01", 999),
    ]
    assert found(*rows, day="2020-07-01") == [("2020-01-01", 10), ("2020-07-01", 192), ("2021-01-01", 376)]
    assert found(*rows) == [("2020-01-01", 10), ("2021-01-01", 376)]


def test_a_documented_hole_on_the_day_is_filled_from_the_next_and_not_interpolated() -> None:
    rows = [
        figure(EUROSTAT, "2019-01-01", 10),
        figure(EUROSTAT, "2020-01-01", None, flags="u; :"),
        figure(EUROSTAT, "2021-01-01", 30),
        figure(UNDESA, "2020-01-01", 25),
    ]
    table = series([pd.DataFrame(rows)], [EUROSTAT, UNDESA], day="2020-01-01")
    row = table[table["reference_date"] == "2020-01-01"].to_dict("records")[0]
    assert (row["provider"], row["value"]) == ("undesa", 25)
    assert row["flags"] == "resolved: undesa birth 2020 instead of eurostat birth 2025 (:)"


def test_a_corridor_keeps_to_the_concept_of_its_most_trusted_figure() -> None:
    """Also where another concept alone has a figure for the day, or a newer one."""
    rows = [
        figure(EUROSTAT, "2015-01-01", 10),
        figure(CITIZENS, "2020-01-01", 4),
        figure(CITIZENS, "2015-01-01", 7, origin="SRB"),
    ]
    assert found(*rows, day="2020-01-01") == [("2015-01-01", 10), ("2015-01-01", 7)]
    assert found(*rows) == [("2015-01-01", 10), ("2015-01-01", 7)]


def test_an_entry_that_has_no_figure_yet_does_not_say_the_concept() -> None:
    rows = [figure(EUROSTAT, "2023-01-01", 10), figure(CITIZENS, "2020-01-01", 4)]
    table = series([pd.DataFrame(rows)], [EUROSTAT, CITIZENS], until="2020-10-15")
    assert table[["concept", "value"]].to_numpy().tolist() == [["citizenship", 4]]


def test_totals_of_the_most_trusted_stand_beside_women_and_men_of_another_concept() -> None:
    """Romania to Poland: citizens by Eurostat, both sexes only; UN DESA's mixed figures are younger and by sex."""
    mixed = Preference("undesa", "mixed", "2020")
    totals = {2016: 773, 2017: 1047, 2018: 1137, 2019: 1218, 2020: 1619}
    rows = [figure(CITIZENS, f"{year}-01-01", value) for year, value in totals.items()]
    by_sex = {2015: (2449, 1417, 1032), 2020: (3270, 1701, 1569)}
    rows += [
        figure(mixed, f"{year}-07-01", value, sex=sex)
        for year, values in by_sex.items()
        for sex, value in zip(("all", "female", "male"), values, strict=True)
    ]
    table = series([pd.DataFrame(rows)], [CITIZENS, mixed], until="2024-01-01")
    last = official_history(table, target_date="2024-01-01", known_until="2024-01-01")
    assert last[["sex", "official_last", "official_last_date"]].to_numpy().tolist() == [["all", 1619, "2020-01-01"]]
    assert table["value"].tolist() == list(totals.values())


def test_a_hole_is_filled_from_the_next_entry_of_its_own_concept() -> None:
    other = Preference("oecd", "birth", "1")
    rows = [figure(EUROSTAT, "2020-01-01", None, flags=":"), figure(EUROSTAT, "2019-01-01", 3)]
    rows += [figure(CITIZENS, "2020-01-01", 4), figure(other, "2020-01-01", 5)]
    table = series([pd.DataFrame(rows)], [EUROSTAT, CITIZENS, other])
    assert table[["provider", "value"]].to_numpy().tolist() == [["eurostat", 3], ["oecd", 5]]
    assert table["flags"].tolist()[1] == "resolved: oecd birth 1 instead of eurostat birth 2025 (:)"


def test_sexes_are_filled_each_for_itself() -> None:
    rows = [
        figure(EUROSTAT, "2020-01-01", 10),
        figure(UNDESA, "2020-07-01", 11),
        figure(UNDESA, "2020-07-01", 6, sex="female"),
    ]
    assert found(*rows) == [("2020-01-01", 10), ("2020-07-01", 6)]


def test_an_entry_that_no_table_has_is_refused() -> None:
    with pytest.raises(InputError, match="there is no figure of oecd birth 1"):
        series([pd.DataFrame([figure(EUROSTAT, "2020-01-01", 1)])], [EUROSTAT, Preference("oecd", "birth", "1")])


DAYS = ("2015-01-01", "2015-07-01", "2020-01-01", "2020-07-01")


@settings(max_examples=25)
@given(
    st.lists(
        st.tuples(st.sampled_from(ORDER), st.sampled_from(DAYS), st.none() | st.integers(0, 9)),
        min_size=1,
        unique_by=lambda each: each[:2],
    )
)
def test_each_year_has_one_figure_that_was_printed_and_a_corridor_one_concept(
    printed: list[tuple[Preference, str, int | None]],
) -> None:
    rows = pd.DataFrame([figure(*each) for each in printed])
    table = series([rows], [entry for entry in ORDER if entry in {each[0] for each in printed}])
    assert len(set(table["concept"])) <= 1
    assert not table["reference_date"].str[:4].duplicated().any()
    figures = {(str(entry), day): value for entry, day, value in printed}
    for row in table.to_dict("records"):
        source = f"{row['provider']} {row['concept']} {row['edition']}"
        assert figures[source, row["reference_date"]] == row["value"]
