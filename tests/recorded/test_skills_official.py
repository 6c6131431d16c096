"""Tertiary education by corridor out of real files: Eurostat's shares by group and UN DESA's stock of Serbians."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from smstock.official import readers
from smstock.skills.tertiary import tertiary

if TYPE_CHECKING:
    from pathlib import Path


def test_serbians_have_the_share_of_those_born_outside_the_union(shared: Path, repository: Path) -> None:
    education = readers.read_indicator(shared / "official/eurostat/estat_edat_lfs_9912_filtered1.tsv")
    stock = readers.read_stock(repository / "calibration/serbia/stock.csv")
    found = tertiary(education, stock, "2024-12-31")
    austria = found[(found["destination"] == "AUT") & (found["origin"] == "SRB")].set_index("sex")
    assert austria["group"].unique().tolist() == ["NEU27_2020_FOR"]
    assert austria["share"].to_dict() == pytest.approx({"all": 0.285, "female": 0.308, "male": 0.263})
    assert austria["by_group"]["all"] == pytest.approx(177_609 * 0.285)
    assert found["by_origin"].isna().all()


def test_no_share_is_newer_than_the_day_asked_for(shared: Path, repository: Path) -> None:
    education = readers.read_indicator(shared / "official/eurostat/estat_edat_lfs_9912_filtered1.tsv")
    stock = readers.read_stock(repository / "calibration/serbia/stock.csv")
    shares = {
        day: tertiary(education, stock, day).query("destination == 'DEU' and sex == 'all'")["share"].tolist()
        for day in ("2020-12-31", "2024-12-31")
    }
    assert len(shares["2020-12-31"]) == len(shares["2024-12-31"]) == 1
    assert shares["2020-12-31"] != shares["2024-12-31"]
