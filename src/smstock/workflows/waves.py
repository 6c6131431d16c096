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
    from collections.abc import Iterable, Mapping, Sequence
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
            hint="`smstock collect` it first"
            if query in workspace.queries()
            else meant(query, workspace.queries()) or "`smstock collect` it first, or mend the name",
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

    An earlier wave whose file cannot be used is named and left aside, and so is one whose origins have another basis:
    accounts by language and accounts by where they lived are no series.

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
        The wave ``until`` was not collected, its file is damaged, or its parts have several bases of origin.

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
    own = {wave: read_wave(audience_path(workspace, query, wave), plain) for wave in newest_waves}
    basis = _one_basis(query, until, own)
    tables = []
    for wave in waves_before(workspace, query, until):
        path = audience_path(workspace, query, wave)
        try:
            tables.append(_of_basis(basis, read_wave(path, plain), wave))
        except InputError as error:
            leave_aside(error, path)
    return pd.concat([*tables, *own.values()], ignore_index=True)


def _of_basis(basis: str, audience: pd.DataFrame, wave: str) -> pd.DataFrame:
    """Return the table of a wave; raise `InputError` where its origins have another basis than the newest wave."""
    if basis and (other := origin_basis(audience)) not in ("", basis):
        raise InputError(
            f"origins of {wave} are by {other}, those of the newest wave by {basis}: they are no series",
            hint="give the changed query a name of its own",
        )
    return audience


def _one_basis(query: str, until: str, waves: Mapping[str, pd.DataFrame]) -> str:
    """Return the basis of origin of the waves that make up one; raise `InputError` where they have several."""
    bases = {wave: basis for wave, table in waves.items() if (basis := origin_basis(table))}
    if len({*bases.values()}) > 1:
        stated = "; ".join(f"{wave} by {basis}" for wave, basis in bases.items())
        raise InputError(
            f"the waves of {query} that {until} is made of have several bases of origin, and no mean",
            where=stated,
            hint="estimate one of these waves by itself, and give the changed query a name of its own",
        )
    return next(iter(bases.values()), "")


def origin_basis(audience: pd.DataFrame) -> str:
    """Return what makes an account one of an origin in an audience table; empty where it does not tell.

    Examples
    --------
    >>> import pandas as pd
    >>> origin_basis(pd.DataFrame({"origin_basis": ["language", ""]})), origin_basis(pd.DataFrame({"origin_basis": []}))
    ('language', '')
    """
    return ", ".join(sorted(basis for basis in audience["origin_basis"].dropna().unique() if basis))


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
