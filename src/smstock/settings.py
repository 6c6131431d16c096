"""Settings of a workspace, in ``smstock.toml``: its jobs, and what work is spread over. Standard library only.

::

    [job.serbia]
    query = "queries/serbia-diaspora.toml"
    calibration = "calibration/serbia.toml"
    recordings = "queries/recorded/serbia-diaspora"   # optional: replay instead of asking

    [compute]                                         # optional: one process unless written
    jobs = 4                                          # optional: all cores unless written
    backend = "dask"                                  # optional: loky unless written
    address = "tcp://10.0.0.5:8786"                   # optional: of the cluster
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Final

from smstock import toml
from smstock.errors import SettingsError, UnknownNameError, meant, shown

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

    from smstock.compute import Compute

FILE: Final = "smstock.toml"


@dataclass(frozen=True)
class Job:
    """One month's work: which query, learnt how, asked live or replayed from recordings."""

    name: str
    query: Path
    calibration: Path
    recordings: Path | None = None


def jobs(root: Path) -> dict[str, Job]:
    r"""Return the jobs of a workspace by name.

    Raises
    ------
    SettingsError
        There is no ``smstock.toml`` in ``root``, it is no TOML, or a job lacks a key or has one that is not known.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     _ = Path(folder, "smstock.toml").write_text('[job.x]\nquery = "q.toml"\ncalibration = "c.toml"\n')
    ...     jobs(Path(folder))["x"].query.name
    'q.toml'
    """
    path = root / FILE
    if not path.exists():
        raise SettingsError(
            f"there is no {FILE}",
            where=str(path.absolute()),
            hint="change to your workspace, or name it with --workspace",
        )
    return {name: _job(name, table, root, path) for name, table in _tables(path)["job"].items()}


def job(root: Path, name: str) -> Job:
    r"""Return a job of a workspace; raise `UnknownNameError` listing the jobs there are.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     _ = Path(folder, "smstock.toml").write_text('[job.x]\nquery = "q.toml"\ncalibration = "c.toml"\n')
    ...     job(Path(folder), "x").calibration.name
    'c.toml'
    """
    known = jobs(root)
    if name not in known:
        raise UnknownNameError(
            f"there is no job {shown(name)!r}",
            where=str(root / FILE),
            allowed=", ".join(sorted(known)) or "none is written yet",
            hint=meant(name, known),
        )
    return known[name]


def compute(root: Path, jobs: int | None = None) -> Compute:
    r"""Return what the work of a workspace is spread over; so many jobs, if they are given, in place of those written.

    Raises
    ------
    SettingsError
        ``smstock.toml`` is no TOML, or its table ``[compute]`` has a key or a value that is not allowed.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     _ = Path(folder, "smstock.toml").write_text('[compute]\nbackend = "threading"\n')
    ...     compute(Path(folder)), compute(Path(folder), jobs=2).jobs, compute(Path(folder, "nowhere")).jobs
    (Compute(jobs=-1, backend='threading', address=''), 2, 1)
    """
    from smstock.compute import Compute  # what only asks is spread over nothing

    path = root / FILE
    table = _tables(path)["compute"] if path.exists() else {}
    written = _compute(table, path) if table else Compute()
    return written if jobs is None else replace(written, jobs=jobs)


def _tables(path: Path) -> dict[str, dict[str, Any]]:
    """Return the tables of the file by what they are of, those that are not written empty."""
    content = toml.read(path, SettingsError)
    tables = {name: content.pop(name, {}) for name in ("job", "compute")}
    if wrong := [*content, *(name for name, table in tables.items() if not isinstance(table, dict))]:
        raise SettingsError(
            f"unknown table {', '.join(wrong)}",
            where=str(path),
            allowed="[job.NAME], [compute]",
            hint=meant(wrong[0], tables),
        )
    return tables


def _compute(table: dict[str, Any], path: Path) -> Compute:
    from smstock.compute import BACKENDS, CLUSTERS, MOST_JOBS, Compute

    allowed = {
        "jobs": f"a whole number, -1 to {MOST_JOBS}, not 0; -1 is one for each core",
        "backend": ", ".join(BACKENDS),
        "address": f"a text, the address of the cluster of {', '.join(CLUSTERS)}",
    }
    if unknown := [name for name in table if name not in allowed]:
        raise SettingsError(
            f"[compute] is not understood: {', '.join(unknown)}",
            where=str(path),
            allowed=", ".join(allowed),
            hint=meant(unknown[0], allowed),
        )
    jobs, backend, address = table.get("jobs", -1), table.get("backend", "loky"), table.get("address", "")
    wrong = {
        "jobs": isinstance(jobs, bool) or not isinstance(jobs, int) or jobs == 0 or not -1 <= jobs <= MOST_JOBS,
        "backend": backend not in BACKENDS,
        "address": not isinstance(address, str),
    }
    for name in filter(wrong.get, wrong):
        raise SettingsError(
            f"{name} of [compute] is {shown(repr(table[name]))}", where=str(path), allowed=allowed[name]
        )
    if address and backend not in CLUSTERS:
        raise SettingsError(
            f"[compute] has an address, and the backend {backend!r} has none",
            where=str(path),
            allowed=f"an address beside {', '.join(CLUSTERS)}",
            hint="name the backend of the cluster, or leave the address out",
        )
    if "@" in address:  # it is not repeated: a password may stand before it
        raise SettingsError(
            "the address of [compute] holds a name or a password", where=str(path), allowed="a host and a port"
        )
    return Compute(jobs, backend, address)


def _job(name: str, table: object, root: Path, path: Path) -> Job:
    keys = [field.name for field in fields(Job) if field.name != "name"]
    if not isinstance(table, dict):
        raise SettingsError(f"job {name!r} is no table", where=str(path), allowed="[job.NAME]")
    # values are not repeated: one of a key that is not known may be a secret
    if wrong := [key for key, value in table.items() if key not in keys or not isinstance(value, str)]:
        raise SettingsError(
            f"job {name!r} is not understood: {', '.join(wrong)}",
            where=str(path),
            allowed=", ".join(keys) + ", each a text",
            hint=" ".join(question for key in wrong if key not in keys and (question := meant(key, keys))),
        )
    if missing := [key for key in ("query", "calibration") if key not in table]:
        raise SettingsError(f"job {name!r} lacks {' and '.join(missing)}", where=str(path), allowed=", ".join(keys))
    return Job(name, **{key: root / value for key, value in table.items()})
