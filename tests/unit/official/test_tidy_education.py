"""Tidy files of stocks by education: an indicator of persons by level."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from smstock.errors import OfficialFileError
from smstock.official.readers import read_indicator, read_stock

if TYPE_CHECKING:
    from pathlib import Path

HEADER = (
    "provider,dataset,edition,concept,destination,origin,sex,age_min,age_max,education,reference_date,value,flags,"
    "retrieved_at\n"
)


def written(folder: Path, *levels: str) -> Path:
    path = folder / "schooling.csv"
    rows = [
        f"statat,register,2025,birth,AUT,SRB,all,25,64,{level},2024-01-01,{100 + row},,\n"
        for row, level in enumerate(levels)
    ]
    path.write_text(HEADER + "".join(rows), encoding="utf-8")
    return path


def test_levels_are_read_by_word_and_by_code(tmp_path: Path) -> None:
    table = read_indicator(written(tmp_path, "low", "isced3-4", "high", "unknown", ""))
    assert table["category"].tolist() == ["isced0-2", "isced3-4", "isced5-8", "unknown", ""]
    assert table[["area", "group", "unit"]].drop_duplicates().to_numpy().tolist() == [["AUT", "SRB", "persons"]]
    assert table["value"].tolist() == [100.0, 101.0, 102.0, 103.0, 104.0]


def test_a_level_that_is_none_is_named_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(OfficialFileError, match="'tertiary' is no level of education") as caught:
        read_indicator(written(tmp_path, "low", "tertiary"))
    assert "line 3" in str(caught.value.where)
    assert "low, medium, high" in str(caught.value.allowed)


def test_a_column_without_any_level_is_no_matter(tmp_path: Path) -> None:
    assert read_stock(written(tmp_path, ""))["value"].tolist() == [100.0]
