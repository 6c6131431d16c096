"""Files of other collectors: the handed case, real answers in their forms, and thousands of damages to each form."""

from __future__ import annotations

import csv
import gzip
import io
import json
import random
import sqlite3
from contextlib import closing
from itertools import product
from typing import TYPE_CHECKING, Any

import pytest

from smstock import Workspace
from smstock.errors import RecordingError, SmstockError
from smstock.files import Room
from smstock.platforms import recordings
from smstock.platforms.known import platform
from smstock.query.lattice import cells
from smstock.query.spec import parse
from smstock.workflows.recordings import convert

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

META = platform("meta")
QUERY = """
name = "small"
platform = "meta"
origins = ["SRB"]
destinations = ["AUT"]
ages = "18+"
breakdowns = [["sex"]]
location_basis = "home"
placements = ["facebook"]
metrics = ["mau", "dau"]
"""
DAMAGES = 500
"""Damages to each form."""


@pytest.mark.parametrize("converted", [False, True])
def test_the_handed_row_is_the_cell_that_was_asked(shared: Path, tmp_path: Path, *, converted: bool) -> None:
    case = shared / "cases" / "wild" / "pysocialwatcher_collect.csv"
    if not case.is_file():
        pytest.skip("the folder of real data has no cases")
    (tmp_path / "queries").mkdir()
    (tmp_path / "queries" / "small.toml").write_text(QUERY)
    recording = convert([case], tmp_path / "small.jsonl.gz").path if converted else case
    collected = Workspace(tmp_path).collect("small", recordings=recording)
    assert collected.wave == "2020-10"
    rows = collected.table().query("destination == 'AUT' and origin == 'SRB' and sex == 'male'").set_index("metric")
    assert rows["value"].to_dict() == {"mau": 34000, "dau": 27000}
    assert set(rows["status"]) == {"observed"}


def test_a_query_that_it_does_not_answer_says_what_to_write(shared: Path, tmp_path: Path) -> None:
    case = shared / "cases" / "wild" / "pysocialwatcher_collect.csv"
    if not case.is_file():
        pytest.skip("the folder of real data has no cases")
    (tmp_path / "queries").mkdir()
    other = QUERY.replace('location_basis = "home"\n', "").replace('placements = ["facebook"]\n', "")
    (tmp_path / "queries" / "small.toml").write_text(other)
    with pytest.raises(RecordingError, match="no answer to any of the 3 requests of small") as caught:
        Workspace(tmp_path).collect("small", recordings=case)
    assert caught.value.where.split("; ") == [
        'location_basis is "home" in the recordings, "default" in the query',
        'placements is ["facebook"] in the recordings, [] in the query',
    ]


def data_frame(lines: list[dict[str, Any]], **columns: Callable[[dict[str, Any]], object]) -> bytes:
    """Return recorded answers as a data frame of pySocialWatcher."""
    text = io.StringIO()
    plain: dict[str, Callable[[dict[str, Any]], object]] = {
        "targeting": lambda line: line["targeting_spec"],
        "response": lambda line: line["response_body"].encode(),
        "timestamp": lambda line: "" if line["timestamp"] is None else int(line["timestamp"]),
    }
    plain |= columns
    writer = csv.writer(text)
    writer.writerow(["", *plain])
    writer.writerows([number, *(value(line) for value in plain.values())] for number, line in enumerate(lines))
    return text.getvalue().encode()


@pytest.mark.parametrize(
    "name",
    [
        "undp_serbia_expats_2020_delivery_estimate.jsonl.gz",
        "psw_test_example_dataframe_complete.jsonl.gz",
        "psw_soccer_gcc_collected.jsonl.gz",
        "oxford_gb_2022_delivery_estimate_bounds.jsonl",
    ],
)
def test_real_answers_are_read_alike_from_a_data_frame(shared: Path, tmp_path: Path, name: str) -> None:
    recording = shared / "recordings" / name
    content = recording.read_bytes()
    text = gzip.decompress(content) if name.endswith(".gz") else content
    file = tmp_path / "frame.csv"
    file.write_bytes(data_frame([json.loads(line) for line in text.splitlines()]))

    def answers(path: Path) -> list[tuple[str, object]]:
        read = recordings.lines(path, META, Room(path, 1 << 28, RecordingError))
        return [(line.key, META.read(line.answer)) for line in read if line.answer is not None]

    assert answers(file) == answers(recording)
    assert len(answers(file)) > 2


TARGETING = {
    "geo_locations": {"countries": ["AT"], "location_types": ["home"]},
    "age_min": 18,
    "age_max": 64,
    "genders": [1],
    "flexible_spec": [{"behaviors": [{"id": 6027149004983}]}],
    "publisher_platforms": ["facebook"],
}
GROUPS = [("AT", 1, 34000), ("DE", 1, 91000), ("FR", 2, 56000), ("CH", 2, 2600)]
SECONDS = 1601872407


def questions() -> list[tuple[dict[str, Any], int]]:
    locations = {"location_types": ["home"]}
    return [
        (TARGETING | {"genders": [gender], "geo_locations": {"countries": [country], **locations}}, mau)
        for country, gender, mau in GROUPS
    ]


def _pysocialwatcher(_: Path) -> bytes:
    bodies = (
        (spec, {"data": [{"estimate_dau": mau // 2, "estimate_mau": mau, "estimate_ready": True}]}, mau)
        for spec, mau in questions()
    )
    lines = [
        {"targeting_spec": spec, "response_body": json.dumps(body), "timestamp": SECONDS, "mau": mau}
        for spec, body, mau in bodies
    ]
    return data_frame(
        lines,
        ages_ranges=lambda _line: {"min": 18, "max": 64},
        genders=lambda line: line["targeting_spec"]["genders"][0],
        behavior=lambda _line: {"or": [6027149004983], "name": "Expats (Serbia)"},
        geo_locations=lambda line: {
            "name": "countries",
            "values": line["targeting_spec"]["geo_locations"]["countries"],
        },
        mau_audience=lambda line: line["mau"],
        dau_audience=lambda line: line["mau"] // 2,
        publisher_platforms=lambda _line: '["facebook"]',
        mock_response=lambda _line: False,
    )


def _rsocialwatcher(_: Path) -> bytes:
    head = (
        '"","estimate_dau","estimate_mau_lower_bound","estimate_mau_upper_bound","location_unit_type","location_types",'
        '"location_keys","gender","age_min","age_max","behaviors","api_call_time_utc"'
    )
    rows = [
        f'"{number}",{mau // 2},{mau},{mau + 5000},"countries","home","{country}","{gender}","18","64",'
        '"6027149004983",2024-05-04 10:00:00'
        for number, (country, gender, mau) in enumerate(GROUPS)
    ]
    return "\n".join([head, *rows, ""]).encode()


def _compact(_: Path) -> bytes:
    rows = [
        '"{}",{},{},{}'.format(json.dumps(spec).replace('"', '""'), mau, mau + 5000, SECONDS)
        for spec, mau in questions()
    ]
    return "\n".join(["targeting_spec,users_lower_bound,users_upper_bound,timestamp", *rows, ""]).encode()


def _audiencer(folder: Path) -> bytes:
    path = folder / "made.db"
    columns = "targeting_spec json, response json, qtime varchar(50), mau_lower integer, mau_upper integer, dau integer"
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA page_size = 512")
        database.execute(f"create table results (pk_results integer primary key, {columns})")
        for spec, mau in questions():
            estimate = {"estimate_mau_lower_bound": mau, "estimate_mau_upper_bound": mau + 5000, "estimate_ready": True}
            body = str(json.dumps({"data": [{"estimate_dau": 0} | estimate]}).encode())
            values = (json.dumps(spec), body, f"{SECONDS}.25", mau, mau + 5000, 0)
            database.execute(
                "insert into results (targeting_spec, response, qtime, mau_lower, mau_upper, dau)"
                " values (?, ?, ?, ?, ?, ?)",
                values,
            )
        database.commit()
    return path.read_bytes()


def _cut(rng: random.Random, content: bytes) -> bytes:
    return content[: rng.randrange(len(content))]


def _drop(rng: random.Random, content: bytes) -> bytes:
    """Take out a mark: a separator, a quote, a bracket, a line end, a letter; no digit."""
    at = _place(rng, content)
    return content[:at] + content[at + 1 :]


def _replace(rng: random.Random, content: bytes) -> bytes:
    at = _place(rng, content)
    return content[:at] + rng.choice([b"x", b"\x00", b"\xff", b'"', b",", b"'", b"{", b"\n"]) + content[at + 1 :]


def _insert(rng: random.Random, content: bytes) -> bytes:
    at = rng.randrange(len(content))
    return content[:at] + rng.choice([b"x", b"\xfe", b'"', b";", b",", b"'", b"}", b"\r\n", b" "]) + content[at:]


def _digit(rng: random.Random, content: bytes) -> bytes:
    """Change a digit after the heading."""
    first = content.index(b"\n")
    places = [at for at in range(first, len(content)) if content[at : at + 1].isdigit()]
    at = rng.choice(places)
    return content[:at] + str((int(content[at : at + 1]) + rng.randrange(1, 10)) % 10).encode() + content[at + 1 :]


def _bytes(rng: random.Random, content: bytes) -> bytes:
    at = rng.randrange(len(content))
    return content[:at] + rng.randbytes(rng.randrange(1, 9)) + content[at + rng.randrange(1, 9) :]


def _place(rng: random.Random, content: bytes) -> int:
    """Return a place where no digit stands."""
    at = rng.randrange(len(content))
    while content[at : at + 1].isdigit():
        at = rng.randrange(len(content))
    return at


ON_TEXT = (_cut, _drop, _replace, _insert)
FORMS: dict[str, tuple[Callable[[Path], bytes], tuple[Callable[[random.Random, bytes], bytes], ...], str]] = {
    # what a data frame says twice is held against itself, so that a changed digit is no other figure either
    "pysocialwatcher": (_pysocialwatcher, (*ON_TEXT, _digit), "a.csv"),
    "rsocialwatcher": (_rsocialwatcher, ON_TEXT, "a.csv"),
    "compact": (_compact, ON_TEXT, "a.csv"),
    "audiencer": (_audiencer, (_cut, _bytes), "a.db"),
}


def figures(file: Path) -> dict[str, float]:
    """Return the monthly accounts of each question that a file answers with a number."""
    read = recordings.lines(file, META, Room(file, 1 << 20, RecordingError))
    values = {line.key: META.read(line.answer).reading("mau").value for line in read if line.answer is not None}
    return {key: value for key, value in values.items() if value is not None}


def keys_of_queries() -> set[str]:
    """Return the requests of every query of Serbia, in any place, on any placement, by sex and age."""
    keys: set[str] = set()
    bases = ("default", "home", "recent", "home_or_recent", "travel_in")
    for basis, placements in product(bases, ([], ["facebook"], ["instagram"])):
        query = parse(
            f'name = "q"\nplatform = "meta"\norigins = ["SRB", "ARE"]\ndestinations = ["eu27", "efta"]\nages = "13+"\n'
            f'age_groups = ["18+", "18-64", "13-64"]\nbreakdowns = [["sex", "age"]]\ntotals = true\n'
            f'location_basis = "{basis}"\nplacements = {json.dumps(placements)}'
        )
        keys |= {META.request(cell, query).key for cell in cells(query)}
    return keys


@pytest.mark.parametrize("form", FORMS)
def test_a_damaged_file_is_one_error_or_holds_no_other_figure(tmp_path: Path, form: str) -> None:
    made, damages, name = FORMS[form]
    content = made(tmp_path)
    file = tmp_path / name
    file.write_bytes(content)
    whole = figures(file)
    assert len(whole) == len(GROUPS)
    rng = random.Random(f"collectors {form}")  # the same damages in every run
    askable = keys_of_queries()
    assert whole.keys() <= askable
    refused = partly = 0
    for number in range(DAMAGES):
        damage = damages[number % len(damages)]
        file.write_bytes(damage(rng, content))
        try:
            read = figures(file)
        except SmstockError:
            refused += 1
            continue
        partly += len(read) < len(whole)
        other = {key: value for key, value in read.items() if whole.get(key, value) != value}
        assert other == {}, f"{damage.__name__}, damage {number}"
        if form == "pysocialwatcher":
            assert (read.keys() - whole.keys()) & askable == set(), f"{damage.__name__}, damage {number}"
    assert refused > DAMAGES // 20
    assert partly > DAMAGES // 20
