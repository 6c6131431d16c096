"""Whether a wave may be published: a live one whose cells were answered, all of them or the share that its query asks.

Without this an outage looks like a month in which audiences vanished.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from smstock import results
from smstock.collect.wave import Gaps
from smstock.errors import IncompleteError, InputError
from smstock.vocabulary.status import FAILED, NOT_READY, QUOTA

if TYPE_CHECKING:
    from collections.abc import Mapping

    from smstock.folder import Folder


MOST_LATE: Final = 0.1
"""Most of the answers of a live wave that may be of another month, a share."""


def require_answers(gaps: Gaps, *, query: str, wave: str, least: float) -> str:
    """Return in a sentence what a wave lacks, empty if nothing; refuse one that lacks more than it may.

    Parameters
    ----------
    gaps
        The cells that could be answered, and those that are open.
    query, wave
        What was collected.
    least
        The share that must be answered.

    Raises
    ------
    IncompleteError
        Less is answered.
    InputError
        More than `MOST_LATE` of the answers are of another month.

    Examples
    --------
    >>> gaps = Gaps(answerable=40, unanswered=2, example="SRB in AUT, all, 18+")
    >>> require_answers(gaps, query="q", wave="2026-11", least=0.9)
    '2 of 40 cells of q in 2026-11 have no answer, such as SRB in AUT, all, 18+'
    >>> require_answers(gaps, query="q", wave="2026-11", least=1.0)
    Traceback (most recent call last):
    smstock.errors.IncompleteError: 2 of 40 cells of q in 2026-11 have no answer, such as SRB in AUT, all, 18+
      allowed: nothing is learnt or published from a wave before all of its cells are answered
      next:    run the same command again, it asks what is open; or allow it in the query: [publish] least_answered
    """
    answered = gaps.answerable - gaps.unanswered
    if gaps.late > MOST_LATE * answered:
        raise InputError(
            f"{gaps.late:,} of {answered:,} cells of {query} in {wave} were answered in another month",
            allowed="answers of the month, or of the 15 days after it",
            hint="leave out --wave to collect this month; move that wave away, nothing can be learnt of its month",
        )
    if not gaps.unanswered:
        return ""
    lack = (
        f"{gaps.unanswered:,} of {gaps.answerable:,} cells of {query} in {wave} have no answer, such as {gaps.example}"
    )
    if gaps.answered < least:
        share = "all of its cells" if least == 1 else f"{least:.4g} of its cells"
        raise IncompleteError(
            lack,
            allowed=f"nothing is learnt or published from a wave before {share} are answered",
            hint="run the same command again, it asks what is open; or allow it in the query: [publish] least_answered",
        )
    return lack


def lack_of(workspace: Folder, query: str, wave: str) -> str:
    """Return what a collected wave lacks, as `require_answers` does; empty where no manifest tells.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.folder import Folder
    >>> lack_of(Folder(Path("nowhere"), Path("nowhere")), "q", "2026-11")
    ''
    """
    manifest = results.read(workspace.wave(wave, f"{query}.manifest.json"))
    if manifest is None:
        return ""
    publish = manifest.about.get("query", {}).get("publish", {})
    return require_answers(_gaps(manifest.about), query=query, wave=wave, least=publish.get("least_answered", 1.0))


def _gaps(about: Mapping[str, Any]) -> Gaps:
    """Return the gaps that a manifest tells; one of an older smstock counts rows by status only."""
    if "gaps" in about:
        return Gaps(**about["gaps"])
    if about.get("source") != "live":
        return Gaps()
    statuses: Mapping[str, int] = about.get("statuses", {})
    unanswered = sum(statuses.get(status, 0) for status in (QUOTA, FAILED, NOT_READY))
    answerable = sum(number for status, number in statuses.items() if not status.startswith("refused:"))
    return Gaps(answerable, unanswered, "those of status quota, failed or not_ready in its table")
