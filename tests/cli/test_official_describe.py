"""``smstock official describe``: looks, and drafts the sidecar of a table that nobody knows."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

from tests.cli import command

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

STOCK = command.REPOSITORY / "calibration/serbia/stock.csv"
OWN = "lives in,born in,year,persons\nDEU,SRB,2020,5\n"


def smstock(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return command.smstock("official", *arguments, columns=200)


def test_a_known_file_is_shown_and_nothing_written(tmp_path: Path) -> None:
    (record,) = json.loads(smstock("describe", shutil.copy(STOCK, tmp_path), "--json").stdout)
    assert (record["table"], record["concept"][0]) == ("stock", "birth")
    assert "columns" not in record


def test_a_draft_is_written_once_and_refuses_until_it_is_filled_in(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text(OWN)
    ended = smstock("describe", path)
    assert ended.returncode == 0
    assert "born in" in ended.stdout
    assert "wrote" in ended.stderr
    sidecar = tmp_path / "own.csv.origin.toml"
    text = sidecar.read_text()
    assert 'origin = "born in"' in text
    again = smstock("describe", path)
    assert again.returncode == 3
    assert "does not say yet: producer" in again.stderr
    assert sidecar.read_text() == text


def test_brackets_in_headings_and_texts_are_shown(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text("lives in,born in,year,persons [/b],remark\nDEU,SRB,2020,5,[bold]\n")
    ended = smstock("describe", path)
    assert ended.returncode == 0
    assert "persons [/b]" in ended.stdout
    assert "[bold]" in ended.stdout


def test_a_dry_run_prints_the_sidecar(tmp_path: Path) -> None:
    path = tmp_path / "own.csv"
    path.write_text(OWN)
    ended = smstock("describe", path, "--dry-run")
    assert ended.returncode == 0
    assert "[columns]" in ended.stdout
    assert list(tmp_path.iterdir()) == [path]
    (record,) = json.loads(smstock("describe", path, "--dry-run", "--json").stdout)
    assert [column["taken_as"] for column in record["columns"]] == ["destination", "origin", "year", "value"]


def test_of_several_files_those_refused_are_named(tmp_path: Path) -> None:
    (tmp_path / "flows.csv").write_text("orig,dest,year0,flow\nBDI,AFG,1990,4\n")
    ended = smstock("describe", shutil.copy(STOCK, tmp_path), tmp_path / "flows.csv")
    assert ended.returncode == 3
    assert "tidy CSV" in ended.stdout
    assert "seems to hold a flow" in ended.stderr
