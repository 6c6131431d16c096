"""The calibration file: which official stock the audiences are learnt against, and from what.

::

    name = "serbia"
    stock = "serbia/stock.csv"          # paths are relative to this file
    provider = "undesa"
    edition = "2020"
    concepts = ["birth"]                # several only if they are meant to be taken together
    target_date = "2020-07-01"          # the benchmark to learn against
    known_until = "2015-07-01"          # the last official figure known when it was not out yet
    users = "serbia/users.csv"          # both optional: penetration rates
    population = "serbia/population.csv"
    metric = "mau"
    seed = 1
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from smstock.errors import ContractError

_Day = Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]


class CalibrationSpec(BaseModel):
    """What a calibration is made of; see the module for the file it is read from."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,60}$")]
    title: str = ""
    stock: Path
    provider: str
    edition: str
    concepts: Annotated[tuple[Literal["birth", "citizenship", "mixed"], ...], Field(min_length=1)]
    target_date: _Day
    known_until: _Day
    users: Path | None = None
    population: Path | None = None
    metric: Literal["mau", "dau", "total"] = "mau"
    seed: int = 1

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.known_until >= self.target_date:
            raise ValueError(f"known_until {self.known_until} is not before target_date {self.target_date}")
        if (self.users is None) != (self.population is None):
            raise ValueError("users and population go together: penetration is one over the other")
        return self

    def files(self) -> dict[str, Path]:
        """Return the data files by name."""
        files = {"stock": self.stock, "users": self.users, "population": self.population}
        return {name: path for name, path in files.items() if path is not None}


def load(path: Path) -> CalibrationSpec:
    """Return the calibration spec of a file, its paths resolved against the file's folder.

    Raises
    ------
    ContractError
        The file is no TOML, names an unknown key or value, or a file that is not there; every failure is listed.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
        for name in ("stock", "users", "population"):
            if isinstance(content.get(name), str):
                content[name] = path.parent / content[name]
        spec = CalibrationSpec.model_validate(content)
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8 text"
        raise ContractError(
            f"{path} cannot be read: {reason}", hint="name a calibration file, such as calibration/serbia.toml"
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise ContractError(f"not valid TOML: {error}", where=str(path), hint="mend the line named") from None
    except ValidationError as error:
        failures = "; ".join(
            f"{'.'.join(map(str, f['loc'])) or 'file'}: {f['msg']}" for f in error.errors(include_url=False)
        )
        raise ContractError(failures, where=str(path), allowed=", ".join(CalibrationSpec.model_fields)) from None
    missing = [f"{name} = {file}" for name, file in spec.files().items() if not file.is_file()]
    if missing:
        raise ContractError(
            f"there is no file {', '.join(missing)}", where=str(path), hint="paths are relative to the calibration file"
        )
    return spec
