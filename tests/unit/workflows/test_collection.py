from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from smstock.errors import QuotaError
from smstock.folder import Folder
from smstock.platforms.base import RawAnswer
from smstock.query.spec import QuerySpec, load
from smstock.workflows.collection import collect
from smstock.workflows.planning import plan

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from smstock.platforms.base import Request

BODY = b'{"data":[{"estimate_mau_lower_bound":141700,"estimate_mau_upper_bound":166700,"estimate_ready":true,"estimate_dau":0}]}'


class Few:
    """A live platform that answers a number of calls, and then has no quota left."""

    attempts = concurrency = 1

    def __init__(self, calls: int) -> None:
        self.calls = calls
        self.dropped = ["act_2: the token has expired"]
        self.primed: list[RawAnswer] = []
        self.closed = False

    def prime(self, journal: Iterable[RawAnswer]) -> None:
        self.primed = list(journal)

    async def ask(self, request: Request) -> RawAnswer:
        if not self.calls:
            raise QuotaError("the quota of every account is spent")
        self.calls -= 1
        return RawAnswer(BODY, 200, "2026-10-31T23:30:00Z", request.endpoint, request.api_version, (), "act_1")

    async def close(self) -> None:
        self.closed = True


@pytest.fixture
def query(repository: Path) -> QuerySpec:
    return load(repository / "queries/serbia-today.toml").model_copy(
        update={"destinations": ("AUT", "DEU"), "totals": False}
    )


def test_a_wave_cut_short_by_the_quota_is_resumed_and_one_of_last_month_is_remembered(
    query: QuerySpec, tmp_path: Path
) -> None:
    place = Folder(tmp_path, tmp_path)
    source = Few(4)
    october = datetime(2026, 10, 31, 23, 30, tzinfo=UTC)
    with pytest.raises(QuotaError):
        collect(query, place, now=october, source=source)
    assert source.closed
    manifest = json.loads(place.wave("2026-10", f"{query.name}.manifest.json").read_text())
    assert manifest["about"]["statuses"] == {"observed": 4, "quota": 2}

    november = datetime(2026, 11, 1, 0, 30, tzinfo=UTC)
    source = Few(99)
    begun = collect(query, place, now=november, source=source)
    assert [raw.account for raw in source.primed] == ["act_1"] * 4
    assert (begun.wave, begun.unfinished) == ("2026-11", "2026-10")
    assert begun.dropped == ("act_2: the token has expired",)

    resumed = collect(query, place, now=november, source=Few(2), wave="2026-10")
    assert (resumed.tally.asked, resumed.tally.settled) == (2, 6)
    assert collect(query, place, now=november, source=Few(0)).unfinished == ""


def test_a_query_may_name_the_other_endpoint(query: QuerySpec, tmp_path: Path) -> None:
    class Reach(Few):
        async def ask(self, request: Request) -> RawAnswer:
            assert request.endpoint == "reachestimate"
            body = b'{"data":{"users_lower_bound":141700,"users_upper_bound":166700,"estimate_ready":true}}'
            return replace(await super().ask(request), body=body)

    asked = query.model_copy(update={"endpoint": "reachestimate"})
    place = Folder(tmp_path, tmp_path)
    done = collect(asked, place, now=datetime(2026, 11, 22, tzinfo=UTC), source=Reach(99))
    assert done.tally.settled == 6
    table = pd.read_parquet(place.wave("2026-11", f"{query.name}.audience.parquet"))
    assert set(table["value"]) == {154_200}
    assert set(table["status"]) == {"observed"}


def test_a_manifest_that_is_gone_says_nothing_of_its_wave(query: QuerySpec, tmp_path: Path) -> None:
    place = Folder(tmp_path, tmp_path)
    collect(query, place, now=datetime(2026, 10, 22, tzinfo=UTC), source=Few(99))
    manifest = place.wave("2026-10", f"{query.name}.manifest.json")
    for text in ("{", "[]", '{"step": "collect"}', None):
        manifest.unlink() if text is None else manifest.write_text(text)
        assert collect(query, place, now=datetime(2026, 11, 22, tzinfo=UTC), source=Few(99)).unfinished == ""


def test_a_damaged_earlier_wave_is_named_and_plan_and_collect_go_on(
    query: QuerySpec, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    place = Folder(tmp_path, tmp_path)
    table = place.wave("2026-10", f"{query.name}.audience.parquet")
    table.parent.mkdir(parents=True)
    table.write_bytes(b"x" * 100)
    planned = plan(query, today="2026-11-22", earlier=table)
    assert (planned.calls, planned.predicted_from) == (planned.cells, "")
    done = collect(query, place, now=datetime(2026, 11, 22, tzinfo=UTC), source=Few(99))
    assert done.tally.settled == done.tally.planned
    assert [message.startswith(f"left aside: {table} is damaged") for message in caplog.messages[:2]] == [True, True]


def test_what_failed_on_the_first_is_tried_on_the_second_and_nothing_is_asked_on_the_third(
    query: QuerySpec, tmp_path: Path
) -> None:
    place = Folder(tmp_path, tmp_path)
    with pytest.raises(QuotaError):
        collect(query, place, now=datetime(2026, 11, 1, tzinfo=UTC), source=Few(2))
    second = collect(query, place, now=datetime(2026, 11, 2, tzinfo=UTC), source=Few(99))
    assert second.tally.asked == second.tally.planned - 2
    before = second.audience.read_bytes()
    third = collect(query, place, now=datetime(2026, 11, 3, tzinfo=UTC), source=Few(0))
    assert (third.tally.asked, third.audience.read_bytes()) == (0, before)


@pytest.mark.parametrize("kind", ["empty", "gone"])
def test_a_journal_that_lost_its_answers_is_named_before_all_is_asked_again(
    query: QuerySpec, tmp_path: Path, caplog: pytest.LogCaptureFixture, kind: str
) -> None:
    workspace, october = Folder(tmp_path, tmp_path), datetime(2020, 10, 31, 23, tzinfo=UTC)
    first = collect(query, workspace, now=october, source=Few(1000))
    assert not caplog.records
    path = workspace.wave("2020-10", f"{query.name}.journal.sqlite")
    path.unlink()
    if kind == "empty":
        path.touch()
    again = collect(query, workspace, now=october, source=Few(1000))
    assert again.tally.asked == first.tally.asked > 0
    assert f"{path} was {kind}: it is begun anew, and asks every cell" in caplog.text
