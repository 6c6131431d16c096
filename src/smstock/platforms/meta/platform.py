"""Meta as smstock sees it: the platform protocol, filled in."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from smstock.platforms.base import Answer, RawAnswer, Request
from smstock.platforms.meta import answers, rounding, rules, targeting, versions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from smstock.query.lattice import Cell
    from smstock.query.preflight import Finding
    from smstock.query.spec import QuerySpec

OPTIMIZATION_GOAL: Final = "REACH"
"""Goals such as link clicks force Advantage expansion beyond the stated targeting since v19; reach does not."""


@dataclass(frozen=True)
class Meta:
    """Facebook, Instagram and the rest of Meta's placements, through ``delivery_estimate`` or ``reachestimate``.

    ``calls_per_hour`` is the quota of an ad account on the Limited tier without active ads (Meta, rate limiting,
    5 May 2026). A rolling hour, and the time that answers take, lie within ``quota_hours``.
    """

    name: str = "meta"
    metrics: tuple[str, ...] = ("mau", "dau")
    origin_bases: tuple[str, ...] = ("lived_in",)
    calls_per_hour: int | None = 300
    quota_hours: int = 2
    floor: float = rounding.FLOOR

    def request(self, cell: Cell, query: QuerySpec) -> Request:
        """Return the request that asks for a cell."""
        text = targeting.text(targeting.spec(cell, query))
        return Request(
            key=targeting.key_of_text(text),
            cell=cell,
            endpoint=query.endpoint or rules.ENDPOINTS[0],
            api_version=query.api_version or versions.DEFAULT,
            parameters=(("optimization_goal", OPTIMIZATION_GOAL), ("targeting_spec", text)),
        )

    def read(self, answer: RawAnswer) -> Answer:
        """Understand an answer of any era; never raises."""
        return answers.read(answer)

    def refusal(self, cell: Cell, query: QuerySpec) -> str:
        """Return why the platform refuses a cell, empty if it does not."""
        return rules.refusal(cell, query)

    def findings(self, query: QuerySpec, today: str) -> list[Finding]:
        """Return every rule of the platform that a query breaks."""
        return rules.findings(query, today)

    def targeting(self, parameters: Mapping[str, str]) -> dict[str, object]:
        """Return the targeting spec among the parameters of a request."""
        spec: dict[str, object] = json.loads(parameters["targeting_spec"])
        return spec

    def key(self, targeting_spec: dict[str, object]) -> str:
        """Return the request key of a recorded targeting spec."""
        return targeting.key(targeting_spec)


META: Final = Meta()
