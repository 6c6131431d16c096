"""Settings of a workspace: the jobs of ``smstock.toml``. Standard library only.

::

    [job.serbia]
    query = "queries/serbia-diaspora.toml"
    calibration = "calibration/serbia.toml"
    recordings = "queries/recorded/serbia-diaspora"   # optional: replay instead of asking
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Final

from smstock import toml
from smstock.errors import SettingsError, UnknownNameError, meant, shown

if TYPE_CHECKING:
    from pathlib import Path

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
    content = toml.read(path, SettingsError)
    tables = content.pop("job", {})
    if content or not isinstance(tables, dict):
        raise SettingsError(f"unknown table {', '.join(content) or 'job'}", where=str(path), allowed="[job.NAME]")
    return {name: _job(name, table, root, path) for name, table in tables.items()}


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
