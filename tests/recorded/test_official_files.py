"""What becomes of every real file of a provider: its tables with their rows, or why it holds none."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from smstock.errors import OfficialFileError
from smstock.official import readers

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from smstock.official.base import OfficialTable

    Official = Callable[[str], dict[str, OfficialTable]]

Rows = dict[str, int]
"""Rows of each table of a file."""

READ: dict[str, Rows] = {
    "eurostat/demo_gind_jan_population_sdmxcsv1.csv": {"population": 1027},
    "eurostat/demo_pjanbroad_Y15-64_sdmxcsv2.csv": {"population": 2199},
    "eurostat/demo_poppcctb_sdmxcsv1_labels.csv": {"indicator": 1221},
    "eurostat/edat_lfs_9911_sdmxcsv2_codes_and_labels.csv": {"indicator": 1023},
    "eurostat/estat_edat_lfs_9912_filtered1.tsv": {"indicator": 58320},
    "eurostat/eurostat_migr_pop1ctz.json": {"stock": 572},
    "eurostat/eurostat_migr_pop3ctb.json": {"stock": 572},
    "eurostat/lfsa_pganws_foreigners_sdmxcsv2.csv.gz": {"indicator": 3258},
    "oecd/DSD_EAG_LSO_EA_DF_LSO_NEAC_DISTR_EA_MIGR_csvfilewithlabels.csv": {"indicator": 546},
    "oecd/sdmx_json/AUS_B14.json": {"stock": 13},
    "oecd/sdmx_json/CHL_B14.json": {"stock": 11},
    "oecd/sdmx_json/CHL_B15.json": {"stock": 9},
    "oecd/sdmx_json/ISR_B14.json": {"stock": 13},
    "oecd/sdmx_json/JPN_B15.json": {"stock": 13},
    "oecd/sdmx_json/KOR_B15.json": {"stock": 13},
    "oecd/sdmx_json/MEX_B14.json": {"stock": 8},
    "oecd/sdmx_json/MEX_B15.json": {"stock": 13},
    "oecd/sdmx_json/NZL_B14.json": {"stock": 5},
    "oecd/sdmx_json/TUR_B14.json": {"stock": 9},
    "oecd/sdmx_json/TUR_B15.json": {"stock": 13},
    "oecd/sdmx_json/USA_B14.json": {"stock": 13},
    "oecd/sdmx_json/USA_B15.json": {"stock": 13},
    "undesa/TESTFIXTURE_mini_2020_destination_and_origin_layout.xlsx": {"stock": 2100},
    "undesa/UN_MigrantStockTotal_2019.xlsx": {"stock": 4872, "population": 4424},
    "undesa/un2019_total_population_by_age_and_sex_wide.csv.gz": {"population": 71624},
    "undesa/undesa_pd_2020_ims_stock_by_sex_and_destination.xlsx": {"stock": 4935, "population": 4459},
    "undesa/undesa_pd_2024_ims_stock_by_sex_and_destination.xlsx": {"stock": 5640, "population": 5640},
    "worldbank/API_IT.NET.USER.ZS_DS2_en_csv_v2_2160.csv": {"indicator": 13888},
    "worldbank/wb_SM_POP_TOTL.json.gz": {"stock": 2821},
    "worldbank/wb_SP_POP_TOTL.json.gz": {"population": 2821},
    "wpp/wpp2022_pop_by_single_age_sex_iso3_2000_2010_2020_2021.csv.gz": {"population": 283200},
}

ASKS: dict[str, tuple[str, Rows]] = {
    "eurostat/migr_pop1ctz_FOR_STLS_and_TOTAL_by_sex_age5_geo_2012_2024_labels.csv.gz": (
        "does not say which data set of the provider it is",
        {"stock": 15030, "population": 15108},
    ),
    "eurostat/migr_pop1ctz_citizen_sexMF_geo_2015_2024_labels.csv.gz": (
        "does not say which data set of the provider it is and which ages it counts",
        {"stock": 98254},
    ),
    "eurostat/migr_pop1ctz_citizen_total_geo_2015_2024_labels.csv.gz": (
        "does not say which data set of the provider it is and which sex it counts and which ages it counts",
        {"stock": 49771, "population": 332},
    ),
    "undesa/ddf_un2019_migrant_stock_by_destination_origin_gender_year.csv.gz": (
        "does not say whose figures it holds",
        {"stock": 156792},
    ),
    "undesa/ddf_un2019_migrant_stock_by_destination_origin_year.csv.gz": (
        "does not say whose figures it holds",
        {"stock": 78409},
    ),
    "undesa/un2019_by_age_and_sex_wide.csv.gz": ("does not say whom it counts", {"stock": 82824}),
    "undesa/un2019_by_origin_and_destination_wide_female.csv.gz": ("does not say which sex", {"stock": 380016}),
    "undesa/un2019_by_origin_and_destination_wide_male.csv.gz": ("does not say which sex", {"stock": 380016}),
    "undesa/un2019_by_origin_and_destination_wide_total.csv.gz": ("does not say which sex", {"stock": 380016}),
    "undesa/un2020_bilateral_by_sex_iso3_long.csv.gz": ("does not say whose figures it holds", {"stock": 255927}),
    "wpp/wpp2019_popF.txt.gz": ("does not say which sex it counts", {"population": 63315}),
    "wpp/wpp2019_popM.txt.gz": ("does not say which sex it counts", {"population": 63315}),
}
"""Copies that leave out what a reader must know: what they ask for, and what is read once their sidecar says it."""

REFUSED = {
    "eurostat/estat_lfsa_ergan_filtered.tsv": "rates are no shares",
    "eurostat/estat_migr_resfirst_filtered.tsv": "permits, arrivals and deaths are flows and no stocks",
    "eurostat/eurostat_migr_eipre_CH_PT_SE_2010_2023.json": "it counts measures against irregular migration; a flow is no stock",
    "eurostat/migr_pop1ctz_1_Data_legacy2015.csv": "an export of Eurostat's old Data Explorer",
    "eurostat/une_rt_a__custom_14324113_page_spreadsheet.xlsx": "it holds rates of the labour market",
    "oecd/DSD_MIG_DF_MIG_B11_world_csvfilewithlabels.csv": "holds B11 .* and no stock: inflows",
    "oecd/DSD_MIG_DF_MIG_NUP_SEX_csvfilewithlabels.csv": "rates of employment and participation give no number of persons",
    "oecd/DSD_MIG_dataflow_metadata.xml.gz": "describes a data flow and holds no figure",
    "platform/dgg_national_202206_internet_gender_gaps.csv": "holds no table in a layout that is read",
    "platform/pgilders_Facebook20180803.csv": "holds no table in a layout that is read",
    "platform/pgilders_Facebook20180803_num.csv": "holds no table in a layout that is read",
    "platform/pgilders_Instagram20190523.tsv": "holds no table in a layout that is read",
    "undesa/UN_MigrantStockByAgeAndSex_2019_flat.csv.gz": "holds no stock by destination",
    "undesa/aggregates_correspondence_table_2020_1.xlsx": "holds no stock by destination",
    "undesa/ddf_entities_geo_country.csv": "holds no table in a layout that is read",
    "worldbank/Metadata_Country_API_IT.NET.USER.ZS_DS2_en_csv_v2_2160.csv": "lists countries with their regions",
    "wpp/wpp2019_UNlocations.txt.gz": "lists areas and regions and holds no figure",
    "wpp/wpp2024_UNlocations.txt": "lists areas and regions and holds no figure",
}


def rows(tables: dict[str, OfficialTable]) -> Rows:
    return {name: len(found.table) for name, found in tables.items()}


def test_the_lists_name_every_file(shared: Path) -> None:
    root = shared / "official"
    there = {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()} - {"README.md"}
    assert set(READ) | set(ASKS) | set(REFUSED) == there


@pytest.mark.parametrize("name", READ)
def test_a_file_is_read(official: Official, name: str) -> None:
    assert rows(official(name)) == READ[name]


@pytest.mark.parametrize("name", ASKS)
def test_a_copy_is_read_once_its_sidecar_says_what_it_leaves_out(shared: Path, official: Official, name: str) -> None:
    asked, expected = ASKS[name]
    with pytest.raises(OfficialFileError, match=asked) as caught:
        readers.read_all(shared / "official" / name)
    assert ".origin.toml" in caught.value.hint
    found = official(name)
    assert rows(found) == expected
    assert all(each.origin is not None for each in found.values())


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_is_refused_in_one_message_that_says_what_to_do(shared: Path, name: str) -> None:
    path = shared / "official" / name
    with pytest.raises(OfficialFileError, match=REFUSED[name]) as caught:
        readers.read_all(path)
    assert str(path) in caught.value.what
    assert caught.value.hint
