"""Damaged files of a workspace: named, left aside, and repaired where they can be."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from tests.cli.command import REPOSITORY, smstock

from smstock.collect.reader import JournalReader
from smstock.folder import Folder
from smstock.workflows.collection import _asked_lately

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

QUERY, RECORDED = REPOSITORY / "queries/serbia-diaspora.toml", REPOSITORY / "queries/recorded/serbia-diaspora"
JOURNAL = "waves/2020-10/serbia-diaspora.journal.sqlite"
TABLE = "waves/2020-10/serbia-diaspora.audience.parquet"


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("collected")
    assert smstock("collect", QUERY, "--replay", RECORDED, "--output", output).returncode == 0
    return output


@pytest.fixture
def workspace(collected: Path, tmp_path: Path) -> Path:
    return shutil.copytree(collected, tmp_path / "workspace")


def rot(journal: Path, *places: float) -> None:
    """Overwrite a page at some parts of a journal."""
    page = 4096
    content = bytearray(journal.read_bytes())
    for place in places:
        start = int(place * len(content)) // page * page
        content[start : start + page] = b"\x5a" * page
    journal.write_bytes(content)


def change(statement: str) -> Callable[[Path], None]:
    def changed(path: Path) -> None:
        with closing(sqlite3.connect(path)) as file, file:
            file.execute(statement)

    return changed


@pytest.mark.parametrize("head", [bytes(100), b"SQLite format 3\0" + b"\xff" * 84, bytes(4096), b"\xa5" * 4096])
def test_a_journal_without_its_first_page_is_read_by_that_of_a_new_one(workspace: Path, head: bytes) -> None:
    path = workspace / JOURNAL
    whole = path.read_bytes()
    path.write_bytes(head + whole[len(head) :])
    ended = smstock("collect", QUERY, "--replay", RECORDED, "--output", workspace)
    assert ended.returncode == 3
    assert "`smstock repair 2020-10/serbia-diaspora` saves what can be read" in ended.stderr
    # the query is read out of the journal: the workspace has no file of it
    ended = smstock("repair", "2020-10/serbia-diaspora", "--workspace", workspace)
    assert "812 answers saved, 0 lost" in ended.stdout
    assert (path.parent / f"{path.name}.damaged").read_bytes() == head + whole[len(head) :]
    assert [left.name for left in path.parent.iterdir() if left.name.startswith(".")] == []
    with JournalReader(path) as reader:
        assert len(list(reader.answers())) == 812


def test_a_journal_of_which_nothing_is_left_does_not_say_that_nothing_is_lost(workspace: Path) -> None:
    path = workspace / JOURNAL
    path.write_bytes(b"\x5a" * path.stat().st_size)
    ended = smstock("repair", "2020-10/serbia-diaspora", "--workspace", REPOSITORY, "--output", workspace)
    assert "0 answers saved, how many are lost cannot be told" in ended.stdout


@pytest.mark.parametrize("named", [True, False])
def test_an_empty_journal_is_damage_that_is_repaired(workspace: Path, named: bool) -> None:
    (workspace / JOURNAL).write_bytes(b"")
    name = ("2020-10/serbia-diaspora",) if named else ()
    ended = smstock("status", "serbia-diaspora", "--output", workspace)
    assert (ended.returncode, "is damaged: it is empty" in ended.stderr) == (3, True)
    ended = smstock("repair", *name, "--workspace", REPOSITORY, "--output", workspace)
    assert "2020-10/serbia-diaspora: 0 answers saved, how many are lost cannot be told" in ended.stdout
    assert "is kept" in ended.stderr
    ended = smstock("status", "serbia-diaspora", "--output", workspace, "--json")
    assert json.loads(ended.stdout)["answers"] == 0


def lay(kind: str, path: Path) -> None:
    path.unlink()
    match kind:
        case "a pipe":
            os.mkfifo(path)
        case "a folder":
            path.mkdir()
        case "a link that leads nowhere":
            path.symlink_to("nowhere")


@pytest.mark.parametrize("kind", ["a pipe", "a folder", "a link that leads nowhere"])
def test_what_lies_in_the_place_of_a_journal_is_named(workspace: Path, kind: str) -> None:
    path = workspace / JOURNAL
    lay(kind, path)
    for words in (
        ("status", "serbia-diaspora"),
        ("export", "serbia-diaspora", workspace / "recorded"),
        ("collect", QUERY, "--replay", RECORDED),
        ("repair", "2020-10/serbia-diaspora"),
    ):
        ended = smstock(*words, "--output", workspace)
        assert (ended.returncode, f"the journal {path} is {kind}" in ended.stderr) == (3, True), words
    ended = smstock("repair", "--output", workspace)
    assert f"left aside: the journal {path} is {kind}" in ended.stderr
    assert ended.stderr.endswith("no journal is damaged\n")


def test_a_damaged_journal_is_repaired_and_only_what_is_lost_is_asked(workspace: Path) -> None:
    journal = workspace / JOURNAL
    right = pd.read_parquet(workspace / TABLE)
    with JournalReader(journal) as reader:
        answers = len(reader)
    rot(journal, 0.3, 0.6)
    damaged = journal.read_bytes()
    ended = smstock("collect", QUERY, "--replay", RECORDED, "--output", workspace)
    assert ended.returncode == 3
    assert "is damaged" in ended.stderr
    assert "`smstock repair 2020-10/serbia-diaspora`" in ended.stderr

    ended = smstock("repair", "--output", workspace, "--json")
    assert ended.returncode == 0, ended.stderr
    (repaired,) = json.loads(ended.stdout)
    assert repaired["saved"] + repaired["lost"] == answers
    assert 0 < repaired["lost"] < 60
    assert (journal.parent / f"{journal.name}.damaged").read_bytes() == damaged
    ended = smstock("collect", QUERY, "--replay", RECORDED, "--output", workspace, "--json")
    assert json.loads(ended.stdout)["asked_now"] == repaired["lost"]
    pd.testing.assert_frame_equal(pd.read_parquet(workspace / TABLE), right)
    ended = smstock("repair", "2020-10/serbia-diaspora", "--output", workspace)
    assert (ended.returncode, ended.stderr) == (0, "2020-10/serbia-diaspora is not damaged\n")


def to_ask(workspace: Path) -> int:
    """Return what the status says will be asked, once the collection has asked just that."""
    ended = smstock("status", "serbia-diaspora", "--output", workspace, "--json")
    number = int(json.loads(ended.stdout)["to_ask"])
    ended = smstock("collect", QUERY, "--replay", RECORDED, "--output", workspace, "--json")
    assert json.loads(ended.stdout)["asked_now"] == number
    return number


def lost(workspace: Path) -> int:
    (repaired,) = json.loads(smstock("repair", "--output", workspace, "--json").stdout)
    return int(repaired["lost"])


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE about SET value = '{' WHERE name = 'query'",  # statuses go with their answers
        "UPDATE settled SET status = 'x'",  # they are found out from the answers
        "DELETE FROM settled",
    ],
)
def test_after_a_repair_without_loss_the_status_says_that_nothing_is_to_ask(workspace: Path, statement: str) -> None:
    change(statement)(workspace / JOURNAL)
    smstock("repair", "2020-10/serbia-diaspora", "--workspace", REPOSITORY, "--output", workspace)
    assert to_ask(workspace) == 0


def test_a_second_repair_counts_only_what_was_lost_since_the_first(workspace: Path) -> None:
    wrong = "UPDATE answer SET body = CAST('{}' AS BLOB) WHERE id IN (%s)"
    change(wrong % "7, 8, 9")(workspace / JOURNAL)
    assert lost(workspace) == 3
    assert to_ask(workspace) == 3
    change("DROP INDEX answer_key")(workspace / JOURNAL)
    assert lost(workspace) == 0
    change(wrong % "811")(workspace / JOURNAL)
    assert lost(workspace) == 1
    assert to_ask(workspace) == 1
    ended = smstock("repair", "--output", workspace)
    assert (ended.stdout, ended.stderr) == ("", "no journal is damaged\n")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE about SET value = '{' WHERE name = 'query'",
        "DELETE FROM about",
        "UPDATE answer SET body = CAST('{}' AS BLOB) WHERE id = 7",
        "DROP INDEX answer_key",
        "ALTER TABLE answer RENAME TO anqwer",
        "UPDATE settled SET status = 'x'",
    ],
)
def test_each_kind_of_damage_is_repaired(workspace: Path, statement: str) -> None:
    change(statement)(workspace / JOURNAL)
    ended = smstock("repair", "2020-10/serbia-diaspora", "--workspace", REPOSITORY, "--output", workspace)
    assert ended.returncode == 0, ended.stderr
    assert f"{'811' if 'body' in statement else '812'} answers saved" in ended.stdout
    with JournalReader(workspace / JOURNAL) as reader:
        assert len(list(reader.answers())) in (811, 812)


def test_a_journal_that_no_longer_tells_its_query_needs_the_file_of_the_query(workspace: Path) -> None:
    change("DELETE FROM about")(workspace / JOURNAL)
    ended = smstock("repair", "2020-10/serbia-diaspora", "--workspace", workspace)
    assert ended.returncode == 3
    assert "does not tell its query any more" in ended.stderr
    assert "queries/serbia-diaspora.toml, then repair again" in ended.stderr
    assert smstock("repair", "november/q", "--workspace", workspace).returncode == 2
    assert smstock("repair", "2020-11/q", "--workspace", workspace).returncode == 3


@pytest.mark.parametrize(
    "damage",
    [
        change("UPDATE about SET value = '3' WHERE name = 'format'"),
        change("UPDATE about SET value = '{' WHERE name = 'query'"),
        change("UPDATE answer SET asked_at = '2021-01-01T00:00:00Z' WHERE id = 7"),
        change("DROP TABLE answer"),
        lambda path: path.write_bytes(path.read_bytes()[:100_000]),
        lambda path: path.write_bytes(b"no database, but long enough to be looked at" * 100),
        lambda path: path.write_bytes(b""),
        lambda path: (path.unlink(), path.symlink_to("nowhere")),
    ],
)
def test_the_journal_of_another_query_stops_no_collection(
    workspace: Path, damage: Callable[[Path], None], caplog: pytest.LogCaptureFixture
) -> None:
    damage(workspace / JOURNAL)
    list(_asked_lately(Folder(workspace, workspace), datetime(2020, 1, 1, tzinfo=UTC)))
    assert len(caplog.messages) == 1
    assert caplog.messages[0].startswith("left aside: ")
    assert "serbia-diaspora" in caplog.messages[0]


@pytest.mark.parametrize("name", ["answer_page", "newer_key", "bad_query", "flip_0", "flip_4"])
def test_the_journals_that_stopped_every_collection_are_named(
    name: str, tmp_path: Path, caplog: pytest.LogCaptureFixture, shared: Path
) -> None:
    journal = tmp_path / "waves/2020-10/serbia-diaspora.journal.sqlite"
    journal.parent.mkdir(parents=True)
    shutil.copyfile(shared / f"cases/breaker/journal_{name}.sqlite", journal)
    list(_asked_lately(Folder(tmp_path, tmp_path), datetime(2020, 1, 1, tzinfo=UTC)))
    assert len(caplog.messages) <= 1
    ended = smstock("collect", QUERY, "--replay", RECORDED, "--output", tmp_path)
    assert ended.returncode == 3
    assert str(journal) in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_damaged_earlier_month_is_named_and_the_month_goes_on(workspace: Path) -> None:
    earlier = workspace / "waves/2020-09"
    shutil.copytree(workspace / "waves/2020-10", earlier)
    (earlier / "serbia-diaspora.audience.parquet").write_bytes((workspace / TABLE).read_bytes()[:5000])
    (earlier / "serbia-diaspora.manifest.json").unlink()
    ended = smstock("collect", QUERY, "--replay", RECORDED, "--output", workspace)
    assert ended.returncode == 0, ended.stderr
    assert f"left aside: {earlier}/serbia-diaspora.audience.parquet is damaged" in ended.stderr
    assert f"left aside: {earlier}/serbia-diaspora.manifest.json is missing" in ended.stderr
    assert ended.stderr.count("left aside") == 2
    assert smstock("plan", QUERY, "--output", workspace).returncode == 0


def test_a_damaged_table_of_an_earlier_month_is_named_once(workspace: Path) -> None:
    earlier = workspace / "waves/2020-09"
    shutil.copytree(workspace / "waves/2020-10", earlier)
    (earlier / "serbia-diaspora.audience.parquet").write_bytes((workspace / TABLE).read_bytes()[:5000])
    ended = smstock("run", "serbia", "--workspace", REPOSITORY, "--output", workspace)
    assert ended.returncode == 0, ended.stderr
    assert ended.stderr.count("left aside") == 1
    assert f"left aside: {earlier}/serbia-diaspora.audience.parquet is damaged" in ended.stderr


def test_a_table_that_its_manifest_does_not_vouch_for_is_not_estimated_from(workspace: Path) -> None:
    table = pd.read_parquet(workspace / TABLE)
    table.assign(value=table["value"] * 1000).to_parquet(workspace / TABLE, index=False)
    ended = smstock("nowcast", "serbia", "--query", "serbia-diaspora", "--output", workspace)
    assert ended.returncode == 3
    assert "is not what its manifest vouches for" in ended.stderr
