from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from smstock.errors import InputError
from smstock.folder import Folder, write_atomically

if TYPE_CHECKING:
    from pathlib import Path


def test_a_file_in_the_place_of_a_folder_is_one_message(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("kept")
    for path in (file / "a.csv", file / "deeper" / "a.csv"):
        with pytest.raises(InputError, match=r"a\.csv cannot be written"):
            write_atomically(path, lambda partial: partial.write_text("new"))
    for output in (file, file / "deeper"):
        with pytest.raises(InputError, match="can be no folder"), Folder(tmp_path, output).lock():
            pass
    assert file.read_text() == "kept"


def test_a_failed_write_leaves_what_was_there(tmp_path: Path) -> None:
    def fails(partial: Path) -> None:
        partial.write_text("half")
        raise OSError(28, "No space left on device")

    (tmp_path / "a.csv").write_text("old")
    with pytest.raises(InputError, match="No space left"):
        write_atomically(tmp_path / "a.csv", fails)
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]
    assert (tmp_path / "a.csv").read_text() == "old"
