"""LinkedIn as smstock sees it: its members, through ``audienceCounts``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from smstock.platforms.base import Platform
from smstock.platforms.linkedin import answers, rounding, rules, targeting, versions
from smstock.query.linkedin import LinkedInQuery

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from smstock.platforms.base import Source


def _connect(environment: Mapping[str, str], home: Path, *, patience: float) -> Source:
    from smstock.platforms.linkedin.live import LiveLinkedIn  # with the HTTP client, which only asking needs

    return LiveLinkedIn.connect(environment, home, patience=patience)


LINKEDIN: Final = Platform(
    name="linkedin",
    title="LinkedIn",
    queries=LinkedInQuery,
    metrics=("total",),
    version=versions.DEFAULT,
    floor=rounding.FLOOR,
    # the quota is one of days, and its number is not published
    calls_per_hour=None,
    quota_hours=24,
    request=targeting.request,
    read=answers.read,
    refusal=rules.refusal,
    findings=rules.findings,
    targeting=targeting.of_parameters,
    key=targeting.key,
    connect=_connect,
    rounding=lambda value: rounding.rule(int(value)),
)
