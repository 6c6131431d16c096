"""Estimates that cannot be: thousands of absurd audiences and official figures through the nowcast of two months.

The months are the worked example, and the corridors of the European Union in June 2018 beside Eurostat's yearly series.
Each run alters many corridors in one way, by turns, so that each corridor is altered in each way; the others of the run
stay as they are. A mark is the status held back or doubtful, or the star of a corridor without an official figure:
such rows stand after the others and in no sum over official figures. Or it is the note that nothing checks a figure.

False alarms are counted on the unaltered months, and on the world of April 2019 beside UN DESA's stocks.
"""

from __future__ import annotations

import argparse
import shutil
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache, cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

import numpy as np
from benchmarks.accuracy import eu
from benchmarks.accuracy import world as of_the_world
from benchmarks.real_data import shared_folder

from smstock.folder import Folder
from smstock.nowcast.estimate import estimate
from smstock.query import spec as query_spec
from smstock.tables import CORRIDOR_KEY, CORRIDOR_SEX_KEY, DOUBTFUL, HELD_BACK
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
HEAD: Final = (
    "| kind | altered | absurd | held back | doubtful | starred | unchecked | unmarked |\n| --- |" + " ---: |" * 7
)
FACTORS: Final = (0.0001, 0.001, 0.01, 0.05, 10, 100, 1000)
"""What all official figures are multiplied by where the whole file is wrong; that they are 20 times too small, or 10
times too large, is the least that is tried."""
ALONE: Final = "the official figure stands alone"
"""What the notes of a row say where nothing checks its official figure."""
TURNS: Final = 3
"""Runs that share the corridors of a kind: a third of them altered at a time."""


@dataclass(frozen=True)
class Month:
    """A month, its calibration, and what it estimates unaltered."""

    evidence: Evidence
    calibration: Calibration

    def totals(self, corridors: pd.DataFrame, stock: pd.DataFrame) -> pd.DataFrame:
        """Return the estimates of both sexes of altered corridors and official figures, by corridor."""
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
        return table[table["sex"] == "all"].set_index(CORRIDOR_KEY)

    @cached_property
    def unaltered(self) -> pd.DataFrame:
        """The estimates as they are published."""
        return self.totals(self.evidence.corridors, self.evidence.stock)


def main(words: list[str]) -> None:
    """Print how many estimates of each kind were altered, misled, held back, doubtful, starred and unmarked."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks absurd", description=__doc__)
    parser.add_argument("--rows", action="store_true", help="print each estimate that was published unmarked")
    parser.add_argument("--world", action="store_true", help="count false alarms on the world as well (ten minutes)")
    asked = parser.parse_args(words)
    for title, month in MONTHS.items():
        table = mutated(title)
        print(f"### {title}\n")
        print(HEAD)
        for kind, rows in table.groupby("kind", sort=False):
            print(_line(str(kind), rows))
        print(f"{_line('all', table)}\n")
        print(f"{alarms_line(month().unaltered)}\n")
        if asked.rows:
            print(table[table["unmarked"]].to_string())
    table = whole_files()
    print("### Whole files, and what was learnt from them\n")
    print(f"{HEAD}")
    for kind, rows in table.groupby("kind", sort=False):
        print(_line(str(kind), rows))
    if asked.rows:
        print(table[table["unmarked"]].to_string())
    if asked.world:
        print(f"### The world\n\n{alarms_line(world().unaltered)}")


def _line(kind: str, rows: pd.DataFrame) -> str:
    names = ("absurd", "held", "doubtful", "starred", "unchecked", "unmarked")
    return f"| {kind} | {len(rows):,} | {' | '.join(f'{int(rows[name].sum()):,}' for name in names)} |"


def alarms_line(table: pd.DataFrame) -> str:
    """Return how many estimates of an unaltered month are held back or doubtful, of those with an official figure."""
    of = {
        name: (table["status"] == status) & table["official_last"].gt(0)
        for name, status in (("held back", HELD_BACK), ("doubtful", DOUBTFUL))
    }
    checked = (table["median"].notna() & table["official_last"].gt(0)) | of["held back"]
    named = [
        f"{int(rows.sum())} {name}"
        + (f" ({', '.join(':'.join(key) for key in table.index[rows])})" if rows.any() else "")
        for name, rows in of.items()
    ]
    return f"Unaltered, {int(checked.sum()):,} estimates beside an official figure: {', '.join(named)}."


@cache
def example() -> Month:
    """Return the worked example, from its recorded answers."""
    return _example(REPOSITORY / "calibration/serbia.toml")


def _example(calibration: Path) -> Month:
    """Return the month of the recorded answers, by a calibration of this file."""
    query = query_spec.load(REPOSITORY / "queries/serbia-diaspora.toml")
    with TemporaryDirectory() as name:
        folder = Folder(REPOSITORY, Path(name))
        recordings = REPOSITORY / "queries/recorded/serbia-diaspora"
        wave = collect(query, folder, now=datetime.now(UTC), recordings=recordings).wave
        return _read(Evidence(calibration_spec.load(calibration), folder, query.name, wave))


@cache
def whole_files() -> pd.DataFrame:
    """Return a row for each estimate of the worked example learnt from, and beside, a stock file in other units."""
    import pandas as pd

    before = example().unaltered
    before = before[before["official_last"].gt(0)]
    parts = []
    for factor in FACTORS:
        with TemporaryDirectory() as name:
            root = Path(name)
            shutil.copytree(REPOSITORY / "calibration", root / "calibration")
            path = root / "calibration/serbia/stock.csv"
            stock = pd.read_csv(path, keep_default_na=False)
            figures = pd.to_numeric(stock["value"], errors="coerce")
            stock["value"] = (figures * factor).round().astype("Int64").astype("str").where(figures.notna(), "")
            stock.to_csv(path, index=False)
            sidecar = path.with_name(f"{path.name}.origin.toml")
            lines = sidecar.read_text(encoding="utf-8").splitlines()
            sidecar.write_text("\n".join(line for line in lines if not line.startswith("sha256")), encoding="utf-8")
            after = _example(root / "calibration/serbia.toml").unaltered.reindex(before.index)
        parts.append(_judged(f"whole file times {factor:g}", before, after))
    return pd.concat(parts, ignore_index=True)


@cache
def european_union() -> Month:
    """Return the corridors of the European Union in June 2018, beside Eurostat's series up to that year."""
    with eu.month(shared_folder()) as evidence:
        return _read(evidence)


@cache
def world() -> Month:
    """Return the corridors of the world in April 2019, beside UN DESA's stocks up to 2015."""
    with of_the_world.month(shared_folder()) as evidence:
        return _read(evidence)


def _read(evidence: Evidence) -> Month:
    """Return a month of which everything is read while its folder lasts."""
    _ = evidence.corridors, evidence.stock, evidence.denominators, evidence.audiences
    return Month(evidence, calibrate(evidence))


MONTHS: Final[dict[str, Callable[[], Month]]] = {
    "The worked example": example,
    "The European Union": european_union,
}


def unmarked() -> float:
    """Return how many absurd estimates were published unmarked: audience, newest figure or population is wrong."""
    return float(sum(table.loc[table["kind"].isin(KINDS), "unmarked"].sum() for table in map(mutated, MONTHS)))


def unmarked_files() -> float:
    """Return how many absurd estimates (%) were published unmarked, where the whole stock file is in other units."""
    table = whole_files()
    return float(100 * table["unmarked"].sum() / table["absurd"].sum())


def unmarked_series() -> float:
    """Return how many absurd estimates (%) were published unmarked, where several figures are wrong alike."""
    tables = [table[table["kind"].isin(SERIES) & table["absurd"]] for table in map(mutated, MONTHS)]
    return 100 * sum(int(table["unmarked"].sum()) for table in tables) / sum(map(len, tables))


def false_alarms(month: Month) -> float:
    """Return how many estimates beside an official figure (%) are held back in an unaltered month."""
    table = month.unaltered[month.unaltered["official_last"].gt(0)]
    held = table["status"] == HELD_BACK
    return float(100 * held.sum() / (held | table["median"].notna()).sum())


@cache
def mutated(title: str) -> pd.DataFrame:
    """Return a row for each altered estimate of a month: kind, corridor, before, after, and how it was published."""
    import pandas as pd

    month = MONTHS[title]()
    before = month.unaltered
    parts = []
    for kind, alter in (KINDS | SERIES).items():
        for turn in range(TURNS):
            corridors, stock, altered = alter(month.evidence, before.index[turn::TURNS])
            if not len(altered):
                continue
            after = month.totals(corridors, stock).loc[altered]
            parts.append(_judged(kind, before.loc[altered], after))
    return pd.concat(parts, ignore_index=True)


def _judged(kind: str, before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    held, doubtful = after["status"] == HELD_BACK, after["status"] == DOUBTFUL
    with np.errstate(divide="ignore"):
        apart = np.abs(np.log(after["median"].astype("float64") / before["median"].astype("float64")))
    # an estimate where there was none is absurd as well
    between = (after["median"] - before["median"].fillna(0.0)).abs()
    misled = after["median"].notna() & ~(apart <= np.log(FAR)) & (between >= FEW)
    absurd = held | misled
    unchecked = after["notes"].str.contains(ALONE, regex=False)
    starred = (after["regime"] == "none") & after["median"].notna() & ~doubtful
    return pd.DataFrame(
        {
            "kind": kind,
            "corridor": [":".join(key) for key in after.index],
            "before": before["median"].to_numpy(),
            "after": after["median"].to_numpy(),
            "official": after["official_last"].to_numpy(),
            "absurd": absurd.to_numpy(dtype=bool),
            "held": held.to_numpy(),
            "doubtful": (doubtful & absurd).to_numpy(dtype=bool),
            "starred": (starred & absurd).to_numpy(dtype=bool),
            "unchecked": (unchecked & absurd & ~held & ~doubtful).to_numpy(dtype=bool),
            "unmarked": (absurd & ~held & ~doubtful & ~starred & ~unchecked).to_numpy(dtype=bool),
            "notes": after["notes"].to_numpy(),
        }
    )


Altered = tuple["pd.DataFrame", "pd.DataFrame", "pd.Index"]


def _audiences(factor: float) -> Callable[[Evidence, pd.Index], Altered]:
    """Alter the audiences above the floor of some destinations."""

    def alter(evidence: Evidence, chosen: pd.Index) -> Altered:
        corridors = evidence.corridors.copy()
        rows = _of(corridors, chosen) & corridors["audience"].notna()
        corridors["audience"] = corridors["audience"].mask(rows, corridors["audience"] * factor)
        return corridors, evidence.stock, _of_totals(corridors, rows)

    return alter


def _floors(accounts: float) -> Callable[[Evidence, pd.Index], Altered]:
    """Give destinations at the floor an audience."""

    def alter(evidence: Evidence, chosen: pd.Index) -> Altered:
        corridors = evidence.corridors.copy()
        rows = _of(corridors, chosen) & corridors["audience"].isna() & (corridors["sex"] == "all")
        corridors["audience"] = corridors["audience"].mask(rows, accounts)
        corridors["audience_status"] = corridors["audience_status"].mask(rows, "observed")
        return corridors, evidence.stock, _of_totals(corridors, rows)

    return alter


def _figures(factor: float, newest: int) -> Callable[[Evidence, pd.Index], Altered]:
    """Alter the newest official figures of some corridors, as typing errors and wrong units would."""

    def alter(evidence: Evidence, chosen: pd.Index) -> Altered:
        stock = evidence.stock.copy()
        age = stock.groupby(CORRIDOR_SEX_KEY)["reference_date"].rank(ascending=False, method="dense")
        rows = (age <= newest) & _of(stock, chosen) & stock["value"].gt(0)
        stock["value"] = stock["value"].mask(rows, stock["value"] * factor)
        corridors = _with_history(evidence, stock)
        asked = _of(corridors, stock.loc[rows].set_index(CORRIDOR_KEY).index)
        return corridors, stock, _of_totals(corridors, asked)

    return alter


def _of(table: pd.DataFrame, chosen: pd.Index) -> pd.Series:
    """Return which rows of a table are of the corridors chosen."""
    import pandas as pd

    return pd.Series(pd.MultiIndex.from_frame(table[CORRIDOR_KEY]).isin(chosen), index=table.index)


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
        corridors, stock, altered = _figures(factor, 1)(evidence, chosen)
        rows = _of(corridors, altered)
        return (
            corridors.assign(audience=corridors["audience"].mask(rows, corridors["audience"] * factor)),
            stock,
            altered,
        )

    return alter


def _of_totals(corridors: pd.DataFrame, rows: pd.Series) -> pd.Index:
    chosen: pd.Index = corridors.loc[rows & (corridors["sex"] == "all")].set_index(CORRIDOR_KEY).index.unique()
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
    "official figure with three zeros more": _figures(1000.0, 1),
    "official figure with five zeros more": _figures(1e5, 1),
    "official figure with two zeros more": _figures(100.0, 1),
    "official figure with four zeros more": _figures(1e4, 1),
    "official figure with two zeros less": _figures(0.01, 1),
    "official figure with three zeros less": _figures(0.001, 1),
    "official figure with four zeros less": _figures(0.0001, 1),
    "official figure and audience times 1,000": _both(1000.0),
    "population missing, audience times 1,000": _population_missing(1000.0),
    "population missing, audience times 30,000": _population_missing(30_000.0),
}
"""Ways to alter a month; each takes evidence and corridors, and returns corridors, stock and what was altered."""

SERIES: Final[dict[str, Callable[[Evidence, pd.Index], Altered]]] = {
    "two official figures with three zeros more": _figures(1000.0, 2),
    "two official figures with three zeros less": _figures(0.001, 2),
    "all official figures with three zeros more": _figures(1000.0, 99),
    "all official figures with five zeros more": _figures(1e5, 99),
}
"""Ways to alter a series as a whole: figures that bear each other out."""
