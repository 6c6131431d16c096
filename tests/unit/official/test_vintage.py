"""Files are kept under their day and hash: none is written over, the same bytes once, never with another meaning."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smstock.errors import OfficialFileError
from smstock.official import sidecar
from smstock.official.readers import parsed, read_all
from smstock.official.vintage import keep, placed, shelf

if TYPE_CHECKING:
    from pathlib import Path

    from smstock.official.vintage import Vintage

TODAY = dt.date(2026, 11, 30)
HEADER = "provider,edition,area,sex,age_min,age_max,reference_date,value\n"
ORIGIN = """# mine
producer = "P"
title = "T"
edition = "2020"
citation = "C"
licence = "L"
retrieved = 2021-03-04
provider = "undesa"
dataset = "ims"
concept = "{concept}"
sex = "all"
ages = "0+"
"""


def population(path: Path, value: int = 1445400, provider: str = "undesa") -> Path:
    path.write_text(f"{HEADER}{provider},wpp 2022,NAM,all,18,,2020-07-01,{value}\n")
    return path


def copy_of_a_stock(path: Path, concept: str) -> Path:
    path.write_text("destination,origin,year,stock\nDEU,SRB,2020,5\n")
    path.with_name(f"{path.name}.origin.toml").write_text(ORIGIN.format(concept=concept))
    return path


def kept(source: Path, folder: Path) -> Vintage:
    on = shelf(folder)
    vintage = placed(source, parsed(source, None), on, today=TODAY)
    keep(vintage, on)
    return vintage


def test_the_same_bytes_are_kept_once_whatever_their_name(tmp_path: Path) -> None:
    first = kept(population(tmp_path / "a.csv"), tmp_path / "official")
    second = kept(population(tmp_path / "b.csv"), tmp_path / "official")
    assert (first.held, second.held, second.path) == (False, True, first.path)
    assert len(list((tmp_path / "official" / "undesa").iterdir())) == 2


def test_another_figure_under_the_same_name_is_another_file(tmp_path: Path) -> None:
    first = kept(population(tmp_path / "a.csv", 1), tmp_path / "official")
    second = kept(population(tmp_path / "a.csv", 2), tmp_path / "official")
    assert first.path != second.path
    values = [read_all(vintage.path)["population"].table["value"].item() for vintage in (first, second)]
    assert values == [1, 2]


def test_a_file_reads_as_it_did_and_knows_the_day_it_came(tmp_path: Path) -> None:
    source = population(tmp_path / "a.csv")
    copied = read_all(kept(source, tmp_path / "official").path)["population"]
    pd.testing.assert_frame_equal(
        copied.table.drop(columns="retrieved_at", errors="ignore"), read_all(source)["population"].table
    )
    assert copied.origin is not None
    assert copied.origin.retrieved == "2026-11-30"


def test_a_sidecar_goes_with_its_file_and_gives_the_day(tmp_path: Path) -> None:
    vintage = kept(copy_of_a_stock(tmp_path / "stock.csv.gz.csv", "birth"), tmp_path / "official")
    assert vintage.path.name.startswith("stock.csv.gz@2021-03-04-")
    beside = vintage.path.with_name(f"{vintage.path.name}.origin.toml").read_text()
    assert "# mine" in beside
    assert 'sha256 = "' in beside.splitlines()[0]
    vintage.path.write_text("destination,origin,year,stock\nDEU,SRB,2020,6\n")
    with pytest.raises(OfficialFileError, match="is not the file its sidecar describes"):
        read_all(vintage.path)


def test_the_same_bytes_are_never_kept_with_two_meanings(tmp_path: Path) -> None:
    vintage = kept(copy_of_a_stock(tmp_path / "stock.csv", "birth"), tmp_path / "official")
    assert kept(copy_of_a_stock(tmp_path / "stock.csv", "birth"), tmp_path / "official").held
    with pytest.raises(OfficialFileError, match="concept is 'citizenship' here and 'birth' there") as caught:
        kept(copy_of_a_stock(tmp_path / "stock.csv", "citizenship"), tmp_path / "official")
    assert caught.value.where == str(vintage.path)


def test_a_kept_file_taken_elsewhere_keeps_one_day_and_hash_in_its_name(tmp_path: Path) -> None:
    first = kept(population(tmp_path / "a.csv"), tmp_path / "official")
    again = kept(first.path, tmp_path / "other" / "official")
    assert again.path.name == first.path.name


@pytest.mark.parametrize(
    ("name", "beginning", "ending"),
    [
        ("a.csv", "a@", ".csv"),
        ("API_SP.POP.TOTL_DS2.csv", "API_SP.POP.TOTL_DS2@", ".csv"),
        ("noending", "noending@", ""),
    ],
)
def test_the_ending_of_a_name_stays_its_ending(tmp_path: Path, name: str, beginning: str, ending: str) -> None:
    vintage = kept(population(tmp_path / name), tmp_path / "official")
    assert vintage.path.name.startswith(beginning)
    assert vintage.path.suffix == ending


@given(
    st.text(min_size=1, max_size=12).filter(
        lambda text: text.isprintable() and text.strip() == text and "#" not in text
    )
)
def test_a_folder_is_named_after_any_provider_and_lies_within(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    tmp_path = tmp_path_factory.mktemp("provider")
    source = tmp_path / "a.csv"
    quoted = text.replace('"', '""')
    population(source, provider=f'"{quoted}"')
    vintage = placed(source, parsed(source, None), shelf(tmp_path / "official"), today=TODAY)
    assert vintage.path.parent.parent == tmp_path / "official"
    assert vintage.path.parent.name not in {"", ".", ".."}


def test_users_and_files_of_several_providers_have_their_folders(tmp_path: Path) -> None:
    several = tmp_path / "two.csv"
    several.write_text(f"{HEADER}undesa,w,NAM,all,18,,2020-07-01,1\neurostat,w,NAM,all,18,,2020-07-01,1\n")
    assert kept(several, tmp_path / "official").path.parent.name == "several"


def test_a_kept_file_asked_for_by_its_plain_name_is_named(tmp_path: Path) -> None:
    vintage = kept(population(tmp_path / "a.csv"), tmp_path / "official")
    plain = vintage.path.with_name("a.csv")
    with pytest.raises(OfficialFileError, match="does not exist") as caught:
        read_all(plain)
    assert str(vintage.path) in caught.value.hint


def test_a_sidecar_that_was_left_without_its_file_is_no_obstacle(tmp_path: Path) -> None:
    source = population(tmp_path / "a.csv")
    vintage = kept(source, tmp_path / "official")
    vintage.path.unlink()
    again = kept(source, tmp_path / "official")
    assert not again.held
    assert sidecar.read(again.path) is not None
