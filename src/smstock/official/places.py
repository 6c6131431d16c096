"""Which columns, or headings, of a table are its areas, guessed for somebody to look at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from smstock.official.column_map import WIDE
from smstock.official.gazetteer import area_of
from smstock.official.likeness import Likeness, scheme
from smstock.official.mapped import AREAS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from smstock.official.grid import Grid
    from smstock.official.guessed import Guess

_MOST: Final = 0.6
_FEWEST_AREAS: Final = 2
_LACKING: Final = {
    "destination": "where all live, such as ESP: no column says it",
    "origin": "where all come from, such as SRB; WLD for all origins together: no column says it",
}


def take_areas(
    made: Guess, columns: Sequence[Likeness], wide: dict[str, list[Likeness]], free: Sequence[Likeness]
) -> None:
    r"""Say which columns, or headings, are destination, origin, or the area of a population.

    Parameters
    ----------
    columns
        All columns of the table.
    wide
        Columns of figures whose headings are years, sexes or areas, by the entry of the like.
    free
        Columns of figures.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.official.grid import grid
    >>> from smstock.official.guessed import Guess
    >>> from smstock.official.rawfile import RawFile
    >>> made = Guess(grid(RawFile(Path("a.csv"), "text", b"land,Herkunftsland,n\nDEU,SRB,5\n")))
    >>> take_areas(made, [Likeness("land", ("DEU",)), Likeness("Herkunftsland", ("SRB",))], {}, [])
    >>> made.entries
    {'origin': 'Herkunftsland', 'destination': 'land'}
    """
    areas = _one_a_meaning(made, [column for column in columns if column.content == "areas"])
    pointing = {entry: [column for column in areas if column.points_to(entry)] for entry in AREAS[:2]}
    in_both = [column for column in pointing[AREAS[0]] if column in pointing[AREAS[1]]]
    by_entry = {entry: [column for column in pointing[entry] if column not in in_both] for entry in AREAS[:2]}
    for entry in AREAS[:2]:
        if len(by_entry[entry]) == 1:
            made.take(entry, by_entry[entry][0], f"its heading; {_share(by_entry[entry][0])}")
        elif by_entry[entry]:
            made.leave_open(entry, "one of several columns", by_entry[entry])
    others = [column for column in areas if not any(column in columns for columns in by_entry.values())]
    lacking = [entry for entry in AREAS[:2] if entry not in made.entries]
    if "areas" in wide:
        _take_wide_areas(made, others, lacking, wide["areas"])
    elif len(others) == 1 and lacking == list(AREAS[:2]):
        _take_single(made, others[0], free)
    elif len(others) == 1 and len(lacking) == 1:
        made.take(lacking[0], others[0], f"the other column of areas; {_share(others[0])}")
    elif len(others) > 1 and lacking:
        for entry in lacking:
            made.leave_open(entry, f"one of {', '.join(column.heading for column in others)}")
        made.taken |= {column.heading: (" or ".join(lacking), "which one cannot be known") for column in others}
    else:
        made.above |= {entry: _LACKING[entry] for entry in lacking}
    _leave_unknown_open(made, wide)


def _one_a_meaning(made: Guess, areas: Sequence[Likeness]) -> list[Likeness]:
    """Return columns of areas without those that say the same as another in another scheme."""
    taken: list[Likeness] = []
    for column in sorted(areas, key=lambda column: (not any(map(area_of, column.filled)), -scheme(column.filled))):
        twin = next((other for other in taken if _same(made.table, column, other)), None)
        if twin is None:
            taken.append(column)
        else:
            made.taken[column.heading] = ("not read", f"the areas of {twin.heading}")
    return [column for column in areas if column in taken]


def _same(table: Grid, column: Likeness, other: Likeness) -> bool:
    pairs = table.rows[[column.heading, other.heading]].drop_duplicates()
    meanings = [(area_of(one), area_of(two)) for one, two in pairs.itertuples(index=False, name=None)]
    both = [(one, two) for one, two in meanings if one and two]
    if not any(one for one, _ in meanings):  # names in another language
        return len(pairs) == len(set(column.texts)) == len(set(other.texts)) > _FEWEST_AREAS
    return (
        bool(both)
        and sum(one == two for one, two in both) >= _MOST * len(both)
        and len(pairs) <= 1 + len(set(column.texts) | set(other.texts))
    )


def _take_single(made: Guess, column: Likeness, free: Sequence[Likeness]) -> None:
    """Say what the only column of areas is, where the headings of figures tell."""
    headings = [*free, *_of_all(made)]
    if any(heading.is_of_everybody for heading in headings):
        made.entries = {"table": "population", **made.entries}
        made.take("area", column, f"the figures are a population; {_share(column)}")
    elif any(heading.is_of_destinations for heading in headings):
        made.take("destination", column, f"so the World Bank has it; {_share(column)}")
        made.above["origin"] = _LACKING["origin"]
    else:
        made.leave_open("destination", f'"{column.heading}" here or in origin; the other is said above [columns]')
        made.leave_open("origin", "take out the one of the two that is said above [columns]")
        made.taken[column.heading] = ("destination or origin", "which of the two cannot be known")
        made.above |= _LACKING


def _of_all(made: Guess) -> list[Likeness]:
    """Return what stands above the headings, and in all rows of a column alike, as if it were headings."""
    of_columns = [made.table.rows[heading].unique().tolist() for heading in made.table.headings]
    alike = [texts[0] for texts in of_columns if len(texts) == 1]
    return [Likeness(text, ()) for text in (*made.table.above, *alike)]


def _take_wide_areas(
    made: Guess, others: Sequence[Likeness], lacking: Sequence[str], of_areas: Sequence[Likeness]
) -> None:
    """Say whether headings are origins or destinations: what the rows are not, if their heading tells."""
    plural = {single: entry for entry, single in WIDE.items()}
    if len(lacking) == 1:
        made.entries[plural[lacking[0]]] = "columns"
        meaning, why = plural[lacking[0]], "headings that are areas"
    elif not others and any(heading.is_of_everybody for heading in _of_all(made)):
        made.entries = {"table": "population", **made.entries, "areas": "columns"}
        meaning, why = "areas", "headings that are areas; the figures are a population"
    elif not others:
        _leave_kind_open(made, of_areas)
        meaning, why = "areas, origins or destinations", "headings that are areas; which of the three cannot be known"
    else:
        rows = others[0].heading
        both_ways = (
            f'"{rows}" in destination and origins = "columns", or "{rows}" in origin and destinations = "columns"'
        )
        made.leave_open("destination", both_ways, others)
        made.leave_open("origins", "take this line out where the headings are destinations")
        meaning, why = "origins or destinations", "headings that are areas; which of the two cannot be known"
    made.taken |= {column.heading: (meaning, why) for column in of_areas}


def _leave_kind_open(made: Guess, of_areas: Sequence[Likeness]) -> None:
    """Ask whether headings are areas of a population, or one end of a stock whose other end no column says."""
    are_known = all(area_of(column.name) is not None for column in of_areas)
    instead = 'write areas = "columns" in place of origins' if are_known else "take out origins"
    made.leave_open("table", f"stock, or population: then {instead}, and take out destination and origin above")
    made.leave_open(
        "origins", '"columns" where the headings are origins; else destinations = "columns" in place of this line'
    )
    made.above |= {entry: f"{comment}; take it out where the headings say it" for entry, comment in _LACKING.items()}


def _leave_unknown_open(made: Guess, wide: dict[str, list[Likeness]]) -> None:
    """Ask what names are that are no known area."""
    headings = [str(made.entries[name]) for name in AREAS if made.entries.get(name)]
    texts = [text for heading in headings for text in made.table.rows[heading].unique().tolist()]
    texts += [column.name for column in wide.get("areas", ())]
    if unknown := list(dict.fromkeys(text for text in texts if text and area_of(text) is None)):
        made.entries["areas"] = dict.fromkeys(unknown, "")


def _share(column: Likeness) -> str:
    known = sum(area_of(text) is not None for text in column.filled)
    return f"{known:,} of {len(column.filled):,} texts are areas"
