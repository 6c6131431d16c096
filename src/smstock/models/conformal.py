"""Conformal intervals: as wide as the errors on corridors that were not used in the fit.

Split conformal prediction (Papadopoulos et al. 2002; Lei et al. 2018, doi 10.1080/01621459.2017.1307116) on the
absolute log error: the interval of level L around a median m is ``[m / e^q, m e^q]`` with q the ceil((n+1)L)-th
smallest of n errors. It covers at least L of new corridors that are exchangeable with those.

Small corridors are known worse than large ones, so the errors of each size band of the estimate are taken by
themselves (Mondrian conformal prediction: Vovk, Lindsay, Nouretdinov and Gammerman 2003, group-conditional). In a band
with few cells the half width is drawn towards that of all cells: ``(n q_band + 10 q_all) / (n + 10)``.
"""

from __future__ import annotations

from math import ceil, inf, isfinite
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

POOLED: Final = "all"
"""Band of the half width that all cells give together."""
BANDS: Final = {"<1,000": 0.0, "1,000-9,999": 1_000.0, ">=10,000": 10_000.0}
"""Size bands of an estimate by their lower end, in persons."""
SHRINK: Final = 10
"""Cells that the pooled half width counts for beside those of a band."""


def half_width(log_errors: np.ndarray, level: int) -> float:
    """Return q, the half width of the interval of ``level`` percent on the log scale; inf if the errors are too few.

    Examples
    --------
    >>> import numpy as np
    >>> errors = np.array([0.1, -0.2, 0.3, -0.4])
    >>> half_width(errors, 50), half_width(errors, 80), half_width(errors, 95)
    (0.3, 0.4, inf)
    """
    import numpy as np

    sizes = np.sort(np.abs(log_errors[np.isfinite(log_errors)]))
    rank = ceil((len(sizes) + 1) * level / 100 - 1e-9)
    return float(sizes[rank - 1]) if rank <= len(sizes) else inf


def band(persons: np.ndarray) -> np.ndarray:
    """Return the size band of estimates; a missing one is in the pooled band.

    Examples
    --------
    >>> import numpy as np
    >>> band(np.array([12.0, 5000.0, 1e6, np.nan])).tolist()
    ['<1,000', '1,000-9,999', '>=10,000', 'all']
    """
    import numpy as np

    persons = np.asarray(persons, dtype=float)
    names = np.array([*BANDS, POOLED], dtype=object)
    place = np.searchsorted(list(BANDS.values()), persons, side="right") - 1
    found: np.ndarray = names[np.where(np.isnan(persons), len(BANDS), place)]
    return found


def half_widths(log_errors: np.ndarray, persons: np.ndarray, level: int) -> dict[str, float]:
    """Return the half width of each size band and, as ``all``, that of the whole; inf where the errors are too few.

    Parameters
    ----------
    log_errors
        Errors of estimates that have not seen their stock (natural logarithms).
    persons
        The estimates.
    level
        Level of the interval in percent.

    Examples
    --------
    >>> import numpy as np
    >>> persons = np.repeat([100.0, 50_000.0], 100)
    >>> errors = np.concatenate([np.linspace(-1, 1, 100), np.linspace(-0.1, 0.1, 100)])
    >>> {name: round(width, 2) for name, width in half_widths(errors, persons, 80).items()}
    {'all': 0.62, '<1,000': 0.8, '>=10,000': 0.13}
    """
    pooled = half_width(log_errors, level)
    widths = {POOLED: pooled}
    bands = band(persons)
    for name in BANDS:
        errors = log_errors[bands == name]
        own = half_width(errors, level)
        if len(errors) and isfinite(own):
            widths[name] = (len(errors) * own + SHRINK * pooled) / (len(errors) + SHRINK)
    return widths


def interval(median: pd.Series, width: pd.Series | float) -> tuple[pd.Series, pd.Series]:
    """Return lower and upper end around a median (persons); both missing where the width is infinite.

    Examples
    --------
    >>> import pandas as pd
    >>> [end.round(1).tolist() for end in interval(pd.Series([100.0]), 0.693147)]
    [[50.0], [200.0]]
    """
    import numpy as np
    import pandas as pd

    widths = pd.Series(width, index=median.index, dtype="float64").replace(inf, float("nan"))
    return median / np.exp(widths), median * np.exp(widths)
