"""Tidy CSV: our own layout, recognised by its header."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from smstock import tables
from smstock.errors import ContractError, OfficialFileError, UnknownNameError
from smstock.official import readers, tidy
from smstock.official.rawfile import opened
from smstock.vocabulary.places import Place, learn

if TYPE_CHECKING:
    from pathlib import Path

STOCK = {
    "provider": "undesa",
    "dataset": "ims",
    "edition": "2020",
    "concept": "birth",
    "destination": "NAM",
    "origin": "SRB",
    "sex": "all",
    "age_min": "0",
    "age_max": "",
    "reference_date": "2020-07-01",
    "value": "12",
    "flags": "B R",
    "retrieved_at": "",
}


def write(path: Path, *rows: dict[str, str]) -> Path:
    lines = [",".join(rows[0]), *(",".join(row.values()) for row in rows)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_namibia_and_the_places_of_no_area_survive(tmp_path: Path) -> None:
    rows = [STOCK | {"origin": origin} for origin in ("SRB", "WLD", "XXX")]
    table = tidy.read(opened(write(tmp_path / "stock.csv", *rows)), tables.STOCK).table
    assert table["destination"].tolist() == ["NAM"] * 3
    assert table["origin"].tolist() == ["SRB", "WLD", "XXX"]


def test_order_of_columns_and_further_columns_do_not_matter(tmp_path: Path) -> None:
    moved = dict(reversed(STOCK.items())) | {"remark": "x"}
    table = tidy.read(opened(write(tmp_path / "moved.csv", moved)), tables.STOCK).table
    assert table.equals(tidy.read(opened(write(tmp_path / "plain.csv", STOCK)), tables.STOCK).table)


def test_an_empty_value_is_missing_and_zero_is_zero(tmp_path: Path) -> None:
    rows = [STOCK | {"value": ""}, STOCK | {"value": "0", "origin": "DEU"}]
    values = tidy.read(opened(write(tmp_path / "stock.csv", *rows)), tables.STOCK).table["value"]
    assert values.isna().tolist() == [True, False]
    assert values[1] == 0


def test_an_unknown_area_is_named_with_the_nearest(tmp_path: Path) -> None:
    path = write(tmp_path / "stock.csv", STOCK, STOCK | {"origin": "DUE"})
    with pytest.raises(UnknownNameError, match="'DUE'") as caught:
        tidy.read(opened(path), tables.STOCK)
    assert caught.value.where == f"{path}, line 3, column origin"
    assert "DEU" in caught.value.hint


@pytest.mark.parametrize("day", ["2015-02-30", "2015-13-01", "0000-01-01", "2015-7-1", ""])
def test_an_impossible_day_is_refused_with_its_line(tmp_path: Path, day: str) -> None:
    path = write(tmp_path / "stock.csv", STOCK, STOCK | {"reference_date": day})
    path.write_text("# of our own\n\n" + path.read_text())
    with pytest.raises(OfficialFileError, match=f"'{day}' is no day of the calendar") as caught:
        readers.read_stock(path)
    assert caught.value.where == f"{path}, line 5"


@pytest.mark.parametrize(("name", "code"), [("Namibia", "NAM"), ("Germany", "DEU"), ("deu", "DEU"), ("AUSTRIA", "AUT")])
def test_for_a_name_in_place_of_a_code_the_code_is_named(tmp_path: Path, name: str, code: str) -> None:
    path = write(tmp_path / "stock.csv", STOCK, STOCK | {"destination": name})
    path.write_text("# by hand\n" + path.read_text())
    with pytest.raises(UnknownNameError, match=f"unknown area '{name}'") as caught:
        readers.read_stock(path)
    assert caught.value.where == f"{path}, line 4, column destination"
    assert f"({code})" in caught.value.hint


@pytest.mark.parametrize(
    ("absent", "hint"),
    [
        (["flags", "retrieved_at"], "add them; the fields of flags, retrieved_at may be empty"),
        (["edition"], "add it; every field needs a value"),
        (["concept", "age_max"], "add them; the fields of age_max may be empty"),
    ],
)
def test_columns_of_the_nearest_table_that_are_missing_are_named(tmp_path: Path, absent: list[str], hint: str) -> None:
    row = {name: text for name, text in STOCK.items() if name not in absent}
    path = write(tmp_path / "stock.csv", row)
    with pytest.raises(OfficialFileError, match=f"of a tidy CSV of stock: {', '.join(absent)}\n") as caught:
        readers.read_stock(path)
    assert caught.value.allowed == ",".join(STOCK)
    assert caught.value.hint == hint


@pytest.mark.parametrize("area", ["DE-BY", "DE21", "EL30", "UKI3", "GB-ENG"])
def test_areas_below_the_country_pass(tmp_path: Path, area: str) -> None:
    table = tidy.read(opened(write(tmp_path / "stock.csv", STOCK | {"destination": area})), tables.STOCK).table
    assert table["destination"].tolist() == [area]


@pytest.mark.parametrize(
    ("written", "area"),
    [
        ("DEA", "DEA"),
        ("FRY", "FRY"),
        ("06", "US-CA"),
        ("06037", "US-06037"),
        ("GR30", "EL30"),
        ("0400000US25", "US-MA"),
    ],
)
def test_places_by_what_their_office_calls_them(tmp_path: Path, written: str, area: str) -> None:
    path = write(tmp_path / "stock.csv", STOCK | {"destination": written})
    assert readers.read_stock(path)["destination"].tolist() == [area]
    row = dict.fromkeys(("provider", "edition"), "x") | {"area": written, "sex": "all", "age_min": "0", "age_max": ""}
    people = write(tmp_path / "people.csv", row | {"reference_date": "2020-07-01", "value": "5"})
    assert readers.read_population(people)["area"].tolist() == [area]


@pytest.mark.parametrize("area", ["DEW", "FRX", "99", "99001"])
def test_codes_that_no_place_has_are_refused(tmp_path: Path, area: str) -> None:
    with pytest.raises(UnknownNameError, match=f"unknown area '{area}'"):
        readers.read_stock(write(tmp_path / "stock.csv", STOCK | {"destination": area}))


def test_nobody_comes_from_a_place_by_name_or_number(tmp_path: Path) -> None:
    learn([Place("DE-BY", "Bavaria", "DEU")])
    for origin in ("Bavaria", "06037"):
        with pytest.raises(UnknownNameError, match=f"unknown area '{origin}'"):
            readers.read_stock(write(tmp_path / "stock.csv", STOCK | {"origin": origin}))


@pytest.mark.parametrize("area", ["ZZZZ", "ZZ-BY", "QQ11"])
def test_areas_below_a_country_that_there_is_none_of_are_refused(tmp_path: Path, area: str) -> None:
    with pytest.raises(UnknownNameError, match=f"(?s)unknown area '{area}'.*column destination"):
        tidy.read(opened(write(tmp_path / "stock.csv", STOCK | {"destination": area})), tables.STOCK)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"age_min": "18", "age_max": "10"}, "age_max is 10, allowed: 18 (age_min) or more"),
        ({"age_min": "1000000000"}, "age_min is 1000000000, allowed: 0 to 130"),
        ({"age_max": "131"}, "age_max is 131, allowed: 0 to 130"),
        ({"reference_date": "0001-01-01"}, "reference_date is '0001-01-01'"),
        ({"reference_date": "9999-12-31"}, "reference_date is '9999-12-31'"),
        ({"retrieved_at": "2020-02-30"}, "retrieved_at is '2020-02-30', allowed: a day"),
        ({"retrieved_at": "x"}, "retrieved_at is 'x', allowed: a day"),
    ],
)
def test_ages_and_moments_that_are_none_are_refused(tmp_path: Path, change: dict[str, str], message: str) -> None:
    with pytest.raises(ContractError) as refused:
        tidy.read(opened(write(tmp_path / "stock.csv", STOCK | change)), tables.STOCK)
    assert message in refused.value.where


@pytest.mark.parametrize("asked_at", ["yesterday", "2019-02-30T09:35:21Z", "2019-05-03T25:35:21Z", ""])
def test_users_were_asked_at_a_moment(tmp_path: Path, asked_at: str) -> None:
    row = {"platform": "meta", "area": "SRB", "sex": "all", "age_min": "13", "age_max": "", "asked_at": asked_at}
    path = write(tmp_path / "users.csv", row | {"value": "3000000", "source": "x"})
    with pytest.raises(ContractError) as refused:
        tidy.read(opened(path), tables.USERS)
    assert f"asked_at is {asked_at!r}" in refused.value.where


def test_a_line_with_a_field_too_many_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "stock.csv", STOCK, STOCK | {"flags": "B,R"})
    with pytest.raises(OfficialFileError, match="a row of 14 fields below a header of 13"):
        tidy.read(opened(path), tables.STOCK)


def test_comments_and_a_missing_end_of_the_last_line_do_not_matter(tmp_path: Path) -> None:
    path = write(tmp_path / "stock.csv", STOCK)
    path.write_text("# of our own\n" + path.read_text().strip() + "  # as printed")
    assert tidy.read(opened(path), tables.STOCK).table["value"].tolist() == [12]


def test_an_indicator(tmp_path: Path) -> None:
    row = dict.fromkeys(tables.INDICATOR.names, "") | {
        "provider": "itu",
        "dataset": "datahub",
        "edition": "2024",
        "indicator": "internet_use",
        "area": "NAM",
        "sex": "female",
        "age_min": "16",
        "age_max": "74",
        "reference_date": "2022-07-01",
        "value": "62.5",
        "unit": "percent of individuals",
    }
    path = write(tmp_path / "internet.csv", row)
    assert readers.read_indicator(path)["value"].tolist() == [62.5]


SEMICOLONS = ";".join(STOCK)


def with_semicolons(*values: str) -> str:
    rows = [STOCK | {"value": value, "edition": str(edition)} for edition, value in enumerate(values)]
    return "\n".join([SEMICOLONS, *(";".join(row.values()) for row in rows)]) + "\n"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (("199691,0", "12"), [199691, 12]),
        (("199.691", "1.234.567"), [199691, 1234567]),
        (("199\u00a0691", "12"), [199691, 12]),
        (("199'691", "1e+05"), [199691, 100_000]),
        (("0,5", "199,691"), [0.5, 199.691]),
    ],
)
def test_figures_with_semicolons(tmp_path: Path, values: tuple[str, ...], expected: list[float]) -> None:
    path = tmp_path / "stock.csv"
    path.write_text(with_semicolons(*values), encoding="utf-8")
    assert readers.read_stock(path)["value"].tolist() == expected


@pytest.mark.parametrize("separator", [";", "\t", ","])
def test_what_may_be_thousands_is_refused_whatever_separates_the_fields(tmp_path: Path, separator: str) -> None:
    path = tmp_path / "stock.csv"
    path.write_text("# by hand\n\n" + with_semicolons("12", "199.691").replace(";", separator))
    with pytest.raises(OfficialFileError, match=r"'199\.691' may have a decimal point or be thousands") as caught:
        readers.read_stock(path)
    assert caught.value.where == f"{path}, line 5"


@pytest.mark.parametrize("value", ["12 %", "many", "\u22125", "NaN"])
def test_what_is_no_figure_is_refused_with_its_value_and_line(tmp_path: Path, value: str) -> None:
    path = tmp_path / "stock.csv"
    path.write_text("sep=;\n" + with_semicolons("12", value), encoding="utf-8")
    with pytest.raises(OfficialFileError, match="is neither a figure nor a mark") as caught:
        readers.read_stock(path)
    assert repr(value) in caught.value.what
    assert caught.value.where == f"{path}, line 4"


def test_a_breach_of_the_contract_names_the_line_of_the_file(tmp_path: Path) -> None:
    path = write(tmp_path / "stock.csv", STOCK, STOCK | {"sex": "both", "origin": "TUR"})
    path.write_text("sep=,\n# of our own\n\n" + path.read_text().replace("\n", "\n\n"))
    with pytest.raises(ContractError) as caught:
        readers.read_stock(path)
    assert caught.value.where.startswith("line 8: sex is 'both'")


def test_shares_have_decimal_points_where_the_fields_have_commas(tmp_path: Path) -> None:
    row = dict.fromkeys(tables.INDICATOR.names, "") | {
        "provider": "itu",
        "dataset": "datahub",
        "edition": "2024",
        "indicator": "internet_use",
        "area": "NAM",
        "sex": "female",
        "age_min": "16",
        "reference_date": "2022-07-01",
        "value": "62.512",
        "unit": "percent of individuals",
    }
    assert readers.read_indicator(write(tmp_path / "internet.csv", row))["value"].tolist() == [62.512]


def test_thousands_that_a_program_may_have_taken_for_decimals_are_told(tmp_path: Path) -> None:
    rows = [STOCK | {"origin": origin, "value": value} for origin, value in (("SRB", "199.691"), ("DEU", "12.5"))]
    (remark,) = readers.read(write(tmp_path / "stock.csv", *rows), tables.STOCK).remarks
    assert "2 of 2 figures, such as 199.691, have decimals and none is 1000 or more" in remark
    rows.append(STOCK | {"origin": "FRA", "value": "1200"})
    assert readers.read(write(tmp_path / "stock.csv", *rows), tables.STOCK).remarks == ()
