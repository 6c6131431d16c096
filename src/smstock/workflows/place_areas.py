"""Places of a query in official figures: what these call each, and where they have another version of NUTS."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from smstock.errors import InputError
from smstock.official import readers
from smstock.official.areas import tell
from smstock.tables import STOCK
from smstock.vocabulary import nuts
from smstock.vocabulary.places import is_place

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence
    from pathlib import Path

    import pandas as pd

    from smstock.official.parsed import ParsedTable
    from smstock.vocabulary.places import Place

_LEVEL_3: Final = 5  # characters of its codes
_MOST_NAMED: Final = 6


def by_official(places: Sequence[Place]) -> dict[str, str]:
    """Return the codes of places that official figures call otherwise, by what these call them.

    Examples
    --------
    >>> from smstock.vocabulary.places import Place
    >>> by_official([Place("DE-BY", "Bavaria", "DEU", "DE2"), Place("US-X1", "Los Angeles", "USA", "06037")])
    {'DE2': 'DE-BY', 'US-06037': 'US-X1'}
    """
    return {place.official_area: place.code for place in places if place.official_area != place.code}


def stocks_of(
    files: Sequence[Path], store: Path | None = None, places: Sequence[Place] | None = None
) -> tuple[pd.DataFrame, ...]:
    r"""Return the stock table of each official file, without the places that nobody asked.

    Regions of a file that no place stands for are read by no method, and a file may have thousands.

    Parameters
    ----------
    store
        Where tables of official files are kept.
    places
        Places of the query; None where they are not known: every figure is returned.

    Raises
    ------
    InputError
        The files have figures of places, and of nothing that is asked.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> row = "x,x,1,birth,{},SRB,all,0,,2020-07-01,5,,\n"
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "stock.csv")
    ...     _ = file.write_text(",".join(STOCK.names) + "\n" + row.format("DEU") + row.format("DE21"))
    ...     [len(stocks_of([file], places=places)[0]) for places in (None, ())]
    [2, 1]
    """
    held = [readers.parsed(path, store, STOCK)[STOCK.name] for path in files]
    if places is None:
        return tuple(table.official().table for table in held)
    areas_of = [table.distinct("destination") for table in held]
    every = {area for areas in areas_of for area in areas}
    tell(of_other_versions(places, every))
    asked = {area for place in places for area in (place.official_area, place.code)}
    unasked = {area for area in every - asked if is_place(area)}
    if every and every == unasked:
        raise InputError(
            f"{', '.join(map(str, files))} has figures of places, and of none that the query asks",
            where=", ".join(sorted(unasked)[:_MOST_NAMED]) + (" and others" if len(unasked) > _MOST_NAMED else ""),
            allowed=", ".join(sorted(asked)[:_MOST_NAMED]) or "countries: the query has no places",
            hint="write what official figures call a place as its official in the set of places, and run "
            "`smstock collect` again, which takes it up and asks nothing anew",
        )
    return tuple(
        _without(table, [area for area in areas if area in unasked])
        for table, areas in zip(held, areas_of, strict=True)
    )


def _without(table: ParsedTable, areas: Collection[str]) -> pd.DataFrame:
    return table.columns.frame(filters=[("destination", "not in", list(areas))] if areas else None)


def of_other_versions(places: Sequence[Place], areas: Collection[str]) -> Iterator[str]:
    """Yield a sentence for each place that has no figures, where they have its codes of another version of NUTS.

    Parameters
    ----------
    areas
        Areas of the official figures, as their offices call them.

    Examples
    --------
    >>> from smstock.vocabulary.places import Place
    >>> print(*of_other_versions([Place("FR-CVL", "Centre", "FRA", "FR24")], {"FRA", "FRB0"}))
    FR-CVL (Centre) has no official figures: they are by NUTS 2016 to 2024, where FR24 (Centre) is FRB0 (Centre — Val \
de Loire); write official = "FRB0" in its set of places, then \
`smstock collect`
    """
    for place in places:
        code = place.official_area
        if code in areas or not nuts.is_code(code):
            continue
        others = [
            other
            for version in nuts.VERSIONS
            for other in nuts.counterparts(code, version)
            if not code.startswith(other) and _has(areas, other, parts=len(code) == _LEVEL_3)
        ]
        if others := list(dict.fromkeys(others)):
            yield _in_words(place, code, others)


def _has(areas: Collection[str], other: str, *, parts: bool) -> bool:
    """Return whether figures are of an area, or of a part of it."""
    return any(area.startswith(other) for area in areas) if parts else other in areas


def _in_words(place: Place, code: str, others: list[str]) -> str:
    named = " and ".join(map(nuts.in_words, others[:_MOST_NAMED]))
    is_same = (
        len(code) < _LEVEL_3 and len(others) == 1 and nuts.counterparts(others[0], nuts.versions(code)[-1]) == (code,)
    )
    verb, advice = (
        ("is", f'write official = "{others[0]}" in its set of places, then `smstock collect`')
        if is_same
        else ("lies in", f"make places of these, or give figures by NUTS {nuts.span(code)}")
    )
    return (
        f"{place.code} ({place.name}) has no official figures: they are by NUTS {nuts.span(others[0])}, where "
        f"{nuts.in_words(code)} {verb} {named}; {advice}"
    )
