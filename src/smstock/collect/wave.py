"""A wave: the audience table that a journal holds, one row for each planned cell and metric."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from smstock.platforms.base import Action, Answer, RawAnswer, Reading
from smstock.query.lattice import cells
from smstock.tables import AUDIENCE, check
from smstock.vocabulary import status

if TYPE_CHECKING:
    import pandas as pd

    from smstock.collect.journal import Journal
    from smstock.platforms.base import Platform, Request
    from smstock.query.lattice import Cell
    from smstock.query.spec import QuerySpec


def audience(journal: Journal, platform: Platform) -> pd.DataFrame:
    """Return the audience table of a journal: rows out = cells planned x metrics, in the order of asking.

    A cell without an answer is a row that says so: ``refused:<reason>`` if the rules of the platform refuse it,
    ``failed`` if a recording has no answer for it, ``quota`` if it was not asked yet.
    """
    import pandas as pd

    query = journal.query
    answers = _last_words(journal, platform)
    unanswered = status.FAILED if journal.about()["source"] == "replay" else status.QUOTA
    columns: dict[str, list[Any]] = {name: [] for name in AUDIENCE.names}
    for cell in cells(query):
        reason = platform.refusal(cell, query)
        request = None if reason else platform.request(cell, query)
        raw, answer = answers.get(request.key, (None, None)) if request else (None, None)
        for metric in query.metrics:
            if answer is not None:
                reading = answer.reading(metric)
            else:
                reading = Reading(metric, f"{status.REFUSED}{reason}" if reason else unanswered)
            row = _row(cell, query, platform, journal.wave, request, raw, reading)
            for name, value in row.items():
                columns[name].append(value)
    return check(pd.DataFrame(columns), AUDIENCE)


def _last_words(journal: Journal, platform: Platform) -> dict[str, tuple[RawAnswer, Answer]]:
    """Return the settling answer of each request, or its last one if none settled it."""
    words: dict[str, tuple[RawAnswer, Answer]] = {}
    for key, raw in journal.answers():
        answer = platform.read(raw)
        if key not in words or words[key][1].action is not Action.KEEP:
            words[key] = raw, answer
    return words


def _row(
    cell: Cell, query: QuerySpec, platform: Platform, wave: str, request: Request | None, raw: RawAnswer | None, reading: Reading
) -> dict[str, Any]:
    return {
        "platform": platform.name,
        "metric": reading.metric,
        "wave": wave,
        "asked_at": raw.asked_at if raw else "",
        "destination": cell.destination,
        "origin": cell.origin,
        "origin_basis": platform.origin_basis if cell.origin else "",
        "sex": cell.sex,
        "age_min": cell.ages.minimum,
        "age_max": cell.ages.maximum,
        "education": cell.education,
        "relationship": cell.relationship,
        "location_basis": query.location_basis,
        "placements": "+".join(query.placements) or "all",
        "value": reading.value,
        "lower": reading.lower,
        "upper": reading.upper,
        "status": reading.status,
        "request_key": request.key if request else "",
        "api_version": raw.api_version if raw else "",
    }
