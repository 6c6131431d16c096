"""Why a row of an estimate has its regime and its method, and what else a reader must know of it."""

from __future__ import annotations

from math import expm1, inf
from typing import TYPE_CHECKING, Final

from smstock.models.base import words
from smstock.vocabulary import status

if TYPE_CHECKING:
    import pandas as pd

    from smstock.calibrate.calibration import Calibration

FAR_APART: Final = 4.0
"""A calibrated audience and an official figure that differ by more than this factor are pointed out."""

CONCEPT_NOTES: Final = {"citizenship": "official figure counts citizens", "mixed": "official figure mixes concepts"}

Kind = tuple[str, int, float, bool, bool, bool]
"""What the reason for a method depends on: method, horizon, shift, and whether median, upper end and figure are."""


def errors_of(calibration: Calibration) -> dict[str, float]:
    """Return the RMSLE of each method on the totals that all methods share."""
    return {str(record["method"]): float(record["rmsle"]) for record in calibration.scores if record["kind"] == "all"}


def reasons(table: pd.DataFrame, calibration: Calibration) -> list[str]:
    """Return for each row why it has its regime, and why its method.

    Parameters
    ----------
    table
        Estimates with ``why`` (the reason for the regime), ``base`` (the method before a shock was scaled),
        ``horizon`` (years, 0 unless a register) and ``shift`` (logarithm by which a shock was scaled).
    calibration
        What the estimates were made with.
    """
    there = [table[name].astype("float64").gt(0) for name in ("median", "upper_80", "official_last")]
    kinds = list(zip(table["base"], table["horizon"], table["shift"], *there, strict=True))
    because = {each: _because(each, calibration) for each in set(kinds)}
    return ["; ".join(filter(None, (why, because[each]))) for why, each in zip(table["why"], kinds, strict=True)]


def _because(kind: Kind, calibration: Calibration) -> str:
    """Say why a row is estimated by its method: what was measured, or what is lacking."""
    base, horizon, shift, estimated, capped, known = kind
    errors, said = errors_of(calibration), ""
    if not estimated:
        return "only the floor is known" if capped else "and no audience"
    if horizon and (register := calibration.register(horizon)):
        said = register.reason if base == "carry_forward" else f"{words(base)}: {register.reason}"
    elif base == "carry_forward":
        better = [name for name in calibration.ranking if errors.get(name, inf) < errors.get(base, inf)]
        alone = f"RMSLE {errors[base]:.3f}" if base in errors else "not measured"
        said = (
            f"carried forward ({alone}): it lacks what {words(better[0])} needs, an audience above the floor"
            if better
            else f"carried forward ({alone}): no method did better on destinations left out"
        )
    elif base in errors:
        carried = errors.get("carry_forward")
        said = f"{words(base)}: RMSLE {errors[base]:.3f} on destinations left out"
        if known and carried is not None:
            said += f", carried forward {carried:.3f}{' (worse)' if errors[base] > carried else ''}"
    if shift:
        said += f"; raised by {expm1(shift):.0%}, a part of that growth, as a label once given is kept"
    return said


def notes(table: pd.DataFrame, alone: pd.Series) -> list[str]:
    """Return what a reader must know of each row: alerts, floors, missing answers, concepts, sources that disagree.

    Parameters
    ----------
    table
        Estimates with ``why``, the reason for the regime.
    alone
        What the audience alone says (persons).
    """
    ratio = alone / table["official_last"].astype("float64")
    columns = ("regime", "why", "audience_status", "audience_upper", "official_concept", "median")
    return [_note(*row) for row in zip(*(table[name] for name in columns), ratio, strict=True)]


def _note(  # noqa: PLR0917 - one for each column
    regime: str, why: str, audience: str, upper: float, concept: str, median: float, ratio: float
) -> str:
    said = [f"alert: {why}"] if regime == "shock" else []
    if audience in (status.FLOORED, status.DEDUCED):
        said.append(f"audience fewer than {upper:,.0f} accounts")
    elif audience != status.OBSERVED:
        said.append(f"no audience ({audience})")
    if concept in CONCEPT_NOTES:
        said.append(CONCEPT_NOTES[concept])
    if 0 < ratio < 1 / FAR_APART or FAR_APART < ratio < inf:
        said.append(f"audience alone says {ratio:.2g} times the official figure")
    if regime == "none" and median > 0:
        said.append("no official figure: indicative")
    return "; ".join(said)
