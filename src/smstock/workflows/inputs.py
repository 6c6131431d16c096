"""What calibrations and nowcasts are made from, read from where it lies, with its hashes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smstock.errors import InputError
from smstock.official import registry
from smstock.official.concept import single_concept
from smstock.provenance import file_hash, text_hash
from smstock.tables import AUDIENCE, check

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from smstock.workflows.calibration_spec import CalibrationSpec
    from smstock.workspace import Workspace


def audience_path(workspace: Workspace, query: str, wave: str) -> Path:
    """Return the path of a collected wave; raise `InputError` if it was not collected."""
    path = workspace.wave(wave, f"{query}.audience.parquet")
    if not path.is_file():
        known = ", ".join(workspace.waves_of(query)) or "none"
        raise InputError(
            f"{query} was not collected in {wave}",
            where=str(path),
            allowed=f"waves at hand: {known}",
            hint="collect it first",
        )
    return path


def newest_wave(workspace: Workspace, query: str) -> str:
    """Return the newest wave in which a query was collected; raise `InputError` if there is none."""
    waves = workspace.waves_of(query)
    if not waves:
        raise InputError(
            f"{query!r} was not collected yet",
            where=str(workspace.output / "waves"),
            hint="`smstock collect` it first, or mend the name",
        )
    return waves[-1]


def newest_journal(workspace: Workspace, query: str) -> str:
    """Return the newest wave that was begun for a query; raise `InputError` if there is none."""
    waves = sorted(path.parent.name for path in (workspace.output / "waves").glob(f"*/{query}.journal.sqlite"))
    if not waves:
        raise InputError(
            f"no collection of {query!r} was begun",
            where=str(workspace.output / "waves"),
            hint="mend the name, or collect",
        )
    return waves[-1]


def read_audience(workspace: Workspace, query: str, wave: str, metric: str) -> pd.DataFrame:
    """Return the audience table of a collected wave, one metric of it.

    Raises
    ------
    InputError
        The wave was not collected, holds no such metric, or its file is damaged.
    """
    import pandas as pd

    path = audience_path(workspace, query, wave)
    try:
        table = check(pd.read_parquet(path), AUDIENCE)
    except (OSError, ValueError) as error:
        raise InputError(
            f"{path} is damaged: {error}", hint="delete it and collect again; the journal still holds the answers"
        ) from None
    if metric not in set(table["metric"]):
        raise InputError(
            f"{path} holds no {metric}",
            allowed=", ".join(sorted(set(table["metric"]))),
            hint="mend metric in the calibration",
        )
    return table[table["metric"] == metric].reset_index(drop=True)


def read_stock(spec: CalibrationSpec) -> pd.DataFrame:
    """Return the stock table of a spec: its provider, edition and concepts, and nothing else."""
    stock = registry.read_stock(spec.stock)
    for column, wanted in (("provider", spec.provider), ("edition", spec.edition)):
        found = sorted(set(stock[column]))
        if wanted not in found:
            raise InputError(
                f"{spec.stock} holds no figure of {column} {wanted!r}",
                allowed=", ".join(found),
                hint=f"mend {column} in the calibration file",
            )
        stock = stock[stock[column] == wanted]
    return single_concept(stock.reset_index(drop=True), allowed=spec.concepts)


def read_denominators(spec: CalibrationSpec) -> tuple[pd.DataFrame | None, pd.DataFrame | None]:
    """Return users and population of a spec, None and None if it names none."""
    if spec.users is None or spec.population is None:
        return None, None
    return registry.read_users(spec.users), registry.read_population(spec.population)


def inputs_of(spec: CalibrationSpec, workspace: Workspace, query: str, wave: str) -> dict[str, str]:
    """Return the SHA-256 of everything a calibration depends on, by name."""
    content = spec.model_dump_json(exclude={"stock", "users", "population", "title"})
    files = {name: file_hash(path) for name, path in spec.files().items()}
    found = {"spec": text_hash(content), "audience": file_hash(audience_path(workspace, query, wave)), **files}
    return dict(sorted(found.items()))
