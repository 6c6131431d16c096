"""Whether a wave may be published: a live one whose cells were answered, all of them or the share that its query asks.

Without this an outage looks like a month in which audiences vanished.
"""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, NonNegativeInt, ValidationError

from smstock import results
from smstock.collect.reader import JournalReader
from smstock.collect.wave import Gaps
from smstock.errors import IncompleteError, InputError
from smstock.folder import damaged, leave_aside
from smstock.query.base import Publish
from smstock.vocabulary.dates import GRACE
from smstock.vocabulary.dates import wave as days_of
from smstock.vocabulary.status import FAILED, FLOORED, NO_NUMBER, NOT_READY, OBSERVED, QUOTA, REFUSED
from smstock.workflows.months import waves_in
from smstock.workflows.waves import contradiction

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from smstock.folder import Folder


MOST_LATE: Final = 0.1
"""Most of the answers of a live wave that may be of other days, a share."""

_OPEN: Final = frozenset({QUOTA, FAILED, NOT_READY})
_AUDIENCES: Final = (OBSERVED, FLOORED)


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
        More than `MOST_LATE` of the answers are of other days.

    Examples
    --------
    >>> gaps = Gaps(answerable=40, unanswered=2, example="SRB in AUT, all, 18+")
    >>> require_answers(gaps, query="q", wave="2026-11", least=0.9)
    '2 of 40 cells of q in 2026-11 have no answer, such as SRB in AUT, all, 18+; its query allows it'
    >>> require_answers(gaps, query="q", wave="2026-11", least=1.0)
    Traceback (most recent call last):
    smstock.errors.IncompleteError: 2 of 40 cells of q in 2026-11 have no answer, such as SRB in AUT, all, 18+
      allowed: nothing is learnt or published from a wave before all of its cells are answered
      next:    run the same command again, it asks what is open; or allow it in the query: [publish] least_answered
    """
    answered = gaps.answerable - gaps.unanswered
    every = days_of(wave).every
    after = f"{GRACE[every]} days" if GRACE[every] > 1 else "day"
    if gaps.late > MOST_LATE * answered:
        raise InputError(
            f"{gaps.late:,} of {answered:,} cells of {query} in {wave} were answered in another {every}",
            allowed=f"answers of the {every}, or of the {after} after it",
            hint=f"leave out --wave to collect this {every}; move that wave away, nothing can be learnt of its {every}",
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
    return f"{lack}; its query allows it"


def lack_of(workspace: Folder, query: str, wave: str) -> str:
    """Return what a collected wave lacks, as `require_answers` does; empty where it was not collected.

    Where the manifest of a live wave is missing, or does not tell what is open, it is named, and the cells are counted
    in the table.

    Raises
    ------
    IncompleteError
        Less is answered than the query allows, or no cell of a live wave has an audience.
    InputError
        More than `MOST_LATE` of the answers are of another month, or the table is damaged.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.folder import Folder
    >>> lack_of(Folder(Path("nowhere"), Path("nowhere")), "q", "2026-11")
    ''
    """
    path = workspace.wave(wave, f"{query}.manifest.json")
    table = workspace.wave(wave, f"{query}.audience.parquet")
    if not table.is_file():
        return ""
    manifest = results.read(path)
    about = manifest.about if manifest else {}
    account = _stated(about)
    if account is None:
        account = _counted(table, wave, _begun(workspace.wave(wave, f"{query}.journal.sqlite"), about))
        if account.source == "live":
            _name_manifest(path, query, wave)
    if account.source == "replay":
        return _uncollected(account, query, wave) if about.get("merged") else ""
    lack = require_answers(account.gaps, query=query, wave=wave, least=account.least)
    if not account.audiences:
        raise IncompleteError(
            f"no cell of {query} in {wave} has an audience",
            where=str(table),
            allowed="nothing is learnt or published from a wave without one",
            hint=f"if the platform gave no numbers: `smstock collect {query} --wave {wave} --again {NO_NUMBER}`",
        )
    return lack


def _uncollected(account: _Account, query: str, wave: str) -> str:
    """Return in a sentence what none of the merged journals of a replay holds, empty if nothing."""
    failed, rows = account.statuses.get(FAILED, 0), sum(account.statuses.values())
    if not failed:
        return ""
    return f"{failed:,} of {rows:,} figures of {query} in {wave} are in none of the journals that were merged"


def usable_waves(workspace: Folder, query: str, wave: str) -> tuple[list[str], str]:
    """Return the collected waves that a wave may be published from, and what is lacking, in a sentence.

    A month of weeks or days is published from those of them that may be published; it lacks the others.

    Raises
    ------
    IncompleteError, InputError
        As for `lack_of`; of a month, where none of its waves may be published.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.folder import Folder
    >>> usable_waves(Folder(Path("nowhere"), Path("nowhere")), "q", "2026-11")
    (['2026-11'], '')
    """
    parts = waves_in(workspace, query, wave)
    if parts == [wave]:
        return parts, lack_of(workspace, query, wave)
    usable, lacks, refusal = [], [], None
    for part in parts:
        try:
            lacks.append(lack_of(workspace, query, part))
            usable.append(part)
        except (IncompleteError, InputError) as error:
            lacks.append(f"{part} is left out: {error.what}")
            refusal = error
    if refusal and not usable:
        raise refusal
    return usable, "; ".join(filter(None, lacks))


@dataclass(frozen=True)
class _Account:
    """What is known of a wave: who answered, the share that must be answered, its gaps, and its rows by status."""

    source: str
    least: float
    gaps: Gaps
    statuses: Mapping[str, int]

    @property
    def audiences(self) -> int:
        """Rows with an audience."""
        return sum(self.statuses.get(status, 0) for status in _AUDIENCES)


class _StatedGaps(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", defer_build=True)

    answerable: NonNegativeInt
    unanswered: NonNegativeInt
    example: str = ""
    late: NonNegativeInt = 0


class _StatedQuery(BaseModel):
    model_config = ConfigDict(strict=True, defer_build=True)

    publish: Publish = Publish()


class _Stated(BaseModel):
    """What a manifest says of a wave, as `smstock collect` writes it."""

    model_config = ConfigDict(strict=True, defer_build=True)

    source: Literal["live", "replay"]
    statuses: dict[str, NonNegativeInt]
    gaps: _StatedGaps
    query: _StatedQuery


def _stated(about: Mapping[str, Any]) -> _Account | None:
    """Return what a manifest says of its wave, None where it does not tell it all."""
    try:
        stated = _Stated.model_validate(about)
    except ValidationError:
        return None
    gaps = Gaps(**stated.gaps.model_dump())
    return _Account(stated.source, stated.query.publish.least_answered, gaps, stated.statuses)


def _begun(journal: Path, about: Mapping[str, Any]) -> tuple[str, float]:
    """Return source and share of a wave as its journal tells them; live and all cells where nothing tells."""
    with suppress(InputError), JournalReader(journal, whole=False) as reader:
        return reader.about()["source"], reader.query.publish.least_answered
    return "replay" if about.get("source") == "replay" else "live", 1.0


def _counted(table: Path, wave: str, begun: tuple[str, float]) -> _Account:
    """Return what the table of a wave tells: a row of its first metric stands for a cell."""
    import pyarrow.parquet as pq

    if contradicted := contradiction(table):
        raise contradicted
    gaps, statuses, metric = Gaps(), Counter[str](), ""
    days = days_of(wave)
    try:
        with pq.ParquetFile(table) as file:
            for batch in file.iter_batches(columns=["metric", "status", "asked_at", "origin", "destination"]):
                for row in batch.to_pylist():
                    statuses[row["status"]] += 1
                    metric = metric or row["metric"]
                    if row["metric"] != metric or (row["status"].startswith(REFUSED) and not row["asked_at"]):
                        continue
                    gaps.answerable += 1
                    if row["status"] in _OPEN:
                        gaps.unanswered += 1
                        gaps.example = gaps.example or f"{row['origin'] or 'all'} in {row['destination']}"
                    elif row["asked_at"]:
                        gaps.late += not days.first <= row["asked_at"][:10] < days.until
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise damaged(table, error) from None
    return _Account(*begun, gaps, statuses)


def _name_manifest(path: Path, query: str, wave: str) -> None:
    """Name a manifest that does not tell what is open."""
    words = "does not tell which cells are open" if path.exists() else "is missing"
    how = f"`smstock collect {query} --wave {wave}` writes it anew; the cells are counted in the table"
    leave_aside(InputError(f"the manifest {path} {words}", hint=how), path)
