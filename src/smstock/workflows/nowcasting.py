"""Nowcasting: the newest audiences and the last official figures through a calibration, as the estimate table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from smstock import results
from smstock.compute import ALONE
from smstock.errors import UnknownNameError, meant
from smstock.models.methods import libraries
from smstock.provenance import STATISTICS, TABLES, versions

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pandas as pd

    from smstock.calibrate.calibration import Calibration
    from smstock.compute import Compute
    from smstock.workflows.evidence import Evidence


@dataclass(frozen=True)
class Nowcast:
    """The estimates of a wave, their sums, the sex ratios behind them, and the files they were written to."""

    estimates: pd.DataFrame
    sums: pd.DataFrame
    sex_ratios: pd.DataFrame
    files: tuple[Path, ...]


def nowcast(
    evidence: Evidence,
    calibration: Calibration,
    *,
    methods: Sequence[str] = (),
    draws: int = 0,
    compute: Compute = ALONE,
) -> Nowcast:
    """Return the estimates of a wave, and write them as Parquet, CSV and JSON with a manifest; their sums beside them.

    Corridors with a regular and fresh official series are continued by the method that was best at it on past dates;
    any other is estimated by the calibration's ranking. Each row says its regime and the reason for its method.

    Audiences are repaired by the earlier waves of the query (`smstock.audience.repair`), and the notes say where.

    Parameters
    ----------
    evidence
        The wave, and everything known as of it.
    calibration
        Methods, their ranking and their errors.
    methods
        Methods to use in this order instead of the calibration's ranking.
    draws
        Draws of every corridor to write as well, for sums of one's own; none, or 2 or more.
    compute
        What draws are spread over; no figure depends on it.

    Raises
    ------
    UnknownNameError
        The calibration holds no such method.
    UsageError
        A single draw is asked for.
    IncompleteError
        More cells of the wave are open than its query allows.
    """
    from smstock.audience.gender_gap import sex_ratios
    from smstock.nowcast.draws import require
    from smstock.nowcast.estimate import estimate
    from smstock.nowcast.sums import sums

    if unknown := [name for name in methods if name not in calibration.methods]:
        raise UnknownNameError(
            f"{calibration.id} holds no method {', '.join(unknown)}",
            allowed=", ".join(calibration.ranking),
            hint=meant(unknown[0], calibration.methods),
        )
    if draws:
        require(draws)
    estimates = estimate(
        evidence.corridors,
        calibration,
        evidence.series,
        wave=evidence.wave,
        date=evidence.date,
        stock=evidence.stock,
        population=evidence.denominators[1],
        repair=evidence.audiences.repair,
        methods=methods,
    )
    added = sums(estimates, common=calibration.common, seed=calibration.seed, compute=compute)
    files = _write(estimates, added, evidence, calibration, methods=methods, draws=draws, compute=compute)
    return Nowcast(estimates, added, sex_ratios(evidence.corridors), files)


def _write(
    estimates: pd.DataFrame,
    sums: pd.DataFrame,
    evidence: Evidence,
    calibration: Calibration,
    *,
    methods: Sequence[str],
    draws: int,
    compute: Compute,
) -> tuple[Path, ...]:
    """Write estimates, sums and, if any are asked for, draws: those that sums are made from."""
    from smstock.nowcast.draws import chunks

    name = calibration.name
    tables = {
        f"{name}.parquet": results.parquet(estimates),
        f"{name}.csv": results.csv(estimates),
        f"{name}.json": results.records(estimates),
        f"{name}.sums.parquet": results.parquet(sums),
        f"{name}.sums.csv": results.csv(sums),
    }
    if draws:
        parts = chunks(estimates, count=draws, seed=calibration.seed, common=calibration.common, compute=compute)
        tables[f"{name}.draws.parquet"] = results.parquet(part.table() for part in parts)
    manifest = results.Manifest(
        step="nowcast",
        query=evidence.query,
        wave=evidence.wave,
        inputs=evidence.inputs,
        versions=versions({*TABLES, *STATISTICS, *libraries(calibration.methods)}),
        about={
            "calibration": calibration.id,
            "draws": draws,
            "lack": evidence.lack,
            "methods": list(methods),
            "seed": calibration.seed,
        },
    )
    return results.write(evidence.folder.estimate(evidence.wave, f"{name}.manifest.json"), manifest, tables)
