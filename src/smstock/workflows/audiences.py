"""Audiences of a wave as the models see them: with the earlier waves of the query, repaired."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from smstock.errors import InputError
from smstock.tables import CORRIDOR_KEY
from smstock.vocabulary.dates import month_of_wave
from smstock.workflows.months import waves_before, waves_in
from smstock.workflows.waves import origin_basis, read_answers, read_waves

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from smstock.audience.beside import Beside
    from smstock.audience.repair import Repair
    from smstock.evaluate.archive import Archive
    from smstock.folder import Folder


@dataclass(frozen=True, eq=False)
class Audiences:
    """Audiences of a wave, and what its earlier waves add.

    Parameters
    ----------
    answers
        Audience table of the wave, every metric and breakdown, glitches marked.
    audience
        The same, of the metric of the corridors.
    waves
        Audience table of every wave up to it, on its scale, of that metric; None if it is the first.
    repair
        What was repaired; None if it is the first wave.
    """

    answers: pd.DataFrame
    audience: pd.DataFrame
    waves: pd.DataFrame | None
    repair: Repair | None

    def series(self, stock: pd.DataFrame, metric: str) -> Archive:
        """Return official figures and audiences over time, of the corridors that the wave asked for."""
        from smstock.evaluate.archive import Archive

        asked = self.audience[CORRIDOR_KEY].drop_duplicates()
        waves = self.audience if self.waves is None else self.waves
        return Archive(official=stock.merge(asked), audiences=waves, metric=metric)


def audiences(workspace: Folder, query: str, wave: str, metric: str, parts: Sequence[str] = ()) -> Audiences:
    """Return the audiences of a wave; those of a query's first wave are as they were collected.

    A month of weeks or days is repaired wave by wave, then averaged (`smstock.audience.month.by_month`), and so are the
    months before it.

    Later waves are never looked at, so that the estimates of a wave stay what they were. An earlier wave whose file
    cannot be used is left aside.

    Parameters
    ----------
    workspace, query, wave, metric
        Where the waves lie, whose they are, which one, and the metric of the corridors.
    parts
        The collected waves that it is made of; itself unless given.

    Raises
    ------
    InputError
        The wave was not collected, holds no such metric, or a file is damaged.
    """
    parts = list(parts or [wave])
    averaged = parts != [wave]
    answers = read_answers(workspace, query, parts[-1], with_metric=metric)
    several = parts[1:] or waves_before(workspace, query, wave)
    waves = read_waves(workspace, query, until=wave, parts=parts) if several else answers
    if waves["wave"].nunique() < 2:
        answers = _averaged(answers) if averaged else answers
        return Audiences(answers, _of(metric, answers), None, None)
    from smstock.audience.repair import repair

    repaired_waves = repair(waves)
    if averaged:
        repaired_waves = _of_months(repaired_waves)
    answers = repaired_waves.shown[repaired_waves.shown["wave"] == wave].reset_index(drop=True)
    before = _of(metric, repaired_waves.chained) if len(repaired_waves.shown["wave"].unique()) > 1 else None
    return Audiences(answers, _of(metric, answers), before, repaired_waves)


def _averaged(audience: pd.DataFrame) -> pd.DataFrame:
    from smstock.audience.month import by_month

    return by_month(audience)


def _of_months(repaired: Repair) -> Repair:
    """Return a repair whose waves are months: the means of its waves, all on the scale of the newest."""
    from smstock.audience.repair import Repair

    chained = _averaged(repaired.chained)
    glitches, breaks = (
        table.assign(wave=table["wave"].map(month_of_wave)) for table in (repaired.glitches, repaired.breaks)
    )
    return Repair(chained[repaired.shown.columns], chained, glitches, breaks)


def _of(metric: str, audience: pd.DataFrame) -> pd.DataFrame:
    return audience[audience["metric"] == metric].reset_index(drop=True)


def repaired(workspace: Folder, query: str, wave: str) -> Repair:
    """Return the repair of the waves of a query up to one, all metrics.

    Raises
    ------
    InputError
        The wave was not collected, or it is the only one: glitches and breaks show against other waves.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.folder import Folder
    >>> nowhere = Folder(Path("nowhere"), Path("nowhere"))
    >>> repaired(nowhere, "q", "2026-11")
    Traceback (most recent call last):
    smstock.errors.InputError: q was not collected in 2026-11
      where:   nowhere/waves
      allowed: waves at hand: none
      next:    collect it first
    """
    from smstock.audience.repair import repair

    waves = read_waves(workspace, query, until=wave, parts=waves_in(workspace, query, wave))
    if waves["wave"].nunique() < 2:
        raise InputError(
            f"{query} has no wave before {wave}",
            allowed="two waves or more: glitches and breaks are told by comparing waves",
            hint="collect another wave",
        )
    return repair(waves)


def side_by_side(workspace: Folder, query: str, other: str, wave: str, metric: str) -> Beside:
    """Return how the audiences of two queries compare over the waves that both have, up to one.

    Raises
    ------
    InputError
        One was not collected up to that wave, or they have no corridor in common that both show a number of.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.folder import Folder
    >>> side_by_side(Folder(Path("nowhere"), Path("nowhere")), "q", "p", "2026-11", "mau")
    Traceback (most recent call last):
    smstock.errors.InputError: q was not collected in 2026-11
      where:   nowhere/waves
      allowed: waves at hand: none
      next:    collect it first
    """
    from smstock.audience.beside import SAME, Beside, beside

    one, another = (
        _of(metric, _without_glitches(read_waves(workspace, name, until=wave, parts=waves_in(workspace, name, wave))))
        for name in (query, other)
    )
    table = beside(one, another)
    if table["corridors"].iloc[-1] == 0:
        raise InputError(
            f"{query} and {other} have no corridor in common that both show a number of",
            allowed=f"cells of the same {', '.join(SAME)}",
            hint="ask both for the same origins, destinations, ages and placements, in the same waves",
        )
    return Beside((query, other), (origin_basis(one), origin_basis(another)), metric, table)


def _without_glitches(waves: pd.DataFrame) -> pd.DataFrame:
    """Return waves without what is a glitch beside other waves; one alone as it was collected."""
    from smstock.audience.repair import repair

    return waves if waves["wave"].nunique() < 2 else repair(waves).shown
