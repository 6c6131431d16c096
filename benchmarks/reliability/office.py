"""An office of the simulated world: its folder, the steps of its people, and what is true of what it publishes."""

from __future__ import annotations

import hashlib
import re
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from smstock import results
from smstock.official.beside import SUFFIX
from smstock.query.lattice import count
from smstock.query.spec import load
from smstock.sandbox import figures
from smstock.sandbox import folder as simulated
from smstock.sandbox.simulation import simulate
from smstock.sandbox.world import month_after
from smstock.vocabulary import countries
from smstock.vocabulary.status import FAILED, GLITCH, NOT_READY, QUOTA

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from pathlib import Path

    from smstock.sandbox.world import World

START: Final = "2027-01"
ORIGIN: Final = "ROU"
VERSION: Final = 'api_version = "v25.0"'
_QUERY: Final = f"""name = "{{name}}"
platform = "meta"
origins = ["{ORIGIN}"]
destinations = {{destinations}}
ages = "{simulated.AGES}"
metrics = ["mau"]
{VERSION}
"""
OPEN: Final = frozenset({QUOTA, FAILED, NOT_READY, GLITCH})
STEPS: Final = {
    "token": "renew the token",
    "version": "name the version that the platform names",
    "application": "have the application approved",
    "clock": "set the clock",
    "disk": "free space",
    "damage": "repair, delete or move away the file that is named",
}


def month(number: int) -> str:
    """Return the month of a number, from `START`."""
    return month_after(START, number)


def set_up(folder: Path, seed: int, *, month: str) -> World:
    """Write the folder of an office, and return the world that it is about.

    Official figures are those of two dates, so that a month costs seconds: no register is long enough to be continued.
    """
    areas = countries.expand(simulated.DESTINATIONS)
    origins = (*simulated.ORIGINS,)
    world = simulate(np.random.default_rng(seed), areas=tuple(sorted({*areas, *origins})), origins=origins)
    simulated.write(world, folder, month=month, source=f"seed {seed}")
    for name, destinations in (("simulated", '["eu27"]'), ("other", '["CHE", "NOR"]')):
        (folder / "queries" / f"{name}.toml").write_text(_QUERY.format(name=name, destinations=destinations))
    spec = (folder / "calibration" / "simulated.toml").read_text()
    dates = re.findall(r'(?:target_date|known_until) = "(.*)"', spec)
    path = folder / "calibration" / "simulated" / "stock.csv"
    stock = pd.read_csv(path)
    path.write_text(stock[(stock["origin"] == ORIGIN) & stock["reference_date"].isin(dates)].to_csv(index=False))
    sidecar = path.with_name(f"{path.name}{SUFFIX}")
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    sidecar.write_text(re.sub('sha256 = ".*"', f'sha256 = "{digest}"', sidecar.read_text()))
    return world


def hashes(folder: Path) -> dict[str, str]:
    """Return a hash of each table, manifest, page and calibration that runs leave behind, by its path."""
    kinds = (".parquet", ".csv", ".json", ".html")
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for room in ("waves", "calibrations", "estimates")
        for path in sorted((folder / room).rglob("*"))
        if path.suffix in kinds and not path.name.startswith(".")
    }


def untrue(folder: Path, month: str, world: World, changed: Collection[str]) -> Iterator[str]:
    """Yield what is wrong with what a run of a month changed: other months, or what a wave does not bear out."""
    yield from (f"{path} was changed" for path in changed if path.startswith("estimates/") and month not in path)
    if not any(path.startswith(("estimates/", "calibrations/")) for path in changed):
        return
    wave = folder / "waves" / month
    manifest = results.read(wave / "simulated.manifest.json")
    if manifest is None or manifest.wave != month:
        yield f"{', '.join(changed)}: no manifest vouches for the wave"
        return
    # threads would not survive the next fork
    read = pq.read_table(wave / "simulated.audience.parquet", use_threads=False, pre_buffer=False)
    table: pd.DataFrame = read.to_pandas(use_threads=False)
    planned = count(load(folder / "queries" / "simulated.toml"))
    if len(table) != planned:
        yield f"{len(table)} rows of {planned} cells"
    if lacking := table["status"].isin(OPEN).sum():
        yield f"{lacking} cells have no answer"
    if late := (
        table["request_key"].ne("") & table["asked_at"].ne("") & ~table["asked_at"].str.startswith(month)
    ).sum():
        yield f"{late} cells were asked in another month"
    truth = figures.truth(world, month, origins=(ORIGIN,), ages=simulated.AGES)
    truth = truth[truth["sex"] == "all"][["destination", "audience"]]
    known = table[table["lower"].notna()].merge(truth, on="destination")
    wrong = known[(known["audience"].round() < known["lower"]) | (known["audience"].round() > known["upper"])]
    for row in wrong.itertuples():
        yield f"{row.destination}: {row.lower} to {row.upper}, true are {row.audience:.0f}"


def name_version(folder: Path, message: str) -> None:
    """Write the version that a message names into the queries."""
    named = re.findall(r"v\d+\.\d+", message)
    for path in (folder / "queries").glob("*.toml"):
        text = path.read_text()
        current = re.findall(r"v\d+\.\d+", text)[0]
        path.write_text(text.replace(current, next((name for name in named if name != current), current)))


def mended(folder: Path, message: str) -> Iterator[tuple[str, ...]]:
    """Do what a message about a damaged file asks; yield the commands that are to be run for it."""
    if commands := re.findall(r"`smstock ((?:repair|collect) [^`]*)`", message):
        yield from (tuple(words.split()) for words in dict.fromkeys(commands))
        return
    for name in re.findall(r"\S*waves/\S*?\.(?:parquet|sqlite)", message):
        path = folder / name[name.index("waves/") :]
        path.unlink(missing_ok=True)
        if path.suffix == ".parquet":
            yield ("collect", path.name.split(".")[0], "--wave", path.parent.name)
