"""What a query would cost, and every rule it breaks, without a network."""

from __future__ import annotations

from dataclasses import replace
from math import isfinite
from typing import TYPE_CHECKING

from smstock.errors import InputError
from smstock.folder import damaged, leave_aside
from smstock.platforms.known import platform
from smstock.query.lattice import count
from smstock.query.preflight import Finding, Plan
from smstock.vocabulary import countries
from smstock.vocabulary.dates import HOURS_A_MONTH, WAVES_A_MONTH
from smstock.vocabulary.facets import Ages, partition_of
from smstock.vocabulary.places import Circle
from smstock.workflows.arguments import number

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from smstock.query.spec import QuerySpec

FAR = 300.0
"""Kilometres from the middle of its country within which a circle is taken to lie in it."""


def plan(query: QuerySpec, *, today: str, accounts: int = 1, earlier: Path | None = None) -> Plan:
    """Return cells, calls, hours and findings of a query.

    Parameters
    ----------
    query
        The query.
    today
        ISO date on which it would be asked: versions expire.
    accounts
        Advertising accounts that share the calls; quotas are by account, not by token.
    earlier
        Audience table of an earlier wave: what lay at the floor then is taken to lie there still, and the calls that
        this saves are predicted. Without it, or where it is damaged, the calls are the most there can be.
    """
    number("accounts", accounts, least=1, most=10_000)
    service = platform(query.platform)
    findings = tuple(service.findings(query, today))
    total = count(query)
    refused = sum(finding.cells for finding in findings)
    calls = total - refused
    if earlier is not None:
        try:
            calls = _predicted(query, earlier)
        except InputError as error:
            leave_aside(error, earlier)
            earlier = None
    planned = Plan(
        cells=total,
        calls=calls,
        calls_per_hour=service.calls_per_hour,
        accounts=accounts,
        findings=findings,
        predicted_from="" if earlier is None else earlier.parent.name,
        every=query.wave.every,
    )
    if planned.refused:
        return planned
    return replace(planned, findings=(*findings, *_abroad(query), *_estimated_from(query), *_too_long(planned)))


def _abroad(query: QuerySpec) -> Iterator[Finding]:
    """Yield a note of each circle that is far from the middle of its country, and near to that of another."""
    from smstock.vocabulary.profiles import profiles

    middles = {
        area: Circle(profile.latitude, profile.longitude, 0)
        for area, profile in profiles().items()
        if isfinite(profile.latitude)
    }
    asked = [place for place in query.places if place.code in query.destinations and place.country in middles]
    for place in asked:
        for circle in place.circles:
            distance, nearest = min((circle.apart(middle), area) for area, middle in middles.items())
            if circle.apart(middles[place.country]) > max(FAR, 4 * distance):
                yield Finding(
                    "note",
                    "circle_abroad",
                    f"{place.code} ({place.name}): the circle around {circle.latitude:g}, {circle.longitude:g} may lie "
                    f"in {countries.area(nearest).name}, whose middle is much nearer: look at it",
                )


def _estimated_from(query: QuerySpec) -> Iterator[Finding]:
    """Yield a note of what each facet that is broken down is used for, and what is collected only."""
    asked = {facet for breakdown in query.breakdowns for facet in breakdown}
    if "age" in asked:
        _, fault = partition_of(query.whole, [Ages.parse(text) for text in query.age_groups])
        use = "`nowcast --by sex,age` divides estimates by it, where official figures have ages"
        if not any({"sex", "age"} <= set(breakdown) for breakdown in query.breakdowns):
            use = "`nowcast --by age` divides estimates by it, where official figures have ages; with sex beside it in "
            use += "one breakdown, by both"
        yield Finding("note", "breakdown", f"age: {f'no estimate is divided by it, since {fault}' if fault else use}")
    for facet in ("education", "relationship"):
        if facet in asked:
            yield Finding("note", "breakdown", f"{facet}: it is collected, and no estimate is divided by it")


def _too_long(planned: Plan) -> list[Finding]:
    """Return the finding that a wave takes longer than its days; empty if it does not, or nobody knows."""
    room = HOURS_A_MONTH / WAVES_A_MONTH[planned.every]
    if planned.hours is None or planned.hours <= room:
        return []
    message = (
        f"a wave takes {planned.hours:,.0f} hours, and a {planned.every} has {room:,.0f}: cells would stay open; ask "
        "for less, give more accounts, or collect less often"
    )
    return [Finding("note", "too_long", message)]


def _predicted(query: QuerySpec, earlier: Path) -> int:
    """Return the calls that an earlier wave lets expect, by its manifest; of another query, count them in its table."""
    from smstock.workflows.wave_table import calls_after

    if (calls := calls_after(earlier, query)) is not None:
        return calls
    import pyarrow.parquet as pq

    from smstock.collect.prediction import COLUMNS, predicted_calls

    try:
        with pq.ParquetFile(earlier) as table:
            pieces = (batch.to_pandas() for batch in table.iter_batches(columns=[*COLUMNS]))
            return predicted_calls(query, platform(query.platform), pieces)
    except (OSError, ValueError) as error:
        raise damaged(earlier, error) from None
