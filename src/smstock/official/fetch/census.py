"""US Census Bureau: table B05006 of the American Community Survey of one year, for the country and the states.

Beside each answer lies that of ``/groups/B05006.json`` of the same year, which says what its columns count. The survey
runs through the year, so its figures are for the middle of it; that of 2020 was not published.
api.census.gov; public domain.
"""

from __future__ import annotations

import re
from typing import Final

from smstock.errors import UsageError
from smstock.official.beside import LABELS
from smstock.official.fetch.download import Download, Request, Service, Source

BASE: Final = "https://api.census.gov/data/"

_TABLE = "B05006"
_PLACES = {"us": "us:1", "states": "state:*"}
_WITHOUT = "2020"


def downloads(request: Request) -> tuple[Download, ...]:
    """Return the table for the country and for the states, each with the labels of its columns.

    Raises
    ------
    UsageError
        It is another table, or there is no survey of that year.

    Examples
    --------
    >>> planned = downloads(Request("B05006", 2022, 2022, edition="2022"))
    >>> [download.name for download in planned][:2]
    ['B05006_2022_acs1_us.json', 'B05006_2022_acs1_us.json.labels.json']
    >>> planned[0].url
    'https://api.census.gov/data/2022/acs/acs1?get=NAME,group(B05006)&for=us:1'
    """
    if request.dataset != _TABLE:
        raise UsageError(
            f"the Census Bureau's {request.dataset!r} is not fetched",
            allowed=_TABLE,
            hint=f"smstock official fetch census {_TABLE} 2022",
        )
    year = request.edition
    if not re.fullmatch(r"20\d\d", year) or year == _WITHOUT:
        raise UsageError(
            f"there is no American Community Survey of {year or 'a year that was not given'}",
            allowed=f"a year from 2005 on, not {_WITHOUT}",
            hint=f"smstock official fetch census {_TABLE} 2022",
        )
    source = Source(
        producer="US Census Bureau",
        title=f"American Community Survey {year}, 1-year estimates, table {_TABLE}",
        licence="public domain",
        dataset=_TABLE,
        edition=f"{year} acs1",
        reference_date=f"{year}-07-01",
    )
    survey = f"{BASE}{year}/acs/acs1"
    planned = []
    for label, place in _PLACES.items():
        file = f"{_TABLE}_{year}_acs1_{label}.json"
        planned += [
            Download("census", file, f"{survey}?get=NAME,group({_TABLE})&for={place}", "json", source),
            Download("census", file + LABELS, f"{survey}/groups/{_TABLE}.json", "json", source),
        ]
    return tuple(planned)


SERVICE: Final = Service(downloads, frozenset({"api.census.gov"}), frozenset({"edition"}))
