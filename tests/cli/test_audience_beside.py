"""``smstock audience --beside`` as a person types it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from tests.cli.command import smstock

from smstock.folder import Folder
from smstock.tables import AUDIENCE, check

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """People from Poland in three countries by where they lived and, half as many again, by language."""
    fixed: dict[str, Any] = dict.fromkeys(AUDIENCE.names, "")
    fixed |= {"platform": "meta", "metric": "mau", "origin": "POL", "sex": "all", "age_min": 18, "age_max": None}
    fixed |= {"location_basis": "default", "placements": "all", "status": "observed", "wave": "2026-11"}
    path = Folder(tmp_path, tmp_path).wave("2026-11", "poland.audience.parquet")
    path.parent.mkdir(parents=True)
    for name, basis, factor in (("poland", "lived_in", 1.0), ("poland-language", "language", 1.5)):
        rows = [
            fixed | {"destination": area, "value": value * factor, "lower": value * factor, "upper": value * factor}
            for area, value in {"DEU": 90_000.0, "AUT": 9_000.0, "NLD": 20_000.0}.items()
        ]
        table = check(pd.DataFrame(rows).assign(origin_basis=basis), AUDIENCE)
        table.to_parquet(path.with_name(f"{name}.audience.parquet"), index=False)
    return tmp_path


def test_accounts_by_language_stand_beside_those_by_where_they_lived(workspace: Path) -> None:
    result = smstock("audience", "poland", "--beside", "poland-language", "--workspace", workspace)
    assert result.returncode == 0
    assert "poland-language (by language) beside poland (by lived_in), mau" in result.stdout
    assert ["Poland", "3", "1", "1.50", "1.50", "to", "1.50", "0", "%"] in [
        line.split() for line in result.stdout.splitlines()
    ]


def test_the_comparison_is_printed_for_machines(workspace: Path) -> None:
    result = smstock("audience", "poland", "--beside", "poland-language", "--json", "--workspace", workspace)
    compared = json.loads(result.stdout)
    assert compared["beside"] == {"name": "poland-language", "origin_basis": "language"}
    assert [(row["origin"], row["corridors"], row["sd_waves"]) for row in compared["origins"]] == [
        ("POL", 3, None), ("", 3, None),
    ]  # fmt: skip


def test_a_comparison_draws_no_corridor(workspace: Path) -> None:
    words = ("--beside", "poland-language", "--corridor", "POL:DEU", "--workspace", workspace)
    result = smstock("audience", "poland", *words)
    assert result.returncode == 2
    assert "--beside compares all corridors" in result.stderr
