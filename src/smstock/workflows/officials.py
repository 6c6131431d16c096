"""Official statistics: fetched, listed, and checked before anything is learnt from them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from smstock.errors import InputError, UsageError
from smstock.folder import lock_around
from smstock.official import readers
from smstock.official.holdings import holdings
from smstock.official.sidecar import is_data
from smstock.tables import STOCK
from smstock.vocabulary.countries import expand
from smstock.vocabulary.dates import is_day
from smstock.workflows.arguments import path as as_path
from smstock.workflows.arguments import paths
from smstock.workflows.event_loop import complete

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from random import Random

    import pandas as pd

    from smstock.folder import Folder
    from smstock.official.base import OfficialTable
    from smstock.official.fetch.download import Download
    from smstock.official.fetch.retrieval import Fetched

FOLDER: Final = "official"
"""Folder of a workspace where official files lie, a folder a provider."""

YEARS: Final = 10
"""How many years are fetched if nobody says."""

EARLIEST: Final = 1950
"""First year of any of the data sets."""

_COUNTED = (
    "provider",
    "dataset",
    "edition",
    "concept",
    "indicator",
    "destination",
    "origin",
    "area",
    "sex",
    "reference_date",
)


def read_official(path: str | Path) -> dict[str, pd.DataFrame]:
    r"""Return the tables that an official file holds, by the name of their contract, such as stock.

    The layout is recognised by content; the file is given as its provider gave it.

    Raises
    ------
    OfficialFileError
        The file does not exist, is damaged, or is of no layout that is read.
    ContractError, UnknownNameError
        A figure or an area in it is not usable.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "namibia.csv")
    ...     _ = file.write_text(
    ...         "provider,edition,area,sex,age_min,age_max,reference_date,value\n"
    ...         "undesa,wpp 2022,NAM,all,18,,2020-07-01,1445400\n"
    ...     )
    ...     read_official(file)["population"]["value"].to_list()
    [1445400.0]
    """
    return {name: official.table for name, official in readers.read_all(as_path("path", path)).items()}


def summaries(files: Sequence[Path]) -> list[dict[str, Any]]:
    r"""Return a record for each table of each file: layout, rows, missing, areas, concepts, dates, what was left out.

    Among several files, one that cannot be used has ``file`` and ``refused``, the message; sidecars are passed over.

    Raises
    ------
    OfficialFileError
        The only file is of no layout that is read, or damaged; the message names it.
    ContractError, UnknownNameError
        A figure or an area in it is not usable.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as place:
    ...     file = Path(place, "namibia.csv")
    ...     _ = file.write_text(
    ...         "provider,edition,area,sex,age_min,age_max,reference_date,value\n"
    ...         "undesa,wpp 2022,NAM,all,18,,2020-07-01,1445400\n"
    ...     )
    ...     [(record["table"], record["rows"], record["area"]) for record in summaries([file])]
    [('population', 1, ['NAM'])]
    """
    records: list[dict[str, Any]] = []
    for path in _data_of(files):
        try:
            records += [_summary(path, official, name) for name, official in readers.read_all(path).items()]
        except InputError as error:
            if len(files) == 1:
                raise
            records.append({"file": str(path), "refused": str(error)})
    return records


def converted(files: Sequence[Path], folder: Path) -> list[dict[str, Any]]:
    r"""Write each table of official files as Parquet into a folder; return a record each: file, table, rows, written.

    Figures are read and written in parts, where the layout allows it, so that a file larger than memory can be taken.

    Raises
    ------
    BusyError
        The folder lies in a workspace that another run holds.
    OfficialFileError, ContractError, UnknownNameError
        A file cannot be used; those before it are written.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as place:
    ...     file = Path(place, "namibia.csv")
    ...     _ = file.write_text(
    ...         "provider,edition,area,sex,age_min,age_max,reference_date,value\n"
    ...         "undesa,wpp 2022,NAM,all,18,,2020-07-01,1445400\n"
    ...     )
    ...     [(record["table"], record["rows"]) for record in converted([file], Path(place, "tables"))]
    [('population', 1)]
    """
    records = []
    for path in _data_of(files):
        for contract in readers.recognised(path).contracts:
            target = folder / f"{path.name}.{contract.name}.parquet"
            with lock_around(target):
                rows = readers.to_parquet(path, contract, target)
            records.append({"file": str(path), "table": contract.name, "rows": rows, "written": str(target)})
    return records


def _data_of(files: Sequence[Path]) -> list[Path]:
    """Return the files that are data, as a shell's ``*`` names sidecars too; all of them if none is."""
    named = paths("files", files)
    return [path for path in named if is_data(path)] or list(named)


def downloads(
    provider: str,
    dataset: str,
    *,
    now: dt.datetime,
    edition: str = "",
    since: int | None = None,
    until: int | None = None,
    geo: Sequence[str] = (),
    ages: bool = False,
    whole: bool = False,
) -> tuple[Download, ...]:
    """Return the downloads that hold a data set of a provider; nothing is asked yet.

    Parameters
    ----------
    dataset
        The provider's name of it; for ``undesa`` the edition.
    edition
        Year of a survey (``census``).
    since, until
        First and last calendar year: the last ten up to this one unless given.
    geo
        Destinations by code, name or group (``eu27``); none: every one.
    ages
        By age group too (``eurostat``).
    whole
        The whole data set in one packed file (``eurostat``).

    Raises
    ------
    UsageError
        The provider does not have it, or cannot be asked so; the years run backwards.
    UnknownNameError
        A destination is not in the vocabulary.

    Examples
    --------
    >>> import datetime as dt
    >>> now = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)
    >>> (download,) = downloads("worldbank", "SP.POP.TOTL", now=now, since=2020)
    >>> download.url.partition("?")[0]
    'https://api.worldbank.org/v2/country/all/indicator/SP.POP.TOTL'
    """
    from smstock.official.fetch.download import Request
    from smstock.official.fetch.services import downloads as of_provider

    last = now.year if until is None else until
    first = last - YEARS + 1 if since is None else since
    if not EARLIEST <= first <= last <= now.year:
        raise UsageError(
            f"{first} to {last} are no years that figures are for",
            allowed=f"--since from {EARLIEST} on, --until up to {now.year}",
        )
    given = {
        "years": since is not None or until is not None,
        "edition": edition,
        "areas": geo,
        "ages": ages,
        "whole": whole,
    }
    request = Request(dataset, first, last, edition, expand(geo), ages, whole)
    return of_provider(provider, request, frozenset(name for name, value in given.items() if value))


def fetch(
    provider: str,
    downloads: Sequence[Download],
    workspace: Folder,
    *,
    now: dt.datetime,
    rng: Random,
    days: int,
    note: Callable[[str], object] = lambda _: None,
) -> list[Fetched]:
    """Fetch downloads into ``official/<provider>/`` of the workspace, each with its sidecar.

    Parameters
    ----------
    days
        Files younger than this are kept as they are; 0: all are fetched again.
    note
        Told, in words, what is waited for.

    Raises
    ------
    BusyError
        Another run holds the workspace; nothing is asked.
    UsageError, PlatformError, QuotaError
        The service refuses, does not answer, or allows no more; what was fetched stays.

    Examples
    --------
    >>> from pathlib import Path
    >>> from random import Random
    >>> from tempfile import TemporaryDirectory
    >>> from smstock.folder import Folder
    >>> import datetime as dt
    >>> now = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)
    >>> with TemporaryDirectory() as place:
    ...     fetch("oecd", (), Folder(Path(place), Path(place)), now=now, rng=Random(1), days=30)
    []
    """
    from smstock.official.fetch.retrieval import LARGEST, SECONDS, Retrieval
    from smstock.official.fetch.services import service
    from smstock.web.client import Client

    folder = _folder(workspace)

    async def run() -> list[Fetched]:
        async with (
            Client(seconds=SECONDS, largest=LARGEST) as client,
            Client(seconds=SECONDS, largest=LARGEST, ipv4=True) as over_ipv4,
        ):
            retrieval = Retrieval(service(provider), folder, now, rng, (client, over_ipv4), days, note)
            return await retrieval.run(downloads)

    with workspace.lock():
        return complete(run())


def listing(workspace: Folder) -> list[dict[str, Any]]:
    """Return what lies in the workspace's folder of official files; see `smstock.official.holdings.holdings`.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from smstock.folder import Folder
    >>> with TemporaryDirectory() as place:
    ...     listing(Folder(Path(place), Path(place)))
    []
    """
    return holdings(_folder(workspace))


def comparisons(files: Sequence[Path], *, date: str = "") -> pd.DataFrame:
    """Return the comparisons within and between stock tables; see `smstock.official.consistency.checked`.

    Parameters
    ----------
    date
        A day that every series is interpolated to before it is compared, so that figures for 1 January meet figures for
        1 July; empty: figures are compared on the days they are for.

    Raises
    ------
    OfficialFileError, ContractError, UnknownNameError
        A file is not read, or holds no stock.
    UsageError
        The date is no day.

    Examples
    --------
    >>> from pathlib import Path
    >>> comparisons([Path("stock.csv")], date="2020")
    Traceback (most recent call last):
    smstock.errors.UsageError: '2020' is no day
      allowed: YYYY-MM-DD, such as 2020-01-01
    """
    import pandas as pd

    from smstock.official.consistency import checked
    from smstock.official.resolver import at_date

    if date and not is_day(date):
        raise UsageError(f"{date!r} is no day", allowed="YYYY-MM-DD, such as 2020-01-01")
    stock = pd.concat([readers.read_stock(path) for path in _data_of(files)], ignore_index=True)
    stock = stock.drop_duplicates(list(STOCK.key), keep="last")
    return checked(at_date(stock, STOCK, date) if date else stock)


def _folder(workspace: Folder) -> Path:
    """Return the folder of official files; refuse a workspace that is not there, which is a typing error."""
    if not workspace.root.is_dir():
        raise UsageError(f"there is no folder {workspace.root}", hint="name your workspace with --workspace")
    return workspace.root / FOLDER


def _summary(path: Path, official: OfficialTable, contract: str) -> dict[str, Any]:
    table = official.table
    return {
        "file": str(path),
        "table": contract,
        "layout": official.layout,
        "rows": len(table),
        "missing": int(table["value"].isna().sum()),
        "left_out": dict(official.left_out),
        "producer": official.origin.producer if official.origin else "",
        "licence": official.origin.licence if official.origin else "",
        **{name: _values(table, name) for name in _COUNTED if name in table},
    }


def _values(table: pd.DataFrame, column: str) -> list[str]:
    return sorted(set(table[column]))
