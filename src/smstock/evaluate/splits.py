"""Splits that keep what belongs together on one side: no method is tested on a destination it was fitted on."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

MOST_FOLDS = 40
"""Above this many destinations they are left out in blocks."""


def by_destination(corridors: pd.DataFrame, rng: np.random.Generator) -> list[frozenset[str]]:
    """Return the destinations to hold out, one at a time; in blocks drawn with ``rng`` if there are more than 40.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> folds = by_destination(pd.DataFrame({"destination": ["AUT", "DEU", "AUT"]}), np.random.default_rng(1))
    >>> [sorted(fold) for fold in folds]
    [['AUT'], ['DEU']]
    """
    import numpy as np

    names = sorted(corridors["destination"].unique())
    if len(names) <= MOST_FOLDS:
        return [frozenset([name]) for name in names]
    shuffled = rng.permutation(np.array(names))
    return [frozenset(map(str, block)) for block in np.array_split(shuffled, MOST_FOLDS)]
