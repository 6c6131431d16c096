"""OECD's SDMX service: stocks by country of birth (B14) and by citizenship (B15).

60 downloads an hour are allowed (OECD, "API best practices"), so a measure is one download. Whether a key with empty
dimensions is answered has differed between dates; where it is not, the whole data flow is asked (``all``), and the
reader leaves the other measures out.
"""

from __future__ import annotations

from typing import Final

from smstock.errors import UsageError
from smstock.official.fetch.download import Download, Request, Service, Source, codes, name, span

BASE: Final = "https://sdmx.oecd.org/public/rest/data/OECD.ELS.IMD,"
HOURLY: Final = 60

# REF_AREA.BIRTH_COUNTRY or CITIZENSHIP.FREQ.MEASURE.SEX.BIRTH_PLACE.EDUCATION_LEV.UNIT_MEASURE
_FLOWS = {"B14": ("DSD_MIG_F@DF_MIG_POPF", "by country of birth"), "B15": ("DSD_MIG@DF_MIG", "by citizenship")}


def downloads(request: Request) -> tuple[Download, ...]:
    """Return the one download of a measure.

    Raises
    ------
    UsageError
        The measure is no stock.

    Examples
    --------
    >>> (download,) = downloads(Request("B14", 2015, 2024, areas=("DEU", "FRA")))
    >>> download.url.partition("IMD,")[2].partition("&dim")[0]
    'DSD_MIG_F@DF_MIG_POPF,1.0/DEU+FRA..A.B14.._Z._Z.PS?startPeriod=2015&endPeriod=2024'
    """
    if request.dataset not in _FLOWS:
        raise UsageError(
            f"the OECD's {request.dataset!r} is not fetched",
            allowed="B14 (foreign-born by country of birth), B15 (foreigners by citizenship)",
            hint="smstock official fetch oecd B14",
        )
    places = "+".join(codes(request.areas, "oecd"))
    every = _download(request, "all", None)
    return (_download(request, f"{places}..A.{request.dataset}.._Z._Z.PS", every),)


def _download(request: Request, key: str, otherwise: Download | None) -> Download:
    flow, title = _FLOWS[request.dataset]
    url = (
        f"{BASE}{flow},1.0/{key}?startPeriod={request.since}&endPeriod={request.until}"
        "&dimensionAtObservation=AllDimensions&format=csvfile"
    )
    source = Source(
        producer="OECD",
        title=f"International Migration Database, {request.dataset}: stocks {title}",
        licence="OECD terms and conditions: reuse with attribution",
        provider="oecd",
        dataset=flow,
    )
    start = f"{request.dataset}_{span(request.since, request.until)}"
    return Download("oecd", name(start, url, ".csv"), url, "csv", source, otherwise=otherwise)


SERVICE: Final = Service(downloads, frozenset({"sdmx.oecd.org"}), frozenset({"years", "areas"}), hourly=HOURLY)
