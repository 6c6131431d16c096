"""What typed counts must hold so that shares of them are right: totals, and nothing that contradicts them.

The total is what shares are of, unless all categories of a dimension were typed
(`smstock.skills.compositions`). No sum of categories replaces it: a member may have several or none of them.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations
from typing import TYPE_CHECKING, Final

from smstock.errors import InputError
from smstock.platforms.linkedin.campaign_manager import HEADINGS
from smstock.skills.experience import years_of
from smstock.skills.shares import COMPOSITIONS
from smstock.skills.typed_lines import EVERYBODY, Entry, Form
from smstock.vocabulary.facets import DIMENSIONS, Ages

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    Group = tuple[str, str, str, str]
    Whole = Mapping[tuple[Group, str, str], Entry]

_MOST: Final = 5
"""Lines to be added that a message lists."""


def check_whole(entries: Sequence[Entry], form: Form) -> None:
    """Refuse entries that contradict each other or are not enough for shares.

    Raises
    ------
    InputError
        An audience is counted twice or is larger than its total; a total, an origin or a facet is missing, or ranges
        overlap.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.skills.typed_lines import Line
    >>> form = Form(Path("counts.csv"), ("facet", "entity", "count"), ",")
    >>> nurses = Entry(Line(form, 2, {}), "2026-11", "IRL", "SRB", "all", "skill", "Nursing", 400.0, 390.0, 410.0)
    >>> check_whole([nurses], form)
    Traceback (most recent call last):
    smstock.errors.InputError: counts.csv has no total of SRB in IRL, 2026-11
      where:   needed by line 2
      allowed: categories beside the total they are shares of, which their sum is not: a member may have several
      next:    add the line total,,COUNT, COUNT the Target audience size before a facet is picked
    """
    _check_once(entries)
    by_cell = {(entry.group, entry.dimension, entry.category): entry for entry in entries}
    _check_facets(entries, form)
    _check_totals(entries, by_cell, form)
    _check_sizes(entries, by_cell)
    _check_overlap(entries)
    _check_sums(entries, by_cell)


def _check_once(entries: Sequence[Entry]) -> None:
    first: dict[tuple[Group, str, str], Entry] = {}
    for entry in entries:
        earlier = first.setdefault((entry.group, entry.dimension, entry.category), entry)
        if earlier is not entry:
            entry.line.refuse(
                "count",
                f"{_named(entry)} is counted a second time, first in line {earlier.line.number}",
                allowed="one count of an audience a month",
                hint="take one of the two lines away",
            )


def _check_facets(entries: Sequence[Entry], form: Form) -> None:
    if not any(entry.origin and entry.origin != entry.destination for entry in entries):
        raise InputError(
            f"{form.path} counts nobody who was schooled in another country",
            hint="add lines with the schools of an origin",
        )
    divided = {entry.wave for entry in entries if entry.dimension in DIMENSIONS}
    for wave in sorted({entry.wave for entry in entries} - divided):
        raise InputError(
            f"{form.path} has no count of {wave} by a facet that makes a profile",
            allowed=", ".join(HEADINGS[dimension] for dimension in DIMENSIONS),
            hint="add lines of one of them",
        )


def _total(entry: Entry) -> tuple[Group, str, str]:
    """Return the cell that an entry is a part of."""
    wave, destination, origin, sex = entry.group
    everyone = (wave, destination, origin, "all")
    return (everyone, "", "") if sex == "all" else (everyone, "sex", sex)


def _check_totals(entries: Sequence[Entry], by_cell: Whole, form: Form) -> None:
    needed = {_total(entry): entry for entry in reversed(entries)}
    missing = [(cell, entry) for cell, entry in reversed(needed.items()) if cell not in by_cell]
    if not missing:
        return
    lines: dict[str, None] = {}
    for (group, dimension, sex), _ in missing:
        cells = {"facet": HEADINGS["sex"], "entity": sex.capitalize()} if dimension else {"facet": "total"}
        lines[_example(form, group, **cells)] = None
    (group, dimension, sex), entry = missing[0]
    moment = "while that gender alone is picked" if dimension else "before a facet is picked"
    raise InputError(
        f"{form.path} has no total of {_corridor(group, sex)}",
        where=f"needed by line {entry.line.number}",
        allowed="categories beside the total they are shares of, which their sum is not: a member may have several",
        hint=f"add {_listed([*lines])}, COUNT the Target audience size {moment}",
    )


def _check_sizes(entries: Sequence[Entry], by_cell: Whole) -> None:
    for entry in entries:
        whole = by_cell[_total(entry)]
        if entry.lower > whole.upper:
            entry.line.refuse(
                "count",
                f"{_named(entry)} is larger than its total of line {whole.line.number}",
                allowed=f"{whole.upper:,.0f} at most",
                hint="read both again",
            )


def _check_sums(entries: Sequence[Entry], by_cell: Whole) -> None:
    """Refuse categories that are together larger than their total, though a member is in one of them."""
    sums: dict[tuple[Group, str], float] = defaultdict(float)
    for entry in entries:
        if entry.dimension in COMPOSITIONS:
            sums[entry.group, entry.dimension] += entry.lower
            whole = by_cell[(entry.group, "", "") if entry.dimension == "sex" else _total(entry)]
            if sums[entry.group, entry.dimension] > whole.upper:
                heading = HEADINGS[entry.dimension]
                entry.line.refuse(
                    "count",
                    f"{heading} of {_corridor(entry.group, entry.sex if entry.sex != 'all' else '')} come to more than"
                    f" their total of line {whole.line.number}",
                    allowed=f"{whole.upper:,.0f} at most in all lines of {heading}",
                    hint="read them again",
                )


def _check_overlap(entries: Sequence[Entry]) -> None:
    """Refuse ranges of ages or years that overlap: no member is in two of them."""
    spans = {}
    for entry in entries:
        if entry.dimension == "age":
            ages = Ages.parse(entry.category)
            spans[entry.dimension, entry.category] = (entry, ages.minimum, ages.maximum)
        elif entry.dimension == "experience" and (years := years_of(entry.category)):
            spans[entry.dimension, entry.category] = (entry, *years)
    for (one, first, last), (other, begin, end) in combinations(spans.values(), 2):
        if one.dimension == other.dimension and (last is None or begin <= last) and (end is None or first <= end):
            other.line.refuse(
                "entity",
                f"{other.category} overlaps with {one.category} of line {one.line.number}",
                allowed="ranges of which a member is in one",
                hint="take one of the two away, for every origin",
            )


def _listed(lines: Sequence[str]) -> str:
    more = f" and {len(lines) - _MOST} more like them" if len(lines) > _MOST else ""
    return f"the line{'s' if len(lines) > 1 else ''} {'  '.join(lines[:_MOST])}{more}"


def _example(form: Form, group: Group, **cells: str) -> str:
    wave, destination, origin, sex = group
    place = {"date": wave, "destination": destination, "origin": origin or EVERYBODY}
    return form.example(**place, sex="" if sex == "all" else sex, **cells)


def _corridor(group: Group, sex: str = "") -> str:
    wave, destination, origin, _ = group
    return f"{origin or EVERYBODY} in {destination}{f', {sex}' if sex else ''}, {wave}"


def _named(entry: Entry) -> str:
    heading = f"{HEADINGS[entry.dimension]} {entry.category}" if entry.dimension else "the total"
    sex = entry.sex if entry.sex != "all" else ""
    return f"{heading} of {_corridor(entry.group, sex)}"
