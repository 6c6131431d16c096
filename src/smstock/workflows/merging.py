"""Waves collected apart, by two offices or two accounts, merged into the wave of a folder."""

from __future__ import annotations

import os
import shutil
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from smstock.collect.database import SUFFIX
from smstock.collect.journal import Journal, differing
from smstock.collect.merge import merge as merge_journals
from smstock.collect.reader import JournalReader
from smstock.collect.runner import Tally
from smstock.errors import InputError, UsageError, shown
from smstock.platforms.known import platform
from smstock.query.lattice import count
from smstock.vocabulary.dates import check_wave
from smstock.workflows.collection import Collected
from smstock.workflows.wave_before import unfinished_before, values_before
from smstock.workflows.wave_table import write_wave

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from smstock.collect.merge import Merged
    from smstock.folder import Folder
    from smstock.query.spec import QuerySpec

_AREAS: Final = ("destinations", "origins")
"""Keys of which a journal may have asked a part."""
_HINTS: Final = {
    "platform": "merge journals of one platform",
    "wave": "answers of other days are another wave: merge its journals apart",
    "source": "recorded answers and those of today are not merged: collect them into folders of their own",
}


@dataclass(frozen=True)
class Merging:
    """A wave into which journals were merged.

    Attributes
    ----------
    query, wave
        Which one.
    journals
        What became of each, in the order they were named.
    collected
        The wave as it is now; None where it was only tried.
    """

    query: str
    wave: str
    journals: tuple[Merged, ...]
    collected: Collected | None = None


def merge(
    query: QuerySpec, workspace: Folder, journals: Sequence[Path], *, wave: str = "", dry_run: bool = False
) -> Merging:
    r"""Merge journals into the wave of a folder, all of them or none; nobody is asked.

    Parameters
    ----------
    query
        What the wave asks. The journals asked the same, or of some of its destinations and origins only.
    workspace
        Where the wave lies; it is begun if it was not.
    journals
        Are only read.
    wave
        Refuse journals of another one.
    dry_run
        Only find out what would become of each.

    Raises
    ------
    UsageError
        No journal is named, or no wave.
    InputError
        A journal is of another query, wave or kind of source, is the wave's own, or is damaged.

    Examples
    --------
    >>> from smstock.folder import Folder
    >>> from smstock.query.spec import parse
    >>> query = parse('name="q"\nplatform="meta"\norigins=["SRB"]\ndestinations=["AUT"]\nages="18+"')
    >>> with TemporaryDirectory() as place:
    ...     Journal(Path(place, "other.sqlite"), query, "2026-11", "live").close()
    ...     folder = Folder(Path(place, "own"), Path(place, "own"))
    ...     merged = merge(query, folder, [Path(place, "other.sqlite")])
    ...     merged.wave, merged.journals[0].answers, merged.collected.gaps.unanswered
    ('2026-11', 0, 1)
    """
    if not journals:
        raise UsageError("no journal to merge", hint=f"name the file of one, such as waves/2026-11/q{SUFFIX}")
    with ExitStack() as opened:
        others = [opened.enter_context(_reader(path)) for path in journals]
        wave = check_wave(wave or others[0].wave)
        path = workspace.wave(wave, f"{query.name}{SUFFIX}")
        source = _source(path) or others[0].about()["source"]
        for other in others:
            _require_same(other, path, query, wave, source)
        earlier = values_before(workspace, query, wave)
        if dry_run:
            path = opened.enter_context(_copy(path))
        with Journal(path, query, wave, source) as journal:
            merged = Merging(
                query.name, wave, tuple(merge_journals(journal, others, platform(query.platform), earlier))
            )
            if dry_run:
                return merged
            written = write_wave(journal, workspace, earlier)
    collected = Collected(
        query.name,
        wave,
        written.audience,
        written.tally(Tally(planned=count(query))),
        unfinished=unfinished_before(workspace, query.name, wave),
        gaps=written.gaps,
        least_answered=query.publish.least_answered,
        refusals=written.refusals,
    )
    return replace(merged, collected=collected)


def _reader(path: Path) -> JournalReader:
    with suppress(OSError):  # of what may not be looked at the reader tells
        if path.is_dir() or not os.path.lexists(path):
            raise InputError(
                f"{path} is a folder, no journal" if path.is_dir() else f"there is no journal {path}",
                hint=f"name the journal of the other office, in its folder waves/<wave>/<query>{SUFFIX}",
            )
    return JournalReader(path)


def _source(path: Path) -> str:
    """Return whether a wave that was begun is ``live`` or a ``replay``, empty where none was."""
    if not path.exists() or not path.stat().st_size:
        return ""
    with JournalReader(path, whole=False) as journal:
        return journal.about()["source"]


def _require_same(other: JournalReader, own: Path, query: QuerySpec, wave: str, source: str) -> None:
    """Refuse a journal whose answers do not belong to a wave, and say by what."""
    about, asked = other.about(), other.query
    if own.exists() and other.path.samefile(own):
        raise InputError(f"{other.path} is the journal of the wave itself", hint="name the journal of another folder")
    for what, value, expected in (
        ("platform", asked.platform, query.platform),
        ("wave", other.wave, wave),
        ("source", about["source"], source),
    ):
        if value != expected:
            raise InputError(
                f"the journal {other.path} has the {what} {shown(value)}", allowed=expected, hint=_HINTS[what]
            )
    if changed := [key for key in differing(asked, query) if not _is_part(key, asked, query)]:
        raise InputError(
            f"the journal {other.path} was collected by another query than {query.name}: {', '.join(changed)} differ",
            where="; ".join(
                f"{query.name} lacks the {key} {', '.join(_lacked(key, asked, query))}"
                for key in _AREAS
                if key in changed
            ),
            allowed="the same query, or one with a part of its destinations and origins, under any name",
            hint="merge what one query file collected; a changed query is a query of its own",
        )


def _is_part(key: str, asked: QuerySpec, query: QuerySpec) -> bool:
    """Whether a key may differ: the name, and areas that the query asks among others."""
    return not _lacked(key, asked, query) if key in _AREAS else key == "name"


def _lacked(key: str, asked: QuerySpec, query: QuerySpec) -> list[str]:
    """Return the areas that a journal asked and the query does not."""
    return [area for area in getattr(asked, key) if area not in getattr(query, key)]


@contextmanager
def _copy(path: Path) -> Iterator[Path]:
    """Give the path of a copy of a journal, with the log beside it; of none where there is none."""
    with TemporaryDirectory(prefix="smstock-") as folder:
        copy = Path(folder, path.parent.name, path.name)
        copy.parent.mkdir()
        for ending in ("", "-wal"):
            part = path.with_name(path.name + ending)
            if part.exists():
                shutil.copyfile(part, copy.with_name(copy.name + ending))
        yield copy
