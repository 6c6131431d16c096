"""Bars of accuracy: what is published, on destinations and years that it has not seen, and what its intervals hold."""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING, Final

from benchmarks.bars.bar import Bar, Direction

if TYPE_CHECKING:
    import pandas as pd

BANDS: Final = (74, 88)
"""Least and most that 80 % intervals are to hold in a size band of the estimate (%)."""
WORLDS: Final = (78, 82)
"""The same in each regime of the simulated worlds."""


def _chosen(task: str, score: str) -> float:
    from benchmarks.accuracy import chosen

    return chosen.figure(task, score)


def _bias(task: str) -> float:
    return abs(_chosen(task, "total_bias"))


@cache
def _vintages() -> pd.DataFrame:
    from benchmarks.accuracy import eu, registers
    from benchmarks.real_data import shared_folder

    table = registers.vintages(registers.continuations(eu.evidence(shared_folder())))
    return table[table["year"] != "all"]


def _worst_vintage() -> float:
    table = _vintages()
    return float(100 * (table["rmsle"] / table["carried_rmsle"] - 1).max())


def _vintage(ahead: int, score: str) -> float:
    table = _vintages()
    return float(table.loc[(table["ahead"] == ahead) & (table["year"] == "2018"), score].item())


@cache
def _bands() -> pd.DataFrame:
    from benchmarks.accuracy import chosen

    return chosen.bands()


@cache
def _worlds() -> dict[str, float]:
    from benchmarks.accuracy import worlds

    return worlds.held_by_regime(worlds.WORLDS, jobs=2)


def _error(name: str, measure: partial[float], bar: float, *, decimals: int, unit: str = "") -> Bar:
    return Bar(name, bar, Direction.AT_MOST, measure, decimals=decimals, unit=unit, long=True)


def _left_out(task: str, about: str, mdape: float, wmape: float, rmsle: float) -> tuple[Bar, ...]:
    return (
        _error(f"{about}: MdAPE", partial(_chosen, task, "mdape"), mdape, decimals=1, unit="%"),
        _error(f"{about}: wMAPE", partial(_chosen, task, "wmape"), wmape, decimals=1, unit="%"),
        _error(f"{about}: RMSLE", partial(_chosen, task, "rmsle"), rmsle, decimals=3),
    )


def _register(ahead: int, about: str, mdape: float, wmape: float, rmsle: float) -> tuple[Bar, ...]:
    return (
        _error(f"{about}: MdAPE", partial(_vintage, ahead, "mdape"), mdape, decimals=1, unit="%"),
        _error(f"{about}: wMAPE", partial(_vintage, ahead, "wmape"), wmape, decimals=1, unit="%"),
        _error(f"{about}: RMSLE", partial(_vintage, ahead, "rmsle"), rmsle, decimals=2),
    )


BARS: Final[tuple[Bar, ...]] = (
    Bar(
        "registers of 2014 to 2018, one and two years ahead: RMSLE over carry forward, the worst vintage",
        2,
        Direction.AT_MOST,
        _worst_vintage,
        unit="%",
        decimals=1,
        long=True,
    ),
    *_register(1, "registers of 2018, one year ahead", 1.9, 1.0, 0.13),
    *_register(2, "registers of 2018, two years ahead", 4.0, 1.7, 0.25),
    *_left_out("E4", "European Union 2018, census of 2011 (E4)", 15.5, 13.0, 0.36),
    _error(
        "European Union 2018, census of 2011 (E4): total bias, its size", partial(_bias, "E4"), 3, decimals=1, unit="%"
    ),
    *_left_out("E3", "European Union 2018, no figure (E3)", 26, 25, 0.64),
    _error("world 2020, figures of 2015 (G2): RMSLE", partial(_chosen, "G2", "rmsle"), 0.36, decimals=3),
    _error("world 2020, no figure (G1): RMSLE", partial(_chosen, "G1", "rmsle"), 0.88, decimals=3),
    _error("Serbia 2020, figures of 2015 (S1): RMSLE", partial(_chosen, "S1", "rmsle"), 0.30, decimals=3),
    Bar(
        "80 % intervals by task and size band of the estimate: the least hold",
        BANDS[0],
        Direction.AT_LEAST,
        lambda: float(_bands()["coverage"].min()),
        unit="%",
        decimals=1,
        long=True,
    ),
    Bar(
        "80 % intervals by task and size band of the estimate: the most hold",
        BANDS[1],
        Direction.AT_MOST,
        lambda: float(_bands()["coverage"].max()),
        unit="%",
        decimals=1,
        long=True,
    ),
    Bar(
        "80 % intervals in 200 simulated worlds: the least regime holds",
        WORLDS[0],
        Direction.AT_LEAST,
        lambda: min(_worlds().values()),
        unit="%",
        decimals=1,
        long=True,
    ),
    Bar(
        "80 % intervals in 200 simulated worlds: the most regime holds",
        WORLDS[1],
        Direction.AT_MOST,
        lambda: max(_worlds().values()),
        unit="%",
        decimals=1,
        long=True,
    ),
)
