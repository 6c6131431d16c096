"""Labels of Eurostat in English, German and French: one code each, and the same table from each."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from smstock.errors import UnknownNameError
from smstock.official import readers
from smstock.official.ages import ages
from smstock.official.base import GROUPS_OF_AREAS
from smstock.official.eurostat.labels import is_group, names
from smstock.tables import POPULATION, STOCK
from smstock.vocabulary.countries import areas, crosswalk, find

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Write = Callable[..., Path]

HEADER = "DATAFLOW,LAST UPDATE,freq,citizen,age,unit,sex,geo,TIME_PERIOD,OBS_VALUE,OBS_FLAG\n"
ROW = "ESTAT:MIGR_POP1CTZ(1.0),13/03/25 23:00:00,{0},{1},{2},{3},{4},{5},2020,{6},\n"
ENGLISH = [
    ("Annual", "Serbia", "Total", "Number", "Total", "Greece", 5),
    ("Annual", "Côte d\N{RIGHT SINGLE QUOTATION MARK}Ivoire", "From 20 to 64 years", "Number", "Females", "Greece", 3),
    ("Annual", "Kosovo*", "Less than 15 years", "Number", "Males", "Germany", 2),
    ("Annual", "Foreign country and stateless", "85 years or over", "Number", "Total", "Germany", 9),
    ("Annual", "Others", "Total", "Number", "Total", "Germany", 4),
    ("Annual", "Africa", "Total", "Number", "Total", "Germany", 7),
    ("Annual", '"Federated States of Micronesia"', "Total", "Number", "Total", "Germany", 1),
    ("Annual", "Serbia", "Total", "Number", "Total", "European Union - 27 countries (from 2020)", 8),
    ("Annual", "Total", "Total", "Number", "Total", "Germany", 99),
]
GERMAN = [
    ("Jährlich", "Serbien", "Insgesamt", "Zahl", "Insgesamt", "Griechenland", 5),
    ("Jährlich", "Elfenbeinküste", "20 bis 64 Jahre", "Zahl", "Frauen", "Griechenland", 3),
    ("Jährlich", "Kosovo*", "Weniger als 15 Jahre", "Zahl", "Männer", "Deutschland", 2),
    ("Jährlich", "Ausland und Staatenlose", "85 Jahre und mehr", "Zahl", "Insgesamt", "Deutschland", 9),
    ("Jährlich", "Sonstige", "Insgesamt", "Zahl", "Insgesamt", "Deutschland", 4),
    ("Jährlich", "Afrika", "Insgesamt", "Zahl", "Insgesamt", "Deutschland", 7),
    ("Jährlich", "Föderierte Staaten von Mikronesien", "Insgesamt", "Zahl", "Insgesamt", "Deutschland", 1),
    ("Jährlich", "Serbien", "Insgesamt", "Zahl", "Insgesamt", "Europäische Union - 27 Länder (ab 2020)", 8),
    ("Jährlich", "Insgesamt", "Insgesamt", "Zahl", "Insgesamt", "Deutschland", 99),
]
FRENCH = [
    ("Annuel", "Serbie", "Total", "Nombre", "Total", "Grèce", 5),
    ("Annuel", "Côte d'Ivoire", "De 20 à 64 ans", "Nombre", "Femmes", "Grèce", 3),
    ("Annuel", "Kosovo*", "Moins de 15 ans", "Nombre", "Hommes", "Allemagne", 2),
    ("Annuel", "Pays étrangers et apatrides", "85 ans ou plus", "Nombre", "Total", "Allemagne", 9),
    ("Annuel", "Autres", "Total", "Nombre", "Total", "Allemagne", 4),
    ("Annuel", "Afrique", "Total", "Nombre", "Total", "Allemagne", 7),
    ("Annuel", "États fédérés de Micronésie", "Total", "Nombre", "Total", "Allemagne", 1),
    ("Annuel", "Serbie", "Total", "Nombre", "Total", "Union européenne - 27 pays (à partir de 2020)", 8),
    ("Annuel", "Total", "Total", "Nombre", "Total", "Allemagne", 99),
]


@pytest.mark.parametrize("rows", [ENGLISH, GERMAN, FRENCH])
def test_a_file_says_the_same_in_each_language(
    write: Write, caplog: pytest.LogCaptureFixture, rows: list[tuple[object, ...]]
) -> None:
    read = readers.read_all(write(HEADER + "".join(ROW.format(*row) for row in rows)))
    stock = read[STOCK.name].table
    printed = stock[["destination", "origin", "sex", "age_min", "age_max", "value"]].astype(object)
    assert printed.where(printed.notna(), None).to_numpy().tolist() == [
        ["GRC", "SRB", "all", 0, None, 5],
        ["GRC", "CIV", "female", 20, 64, 3],
        ["DEU", "XKX", "male", 0, 14, 2],
        ["DEU", "WLD", "all", 85, None, 9],
        ["DEU", "XXX", "all", 0, None, 4],
        ["DEU", "FSM", "all", 0, None, 1],
    ]
    assert read[STOCK.name].left_out[GROUPS_OF_AREAS] == 2
    assert read[POPULATION.name].table["value"].tolist() == [99]
    assert not caplog.records


def test_a_name_of_another_language_is_that_area_s_in_english_too_or_nobody_s() -> None:
    iso3_of = crosswalk("eurostat")
    for name, code in names().items():
        try:
            iso3 = find(name, "name")
        except UnknownNameError:
            continue
        assert iso3_of.get(code) == iso3


def test_no_name_stands_for_two_codes() -> None:
    codes = set(names().values())
    assert {area.eurostat for area in areas() if "eu27" in area.groups} - codes <= {"MT", "PT"}
    assert codes - set(crosswalk("eurostat")) <= {
        *("TOTAL", "NAT", "FOR", "FOR_STLS", "STLS", "RNC", "UNK", "AUS_NZ", "CRB", "MEL", "MIC", "POL"),
        *(
            "AFR",
            "AFR_C",
            "AFR_E",
            "AFR_N",
            "AFR_S",
            "AFR_W",
            "AME",
            "AME_C",
            "AME_N",
            "AME_S",
            "ASI",
            "ASI_C",
            "ASI_E",
        ),
        *("ASI_S", "ASI_SE", "ASI_W", "EUR", "OCE"),
    }


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("1 Jahr", "1-1"),
        ("15 ans", "15-15"),
        ("Unter 5 Jahren", "0-4"),
        ("Weniger als 1 Jahr", "0-0"),
        ("Moins d'un an", "0-0"),
        ("100 Jahre und älter", "100+"),
        ("85 ans et plus", "85+"),
        ("Von 15 bis 64 Jahren", "15-64"),
    ],
)
def test_ages_in_german_and_french(text: str, span: str) -> None:
    assert str(ages(text)) == span


@pytest.mark.parametrize(
    "label",
    [
        "Non-EU27 countries (from 2020) nor EFTA countries",
        "Candidate countries from 2026 (10 countries) except reporting country",
        "European Union - 28 countries (2013-2020)",
        "Euroraum - 20 Länder (ab 2023)",
        "Nicht-EU27-Länder (ab 2020) ausgenommen Meldeland",
        "Europäische Freihandelsassoziation",
        "Zone euro - 20 pays (à partir de 2023)",
        "Pays de l'UE27 (à partir de 2020) excepté le pays déclarant",
        "Association européenne de libre-échange",
    ],
)
def test_unions_are_groups_whatever_their_year(label: str) -> None:
    assert is_group(label)


@pytest.mark.parametrize("label", ["Europa Nova", "Eurasia", "Ruritania", "Germany", "Ungarn", "EUROPA"])
def test_what_is_no_union_is_no_group(label: str) -> None:
    assert not is_group(label)
