"""Estimates that cannot be: 1,000 absurd audiences and official figures through the worked example's nowcast.

Each run alters many corridors of the wave in one way, by turns, so that each corridor is altered in each way; the
others of the run stay as they are. A mark is the status held back, or the star of a corridor without an official
figure, whose estimate stands after the others and in no sum that looks official.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

import numpy as np

from smstock.folder import Folder
from smstock.nowcast.estimate import estimate
from smstock.query import spec as query_spec
from smstock.tables import HELD_BACK, PROVISIONAL
from smstock.workflows import calibration_spec, collect
from smstock.workflows.calibration import calibrate
from smstock.workflows.evidence import Evidence

if TYPE_CHECKING:
    from collections.abc import Callable

    import pandas as pd

    from smstock.calibrate.calibration import Calibration

REPOSITORY: Final = Path(__file__).parents[2]
FAR: Final = 2.0
"""An altered estimate within this factor of the unaltered one is not absurd: the method was not misled."""
FEW: Final = 1_000.0
"""Nor is one that fewer persons are between."""
TURNS: Final = 3
"""Runs that share the corridors of a kind: a third of them altered at a time."""


@dataclass(frozen=True)
class Month:
    """The worked example, and what it estimates unaltered."""

    evidence: Evidence
    calibration: Calibration

    def totals(self, corridors: pd.DataFrame, stock: pd.DataFrame) -> pd.DataFrame:
        """Return the estimates of both sexes of altered corridors and official figures."""
        evidence = self.evidence
        series = evidence.audiences.series(stock, evidence.spec.metric)
        table = estimate(
            corridors,
            self.calibration,
            series,
            wave=evidence.wave,
            date=evidence.date,
            stock=stock,
            population=evidence.denominators[1],
            repair=evidence.audiences.repair,
        )
        return table[table["sex"] == "all"].set_index("destination")


def main(words: list[str]) -> None:
    """Print how many estimates of each kind were altered, misled, held back, starred and published unmarked."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks absurd", description=__doc__)
    parser.add_argument("--rows", action="store_true", help="print each estimate that was published unmarked")
    asked = parser.parse_args(words)
    table = mutated()
    print(f"{'kind':<44} {'altered':>7} {'absurd':>7} {'held back':>9} {'starred':>7} {'unmarked':>8}")
    for kind, rows in table.groupby("kind", sort=False):
        print(_line(str(kind), rows))
    print(_line("all", table))
    unaltered = _unaltered()
    held = int((unaltered["status"] == HELD_BACK).sum())
    print(f"unaltered: {held} of {int(unaltered['median'].notna().sum()) + held} estimates are held back")
    if asked.rows:
        print(table[table["unmarked"]].to_string())


def _line(kind: str, rows: pd.DataFrame) -> str:
    counts = [len(rows), *(int(rows[name].sum()) for name in ("absurd", "held", "starred", "unmarked"))]
    return f"{kind:<44} {counts[0]:>7,} {counts[1]:>7,} {counts[2]:>9,} {counts[3]:>7,} {counts[4]:>8,}"


@cache
def _month() -> Month:
    query = query_spec.load(REPOSITORY / "queries/serbia-diaspora.toml")
    spec = calibration_spec.load(REPOSITORY / "calibration/serbia.toml")
    with TemporaryDirectory() as name:
        folder = Folder(REPOSITORY, Path(name))
        recordings = REPOSITORY / "queries/recorded/serbia-diaspora"
        wave = collect(query, folder, now=datetime.now(UTC), recordings=recordings).wave
        evidence = Evidence(spec, folder, query.name, wave)
        month = Month(evidence, calibrate(evidence))
        # everything is read while the folder is there
        _ = evidence.corridors, evidence.stock, evidence.denominators, evidence.audiences
    return month


@cache
def _unaltered() -> pd.DataFrame:
    evidence = _month().evidence
    return _month().totals(evidence.corridors, evidence.stock)


def unmarked() -> float:
    """Return how many absurd estimates were published unmarked."""
    return float(mutated()["unmarked"].sum())


def false_alarms() -> float:
    """Return how many estimates of the unaltered example are held back."""
    return float((_unaltered()["status"] == HELD_BACK).sum())


@cache
def mutated() -> pd.DataFrame:
    """Return a row for each altered estimate: kind, destination, before, after, and how it was published."""
    import pandas as pd

    before = _unaltered()
    parts = []
    for kind, alter in KINDS.items():
        for turn in range(TURNS):
            chosen = before.index[turn::TURNS]
            corridors, stock, altered = alter(_month().evidence, chosen)
            if not len(altered):
                continue
            after = _month().totals(corridors, stock).loc[altered]
            parts.append(_judged(kind, before.loc[altered], after))
    return pd.concat(parts, ignore_index=True)


def _judged(kind: str, before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    held = after["status"] == HELD_BACK
    with np.errstate(divide="ignore"):
        apart = np.abs(np.log(after["median"].astype("float64") / before["median"].astype("float64")))
    # an estimate where there was none is absurd as well
    between = (after["median"] - before["median"].fillna(0.0)).abs()
    misled = after["median"].notna() & ~(apart <= np.log(FAR)) & (between >= FEW)
    absurd = (held | misled).to_numpy(dtype=bool)
    starred = (after["regime"] == "none") & after["median"].notna()
    loud = (after["status"] == PROVISIONAL) & after["median"].notna() & ~starred
    return pd.DataFrame(
        {
            "kind": kind,
            "destination": after.index,
            "before": before["median"].to_numpy(),
            "after": after["median"].to_numpy(),
            "official": after["official_last"].to_numpy(),
            "absurd": absurd,
            "held": held.to_numpy(),
            "starred": (starred & absurd).to_numpy(),
            "unmarked": (loud & absurd).to_numpy(),
            "notes": after["notes"].to_numpy(),
        }
    )


Altered = tuple["pd.DataFrame", "pd.DataFrame", "pd.Index"]


def _audiences(factor: float) -> Callable[[Evidence, pd.Index], Altered]:
    """Alter the audiences above the floor of some destinations."""

    def alter(evidence: Evidence, chosen: pd.Index) -> Altered:
        corridors = evidence.corridors.copy()
        rows = corridors["destination"].isin(chosen) & corridors["audience"].notna()
        corridors["audience"] = corridors["audience"].mask(rows, corridors["audience"] * factor)
        return corridors, evidence.stock, _of_totals(corridors, rows)

    return alter


def _floors(accounts: float) -> Callable[[Evidence, pd.Index], Altered]:
    """Give destinations at the floor an audience."""

    def alter(evidence: Evidence, chosen: pd.Index) -> Altered:
        corridors = evidence.corridors.copy()
        rows = corridors["destination"].isin(chosen) & corridors["audience"].isna() & (corridors["sex"] == "all")
        corridors["audience"] = corridors["audience"].mask(rows, accounts)
        corridors["audience_status"] = corridors["audience_status"].mask(rows, "observed")
        return corridors, evidence.stock, _of_totals(corridors, rows)

    return alter


def _newest_figures(factor: float) -> Callable[[Evidence, pd.Index], Altered]:
    """Alter the newest official figure of some destinations, as a typing error would."""

    def alter(evidence: Evidence, chosen: pd.Index) -> Altered:
        stock = evidence.stock.copy()
        newest = stock["reference_date"] == stock.groupby("destination")["reference_date"].transform("max")
        rows = newest & stock["destination"].isin(chosen) & stock["value"].gt(0)
        stock["value"] = stock["value"].mask(rows, stock["value"] * factor)
        corridors = _with_history(evidence, stock)
        asked = corridors["destination"].isin(stock.loc[rows, "destination"])
        return corridors, stock, _of_totals(corridors, asked)

    return alter


def _with_history(evidence: Evidence, stock: pd.DataFrame) -> pd.DataFrame:
    """Return the corridor table as the product assembles it from other official figures."""
    altered = replace(evidence)
    altered.__dict__.update({name: value for name, value in evidence.__dict__.items() if name != "corridors"})
    altered.__dict__["stock"] = stock
    altered.__dict__["_figures"] = stock
    return altered.corridors


def _population_missing(factor: float) -> Callable[[Evidence, pd.Index], Altered]:
    """Alter audiences where penetration is not known either."""

    def alter(evidence: Evidence, chosen: pd.Index) -> Altered:
        corridors, stock, altered = _audiences(factor)(evidence, chosen)
        names = [str(name) for name in corridors if str(name).startswith("penetration_")]
        return corridors.assign(**dict.fromkeys(names, np.nan)), stock, altered

    return alter


def _both(factor: float) -> Callable[[Evidence, pd.Index], Altered]:
    """Alter newest official figures and audiences alike, so that they agree."""

    def alter(evidence: Evidence, chosen: pd.Index) -> Altered:
        corridors, stock, altered = _newest_figures(factor)(evidence, chosen)
        rows = corridors["destination"].isin(altered)
        return (
            corridors.assign(audience=corridors["audience"].mask(rows, corridors["audience"] * factor)),
            stock,
            altered,
        )

    return alter


def _of_totals(corridors: pd.DataFrame, rows: pd.Series) -> pd.Index:
    import pandas as pd

    chosen: pd.Index = pd.Index(corridors.loc[rows & (corridors["sex"] == "all"), "destination"].unique())
    return chosen


KINDS: Final[dict[str, Callable[[Evidence, pd.Index], Altered]]] = {
    "audience times 1,000": _audiences(1000.0),
    "audience times 100": _audiences(100.0),
    "audience times 300": _audiences(300.0),
    "audience times 3,000": _audiences(3000.0),
    "audience times 10,000": _audiences(10_000.0),
    "audience times 30,000": _audiences(30_000.0),
    "audience times a million": _audiences(1e6),
    "a thousandth of the audience": _audiences(0.001),
    "a ten-thousandth of the audience": _audiences(0.0001),
    "300,000 accounts where there is a floor": _floors(300_000.0),
    "a million accounts where there is a floor": _floors(1e6),
    "3 million accounts where there is a floor": _floors(3e6),
    "50 million accounts where there is a floor": _floors(5e7),
    "official figure with three zeros more": _newest_figures(1000.0),
    "official figure with five zeros more": _newest_figures(1e5),
    "official figure with two zeros more": _newest_figures(100.0),
    "official figure with four zeros more": _newest_figures(1e4),
    "official figure with two zeros less": _newest_figures(0.01),
    "official figure with three zeros less": _newest_figures(0.001),
    "official figure with four zeros less": _newest_figures(0.0001),
    "official figure and audience times 1,000": _both(1000.0),
    "population missing, audience times 1,000": _population_missing(1000.0),
    "population missing, audience times 30,000": _population_missing(30_000.0),
}
"""Ways to alter a month; each takes evidence and destinations, and returns corridors, stock and what was altered."""
