"""``smstock backtest`` on the worked example, which has three dates of official figures and one wave."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.command import smstock

TEST = ("backtest", "calibration/serbia.toml", "--query", "serbia-diaspora")


@pytest.fixture(scope="module")
def collected(tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("backtest")
    recorded = "queries/recorded/serbia-diaspora"
    assert smstock("collect", "queries/serbia-diaspora.toml", "--replay", recorded, "-o", output).returncode == 0
    return output


def test_what_can_be_tested_is_and_what_cannot_is_named(collected: Path) -> None:
    ended = smstock(*TEST, "-o", collected)
    assert ended.returncode == 0, ended.stderr
    said = " ".join(ended.stdout.split())
    for words in ("carry forward", "raw audience", "known 6 months after", "Not tested.", "Log ratio", "no corridor"):
        assert words in said
    assert "nan" not in said.lower().split()
    assert (collected / "backtests/serbia.parquet").is_file()
    assert "written:" in ended.stderr


def test_json_holds_scores_bands_and_refusals(collected: Path) -> None:
    ended = smstock(*TEST, "-o", collected, "--json", "--target", "2020-07-01", "--score", "wmape")
    content = json.loads(ended.stdout)
    scores = {row["method"]: row for row in content["scores"]}
    assert scores["carry_forward"]["skill"] == 0
    assert scores["carry_forward"]["cells"] >= 40
    assert {row["size_band"] for row in content["by_size_band"]} >= {"1,000-9,999", ">=10,000"}
    assert {row["method"] for row in content["untested"]} >= {"log_ratio", "minora"}
    assert all(Path(file).is_file() for file in content["files"])


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--target", "2019-07-01"), 3, "no official figure for 2019-07-01"),
        (("--target", "soon"), 2, "soon"),
        (("--months-after", "12"), 3, "its official figures were out by"),
        (("--score", "r2"), 2, "rmsle"),
    ],
)
def test_what_cannot_be_done_is_one_message(collected: Path, words: tuple[str, ...], code: int, said: str) -> None:
    ended = smstock(*TEST, "-o", collected, *words)
    assert ended.returncode == code
    assert said in ended.stderr
    assert "Traceback" not in ended.stderr
