"""The audience table of a wave as it lies on the disk: written out of the journal, with the manifest beside it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from smstock import results
from smstock.collect.wave import Gaps, chunks
from smstock.platforms.known import platform
from smstock.provenance import TABLES, text_hash, versions
from smstock.vocabulary.status import DEDUCED, FAILED, REFUSED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    import pandas as pd

    from smstock.collect.journal import Journal
    from smstock.collect.runner import Tally
    from smstock.folder import Folder
    from smstock.platforms.base import Platform


@dataclass(frozen=True)
class Written:
    """A table that was written: its path, the cells that are open, its cells by status, and whether it can grow."""

    audience: Path
    gaps: Gaps
    statuses: Counter[str]
    live: bool

    @property
    def refusals(self) -> dict[str, int]:
        """The cells that rules or the platform refuse, by reason, most first."""
        counted = self.statuses.most_common()
        return {status.removeprefix(REFUSED): cells for status, cells in counted if status.startswith(REFUSED)}

    def tally(self, tally: Tally) -> Tally:
        """Return the tally of a wave by this table: a run that ended early did not come to every cell."""
        deduced = self.statuses.get(DEDUCED, 0)
        missing = 0 if self.live else self.statuses.get(FAILED, 0)
        return replace(
            tally,
            refused=tally.planned - self.gaps.answerable,
            settled=self.gaps.answerable - self.gaps.unanswered - deduced - missing,
            deduced=deduced,
            missing=missing,
        )


def write_wave(journal: Journal, workspace: Folder, earlier: Mapping[str, float]) -> Written:
    r"""Write the audience table of a journal and its manifest.

    Parameters
    ----------
    journal
        What was answered.
    workspace
        Where the table goes.
    earlier
        Values of the wave before, by request key: a sudden floor is no floor until it is confirmed.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from smstock.collect.journal import Journal
    >>> from smstock.folder import Folder
    >>> from smstock.query.spec import parse
    >>> query = parse('name="q"\nplatform="meta"\norigins=["SRB"]\ndestinations=["AUT"]\nages="18+"')
    >>> with TemporaryDirectory() as place, Journal(Path(place, "q.sqlite"), query, "2026-11", "live") as journal:
    ...     written = write_wave(journal, Folder(Path(place), Path(place)), {})
    ...     written.audience.name, written.gaps.unanswered
    ('q.audience.parquet', 1)
    """
    query = journal.query
    service = platform(query.platform)
    statuses: Counter[str] = Counter()
    roundings: Counter[str] = Counter()
    gaps = Gaps()
    manifest = results.Manifest(
        step="collect",
        query=query.name,
        wave=journal.wave,
        inputs={"query": text_hash(query.model_dump_json())},
        versions=versions(TABLES),
        about={
            "answers": len(journal),
            "gaps": vars(gaps),
            "query": query.model_dump(mode="json"),
            "roundings": roundings,
            "source": journal.about()["source"],
            "statuses": statuses,
        }
        | ({"merged": journal.merged} if journal.merged else {}),
    )
    pieces = _counted(chunks(journal, service, earlier, gaps), service, statuses, roundings)
    audience, _ = results.write(
        workspace.wave(journal.wave, f"{query.name}.manifest.json"),
        manifest,
        {f"{query.name}.audience.parquet": results.parquet(pieces)},
    )
    cells = Counter({status: rows // len(query.metrics) for status, rows in statuses.items()})
    return Written(audience, gaps, cells, live=journal.about()["source"] != "replay")


def _counted(
    pieces: Iterable[pd.DataFrame], service: Platform[Any], statuses: Counter[str], roundings: Counter[str]
) -> Iterator[pd.DataFrame]:
    """Yield the pieces of a table, counting their statuses, and their values by the rule of rounding they obey."""
    for piece in pieces:
        statuses.update(piece["status"].to_list())
        roundings.update(filter(None, map(service.rounding, piece["value"].dropna())))
        yield piece
