"""The answers that the repository restates say the same as the recordings they were taken from."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pandas as pd
import pytest

from smstock.folder import Folder
from smstock.query.spec import load
from smstock.workflows import collect

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("wave", ["2020-09", "2020-10"])
def test_the_wave_is_the_same_from_the_restated_and_from_the_raw_answers(
    shared: Path, repository: Path, tmp_path: Path, wave: str
) -> None:
    query = load(repository / "queries/serbia-diaspora.toml")
    tables: list[pd.DataFrame] = []
    for recordings in (repository / "queries/recorded/serbia-diaspora", shared / "recordings"):
        place = Folder(repository, tmp_path / str(len(tables)))
        collected = collect(query, place, now=datetime(2026, 11, 22, tzinfo=UTC), recordings=recordings, wave=wave)
        tables.append(pd.read_parquet(collected.audience))
    pd.testing.assert_frame_equal(tables[0], tables[1])
    observed = tables[0][(tables[0]["metric"] == "mau") & (tables[0]["status"] == "observed")]
    assert len(observed) == {"2020-09": 42, "2020-10": 432}[wave]
