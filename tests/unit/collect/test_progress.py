from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from smstock.collect.journal import Journal
from smstock.collect.progress import Progress, progress
from smstock.collect.unread import catch_up
from smstock.platforms.base import RawAnswer
from smstock.platforms.known import platform
from smstock.query.lattice import cells
from smstock.query.spec import parse

if TYPE_CHECKING:
    from pathlib import Path

META = platform("meta")
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
QUERY = parse(
    'name="q"\nplatform="meta"\nages="18+"\norigins=["SRB", "UKR"]\ndestinations=["AUT", "DEU"]\nbreakdowns=[["sex"]]'
)
OBSERVED = b'{"data":[{"estimate_mau_lower_bound":88900,"estimate_mau_upper_bound":104600}]}'
FLOORED = b'{"data":[{"estimate_mau_lower_bound":1000,"estimate_mau_upper_bound":1000}]}'


def found(
    folder: Path, bodies: dict[str, bytes], *, times: int = 1, minutes: float = 10, accounts: int = 1
) -> Progress:
    """Return the progress of a wave whose totals were answered some times, the first one some minutes ago."""
    totals = {cell.destination: cell for cell in cells(QUERY) if cell.sex == "all" and cell.origin == "SRB"}
    with Journal(folder / "j.sqlite", QUERY, "2026-11", "live") as journal:
        asked_at = (NOW - timedelta(minutes=minutes)).isoformat()
        journal.write(
            [
                (META.request(totals[where], QUERY), RawAnswer(body, 200, asked_at, "e", "v", account=f"act_{account}"))
                for where, body in bodies.items()
                for account in range(accounts)
                for _ in range(times)
            ]
        )
        catch_up(META, journal, {})
        return progress(journal, META, NOW)


def test_cells_are_counted_by_status_and_what_is_deduced_needs_no_call(tmp_path: Path) -> None:
    now = found(tmp_path, {"AUT": FLOORED, "DEU": OBSERVED})
    assert now.statuses == {"deduced": 2, "floored": 1, "observed": 1, "refused:no_category": 6}
    assert (now.cells, now.to_ask, now.answers) == (12, 2, 2)


@pytest.mark.parametrize(
    ("times", "minutes", "accounts", "pace"),
    [
        (50, 2, 1, 300),  # a burst within the ordinary quota
        (300, 59, 1, 300),
        (50, 2, 3, 900),
        (5000, 3, 1, 100_000),  # more than the ordinary quota: this account has another one
        (400, 0, 1, 24_000),
        (300, 61, 1, 300),  # nothing within the hour
    ],
)
def test_the_pace_is_that_of_the_quota_or_what_was_seen_beyond_it(
    tmp_path: Path, times: int, minutes: float, accounts: int, pace: float
) -> None:
    now = found(tmp_path, {"DEU": OBSERVED}, times=times, minutes=minutes, accounts=accounts)
    assert now.pace == pytest.approx(pace)
    assert now.hours == pytest.approx(5 / pace)


def test_a_replay_has_no_pace_since_recordings_have_no_quota(tmp_path: Path) -> None:
    with Journal(tmp_path / "j.sqlite", QUERY, "2026-11", "replay") as journal:
        now = progress(journal, META, NOW)
    assert now.to_ask > 0
    assert (now.pace, now.hours) == (None, None)


def test_a_wave_that_is_complete_takes_no_time(tmp_path: Path) -> None:
    now = found(tmp_path, {"AUT": FLOORED, "DEU": FLOORED})
    assert (now.to_ask, now.hours) == (0, 0)


def test_what_is_written_and_not_read_yet_is_not_to_ask(tmp_path: Path) -> None:
    asked = [META.request(cell, QUERY) for cell in cells(QUERY) if cell.sex == "all" and cell.origin == "SRB"]
    with Journal(tmp_path / "j.sqlite", QUERY, "2026-11", "live") as journal:
        answer = RawAnswer(FLOORED, 200, NOW.isoformat(), "e", "v")
        journal.write([(request, answer) for request in asked])
        now = progress(journal, META, NOW)
        assert (now.statuses, now.to_ask) == ({"deduced": 4, "floored": 2, "refused:no_category": 6}, 0)
        # as the next run: where the wave before had many, a floor is looked at again
        doubted = progress(journal, META, NOW, lambda: {asked[0].key: 90_000.0})
        assert (doubted.statuses, doubted.to_ask) == ({"deduced": 2, "floored": 1, "refused:no_category": 6}, 3)
        assert journal.statuses() == {}
