"""LinkedIn as smstock sees it: the platform protocol, filled in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from smstock.platforms.base import Answer, RawAnswer, Request
from smstock.platforms.linkedin import answers, restli, rounding, rules, targeting, versions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from smstock.query.lattice import Cell
    from smstock.query.preflight import Finding
    from smstock.query.spec import QuerySpec


@dataclass(frozen=True)
class LinkedIn:
    """Members of LinkedIn, through ``audienceCounts``.

    The quota is one of days, and its number is not published.
    """

    name: str = "linkedin"
    metrics: tuple[str, ...] = ("total",)
    origin_bases: tuple[str, ...] = rules.BASES
    calls_per_hour: int | None = None
    quota_hours: int = 24
    floor: float = rounding.FLOOR

    def request(self, cell: Cell, query: QuerySpec) -> Request:
        """Return the request that asks for a cell."""
        text = restli.encode(targeting.criteria(cell, query))
        return Request(
            key=targeting.key_of_text(text),
            cell=cell,
            endpoint="audienceCounts",
            api_version=query.api_version or versions.DEFAULT,
            parameters=(("q", "targetingCriteriaV2"), ("targetingCriteria", text)),
        )

    def read(self, answer: RawAnswer) -> Answer:
        """Understand an answer; never raises."""
        return answers.read(answer)

    def refusal(self, cell: Cell, query: QuerySpec) -> str:
        """Return why the platform refuses a cell, empty if it does not."""
        return rules.refusal(cell, query)

    def findings(self, query: QuerySpec, today: str) -> list[Finding]:
        """Return every rule of the platform that a query breaks."""
        return rules.findings(query, today)

    def targeting(self, parameters: Mapping[str, str]) -> dict[str, object]:
        """Return the targeting criteria among the parameters of a request."""
        criteria: dict[str, object] = restli.decode(parameters["targetingCriteria"])
        return criteria

    def key(self, targeting_spec: dict[str, object]) -> str:
        """Return the request key of recorded targeting criteria."""
        return targeting.key(targeting_spec)


LINKEDIN: Final = LinkedIn()
