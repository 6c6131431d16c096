from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import numpy as np
import pytest

from smstock.platforms.base import RawAnswer
from smstock.platforms.meta import catalogue, targeting
from smstock.sandbox.meta import ACCOUNT, TOKEN, SimulatedMeta, account
from smstock.sandbox.simulation import simulate
from smstock.vocabulary.dates import instant_of_timestamp

if TYPE_CHECKING:
    from smstock.sandbox.reply import Reply
    from smstock.sandbox.world import World

START = 1_795_348_800.0  # 2026-11-22T12:00:00Z


@pytest.fixture(scope="session")
def world() -> World:
    """A small world: seven areas, four of them origins too."""
    return simulate(np.random.default_rng(5), areas=("AUT", "DEU", "NAM"), origins=("NGA", "POL", "SRB", "USA"))


@dataclass
class Clock:
    """A clock that stands still until it is moved."""

    now: float = START

    def __call__(self) -> float:
        return self.now


@dataclass
class Client:
    """Asks a simulated Meta in its own words."""

    service: SimulatedMeta
    clock: Clock
    token: str = TOKEN
    version: str = "v25.0"
    replies: list[Reply] = field(default_factory=list)

    def get(self, path: str, parameters: Mapping[str, str] | Sequence[tuple[str, str]] = (), **headers: str) -> Reply:
        given = {"authorization": f"Bearer {self.token}"} | headers
        reply = self.service.handle("GET", f"{path}?{urlencode(parameters)}".encode(), given)
        self.replies.append(reply)
        return reply

    def ask(self, spec: dict[str, Any], endpoint: str = "delivery_estimate", number: str = ACCOUNT) -> Reply:
        return self.get(f"/{self.version}/act_{number}/{endpoint}", {"targeting_spec": targeting.text(spec)})

    def raw(self, reply: Reply, endpoint: str = "delivery_estimate") -> RawAnswer:
        return RawAnswer(
            reply.body, reply.status, instant_of_timestamp(self.clock()), endpoint, self.version, reply.headers
        )


MakeClient = Callable[..., Client]


@pytest.fixture
def client(world: World) -> MakeClient:
    """Build a client of a simulated Meta with a full-tier account, unless told otherwise."""

    def make(**settings: Any) -> Client:
        clock = settings.pop("clock", Clock())
        settings.setdefault("accounts", {ACCOUNT: account("full")})
        return Client(SimulatedMeta(world, clock, **settings), clock)

    return make


def migrants(origin: str, country: str, **more: Any) -> dict[str, Any]:
    """Return the targeting spec of adults of an origin in a country."""
    label = {"behaviors": [{"id": catalogue.category(origin).behavior_id}]}
    return {"geo_locations": {"countries": [country]}, "age_min": 18, "flexible_spec": [label], **more}


@pytest.fixture(scope="session")
def spec() -> Callable[..., dict[str, Any]]:
    """The function that writes the targeting spec of migrants."""
    return migrants
