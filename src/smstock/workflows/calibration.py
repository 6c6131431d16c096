"""Learning: audiences beside official stocks, every method cross-validated, the whole written to one JSON file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from smstock.errors import ContractError
from smstock.models.calibration import Calibration
from smstock.models.registry import libraries
from smstock.provenance import STATISTICS, versions
from smstock.workflows.audiences import audiences
from smstock.workflows.inputs import inputs_of, read_denominators, read_internet, read_stock
from smstock.workspace import write_atomically

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

    from smstock.workflows.calibration_spec import CalibrationSpec
    from smstock.workspace import Workspace

GROWING: Final = 0.8
"""Share of the corridors with an audience and a stock whose audience growth must be known for it to be learnt from:
methods are ranked on the corridors that all of them estimate, which few with a growth would cut to a few."""


def calibrate(spec: CalibrationSpec, workspace: Workspace, *, query: str, wave: str) -> Calibration:
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

    from smstock.evaluate.learning import learn
    from smstock.evaluate.registers import learn_registers
    from smstock.models.corridors import corridors

    users, population = read_denominators(spec)
    seen = audiences(workspace, query, wave, spec.metric)
    benchmark = corridors(
        seen.audience,
        read_stock(spec, day=spec.target_date),
        target_date=spec.target_date,
        known_until=spec.known_until,
        benchmark=True,
        users=users,
        population=population,
        internet=read_internet(spec, until=spec.target_date),
        waves=seen.waves,
    )
    if seen.waves is not None and _growing(benchmark) < GROWING:
        benchmark["audience_growth"] = None
    series = seen.series(read_stock(spec, until=spec.target_date), spec.metric)
    learnt = learn(benchmark, np.random.default_rng(spec.seed))
    calibration = Calibration(
        name=spec.name,
        query=query,
        wave=wave,
        target_date=spec.target_date,
        inputs=inputs_of(spec, workspace, query, wave),
        versions=_versions(learnt["methods"]),
        seed=spec.seed,
        **spec.official(),
        **learnt,
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


def on_file(spec: CalibrationSpec, workspace: Workspace, *, query: str, wave: str) -> Calibration | None:
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
    if calibration.versions != _versions(calibration.methods):
        return None
    return calibration if calibration.inputs == inputs_of(spec, workspace, query, wave) else None


def _versions(methods: Iterable[str]) -> dict[str, str]:
    """Return the versions that what is learnt depends on: those of the libraries that the methods compute with."""
    return versions({*STATISTICS, *libraries(methods)})
