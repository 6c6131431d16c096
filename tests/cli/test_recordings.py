"""Work done with other tools at the command line: converted, replayed, and what is not said named."""

from __future__ import annotations

import gzip
import json
from typing import TYPE_CHECKING

import pytest
from tests.cli.command import smstock

if TYPE_CHECKING:
    from pathlib import Path

ASKED = {
    "name": "Expats",
    "geo_locations": [{"name": "countries", "values": ["AT"]}, {"name": "cities", "values": [{"name": "Oxford"}]}],
    "genders": [1, 2],
    "ages_ranges": [{"min": 18}],
    "behavior": [{"or": [6027149004983], "name": "Expats (Serbia)"}],
}
SPEC = (
    "{'geo_locations': {'countries': ['AT'], 'location_types': ['home']}, 'age_min': 18, 'age_max': None, 'genders': [2],"
    " 'flexible_spec': [{'behaviors': [{'id': 6027149004983}]}], 'publisher_platforms': ['facebook']}"
)
BODY = '{""data"":[{""estimate_dau"":800,""estimate_mau"":2600,""estimate_ready"":true}]}'
FRAME = f""",name,targeting,response,timestamp,mock_response
0,Expats,"{SPEC}","b'{BODY}'",1601872407,False
1,Expats,"{SPEC}",,1601872407,False
2,Expats,"{SPEC}","b'{BODY}'",1601872407,True
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "asked.json").write_text(json.dumps(ASKED))
    (tmp_path / "collected.csv").write_text(FRAME)
    return tmp_path


def test_a_query_and_its_answers_come_over(place: Path) -> None:
    converted = smstock("query", "convert", place / "asked.json", place / "queries" / "expats.toml")
    assert converted.returncode == 0
    assert converted.stdout.strip() == str(place / "queries" / "expats.toml")
    assert "not in the query: geo_locations: cities Oxford" in converted.stderr
    assert smstock("plan", place / "queries" / "expats.toml").returncode == 0
    replayed = smstock("collect", "expats", "--replay", place / "collected.csv", "--workspace", place, "--json")
    outcome = json.loads(replayed.stdout)
    assert (replayed.returncode, outcome["wave"], outcome["cells"], outcome["settled"]) == (0, "2020-10", 3, 1)
    (remark,) = outcome["remarks"]
    assert remark.split("; ") == [
        "collected.csv: 1 of 3 rows are answers",
        "1 left out (line 3): no response: not asked, or not answered",
        "1 left out (line 4): mock_response: the tool made the answer up, Meta gave none",
    ]


def test_answers_without_a_time_are_told_with_the_month_they_are_taken_for(place: Path) -> None:
    smstock("query", "convert", place / "asked.json", place / "queries" / "expats.toml")
    undated = place / "undated.csv"
    undated.write_text(FRAME.replace("1601872407", ""))
    replayed = smstock("collect", "expats", "--replay", undated, "--workspace", place, "--wave", "2020-09", "--json")
    outcome = json.loads(replayed.stdout)
    assert outcome["wave"] == "2020-09"
    assert outcome["remarks"][-1] == "1 of 1 requests have answers without a time: they are taken for the wave named"


def test_what_was_converted_is_told_by_reason(place: Path) -> None:
    recording = place / "all.jsonl.gz"
    ended = smstock("recordings", "convert", place / "collected.csv", recording, "--json")
    (file,) = json.loads(ended.stdout)["files"]
    assert {key: file[key] for key in ("answers", "restated")} == {"answers": 1, "restated": 0}
    assert [(reason["lines"], reason["place"]) for reason in file["left_out"]] == [(1, "line 3"), (1, "line 4")]
    (line,) = gzip.decompress(recording.read_bytes()).splitlines()
    assert json.loads(line)["targeting_spec"]["genders"] == [2]
    told = smstock("recordings", "convert", place / "collected.csv", place / "all.jsonl")
    assert told.stderr.startswith("collected.csv: 1 of 3 rows are answers; 1 left out (line 3): no response")
    assert (place / "all.jsonl").read_bytes() == line + b"\n"


@pytest.mark.parametrize(
    ("name", "content", "what"),
    [("a.csv", "", "a.csv is empty"), ("a.csv", FRAME.splitlines()[0], "no row"), ("a.jsonl", "", "no row")],
)
def test_a_file_without_a_row_is_told_by_that(place: Path, name: str, content: str, what: str) -> None:
    smstock("query", "convert", place / "asked.json", place / "queries" / "expats.toml")
    (place / name).write_text(content)
    ended = smstock("collect", "expats", "--replay", place / name, "--workspace", place)
    assert ended.returncode == 3
    assert what in ended.stderr


def test_a_token_among_the_keys_of_a_query_is_not_repeated(place: Path) -> None:
    (place / "asked.json").write_text(json.dumps(ASKED | {"token": "EAAGm0PX4ZCps"}))
    converted = smstock("query", "convert", place / "asked.json")
    assert "EAAG" not in converted.stdout + converted.stderr
    assert "not in the query: token" in converted.stderr


def test_no_file_is_written_over(place: Path) -> None:
    recordings = [place / "one.jsonl", place / "two.jsonl"]
    for recording in recordings:
        assert smstock("recordings", "convert", place / "collected.csv", recording).returncode == 0
    recordings[1].write_text(recordings[1].read_text() * 2)
    before = recordings[1].read_bytes()
    ended = smstock("recordings", "convert", *recordings)
    assert (ended.returncode, recordings[1].read_bytes()) == (2, before)
    assert "name the file to be written as the last argument" in ended.stderr
    query = place / "queries" / "mine.toml"
    assert smstock("query", "convert", place / "asked.json", query).returncode == 0
    query.write_text("# mine")
    for path, what in ((query, "exists"), (place / "asked.json", "no name of a query"), (place, "no name of a query")):
        ended = smstock("query", "convert", place / "asked.json", path)
        assert ended.returncode == 2
        assert what in ended.stderr
    assert query.read_text() == "# mine"
    assert json.loads((place / "asked.json").read_text()) == ASKED


def test_nothing_is_written_where_there_is_no_answer(place: Path) -> None:
    (place / "collected.csv").write_text("".join(FRAME.splitlines(keepends=True)[::2]))
    ended = smstock("recordings", "convert", place / "collected.csv", place / "all.jsonl")
    assert ended.returncode == 3
    assert "there is no answer in" in ended.stderr
    assert "no response" in ended.stderr
    assert not (place / "all.jsonl").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "named"),
    [
        (("collected.csv", "all.csv"), 2, "all.csv is no name of a recording"),
        (("all.jsonl", "all.jsonl"), 3, "all.jsonl is neither a folder nor a file"),
        (("asked.json", "all.jsonl"), 3, "smstock query convert asked.json"),
        (("nowhere", "all.jsonl"), 3, "nowhere is neither a folder nor a file"),
    ],
)
def test_what_cannot_be_converted_is_named(place: Path, arguments: tuple[str, str], code: int, named: str) -> None:
    ended = smstock("recordings", "convert", *(place / name for name in arguments))
    assert ended.returncode == code
    assert named in ended.stderr


def test_a_recording_is_not_written_over_what_it_is_made_of(place: Path) -> None:
    (place / "a.jsonl").write_text('{"targeting_spec": {}, "response_body": "{}"}\n')
    ended = smstock("recordings", "convert", place / "a.jsonl", place / "a.jsonl")
    assert ended.returncode == 2
    assert "is among the files to convert" in ended.stderr


def test_a_query_is_printed_where_no_path_is_given(place: Path) -> None:
    ended = smstock("query", "convert", place / "asked.json")
    assert ended.stdout.startswith("# Converted from asked.json.\n# Not asked here")
    assert ended.stdout.endswith('breakdowns = [["sex"]]\n')
    as_json = json.loads(smstock("query", "convert", place / "asked.json", "--json").stdout)
    assert as_json["unsaid"] == ["geo_locations: cities Oxford"]
    assert as_json["text"] == ended.stdout
