from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pandas as pd

from smstock.collect import recording
from smstock.collect.journal import Journal
from smstock.folder import Folder
from smstock.query.spec import load
from smstock.workflows import collect

if TYPE_CHECKING:
    from pathlib import Path


def test_a_recorded_wave_replayed_elsewhere_is_the_same_wave(repository: Path, tmp_path: Path) -> None:
    query = load(repository / "queries/serbia-diaspora.toml").model_copy(update={"destinations": ("AUT", "ISL", "XKX")})
    first, second = Folder(repository, tmp_path / "first"), Folder(repository, tmp_path / "second")
    now = datetime(2026, 11, 22, tzinfo=UTC)
    wave = collect(query, first, now=now, recordings=repository / "queries/recorded/serbia-diaspora")
    (tmp_path / "recorded").mkdir()
    with Journal.open(first.wave(wave.wave, f"{query.name}.journal.sqlite")) as journal:
        assert recording.write(journal, tmp_path / "recorded/answers.jsonl.gz") == len(journal)
        recording.write(journal, tmp_path / "again.jsonl.gz")
    assert (tmp_path / "again.jsonl.gz").read_bytes() == (tmp_path / "recorded/answers.jsonl.gz").read_bytes()
    again = collect(query, second, now=now, recordings=tmp_path / "recorded")
    pd.testing.assert_frame_equal(pd.read_parquet(wave.audience), pd.read_parquet(again.audience))
