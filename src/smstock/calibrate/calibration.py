"""A calibration: what was learnt of audiences and stocks, in one JSON file that a nowcast can be made from."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Self

from pydantic import TypeAdapter

from smstock.calibrate.learnt import Learnt
from smstock.calibrate.register import Register  # noqa: TC001 - read when a file is read
from smstock.calibrate.shares import LearntShares  # noqa: TC001 - read when a file is read
from smstock.errors import ContractError, UnknownNameError, UsageError
from smstock.models.methods import restored
from smstock.provenance import canonical_json, text_hash

if TYPE_CHECKING:
    from pathlib import Path

FORMAT = 8


@dataclass(frozen=True, kw_only=True)
class Calibration(Learnt):
    """What was learnt, and what it was learnt from.

    Attributes
    ----------
    name
        Name of the calibration spec.
    query, wave
        The audiences it was learnt from.
    origin_basis
        What makes an account one of an origin there (`smstock.tables.AUDIENCE`): one of another basis is of another
        population.
    provider, edition, concepts, target_date
        The official stock it was learnt against, and the day it is about.
    registers
        How corridors with a regular and fresh official series are estimated, one for each horizon that could be tested.
    shares
        How totals are divided by sex and age; None where the composition of too few corridors is known.
    schooling
        How totals are divided by education; None where too little is known.
    inputs
        SHA-256 of every input by name.
    versions, seed
        Versions of smstock and the libraries, and the seed of the folds.
    """

    name: str
    query: str
    wave: str
    provider: str
    edition: str
    concepts: tuple[str, ...]
    target_date: str
    inputs: dict[str, str]
    versions: dict[str, str]
    seed: int
    origin_basis: str = ""
    registers: tuple[Register, ...] = ()
    shares: LearntShares | None = None
    schooling: LearntShares | None = None

    @property
    def id(self) -> str:
        """Name and hash of the whole content: two calibrations of one id are the same."""
        return f"{self.name}-{text_hash(self.to_json())[:12]}"

    def register(self, horizon: int) -> Register | None:
        """Return how registers of a horizon (years) are estimated, None where none could be tested."""
        return next((register for register in self.registers if register.horizon == horizon), None)

    def to_json(self) -> str:
        """Return the calibration as canonical JSON, with the SHA-256 of its content: what is altered is told."""
        return self._json

    @cached_property
    def _json(self) -> str:
        content = {"format": FORMAT, **asdict(self)}
        return canonical_json({**content, "sha256": text_hash(canonical_json(content))})

    @classmethod
    def from_json(cls, text: str, where: Path | str) -> Self:
        """Return the calibration of a JSON text.

        Raises
        ------
        ContractError
            The text is no calibration, of another format, or not what smstock wrote.
        """
        try:
            content = json.loads(text)
            sha256, version = content.pop("sha256"), content["format"]
            if version == FORMAT and sha256 == text_hash(canonical_json(content)):
                methods = {name: restored(name, parameters) for name, parameters in content["methods"].items()}
                calibration = TypeAdapter(cls).validate_python({**content, "methods": methods})
                # what has more or fewer keys, or a text for a number, is not what is written of it again
                if json.loads(calibration.to_json()) == json.loads(text):
                    return calibration
        # pydantic's errors are ValueErrors
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError, UnknownNameError, UsageError):
            pass
        raise ContractError(
            f"{where} is no calibration of this smstock: another version made it, or it was altered",
            hint="make it anew with `smstock calibrate`",
        )
