"""Official files looked at: what they hold, or for a table that nobody knows a sidecar to be reviewed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from smstock.errors import InputError, UnsaidError
from smstock.folder import lock_around, write_file
from smstock.official import copies, readers
from smstock.official.beside import SUFFIX
from smstock.official.draft import draft, entries_to_fill
from smstock.official.guess import guess
from smstock.official.rawfile import opened
from smstock.workflows.objects import data_of, url_of
from smstock.workflows.officials import summaries

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from smstock.official.guessed import Guess
    from smstock.official.rawfile import RawFile

_COPY: Final = copies.LAYOUTS[0].name
_ROWS: Final = 3
_OF_AREAS: Final = ("origins", "destinations", "areas", "origins or destinations", "areas, origins or destinations")
_TOGETHER: Final = ("years", "sexes", *_OF_AREAS)


def descriptions(files: Sequence[Path], *, dry_run: bool = False) -> list[dict[str, Any]]:
    r"""Return what official files hold, as `smstock.workflows.officials.summaries` does; of other tables a guess.

    A table in no layout that is known has a record with ``file``, ``columns`` (each with ``column``, ``taken_as``,
    ``why`` and ``examples``), ``sidecar``, its path, ``text``, what stands in it, and ``written``. It is written
    beside the file if there is none yet, and never beside one named by URL. A known layout that leaves out what must be
    known has such a sidecar too, and ``layout`` in place of ``columns``. It leaves open what cannot be known, and the
    file is refused until somebody has filled that in. Among several files, one that cannot be used has ``file`` and
    ``refused``, the message; sidecars are passed over.

    Parameters
    ----------
    dry_run
        Whether nothing is written.

    Raises
    ------
    InputError
        The only file cannot be used.
    BusyError
        The file lies in a workspace that another run holds.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as place:
    ...     file = Path(place, "own.csv")
    ...     _ = file.write_text("lives in,born in,year,persons\nDEU,SRB,2020,5\n")
    ...     (record,) = descriptions([file])
    ...     record["written"], [column["taken_as"] for column in record["columns"]]
    (True, ['destination', 'origin', 'year', 'value'])
    """
    records: list[dict[str, Any]] = []
    data = data_of(files)
    for path in data:
        try:
            records += _records(path, dry_run=dry_run)
        except InputError as error:
            if len(data) == 1:
                raise
            records.append({"file": str(path), "refused": str(error)})
    return records


def _records(path: Path, *, dry_run: bool) -> list[dict[str, Any]]:
    file = opened(path)
    layout = readers.known(file)
    # a copy says neither whose figures it holds nor whom they count, and needs a sidecar like any other table
    if layout is None or (layout.name == _COPY and file.origin is None):
        made = guess(file)
        return [
            {"file": str(path), "columns": _columns(made), **_drafted(file, draft(made, path.name), dry_run=dry_run)}
        ]
    try:
        return summaries([path])
    except UnsaidError as error:
        if file.origin is not None:
            raise
        text = entries_to_fill(path.name, error.entries, error.allowed)
        return [{"file": str(path), "layout": layout.name, **_drafted(file, text, dry_run=dry_run)}]


def _drafted(file: RawFile, text: str, *, dry_run: bool) -> dict[str, Any]:
    """Write the draft of a sidecar beside its file, if there is none yet; return where it lies and what it says."""
    if url := url_of(file.path):
        return {"sidecar": url + SUFFIX, "text": text, "written": False}
    sidecar = file.path.with_name(file.path.name + SUFFIX)
    with lock_around(sidecar):
        written = not dry_run and not sidecar.exists()
        if written:
            _write(sidecar, text)
    return {"sidecar": str(sidecar), "text": text, "written": written}


def _write(sidecar: Path, text: str) -> None:
    try:
        write_file(sidecar, text)
    except InputError as error:
        error.hint = "copy the file into a folder that can be written, or print the sidecar with --dry-run"
        raise


def _columns(made: Guess) -> list[dict[str, str]]:
    """Return what the columns are taken as, in their order; neighbours that are taken alike together."""
    records: list[dict[str, str]] = []
    for heading in made.table.headings:
        taken, why = made.taken[heading]
        example = ", ".join(dict.fromkeys(made.table.rows[heading].head(_ROWS)))
        if records and taken in _TOGETHER and (records[-1]["taken_as"], records[-1]["why"]) == (taken, why):
            records[-1]["column"] += f", {heading}"
        else:
            records.append({"column": heading, "taken_as": taken, "why": why, "examples": example})
    return records
