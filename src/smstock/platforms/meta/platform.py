"""Meta as smstock sees it: Facebook, Instagram and the rest of its placements."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from smstock.platforms.base import Platform
from smstock.platforms.meta import answers, questions, restated, rounding, rules, targeting, versions
from smstock.query.meta import MetaQuery

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from smstock.files import Room
    from smstock.platforms.base import Recorded, Source


def _connect(environment: Mapping[str, str], home: Path, *, patience: float) -> Source:
    from smstock.platforms.meta.live import LiveMeta  # with the HTTP client, which only asking needs

    return LiveMeta.connect(environment, home, patience=patience)


def _collected(file: Path, room: Room) -> Iterator[Recorded]:
    from smstock.platforms.meta.collectors import tools  # with SQLite, which only files of other collectors need

    return tools.read(file, room)


def _restored(line: Mapping[str, Any]) -> tuple[bytes, str]:
    from smstock.platforms.meta.collectors import compact  # which only recordings without bodies need

    return compact.body(line)


META: Final = Platform(
    name="meta",
    title="Meta",
    queries=MetaQuery,
    metrics=("mau", "dau"),
    version=versions.DEFAULT,
    floor=rounding.FLOOR,
    # of an ad account on the Limited tier without active ads (Meta, rate limiting, 5 May 2026)
    calls_per_hour=300,
    # a rolling hour, and the time that answers take
    quota_hours=2,
    request=targeting.request,
    read=answers.read,
    refusal=rules.refusal,
    findings=rules.findings,
    targeting=targeting.of_parameters,
    key=targeting.key,
    connect=_connect,
    restated={restated.FILE: restated.read},
    collectors=(".csv", ".csv.gz", ".tsv", ".db", ".sqlite", ".sqlite3"),
    collected=_collected,
    restored=_restored,
    described=questions.described,
)
