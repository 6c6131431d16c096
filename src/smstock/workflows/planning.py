"""What a query would cost, and every rule it breaks, without a network."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from smstock.errors import InputError
from smstock.folder import damaged, leave_aside
from smstock.platforms.known import platform
from smstock.query.lattice import count
from smstock.query.preflight import Finding, Plan
from smstock.vocabulary.dates import HOURS_A_MONTH, WAVES_A_MONTH
from smstock.vocabulary.facets import DIMENSIONS, Ages, partition_of
from smstock.workflows import place_notes
from smstock.workflows.arguments import number
from smstock.workflows.schooling import use_of_education

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from smstock.query.spec import QuerySpec


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
    of_places: tuple[Finding, ...] = ()
    if earlier is not None:
        try:
            calls = _predicted(query, earlier)
            of_places = tuple(place_notes.notes(query, service, today, earlier))
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
    of_places = of_places or tuple(place_notes.notes(query, service, today))
    return replace(planned, findings=(*findings, *of_places, *_estimated_from(query), *_too_long(planned)))


def _estimated_from(query: QuerySpec) -> Iterator[Finding]:
    """Yield a note of what each facet that is broken down is used for, and what is collected only."""
    asked = {facet for breakdown in query.breakdowns for facet in breakdown}
    uses: dict[str, str] = {}
    if "sex" in asked:
        uses["sex"] = "women and men have estimates of their own, where official figures have them"
    if "age" in asked:
        uses["age"] = _use_of_ages(query)
    if "education" in asked:
        uses["education"] = use_of_education(query)
    if "relationship" in asked:
        uses["relationship"] = "it is collected, and no estimate is divided by it"
    yield from (Finding("note", "breakdown", f"{facet}: {use}") for facet, use in uses.items())
    if dimensions := [facet for facet in DIMENSIONS if facet in asked]:
        listed = ", ".join([*dimensions, *uses]).replace("_", " ")
        use = "`smstock skills` makes profiles of them; no estimate is divided by a dimension"
        yield Finding("note", "breakdown", f"{listed}: {use}")


def _use_of_ages(query: QuerySpec) -> str:
    """Return what estimates are divided by the age groups of a query, or why none is."""
    _, fault = partition_of(query.whole, [Ages.parse(text) for text in query.age_groups])
    if fault:
        return f"no estimate is divided by it, since {fault}"
    if any({"sex", "age"} <= set(breakdown) for breakdown in query.breakdowns):
        return "`nowcast --by sex,age` divides estimates by it, where official figures have ages"
    return (
        "`nowcast --by age` divides estimates by it, where official figures have ages; with sex beside it in one "
        "breakdown, by both"
    )


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
