"""Files that people hold whose figures are written, or scaled, in ways of their own: right, or refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from smstock.errors import OfficialFileError
from smstock.official import readers

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def wild(shared: Path) -> Path:
    folder = shared / "cases" / "wild"
    if not folder.is_dir():
        pytest.skip("the folder of real data has no cases")
    return folder


def values(path: Path) -> dict[tuple[str, str, str, str], float]:
    table = readers.read_stock(path)
    keys = table[["destination", "origin", "sex", "reference_date"]].itertuples(index=False, name=None)
    return dict(zip(keys, table["value"], strict=True))


def test_points_between_three_digits_are_not_guessed(wild: Path) -> None:
    with pytest.raises(OfficialFileError, match=r"'177\.609' may have a decimal point or be thousands") as caught:
        readers.read_stock(wild / "tidy_dots.csv")
    assert caught.value.where.endswith("tidy_dots.csv, line 2")


@pytest.mark.parametrize("name", ["tidy_decimal_comma.csv", "tidy_sep.csv"])
def test_semicolons_with_a_decimal_comma_or_the_line_of_excel(wild: Path, name: str) -> None:
    assert values(wild / name) == {("DEU", "SRB", "all", "2020-07-01"): 199691}


def test_digits_grouped_with_no_break_spaces(wild: Path) -> None:
    stock = values(wild / "un2020_thousands_nbsp.csv")
    assert stock["BDI", "WLD", "female", "2020-07-01"] == 174642
    assert stock["BDI", "WLD", "all", "1990-07-01"] == 333110


def test_powers_of_ten_of_r(wild: Path) -> None:
    assert values(wild / "copy_1e5.csv") == {
        ("DEU", "SRB", "all", "2020-07-01"): 100_000,
        ("DEU", "TUR", "all", "2020-07-01"): 2_100_000,
    }


def test_the_powers_of_ten_of_oecd_stat(wild: Path) -> None:
    assert values(wild / "oecdstat_power.csv") == {
        ("ITA", "ROU", "all", "2018-01-01"): 1_048_900,
        ("ITA", "ROU", "female", "2018-01-01"): 600_000,
        ("ITA", "ROU", "male", "2018-01-01"): 448_900,
        ("ITA", "WLD", "all", "2018-01-01"): 6_175_337,
    }
