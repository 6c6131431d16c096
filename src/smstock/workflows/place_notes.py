"""What a plan says of the places of a query: days, sums, circles abroad, and the floor to be expected."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING, Final

from smstock.errors import QueryError
from smstock.folder import damaged
from smstock.query.lattice import grids
from smstock.query.preflight import Finding
from smstock.vocabulary import countries
from smstock.vocabulary.counts import plural
from smstock.vocabulary.dates import middle_of_wave
from smstock.vocabulary.facets import NO_ORIGIN
from smstock.vocabulary.places import Circle
from smstock.vocabulary.status import DEDUCED, FLOORED

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path
    from typing import Any

    from smstock.platforms.base import Platform
    from smstock.query.spec import QuerySpec
    from smstock.vocabulary.places import Place

FAR: Final = 300.0
"""Kilometres from the middle of its country within which a circle is taken to lie in it."""


def notes(query: QuerySpec, platform: Platform[Any], today: str, earlier: Path | None = None) -> Iterator[Finding]:
    r"""Yield what the author of a query should know of its places; nothing where it has none.

    Parameters
    ----------
    query, platform
        The query, and whom it asks.
    today
        ISO date on which it would be asked.
    earlier
        Audience table of an earlier wave, which tells where a country lay at the floor.

    Raises
    ------
    DamagedError
        The table cannot be read.

    Examples
    --------
    >>> from smstock.platforms.known import platform
    >>> from smstock.query.spec import specify
    >>> bavaria = {"code": "DE-BY", "name": "Bavaria", "country": "DEU", "regions": ["1"], "valid_to": "2020-12-31"}
    >>> query = specify({"name": "q", "platform": "meta", "places": [bavaria], "destinations": ["DE-BY"],
    ...                  "origins": ["SRB"], "ages": "18+"})
    >>> [note.rule for note in notes(query, platform("meta"), "2026-12-01")]
    ['not_valid', 'country_unasked', 'no_sum']
    """
    asked = [place for place in query.places if place.code in query.destinations]
    yield from _days(asked, today)
    yield from _circles_abroad(asked)
    for country in sorted({place.country for place in asked}):
        parts = [place for place in asked if place.country == country]
        if country not in query.destinations:
            yield _unasked(country, len(parts), query)
        yield from _floor(country, len(parts), query, platform, earlier)
        yield from _sum(country, query)


def _days(asked: list[Place], today: str) -> Iterator[Finding]:
    """Yield a note of each place that does not exist today."""
    for sentence in _not_existing(asked, today):
        yield Finding("note", "not_valid", sentence)


def require_existing(query: QuerySpec, wave: str) -> None:
    r"""Raise `QueryError` where a query asks a place that does not exist on the day that a wave is about, its middle.

    Examples
    --------
    >>> from smstock.query.spec import specify
    >>> bavaria = {"code": "DE-BY", "name": "Bavaria", "country": "DEU", "regions": ["1"], "valid_to": "2020-12-31"}
    >>> query = specify({"name": "q", "platform": "meta", "places": [bavaria], "destinations": ["DE-BY"],
    ...                  "origins": ["SRB"], "ages": "18+"})
    >>> require_existing(query, "2020-11")
    >>> require_existing(query, "2026-11")
    Traceback (most recent call last):
    smstock.errors.QueryError: DE-BY (Bavaria) exists until 2020-12-31, and not on 2026-11-15
      where:   query q
      allowed: places that exist on 2026-11-15, the middle of the wave 2026-11
      next:    take it out of the destinations (-DE-BY), or mend valid_from and valid_to in its set of places
    """
    day = middle_of_wave(wave)
    places = [place for place in query.places if place.code in query.destinations and not _exists(place, day)]
    if places:
        raise QueryError(
            "; ".join(_not_existing(places, day)),
            where=f"query {query.name}",
            allowed=f"places that exist on {day}, the middle of the wave {wave}",
            hint=f"take {'it' if len(places) == 1 else 'them'} out of the destinations "
            f"({', '.join(f'-{place.code}' for place in places)}), or mend valid_from and valid_to in "
            f"{'its set' if len(places) == 1 else 'their sets'} of places",
        )


def _exists(place: Place, day: str) -> bool:
    return place.valid_from <= day and not (place.valid_to and place.valid_to < day)


def _not_existing(places: Iterable[Place], day: str) -> Iterator[str]:
    """Yield a sentence for each place that does not exist on a day."""
    for place in places:
        if not _exists(place, day):
            ends = {"from": place.valid_from, "until": place.valid_to}
            span = " ".join(f"{word} {end}" for word, end in ends.items() if end)
            yield f"{place.code} ({place.name}) exists {span}, and not on {day}"


def _circles_abroad(asked: list[Place]) -> Iterator[Finding]:
    """Yield a note of each circle that is far from the middle of its country, and near to that of another."""
    from smstock.vocabulary.profiles import profiles

    middles = {
        area: Circle(profile.latitude, profile.longitude, 0)
        for area, profile in profiles().items()
        if isfinite(profile.latitude)
    }
    for place in asked:
        for circle in place.circles if place.country in middles else ():
            distance, nearest = min((circle.apart(middle), area) for area, middle in middles.items())
            if circle.apart(middles[place.country]) > max(FAR, 4 * distance):
                yield Finding(
                    "note",
                    "circle_abroad",
                    f"{place.code} ({place.name}): the circle around {circle.latitude:g}, {circle.longitude:g} may lie "
                    f"in {countries.area(nearest).name}, whose middle is much nearer: look at it",
                )


def _unasked(country: str, parts: int, query: QuerySpec) -> Finding:
    """Return the note of what a country beside its places costs, and what it saves."""
    of_places = (len(cells) for corridors, cells in grids(query) if not {*NO_ORIGIN} & {corridors[0][1]})
    number = max(of_places, default=0)
    return Finding(
        "note",
        "country_unasked",
        f"{countries.area(country).name} is not asked beside its places: among the destinations it costs "
        f"{plural(number, 'call')} an origin at most, and a cell below the floor there is below it in each place, "
        f"and costs no call: {number * parts:,} at most",
    )


def _floor(
    country: str, parts: int, query: QuerySpec, platform: Platform[Any], earlier: Path | None
) -> Iterator[Finding]:
    """Yield a note of where places can only be at the floor: by an earlier wave, or else by the size of a country."""
    name = countries.area(country).name
    if earlier is not None and country in query.destinations:
        at_floor, answered = _origins_at_floor(country, query, platform, earlier)
        if answered:
            yield Finding(
                "note",
                "floor",
                f"of {answered} origins, {at_floor} lay below the floor in {name} in the wave {earlier.parent.name}: "
                f"they are below it in each of {parts} places, which costs no call",
            )
            return
    if parts > 1:
        yield Finding(
            "note",
            "floor",
            f"{platform.title} today tells no number below {platform.floor:,g}: of {parts} places of one size, an "
            f"origin is above it in each from about {parts * platform.floor:,.0f} accounts in {name} on",
        )


def _origins_at_floor(country: str, query: QuerySpec, platform: Platform[Any], earlier: Path) -> tuple[int, int]:
    """Return how many origins lay at the floor in a country, and of how many that is known."""
    import pyarrow.parquet as pq

    columns = ["origin", "sex", "age_min", "age_max", "education", "relationship", "dimension", "metric", "status"]
    try:
        rows = pq.read_table(earlier, columns=columns, filters=[("destination", "=", country)]).to_pandas()
    except (OSError, ValueError, KeyError) as error:
        raise damaged(earlier, error) from None
    totals = rows["sex"].eq("all") & rows["metric"].eq(platform.metrics[0]) & ~rows["origin"].isin(NO_ORIGIN)
    totals &= rows[["education", "relationship", "dimension"]].eq("").all(axis=1)
    totals &= rows["age_min"].eq(query.whole.minimum)
    maximum = query.whole.maximum
    totals &= rows["age_max"].isna() if maximum is None else rows["age_max"].eq(maximum)
    statuses = rows.loc[totals & rows["origin"].isin(query.origins), "status"]
    return int(statuses.isin((FLOORED, DEDUCED)).sum()), len(statuses)


def _sum(country: str, query: QuerySpec) -> Iterator[Finding]:
    """Yield a note where the places of a country are added up to no sum."""
    parts = set(query.covers.get(country, ()))
    lacking = parts.difference(query.destinations)
    if not parts or lacking:
        why = f"{len(lacking)} of its {len(parts)} places are not asked" if parts else "no set covers it"
        yield Finding("note", "no_sum", f"places of {countries.area(country).name} are added up to no sum: {why}")
