"""One corridor explained: what each source said, what each method made of it, what the estimate hangs on."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import isfinite, isnan, log
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pandas as pd

from smstock.audience.gender_gap import sex_ratios
from smstock.calibrate.register import Register, horizon
from smstock.errors import InputError, ModelError
from smstock.models.fusion.filter import run
from smstock.models.fusion.fit import fit
from smstock.models.fusion.forecast import stocks_at
from smstock.models.fusion.method import long_tables
from smstock.models.fusion.panel import panel
from smstock.models.hierarchical import TYPICAL, Hierarchical
from smstock.nowcast.foreign import comparable_foreign
from smstock.nowcast.medians import SHOCK
from smstock.nowcast.single_figures import carried_untested

if TYPE_CHECKING:
    from collections.abc import Mapping

    from smstock.calibrate.calibration import Calibration
    from smstock.models.fusion.filter import Heard
    from smstock.nowcast.division import Division

INPUTS: Final = ("official_last", "audience", "penetration_destination", "penetration_origin")
"""Columns of the corridor table that an estimate may hang on."""
NUDGE: Final = 0.01
"""Share by which an input is moved to see how far the estimate follows."""


@dataclass(frozen=True)
class IntervalOrigin:
    """Where an 80 % interval comes from.

    Attributes
    ----------
    learnt
        Half width (log scale) from errors on corridors left out or, of a register, on past dates.
    shown
        Half width of the interval shown, upwards. Both are not a number where there is none.
    errors
        How many errors were measured.
    years
        How old the figures were from which the past dates were estimated, 0 if corridors were left out.
    """

    learnt: float
    shown: float
    errors: int
    years: int


@dataclass(frozen=True, eq=False)
class Explanation:
    """Why a corridor has the estimate it has.

    Attributes
    ----------
    estimate
        Its row of the estimate table, both sexes together.
    corridor
        Its row of the corridor table.
    figures
        Its official figures: reference_date, source, value (persons).
    methods
        What every method made of it: method, estimate (persons; missing where it lacks something), rmsle
        (cross-validated), used, reason.
    pulls
        Weight of each input: input, value, elasticity (growth of the estimate for growth of the input).
    interval
        Where the interval comes from.
    sexes
        Women per man: source, ratio (missing where it is not known), used. ``users`` are the platform's users at the
        destination per person, women's over men's; ``corrected`` is the audience over that; a source used splits the
        total.
    over_time
        What the model over time made of its figures and audiences: date, source, value, expected (before any figure
        of that day, in terms of the source; missing for a first one), moved (logarithm by which it moved the level),
        offset (logarithm of the source over the one whose scale the model has; 0 for that one, missing for audiences);
        a last row without source is its estimate. Empty where there are too few figures.
    not_over_time
        Why there is no such model; empty where there is one.
    parts
        What a level model multiplies: part, factor. The first part is what it makes of the audience in a typical
        corridor (persons), the largest factors come first. Empty for other methods.
    scale
        The source on whose scale the model over time is; empty where there is none.
    division
        How the estimate was divided by sex and age; None where nothing was.
    population
        Whom the audience counts where that is not the origin itself, such as those who use its language; else empty.
    """

    estimate: dict[str, Any]
    corridor: dict[str, Any]
    figures: pd.DataFrame
    methods: pd.DataFrame
    pulls: pd.DataFrame
    interval: IntervalOrigin
    sexes: pd.DataFrame
    over_time: pd.DataFrame
    not_over_time: str
    scale: str = ""
    population: str = ""
    division: Division | None = None
    parts: pd.DataFrame = field(default_factory=lambda: pd.DataFrame({"part": [], "factor": []}))


def explain(
    destination: str,
    origin: str,
    *,
    corridors: pd.DataFrame,
    estimates: pd.DataFrame,
    calibration: Calibration,
    stock: pd.DataFrame,
    audiences: pd.DataFrame,
) -> Explanation:
    """Return the explanation of one corridor.

    Parameters
    ----------
    destination, origin
        ISO 3166-1 alpha-3.
    corridors, estimates, calibration
        Corridor table, the estimates made of it, and what they were made with.
    stock, audiences
        Stock and audience table that the corridor table was made of.

    Raises
    ------
    InputError
        The estimates hold no such corridor.
    """
    corridors, _ = comparable_foreign(corridors, calibration.foreign_basis)
    estimate = _row(estimates, destination, origin)
    corridor = _row(corridors, destination, origin)
    figures, answers = long_tables(stock, audiences)
    used = str(estimate["method"])
    by_figure = estimate["regime"] == "register" or carried_untested(used, 0, calibration.methods)
    date = str(estimate["reference_date"])
    known = figures[figures["reference_date"] <= date]
    over_time, why_not, scale = _over_time(known, answers, date, destination, origin)
    own = known[(known["destination"] == destination) & (known["origin"] == origin)]
    return Explanation(
        estimate=estimate,
        corridor=corridor,
        figures=own.sort_values("reference_date")[["reference_date", "source", "value"]].reset_index(drop=True),
        methods=_methods(corridors, destination, origin, calibration, estimate),
        pulls=_pulls(corridors, destination, origin, calibration, used),
        interval=_interval(estimate, _one(corridors, destination, origin), calibration),
        sexes=_sexes(corridors, destination, origin, calibration, registered=by_figure),
        over_time=over_time,
        not_over_time=why_not,
        scale=scale,
        parts=_parts(_one(corridors, destination, origin), calibration, used),
    )


def _row(table: pd.DataFrame, destination: str, origin: str) -> dict[str, Any]:
    """Return the row of both sexes of a corridor."""
    total = table[table["sex"] == "all"]
    rows = total[(total["destination"] == destination) & (total["origin"] == origin)]
    if rows.empty:
        origins, destinations = sorted(total["origin"].unique()), sorted(total["destination"].unique())
        raise InputError(
            f"the wave holds no corridor {origin}:{destination}",
            allowed=f"origins {_some(origins)}; destinations {_some(destinations)}",
            hint="name origin:destination, as in ROU:ITA for Romanians in Italy",
        )
    return {str(name): value for name, value in rows.iloc[0].to_dict().items()}


def _some(names: list[str]) -> str:
    more = f" and {len(names) - 12} more" if len(names) > 12 else ""
    return ", ".join(names[:12]) + more


def _one(corridors: pd.DataFrame, destination: str, origin: str) -> pd.DataFrame:
    total = corridors[(corridors["sex"] == "all") & (corridors["destination"] == destination)]
    return total[total["origin"] == origin].reset_index(drop=True)


def _methods(
    corridors: pd.DataFrame, destination: str, origin: str, calibration: Calibration, estimate: dict[str, Any]
) -> pd.DataFrame:
    """Return what every method makes of the corridor: the one that continues a register, then the others as ranked."""
    corridor, used = _one(corridors, destination, origin), str(estimate["method"])
    errors = calibration.rmsle()
    rows: list[tuple[str, float, float | None, bool, str]] = []
    if register := _register(estimate, corridor, calibration):
        rmsle = register.score(register.method).rmsle
        rows.append((used, float(estimate["median"]), rmsle, True, "used: continues the register"))
    if carried_untested(used, 0, calibration.methods):
        rows.append(
            (used, float(estimate["median"]), None, True, "used: a fresh figure, which nothing here could test")
        )
    for name in calibration.ranking:
        method = calibration.methods[name]
        value = float(method.predict(corridor).iloc[0])
        needs = method.lacking(corridor)[0]
        lacking = [f"{need} above 0" if corridor[need].eq(0).all() else need for need in needs]
        chosen = name == used and not register
        otherwise = "not for registers" if register else "ranked lower"
        without = f"lacks {', '.join(lacking)}" if lacking else "gives no number"
        reason = without if isnan(value) else "used" if chosen else otherwise
        rows.append((name, value, errors.get(name), chosen, reason))
    return pd.DataFrame(rows, columns=["method", "estimate", "rmsle", "used", "reason"])


def _register(estimate: dict[str, Any], corridor: pd.DataFrame, calibration: Calibration) -> Register | None:
    """Return how a corridor's register was continued, None if it was estimated otherwise."""
    if estimate["regime"] not in {"register", "shock"} or not corridor["lag"].notna().all():
        return None
    register = calibration.register(int(horizon(corridor["lag"])[0]))
    return register if register and str(estimate["method"]) in {register.method, SHOCK} else None


def _sexes(
    corridors: pd.DataFrame, destination: str, origin: str, calibration: Calibration, *, registered: bool
) -> pd.DataFrame:
    """Return women per man as each source has it, and which one splits the total: the first that is known."""
    rows_of_sexes = corridors[(corridors["destination"] == destination) & (corridors["origin"] == origin)]
    ratios = sex_ratios(rows_of_sexes).iloc[0]
    first = ("official_last",) if registered else ()
    chosen = next((name for name in (*first, *calibration.sex_sources) if pd.notna(ratios[name])), "")
    names = ("official_last", "audience", "users", "corrected", "equal")
    rows = [(name, float(ratios[name]), name == chosen) for name in names]
    return pd.DataFrame(rows, columns=["source", "ratio", "used"])


def _pulls(corridors: pd.DataFrame, destination: str, origin: str, calibration: Calibration, used: str) -> pd.DataFrame:
    """Return how far the estimate follows each input: its growth for a growth of the input of 1 %."""
    corridor = _one(corridors, destination, origin)
    rows = []
    if used in calibration.methods:
        method = calibration.methods[used]
        before = float(method.predict(corridor).iloc[0])
        for name in INPUTS:
            value = float(corridor[name].iloc[0]) if name in corridor else float("nan")
            if not (value > 0 and before > 0):
                continue
            after = float(method.predict(corridor.assign(**{name: value * (1 + NUDGE)})).iloc[0])
            rows.append((name, value, round(log(after / before) / log(1 + NUDGE), 3)))
    return pd.DataFrame(rows, columns=["input", "value", "elasticity"])


def _parts(corridor: pd.DataFrame, calibration: Calibration, used: str) -> pd.DataFrame:
    """Return what a level model makes of the audience in a typical corridor, and each factor on it."""
    method = calibration.methods.get(used)
    if not isinstance(method, Hierarchical) or not method.usable(corridor).all():
        return pd.DataFrame({"part": [], "factor": []})
    logs, readings = method.parts(corridor), method.read(corridor)
    typical = logs.pop(TYPICAL)
    start = float(method.restored(readings, typical)[0])
    factors = {name: float(method.restored(readings, typical + part)[0]) / start for name, part in logs.items()}
    ordered = sorted(factors.items(), key=lambda factor: -abs(log(factor[1])))
    return pd.DataFrame([(TYPICAL, start), *ordered], columns=["part", "factor"])


def _interval(estimate: dict[str, Any], corridor: pd.DataFrame, calibration: Calibration) -> IntervalOrigin:
    """Return the half width that was learnt and the one shown, on the log scale."""
    upper, median = float(estimate["upper_80"]), float(estimate["median"])
    shown = log(upper / median) if upper > 0 and median > 0 else float("nan")
    if register := _register(estimate, corridor, calibration):
        learnt, errors = register.half_widths.at("all", 80), register.cells
    elif carried_untested(str(estimate["method"]), 0, calibration.methods):
        learnt, errors = shown, 0
    else:
        learnt, errors = calibration.half_width(str(estimate["method"]), "all", 80), calibration.cells
    return IntervalOrigin(
        learnt=learnt if isfinite(learnt) else float("nan"),
        shown=shown,
        errors=errors,
        years=register.horizon if register else 0,
    )


def _over_time(
    figures: pd.DataFrame, answers: pd.DataFrame, date: str, destination: str, origin: str
) -> tuple[pd.DataFrame, str, str]:
    """Return what the model over time heard of the corridor with its estimate, why it did not, and its main source."""
    columns = ["date", "source", "value", "expected", "moved", "offset"]
    nothing = pd.DataFrame(columns=columns)
    try:
        made = panel(figures, answers, dates=[date])
        fitted = fit(made, points=4)
    except ModelError as error:
        return nothing, error.what, ""
    place = made.corridors.get_indexer(pd.MultiIndex.from_tuples([(destination, origin)]))[0]
    if place < 0:
        return nothing, "the corridor has no official figure", ""
    mode = fitted.at_mode()
    passed = run(made, mode, until=date, keep=True)
    offsets = {made.main: 0.0} | {source: float(mode[f"offset:{source}"][0, 0]) for source in made.sources}
    rows = [
        (
            made.dates[heard.measurement.date],
            heard.measurement.name,
            float(np.exp(heard.measurement.log[place])),
            float(np.exp(_expected(heard, offsets)[place])),
            float(heard.moved[0, place]),
            offsets.get(heard.measurement.name, float("nan")),
        )
        for heard in passed.heard
        if not np.isnan(heard.measurement.log[place])
    ]
    last = stocks_at(made, fitted, date)
    median = float(last[(last["destination"] == destination) & (last["origin"] == origin)]["median"].iloc[0])
    estimate = (date, "", median, float("nan"), 0.0, 0.0)
    return pd.DataFrame([*rows, estimate], columns=columns), "", made.main


def _expected(heard: Heard, offsets: Mapping[str, float]) -> np.ndarray:
    """Return what was expected of a measurement (logarithm) before any figure of its day, in terms of its source."""
    name = heard.measurement.name
    expected: np.ndarray = heard.before[0] + offsets[name] if name in offsets else heard.expected[0]
    return expected
