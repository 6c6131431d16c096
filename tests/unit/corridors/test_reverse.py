"""The reverse corridor, from any figure at hand."""

from __future__ import annotations

import pandas as pd

from smstock.corridors.reverse import official_reverse

CORRIDORS = pd.DataFrame({"destination": ["AUT", "AUT"], "origin": ["SRB", "SRB"], "sex": ["all", "female"]})


def figure(value: float | None, date: str = "2015-07-01", **other: object) -> dict[str, object]:
    row: dict[str, object] = {"destination": "SRB", "origin": "AUT", "sex": "all", "provider": "undesa"}
    return row | {"edition": "2020", "concept": "birth", "reference_date": date, "value": value} | other


def reverse(*figures: dict[str, object], until: str = "2018-01-01") -> list[float]:
    return official_reverse(CORRIDORS, pd.DataFrame(figures), known_until=until).tolist()


def test_it_is_the_last_figure_known_by_then_on_each_row() -> None:
    figures = figure(1500.0), figure(1700.0, "2017-01-01", provider="eurostat"), figure(1900.0, "2019-01-01")
    assert reverse(*figures) == [1700.0, 1700.0]
    assert reverse(*figures, until="2016-12-31") == [1500.0, 1500.0]


def test_of_one_day_the_foreign_born_and_the_newer_edition_count() -> None:
    figures = figure(1600.0, edition="2024"), figure(1500.0), figure(800.0, concept="citizenship", edition="2025")
    assert reverse(*figures) == [1600.0, 1600.0]


def test_a_figure_without_a_value_or_of_one_sex_is_none() -> None:
    assert pd.isna(reverse(figure(None), figure(700.0, sex="female"), provider_of_none())).all()


def provider_of_none() -> dict[str, object]:
    return figure(3.0, destination="ITA", origin="HUN", provider="eurostat")


def test_what_un_desa_does_not_list_is_none_only_if_it_lists_both_ends() -> None:
    others = figure(9000.0, origin="HUN"), figure(40.0, destination="ITA", origin="AUT")
    assert reverse(*others) == [0.0, 0.0]
    assert pd.isna(reverse(others[0])).all()
    assert pd.isna(reverse(*(row | {"provider": "eurostat"} for row in others))).all()
