"""Recordings that are too large, nested or odd: one message, and little memory."""

from __future__ import annotations

import asyncio
import gzip
import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from smstock.errors import RecordingError
from smstock.files import Room
from smstock.platforms import replay
from smstock.platforms.base import Request
from smstock.platforms.known import platform
from smstock.platforms.recordings import lines
from smstock.query.lattice import Cell
from smstock.query.spec import parse
from smstock.vocabulary.facets import Ages

if TYPE_CHECKING:
    from pathlib import Path

QUERY = parse('name="q"\nplatform="meta"\norigins=["SRB"]\ndestinations=["AUT"]\nages="18+"')
CELL = Cell("AUT", "SRB", "all", Ages(18))
LINE = {"targeting_spec": {"age_min": 18}, "response_body": '{"data":[]}', "timestamp": 1601872407}


def read(folder: Path) -> replay.Replay:
    return replay.read(folder, platform("meta"), QUERY)


def recording(folder: Path, *lines: str) -> Path:
    (folder / "a.jsonl").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return folder


def test_a_packed_line_without_end_is_refused(tmp_path: Path) -> None:
    with gzip.open(tmp_path / "a.jsonl.gz", "wb") as file:
        file.write(b"x" * (64 << 20))
    with pytest.raises(RecordingError, match=r"a\.jsonl\.gz, line 1, is larger") as caught:
        read(tmp_path)
    assert "1,048,576 bytes at most" in caught.value.allowed


def test_the_recordings_of_a_folder_are_bounded_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    line = json.dumps(LINE)
    monkeypatch.setattr(replay, "LARGEST", 3 * len(line) + 3)
    for name in ("a", "b"):
        (tmp_path / f"{name}.jsonl.gz").write_bytes(gzip.compress(f"{line}\n".encode()))
    (answers,) = read(tmp_path).answers.values()
    assert len(answers) == 2
    (tmp_path / "c.jsonl.gz").write_bytes(gzip.compress(f"{line}\n{line}\n".encode()))
    with pytest.raises(RecordingError, match="unpacked, is larger"):
        read(tmp_path)


def test_a_later_answer_that_settles_nothing_takes_no_number_away(tmp_path: Path) -> None:
    ready = '{"data":[{"estimate_mau":34000,"estimate_ready":true}]}'
    bodies = [ready.replace("34000", "33000"), ready, ready.replace("true", "false"), '{"error":{"code":17}}']
    recorded = [LINE | {"response_body": body, "timestamp": 1601872407 + at} for at, body in enumerate(bodies)]
    for answers, mau in ((recorded, 34000), (recorded[:1], 33000), (recorded[2:], None)):
        replayed = replace(read(recording(tmp_path, *map(json.dumps, answers))), wave="2020-10")
        (key,) = replayed.answers
        answer = asyncio.run(replayed.ask(Request(key, CELL, "delivery_estimate", "v8.0", ())))
        assert answer is not None
        assert platform("meta").read(answer).reading("mau").value == mau


def test_blank_lines_are_passed_over_and_count_as_lines(tmp_path: Path) -> None:
    with pytest.raises(RecordingError) as caught:
        read(recording(tmp_path, "", json.dumps(LINE), " ", "{"))
    assert caught.value.where.endswith("a.jsonl, line 4")


def test_a_folder_in_place_of_a_recording_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").mkdir()
    with pytest.raises(RecordingError, match="is a folder, no file"):
        read(tmp_path)


@pytest.mark.parametrize(
    "line",
    [
        "[]",
        "1",
        '{"a":' * 100_000,
        json.dumps(LINE).replace("18", '{"a":' * 50_000 + "1" + "}" * 50_000),
        json.dumps(LINE | {"timestamp": 10**400}),
        json.dumps(LINE | {"timestamp": 1e300}),
        json.dumps(LINE | {"timestamp": float("nan")}),
        json.dumps(LINE | {"timestamp": "9" * 5_000}),
        json.dumps(LINE | {"http_status": 10**30}),
        json.dumps(LINE | {"http_status": -(10**30)}),
        json.dumps(LINE | {"http_status": float("inf")}),
        json.dumps(LINE | {"targeting_spec": 1}),
    ],
)
def test_an_odd_line_is_one_short_message(tmp_path: Path, line: str) -> None:
    with pytest.raises(RecordingError, match="not a recorded answer") as caught:
        read(recording(tmp_path, line))
    assert len(str(caught.value)) < 1_000
    assert caught.value.where.endswith("a.jsonl, line 1")


def test_a_damaged_table_of_answers_is_one_message(tmp_path: Path) -> None:
    path = tmp_path / "answers.csv"
    for content in (b"asked_at,\xff\n", b'"' + b"x" * 200_000 + b'"\n'):
        path.write_bytes(content)
        with pytest.raises(RecordingError):
            read(tmp_path)


@pytest.mark.parametrize(
    "line",
    [
        {"timestamp": "2020-10-05T06:33:27+02:00"},
        {"timestamp": "1601872407.0"},
        {"response_body": {"data": []}},
        {"targeting_spec": '{"age_min": 18}'},
    ],
)
def test_what_another_program_writes_otherwise_is_the_same_answer(tmp_path: Path, line: dict[str, object]) -> None:
    (usual,) = read(recording(tmp_path, json.dumps(LINE))).answers.items()
    assert [*read(recording(tmp_path, "\ufeff" + json.dumps(LINE | line))).answers.items()] == [usual]


@pytest.mark.parametrize("timestamp", [{}, {"timestamp": None}])
def test_a_time_may_stand_under_the_name_that_tables_have(tmp_path: Path, timestamp: dict[str, None]) -> None:
    untimed = {name: part for name, part in LINE.items() if name != "timestamp"}
    line = untimed | timestamp | {"asked_at": "2020-10-05T04:33:27Z"}
    ((answer,),) = read(recording(tmp_path, json.dumps(line))).answers.values()
    assert answer.asked_at == "2020-10-05T04:33:27Z"


@pytest.mark.parametrize(
    ("line", "what"),
    [
        (json.dumps(LINE | {"timestamp": 1601872407000}), "none of a collection"),
        (json.dumps(LINE | {"timestamp": 0}), "none of a collection"),
        (json.dumps(LINE | {"timestamp": "2020-10-05T04:33:27"}), "no time zone"),
        (json.dumps(LINE | {"response_body": 7}), "response_body is no text"),
        (json.dumps(LINE | {"response_body": None}), "no figure"),
        (json.dumps(LINE | {"http_status": -1}), "-1"),
        (json.dumps(LINE).replace('"age_min": 18', '"age_min": 18, "age_min": 25'), "names a key twice"),
    ],
)
def test_a_line_that_could_be_another_answer_is_refused(tmp_path: Path, line: str, what: str) -> None:
    with pytest.raises(RecordingError, match=what) as caught:
        read(recording(tmp_path, line))
    assert caught.value.where.endswith("a.jsonl, line 1")


def test_a_line_that_a_collector_made_up_is_no_answer(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text('{"targeting_spec": {"age_min": 18}, "response_body": "{}", "mock_response": true}\n')
    (line,) = lines(file, platform("meta"), Room(file, 1000, RecordingError))
    assert (line.answer, line.reason[:13]) == (None, "mock_response")
