"""A calibration: what was learnt of audiences and stocks, in one JSON file that a nowcast can be made from."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from math import inf
from typing import TYPE_CHECKING, Any, Self

from smstock.calibrate.common_error import CommonError
from smstock.calibrate.register import Register
from smstock.errors import ContractError
from smstock.models.methods import restored
from smstock.provenance import canonical_json, text_hash

if TYPE_CHECKING:
    from pathlib import Path

    from smstock.models.base import Method

FORMAT = 5
Record = dict[str, Any]


@dataclass(frozen=True)
class Calibration:
    """Methods with their parameters, their measured errors, and what they were learnt from.

    Attributes
    ----------
    name
        Name of the calibration spec.
    query, wave
        The audiences it was learnt from.
    provider, edition, concepts, target_date
        The official stock it was learnt against, and the day it is about.
    methods
        Parameters of each method by name.
    scores
        Cross-validated scores: one record a method and kind of cell (all: totals; sex: women and men; large, small:
        totals from and below 10,000 persons), on the cells all methods share.
    widths
        Half width (log scale) of the intervals: method -> kind (all, sex) -> level; None where errors were too few.
    band_widths
        The same by size band of the estimate: method -> kind -> level -> band. A band without enough cells is left out.
    ranking
        Methods from the least cross-validated RMSLE up; the first one a corridor has the data for estimates it.
    sex_sources
        Sources of sex ratios, the most accurate first.
    errors_of_ratios
        How far each source of a sex ratio was from the official one.
    lag
        Median years between the benchmark and the last official figure before it.
    cells
        Corridors (both sexes) that were cross-validated.
    inputs
        SHA-256 of every input by name.
    versions, seed
        Versions of smstock and the libraries, and the seed of the folds.
    registers
        How corridors with a regular and fresh official series are estimated: record of
        `smstock.calibrate.register.Register` by horizon (years). Empty where no such series could be tested.
    common
        Shares of `smstock.calibrate.common_error.CommonError` by name: what cross-validated errors of the method chosen
        have in common. Empty where nothing was learnt.
    lacking
        Columns that methods read and the corridors learnt from did not have.
    """

    name: str
    query: str
    wave: str
    provider: str
    edition: str
    concepts: tuple[str, ...]
    target_date: str
    methods: dict[str, dict[str, Any]]
    scores: list[dict[str, Any]]
    widths: dict[str, dict[str, dict[str, float | None]]]
    ranking: tuple[str, ...]
    sex_sources: tuple[str, ...]
    errors_of_ratios: list[dict[str, Any]]
    lag: float
    cells: int
    inputs: dict[str, str]
    versions: dict[str, str]
    seed: int
    band_widths: dict[str, dict[str, dict[str, dict[str, float]]]] = field(default_factory=dict)
    registers: dict[str, Record] = field(default_factory=dict)
    common: dict[str, float] = field(default_factory=dict)
    lacking: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """Name and hash of the whole content: two calibrations of one id are the same."""
        return f"{self.name}-{text_hash(self.to_json())[:12]}"

    def fitted(self, name: str) -> Method:
        """Return a method with its parameters; raise `UnknownNameError` for one that smstock does not know."""
        return restored(name, self.methods[name])

    def width(self, name: str, kind: str, level: int, band: str = "") -> float:
        """Return the half width of a method's interval on the log scale; inf where errors were too few.

        ``band`` is the size band of the estimate (`smstock.models.conformal.band`); without one, or where the band had
        too few cells, the width is that of all sizes.
        """
        width = self.band_widths.get(name, {}).get(kind, {}).get(str(level), {}).get(band)
        if width is None:
            width = self.widths.get(name, {}).get(kind, {}).get(str(level))
        return inf if width is None else width

    def register(self, horizon: int) -> Register | None:
        """Return how registers of a horizon (years) are estimated, None where none could be tested."""
        record = self.registers.get(str(horizon))
        return None if record is None else Register(**record)

    def common_error(self) -> CommonError:
        """Return what errors of corridors have in common."""
        return CommonError(**self.common)

    def to_json(self) -> str:
        """Return the calibration as canonical JSON, with the SHA-256 of its content: what is altered is told."""
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
            written = content.pop("sha256")
            whole = written == text_hash(canonical_json(content))
            made = content.pop("format")
            for name in ("concepts", "ranking", "sex_sources", "lacking"):
                content[name] = tuple(content[name])
            found = cls(**content) if made == FORMAT and whole else None
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            found = None
        if found is None:
            raise ContractError(
                f"{where} is no calibration of this smstock: another version made it, or it was altered",
                hint="make it anew with `smstock calibrate`",
            )
        return found
