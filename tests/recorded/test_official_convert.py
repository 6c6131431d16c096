"""Tables of official files that are written as Parquet are those that are read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest
from tests.recorded.test_official_files import ASKS, READ, REFUSED

from smstock.errors import InputError, OfficialFileError
from smstock.official import readers

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from smstock.official.base import OfficialTable


@pytest.mark.parametrize("name", [*READ, *ASKS])
def test_each_table_that_is_read_is_written_row_for_row(
    described: Callable[[str], Path], official: Callable[[str], dict[str, OfficialTable]], name: str, tmp_path: Path
) -> None:
    tables = official(name)
    rows_of = readers.all_to_parquet(described(name), tmp_path.joinpath)
    assert rows_of == {table: len(reading.table) for table, reading in tables.items()}
    assert {path.name for path in tmp_path.iterdir()} == set(tables)
    for table, reading in tables.items():
        pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / table), reading.table)


@pytest.mark.parametrize("name", REFUSED)
def test_of_a_file_that_is_refused_nothing_is_written(shared: Path, name: str, tmp_path: Path) -> None:
    with pytest.raises(OfficialFileError, match=REFUSED[name]):
        readers.all_to_parquet(shared / "official" / name, tmp_path.joinpath)
    assert not list(tmp_path.iterdir())


def test_the_handed_files_are_written_as_they_are_read(shared: Path, tmp_path: Path) -> None:
    read = 0
    for path in sorted((shared / "cases" / "wild").glob("*")):
        folder = tmp_path / path.name
        try:
            tables = readers.read_all(path)
        except InputError as error:
            with pytest.raises(type(error)):
                readers.all_to_parquet(path, folder.joinpath)
            assert not folder.exists()
            continue
        assert set(readers.all_to_parquet(path, folder.joinpath)) == set(tables)
        for table, reading in tables.items():
            pd.testing.assert_frame_equal(pd.read_parquet(folder / table), reading.table)
        read += 1
    if not read:
        pytest.skip("the folder of real data has no cases")
