"""Vintages of official files: a file as it was obtained on a day, kept under its hash, so that none is written over.

A vintage lies at ``official/<provider>/<name>@<day>-<hash><ending>``, its sidecar beside it: the day is that on which
the file was retrieved as its sidecar says, or that of the import; the hash is the beginning of its SHA-256. The same
bytes are kept once.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from shutil import copyfile
from typing import TYPE_CHECKING, Final

from smstock.errors import OfficialFileError
from smstock.folder import write_atomically, write_file
from smstock.official import sidecar
from smstock.official.base import NOT_STATED
from smstock.official.beside import LABELS, SUFFIX, is_data
from smstock.provenance import file_hash

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping
    from pathlib import Path

    from smstock.official.parsed import ParsedTable

SEVERAL: Final = "several"
"""Folder of a file that holds figures of more than one provider."""

USERS: Final = "users"
"""Folder of a file of accounts, which has no provider."""

_HASH = 12
_ENDING = re.compile(r"(\.[A-Za-z0-9]{1,8})?\.gz$|\.[A-Za-z0-9]{1,8}$")
_VINTAGE = re.compile(rf"@\d{{4}}-\d\d-\d\d-[0-9a-f]{{{_HASH}}}$", re.ASCII)
_NO_NAME = re.compile(r"[^\w.-]+")
_DESCRIBED = ("sha256", "retrieved", "url", "notes")


@dataclass(frozen=True)
class Vintage:
    """Where a file is kept, or will be.

    Parameters
    ----------
    source
        The file that was given.
    path
        Its place under the folder of official files.
    held
        Whether the same bytes lie there already; nothing is copied then.
    sidecar
        What is written beside it.
    """

    source: Path
    path: Path
    held: bool
    sidecar: str = ""


@dataclass(frozen=True)
class Shelf:
    """The folder of official files of a workspace, with the files that lie in it by their size.

    Parameters
    ----------
    folder
        The folder.
    by_size
        Data files by their number of bytes; one that is kept is added.
    """

    folder: Path
    by_size: dict[int, list[Path]]

    def holding(self, source: Path, digest: str) -> Path | None:
        """Return the file that holds the same bytes as another one of some hash, None if none does."""
        alike = self.by_size.get(source.stat().st_size, ())
        return next((path for path in alike if file_hash(path) == digest), None)


def shelf(folder: Path) -> Shelf:
    """Return the shelf that a folder is, whether it exists or not.

    Examples
    --------
    >>> from pathlib import Path
    >>> shelf(Path("nowhere")).by_size
    {}
    """
    by_size: dict[int, list[Path]] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and is_data(path):
            by_size.setdefault(path.stat().st_size, []).append(path)
    return Shelf(folder, by_size)


def placed(source: Path, tables: Mapping[str, ParsedTable], on: Shelf, *, today: dt.date) -> Vintage:
    r"""Return where a file that was read is to be kept; nothing is written.

    Parameters
    ----------
    source
        The file.
    tables
        What it holds, as `smstock.official.readers.parsed` returns it.
    on
        The folder of official files of a workspace.
    today
        Stands in for the day of retrieval where there is no sidecar.

    Raises
    ------
    OfficialFileError
        The same bytes lie in the folder with a sidecar that says something else of them.

    Examples
    --------
    >>> import datetime as dt
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from smstock.official.readers import parsed
    >>> with TemporaryDirectory() as place:
    ...     file = Path(place, "namibia.csv")
    ...     _ = file.write_text(
    ...         "provider,edition,area,sex,age_min,age_max,reference_date,value\n"
    ...         "undesa,wpp 2022,NAM,all,18,,2020-07-01,1445400\n"
    ...     )
    ...     kept = placed(file, parsed(file, None), shelf(Path(place, "official")), today=dt.date(2026, 11, 30))
    ...     kept.path.relative_to(place).as_posix(), kept.held
    ('official/undesa/namibia@2026-11-30-3807b0401297.csv', False)
    """
    digest = file_hash(source)
    origin = next(iter(tables.values())).origin
    if (existing := on.holding(source, digest)) is not None:
        _check_said_alike(source, origin, existing)
        return Vintage(source, existing, held=True)
    day = origin.retrieved[: len("2026-11-30")] if origin else today.isoformat()
    ending = _ending(source.name)
    name = _VINTAGE.sub("", source.name.removesuffix(ending))
    path = on.folder / _folder(tables) / f"{name}@{day}-{digest[:_HASH]}{ending}"
    return Vintage(source, path, held=False, sidecar=_sidecar(source, tables, digest, day))


def keep(vintage: Vintage, on: Shelf) -> None:
    """Copy a file with its sidecar, and its labels if it has any, to its place; what is held already stays as it is.

    The file comes last, so that it never lies without its sidecar.

    Raises
    ------
    InputError
        The folder cannot be written.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as place:
    ...     file = Path(place, "a.csv")
    ...     _ = file.write_text("figures")
    ...     vintage = Vintage(file, Path(place, "official", "a@2026-11-30-0.csv"), held=False, sidecar="x = 1")
    ...     keep(vintage, shelf(Path(place, "official")))
    ...     sorted(path.name for path in Path(place, "official").iterdir())
    ['a@2026-11-30-0.csv', 'a@2026-11-30-0.csv.origin.toml']
    """
    if vintage.held:
        return
    write_file(vintage.path.with_name(vintage.path.name + SUFFIX), vintage.sidecar)
    labels = vintage.source.with_name(vintage.source.name + LABELS)
    if labels.is_file():
        write_file(vintage.path.with_name(vintage.path.name + LABELS), labels.read_bytes())
    write_atomically(vintage.path, lambda partial: copyfile(vintage.source, partial))
    on.by_size.setdefault(vintage.path.stat().st_size, []).append(vintage.path)


def vintages(path: Path) -> tuple[Path, ...]:
    """Return the kept files of a name without its day and hash, the oldest first; none if there are none.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as place:
    ...     for name in ("a@2026-11-30-3807b0401297.csv", "a@2024-01-01-4807b0401297.csv", "ab.csv"):
    ...         Path(place, name).touch()
    ...     [kept.name for kept in vintages(Path(place, "a.csv"))]
    ['a@2024-01-01-4807b0401297.csv', 'a@2026-11-30-3807b0401297.csv']
    """
    ending = _ending(path.name)
    stem = path.name.removesuffix(ending)
    try:
        beside = [
            kept for kept in path.parent.iterdir() if kept.name.startswith(f"{stem}@") and _ending(kept.name) == ending
        ]
    except (OSError, ValueError):  # no folder, or a name that none can have
        return ()
    return tuple(sorted(kept for kept in beside if _VINTAGE.sub("", kept.name.removesuffix(ending)) == stem))


def _check_said_alike(source: Path, origin: sidecar.Origin | None, existing: Path) -> None:
    """Refuse a file whose bytes are held with a sidecar that says something else."""
    held = sidecar.read(existing)
    if origin is None or held == origin:
        return
    names = [field.name for field in fields(origin) if field.name not in _DESCRIBED]
    texts = [(name, getattr(origin, name), getattr(held, name, "")) for name in names]
    other = [f"{name} is {new!r} here and {old!r} there" for name, new, old in texts if new != old]
    if other:
        raise OfficialFileError(
            f"{source} lies in the workspace already, with a sidecar that says something else: {'; '.join(other)}",
            where=str(existing),
            hint=f"mend {existing.name}{SUFFIX} there; or remove that file, and import again",
        )


def _folder(tables: Mapping[str, ParsedTable]) -> str:
    """Return the name of the folder: the provider's, in lower case."""
    providers = {text for table in tables.values() for text in table.distinct("provider")}
    if len(providers) > 1:
        return SEVERAL
    name = _NO_NAME.sub("-", next(iter(providers), USERS).casefold()).strip("-.")
    return name or NOT_STATED.replace(" ", "-")


def _ending(name: str) -> str:
    """Return what a name ends with: ``.csv``, ``.csv.gz``; empty if it has no ending."""
    ending = _ENDING.search(name)
    return ending[0] if ending else ""


def _sidecar(source: Path, tables: Mapping[str, ParsedTable], digest: str, day: str) -> str:
    """Return the sidecar as it was given with the hash of the file; without one, what the file says of itself."""
    origin = next(iter(tables.values())).origin
    if origin is None:
        return sidecar.text(
            {
                "producer": _one(tables, "provider"),
                "title": next(iter(tables.values())).layout,
                "edition": _one(tables, "edition"),
                "citation": NOT_STATED,
                "licence": NOT_STATED,
                "sha256": digest,
                "notes": f"written by smstock official import; retrieved is the day of the import of {source.name}",
            },
            retrieved=day,
        )
    given = source.with_name(source.name + SUFFIX).read_text(encoding="utf-8-sig")
    return given if origin.sha256 else f'sha256 = "{digest}"\n{given}'


def _one(tables: Mapping[str, ParsedTable], column: str) -> str:
    """Return the one text that a column has in some tables."""
    texts = {text for table in tables.values() for text in table.distinct(column)}
    return texts.pop() if len(texts) == 1 else NOT_STATED
