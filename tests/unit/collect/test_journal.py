from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from tests.unit.collect.old_journal import without_checksums

from smstock.collect.database import fault
from smstock.collect.journal import Journal, differing
from smstock.collect.layout import Layout
from smstock.collect.reader import JournalReader
from smstock.errors import DamagedError, InputError, QueryError
from smstock.platforms.base import RawAnswer
from smstock.platforms.known import platform
from smstock.query.lattice import cells
from smstock.query.spec import parse, specify

QUERY = parse('name = "q"\nplatform = "meta"\nages = "18+"\norigins = ["SRB"]\ndestinations = ["DEU", "AUT"]\n')
ANSWER = RawAnswer(
    b'{"data": \xff}', 200, "2026-11-22T10:00:00Z", "delivery_estimate", "v25.0", (("x-fb-trace-id", "t"),), "act_1"
)


def test_what_is_written_is_read_back_byte_for_byte_by_another_process(tmp_path: Path) -> None:
    request = platform("meta").request(next(cells(QUERY)), QUERY)
    with Journal(tmp_path / "j.sqlite", QUERY, "2026-11", "live") as journal:
        numbers = journal.write([(request, ANSWER), (request, ANSWER)])
        # a second connection sees it while the first is open: it is on disk, not in a buffer
        with closing(sqlite3.connect(tmp_path / "j.sqlite")) as other:
            seen = other.execute("SELECT body FROM answer").fetchall()
        assert seen == [(ANSWER.body,)] * 2
        journal.settle(request.key, "observed", numbers[1])
    with Journal.open(tmp_path / "j.sqlite") as journal:
        assert (journal.query, journal.wave, len(journal)) == (QUERY, "2026-11", 2)
        assert list(journal.answers()) == [(1, request.key, ANSWER), (2, request.key, ANSWER)]
        assert journal.settling(request.key) == ("observed", ANSWER)
        assert journal.last("never asked") is None


def test_a_wave_is_of_one_query(tmp_path: Path) -> None:
    Journal(tmp_path / "j.sqlite", QUERY, "2026-11", "live").close()
    changed = QUERY.model_copy(update={"ages": "20+"})
    with pytest.raises(QueryError, match="ages changed"):
        Journal(tmp_path / "j.sqlite", changed, "2026-11", "live")
    Journal(tmp_path / "j.sqlite", QUERY.model_copy(update={"title": "New"}), "2026-11", "live").close()


def test_a_file_that_is_no_journal_is_refused_and_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "j.sqlite"
    file.write_text("not a database, but long enough to be looked at " * 50)
    before = file.read_bytes()
    with pytest.raises(InputError, match="file is not a database"):
        Journal(file, QUERY, "2026-11", "live")
    assert file.read_bytes() == before
    with pytest.raises(InputError, match="there is no journal"):
        Journal.open(tmp_path / "none.sqlite")


def test_an_expired_version_can_be_replaced_amid_a_wave(tmp_path: Path) -> None:
    Journal(tmp_path / "j.sqlite", QUERY.model_copy(update={"api_version": "v24.0"}), "2026-11", "live").close()
    Journal(tmp_path / "j.sqlite", QUERY.model_copy(update={"api_version": "v26.0"}), "2026-11", "live").close()
    with Journal.open(tmp_path / "j.sqlite") as journal:
        assert journal.query.api_version == "v26.0"


def test_a_journal_can_be_looked_at_while_a_run_writes_to_it(tmp_path: Path) -> None:
    with Journal(tmp_path / "j.sqlite", QUERY, "2026-11", "live") as journal:
        journal.settle("k", "observed", 1)
        with JournalReader(tmp_path / "j.sqlite") as other:
            other._connection.execute("PRAGMA busy_timeout = 0")
            assert (other.query, len(other), other.status("k")) == (QUERY, 0, "")


def test_what_nothing_has_settled_is_told_from_what_was(tmp_path: Path) -> None:
    one, two = (platform("meta").request(cell, QUERY) for cell in cells(QUERY))
    with Journal(tmp_path / "j.sqlite", QUERY, "2026-11", "live") as journal:
        journal.write([(one, ANSWER), (two, ANSWER), (one, ANSWER)])
        journal.settle(two.key, "observed", 2)
        assert [(number, key) for number, key, _ in journal.unsettled()] == [(1, one.key), (3, one.key)]


def test_a_full_disk_is_one_message_and_keeps_what_was_written(tmp_path: Path) -> None:
    request = platform("meta").request(next(cells(QUERY)), QUERY)
    large = replace(ANSWER, body=b" " * 3000)
    written = 0
    with Journal(tmp_path / "j.sqlite", QUERY, "2026-11", "live") as journal:
        journal._connection.execute("PRAGMA max_page_count = 20")
        with pytest.raises(InputError, match="cannot be written: database or disk is full"):  # noqa: PT012
            while True:
                journal.write([(request, large)])
                written += 1
        with pytest.raises(InputError, match="cannot be written: database or disk is full"):  # noqa: PT012
            for number in range(1000):
                journal.settle(f"{number:1000}", "observed", 1)
    with Journal.open(tmp_path / "j.sqlite") as journal:
        assert len(journal) == written > 3


def test_a_key_that_was_taken_out_of_the_query_is_another_query(tmp_path: Path) -> None:
    asked = parse('name="q"\nplatform="meta"\norigins=["SRB"]\ndestinations=["AUT"]\nages="18+"\nforeign=true')
    with Journal(tmp_path / "j.sqlite", asked, "2026-11", "live"):
        pass
    with pytest.raises(QueryError, match="foreign changed"):
        Journal(tmp_path / "j.sqlite", asked.model_copy(update={"foreign": False}), "2026-11", "live")


def test_a_disk_that_fills_as_a_journal_is_begun_is_one_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        error = sqlite3.OperationalError("disk I/O error")
        error.sqlite_errorcode = sqlite3.SQLITE_IOERR
        raise error

    monkeypatch.setattr(Layout, "create", full)
    with pytest.raises(InputError, match=r"j\.sqlite cannot be written: disk I/O error") as raised:
        Journal(tmp_path / "j.sqlite", QUERY, "2026-11", "live")
    assert "look whether the disk is full" in raised.value.hint
    # what is left of it would be taken for a foreign file
    assert list(tmp_path.iterdir()) == []
    monkeypatch.undo()
    with Journal(tmp_path / "j.sqlite", QUERY, "2026-11", "live") as journal:
        assert len(journal) == 0


@pytest.mark.parametrize(
    ("code", "damage", "advice"),
    [
        (sqlite3.SQLITE_FULL, False, "free space"),
        (sqlite3.SQLITE_IOERR_WRITE, False, "look whether the disk is full"),
        (sqlite3.SQLITE_READONLY_DIRECTORY, False, "let this user read and write"),
        (sqlite3.SQLITE_CANTOPEN, False, "let this user read and write"),
        (sqlite3.SQLITE_BUSY, False, "wait until it ends"),
        (sqlite3.SQLITE_CORRUPT, True, "smstock repair 2026-11/q"),
        (sqlite3.SQLITE_NOTADB, True, "smstock repair 2026-11/q"),
    ],
)
def test_what_ails_the_disk_is_told_from_what_ails_the_journal(code: int, damage: bool, advice: str) -> None:
    error = sqlite3.OperationalError("words of SQLite")
    error.sqlite_errorcode = code
    fault_of_it = fault(Path("waves/2026-11/q.journal.sqlite"), error, "written")
    assert isinstance(fault_of_it, DamagedError) is damage
    assert "words of SQLite" in fault_of_it.what
    assert advice in fault_of_it.hint


OLD_META = (
    '{"name":"q","title":"","platform":"meta","api_version":"","endpoint":"reachestimate","destinations":["AUT"],'
    '"origins":["SRB"],"ages":"18+","breakdowns":[],"age_groups":[],"sexes":["female","male"],"education":{},'
    '"relationship":{},"totals":false,"always_ask":[],"metrics":["mau"],"location_basis":"default","placements":[],'
    '"foreign":true}'
)
OLD_LINKEDIN = (
    '{"name":"q","title":"","platform":"linkedin","api_version":"","destinations":["DEU"],"origins":["ROU"],"ages":"18+",'
    '"breakdowns":[["degree"]],"age_groups":[],"sexes":["female","male"],"education":{},"relationship":{},"totals":false,'
    '"always_ask":[],"metrics":["total"],"location_basis":"default","placements":[],"origin_basis":"school_country",'
    '"schools":{"ROU":["urn:li:organization:1"]},"dimensions":{"degree":{"master":["urn:li:degree:300"]}},"home":true}'
)
META = """
name = "q"
platform = "meta"
origins = ["SRB"]
destinations = ["AUT"]
ages = "18+"
foreign = true
endpoint = "reachestimate"
"""
LINKEDIN = """
name = "q"
platform = "linkedin"
origins = ["ROU"]
destinations = ["DEU"]
ages = "18+"
origin_basis = "school_country"
home = true
breakdowns = [["degree"]]
[schools]
ROU = ["urn:li:organization:1"]
[dimensions.degree]
master = ["urn:li:degree:300"]
"""


@pytest.mark.parametrize(("text", "now"), [(OLD_META, META), (OLD_LINKEDIN, LINKEDIN)])
def test_a_journal_begun_when_all_queries_had_the_same_keys_is_gone_on_with(
    text: str, now: str, tmp_path: Path
) -> None:
    path, query = tmp_path / "j.sqlite", parse(now)
    request = platform(query.platform).request(next(cells(query)), query)
    with Journal(path, query, "2026-11", "live") as journal:
        journal.settle(request.key, "observed", *journal.write([(request, ANSWER)]))
    without_checksums(path, query=text)
    with Journal.open(path) as journal:
        assert journal.query == query
    with Journal(path, query, "2026-11", "live") as journal:
        assert journal.status(request.key) == "observed"
        assert journal.about()["query"] == text


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"name":', "no JSON object"),
        ("[1]", "no JSON object"),
        ('{"name":"q"}', "missing: platform"),
        (OLD_META.replace('"foreign"', '"brand_new"'), "no such key: brand_new"),
    ],
)
def test_a_journal_whose_query_cannot_be_used_is_named(text: str, message: str, tmp_path: Path) -> None:
    Journal(tmp_path / "j.sqlite", QUERY, "2026-11", "live").close()
    without_checksums(tmp_path / "j.sqlite", query=text)
    with pytest.raises(QueryError, match=rf"(?s){message}.*j\.sqlite.*update smstock, or move the file away"):
        Journal.open(tmp_path / "j.sqlite")


def test_a_wave_goes_on_where_a_place_is_only_called_otherwise_and_not_where_it_lies_elsewhere() -> None:
    bavaria = {"code": "DE-BY", "name": "Bavaria", "country": "DEU", "regions": ["1"]}
    berlin = {"code": "DE-BE", "name": "Berlin", "country": "DEU", "regions": ["2"]}
    content = {"name": "q", "platform": "meta", "origins": ["SRB"], "destinations": ["DE-BY"], "ages": "18+"}
    begun = specify(content | {"places": [bavaria], "covers": {"DEU": ["DE-BY"]}})
    renamed = bavaria | {"name": "Bayern", "official": "DE2", "valid_from": "1949-05-23"}
    assert differing(begun, specify(content | {"places": [berlin, renamed]})) == []
    assert differing(begun, specify(content | {"places": [bavaria | {"regions": ["3"]}]})) == ["places"]
    both = specify(content | {"places": [bavaria, berlin], "destinations": ["DE-BY", "DE-BE"]})
    assert differing(begun, both) == ["destinations"]
