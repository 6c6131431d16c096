"""Damaged journals of a workspace: what can be read of them goes on, the rest is asked again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from smstock.collect import salvage
from smstock.collect.database import SUFFIX
from smstock.errors import InputError, QueryError, UsageError, shown
from smstock.folder import leave_aside
from smstock.vocabulary.dates import check_wave
from smstock.workflows import references

if TYPE_CHECKING:
    from pathlib import Path

    from smstock.collect.salvage import Salvaged
    from smstock.folder import Folder


@dataclass(frozen=True)
class Repaired:
    """A damaged journal that was repaired: its query and wave, and what became of its answers."""

    query: str
    wave: str
    source: str
    answers: Salvaged


def repair(workspace: Folder, name: str = "") -> list[Repaired]:
    """Repair the journal of a wave, or each damaged one of the workspace; return what was repaired.

    Parameters
    ----------
    workspace
        Where the waves lie.
    name
        Wave and query, ``2026-11/serbia``; all of them unless given.

    Raises
    ------
    UsageError
        The name is not of that form.
    InputError
        There is no such journal, or neither it nor the workspace holds its query any more.
    BusyError
        Another run holds the folder.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from smstock.folder import Folder
    >>> with TemporaryDirectory() as place:
    ...     repair(Folder(Path(place), Path(place)))
    []
    """
    with workspace.lock():
        if name:
            path = _named(workspace, name)
            return [_repair(workspace, path)] if salvage.is_damaged(path) else []
        repaired = []
        for path in workspace.of_waves(f"*{SUFFIX}"):
            try:
                if salvage.is_damaged(path):
                    repaired.append(_repair(workspace, path))
            except InputError as error:
                leave_aside(error, path)
        return repaired


def _named(workspace: Folder, name: str) -> Path:
    wave, _, query = name.partition("/")
    if not query or "/" in query:
        raise UsageError(f"{shown(repr(name))} names no journal", allowed="WAVE/QUERY, such as 2026-11/serbia-diaspora")
    return workspace.wave(check_wave(wave), f"{query}{SUFFIX}")


def _repair(workspace: Folder, path: Path) -> Repaired:
    name, wave = path.name.removesuffix(SUFFIX), path.parent.name
    kept = salvage.kept_query(path)
    if kept is None:
        try:
            kept = references.query(workspace.root, name), "live"
        except QueryError as error:
            raise InputError(
                f"{path} does not tell its query any more",
                hint=f"put the query into {workspace.root / 'queries' / name}.toml, then repair again ({error.what})",
            ) from None
    query, source = kept
    return Repaired(name, wave, source, salvage.salvage(path, query, wave, source))
