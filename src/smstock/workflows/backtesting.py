"""Back-testing: what each method would have said of past dates, from the figures and waves that were known then."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from smstock.folder import write_atomically
from smstock.provenance import STATISTICS, TABLES, canonical_json, file_hash, versions

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pandas as pd

    from smstock.workflows.evidence import Evidence

MONTHS_AFTER: Final = 6
"""Months from a target date to its cutoff: audiences of the half year after it are in, its official figure is not."""


@dataclass(frozen=True)
class Backtested:
    """Scores of a back-test, and what it could not test.

    Attributes
    ----------
    months_after
        Months from each target date to its cutoff.
    scores
        One row a method, the most skilful first: cells and dates it estimated, every score on them, and its skill
        against carry forward on the cells of both, with a 95 % interval (skill_lower, skill_upper).
    by_size_band, by_regime
        Scores of each method by size of the stock, and by what evidence there was.
    untested
        Methods that estimated no cell: method, reason.
    refusals
        Every target date a method did not estimate, and why: target_date, method, reason.
    files
        What was written.
    """

    months_after: int
    scores: pd.DataFrame
    by_size_band: pd.DataFrame
    by_regime: pd.DataFrame
    untested: pd.DataFrame
    refusals: pd.DataFrame
    files: tuple[Path, ...]


def backtest(
    evidence: Evidence,
    *,
    months_after: int = MONTHS_AFTER,
    targets: Sequence[str] = (),
    lag: int | None = None,
    score: str = "rmsle",
    jobs: int = 1,
) -> Backtested:
    """Return the scores of every method on past dates, and write its estimates as Parquet and CSV with a manifest.

    The corridors are those that a wave asked for, both sexes together. At each cutoff audiences are repaired by the
    waves before it.

    Parameters
    ----------
    evidence
        Every wave up to its own, and the official stock with its dates, users and population; the spec's target date is
        one date among them.
    months_after
        Months from each target date to its cutoff.
    targets
        Target dates (ISO); every date of the stock unless given.
    lag
        Publication lag in months for every provider, in place of those known.
    score
        Score of the skill: mdape, wmape, mape, rmsle or crps.
    jobs
        Processes; the result does not depend on it.

    Raises
    ------
    InputError
        No wave was collected, a target date has no official figure, a provider's publication lag is not known, or no
        method can estimate anything.
    UnknownNameError
        There is no such score.
    """
    import numpy as np

    from smstock.evaluate import backtest as evaluation
    from smstock.evaluate.archive import PUBLICATION_LAGS
    from smstock.evaluate.comparison import compare
    from smstock.evaluate.scores import score_by
    from smstock.models.methods import METHODS, OVER_TIME
    from smstock.tables import LEVELS

    dated = evidence.dated(PUBLICATION_LAGS if lag is None else lag)
    dates = targets or sorted(dated.own.loc[dated.own["value"] > 0, "reference_date"].unique())
    tested = evaluation.backtest(dated, (*METHODS, *OVER_TIME), targets=dates, months_after=months_after, jobs=jobs)
    skills = compare(tested.table, np.random.default_rng(evidence.spec.seed), score=score)
    never = tested.refusals[~tested.refusals["method"].isin(tested.table["method"])]
    return Backtested(
        months_after=months_after,
        scores=_scores(tested.table, skills),
        by_size_band=score_by(tested.table, "size_band", levels=LEVELS),
        by_regime=score_by(tested.table, "regime", levels=LEVELS),
        untested=never.drop_duplicates("method", keep="last")[["method", "reason"]].reset_index(drop=True),
        refusals=tested.refusals,
        files=_write(tested.table, evidence),
    )


def _scores(table: pd.DataFrame, skills: pd.DataFrame) -> pd.DataFrame:
    """Return a row of scores a method with its skill; carry forward, the baseline, has skill 0."""
    from smstock.evaluate.comparison import BASELINE
    from smstock.evaluate.scores import score
    from smstock.tables import LEVELS

    scores = score(table, levels=LEVELS)
    scores.insert(1, "dates", scores["method"].map(table.groupby("method")["target_date"].nunique()))
    for name in ("skill", "skill_lower", "skill_upper"):
        found = dict(zip(skills["method"], skills[name], strict=True)) if len(skills) else {}
        scores[name] = scores["method"].map(found).astype("float64")
    scores["skill"] = scores["skill"].mask(scores["method"] == BASELINE, 0.0)
    return scores.sort_values("skill", ascending=False, kind="stable", na_position="last").reset_index(drop=True)


def _write(table: pd.DataFrame, evidence: Evidence) -> tuple[Path, ...]:
    from smstock.models.methods import libraries

    folder, name = evidence.folder, evidence.spec.name
    parquet, csv = (folder.backtest(f"{name}.{kind}") for kind in ("parquet", "csv"))
    plain = table.assign(size_band=table["size_band"].astype("str"))
    write_atomically(parquet, lambda path: plain.to_parquet(path, index=False, compression="zstd"))
    write_atomically(csv, lambda path: plain.to_csv(path, index=False, float_format="%.6g"))
    manifest = {
        "inputs": {name: of for name, of in evidence.inputs.items() if name != "audience"}
        | {f"audience {evidence.wave}": evidence.inputs["audience"]},
        "outputs": {path.name: file_hash(path) for path in (parquet, csv)},
        "query": evidence.query,
        "versions": versions({*TABLES, *STATISTICS, *libraries(table["method"].unique())}),
    }
    path = folder.backtest(f"{name}.manifest.json")
    write_atomically(path, lambda partial: partial.write_text(canonical_json(manifest), encoding="utf-8"))
    return parquet, csv, path
