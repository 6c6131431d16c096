"""Stage 3: the age schedules that destinations and years share."""

from __future__ import annotations

import numpy as np
import pandas as pd

from smstock.errors import TooFewCellsError


def age_schedules(shares: pd.DataFrame, *, number: int = 2) -> pd.DataFrame:
    """Return the principal age schedules: right singular vectors of the log shares, the most common first.

    Nothing is subtracted before the decomposition, so that the first vector is the mean age schedule and its
    coefficient the level of a destination and year. The authors exchange the two by hand for one origin. The sign of a
    singular vector is arbitrary; here the sum of its elements is not negative.

    Parameters
    ----------
    shares
        Share of migrants in the population, above 0: a row a destination and year, a column an age. Rows with a
        missing or zero share are left out, as published.
    number
        How many schedules.

    Returns
    -------
    pandas.DataFrame
        A row an age, a column a schedule (1, 2, ...), each of length 1.

    Raises
    ------
    TooFewCellsError
        Fewer ages or complete rows than schedules.

    Examples
    --------
    >>> import pandas as pd
    >>> shares = pd.DataFrame({15: [0.01, 0.0001], 20: [0.1, 0.01], 25: [0.1, 0.01]})
    >>> age_schedules(shares, number=1)[1].round(3).tolist()
    [0.816, 0.408, 0.408]
    """
    complete = shares[(shares > 0).all(axis=1)]
    if min(complete.shape) < number:
        rows, ages = complete.shape
        raise TooFewCellsError(
            f"{number} schedules need {number} complete rows of {number} ages; there are {rows} of {ages}"
        )
    vectors = np.linalg.svd(np.log(complete.to_numpy(dtype=float)), full_matrices=False)[2][:number]
    signs = np.where(vectors.sum(axis=1) < 0, -1.0, 1.0)
    return pd.DataFrame((vectors * signs[:, None]).T, index=shares.columns, columns=range(1, number + 1))
