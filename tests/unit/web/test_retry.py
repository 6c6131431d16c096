from __future__ import annotations

import asyncio
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smstock.errors import PlatformError
from smstock.web.retry import MOST_SECONDS, Backoff, attempts, retry_after

SUNDAY = "Sun, 22 Nov 2026 10:00:00 GMT"


def pauses_of(most: int, rng: Random, *, told: float | None = None) -> list[float]:
    """Return what is slept between attempts none of which succeeds."""
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    async def fail() -> str:
        return "fault"

    asking = attempts(most, again=lambda _: True, wait=Backoff(rng, requested=lambda _: told), sleep=sleep)
    assert asyncio.run(asking(fail)) == "fault"
    return slept


@pytest.mark.parametrize(("attempt", "longest"), [(1, 2), (2, 8), (3, 32), (4, 120), (5, 120), (50, 120)])
def test_the_pause_is_anywhere_up_to_a_ceiling_that_grows_and_ends(attempt: int, longest: float) -> None:
    rng = Random(7)
    pauses = [pauses_of(attempt + 1, rng)[-1] for _ in range(400)]
    assert 0 <= min(pauses) < 0.02 * longest
    assert 0.98 * longest < max(pauses) <= longest
    assert sum(pauses) / len(pauses) == pytest.approx(longest / 2, rel=0.1)


def test_there_is_one_pause_fewer_than_attempts() -> None:
    assert [len(pauses_of(most, Random(1))) for most in (1, 2, 5)] == [0, 1, 4]


def test_the_same_seed_gives_the_same_pauses() -> None:
    assert pauses_of(4, Random(1)) == pauses_of(4, Random(1))


def test_a_pause_that_was_told_is_kept() -> None:
    assert pauses_of(4, Random(1), told=300.0) == [300.0] * 3
    assert pauses_of(4, Random(1), told=0.0) == [0.0] * 3


@pytest.mark.parametrize("error", [PlatformError("no"), KeyError("no"), SystemExit(3)])
def test_an_error_ends_the_attempts_as_it_is(error: BaseException) -> None:
    made: list[int] = []

    async def fail() -> None:
        made.append(1)
        raise error

    with pytest.raises(type(error)) as raised:
        asyncio.run(attempts(5, again=lambda _: True, wait=Backoff(Random(1)))(fail))
    assert raised.value is error
    assert len(made) == 1


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ([("Retry-After", "0")], 0.0),
        ([("retry-after", " 120 ")], 120.0),
        ([("date", SUNDAY), ("retry-after", "Sun, 22 Nov 2026 11:00:00 GMT")], 3600.0),
        ([("date", SUNDAY), ("retry-after", "Sun, 22 Nov 2026 09:00:00 GMT")], 0.0),
        ([("retry-after", "Sun, 22 Nov 2026 11:00:00 GMT")], None),
        ([("date", "yesterday"), ("retry-after", "Sun, 22 Nov 2026 11:00:00 GMT")], None),
        # without a zone the two cannot be compared
        ([("date", SUNDAY), ("retry-after", "Sun, 22 Nov 2026 11:00:00 -0000")], None),
        ([("date", SUNDAY), ("retry-after", "soon")], None),
        ([("date", SUNDAY), ("retry-after", "-5")], None),
        ([("date", SUNDAY), ("retry-after", "٣")], None),
        ([("retry-after", "9" * 5_000)], MOST_SECONDS),
        ([("date", SUNDAY), ("retry-after", "Fri, 31 Dec 9999 23:59:59 GMT")], MOST_SECONDS),
        ([("date", SUNDAY)], None),
        ([], None),
    ],
)
def test_retry_after_is_seconds_or_a_date(headers: list[tuple[str, str]], seconds: float | None) -> None:
    assert retry_after(headers) == seconds


@given(st.text(), st.text())
def test_whatever_retry_after_holds_it_is_a_wait_or_none(text: str, date: str) -> None:
    told = retry_after([("retry-after", text), ("date", date)])
    assert told is None or told >= 0
