"""Back-testing: what each method would have said of past dates, from the figures and waves that were known then."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from smstock import results
from smstock.compute import ALONE, one_thread
from smstock.errors import UnknownNameError, UsageError, meant, shown
from smstock.provenance import STATISTICS, TABLES, versions
from smstock.vocabulary.dates import is_day
from smstock.workflows.arguments import number, text, texts

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import pandas as pd

    from smstock.compute import Compute
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
    lack
        What the newest wave lacks, in a sentence, where its query allows it.
    """

    months_after: int
    scores: pd.DataFrame
    by_size_band: pd.DataFrame
    by_regime: pd.DataFrame
    untested: pd.DataFrame
    refusals: pd.DataFrame
    files: tuple[Path, ...]
    lack: str = ""


def backtest(
    evidence: Evidence,
    *,
    months_after: int = MONTHS_AFTER,
    targets: Sequence[str] = (),
    lag: int | None = None,
    score: str = "rmsle",
    compute: Compute = ALONE,
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
        Months from each target date to its cutoff, -120 to 120.
    targets
        Target dates (ISO); every date of the stock unless given.
    lag
        Publication lag in months for every provider, 0 to 240, in place of those known.
    score
        Score of the skill: mdape, wmape, mape, rmsle or crps.
    compute
        What the work is spread over; the result does not depend on it.

    Raises
    ------
    IncompleteError
        More cells of the newest wave are open than its query allows.
    UsageError
        An argument is out of its bounds.
    InputError
        No wave was collected, a target date has no official figure, a provider's publication lag is not known, or no
        method can estimate anything.
    UnknownNameError
        There is no such score.
    """
    import numpy as np

    from smstock.evaluate import backtest as evaluation
    from smstock.evaluate.archive import PUBLICATION_LAGS
    from smstock.evaluate.comparison import LESS_IS_BETTER, compare
    from smstock.evaluate.scores import score_by
    from smstock.models.methods import METHODS, OVER_TIME
    from smstock.tables import LEVELS

    number("months_after", months_after, least=-120, most=120)
    targets, score = texts("targets", targets), text("score", score)
    if score not in LESS_IS_BETTER:
        raise UnknownNameError(
            f"there is no score {shown(score)!r}", allowed=", ".join(LESS_IS_BETTER), hint=meant(score, LESS_IS_BETTER)
        )
    for day in targets:
        if not is_day(day):
            raise UsageError(f"{shown(day)!r} is no day of the calendar", allowed="YYYY-MM-DD, such as 2020-07-01")
    if lag is not None:
        number("lag", lag, least=0, most=240)
    compute.prepare(evaluation.__name__)
    lack = evidence.lack
    dated = evidence.dated(PUBLICATION_LAGS if lag is None else lag)
    dates = targets or sorted(dated.own.loc[dated.own["value"] > 0, "reference_date"].unique())
    with one_thread():
        tested = evaluation.backtest(
            dated, (*METHODS, *OVER_TIME), targets=dates, months_after=months_after, compute=compute
        )
        skills = compare(tested.table, np.random.default_rng(evidence.spec.seed), score=score, compute=compute)
    about = {"lack": lack, "lag": lag, "months_after": months_after, "seed": evidence.spec.seed, "targets": list(dates)}
    never = tested.refusals[~tested.refusals["method"].isin(tested.table["method"])]
    return Backtested(
        months_after=months_after,
        scores=_scores(tested.table, skills),
        by_size_band=score_by(tested.table, "size_band", levels=LEVELS),
        by_regime=score_by(tested.table, "regime", levels=LEVELS),
        untested=never.drop_duplicates("method", keep="last")[["method", "reason"]].reset_index(drop=True),
        refusals=tested.refusals,
        files=_write(tested.table, evidence, about),
        lack=lack,
    )


def _scores(table: pd.DataFrame, skills: pd.DataFrame) -> pd.DataFrame:
    """Return a row of scores a method with its skill; carry forward, the baseline, has skill 0."""
    from smstock.evaluate.comparison import BASELINE
    from smstock.evaluate.scores import score
    from smstock.tables import LEVELS

    scores = score(table, levels=LEVELS)
    scores.insert(1, "dates", scores["method"].map(table.groupby("method")["target_date"].nunique()))
    for name in ("skill", "skill_lower", "skill_upper"):
        by_method = dict(zip(skills["method"], skills[name], strict=True)) if len(skills) else {}
        scores[name] = scores["method"].map(by_method).astype("float64")
    scores["skill"] = scores["skill"].mask(scores["method"] == BASELINE, 0.0)
    return scores.sort_values("skill", ascending=False, kind="stable", na_position="last").reset_index(drop=True)


def _write(table: pd.DataFrame, evidence: Evidence, about: Mapping[str, Any]) -> tuple[Path, ...]:
    from smstock.models.methods import libraries

    name, inputs = evidence.spec.name, dict(evidence.inputs)
    if "audience" in inputs:
        inputs[f"audience {evidence.wave}"] = inputs.pop("audience")
    plain = table.assign(size_band=table["size_band"].astype("str"))
    manifest = results.Manifest(
        step="backtest",
        query=evidence.query,
        wave=evidence.wave,
        inputs=dict(sorted(inputs.items())),
        versions=versions({*TABLES, *STATISTICS, *libraries(table["method"].unique())}),
        about=about,
    )
    tables = {f"{name}.parquet": results.parquet(plain), f"{name}.csv": results.csv(plain)}
    return results.write(evidence.folder.backtest(f"{name}.manifest.json"), manifest, tables)
