"""Errors that corridors have in common: a destination's register, or an origin's label, errs for all of them at once.

The standardized log error of a corridor (`smstock.models.quantiles.normal_scores`) is taken apart as::

    z = sqrt(g) w + sqrt(d) u(destination) + sqrt(o) v(origin) + sqrt(1 - g - d - o) e      w, u, v, e ~ Normal(0, 1)

g, d and o are shares of its variance: what all corridors of a wave have in common, those of a destination, those of an
origin. The sum over a destination of n like corridors then errs with a variance of g + d + (1 - g - d) / n of theirs,
which no number of corridors makes small.

Shares follow from products of pairs (the method of moments for crossed random effects: Searle, Casella and McCulloch
1992, Variance Components, chapter 5): two corridors that have neither end in common have a product of mean g, two of
one destination g + d, two of one origin g + o.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from smstock.errors import UsageError
from smstock.tables import CORRIDOR_KEY


@dataclass(frozen=True)
class CommonError:
    """Shares of the variance of log errors that corridors have in common: all of them, a destination's, an origin's.

    Parameters
    ----------
    everywhere, destination, origin
        0 or more, together at most 1.

    Raises
    ------
    UsageError
        A share outside these bounds.

    Examples
    --------
    >>> CommonError(everywhere=0.25, destination=0.5).own
    0.25
    """

    everywhere: float = 0.0
    destination: float = 0.0
    origin: float = 0.0

    def __post_init__(self) -> None:
        shares = (self.everywhere, self.destination, self.origin)
        if not (min(shares) >= 0 and sum(shares) <= 1 + 1e-9):
            raise UsageError(
                f"shares of common error are {self.everywhere} (everywhere), {self.destination} (destination)"
                f" and {self.origin} (origin)",
                allowed="0 or more each, together at most 1",
            )

    @property
    def own(self) -> float:
        """The share that is the corridor's own."""
        return max(1 - self.everywhere - self.destination - self.origin, 0.0)


def learn(scores: np.ndarray, destinations: pd.Series, origins: pd.Series) -> CommonError:
    """Return the shares of common error in standardized errors of corridors that no fit has seen.

    The mean product with others is taken for each corridor first (with its mates in the destination, with those in the
    origin, with those in neither), then over corridors, and divided by the mean square of all. A share below 0 is 0;
    shares that exceed 1 together are scaled to 1. Without pairs of a kind its share is 0: nothing was learnt.

    What all corridors have in common shows once a wave, so ``everywhere`` is as uncertain as one draw of it.

    Parameters
    ----------
    scores
        Standardized errors; missing ones are left aside.
    destinations, origins
        Both ends of each corridor, in the same order; each pair once.

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> ends = pd.DataFrame([("AUT", "SRB"), ("AUT", "POL"), ("DEU", "SRB"), ("DEU", "POL")])
    >>> learn(np.array([2.0, 1.0, -1.0, -2.0]), ends[0], ends[1])
    CommonError(everywhere=0.0, destination=0.8, origin=0.0)
    """
    known = ~np.isnan(scores)
    table = pd.DataFrame({"score": scores, "destination": np.asarray(destinations), "origin": np.asarray(origins)})
    table = table[known].reset_index(drop=True)
    score = table["score"]
    square = float(np.square(score).mean()) if len(score) else 0.0
    if square == 0:
        return CommonError()
    mates = {end: _mates(table, end) for end in CORRIDOR_KEY}
    strangers, of_strangers = len(score) - 1 - score * 0, score.sum() - score
    for total, number in mates.values():
        strangers, of_strangers = strangers - number, of_strangers - total
    everywhere = max(_mean_product(score, of_strangers, strangers) / square, 0.0)
    shares = {"everywhere": everywhere}
    for end, (total, number) in mates.items():
        shares[end] = max(_mean_product(score, total, number) / square - everywhere, 0.0)
    together = max(sum(shares.values()), 1.0)
    return CommonError(**{name: share / together for name, share in shares.items()})


def _mates(table: pd.DataFrame, end: str) -> tuple[pd.Series, pd.Series]:
    """Return the sum of the scores of each corridor's mates at one end, and their number."""
    members = table.groupby(end)["score"]
    return members.transform("sum") - table["score"], members.transform("size") - 1


def _mean_product(score: pd.Series, total: pd.Series, number: pd.Series) -> float:
    """Return the mean over corridors of their score times the mean score of others; 0 where there are no others."""
    some = number > 0
    return float((score[some] * total[some] / number[some]).mean()) if some.any() else 0.0
