"""Reading official statistics: what becomes of each real file, and how long reading takes beside other clients.

``python -m benchmarks official`` prints both tables, ``... official outcomes`` and ``... official speed`` one of them.
A word more is the python of an environment that has the other clients (`eurostat`, `pyjstat`, `sdmx1`, and `pandas`
with `openpyxl`); without it smstock is measured alone.
"""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from benchmarks.real_data import shared_folder
from benchmarks.speed.official_files import MadeUp, bilateral, described, workbook

from smstock.errors import SmstockError
from smstock.official import readers

if TYPE_CHECKING:
    from collections.abc import Iterator

CLIENTS = Path(__file__).with_name("official_clients.py")
PARTS = ("outcomes", "speed")
HEAD = (
    "| file | client | seconds | CPU seconds | peak GiB | figures | missing, with the reason | flagged "
    "| left out, with the reason |"
)


def main(words: list[str]) -> None:
    """Print what becomes of each file, and what reading costs."""
    shared = shared_folder() / "official"
    chosen = [word for word in words if word in PARTS] or list(PARTS)
    other = next((word for word in words if word not in PARTS), "")
    with TemporaryDirectory() as folder:
        if "outcomes" in chosen:
            print("## Files and outcomes\n\n| file | outcome |\n| --- | --- |")
            for row in outcomes(shared, Path(folder)):
                print(row)
        if "speed" in chosen:
            print(f"\n## Speed\n\n{platform.machine()}, Python {platform.python_version()}\n\n{HEAD}")
            print("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
            for row in speed(shared, Path(folder), other):
                print(row, flush=True)


def outcomes(shared: Path, folder: Path) -> Iterator[str]:
    """Yield a row a file: rows of its tables, what was left out and why, or the message that refuses it."""
    for path in sorted(path for path in shared.rglob("*") if path.is_file() and path.name != "README.md"):
        name = path.relative_to(shared).as_posix()
        link = described(path, name, folder)
        try:
            readings = readers.read_all(link)
        except SmstockError as error:
            words = " ".join(f"{error.what}; {error.hint}".replace(str(link), "it").split())
            yield f"| {name} | refused: {words} |"
            continue
        rows = ", ".join(f"{len(reading.table):,} rows of {table}" for table, reading in readings.items())
        left = sum((Counter(reading.left_out) for reading in readings.values()), Counter())
        out = "; left out " + ", ".join(f"{count:,} {reason}" for reason, count in left.items()) if left else ""
        sidecar = " (with a sidecar)" if any(reading.origin for reading in readings.values()) else ""
        yield f"| {name} | {rows}{sidecar}{out} |"


def speed(shared: Path, folder: Path, other: str) -> Iterator[str]:
    """Yield a row a file and client; ``other`` is the python that has the other clients, or nothing."""
    made: dict[str, tuple[str, tuple[str, ...]]] = {
        "dest_origin.xlsx": ("UN DESA 2020, destination and origin, rebuilt", ("smstock", "read_excel")),
        "big.tsv": ("Eurostat TSV, 7 million figures, made up", ("smstock_parquet", "eurostat_parquet")),
        "slice.json": ("Eurostat JSON-stat, 480,000 cells, made up", ("smstock", "pyjstat")),
        "rows.csv": ("Eurostat SDMX-CSV 2.0, 80,000 figures, made up", ("smstock", "sdmx1")),
    }
    workbook(bilateral(shared.parent), folder / "dest_origin.xlsx")
    MadeUp(destinations=22, first_year=1998).tsv(folder / "big.tsv")
    MadeUp(destinations=3, first_year=2015).json_stat(folder / "slice.json")
    MadeUp(destinations=1, first_year=2019).sdmx_csv(folder / "rows.csv")
    for name, (title, clients) in made.items():
        for client in clients:
            yield _row(title, client, folder / name, other)
    real: dict[str, tuple[str, ...]] = {
        "eurostat/eurostat_migr_pop3ctb.json": ("smstock", "pyjstat"),
        "eurostat/estat_edat_lfs_9912_filtered1.tsv": ("smstock", "eurostat"),
        "eurostat/demo_pjanbroad_Y15-64_sdmxcsv2.csv": ("smstock", "sdmx1"),
        "oecd/sdmx_json/USA_B14.json": ("smstock", "sdmx1"),
        "oecd/DSD_EAG_LSO_EA_DF_LSO_NEAC_DISTR_EA_MIGR_csvfilewithlabels.csv": ("smstock",),
        "worldbank/API_IT.NET.USER.ZS_DS2_en_csv_v2_2160.csv": ("smstock",),
        "worldbank/wb_SM_POP_TOTL.json.gz": ("smstock",),
        "worldbank/wb_SP_POP_TOTL.json.gz": ("smstock",),
    }
    for name, clients in real.items():
        for client in clients:
            yield _row(name, client, shared / name, other)


def _row(title: str, client: str, path: Path, other: str) -> str:
    """Return the row of one client; where it fails, the last line it wrote."""
    python = sys.executable if client.startswith("smstock") else other
    if not python:
        return f"| {title} | {client} | not measured | | | | | | |"
    command = [python, str(CLIENTS), client, str(path)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    name = client.replace("_parquet", " to Parquet")
    if ran.returncode:
        message = (ran.stderr.strip().splitlines() or ["no message"])[-1]
        return f"| {title} | {name} | fails: {message[:90]} | | | | | | |"
    measured = json.loads(ran.stdout)
    counts = " | ".join(
        f"{measured[column]:,}" if column in measured else ""
        for column in ("figures", "missing", "flagged", "left_out")
    )
    return (
        f"| {title} | {name} | {measured['seconds']:.3g} | {measured['cpu']:.3g} | {measured['peak']:.2f} | {counts} |"
    )
