"""How a query, a calibration or a job is referred to: its name in the workspace, the path of a file, or the object."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, TypeGuard

from smstock import settings, toml
from smstock.errors import ContractError, QueryError, UsageError, meant, shown
from smstock.folder import FETCHED
from smstock.settings import Job
from smstock.workflows import arguments

if TYPE_CHECKING:
    from typing import TypeAlias

    from smstock.errors import SmstockError
    from smstock.query.spec import QuerySpec
    from smstock.workflows.calibration_spec import CalibrationSpec

    QueryReference: TypeAlias = str | Path | QuerySpec
    CalibrationReference: TypeAlias = str | Path | CalibrationSpec

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,60}")


def query(root: Path, reference: QueryReference) -> QuerySpec:
    r"""Return the query; raise `QueryError` if there is none of that name, or the file cannot be used.

    Examples
    --------
    >>> from smstock.query.spec import parse
    >>> text = 'name = "q"\nplatform = "meta"\nages = "18+"\norigins = ["SRB"]\ndestinations = ["AUT"]'
    >>> query(Path("nowhere"), parse(text, where="q.toml")).origins
    ('SRB',)
    """
    from smstock.query.spec import QuerySpec, load, specify

    if isinstance(reference, QuerySpec):
        # a copy that was changed (`model_copy`) has not been looked at yet
        return specify(vars(reference), where=f"the query {_named(reference)}")
    return load(_file(root / "queries", reference, QueryError, "QuerySpec"))


def query_name(root: Path, reference: QueryReference) -> str:
    """Return the name of a query: the one that its file says, whatever the file is called.

    One that was collected before is known by its name, without a file.

    Examples
    --------
    >>> query_name(Path("nowhere"), "serbia-diaspora")
    'serbia-diaspora'
    """
    if not _is_name(reference):
        return query(root, reference).name
    file = root / "queries" / f"{reference}.toml"
    try:
        stated = toml.read(file, QueryError).get("name") if file.is_file() else ""
    except QueryError:  # what was collected can be looked at without it
        stated = ""
    return stated if isinstance(stated, str) and _is_name(stated) else reference


def counts_file(reference: QueryReference) -> Path | None:
    """Return the path of a file of typed counts that is named in place of a query; None for a query.

    Examples
    --------
    >>> counts_file("typed/counts.csv").name, counts_file("serbia-skills"), counts_file("queries/serbia-skills.toml")
    ('counts.csv', None, None)
    """
    if not isinstance(reference, str | Path) or Path(reference).suffix.lower() in ("", ".toml"):
        return None
    return arguments.path("the file of counts", reference)


def calibration(root: Path, reference: CalibrationReference, fetched: Path | None = None) -> CalibrationSpec:
    """Return the calibration spec; raise `ContractError` if there is none of that name, or the file cannot be used.

    Parameters
    ----------
    fetched
        Where copies of official files that are named by URL lie, as for `smstock.workflows.calibration_spec.load`.

    Examples
    --------
    >>> calibration(Path("nowhere"), "serbia")
    Traceback (most recent call last):
    smstock.errors.ContractError: there is no 'serbia'
      where:   nowhere/calibration
      allowed: none is written yet
      next:    mend the name, or give the path of a file
    """
    from smstock.workflows.calibration_spec import CalibrationSpec, load, specify

    if isinstance(reference, CalibrationSpec):
        spec = specify(vars(reference), where=f"the calibration {_named(reference)}")
        return spec.on_disk(fetched or root / FETCHED)
    return load(_file(root / "calibration", reference, ContractError, "CalibrationSpec"), fetched)


def job(root: Path, reference: str | Job) -> Job:
    """Return the job of a workspace; raise `UsageError` if there is none of that name, or it is none.

    Examples
    --------
    >>> job(Path("nowhere"), Job("serbia", Path("q.toml"), Path("c.toml"))).name
    'serbia'
    """
    if isinstance(reference, Job):
        return Job(
            arguments.text("the name of the job", reference.name),
            arguments.path("the query of the job", reference.query),
            arguments.path("the calibration of the job", reference.calibration),
            None if reference.recordings is None else arguments.path("the recordings of the job", reference.recordings),
        )
    if isinstance(reference, str):
        return settings.job(root, reference)
    raise UsageError(f"{shown(repr(reference))} is no job", allowed=f"the name of one in {settings.FILE}, or a Job")


def _file(folder: Path, reference: object, error: type[SmstockError], kind: str) -> Path:
    """Return the file of a name, or the path that was given in its place."""
    if not isinstance(reference, str | Path) or not str(reference):
        raise error(f"{shown(repr(reference))} names no file", allowed=f"a name, the path of a file, or a {kind}")
    if not _is_name(reference):
        return Path(reference)
    path = folder / f"{reference}.toml"
    if not path.is_file():
        names = sorted(known.stem for known in folder.glob("*.toml"))
        is_folder = Path(str(reference)).is_dir()
        raise error(
            f"{reference!r} is a folder" if is_folder else f"there is no {reference!r}",
            where=str(folder),
            allowed=", ".join(names) or "none is written yet",
            hint=meant(str(reference), names) or "mend the name, or give the path of a file",
        )
    return path


def _named(spec: QuerySpec | CalibrationSpec) -> str:
    """Return the name of a spec as a message shows it, whatever was put in its place."""
    return shown(vars(spec).get("name"))


def _is_name(reference: object) -> TypeGuard[str]:
    return isinstance(reference, str) and _NAME.fullmatch(reference) is not None
