"""What the estimates of a wave count and rest on, as their manifest states it: where it is the same, waves compare."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from smstock.workflows.waves import origin_basis

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from smstock.results import Manifest
    from smstock.workflows.calibration_spec import CalibrationSpec

MEANING: Final = {"concepts": "concept", "origin_basis": "origin basis", "metric": "metric"}
"""Parts of a basis without which two waves count something else."""
_SOURCE: Final = {"provider": "provider", "edition": "edition"}
"""Parts of a basis that a change from wave to wave may come from."""


def basis(spec: CalibrationSpec, answers: pd.DataFrame) -> dict[str, str]:
    """Return what the estimates of a wave count and rest on, by the calibration and the audience table of the wave.

    Examples
    --------
    >>> import pandas as pd
    >>> from smstock.workflows.calibration_spec import specify
    >>> official = {"stock": ["stock.csv"], "provider": "undesa", "edition": "2024", "concepts": ["birth"]}
    >>> days = {"target_date": "2020-07-01", "known_until": "2015-07-01"}
    >>> answers = pd.DataFrame({"metric": ["mau", "mau"], "origin_basis": ["lived_in", ""]})
    >>> list(basis(specify({"name": "serbia", **official, **days}, where="serbia.toml"), answers).values())
    ['birth', '2024', 'mau', 'lived_in', 'undesa']
    """
    official = spec.official()
    return {
        "concepts": ", ".join(official["concepts"]),
        "edition": official["edition"],
        "metric": spec.metric,
        "origin_basis": origin_basis(answers[answers["metric"] == spec.metric]),
        "provider": official["provider"],
    }


def breaks(waves: Mapping[str, Manifest]) -> list[str]:
    """Say from which waves on the estimates count something else, or rest on another source.

    Parameters
    ----------
    waves
        Manifests of estimates by wave, oldest first.

    Examples
    --------
    >>> from smstock.results import Manifest
    >>> bases = {"2025-11": {"concepts": "birth"}, "2026-11": {"concepts": "citizenship"}}
    >>> waves = {
    ...     wave: Manifest("nowcast", "q", wave, inputs={}, versions={}, about={"basis": stated})
    ...     for wave, stated in bases.items()
    ... }
    >>> breaks(waves)
    ['from 2026-11 on the estimates count something else than in 2025-11: concept birth, then citizenship']
    """
    notices = []
    for (before, one), (after, other) in pairwise(waves.items()):
        if differences := unlike(one, other, MEANING):
            what = "; ".join(differences)
            notices.append(f"from {after} on the estimates count something else than in {before}: {what}")
        if differences := unlike(one, other, _SOURCE):
            what = "; ".join(differences)
            notices.append(f"from {after} on the estimates rest on another source than in {before}: {what}")
        if one.query != other.query:
            notices.append(f"from {after} on the estimates are of the query {other.query}, in {before} of {one.query}")
    if silent := [wave for wave, manifest in waves.items() if not _stated(manifest)]:
        which = silent[0] if len(silent) == 1 else f"{silent[0]} to {silent[-1]} ({len(silent)} waves)"
        notices.append(f"what the estimates of {which} count does not stand in the manifest: no change of it is known")
    return notices


def unlike(one: Manifest, other: Manifest, parts: Mapping[str, str]) -> list[str]:
    """Say in which parts of their bases two waves differ, as far as both state them.

    Examples
    --------
    >>> from smstock.results import Manifest
    >>> states = [{"basis": {"metric": "mau"}}, {"basis": {"metric": "dau"}}, {}]
    >>> month, day, old = (Manifest("nowcast", "q", "2026-11", inputs={}, versions={}, about=about) for about in states)
    >>> unlike(month, day, MEANING), unlike(month, old, MEANING)
    (['metric mau, then dau'], [])
    """
    pairs = {part: (_stated(one).get(part, ""), _stated(other).get(part, "")) for part in parts}
    return [
        f"{parts[part]} {before}, then {after}"
        for part, (before, after) in pairs.items()
        if before and after and before != after
    ]


def _stated(manifest: Manifest) -> Mapping[str, Any]:
    stated = manifest.about.get("basis")
    return stated if isinstance(stated, dict) else {}
