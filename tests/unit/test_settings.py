"""``[compute]`` in smstock.toml: what is written, what is allowed, and that what is asked for wins."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from smstock.compute import Compute
from smstock.errors import SettingsError
from smstock.settings import compute, jobs

if TYPE_CHECKING:
    from pathlib import Path

JOB = '[job.x]\nquery = "q.toml"\ncalibration = "c.toml"\n'
REMOTE = '[compute]\nbackend = "dask"\naddress = "tcp://10.0.0.5:8786"\n'


@pytest.mark.parametrize(
    ("text", "asked", "expected"),
    [
        ("", None, Compute()),
        (JOB, None, Compute()),
        (JOB, 3, Compute(3)),
        ("[compute]\njobs = 4\n", None, Compute(4)),
        ('[compute]\nbackend = "threading"\n', None, Compute(-1, "threading")),
        (JOB + REMOTE, None, Compute(-1, "dask", "tcp://10.0.0.5:8786")),
        (REMOTE, 1, Compute(1, "dask", "tcp://10.0.0.5:8786")),
    ],
)
def test_what_is_written_counts_unless_jobs_are_asked_for(
    tmp_path: Path, text: str, asked: int | None, expected: Compute
) -> None:
    (tmp_path / "smstock.toml").write_text(text)
    assert compute(tmp_path, asked) == expected
    assert set(jobs(tmp_path)) == ({"x"} if JOB in text else set())


def test_without_a_file_one_process_works(tmp_path: Path) -> None:
    assert compute(tmp_path) == Compute()
    assert compute(tmp_path, -1) == Compute(-1)


@pytest.mark.parametrize(
    ("text", "what", "allowed"),
    [
        ("jobs = 0", "jobs of [compute] is 0", "a whole number, -1 to 1024, not 0"),
        ("jobs = true", "jobs of [compute] is True", "-1 to 1024"),
        ("jobs = 1025", "jobs of [compute] is 1025", "-1 to 1024"),
        ('jobs = "2"', "jobs of [compute] is '2'", "-1 to 1024"),
        ('backend = "slurm"', "backend of [compute] is 'slurm'", "loky, threading, dask, ray, spark"),
        ("backend = []", "backend of [compute] is []", "loky, threading, dask, ray, spark"),
        ('backend = "ray"\naddress = 5', "address of [compute] is 5", "the address of the cluster of dask, ray, spark"),
        (
            'address = "tcp://x:1"',
            "[compute] has an address, and the backend 'loky' has none",
            "beside dask, ray, spark",
        ),
        ('adress = "x"', "[compute] is not understood: adress", "jobs, backend, address"),
    ],
)
def test_what_is_not_allowed_is_told_with_what_is(tmp_path: Path, text: str, what: str, allowed: str) -> None:
    (tmp_path / "smstock.toml").write_text(f"[compute]\n{text}\n")
    with pytest.raises(SettingsError) as refused:
        compute(tmp_path)
    assert refused.value.what == what
    assert allowed in refused.value.allowed
    assert refused.value.where == str(tmp_path / "smstock.toml")


def test_a_table_of_another_name_is_refused(tmp_path: Path) -> None:
    (tmp_path / "smstock.toml").write_text("[computer]\njobs = 2\n")
    with pytest.raises(SettingsError, match="unknown table computer") as refused:
        compute(tmp_path)
    assert refused.value.hint == "did you mean compute?"


def test_a_password_in_an_address_is_refused_and_not_repeated(tmp_path: Path) -> None:
    (tmp_path / "smstock.toml").write_text('[compute]\nbackend = "dask"\naddress = "tcp://user:SEKRET@10.0.0.5:1"\n')
    with pytest.raises(SettingsError, match="holds a name or a password") as refusal:
        compute(tmp_path)
    assert "SEKRET" not in str(refusal.value)
