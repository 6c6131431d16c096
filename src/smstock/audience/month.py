"""A month of several waves: the mean of each audience, in which rounding and noise of single days cancel."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from smstock.tables import AUDIENCE
from smstock.vocabulary.dates import in_order, month_of_wave
from smstock.vocabulary.status import DEDUCED, FLOORED, OBSERVED

if TYPE_CHECKING:
    import pandas as pd

_ENDS: Final = ("value", "lower", "upper")


def by_month(audience: pd.DataFrame) -> pd.DataFrame:
    """Return an audience table whose waves are months: each cell is the geometric mean of its waves of a month.

    Parameters
    ----------
    audience
        Audience table of any number of waves, glitches taken out and on one scale (`smstock.audience.repair`).

    Notes
    -----
    The mean is geometric since errors of audiences are shares of them, and models work on logarithms; it uses all
    waves, where a median of a few rounded numbers is a rounded number again.

    ``lower`` and ``upper`` are the geometric means of the bounds: the mean of the true counts lies between them.
    A cell at the floor in some waves and shown in most of them counts there as the most it can be, and its lower bound
    is 0. One that is shown in half of the waves or fewer is at the floor, below the mean of the upper bounds. A wave
    without a number (a glitch, a failure) takes no part.

    Examples
    --------
    >>> import pandas as pd
    >>> cell = dict.fromkeys(AUDIENCE.names, "") | {"destination": "AUT", "origin": "SRB", "status": "observed"}
    >>> table = pd.DataFrame([
    ...     cell | {"wave": "2026-W45", "value": 1000.0, "lower": 950.0, "upper": 1050.0},
    ...     cell | {"wave": "2026-W46", "value": 1210.0, "lower": 1205.0, "upper": 1215.0},
    ...     cell | {"wave": "2026-W47", "value": None, "lower": None, "upper": None, "status": "glitch"}])
    >>> by_month(table)[["wave", "status", "value", "lower", "upper"]].round().values.tolist()
    [['2026-11', 'observed', 1100.0, 1070.0, 1129.0]]
    """
    place = {name: at for at, name in enumerate(in_order(audience["wave"]))}
    rows = audience.iloc[np.argsort(audience["wave"].map(place).to_numpy(), kind="stable")]
    rows = rows.assign(wave=rows["wave"].map(month_of_wave))
    cells = rows.groupby(list(AUDIENCE.key), sort=False, dropna=False).ngroup()
    means = rows[~cells.duplicated(keep="last")].copy()
    order = cells[~cells.duplicated(keep="last")].to_numpy()
    shown = ((rows["status"] == OBSERVED) & rows["value"].notna()).to_numpy()
    bounded = (rows["status"].isin([FLOORED, DEDUCED]) & rows["upper"].notna()).to_numpy()
    floored = (rows["status"] == FLOORED).to_numpy()
    waves_shown, waves_bounded, waves_floored = (
        np.bincount(cells[chosen], minlength=len(means))[order] for chosen in (shown, bounded, bounded & floored)
    )
    numbers = {name: rows[name].to_numpy("float64") for name in _ENDS}
    numbers["value"] = np.where(shown, numbers["value"], numbers["upper"])
    mean = {name: _geometric(numbers[name], cells.to_numpy(), shown | bounded)[order] for name in _ENDS}
    mostly_shown, counted = waves_shown > waves_bounded, waves_shown + waves_bounded > 0
    mean["value"] = np.where(mostly_shown, mean["value"], np.nan)
    for name in _ENDS:
        means[name] = np.where(counted, mean[name], means[name].to_numpy("float64"))
    at_floor = np.where(waves_floored > 0, FLOORED, DEDUCED)
    means["status"] = np.where(
        counted, np.where(mostly_shown, OBSERVED, at_floor), means["status"].to_numpy(dtype=object)
    )
    if "link_factor" in rows:
        every = np.ones(len(rows), dtype=bool)
        means["link_factor"] = _geometric(rows["link_factor"].to_numpy("float64"), cells.to_numpy(), every)[order]
        means["link_sd"] = rows["link_sd"].groupby(cells).mean().to_numpy()[order]
    return means.reset_index(drop=True)


def _geometric(numbers: np.ndarray, cells: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """Return the geometric mean of the chosen numbers by cell; 0 where one of them is, missing where none is chosen.

    It is rounded to a millionth, so that the mean of a single wave is its number.
    """
    size = int(cells.max(initial=-1)) + 1
    with np.errstate(divide="ignore", invalid="ignore"):
        sums = np.bincount(cells[chosen], weights=np.log(numbers[chosen]), minlength=size)
        means: np.ndarray = np.round(np.exp(sums / np.bincount(cells[chosen], minlength=size)), 6)
    return means
