"""Learning: audiences beside official stocks, every method cross-validated, the whole written to one JSON file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smstock.calibrate.calibration import Calibration
from smstock.errors import ContractError
from smstock.folder import write_file
from smstock.models.methods import libraries
from smstock.provenance import STATISTICS, versions

if TYPE_CHECKING:
    from collections.abc import Iterable

    from smstock.workflows.evidence import Evidence


def calibrate(evidence: Evidence) -> Calibration:
    """Return the calibration of a collected wave, and write it to the folder of the evidence.

    Raises
    ------
    ContractError
        A table breaks its contract, or holds a second concept or edition that the spec does not name.
    TooFewCellsError
        Too few corridors have both an audience and a stock.
    """
    import numpy as np

    from smstock.calibrate.learning import learn
    from smstock.calibrate.register_choice import learn_registers

    spec = evidence.spec
    learnt = learn(evidence.benchmark, np.random.default_rng(spec.seed))
    calibration = Calibration(
        name=spec.name,
        query=evidence.query,
        wave=evidence.wave,
        target_date=spec.target_date,
        inputs=evidence.inputs,
        versions=_versions(learnt.methods),
        seed=spec.seed,
        **spec.official(),
        **vars(learnt),
        registers=learn_registers(evidence.past, spec.target_date),
    )
    path, text = evidence.folder.calibration(spec.name), calibration.to_json()
    write_file(path, text)
    # as read back: the order of its entries decides the last digit of a sum
    return Calibration.from_json(text, path)


def on_file(evidence: Evidence) -> Calibration | None:
    """Return the calibration of the folder if it was made from these very inputs and versions, else None.

    One that is damaged or of another format is none either: whoever asks learns it anew.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.folder import Folder
    >>> from smstock.workflows.evidence import Evidence
    >>> from smstock.workflows.calibration_spec import CalibrationSpec
    >>> source = {"provider": "undesa", "edition": "2020", "concepts": ["birth"]}
    >>> dates = {"target_date": "2020-07-01", "known_until": "2015-07-01"}
    >>> spec = CalibrationSpec(name="serbia", stock=[Path("stock.csv")], **source, **dates)
    >>> nowhere = Folder(Path("nowhere"), Path("nowhere"))
    >>> on_file(Evidence(spec, nowhere, "q", "2026-11")) is None
    True
    """
    path = evidence.folder.calibration(evidence.spec.name)
    if not path.is_file():
        return None
    try:
        calibration = Calibration.from_json(path.read_text(encoding="utf-8", errors="replace"), path)
    except ContractError:
        return None
    same = calibration.inputs == evidence.inputs and calibration.versions == _versions(calibration.methods)
    return calibration if same else None


def _versions(methods: Iterable[str]) -> dict[str, str]:
    """Return the versions that what is learnt depends on: those of the libraries that the methods compute with."""
    return versions({*STATISTICS, *libraries(methods)})
