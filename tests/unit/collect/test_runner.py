from __future__ import annotations

import asyncio
import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from smstock.collect.journal import Journal
from smstock.collect.runner import Tally, run
from smstock.collect.wave import chunks
from smstock.errors import CredentialError, QuotaError, SettingsError, SmstockError
from smstock.platforms.base import Action, Platform, RawAnswer, Request
from smstock.platforms.known import platform
from smstock.query.lattice import cells, count
from smstock.query.spec import QuerySpec, parse
from smstock.web.retry import last

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tenacity import RetryCallState

META = platform("meta")
QUERY = parse(
    'name = "q"\nplatform = "meta"\nages = "18+"\norigins = ["SRB"]\ndestinations = ["AUT", "DEU", "ITA", "THA"]\nbreakdowns = [["sex"]]\n'
)


LAST_WORDS = {
    Action.PAUSE_ACCOUNT: QuotaError,
    Action.PAUSE_APP: QuotaError,
    Action.STOP_CREDENTIAL: CredentialError,
}


def wait(state: RetryCallState) -> float:
    return last(state).answer.wait or 10.0**state.attempt_number


class Script:
    """A source that plays a list of bodies for each request, then repeats the last one; a throttle is the end of it."""

    attempts = 5
    dropped = ()

    def __init__(self, bodies: list[Any] | dict[str, list[Any]], concurrency: int = 1) -> None:
        self.bodies, self.concurrency = bodies, concurrency
        self.asked: Counter[str] = Counter()
        self.order: list[Request] = []
        self.spent: type[SmstockError] | None = None

    async def ask(self, request: Request) -> RawAnswer | None:
        if self.spent:
            raise self.spent("no account is left")
        bodies = (
            self.bodies if isinstance(self.bodies, list) else self.bodies.get(request.cell.destination, [estimate()])
        )
        body = bodies[min(self.asked[request.key], len(bodies) - 1)]
        self.asked[request.key] += 1
        self.order.append(request)
        await asyncio.sleep(0)
        if body is None:
            return None
        raw = RawAnswer(json.dumps(body).encode(), 200, "2026-11-22T10:00:00Z", "delivery_estimate", "v25.0")
        self.spent = LAST_WORDS.get(META.read(raw).action)
        return raw

    def prime(self, journal: object) -> None: ...

    async def close(self) -> None: ...


def audience(journal: Journal, platform: Platform[Any], earlier: dict[str, float] | None = None) -> pd.DataFrame:
    return pd.concat(chunks(journal, platform, earlier), ignore_index=True)


def estimate(mau: int = 2600, *, ready: bool = True) -> dict[str, Any]:
    return {"data": [{"estimate_mau": mau, "estimate_dau": 100, "estimate_ready": ready}]}


def fault(code: int, message: str = "m") -> dict[str, Any]:
    return {"error": {"message": message, "code": code, "type": "OAuthException"}}


OPENED: list[Journal] = []


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    """Close the journals that a test collected into, once it has looked at them."""
    yield
    while OPENED:
        OPENED.pop().close()


def collect(
    tmp_path: Path,
    bodies: list[Any] | dict[str, list[Any]],
    query: QuerySpec = QUERY,
    earlier: dict[str, float] | None = None,
    concurrency: int = 1,
) -> tuple[Tally, Script, Journal, list[float]]:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    source, journal = Script(bodies, concurrency), Journal(tmp_path / "j.sqlite", query, "2026-11", "live")
    OPENED.append(journal)
    tally = Tally(planned=count(query))
    asyncio.run(run(query, META, source, journal, tally, earlier=earlier, wait=wait, sleep=sleep))
    return tally, source, journal, slept


def test_each_cell_is_asked_once_and_what_the_rules_refuse_not_at_all(tmp_path: Path) -> None:
    tally, source, journal, _ = collect(tmp_path, [estimate()])
    assert (tally.planned, tally.settled, tally.refused, tally.asked) == (12, 9, 3, 9)
    assert set(source.asked.values()) == {1}
    table = audience(journal, META)
    assert len(table) == 12
    assert Counter(table["status"]) == {"observed": 9, "refused:age_rule": 3}
    assert table.loc[table["destination"] == "THA", "value"].isna().all()


def test_running_again_asks_nothing(tmp_path: Path) -> None:
    collect(tmp_path, [estimate()])[2].close()
    tally, source, _, _ = collect(tmp_path, [estimate(9900)])
    assert (tally.asked, source.asked.total()) == (0, 0)


def test_an_estimate_that_is_not_ready_is_asked_again_after_a_pause(tmp_path: Path) -> None:
    tally, source, journal, slept = collect(tmp_path, [estimate(ready=False), estimate()])
    assert set(source.asked.values()) == {2}
    assert slept == [10.0] * 9
    assert set(audience(journal, META).query("destination != 'THA'")["value"]) == {2600}
    assert tally.settled == 9


def test_a_fault_that_stays_is_left_for_the_next_run_and_says_so(tmp_path: Path) -> None:
    tally, source, journal, slept = collect(tmp_path, {"AUT": [fault(2, "Service temporarily unavailable")]})
    assert sorted(set(source.asked.values())) == [1, 5]
    assert slept[:4] == [10.0, 100.0, 1000.0, 10000.0]
    assert tally.settled == 6
    assert set(audience(journal, META).query("destination == 'AUT'")["status"]) == {"failed"}
    journal.close()
    assert collect(tmp_path, [estimate()])[0].settled == 9


@pytest.mark.parametrize(
    ("code", "kind"),
    [(80004, QuotaError), (4, QuotaError), (190, CredentialError), (2635, SettingsError), (12, SettingsError)],
)
def test_a_spent_quota_and_a_dead_credential_stop_the_run_and_keep_the_answers(
    tmp_path: Path, code: int, kind: type[SmstockError]
) -> None:
    with pytest.raises(kind):
        collect(tmp_path, [fault(code)])
    with Journal.open(tmp_path / "j.sqlite") as journal:
        assert len(journal) == 1
        statuses = Counter(audience(journal, META)["status"])
    assert sum(statuses.values()) == 12
    assert statuses["quota"] >= 8
    assert collect(tmp_path, [estimate()])[0].settled == 9


@pytest.mark.parametrize(
    ("asked", "next_step"),
    [("v24.0", "that it answers, without the key smstock asks by v25.0;"), ("", "that it answers, or update smstock;")],
)
def test_a_retired_version_is_the_business_of_a_person_who_is_told_which_key_to_edit(
    tmp_path: Path, asked: str, next_step: str
) -> None:
    words = "You are calling a deprecated version. Please update to the latest version: v27.0."
    with pytest.raises(SettingsError, match=r"Meta does not answer by version v2\d\.0: use version v27\.0") as ended:
        collect(tmp_path, [fault(2635, words)], QUERY.model_copy(update={"api_version": asked}))
    assert ended.value.exit_code == 2
    assert ended.value.where == "query q, key api_version"
    assert ended.value.hint.startswith(f"set api_version to a version {next_step}")
    assert collect(tmp_path, [estimate()], QUERY.model_copy(update={"api_version": "v27.0"}))[0].settled == 9


def test_a_refused_cell_is_settled_and_never_a_zero(tmp_path: Path) -> None:
    _, source, journal, _ = collect(tmp_path, {"AUT": [fault(100, "Invalid parameter")]})
    assert set(source.asked.values()) == {1}
    table = audience(journal, META).query("destination in ('AUT', 'THA')")
    assert table["status"].str.startswith("refused:").all()
    assert table["value"].isna().all()


def test_cells_without_a_recording_are_rows_that_say_so(tmp_path: Path) -> None:
    tally = Tally(planned=count(QUERY))
    with Journal(tmp_path / "r.sqlite", QUERY, "2026-11", "replay") as journal:
        asyncio.run(run(QUERY, META, Script([None]), journal, tally, wait=wait))
        assert Counter(audience(journal, META)["status"]) == {"failed": 9, "refused:age_rule": 3}
    assert tally.missing == 9


def test_rows_come_in_the_order_of_asking(tmp_path: Path) -> None:
    journal = collect(tmp_path, [estimate()])[2]
    table = audience(journal, META)
    assert list(zip(table["destination"], table["sex"], strict=True)) == [
        (cell.destination, cell.sex) for cell in cells(QUERY)
    ]


PARTS = parse(
    'name = "q"\nplatform = "meta"\nages = "18+"\norigins = ["SRB"]\ndestinations = ["AUT", "DEU"]\nbreakdowns = [["sex", "age"]]\n'
    'age_groups = ["18-24", "20-24", "25+"]\n'
)


def test_parts_of_a_cell_at_the_floor_are_deduced_not_asked(tmp_path: Path) -> None:
    tally, source, journal, _ = collect(tmp_path, {"AUT": [estimate(1000)], "DEU": [estimate(5000)]}, PARTS)
    assert (tally.planned, tally.asked, tally.deduced) == (24, 13, 11)
    assert [request.cell.destination for request in source.order].count("AUT") == 1
    table = audience(journal, META)
    deduced = table[table["status"] == "deduced"]
    assert len(deduced) == 11
    assert deduced["value"].isna().all()
    assert set(zip(deduced["lower"], deduced["upper"], strict=True)) == {(0.0, 1000.0)}


def test_what_the_query_marks_is_asked_all_the_same(tmp_path: Path) -> None:
    insisting = PARTS.model_copy(update={"always_ask": (("sex",),)})
    tally, source, _, _ = collect(tmp_path, {"AUT": [estimate(1000)], "DEU": [estimate(5000)]}, insisting)
    assert (tally.asked, tally.deduced) == (15, 9)
    assert {request.cell.sex for request in source.order if request.cell.destination == "AUT"} == {
        "all",
        "female",
        "male",
    }


def test_a_wave_read_from_the_journal_deduces_what_the_run_deduced(tmp_path: Path) -> None:
    journal = collect(tmp_path, {"AUT": [estimate(1000)], "DEU": [estimate(5000)]}, PARTS)[2]
    first = audience(journal, META)
    journal.close()
    with Journal.open(tmp_path / "j.sqlite") as again:
        assert audience(again, META).equals(first)


def test_a_floor_where_there_was_an_audience_is_asked_again(tmp_path: Path) -> None:
    cell = next(cells(PARTS))
    earlier = {META.request(cell, PARTS).key: 3000.0}
    tally, source, journal, _ = collect(
        tmp_path, {"AUT": [estimate(1000), estimate(2900)], "DEU": [estimate(5000)]}, PARTS, earlier
    )
    assert source.asked[META.request(cell, PARTS).key] == 2
    assert audience(journal, META)["value"].iloc[0] == 2900
    assert tally.settled == 24 - tally.deduced


def test_a_sudden_floor_that_stays_is_a_glitch_and_deduces_nothing(tmp_path: Path) -> None:
    cell = next(cells(PARTS))
    earlier = {META.request(cell, PARTS).key: 3000.0}
    tally, source, journal, _ = collect(tmp_path, {"AUT": [estimate(1000)], "DEU": [estimate(5000)]}, PARTS, earlier)
    assert source.asked[META.request(cell, PARTS).key] == 3
    first = audience(journal, META).iloc[0]
    assert first["status"] == "glitch"
    assert first[["value", "lower", "upper"]].isna().all()
    assert (
        tally.deduced,
        [request.cell.sex for request in source.order if request.cell.destination == "AUT"].count("female"),
    ) == (7, 1)


def test_workers_share_the_cells_and_each_is_asked_once(tmp_path: Path) -> None:
    tally, source, journal, _ = collect(
        tmp_path, {"AUT": [estimate(1000)], "DEU": [estimate(5000)]}, PARTS, concurrency=7
    )
    assert set(source.asked.values()) == {1}
    assert tally.asked == 13
    alone = collect(tmp_path / "alone", {"AUT": [estimate(1000)], "DEU": [estimate(5000)]}, PARTS)[2]
    assert audience(journal, META).equals(audience(alone, META))


def left_by_a_kill(tmp_path: Path, maus: list[int], query: QuerySpec = PARTS) -> list[Request]:
    """A journal whose answers, to the first cells, were written together and not read."""
    requests = [META.request(cell, query) for cell, _ in zip(cells(query), maus, strict=False)]
    with Journal(tmp_path / "j.sqlite", query, "2026-11", "live") as journal:
        journal.write(
            [
                (request, RawAnswer(json.dumps(estimate(mau)).encode(), 200, "2026-11-22T09:00:00Z", "", "v25.0"))
                for request, mau in zip(requests, maus, strict=True)
            ]
        )
    return requests


def test_what_a_kill_left_unread_is_read_and_not_asked_again(tmp_path: Path) -> None:
    first, second = left_by_a_kill(tmp_path, [1000, 5000])
    with Journal.open(tmp_path / "j.sqlite") as journal:
        # the later answer was settled, and the note of it written, before the kill
        journal.settle(second.key, "observed", 2)
    tally, source, journal, _ = collect(tmp_path, [estimate(5000)], PARTS)
    assert source.asked.keys().isdisjoint({first.key, second.key})
    assert (tally.asked, tally.deduced) == (11, 11)
    assert list(audience(journal, META)["status"][:2]) == ["floored", "observed"]


def test_a_sudden_floor_that_a_kill_left_unread_is_asked_again(tmp_path: Path) -> None:
    (request,) = left_by_a_kill(tmp_path, [1000])
    earlier = {request.key: 3000.0}
    tally, source, journal, _ = collect(tmp_path, [estimate(2900)], PARTS, earlier)
    assert source.asked[request.key] == 1
    assert tally.deduced == 0
    assert audience(journal, META, earlier)["value"].iloc[0] == 2900


def test_a_sudden_floor_that_was_looked_at_often_enough_before_a_kill_is_a_glitch(tmp_path: Path) -> None:
    (request,) = left_by_a_kill(tmp_path, [1000])
    with Journal.open(tmp_path / "j.sqlite") as journal:
        journal.write([(request, next(journal.answers())[2])] * 2)
    earlier = {request.key: 3000.0}
    _, source, journal, _ = collect(tmp_path, [estimate(2900)], PARTS, earlier)
    assert request.key not in source.asked
    assert audience(journal, META, earlier)["status"].iloc[0] == "glitch"


def test_a_sudden_floor_that_was_not_looked_at_again_is_no_number_and_deduces_nothing(tmp_path: Path) -> None:
    (request,) = left_by_a_kill(tmp_path, [1000])
    with Journal.open(tmp_path / "j.sqlite") as journal:
        table = audience(journal, META, {request.key: 3000.0})
    assert table[["value", "lower", "upper"]].iloc[0].isna().all()
    assert Counter(table["status"]) == {"glitch": 1, "quota": 23}


class Ready(Script):
    """A source whose answers are there before anyone waits for them."""

    async def ask(self, request: Request) -> RawAnswer | None:
        return RawAnswer(json.dumps(estimate()).encode(), 200, "", request.endpoint, request.api_version)


def test_answers_that_arrive_together_are_written_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []

    def written(journal: Journal, answers: Sequence[tuple[Request, RawAnswer]]) -> list[int]:
        sizes.append(len(answers))
        return write(journal, answers)

    write = Journal.write
    monkeypatch.setattr(Journal, "write", written)
    query = parse('name="q"\nplatform="meta"\nages="18+"\norigins=["SRB", "POL", "NGA"]\ndestinations=["AUT", "DEU"]')
    with Journal(tmp_path / "j.sqlite", query, "2026-11", "live") as journal:
        asyncio.run(run(query, META, Ready([], concurrency=3), journal, Tally(planned=6), wait=wait))
    assert sizes == [3, 3]
