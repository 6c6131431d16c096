"""All that is known when a wave is estimated: its audiences, and the official figures up to its day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from smstock.vocabulary.dates import middle_of_wave
from smstock.workflows.audiences import Audiences, audiences
from smstock.workflows.inputs import of_all_ages, read_denominators, read_figures, read_internet, read_stock

if TYPE_CHECKING:
    import pandas as pd

    from smstock.folder import Folder
    from smstock.workflows.calibration_spec import CalibrationSpec


@dataclass(frozen=True, eq=False)
class Known:
    """What is known when a wave is estimated.

    Parameters
    ----------
    date
        The day that is estimated, the middle of the wave (ISO).
    stock
        Official figures up to that day.
    seen
        Audiences, repaired by earlier waves.
    corridors
        Corridor table, one row a corridor and sex.
    """

    date: str
    stock: pd.DataFrame
    seen: Audiences
    corridors: pd.DataFrame


def known(spec: CalibrationSpec, workspace: Folder, *, query: str, wave: str) -> Known:
    """Return what is known of the corridors of a collected wave in the middle of its month."""
    from smstock.models.corridors import corridors

    date = middle_of_wave(wave)
    users, population = read_denominators(spec)
    figures = read_figures(spec)
    stock = read_stock(spec, until=date, figures=figures)
    stock = stock[stock["reference_date"] <= date].reset_index(drop=True)
    seen = audiences(workspace, query, wave, spec.metric)
    table = corridors(
        seen.answers,
        stock,
        target_date=date,
        known_until=date,
        benchmark=False,
        metric=spec.metric,
        figures=of_all_ages(figures),
        users=users,
        population=population,
        internet=read_internet(spec, until=date),
        waves=seen.waves,
    )
    return Known(date, stock, seen, table)
