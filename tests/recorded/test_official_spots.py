"""Single figures, read off the files by eye: the line they stand on, as printed, and what the reader makes of them.

Figures of UN DESA's workbooks by destination are in test_official_undesa.py.
"""

from __future__ import annotations

import gzip
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pandas as pd

    from smstock.official.base import OfficialTable


class Spot(NamedTuple):
    """A figure: file, line (1 is the first), what stands there, table, its row, value (None: missing) and flags."""

    file: str
    line: int
    printed: str
    table: str
    row: str
    value: float | None
    flags: str = ""


GIND = "eurostat/demo_gind_jan_population_sdmxcsv1.csv"
BROAD = "eurostat/demo_pjanbroad_Y15-64_sdmxcsv2.csv"
SEXES = "eurostat/demo_poppcctb_sdmxcsv1_labels.csv"
SCHOOL = "eurostat/edat_lfs_9911_sdmxcsv2_codes_and_labels.csv"
BORN = "eurostat/estat_edat_lfs_9912_filtered1.tsv"
LABOUR = "eurostat/lfsa_pganws_foreigners_sdmxcsv2.csv.gz"
CITIZENS = "eurostat/migr_pop1ctz_citizen_total_geo_2015_2024_labels.csv.gz"
CITIZENS_BY_SEX = "eurostat/migr_pop1ctz_citizen_sexMF_geo_2015_2024_labels.csv.gz"
FOREIGNERS = "eurostat/migr_pop1ctz_FOR_STLS_and_TOTAL_by_sex_age5_geo_2012_2024_labels.csv.gz"
ADULTS = "oecd/DSD_EAG_LSO_EA_DF_LSO_NEAC_DISTR_EA_MIGR_csvfilewithlabels.csv"
INTERNET = "worldbank/API_IT.NET.USER.ZS_DS2_en_csv_v2_2160.csv"
LONG_2020 = "undesa/un2020_bilateral_by_sex_iso3_long.csv.gz"
LONG_2019 = "undesa/ddf_un2019_migrant_stock_by_destination_origin_gender_year.csv.gz"
BOTH_2019 = "undesa/ddf_un2019_migrant_stock_by_destination_origin_year.csv.gz"
WIDE_2019 = "undesa/un2019_by_origin_and_destination_wide_total.csv.gz"
MALES_2019 = "undesa/un2019_by_origin_and_destination_wide_male.csv.gz"
AGES_2019 = "undesa/un2019_by_age_and_sex_wide.csv.gz"
PEOPLE_2019 = "undesa/un2019_total_population_by_age_and_sex_wide.csv.gz"
MALES = "wpp/wpp2019_popM.txt.gz"
FEMALES = "wpp/wpp2019_popF.txt.gz"
SINGLE = "wpp/wpp2022_pop_by_single_age_sex_iso3_2000_2010_2020_2021.csv.gz"

SPOTS = [
    Spot(GIND, 10, "Andorra,2011,78115,b,", "population", "area=AND reference_date=2011-01-01", 78115),
    Spot(GIND, 262, "Germany,2011,80222065,b,", "population", "area=DEU reference_date=2011-01-01", 80222065),
    Spot(GIND, 385, "Greece,2024,10400720,,", "population", "area=GRC reference_date=2024-01-01", 10400720),
    Spot(GIND, 1037, "Türkiye,2024,85372377,,", "population", "area=TUR reference_date=2024-01-01", 85372377),
    Spot(GIND, 1073, "United Kingdom,2019,66647112,,", "population", "area=GBR reference_date=2019-01-01", 66647112),
    Spot(GIND, 1094, "Kosovo*,2022,1773971,,", "population", "area=XKX reference_date=2022-01-01", 1773971),
    Spot(BROAD, 2, "AD,Andorra,1986,,32107,,", "population", "area=AND age_max=64 reference_date=1986-01-01", 32107),
    Spot(
        BROAD,
        534,
        "DE,Germany,2024,,53109702,,",
        "population",
        "area=DEU age_min=15 reference_date=2024-01-01",
        53109702,
    ),
    Spot(BROAD, 716, "EL,Greece,2011,,7349425,,", "population", "area=GRC reference_date=2011-01-01", 7349425),
    Spot(
        BROAD, 2193, "UK,United Kingdom,2019,,42434786,,", "population", "area=GBR reference_date=2019-01-01", 42434786
    ),
    Spot(
        SEXES,
        423,
        "Foreign country,Total,Percentage,Females,Austria,2024,51.0,,",
        "indicator",
        "area=AUT group=WLD concept=birth sex=female reference_date=2024-01-01",
        51.0,
    ),
    Spot(
        SEXES,
        712,
        "Reporting country,Total,Percentage,Males,Switzerland,2022,49.9,,",
        "indicator",
        "area=CHE group=NAT sex=male reference_date=2022-01-01",
        49.9,
    ),
    Spot(
        SCHOOL,
        2,
        "FOR,Foreign country,Y15-64,From 15 to 64 years,AT,Austria,2014,,29.6,,b,",
        "indicator",
        "area=AUT category=isced0-2 concept=citizenship group=WLD age_min=15 reference_date=2014-07-01",
        29.6,
        "b",
    ),
    Spot(
        BORN,
        2,
        "Y15-24,AT\t34.4 \t28.6 ",
        "indicator",
        "area=AUT {F02} group=EU27_2020_FOR reference_date=2015-07-01",
        34.4,
    ),
    Spot(BORN, 2, "\t43.3 b\t", "indicator", "area=AUT {F02} group=EU27_2020_FOR reference_date=2021-07-01", 43.3, "b"),
    Spot(BORN, 3, "BA\t: \t: ", "indicator", "area=BIH {F02} group=EU27_2020_FOR reference_date=2015-07-01", None, ":"),
    Spot(BORN, 3, "\t38.4 u\t", "indicator", "area=BIH {F02} group=EU27_2020_FOR reference_date=2021-07-01", 38.4, "u"),
    Spot(
        BORN, 5, "\t: bu\t", "indicator", "area=BGR {F02} group=EU27_2020_FOR reference_date=2019-07-01", None, "b u; :"
    ),
    Spot(BORN, 12, "EL\t59.3 ", "indicator", "area=GRC {F02} group=EU27_2020_FOR reference_date=2015-07-01", 59.3),
    Spot(
        BORN,
        5721,
        "LU\t30.9 b",
        "indicator",
        "area=LUX {T58} group=NAT reference_date=2015-07-01",
        30.9,
        "b",
    ),
    Spot(BORN, 5731, "\t28.2 ", "indicator", "area=SRB {T58} group=NAT reference_date=2024-07-01", 28.2),
    Spot(BORN, 5736, "\t42.7 \t: ", "indicator", "area=GBR {T58} group=NAT reference_date=2020-07-01", None, ":"),
    Spot(
        LABOUR,
        2,
        "EMP,Employed persons,AT,Austria,2014,,244.8,,",
        "indicator",
        "area=AUT category=EMP sex=female group=WLD unit=persons reference_date=2014-07-01",
        244_800,
    ),
    Spot(
        CITIZENS,
        41719,
        "Poland,Germany,2020,771250",
        "stock",
        "destination=DEU origin=POL reference_date=2020-01-01",
        771250,
    ),
    Spot(
        CITIZENS,
        43836,
        "Romania,Italy,2020,1145718",
        "stock",
        "destination=ITA origin=ROU reference_date=2020-01-01",
        1145718,
    ),
    Spot(
        CITIZENS,
        19412,
        "Finland,Sweden,2020,48715",
        "stock",
        "destination=SWE origin=FIN reference_date=2020-01-01",
        48715,
    ),
    Spot(
        CITIZENS,
        36841,
        "Namibia,Germany,2020,820",
        "stock",
        "destination=DEU origin=NAM reference_date=2020-01-01",
        820,
    ),
    Spot(
        CITIZENS,
        56227,
        "Kosovo*,Switzerland,2020,0",
        "stock",
        "destination=CHE origin=XKX reference_date=2020-01-01",
        0,
    ),
    Spot(
        CITIZENS,
        20139,
        "Foreign country and stateless,Germany,2020,10398022",
        "stock",
        "destination=DEU origin=WLD reference_date=2020-01-01",
        10398022,
    ),
    Spot(CITIZENS, 51506, "Total,Germany,2020,83166711", "population", "area=DEU reference_date=2020-01-01", 83166711),
    Spot(
        CITIZENS_BY_SEX,
        81422,
        "Poland,Females,Norway,2020,39502",
        "stock",
        "destination=NOR origin=POL sex=female reference_date=2020-01-01",
        39502,
    ),
    Spot(
        CITIZENS_BY_SEX,
        96057,
        "Syria,Males,Austria,2019,29016",
        "stock",
        "destination=AUT origin=SYR sex=male reference_date=2019-01-01",
        29016,
    ),
    Spot(
        FOREIGNERS,
        2,
        "Females,Austria,Total,2012,Foreign country and stateless,470822",
        "stock",
        "destination=AUT origin=WLD sex=female age_min=0 age_max= reference_date=2012-01-01",
        470822,
    ),
    Spot(
        FOREIGNERS,
        3964,
        "Males,Germany,From 25 to 29 years,2020,Foreign country and stateless,634314",
        "stock",
        "destination=DEU sex=male age_min=25 age_max=29 reference_date=2020-01-01",
        634314,
    ),
    Spot(
        FOREIGNERS,
        28741,
        "Total,Spain,65 years or over,2024,Total,9928368",
        "population",
        "area=ESP sex=all age_min=65 age_max= reference_date=2024-01-01",
        9928368,
    ),
    Spot(
        ADULTS,
        2,
        "2020,,,,A,Normal value,C,",
        "indicator",
        "area=POL category=isced0-2 group=WLD reference_date=2020-07-01",
        None,
        "C; :",
    ),
    Spot(INTERNET, 173, "Namibia,NAM,", "indicator", "area=NAM reference_date=1995-07-01", 0.006172051),
    Spot(INTERNET, 2, ",97.17,,,,,,", "indicator", "area=ABW reference_date=2017-07-01", 97.17),
    Spot(INTERNET, 2, ",97.17,,,,,,", "indicator", "area=ABW reference_date=2018-07-01", None, "blank"),
    Spot(INTERNET, 263, "Kosovo,XKX,", "indicator", "area=XKX reference_date=2018-07-01", 89.443),
    Spot(INTERNET, 40, "Channel Islands,CHI,", "indicator", "area=CHI reference_date=2018-07-01", None, "blank"),
    Spot(LONG_2020, 68692, "DEU,POL,Total,2020,2141722", "stock", "destination=DEU origin=POL sex=all {2020}", 2141722),
    Spot(
        LONG_2020, 229340, "SWE,FIN,Female,2020,91833", "stock", "destination=SWE origin=FIN sex=female {2020}", 91833
    ),
    Spot(LONG_2020, 139381, "ITA,ROU,Total,1990,40066", "stock", "destination=ITA origin=ROU sex=all {1990}", 40066),
    Spot(LONG_2020, 177325, "NAM,AGO,Total,2020,40105", "stock", "destination=NAM origin=AGO sex=all {2020}", 40105),
    Spot(LONG_2020, 45046, "CHA,GBR,Total,2020,60665", "stock", "destination=CHI origin=GBR sex=all {2020}", 60665),
    Spot(LONG_2020, 69427, "DEU,XXX,Total,2020,133688", "stock", "destination=DEU origin=XXX sex=all {2020}", 133688),
    Spot(LONG_2020, 206409, "QAT,IND,Male,2020,604194", "stock", "destination=QAT origin=IND sex=male {2020}", 604194),
    Spot(
        LONG_2019, 155864, "deu,pol,female,2019,862161", "stock", "destination=DEU origin=POL sex=female {2019}", 862161
    ),
    Spot(LONG_2019, 67360, "nam,ago,male,2019,23322", "stock", "destination=NAM origin=AGO sex=male {2019}", 23322),
    Spot(LONG_2019, 8066, "gbr,chanisl,male,1990,8613", "stock", "destination=GBR origin=CHI sex=male {1990}", 8613),
    Spot(BOTH_2019, 77481, "deu,pol,2019,1784839", "stock", "destination=DEU origin=POL sex=all {2019}", 1784839),
    Spot(BOTH_2019, 50, "ken,eri,1990,0", "stock", "destination=KEN origin=ERI sex=all {1990}", 0),
    Spot(WIDE_2019, 1971, "2019,Germany,13132146,1892,109530,", "stock", "destination=DEU origin=WLD {2019}", 13132146),
    Spot(
        WIDE_2019,
        1971,
        "2019,Germany,13132146,1892,109530,",
        "stock",
        "destination=DEU origin=XXX {2019}",
        1892 + 109530,
    ),
    Spot(WIDE_2019, 1971, ",166432,", "stock", "destination=DEU origin=SRB {2019}", 166432),
    Spot(
        WIDE_2019,
        1937,
        "2019,Channel Islands,83833,905,2289,",
        "stock",
        "destination=CHI origin=SRB {2019}",
        None,
        "blank",
    ),
    Spot(MALES_2019, 59, "1990,Namibia,63748,1281,222,", "stock", "destination=NAM origin=WLD sex=male {1990}", 63748),
    Spot(
        AGES_2019, 1971, "2019,Germany,100237,", "stock", "destination=DEU sex=all age_min=0 age_max=4 {2019}", 100237
    ),
    Spot(AGES_2019, 239, ",2868,", "stock", "destination=CHI sex=female age_min=75 {1990}", 2868),
    Spot(PEOPLE_2019, 1971, "2019.0,Germany,3987.424,", "population", "area=DEU sex=all age_max=4 {2019}", 3987424),
    Spot(PEOPLE_2019, 239, ",5.981,", "population", "area=CHI sex=female age_min=75 {1990}", 5981),
    Spot(MALES, 5110, "276\tGermany\t25-29\t", "population", "area=DEU sex=male age_min=25 {2020}", 2521798),
    Spot(MALES, 1325, "516\tNamibia\t0-4\t41.083\t", "population", "area=NAM age_max=4 {1950}", 41083),
    Spot(FEMALES, 4978, "688\tSerbia\t100+\t0.025\t", "population", "area=SRB sex=female age_min=100 {1950}", 25),
    Spot(SINGLE, 181802, "NAM,2020,Female,0,33.791", "population", "area=NAM sex=female age_min=0 {2020}", 33791),
    Spot(SINGLE, 64401, "DEU,2020,Male,99,2.424", "population", "area=DEU sex=male age_min=99 {2020}", 2424),
    Spot(SINGLE, 277532, "XKX,2010,Female,30,13.899", "population", "area=XKX sex=female age_max=30 {2010}", 13899),
]
SHORT = {
    "{F02}": "sex=female category=isced0-2 age_min=15 age_max=24",
    "{T58}": "sex=all category=isced5-8 age_min=25 age_max=64",
    **{f"{{{year}}}": f"reference_date={year}-07-01" for year in (1950, 1990, 2010, 2019, 2020)},
}

JSON_SPOTS = [
    ("eurostat/eurostat_migr_pop3ctb.json", '"138":8199663', "destination=FRA reference_date=2018-01-01", 8199663, ""),
    (
        "eurostat/eurostat_migr_pop3ctb.json",
        '"70":10220418',
        "destination=DEU reference_date=2015-01-01",
        10220418,
        "e",
    ),
    ("eurostat/eurostat_migr_pop3ctb.json", '"274":637408', "destination=POL reference_date=2011-01-01", 637408, "p"),
    ("eurostat/eurostat_migr_pop3ctb.json", '"425":9469015', "destination=GBR reference_date=2019-01-01", 9469015, ""),
    ("eurostat/eurostat_migr_pop3ctb.json", '"5":"be"', "destination=DNK reference_date=2010-01-01", 500772, ""),
    ("eurostat/eurostat_migr_pop1ctz.json", '"75":10398022', "destination=DEU reference_date=2020-01-01", 10398022, ""),
    ("eurostat/eurostat_migr_pop1ctz.json", '"104":931424', "destination=GRC reference_date=2010-01-01", 931424, ""),
    (
        "oecd/sdmx_json/AUS_B14.json",
        '"0:0:0:0:0:0:0:0:2":[7681720,',
        "destination=AUS reference_date=2022-01-01",
        7681720,
        "",
    ),
    ("oecd/sdmx_json/USA_B15.json", "[22518809.52,", "destination=USA reference_date=2019-01-01", 22518809.52, ""),
    ("oecd/sdmx_json/CHL_B15.json", "[null,", "destination=CHL reference_date=2013-01-01", None, "blank"),
    ("oecd/sdmx_json/TUR_B15.json", "[518279,", "destination=TUR reference_date=2015-01-01", 518279, ""),
    ("worldbank/wb_SM_POP_TOTL.json.gz", '"value":15021300', "destination=DEU reference_date=2020-07-01", 15021300, ""),
    ("worldbank/wb_SM_POP_TOTL.json.gz", '"value":109391', "destination=NAM reference_date=2020-07-01", 109391, ""),
    ("worldbank/wb_SM_POP_TOTL.json.gz", '"XKX"', "destination=XKX reference_date=2015-07-01", None, "blank"),
    ("worldbank/wb_SP_POP_TOTL.json.gz", '"value":83177813', "area=DEU reference_date=2022-07-01", 83177813, ""),
    ("worldbank/wb_SP_POP_TOTL.json.gz", '"value":166235', "area=CHI reference_date=2020-07-01", 166235, ""),
    ("worldbank/wb_SP_POP_TOTL.json.gz", '"value":1768096', "area=XKX reference_date=2022-07-01", 1768096, ""),
]


@pytest.fixture(scope="module")
def lines(shared: Path) -> Callable[[str], list[str]]:
    @cache
    def read(name: str) -> list[str]:
        content = (shared / "official" / name).read_bytes()
        return (gzip.decompress(content) if name.endswith(".gz") else content).decode("utf-8-sig").split("\n")

    return read


def the_row(table: pd.DataFrame, row: str) -> tuple[float | None, str]:
    for short, long in SHORT.items():
        row = row.replace(short, long)
    for part in row.split():
        column, _, said = part.partition("=")
        if not said:
            table = table[table[column].isna()]
        else:
            table = table[table[column] == (int(said) if column.startswith("age_") else said)]
    (found,) = table.to_dict("records")
    value = found["value"]
    return (None if value != value else float(value)), str(found.get("flags", ""))  # noqa: PLR0124


@pytest.mark.parametrize("spot", SPOTS, ids=lambda spot: f"{spot.file.rpartition('/')[2][:24]}:{spot.line}")
def test_a_figure_is_what_its_line_says(
    official: Callable[[str], dict[str, OfficialTable]], lines: Callable[[str], list[str]], spot: Spot
) -> None:
    assert spot.printed in lines(spot.file)[spot.line - 1]
    assert the_row(official(spot.file)[spot.table].table, spot.row) == (spot.value, spot.flags)


@pytest.mark.parametrize(("name", "printed", "row", "value", "flags"), JSON_SPOTS)
def test_a_figure_is_what_the_answer_says(
    official: Callable[[str], dict[str, OfficialTable]],
    lines: Callable[[str], list[str]],
    name: str,
    printed: str,
    row: str,
    value: float | None,
    flags: str,
) -> None:
    assert printed in "\n".join(lines(name))
    (found,) = official(name).values()
    assert the_row(found.table, row) == (value, flags)
