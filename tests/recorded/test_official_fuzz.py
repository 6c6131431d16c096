"""Thousands of small damages to real files: each is one clear error, or stays where it was done.

A figure that is read under the keys of another is worse than a crash. So where a damaged file is still read, either few
rows differ from those of the whole file, as few as one line or one column holds, or the damage changed one code or label
into another that is known, and every row differs in that alone.
"""

from __future__ import annotations

import csv
import gzip
import json
import os
import random
import re
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from itertools import repeat
from multiprocessing import get_context
from typing import TYPE_CHECKING

import pytest

from smstock.errors import SmstockError
from smstock.official import readers

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

LINES, COLUMNS = 8, 12
"""How many lines of a file are damaged, and how many columns of a wide one: small samples are read thousands of times."""
QUICK = ("labels", "json-stat", "sdmx-json", "worldbank json", "wpp text", "wpp copy", "long copy", "undesa sheet")
"""Samples that take less than 8 ms to read, the others twice as long: these are damaged more often."""
FAST = 50
SLOW = {True: 10_000, False: 2_860}
"""Damages to a sample, some 300 of each kind at least, by whether it is quickly read: 117,180 in all."""

GROUP = re.compile(rb"(\d{4},)?(WORLD|UN |More|Less|Least|World|High|900\t|901\t)")
"""Beginnings of lines that hold a group of areas."""

SIDECAR = dict.fromkeys(("producer", "title", "edition", "citation", "licence"), "X") | {"retrieved": "2026-11-22"}
COPY = {"provider": "undesa", "dataset": "ims", "concept": "mixed", "ages": "0+"}
SAMPLES: dict[str, tuple[str, dict[str, str]]] = {
    "tsv": ("eurostat/estat_edat_lfs_9912_filtered1.tsv", {"dataset": "edat_lfs_9912"}),
    "labels": ("eurostat/demo_poppcctb_sdmxcsv1_labels.csv", {}),
    "sdmx 2": ("eurostat/lfsa_pganws_foreigners_sdmxcsv2.csv.gz", {}),
    "json-stat": ("eurostat/eurostat_migr_pop3ctb.json", {}),
    "copy of eurostat": (
        "eurostat/migr_pop1ctz_FOR_STLS_and_TOTAL_by_sex_age5_geo_2012_2024_labels.csv.gz",
        {"dataset": "migr_pop1ctz"},
    ),
    "oecd csv": ("oecd/DSD_EAG_LSO_EA_DF_LSO_NEAC_DISTR_EA_MIGR_csvfilewithlabels.csv", {}),
    "sdmx-json": ("oecd/sdmx_json/MEX_B14.json", {}),
    "worldbank csv": ("worldbank/API_IT.NET.USER.ZS_DS2_en_csv_v2_2160.csv", {}),
    "worldbank json": ("worldbank/wb_SP_POP_TOTL.json.gz", {}),
    "wpp text": ("wpp/wpp2019_popM.txt.gz", {"sex": "male"}),
    "wpp copy": ("wpp/wpp2022_pop_by_single_age_sex_iso3_2000_2010_2020_2021.csv.gz", {}),
    "long copy": ("undesa/un2020_bilateral_by_sex_iso3_long.csv.gz", COPY),
    "origins as columns": (
        "undesa/un2019_by_origin_and_destination_wide_total.csv.gz",
        {"concept": "mixed", "sex": "all"},
    ),
    "ages as columns": ("undesa/un2019_by_age_and_sex_wide.csv.gz", {"concept": "mixed"}),
    "undesa sheet": ("undesa/undesa_pd_2020_ims_stock_by_sex_and_destination.xlsx", {}),
    "databank": ("", {}),
    "bilateral": ("", {}),
    "worldbank xml": ("", {}),
    "wpp totals": ("", {}),
    "census csv": ("", {"reference_date": "2022-07-01"}),
    "census shown": ("", {"reference_date": "2022-07-01"}),
}
BLANKS = "\u00a0" * 4
FIELDS = '<field name="{}" key="{}"/><field name="Item" key="SP.POP.TOTL"/><field name="Year">{}</field>'
WRITTEN = {
    "databank": (
        "Country Name,Country Code,Series Name,Series Code,2018 [YR2018],2019 [YR2019],2020 [YR2020]\n"
        '"Germany",DEU,"Population, total",SP.POP.TOTL,82905782,83092962,83160871\n'
        '"Namibia",NAM,"Population, total",SP.POP.TOTL,2405680,2446644,2489098\n'
        '"Kosovo",XKX,"Population, total",SP.POP.TOTL,1797085,1788878,1790133\n'
        ",,,,,,\nData from database: World Development Indicators,,,,,,\nLast Updated: 12/16/2021,,,,,,\n"
    ),
    "bilateral": (
        "Country Origin Name,Country Origin Code,Migration by Gender Name,Migration by Gender Code,Country Dest Name,"
        "Country Dest Code,1990 [1990],2000 [2000]\n"
        + "".join(
            f"Turkey,TUR,{name},{code},{place},{iso3},{number},{number + 1}\n"
            for place, iso3, number in (("Germany", "DEU", 1600), ("Austria", "AUT", 118))
            for name, code in (("Total", "TOT"), ("Female", "FEM"), ("Male", "MAL"))
        )
    ),
    "worldbank xml": (
        '<?xml version="1.0"?>\n<Root xmlns:wb="http://www.worldbank.org">\n<data>\n'
        + "".join(
            f'<record>{FIELDS.format("Country or Area", iso3, year)}<field name="Value">{year * 1000}</field></record>\n'
            for iso3 in ("NAM", "DEU", "XKX")
            for year in (2018, 2019, 2020)
        )
        + "</data>\n</Root>\n"
    ),
    "wpp totals": (
        "LocID,Location,VarID,Variant,Time,MidPeriod,PopMale,PopFemale,PopTotal,PopDensity\n"
        "516,Namibia,2,Medium,2019,2019.5,1209.221,1285.303,2494.524,3.03\n"
        "516,Namibia,2,Medium,2020,2020.5,1231.683,1309.233,2540.916,3.086\n"
        "276,Germany,2,Medium,2020,2020.5,41362.08,42421.865,83783.945,240.37\n"
    ),
    "census csv": (
        '"GEO_ID","NAME","B05006_001E","B05006_001M","B05006_004E","B05006_050E","B05006_069E"\n'
        '"Geography","Geographic Area Name","Estimate!!Total:","Margin of Error!!Total:",'
        '"Estimate!!Total:!!Europe:!!Northern Europe:!!Denmark",'
        '"Estimate!!Total:!!Asia:!!Eastern Asia:!!China:!!China, excluding Hong Kong and Taiwan",'
        '"Estimate!!Total:!!Asia:!!South Eastern Asia:!!Burma (Myanmar)"\n'
        '"0400000US25","Massachusetts","1271206","9721","920","103209","1497"\n'
        '"0400000US23","Maine","54000","900","120","2100","310"\n'
    ),
    "census shown": (
        '"Label (Grouping)","Massachusetts!!Estimate","Massachusetts!!Margin of Error","Maine!!Estimate"\n'
        f'"Total:","1,271,206","±9,721","54,000"\n"{BLANKS}Europe:","220,469","±5,072","11,000"\n'
        f'"{BLANKS * 2}Northern Europe:","40,000","±2,000","4,000"\n"{BLANKS * 3}Denmark","920","±351","120"\n'
        f'"{BLANKS * 3}Norway","1,100","±351","80"\n"{BLANKS * 3}Sweden","2,100","±400","140"\n'
    ),
}
"""Samples that are written here, of layouts of which there is no real file with figures enough."""


Tables = dict[str, "pd.DataFrame"]
Row = tuple[object, ...]
Damage = Callable[[random.Random, bytes], bytes]


@dataclass(frozen=True)
class Sample:
    """A part of a real file, what is read from it, and how many figures one line or one column of it holds."""

    path: Path
    content: bytes
    tables: Tables
    limit: int

    @cached_property
    def rows(self) -> dict[str, list[Row]]:
        return {name: rows_of(table) for name, table in self.tables.items()}


@pytest.fixture(scope="module")
def samples(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Sample]:
    by_name = {}
    for number, (name, (file, entries)) in enumerate(SAMPLES.items()):
        path = tmp_path_factory.mktemp("fuzz") / f"sample-{number}"
        content = beginning(shared / "official" / file) if file else WRITTEN[name].encode()
        path.write_bytes(content)
        text = "".join(f'{entry} = "{value}"\n' for entry, value in (SIDECAR | entries).items())
        path.with_name(f"{path.name}.origin.toml").write_text(text)
        tables = read(path)
        count = sum(map(len, tables.values()))
        lines = max(2, content.count(b"\n"))
        # Figures of one line, or of one column of figures: both are hit by a single change of a header or a code.
        by_name[name] = Sample(path, content, tables, 4 * max(-(-count // (lines - 1)), lines) + 8)
    return by_name


def beginning(path: Path) -> bytes:
    """Return the first lines of a text that have areas; of a workbook a sheet as CSV; of JSON an answer made smaller."""
    if path.suffix == ".xlsx":
        return sheet(path)
    content = path.read_bytes()
    content = gzip.decompress(content) if path.suffix == ".gz" else content
    if path.name.startswith("wb_"):
        page, rows = json.loads(content)
        return json.dumps([page, [row for row in rows if row["countryiso3code"] in {"NAM", "XKX", "WLD"}]]).encode()
    if path.suffix == ".json":
        return content
    lines = content.split(b"\n")
    kept = [line for line in lines[1:-1] if not GROUP.match(line)]
    step = 1 if path.name.startswith("estat") else max(1, (len(kept) - 1) // LINES)
    return b"".join(narrow(line) + b"\n" for line in [lines[0], *kept[:-1:step][:LINES]])


def narrow(line: bytes) -> bytes:
    """Return the first fields of a line with tabs, or of one with very many fields."""
    if b"\t" in line:
        return b"\t".join(line.split(b"\t")[:COLUMNS])
    fields = next(csv.reader([line.decode()]))
    return line if len(fields) < 10 * COLUMNS else ",".join(quoted(field) for field in fields[:COLUMNS]).encode()


def sheet(path: Path) -> bytes:
    from smstock.official.rawfile import opened

    rows = opened(path).sheets["Table 1"]
    picked = [*rows[:11], *(row for row in rows[11:] if row[3] in {516.0, 276.0, 830.0, 900.0, 634.0, 158.0})]
    return "".join(",".join(quoted(cell) for cell in row) + "\n" for row in picked).encode()


def quoted(cell: object) -> str:
    text = str(int(cell)) if isinstance(cell, float) else str(cell)
    return f'"{text}"' if "," in text else text


def read(path: Path) -> Tables:
    read = readers.read_all(path)
    return {name: file.table.drop(columns=["retrieved_at", "edition"], errors="ignore") for name, file in read.items()}


def rows_of(table: pd.DataFrame | None) -> list[Row]:
    if table is None:
        return []
    columns = [table[name].astype(object).where(table[name].notna(), None).tolist() for name in table]
    return list(zip(*columns, strict=True))


def flip(chance: random.Random, content: bytes) -> bytes:
    at = chance.randrange(len(content))
    return content[:at] + bytes([chance.randrange(256)]) + content[at + 1 :]


def replace(chance: random.Random, content: bytes) -> bytes:
    """Another letter or digit, which more often is still a number or a code."""
    at = chance.randrange(len(content))
    return content[:at] + bytes([chance.choice(b'0123456789ABDEFMNTXY,;:.-_ "\t\n')]) + content[at + 1 :]


def drop(chance: random.Random, content: bytes) -> bytes:
    at = chance.randrange(len(content))
    return content[:at] + content[at + chance.choice((1, 1, 1, 2, 5)) :]


def insert(chance: random.Random, content: bytes) -> bytes:
    at = chance.randrange(len(content))
    return content[:at] + bytes([chance.choice(b",;\t\"'\n0:.1A\x00\xff")]) + content[at:]


def cut(chance: random.Random, content: bytes) -> bytes:
    return content[: chance.randrange(len(content))]


def lose_line(chance: random.Random, content: bytes) -> bytes:
    lines = content.split(b"\n")
    del lines[chance.randrange(len(lines))]
    return b"\n".join(lines)


def repeat_line(chance: random.Random, content: bytes) -> bytes:
    lines = content.split(b"\n")
    at = chance.randrange(len(lines))
    return b"\n".join([*lines[:at], lines[at], *lines[at:]])


def swap_fields(chance: random.Random, content: bytes) -> bytes:
    lines = content.split(b"\n")
    at = chance.randrange(len(lines))
    mark = b"\t" if b"\t" in lines[at] else b","
    fields = lines[at].split(mark)
    one, other = chance.randrange(len(fields)), chance.randrange(len(fields))
    fields[one], fields[other] = fields[other], fields[one]
    lines[at] = mark.join(fields)
    return b"\n".join(lines)


DAMAGES: list[Damage] = [
    flip,
    replace,
    replace,
    drop,
    insert,
    cut,
    lose_line,
    repeat_line,
    swap_fields,
]


def is_local(sample: Sample, damaged: Tables, damage: Damage | None = None) -> bool:
    """Whether what is read differs by few rows, or by one code throughout.

    A file that was cut may lack rows; one whose header has two labels swapped, as by hand, has two codes swapped.
    """
    codes = 2 if damage is swap_fields else 1
    for name in sample.tables.keys() | damaged.keys():
        table, other = (tables.get(name) for tables in (sample.tables, damaged))
        if table is not None and other is not None and table.equals(other):
            continue
        rows, others = sample.rows.get(name, []), rows_of(other)
        more, fewer = set(others) - set(rows), set(rows) - set(others)
        if len(rows) == len(others) and len(changes(rows, others)) <= codes:
            continue
        if len(more) + (0 if damage is cut else len(fewer)) > sample.limit:
            return False
    return True


def changes(rows: list[Row], others: list[Row]) -> set[tuple[int, object]]:
    """Return the columns of which cells differ, each with what stands there now."""
    return {
        (column, b)
        for row, other in zip(rows, others, strict=True)
        if row != other
        for column, (a, b) in enumerate(zip(row, other, strict=True))
        if a != b
    }


def fuzz(name: str, sample: Sample, mutations: int, seed: int) -> Counter[str]:
    """Damage a sample; return how often a damaged file was refused, read, or the same as one before it.

    Reading the same bytes again would show nothing: of 100,000 damages to all samples, some 67,000 differ.
    """
    chance = random.Random(f"{seed} {name}")
    counts = Counter(refused=0, read=0, again=0)
    tried = {sample.content}
    for number in range(mutations):
        damage = DAMAGES[chance.randrange(len(DAMAGES))]
        content = damage(chance, sample.content)
        if content in tried:
            counts["again"] += 1
            continue
        tried.add(content)
        sample.path.write_bytes(content)
        where = f"{name}, {damage.__name__}, mutation {number} of seed {seed}"
        try:
            damaged = read(sample.path)
        except SmstockError as error:
            if str(sample.path) not in str(error):
                error.add_note(f"{where}: the message does not name the file")
                raise
            counts["refused"] += 1
            continue
        except Exception as error:
            error.add_note(where)
            raise
        counts["read"] += 1
        assert is_local(sample, damaged, damage), f"{where}: figures moved"
    return counts


def test_the_samples_hold_figures(samples: dict[str, Sample]) -> None:
    for name, sample in samples.items():
        assert sum(len(table) for table in sample.tables.values()) >= 8, name


@pytest.mark.parametrize("name", SAMPLES)
def test_damages_are_refused_or_stay_where_they_are(samples: dict[str, Sample], name: str) -> None:
    counts = fuzz(name, samples[name], FAST, seed=1)
    assert counts.total() == FAST
    assert min(counts["refused"], counts["read"]) > FAST // 20


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")
def test_many_damages_are_refused_or_stay_where_they_are(samples: dict[str, Sample]) -> None:
    # Each sample is a file of its own, so that processes do not meet; what is forked has read everything already.
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("fork")) as pool:
        times = [SLOW[name in QUICK] for name in samples]
        counts = sum(pool.map(fuzz, samples, samples.values(), times, repeat(2)), Counter[str]())
    assert counts.total() == sum(times) >= 100_000
    assert counts["again"] < counts.total() * 2 // 5


@pytest.mark.parametrize("name", ["tsv", "worldbank csv", "wpp text", "ages as columns", "undesa sheet"])
def test_a_shifted_column_would_be_noticed(samples: dict[str, Sample], name: str) -> None:
    ((contract, table),) = samples[name].tables.items()
    shifted = table.assign(value=table["value"].shift(-1, fill_value=-1.0))
    assert not is_local(samples[name], {contract: shifted})
