"""``smstock publish`` and ``smstock fetch``: the results of a folder, on object storage."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from smstock.cli.terminal import JsonOption, OutputOption, WorkspaceOption, note, show_json, workspace_at

if TYPE_CHECKING:
    from smstock.workflows.publishing import Exchanged

UrlArgument = Annotated[str, typer.Argument(help="Folder on object storage: s3://bucket/folder.")]


def publish(
    url: UrlArgument,
    workspace: WorkspaceOption = Path(),
    output: OutputOption = None,
    as_json: JsonOption = False,
) -> None:
    """Publish queries, official files, waves, calibrations and estimates to object storage.

    Credentials are those of AWS: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile; AWS_ENDPOINT_URL names
    another server than Amazon's.

    \b
    Example:
      smstock publish s3://office/migration
    """
    from smstock.workflows import publishing

    _show(publishing.publish(workspace_at(workspace, output), url), "published", as_json=as_json)


def fetch(
    url: UrlArgument,
    workspace: Annotated[
        Path | None,
        typer.Option(
            "--workspace", "-w", help="Folder for queries/, calibration/ and official/; that of --output unless given."
        ),
    ] = None,
    output: OutputOption = None,
    as_json: JsonOption = False,
) -> None:
    """Fetch what was published to object storage, all of it into an empty folder.

    A file that was changed both here and there is not replaced. smstock.toml is not published: each machine has its
    own.

    \b
    Example:
      smstock fetch s3://office/migration --output /srv/migration
    """
    from smstock.workflows import publishing

    _show(publishing.fetch(workspace_at(workspace or output or Path(), output), url), "fetched", as_json=as_json)


def _show(exchanged: Exchanged, done: str, *, as_json: bool) -> None:
    if as_json:
        show_json(asdict(exchanged))
        return
    for name in exchanged.changed:
        print(name)
    note(f"{len(exchanged.changed):,} of {exchanged.files:,} files {done}: {exchanged.url}")
