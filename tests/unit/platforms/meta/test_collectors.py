"""Files of other collectors: each row is the answer that Meta gave to the question asked, or is left out by name."""

from __future__ import annotations

import csv
import gzip
import io
import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from smstock.errors import RecordingError, UnknownRecordingError
from smstock.files import Room
from smstock.platforms import recordings, replay
from smstock.platforms.known import platform
from smstock.platforms.meta import restated
from smstock.query.lattice import cells
from smstock.query.spec import parse

if TYPE_CHECKING:
    from pathlib import Path

    from smstock.platforms.base import Recorded

META = platform("meta")
QUERY = parse(
    'name = "q"\nplatform = "meta"\norigins = ["SRB"]\ndestinations = ["AUT"]\nages = "18+"\n'
    'breakdowns = [["sex"]]\nplacements = ["facebook"]\nlocation_basis = "home"'
)
MALE: dict[str, Any] = {
    "geo_locations": {"countries": ["AT"], "location_types": ["home"]},
    "age_min": 18,
    "age_max": 65,
    "genders": [1],
    "flexible_spec": [{"behaviors": [{"id": 6027149004983}]}],
    "publisher_platforms": ["facebook"],
}
POINT = '{"data":[{"estimate_dau":27000,"estimate_mau":34000,"estimate_ready":true}]}'
BOUNDS = '{"data":[{"estimate_dau":883,"estimate_mau_lower_bound":88900,"estimate_mau_upper_bound":104600,"estimate_ready":true}]}'
PSW: dict[str, Any] = {
    "": 0,
    "name": "Example",
    "ages_ranges": "{'max': 65, 'min': 18}",
    "genders": 1,
    "behavior": "{'or': [6027149004983], 'name': 'Expats (Serbia)'}",
    "geo_locations": "{'name': 'countries', 'values': ['AT']}",
    "targeting": str(MALE),
    "response": f"b'{POINT}'",
    "dau_audience": 27000,
    "mau_audience": 34000,
    "timestamp": 1601872407,
    "publisher_platforms": '["facebook"]',
    "mock_response": False,
}


def table(*rows: dict[str, Any], delimiter: str = ",") -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def lines(tmp_path: Path, content: bytes, name: str = "a.csv") -> list[Recorded]:
    file = tmp_path / name
    file.write_bytes(content)
    return list(recordings.lines(file, META, Room(file, 1 << 20, RecordingError)))


def reason(tmp_path: Path, row: dict[str, Any]) -> str:
    (line,) = lines(tmp_path, table(row))
    assert line.answer is None
    return line.reason


def counts(
    tmp_path: Path, content: bytes, query: Any = QUERY, name: str = "a.csv"
) -> dict[tuple[str, str], float | None]:
    """Return the monthly accounts of each cell that is answered when the file is replayed."""
    file = tmp_path / name
    file.write_bytes(content)
    answers = replay.read(file, META, query).answers
    return {
        (cell.destination, cell.sex): META.read(answers[key][-1]).reading("mau").value
        for cell in cells(query)
        if (key := META.request(cell, query).key) in answers
    }


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_data_frame_of_pysocialwatcher_answers_its_cell(tmp_path: Path, delimiter: str) -> None:
    assert counts(tmp_path, table(PSW, delimiter=delimiter)) == {("AUT", "male"): 34000}


@pytest.mark.parametrize(
    "content",
    [
        b"\xef\xbb\xbf" + table(PSW),
        table(PSW).decode().encode("utf-16"),
        gzip.compress(table(PSW), mtime=0),
        b"sep=;\r\n" + table(PSW, delimiter=";"),
        table(PSW).replace(b"\n", b"\r\n"),
        table(dict(reversed(PSW.items()))),
        table({name: value for name, value in PSW.items() if name}),
        table(PSW | {"note": "mine"}) + b"\n\n",
        table(PSW | {"mock_response": "FALSCH", "timestamp": "1601872407.0"}, delimiter=";"),
        table(PSW).replace(b"'age_min': 18", b"'age_min': 18.0").replace(b"6027149004983}", b"'6027149004983'}"),
    ],
)
def test_however_the_table_was_saved(tmp_path: Path, content: bytes) -> None:
    assert counts(tmp_path, content) == {("AUT", "male"): 34000}


@pytest.mark.parametrize(
    "response",
    [POINT, f"b'{POINT}'", f"'{POINT}'", str(json.loads(POINT)), "<Response [200]>", ""],
)
def test_however_the_response_was_written(tmp_path: Path, response: str) -> None:
    (line,) = lines(tmp_path, table(PSW | {"response": response}))
    assert line.answer is not None
    assert META.read(line.answer).reading("mau").value == 34000
    assert META.read(line.answer).reading("dau").value == 27000
    assert line.restated == (response[:1] in ("", "<"))


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"mock_response": True}, "mock_response: the tool made the answer up"),
        ({"response": '{"mockResponse":true, "data":[]}', "mock_response": ""}, "mock_response"),
        ({"mock_response": "WAHR"}, "mock_response: the tool made the answer up"),
        ({"mock_response": "perhaps"}, "neither True nor False"),
        ({"response": "", "mau_audience": ""}, "no response: not asked, or not answered"),
        ({"response": "b'{cut"}, "response is"),
        ({"targeting": "{'age_min': "}, "targeting is"),
        ({"targeting": "{'age_min': 18, 'age_min': 25}"}, "names 'age_min' twice"),
        ({"targeting": "__import__('os').getcwd()"}, "targeting is"),
        ({"targeting": "{" * 100_000}, "targeting is"),
        ({"targeting": f"{{{', '.join(f'{number}: 0' for number in range(20_000))}}}"}, "geo_locations contradicts"),
        ({"targeting": "{'genders': {1, 2}}"}, "targeting is"),
        ({"targeting": "{**{}}"}, "targeting is"),
        ({"timestamp": "1,60187E+09"}, "timestamp is"),
        ({"timestamp": "1601872407000"}, "no Unix time"),
        ({"mau_audience": 43000}, "estimate_mau is 34,000 in the body and 43000 in its column"),
        ({"mau_audience": "34,5"}, "figures contradict the response"),
        ({"genders": 2}, "genders contradicts the targeting"),
        ({"ages_ranges": "{'min': 25}"}, "ages_ranges contradicts the targeting"),
        ({"geo_locations": "{'name': 'countries', 'values': ['DE']}"}, "geo_locations contradicts the targeting"),
        ({"behavior": "{'or': [6023516430783]}"}, "behavior contradicts the targeting"),
        ({"publisher_platforms": '["instagram"]'}, "publisher_platforms contradicts the targeting"),
        ({"response": "", "mau_audience": 730}, "Meta shows none below 1,000"),
        ({"response": "", "mau_audience": "34.000,0"}, "no whole number"),
    ],
)
def test_a_row_that_is_no_answer_is_left_out_with_its_reason(
    tmp_path: Path, change: dict[str, Any], named: str
) -> None:
    assert named in reason(tmp_path, PSW | change)


def test_a_row_of_mysocialwatcher_holds_bounds_and_its_estimate_below_the_floor_is_not_taken(tmp_path: Path) -> None:
    columns = {"mau_audience_upper_bound": 104600, "mau_audience_lower_bound": 88900, "mau_audience": ""}
    oxford = PSW | {"response": f"b'{BOUNDS}'", "dau_audience": 883} | columns
    assert counts(tmp_path, table(oxford)) == {("AUT", "male"): 96750}
    floored = BOUNDS.replace("88900", "1000").replace("104600", "1000")
    refined = {"mau_audience_upper_bound": 730.5, "mau_audience_lower_bound": 512.25}
    assert counts(tmp_path, table(oxford | {"response": floored} | refined)) == {("AUT", "male"): None}
    assert "none below 1,000" in reason(
        tmp_path, oxford | {"response": "", "mau_audience_upper_bound": 730, "mau_audience_lower_bound": 512}
    )


@pytest.mark.parametrize(
    ("mau", "upper", "ready", "named"),
    [
        (1000, 1000, "true", "deduced by mySocialWatcher from a coarser cell, not asked"),
        (1000, 1000, "false", "deduced"),
        (-1, -1, "false", "not asked yet"),
    ],
)
def test_what_mysocialwatcher_wrote_itself_is_no_answer(
    tmp_path: Path, mau: int, upper: int, ready: str, named: str
) -> None:
    body = (
        f'{{"data":[{{"estimate_dau":-1,"estimate_mau":{mau},"estimate_mau_lower_bound":-1,'
        f'"estimate_mau_upper_bound":{upper},"estimate_ready":{ready}}}]}}'
    )
    own = {"response": f"b'{body}'", "dau_audience": -1, "mau_audience": mau}
    columns = {"mau_audience_lower_bound": -1, "mau_audience_upper_bound": upper}
    assert named in reason(tmp_path, PSW | own | columns)
    if upper > 0:
        assert "deduced" in reason(tmp_path, PSW | own | columns | {"response": ""})


def test_rows_of_its_database_are_read_alike(tmp_path: Path) -> None:
    row = {
        "timestamp": "2022-11-03 14:26:56+00:00",
        "gender": 1,
        "dau": 883,
        "mau": "NULL",
        "mau_upper": 104600,
        "mau_lower": 88900,
        "targeting": json.dumps(MALE),
        "response": BOUNDS,
    }
    assert counts(tmp_path, table(row)) == {("AUT", "male"): 96750}
    assert counts(tmp_path, table(row | {"response": ""})) == {("AUT", "male"): 96750}
    assert "figures contradict the response" in reason(tmp_path, row | {"mau_upper": 140600})


def test_figures_of_2017_are_those_of_reachestimate_with_its_floor(tmp_path: Path) -> None:
    row = {name: value for name, value in PSW.items() if name not in ("mau_audience", "dau_audience", "timestamp")}
    (line,) = lines(tmp_path, table(row | {"response": "", "audience": 120}), "dataframe_collecting_1485775503.csv")
    assert line.answer is not None
    assert (line.answer.endpoint, line.answer.asked_at[:7]) == ("reachestimate", "2017-01")
    assert META.read(line.answer).reading("mau").value == 120


def test_of_two_answers_of_one_moment_the_body_is_taken(tmp_path: Path) -> None:
    restated = PSW | {"response": "", "dau_audience": ""}
    for rows in ((PSW, restated), (restated, PSW)):
        file = tmp_path / "a.csv"
        file.write_bytes(table(*rows))
        ((_, last),) = replay.read(file, META, QUERY).answers.values()
        assert META.read(last).reading("dau").value == 27000


R: dict[str, Any] = {
    "": 1,
    "estimate_dau": 883,
    "estimate_mau_lower_bound": "88900",
    "estimate_mau_upper_bound": "104600",
    "location_unit_type": "countries",
    "location_types": "home",
    "location_keys": "AT",
    "gender": "1 or 2",
    "age_min": 18,
    "age_max": 65,
    "behaviors": "6027149004983",
    "api_call_time_utc": "2024-05-04 10:00:00",
    "radius": "NA",
}
EVERYWHERE = QUERY.model_copy(update={"placements": ()})


def test_a_data_frame_of_rsocialwatcher_is_asked_on_all_placements(tmp_path: Path) -> None:
    assert counts(tmp_path, table(R)) == {}
    assert counts(tmp_path, table(R), EVERYWHERE) == {("AUT", "all"): 96750}
    female = R | {"gender": "2", "estimate_mau_lower_bound": "85000", "estimate_mau_upper_bound": "1e+05"}
    assert counts(tmp_path, table(female), EVERYWHERE) == {("AUT", "female"): 92500}
    flexible = {"behaviors": "", "flex_target": "behaviors:6027149004983"}
    assert counts(tmp_path, table(R | flexible), EVERYWHERE) == {("AUT", "all"): 96750}


def test_its_parameters_side_by_side_are_joined_by_or_and_those_of_flex_target_by_and(tmp_path: Path) -> None:
    (beside,) = lines(tmp_path, table(R | {"education_statuses": "9 or 11"}))
    assert beside.targeting["flexible_spec"] == [
        {"behaviors": [{"id": "6027149004983"}], "education_statuses": [9, 11]}
    ]
    target = "behaviors:6027149004983 and (education_statuses:9 or education_statuses:11)"
    (joined,) = lines(tmp_path, table(R | {"behaviors": "", "flex_target": target}))
    assert joined.targeting["flexible_spec"] == [
        {"behaviors": [{"id": "6027149004983"}]},
        {"education_statuses": [9, 11]},
    ]


def test_its_query_is_the_question_itself(tmp_path: Path) -> None:
    spec = (
        "{'geo_locations':{'countries':['AT'],'location_types':['home']},'genders':[2],'age_min':18,'age_max':65,"
        "'flexible_spec':[{'behaviors':[{'id':6027149004983}]}]}"
    )
    url = "https://graph.facebook.com/v17.0/act_CREATION_ACT/delivery_estimate?access_token=TOKEN&targeting_spec="
    row = R | {"query": url + spec, "gender": 2}
    assert counts(tmp_path, table(row), EVERYWHERE) == {("AUT", "female"): 96750}
    for column, other in {"gender": 1, "age_min": 25, "age_max": 64, "location_keys": "DE"}.items():
        assert reason(tmp_path, row | {column: other}) == f"{column} contradicts the query beside it"


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"location_unit_type": "coordinates"}, "location_unit_type is 'coordinates'"),
        ({"behaviors": "6027149004983 and 6023516430783"}, "no ids joined by or"),
        ({"behaviors": "6.02715E+12"}, "no ids joined by or"),
        ({"excl_behaviors": "6027149004983"}, "asked by excl_behaviors"),
        ({"user_os": "iOS"}, "asked by user_os"),
        ({"age_max": "NA"}, "age_max is ''"),
        ({"flex_target": "behaviors:1"}, "beside flex_target"),
        (
            {"behaviors": "", "flex_target": "((behaviors:1) or (behaviors:2)) and (behaviors:3)"},
            "no terms in brackets",
        ),
        ({"behaviors": "", "flex_target": "(behaviors:1) or (behaviors:2)"}, "no terms in brackets"),
        ({"behaviors": "", "flex_target": "(behaviors:1"}, "no terms in brackets"),
        ({"estimate_mau_lower_bound": "NA"}, "has no figure"),
        ({"estimate_mau_upper_bound": "104,600"}, "no whole number"),
        ({"api_call_time_utc": "in May"}, "no time"),
        ({"query": "https://graph.facebook.com/?targeting_spec={'a':[1],'a':[2]}"}, "query holds no targeting_spec"),
    ],
)
def test_a_question_that_the_columns_do_not_tell_is_left_out(
    tmp_path: Path, change: dict[str, Any], named: str
) -> None:
    assert named in reason(tmp_path, R | change)


AUDIENCER = (
    "create table results (pk_results integer primary key autoincrement, fk_queries integer, targeting_spec json, "
    "qtime varchar(50), response json, ias varchar(25), mau integer, mau_lower integer, mau_upper integer, dau integer)"
)
ASKED = {
    "genders": [1],
    "geo_locations": {"countries": ["AT"], "location_types": ["home", "recent"]},
    "age_min": 18,
    "flexible_spec": [{"behaviors": [{"name": "Lived in Serbia (Formerly Expats - Serbia)", "id": "6027149004983"}]}],
}


def database(path: Path, *rows: tuple[Any, ...], more: str = "") -> bytes:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(AUDIENCER)
        statement = (
            "insert into results (targeting_spec, response, qtime, mau_lower, mau_upper, dau) values (?,?,?,?,?,?)"
        )
        connection.executemany(statement, rows)
        connection.executescript(more)
        connection.commit()
    content = path.read_bytes()
    path.unlink()
    return content


def test_a_database_of_audiencer_answers_and_names_what_was_not_asked(tmp_path: Path) -> None:
    asked, of = json.dumps(ASKED), "1667485616.25"
    content = database(
        tmp_path / "made",
        (asked, f"b'{BOUNDS}'", of, "88900", "104600", "883"),
        (asked, "skipped", of, "-3", "-3", "-3"),
        (asked, "b'<html>'", of, "-2", "-2", "-2"),
        (asked, f"b'{BOUNDS}'", of, "88900", "99999", "883"),
        (asked, None, of, "88900", "104600", "883"),
        (asked, None, of, "-2", "-2", "-2"),
        more="create table queries (pk_queries integer primary key, status_code text);"
        "insert into queries (status_code) values ('200'), ('400');",
    )
    read = lines(tmp_path, content, "a.db")
    assert [line.reason.partition(":")[0] for line in read] == [
        "",
        "skipped",
        "response is '<html>'",
        "figures contradict the response",
        "",
        "no response",
        "an error of Meta (HTTP 400), without a result",
    ]
    assert [line.restated for line in read if line.answer] == [False, True]
    residents_or_visitors = QUERY.model_copy(update={"placements": (), "location_basis": "home_or_recent"})
    assert counts(tmp_path, content, residents_or_visitors, "a.db") == {("AUT", "male"): 96750}


def test_a_database_of_before_the_bounds_is_read(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "made")) as connection:
        connection.execute("create table results (targeting_spec json, response json, qtime text, mau integer)")
        values = (json.dumps(MALE), f"b'{POINT}'", "1601872407.5", 34000)
        connection.execute("insert into results values (?, ?, ?, ?)", values)
        connection.commit()
    assert counts(tmp_path, (tmp_path / "made").read_bytes(), name="a.db") == {("AUT", "male"): 34000}


def test_another_database_and_a_damaged_one_are_named(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "made")) as connection:
        connection.execute("create table results (targeting_spec text)")
        connection.commit()
    with pytest.raises(RecordingError, match="its table results lacks response, qtime"):
        lines(tmp_path, (tmp_path / "made").read_bytes(), "a.db")
    whole = database(tmp_path / "other", *[(json.dumps(ASKED), f"b'{BOUNDS}'", "1667485616", "1", "2", "3")] * 400)
    with pytest.raises(RecordingError, match="damaged database"):
        lines(tmp_path, whole[: len(whole) // 2], "a.db")
    with closing(sqlite3.connect(tmp_path / "empty")) as connection:
        connection.execute("create table note (text)")
        connection.commit()
    with pytest.raises(RecordingError, match="it has the tables note"):
        lines(tmp_path, (tmp_path / "empty").read_bytes(), "a.db")


def test_a_journal_of_smstock_says_how_it_becomes_a_recording(tmp_path: Path) -> None:
    from smstock.collect.journal import Journal

    with Journal(tmp_path / "q.journal.sqlite", QUERY, "2026-11", "replay"):
        pass
    with pytest.raises(RecordingError, match="a journal of smstock") as caught:
        lines(tmp_path, (tmp_path / "q.journal.sqlite").read_bytes(), "a.sqlite")
    assert "smstock export" in caught.value.hint


COMPACT = {"targeting_spec": json.dumps(MALE), "timestamp": "1667485616"}


@pytest.mark.parametrize(
    ("figures", "endpoint", "value"),
    [
        ({"users_lower_bound": 88900, "users_upper_bound": 104600}, "reachestimate", 96750),
        ({"estimate_mau_lower_bound": 88900, "estimate_mau_upper_bound": 104600}, "delivery_estimate", 96750),
        ({"estimate_mau": 34000, "estimate_dau": 27000, "estimate_ready": True}, "delivery_estimate", 34000),
        ({"estimate_mau": 34000, "estimate_ready": False}, "delivery_estimate", None),
        ({"users_lower_bound": -1, "users_upper_bound": -1}, "reachestimate", None),
    ],
)
def test_figures_in_columns_become_the_body_they_were_read_from(
    tmp_path: Path, figures: dict[str, Any], endpoint: str, value: float | None
) -> None:
    (line,) = lines(tmp_path, table(COMPACT | figures))
    assert line.answer is not None
    assert line.answer.endpoint == endpoint
    assert META.read(line.answer).reading("mau").value == value


@pytest.mark.parametrize(
    ("figures", "value"),
    [
        ({"users_lower_bound": 88900, "users_upper_bound": 104600}, 96750),
        ({"estimate_mau_lower_bound": 88900, "estimate_mau_upper_bound": 104600, "estimate_dau": 0}, 96750),
        ({"estimate_mau": 34000, "estimate_dau": 27000}, 34000),
    ],
)
def test_lines_of_json_may_hold_figures_too(tmp_path: Path, figures: dict[str, Any], value: float) -> None:
    line = json.dumps({"targeting_spec": MALE, "timestamp": 1667485616, **figures}).encode()
    assert counts(tmp_path, line, name="a.jsonl") == {("AUT", "male"): value}
    with pytest.raises(RecordingError, match="not a recorded answer") as caught:
        lines(tmp_path, line.replace(b"00", b"00.5"), "a.jsonl")
    assert "figures in its place" in caught.value.allowed


def test_a_missing_count_of_a_day_is_none_and_no_zero(tmp_path: Path) -> None:
    (line,) = lines(tmp_path, table(COMPACT | {"estimate_mau": 1000}))
    assert line.answer is not None
    assert [META.read(line.answer).reading(name).status for name in ("mau", "dau")] == ["floored", "no_number"]


@pytest.mark.parametrize(
    ("content", "named", "hint"),
    [
        (b"PK\x03\x04rest", "a workbook or an archive", "CSV"),
        (gzip.compress(b"RDX3\nX\n", mtime=0), "a data frame saved by R", 'readRDS("a.csv")'),
        (b"\x80\x04\x95rest", "pickled by Python", 'read_pickle("a.csv")'),
        (b'{"name": "x", "geo_locations": []}', "JSON", "smstock query convert a.csv"),
        (b'[{"targeting_spec": {}}]', "a list in JSON", "a.csv.jsonl"),
        (b"ias,query_time,mau,country\n1,2,3,4\n", "a table that audiencer exported", "SQLite"),
        (b"EAAB0123456789abcdefghij,act_1\n", "it has the columns none with a name and 2 more", ""),
        (b"", "a.csv is empty", "write it again"),
        (gzip.compress(table(PSW), mtime=0)[:-20], "damaged or cut short", "copy"),
        (table(PSW)[:-200], "damaged or cut short", "take out the row"),
        (table(PSW).replace(b"Example", b"Ex\xe9mple"), "no text in UTF-8", "UTF-8"),
    ],
)
def test_a_file_of_another_kind_is_named_with_the_way_on(tmp_path: Path, content: bytes, named: str, hint: str) -> None:
    with pytest.raises(RecordingError, match=named) as caught:
        lines(tmp_path, content)
    assert hint in caught.value.hint
    assert "EAAB" not in str(caught.value)


def test_of_a_folder_what_is_no_recording_is_passed_over_and_named(tmp_path: Path) -> None:
    (tmp_path / "codes.csv").write_text("code,name\n1,a\n")
    (tmp_path / "collected.csv").write_bytes(table(PSW, PSW | {"mock_response": True}))
    replayed = replay.read(tmp_path, META, QUERY)
    row = "mock_response: the tool made the answer up, Meta gave none"
    assert replayed.remarks == (
        f"collected.csv: 1 of 2 rows are answers; 1 left out (line 3): {row}",
        "1 file is no recording, and was passed over: codes.csv",
    )
    with pytest.raises(UnknownRecordingError, match="it has the columns code, name"):
        replay.read(tmp_path / "codes.csv", META, QUERY)
    (tmp_path / "collected.csv").write_bytes(table(PSW | {"mock_response": True}))
    with pytest.raises(RecordingError, match="holds no answer that can be used") as caught:
        replay.read(tmp_path, META, QUERY)
    assert "mock_response" in caught.value.where


def test_the_files_of_a_folder_are_bounded_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in "abc":
        (tmp_path / f"{name}.csv").write_bytes(gzip.compress(table(PSW)))
    monkeypatch.setattr(replay, "LARGEST", 2 * len(table(PSW)))
    with pytest.raises(RecordingError, match="unpacked, is larger"):
        replay.read(tmp_path, META, QUERY)


def test_reasons_that_differ_in_a_value_are_one(tmp_path: Path) -> None:
    rows = [PSW | {"timestamp": f"week {number}"} for number in range(30)]
    file = tmp_path / "a.csv"
    file.write_bytes(table(PSW, *rows))
    account = recordings.Account(file)
    for line in recordings.lines(file, META, Room(file, 1 << 20, RecordingError)):
        account.count(line)
    assert str(account) == "a.csv: 1 of 31 rows are answers; 30 left out (line 3): timestamp is 'week 0', no time"


@pytest.mark.parametrize(
    ("change", "differing"),
    [
        ({"location_basis": "default"}, ['location_basis is "home" in the recordings, "default" in the query']),
        ({"placements": ()}, ['placements is ["facebook"] in the recordings, [] in the query']),
        ({"destinations": ("DEU",)}, ["destinations is AUT in the recordings, DEU in the query"]),
        ({"origins": ("POL",)}, ["origins is SRB in the recordings, POL in the query"]),
        ({"ages": "18-64"}, ["ages is 18+ in the recordings, 18-64 in the query"]),
        ({}, []),
    ],
)
def test_what_recordings_and_query_differ_in_is_named(
    tmp_path: Path, change: dict[str, Any], differing: list[str]
) -> None:
    (tmp_path / "a.csv").write_bytes(table(PSW))
    assert replay.differences(tmp_path, META, QUERY.model_copy(update=change)) == differing


@pytest.mark.parametrize(
    ("columns", "figures", "value"),
    [
        ("estimate_mau_lower_bound,estimate_mau_upper_bound", "88900,104600", 96750),
        ("users_lower_bound,users_upper_bound", "88900,104600", 96750),
        ("estimate_mau", "34000", 34000),
    ],
)
def test_a_restated_table_holds_the_figures_of_any_era(
    tmp_path: Path, columns: str, figures: str, value: float
) -> None:
    head = "asked_at,endpoint,api_version,destination,origin,sex,ages,education,relationship,location_basis,placements"
    row = "2022-11-03T14:26:56Z,delivery_estimate,v15.0,AUT,SRB,male,18+,,,home,facebook"
    content = f"{head},{columns},estimate_dau,estimate_ready\n{row},{figures},0,true\n".encode()
    assert counts(tmp_path, content, name="answers.csv") == {("AUT", "male"): value}


def test_a_restated_row_of_an_unknown_basis_is_one_error(tmp_path: Path) -> None:
    head = "asked_at,endpoint,api_version,destination,origin,sex,ages,education,relationship,location_basis,placements"
    row = "2022-11-03T14:26:56Z,delivery_estimate,v15.0,AUT,SRB,male,18+,,,nearby,facebook"
    content = f"{head},estimate_mau,estimate_dau,estimate_ready\n{row},34000,0,true\n".encode()
    with pytest.raises(RecordingError, match="nearby"):
        counts(tmp_path, content, name="answers.csv")


@pytest.mark.parametrize(
    ("changed", "reason_begins"),
    [
        ({"behavior": ""}, "behavior contradicts"),
        ({"genders": ""}, "genders contradicts"),
        ({"scholarities": "{'name': 'low', 'or': [1]}"}, "scholarities contradicts"),
        ({"languages": "{'name': 'English', 'values': [6, 24]}"}, "languages contradicts"),
        ({"interests": "{'name': 'Football', 'or': [6003107902433]}"}, "interests contradicts"),
        (
            {"geo_locations": "{'name': 'countries', 'values': ['AT'], 'location_types': ['recent']}"},
            "geo_locations contradicts",
        ),
        (
            {"targeting": str({name: part for name, part in MALE.items() if name != "publisher_platforms"})},
            "publisher_platforms contradicts",
        ),
        ({"relationship_statuses": "{'name': 'single', 'or': [1]}"}, "relationship_statuses contradicts"),
        ({"response": 'b\'{"error":{"code":17}}\''}, "figures contradict the response: the body has no figure"),
        ({"timestamp": "1.6E+09"}, "timestamp is 1.6E+09"),
        ({"timestamp": "1601872407000"}, "timestamp is 1601872407000"),
        ({"targeting": str(MALE).replace("6027149004983", "6.02715E+12")}, "targeting names the id"),
        ({"targeting": str(MALE).replace("6027149004983", "'6.02715E+12'")}, "targeting names the id"),
    ],
)
def test_a_row_that_was_sorted_apart_or_cut_by_a_spreadsheet_is_no_answer(
    tmp_path: Path, changed: dict[str, Any], reason_begins: str
) -> None:
    assert reason(tmp_path, PSW | changed).startswith(reason_begins)


@pytest.mark.parametrize("genders", ["", 0, "0.0"])
@pytest.mark.parametrize("asked", [{}, {"genders": [0]}, {"genders": [1, 2]}])
def test_everybody_is_said_in_several_ways(tmp_path: Path, genders: object, asked: dict[str, Any]) -> None:
    targeting = {name: part for name, part in MALE.items() if name != "genders"} | asked
    row = PSW | {"genders": genders, "targeting": str(targeting)}
    assert counts(tmp_path, table(row)) == {("AUT", "all"): 34000}


def test_groups_beside_their_targeting_are_the_question(tmp_path: Path) -> None:
    asked = MALE | {"locales": [24, 6], "flexible_spec": [*MALE["flexible_spec"], {"interests": [{"id": "7"}]}]}
    groups = {"languages": "{'name': 'English', 'values': [6, 24]}", "interests": "{'name': 'x', 'or': [7]}"}
    (line,) = lines(tmp_path, table(PSW | groups | {"targeting": str(asked), "publisher_platforms": '["facebook"]'}))
    assert line.targeting == asked


def test_statuses_beside_their_targeting_are_the_cell(tmp_path: Path) -> None:
    asked = MALE | {"flexible_spec": [*MALE["flexible_spec"], {"education_statuses": [3, 9]}]}
    row = PSW | {"scholarities": "{'name': 'high', 'or': [9, 3]}", "targeting": str(asked)}
    (line,) = lines(tmp_path, table(row))
    assert line.targeting == asked


@pytest.mark.parametrize("number", ["34.000", "1.200"])
def test_a_number_that_may_be_thousands_is_no_figure(tmp_path: Path, number: str) -> None:
    row = {"targeting_spec": json.dumps(MALE), "users": number}
    assert reason(tmp_path, row) == f"has a users that is '{number}', no whole number"


def test_what_was_made_up_is_no_answer_in_any_table(tmp_path: Path) -> None:
    row = {"targeting_spec": json.dumps(MALE), "estimate_mau": 34000, "mock_response": "True"}
    assert reason(tmp_path, row).startswith("mock_response")


def test_answers_of_one_moment_that_differ_are_told(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    other = PSW | {"response": f"b'{POINT}'".replace("34000", "50000"), "mau_audience": 50000}
    file.write_bytes(table(PSW, other))
    read = replay.read(file, META, QUERY)
    assert read.remarks == ("1 question has answers of one moment that differ: the last one of the files counts",)
    file.write_bytes(table(PSW, PSW))
    assert replay.read(file, META, QUERY).remarks == ()


def test_a_database_that_is_being_written_is_not_called_damaged(tmp_path: Path) -> None:
    file = tmp_path / "a.db"
    with closing(sqlite3.connect(file, timeout=0)) as database:
        database.execute("create table results (targeting_spec, response, qtime)")
        database.commit()
        database.execute("begin exclusive")
        with pytest.raises(RecordingError, match=r"cannot be read: database is locked[\s\S]*end the program"):
            list(recordings.lines(file, META, Room(file, 1 << 20, RecordingError)))


def test_figures_that_contradict_a_row_of_audiencer_are_told(tmp_path: Path) -> None:
    file = tmp_path / "a.db"
    with closing(sqlite3.connect(file)) as database:
        database.execute("create table results (targeting_spec, response, qtime, mau_lower, mau_upper, dau)")
        rows = [(BOUNDS, 88900, 104600, 999), (BOUNDS, 88900, 104600, -1), (None, -1, -1, -1)]
        for body, *figures in rows:
            database.execute(
                "insert into results values (?, ?, ?, ?, ?, ?)", (json.dumps(MALE), body, 1664900000.5, *figures)
            )
        database.commit()
    read = list(recordings.lines(file, META, Room(file, 1 << 20, RecordingError)))
    assert [line.reason.partition(":")[0] for line in read] == ["figures contradict the response", "", "no response"]


ROW = "2020-10-05T04:33:27Z,delivery_estimate,v8.0,AUT,SRB,male,18+,,,home,facebook,34000,27000,true"


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("male", "women", "sex is 'women'"),
        ("male", "Male", "sex is 'Male'"),
        ("2020-10-05T04:33:27Z", "05.10.2020 04:33", "no instant in UTC"),
        ("2020-10-05T04:33:27Z", "1601872407", "no instant in UTC"),
        ("facebook", "Facebook", "placements is 'Facebook'"),
        (",home,", ",,", "location_basis is ''"),
        ("true", "yes", "estimate_ready is 'yes'"),
        ("34000", "340", "Meta shows none below 1,000"),
        ("34000", "34_000", "no whole number"),
        ("true", "true,1", "fields"),
        (",true", "", "fields"),
    ],
)
def test_a_row_of_answers_csv_in_other_words_is_refused(tmp_path: Path, old: str, new: str, what: str) -> None:
    content = f"{','.join(restated.COLUMNS)}\n{ROW.replace(old, new)}\n"
    with pytest.raises(RecordingError, match=what) as caught:
        counts(tmp_path, content.encode(), name="answers.csv")
    assert caught.value.where.endswith("answers.csv, line 2")


@pytest.mark.parametrize(("old", "new"), [("true", "TRUE"), ("34000", "34000.0"), ("2020-10-05T04:33:27Z", "")])
def test_answers_csv_that_a_spreadsheet_saved_is_read(tmp_path: Path, old: str, new: str) -> None:
    content = f"\ufeff{','.join(restated.COLUMNS)}\r\n{ROW.replace(old, new)}\r\n"
    assert counts(tmp_path, content.encode(), name="answers.csv") == {("AUT", "male"): 34000}


@pytest.mark.parametrize(
    "name", ["finished_1601872407.csv", "finished_1601872407 (1).csv", "finished_1601872407-copy.csv"]
)
@pytest.mark.parametrize("times", [{}, {"timestamp": ""}])
def test_the_run_in_the_name_of_a_file_is_the_time_where_a_row_has_none(
    tmp_path: Path, name: str, times: dict[str, str]
) -> None:
    row = {column: value for column, value in PSW.items() if column != "timestamp"} | times
    (line,) = lines(tmp_path, table(row), name)
    assert line.answer is not None
    assert line.answer.asked_at == "2020-10-05T04:33:27Z"
    (line,) = lines(tmp_path, table(PSW | {"timestamp": 1604188799}), name)
    assert line.answer is not None
    assert line.answer.asked_at == "2020-10-31T23:59:59Z"


def test_figures_beside_an_error_are_no_answer(tmp_path: Path) -> None:
    assert reason(tmp_path, PSW | {"response": "<Response [400]>"}).startswith("response is <Response [400]>, an error")


@pytest.mark.parametrize("column", ["targeting", "TIMESTAMP ", "mau_audience"])
def test_a_column_that_stands_twice_is_refused(tmp_path: Path, column: str) -> None:
    with pytest.raises(RecordingError, match=f"has two columns {column.strip().lower()}"):
        lines(tmp_path, table(PSW | {"note": 1}).replace(b",note\n", f",{column}\n".encode()))
