"""Learning: audiences beside official stocks, every method cross-validated, the whole written to one JSON file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from smstock.calibrate.calibration import Calibration
from smstock.compute import ALONE, one_thread
from smstock.errors import ContractError, QueryError
from smstock.folder import write_file
from smstock.models.methods import libraries
from smstock.provenance import STATISTICS, versions

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from smstock.calibrate.shares import LearntShares
    from smstock.compute import Compute
    from smstock.workflows.evidence import Evidence


@dataclass(frozen=True)
class Learning:
    """A calibration, whether it was made anew, and a notice where the one on file is of more or another basis."""

    calibration: Calibration
    anew: bool
    notice: str = ""


def calibrate(evidence: Evidence, compute: Compute = ALONE) -> Calibration:
    """Return the calibration of a collected wave, and write it to the folder of the evidence.

    What is left out in turn is spread over the workers of ``compute``.

    Raises
    ------
    IncompleteError
        More cells of the wave are open than its query allows.
    ContractError
        A table breaks its contract, or holds a second concept or edition that the spec does not name.
    TooFewCellsError
        Too few corridors have both an audience and a stock.
    """
    calibration = _learn(evidence, compute)
    return _written(calibration, evidence)


def settled(evidence: Evidence, compute: Compute = ALONE) -> Learning:
    """Return the calibration of the folder if it fits, else one that is made anew and written.

    One on file that was learnt on the same official stock and basis of origin from more corridors with an audience is
    kept: an outage, or a query that lost its destinations, would replace a good calibration by a poor one.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.folder import Folder
    >>> from smstock.workflows.evidence import Evidence
    >>> from smstock.workflows.calibration_spec import CalibrationSpec
    >>> source = {"provider": "undesa", "edition": "2020", "concepts": ["birth"]}
    >>> dates = {"target_date": "2020-07-01", "known_until": "2015-07-01"}
    >>> spec = CalibrationSpec(name="serbia", stock=[Path("stock.csv")], **source, **dates)
    >>> settled(Evidence(spec, Folder(Path("nowhere"), Path("nowhere")), "q", "2026-11"))
    Traceback (most recent call last):
    smstock.errors.OfficialFileError: stock.csv does not exist
      next:    mend the path
    """
    if fitting := on_file(evidence):
        return Learning(fitting, anew=False)
    calibration, known = _learn(evidence, compute), of_file(evidence.folder.calibration(evidence.spec.name))
    notice = fewer_audiences(calibration, known)
    if known and notice:
        return Learning(known, anew=False, notice=f"{notice}; it is kept, `smstock calibrate` replaces it")
    return Learning(_written(calibration, evidence), anew=True, notice=another_basis(calibration, known))


def _written(calibration: Calibration, evidence: Evidence) -> Calibration:
    """Write a calibration, and return it as read back: the order of its entries decides the last digit of a sum."""
    path, text = evidence.folder.calibration(calibration.name), calibration.to_json()
    write_file(path, text)
    return Calibration.from_json(text, path)


def _learn(evidence: Evidence, compute: Compute) -> Calibration:
    compute.prepare("smstock.calibrate.learning")
    import numpy as np

    from smstock.calibrate.learning import learn
    from smstock.calibrate.register_choice import learn_registers

    # nothing is learnt from a wave that lacks more than its query allows
    spec, _ = evidence.spec, evidence.lack
    benchmark = evidence.benchmark
    # fits and weights outside the work that is spread, too
    with one_thread():
        learnt = learn(benchmark, np.random.default_rng(spec.seed), compute)
        shares = _shares(evidence, compute)
        schooling = _schooling(evidence, compute)
    return Calibration(
        name=spec.name,
        query=evidence.query,
        wave=evidence.wave,
        target_date=spec.target_date,
        origin_basis=evidence.origin_basis,
        inputs=evidence.inputs,
        versions=_versions(learnt.methods),
        seed=spec.seed,
        **spec.official(),
        **vars(learnt),
        registers=learn_registers(evidence.past, spec.target_date, beside=evidence.beside, compute=compute),
        shares=shares,
        schooling=schooling,
    )


def _shares(evidence: Evidence, compute: Compute) -> LearntShares | None:
    """Return how totals are divided by age; None where nothing is known of ages.

    Nothing is learnt of age groups that are no composition either: whoever asks for estimates by them is told.
    """
    from smstock.calibrate.shares import learn_shares

    if not evidence.official_by_age:
        return None
    try:
        groups = evidence.groups_benchmark
    except QueryError:
        return None
    return learn_shares(groups, compute)


def _schooling(evidence: Evidence, compute: Compute) -> LearntShares | None:
    """Return how totals are divided by education; None where the spec names no figures of it."""
    from smstock.calibrate.shares import learn_schooling

    return learn_schooling(evidence.schooling_benchmark, compute) if evidence.spec.education else None


def fewer_audiences(calibration: Calibration, known: Calibration | None) -> str:
    """Say that a calibration was learnt from fewer audiences than the one on file on the same basis; empty if not.

    Examples
    --------
    >>> stock = {"provider": "undesa", "edition": "2020", "concepts": ("birth",), "target_date": "2020-07-01"}
    >>> made_of = {"name": "c", "query": "q", "inputs": {}, "versions": {}, "seed": 1}
    >>> good = Calibration(wave="2026-10", audiences=31, **stock, **made_of)
    >>> fewer_audiences(Calibration(wave="2026-11", audiences=0, **stock, **made_of), good)
    'the wave 2026-11 has 0 corridors with an audience to learn from, the calibration on file, of 2026-10, had 31'
    """
    if known is None:
        return ""
    one, other = (
        (made.provider, made.edition, made.concepts, made.target_date, made.origin_basis)
        for made in (calibration, known)
    )
    if one != other or calibration.audiences >= known.audiences:
        return ""
    return (
        f"the wave {calibration.wave} has {calibration.audiences:,} corridors with an audience to learn from, the "
        f"calibration on file, of {known.wave}, had {known.audiences:,}"
    )


def another_basis(calibration: Calibration, known: Calibration | None) -> str:
    """Say that a calibration was learnt on another basis of origin than the one on file; empty if not.

    Examples
    --------
    >>> stock = {"provider": "undesa", "edition": "2020", "concepts": ("birth",), "target_date": "2020-07-01"}
    >>> made_of = {"name": "c", "query": "q", "wave": "2026-11", "inputs": {}, "versions": {}, "seed": 1, **stock}
    >>> another_basis(Calibration(origin_basis="language", **made_of), Calibration(origin_basis="lived_in", **made_of))
    'the calibration on file was learnt on origins by lived_in, this one on origins by language: another population'
    """
    if known is None or not known.origin_basis or known.origin_basis == calibration.origin_basis:
        return ""
    return (
        f"the calibration on file was learnt on origins by {known.origin_basis}, this one on origins by "
        f"{calibration.origin_basis}: another population"
    )


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
    calibration = of_file(evidence.folder.calibration(evidence.spec.name))
    if calibration is None:
        return None
    same = calibration.inputs == evidence.inputs and calibration.versions == _versions(calibration.methods)
    return calibration if same else None


def of_file(path: Path) -> Calibration | None:
    """Return the calibration of a file, None if there is none of this format.

    Examples
    --------
    >>> from pathlib import Path
    >>> of_file(Path("nowhere.json")) is None
    True
    """
    if not path.is_file():
        return None
    try:
        return Calibration.from_json(path.read_text(encoding="utf-8", errors="replace"), path)
    except ContractError:
        return None


def _versions(methods: Iterable[str]) -> dict[str, str]:
    """Return the versions that what is learnt depends on: those of the libraries that the methods compute with."""
    return versions({*STATISTICS, *libraries(methods)})
