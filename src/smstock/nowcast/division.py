"""One corridor's estimate divided by sex and age, explained: what each group rests on, and why by this method."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from smstock.models.shares.audiences import filled, usual_audiences
from smstock.models.shares.compositions import GROUP, compositions, shares
from smstock.models.shares.log_ratio import LogRatioShares
from smstock.models.shares.rivals import CORRIDOR
from smstock.nowcast.schooling import as_learnt
from smstock.tables import LEVELS

if TYPE_CHECKING:
    from smstock.calibrate.shares import LearntShares
    from smstock.evaluate.shares import ShareScore
    from smstock.models.shares.compositions import Compositions

ENDS: Final = [f"{end}_{level}" for level in LEVELS for end in ("lower", "upper")]


@dataclass(frozen=True, eq=False)
class Division:
    """How the estimate of a corridor was divided.

    Attributes
    ----------
    method
        The method of shares.
    scores
        Errors of every method on destinations left out, the least first.
    of_groups
        Whether these are errors of groups of origins.
    official_basis, official_date
        Whose the newest official composition is, and its day: of the ``corridor``, of all origins at the
        ``destination``; empty: none.
    official_persons
        Persons of that composition; not a number where there is none.
    official_weight
        What the official composition of the corridor counts beside the one expected without it, from 0 to 1; not a
        number where the method does not weigh it.
    groups
        A row a group: sex, age_min, age_max, education; median, ends of its intervals and precision; share of the
        total; usual, the share usual of the origin; official (persons) and official_share; audience (missing below the
        floor) and audience_share, in which groups below the floor are filled by what is usual of the origin; users,
        population; corrected_share, of the audience over users per person; notes. Shares are among the groups that
        have one. Empty where nothing was divided.
    """

    method: str
    scores: tuple[ShareScore, ...]
    of_groups: bool = False
    official_basis: str = ""
    official_date: str = ""
    official_persons: float = float("nan")
    official_weight: float = float("nan")
    groups: pd.DataFrame = field(default_factory=pd.DataFrame)

    @property
    def by(self) -> str:
        """What it was divided by, in words."""
        if self.groups.empty:
            return "groups"
        return "education" if self.groups["education"].ne("").any() else "sex and age"


def division(
    destination: str, origin: str, *, detail: pd.DataFrame, groups: pd.DataFrame, learnt: LearntShares
) -> Division:
    """Return how the estimate of a corridor was divided.

    Parameters
    ----------
    destination, origin
        The corridor.
    detail
        Estimates of groups (`smstock.nowcast.detail`).
    groups
        Groups table of the wave.
    learnt
        The method of shares.

    Examples
    --------
    >>> from smstock.calibrate.shares import LearntShares
    >>> pair = {"destination": "AUT", "origin": "SRB", "age_min": [18, 45], "age_max": [44, None]}
    >>> accounts = {"audience": [60.0, 40.0], "audience_upper": [60.0, 40.0], "users": [600.0, 200.0]}
    >>> official = {"official": [30.0, 70.0], "official_basis": "corridor", "official_date": "2019-01-01"}
    >>> labels = {"sex": "all", "education": "", "population": 1000.0, "stock": None}
    >>> texts = dict.fromkeys(["education", "precision", "notes"], "")
    >>> detail = pd.DataFrame(pair | texts | {"sex": "all", "median": [300.0, 700.0]})
    >>> kept = LearntShares("official_shares", {"usual": {"": (0.5, 0.5)}}, (), ())
    >>> made = division("AUT", "SRB", groups=pd.DataFrame(pair | accounts | official | labels), learnt=kept,
    ...     detail=detail.assign(**dict.fromkeys(ENDS, 1.0)))
    >>> names = ["share", "usual", "official_share", "audience_share", "corrected_share"]
    >>> made.official_basis, made.groups[names].round(2).values.tolist()
    ('corridor', [[0.3, 0.5, 0.3, 0.6, 0.33], [0.7, 0.5, 0.7, 0.4, 0.67]])
    """
    rows = detail[(detail["destination"] == destination) & (detail["origin"] == origin)].reset_index(drop=True)
    if rows.empty:
        return Division(learnt.method, learnt.scores, learnt.of_groups)
    every = compositions(groups)
    of = every.taken((every.destination == destination) & (every.origin == origin))
    known = as_learnt(of, groups, learnt)
    learnt = learnt.telling(known)
    asked = of.asked
    accounts = np.full(len(of.groups), np.nan)
    accounts[asked] = filled(of, usual_audiences(every))[0]
    users, population = of.users[0], of.population[0]
    with np.errstate(divide="ignore", invalid="ignore"):
        corrected = accounts * population / users
    numbers = {
        "usual": _usual(learnt, str(known.origin[0]), len(of.groups)),
        "official": of.official[0],
        "audience": of.audience[0],
        "audience_share": accounts,
        "users": users,
        "population": population,
        "corrected_share": corrected,
    }
    listed = pd.DataFrame(_by_label(rows, of, numbers))
    for name in ("audience_share", "corrected_share"):
        listed[name] = listed[name] / listed[name].sum()
    listed["official_share"] = shares(listed["official"].to_numpy(dtype=float)[None, :])[0]
    listed["share"] = rows["median"] / rows["median"].sum()
    own = groups[(groups["destination"] == destination) & (groups["origin"] == origin)]
    dated = own[own["official"].notna()]
    return Division(
        learnt.method,
        learnt.scores,
        learnt.of_groups,
        official_basis=str(dated["official_basis"].iloc[0]) if len(dated) else "",
        official_date=str(dated["official_date"].iloc[0]) if len(dated) else "",
        official_persons=float(np.sum(of.official)),
        official_weight=_weight(learnt, known),
        groups=pd.concat([rows[[*GROUP, "median", *ENDS, "precision", "notes"]], listed], axis=1),
    )


def _usual(learnt: LearntShares, origin: str, count: int) -> np.ndarray:
    """Return the shares usual of an origin over the destinations learnt from, or of all origins."""
    usual = learnt.parameters.get("usual", {})
    values = np.array(usual.get(origin, usual.get("", (np.nan,) * count)), dtype=float)
    return np.exp(values) if learnt.method == LogRatioShares.name else values


def _weight(learnt: LearntShares, of: Compositions) -> float:
    """Return what the official composition of the corridor counts, of 1."""
    method = learnt.fitted()
    if not isinstance(method, LogRatioShares) or method.official_learnt or of.basis[0] != CORRIDOR:
        return float("nan")
    observed, worth = float(np.sum(of.official)) / method.spread.counting, 1 / method.spread.shift
    return observed / (worth + observed)


def _by_label(rows: pd.DataFrame, of: Compositions, numbers: dict[str, np.ndarray]) -> dict[str, list[float]]:
    """Return the sums of numbers over the groups of each row, which is of one sex or of both; missing where one is."""
    upper = rows["age_max"].astype("Float64").fillna(np.inf).to_numpy(dtype=float)
    labels = list(zip(rows["sex"], rows["age_min"], upper, rows["education"], strict=True))
    groups = [(sex, (low, np.inf if high is None else high, school)) for sex, low, high, school in of.groups]
    inside = [
        np.array([sex in {"all", own} and tuple(of_age) == ages for own, ages in groups]) for sex, *of_age in labels
    ]
    return {name: [float(values[of_label].sum()) for of_label in inside] for name, values in numbers.items()}
