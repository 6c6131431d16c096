"""Tables that the published models are fitted to: what breaks a rule is told before anything is computed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from smstock.errors import ContractError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

MOST_YEARS: Final = 60
"""Years of a fit, at most: its cost grows with their cube."""
ANY: Final = -np.inf
"""Bound of a number that need only be finite."""


def require_columns(table: pd.DataFrame, title: str, names: Iterable[str]) -> None:
    """Refuse a table that lacks a column.

    Examples
    --------
    >>> import pandas as pd
    >>> require_columns(pd.DataFrame({"mean": [1.0]}), "factors", ["mean", "sd"])
    Traceback (most recent call last):
    smstock.errors.ContractError: it lacks sd
      where:   the table factors
      allowed: mean, sd
    """
    names = list(names)
    if missing := [name for name in names if name not in table]:
        raise ContractError(f"it lacks {', '.join(missing)}", where=f"the table {title}", allowed=", ".join(names))


def require(
    table: pd.DataFrame, title: str, *, above: Mapping[str, float], least: Mapping[str, float], gaps: bool = False
) -> None:
    """Refuse a table without rows, and columns that are absent or hold anything but finite numbers within bounds.

    Parameters
    ----------
    table
        The table.
    title
        What it is called in messages.
    above, least
        Columns with a bound that their numbers lie above, and with one that they may also be.
    gaps
        Whether a number may be missing, and every row be.

    Raises
    ------
    ContractError
        It breaks a rule.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"mean": [1.0, 0.5], "sd": [0.1, None]}, index=["register", "audience"])
    >>> require(table, "factors", above={"mean": 0, "sd": 0}, least={})
    Traceback (most recent call last):
    smstock.errors.ContractError: sd is nan in the row 'audience'
      where:   the table factors
      allowed: sd: numbers above 0
      next:    mend the table, or leave such rows out
    """
    columns = [*above, *least]
    require_columns(table, title, columns)
    breaches = [] if gaps or len(table) else ["it is empty"]
    allowed = []
    for name in columns:
        bound = above.get(name, least.get(name, ANY))
        wrong = _outside(table[name].dropna() if gaps else table[name], bound, strict=name in above)
        if wrong is None:
            breaches.append(f"{name} holds text")
        elif len(wrong):
            breaches.append(f"{name} is {wrong.iloc[0]} in the row {wrong.index[0]!r}{_more(len(wrong))}")
        else:
            continue
        limits = "" if bound == ANY else f" above {bound:g}" if name in above else f", {bound:g} or more"
        allowed.append(f"{name}: {'' if limits else 'finite '}numbers{limits}")
    if breaches:
        raise ContractError(
            "; ".join(breaches),
            where=f"the table {title}",
            allowed="; ".join(allowed),
            hint="mend the table, or leave such rows out",
        )


def require_distinct(labels: pd.Index, title: str) -> None:
    """Refuse labels of which one occurs twice or is missing.

    Examples
    --------
    >>> import pandas as pd
    >>> require_distinct(pd.Index(["register", "audience", "register"]), "factors")
    Traceback (most recent call last):
    smstock.errors.ContractError: the label 'register' occurs more than once
      where:   the table factors
      next:    leave one of each
    """
    if len(twice := labels[labels.duplicated()]):
        raise ContractError(
            f"the label {twice[0]!r} occurs more than once", where=f"the table {title}", hint="leave one of each"
        )


def _outside(values: pd.Series, bound: float, *, strict: bool) -> pd.Series | None:
    """Return the values that are missing, infinite or out of bounds; None if they are no numbers."""
    if not pd.api.types.is_numeric_dtype(values) and len(values):
        return None
    numbers = values.to_numpy(dtype="float64", na_value=np.nan)
    within = np.isfinite(numbers) & ((numbers > bound) if strict else (numbers >= bound))
    outside: pd.Series = values[~within]
    return outside


def _more(count: int) -> str:
    return f" and {count - 1:,} more" if count > 1 else ""
