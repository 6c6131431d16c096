"""Estimates that cannot be divided by age: typed, that is a mistake; in a calibration file, the month is published."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

import smstock
from smstock.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def workspace(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> smstock.Workspace:
    root = tmp_path_factory.mktemp("office")
    for name in ("queries", "calibration"):
        shutil.copytree(repository / name, root / name)
    calibration = root / "calibration/serbia.toml"
    calibration.write_text(calibration.read_text(encoding="utf-8") + 'by = ["sex", "age"]\n', encoding="utf-8")
    front = smstock.Workspace(root)
    front.collect("serbia-diaspora", recordings=root / "queries/recorded/serbia-diaspora")
    return front


def test_a_month_is_published_undivided_and_says_why(workspace: smstock.Workspace) -> None:
    nowcast = workspace.nowcast("serbia", query="serbia-diaspora")
    assert len(nowcast.estimates) > 100
    assert nowcast.detail.empty
    (notice,) = [notice for notice in nowcast.notices if notice.startswith("not divided by sex and age")]
    assert "official composition" in notice


def test_what_is_typed_and_cannot_be_done_is_refused(workspace: smstock.Workspace) -> None:
    with pytest.raises(UsageError, match="official composition by sex and age of too few corridors"):
        workspace.nowcast("serbia", query="serbia-diaspora", by=("age",))
    with pytest.raises(UsageError, match="not divided by income"):
        workspace.nowcast("serbia", query="serbia-diaspora", by=("income",))
