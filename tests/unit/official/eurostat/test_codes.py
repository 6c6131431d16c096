"""What Eurostat's codes mean, data set by data set."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest

from smstock import tables
from smstock.errors import OfficialFileError, UnknownNameError
from smstock.official.eurostat.codes import areas, facets
from smstock.official.eurostat.datasets import DATASETS, dataset, inferred
from smstock.official.eurostat.labels import codes
from smstock.official.observations import Block, Observations, tables_of
from smstock.official.rawfile import RawFile
from smstock.vocabulary.countries import areas as every_area

if TYPE_CHECKING:
    from collections.abc import Mapping

FILE = RawFile(Path("a.csv"), "text", b"")


def table(
    name: str, contract: tables.Contract, keys: Mapping[str, list[str] | str], value: float = 10.0
) -> pd.DataFrame:
    frame = pd.DataFrame(keys).astype("str")
    count = len(frame)
    block = Block(np.arange(count), np.full(count, 2020), np.full(count, value), np.full(count, "", dtype=object))
    content = Observations(FILE, name, "2025-01-01", frame, [block])
    return tables_of(content, facets(content, DATASETS[name], contract), contract).table


BASE: dict[str, list[str] | str] = {"freq": ["A"], "age": "TOTAL", "unit": "NR", "sex": "T", "geo": "DE"}


def test_every_area_survives() -> None:
    known = [area for area in every_area() if area.eurostat]
    found, is_area = areas(FILE, pd.Series([area.eurostat for area in known]))
    assert found.tolist() == [area.iso3 for area in known]
    assert is_area.all()
    assert {"NAM", "XKX", "GRC", "GBR", "SUN", "YUG", "XXX"} <= set(found)


@pytest.mark.parametrize(
    "code", ["EU", "EA", "FX", "EU27_2020", "DE_TOT", "AFR", "STLS", "UNK", "RNC", "AT11", "TOTAL"]
)
def test_groups_keep_their_code(code: str) -> None:
    found, is_area = areas(FILE, pd.Series([code]))
    assert found.tolist() == [code]
    assert is_area.tolist() == [False]


@pytest.mark.parametrize(
    ("contract", "keys"),
    [
        (tables.STOCK, {"citizen": ["QQQ", "RS"]}),
        (tables.STOCK, {"citizen": ["RS", "RS"], "geo": ["QQQ", "DE"]}),
        (tables.POPULATION, {"citizen": "TOTAL", "geo": ["DE", "QQQ"]}),
    ],
)
def test_a_code_that_is_not_known_is_named(contract: tables.Contract, keys: dict[str, list[str] | str]) -> None:
    frame = pd.DataFrame({**BASE, "freq": ["A", "A"], "geo": "DE", **keys}).astype("str")
    block = Block(np.arange(2), np.full(2, 2020), np.full(2, 10.0), np.full(2, "", dtype=object))
    content = Observations(FILE, "migr_pop1ctz", "2025-01-01", frame, [block])
    read = tables_of(content, facets(content, DATASETS["migr_pop1ctz"], contract), contract)
    assert read.left_out == {"for areas that are not known: QQQ": 1}
    assert len(read.table) == 1


@pytest.mark.parametrize(
    "code",
    [
        "EU27_2020_FOR",
        "NEU28_FOR",
        "EU15",
        "EA20",
        "CC8_22_FOR",
        "EFTA_FOR",
        "ASI_SE",
        "VHDC_OEU28",
        "FOR",
        "Melanesia",
    ],
)
def test_known_groups_are_no_unknown_codes(code: str) -> None:
    frame = pd.DataFrame({**BASE, "citizen": [code]}).astype("str")
    content = Observations(FILE, "migr_pop1ctz", "2025-01-01", frame, [])
    reason = facets(content, DATASETS["migr_pop1ctz"], tables.STOCK).reason
    assert reason.tolist() == ["for groups of areas, or persons of no known area"]


@pytest.mark.parametrize("code", ["GB", "GR", "ZZ", "X", ""])
def test_two_letters_of_no_area_are_refused(code: str) -> None:
    with pytest.raises(UnknownNameError, match="is no area of Eurostat"):
        areas(FILE, pd.Series(["DE", code]))


@pytest.mark.parametrize(
    ("name", "origin", "every"), [("migr_pop3ctb", "c_birth", "FOR"), ("migr_pop1ctz", "citizen", "FOR_STLS")]
)
def test_who_is_every_migrant_depends_on_the_concept(name: str, origin: str, every: str) -> None:
    assert table(name, tables.STOCK, {**BASE, origin: [every]})["origin"].tolist() == ["WLD"]


def test_foreign_citizens_without_the_stateless_are_not_every_migrant() -> None:
    assert table("migr_pop1ctz", tables.STOCK, {**BASE, "citizen": "FOR"}).empty


def test_persons_of_the_labour_force_survey_are_thousands() -> None:
    found = table(
        "lfsa_pganws",
        tables.INDICATOR,
        {**BASE, "unit": "THS_PER", "citizen": "FOR", "wstatus": "EMP", "age": "Y15-64"},
        244.8,
    )
    assert found[["indicator", "category", "group", "concept", "value", "unit"]].to_numpy().tolist() == [
        ["labour_status", "EMP", "WLD", "citizenship", 244800, "persons"]
    ]
    assert found["reference_date"].tolist() == ["2020-07-01"]


@pytest.mark.parametrize(
    ("code", "sex", "ages", "group", "concept"),
    [
        ("IND_TOTAL", "all", (16, 74), "", ""),
        ("F_Y16_74", "female", (16, 74), "", ""),
        ("Y16_24", "all", (16, 24), "", ""),
        ("CB_FOR", "all", (16, 74), "WLD", "birth"),
        ("CB_NAT", "all", (16, 74), "NAT", "birth"),
        ("CC_FOR", "all", (16, 74), "WLD", "citizenship"),
    ],
)
def test_individuals_of_the_survey_on_ict(code: str, sex: str, ages: tuple[int, int], group: str, concept: str) -> None:
    keys: dict[str, list[str] | str] = {
        "freq": ["A"],
        "indic_is": "I_IU3",
        "ind_type": code,
        "unit": "PC_IND",
        "geo": "AT",
    }
    (row,) = table("isoc_ci_ifp_iu", tables.INDICATOR, keys, 93.0).to_dict("records")
    assert (row["sex"], row["age_min"], row["age_max"], row["group"], row["concept"]) == (sex, *ages, group, concept)
    assert (row["indicator"], row["category"], row["unit"]) == ("internet_use", "I_IU3", "percent of individuals")


def test_social_networks_and_other_denominators_keep_apart() -> None:
    keys: dict[str, list[str] | str] = {
        "freq": ["A"],
        "indic_is": "I_IUSNET",
        "ind_type": "IND_TOTAL",
        "unit": "PC_IND_IU3",
        "geo": "AT",
    }
    (row,) = table("isoc_ci_ac_i", tables.INDICATOR, keys).to_dict("records")
    assert (row["indicator"], row["unit"]) == ("social_network_use", "percent, unit PC_IND_IU3")


@pytest.mark.parametrize(("indic_is", "ind_type"), [("I_IUEM", "IND_TOTAL"), ("I_IU3", "RL_FOR")])
def test_other_activities_and_individuals_are_left_out(indic_is: str, ind_type: str) -> None:
    keys: dict[str, list[str] | str] = {
        "freq": ["A"],
        "indic_is": indic_is,
        "ind_type": ind_type,
        "unit": "PC_IND",
        "geo": "AT",
    }
    assert table("isoc_ci_ifp_iu", tables.INDICATOR, keys).empty


def test_everybody_is_no_group() -> None:
    keys: dict[str, list[str] | str] = {**BASE, "unit": "PC", "citizen": ["TOTAL"], "isced11": "ED5-8", "age": "Y25-64"}
    (row,) = table("edat_lfs_9911", tables.INDICATOR, keys).to_dict("records")
    assert (row["group"], row["concept"], row["category"]) == ("", "", "isced5-8")


def test_the_measures_of_demo_gind_that_are_population() -> None:
    keys: dict[str, list[str] | str] = {"freq": ["A"] * 4, "indic_de": ["JAN", "MJAN", "FJAN", "LBIRTH"], "geo": "AD"}
    assert table("demo_gind", tables.POPULATION, keys)["sex"].tolist() == ["all", "male", "female"]


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({**BASE, "unit": "PC", "citizen": "PL"}, "in the unit PC, not in persons"),
        ({**BASE, "sex": "X", "citizen": "PL"}, "'X' is no sex"),
        ({**BASE, "freq": "M", "citizen": "PL"}, "other figures than annual ones"),
        ({**BASE, "age": "Austria", "citizen": "PL"}, "no age group"),
        (BASE, "lacks citizen"),
    ],
)
def test_codes_that_are_not_known_are_refused(keys: dict[str, list[str] | str], said: str) -> None:
    with pytest.raises(OfficialFileError, match=said):
        table("migr_pop1ctz", tables.STOCK, {**keys, "freq": [keys["freq"][0]]})


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("migr_imm3ctb", "counts immigrations; a flow is no stock"),
        ("migr_resfirst", "counts residence permits"),
        ("migr_eipre", "counts measures against irregular migration"),
        ("migr_asyappctza", "counts asylum applications"),
        ("lfsa_ergan", "rates of the labour market"),
        ("nama_10_gdp", "which is not read"),
        ("", "which is not read"),
    ],
)
def test_other_data_sets_are_refused_with_the_reason(name: str, said: str) -> None:
    with pytest.raises(OfficialFileError, match=said) as caught:
        dataset(FILE, name)
    assert "migr_pop3ctb" in caught.value.hint


def test_deaths_have_the_dimensions_of_the_population() -> None:
    with pytest.raises(OfficialFileError, match="does not say of which data set"):
        inferred(FILE, ("freq", "unit", "sex", "age", "geo"), "NR")


def test_an_unknown_label_of_a_sex_is_refused_with_its_column() -> None:
    keys = pd.DataFrame({"sex": ["Diverse"]})
    with pytest.raises(OfficialFileError, match="'Diverse', which stands for no known code of sex"):
        codes(FILE, keys)


def test_an_unknown_label_of_an_area_is_named_and_does_not_block_the_others() -> None:
    frame = pd.DataFrame({**BASE, "freq": ["A", "A"], "citizen": ["Ruritania", "Serbia"], "geo": "Germany"})
    block = Block(np.arange(2), np.full(2, 2020), np.full(2, 10.0), np.full(2, "", dtype=object))
    content = Observations(FILE, "migr_pop1ctz", "2025-01-01", frame.astype("str"), [block])
    read = tables_of(content, facets(content, DATASETS["migr_pop1ctz"], tables.STOCK), tables.STOCK)
    assert read.left_out == {"for areas that are not known: Ruritania": 1}
    assert read.table["origin"].tolist() == ["SRB"]


GROUPS = "for groups of areas, or persons of no known area"
NO_REGION = "of no region of a country (extra-regio), or of an unknown one"


@pytest.mark.parametrize(
    ("dimension", "code", "reason"),
    [
        ("citizen", "ROU", "for areas that are not known: ROU"),  # an ISO3, and no region of Romania
        ("citizen", "RO1", "for areas that are not known: RO1"),  # a region is nobody's citizenship
        ("citizen", "CN_X_HK", GROUPS),
        ("geo", "DEU", "for areas that are not known: DEU"),
        ("geo", "DEW", "for areas that are not known: DEW"),  # three letters: listed as NUTS 1, or a mistake
        ("geo", "FRA", "for areas that are not known: FRA"),  # NUTS 2013, and the ISO3 of France
        ("geo", "DE1", ""),
        ("geo", "DEA", ""),
        ("geo", "DE21", ""),
        ("geo", "DEG0F", ""),
        ("geo", "EL30", ""),
        ("geo", "UKI31", ""),
        ("geo", "FR24", ""),
        ("geo", "DE_TOT", GROUPS),
        ("geo", "EU27_2020", GROUPS),
        ("geo", "DEZ", NO_REGION),
        ("geo", "DEZZ", NO_REGION),
        ("geo", "NOXX", NO_REGION),
        ("geo", "Extra-Regio NUTS 2", NO_REGION),
        ("geo", "Oberbayern", "for regions by name: Oberbayern"),
        ("geo", "QQ1", "for areas that are not known: QQ1"),
    ],
)
def test_regions_are_destinations_and_an_iso3_is_none(dimension: str, code: str, reason: str) -> None:
    frame = pd.DataFrame({**BASE, "citizen": "RS", dimension: [code]}).astype("str")
    content = Observations(FILE, "migr_pop1ctz", "2025-01-01", frame, [])
    read = facets(content, DATASETS["migr_pop1ctz"], tables.STOCK)
    assert read.reason.tolist() == [reason]
    if dimension == "geo" and not reason:
        assert read.columns["destination"].tolist() == [code]
        population = frame.assign(citizen="TOTAL")
        content = Observations(FILE, "migr_pop1ctz", "2025-01-01", population, [])
        area = facets(content, DATASETS["migr_pop1ctz"], tables.POPULATION)
        assert (area.reason.tolist(), area.columns["area"].tolist()) == ([""], [code])


def test_nationals_are_at_home_in_a_region_of_their_country() -> None:
    places = {"citizen": ["DE", "EL", "DE"], "geo": ["DE21", "EL30", "EL30"]}
    frame = pd.DataFrame({**BASE, "freq": "A", **places}).astype("str")
    content = Observations(FILE, "migr_pop1ctz", "2025-01-01", frame, [])
    home = "of natives or nationals of the area itself"
    assert facets(content, DATASETS["migr_pop1ctz"], tables.STOCK).reason.tolist() == [home, home, ""]


def test_regions_are_no_areas_though_an_area_has_nearly_their_name() -> None:
    found = codes(FILE, pd.DataFrame({"citizen": ["Micronesia", "Federated States of Micronesia"]}))
    assert found["citizen"].tolist() == ["Micronesia", "FM"]
