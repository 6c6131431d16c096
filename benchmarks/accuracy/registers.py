"""Registers: which method continues yearly official series best from figures one, two and three years old.

Eurostat's corridors of the European Union up to 2018, and Serbian citizens abroad up to 2020 (the worked example): the
choice that `smstock calibrate` makes, with the scores it was made on.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.accuracy import eu
from benchmarks.machine import machine
from benchmarks.real_data import shared_folder

from smstock.calibrate.register import Register
from smstock.calibrate.registers import learn_registers
from smstock.evaluate.vintage import Evidence
from smstock.query import spec as query_spec
from smstock.workflows import calibration_spec
from smstock.workflows.inputs import chosen_stock, read_stocks

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

REPOSITORY = Path(__file__).parents[2]


def main(words: Sequence[str]) -> None:
    """Print the scores of every method by the age of the last figure, and what was chosen."""
    del words
    print(f"{machine()}\n")
    european = eu.evidence(shared_folder())
    spec = calibration_spec.load(REPOSITORY / "calibration/serbia-citizens.toml")
    asked = query_spec.load(REPOSITORY / "queries/serbia-diaspora.toml").destinations
    stock = chosen_stock(read_stocks(spec), spec, until=spec.target_date)
    stock = stock[stock["destination"].isin(asked)]
    serbian = Evidence(official=stock, audiences=european.audiences.iloc[:0])
    for title, evidence, date in (
        ("Eurostat, by birth, ages 15 to 64, up to 2018", european, eu.LAST),
        ("Serbian citizens abroad, up to 2020", serbian, spec.target_date),
    ):
        print(f"### {title}\n")
        for line in lines(Register(**record) for record in learn_registers(evidence, date).values()):
            print(line)
        print()


def lines(registers: Iterable[Register]) -> Iterable[str]:
    """Return a table, a row a method and age of the last figure, those chosen marked."""
    yield "| years | cells | dates | method | RMSLE | wMAPE | chosen | skill of choosing anew |"
    yield "| ---: | ---: | ---: | --- | ---: | ---: | :---: | ---: |"
    for register in registers:
        for score in register.scores:
            chosen = score["method"] == register.method
            skill = f"{register.skill:+.2f}" if chosen and register.skill is not None else ""
            yield (
                f"| {register.horizon} | {register.cells:,} | {register.dates} | {score['method']} |"
                f" {score['rmsle']:.3f} | {score['wmape']:.1f} | {'x' if chosen else ''} | {skill} |"
            )
