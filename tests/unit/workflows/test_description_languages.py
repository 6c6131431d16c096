"""Tables in languages that smstock does not know: what a heading says is taken, and names are asked for."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING

import pytest

from smstock.errors import OfficialFileError
from smstock.official import readers
from smstock.workflows.description import descriptions

if TYPE_CHECKING:
    from pathlib import Path

ABOVE = """
producer = "P"
title = "T"
edition = "2024"
citation = "C"
licence = "L"
retrieved = 2026-11-30
provider = "own"
dataset = "d"
concept = "citizenship"
ages = "0+"
reference_date = "01-01"
"""


def drafted(folder: Path, text: str) -> dict[str, object]:
    """Return the table [columns] of the draft for a text."""
    path = folder / "own.csv"
    path.write_text(text, encoding="utf-8")
    (record,) = descriptions([path], dry_run=True)
    columns: dict[str, object] = tomllib.loads(record["text"])["columns"]
    return columns


@pytest.mark.parametrize(
    ("heading", "entry"),
    [
        ("Nacionalidad", "origin"),
        ("nacionalidade", "origin"),
        ("País de nacimiento", "origin"),
        ("oprindelsesland", "origin"),
        ("Fødeland", "origin"),
        ("statsborgerskap", "origin"),
        ("statsborgerskab", "origin"),
        ("Landbakgrunn", "origin"),
        ("födelseland", "origin"),
        ("fo\u0308delseland", "origin"),
        ("medborgarskap", "origin"),
        ("Staatsangehörigkeit", "origin"),
        ("geboorteland", "origin"),
        ("nationaliteit", "origin"),
        ("Cittadinanza", "origin"),
        ("kansalaisuus", "origin"),
        ("држављанство", "origin"),
        ("bopælsland", "destination"),
        ("Wohnsitzland", "destination"),
        ("País de residencia", "destination"),
    ],
)
def test_names_of_any_language_are_areas_below_a_heading_that_says_so(tmp_path: Path, heading: str, entry: str) -> None:
    columns = drafted(tmp_path, f"{heading};year;n\nXland;2022;5\nYland;2022;6\nZland i øst;2022;7\n")
    assert columns[entry] == heading
    assert columns["areas"] == {"Xland": "", "Yland": "", "Zland i øst": ""}
    assert "only" not in columns


@pytest.mark.parametrize(
    "heading", ["Variant", "source", "Region of residence", "Residence permit", "Bundesland", "Type of citizenship"]
)
def test_a_heading_that_points_to_no_area_chooses_rows(tmp_path: Path, heading: str) -> None:
    columns = drafted(tmp_path, f"to,orig,{heading},year,n\nDEU,SRB,one,2022,5\nDEU,SRB,other,2022,6\n")
    assert (columns["destination"], columns["origin"]) == ("to", "orig")
    assert columns["only"] == {heading: ""}
    assert "areas" not in columns


def test_urban_and_rural_are_no_areas(tmp_path: Path) -> None:
    columns = drafted(tmp_path, "Dest,birth,Residence,year,n\nDEU,SRB,Urban,2022,5\nDEU,SRB,Rural,2022,6\n")
    assert columns["only"] == {"Residence": ""}


def test_names_beside_the_codes_of_the_same_areas_are_not_read(tmp_path: Path) -> None:
    text = "land,nationalitet,statsborgerskab kode,year,n\n"
    text += "".join(f"DNK,{name},{code},2022,5\n" for name, code in (("Tyrkiet", "TR"), ("Polen-x", "PL"), ("S", "RS")))
    columns = drafted(tmp_path, text)
    assert columns["origin"] == "statsborgerskab kode"
    assert "areas" not in columns


@pytest.mark.parametrize(
    ("heading", "female", "male", "both"),
    [
        ("køn", "Kvinder", "Mænd", "I alt"),
        ("kjønn", "Kvinner", "Menn", "Begge kjønn"),
        ("kön", "Kvinnor", "Män", "Totalt"),
        ("Sexo", "Mujeres", "Hombres", "Ambos sexos"),
        ("sesso", "Donne", "Uomini", "Totale"),
        ("Geschlecht", "Frauen", "Männer", "Insgesamt"),
        ("Sexe", "Femmes", "Hommes", "Ensemble"),
        ("geslacht", "Vrouwen", "Mannen", "Totaal"),
        ("Sexo", "Mulheres", "Homens", "Total"),
        ("пол", "Жене", "Мушкарци", "Укупно"),
    ],
)
def test_sexes_are_filled_in_and_read(tmp_path: Path, heading: str, female: str, male: str, both: str) -> None:
    path = tmp_path / "own.csv"
    rows = [("RS", female, 5), ("RS", male, 6), ("RS", both, 11)]
    text = f"dest,birth,{heading},year,n\n" + "".join(f"DE,{area},{sex},2022,{n}\n" for area, sex, n in rows)
    path.write_text(text, encoding="utf-8")
    (record,) = descriptions([path], dry_run=True)
    columns = record["text"].partition("[columns]")[2].replace('reviewed = ""', "reviewed = 2026-11-30")
    (tmp_path / "own.csv.origin.toml").write_text(f"{ABOVE}[columns]{columns}", encoding="utf-8")
    stock = readers.read_stock(path)
    assert dict(zip(stock["sex"], stock["value"], strict=True)) == {"female": 5, "male": 6, "all": 11}


def test_a_total_is_both_sexes_only_where_the_heading_says_sex(tmp_path: Path) -> None:
    text = "dest,birth,{},year,n\nDE,RS,Kvinnor,2022,5\nDE,RS,Män,2022,6\nDE,RS,Totalt,2022,11\n"
    assert drafted(tmp_path, text.format("kön"))["sexes"] == {"Kvinnor": "female", "Män": "male", "Totalt": "all"}
    assert drafted(tmp_path, text.format("grupp"))["only"] == {"grupp": ""}


def test_women_and_men_of_any_language_are_not_overruled_in_silence(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text("dest,birth,grupp,year,n\nDE,RS,Kvinnor,2022,5\n", encoding="utf-8")
    mapping = 'sex = "all"\n[columns]\ndestination = "dest"\norigin = "birth"\nyear = "year"\nvalue = "n"\n'
    (tmp_path / "own.csv.origin.toml").write_text(f"{ABOVE}{mapping}", encoding="utf-8")
    with pytest.raises(OfficialFileError, match="grupp is not read and says 'Kvinnor'"):
        readers.read_stock(path)


def test_headings_of_figures_may_be_names_of_areas_where_nothing_else_is(tmp_path: Path) -> None:
    columns = drafted(tmp_path, "Folkmängd;;;\nÅr;Xland;Yland;Zland\n2020;5;6;7\n2021;5;6;7\n")
    assert columns["table"] == "population"
    assert columns["areas"] == {"Xland": "", "Yland": "", "Zland": ""}


@pytest.mark.parametrize(
    "text",
    [
        "land;year;inland;utland\nDEU;2020;5;6\n",
        "year;persons;stock\n2020;5;6\n",
        "year;0-4;5-9\n2020;5;6\n",
    ],
)
def test_other_headings_of_figures_are_no_areas(tmp_path: Path, text: str) -> None:
    columns = drafted(tmp_path, text)
    assert "areas" not in columns
    assert columns["value"] == ""
