"""How a query or a calibration is referred to: its name in the workspace, the path of a file, or the object."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, TypeGuard

from smstock.errors import ContractError, QueryError

if TYPE_CHECKING:
    from typing import TypeAlias

    from smstock.errors import SmstockError
    from smstock.query.spec import QuerySpec
    from smstock.workflows.calibration_spec import CalibrationSpec

    QueryReference: TypeAlias = str | Path | QuerySpec
    CalibrationReference: TypeAlias = str | Path | CalibrationSpec

_NAME = re.compile(r"[a-z0-9][a-z0-9-]*")


def query(root: Path, reference: QueryReference) -> QuerySpec:
    """Return the query; raise `QueryError` if there is none of that name, or the file or the object cannot be used."""
    from smstock.query.spec import QuerySpec, load, specify

    if isinstance(reference, QuerySpec):
        # a copy that was changed (`model_copy`) has not been looked at yet
        return specify(vars(reference), where=f"the query {reference.name}")
    return load(_file(root / "queries", reference, QueryError))


def query_name(root: Path, reference: QueryReference) -> str:
    """Return the name of a query; one that was collected before is known by its name, without a file.

    Examples
    --------
    >>> query_name(Path("here"), "serbia-diaspora")
    'serbia-diaspora'
    """
    return reference if _is_name(reference) else query(root, reference).name


def calibration(root: Path, reference: CalibrationReference) -> CalibrationSpec:
    """Return the calibration spec; raise `ContractError` if there is none of that name, or the file cannot be used."""
    from smstock.workflows.calibration_spec import CalibrationSpec, load

    if isinstance(reference, CalibrationSpec):
        return reference
    return load(_file(root / "calibration", reference, ContractError))


def _file(folder: Path, reference: str | Path, error: type[SmstockError]) -> Path:
    """Return the file of a name, or the path that was given in its place."""
    if not _is_name(reference):
        return Path(reference)
    path = folder / f"{reference}.toml"
    if not path.is_file():
        names = ", ".join(sorted(known.stem for known in folder.glob("*.toml")))
        raise error(
            f"there is no {reference!r}",
            where=str(folder),
            allowed=names or "none is written yet",
            hint="mend the name, or give the path of a file",
        )
    return path


def _is_name(reference: object) -> TypeGuard[str]:
    return isinstance(reference, str) and _NAME.fullmatch(reference) is not None
