"""Small damages to real files: each is one clear error, or stays where it was done.

A figure that is read under the keys of another is worse than a crash. So where a damaged file is still read, either few
rows differ from those of the whole file, as few as one line or one column holds; or the damage changed one code or
label into another that is known, and every row differs in that alone.
"""

from __future__ import annotations

import csv
import gzip
import json
import logging
import os
import random
import re
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache, cached_property
from itertools import repeat
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from benchmarks.real_data import shared_folder
from benchmarks.reliability import downloads

from smstock.errors import SmstockError
from smstock.official import readers

if TYPE_CHECKING:
    import pandas as pd

LINES, COLUMNS = 8, 12
"""How many lines of a file are damaged, and how many columns of a wide one: samples are read thousands of times."""
QUICK = ("labels", "json-stat", "sdmx-json", "worldbank json", "wpp text", "wpp copy", "long copy", "undesa sheet")
"""Samples that take less than 8 ms to read, the others twice as long: these are damaged more often."""
MANY = {True: 10_000, False: 2_860}
"""Damages to a sample, some 300 of each kind at least, by whether it is quickly read: some 120,000 in all."""

GROUP = re.compile(rb"(\d{4},)?(WORLD|UN |More|Less|Least|World|High|900\t|901\t)")
"""Beginnings of lines that hold a group of areas."""

SIDECAR = dict.fromkeys(("producer", "title", "edition", "citation", "licence"), "X") | {"retrieved": "2026-11-22"}
COPY = {"provider": "undesa", "dataset": "ims", "concept": "mixed", "ages": "0+"}
MAPPING = """
[columns]
header_row = 2
destination = "Lives in"
origin = "Born in"
sex = "Gender"
year = "Year"
value = "Persons"
"""
SAMPLES: dict[str, tuple[str, dict[str, str]]] = {
    "tsv": ("official/eurostat/estat_edat_lfs_9912_filtered1.tsv", {"dataset": "edat_lfs_9912"}),
    "labels": ("official/eurostat/demo_poppcctb_sdmxcsv1_labels.csv", {}),
    "sdmx 2": ("official/eurostat/lfsa_pganws_foreigners_sdmxcsv2.csv.gz", {}),
    "json-stat": ("official/eurostat/eurostat_migr_pop3ctb.json", {}),
    "copy of eurostat": (
        "official/eurostat/migr_pop1ctz_FOR_STLS_and_TOTAL_by_sex_age5_geo_2012_2024_labels.csv.gz",
        {"dataset": "migr_pop1ctz"},
    ),
    "oecd csv": ("official/oecd/DSD_EAG_LSO_EA_DF_LSO_NEAC_DISTR_EA_MIGR_csvfilewithlabels.csv", {}),
    "sdmx-json": ("official/oecd/sdmx_json/MEX_B14.json", {}),
    "worldbank csv": ("official/worldbank/API_IT.NET.USER.ZS_DS2_en_csv_v2_2160.csv", {}),
    "worldbank json": ("official/worldbank/wb_SP_POP_TOTL.json.gz", {}),
    "wpp text": ("official/wpp/wpp2019_popM.txt.gz", {"sex": "male"}),
    "wpp copy": ("official/wpp/wpp2022_pop_by_single_age_sex_iso3_2000_2010_2020_2021.csv.gz", {}),
    "long copy": ("official/undesa/un2020_bilateral_by_sex_iso3_long.csv.gz", COPY),
    "origins as columns": (
        "official/undesa/un2019_by_origin_and_destination_wide_total.csv.gz",
        {"concept": "mixed", "sex": "all"},
    ),
    "ages as columns": ("official/undesa/un2019_by_age_and_sex_wide.csv.gz", {"concept": "mixed"}),
    "undesa sheet": ("official/undesa/undesa_pd_2020_ims_stock_by_sex_and_destination.xlsx", {}),
    **{name: ("", {}) for name in downloads.LAYOUTS},
    "sdmx-ml": ("", {"dataset": "migr_pop3ctb"}),
    "frame": ("", {"dataset": "migr_pop3ctb"}),
    "mapped": ("", COPY),
    "json before 2022": ("cases/wild/wdds21.json", {}),
    "census csv": ("", {"reference_date": "2022-07-01"}),
    "census shown": ("", {"reference_date": "2022-07-01"}),
}
"""File and further entries of the sidecar of each sample; without a file, it is one of `downloads.LAYOUTS`."""


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
        """The rows of each table."""
        return {name: rows_of(table) for name, table in self.tables.items()}


def samples(shared: Path, folder: Path) -> dict[str, Sample]:
    """Return the samples of the folder of real data, each written into a folder of its own."""
    by_name = {}
    for number, (name, (file, entries)) in enumerate(SAMPLES.items()):
        path = folder / str(number) / "sample"
        path.parent.mkdir()
        content = beginning(shared / file) if file else downloads.LAYOUTS[name].encode()
        path.write_bytes(content)
        text = "".join(f'{entry} = "{value}"\n' for entry, value in (SIDECAR | entries).items())
        path.with_name(f"{path.name}.origin.toml").write_text(text + MAPPING * (name == "mapped"))
        tables = read(path)
        count = sum(map(len, tables.values()))
        lines = max(2, content.count(b"\n"))
        # Figures of one line, or of one column of figures: both are hit by a single change of a header or a code.
        by_name[name] = Sample(path, content, tables, 4 * max(-(-count // (lines - 1)), lines) + 8)
    return by_name


def beginning(path: Path) -> bytes:
    """Return the first lines of a text that have areas; a sheet of a workbook as CSV; some rows of JSON."""
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
    """Return some rows of a sheet of UN DESA as CSV."""
    from smstock.official.rawfile import opened

    rows = opened(path).sheets["Table 1"]
    picked = [*rows[:11], *(row for row in rows[11:] if row[3] in {516.0, 276.0, 830.0, 900.0, 634.0, 158.0})]
    return "".join(",".join(quoted(cell) for cell in row) + "\n" for row in picked).encode()


def quoted(cell: object) -> str:
    """Return a cell as CSV writes it."""
    text = str(int(cell)) if isinstance(cell, float) else str(cell)
    return f'"{text}"' if "," in text else text


def read(path: Path) -> Tables:
    """Return the tables of a file without what its sidecar says."""
    read = readers.read_all(path)
    return {name: file.table.drop(columns=["retrieved_at", "edition"], errors="ignore") for name, file in read.items()}


def rows_of(table: pd.DataFrame | None) -> list[Row]:
    """Return the rows of a table, which can be compared."""
    if table is None:
        return []
    columns = [table[name].astype(object).where(table[name].notna(), None).tolist() for name in table]
    return list(zip(*columns, strict=True))


def flip(chance: random.Random, content: bytes) -> bytes:
    """Put any other byte in place of one."""
    at = chance.randrange(len(content))
    return content[:at] + bytes([chance.randrange(256)]) + content[at + 1 :]


def replace(chance: random.Random, content: bytes) -> bytes:
    """Put another letter or digit in place of one: more often it is still a number or a code."""
    at = chance.randrange(len(content))
    return content[:at] + bytes([chance.choice(b'0123456789ABDEFMNTXY,;:.-_ "\t\n')]) + content[at + 1 :]


def drop(chance: random.Random, content: bytes) -> bytes:
    """Lose some bytes."""
    at = chance.randrange(len(content))
    return content[:at] + content[at + chance.choice((1, 1, 1, 2, 5)) :]


def insert(chance: random.Random, content: bytes) -> bytes:
    """Put in a byte that means something."""
    at = chance.randrange(len(content))
    return content[:at] + bytes([chance.choice(b",;\t\"'\n0:.1A\x00\xff")]) + content[at:]


def cut(chance: random.Random, content: bytes) -> bytes:
    """Lose the end."""
    return content[: chance.randrange(len(content))]


def lose_line(chance: random.Random, content: bytes) -> bytes:
    """Lose a line."""
    lines = content.split(b"\n")
    del lines[chance.randrange(len(lines))]
    return b"\n".join(lines)


def repeat_line(chance: random.Random, content: bytes) -> bytes:
    """Write a line twice."""
    lines = content.split(b"\n")
    at = chance.randrange(len(lines))
    return b"\n".join([*lines[:at], lines[at], *lines[at:]])


def swap_fields(chance: random.Random, content: bytes) -> bytes:
    """Swap two fields of a line."""
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


@dataclass(frozen=True)
class Outcomes:
    """What became of damaged files; ``faults`` says of each wrong outcome which damage had it.

    Parameters
    ----------
    counts
        How often a damaged file was ``refused``, ``read``, or the same as one before it (``again``).
    """

    counts: Counter[str]
    faults: tuple[str, ...]

    def __add__(self, other: Outcomes) -> Outcomes:
        return Outcomes(self.counts + other.counts, self.faults + other.faults)


def fuzz(name: str, sample: Sample, damages: int, seed: int) -> Outcomes:
    """Damage a sample; a fault is a traceback, a message without the file, or a figure that moved.

    Reading the same bytes again would show nothing: of 100,000 damages to all samples, some 67,000 differ.
    """
    chance = random.Random(f"{seed} {name}")  # noqa: S311, damages are drawn, not secrets
    counts = Counter(refused=0, read=0, again=0)
    faults: list[str] = []
    tried = {sample.content}
    for number in range(damages):
        damage = DAMAGES[chance.randrange(len(DAMAGES))]
        content = damage(chance, sample.content)
        if content in tried:
            counts["again"] += 1
            continue
        tried.add(content)
        sample.path.write_bytes(content)
        where = f"{name}, {damage.__name__}, damage {number} of seed {seed}"
        try:
            damaged = read(sample.path)
        except SmstockError as error:
            counts["refused"] += 1
            if str(sample.path) not in str(error):
                faults.append(f"{where}: the message does not name the file: {error}")
            continue
        except Exception as error:  # noqa: BLE001, a traceback is what is looked for
            faults.append(f"{where}: {error!r}")
            continue
        counts["read"] += 1
        if not is_local(sample, damaged, damage):
            faults.append(f"{where}: figures moved")
    return Outcomes(counts, tuple(faults))


def many(samples: dict[str, Sample], seed: int = 2) -> Outcomes:
    """Damage the samples 100,000 times in all, each in a process of its own, so that processes do not meet."""
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("fork")) as pool:
        times = [MANY[name in QUICK] for name in samples]
        return sum(pool.map(fuzz, samples, samples.values(), times, repeat(seed)), Outcomes(Counter(), ()))


@cache
def outcomes() -> Outcomes:
    """Return what becomes of 100,000 damaged files; what is odd in them is told to nobody."""
    logging.disable()
    try:
        with TemporaryDirectory() as folder:
            return many(samples(shared_folder(), Path(folder)))
    finally:
        logging.disable(logging.NOTSET)
