"""The steps of the front door up to a wave, and its way to other machines: plan, collect, merge, publish, fetch."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from smstock.folder import Folder
from smstock.workflows import arguments, references

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from smstock.collect.runner import Tally
    from smstock.query.preflight import Plan
    from smstock.workflows.collection import Collected
    from smstock.workflows.merging import Merging
    from smstock.workflows.publishing import Exchanged
    from smstock.workflows.references import QueryReference

PATIENCE: Final = 24.0
"""Hours that a live run waits for quota unless told otherwise."""


class Collecting:
    """A folder in which waves are collected; `smstock.Workspace` says what its arguments are."""

    def __init__(self, folder: str | Path = ".", output: str | Path | None = None) -> None:
        root = arguments.path("folder", folder)
        self.folder = Folder(root, root if output is None else arguments.path("output", output))

    def __repr__(self) -> str:
        return f"Workspace({str(self.folder.root)!r}, output={str(self.folder.output)!r})"

    def plan(self, query: QueryReference, *, accounts: int = 1) -> Plan:
        """Return cells, calls and hours of a query, and every rule it breaks; nobody is asked.

        Where an earlier wave lies in the workspace, the calls are predicted from it.

        Parameters
        ----------
        query
            Name, path or `QuerySpec`.
        accounts
            Advertising accounts that share the calls.

        Raises
        ------
        QueryError
            There is no such query, or it is none.
        """
        from smstock.workflows.planning import plan

        spec = references.query(self.folder.root, query)
        waves = self.folder.waves_of(spec.name)
        earlier = self.folder.wave(waves[-1], f"{spec.name}.audience.parquet") if waves else None
        return plan(spec, today=datetime.now(UTC).date().isoformat(), accounts=accounts, earlier=earlier)

    def collect(
        self,
        query: QueryReference,
        *,
        recordings: str | Path | None = None,
        wave: str = "",
        again: str = "",
        patience: float = PATIENCE,
        on_progress: Callable[[Tally], object] = lambda _: None,
    ) -> Collected:
        """Collect a wave of a query; called again, it asks only what is still open.

        Parameters
        ----------
        query
            Name, path or `QuerySpec`.
        recordings
            A file or a folder of recorded answers to replay; the platform is asked unless given, with the credentials
            in the environment or in the user's file.
        wave
            Such as ``2026-11`` or ``2026-W47``; the present one, or the newest recorded, unless given.
        again
            ``refused``, ``failed`` or ``glitch``: cells that were settled so are asked anew.
        patience, on_progress
            Hours to wait for quota, half an hour at most for answers; what is called after every cell.

        Raises
        ------
        QueryError, RecordingError, CredentialError
            The query is refused, the recordings do not answer it, or no credential is at hand.
        QuotaError, PlatformError
            The platform stopped answering; what was answered is kept.
        BusyError
            Another run holds the folder.
        """
        from smstock.workflows.collection import collect, live

        spec = references.query(self.folder.root, query)
        replayed = None if recordings is None else arguments.path("recordings", recordings)
        wave, on_progress = arguments.text("wave", wave), arguments.callback("on_progress", on_progress)
        source = None if replayed else live(spec, patience=patience, wave=wave)
        with self.folder.lock():
            options: dict[str, Any] = {"wave": wave, "again": again, "on_progress": on_progress}
            options |= {"now": datetime.now(UTC), "patience": patience * 3600}
            return collect(spec, self.folder, recordings=replayed, source=source, **options)

    def merge(
        self, query: QueryReference, journals: Sequence[str | Path], *, wave: str = "", dry_run: bool = False
    ) -> Merging:
        """Merge waves that were collected apart into the one of this folder, each cell once; nobody is asked.

        Parameters
        ----------
        query
            Name, path or `QuerySpec`.
        journals
            Those of other folders, of the same query and wave; they are only read.
        wave
            Such as ``2026-11``: refuse journals of another one.
        dry_run
            Only find out what would become of each.

        Raises
        ------
        InputError
            A journal is of another query, wave or kind of source, or damaged; nothing is merged then.
        BusyError
            Another run holds the folder.
        """
        from smstock.workflows.merging import merge

        spec = references.query(self.folder.root, query)
        paths, wave = arguments.paths("journals", journals), arguments.text("wave", wave)
        # where there is no journal to hold, a trial needs no lock, and so makes none
        with nullcontext() if dry_run and not self.folder.begun(spec.name) else self.folder.lock():
            return merge(spec, self.folder, paths, wave=wave, dry_run=dry_run)

    def publish(self, url: str) -> Exchanged:
        """Publish inputs and results to a folder on object storage, ``s3://bucket/folder``.

        Raises
        ------
        SettingsError, CredentialError
            The extra ``cloud`` is missing, or no credential is at hand.
        InputError
            There is no such bucket, or somebody else published a file that this folder changed too.
        PlatformError
            The store does not answer, or somebody else publishes.
        """
        from smstock.workflows.publishing import publish

        return publish(self.folder, arguments.text("url", url))

    def fetch(self, url: str) -> Exchanged:
        """Fetch what was published to object storage; raises what `publish` raises."""
        from smstock.workflows.publishing import fetch

        return fetch(self.folder, arguments.text("url", url))
