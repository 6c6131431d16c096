"""The worked example, audiences of October 2020 beside UN DESA's stock of that year: task S1."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from benchmarks.accuracy import scoreboard

from smstock.folder import Folder
from smstock.models.methods import METHODS
from smstock.query import spec as query_spec
from smstock.workflows import calibration_spec, collect
from smstock.workflows.evidence import Evidence

if TYPE_CHECKING:
    import pandas as pd

REPOSITORY: Final = Path(__file__).parents[2]


def show() -> None:
    """Print the scores of every method on the people from Serbia, destinations left out."""
    scoreboard.cross_validated("S1: Serbia 2020, UN DESA of 2015", serbia(), METHODS)


def serbia() -> pd.DataFrame:
    """Return the corridors that the worked example is calibrated on, from the recorded answers."""
    query = query_spec.load(REPOSITORY / "queries/serbia-diaspora.toml")
    spec = calibration_spec.load(REPOSITORY / "calibration/serbia.toml")
    with TemporaryDirectory() as name:
        folder = Folder(REPOSITORY, Path(name))
        recordings = REPOSITORY / "queries/recorded/serbia-diaspora"
        wave = collect(query, folder, now=datetime.now(UTC), recordings=recordings).wave
        return Evidence(spec, folder, query.name, wave).benchmark
