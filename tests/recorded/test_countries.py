"""Every area of the real files is in the table, and no aggregate is."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from smstock.errors import UnknownNameError
from smstock.vocabulary.countries import area, areas, crosswalk, find, group

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd


def read(path: Path, separator: str = ",") -> pd.DataFrame:
    import pandas as pd

    return pd.read_csv(path, sep=separator, dtype=str, keep_default_na=False, encoding="utf-8-sig")


def sheet(path: Path, name: str) -> list[tuple[str, ...]]:
    """Return the rows of a worksheet as texts."""
    import openpyxl

    workbook = openpyxl.load_workbook(path, read_only=True)
    rows = [tuple(str(value or "") for value in row) for row in workbook[name].iter_rows(values_only=True)]
    workbook.close()
    return rows


# Eurostat's labels and codes that are no area: totals, groups of countries, regions.
EUROSTAT_GROUP = {
    "Africa",
    "America",
    "Asia",
    "Australia and New Zealand",
    "Caribbean",
    "Central Africa",
    "Central America",
    "Central Asia",
    "Eastern Africa",
    "Eastern Asia",
    "Europe",
    "Melanesia",
    "Micronesia",
    "Northern Africa",
    "Northern America",
    "Oceania",
    "Polynesia",
    "South America",
    "South-Eastern Asia",
    "Southern Africa",
    "Southern Asia",
    "Western Africa",
    "Western Asia",
    "Total",
    "Foreign country",
    "Foreign country and stateless",
    "Reporting country",
    "Stateless",
    "Recognised non-citizens",
    "Unknown",
}
EUROSTAT_GROUP_WORDS = ("EU27", "EU28", "Euro area", "European Union", "European Free Trade", "Candidate countries")
EUROSTAT_GROUP_CODE = ("EU27_2020", "EU27_2020_FOR", "NEU27_2020_FOR", "FOR", "FOR_STLS", "NAT", "TOTAL")


@pytest.mark.parametrize(
    ("workbook", "column"),
    [
        ("undesa_pd_2020_ims_stock_by_sex_and_destination.xlsx", 3),
        ("undesa_pd_2024_ims_stock_by_sex_and_destination.xlsx", 4),
        ("UN_MigrantStockTotal_2019.xlsx", 3),
    ],
)
def test_every_area_of_the_un_workbooks_by_number_and_by_name(shared: Path, workbook: str, column: int) -> None:
    rows = [
        (row[column], row[1])
        for row in sheet(shared / "official/undesa" / workbook, "Table 1")
        if row[column].isdigit() and int(row[column]) < 900
    ]
    assert len(rows) == (232 if "2019" in workbook else 235)
    for number, name in rows:
        assert find(number, "m49") == find(name, "name")
        assert find(name, "name") in group("un-desa")


def test_names_are_those_of_the_un_2024_edition(shared: Path) -> None:
    rows = sheet(shared / "official/undesa/undesa_pd_2024_ims_stock_by_sex_and_destination.xlsx", "Table 1")
    for row in rows:
        if row[4].isdigit() and int(row[4]) < 900:
            assert area(find(row[4], "m49")).name == row[1].strip().rstrip("*")


def test_the_un_annex_gives_the_same_iso3_and_number(shared: Path) -> None:
    rows = sheet(shared / "official/undesa/aggregates_correspondence_table_2020_1.xlsx", "Annex")
    annex = {row[4]: int(row[3]) for row in rows if row[3].isdigit() and row[4].strip()}
    assert len(annex) == 235
    assert {each.iso3: each.m49 for each in areas() if "un-desa" in each.groups} == annex


def test_every_corridor_of_the_un_2020_table(shared: Path) -> None:
    table = read(shared / "official/undesa/un2020_bilateral_by_sex_iso3_long.csv.gz")
    destinations = {find(iso3) for iso3 in set(table["destination_iso3"])}
    origins = {find(iso3) for iso3 in set(table["origin_iso3"])}
    assert len(destinations) == 232
    assert destinations < set(group("un-desa"))
    assert origins - set(group("un-desa")) == {"XXX"}


def test_every_origin_and_destination_of_the_wide_un_2019_table(shared: Path) -> None:
    table = read(shared / "official/undesa/un2019_by_origin_and_destination_wide_total.csv.gz")
    origins = [find(label, "name") for label in table.columns[5:]]
    assert len(set(origins)) == len(origins) == 232
    assert set(origins) <= {find(text) for text in set(table["Destination"]) if is_area(text)}


def is_area(text: str) -> bool:
    try:
        return bool(find(text, "name"))
    except UnknownNameError:
        return False


@pytest.mark.parametrize("listing", ["wpp2019_UNlocations.txt.gz", "wpp2024_UNlocations.txt", "wpp2019_popF.txt.gz"])
def test_every_area_of_world_population_prospects(shared: Path, listing: str) -> None:
    table = read(shared / "official/wpp" / listing, separator="\t")
    table = table[table["country_code"].astype(int) < 900]
    assert len(set(table["country_code"])) > 200
    assert (table["country_code"].map(crosswalk("m49")) == table["name"].map(crosswalk("name"))).all()


def test_wpp_2022(shared: Path) -> None:
    table = read(shared / "official/wpp/wpp2022_pop_by_single_age_sex_iso3_2000_2010_2020_2021.csv.gz")
    assert table["iso3"].map(crosswalk("iso3")).notna().all()


def test_every_meta_origin_and_no_other_is_in_the_group(shared: Path) -> None:
    table = read(shared / "reference/meta_lived_in_behaviors.csv")
    table = table[table["iso3"] != ""]
    assert set(table["iso3"]) == set(group("meta-origins"))
    assert (table["iso2"].map(crosswalk("iso2")) == table["iso3"]).all()
    assert (table["origin"].map(crosswalk("name")) == table["iso3"]).all()
    assert (table["name"].str.extract(r"Lived in (.*) \(")[0].map(crosswalk("name")) == table["iso3"]).all()


def test_every_meta_destination_is_in_the_group(shared: Path) -> None:
    import pandas as pd

    lattice = pd.read_parquet(shared / "benchmarks/global_2019/facebook_2019_04_age_sex.parquet")
    asked = set(lattice["destination"].unique())
    for recording in (shared / "recordings").glob("*.jsonl*"):
        with gzip.open(recording, "rt") if recording.suffix == ".gz" else recording.open() as lines:
            for line in lines:
                asked |= set(json.loads(line)["targeting_spec"]["geo_locations"].get("countries", []))
    asked |= set(read(shared / "official/platform/pgilders_Facebook20180803_num.csv").columns[1:])
    assert {find(iso2, "iso2") for iso2 in asked} == set(group("meta-destinations"))
    origins = {label[8:-1] for label in lattice["origin_label"].unique() if label.startswith("Expats (")} - {"All"}
    assert {find(label, "name") for label in origins} <= set(group("meta-origins"))


def test_every_country_of_the_world_bank_and_no_aggregate(shared: Path) -> None:
    folder = shared / "official/worldbank"
    metadata = read(folder / "Metadata_Country_API_IT.NET.USER.ZS_DS2_en_csv_v2_2160.csv")
    countries = set(metadata.loc[metadata["Region"] != "", "Country Code"])
    rows = json.loads(gzip.decompress((folder / "wb_SP_POP_TOTL.json.gz").read_bytes()))[1]
    met = {(row["countryiso3code"], row["country"]["value"]) for row in rows}
    assert {iso3 for iso3, _ in met if iso3 in crosswalk("iso3")} == countries == {iso3 for iso3, _ in met} & countries
    met |= set(zip(metadata["Country Code"], metadata["TableName"], strict=True))
    assert all(find(name, "name") == iso3 if iso3 in countries else not is_area(name) for iso3, name in met)


def eurostat_labels(folder: Path) -> set[str]:
    labels: set[str] = set()
    for path in [*folder.glob("*.csv"), *folder.glob("*.csv.gz")]:
        table = read(path)
        columns = ["geo", "citizen", "GEO", "CITIZEN", "Country of citizenship", "Geopolitical entity (reporting)"]
        codes = {"geo", "citizen"} if "STRUCTURE" in table else set()
        labels |= {label for name in columns if name in table and name not in codes for label in set(table[name])}
    return labels


def test_every_eurostat_label_is_an_area_or_a_known_group(shared: Path) -> None:
    labels = eurostat_labels(shared / "official/eurostat")
    countries = {each for each in labels - EUROSTAT_GROUP if not any(word in each for word in EUROSTAT_GROUP_WORDS)}
    assert len(countries) > 200
    assert {label for label in countries if label not in crosswalk("name")} == set()
    assert {label for label in labels - countries if is_area(label)} == set()


def test_eurostat_lists_citizenships_in_the_order_of_their_codes(shared: Path) -> None:
    # The extract has labels only; Eurostat sorts by code, so the order of the labels checks the codes of the table.
    table = read(shared / "official/eurostat/migr_pop1ctz_citizen_total_geo_2015_2024_labels.csv.gz")
    codes = [area(iso3).eurostat for iso3 in table["citizen"].map(crosswalk("name")).dropna().unique()]
    assert len(codes) > 200
    assert codes == sorted(codes)


def eurostat_codes(folder: Path) -> dict[str, str]:
    """Return code -> label (empty where the file gives none)."""
    codes: dict[str, str] = {}
    for path in folder.glob("*.tsv"):
        lines = path.read_text(encoding="utf-8").splitlines()
        dimensions = lines[0].split("\t")[0].split("\\")[0].split(",")
        for line in lines[1:]:
            keys = dict(zip(dimensions, line.split("\t")[0].split(","), strict=True))
            codes |= {code: "" for name, code in keys.items() if name in ("geo", "citizen", "c_birth")}
    for path in [*folder.glob("*sdmxcsv2*.csv"), *folder.glob("*sdmxcsv2*.csv.gz")]:
        table = read(path)
        codes |= dict(zip(table["geo"], table["Geopolitical entity (reporting)"], strict=True))
        if "citizen" in table:
            codes |= dict(zip(table["citizen"], table["Country of citizenship"], strict=True))
    for path in folder.glob("*.json"):
        dimensions = json.loads(path.read_text(encoding="utf-8"))["dimension"]
        for name in {"geo", "citizen", "c_birth"} & set(dimensions):
            codes |= dimensions[name]["category"]["label"]
    return codes


def test_every_eurostat_code_is_an_area_or_a_known_group_and_agrees_with_its_label(shared: Path) -> None:
    codes = eurostat_codes(shared / "official/eurostat")
    countries = set(codes) - set(EUROSTAT_GROUP_CODE)
    assert {"EL", "UK", "XK"} <= countries
    for code in countries:
        assert not codes[code] or find(codes[code], "name") == find(code, "eurostat")
    assert not set(EUROSTAT_GROUP_CODE) & set(crosswalk("eurostat"))


def test_every_oecd_area_with_data_is_an_area_or_a_known_group(shared: Path) -> None:
    spaces = {
        "s": "http://www.sdmx.org/resources/sdmxml/schemas/v2_1/structure",
        "c": "http://www.sdmx.org/resources/sdmxml/schemas/v2_1/common",
    }
    with gzip.open(shared / "official/oecd/DSD_MIG_dataflow_metadata.xml.gz") as file:
        structure = ET.parse(file).getroot()
    labels = {
        code.attrib["id"]: code.findtext("c:Name", "", spaces)
        for code in structure.iterfind(".//s:Codelist[@id='CL_AREA']/s:Code", spaces)
    }
    used = {
        value.text or ""
        for dimension in ("REF_AREA", "CITIZENSHIP")
        for value in structure.iterfind(f".//s:CubeRegion/c:KeyValue[@id='{dimension}']/c:Value", spaces)
    }
    assert used - set(crosswalk("oecd")) == {"W", "W_X", "EU15", "EEA", "A4", "STLS"}
    for code in used & set(crosswalk("oecd")) - {"FSM"}:  # its label, Micronesia, is a region elsewhere
        assert find(labels[code], "name") == find(code, "oecd")


def test_every_oecd_area_of_the_tables(shared: Path) -> None:
    met: set[tuple[str, str]] = set()
    for path in (shared / "official/oecd").glob("*.csv"):
        table = read(path)
        met |= set(zip(table["REF_AREA"], table["Reference area"], strict=True))
    countries = {code: label for code, label in met if code not in ("OECD", "EU27_2020")}
    assert set(group("oecd")) <= {find(code, "oecd") for code in countries}
    assert all(find(label, "name") == find(code, "oecd") for code, label in countries.items())


def test_every_country_of_the_platform_counts(shared: Path) -> None:
    folder = shared / "official/platform"
    names = read(folder / "pgilders_Instagram20190523.tsv", separator="\t").columns[1:]
    codes = read(folder / "dgg_national_202206_internet_gender_gaps.csv")["iso2"]
    assert {name for name in names if name not in crosswalk("name")} == set()
    assert codes.map(crosswalk("iso2")).notna().all()


@pytest.mark.parametrize(
    ("table", "columns"),
    [
        ("eu28/facebook_2016_2019.csv", ["origin", "destination"]),
        ("eu28/lfs_2016_2017.csv", ["origin", "destination"]),
        ("us_states/wave1.csv.gz", ["origin"]),
        ("us_states/wave5.csv.gz", ["origin"]),
    ],
)
def test_every_country_of_the_benchmarks(shared: Path, table: str, columns: list[str]) -> None:
    frame = read(shared / "benchmarks" / table)
    for column in columns:
        assert frame[column].map(crosswalk("name")).notna().all()
