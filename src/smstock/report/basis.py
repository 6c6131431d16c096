"""What a page says of the calibration behind its estimates."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from smstock.calibrate.learnt import RatioError, Score
    from smstock.calibrate.register import Register
    from smstock.calibrate.shares import LearntShares


@dataclass(frozen=True, kw_only=True)
class Basis:
    """What estimates rest on.

    Attributes
    ----------
    calibration
        The id of the calibration.
    query, wave
        The audiences it was learnt from.
    provider, edition, concepts, target_date
        The official stock it was learnt against, and the day it is about.
    lag
        Median age of the last official figures there (years); None where there were none.
    scores
        Cross-validated scores of the methods.
    registers
        How corridors with a regular and fresh series are continued.
    errors_of_ratios
        Errors of the sources of a sex ratio, the most accurate first.
    half_widths
        Half width (log scale) of the 80 % interval of a total, by method.
    languages
        Where origins are by language, the language or languages of each in words; None where they are not.
    shares
        The method of shares by sex and age, and the table that decided; None where none was learnt.
    schooling
        The same of shares by education.
    seed, inputs, versions
        The seed, and hashes and versions of what it was learnt with.
    lack
        What the wave lacks, in a sentence; empty where every cell was answered.
    """

    calibration: str
    query: str
    wave: str
    provider: str
    edition: str
    concepts: tuple[str, ...]
    target_date: str
    lag: float | None
    scores: tuple[Score, ...] = ()
    registers: tuple[Register, ...] = ()
    errors_of_ratios: tuple[RatioError, ...] = ()
    half_widths: Mapping[str, float] = field(default_factory=dict)
    languages: Mapping[str, str] | None = None
    shares: LearntShares | None = None
    schooling: LearntShares | None = None
    seed: int = 1
    inputs: Mapping[str, str] = field(default_factory=dict)
    versions: Mapping[str, str] = field(default_factory=dict)
    lack: str = ""
