from __future__ import annotations

from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smstock.errors import ContractError, InputError
from smstock.official.resolver import CELL, Preference, at_date, resolve
from smstock.tables import POPULATION, STOCK

EUROSTAT = Preference("eurostat", "birth", "2025")
OECD = Preference("oecd", "birth", "2024")
CITIZENS = Preference("eurostat", "citizenship", "2025")
ORDER = (EUROSTAT, OECD, CITIZENS)


def figure(source: Preference, origin: str, value: float | None, **given: Any) -> dict[str, Any]:
    return {
        "provider": source.provider,
        "dataset": f"{source.provider}-{source.concept}",
        "edition": source.edition,
        "concept": source.concept,
        "destination": "DEU",
        "origin": origin,
        "sex": "all",
        "age_min": 0,
        "age_max": None,
        "reference_date": "2024-01-01",
        "value": value,
        "flags": "",
        "retrieved_at": "2026-11-22",
    } | given


def printed_value(row: dict[Any, Any]) -> float | None:
    return None if pd.isna(row["value"]) else row["value"]


def resolved(*figures: dict[str, Any], order: tuple[Preference, ...] = ORDER) -> dict[str, tuple[str, Any, str]]:
    """Return provider and concept, value and flags by origin."""
    found = resolve([pd.DataFrame(figures)], order)
    return {
        row["origin"]: (f"{row['provider']} {row['concept']}", printed_value(row), row["flags"])
        for row in found.to_dict("records")
    }


def test_the_first_of_the_order_is_taken_and_a_hole_is_filled_from_the_next_and_says_so() -> None:
    found = resolved(
        figure(EUROSTAT, "POL", 10, flags="p"),
        figure(OECD, "POL", 99),
        figure(EUROSTAT, "SRB", None, flags="u; :"),
        figure(OECD, "SRB", 20, flags="b"),
        figure(CITIZENS, "TUR", 30),
    )
    assert found == {
        "POL": ("eurostat birth", 10, "p"),
        "SRB": ("oecd birth", 20, "b; resolved: oecd birth 2024 instead of eurostat birth 2025 (:)"),
        "TUR": (
            "eurostat citizenship",
            30,
            "resolved: eurostat citizenship 2025 instead of eurostat birth 2025 (no row)",
        ),
    }


def test_a_cell_that_nobody_has_stays_missing_with_the_first_reason() -> None:
    found = resolved(
        figure(OECD, "POL", None, flags="C; blank"),
        figure(EUROSTAT, "POL", None, flags=":"),
        figure(CITIZENS, "SRB", 1),
    )
    assert found["POL"] == ("eurostat birth", None, ":")


def test_sexes_ages_and_dates_are_cells_of_their_own() -> None:
    rows = [
        figure(EUROSTAT, "POL", 1, sex="female"),
        figure(OECD, "POL", 2),
        figure(OECD, "POL", 3, age_min=15, age_max=64),
        figure(OECD, "POL", 4, reference_date="2023-01-01"),
        figure(CITIZENS, "POL", 5),
    ]
    assert sorted(resolve([pd.DataFrame(rows)], ORDER)["value"]) == [1, 2, 3, 4]


def test_zero_is_a_figure_and_no_hole() -> None:
    found = resolved(figure(EUROSTAT, "POL", 0), figure(OECD, "POL", 9), figure(CITIZENS, "POL", 9))
    assert found["POL"] == ("eurostat birth", 0, "")


def test_what_the_order_does_not_name_is_left_out() -> None:
    other = Preference("undesa", "birth", "2020")
    found = resolved(figure(EUROSTAT, "POL", 1), figure(other, "SRB", 2), order=(EUROSTAT,))
    assert set(found) == {"POL"}


def test_of_two_copies_of_a_row_the_one_retrieved_last_counts() -> None:
    old, new = (
        figure(EUROSTAT, "POL", value, retrieved_at=day) for value, day in ((1, "2026-10-01"), (2, "2026-11-01"))
    )
    assert resolve([pd.DataFrame([new]), pd.DataFrame([old])], [EUROSTAT])["value"].tolist() == [2]


def test_two_data_sets_of_one_entry_are_refused() -> None:
    rows = [figure(EUROSTAT, "POL", 1), figure(EUROSTAT, "POL", 2, dataset="migr_pop4ctb")]
    with pytest.raises(ContractError, match="has two figures for one cell") as caught:
        resolve([pd.DataFrame(rows)], [EUROSTAT])
    assert "DEU from POL, all, 2024-01-01" in caught.value.where


@pytest.mark.parametrize(
    ("order", "said"),
    [
        ((), "names no entry, or one twice: none"),
        ((EUROSTAT, EUROSTAT), "names no entry, or one twice"),
        ((EUROSTAT, OECD), "there is no figure of oecd birth 2024"),
    ],
)
def test_an_order_that_cannot_be_meant_is_refused(order: tuple[Preference, ...], said: str) -> None:
    with pytest.raises(InputError, match=said):
        resolve([pd.DataFrame([figure(EUROSTAT, "POL", 1)])], order)


def test_nothing_to_choose_from_is_refused() -> None:
    with pytest.raises(InputError, match="no stock table"):
        resolve([], ORDER)


@settings(max_examples=20)
@given(
    st.lists(
        st.tuples(st.sampled_from(ORDER), st.sampled_from(["POL", "SRB", "NAM"]), st.none() | st.integers(0, 9)),
        min_size=1,
        unique_by=lambda each: each[:2],
    )
)
def test_every_figure_is_one_that_some_provider_printed(given_: list[tuple[Preference, str, int | None]]) -> None:
    stock = pd.DataFrame([figure(*each) for each in given_])
    order = tuple(entry for entry in ORDER if entry in {each[0] for each in given_})
    found = resolve([stock], order)
    assert not found.duplicated(list(CELL)).any()
    assert set(found["origin"]) == set(stock["origin"])
    printed = {(entry.provider, entry.concept, origin): value for entry, origin, value in given_}
    for row in found.to_dict("records"):
        candidates = [printed.get((entry.provider, entry.concept, row["origin"])) for entry in order]
        first = next((value for value in candidates if value is not None), None)
        assert printed_value(row) == first
        if first is not None:
            assert ("resolved:" in row["flags"]) == (candidates[0] is None)


def population(**values: float) -> pd.DataFrame:
    common = {"provider": "undesa", "edition": "wpp 2024", "area": "NAM", "sex": "all", "age_min": 15, "age_max": 19}
    return pd.DataFrame(
        [common | {"reference_date": day.strip("d").replace("_", "-"), "value": value} for day, value in values.items()]
    )


def test_a_population_is_interpolated_by_days_and_says_so() -> None:
    """2023-07-01 to 2024-07-01 is 366 days, and 1 January 2024 the 184th: 1000 + 184/366 of 366."""
    found = at_date(population(d2023_07_01=1000, d2024_07_01=1366), POPULATION, "2024-01-01")
    assert found["value"].tolist() == [1184.0]
    assert found["reference_date"].tolist() == ["2024-01-01"]
    assert found["edition"].tolist() == ["wpp 2024, interpolated: 2023-07-01 to 2024-07-01"]


def test_a_figure_for_the_day_itself_stays_as_it_is() -> None:
    found = at_date(population(d2023_07_01=1000, d2024_01_01=7, d2024_07_01=1366), POPULATION, "2024-01-01")
    assert (found["value"].tolist(), found["edition"].tolist()) == ([7.0], ["wpp 2024"])


@pytest.mark.parametrize("day", ["2023-06-30", "2024-07-02"])
def test_nothing_is_extrapolated(day: str) -> None:
    assert at_date(population(d2023_07_01=1000, d2024_07_01=1366), POPULATION, day).empty


def test_a_missing_stock_is_bridged_by_its_neighbours_and_the_flag_says_which() -> None:
    values = (("2022-01-01", 10.0, "b"), ("2023-01-01", None, ":"), ("2024-01-01", 20.0, ""))
    rows = [figure(EUROSTAT, "POL", value, reference_date=day, flags=flags) for day, value, flags in values]
    found = at_date(pd.DataFrame(rows), STOCK, "2023-01-01")
    assert found["value"].tolist() == [15.0]
    assert found["flags"].tolist() == ["b; interpolated: 2022-01-01 to 2024-01-01"]


def test_concepts_and_editions_are_interpolated_each_for_itself() -> None:
    rows = [
        figure(source, "POL", value, reference_date=day)
        for source, first, last in ((EUROSTAT, 10, 30), (CITIZENS, 100, 300))
        for day, value in (("2022-01-01", first), ("2024-01-01", last))
    ]
    found = at_date(pd.DataFrame(rows), STOCK, "2023-01-01")
    assert dict(zip(found["concept"], found["value"], strict=True)) == {"birth": 20.0, "citizenship": 200.0}
