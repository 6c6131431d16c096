"""What goes wrong between a platform and its collectors, at rates that are known.

Faults that spoil a single answer are drawn from a hash of seed, request and attempt: whatever order the requests come
in, the same ones are spoilt. Faults of the platform itself happen once, after so many calls.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Final, Literal

from smstock.errors import UsageError

Level = Literal["none", "some", "many"]

ANSWER_FAULTS: Final = (
    "json_error",
    "html_error",
    "error_in_ok",
    "reset",
    "malformed",
    "truncated",
    "empty",
    "slow",
    "late",
    "duplicate",
    "no_number",
)
"""Faults of one answer; at most one of them spoils an answer."""

_OTHER_RATES: Final = ("not_ready", "glitch", "deprecating", "quota_spent")

LEGIBLE: Final = ("slow", "late", "duplicate")
"""The faults that leave the body as it is."""


@dataclass(frozen=True)
class FaultPlan:
    """Which faults occur how often.

    Parameters
    ----------
    json_error, html_error
        HTTP 500 with an error of code 1; HTTP 503 with a page of a proxy.
    error_in_ok
        HTTP 200 with an error of code 2 in the body.
    reset
        The connection is closed without an answer.
    malformed, truncated, empty
        HTTP 200 with a body that is no JSON, that is cut in half, that is empty.
    slow, late
        The answer comes after ``slow_seconds``; after ``late_seconds``, when a collector has given up.
    duplicate
        The answer comes twice, and the connection ends.
    no_number
        -1 in place of numbers.
    not_ready
        Share of specs whose estimate is not ready for the first ``not_ready_asks`` answers of a month.
    glitch
        Share of the specs with at least :data:`GLITCH_FROM` accounts that show the floor all month.
    deprecating
        Share of the categories that are marked to go, whenever their status is looked up.
    token_expires_after, category_withdrawn_after, version_expires_after
        Calls after which the first token expires; the category of the next origin asked for is withdrawn; the version
        of the next call is expired. None: never.
    quota_spent
        Share of each account's quota that others have spent in the hour before the first call.

    Raises
    ------
    UsageError
        A rate is no share, or the rates of the faults of an answer exceed 1 together.
    """

    json_error: float = 0.0
    html_error: float = 0.0
    error_in_ok: float = 0.0
    reset: float = 0.0
    malformed: float = 0.0
    truncated: float = 0.0
    empty: float = 0.0
    slow: float = 0.0
    late: float = 0.0
    duplicate: float = 0.0
    no_number: float = 0.0
    not_ready: float = 0.0
    glitch: float = 0.0
    deprecating: float = 0.0
    quota_spent: float = 0.0
    not_ready_asks: int = 2
    slow_seconds: float = 5.0
    late_seconds: float = 120.0
    token_expires_after: int | None = None
    category_withdrawn_after: int | None = None
    version_expires_after: int | None = None

    def __post_init__(self) -> None:
        """Refuse what is no rate."""
        rates = {name: getattr(self, name) for name in (*ANSWER_FAULTS, *_OTHER_RATES)}
        for name, rate in rates.items():
            if not 0 <= rate <= 1:
                raise UsageError(f"the fault {name} has the rate {rate}", allowed="0 to 1")
        together = sum(rates[name] for name in ANSWER_FAULTS)
        if together > 1 + 1e-9:
            raise UsageError(
                f"the faults of an answer have rates of {together:g} together",
                where=", ".join(ANSWER_FAULTS),
                allowed="1",
            )


GLITCH_FROM: Final = 3000
"""Fewest accounts at which the floor is a glitch for certain."""

PLANS: Final[dict[Level, FaultPlan]] = {
    "none": FaultPlan(),
    # 4.6 % of the values of large corridors were glitches in 2018 and 2019, 9.5 % from March 2019 on
    "some": FaultPlan(
        json_error=0.005,
        html_error=0.005,
        error_in_ok=0.005,
        reset=0.005,
        malformed=0.002,
        truncated=0.002,
        empty=0.002,
        slow=0.01,
        no_number=0.005,
        not_ready=0.02,
        glitch=0.046,
        deprecating=0.03,
    ),
    "many": FaultPlan(
        json_error=0.04,
        html_error=0.04,
        error_in_ok=0.04,
        reset=0.04,
        malformed=0.02,
        truncated=0.02,
        empty=0.02,
        slow=0.02,
        late=0.005,
        duplicate=0.01,
        no_number=0.02,
        not_ready=0.1,
        glitch=0.095,
        deprecating=0.1,
        quota_spent=0.5,
        category_withdrawn_after=150,
    ),
}


@dataclass(frozen=True)
class Injection:
    """A fault as it was injected: when (Unix seconds), which, and what it met.

    ``key`` is the request key of the answer; for a fault of the platform the account, origin or version it was about.
    """

    at: float
    fault: str
    key: str


def draw(seed: int, *about: object) -> float:
    """Return a number in [0, 1) that depends on nothing but the arguments.

    Examples
    --------
    >>> draw(1, "glitch", "a") == draw(1, "glitch", "a"), draw(1, "glitch", "a") == draw(2, "glitch", "a")
    (True, False)
    """
    text = "\0".join(map(str, (seed, *about)))
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=7).digest()) / 2**56


def of_answer(plan: FaultPlan, drawn: float) -> str:
    """Return the fault of an answer for a number drawn in [0, 1); empty if it is spared.

    Examples
    --------
    >>> plan = FaultPlan(reset=0.1, empty=0.2)
    >>> of_answer(plan, 0.05), of_answer(plan, 0.25), of_answer(plan, 0.5)
    ('reset', 'empty', '')
    """
    for name in ANSWER_FAULTS:
        drawn -= getattr(plan, name)
        if drawn < 0:
            return name
    return ""
