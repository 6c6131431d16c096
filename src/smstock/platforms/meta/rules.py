"""What Meta refuses, known before it is asked: a refused call still counts, and too many cost the access tier.

Sources: Meta, targeting restrictions and basic targeting (19 February 2026); error subcodes 1870165 and 1870199.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from smstock.platforms.meta import catalogue, targeting, versions
from smstock.query.lattice import shapes
from smstock.query.preflight import Finding, no_corridor, nothing_asked
from smstock.vocabulary import countries
from smstock.vocabulary.facets import NO_ORIGIN, Ages
from smstock.vocabulary.places import country_of

if TYPE_CHECKING:
    from smstock.query.lattice import Cell
    from smstock.query.meta import MetaQuery

YOUNGEST: Final = 13
ADULT: Final = {"THA": 20, "IDN": 21}
"""Youngest age for detailed targeting where it is not 18."""
ADULT_ELSEWHERE: Final = 18
MINORS_RULE_SINCE: Final = 16.0
"""First version under which minors have no detailed targeting (February 2023); older recordings are replayed."""


def refusal(cell: Cell, query: MetaQuery) -> str:
    r"""Return why Meta refuses a cell (the reason of its ``refused:`` status), empty if it does not.

    Examples
    --------
    >>> from smstock.query.spec import parse
    >>> from smstock.query.lattice import Cell
    >>> query = parse('name="q"\nplatform="meta"\norigins=["SRB"]\ndestinations=["THA"]\nages="18+"')
    >>> refusal(Cell("THA", "SRB", "all", Ages(18)), query), refusal(Cell("AUT", "SRB", "all", Ages(18)), query)
    ('age_rule', '')
    """
    if cell.origin not in NO_ORIGIN and not catalogue.has(cell.origin):
        return "no_category"
    country = country_of(cell.destination)
    if not query.place(cell.destination) and not countries.area(country).iso2:
        return "no_country_code"
    detailed = bool(cell.origin or cell.education or cell.relationship)
    version = versions.number(query.api_version or versions.DEFAULT)
    if detailed and version >= MINORS_RULE_SINCE and cell.ages.minimum < ADULT.get(country, ADULT_ELSEWHERE):
        return "age_rule"
    return ""


def findings(query: MetaQuery, today: str) -> list[Finding]:
    """Return every rule of Meta that a query breaks, and what its author should know.

    Parameters
    ----------
    query
        The query.
    today
        ISO date on which it would be asked.
    """
    results = [
        *nothing_asked(query),
        *_ages(query),
        *_statuses(query),
        *_placements(query),
        *_endpoint(query),
        *_version(query, today),
        *_refused_cells(query),
        *_notes(query),
    ]
    if any(finding.severity == "refused" for finding in results):
        return results
    return [*results, *(no_corridor(query, refusal) or _unasked_columns(query))]


def _ages(query: MetaQuery) -> list[Finding]:
    broken = []
    for text in (query.ages, *query.age_groups):
        ages = Ages.parse(text)
        allowed = f"ages from {YOUNGEST}; the last group is {targeting.OPEN_AGE}+"
        if ages.minimum < YOUNGEST or ages.minimum > targeting.OPEN_AGE:
            broken.append(
                Finding("refused", "age_min", f"age range {text} begins at {ages.minimum}; Meta takes {allowed}")
            )
        if ages.maximum is not None and ages.maximum >= targeting.OPEN_AGE:
            broken.append(
                Finding(
                    "refused",
                    "age_max",
                    f"age range {text} ends at {ages.maximum}; to Meta 65 means 65 and older: write {ages.minimum}+",
                )
            )
    return broken


def _statuses(query: MetaQuery) -> list[Finding]:
    known = {"education": targeting.EDUCATION, "relationship": targeting.RELATIONSHIP}
    groups = [("education", name, statuses) for name, statuses in query.education.items()]
    groups += [("relationship", name, statuses) for name, statuses in query.relationship.items()]
    return [
        Finding("refused", facet, f"{facet} group {name!r} names {status!r}; Meta has {', '.join(known[facet])}")
        for facet, name, statuses in groups
        for status in statuses
        if status not in known[facet]
    ]


def _endpoint(query: MetaQuery) -> list[Finding]:
    if query.endpoint == "reachestimate" and "dau" in query.metrics:
        return [Finding("refused", "endpoint", 'reachestimate has no daily accounts; write metrics = ["mau"]')]
    return []


def _placements(query: MetaQuery) -> list[Finding]:
    return [
        Finding("refused", "placements", f"no placement {placement!r}; Meta has {', '.join(targeting.PLACEMENTS)}")
        for placement in query.placements
        if placement not in targeting.PLACEMENTS
    ]


def _version(query: MetaQuery, today: str) -> list[Finding]:
    version = query.api_version or versions.DEFAULT
    try:
        day = versions.expired(version, today)
    except ValueError:
        return [Finding("refused", "api_version", f"{version!r} is no version; write one such as {versions.DEFAULT}")]
    if not day:
        return []
    when = day if day.startswith("before") else f"on {day}"
    return [
        Finding(
            "note",
            "expired_version",
            f"{version} stopped answering {when}: recordings of it can be replayed, nothing can be asked live;"
            f" {versions.DEFAULT} answers",
        )
    ]


def _refused_cells(query: MetaQuery) -> list[Finding]:
    try:
        versions.number(query.api_version or versions.DEFAULT)
    except ValueError:
        return []
    counts: dict[str, int] = {}
    places: dict[str, set[str]] = {}
    for cell, number in shapes(query):
        if reason := refusal(cell, query):
            counts[reason] = counts.get(reason, 0) + number
            places.setdefault(reason, set()).add(cell.origin if reason == "no_category" else cell.destination)
    words = {
        "age_rule": "detailed targeting begins at 18 (Thailand 20, Indonesia 21)",
        "no_category": "Meta has no 'Lived in' category for the origin",
        "no_country_code": "the area has no ISO-2 code that Meta takes",
    }
    return [
        Finding("cells", reason, f"{words[reason]}: {_some(places[reason])}", cells=count)
        for reason, count in sorted(counts.items())
    ]


def _notes(query: MetaQuery) -> list[Finding]:
    notes = [
        Finding("note", "category", f"{countries.area(origin).name}: {catalogue.category(origin).note}")
        for origin in query.origins
        if catalogue.has(origin) and catalogue.category(origin).note
    ]
    if query.location_basis != "default":
        notes.append(
            Finding(
                "note",
                "location_types",
                "Meta is withdrawing location_types (subcode 1870199); a refusal marks its cells, none is dropped",
            )
        )
    return notes


def _unasked_columns(query: MetaQuery) -> list[Finding]:
    """Note each column of the corridor table that methods use and the query does not ask for, and what it would cost.

    The rule of such a note is the name of the column.
    """
    broken_down = {facet for breakdown in query.breakdowns for facet in breakdown}
    corridors = f"a call a corridor ({len(query.corridors)} at most)"
    asked = {
        "audience_daily": (
            "dau" in query.metrics or query.endpoint == "reachestimate",
            'metrics = ["dau", "mau"] adds daily accounts, which come with each answer: no call more',
        ),
        "audience_foreign": (
            query.foreign,
            f"foreign = true adds all foreign accounts: a call a destination ({len(query.destinations)})",
        ),
        "share_female": (
            "sex" in broken_down,
            f'breakdowns = [["sex"]] adds the share of women: {corridors} and sex',
        ),
        "share_age_*": (
            "age" in broken_down,
            f'breakdowns = [["age"]] with age_groups adds shares of ages: {corridors} and group',
        ),
        "penetration_destination": (
            query.totals,
            "totals = true adds all users at both ends, for the users of a calibration: a call a country and group",
        ),
    }
    return [
        Finding("note", column, f"{key}; methods use {column}")
        for column, (is_asked, key) in asked.items()
        if not is_asked
    ]


def _some(codes: set[str], shown: int = 12) -> str:
    listed = sorted(codes)
    return ", ".join(listed[:shown]) + (f" and {len(listed) - shown} more" if len(listed) > shown else "")
