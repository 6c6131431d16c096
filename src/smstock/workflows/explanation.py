"""Explaining one corridor of a nowcast: sources, weights, the interval's origin, and a picture of the series."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from smstock.compute import ALONE
from smstock.errors import UsageError
from smstock.folder import write_file
from smstock.vocabulary import countries
from smstock.workflows.arguments import text as as_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from smstock.compute import Compute
    from smstock.nowcast.explanation import Explanation
    from smstock.workflows.evidence import Evidence


_HOW: Final = "origin:destination, as in ROU:ITA for Romanians in Italy"


@dataclass(frozen=True, eq=False)
class Explained:
    """The explanation of a corridor, the picture of its series, and its pyramid where it was divided by age."""

    explanation: Explanation
    picture: Path
    pyramid: Path | None = None


def corridor(text: str, places: Mapping[str, str] | None = None) -> tuple[str, str]:
    """Return origin and destination of a corridor as typed, ``ROU:ITA`` or ``ROU:Bavaria``.

    Parameters
    ----------
    text
        What was typed.
    places
        Names of the places that a destination may be, by code.

    Raises
    ------
    UsageError
        It has no colon between two names.
    UnknownNameError
        One of the two is no area.

    Examples
    --------
    >>> corridor("ROU:ITA"), corridor("romania: Italy")
    (('ROU', 'ITA'), ('ROU', 'ITA'))
    """
    origin, destination = ends(text)
    lived_in = countries.expand([destination], places)
    if len(lived_in) != 1:
        raise UsageError(f"{destination!r} is no single destination", allowed=_HOW)
    return countries.find(origin), lived_in[0]


def ends(text: str) -> tuple[str, str]:
    """Return both ends of a corridor as they were typed; raise `UsageError` where it has no colon between two names.

    Examples
    --------
    >>> ends("romania: Bavaria")
    ('romania', 'Bavaria')
    """
    origin, colon, destination = as_text("corridor", text).partition(":")
    if not (colon and origin.strip() and destination.strip()):
        raise UsageError(f"{text!r} names no corridor", allowed=_HOW)
    return origin.strip(), destination.strip()


def explain(
    evidence: Evidence,
    named: str,
    *,
    methods: Sequence[str] = (),
    draws: int = 0,
    by: Sequence[str] = (),
    compute: Compute = ALONE,
) -> Explained:
    """Return why a corridor has the estimate it has, and draw its series and its parts beside the estimates.

    The estimates on file are explained; if what they were made of changed, they are made anew.

    Parameters
    ----------
    evidence, methods, draws, compute
        As for the nowcast.
    by
        What the estimates are divided by; whatever those on file are, unless given.
    named
        Origin and destination, ``ROU:ITA``.

    Raises
    ------
    UsageError, UnknownNameError
        ``named`` is no corridor.
    InputError
        The wave holds no such corridor.
    """
    from smstock.nowcast.explanation import explain as explained
    from smstock.report.explanation import picture
    from smstock.workflows import calibration as calibrations
    from smstock.workflows import nowcasting

    origin, destination = corridor(named, evidence.places)
    calibration = calibrations.on_file(evidence)
    nowcast = (
        nowcasting.on_file(evidence, calibration, methods=methods, draws=draws, by=by or None) if calibration else None
    )
    if calibration is None or nowcast is None:
        from smstock.workflows.month import estimate

        made = estimate(evidence, methods=methods, draws=draws, by=by, compute=compute)
        calibration, nowcast = made.calibration, made.nowcast
    reasons = explained(
        destination,
        origin,
        corridors=evidence.corridors,
        estimates=nowcast.estimates,
        calibration=calibration,
        stock=evidence.series.official,
        audiences=evidence.series.audiences,
    )
    if evidence.languages is not None:
        language = evidence.languages.get(origin, "a language of the origin")
        reasons = replace(reasons, population=f"accounts that use the platform in {language}, whatever their origin")
    pyramid = None
    by_education = (nowcast.detail["education"] != "").any()
    learnt = calibration.schooling if by_education else calibration.shares
    if len(nowcast.detail) and learnt is not None:
        from smstock.nowcast.division import division
        from smstock.report.pyramids import pyramid_picture

        groups = evidence.schooling if by_education else evidence.groups
        divided = division(destination, origin, detail=nowcast.detail, groups=groups, learnt=learnt)
        reasons = replace(reasons, division=divided)
        if len(divided.groups):
            pyramid = evidence.folder.estimate(evidence.wave, f"{calibration.name}.{origin}-{destination}.pyramid.png")
            write_file(pyramid, pyramid_picture(nowcast.detail, destination, origin))
    path = evidence.folder.estimate(evidence.wave, f"{calibration.name}.{origin}-{destination}.png")
    write_file(path, picture(reasons))
    return Explained(reasons, path, pyramid)
