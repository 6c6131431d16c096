"""Queries by the week and the day: which wave is collected, what a month is made of, and what a job does."""

from __future__ import annotations

import json
import re
import tomllib
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from tests.learning import _learnt_once  # noqa: F401 - a fixture

from smstock.errors import ClockError, IncompleteError, InputError, QueryError, UsageError
from smstock.folder import Folder
from smstock.platforms import replay
from smstock.platforms.base import RawAnswer, Request
from smstock.platforms.known import platform
from smstock.query.base import Rhythm
from smstock.query.spec import QuerySpec, load, parse
from smstock.report.plans import plan_table
from smstock.settings import Job
from smstock.tables import AUDIENCE, check
from smstock.vocabulary.dates import instant
from smstock.workflows import members
from smstock.workflows.audiences import audiences, repaired
from smstock.workflows.collection import Collected, collect
from smstock.workflows.completeness import lack_of, usable_waves
from smstock.workflows.month import run_month
from smstock.workflows.planning import plan
from smstock.workflows.waves import collected_wave

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from smstock.query.preflight import Plan
    from smstock.vocabulary.dates import Every
    from smstock.workflows.outcome import Month

TEXT = 'name = "q"\nplatform = "meta"\nages = "18+"\norigins = ["SRB"]\ndestinations = ["AUT", "DEU"]\n'
MONTHLY, WEEKLY, DAILY = (parse(f'{TEXT}[wave]\nevery = "{every}"') for every in ("month", "week", "day"))


@dataclass
class Meta:
    """A live platform that answers at the moment of its clock, with so many accounts, until it is killed."""

    now: datetime
    accounts: int = 2000
    calls: int = 99
    date: str = ""
    attempts: int = 1
    concurrency: int = 1
    dropped: tuple[str, ...] = ()

    async def ask(self, request: Request) -> RawAnswer:
        if not self.calls:
            raise KeyboardInterrupt
        self.calls -= 1
        bounds = f'"estimate_mau_lower_bound":{self.accounts},"estimate_mau_upper_bound":{self.accounts}'
        body = f'{{"data":[{{{bounds},"estimate_ready":true}}]}}'.encode()
        headers = (("date", self.date),) if self.date else ()
        return RawAnswer(body, 200, instant(self.now), request.endpoint, "v25.0", headers, "act_1")

    def prime(self, journal: object) -> None: ...

    async def close(self) -> None: ...


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path, tmp_path)


def asked(folder: Folder, day: str, query: QuerySpec = WEEKLY, wave: str = "", **answering: int | str) -> Collected:
    now = datetime.fromisoformat(day).replace(tzinfo=UTC)
    return collect(query, folder, now=now, source=Meta(now, **answering), wave=wave)  # type: ignore[arg-type]


def test_two_weeks_of_a_month_are_two_waves(folder: Folder) -> None:
    first, second = asked(folder, "2026-11-11", accounts=2000), asked(folder, "2026-11-18", accounts=3000)
    assert (first.wave, second.wave) == ("2026-W46", "2026-W47")
    assert [wave.tally.asked for wave in (first, second)] == [2, 2]
    values = [wave.table()["value"].tolist() for wave in (first, second)]
    assert values == [[2000.0, 2000.0], [3000.0, 3000.0]]
    assert collected_wave(folder, "q", present="2026-11") == "2026-W47"
    assert asked(folder, "2026-11-19", DAILY).wave == "2026-11-19"


def test_a_week_goes_on_until_it_ends(folder: Folder) -> None:
    with pytest.raises(KeyboardInterrupt):
        asked(folder, "2026-11-16", calls=1)
    with pytest.raises(IncompleteError):
        lack_of(folder, "q", "2026-W47")
    resumed = asked(folder, "2026-11-22T23:00")
    assert (resumed.wave, resumed.tally.asked, resumed.gaps.unanswered) == ("2026-W47", 1, 0)
    assert set(resumed.table()["asked_at"].str[:10]) == {"2026-11-16", "2026-11-22"}
    assert asked(folder, "2026-11-23").wave == "2026-W48"


@pytest.mark.parametrize(("day", "late"), [("2026-11-25", False), ("2026-11-26", True)])
def test_a_week_may_be_completed_three_days_after_it(folder: Folder, day: str, late: bool) -> None:
    with pytest.raises(KeyboardInterrupt):
        asked(folder, "2026-11-16", calls=1)
    completed = asked(folder, day, wave="2026-W47")
    assert completed.wave == "2026-W47"
    assert completed.gaps.late == late
    if late:
        with pytest.raises(InputError, match="answered in another week") as refused:
            completed.lack()
        assert refused.value.allowed == "answers of the week, or of the 3 days after it"
    else:
        assert completed.lack() == ""


@pytest.mark.parametrize("wave", ["2026-W46", "2026-W48", "2026-11", "2026-11-18"])
def test_a_wave_of_other_days_is_not_begun(folder: Folder, wave: str) -> None:
    with pytest.raises(UsageError, match=r"no wave of q was begun in 2026-W4|is a month|is a day"):
        asked(folder, "2026-11-18", wave=wave)
    assert not (folder.output / "waves").exists()


def test_a_clock_that_is_an_hour_wrong_at_the_turn_of_a_week(folder: Folder) -> None:
    with pytest.raises(ClockError):
        asked(folder, "2026-11-22T23:30", date="Mon, 23 Nov 2026 00:10:00 GMT")
    assert asked(folder, "2026-11-22T23:30", MONTHLY, date="Mon, 23 Nov 2026 00:10:00 GMT").wave == "2026-11"


def test_a_query_that_turns_weekly_keeps_its_months(folder: Folder) -> None:
    asked(folder, "2026-09-10", MONTHLY, accounts=1500)
    with pytest.raises(KeyboardInterrupt):
        asked(folder, "2026-10-10", MONTHLY, calls=1)
    assert asked(folder, "2026-11-04").wave == "2026-W45"
    completed = asked(folder, "2026-11-05", wave="2026-10")
    assert (completed.wave, completed.tally.asked) == ("2026-10", 1)
    asked(folder, "2026-11-12")
    assert folder.waves_of("q") == ["2026-09", "2026-10", "2026-W45", "2026-W46"]
    read = audiences(folder, "q", "2026-W46", "mau")
    assert read.waves is not None
    assert read.waves["wave"].drop_duplicates().tolist() == ["2026-09", "2026-10", "2026-W45", "2026-W46"]


def test_a_monthly_query_is_written_down_as_ever(folder: Folder) -> None:
    assert parse(TEXT) == MONTHLY
    assert "wave" not in MONTHLY.model_dump()
    assert '"wave"' not in MONTHLY.model_dump_json()
    assert json.loads(WEEKLY.model_dump_json())["wave"] == {"every": "week"}
    keys = [set(asked(folder, day, query).table()["request_key"]) for day, query in (
        ("2026-10-05", MONTHLY), ("2026-11-18", WEEKLY), ("2026-11-19", DAILY)
    )]  # fmt: skip
    assert keys[0] == keys[1] == keys[2]


def test_a_month_is_the_mean_of_its_weeks(folder: Folder) -> None:
    for day, accounts in (("2026-10-28", 9000), ("2026-11-04", 9000), ("2026-11-11", 9900), ("2026-11-18", 9900)):
        asked(folder, day, accounts=accounts)
    parts, lack = usable_waves(folder, "q", "2026-11")
    assert (parts, lack) == (["2026-W45", "2026-W46", "2026-W47"], "")
    month = audiences(folder, "q", "2026-11", "mau", parts)
    assert month.audience["wave"].unique().tolist() == ["2026-11"]
    assert month.audience["value"].to_numpy() == pytest.approx((9000 * 9900**2) ** (1 / 3))
    assert month.waves is not None
    assert sorted(month.waves["wave"].unique()) == ["2026-10", "2026-11"]


def test_a_month_of_weeks_is_repaired_by_all_of_them(folder: Folder) -> None:
    for day in ("2026-11-04", "2026-11-11", "2026-11-18"):
        asked(folder, day)
    assert set(repaired(folder, "q", "2026-11").shown["wave"]) == {"2026-W45", "2026-W46", "2026-W47"}


def test_a_week_that_lacks_answers_is_left_out_of_its_month(folder: Folder) -> None:
    asked(folder, "2026-11-04", accounts=9000)
    with pytest.raises(KeyboardInterrupt):
        asked(folder, "2026-11-11", accounts=9900, calls=1)
    parts, lack = usable_waves(folder, "q", "2026-11")
    assert parts == ["2026-W45"]
    assert lack.startswith("2026-W46 is left out: 1 of 2 cells of q in 2026-W46 have no answer")
    assert audiences(folder, "q", "2026-11", "mau", parts).audience["value"].tolist() == [9000.0, 9000.0]


def test_a_month_none_of_whose_weeks_is_whole_is_not_published(folder: Folder) -> None:
    with pytest.raises(KeyboardInterrupt):
        asked(folder, "2026-11-11", calls=1)
    with pytest.raises(IncompleteError, match="in 2026-W46"):
        usable_waves(folder, "q", "2026-11")


def test_a_plan_counts_the_calls_of_a_month() -> None:
    month, week, day = (plan(query, today="2026-11-18") for query in (MONTHLY, WEEKLY, DAILY))
    assert [planned.calls for planned in (month, week, day)] == [2, 2, 2]
    assert [planned.calls_a_month for planned in (month, week, day)] == [2, 9, 61]
    assert month.findings == week.findings
    assert next(cell for cell in _rows(week) if cell.startswith("a wave every week")) == (
        "a wave every week: 4.35 waves, 9 calls, 2 min of 730 h"
    )


def test_a_plan_says_that_a_wave_is_longer_than_its_days() -> None:
    text = 'name="q"\nplatform="meta"\nages="18+"\norigins=["meta-origins"]\ndestinations=["meta-destinations"]\n[wave]\nevery="day"'
    planned = plan(parse(text), today="2026-11-18")
    assert planned.hours is not None
    assert planned.hours > 24
    note = next(finding for finding in planned.findings if finding.rule == "too_long")
    assert note.message.startswith(f"a wave takes {planned.hours:,.0f} hours, and a day has 24: cells would stay open")
    assert not any(
        finding.rule == "too_long" for finding in plan(parse(text), today="2026-11-18", accounts=99).findings
    )


def _rows(planned: Plan) -> list[str]:
    return [text for _, text in plan_table(planned).rows]


@dataclass
class Dated:
    """The recorded platform at another moment; in one destination it shows twice as many accounts."""

    recorded: replay.Replay
    now: datetime
    doubled: str
    attempts: int = 1
    concurrency: int = 1
    dropped: tuple[str, ...] = ()

    async def ask(self, request: Request) -> RawAnswer | None:
        answer = await self.recorded.ask(request)
        if answer is None:
            return None
        body = answer.body
        if request.cell.destination == self.doubled:
            body = re.sub(rb"(?<=:)\d{3,}", lambda number: b"%d" % (2 * int(number[0])), body)
        return replace(answer, asked_at=instant(self.now), body=body)

    def prime(self, journal: Iterable[RawAnswer]) -> None: ...

    async def close(self) -> None: ...


@pytest.fixture
def run(repository: Path, folder: Folder) -> Callable[..., Month]:
    """Run the worked example as a job by the week on a day."""
    text = (repository / "queries/serbia-diaspora.toml").read_text(encoding="utf-8")
    content = {**tomllib.loads(text), "breakdowns": [], "totals": False}
    path = folder.root / "serbia-diaspora.toml"
    lines = [f"{key} = {json.dumps(value)}" for key, value in content.items() if not isinstance(value, dict)]
    path.write_text("\n".join([*lines, "[publish]\nleast_answered = 0.5\n[wave]\nevery = 'week'"]), encoding="utf-8")
    job, query = Job("serbia", path, repository / "calibration/serbia.toml"), load(path)
    recorded = replay.read(repository / "queries/recorded/serbia-diaspora", platform("meta"), query, "2020-10")

    def run(day: str, doubled: str = "") -> Month:
        now = datetime.fromisoformat(day).replace(tzinfo=UTC)
        return run_month(job, folder, now=now, source=Dated(recorded, now, doubled))

    return run


@pytest.mark.parametrize(("every", "wave"), [("week", "2020-W41"), ("day", "2020-10-05")])
def test_recordings_are_replayed_as_the_newest_week_or_day(
    repository: Path, folder: Folder, every: Every, wave: str
) -> None:
    asked = load(repository / "queries/serbia-diaspora.toml")
    query = asked.model_copy(update={"wave": Rhythm(every=every), "breakdowns": (), "totals": False})
    recordings = repository / "queries/recorded/serbia-diaspora"
    collected = collect(query, folder, now=datetime(2026, 11, 18, tzinfo=UTC), recordings=recordings)
    assert (collected.wave, set(collected.table()["status"]) & {"observed"}) == (wave, {"observed"})
    with pytest.raises(UsageError, match="2020-10 is a month"):
        collect(query, folder, now=datetime(2026, 11, 18, tzinfo=UTC), recordings=recordings, wave="2020-10")


@pytest.mark.slow
@pytest.mark.usefixtures("_learnt_once")
def test_a_job_by_the_week_estimates_week_and_month(run: Callable[..., Month], folder: Folder) -> None:
    first = run("2020-10-07")
    assert (first.collected.wave, set(first.nowcast.estimates["wave"])) == ("2020-W41", {"2020-10"})
    assert set(first.nowcast.estimates["reference_date"]) == {"2020-10-15"}
    assert first.newest is not None
    assert set(first.newest.estimates["wave"]) == {"2020-W41"}
    assert set(first.newest.estimates["reference_date"]) == {"2020-10-08"}
    again = run("2020-10-08")
    assert (again.learnt, again.collected.tally.asked) == (False, 0)
    pd.testing.assert_frame_equal(again.nowcast.estimates, first.nowcast.estimates)
    second = run("2020-10-14")
    assert second.collected.wave == "2020-W42"
    manifest = json.loads(folder.estimate("2020-10", "serbia.manifest.json").read_text())
    assert {"audience 2020-W41", "audience 2020-W42"} <= set(manifest["inputs"])
    for wave in ("2020-10", "2020-W41", "2020-W42"):
        assert folder.estimate(wave, "serbia.report.html").is_file()
    assert not any("shock" in notice for notice in (*first.notices, *second.notices))
    third = run("2020-10-21", doubled="DEU")
    assert "shock up to 2020-W43: SRB in DEU" in third.notices
    assert third.newest is not None
    of_week, of_month = (
        made.estimates.query("destination == 'DEU' and sex == 'all'").iloc[0] for made in (third.newest, third.nowcast)
    )
    assert of_week["regime"] == "shock"
    assert "beyond its peers since 2020-10-08" in of_week["reason"]
    assert of_month["audience"] == pytest.approx(2 ** (1 / 3) * of_week["audience"] / 2)
    assert "the week of 12 October 2020" in folder.estimate("2020-W42", "serbia.report.html").read_text()


def test_the_rhythm_is_no_other_query() -> None:
    assert Rhythm().usual
    assert WEEKLY.model_copy(update={"wave": Rhythm()}) == MONTHLY


def members_of(folder: Folder, wave: str, members: float) -> None:
    """Put a wave of LinkedIn's totals of one corridor into a folder."""
    cell: dict[str, Any] = dict.fromkeys(AUDIENCE.names, "")
    cell |= {"platform": "linkedin", "metric": "total", "wave": wave, "sex": "all"}
    cell |= {"destination": "DEU", "origin": "SRB", "age_min": 18, "age_max": None, "status": "observed"}
    cell |= {"value": members, "lower": members - 50, "upper": members + 50, "location_basis": "home"}
    path = folder.wave(wave, "q.audience.parquet")
    path.parent.mkdir(parents=True)
    check(pd.DataFrame([cell | {"placements": "all"}]), AUDIENCE).to_parquet(path, index=False)


def test_members_of_a_month_are_the_mean_of_its_weeks_and_change_since_the_month_before(folder: Folder) -> None:
    for wave, count in (("2026-W43", 1000.0), ("2026-W44", 1210.0), ("2026-W45", 2000.0), ("2026-W46", 2420.0)):
        members_of(folder, wave, count)
    month = members.collected(folder, query="q", wave="2026-11")
    assert (month.wave, month.before) == ("2026-11", "2026-10")
    values = {wave: table["value"].tolist() for wave, table in month.audiences.items()}
    assert values == {"2026-11": [2200.0], "2026-10": [1100.0]}
    assert set(month.inputs) == {f"audience {name}" for name in ("2026-W45", "2026-W46", *BEFORE)}
    week = members.collected(folder, query="q", wave="2026-W46")
    assert (week.before, set(week.inputs)) == ("2026-W45", {"audience", "audience before"})
    assert week.audiences["2026-W46"]["value"].tolist() == [2420.0]


BEFORE = ("before 2026-W43", "before 2026-W44")


def test_typed_counts_are_of_months(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="2026-W46 is a week") as refused:
        members.typed(tmp_path / "counts.csv", wave="2026-W46", present="2026-11")
    assert refused.value.allowed == "a month, YYYY-MM"


def test_an_unknown_rhythm_is_named() -> None:
    with pytest.raises(QueryError, match=r"wave\.every: .*fortnight"):
        parse(f'{TEXT}[wave]\nevery = "fortnight"')
