"""Official totals of destinations: corridors are moved together so that their sum comes near what is known of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from smstock.errors import ContractError

if TYPE_CHECKING:
    import pandas as pd

SPREAD: Final = 0.02
"""Error of an official total, as a logarithm, unless said otherwise."""
_TURNS: Final = 20
_ENOUGH: Final = 1e-9


def towards_totals(nowcasts: pd.DataFrame, totals: pd.DataFrame, *, spread: float = SPREAD) -> pd.DataFrame:
    """Return nowcasts moved towards the official totals of their destinations, each as far as it is uncertain.

    The total is one more measurement of the corridors of its destination, linear in persons: the most probable medians
    given both are found by Gauss and Newton. Corridors known well hardly move; the uncertain ones take up the
    difference. Standard deviations shrink accordingly; intervals keep their reach.

    Parameters
    ----------
    nowcasts
        Columns destination, median (persons), sd (of its logarithm) and lower_L, upper_L, as `nowcast` returns them.
    totals
        Columns destination and total (persons, above 0): of the same corridors together, at the same date.
    spread
        Error of a total, as a logarithm.

    Raises
    ------
    ContractError
        A destination has two totals, or one that is not above 0.

    Examples
    --------
    >>> import pandas as pd
    >>> known = pd.DataFrame({"destination": "AUT", "median": [1000.0, 1000.0], "sd": [0.01, 0.2]})
    >>> towards_totals(known, pd.DataFrame({"destination": ["AUT"], "total": [2200.0]}))["median"].round().tolist()
    [1000.0, 1193.0]
    """
    import numpy as np

    if totals["destination"].duplicated().any() or not (totals["total"] > 0).all():
        raise ContractError(
            "the totals name a destination twice, or a total that is not above 0", allowed="one total a destination"
        )
    moved = nowcasts.copy()
    known = dict(zip(totals["destination"], totals["total"], strict=True))
    for destination, rows in nowcasts[nowcasts["median"].notna()].groupby("destination"):
        if destination not in known:
            continue
        start, variance = np.log(rows["median"].to_numpy(dtype=float)), rows["sd"].to_numpy(dtype=float) ** 2
        level = start.copy()
        for _ in range(_TURNS):
            shares = np.exp(level) / np.exp(level).sum()
            surprise = np.log(known[destination]) - np.log(np.exp(level).sum()) + shares @ (level - start)
            step = variance * shares * surprise / (shares @ (variance * shares) + spread**2)
            done, level = np.abs(start + step - level).max() < _ENOUGH, start + step
            if done:
                break
        left = variance - (variance * shares) ** 2 / (shares @ (variance * shares) + spread**2)
        ratio = np.sqrt(left / variance)
        for end in (name for name in nowcasts.columns if name.startswith(("lower_", "upper_"))):
            reach = np.log(rows[end].to_numpy(dtype=float)) - start
            moved.loc[rows.index, end] = np.exp(level + reach * ratio)
        moved.loc[rows.index, "median"] = np.exp(level)
        moved.loc[rows.index, "sd"] = np.sqrt(left)
    return moved
