"""UN DESA International Migrant Stock: the workbooks of an edition.

There is no service: the workbooks lie on un.org, which answers 403 unless the client calls itself a browser.
Editions before 2020 lie at addresses that follow no rule. CC BY 3.0 IGO.
"""

from __future__ import annotations

from typing import Final

from smstock.errors import UsageError
from smstock.official.fetch.download import Download, Request, Service, Source

BASE: Final = "https://www.un.org/development/desa/pd/sites/www.un.org.development.desa.pd/files/"
BROWSER: Final = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"

_TABLES = {
    "2024": ("by_sex_destination_and_origin", "by_sex_and_destination"),
    "2020": ("by_sex_destination_and_origin", "by_sex_and_destination", "by_age_sex_and_destination"),
}


def downloads(request: Request) -> tuple[Download, ...]:
    """Return the workbooks of an edition: by destination and origin, by destination, and by age where there is one.

    Raises
    ------
    UsageError
        The edition is not at a known address.

    Examples
    --------
    >>> [download.name for download in downloads(Request("2024", 1990, 2024))][1]
    'undesa_pd_2024_ims_stock_by_sex_and_destination.xlsx'
    """
    edition = request.dataset
    if edition not in _TABLES:
        raise UsageError(
            f"edition {edition!r} of UN DESA is not fetched",
            allowed=", ".join(_TABLES),
            hint="download the workbook in a web browser, and give it to `smstock official import`",
        )
    source = Source(
        producer="United Nations, Department of Economic and Social Affairs, Population Division",
        title="International Migrant Stock",
        licence="CC BY 3.0 IGO",
        provider="undesa",
        dataset="ims",
        edition=edition,
    )
    names = [f"undesa_pd_{edition}_ims_stock_{table}.xlsx" for table in _TABLES[edition]]
    return tuple(Download("undesa", name, BASE + name, "workbook", source) for name in names)


SERVICE: Final = Service(downloads, frozenset({"www.un.org", "un.org"}), frozenset(), {"user-agent": BROWSER})
