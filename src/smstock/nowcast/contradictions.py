"""An estimate beside the official figures of its corridor and the audience: which of them cannot all be right.

The factors were read off two sources, stocks of 1,000 persons or more. In UN DESA's stocks by destination and origin
(edition 2020) the most over five years was 509 times (Syrians in Türkiye), and one corridor of 1,000 grew to more than
87 times. In Eurostat's stocks by citizenship (2015 to 2024) the most over one year was 13 times (Ukrainians in Ireland,
2023); what is beyond are labels that changed places, as of the two Congos in Denmark.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from math import inf
from typing import TYPE_CHECKING, Final

import numpy as np
import pandas as pd

from smstock.tables import CORRIDOR_SEX_KEY
from smstock.vocabulary import status
from smstock.vocabulary.counts import multiple
from smstock.vocabulary.dates import years_between

if TYPE_CHECKING:
    from collections.abc import Callable

    from smstock.calibrate.calibration import Calibration

CHANGE: Final = 4.0
"""Most that an estimate may lie above or below a last official figure of today, a factor ..."""
CHANGE_A_YEAR: Final = 1.2
"""... and by how much that factor grows for each year of the figure's age: 10 after five years."""
LEAP: Final = 30.0
"""Most that an official figure may lie above or below the one before it."""
LEAP_BORNE_OUT: Final = 25.0
"""Most that it may where the audience bears it out, times the square of the years between: 625 over five years."""
SUDDEN: Final = 15.0
"""Most that an official figure may lie above or below that of the year before without doubt; 1.2 times more for each
further year."""
CONFLICT: Final = 100.0
"""Most that the audience alone may say above or below the last official figure: beyond it one of both is wrong."""
DOUBT: Final = {True: 50.0, False: 6.0}
"""Most that the audience may say above or below a last figure without doubt: if an earlier figure bears it out, and
else."""
AGREES: Final = 4.0
"""Within this factor an audience bears a figure out ..."""
NEAR: Final = 10.0
"""... and within this one an earlier figure."""
YEARS_BACK: Final = 12.0
"""Years before the last figure whose leaps count: a compilation every five years gives two of them."""
LEAST: Final = 1_000.0
"""Fewer persons than that may change by any factor ..."""
LEAST_DOUBTED: Final = 500.0
"""... and fewer than that without doubt."""


@dataclass(frozen=True)
class Contradictions:
    """What official figures and audience say against each estimate; a text a row, empty where they say nothing.

    Parameters
    ----------
    held
        Why the estimate cannot be right.
    doubted
        What else speaks against its figures.
    unchecked
        That nothing speaks for or against the last figure.
    """

    held: pd.Series
    doubted: pd.Series
    unchecked: pd.Series


def contradictions(rows: pd.DataFrame, calibration: Calibration, stock: pd.DataFrame) -> Contradictions:
    """Return what official figures and audience say against each estimate.

    Parameters
    ----------
    rows
        Estimates, with ``alone``, what the audience alone says (persons), and ``base``, ``horizon`` and ``lag``.
    calibration
        Says which methods read the audience.
    stock
        Stock table that the last official figures are from, earlier ones too.

    Examples
    --------
    >>> from smstock.calibrate.calibration import Calibration
    >>> from smstock.tables import STOCK
    >>> calibration = Calibration(name="c", query="q", wave="2020-10", provider="undesa", edition="2020",
    ...     concepts=("birth",), target_date="2020-07-01", inputs={}, versions={}, seed=1)
    >>> row = {"destination": "AUT", "origin": "SRB", "sex": "all", "median": 9e5, "base": "carry_forward", "lag": 0.3,
    ...     "official_last": 1e5, "official_last_date": "2020-07-01", "alone": None, "audience_status": "not_asked"}
    >>> against = contradictions(pd.DataFrame([row]), calibration, pd.DataFrame(columns=STOCK.names))
    >>> against.held[0], against.doubted[0]
    ('9 times the official figure of 2020-07-01 (100,000), beyond a factor of 4.22', '')
    >>> against.unchecked[0]
    'the official figure stands alone: no other figure and no audience checks it'
    """
    beside = _beside(rows, stock)
    reads = frozenset(name for name, method in calibration.methods.items() if method.reads_audience())
    return Contradictions(
        held=_judged(rows, beside, partial(_contradiction, reads=reads)),
        doubted=_judged(rows, beside, _doubt),
        unchecked=_judged(rows, beside, _unchecked),
    )


def _judged(rows: pd.DataFrame, beside: list[_Beside], judge: Callable[[_Beside], str]) -> pd.Series:
    return pd.Series([judge(estimate) for estimate in beside], index=rows.index, dtype="str")


@dataclass(frozen=True)
class Step:
    """Two official figures of a corridor, one after the other (persons), and their dates."""

    earlier: float
    earlier_date: str
    later: float
    later_date: str

    @property
    def years(self) -> float:
        """Years between the two, one at least."""
        return max(years_between(self.earlier_date, self.later_date), 1.0) if self.earlier_date else 1.0

    @property
    def apart(self) -> float:
        """The factor between the two."""
        return _apart(self.later, self.earlier)

    @property
    def text(self) -> str:
        """The step in words."""
        return (
            f"the official figure of {self.later_date} ({self.later:,.0f}) is {_times(self.later, self.earlier)} "
            f"that of {self.earlier_date} ({self.earlier:,.0f})"
        )


@dataclass(frozen=True)
class _Beside:
    """An estimate beside the official figures of its corridor and what the audience alone says, all in persons."""

    median: float
    base: str
    lag: float
    last: float
    last_date: str
    earlier: float
    earlier_date: str
    alone: float
    at_floor: bool
    leap: Step | None

    @property
    def heard(self) -> float:
        """How far the audience lies from the last figure, a factor; 1 where it says nothing."""
        # at the floor the audience is an upper end: it can only say that a figure is too large
        speaks = not self.at_floor or self.alone < self.last
        apart = _apart(self.alone, self.last) if speaks else 1.0
        return 1.0 if np.isnan(apart) else apart

    @property
    def agreeing(self) -> bool:
        """Whether an audience above the floor bears the last figure out."""
        return self.alone > 0 and not self.at_floor and self.heard <= AGREES

    @property
    def of_audience(self) -> str:
        """What the audience says of the last figure, in words."""
        least = "fewer than " if self.at_floor else ""
        if self.last <= 0:
            return f"the audience alone says {least}{self.alone:,.0f}, and the official figure of {self.last_date} is 0"
        times = _times(self.alone, self.last)
        return f"the audience alone says {least}{times} the official figure of {self.last_date} ({self.last:,.0f})"

    @property
    def borne_out(self) -> bool:
        """Whether an earlier figure bears the last one out."""
        return _apart(self.last, self.earlier) <= NEAR

    @property
    def last_step(self) -> Step:
        """The step to the last figure."""
        return Step(self.earlier, self.earlier_date, self.last, self.last_date)


def _beside(rows: pd.DataFrame, stock: pd.DataFrame) -> list[_Beside]:
    """Return each estimate beside figures and audience."""
    steps = _steps(rows, stock)
    before = steps.drop_duplicates("place", keep="last").set_index("place").reindex(rows.index)
    leaps = steps[steps["later_date"] < steps["last_date"]].sort_values("apart").drop_duplicates("place", keep="last")
    furthest = {
        place: Step(*step)
        for place, *step in zip(
            *(leaps[name] for name in ("place", "earlier", "earlier_date", "later", "later_date")), strict=True
        )
    }
    numbers = zip(
        rows["median"].astype("float64"),
        rows["base"],
        rows["lag"].astype("float64").fillna(0.0).clip(lower=0.0),
        rows["official_last"].astype("float64"),
        rows["official_last_date"],
        before["earlier"].astype("float64"),
        before["earlier_date"].fillna(""),
        rows["alone"].astype("float64"),
        rows["audience_status"].isin([status.FLOORED, status.DEDUCED]),
        map(furthest.get, rows.index),
        strict=True,
    )
    return [_Beside(*row) for row in numbers]


def _steps(rows: pd.DataFrame, stock: pd.DataFrame) -> pd.DataFrame:
    """Return the steps of each row's official series up to its last figure, in order of time.

    The first step of each row may lie before `YEARS_BACK`; the one to the last figure is always there.
    """
    figures = stock.loc[stock["value"].notna(), [*CORRIDOR_SEX_KEY, "reference_date", "value"]]
    dated = rows[[*CORRIDOR_SEX_KEY, "official_last_date", "official_last"]].assign(place=rows.index)
    series = dated.merge(figures, on=CORRIDOR_SEX_KEY)
    series = series[series["reference_date"] < series["official_last_date"]]
    last = dated[dated["official_last_date"] != ""].assign(
        reference_date=lambda frame: frame["official_last_date"], value=lambda frame: frame["official_last"]
    )
    series = pd.concat([series, last], ignore_index=True).sort_values(["place", "reference_date"], kind="stable")
    series = series.astype({"value": "float64"})
    earlier = series.groupby("place")[["value", "reference_date"]].shift()
    steps = pd.DataFrame(
        {
            "place": series["place"],
            "earlier": earlier["value"],
            "earlier_date": earlier["reference_date"],
            "later": series["value"],
            "later_date": series["reference_date"],
            "last_date": series["official_last_date"],
        }
    ).dropna(subset=["earlier"])
    apart = [_apart(later, earlier) for later, earlier in zip(steps["later"], steps["earlier"], strict=True)]
    age = pd.to_datetime(steps["last_date"]) - pd.to_datetime(steps["later_date"])
    recent = age.dt.days <= 365.25 * YEARS_BACK
    counts = steps[["earlier", "later"]].max(axis=1) >= LEAST
    return steps.assign(apart=apart)[age.dt.days.eq(0) | (recent & counts)]


def _contradiction(estimate: _Beside, *, reads: frozenset[str]) -> str:
    """Say where an estimate, its last official figure, the one before and the audience cannot all be right."""
    last = estimate.last
    if not (estimate.median >= 0 and last > 0):
        return ""
    if last < 1:
        return f"the official figure of {estimate.last_date} ({last:g}) is less than one person"
    if not any(number >= LEAST for number in (estimate.median, last, estimate.earlier, estimate.alone)):
        return ""
    contradictions = []
    allowed = CHANGE * CHANGE_A_YEAR**estimate.lag
    if _apart(estimate.median, last) > allowed:
        contradictions.append(
            f"{_times(estimate.median, last)} the official figure of {estimate.last_date} ({last:,.0f}), beyond a "
            f"factor of {allowed:.3g}"
        )
    if estimate.heard > CONFLICT and (estimate.base in reads or not estimate.borne_out):
        contradictions.append(estimate.of_audience)
    step = estimate.last_step
    most = LEAP * CHANGE_A_YEAR ** max(step.years - 5, 0.0)
    if step.apart > (max(most, LEAP_BORNE_OUT * step.years**2) if estimate.agreeing else most):
        contradictions.append(step.text)
    return " and ".join(contradictions)


def _doubt(estimate: _Beside) -> str:
    """Say what speaks against official figures, though they are possible."""
    numbers = (estimate.median, estimate.last, estimate.earlier, estimate.alone)
    if not any(number >= LEAST_DOUBTED for number in numbers):
        return ""
    doubts = []
    if estimate.heard > DOUBT[estimate.borne_out]:
        doubts.append(estimate.of_audience)
    if not estimate.agreeing:
        steps = filter(None, (estimate.last_step, estimate.leap))
        doubts += [step.text for step in steps if step.apart > SUDDEN * CHANGE_A_YEAR ** (step.years - 1)]
    return " and ".join(doubts)


def _unchecked(estimate: _Beside) -> str:
    """Say that an official figure stands alone."""
    observed = estimate.alone > 0 and not estimate.at_floor
    if not estimate.last > 0 or estimate.earlier >= 0 or observed or estimate.heard > DOUBT[False]:
        return ""
    none = "an audience below the floor does not check it" if estimate.at_floor else "no audience checks it"
    return f"the official figure stands alone: no other figure and {none}"


def _apart(number: float, other: float) -> float:
    """Return the factor between two numbers, 1 or more; not a number where one is missing."""
    if number > 0 and other > 0:
        return max(number / other, other / number)
    return inf if (number == 0 and other >= LEAST) or (other == 0 and number >= LEAST) else float("nan")


def _times(number: float, other: float) -> str:
    return f"{multiple(number / other)} times" if other > 0 else "far from"
