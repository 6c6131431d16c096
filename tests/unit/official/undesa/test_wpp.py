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


TOTALS = (
    "LocID,Location,VarID,Variant,Time,MidPeriod,PopMale,PopFemale,PopTotal,PopDensity\n"
    "516,Namibia,2,Medium,2020,2020.5,1231.683,1309.233,2540.916,3.086\n"
    "516,Namibia,3,High,2020,2020.5,1300,1400,2700,3.1\n"
    "336,Holy See,2,Medium,2020,2020.5,,,0.801,1820.5\n"
    "900,World,2,Medium,2020,2020.5,3929974,3864824,7794799,59.9\n"
)
NAMIBIA = {"all": 2540916, "male": 1231683, "female": 1309233}


def by_sex(path: Path, area: str = "NAM") -> dict[str, float]:
    rows = readers.read_population(path)
    rows = rows[rows["area"] == area]
    return dict(zip(rows["sex"], rows["value"], strict=True))


def test_totals_by_sex(write: Write) -> None:
    path = write(TOTALS, edition="2019")
    assert by_sex(path) == NAMIBIA
    read = readers.read_all(path)["population"]
    assert set(read.table["reference_date"]) == {"2020-07-01"}
    assert set(read.table["age_min"]) == {0}
    assert read.table["age_max"].isna().all()
    assert read.left_out == {
        "for groups of areas, or persons of no known area": 3,
        "of other variants than the medium one": 3,
        "without a figure": 2,
    }
    assert by_sex(path, "VAT") == {"all": 801}


def test_totals_by_sex_of_2022_and_2024(write: Write) -> None:
    text = (
        "SortOrder,LocID,Notes,ISO3_code,ISO2_code,SDMX_code,LocTypeID,LocTypeName,ParentID,Location,VarID,Variant,Time,"
        "MidPeriod,PopMale,PopFemale,PopTotal,PopDensity\n"
        "95,516,,NAM,NA,516,4,Country/Area,913,Namibia,2,Medium,2020,2020.5,1231.683,1309.233,2540.916,3.086\n"
        "95,516,,NAM,NA,516,4,Country/Area,913,Namibia,2,Medium,2100,2100.5,2300.5,2400.5,4701,5.7\n"
    )
    rows = readers.read_population(write(text))
    assert rows.set_index(["reference_date", "sex"])["value"]["2100-07-01", "all"] == 4701000
    assert by_sex(write("\n".join(text.split("\n")[:2]) + "\n")) == NAMIBIA


def test_totals_saved_again_with_semicolons(write: Write) -> None:
    path = write(TOTALS.replace(".", "§").replace(",", ";").replace("§", ","))
    assert by_sex(path) == NAMIBIA
    assert set(readers.read_population(path)["reference_date"]) == {"2020-07-01"}


@pytest.mark.parametrize("middle", ["2021.5", "2020.25", "mid 2020"])
def test_a_middle_outside_the_year_is_refused(write: Write, middle: str) -> None:
    with pytest.raises(OfficialFileError, match="whose middle is not in its year") as caught:
        readers.read_population(write(TOTALS.replace("2020,2020.5,1231", f"2020,{middle},1231")))
    assert "line 2" in caught.value.where


def test_a_file_of_another_variant_alone_is_refused(write: Write) -> None:
    with pytest.raises(OfficialFileError, match="holds no medium variant") as caught:
        readers.read_population(write(TOTALS.replace("Medium", "Low")))
    assert caught.value.hint == "download the file of the medium variant"


INDICATORS = (
    "SortOrder,LocID,Notes,ISO3_code,ISO2_code,SDMX_code,LocTypeID,LocTypeName,ParentID,Location,VarID,Variant,Time,"
    "TPopulation1Jan,TPopulation1July,TPopulationMale1July,TPopulationFemale1July,PopDensity,NatChange\n"
    "95,516,,NAM,NA,516,4,Country/Area,913,Namibia,2,Medium,2020,2520.1,2540.916,1231.683,1309.233,3.086,-1.5\n"
    "95,516,,NAM,NA,516,4,Country/Area,913,Namibia,2,Medium,2101,4700.5,,,,,\n"
)


def test_demographic_indicators(write: Write) -> None:
    rows = readers.read_population(write(INDICATORS))
    assert rows[["reference_date", "sex", "value"]].to_numpy().tolist() == [
        ["2020-01-01", "all", 2520100],
        ["2101-01-01", "all", 4700500],
        ["2020-07-01", "all", 2540916],
        ["2020-07-01", "male", 1231683],
        ["2020-07-01", "female", 1309233],
    ]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (TOTALS.replace("516,Namibia,3", "899,Nowhere,3"), "line 3, column LocID"),
        (INDICATORS.replace("95,516", "95,899"), "line 2, column LocID"),
        (HEAD + line(516, "0-4", 0, 5) + line(899, "0-4", 0, 5), "line 3, column LocID"),
        ("iso3,year,sex,age,pop_thousands\nNAM,2020,Female,0,34.5\nNAX,2020,Male,99,0.02\n", "line 3, column iso3"),
    ],
)
def test_an_area_that_is_not_known_is_named_with_its_line(write: Write, text: str, place: str) -> None:
    with pytest.raises(UnknownNameError) as caught:
        readers.read_population(write(text))
    assert caught.value.where.endswith(place)


def test_a_figure_that_is_none_is_named_with_its_line(write: Write) -> None:
    with pytest.raises(OfficialFileError) as caught:
        readers.read_population(write(TOTALS.replace("1309.233", "1309.233 e")))
    assert caught.value.where.endswith("line 2, 516, 2020")


def test_a_file_by_age_whose_ages_have_other_names_is_no_total(write: Write) -> None:
    text = (HEAD + line(516, "0-4", 0, 5)).replace("AgeGrpStart", "AgeStart")
    with pytest.raises(OfficialFileError, match="in a layout that is read"):
        readers.read_population(write(text))


def test_the_workbooks_and_the_portal_are_refused_with_the_way_on(save: Callable[..., Path], write: Write) -> None:
    book = save({"ESTIMATES": [["United Nations"], ["File POP/1-1"], ["POP/DB/WPP/Rev.2019/POP/F01-1"]]})
    portal = write("IndicatorId,LocationId,Location,TimeLabel,Variant,Sex,Value\n49,516,Namibia,2020,Medium,Both,9\n")
    for path in (book, portal):
        with pytest.raises(OfficialFileError) as caught:
            readers.read_all(path)
        assert "take the same figures as CSV" in caught.value.hint


@pytest.mark.parametrize(
    ("text", "change"),
    [
        (TOTALS, ("PopMale,PopFemale,PopTotal", "PopTotal,PopFemale,PopMale")),
        (TOTALS, ("1309.233", "1390.233")),
        (INDICATORS, ("TPopulation1July,TPopulationMale1July", "TPopulationMale1July,TPopulation1July")),
    ],
)
def test_males_and_females_that_are_not_both_sexes_are_refused(
    write: Write, text: str, change: tuple[str, str]
) -> None:
    with pytest.raises(OfficialFileError, match="males and females are not both sexes") as caught:
        readers.read_population(write(text.replace(*change)))
    assert "line 2: " in caught.value.where
