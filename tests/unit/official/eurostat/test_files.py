"""The same figures read the same from every syntax of Eurostat."""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from smstock.errors import OfficialFileError
from smstock.official import readers

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable
    from pathlib import Path

    import pandas as pd

    from smstock.official.base import OfficialTable

    Caplog = pytest.LogCaptureFixture
    Write = Callable[..., Path]
    Save = Callable[..., Path]

DIMENSIONS = ("freq", "citizen", "age", "unit", "sex", "geo")
LABELS = {
    "freq": {"A": "Annual"},
    "citizen": {
        "TOTAL": "Total",
        "FOR_STLS": "Foreign country and stateless",
        "NAT": "Reporting country",
        "PL": "Poland",
    }
    | {"NA": "Namibia", "XK": "Kosovo*", "EL": "Greece", "STLS": "Stateless", "CI": "Côte d'Ivoire"},
    "age": {"TOTAL": "Total", "Y_LT15": "Less than 15 years", "Y15-64": "From 15 to 64 years", "UNK": "Unknown"}
    | {"Y_GE65": "65 years or over"},
    "unit": {"NR": "Number"},
    "sex": {"T": "Total", "F": "Females", "M": "Males"},
    "geo": {"DE": "Germany", "EL": "Greece", "UK": "United Kingdom"}
    | {"EU27_2020": "European Union - 27 countries (from 2020)"},
}
FLAGS = ["", "", "b", "bep", "u", "c", "s"]


@dataclass(frozen=True)
class Cube:
    """Figures by the codes of each dimension and the year; every combination has a cell."""

    codes: dict[str, list[str]]
    years: list[str]
    cells: list[tuple[int | None, str]]

    def series(self) -> list[tuple[str, ...]]:
        return list(product(*self.codes.values()))

    def rows(self) -> list[tuple[tuple[str, ...], str, int | None, str]]:
        keys = product(self.series(), self.years)
        return [(key, year, *cell) for (key, year), cell in zip(keys, self.cells, strict=True)]


def some(codes: dict[str, str]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(list(codes)), min_size=1, max_size=3, unique=True)


@st.composite
def cubes(draw: st.DrawFn) -> Cube:
    codes = {name: draw(some(LABELS[name])) for name in DIMENSIONS}
    years = draw(st.lists(st.sampled_from(["2018", "2019", "2020"]), min_size=1, max_size=3, unique=True))
    size = len(list(product(*codes.values()))) * len(years)
    cell = st.tuples(st.none() | st.integers(0, 10**7), st.sampled_from(FLAGS))
    return Cube(codes, sorted(years), draw(st.lists(cell, min_size=size, max_size=size)))


def jsonstat(cube: Cube) -> str:
    names = [*DIMENSIONS, "time"]
    codes = {**cube.codes, "time": cube.years}
    return json.dumps(
        {
            "version": "2.0",
            "class": "dataset",
            "updated": "2026-08-10T11:00:00+0200",
            "id": names,
            "size": [len(codes[name]) for name in names],
            "dimension": {
                name: {"category": {"index": {code: place for place, code in enumerate(codes[name])}}} for name in names
            },
            "value": {str(place): value for place, (value, _) in enumerate(cube.cells) if value is not None},
            "status": {str(place): flag for place, (_, flag) in enumerate(cube.cells) if flag},
            "extension": {"id": "MIGR_POP1CTZ"},
        }
    )


def tsv(cube: Cube, *, old: bool = False) -> str:
    years = cube.years[::-1] if old else cube.years
    corner = ",".join(DIMENSIONS) + ("\\time" if old else "\\TIME_PERIOD")
    cells = {(key, year): (value, flag) for key, year, value, flag in cube.rows()}
    lines = ["\t".join([corner, *(f"{year} " for year in years)])]
    for key in cube.series():
        row = (cells[key, year] for year in years)
        lines.append("\t".join([",".join(key), *(f"{':' if value is None else value} {flag}" for value, flag in row)]))
    return "".join(f"{line}\r\n" for line in lines)


def sdmx_1(cube: Cube, *, labels: bool = False) -> str:
    lines = ["DATAFLOW,LAST UPDATE," + ",".join(DIMENSIONS) + ",TIME_PERIOD,OBS_VALUE,OBS_FLAG,CONF_STATUS"]
    for key, year, value, flag in cube.rows():
        said = [LABELS[name].get(code, code) if labels else code for name, code in zip(DIMENSIONS, key, strict=True)]
        number = "" if value is None else value
        lines.append(
            "ESTAT:MIGR_POP1CTZ(1.0),10/08/26 11:00:00,"
            + ",".join(f'"{text}"' for text in said)
            + f",{year},{number},{flag},"
        )
    return "\n".join(lines) + "\n"


def sdmx_2(cube: Cube) -> str:
    head = "STRUCTURE,STRUCTURE_ID,STRUCTURE_NAME," + ",".join(f"{name},Label of {name}" for name in DIMENSIONS)
    lines = [head + ",TIME_PERIOD,Time,OBS_VALUE,Observation value,OBS_FLAG,Status,CONF_STATUS,Confidentiality"]
    for key, year, value, flag in cube.rows():
        said = ",".join(f'{code},"{LABELS[name].get(code, code)}"' for name, code in zip(DIMENSIONS, key, strict=True))
        number = "" if value is None else value
        lines.append(f'dataflow,ESTAT:MIGR_POP1CTZ(1.0),"Population, by",{said},{year},,{number},,{flag},,,')
    return "\n".join(lines) + "\n"


HEADER = "<{0}:Header><{0}:ID>x</{0}:ID><{0}:Prepared>2026-08-10T11:00:00</{0}:Prepared></{0}:Header>"


def attributes(parts: dict[str, object]) -> str:
    return "".join(f' {name}="{value}"' for name, value in parts.items())


def by_series(cube: Cube) -> list[tuple[dict[str, object], list[tuple[str, int | None, str]]]]:
    rows = cube.rows()
    count = len(cube.years)
    return [
        (dict(zip(DIMENSIONS, rows[start][0], strict=True)), [row[1:] for row in rows[start : start + count]])
        for start in range(0, len(rows), count)
    ]


def generic(cube: Cube) -> str:
    series = "".join(
        "<g:Series><g:SeriesKey>"
        + "".join(f'<g:Value id="{name}" value="{code}"/>' for name, code in key.items())
        + "</g:SeriesKey>"
        + "".join(
            f'<g:Obs><g:ObsDimension value="{year}"/><g:ObsValue value="{"NaN" if value is None else value}"/>'
            f'<g:Attributes><g:Value id="OBS_FLAG" value="{flag}"/></g:Attributes></g:Obs>'
            for year, value, flag in cells
        )
        + "</g:Series>"
        for key, cells in by_series(cube)
    )
    space = "http://www.sdmx.org/resources/sdmxml/schemas/v2_1"
    return (
        f'<?xml version="1.0"?><!-- one --><m:GenericData xmlns:m="{space}/message" xmlns:g="{space}/data/generic">'
        f"{HEADER.format('m')}<m:DataSet>{series}</m:DataSet></m:GenericData>"
    )


def specific(cube: Cube, *, compact: bool = False) -> str:
    series = "".join(
        f"<Series{attributes(key | {'TIME_FORMAT': 'P1Y', 'TITLE': 'a title'})}>"
        + "".join(
            f"<Obs{attributes({'TIME_PERIOD': year, 'OBS_VALUE': 'NaN' if value is None else value, 'OBS_STATUS': flag})}/>"
            for year, value, flag in cells
        )
        + "</Series>"
        for key, cells in by_series(cube)
    )
    first = "urn:sdmx:org.sdmx.infomodel.keyfamily.KeyFamily=EUROSTAT:migr_pop1ctz_DSD:compact"
    later = "urn:sdmx:org.sdmx.infomodel.datastructure.DataStructure=ESTAT:MIGR_POP1CTZ(74.0)"
    root, urn = ("CompactData", first) if compact else ("StructureSpecificData", later)
    return (
        f'<m:{root} xmlns:m="http://www.SDMX.org/resources/SDMXML/message" xmlns:d="{urn}">'
        f'{HEADER.format("m")}<m:DataSet d:dataScope="DataStructure">{series}</m:DataSet></m:{root}>'
    )


def r_frame(cube: Cube, *, labels: bool = False) -> str:
    lines = ['"",' + ",".join(f'"{name}"' for name in (*DIMENSIONS, "TIME_PERIOD", "values", "flags"))]
    for number, (key, year, value, flag) in enumerate(cube.rows(), 1):
        texts = [LABELS[name].get(code, code) if labels else code for name, code in zip(DIMENSIONS, key, strict=True)]
        quoted = ",".join(f'"{text}"' for text in texts)
        number_printed, flag_printed = "NA" if value is None else f"{value}", f'"{flag}"' if flag else "NA"
        lines.append(f'"{number}",{quoted},{year}-01-01,{number_printed},{flag_printed}')
    return "\n".join(lines) + "\n"


def python_frame(cube: Cube) -> str:
    years = ",".join(f"{year}_value,{year}_flag" for year in cube.years)
    lines = [",".join(["", *DIMENSIONS]) + f"\\TIME_PERIOD,{years}"]
    for number, (key, cells) in enumerate(by_series(cube)):
        printed = ",".join(f",{flag}: " if value is None else f"{value}.0,{flag}" for _, value, flag in cells)
        lines.append(f"{number},{','.join(map(str, key.values()))},{printed}")
    return "\n".join(lines) + "\n"


def spreadsheet(cube: Cube, *, codes: bool) -> dict[str, list[list[object]]]:
    series: dict[tuple[object, ...], list[tuple[object, list[tuple[str, int | None, str]]]]] = {}
    for key, cells in by_series(cube):
        series.setdefault(tuple(key.values())[:-1], []).append((key["geo"], cells))
    sheets: dict[str, list[list[object]]] = {"Summary": [["x"]], "Structure": [["x"]]}
    for number, (position, rows) in enumerate(series.items(), 1):
        above: list[list[object]] = [
            [f"Any words [{name.upper()}]", None, f"{LABELS[name][str(code)]} [{code}]"]
            for name, code in zip(DIMENSIONS, position, strict=False)
        ]
        corner = ["TIME", "TIME"] if codes else ["TIME"]
        heads: list[object] = ["GEO (Codes)", "GEO (Labels)"] if codes else ["GEO (Labels)"]
        sheets[f"Sheet {number}"] = [
            ["Data extracted on 30/11/2026 12:00:00 from [ESTAT]"],
            ["Dataset: ", "Population, by citizenship [migr_pop1ctz__custom_1234]"],
            ["Last updated: ", "10/08/2026 11:00"],
            [],
            *above,
            [],
            [*corner, *(cell for year in cube.years for cell in (year, None))],
            heads,
            *(
                [
                    *([geo, LABELS["geo"].get(str(geo), str(geo))] if codes else [LABELS["geo"][str(geo)]]),
                    *(cell for _, value, flag in cells for cell in (":" if value is None else value, flag or None)),
                ]
                for geo, cells in rows
            ),
            [],
            ["Special value"],
            [":", "not available"],
        ]
    return sheets


def comparable(table: pd.DataFrame) -> list[dict[Hashable, object]]:
    """Return the rows without what a syntax cannot say: edition and data set, and the day of a sidecar."""
    table = table.drop(columns=["edition", "dataset", "retrieved_at"], errors="ignore").astype(object)
    table = table.where(table.notna(), None)
    return table.sort_values(list(table.columns), key=lambda column: column.astype(str)).to_dict("records")


def tables_in(path: Path) -> dict[str, OfficialTable]:
    """Return the tables of a file, none where no figure is for any."""
    try:
        return readers.read_all(path)
    except OfficialFileError as error:
        if "holds no figure" not in error.what:
            raise
        return {}


@settings(
    max_examples=4,
    phases=(__import__("hypothesis").Phase.generate,),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(cube=cubes())
def test_all_syntaxes_and_their_variants_read_the_same(write: Write, save: Save, cube: Cube) -> None:
    files = {
        "json": jsonstat(cube),
        "tsv": tsv(cube),
        "old tsv": tsv(cube, old=True),
        "csv 1": sdmx_1(cube),
        "labels": sdmx_1(cube, labels=True),
        "csv 2": sdmx_2(cube),
        "structure-specific": specific(cube),
        "compact": specific(cube, compact=True),
    }
    read = {}
    for name, text in files.items():
        read[name] = tables_in(write(text, name))
    nameless = {
        "generic": generic(cube),
        "frame of R": r_frame(cube),
        "labels of R": r_frame(cube, labels=True),
        "frame of Python": python_frame(cube),
    }
    for name, text in nameless.items():
        read[name] = tables_in(write(text, name, dataset="migr_pop1ctz"))
    for codes in (True, False):
        read[f"spreadsheet {codes}"] = tables_in(save(spreadsheet(cube, codes=codes)))
    for name, found in read.items():
        assert list(found) == list(read["json"]), name
        for contract, each in found.items():
            assert comparable(each.table) == comparable(read["json"][contract].table), name
            assert each.left_out == read["json"][contract].left_out, name


PLACES = ("DE", "DE2", "DE21", "DE212", "DEA", "EL", "EL30", "UKI3", "DEZZ", "EU27_2020", "FR24", "FRB0")


def of_places(citizens: list[str], geo: list[str]) -> Cube:
    codes = {"freq": ["A"], "citizen": citizens, "age": ["TOTAL"], "unit": ["NR"], "sex": ["T"], "geo": geo}
    return Cube(codes, ["2019", "2020"], [(cell, "") for cell in range(2 * len(citizens) * len(geo))])


@settings(
    max_examples=4,
    phases=(__import__("hypothesis").Phase.generate,),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(geo=st.lists(st.sampled_from(PLACES), min_size=1, max_size=6, unique=True))
def test_regions_read_the_same_from_all_syntaxes_and_leave_their_country_alone(
    write: Write, save: Save, geo: list[str]
) -> None:
    cube = of_places(["TOTAL", "PL", "EL"], geo)
    files = {"json": jsonstat(cube), "tsv": tsv(cube), "old tsv": tsv(cube, old=True), "csv 1": sdmx_1(cube)}
    files |= {"csv 2": sdmx_2(cube), "specific": specific(cube), "compact": specific(cube, compact=True)}
    read = {name: tables_in(write(text, name)) for name, text in files.items()}
    for name, text in (("generic", generic(cube)), ("R", r_frame(cube)), ("Python", python_frame(cube))):
        read[name] = tables_in(write(text, name, dataset="migr_pop1ctz"))
    read["spreadsheet"] = tables_in(save(spreadsheet(cube, codes=True)))
    regions = {code for code in geo if len(code) > 2 and code not in {"DEZZ", "EU27_2020"}}
    countries = {"DE": "DEU", "EL": "GRC"}
    for name, tables_of_file in read.items():
        population = set(tables_of_file["population"].table["area"]) if "population" in tables_of_file else set[str]()
        assert population == regions | {countries[code] for code in geo if code in countries}, name
        for contract, official in tables_of_file.items():
            assert comparable(official.table) == comparable(read["json"][contract].table), name
            assert official.left_out == read["json"][contract].left_out, name
    without = [code for code in geo if code not in regions]
    if {*without} & {*countries}:
        of_countries = tables_in(write(tsv(of_places(["TOTAL", "PL", "EL"], without)), "without"))["stock"]
        beside = read["tsv"]["stock"].table
        key = ["destination", "origin", "reference_date", "flags", "sex"]
        rows = beside.loc[beside["destination"].isin(countries.values()), key]
        assert rows.to_dict("records") == of_countries.table[key].to_dict("records")


def test_names_of_regions_are_told_once_and_countries_beside_them_are_read(write: Write, caplog: Caplog) -> None:
    text = sdmx_1(of_places(["PL"], ["DE", "EL"]), labels=True).replace("Greece", "Oberbayern")
    read = readers.read_all(write(text))["stock"]
    assert read.table["destination"].tolist() == ["DEU", "DEU"]
    assert read.left_out == {"for regions by name: Oberbayern": 2}
    assert caplog.text.count("Oberbayern (several regions may have one name: download it with codes)") == 1


def test_beside_regions_by_name_a_country_of_the_same_name_is_none(write: Write) -> None:
    text = sdmx_1(of_places(["PL"], ["DE", "EL", "UK"]), labels=True).replace("United Kingdom", "Luxembourg")
    assert "LUX" in readers.read_stock(write(text))["destination"].tolist()
    read = readers.read_all(write(text.replace("Greece", "Berlin"), "beside"))["stock"]
    assert read.table["destination"].tolist() == ["DEU", "DEU"]
    assert read.left_out == {"for regions by name: Berlin; Luxembourg": 4}


@pytest.mark.parametrize(
    ("geo", "years", "dataset", "day"),
    [
        ("DE", "2021 ", "migr_pop3ctb", "2021-01-01"),
        ("DE21", "2021 ", "cens_21cob_r3", "2021-07-01"),
        ("DEZZ", "2021 ", "migr_pop3ctb", "2021-01-01"),
    ],
)
def test_a_tsv_of_regions_of_2021_is_the_census(write: Write, geo: str, years: str, dataset: str, day: str) -> None:
    head = f"freq,c_birth,age,sex,unit,geo\\TIME_PERIOD\t{years}\r\n"
    table = readers.read_stock(write(f"{head}A,PL,TOTAL,T,NR,AT\t7 \r\nA,PL,TOTAL,T,NR,{geo}\t70 \r\n"))
    assert set(table["dataset"]) == {dataset}
    assert set(table["reference_date"]) == {day}


def test_persons_by_labour_status_of_regions(write: Write) -> None:
    head = "freq,c_birth,age,wstatus,sex,unit,geo\\TIME_PERIOD\t2022 \t2023 \r\n"
    lines = "A,FOR,Y15-64,EMP,T,THS_PER,DE\t7 \t8 \r\nA,FOR,Y15-64,EMP,T,THS_PER,DE21\t1.5 u\t: \r\n"
    table = readers.read_indicator(write(head + lines)).set_index(["area", "reference_date"])
    assert set(table["dataset"]) == {"lfst_r_lfsd2pwc"}
    assert list(table.loc[("DE21", "2022-07-01"), ["value", "flags", "group", "category"]]) == [
        1500,
        "u",
        "WLD",
        "EMP",
    ]


@pytest.mark.parametrize("name", ["demo_r_d2jan", "demo_r_pjangroup", "demo_r_pjanaggr3", "demo_r_pjangrp3"])
def test_the_population_of_regions(write: Write, name: str) -> None:
    text = "freq,unit,sex,age,geo\\TIME_PERIOD\t2020 \r\nA,NR,T,TOTAL,DE\t83 \r\nA,NR,T,TOTAL,ES300\t6 \r\n"
    population = readers.read_population(write(text, dataset=name))
    assert dict(zip(population["area"], population["value"], strict=True)) == {"DEU": 83, "ES300": 6}


def one(citizen: str = "PL", geo: str = "DE", age: str = "TOTAL", value: int | None = 771250, flag: str = "b") -> Cube:
    codes = {"freq": ["A"], "citizen": [citizen], "age": [age], "unit": ["NR"], "sex": ["T"], "geo": [geo]}
    return Cube(codes, ["2020"], [(value, flag)])


def test_a_stock_row_says_what_its_number_is(write: Write) -> None:
    (row,) = readers.read_stock(write(sdmx_1(one()))).to_dict("records")
    assert (row["provider"], row["dataset"]) == ("eurostat", "migr_pop1ctz")
    assert (row["edition"], row["concept"]) == ("2026-08-10", "citizenship")
    assert (row["destination"], row["origin"], row["sex"]) == ("DEU", "POL", "all")
    assert (row["age_min"], row["reference_date"], row["value"], row["flags"]) == (0, "2020-01-01", 771250, "b")


@pytest.mark.parametrize(
    ("citizen", "geo", "table"),
    [("TOTAL", "DE", "population"), ("FOR_STLS", "DE", "stock"), ("XK", "DE", "stock"), ("NA", "UK", "stock")],
)
def test_the_origin_decides_the_table(write: Write, citizen: str, geo: str, table: str) -> None:
    assert list(readers.read_all(write(tsv(one(citizen, geo))))) == [table]


def test_all_foreign_citizens_are_one_origin(write: Write) -> None:
    assert readers.read_stock(write(tsv(one("FOR_STLS"))))["origin"].tolist() == ["WLD"]


@pytest.mark.parametrize(
    ("cube", "reason"),
    [
        (one("NAT"), "for groups of areas"),
        (one("STLS"), "for groups of areas"),
        (one(geo="EU27_2020"), "for groups of areas"),
        (one("EL", "EL"), "of natives or nationals of the area itself"),
        (one(age="UNK"), "for an unknown age"),
        (one("TOTAL"), "of the total population"),
    ],
)
def test_what_is_left_out_is_counted_by_reason(write: Write, cube: Cube, reason: str) -> None:
    with pytest.raises(OfficialFileError, match="holds no figure for a stock table") as caught:
        readers.read_stock(write(tsv(cube)))
    assert reason in caught.value.where


def test_confidential_figures_are_missing_and_say_so(write: Write) -> None:
    stock = readers.read_stock(write(tsv(one(value=None, flag="c"))))
    assert stock["value"].isna().tolist() == [True]
    assert stock["flags"].tolist() == ["C; :"]


COPY = '"Sex","geo","Age class","year","Country of citizenship","Number"\n"Females","Austria","Total","2012","Poland","7"\n'


def test_a_copy_without_its_data_flow_asks_for_the_data_set(write: Write) -> None:
    with pytest.raises(OfficialFileError, match="does not say which data set") as caught:
        readers.read_stock(write(COPY))
    assert 'dataset = "..."' in caught.value.hint
    stock = readers.read_stock(write(COPY, dataset="migr_pop1ctz"))
    assert stock[["destination", "origin", "sex", "value", "edition"]].to_numpy().tolist() == [
        ["AUT", "POL", "female", 7, "2020"]
    ]


def test_a_copy_of_a_flow_is_refused_once_it_is_named(write: Write) -> None:
    with pytest.raises(OfficialFileError, match="it counts immigrations; a flow is no stock"):
        readers.read_stock(write(COPY, dataset="migr_imm1ctz"))


def test_a_copy_that_lost_sex_and_age_asks_for_them(write: Write) -> None:
    copy = "citizen,geo,year,number of citizens\nPoland,Austria,2015,7\n"
    for entry in ("sex", "ages"):
        entries = {"dataset": "migr_pop1ctz", "sex": "all", "ages": "0+"}
        del entries[entry]
        with pytest.raises(OfficialFileError, match="does not say which"):
            readers.read_stock(write(copy, **entries))
    assert readers.read_stock(write(copy, dataset="migr_pop1ctz", sex="all", ages="18+"))["age_min"].tolist() == [18]


def test_the_columns_of_sdmx_csv_may_stand_in_any_order(write: Write) -> None:
    lines = [line.split(",") for line in sdmx_1(one()).strip().split("\n")]
    moved = "".join(",".join(reversed(line)) + "\n" for line in lines)
    assert readers.read_stock(write(moved)).equals(readers.read_stock(write(sdmx_1(one()))))


def test_shares_by_education_must_add_up(write: Write) -> None:
    head = "freq,unit,sex,isced11,c_birth,age,geo\\TIME_PERIOD\t2020 \r\n"
    shares = [("ED0-2", 20.1), ("ED3_4", 49.9), ("ED5-8", 30.0)]
    lines = [f"A,PC,F,{level},FOR,Y15-64,DE\t{share} \r\n" for level, share in shares]
    indicator = readers.read_indicator(write(head + "".join(lines)))
    assert indicator["category"].tolist() == ["isced0-2", "isced3-4", "isced5-8"]
    assert set(indicator["dataset"]) == {"edat_lfs_9912"}
    assert set(indicator["group"]) == {"WLD"}
    with pytest.raises(OfficialFileError, match=r"its levels add up to 71\.1 %, not to 100"):
        readers.read_indicator(write(head + "".join(lines).replace("49.9", "21.0")))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("freq,citizen,age,unit,sex,geo\\TIME_PERIOD\t2020 \r\nA,FOR,Y15-64,PC,T,DE\t70.1 \r\n", "unit PC"),
        ("freq,unit,age,sex,geo\\TIME_PERIOD\t2020 \r\nA,NR,Y1,T,DE\t70 \r\n", "permits, arrivals and deaths"),
        ("reason,citizen,geo\\time\t2020 \r\nEDUC,TOTAL,DE\t7 \r\n", "does not say of which data set"),
    ],
)
def test_a_tsv_that_may_be_a_rate_or_a_flow_is_not_guessed(write: Write, text: str, said: str) -> None:
    with pytest.raises(OfficialFileError, match=said) as caught:
        readers.read_all(write(text))
    assert "migr_pop3ctb" in caught.value.allowed


def test_the_sidecar_names_the_data_set_of_a_tsv(write: Write) -> None:
    text = "freq,unit,age,sex,geo\\TIME_PERIOD\t2020 \r\nA,NR,Y1,T,NA\t70 \r\n"
    population = readers.read_population(write(text, dataset="demo_pjan", edition="2025-03-01"))
    assert population[["area", "age_min", "age_max", "value", "edition"]].to_numpy().tolist() == [
        ["NAM", 1, 1, 70, "2025-03-01"]
    ]
