"""The page on Python does what it says, from top to bottom, in a script and in a notebook."""

from __future__ import annotations

import asyncio
import re
from inspect import getmembers, isfunction
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest

from smstock.tables import AUDIENCE, ESTIMATE, STOCK, check
from smstock.workflows.workspace import Workspace

if TYPE_CHECKING:
    from pathlib import Path


pytestmark = pytest.mark.slow  # the month, a back-test and a profile: half a minute


@pytest.fixture(scope="module")
def page(repository: Path) -> str:
    return (repository / "docs" / "python.md").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def names(page: str, repository: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the code of the page leaves behind, run in a folder that is a copy of the worked example."""
    place = tmp_path_factory.mktemp("page")
    for name in ("queries", "calibration", "smstock.toml"):
        (place / name).symlink_to(repository / name)
    left_behind: dict[str, Any] = {}

    async def in_a_notebook(code: str) -> None:
        exec(code, left_behind)

    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(place)
        for section in page.split("\n## "):
            for code in re.findall(r"^```python\n(.*?)^```", section, re.MULTILINE | re.DOTALL):
                if section.startswith("In a notebook"):
                    asyncio.run(in_a_notebook(code))
                else:
                    exec(code, left_behind)
    return left_behind


def test_the_month_takes_ten_lines(page: str) -> None:
    month = page.partition("```python\n")[2].partition("```")[0]
    assert len([line for line in month.splitlines() if line]) <= 10


def test_tables_keep_their_contracts(names: dict[str, Any]) -> None:
    for table, contract in (
        (names["audience"], AUDIENCE),
        (names["nowcast"].estimates, ESTIMATE),
        (names["tables"]["stock"], STOCK),
    ):
        pd.testing.assert_frame_equal(table, check(table, contract))
        assert len(table)


def test_the_largest_destinations_are_germany_and_austria(names: dict[str, Any]) -> None:
    assert names["largest"]["destination"].to_list()[:2] == ["DEU", "AUT"]


def test_the_month_of_the_job_finds_everything_done(names: dict[str, Any]) -> None:
    month = names["month"]
    assert not month.learnt
    pd.testing.assert_frame_equal(month.nowcast.estimates, names["nowcast"].estimates)
    assert month.page in names["nowcast"].files


def test_a_wave_collected_in_a_notebook_asks_only_what_is_open(names: dict[str, Any]) -> None:
    assert names["again"].tally.asked == 0
    assert names["again"].tally.settled == names["collected"].tally.settled > 0


def test_every_method_is_listed_and_used(page: str) -> None:
    methods = {name for name, of in getmembers(Workspace, isfunction) if not name.startswith("_")}
    listed = [name for row in re.findall(r"^\| (`.*?) \|", page, re.MULTILINE) for name in re.findall(r"`(\w+)\(", row)]
    assert sorted(listed) == sorted(methods)
    assert [name for name in methods if f"workspace.{name}(" not in page] == []
