"""The wave before one that is collected: the values it had, and whether it was finished."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smstock import results
from smstock.errors import InputError
from smstock.folder import damaged, leave_aside
from smstock.platforms.known import platform
from smstock.vocabulary.dates import is_before
from smstock.vocabulary.status import QUOTA
from smstock.workflows.months import misdated
from smstock.workflows.waves import contradiction

if TYPE_CHECKING:
    from pathlib import Path

    from smstock.folder import Folder
    from smstock.query.spec import QuerySpec


def values_before(workspace: Folder, query: QuerySpec, wave: str) -> dict[str, float]:
    """Return the values of the last wave before this one, by request key: a sudden floor is asked again.

    A wave whose table cannot be used is named and left aside.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.folder import Folder
    >>> from smstock.query.spec import specify
    >>> query = specify({"name": "q", "platform": "meta", "origins": ["SRB"], "destinations": ["AUT"], "ages": "18+"})
    >>> values_before(Folder(Path("nowhere"), Path("nowhere")), query, "2026-11")
    {}
    """
    for earlier in reversed([known for known in workspace.waves_of(query.name) if is_before(known, wave)]):
        path = workspace.wave(earlier, f"{query.name}.audience.parquet")
        if misdated(path, earlier):
            continue
        try:
            return _values(path, query)
        except InputError as error:
            leave_aside(error, path)
    return {}


def unfinished_before(workspace: Folder, query: str, wave: str) -> str:
    """Return the wave before ``wave`` if its manifest counts cells that were not asked, empty otherwise.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.folder import Folder
    >>> unfinished_before(Folder(Path("nowhere"), Path("nowhere")), "q", "2026-11")
    ''
    """
    earlier = [known for known in workspace.waves_of(query) if is_before(known, wave)]
    if not earlier:
        return ""
    path = workspace.wave(earlier[-1], f"{query}.manifest.json")
    manifest = results.read(path)
    if manifest is None:
        how = f"`smstock collect {query} --wave {earlier[-1]}` writes it anew"
        missing = InputError(f"{path} is missing, or damaged", hint=how)
        table = workspace.wave(earlier[-1], f"{query}.audience.parquet")
        contradicted = contradiction(table)
        leave_aside(contradicted or missing, table if contradicted else path)
    statuses = manifest.about.get("statuses") if manifest else None
    return earlier[-1] if isinstance(statuses, dict) and statuses.get(QUOTA) else ""


def _values(path: Path, query: QuerySpec) -> dict[str, float]:
    """Return the values of an audience table, by request key."""
    import pyarrow.parquet as pq

    metric = platform(query.platform).metrics[0]
    values: dict[str, float] = {}
    try:
        if contradicted := contradiction(path):
            raise contradicted
        with pq.ParquetFile(path) as table:
            for batch in table.iter_batches(columns=["request_key", "metric", "value"]):
                piece = batch.to_pandas()
                piece = piece[(piece["metric"] == metric) & piece["value"].notna()]
                values.update(zip(piece["request_key"], piece["value"], strict=True))
    except (OSError, ValueError) as error:
        raise damaged(path, error) from None
    return values
