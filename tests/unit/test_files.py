"""Files that people name: what is no file, or too large to be held, is refused before it is read."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from smstock import files, toml
from smstock.errors import CredentialError, InputError, QueryError
from smstock.web import credentials
from smstock.workflows import calibration_spec


def test_a_sparse_file_is_refused_by_its_size(tmp_path: Path) -> None:
    path = tmp_path / "sparse.csv"
    with path.open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(InputError, match="1,099,511,627,776 bytes") as caught:
        files.content(path, 1 << 30, InputError)
    assert "1,073,741,824 bytes at most" in caught.value.allowed


@pytest.mark.skipif(sys.platform == "win32", reason="no named pipes there")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.toml"
    os.mkfifo(pipe)
    with pytest.raises(QueryError, match="is a pipe, no file"):
        toml.read(pipe, QueryError)
    with pytest.raises(CredentialError, match="is a pipe, no file"):
        credentials.credentials(
            credentials.CredentialForm("meta", {"token": ".*"}, ("token",), "any"),
            {"SMSTOCK_CREDENTIALS": str(pipe)},
            tmp_path,
        )


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no such device there")
def test_a_device_is_not_read() -> None:
    with pytest.raises(InputError, match="/dev/zero is a device, no file"):
        files.content(Path("/dev/zero"), 1 << 20, InputError)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is a folder, no file"):
        calibration_spec.load(tmp_path)


@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="no such files there")
def test_a_file_that_tells_no_size_is_bounded_as_it_is_read() -> None:
    path = Path("/proc/self/maps")
    assert path.stat().st_size == 0
    with pytest.raises(InputError, match="larger than what is read"):
        files.content(path, 100, InputError)
