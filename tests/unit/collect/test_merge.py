"""Journals that were collected apart, merged: each cell once, as one collector would have it."""

from __future__ import annotations

import json
import os
import signal
from contextlib import ExitStack
from dataclasses import replace
from random import Random
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from tests.unit.collect.old_journal import without_checksums

from smstock.collect.journal import Journal
from smstock.collect.merge import merge
from smstock.collect.reader import JournalReader
from smstock.collect.salvage import salvage
from smstock.collect.unread import catch_up
from smstock.collect.wave import chunks
from smstock.errors import DamagedError, InputError
from smstock.platforms.base import RawAnswer
from smstock.platforms.known import platform
from smstock.query.lattice import cells
from smstock.query.spec import parse

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from smstock.collect.merge import Merged
    from smstock.platforms.base import Request

META = platform("meta")
QUERY = parse(
    'name = "q"\nplatform = "meta"\nages = "18+"\norigins = ["SRB", "ROU"]\ndestinations = ["DEU", "AUT", "ITA", "CHE"]\n'
    'age_groups = ["18-24", "25+"]\nbreakdowns = [["sex", "age"]]\n'
)
REQUESTS = [META.request(cell, QUERY) for cell in cells(QUERY)]
NUMBER = b'{"data":[{"estimate_mau":%d,"estimate_dau":%d,"estimate_ready":true}]}'
NOT_READY = b'{"data":[{"estimate_mau":0,"estimate_dau":0,"estimate_ready":false}]}'
REFUSED = b'{"error":{"code":100,"error_subcode":1487756,"message":"no such place"}}'


def raw(body: bytes, second: int, status: int = 200) -> RawAnswer:
    return RawAnswer(body, status, f"2026-11-22T10:{second // 60:02}:{second % 60:02}Z", "delivery_estimate", "v8.0")


def number(mau: int, second: int = 0) -> RawAnswer:
    return raw(NUMBER % (mau, mau // 2), second)


def written(path: Path, answers: Iterable[tuple[Request, RawAnswer]]) -> Path:
    with Journal(path, QUERY, "2026-11", "live") as journal:
        journal.write(list(answers))
        catch_up(META, journal, {})
    return path


def merged(path: Path, *others: Path, earlier: Mapping[str, float] | None = None) -> list[Merged]:
    with Journal(path, QUERY, "2026-11", "live") as journal, ExitStack() as opened:
        return merge(journal, [opened.enter_context(JournalReader(other)) for other in others], META, earlier or {})


def table(path: Path) -> pd.DataFrame:
    with Journal(path, QUERY, "2026-11", "live") as journal:
        return pd.concat(chunks(journal, META), ignore_index=True)


def content(path: Path) -> list[object]:
    with JournalReader(path) as journal:
        return [*journal.rows(), *(journal.verdict(request.key) for request in REQUESTS), journal.about()]


def one_collector(random: Random) -> list[tuple[Request, RawAnswer]]:
    """Answers to the cells that one collector asks: no part of a floor; every fifth attempt fails first."""
    floored: set[Request] = set()
    answers = []
    for second, request in enumerate(REQUESTS):
        whole = [
            other
            for other in floored
            if (other.cell.destination, other.cell.origin) == (request.cell.destination, request.cell.origin)
            and other.cell.sex in ("all", request.cell.sex)
            and other.cell.ages.holds(request.cell.ages)
        ]
        if whole:
            continue
        mau = 1000 if random.random() < 0.3 else random.randrange(1100, 9000, 100)
        if mau == 1000:
            floored.add(request)
        if random.random() < 0.2:
            answers.append((request, raw(NOT_READY, second)))
        answers.append((request, number(mau, second)))
    return answers


@pytest.mark.parametrize("seed", range(8))
def test_a_wave_split_at_random_is_that_of_one_collector_again(tmp_path: Path, seed: int) -> None:
    random = Random(seed)
    answers = one_collector(random)
    offices: list[set[str]] = [set(), set(), set()]
    keys = dict.fromkeys(request.key for request, _ in answers)
    for key in keys:
        for office in random.sample(offices, random.choice([1, 1, 2])):
            office.add(key)
    whole = written(tmp_path / "one.sqlite", answers)
    parts = [
        written(tmp_path / f"{place}.sqlite", [answer for answer in answers if answer[0].key in office])
        for place, office in enumerate(offices)
    ]
    before = [part.read_bytes() for part in parts]
    outcome = merged(tmp_path / "merged.sqlite", *parts)
    pd.testing.assert_frame_equal(table(tmp_path / "merged.sqlite"), table(whole))
    assert sum(journal.taken for journal in outcome) == len(keys)
    assert [part.read_bytes() for part in parts] == before
    # another order, one by one, into one of them
    for other in (parts[2], parts[0]):
        merged(parts[1], other)
    pd.testing.assert_frame_equal(table(parts[1]), table(whole))


def test_merging_again_changes_nothing(tmp_path: Path) -> None:
    own = written(tmp_path / "a", [(request, number(2000 + place, 9)) for place, request in enumerate(REQUESTS[:20])])
    other = written(tmp_path / "b", [(request, number(3000 + place, 5)) for place, request in enumerate(REQUESTS[9:])])
    merged(own, other)
    once = content(own)
    outcome = merged(own, other)
    assert content(own) == once
    assert (outcome[0].taken, outcome[0].alike) == (0, len(REQUESTS[9:]))


def test_of_two_numbers_the_earlier_holds_and_both_are_told(tmp_path: Path) -> None:
    first, second = REQUESTS[:2]
    here = [(first, number(2000, 10)), (second, number(4000, 20))]
    elsewhere = [(first, number(2600, 30)), (second, number(4400, 5))]
    own, other = written(tmp_path / "a", here), written(tmp_path / "b", elsewhere)
    outcome = merged(own, other)[0]
    told = [(one.asked_at, one.reading, one.passed_over_at, one.passed_over) for one in outcome.conflicts]
    assert told == [
        ("2026-11-22T10:00:10Z", "mau 2,000", "2026-11-22T10:00:30Z", "mau 2,600"),
        ("2026-11-22T10:00:05Z", "mau 4,400", "2026-11-22T10:00:20Z", "mau 4,000"),
    ]
    assert outcome.conflicts[0].cell == str(first.cell)
    assert table(own)["value"].head(2).to_list() == [2000, 4400]
    with JournalReader(own) as journal:
        assert len(journal) == 3  # what was answered here stays; what holds here is not written twice


def test_the_other_way_round_gives_the_same_table(tmp_path: Path) -> None:
    random = Random(1)
    both = [
        written(tmp_path / name, [(one, number(random.randrange(2000, 9000), random.randrange(99))) for one in some])
        for name, some in (("a", REQUESTS[:30]), ("b", REQUESTS[10:]))
    ]
    copies = [path.with_name(f"{path.name}-copy") for path in both]
    for path, copy in zip(both, copies, strict=True):
        copy.write_bytes(path.read_bytes())
    merged(both[0], both[1])
    merged(copies[1], copies[0])
    pd.testing.assert_frame_equal(table(both[0]), table(copies[1]))


@pytest.mark.parametrize("own_is_refused", [True, False])
def test_a_refusal_gives_way_to_a_number_wherever_it_lies(tmp_path: Path, own_is_refused: bool) -> None:
    refusal, answer = (REQUESTS[0], raw(REFUSED, 1, 400)), (REQUESTS[0], number(2000, 50))
    further = (REQUESTS[1], number(3000, 2))
    pair = [[refusal, further], [answer, further]]
    own, other = (
        written(tmp_path / str(place), side) for place, side in enumerate(pair[:: 1 if own_is_refused else -1])
    )
    with JournalReader(own) as journal:
        assert journal.status(REQUESTS[0].key).startswith("refused:") is own_is_refused
    outcome = merged(own, other)[0]
    assert (outcome.settled_otherwise, outcome.alike, outcome.conflicts) == (1, 1, [])
    assert table(own)["value"].iloc[0] == 2000


def test_an_open_cell_with_a_fault_takes_an_answer_and_no_other_fault(tmp_path: Path) -> None:
    own = written(tmp_path / "a", [(REQUESTS[0], raw(NOT_READY, 1)), (REQUESTS[1], raw(NOT_READY, 1))])
    other = written(tmp_path / "b", [(REQUESTS[0], number(2000, 2)), (REQUESTS[1], raw(NOT_READY, 2))])
    assert merged(own, other)[0].taken == 1
    rows = table(own).head(2)
    assert rows["status"].to_list() == ["observed", "not_ready"]
    assert rows["asked_at"].to_list() == ["2026-11-22T10:00:02Z", "2026-11-22T10:00:01Z"]


def test_a_part_of_a_floor_that_only_the_other_knows_is_deduced(tmp_path: Path) -> None:
    whole = REQUESTS[0]
    part = next(
        request
        for request in REQUESTS[1:]
        if (request.cell.destination, request.cell.origin) == (whole.cell.destination, whole.cell.origin)
    )
    own, other = written(tmp_path / "a", [(part, number(2000))]), written(tmp_path / "b", [(whole, number(1000))])
    assert merged(own, other)[0].needless == 1
    row = table(own).set_index("request_key").loc[part.key]
    assert (row["status"], row["asked_at"]) == ("deduced", "")
    with JournalReader(own) as journal:
        assert [key for key, *_ in journal.rows()] == [part.key, whole.key]


def test_a_floor_that_contradicts_the_wave_before_here_is_open_until_it_was_looked_at(tmp_path: Path) -> None:
    own, other = written(tmp_path / "a", []), written(tmp_path / "b", [(REQUESTS[0], number(1000))])
    merged(own, other, earlier={REQUESTS[0].key: 50_000.0})
    with JournalReader(own) as journal:
        assert (journal.status(REQUESTS[0].key), len(journal)) == ("", 1)


def test_what_is_to_be_asked_again_is_not_settled_by_a_copy_of_the_old_answer(tmp_path: Path) -> None:
    other = written(tmp_path / "b", [(REQUESTS[0], raw(REFUSED, 1, 400)), (REQUESTS[1], number(3000, 2))])
    own = written(tmp_path / "a", [])
    merged(own, other)
    with Journal.open(own) as journal:
        assert journal.ask_again("refused") == 1
    merged(own, other)
    with JournalReader(own) as journal:
        assert journal.status(REQUESTS[0].key) == ""


def test_answers_that_were_not_read_yet_count(tmp_path: Path) -> None:
    own, other = written(tmp_path / "a", []), tmp_path / "b"
    with Journal(other, QUERY, "2026-11", "live") as journal:
        journal.write([(REQUESTS[0], number(2000))])
        assert merged(own, other)[0].taken == 1  # while its run is at work
    assert table(own)["value"].iloc[0] == 2000


def test_a_journal_of_the_format_before_is_merged(tmp_path: Path) -> None:
    answers = [(request, number(2000 + place)) for place, request in enumerate(REQUESTS)]
    own, other = written(tmp_path / "a", []), written(tmp_path / "b", answers)
    right = table(other)
    without_checksums(other)
    merged(own, other)
    pd.testing.assert_frame_equal(table(own), right)


def test_damage_in_the_last_answer_of_the_last_journal_leaves_nothing_half_merged(tmp_path: Path) -> None:
    own = written(tmp_path / "a", [(REQUESTS[0], number(2000))])
    sound = written(tmp_path / "b", [(REQUESTS[1], number(3000))])
    rotten = written(tmp_path / "c", [(REQUESTS[2], number(4000)), (REQUESTS[3], number(5550))])
    rotten.write_bytes(rotten.read_bytes().replace(b"5550", b"5551"))
    before = content(own)
    with pytest.raises(DamagedError, match=r"the answer 2 is not what was written(?s:.*)`smstock repair"):
        merged(own, sound, rotten)
    assert content(own) == before


def test_a_merge_that_is_killed_as_it_commits_leaves_nothing(tmp_path: Path) -> None:
    own = written(tmp_path / "a", [(REQUESTS[0], number(2000))])
    other = written(tmp_path / "b", [(request, number(3000)) for request in REQUESTS[1:]])
    before = content(own)
    if not (child := os.fork()):
        with Journal(own, QUERY, "2026-11", "live") as journal, JournalReader(other) as reader:

            def trace(sql: str) -> None:
                if sql.startswith("COMMIT") and len(journal) > 1:
                    os.kill(os.getpid(), signal.SIGKILL)

            journal._connection.set_trace_callback(trace)
            merge(journal, [reader], META, {})
        os._exit(0)
    assert os.waitpid(child, 0)[1] == signal.SIGKILL
    assert content(own) == before
    assert merged(own, other)[0].taken == len(REQUESTS) - 1


def test_a_journal_that_is_written_to_meanwhile_is_named(tmp_path: Path) -> None:
    other = written(tmp_path / "b", [(REQUESTS[0], number(3000))])
    with JournalReader(other) as reader:

        def read() -> None:
            with reader.still():
                written(other, [(REQUESTS[1], number(3000))])

        with pytest.raises(InputError, match="was written to meanwhile"):
            read()


def test_the_merged_journals_are_named_by_the_hash_of_their_answers_also_after_a_repair(tmp_path: Path) -> None:
    own = written(tmp_path / "a", [])
    other = written(tmp_path / "b", [(REQUESTS[0], replace(number(3000), account="act_1"))])
    merged(own, other)
    merged(own, other)
    with JournalReader(own) as journal:
        named = journal.merged
        assert "act_1" not in json.dumps(named)
        assert str(tmp_path) not in json.dumps(journal.about())
    assert [(len(one["sha256"]), one["answers"]) for one in named] == [(64, 1)]
    salvage(own, QUERY, "2026-11", "live")
    with JournalReader(own) as journal:
        assert journal.merged == named
