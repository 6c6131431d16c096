"""World Bank's indicator service, version 2: one page of JSON for every country and year.

The service writes XML and 50 rows a page unless asked otherwise, and answers errors with HTTP 200 and a ``message``.
datahelpdesk.worldbank.org, article 898581; World Development Indicators, CC BY 4.0.
"""

from __future__ import annotations

import re
from typing import Final

from smstock.errors import UsageError
from smstock.official.fetch.download import Download, Request, Service, Source, blocks, name, span

BASE: Final = "https://api.worldbank.org/v2/country/"
ROWS: Final = 20_000
"""Rows of a page that holds a whole answer."""

COUNTRIES: Final = 270
"""Countries and groups that an indicator has rows for, at most."""

_INDICATOR = re.compile(r"SP\.POP\.[A-Z0-9.]+|IT\.NET\.USER(\.FE|\.MA)?\.ZS|SM\.POP\.TOTL")


def downloads(request: Request) -> tuple[Download, ...]:
    """Return the downloads of an indicator, each one page.

    Raises
    ------
    UsageError
        The indicator is none that smstock reads.

    Examples
    --------
    >>> (download,) = downloads(Request("SP.POP.TOTL", 2010, 2022, areas=("DEU", "NAM")))
    >>> download.url.partition("country/")[2], download.cells
    ('DEU;NAM/indicator/SP.POP.TOTL?format=json&date=2010:2022&per_page=20000', 26)
    """
    if not _INDICATOR.fullmatch(request.dataset):
        raise UsageError(
            f"the World Bank's {request.dataset!r} is not fetched",
            allowed="SP.POP.TOTL, SP.POP.0004.FE to SP.POP.80UP.MA, SM.POP.TOTL, IT.NET.USER.ZS, IT.NET.USER.FE.ZS, "
            "IT.NET.USER.MA.ZS",
            hint="smstock official fetch worldbank SP.POP.TOTL",
        )
    per_year = len(request.areas) or COUNTRIES
    years = range(request.since, request.until + 1)
    return tuple(_download(request, block[0], block[-1], per_year) for block in blocks(years, ROWS // per_year))


def _download(request: Request, since: int, until: int, per_year: int) -> Download:
    places = ";".join(request.areas) or "all"
    url = f"{BASE}{places}/indicator/{request.dataset}?format=json&date={since}:{until}&per_page={ROWS}"
    source = Source(
        producer="World Bank",
        title=f"World Development Indicators, {request.dataset}",
        licence="CC BY 4.0",
        provider="worldbank",
        dataset=request.dataset,
    )
    start = f"{request.dataset}_{span(since, until)}"
    cells = per_year * (until - since + 1)
    return Download("worldbank", name(start, url, ".json"), url, "json", source, cells)


SERVICE: Final = Service(downloads, frozenset({"api.worldbank.org"}), frozenset({"years", "areas"}))
