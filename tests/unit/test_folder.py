from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from smstock.errors import BusyError, InputError
from smstock.folder import LOCK, Folder, write_atomically

if TYPE_CHECKING:
    from pathlib import Path


def test_a_file_in_the_place_of_a_folder_is_one_message(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("kept")
    for path in (file / "a.csv", file / "deeper" / "a.csv"):
        with pytest.raises(InputError, match="file is a file, not a folder"):
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


def test_a_step_may_hold_the_lock_of_its_run_and_another_run_may_not(tmp_path: Path) -> None:
    folder = Folder(tmp_path, tmp_path)

    def hold() -> None:
        with Folder(tmp_path, tmp_path).lock():
            pass

    with ThreadPoolExecutor(1) as another_run:
        with folder.lock():
            hold()
            with pytest.raises(BusyError):
                another_run.submit(hold).result()
        another_run.submit(hold).result()


def test_a_run_that_puts_nothing_into_a_folder_leaves_what_was_there(tmp_path: Path) -> None:
    folder = Folder(tmp_path, tmp_path / "new" / "made")
    for _ in range(2):
        with folder.lock(), folder.lock():
            assert (folder.output / LOCK).exists()
        assert list(tmp_path.iterdir()) == []
    with folder.lock():
        (folder.output / "waves").mkdir()
    assert {path.name for path in folder.output.iterdir()} == {LOCK, "waves"}
    (folder.output / "waves").rmdir()
    with folder.lock():
        pass
    assert [path.name for path in folder.output.iterdir()] == [LOCK]


def test_a_copy_of_a_wave_is_no_wave(tmp_path: Path) -> None:
    folder = Folder(tmp_path, tmp_path)
    for name in ("2020-10", "2020-10-backup", "old", "2020-09"):
        for kind in ("audience.parquet", "journal.sqlite"):
            path = folder.wave(name, f"q.{kind}")
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
    assert folder.waves_of("q") == folder.begun("q") == ["2020-09", "2020-10"]
