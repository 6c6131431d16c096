"""Collected waves: which there are of a query, and their audience tables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from smstock import results
from smstock.errors import InputError, meant, shown
from smstock.folder import damaged, leave_aside
from smstock.tables import AUDIENCE, CORRIDOR_KEY, check
from smstock.vocabulary.dates import check_wave
from smstock.workflows.months import dated_waves, newest, waves_before

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    import pandas as pd

    from smstock.errors import DamagedError
    from smstock.folder import Folder


_AUDIENCE: Final = ".audience.parquet"
_MANIFEST: Final = ".manifest.json"
_MEND: Final = "mend metric in the calibration"


def audience_path(workspace: Folder, query: str, wave: str) -> Path:
    """Return the path of a collected wave; raise `InputError` if it was not collected.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.folder import Folder
    >>> nowhere = Folder(Path("nowhere"), Path("nowhere"))
    >>> audience_path(nowhere, "q", "2026-11")
    Traceback (most recent call last):
    smstock.errors.InputError: q was not collected in 2026-11
      where:   nowhere/waves
      allowed: waves at hand: none
      next:    collect it first
    """
    waves = workspace.waves_of(query)
    if wave not in waves:
        raise InputError(
            f"{shown(query)} was not collected in {shown(wave)}",
            where=str(workspace.output / "waves"),
            allowed=f"waves at hand: {', '.join(waves) or 'none'}",
            hint=("" if waves else meant(query, workspace.queries())) or "collect it first",
        )
    return workspace.wave(wave, f"{query}.audience.parquet")


def collected_wave(workspace: Folder, query: str, wave: str = "", *, present: str = "") -> str:
    """Return a wave that was named, or else the newest one in which a query was collected.

    A wave of days after the ``present`` one does not lead, nor one whose answers were asked on other days.

    Raises
    ------
    UsageError
        What was named is no wave.
    InputError
        No wave was named, and none was collected.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from smstock.folder import Folder
    >>> with TemporaryDirectory() as place:
    ...     folder = Folder(Path(place), Path(place))
    ...     for month in ("2026-10", "2026-11"):
    ...         folder.wave(month, "q.audience.parquet").parent.mkdir(parents=True)
    ...         folder.wave(month, "q.audience.parquet").touch()
    ...     collected_wave(folder, "q"), audience_path(folder, "q", "2026-10").name
    ('2026-11', 'q.audience.parquet')
    """
    if wave:
        return check_wave(wave)
    waves = workspace.waves_of(query)
    if not waves:
        raise InputError(
            f"{shown(query)!r} was not collected yet",
            where=str(workspace.output / "waves"),
            hint=meant(query, workspace.queries()) or "`smstock collect` it first, or mend the name",
        )
    return newest(dated_waves(workspace, query) or waves, present)


def read_answers(workspace: Folder, query: str, wave: str, *, with_metric: str, hint: str = _MEND) -> pd.DataFrame:
    """Return the audience table of a collected wave, every metric of it.

    Raises
    ------
    InputError
        The wave was not collected, holds no such metric, or its file is damaged.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.folder import Folder
    >>> nowhere = Folder(Path("nowhere"), Path("nowhere"))
    >>> read_answers(nowhere, "q", "2026-11", with_metric="mau")
    Traceback (most recent call last):
    smstock.errors.InputError: q was not collected in 2026-11
      where:   nowhere/waves
      allowed: waves at hand: none
      next:    collect it first
    """
    path = audience_path(workspace, query, wave)
    table = read_wave(path)
    metrics = table["metric"].unique()
    if with_metric not in metrics:
        raise _no_metric(path, with_metric, metrics, hint)
    return table


def asked_corridors(workspace: Folder, query: str, wave: str, metric: str) -> pd.DataFrame:
    """Return destination and origin of each answer of a metric in a collected wave; no other column is read.

    Raises
    ------
    InputError
        As for `read_answers`.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.folder import Folder
    >>> nowhere = Folder(Path("nowhere"), Path("nowhere"))
    >>> asked_corridors(nowhere, "q", "2026-11", "mau")
    Traceback (most recent call last):
    smstock.errors.InputError: q was not collected in 2026-11
      where:   nowhere/waves
      allowed: waves at hand: none
      next:    collect it first
    """
    path = audience_path(workspace, query, wave)
    answers = _read(path, columns=[*CORRIDOR_KEY], filters=[("metric", "==", metric)])
    if answers.empty:
        raise _no_metric(path, metric, _read(path, columns=["metric"])["metric"].unique(), _MEND)
    return answers


def read_waves(workspace: Folder, query: str, *, until: str, parts: Sequence[str] = ()) -> pd.DataFrame:
    """Return the audience table of every collected wave up to one, all metrics, without breakdowns but sex and age.

    An earlier wave whose file cannot be used is named and left aside.

    Parameters
    ----------
    workspace, query
        Where the waves lie, and whose they are.
    until
        The newest wave.
    parts
        The collected waves that it is made of; itself unless given.

    Raises
    ------
    InputError
        The wave ``until`` was not collected, or its file is damaged.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.folder import Folder
    >>> nowhere = Folder(Path("nowhere"), Path("nowhere"))
    >>> read_waves(nowhere, "q", until="2026-11")
    Traceback (most recent call last):
    smstock.errors.InputError: q was not collected in 2026-11
      where:   nowhere/waves
      allowed: waves at hand: none
      next:    collect it first
    """
    import pandas as pd

    newest_waves = list(parts or [until])
    for wave in newest_waves:
        audience_path(workspace, query, wave)
    plain = [(name, "==", "") for name in ("education", "relationship", "dimension")]
    tables = []
    for wave in waves_before(workspace, query, until) + newest_waves:
        path = audience_path(workspace, query, wave)
        try:
            tables.append(read_wave(path, plain))
        except InputError as error:
            if wave in newest_waves:
                raise
            leave_aside(error, path)
    return pd.concat(tables, ignore_index=True)


def read_wave(path: Path, filters: list[tuple[str, str, str]] | None = None) -> pd.DataFrame:
    """Return the audience table of a file, all of it or the rows that pass filters.

    Raises
    ------
    InputError
        It is damaged, or not the table that its manifest vouches for.

    Examples
    --------
    >>> from pathlib import Path
    >>> read_wave(Path("q.audience.parquet"))
    Traceback (most recent call last):
    smstock.errors.DamagedError: q.audience.parquet is damaged: q.audience.parquet
      next:    delete it and collect again; the journal still holds the answers
    """
    return check(_read(path, filters=filters), AUDIENCE)


def _read(
    path: Path, *, columns: list[str] | None = None, filters: list[tuple[str, str, str]] | None = None
) -> pd.DataFrame:
    """Return columns of the rows of a wave's table that pass filters; all unless said otherwise."""
    import pandas as pd

    if contradicted := contradiction(path):
        raise contradicted
    try:
        return pd.read_parquet(path, columns=columns, filters=filters)
    except (OSError, ValueError) as error:
        raise damaged(path, error) from None


def _no_metric(path: Path, metric: str, metrics: Iterable[str], hint: str) -> InputError:
    allowed = f"metrics at hand: {', '.join(sorted(metrics))}"
    return InputError(f"{path} holds no {metric}", allowed=allowed, hint=hint)


def contradiction(path: Path) -> DamagedError | None:
    """Return what is said of a wave's table that is not the one of its manifest, None where nothing contradicts.

    Examples
    --------
    >>> from pathlib import Path
    >>> contradiction(Path("q.audience.parquet")) is None
    True
    """
    if results.contradicted(path.with_name(path.name.replace(_AUDIENCE, _MANIFEST)), path):
        return damaged(path, "it is not what its manifest vouches for")
    return None
