"""The clock of a platform, as its answers tell it."""

from __future__ import annotations

import pytest

from smstock.collect.clock import confirms, told_date
from smstock.platforms.base import RawAnswer


@pytest.mark.parametrize(
    "text",
    [
        "Fri, 31 Dec 9999 23:59:59 -1400",
        "Fri, 31 Dec 99999 23:59:59 GMT",
        "Fri, 31 Dec 2026 23:59:59 +9999",
        "today",
        "",
    ],
)
def test_a_date_that_is_none_is_not_told(text: str) -> None:
    raw = RawAnswer(b"{}", 200, "2026-11-22T10:00:00Z", "", "", (("date", text),))
    assert told_date(raw) is None
    assert not confirms(raw, "Meta")
