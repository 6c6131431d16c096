"""The table of a wave is made again only where something changed, and is then what one made from scratch is."""

from __future__ import annotations

import json
from collections import Counter
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from unittest.mock import patch

import pyarrow.parquet as pq
import pytest

from smstock.collect.journal import Journal
from smstock.folder import Folder
from smstock.platforms.base import RawAnswer
from smstock.platforms.known import PLATFORMS
from smstock.platforms.meta.platform import META
from smstock.query.lattice import cells
from smstock.query.meta import MetaQuery
from smstock.workflows import wave_table
from smstock.workflows.collection import collect
from smstock.workflows.merging import merge
from smstock.workflows.planning import plan
from smstock.workflows.wave_table import Written, calls_after, write_wave

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from smstock.platforms.base import Answer

QUERY = MetaQuery(name="q", origins=("SRB", "ROU"), destinations=("AUT", "DEU"), ages="18+", totals=False)
REQUESTS = [META.request(cell, QUERY) for cell in cells(QUERY)]
WAVE = "2020-10"


def answer(accounts: int, number: int = 0) -> RawAnswer:
    body = json.dumps({"data": [{"estimate_mau": accounts, "estimate_dau": accounts, "estimate_ready": True}]}).encode()
    return RawAnswer(body, 200, f"2020-10-05T07:40:{number:02}Z", REQUESTS[0].endpoint, "v8.0")


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """Return a folder in which three of four cells were answered and the table was written."""
    place = Folder(tmp_path, tmp_path)
    path = place.wave(WAVE, "q.journal.sqlite")
    path.parent.mkdir(parents=True)
    with Journal(path, QUERY, WAVE, "live") as journal:
        journal.write([(REQUESTS[number], answer(2600 + 100 * number, number)) for number in range(3)])
        write_wave(journal, place, {})
    return place


def state(folder: Folder) -> list[tuple[int, int]]:
    return [
        (path.stat().st_ino, path.stat().st_mtime_ns)
        for path in (folder.wave(WAVE, "q.audience.parquet"), folder.wave(WAVE, "q.manifest.json"))
    ]


@contextmanager
def parsed() -> Iterator[Counter[bytes]]:
    """Count the answers that are parsed in the block."""
    bodies: Counter[bytes] = Counter()

    def read(raw: RawAnswer) -> Answer:
        bodies[raw.body] += 1
        return META.read(raw)

    with patch.dict(PLATFORMS, meta=replace(META, read=read)):
        yield bodies


def again(folder: Folder) -> Written:
    with Journal.open(folder.wave(WAVE, "q.journal.sqlite")) as journal:
        return write_wave(journal, folder, {})


def test_a_table_of_the_same_journal_stays_and_no_answer_is_parsed(folder: Folder) -> None:
    before = state(folder)
    with parsed() as bodies:
        written = again(folder)
    assert state(folder) == before
    assert not bodies
    assert (written.gaps.answerable, written.gaps.unanswered, written.gaps.example) == (4, 1, "ROU in DEU, all, 18+")
    assert written.statuses == {"observed": 3, "quota": 1}
    assert written.live


def one_answer_more(folder: Folder) -> None:
    with Journal.open(folder.wave(WAVE, "q.journal.sqlite")) as journal:
        journal.write([(REQUESTS[3], answer(5000, 3))])


def a_verdict_taken_back(folder: Folder) -> None:
    with Journal.open(folder.wave(WAVE, "q.journal.sqlite")) as journal:
        assert journal.ask_again("observed") == 3


def another_title(folder: Folder) -> None:
    titled = QUERY.model_copy(update={"title": "Serbs and Romanians"})
    with Journal(folder.wave(WAVE, "q.journal.sqlite"), titled, WAVE, "live"):
        pass


def a_damaged_table(folder: Folder) -> None:
    path = folder.wave(WAVE, "q.audience.parquet")
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def no_table(folder: Folder) -> None:
    folder.wave(WAVE, "q.audience.parquet").unlink()


def no_manifest(folder: Folder) -> None:
    folder.wave(WAVE, "q.manifest.json").unlink()


def another_count_in_the_manifest(folder: Folder) -> None:
    path = folder.wave(WAVE, "q.manifest.json")
    text = path.read_text()
    assert '"unanswered": 1' in text
    path.write_text(text.replace('"unanswered": 1', '"unanswered": 0'))


@pytest.mark.parametrize(
    "change",
    [
        one_answer_more,
        a_verdict_taken_back,
        another_title,
        a_damaged_table,
        no_table,
        no_manifest,
        another_count_in_the_manifest,
    ],
    ids=lambda change: change.__name__,
)
def test_a_table_is_made_again_after_a_change_as_one_made_from_scratch(
    folder: Folder, change: Callable[[Folder], None]
) -> None:
    change(folder)
    before = folder.wave(WAVE, "q.manifest.json")
    inode = before.stat().st_ino if before.exists() else 0
    written = again(folder)
    assert folder.wave(WAVE, "q.manifest.json").stat().st_ino != inode
    assert_as_from_scratch(folder, written)


def assert_as_from_scratch(folder: Folder, written: Written) -> None:
    paths = [folder.wave(WAVE, name) for name in ("q.audience.parquet", "q.manifest.json")]
    made = [path.read_bytes() for path in paths]
    for path in paths:
        path.unlink()
    assert again(folder) == written
    assert [path.read_bytes() for path in paths] == made


def test_a_merged_journal_makes_the_table_anew(folder: Folder, tmp_path: Path) -> None:
    with Journal(tmp_path / "other.sqlite", QUERY, WAVE, "live") as other:
        other.write([(REQUESTS[3], answer(5000, 3))])
    merged = merge(QUERY, folder, [tmp_path / "other.sqlite"], wave=WAVE)
    assert merged.collected is not None
    assert merged.collected.gaps.unanswered == 0
    assert pq.read_table(folder.wave(WAVE, "q.audience.parquet"), columns=["status"]).to_pydict() == {
        "status": ["observed"] * 4
    }
    assert_as_from_scratch(folder, again(folder))


@pytest.mark.parametrize("changed", ["code_hash", "versions"])
def test_another_smstock_makes_the_table_anew(folder: Folder, changed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    before = state(folder)
    other = {"code_hash": lambda: "0" * 64, "versions": lambda _: {"pandas": "0"}}
    monkeypatch.setattr(wave_table, changed, other[changed])
    again(folder)
    assert all(new != old for new, old in zip(state(folder), before, strict=True))


def test_an_answer_that_rotted_beside_a_whole_table_is_still_told(folder: Folder) -> None:
    path = folder.wave(WAVE, "q.journal.sqlite")
    content = path.read_bytes()
    assert content.count(b'"estimate_mau": 2600') == 1
    path.write_bytes(content.replace(b'"estimate_mau": 2600', b'"estimate_mau": 2601'))
    with pytest.raises(Exception, match="the answer 1 is not what was written"):
        again(folder)


def test_a_replay_that_is_collected_again_leaves_the_table_of_its_wave(repository: Path, tmp_path: Path) -> None:
    from smstock.query.spec import load

    query, place = load(repository / "queries/serbia-diaspora.toml"), Folder(tmp_path, tmp_path)
    recordings, now = repository / "queries/recorded/serbia-diaspora", datetime(2026, 11, 22, tzinfo=UTC)
    first = collect(query, place, now=now, recordings=recordings)
    before = (first.audience.stat().st_ino, first.audience.stat().st_mtime_ns)
    with parsed() as bodies:
        second = collect(query, place, now=now, recordings=recordings)
    assert (second.audience.stat().st_ino, second.audience.stat().st_mtime_ns) == before
    assert not bodies
    # what is told of the two is the same but for the calls
    assert (second.gaps, second.refusals, second.wave) == (first.gaps, first.refusals, first.wave)
    # what the manifest tells of the next wave is what the table does
    assert calls_after(first.audience, query) == 812
    planned = plan(query, today="2026-11-22", earlier=first.audience)
    with patch.object(wave_table, "calls_after", lambda *_: None):
        assert plan(query, today="2026-11-22", earlier=first.audience) == planned
    assert planned.calls == 812


def test_calls_of_another_query_or_beside_a_damaged_table_are_not_told_by_the_manifest(folder: Folder) -> None:
    table = folder.wave(WAVE, "q.audience.parquet")
    assert calls_after(table, QUERY) == 4
    assert calls_after(table, QUERY.model_copy(update={"title": "another"})) is None
    a_damaged_table(folder)
    assert calls_after(table, QUERY) is None


def test_a_manifest_whose_query_was_changed_is_written_anew(folder: Folder) -> None:
    path = folder.wave(WAVE, "q.manifest.json")
    text = path.read_text()
    path.write_text(text.replace('"least_answered": 1.0', '"least_answered": 0.1'))
    assert path.read_text() != text
    again(folder)
    assert path.read_text() == text
