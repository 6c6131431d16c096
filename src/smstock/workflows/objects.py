"""Official files named by URL: each is read from its copy on this disk, which is resolved here and nowhere else."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from smstock.folder import FETCHED
from smstock.official.beside import LABELS, SUFFIX, is_data
from smstock.workflows.arguments import paths

if TYPE_CHECKING:
    from collections.abc import Sequence

_MARK: Final = "s3:/"


def is_url(named: str | Path) -> bool:
    """Return whether a file is named by URL; a path has lost one of its slashes.

    Examples
    --------
    >>> is_url("s3://office/stock.csv"), is_url(Path("s3://office/stock.csv")), is_url("s3/stock.csv")
    (True, True, False)
    """
    return str(named).startswith(_MARK)


def local(named: str | Path, folder: Path) -> Path:
    """Return the path of a file; of one named by URL that of its copy in a folder, its sidecar and labels beside it.

    Raises
    ------
    SmstockError
        As `smstock.storage.copy_of`.

    Examples
    --------
    >>> local("official/stock.csv", Path(".fetched")).as_posix()
    'official/stock.csv'
    """
    if not is_url(named):
        return Path(named)
    from smstock.storage import copy_of

    return copy_of(f"s3://{str(named).removeprefix(_MARK).lstrip('/')}", folder, (SUFFIX, LABELS))


def data_of(files: Sequence[Path], fetched: Path = Path(FETCHED)) -> list[Path]:
    """Return the files that are data, as a shell's ``*`` names sidecars too; all of them if none is.

    Parameters
    ----------
    fetched
        Where copies of files that are named by URL lie.

    Examples
    --------
    >>> [path.name for path in data_of([Path("a.csv"), Path("a.csv.origin.toml")])]
    ['a.csv']
    """
    named = [local(path, fetched) for path in paths("files", files)]
    return [path for path in named if is_data(path)] or named


def url_of(path: Path) -> str:
    """Return the URL of the file that a path is the copy of; empty if it is none.

    Examples
    --------
    >>> url_of(Path("made/.fetched/office/stock.csv")), url_of(Path("stock.csv"))
    ('s3://office/stock.csv', '')
    """
    _, copied, place = path.as_posix().rpartition(f"{FETCHED}/")
    return f"s3://{place}" if copied else ""
