"""World Population Prospects: three layouts, in thousands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from smstock.errors import OfficialFileError, UnknownNameError
from smstock.official import readers

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Write = Callable[..., Path]

HEAD = (
    "SortOrder,LocID,Notes,ISO3_code,ISO2_code,SDMX_code,LocTypeID,LocTypeName,ParentID,Location,VarID,Variant,Time,"
    "MidPeriod,AgeGrp,AgeGrpStart,AgeGrpSpan,PopMale,PopFemale,PopTotal\n"
)


def line(code: int, age: str, start: int, span: int, *, variant: str = "Medium", middle: str = "2020.5") -> str:
    return f'1,{code},,NAM,NA,,4,Country/Area,,"Namibia, x",2,{variant},2020,{middle},{age},{start},{span},1.001,2.002,3.003\n'


def test_the_csv_of_the_download_page(write: Write) -> None:
    text = HEAD + line(516, "0-4", 0, 5) + line(516, "100+", 100, -1) + line(900, "0-4", 0, 5)
    found = readers.read_all(write(text, edition="2024"))["population"]
    rows = found.table[found.table["sex"] == "female"]
    assert rows["age_min"].tolist() == [0, 100]
    assert rows["age_max"].fillna(-1).tolist() == [4, -1]
    assert rows["value"].tolist() == [2002, 2002]
    assert set(found.table["edition"]) == {"wpp 2024"}
    assert set(found.table["reference_date"]) == {"2020-07-01"}
    assert found.left_out == {"for groups of areas, or persons of no known area": 3}


def test_the_files_for_1_january_say_so_by_the_middle_of_their_period(write: Write) -> None:
    text = HEAD + line(516, "0-4", 0, 5, middle="2020")
    assert set(readers.read_population(write(text))["reference_date"]) == {"2020-01-01"}


def test_other_variants_are_left_out(write: Write) -> None:
    text = HEAD + line(516, "0-4", 0, 5) + line(516, "0-4", 0, 5, variant="High")
    found = readers.read_all(write(text))["population"]
    assert len(found.table) == 3
    assert found.left_out == {"of other variants than the medium one": 3}


def test_kosovo_and_the_channel_islands_have_codes(write: Write) -> None:
    text = HEAD + line(412, "0-4", 0, 5) + line(830, "0-4", 0, 5)
    assert set(readers.read_population(write(text))["area"]) == {"XKX", "CHI"}


@pytest.mark.parametrize(
    ("change", "said"),
    [((",2020,", ",MMXX,"), "no year"), ((",0,5,", ",a,5,"), "no number"), (("1.001", "x"), "neither a figure")],
)
def test_what_cannot_be_is_refused(write: Write, change: tuple[str, str], said: str) -> None:
    with pytest.raises(OfficialFileError, match=said):
        readers.read_population(write(HEAD + line(516, "0-4", 0, 5).replace(*change)))


def test_a_location_that_is_no_area_is_refused(write: Write) -> None:
    with pytest.raises(UnknownNameError, match="899"):
        readers.read_population(write(HEAD + line(899, "0-4", 0, 5)))


TEXT = "country_code\tname\tage\t1950\t1955\n900\tWorld\t0-4\t9.5\t9.5\n516\tNamibia\t0-4\t1.234\tNA\n516\tNamibia\t100+\t0\t0.001\n"


def test_the_text_of_the_r_packages_needs_its_sex(write: Write) -> None:
    with pytest.raises(OfficialFileError, match="does not say which sex it counts"):
        readers.read_population(write(TEXT))
    found = readers.read_all(write(TEXT, sex="male", edition="2019"))["population"]
    assert found.table[["sex", "reference_date", "value"]].to_numpy().tolist() == [
        ["male", "1950-07-01", 1234],
        ["male", "1950-07-01", 0],
        ["male", "1955-07-01", 1],
    ]
    assert found.left_out["without a figure"] == 1


def test_a_copy_by_iso3(write: Write) -> None:
    text = "iso3,year,sex,age,pop_thousands\nNAM,2020,Female,0,34.5\nNAM,2020,Male,99,0.02\n"
    rows = readers.read_population(write(text))
    assert rows[["area", "sex", "age_min", "age_max", "value"]].to_numpy().tolist() == [
        ["NAM", "female", 0, 0, 34500],
        ["NAM", "male", 99, 99, 20],
    ]
    with pytest.raises(OfficialFileError, match="'Diverse' is no sex"):
        readers.read_population(write(text.replace("Female", "Diverse")))


def test_lists_of_locations_hold_no_figure(write: Write) -> None:
    with pytest.raises(OfficialFileError, match="lists areas and regions"):
        readers.read_all(write("name\tcountry_code\treg_code\tlocation_type\nWorld\t900\t-1\t0\n"))
