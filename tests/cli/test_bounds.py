"""What is too large, is no file, or stands wrongly in the environment ends a command in one message and its code."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest
from tests.cli.command import smstock

if TYPE_CHECKING:
    from pathlib import Path

QUERY = 'name = "q"\nplatform = "meta"\norigins = ["SRB"]\ndestinations = ["AUT"]\nages = "18+"\n'


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("HTTPS_PROXY", "http://user:Tr0ub4dor@proxy.example:port"),
        ("all_proxy", "gopher://user:Tr0ub4dor@proxy.example"),
        ("SSL_CERT_FILE", "nowhere.pem"),
        ("SMSTOCK_META_URL", "https://user:Tr0ub4dor@127.0.0.1:1"),
        ("SMSTOCK_META_URL", "http://127.0.0.1:99999"),
    ],
)
def test_the_environment_is_refused_before_the_first_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    (tmp_path / "q.toml").write_text(QUERY)
    monkeypatch.setenv("SMSTOCK_META_TOKEN", "EAAB1")
    monkeypatch.setenv("SMSTOCK_META_ACCOUNT", "1")
    monkeypatch.setenv(variable, value)
    ended = smstock("collect", tmp_path / "q.toml", "--workspace", tmp_path)
    assert ended.returncode == 2
    assert variable in ended.stderr
    assert "Tr0ub4dor" not in ended.stderr + ended.stdout


def test_a_query_of_too_many_cells_tells_their_number(tmp_path: Path) -> None:
    groups = "".join(f'g{number} = ["alum"]\n' for number in range(12_000))
    text = QUERY.replace('["SRB"]', '["meta-origins"]').replace('["AUT"]', '["eu27"]')
    (tmp_path / "q.toml").write_text(f'{text}breakdowns = [["education"]]\n[education]\n{groups}')
    for command in ("plan", "collect"):
        ended = smstock(command, tmp_path / "q.toml", "--workspace", tmp_path)
        assert ended.returncode == 3
        assert "20,000,000 at most" in " ".join(ended.stderr.split())


@pytest.mark.skipif(sys.platform == "win32", reason="no named pipes there")
def test_a_pipe_in_place_of_a_file_is_not_waited_for(tmp_path: Path) -> None:
    pipe = tmp_path / "stock.csv"
    os.mkfifo(pipe)
    for arguments in (("official", "check", pipe), ("plan", pipe)):
        ended = smstock(*arguments)
        assert ended.returncode == 3
        assert "is a pipe, no file" in " ".join(ended.stderr.split())
