"""Months are true: of when a wave is begun, of the clock, and of which wave is the newest."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from smstock.collect.database import writable
from smstock.collect.journal import Journal
from smstock.errors import ClockError, InputError, UsageError
from smstock.folder import Folder
from smstock.platforms.base import RawAnswer, Request
from smstock.query.spec import QuerySpec, parse
from smstock.vocabulary.dates import instant
from smstock.workflows.collection import Collected, collect
from smstock.workflows.completeness import lack_of
from smstock.workflows.months import begun_wave, dated_waves
from smstock.workflows.waves import collected_wave, read_waves

if TYPE_CHECKING:
    from pathlib import Path

QUERY = parse('name = "q"\nplatform = "meta"\nages = "18+"\norigins = ["SRB"]\ndestinations = ["AUT", "DEU"]')
BODY = b'{"data":[{"estimate_mau_lower_bound":141700,"estimate_mau_upper_bound":166700,"estimate_ready":true}]}'


class Meta:
    """A live platform that answers at the moment of its clock."""

    attempts = concurrency = 1
    dropped = ()

    def __init__(self, now: datetime, date: str = "") -> None:
        self.now = now
        self.headers = (("date", date),) if date else ()

    async def ask(self, request: Request) -> RawAnswer:
        return RawAnswer(BODY, 200, instant(self.now), request.endpoint, "v25.0", self.headers, "act_1")

    def prime(self, journal: object) -> None: ...

    async def close(self) -> None: ...


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path, tmp_path)


def asked(folder: Folder, day: str, wave: str = "", query: QuerySpec = QUERY, date: str = "") -> Collected:
    now = datetime.fromisoformat(day).replace(tzinfo=UTC)
    return collect(query, folder, now=now, source=Meta(now, date), wave=wave)


@pytest.mark.parametrize("wave", ["1999-11", "2026-10", "2026-12", "2062-11"])
def test_a_live_wave_is_begun_in_the_present_month_only(folder: Folder, wave: str) -> None:
    with pytest.raises(UsageError, match=f"no wave of q was begun in {wave}, and it is 2026-11") as refused:
        asked(folder, "2026-11-22", wave)
    assert refused.value.exit_code == 2
    assert not (folder.output / "waves").exists()
    assert asked(folder, "2026-11-22", "2026-11").wave == "2026-11"


def test_the_months_at_hand_are_named(folder: Folder) -> None:
    asked(folder, "2026-09-03")
    asked(folder, "2026-10-03")
    with pytest.raises(UsageError) as refused:
        asked(folder, "2026-11-03", "2026-08")
    assert refused.value.allowed == "the present month, or one that was begun: 2026-09, 2026-10"


def test_what_was_begun_is_resumed_and_each_row_has_its_own_date(folder: Folder) -> None:
    wider = QUERY.model_copy(update={"name": "q"})
    assert asked(folder, "2026-10-30").tally.asked == 2
    journal = folder.wave("2026-10", "q.journal.sqlite")
    assert journal.is_file()
    resumed = asked(folder, "2026-11-02", "2026-10", wider)
    assert (resumed.wave, resumed.tally.asked) == ("2026-10", 0)
    assert set(resumed.table()["asked_at"]) == {"2026-10-30T00:00:00Z"}


def test_a_clock_before_the_newest_answer_is_refused_in_one_message(folder: Folder) -> None:
    asked(folder, "2026-11-22")
    other = QUERY.model_copy(update={"name": "other"})
    for wave in ("", "2026-10"):
        with pytest.raises(UsageError) as refused:
            asked(folder, "2026-10-02", wave, other)
        assert refused.value.what == (
            "the clock says 2026-10-02 00:00, before the newest answer of the workspace, of 2026-11-22 00:00 (UTC)"
        )
        assert refused.value.hint.startswith("set the clock")
    assert asked(folder, "2026-11-21T23:30", query=other).wave == "2026-11"


def test_an_answer_that_settled_nothing_tells_nothing_of_the_clock(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A lost connection has the date of a clock that was wrong."""
    with monkeypatch.context() as patch:
        patch.setattr("tests.unit.workflows.test_months.BODY", b"<html>503</html>")
        asked(folder, "2026-12-22")
    assert asked(folder, "2026-11-22").wave == "2026-11"


def test_a_clock_years_after_the_newest_answer_is_confirmed_by_naming_the_month(folder: Folder) -> None:
    asked(folder, "2026-11-22")
    assert asked(folder, "2027-11-22").wave == "2027-11"
    with pytest.raises(UsageError, match=r"2031-05-02, 3\.4 years after .* of 2027-11-22") as refused:
        asked(folder, "2031-05-02")
    assert "--wave 2031-05" in refused.value.hint
    assert asked(folder, "2031-05-02", "2031-05").wave == "2031-05"
    assert asked(folder, "2031-05-03").wave == "2031-05"


@pytest.mark.parametrize("day", ["1999-11-22", "2026-10-22", "2026-11-20", "2027-02-01", "2026-11-30T23:30"])
def test_a_clock_that_the_platform_contradicts_leaves_no_wave(folder: Folder, day: str) -> None:
    date = "Tue, 01 Dec 2026 00:10:00 GMT"
    with pytest.raises(ClockError, match=r"the clock says .*, and Meta says 2026-12-01 00:10 \(UTC\)") as refused:
        asked(folder, day, date=date)
    assert refused.value.exit_code == 2
    assert refused.value.hint.startswith("set the clock")
    assert list((folder.output / "waves").iterdir()) == []
    assert asked(folder, "2026-12-01", date=date).wave == "2026-12"


def test_a_wave_that_was_begun_stays_as_it_is_under_a_wrong_clock(folder: Folder) -> None:
    path = folder.wave("2026-11", "q.journal.sqlite")
    path.parent.mkdir(parents=True)
    Journal(path, QUERY, "2026-11", "live").close()
    with pytest.raises(ClockError):
        asked(folder, "2026-11-28", "2026-11", date="Sun, 22 Nov 2026 10:00:00 GMT")
    assert [path.name for path in path.parent.iterdir()] == ["q.journal.sqlite"]
    with Journal.open(path) as journal:
        assert len(journal) == 0


@pytest.mark.parametrize("date", ["Mon, 30 Nov 2026 23:50:00 GMT", "Tue, 01 Dec 2026 20:00:00 GMT", "some day", "-1"])
def test_a_clock_that_is_minutes_away_at_the_turn_of_a_month_is_right(folder: Folder, date: str) -> None:
    assert asked(folder, "2026-12-01", date=date).wave == "2026-12"


@pytest.mark.parametrize("written", [False, True])
def test_a_wave_whose_first_run_was_killed_before_it_wrote_anything_is_begun(folder: Folder, written: bool) -> None:
    path = folder.wave("2026-11", "q.journal.sqlite")
    path.parent.mkdir(parents=True)
    path.touch()
    if written:
        writable(path).close()
    assert asked(folder, "2026-11-22").tally.asked == 2


def test_a_replayed_month_is_not_gone_on_with_live(folder: Folder, tmp_path: Path) -> None:
    asked(Folder(tmp_path, tmp_path / "first"), "2026-11-01")
    recorded = tmp_path / "recorded"
    recorded.mkdir()
    from smstock.workflows.recordings import record

    record(Folder(tmp_path, tmp_path / "first"), "q", "2026-11", recorded)
    now = datetime(2026, 12, 1, tzinfo=UTC)
    assert collect(QUERY, folder, now=now, recordings=recorded).wave == "2026-11"
    with pytest.raises(UsageError, match="begun as a replay"):
        asked(folder, "2026-12-01", "2026-11")


def test_a_wave_that_was_answered_in_another_month_is_not_published(folder: Folder) -> None:
    path = folder.wave("2026-03", "q.journal.sqlite")
    path.parent.mkdir(parents=True)
    Journal(path, QUERY, "2026-03", "live").close()  # as an outage, or a repair that saved nothing, leaves it
    late = asked(folder, "2026-11-22", "2026-03")
    assert late.tally.asked == 2
    with pytest.raises(InputError, match="2 of 2 cells of q in 2026-03 were answered in another month"):
        late.lack()
    with pytest.raises(InputError, match="answered in another month"):
        lack_of(folder, "q", "2026-03")


def test_a_wave_may_be_resumed_for_half_a_month(folder: Folder) -> None:
    path = folder.wave("2026-10", "q.journal.sqlite")
    path.parent.mkdir(parents=True)
    Journal(path, QUERY, "2026-10", "live").close()
    assert asked(folder, "2026-11-15", "2026-10").lack() == ""


def test_a_wave_of_a_mistaken_month_neither_leads_nor_stands_among_the_others(folder: Folder) -> None:
    asked(folder, "2026-10-20")
    asked(folder, "2026-11-20")
    for month in ("1999-11", "2027-02"):
        path = folder.wave(month, "q.audience.parquet")
        path.parent.mkdir(parents=True)
        pd.read_parquet(folder.wave("2026-11", "q.audience.parquet")).assign(wave=month).to_parquet(path)
    assert dated_waves(folder, "q") == ["2026-10", "2026-11"]
    assert collected_wave(folder, "q") == "2026-11"
    assert set(read_waves(folder, "q", until="2026-11")["wave"]) == {"2026-10", "2026-11"}


def test_a_wave_of_a_month_to_come_does_not_lead(folder: Folder) -> None:
    asked(folder, "2026-11-20")
    asked(folder, "2027-03-20")
    assert collected_wave(folder, "q", present="2026-11") == begun_wave(folder, "q", present="2026-11") == "2026-11"
    assert collected_wave(folder, "q", present="2027-03") == "2027-03"
    assert collected_wave(folder, "q", present="2026-10") == "2027-03"


def test_a_query_that_was_not_collected_is_answered_by_the_nearest_name(tmp_path: Path) -> None:
    folder = Folder(tmp_path, tmp_path)
    (tmp_path / "queries").mkdir()
    (tmp_path / "queries/simulated.toml").touch()
    for look in (begun_wave, collected_wave):
        with pytest.raises(InputError, match=r"did you mean simulated\?"):
            look(folder, "simulatd")
    with pytest.raises(InputError, match="`smstock collect simulated` begins one"):
        begun_wave(folder, "simulated")
