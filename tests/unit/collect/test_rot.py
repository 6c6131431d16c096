"""Rot of the disk: what a journal gives is what was written, or it is refused; never another value."""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from random import Random
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from tests.unit.collect.old_journal import without_checksums

from smstock.collect.journal import Journal
from smstock.collect.reader import JournalReader
from smstock.collect.salvage import salvage
from smstock.collect.wave import chunks
from smstock.errors import DamagedError, InputError
from smstock.platforms.base import RawAnswer
from smstock.platforms.known import platform
from smstock.query.lattice import cells
from smstock.query.spec import parse

if TYPE_CHECKING:
    from pathlib import Path

META = platform("meta")
QUERY = parse(
    'name = "q"\nplatform = "meta"\nages = "18+"\norigins = ["SRB", "ROU"]\ndestinations = ["DEU", "AUT", "ITA", "CHE"]\n'
    'breakdowns = [["sex"]]\n'
)
PLACES = 200


def answered(number: int) -> RawAnswer:
    # every third audience is at the floor, so that parts of it are deduced
    mau = 1000 if number % 3 == 0 else 1100 + 100 * number
    body = b'{"data":[{"estimate_mau":%d,"estimate_dau":%d,"estimate_ready":true}]}' % (mau, mau // 2)
    return RawAnswer(body, 200, f"2026-11-22T10:00:{number:02}Z", "delivery_estimate", "v8.0", (), "act_1")


def table(journal: Journal) -> pd.DataFrame:
    return pd.concat(chunks(journal, META), ignore_index=True)


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small journal, settled."""
    path = tmp_path_factory.mktemp("rot") / "q.journal.sqlite"
    asked = [META.request(cell, QUERY) for cell in cells(QUERY)]
    with Journal(path, QUERY, "2026-11", "live") as journal:
        journal.write([(request, answered(number)) for number, request in enumerate(asked)])
        table(journal)
    return path


@pytest.mark.parametrize("kind", ["bit", "byte"])
def test_a_flipped_place_changes_no_value(written: Path, tmp_path: Path, kind: str) -> None:
    sound, random = written.read_bytes(), Random(kind)
    with Journal.open(written) as journal:
        right = table(journal)
    copy, refused = tmp_path / "q.journal.sqlite", 0
    for _ in range(PLACES):
        flipped = bytearray(sound)
        flipped[random.randrange(len(sound))] ^= 1 << random.randrange(8) if kind == "bit" else random.randrange(1, 256)
        for path in tmp_path.iterdir():
            path.unlink()
        copy.write_bytes(flipped)
        try:
            with Journal(copy, QUERY, "2026-11", "live") as journal:
                pd.testing.assert_frame_equal(table(journal), right)
        except InputError:
            refused += 1
    assert refused > PLACES / 20


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE answer SET body = CAST(replace(body, '1500', '1900') AS BLOB)",
        "UPDATE answer SET asked_at = '2026-11-22T11:00:00Z' WHERE id = 2",
        "UPDATE settled SET status = 'observed' WHERE status = 'floored'",
        "UPDATE settled SET answer = 2",
        "UPDATE about SET value = replace(value, 'AUT', 'AUS') WHERE name = 'query'",
        "UPDATE about SET value = '2026-10' WHERE name = 'wave'",
        "UPDATE about SET value = '1' WHERE name = 'format'",
        "DELETE FROM about WHERE name = 'checksum'",
        "DELETE FROM about WHERE name = 'query'",
        "DELETE FROM answer WHERE id = 2",
        "ALTER TABLE answer RENAME TO anqwer",
    ],
)
def test_what_is_not_as_written_is_damage_that_can_be_repaired(written: Path, tmp_path: Path, change: str) -> None:
    copy = tmp_path / "waves/2026-11/q.journal.sqlite"
    copy.parent.mkdir(parents=True)
    copy.write_bytes(written.read_bytes())
    with closing(sqlite3.connect(copy)) as file, file:
        file.execute(change)
    with (
        pytest.raises(DamagedError, match=r"is damaged(?s:.*)`smstock repair 2026-11/q`"),
        Journal.open(copy) as journal,
    ):
        table(journal)


def test_a_later_format_is_named_and_the_file_left_as_it_is(written: Path, tmp_path: Path) -> None:
    copy = tmp_path / "q.journal.sqlite"
    copy.write_bytes(written.read_bytes())
    with closing(sqlite3.connect(copy)) as file, file:
        file.execute("UPDATE about SET value = '3' WHERE name = 'format'")
    before = copy.read_bytes()
    for opened in (Journal.open, JournalReader):
        with pytest.raises(InputError, match="has the format 3: a later smstock wrote it") as raised:
            opened(copy)
        assert (raised.value.allowed, type(raised.value)) == ("format 1 to 2", InputError)
    assert copy.read_bytes() == before


def test_a_journal_without_checksums_is_read_and_gets_them_when_it_is_gone_on_with(
    written: Path, tmp_path: Path
) -> None:
    copy = tmp_path / "q.journal.sqlite"
    copy.write_bytes(written.read_bytes())
    without_checksums(copy)
    before = copy.read_bytes()
    with JournalReader(copy) as reader, Journal.open(written) as journal:
        assert list(reader.answers()) == list(journal.answers())
        assert reader.settling(META.request(next(cells(QUERY)), QUERY).key) is not None
        right = table(journal)
    assert copy.read_bytes() == before
    with Journal(copy, QUERY, "2026-11", "live") as journal:
        assert journal.about()["format"] == "2"
        pd.testing.assert_frame_equal(table(journal), right)
    with closing(sqlite3.connect(copy)) as file, file:
        file.execute("UPDATE answer SET http_status = 201 WHERE id = 1")
    with JournalReader(copy) as reader, pytest.raises(DamagedError, match="the answer 1 is not what was written"):
        list(reader.answers())


def test_reading_makes_nothing_and_opens_nothing_to_write(
    written: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "q #1?.journal.sqlite"
    copy.write_bytes(written.read_bytes())
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in tmp_path.iterdir()}
    options: list[str] = []
    connect = sqlite3.connect

    def watched(path: str, *, uri: bool, check_same_thread: bool) -> sqlite3.Connection:
        options.append(path.partition("?")[2])
        return connect(path, uri=uri, check_same_thread=check_same_thread)

    monkeypatch.setattr(sqlite3, "connect", watched)
    with JournalReader(copy) as reader:
        assert len(list(reader.answers())) == len(list(cells(QUERY)))
        assert sorted(os.listdir(tmp_path)) == [copy.name]  # noqa: PTH208  # while it is open
    assert options == ["mode=ro&immutable=1"]
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in tmp_path.iterdir()} == before


def test_cells_that_are_to_be_asked_again_stay_so_over_a_repair(written: Path, tmp_path: Path) -> None:
    path = tmp_path / "q.journal.sqlite"
    path.write_bytes(written.read_bytes())
    with Journal.open(path) as journal:
        again = journal.ask_again("floored")
        before = journal.statuses()
    with closing(sqlite3.connect(path)) as file, file:
        file.execute("DROP INDEX answer_key")
    salvaged = salvage(path, QUERY, "2026-11", "live")
    assert (salvaged.lost, again > 0) == (0, True)
    with Journal.open(path) as journal:
        assert journal.statuses() == before
        assert not list(journal.unsettled())
