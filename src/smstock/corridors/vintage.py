"""A vintage: what was known on a day, and all that a method may use to estimate stocks from that day."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Vintage:
    """What was known at a cutoff about the stocks of a target date; `Method.estimate` estimates from it.

    A method that reads the columns of corridors needs ``past`` and ``corridors`` only: it is fitted on the one and
    predicts the other. A method of whole series overrides `Method.estimate` and reads ``official`` and ``audiences``.

    Attributes
    ----------
    cutoff
        The day on which the estimate could have been made (ISO).
    target_date
        The day whose stocks are estimated (ISO); it may lie before the cutoff, as official figures are late.
    corridors
        Corridor table of the target date, totals of both sexes, one row a corridor; ``stock`` is missing throughout.
    past
        The same for earlier target dates, each as it stood equally long after its own date, with the ``stock`` that
        was published by the cutoff; a further column ``target_date`` tells them apart. May be empty.
    official
        Stock table of every figure published by the cutoff, all providers.
    audiences
        Audience table of every answer given by the cutoff: all waves and metrics.
    """

    cutoff: str
    target_date: str
    corridors: pd.DataFrame
    past: pd.DataFrame
    official: pd.DataFrame
    audiences: pd.DataFrame
