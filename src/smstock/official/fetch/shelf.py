"""Where fetched files lie: ``official/<provider>/<file>`` with its sidecar, kept until it is old."""

from __future__ import annotations

from datetime import date
from hashlib import sha256
from typing import TYPE_CHECKING

from smstock.errors import OfficialFileError
from smstock.folder import write_file
from smstock.official import sidecar
from smstock.official.beside import SUFFIX

if TYPE_CHECKING:
    from pathlib import Path

    from smstock.official.fetch.download import Download


def place(folder: Path, download: Download) -> Path:
    """Return where a download is kept under the folder of official files.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.official.fetch.download import Download, Source
    >>> download = Download("oecd", "B14.csv", "https://example.org", "csv", Source("OECD", "B14", "terms"))
    >>> place(Path("official"), download).as_posix()
    'official/oecd/B14.csv'
    """
    return folder / download.provider / download.name


def is_kept(path: Path, download: Download, *, today: date, days: int) -> bool:
    """Return whether a file is there, unchanged, from the same address, and younger than ``days``.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.official.fetch.download import Download, Source
    >>> download = Download("oecd", "B14.csv", "https://example.org", "csv", Source("OECD", "B14", "terms"))
    >>> is_kept(Path("nowhere", "B14.csv"), download, today=date(2026, 11, 22), days=30)
    False
    """
    try:
        origin = sidecar.read(path)
        if origin is None or not path.is_file() or origin.url not in addresses(download):
            return False
        return (today - date.fromisoformat(origin.retrieved[:10])).days < days
    except (OfficialFileError, OSError, ValueError):
        return False  # damaged or half-written: it is fetched again


def addresses(download: Download) -> tuple[str, ...]:
    """Return the addresses that a download may come from, the one that is asked first first.

    Examples
    --------
    >>> from smstock.official.fetch.download import Download, Source
    >>> addresses(Download("oecd", "B14.csv", "https://example.org", "csv", Source("OECD", "B14", "terms")))
    ('https://example.org',)
    """
    return (download.url, *(addresses(download.otherwise) if download.otherwise else ()))


def store(path: Path, body: bytes, download: Download, *, today: date) -> None:
    """Write the bytes as they came, then their sidecar.

    Raises
    ------
    InputError
        The folder cannot be written.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from smstock.official.fetch.download import Download, Source
    >>> download = Download("oecd", "B14.csv", "https://example.org", "csv", Source("OECD", "B14", "terms"))
    >>> with TemporaryDirectory() as folder:
    ...     store(Path(folder, "B14.csv"), b"DATAFLOW,", download, today=date(2026, 11, 22))
    ...     origin = sidecar.read(Path(folder, "B14.csv"))
    >>> origin.edition, origin.citation
    ('2026-11-22', 'OECD: B14. Edition 2026-11-22, retrieved 2026-11-22 from https://example.org')
    """
    source, day = download.source, today.isoformat()
    edition = source.edition or day
    entries = {
        "producer": source.producer,
        "title": source.title,
        "edition": edition,
        "citation": f"{source.producer}: {source.title}. Edition {edition}, retrieved {day} from {download.url}",
        "licence": source.licence,
        "url": download.url,
        "sha256": sha256(body).hexdigest(),
        "provider": source.provider,
        "dataset": source.dataset,
        "reference_date": source.reference_date,
    }
    write_file(path, body)
    write_file(path.with_name(path.name + SUFFIX), sidecar.text(entries, retrieved=day))
