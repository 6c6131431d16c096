"""Simulated worlds by sex and age: whether what is true of groups lies in their intervals, also in regions of Spain.

Everything is done as a user does it who has the simulated platform and a workspace: `collect`, `calibrate`, and
`nowcast --by sex,age`. In a world of the European Union and EFTA a third of the destinations publish yearly figures by
sex and age, a third had one census, and a third publish nothing. The regions of Spain are those of the workspace that
`smstock sandbox world` writes, but that others of them publish nothing in each world: five of the 19. True is what an
office of the destination would have counted in the month of the estimates.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final
from unittest.mock import patch
from urllib.parse import quote, urlencode

from benchmarks.accuracy import scoreboard
from benchmarks.accuracy.worlds import REGIMES
from benchmarks.machine import machine

from smstock import workflows
from smstock.folder import Folder
from smstock.platforms.base import RawAnswer
from smstock.query.spec import load
from smstock.sandbox import folder as simulated
from smstock.sandbox.meta import ACCOUNT, TOKEN, SimulatedMeta, account
from smstock.tables import LEVELS
from smstock.vocabulary import countries
from smstock.vocabulary.dates import instant
from smstock.vocabulary.facets import Ages
from smstock.workflows import calibration_spec
from smstock.workflows.evidence import Evidence

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import pandas as pd

    from smstock.platforms.base import Request
    from smstock.sandbox.parameters import Provider
    from smstock.sandbox.world import World

MONTH: Final = "2026-11"
NOW: Final = datetime(2026, 11, 15, tzinfo=UTC)
CENSUS: Final = "2017-01-01"
TARGET, KNOWN_UNTIL = "2025-01-01", "2017-01-01"
GROUPS: Final = (Ages(18, 24), Ages(25, 34), Ages(35, 44), Ages(45, 54), Ages(55, 64), Ages(65))
EVERY: Final = (Ages(0), Ages(0, 17), *GROUPS)
"""Age groups of official figures: everybody, children, and the groups that are asked."""
WORLDS: Final = 10
"""Seeds of the figures kept."""
KEY: Final = ["destination", "origin", "sex", "age_min", "age_max"]

_QUERY: Final = f"""
name = "groups"
title = "Groups of a simulated world"
platform = "meta"
origins = [{", ".join(f'"{origin}"' for origin in simulated.ORIGINS)}]
destinations = [{", ".join(f'"{name}"' for name in simulated.DESTINATIONS)}]
ages = "18+"
breakdowns = [["sex", "age"]]
age_groups = [{", ".join(f'"{group}"' for group in GROUPS)}]
metrics = ["mau"]
"""
_CALIBRATION: Final = """
name = "groups"
title = "Groups of a simulated world"
stock = "stock.csv"
provider = "{provider}"
edition = "{edition}"
concepts = ["{concept}"]
target_date = "{target}"
known_until = "{known}"
users = "users.csv"
population = "population.csv"
by = ["sex", "age"]
"""


def main(words: Sequence[str]) -> None:
    """Print how many groups lie in their intervals, by what is published of their destination and by size."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks group_worlds", description=__doc__)
    parser.add_argument("--worlds", type=int, default=WORLDS, help="how many worlds (seeds from 1)")
    asked = parser.parse_args(words)
    print(f"## {asked.worlds} simulated worlds by sex and age\n\n{machine()}\n")
    for name in PARTS:
        print(f"{name}\n")
        scoreboard.print_lines(lines(estimates(name, asked.worlds)))


def lines(table: pd.DataFrame) -> Iterator[str]:
    """Yield a line for what is published of a destination, and for each size band of the estimate."""
    yield "| groups of | groups | 50 % | 80 % | 95 % | their totals, 80 % |"
    yield "| --- | ---: | ---: | ---: | ---: | ---: |"
    for column in ("published", "band"):
        for name, rows in table.groupby(column, sort=True, observed=True):
            shares = " | ".join(f"{held(rows, level):.1f}" for level in LEVELS)
            yield f"| {name} | {len(rows):,} | {shares} | {held(rows, 80, of_total=True):.1f} |"


def held(table: pd.DataFrame, level: int, *, of_total: bool = False) -> float:
    """Return how many groups, or totals of the corridors of groups, lie in their intervals; percent."""
    of = "total_" if of_total else ""
    true = table["total" if of_total else "stock"]
    inside = (true >= table[f"{of}lower_{level}"]) & (true <= table[f"{of}upper_{level}"])
    return 100 * float(inside.mean())


def farthest(name: str, worlds: int = WORLDS) -> float:
    """Return how far from 80 the share held by 80 % intervals is, in the size band where that is most."""
    table = estimates(name, worlds)
    return max(abs(held(rows, 80) - 80) for _, rows in table.groupby("band", observed=True))


def of_all(name: str, worlds: int = WORLDS, *, published: str) -> float:
    """Return how many groups of destinations that publish this lie in their 80 % intervals, percent."""
    table = estimates(name, worlds)
    return held(table[table["published"] == published], 80)


@cache
def estimates(name: str, worlds: int) -> pd.DataFrame:
    """Return the estimates of groups in worlds of seeds from 1, beside what is true of them and of their totals."""
    import pandas as pd

    return pd.concat([PARTS[name](seed) for seed in range(1, worlds + 1)], ignore_index=True)


def countries_of(seed: int) -> pd.DataFrame:
    """Return the estimates of groups in the countries of a world, beside the truth."""
    import numpy as np

    from smstock.sandbox import figures
    from smstock.sandbox.parameters import REGISTERS
    from smstock.sandbox.simulation import simulate

    rng = np.random.default_rng(seed)
    destinations = countries.expand(simulated.DESTINATIONS)
    world = simulate(rng, areas=destinations, origins=simulated.ORIGINS)
    published = dict(zip(destinations, rng.permutation(np.resize(REGIMES, len(destinations))), strict=True))
    edition = figures.newest_edition(REGISTERS, MONTH)
    stock = figures.stock(world, REGISTERS, edition, destinations=destinations, origins=simulated.ORIGINS, ages=EVERY)
    kind = stock["destination"].map(published)
    stock = stock[(kind == "register") | ((kind == "stale") & (stock["reference_date"] == CENSUS))]
    areas = tuple(sorted({*destinations, *simulated.ORIGINS}))
    tables = {
        "stock": stock,
        "users": figures.users(world, MONTH, areas=areas, ages=[Ages(18)]),
        "population": figures.population(world, [f"{MONTH}-01"], areas=areas, ages=[Ages(18), *EVERY]),
    }
    office = {"provider": REGISTERS.name, "edition": edition, "concept": REGISTERS.concept}
    with TemporaryDirectory() as name:
        root = Path(name)
        for place in ("queries", "calibration"):
            (root / place).mkdir()
        (root / "queries/groups.toml").write_text(_QUERY, encoding="utf-8")
        spec = _CALIBRATION.format(**office, target=TARGET, known=KNOWN_UNTIL)
        (root / "calibration/groups.toml").write_text(spec, encoding="utf-8")
        for file, table in tables.items():
            table.to_csv(root / f"calibration/{file}.csv", index=False)
        made = _estimated(world, root, "groups")
    table = _beside_truth(made, _counted(world, REGISTERS, destinations, EVERY))
    return table.assign(seed=seed, published=table["destination"].map(published))


def regions_of(seed: int) -> pd.DataFrame:
    """Return the estimates of groups in the regions of Spain of a world, beside the truth."""
    import numpy as np
    import pandas as pd

    from smstock.sandbox import figures
    from smstock.sandbox.parameters import COMPILER
    from smstock.sandbox.regions import regions
    from smstock.sandbox.simulation import simulate

    areas, rng = countries.expand(simulated.DESTINATIONS), np.random.default_rng(seed)
    world = simulate(rng, areas=areas, origins=simulated.ORIGINS)
    codes = [region.code for region in regions() if region.country == simulated.LAND]
    silent = rng.choice(codes, len(simulated.SILENT), replace=False)
    with TemporaryDirectory() as name:
        root = Path(name, "simulated")
        with patch.object(simulated, "SILENT", tuple(silent)):
            simulated.write(world, root, month=MONTH, source=f"seed {seed}")
        made = _estimated(world, root, "spanish-regions")
    of_land = _counted(world, COMPILER, (simulated.LAND,), (Ages(0), Ages(0, 17), *simulated.GROUPS))
    of_parts = figures.of_regions(of_land, simulated.LAND, "destination", "stock")
    table = _beside_truth(made, pd.concat([of_land, of_parts], ignore_index=True))
    return table.assign(seed=seed, published=table["destination"].isin(silent).map({True: "nothing", False: "figures"}))


PARTS: Final[dict[str, Callable[[int], pd.DataFrame]]] = {"countries": countries_of, "regions": regions_of}
"""What is estimated in a world, by name."""


def _estimated(world: World, root: Path, query: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Collect, calibrate and nowcast in a workspace; return the estimates of totals, and of groups."""
    workspace = Folder(root, root)
    service = SimulatedMeta(world, NOW.timestamp, accounts={ACCOUNT: account("full")})
    workflows.collect(load(root / f"queries/{query}.toml"), workspace, now=NOW, source=_Answering(service))
    evidence = Evidence(calibration_spec.load(root / f"calibration/{query}.toml"), workspace, query, MONTH)
    made = workflows.nowcast(evidence, workflows.calibrate(evidence), by=("sex", "age"))
    assert made.detail is not None
    return made.estimates, made.detail


class _Answering:
    """The simulated platform without a wire."""

    attempts = concurrency = 1
    dropped: tuple[str, ...] = ()

    def __init__(self, service: SimulatedMeta) -> None:
        self._service = service

    async def ask(self, request: Request) -> RawAnswer:
        query = urlencode(dict(request.parameters), quote_via=quote)
        path = f"/{request.api_version}/act_{ACCOUNT}/{request.endpoint}?{query}"
        reply = self._service.handle("GET", path.encode(), {"authorization": f"Bearer {TOKEN}"})
        about = (request.endpoint, request.api_version, (), f"act_{ACCOUNT}")
        return RawAnswer(reply.body, reply.status, instant(NOW), *about)

    def prime(self, journal: object) -> None:
        """Know nothing of earlier answers."""

    async def close(self) -> None:
        """Hold nothing open."""


def _counted(world: World, office: Provider, destinations: Sequence[str], ages: Sequence[Ages]) -> pd.DataFrame:
    """Return what an office would have counted in the month of the estimates, had it counted everywhere."""
    import numpy as np

    from smstock.sandbox import figures

    of_month = replace(office, first=f"{MONTH}-01", lag=0)
    offices = tuple(of_month if other == office else other for other in world.parameters.providers)
    counting = replace(
        world,
        parameters=replace(world.parameters, providers=offices),
        reports=np.ones_like(world.reports),
    )
    table = figures.stock(counting, of_month, MONTH, destinations=destinations, origins=simulated.ORIGINS, ages=ages)
    return table.rename(columns={"value": "stock"})


def _beside_truth(made: tuple[pd.DataFrame, pd.DataFrame], true: pd.DataFrame) -> pd.DataFrame:
    """Return the estimates of groups beside what is true, and the intervals of their totals beside that of these."""
    from smstock.evaluate.scores import size_band

    estimates, detail = made
    whole = (true["age_min"] == 0) & true["age_max"].isna()
    ends = [f"{end}_{level}" for end in ("lower", "upper") for level in LEVELS]
    totals = estimates[estimates["sex"] == "all"].set_index(KEY[:2])[ends].add_prefix("total_")
    of_corridor = true[whole & (true["sex"] == "all")].set_index(KEY[:2])["stock"].rename("total")
    of_groups = true.loc[~whole, [*KEY, "stock"]].astype({"age_max": "Int64"})
    table = detail.merge(of_groups, on=KEY)
    assert len(table) == len(detail)  # groups estimated are groups of the truth
    table = table.join(totals, on=KEY[:2]).join(of_corridor, on=KEY[:2])
    return table.assign(band=size_band(table["median"]))
