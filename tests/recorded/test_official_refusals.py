"""Every other real file of a provider is refused in one message that says what it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from smstock.errors import OfficialFileError
from smstock.official import registry

if TYPE_CHECKING:
    from pathlib import Path

READ = (
    "undesa_pd_2020_ims_stock_by_sex_and_destination.xlsx",
    "undesa_pd_2024_ims_stock_by_sex_and_destination.xlsx",
    "TESTFIXTURE_mini_2020_destination_and_origin_layout.xlsx",
)


def test_files_of_other_layouts_are_refused_by_what_is_in_them(shared: Path) -> None:
    files = [path for path in sorted((shared / "official").rglob("*")) if path.is_file() and path.name not in READ]
    assert len(files) > 50
    for path in files:
        with pytest.raises(OfficialFileError, match="holds no stock table in a layout that is read") as caught:
            registry.read_stock(path)
        assert str(path) in caught.value.what
        assert caught.value.where.startswith(("found text whose first line is: ", "found a workbook with the sheets "))


def test_the_2019_revision_is_refused_with_the_layouts_that_are_read(shared: Path) -> None:
    with pytest.raises(OfficialFileError) as caught:
        registry.read_stock(shared / "official" / "undesa" / "UN_MigrantStockTotal_2019.xlsx")
    assert "UN_MigrantStockTotal_2019.xlsx" in caught.value.where
    assert "editions 2020 and 2024" in caught.value.allowed


def test_the_workbook_with_origins_has_no_population(shared: Path) -> None:
    path = shared / "official" / "undesa" / "TESTFIXTURE_mini_2020_destination_and_origin_layout.xlsx"
    with pytest.raises(OfficialFileError, match="holds a stock table, not a population table"):
        registry.read_population(path)
