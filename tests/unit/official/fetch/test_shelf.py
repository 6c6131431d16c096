from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from smstock.official import sidecar
from smstock.official.fetch.download import Download, Source
from smstock.official.fetch.shelf import is_kept, place, store

if TYPE_CHECKING:
    import pytest

TODAY = date(2026, 11, 22)


@given(st.text(min_size=1, alphabet=st.characters(codec="utf-8", exclude_characters="\x7f")))
def test_a_sidecar_holds_any_text(tmp_path_factory: pytest.TempPathFactory, title: str) -> None:
    download = Download("oecd", "a.csv", 'https://example.org/?a="b"', "csv", Source("OECD", title, "terms"))
    path = place(tmp_path_factory.mktemp("official"), download)
    store(path, b"DATAFLOW,", download, today=TODAY)
    origin = sidecar.read(path)
    assert origin is not None
    assert (origin.title, origin.url) == (title, download.url)
    assert is_kept(path, download, today=TODAY, days=1)
