"""What Meta refuses, known before it is asked: a refused call still counts, and too many cost the access tier.

Sources: Meta, targeting restrictions and basic targeting (19 February 2026); error subcodes 1870165 and 1870199.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from smstock.platforms.meta import catalogue, locales, locations, targeting, versions
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
ANOTHER_POPULATION: Final = (
    "origins are by language: accounts that use the platform in it, of every origin and generation. That is another "
    "population than those who lived in the origin, with a series and a calibration of its own"
)
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
    if cell.origin not in NO_ORIGIN and (missing := _without_proxy(cell, query)):
        return missing
    country = country_of(cell.destination)
    if not query.place(cell.destination) and not countries.area(country).iso2:
        return "no_country_code"
    detailed = bool(cell.origin or cell.education or cell.relationship)
    version = versions.number(query.api_version or versions.DEFAULT)
    if detailed and version >= MINORS_RULE_SINCE and cell.ages.minimum < ADULT.get(country, ADULT_ELSEWHERE):
        return "age_rule"
    return ""


def _without_proxy(cell: Cell, query: MetaQuery) -> str:
    """Return why nothing stands for an origin in a destination, empty if something does."""
    if query.origin_basis == "lived_in":
        return "" if catalogue.has(cell.origin) else "no_category"
    if not targeting.languages(cell.origin, query):
        return "no_language"
    home = country_of(cell.destination)
    if cell.origin not in query.locales and any(home in locale.spoken_in for locale in locales.of_origin(cell.origin)):
        return "" if home == cell.origin else "native_language"
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
        *_locales(query),
        *_endpoint(query),
        *locations.findings(query),
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


def _locales(query: MetaQuery) -> list[Finding]:
    broken = []
    for origin, numbers in query.locales.items():
        if origin not in query.origins:
            allowed = ", ".join(query.origins)
            broken.append(f"locales.{origin} is of no origin of the query; they are {allowed}")
        elif not numbers or min(numbers) < 1:
            broken.append(
                f"locales.{origin} is {list(numbers)}; write Meta's keys, as in [52] (GET /search?type=adlocale)"
            )
        elif len(numbers) > locales.MOST:
            broken.append(f"locales.{origin} names {len(numbers)} languages; Meta takes {locales.MOST} at most")
    return [Finding("refused", "locales", message) for message in broken]


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
            of_origin = reason in ("no_category", "no_language")
            places.setdefault(reason, set()).add(
                cell.origin
                if of_origin
                else f"{cell.origin} in {cell.destination}"
                if reason == "native_language"
                else cell.destination
            )
    words = {
        "age_rule": "detailed targeting begins at 18 (Thailand 20, Indonesia 21), and language counts as such",
        "native_language": "the language of the origin is one of the destination's own people too",
        "no_category": "Meta has no 'Lived in' category for the origin",
        "no_language": "no language stands for the origin alone",
        "no_country_code": "the area has no ISO-2 code that Meta takes",
    }
    return [
        Finding(
            "cells", reason, f"{words[reason]}: {_some(places[reason])}{_instead(reason, places[reason])}", cells=count
        )
        for reason, count in sorted(counts.items())
    ]


def _instead(reason: str, origins: set[str]) -> str:
    """Return what may be asked in place of a category, or why a language may not; empty for other reasons."""
    if reason == "no_category":
        languages = {
            origin: locales.language(tuple(locale.number for locale in locales.of_origin(origin)))
            for origin in sorted(origins)
            if locales.of_origin(origin)
        }
        if not languages:
            return ""
        listed = ", ".join(f"{origin} {words}" for origin, words in languages.items())
        codes = ", ".join(f'"{origin}"' for origin in languages)
        return (
            f". Another population can be asked: accounts that use the platform in a language ({listed}); write a query"
            f' of its own with origin_basis = "language" and origins = [{codes}]'
        )
    if reason == "no_language":
        why = "; ".join(f"{origin}: {locales.why_none(origin)}" for origin in sorted(origins))
        return f" ({why}); take it out, or name Meta's keys under [locales] if they stand for it in your destinations"
    return ""


def _notes(query: MetaQuery) -> list[Finding]:
    if query.origin_basis == "language":
        notes = _notes_of_languages(query)
    else:
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


def _notes_of_languages(query: MetaQuery) -> list[Finding]:
    """Say whom the languages of a query count, and whom each holds or misses."""
    notes = [Finding("note", "language", ANOTHER_POPULATION)]
    for origin in query.origins:
        numbers = targeting.languages(origin, query)
        holds = "; ".join(locale.note for locale in locales.known() if locale.number in numbers and locale.note)
        if holds:
            notes.append(
                Finding("note", "language", f"{countries.area(origin).name}: {locales.language(numbers)} {holds}")
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
            query.foreign or query.origin_basis == "language",
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
