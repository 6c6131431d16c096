"""An answer that tells nothing of its cell settles none, and what was settled can be asked again."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from smstock.collect.journal import Journal
from smstock.collect.refusals import NUMBERLESS
from smstock.collect.runner import Tally, run
from smstock.collect.wave import Gaps, chunks
from smstock.errors import PlatformError
from smstock.platforms.base import RawAnswer, Request
from smstock.platforms.known import platform
from smstock.query.lattice import count
from smstock.query.spec import parse

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

META = platform("meta")
QUERY = parse(
    'name = "q"\nplatform = "meta"\nages = "18+"\norigins = ["SRB", "POL", "ROU"]\n'
    'destinations = ["AUT", "DEU", "ITA"]\nbreakdowns = [["sex"]]\n'
)
GOOD = {"data": [{"estimate_mau": 26000, "estimate_dau": 100, "estimate_ready": True}]}
PARAMETER = {"error": {"message": "(#100) Param optimization_goal must be one of {...}", "code": 100}}
NUMBERLESS_ANSWERS: dict[str, dict[str, Any]] = {
    "no estimate": {"data": []},
    "an estimate without counts": {"data": [{"estimate_ready": True}]},
    "minus one": {"data": [{"estimate_mau": -1, "estimate_dau": -1, "estimate_ready": True}]},
    "bounds of minus one": {"data": {"users_lower_bound": -1, "users_upper_bound": -1, "estimate_ready": True}},
    "bounds of nobody": {"data": {"users_lower_bound": 0, "users_upper_bound": 0, "estimate_ready": True}},
    "an error of null": {"error": None, "data": []},
}
GEO = {"error": {"message": "Invalid parameter", "code": 100, "error_subcode": 1487756}}


class Source:
    """Answers each request with what a function makes of it."""

    attempts, concurrency, dropped = 5, 1, ()

    def __init__(self, answer: Callable[[Request], Any]) -> None:
        self.answer = answer
        self.asked: Counter[str] = Counter()

    async def ask(self, request: Request) -> RawAnswer:
        self.asked[request.key] += 1
        body = json.dumps(self.answer(request)).encode()
        return (
            RawAnswer(body, 400, "2026-11-22T10:00:00Z", request.endpoint, "v25.0")
            if b'"error": {' in body
            else RawAnswer(body, 200, "2026-11-22T10:00:00Z", request.endpoint, "v25.0")
        )

    def prime(self, journal: object) -> None: ...

    async def close(self) -> None: ...


def collected(folder: Path, answer: Callable[[Request], Any], *, again: str = "") -> tuple[Source, Counter[str], Gaps]:
    source, gaps = Source(answer), Gaps()
    with Journal(folder / "q.journal.sqlite", QUERY, "2026-11", "live") as journal:
        if again:
            journal.ask_again(again)
        try:
            asyncio.run(run(QUERY, META, source, journal, Tally(planned=count(QUERY)), wait=lambda _: 0.0))
        finally:
            table = pd.concat(chunks(journal, META, None, gaps))
    return source, Counter(table["status"]), gaps


def test_a_refusal_of_everything_settles_nothing_and_is_asked_again_once_mended(tmp_path: Path) -> None:
    for _ in range(2):
        with pytest.raises(PlatformError, match=r"Meta refuses every cell, 5 so far: .*optimization_goal") as ended:
            collected(tmp_path, lambda _: PARAMETER)
        assert ended.value.exit_code == 4
    source, statuses, gaps = collected(tmp_path, lambda _: GOOD)
    assert statuses == {"observed": 27}
    assert (source.asked.total(), gaps.unanswered) == (27, 0)


def test_cells_refused_so_are_rows_without_an_answer(tmp_path: Path) -> None:
    with pytest.raises(PlatformError):
        collected(tmp_path, lambda _: PARAMETER)
    with Journal.open(tmp_path / "q.journal.sqlite") as journal:
        gaps = Gaps()
        table = pd.concat(chunks(journal, META, None, gaps))
    assert Counter(table["status"]) == {"failed": 5, "quota": 22}
    assert (gaps.unanswered, gaps.example) == (27, "SRB in AUT, all, 18+")


def test_a_refusal_of_some_cells_is_theirs_whichever_comes_first(tmp_path: Path) -> None:
    refused = lambda request: PARAMETER if request.cell.destination == "AUT" else GOOD  # noqa: E731
    _, statuses, gaps = collected(tmp_path, refused)
    assert statuses == {"refused:invalid_parameter": 9, "observed": 18}
    assert gaps.unanswered == 0


def test_a_refusal_that_names_the_cell_counts_by_itself(tmp_path: Path) -> None:
    assert collected(tmp_path, lambda _: GEO)[1] == {"refused:invalid_geo": 27}


def test_what_was_refused_can_be_asked_again_and_the_journal_keeps_both_answers(tmp_path: Path) -> None:
    collected(tmp_path, lambda request: GEO if request.cell.destination == "DEU" else GOOD)
    assert collected(tmp_path, lambda _: GOOD)[0].asked.total() == 0
    source, statuses, _ = collected(tmp_path, lambda _: GOOD, again="refused")
    assert source.asked.total() == 9
    assert statuses == {"observed": 27}
    with Journal.open(tmp_path / "q.journal.sqlite") as journal:
        assert len(journal) == 36
        assert journal.ask_again("glitch") == 0


def test_what_is_to_be_asked_again_is_open_until_it_is_answered(tmp_path: Path) -> None:
    collected(tmp_path, lambda request: GEO if request.cell.destination == "DEU" else GOOD)
    with Journal.open(tmp_path / "q.journal.sqlite") as journal:
        assert journal.ask_again("refused") == 9
        assert journal.statuses() == {"observed": 18}
        table = pd.concat(chunks(journal, META))
    assert Counter(table["status"]) == {"observed": 18, "quota": 9}


@pytest.mark.parametrize("kind", NUMBERLESS_ANSWERS)
def test_a_platform_that_has_no_number_for_anyone_settles_nothing(tmp_path: Path, kind: str) -> None:
    body = NUMBERLESS_ANSWERS[kind]
    for _ in range(2):
        with pytest.raises(PlatformError, match=r"Meta gives no number for 20 of the 20 cells .*data") as ended:
            collected(tmp_path, lambda _: body)
        assert ended.value.exit_code == 4
    with Journal.open(tmp_path / "q.journal.sqlite") as journal:
        gaps = Gaps()
        table = pd.concat(chunks(journal, META, None, gaps))
        assert journal.statuses() == {}
    assert Counter(table["status"]) == {"failed": NUMBERLESS, "quota": 27 - NUMBERLESS}
    assert gaps.unanswered == 27
    source, statuses, gaps = collected(tmp_path, lambda _: GOOD)
    assert statuses == {"observed": 27}
    assert (source.asked.total(), gaps.unanswered) == (27, 0)


def test_a_single_number_does_not_settle_the_cells_without_one(tmp_path: Path) -> None:
    first: list[str] = []

    def answer(request: Request) -> dict[str, Any]:
        first.append(request.key)
        return GOOD if len(first) == 1 else {"data": []}

    with pytest.raises(PlatformError, match="no number for 26 of the 27 cells"):
        collected(tmp_path, answer)
    source, statuses, _ = collected(tmp_path, lambda _: GOOD)
    assert source.asked.total() == 26
    assert statuses == {"observed": 27}


def test_cells_without_a_number_beside_others_are_settled(tmp_path: Path) -> None:
    silent = lambda request: {"data": []} if request.cell.destination != "AUT" else GOOD  # noqa: E731
    source, statuses, gaps = collected(tmp_path, silent)
    assert statuses == {"no_number": 18, "observed": 9}
    assert (source.asked.total(), gaps.unanswered) == (27, 0)
    assert collected(tmp_path, silent)[0].asked.total() == 0


def test_a_recording_without_numbers_stays_as_it_is(tmp_path: Path) -> None:
    source = Source(lambda _: {"data": []})
    with Journal(tmp_path / "q.journal.sqlite", QUERY, "2026-11", "replay") as journal:
        asyncio.run(run(QUERY, META, source, journal, Tally(planned=count(QUERY)), wait=lambda _: 0.0))
        assert journal.statuses() == {"no_number": 27}
