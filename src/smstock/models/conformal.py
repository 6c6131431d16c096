"""Conformal intervals: as wide as the errors on corridors that were not used in the fit.

Split conformal prediction (Papadopoulos et al. 2002; Lei et al. 2018, doi 10.1080/01621459.2017.1307116) on the
absolute log error: the interval of level L around a median m is ``[m / e^q, m e^q]`` with q the ceil((n+1)L)-th
smallest of n errors. It covers at least L of new corridors that are exchangeable with those.
"""

from __future__ import annotations

from math import ceil, inf
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


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
