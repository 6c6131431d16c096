"""Learning: audiences beside official stocks, every method cross-validated, the whole written to one JSON file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from smstock.calibrate.calibration import Calibration
from smstock.errors import ContractError
from smstock.folder import write_atomically
from smstock.provenance import versions
from smstock.workflows.audiences import audiences
from smstock.workflows.inputs import (
    inputs_of,
    of_all_ages,
    read_denominators,
    read_figures,
    read_internet,
    read_stock,
)

if TYPE_CHECKING:
    import pandas as pd

    from smstock.folder import Folder
    from smstock.workflows.calibration_spec import CalibrationSpec

GROWING: Final = 0.8
"""Share of the corridors with an audience and a stock whose audience growth must be known for it to be learnt from:
methods are ranked on the corridors that all of them estimate, which few with a growth would cut to a few."""


def calibrate(spec: CalibrationSpec, workspace: Folder, *, query: str, wave: str) -> Calibration:
    """Return the calibration of a collected wave, and write it to the workspace.

    Parameters
    ----------
    spec
        What to learn against.
    workspace
        Where the wave lies and the calibration goes.
    query, wave
        The collected audiences; earlier waves of the query repair them and tell their growth.

    Raises
    ------
    ContractError
        A table breaks its contract, or holds a second concept or edition that the spec does not name.
    TooFewCellsError
        Too few corridors have both an audience and a stock.
    """
    import numpy as np

    from smstock.calibrate.learning import learn
    from smstock.calibrate.registers import learn_registers
    from smstock.models.corridors import corridors

    users, population = read_denominators(spec)
    figures = read_figures(spec)
    seen = audiences(workspace, query, wave, spec.metric)
    benchmark = corridors(
        seen.answers,
        read_stock(spec, day=spec.target_date, figures=figures),
        target_date=spec.target_date,
        known_until=spec.known_until,
        benchmark=True,
        metric=spec.metric,
        figures=of_all_ages(figures),
        users=users,
        population=population,
        internet=read_internet(spec, until=spec.target_date),
        waves=seen.waves,
    )
    if seen.waves is not None and _growing(benchmark) < GROWING:
        benchmark["audience_growth"] = None
    series = seen.series(read_stock(spec, until=spec.target_date, figures=figures), spec.metric)
    calibration = Calibration(
        name=spec.name,
        query=query,
        wave=wave,
        target_date=spec.target_date,
        inputs=inputs_of(spec, workspace, query, wave),
        versions=versions(),
        seed=spec.seed,
        **spec.official(),
        **learn(benchmark, np.random.default_rng(spec.seed)),
        registers=learn_registers(series, spec.target_date),
    )
    path, text = workspace.calibration(spec.name), calibration.to_json()
    write_atomically(path, lambda partial: partial.write_text(text, encoding="utf-8"))
    # as read back: the order of its entries decides the last digit of a sum
    return Calibration.from_json(text, path)


def _growing(benchmark: pd.DataFrame) -> float:
    """Return the share of the corridors with an audience and a stock whose audience growth is known."""
    learnt_from = benchmark["audience"].notna() & benchmark["stock"].gt(0) & (benchmark["sex"] == "all")
    return float(benchmark.loc[learnt_from, "audience_growth"].notna().mean()) if learnt_from.any() else 0.0


def on_file(spec: CalibrationSpec, workspace: Folder, *, query: str, wave: str) -> Calibration | None:
    """Return the calibration of the workspace if it was made from these very inputs and versions, else None.

    One that is damaged or of another format is none either: whoever asks learns it anew.
    """
    path = workspace.calibration(spec.name)
    if not path.is_file():
        return None
    try:
        calibration = Calibration.from_json(path.read_text(encoding="utf-8", errors="replace"), path)
    except ContractError:
        return None
    same = calibration.inputs == inputs_of(spec, workspace, query, wave) and calibration.versions == versions()
    return calibration if same else None
