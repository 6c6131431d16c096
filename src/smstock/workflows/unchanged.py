"""A month that is done is known again: by the hashes of all it was made of and of all it left, and nothing is read.

The account of a month lies in ``months/<calibration>.json``. It is written last, and only where another run would come
to the same: every cell of a live wave is settled, and no input changed while the month was made. A file more, a file
less, another byte or another version, and the month is made again.
"""

from __future__ import annotations

import json
import logging
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import PackageNotFoundError
from typing import TYPE_CHECKING, Any, Final

from smstock.collect.database import SUFFIX
from smstock.collect.runner import Tally
from smstock.collect.wave import Gaps
from smstock.errors import SmstockError
from smstock.folder import write_file
from smstock.official.beside import with_beside
from smstock.provenance import canonical_json, code_hash, file_hash, text_hash, versions
from smstock.query import spec as query_spec
from smstock.vocabulary.dates import month_of_wave, wave_of
from smstock.workflows import calibration_spec
from smstock.workflows.collection import Collected
from smstock.workflows.months import SLACK
from smstock.workflows.outcome import Made, Month

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from smstock.folder import Folder
    from smstock.query.spec import QuerySpec
    from smstock.settings import Job
    from smstock.workflows.calibration_spec import CalibrationSpec

_LOG: Final = logging.getLogger("smstock")
_OWN: Final = {"python", "smstock"}
"""Versions that are told of every output."""


@dataclass(frozen=True)
class Inputs:
    """A job and the hashes of all that lies outside of its output, as they were when its month was begun."""

    query: QuerySpec
    spec: CalibrationSpec
    hashes: dict[str, str]


def inputs_of(job: Job, *, now: datetime, wave: str, fetched: Path | None = None) -> Inputs:
    """Return the query and the calibration of a job, and the hash of everything its month is made of but waves.

    Parameters
    ----------
    job
        The job.
    now
        The present: it names the wave of a live job.
    wave
        The wave that was named, empty if none was.
    fetched
        Where copies of files that are named by URL lie, as for `smstock.workflows.calibration_spec.load`.

    Raises
    ------
    SmstockError
        A file is missing, or cannot be used.

    Examples
    --------
    >>> from datetime import UTC
    >>> from pathlib import Path
    >>> from smstock.settings import Job
    >>> inputs_of(Job("serbia", Path("q.toml"), Path("c.toml")), now=datetime(2026, 11, 22, tzinfo=UTC), wave="")
    Traceback (most recent call last):
    smstock.errors.QueryError: q.toml cannot be read: No such file or directory
      next:    name a query file, such as queries/serbia-diaspora.toml
    """
    query, spec = query_spec.load(job.query), calibration_spec.load(job.calibration, fetched)
    # recordings without a time are taken for the present wave too
    asked = wave or wave_of(now, query.wave.every)
    hashes = {
        "job": text_hash(canonical_json({"name": job.name, "wave": asked, "live": job.recordings is None})),
        "query": text_hash(query.model_dump_json()),
        "calibration": file_hash(job.calibration),
        "smstock": code_hash(),
    }
    for name, file in with_beside(spec.files()).items():
        hashes[f"{name}: {file.name}"] = _hash(file)
    if place := job.recordings:
        for file in sorted(place.iterdir()) if place.is_dir() else (place,):
            hashes[f"recordings: {file.name}"] = _hash(file)
    return Inputs(query, spec, hashes)


def recognised(job: Job, folder: Folder, *, now: datetime, wave: str = "") -> Month | None:
    """Return the last month of a job if it is the one asked for and nothing has changed since; None otherwise.

    What cannot be used is left for the run that makes the month to tell.

    Examples
    --------
    >>> from datetime import UTC
    >>> from pathlib import Path
    >>> from smstock.folder import Folder
    >>> from smstock.settings import Job
    >>> job, nowhere = Job("serbia", Path("q.toml"), Path("c.toml")), Folder(Path("nowhere"), Path("nowhere"))
    >>> recognised(job, nowhere, now=datetime(2026, 11, 22, tzinfo=UTC)) is None
    True
    """
    try:
        inputs = inputs_of(job, now=now, wave=wave, fetched=folder.fetched)
        path = folder.month(inputs.spec.name)
        if not path.is_file():
            return None
    except (OSError, ValueError, SmstockError):
        return None
    with folder.lock(), suppress(OSError, ValueError, TypeError, KeyError, AttributeError):
        seal, _, text = path.read_text(encoding="utf-8").partition("\n")
        # tables are printed from here: one that is damaged, or was edited, vouches for nothing
        if seal != text_hash(text):
            return None
        account = json.loads(text)
        if not _stands(account, inputs, folder, now):
            return None
        month = _month(account, inputs, folder)
        for message, file in account["warnings"]:
            _LOG.warning("%s", message, extra={"file": file})
        return month
    return None


def _stands(account: dict[str, Any], inputs: Inputs, folder: Folder, now: datetime) -> bool:
    """Whether all is as an account tells; a clock that was set back is doubted by the run that asks."""
    try:
        installed = versions(account["versions"].keys() - _OWN)
    except PackageNotFoundError:
        return False
    if account["inputs"] != inputs.hashes or account["versions"] != installed:
        return False
    if account["answered"] and now < datetime.fromisoformat(account["answered"]) - SLACK:
        return False
    return bool(account["outputs"] == _outputs(folder, inputs.query.name, account["month"], account["outputs"]))


def keep(
    month: Month, inputs: Inputs, folder: Folder, warnings: Iterable[tuple[str, str]], libraries: set[str]
) -> None:
    """Write the account of a month that was made, unless another run would ask or find something else.

    Parameters
    ----------
    month
        What was made.
    inputs
        What it was made of, as `inputs_of` told before.
    folder
        Where it lies.
    warnings
        What was logged while it was made, and the file that it is about.
    libraries
        What its figures were computed with.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.folder import Folder
    >>> nowhere = Folder(Path("nowhere"), Path("nowhere"))
    >>> collected = Collected("q", "2026-11", Path("q.audience.parquet"), Tally(1), ended=SmstockError("outage"))
    >>> made = {"learnt": True, "page": Path("q.html"), "files": (), "notices": (), "tables": (), "make": dict}
    >>> month = Month("Serbia", collected, "serbia-1", **made)
    >>> keep(month, Inputs(None, None, {}), nowhere, [], [])
    """
    from smstock.collect.reader import JournalReader

    collected, query = month.collected, month.collected.query
    if collected.ended:
        return
    journal = folder.wave(collected.wave, f"{query}{SUFFIX}")
    with JournalReader(journal, whole=False) as reader:
        live = reader.about()["source"] == "live"
        answered = reader.newest() if live else ""
    if live and collected.gaps.unanswered:
        return
    of_month = month_of_wave(collected.wave)
    files = (*month.files, folder.calibration(inputs.spec.name))
    outputs = _outputs(folder, query, of_month, map(folder.relative, files))
    account = {
        "inputs": inputs.hashes,
        "outputs": outputs,
        "versions": versions(libraries),
        "month": of_month,
        "answered": answered,
        "warnings": [list(warning) for warning in dict.fromkeys(warnings)],
        "title": month.title,
        "calibration": month.calibration_id,
        "page": folder.relative(month.page),
        "files": [folder.relative(path) for path in month.files],
        "notices": list(month.notices),
        "tables": list(month.tables),
        "collected": _values(collected, folder),
    }
    text = canonical_json(account)
    write_file(folder.month(inputs.spec.name), f"{text_hash(text)}\n{text}")


@contextmanager
def listening() -> Iterator[list[tuple[str, str]]]:
    """Collect what is logged for the user in the block, with the file that each message is about.

    Examples
    --------
    >>> with listening() as warnings:
    ...     logging.disable(logging.NOTSET)
    ...     logging.getLogger("smstock").warning("left aside: %s", "a", extra={"file": "a.parquet"})
    >>> warnings
    [('left aside: a', 'a.parquet')]
    """
    warnings: list[tuple[str, str]] = []

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            message = record.getMessage()
            warnings.append((message, str(getattr(record, "file", message))))

    ear = Ear()
    _LOG.addHandler(ear)
    try:
        yield warnings
    finally:
        _LOG.removeHandler(ear)


def _outputs(folder: Folder, query: str, month: str, names: Iterable[str]) -> dict[str, str]:
    """Return the hashes of some files of the output, and of all files of the waves of a query.

    Of the journals only those of the month are read: of other waves it is the table that goes into it.
    """
    paths = {name: folder.output / name for name in names}
    paths |= {folder.relative(path): path for path in folder.of_waves(f"{query}.*")}
    hashes = {}
    for name, path in paths.items():
        if path.name.endswith("-shm"):
            continue
        of_another = SUFFIX in path.name and month_of_wave(path.parent.name) != month
        # a log beside a journal that holds nothing is of somebody who only reads
        if of_another or not path.name.endswith("-wal") or path.stat().st_size:
            hashes[name] = "" if of_another else _hash(path)
    return hashes


def _hash(path: Path) -> str:
    """Return the hash of a file; empty where none can be read, then or by the run that was kept."""
    try:
        return file_hash(path) if path.is_file() else ""
    except OSError:
        return ""


def _values(collected: Collected, folder: Folder) -> dict[str, Any]:
    """Return how a collection stands after its run: another one asks nothing, and meets no fault."""
    tally = collected.tally
    counts = ("planned", "refused", "settled", "deduced", "missing")
    return {
        "wave": collected.wave,
        "audience": folder.relative(collected.audience),
        "tally": {name: getattr(tally, name) for name in counts},
        "unfinished": collected.unfinished,
        "gaps": vars(collected.gaps),
        "least_answered": collected.least_answered,
        "refusals": list(collected.refusals.items()),
        "remarks": list(collected.remarks),
    }


def _month(account: dict[str, Any], inputs: Inputs, folder: Folder) -> Month:
    values = account["collected"]
    collected = Collected(
        inputs.query.name,
        values["wave"],
        folder.output / values["audience"],
        Tally(**values["tally"]),
        unfinished=values["unfinished"],
        gaps=Gaps(**values["gaps"]),
        least_answered=values["least_answered"],
        refusals=dict(values["refusals"]),
        remarks=tuple(values["remarks"]),
    )
    return Month(
        account["title"],
        collected,
        account["calibration"],
        learnt=False,
        page=folder.output / account["page"],
        files=tuple(folder.output / name for name in account["files"]),
        notices=tuple(account["notices"]),
        tables=tuple(account["tables"]),
        make=lambda: _read(inputs, folder, values["wave"]),
        unchanged=True,
    )


def _read(inputs: Inputs, folder: Folder, wave: str) -> Made:
    """Return what lies on disk of a month that is unchanged, its tables as they were made."""
    from smstock.calibrate.calibration import Calibration
    from smstock.workflows.evidence import Evidence
    from smstock.workflows.nowcasting import written

    path, month = folder.calibration(inputs.spec.name), month_of_wave(wave)
    calibration = Calibration.from_json(path.read_text(encoding="utf-8"), path)
    nowcasts = [
        written(Evidence(inputs.spec, folder, inputs.query.name, of_days), calibration.id)
        for of_days in dict.fromkeys((month, wave))
    ]
    return Made(calibration, nowcasts[0], *nowcasts[1:])
