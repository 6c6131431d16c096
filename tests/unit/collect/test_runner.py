from __future__ import annotations

import asyncio
import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from smstock.collect.journal import Journal
from smstock.collect.runner import PAUSES, Tally, run
from smstock.collect.wave import audience
from smstock.errors import PlatformError, QuotaError
from smstock.platforms.base import RawAnswer, Request
from smstock.platforms.registry import platform
from smstock.query.lattice import cells, count
from smstock.query.spec import parse

if TYPE_CHECKING:
    from pathlib import Path

META = platform("meta")
QUERY = parse(
    'name = "q"\nplatform = "meta"\nages = "18+"\norigins = ["SRB"]\ndestinations = ["AUT", "DEU", "ITA", "THA"]\nbreakdowns = [["sex"]]\n'
)


class Script:
    """A source that plays a list of bodies for each request, then repeats the last one."""

    def __init__(self, bodies: list[Any]) -> None:
        self.bodies = bodies
        self.asked: Counter[str] = Counter()

    async def ask(self, request: Request) -> RawAnswer | None:
        body = self.bodies[min(self.asked[request.key], len(self.bodies) - 1)]
        self.asked[request.key] += 1
        return None if body is None else RawAnswer(json.dumps(body).encode(), 200, "2026-11-22T10:00:00Z", "delivery_estimate", "v25.0")


def estimate(mau: int = 2600, *, ready: bool = True) -> dict[str, Any]:
    return {"data": [{"estimate_mau": mau, "estimate_dau": 100, "estimate_ready": ready}]}


def fault(code: int, message: str = "m") -> dict[str, Any]:
    return {"error": {"message": message, "code": code, "type": "OAuthException"}}


def collect(tmp_path: Path, bodies: list[Any]) -> tuple[Tally, Script, Journal, list[float]]:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    source, journal = Script(bodies), Journal(tmp_path / "j.sqlite", QUERY, "2026-11", "live")
    tally = Tally(planned=count(QUERY))
    try:
        asyncio.run(run(QUERY, META, source, journal, tally, sleep=sleep))
    except BaseException:
        journal.close()
        raise
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
    assert slept == [PAUSES[0]] * 9
    assert set(audience(journal, META).query("destination != 'THA'")["value"]) == {2600}
    assert tally.settled == 9


def test_a_fault_that_stays_is_left_for_the_next_run_and_says_so(tmp_path: Path) -> None:
    tally, source, journal, slept = collect(tmp_path, [fault(2, "Service temporarily unavailable")])
    assert set(source.asked.values()) == {5}
    assert slept[:4] == list(PAUSES)
    assert tally.settled == 0
    assert set(audience(journal, META).query("destination != 'THA'")["status"]) == {"failed"}
    journal.close()
    assert collect(tmp_path, [estimate()])[0].settled == 9


@pytest.mark.parametrize(("code", "kind"), [(80004, QuotaError), (4, QuotaError), (190, PlatformError), (2635, PlatformError)])
def test_a_spent_quota_and_a_dead_credential_stop_the_run_and_keep_the_answers(
    tmp_path: Path, code: int, kind: type[PlatformError]
) -> None:
    with pytest.raises(kind) as caught:
        collect(tmp_path, [fault(code)])
    assert caught.value.exit_code == 4
    with Journal.open(tmp_path / "j.sqlite") as journal:
        assert len(journal) == 1
        statuses = Counter(audience(journal, META)["status"])
    assert sum(statuses.values()) == 12
    assert statuses["quota"] >= 8
    assert collect(tmp_path, [estimate()])[0].settled == 9


def test_a_refused_cell_is_settled_and_never_a_zero(tmp_path: Path) -> None:
    _, source, journal, _ = collect(tmp_path, [fault(100, "Invalid parameter")])
    assert set(source.asked.values()) == {1}
    table = audience(journal, META)
    assert table["status"].str.startswith("refused:").all()
    assert table["value"].isna().all()


def test_cells_without_a_recording_are_rows_that_say_so(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "r.sqlite", QUERY, "2026-11", "replay")
    tally = Tally(planned=count(QUERY))
    asyncio.run(run(QUERY, META, Script([None]), journal, tally, attempts=1))
    assert tally.missing == 9
    assert Counter(audience(journal, META)["status"]) == {"failed": 9, "refused:age_rule": 3}


def test_rows_come_in_the_order_of_asking(tmp_path: Path) -> None:
    journal = collect(tmp_path, [estimate()])[2]
    table = audience(journal, META)
    assert list(zip(table["destination"], table["sex"], strict=True)) == [(cell.destination, cell.sex) for cell in cells(QUERY)]
