"""Why a row of an estimate has its regime and its method, and what else a reader must know of it."""

from __future__ import annotations

from math import expm1, inf
from typing import TYPE_CHECKING, Final

import pandas as pd

from smstock.calibrate.register import horizon
from smstock.corridors.own_country import OWN_COUNTRY, REASON
from smstock.models.baselines import CarryForward
from smstock.models.stack import FEWEST, FEWEST_DESTINATIONS, Stack, enough
from smstock.nowcast.foreign import BASES_IN_WORDS
from smstock.nowcast.single_figures import carried_untested
from smstock.vocabulary import status
from smstock.vocabulary.counts import multiple
from smstock.vocabulary.methods import in_words

if TYPE_CHECKING:
    from smstock.calibrate.calibration import Calibration

FAR_APART: Final = 4.0
"""A calibrated audience and an official figure that differ by more than this factor are pointed out."""

UNTESTED: Final = (
    "carried forward: nothing here could test a method that rests on a figure, and elsewhere figures of that age and "
    "size changed by less than estimates from the audience err"
)
CONCEPT_NOTES: Final = {"citizenship": "official figure counts citizens", "mixed": "official figure mixes concepts"}

Kind = tuple[str, int, float, bool, str, bool, bool, bool, bool]
"""What the reason for a method depends on: method, horizon, shift, whether the corridor is a register that could not be
tested on its past, what the first method lacks, and whether median, upper end or floor, figure and audience are
known."""

_LACKED: Final = {
    "audience": "an audience above the floor",
    "official_last": "an official figure above 0",
    "official_growth": "an earlier official figure",
    "official_mean": "an earlier official figure",
    "audience_growth": "an audience of the day of the last figure",
    "penetration_destination": "penetration at both ends",
    "penetration_origin": "penetration at both ends",
}
"""Columns that a method may lack, in words."""


def reasons(table: pd.DataFrame, calibration: Calibration) -> list[str]:
    """Return for each row why it has its regime, and why its method.

    Parameters
    ----------
    table
        Estimates with ``why`` (the reason for the regime), ``base`` (the method before a shock was scaled),
        ``horizon`` (years, 0 unless a register was continued), ``lag`` (years since the last figure), and ``shift``
        (logarithm by which a shock was scaled).
    calibration
        What the estimates were made with.

    Examples
    --------
    >>> import pandas as pd
    >>> from smstock.calibrate.calibration import Calibration
    >>> from smstock.calibrate.learnt import Score
    >>> calibration = Calibration(name="c", query="q", wave="2020-10", provider="undesa", edition="2020",
    ...     concepts=("birth",), target_date="2020-07-01", inputs={}, versions={}, seed=1,
    ...     scores=(Score("log_ratio", "all", 31, 0.3), Score("carry_forward", "all", 31, 0.4)))
    >>> row = {"why": "the figure is old", "base": "log_ratio", "horizon": 0, "shift": 0.0, "median": 1000.0}
    >>> row |= {"regime": "stale", "lag": 5.0}
    >>> reasons(pd.DataFrame([row | {"upper_80": 1500.0, "official_last": 900.0}]), calibration)
    ['the figure is old; log ratio: RMSLE 0.300 on destinations left out, carried forward 0.400']
    """
    median, end, figure, audience, floor = (
        _known(table, name) for name in ("median", "upper_80", "official_last", "audience", "audience_upper")
    )
    known = [median, end | (floor & ~audience), figure, audience]
    untested, lacked = _untested_registers(table, calibration), _lacked(table, calibration)
    kinds = list(zip(table["base"], table["horizon"], table["shift"], untested, lacked, *known, strict=True))
    because = {kind: _because(kind, calibration) for kind in set(kinds)}
    return ["; ".join(filter(None, (why, because[kind]))) for why, kind in zip(table["why"], kinds, strict=True)]


def _untested_registers(table: pd.DataFrame, calibration: Calibration) -> pd.Series:
    """Return which rows have a regular and fresh series and no test of how to continue one from figures that old."""
    tested = [register.horizon for register in calibration.registers]
    is_register = (table["regime"] == "register") & table["lag"].notna()
    return is_register & ~pd.Series(horizon(table["lag"].astype("float64").fillna(0.0)), table.index).isin(tested)


def _known(table: pd.DataFrame, name: str) -> pd.Series:
    return table[name].astype("float64").gt(0) if name in table else pd.Series(data=False, index=table.index)


def _lacked(table: pd.DataFrame, calibration: Calibration) -> list[str]:
    """Return in words what corridors lack of what the first method needs; empty unless they are carried forward."""
    first, carried = calibration.methods.get(next(iter(calibration.ranking), "")), table["base"] == CarryForward.name
    if first is None or not carried.any():
        return [""] * len(table)
    totals = table[carried & (table["sex"] == "all")]
    texts = [" and ".join(dict.fromkeys(_LACKED[name] for name in names)) for names in first.lacking(totals)]
    lacked = dict(zip(zip(totals["destination"], totals["origin"], strict=True), texts, strict=True))
    keys = zip(table["destination"], table["origin"], strict=True)
    return [lacked.get(key, "") if of_row else "" for key, of_row in zip(keys, carried, strict=True)]


def _because(kind: Kind, calibration: Calibration) -> str:
    """Say why a row is estimated by its method: what was measured, or what is lacking."""
    base, years, shift, untested, lacked, estimated, capped, known, heard = kind
    errors, because = calibration.rmsle(), ""
    if not estimated and capped:
        return "of the audience only the floor is known" if known else "only the floor is known"
    if not estimated:
        return "it lacks what the methods in use need" if heard else "and no audience"
    if years and (register := calibration.register(years)):
        because = register.reason if base == "carry_forward" else f"{in_words(base)}: {register.reason}"
    elif carried_untested(base, years, calibration.methods):
        because = UNTESTED
    elif base == "carry_forward":
        because = _because_carried(calibration, lacked)
    elif base in errors:
        carried = errors.get("carry_forward")
        because = f"{_made_of(base, calibration)}: RMSLE {errors[base]:.3f} on destinations left out"
        if known and carried is not None:
            because += f", carried forward {carried:.3f}{' (worse)' if errors[base] > carried else ''}"
    if untested:
        because += "; not continued by its own past: too few past figures of yearly series to test that on"
    if shift:
        because += f"; raised by {expm1(shift):.0%}, a part of that growth, as a label once given is kept"
    return because


def _because_carried(calibration: Calibration, lacked: str) -> str:
    """Say why the last figure of a corridor that is no register is carried forward."""
    errors, name = calibration.rmsle(), "carry_forward"
    alone = f"RMSLE {errors[name]:.3f}" if name in errors else "not measured"
    first = next(iter(calibration.ranking), name)
    if first != name:
        lack = f": it lacks what {in_words(first)} needs, {lacked}" if lacked else " as was asked for"
        return f"carried forward ({alone}){lack}"
    cells = next((score.cells for score in calibration.scores if score.method == name and score.kind == "all"), 0)
    if not enough(cells, calibration.destinations):
        few, least = (
            f"{cells} corridors of {calibration.destinations} destinations",
            f"{FEWEST} of {FEWEST_DESTINATIONS}",
        )
        return f"carried forward ({alone}): {few} are too few to choose a method by, {least} are needed"
    better = any(errors.get(other, inf) < errors.get(name, inf) for other in calibration.ranking)
    did = "methods weighed together did not do better" if better else "no method did better"
    return f"carried forward ({alone}): {did} on destinations left out"


def _made_of(name: str, calibration: Calibration) -> str:
    """Return a method in words, a stack with the weights of its members."""
    method = calibration.methods.get(name)
    if not isinstance(method, Stack):
        return in_words(name)
    weights = sorted(method.weights.items(), key=lambda weight: -weight[1])
    return f"{in_words(name)} of {', '.join(f'{in_words(member)} {weight:.0%}' for member, weight in weights)}"


def notes(table: pd.DataFrame, alone: pd.Series, calibration: Calibration, *, foreign_unlike: str = "") -> list[str]:
    """Return what a reader must know of each row: alerts, floors, missing answers, concepts, sources that disagree.

    Parameters
    ----------
    table
        Estimates with ``why``, the reason for the regime.
    alone
        What the audience alone says (persons).
    calibration
        Says which methods read the accounts of all foreign origins, and on what basis they learnt.
    foreign_unlike
        Another basis that those of the wave have, which were left out for that; empty: they were not.

    Examples
    --------
    >>> import pandas as pd
    >>> from smstock.calibrate.calibration import Calibration
    >>> calibration = Calibration(name="c", query="q", wave="2020-10", provider="undesa", edition="2020",
    ...     concepts=("birth",), target_date="2020-07-01", inputs={}, versions={}, seed=1)
    >>> row = {"regime": "none", "why": "", "audience_status": "observed", "audience_upper": None, "median": 10.0}
    >>> row |= {"official_concept": "", "official_last": None, "method": "log_linear", "lower_80": 5.0, "lower_95": 2.0}
    >>> notes(pd.DataFrame([row]), pd.Series([10.0]), calibration)
    ['no official figure: indicative']
    """
    ratio = alone / table["official_last"].astype("float64")
    columns = ("regime", "why", "audience_status", "audience_upper", "official_concept", "median")
    lacking = [
        _lacking(*row)
        for row in zip(table["method"], *(table[name] for name in ("median", "lower_80", "lower_95")), strict=True)
    ]
    without = _without_foreign(table["method"], calibration, foreign_unlike)
    return [_note(*row) for row in zip(*(table[name] for name in columns), ratio, without, lacking, strict=True)]


def _lacking(method: str, median: float, lower_80: float, lower_95: float) -> str:
    """Say which intervals an estimate has not, and why."""
    if not median >= 0 or lower_95 >= 0:
        return ""
    if lower_80 >= 0:
        return "no 95 % interval: too few errors to tell how far its ends lie beyond those at 80 %"
    return f"no interval: too few errors of {in_words(method)} were measured"


def _without_foreign(methods: pd.Series, calibration: Calibration, unlike: str) -> pd.Series:
    """Say of rows whose method reads the accounts of all foreign origins that these were left out, if they were."""
    read = {name: unlike != "" and method.reads("audience_foreign") for name, method in calibration.methods.items()}
    learnt, wave = (BASES_IN_WORDS.get(basis, basis) for basis in (calibration.foreign_basis, unlike))
    text = f"foreign accounts left out: learnt from {learnt}, in this wave {wave}"
    return methods.map(lambda name: text if read.get(name) else "")


def _note(  # noqa: PLR0917 - one for each column
    regime: str,
    why: str,
    audience: str,
    upper: float,
    concept: str,
    median: float,
    ratio: float,
    without: str,
    lacking: str,
) -> str:
    parts = [f"alert: {why}"] if regime == "shock" else []
    if audience in (status.FLOORED, status.DEDUCED):
        parts.append(f"audience fewer than {upper:,.0f} accounts")
    elif audience == OWN_COUNTRY:
        parts.append(REASON)
    elif audience != status.OBSERVED:
        parts.append(f"no audience ({audience})")
    if concept in CONCEPT_NOTES:
        parts.append(CONCEPT_NOTES[concept])
    if 0 < ratio < 1 / FAR_APART or FAR_APART < ratio < inf:
        parts.append(f"audience alone says {multiple(ratio)} times the official figure")
    if regime == "none" and median > 0:
        parts.append("no official figure: indicative")
    parts += filter(None, (without, lacking))
    return "; ".join(parts)
