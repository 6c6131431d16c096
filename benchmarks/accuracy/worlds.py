"""Simulated worlds: whether the estimates of a month hold what their intervals say, and find the biases drawn.

Each world has a third of its destinations with a yearly register, a third with one old census, and a third with no
figure at all. Calibration and estimates are made as `smstock run` makes them, from audiences as the platform shows
them. What an office of the destination would have counted that month is compared with the estimates; nothing has
seen it.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any, Final
from unittest.mock import patch

from smstock.vocabulary import countries

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import numpy as np
    import pandas as pd

    from smstock.calibrate.calibration import Calibration
    from smstock.sandbox.world import World

MONTH: Final = "2025-06"
DATE: Final = f"{MONTH}-15"
TARGET, KNOWN_UNTIL, CENSUS = "2024-01-01", "2016-01-01", "2017-01-01"
ORIGINS: Final = ("BRA", "COL", "IND", "MAR", "NGA", "PHL", "POL", "ROU")
DESTINATIONS: Final = ("eu27", "efta")
REGIMES: Final = ("register", "stale", "none")
WORLDS: Final = 200


def main(words: Sequence[str]) -> None:
    """Print coverage by regime and size, and how well the drawn biases were found."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks worlds", description=__doc__)
    parser.add_argument("--worlds", type=int, default=WORLDS, help="how many worlds (seeds from 1)")
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    asked = parser.parse_args(words)
    from benchmarks import machine

    cells, effects = simulated(asked.worlds, asked.jobs)
    print(f"## {asked.worlds} simulated worlds, {len(cells):,} corridors\n\n{machine.machine()}\n")
    for line in [*coverage_lines(cells), "", *effect_lines(effects)]:
        print(line)


def simulated(worlds: int, jobs: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the estimates of so many worlds beside the truth, and the effects that were found beside those drawn."""
    import pandas as pd
    from joblib import Parallel, delayed

    results = Parallel(n_jobs=jobs)(delayed(one)(seed) for seed in range(1, worlds + 1))
    cells, effects = (pd.concat(tables, ignore_index=True) for tables in zip(*results, strict=True))
    return cells, effects


def held_by_regime(worlds: int, jobs: int) -> dict[str, float]:
    """Return how many of the totals of each regime lie in their 80 % intervals (%)."""
    cells, _ = simulated(worlds, jobs)
    totals = cells[(cells["sex"] == "all") & cells["median"].notna()]
    return {regime: _held(totals[totals["regime"] == regime], 80) for regime in REGIMES}


def one(seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the estimates of a world beside the truth, and the effects that were found beside those drawn."""
    import numpy as np

    from smstock.sandbox.simulation import simulate

    rng = np.random.default_rng(seed)
    destinations = countries.expand(DESTINATIONS)
    world = simulate(rng, areas=destinations, origins=ORIGINS)
    kind = dict(zip(destinations, rng.permutation(np.resize(REGIMES, len(destinations))), strict=True))
    calibration, table = estimated(world, kind)
    return beside_truth(world, table).assign(seed=seed), effects(world, calibration).assign(seed=seed)


def estimated(world: World, kind: dict[str, str]) -> tuple[Calibration, pd.DataFrame]:
    """Return calibration and estimates of a world in which each destination publishes what its kind does."""
    import numpy as np

    from smstock.calibrate.calibration import Calibration
    from smstock.calibrate.learning import learn
    from smstock.calibrate.register_choice import learn_registers
    from smstock.corridors.table import corridors
    from smstock.evaluate.archive import Archive
    from smstock.nowcast.estimate import estimate
    from smstock.sandbox import figures
    from smstock.sandbox.parameters import REGISTERS
    from smstock.vocabulary.facets import Ages

    edition = figures.newest_edition(REGISTERS, MONTH)
    stock = figures.stock(world, REGISTERS, edition, destinations=tuple(kind), origins=ORIGINS)
    of_kind = stock["destination"].map(kind)
    stock = stock[(of_kind == "register") | ((of_kind == "stale") & (stock["reference_date"] == CENSUS))]
    audience = shown(world, tuple(kind))
    areas = tuple(sorted({*kind, *ORIGINS}))
    rates: dict[str, Any] = {
        "users": figures.users(world, MONTH, areas=areas, ages=[Ages(18)]),
        "population": figures.population(world, [f"{MONTH}-01"], areas=areas, ages=[Ages(18)]),
    }
    benchmark = corridors(audience, stock, target_date=TARGET, known_until=KNOWN_UNTIL, benchmark=True, **rates)
    series = Archive(official=stock, audiences=audience)
    calibration = Calibration(
        name="simulated", query="simulated", wave=MONTH, provider="simulated", edition=edition, concepts=("birth",),
        target_date=TARGET, inputs={}, versions={}, seed=1, registers=learn_registers(series, TARGET),
        **vars(learn(benchmark, np.random.default_rng(1))),
    )  # fmt: skip
    now = corridors(audience, stock, target_date=DATE, known_until=DATE, benchmark=False, **rates)
    # what is possible in real countries is no measure of simulated ones, but for their own population
    with patch("smstock.nowcast.plausibility.profiles", dict):
        table = estimate(now, calibration, series, wave=MONTH, date=DATE, stock=stock, population=rates["population"])
    return calibration, table


def shown(world: World, destinations: tuple[str, ...]) -> pd.DataFrame:
    """Return the audience table of the month as the platform shows it: rounded, floored, by sex."""
    import numpy as np
    import pandas as pd

    from smstock.platforms.base import RawAnswer
    from smstock.platforms.meta import answers
    from smstock.sandbox import display, figures
    from smstock.vocabulary.facets import Ages

    true = figures.truth(world, MONTH, destinations=destinations, origins=ORIGINS, ages=Ages(18))
    rows = []
    for count in np.floor(true["audience"].to_numpy()).astype(int):
        body = display.estimate(int(count), "delivery_estimate", "bounds")
        raw = RawAnswer(_json(body), 200, f"{DATE}T00:00:00Z", "delivery_estimate", "v25.0")
        reading = answers.read(raw).reading("mau")
        rows.append((reading.value, reading.lower, reading.upper, reading.status))
    readings = pd.DataFrame(rows, columns=["value", "lower", "upper", "status"]).astype(
        {"value": "float64", "lower": "float64", "upper": "float64"}
    )
    plain = {"education": "", "relationship": "", "dimension": "", "metric": "mau", "wave": MONTH, "platform": "meta"}
    return (
        true[["destination", "origin", "sex"]]
        .join(readings)
        .assign(age_min=18, age_max=None, asked_at=f"{DATE}T00:00:00Z", **plain)
    )


def _json(body: Any) -> bytes:
    import json

    return json.dumps(body).encode()


def beside_truth(world: World, table: pd.DataFrame) -> pd.DataFrame:
    """Return the estimates of totals and sexes beside what an office of the destination would have counted."""
    import pandas as pd

    from smstock.sandbox import figures
    from smstock.sandbox.parameters import REGISTERS

    office = world.parameters.providers.index(REGISTERS)
    counted = pd.Series(1 - world.undercount[office], index=list(world.areas))
    true = figures.truth(world, MONTH, destinations=tuple(table["destination"].unique()), origins=ORIGINS)
    true["stock"] *= true["destination"].map(counted)
    return table.merge(true[["destination", "origin", "sex", "stock"]], on=["destination", "origin", "sex"])


def effects(world: World, calibration: Calibration) -> pd.DataFrame:
    """Return the effects of origins and destinations that the level model found, beside the label errors drawn.

    A label held by twice the accounts stands for half the persons: the sign is turned.
    """
    import pandas as pd

    fitted: Any = calibration.methods.get("hierarchical")
    rows = []
    for end, names, drawn in (
        ("origin", world.origins, world.origin_bias),
        ("destination", world.areas, world.destination_bias),
    ):
        for name, bias in zip(names, drawn, strict=True):
            if fitted is not None and name in getattr(fitted, f"{end}s"):
                rows.append((end, name, float(bias), -float(getattr(fitted, f"{end}s")[name][0]), fitted.slope))
    return pd.DataFrame(rows, columns=["end", "name", "drawn", "found", "elasticity"])


def coverage_lines(cells: pd.DataFrame) -> Iterable[str]:
    """Return a table of how many stocks lie inside the intervals: by regime, kind of cell and size of the estimate."""
    from smstock.models.conformal import band
    from smstock.vocabulary.sizes import BANDS

    known = cells[cells["median"].notna() & cells["upper_80"].notna()]
    known = known.assign(band=band(known["median"].to_numpy(dtype=float)))
    yield (
        "| regime | cells | 50 % | 80 % | standard error | 95 % | 80 % by size of the estimate: "
        + ", ".join(BANDS)
        + " | women and men, 80 % |"
    )
    yield "| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
    for regime in (*REGIMES, "shock", "all"):
        of_regime = known if regime == "all" else known[known["regime"] == regime]
        rows, sexes = of_regime[of_regime["sex"] == "all"], of_regime[of_regime["sex"] != "all"]
        if len(rows):
            parts = ", ".join(f"{_held(rows[rows['band'] == name], 80):.1f}" for name in BANDS)
            by_world = rows.groupby("seed")[["stock", "lower_80", "upper_80"]].apply(lambda part: _held(part, 80))
            error = by_world.std() / len(by_world) ** 0.5
            held = [f"{_held(rows, level):.1f}" for level in (50, 80, 95)]
            held[2] += f" (of {100 * rows['upper_95'].notna().mean():.0f} % that have one)"
            yield (
                f"| {regime} | {len(rows):,} | {held[0]} | {held[1]} | {error:.1f} | {held[2]} | {parts} |"
                f" {_held(sexes, 80):.1f} |"
            )


def _held(rows: pd.DataFrame, level: int) -> float:
    """Return the percentage of stocks inside the interval, among the rows that have one."""
    rows = rows[rows[f"upper_{level}"].notna()]
    return 100 * float(((rows["stock"] >= rows[f"lower_{level}"]) & (rows["stock"] <= rows[f"upper_{level}"])).mean())


def effect_lines(effects: pd.DataFrame) -> Iterable[str]:
    """Return a table of the effects that were found against those drawn, each less the mean of its world."""
    yield f"Elasticity, mean over worlds: {effects.groupby('seed')['elasticity'].first().mean():.3f} (drawn: 1)\n"
    yield "| effects of | drawn, sd | found, sd | correlation | found for 1 drawn |"
    yield "| --- | ---: | ---: | ---: | ---: |"
    for end, rows in effects.groupby("end"):
        drawn, own = (rows[name] - rows.groupby("seed")[name].transform("mean") for name in ("drawn", "found"))
        slope = float((drawn * own).sum() / (drawn**2).sum())
        yield f"| {end}s | {drawn.std():.2f} | {own.std():.2f} | {_correlation(drawn, own):.2f} | {slope:.2f} |"


def _correlation(one: pd.Series, other: pd.Series) -> float:
    import numpy as np

    matrix: np.ndarray = np.corrcoef(one, other)
    return float(matrix[0, 1])
