"""What the rest of smstock knows of an advertising platform: requests out, answers in, readings of them."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, Protocol, TypeVar

from smstock.errors import UnknownRecordingError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from smstock.files import Room
    from smstock.query.base import BaseQuery
    from smstock.query.lattice import Cell
    from smstock.query.preflight import Finding

Q = TypeVar("Q", bound="BaseQuery")


class Action(StrEnum):
    """What the collector does after an answer."""

    KEEP = "keep"
    """The answer settles the cell, with a number or without."""
    RETRY = "retry"
    """A passing fault: ask again after a pause, a bounded number of times."""
    PAUSE_ACCOUNT = "pause_account"
    """This advertising account has spent its quota; others go on."""
    PAUSE_APP = "pause_app"
    """Every account of this app has to wait."""
    STOP_CREDENTIAL = "stop_credential"
    """This token or account is of no more use; others go on."""
    STOP_RUN = "stop_run"
    """No further request can succeed (an expired version)."""


@dataclass(frozen=True)
class Request:
    """One question to a platform.

    ``key`` is the same for the same question, in whatever order its parts were written.
    ``parameters`` holds everything that is sent, and no credential.
    """

    key: str
    cell: Cell
    endpoint: str
    api_version: str
    parameters: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class RawAnswer:
    """What came back, byte for byte, before anyone read it.

    ``asked_at`` is UTC (ISO 8601), empty if a recording does not tell. ``headers`` are the whitelisted ones only.
    ``http_status`` 0: no answer came (connection lost); ``body`` then says why. ``account`` is the advertising account
    that asked, never its token.
    """

    body: bytes
    http_status: int
    asked_at: str
    endpoint: str
    api_version: str
    headers: tuple[tuple[str, str], ...] = ()
    account: str = ""


@dataclass(frozen=True)
class Reading:
    """One metric as the answer gives it: a value or the reason for none, and the counts it is compatible with."""

    metric: str
    status: str
    value: float | None = None
    lower: float | None = None
    upper: float | None = None


@dataclass(frozen=True)
class Answer:
    """An answer understood: a reading for each metric, what to do next, and the platform's own words.

    ``wait`` is the pause in seconds that the platform asked for, if it did.
    """

    readings: tuple[Reading, ...]
    action: Action
    detail: str = ""
    wait: float | None = None

    def reading(self, metric: str) -> Reading:
        """Return the reading of a metric; raise `KeyError` if the platform has no such metric."""
        for reading in self.readings:
            if reading.metric == metric:
                return reading
        raise KeyError(metric)


class Recorded(NamedTuple):
    """A line of a recording understood: what was asked and what came back, or why it is no answer.

    ``place`` says where in its file it is. ``restated``: the body was put together from figures, since the file keeps
    no body. ``key`` is the request key of the targeting spec.
    """

    place: str
    targeting: Mapping[str, Any] = MappingProxyType({})
    answer: RawAnswer | None = None
    reason: str = ""
    restated: bool = False
    key: str = ""


@dataclass(frozen=True)
class Fault:
    """An error understood: the status of the cell, what to do next, the platform's words, the wait in seconds."""

    status: str
    action: Action
    detail: str
    wait: float | None = None


class Source(Protocol):
    """Where answers come from: the live platform through its accounts, or a folder of recorded answers."""

    @property
    def attempts(self) -> int:
        """How often a cell is asked that answers with a passing fault: 1 for recordings, which do not change."""

    @property
    def concurrency(self) -> int:
        """How many requests may be under way at once."""

    @property
    def dropped(self) -> Sequence[str]:
        """Why each credential that is of no more use was dropped: account and the platform's words."""

    def prime(self, journal: Iterable[RawAnswer]) -> None:
        """Count what earlier runs asked, as far as a quota still remembers it."""

    async def ask(self, request: Request) -> RawAnswer | None:
        """Return the answer, as soon as an account may ask; None if nothing was recorded for the request.

        Raises
        ------
        QuotaError
            Every account has spent its quota for longer than the run is allowed to wait.
        CredentialError
            No usable credential is left.
        """

    async def close(self) -> None:
        """Let go of connections; nothing is asked after this."""


class Connect(Protocol):
    """How the live platform is reached for the credentials of a user."""

    def __call__(self, environment: Mapping[str, str], home: Path, *, patience: float) -> Source:
        """Return the live platform.

        Parameters
        ----------
        environment, home
            Where credentials are looked for: variables, and the user's home folder.
        patience
            Seconds that a run may wait for quota.

        Raises
        ------
        CredentialError
            There is no credential; the message lists every place looked at.
        """


def _of_no_collector(file: Path, _room: Room) -> Iterator[Recorded]:
    raise UnknownRecordingError(f"{file} is no recording", allowed="*.jsonl, *.jsonl.gz")


def _without_body(_line: Mapping[str, Any]) -> tuple[bytes, str]:
    raise KeyError("response_body")


def _by_one_rule(_value: float) -> str:
    return ""


def _in_its_own_words(targeting: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(part) for name, part in targeting.items()}


@dataclass(frozen=True, kw_only=True)
class Platform(Generic[Q]):
    """An advertising platform: facts and functions; a module of :mod:`smstock.platforms` provides one.

    Attributes
    ----------
    name
        Its name in queries and tables.
    title
        Its name for people.
    queries
        The class of its queries.
    metrics
        What an answer may hold; the first one tells whether a cell is at the floor.
    version
        The version of its API that is asked where a query names none.
    floor
        Accounts below which it gives no number today.
    calls_per_hour
        Calls an hour that an ordinary account may make; None where it does not say.
    quota_hours
        Hours for which a call may count in a quota.
    request
        The request that asks for a cell of a query.
    read
        An answer understood; never raises for what the platform may send.
    refusal
        Why it refuses a cell, empty if it does not.
    findings
        Every rule of it that a query breaks on a day (ISO date), and what its author should know.
    targeting
        The targeting spec among the parameters of a request, as a recording keeps it.
    key
        The request key of a recorded targeting spec.
    connect
        The live platform.
    restated
        By file name, who reads the recordings that are no lines of raw answers: request keys and answers of a file,
        for a query.
    collectors
        How the names of files end that other collectors of its answers write.
    collected
        The lines of such a file, read within some room; raises `UnknownRecordingError` for one of no known collector.
    restored
        The body that holds the figures of a recorded line under the platform's names of them, and the endpoint that
        answers so; raises `KeyError` or `ValueError` where there is none.
    described
        A targeting spec in the words of a query, by key of the query.
    rounding
        The rule of rounding that an observed value obeys; empty where the platform has one rule.
    """

    name: str
    title: str
    queries: type[Q]
    metrics: tuple[str, ...]
    version: str
    floor: float
    calls_per_hour: int | None
    quota_hours: int
    request: Callable[[Cell, Q], Request]
    read: Callable[[RawAnswer], Answer]
    refusal: Callable[[Cell, Q], str]
    findings: Callable[[Q, str], list[Finding]]
    targeting: Callable[[Mapping[str, str]], dict[str, Any]]
    key: Callable[[Mapping[str, Any]], str]
    connect: Connect
    restated: Mapping[str, Callable[[Path, Q], Iterator[tuple[str, RawAnswer]]]] = field(default_factory=dict)
    collectors: tuple[str, ...] = ()
    collected: Callable[[Path, Room], Iterator[Recorded]] = _of_no_collector
    restored: Callable[[Mapping[str, Any]], tuple[bytes, str]] = _without_body
    described: Callable[[Mapping[str, Any]], dict[str, str]] = _in_its_own_words
    rounding: Callable[[float], str] = _by_one_rule
