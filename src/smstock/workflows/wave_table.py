"""The audience table of a wave as it lies on the disk: written out of the journal, with the manifest beside it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from smstock import __version__, results
from smstock.collect.prediction import Prediction
from smstock.collect.unread import catch_up
from smstock.collect.wave import Gaps, chunks
from smstock.platforms.known import platform
from smstock.provenance import TABLES, canonical_json, code_hash, text_hash, versions
from smstock.vocabulary.status import DEDUCED, FAILED, REFUSED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    import pandas as pd

    from smstock.collect.journal import Journal
    from smstock.collect.runner import Tally
    from smstock.folder import Folder
    from smstock.query.spec import QuerySpec


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
    r"""Write the audience table of a journal and its manifest, unless they lie there already.

    A table is not made again where its manifest vouches for it, and tells that it was made of the same journal by the
    same smstock.

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
    # a verdict that is found out again, as after a kill, is a change of the journal too
    catch_up(service, journal, earlier)
    path = workspace.wave(journal.wave, f"{query.name}.manifest.json")
    table = path.with_name(f"{query.name}.audience.parquet")
    gaps, statuses = Gaps(), Counter[str]()  # counted as the table is written
    about = {
        "answers": len(journal),
        "gaps": vars(gaps),
        "query": query.model_dump(mode="json"),
        "roundings": Counter(),
        "source": journal.about()["source"],
        "statuses": statuses,
    } | ({"merged": journal.merged} if journal.merged else {})
    manifest = results.Manifest(
        step="collect",
        query=query.name,
        wave=journal.wave,
        inputs={
            "journal": journal.content_hash(),
            "query": text_hash(query.model_dump_json()),
            "smstock": code_hash(),
        },
        versions=versions(TABLES),
        about=about,
    )
    known = _same(path, table.name, manifest)
    if known is None:
        pieces = _counted(chunks(journal, service, earlier, gaps), query, about)
        results.write(path, manifest, {table.name: results.parquet(pieces)})
    else:
        gaps, statuses = Gaps(**known["gaps"]), Counter(known["statuses"])
    cells = Counter({status: rows // len(query.metrics) for status, rows in statuses.items()})
    return Written(table, gaps, cells, live=journal.about()["source"] != "replay")


def calls_after(table: Path, query: QuerySpec) -> int | None:
    r"""Return the calls that a wave of the same query takes after the one of a table; None where nothing tells.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.query.spec import parse
    >>> query = parse('name="q"\nplatform="meta"\norigins=["SRB"]\ndestinations=["AUT"]\nages="18+"')
    >>> calls_after(Path("q.audience.parquet"), query) is None
    True
    """
    known = results.read(table.with_name(f"{query.name}.manifest.json"), [table.name])
    made_of = (text_hash(query.model_dump_json()), __version__)
    if known is None or (known.inputs.get("query"), known.versions.get("smstock")) != made_of or not _is_whole(known):
        return None
    return int(known.about["calls"])


def _same(path: Path, table: str, manifest: results.Manifest) -> Mapping[str, Any] | None:
    """Return what is told of a table that was made of the same by the same; None where there is none such, whole."""
    known = results.read(path, [table])
    if known is None or replace(known, about={}, outputs={}) != replace(manifest, about={}, outputs={}):
        return None
    return known.about if _is_whole(known) else None


def _is_whole(manifest: results.Manifest) -> bool:
    """Whether a manifest tells what was told as it was written."""
    return bool(manifest.about.get("sha256") == _hash(manifest.about))


def _hash(about: Mapping[str, Any]) -> str:
    return text_hash(canonical_json({name: value for name, value in about.items() if name != "sha256"}))


def _counted(pieces: Iterable[pd.DataFrame], query: QuerySpec, about: dict[str, Any]) -> Iterator[pd.DataFrame]:
    """Yield the pieces of a table, counting their statuses, and their values by the rule of rounding they obey.

    The calls that the same query takes in the next wave are predicted too, so that nothing is read to plan it.
    """
    service = platform(query.platform)
    prediction = Prediction(query, service)
    for piece in pieces:
        about["statuses"].update(piece["status"].to_list())
        about["roundings"].update(filter(None, map(service.rounding, piece["value"].dropna())))
        prediction.learn(piece)
        yield piece
    about["calls"] = prediction.calls()
    about["sha256"] = _hash(about)
