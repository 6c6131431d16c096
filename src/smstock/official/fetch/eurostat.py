"""Eurostat's dissemination service: a data set in slices that are answered at once, or whole in one packed file.

The cells of a request are the product of the positions matched in every dimension, empty ones included. Up to about
500,000 the answer comes at once, up to 5,000,000 later, above that the service refuses (HTTP 413). So a data set is cut
by years, and a year by destinations, until a slice stays below; the numbers of positions here are upper bounds, and a
slice that is refused all the same is halved.

Eurostat wiki, "API Statistics - data query" and "API - Getting started"; Commission Decision 2011/833/EU, CC BY 4.0.
"""

from __future__ import annotations

from math import prod
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from smstock.errors import UsageError
from smstock.official.fetch.download import Download, Request, Service, Source, blocks, codes, guess, name, span

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

BASE: Final = "https://ec.europa.eu/eurostat/api/dissemination/"
CELLS: Final = 500_000
"""Largest request that is answered at once."""

REPORTERS: Final = tuple(
    code
    for line in (
        "BE BG CZ DK DE EE IE EL ES FR HR IT CY LV LT LU HU MT NL AT PL PT RO SI SK FI SE IS LI NO CH UK",
        "ME MD MK GE AL RS TR UA AD MC AM AZ",
    )
    for code in line.split()
)
"""Areas that report population by origin, as Eurostat writes them (answers for migr_pop3ctb, August 2026)."""

GROUPS: Final = 9
"""Groups of areas (EU, EFTA, euro area in their compositions) that stand among the reporters."""

_POSITIONS = {"citizen": 300, "c_birth": 300, "sex": 3, "isced11": 8, "wstatus": 10, "indic_is": 40, "ind_type": 130}
_AGE_GROUPS = {"age": 40}
_TOTAL = {"age": "TOTAL"}

# Dimensions besides unit, destination and time, and the filter that is always set.
_DATASETS: Mapping[str, tuple[tuple[str, ...], Mapping[str, str]]] = {
    "migr_pop1ctz": (("citizen", "age", "sex"), {}),
    "migr_pop2ctz": (("citizen", "age", "sex"), {}),
    "migr_pop3ctb": (("c_birth", "age", "sex"), {}),
    "migr_pop4ctb": (("c_birth", "age", "sex"), {}),
    "demo_pjan": (("age", "sex"), {}),
    "demo_pjangroup": (("age", "sex"), {}),
    "demo_pjanbroad": (("age", "sex"), {}),
    "edat_lfs_9911": (("sex", "isced11", "citizen", "age"), {}),
    "edat_lfs_9912": (("sex", "isced11", "c_birth", "age"), {}),
    "lfsa_pganws": (("sex", "citizen", "age", "wstatus"), {}),
    "lfsa_pgacws": (("sex", "c_birth", "age", "wstatus"), {}),
    "isoc_ci_ifp_iu": (("indic_is", "ind_type"), {"unit": "PC_IND"}),
    "isoc_ci_ac_i": (("ind_type",), {"indic_is": "I_IUSNET", "unit": "PC_IND"}),
}
_WITH_TOTAL = ("migr_pop1ctz", "migr_pop2ctz", "migr_pop3ctb", "migr_pop4ctb", "demo_pjan", "demo_pjangroup")
_FEW_ORIGINS = ("edat_", "lfsa_")  # groups of areas only
_SINGLE_YEARS = 105


def downloads(request: Request) -> tuple[Download, ...]:
    """Return the slices of a data set, the earliest first.

    Raises
    ------
    UsageError
        The data set is none that smstock reads.

    Examples
    --------
    >>> slices = downloads(Request("migr_pop3ctb", 2015, 2024))
    >>> [(download.name[:22], download.cells) for download in slices]
    [('migr_pop3ctb_2015-2024', 477000)]
    >>> slices[0].url.partition("?")[2]
    'format=JSON&lang=EN&age=TOTAL&sinceTimePeriod=2015&untilTimePeriod=2024'
    """
    if request.dataset not in _DATASETS:
        raise UsageError(
            f"Eurostat's {request.dataset!r} is not fetched",
            allowed=", ".join(_DATASETS),
            hint=guess(request.dataset, _DATASETS) or "mend the name",
        )
    if request.whole:
        return (_whole(request),)
    places = codes(request.areas, "eurostat")
    per_year = _figures(request) * _destinations(places)
    if per_year <= CELLS:
        years = range(request.since, request.until + 1)
        return tuple(_slice(request, block[0], block[-1], places) for block in blocks(years, CELLS // per_year))
    at_once = max(1, CELLS // _figures(request))
    return tuple(
        _slice(request, year, year, block)
        for year in range(request.since, request.until + 1)
        for block in blocks(places or REPORTERS, at_once)
    )


def _whole(request: Request) -> Download:
    url = f"{BASE}sdmx/2.1/data/{request.dataset}?format=SDMX-CSV&compressed=true"
    return Download("eurostat", f"{request.dataset}_whole.csv.gz", url, "csv", _source(request.dataset))


def _slice(request: Request, since: int, until: int, places: Sequence[str]) -> Download:
    """Return one slice; no places: every destination, groups of areas included."""
    query = [("format", "JSON"), ("lang", "EN"), *_filters(request).items(), *(("geo", code) for code in places)]
    query += [("sinceTimePeriod", str(since)), ("untilTimePeriod", str(until))]
    url = f"{BASE}statistics/1.0/data/{request.dataset}?{urlencode(query)}"

    def halves() -> tuple[Download, ...]:
        if until > since:
            middle = (since + until) // 2
            return (_slice(request, since, middle, places), _slice(request, middle + 1, until, places))
        destinations = places or REPORTERS
        if len(destinations) == 1:
            return ()
        middle = len(destinations) // 2
        return tuple(_slice(request, since, until, half) for half in (destinations[:middle], destinations[middle:]))

    return Download(
        "eurostat",
        name(f"{request.dataset}_{span(since, until)}", url, ".json"),
        url,
        "json",
        _source(request.dataset),
        _figures(request) * _destinations(places) * (until - since + 1),
        halves,
    )


def _filters(request: Request) -> dict[str, str]:
    in_total = not request.ages and request.dataset in _WITH_TOTAL
    return {**_DATASETS[request.dataset][1], **(_TOTAL if in_total else {})}


def _figures(request: Request) -> int:
    """Return how many figures there are for one destination and year."""
    positions = {**_POSITIONS, **_AGE_GROUPS}
    if request.dataset == "demo_pjan":
        positions["age"] = _SINGLE_YEARS
    if request.dataset.startswith(_FEW_ORIGINS):
        positions |= {"citizen": 15, "c_birth": 15}
    positions |= dict.fromkeys(_filters(request), 1)
    return prod(positions[dimension] for dimension in _DATASETS[request.dataset][0])


def _destinations(places: Sequence[str]) -> int:
    return len(places) or len(REPORTERS) + GROUPS


def _source(dataset: str) -> Source:
    return Source(
        producer="Eurostat",
        title=dataset,
        licence="CC BY 4.0, Commission Decision 2011/833/EU: acknowledge the source and indicate changes",
        provider="eurostat",
        dataset=dataset,
    )


SERVICE: Final = Service(downloads, frozenset({"ec.europa.eu"}), frozenset({"years", "areas", "ages", "whole"}))
