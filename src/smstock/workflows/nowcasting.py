"""Nowcasting: the newest audiences and the last official figures through a calibration, as the estimate table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from smstock.errors import UsageError
from smstock.folder import write_atomically
from smstock.models.methods import libraries
from smstock.provenance import STATISTICS, TABLES, canonical_json, file_hash, versions

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pandas as pd

    from smstock.calibrate.calibration import Calibration
    from smstock.folder import Folder
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

    Raises
    ------
    UsageError
        A method that the calibration does not hold, or a single draw.
    """
    from smstock.audience.gender_gap import sex_ratios
    from smstock.nowcast.draws import require
    from smstock.nowcast.estimate import estimate
    from smstock.nowcast.sums import sums

    if unknown := [name for name in methods if name not in calibration.methods]:
        raise UsageError(
            f"{calibration.id} holds no method {', '.join(unknown)}", allowed=", ".join(calibration.ranking)
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
        repair=evidence.audiences.repair,
        methods=methods,
    )
    workspace, wave = evidence.folder, evidence.wave
    added = sums(estimates, common=calibration.common, seed=calibration.seed)
    files = [*_write(estimates, calibration, workspace, wave), *_write_sums(added, calibration, workspace, wave)]
    if draws:
        files.append(_write_draws(estimates, calibration, workspace, wave, draws))
    manifest = {
        "calibration": calibration.id,
        "inputs": evidence.inputs,
        "outputs": {path.name: file_hash(path) for path in files},
        "versions": versions({*TABLES, *STATISTICS, *libraries(calibration.methods)}),
        "wave": wave,
    }
    path = workspace.estimate(wave, f"{calibration.name}.manifest.json")
    write_atomically(path, lambda partial: partial.write_text(canonical_json(manifest), encoding="utf-8"))
    return Nowcast(estimates, added, sex_ratios(evidence.corridors), (*files, path))


def _write(estimates: pd.DataFrame, calibration: Calibration, workspace: Folder, wave: str) -> tuple[Path, ...]:
    parquet, csv, json = (workspace.estimate(wave, f"{calibration.name}.{kind}") for kind in ("parquet", "csv", "json"))
    write_atomically(parquet, lambda path: estimates.to_parquet(path, index=False, compression="zstd"))
    write_atomically(csv, lambda path: estimates.to_csv(path, index=False, float_format="%.6g"))
    write_atomically(json, lambda path: estimates.to_json(path, orient="records", indent=1, double_precision=3))
    return parquet, csv, json


def _write_sums(sums: pd.DataFrame, calibration: Calibration, workspace: Folder, wave: str) -> tuple[Path, ...]:
    parquet, csv = (workspace.estimate(wave, f"{calibration.name}.sums.{kind}") for kind in ("parquet", "csv"))
    write_atomically(parquet, lambda path: sums.to_parquet(path, index=False, compression="zstd"))
    write_atomically(csv, lambda path: sums.to_csv(path, index=False, float_format="%.6g"))
    return parquet, csv


def _write_draws(estimates: pd.DataFrame, calibration: Calibration, workspace: Folder, wave: str, count: int) -> Path:
    """Write the draws that sums are made from, some corridors at a time, and return their path."""
    from pyarrow import Table
    from pyarrow.parquet import ParquetWriter

    from smstock.nowcast.draws import chunks

    parts = (
        Table.from_pandas(part.table(), preserve_index=False)
        for part in chunks(estimates, count=count, seed=calibration.seed, common=calibration.common)
    )

    def write(path: Path) -> None:
        first = next(parts)
        with ParquetWriter(path, first.schema, compression="zstd") as file:
            file.write_table(first)
            for part in parts:
                file.write_table(part)

    path = workspace.estimate(wave, f"{calibration.name}.draws.parquet")
    write_atomically(path, write)
    return path
