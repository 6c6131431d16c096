"""Places that an office calls otherwise: its figures stand under the place's own code."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest

import smstock
from smstock.compute import ALONE
from smstock.errors import InputError, QueryError, UnknownNameError
from smstock.official import readers
from smstock.vocabulary.places import Place, learn
from smstock.workflows import collection
from smstock.workflows.calibration import _shares

if TYPE_CHECKING:
    from pathlib import Path

QUERY = """
name = "q"
platform = "meta"
origins = ["SRB", "POL"]
destinations = ["laender"]
place_sets = ["laender.toml"]
ages = "18+"
"""
PLACES = """
reviewed = "2026-12-01"
[[place]]
code = "DE-BY"
name = "Bavaria"
official = "DE2"
regions = ["1"]
[[place]]
code = "DE-BE"
name = "Berlin"
official = "DE3"
regions = ["2"]
"""
CALIBRATION = """
name = "c"
stock = "stock.csv"
provider = "eurostat"
edition = "2026"
concepts = ["birth"]
target_date = "2020-01-01"
known_until = "2019-01-01"
users = "users.csv"
population = "population.csv"
"""


def workspace(folder: Path) -> smstock.Workspace:
    for name in ("queries", "calibration"):
        (folder / name).mkdir()
    (folder / "queries/q.toml").write_text(QUERY)
    (folder / "queries/laender.toml").write_text(PLACES)
    (folder / "calibration/c.toml").write_text(CALIBRATION)
    header = "provider,dataset,edition,concept,destination,origin,sex,age_min,age_max,reference_date,value,flags,retrieved_at"
    rows = [
        f"eurostat,r,2026,birth,{area},{origin},all,0,,{year}-01-01,{value},,"
        for area, value in (("DE2", 5000), ("DE3", 3000), ("DE", 90000))
        for origin in ("SRB", "POL")
        for year in (2019, 2020)
    ]
    (folder / "calibration/stock.csv").write_text("\n".join([header, *rows]).replace(",DE,", ",DEU,") + "\n")
    areas = ("DE2", "DE3", "SRB", "POL")
    (folder / "calibration/users.csv").write_text(
        "platform,area,sex,age_min,age_max,asked_at,value,source\n"
        + "".join(f"meta,{area},all,18,,2020-01-01,500,x\n" for area in areas)
    )
    (folder / "calibration/population.csv").write_text(
        "provider,edition,area,sex,age_min,age_max,reference_date,value\n"
        + "".join(f"eurostat,2026,{area},all,18,,2020-01-01,1000\n" for area in areas)
    )
    answers = [
        f"2020-03-01T00:00:00Z,delivery_estimate,v8.0,{code},{origin},all,18+,,,default,,{accounts},,true"
        for code, accounts in (("DE-BY", 4000), ("DE-BE", 2000))
        for origin in ("SRB", "POL")
    ]
    columns = (
        "asked_at,endpoint,api_version,destination,origin,sex,ages,education,relationship,location_basis,placements"
    )
    (folder / "recorded").mkdir()
    (folder / "recorded/answers.csv").write_text(
        "\n".join([f"{columns},estimate_mau,estimate_dau,estimate_ready", *answers]) + "\n"
    )
    return smstock.Workspace(folder)


def test_figures_of_an_official_area_are_those_of_its_place(tmp_path: Path) -> None:
    front = workspace(tmp_path)
    front.collect("q", recordings=tmp_path / "recorded")
    spec, name = front._specified("c", "q")
    corridors = front._evidence(spec, name, "").corridors.set_index(["destination", "origin"])
    assert sorted(set(corridors.index.get_level_values(0))) == ["DE-BE", "DE-BY"]
    official = corridors["official_last"]
    assert (official["DE-BY"]["SRB"], official["DE-BE"]["POL"]) == (5000, 3000)
    assert corridors["penetration_destination"].tolist() == [0.5] * 4
    assert isinstance(corridors, pd.DataFrame)


def test_what_an_office_calls_a_place_may_be_mended_after_it_was_collected(tmp_path: Path) -> None:
    front = workspace(tmp_path)
    sets = next((tmp_path / "queries").rglob("laender.*"))
    right = sets.read_text(encoding="utf-8")
    assert right.count("DE2") == 1
    sets.write_text(right.replace("DE2", "DE4"), encoding="utf-8")
    front.collect("q", recordings=tmp_path / "recorded")
    sets.write_text(right, encoding="utf-8")
    front.collect("q", recordings=tmp_path / "recorded")
    spec, name = front._specified("c", "q")
    official = front._evidence(spec, name, "").corridors.set_index(["destination", "origin"])["official_last"]
    assert official["DE-BY"]["SRB"] == 5000


def test_a_place_that_figures_call_by_both_its_codes_is_one_message(tmp_path: Path) -> None:
    front = workspace(tmp_path)
    front.collect("q", recordings=tmp_path / "recorded")
    stock = tmp_path / "calibration/stock.csv"
    row = next(row for row in stock.read_text().splitlines() if ",DE2,SRB," in row)
    other = row.replace(",DE2,", ",DE-BY,")
    text = stock.read_text()
    stock.write_text(f"{text}{other.replace('2019', '2018').replace('2020', '2018')}\n")
    assert front._evidence(*front._specified("c", "q"), "")._stocks
    stock.write_text(f"{text}{other}\n")
    with pytest.raises(InputError, match="figures of DE-BY stand there twice: as DE2 and as DE-BY"):
        _ = front._evidence(*front._specified("c", "q"), "")._stocks


def corridors_of(folder: Path, edits: dict[str, str], places: str = PLACES) -> pd.DataFrame:
    """Return the corridors of a workspace whose official files call areas otherwise."""
    front = workspace(folder)
    (folder / "queries/laender.toml").write_text(places)
    for path in (folder / "calibration").glob("*.csv"):
        text = path.read_text()
        for before, after in edits.items():
            text = text.replace(f",{before},", f",{after},")
        path.write_text(text)
    front.collect("q", recordings=folder / "recorded")
    return front._evidence(*front._specified("c", "q"), "").corridors


@pytest.mark.parametrize("name", ["DE-BY", "DE2", "Bavaria", "bavaria"])
def test_a_tidy_file_calls_a_place_by_code_official_code_or_name(tmp_path: Path, name: str) -> None:
    for folder in ("of", "as"):
        (tmp_path / folder).mkdir()
    as_it_is = corridors_of(tmp_path / "of", {})
    pd.testing.assert_frame_equal(corridors_of(tmp_path / "as", {"DE2": name}), as_it_is)


def test_a_name_that_no_place_has_is_answered_with_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="unknown area 'Bavarai'") as refused:
        corridors_of(tmp_path, {"DE2": "Bavarai"})
    assert "stock.csv, line 2, column destination" in refused.value.where
    assert refused.value.hint == "did you mean Bavaria (DE-BY)?"


def test_a_name_is_read_anew_where_a_set_gives_it_to_another_place(tmp_path: Path) -> None:
    front = workspace(tmp_path)
    stock = tmp_path / "calibration/stock.csv"
    stock.write_text(stock.read_text().replace(",DE2,", ",Bavaria,").replace(",DE3,", ",Berlin,"))
    front.collect("q", recordings=tmp_path / "recorded")
    figures = {}
    for given in (("DE-BY", "DE-BE"), ("DE-BE", "DE-BY"), ("DE-BY", "DE-BE")):
        learn([Place(code, name, "DEU") for code, name in zip(given, ("x", "y"), strict=True)])
        learn([Place(code, name, "DEU") for code, name in zip(given, ("Bavaria", "Berlin"), strict=True)])
        table = readers.read_stock(stock, tmp_path / ".parsed")
        figures[given] = table.set_index("destination")["value"].groupby("destination").max().to_dict()
    assert figures[("DE-BY", "DE-BE")] == {"DE-BY": 5000, "DE-BE": 3000, "DEU": 90000}
    assert figures[("DE-BE", "DE-BY")] == {"DE-BE": 5000, "DE-BY": 3000, "DEU": 90000}


def test_regions_that_no_query_names_change_nothing(tmp_path: Path) -> None:
    for folder in ("alone", "beside"):
        (tmp_path / folder).mkdir()
    alone = corridors_of(tmp_path / "alone", {})
    front = workspace(tmp_path / "beside")
    stock = tmp_path / "beside/calibration/stock.csv"
    rows = [line for line in stock.read_text().splitlines() if ",DE2," in line]
    others = [
        line.replace(",DE2,", f",{area},") for line in rows for area in ("DE21", "DE212", "DEA", "FR24", "US-06037")
    ]
    stock.write_text(stock.read_text() + "\n".join(others) + "\n")
    front.collect("q", recordings=tmp_path / "beside/recorded")
    beside = front._evidence(*front._specified("c", "q"), "").corridors
    pd.testing.assert_frame_equal(beside, alone)


def test_a_file_of_eurostat_is_of_the_places_that_stand_for_its_regions(tmp_path: Path) -> None:
    front = workspace(tmp_path)
    head = "freq,c_birth,age,unit,sex,geo\\TIME_PERIOD\t2019 \t2020 \r\n"
    figures = {"DE": 90000, "DE2": 5000, "DE21": 2000, "DE3": 3000, "DEZZ": 7, "AT": 4000}
    cells = [f"A,{origin},TOTAL,NR,T,{geo}\t{n} \t{n} b\r\n" for origin in ("RS", "PL") for geo, n in figures.items()]
    (tmp_path / "calibration/stock.tsv").write_text(head + "".join(cells), newline="")
    (tmp_path / "calibration/stock.tsv.origin.toml").write_text(
        'producer = "Eurostat"\ntitle = "t"\nedition = "2026"\ncitation = "c"\nlicence = "l"\nretrieved = 2026-11-22\n'
    )
    (tmp_path / "calibration/c.toml").write_text(CALIBRATION.replace("stock.csv", "stock.tsv"))
    front.collect("q", recordings=tmp_path / "recorded")
    evidence = front._evidence(*front._specified("c", "q"), "")
    assert evidence.corridors.set_index(["destination", "origin"])["official_last"].to_dict() == {
        ("DE-BE", "POL"): 3000,
        ("DE-BE", "SRB"): 3000,
        ("DE-BY", "POL"): 5000,
        ("DE-BY", "SRB"): 5000,
    }
    assert set(evidence._stocks[0]["destination"]) == {"DEU", "AUT", "DE-BY", "DE-BE"}  # and not DE21


def test_files_of_other_places_than_the_query_asks_are_refused(tmp_path: Path) -> None:
    with pytest.raises(
        InputError, match=r"stock.csv has figures of places, and of none that the query asks"
    ) as refused:
        corridors_of(tmp_path, {"DE2": "DE21", "DE3": "DE30", "DEU": "DEA"})
    assert refused.value.where == "DE21, DE30, DEA"
    assert "DE2" in refused.value.allowed


def dated(folder: Path, key: str, day: str) -> smstock.Workspace:
    """Return a workspace in which Bavaria begins or ends on a day."""
    front = workspace(folder)
    (folder / "queries/laender.toml").write_text(
        PLACES.replace('name = "Bavaria"', f'name = "Bavaria"\n{key} = "{day}"')
    )
    return front


@pytest.mark.parametrize(("key", "day"), [("valid_to", "2020-03-14"), ("valid_from", "2020-03-16")])
def test_a_place_that_does_not_exist_on_the_day_of_a_wave_is_not_collected(tmp_path: Path, key: str, day: str) -> None:
    front = dated(tmp_path, key, day)
    with pytest.raises(QueryError, match=r"DE-BY \(Bavaria\) exists (from|until) .*, and not on 2020-03-15") as refused:
        front.collect("q", recordings=tmp_path / "recorded")
    assert refused.value.where == "query q"
    assert "-DE-BY" in refused.value.hint
    assert not (tmp_path / "waves").exists()


@pytest.mark.parametrize(("key", "day"), [("valid_to", "2020-03-15"), ("valid_from", "2020-03-15")])
def test_a_place_that_exists_on_the_day_of_a_wave_is_collected(tmp_path: Path, key: str, day: str) -> None:
    front = dated(tmp_path, key, day)
    front.collect("q", recordings=tmp_path / "recorded")
    assert not front._evidence(*front._specified("c", "q"), "").corridors.empty


def test_a_wave_on_file_of_a_place_that_did_not_exist_is_not_estimated_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    front = dated(tmp_path, "valid_to", "2020-03-14")
    with monkeypatch.context() as as_before:
        as_before.setattr(collection, "require_existing", lambda *_: None)
        front.collect("q", recordings=tmp_path / "recorded")
    evidence = front._evidence(*front._specified("c", "q"), "")
    with pytest.raises(QueryError, match="DE-BY"):
        _ = evidence.corridors


def test_figures_of_another_version_of_nuts_are_told_once_with_what_to_write(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    codes = {"DE-BY": "FR-CVL", "DE-BE": "LT-X1", "DE2": "FR24", "DE3": "LT00"}
    front = workspace(tmp_path)
    for name in ("queries/laender.toml", "recorded/answers.csv"):
        text = (tmp_path / name).read_text()
        for before, after in codes.items():
            text = text.replace(before, after)
        (tmp_path / name).write_text(text)
    stock = tmp_path / "calibration/stock.csv"
    head, *rows = stock.read_text().splitlines()
    of_areas = {area: [row for row in rows if f",{area}," in row] for area in ("DE2", "DE3", "DEU")}
    renamed = (("DE2", "FRB0"), ("DE3", "LT01"), ("DE3", "LT02"), ("DEU", "LTU"))
    later = [row.replace(f",{before},", f",{after},") for before, after in renamed for row in of_areas[before]]
    stock.write_text("\n".join([head, *later]) + "\n")
    front.collect("q", recordings=tmp_path / "recorded")
    caplog.clear()
    assert front._evidence(*front._specified("c", "q"), "")._stocks
    first = (
        "FR-CVL (Bavaria) has no official figures: they are by NUTS 2016 to 2024, where FR24 (Centre) is FRB0 (Centre — "
        'Val de Loire); write official = "FRB0" in its set of places, then `smstock collect`'
    )
    second = (
        "LT-X1 (Berlin) has no official figures: they are by NUTS 2016 to 2024, where LT00 (Lietuva) lies in LT01 "
        "(Sostinės regionas) and LT02 (Vidurio ir vakarų Lietuvos regionas); make places of these, or give figures by "
        "NUTS 2013"
    )
    assert [record.getMessage() for record in caplog.records] == [first, second]


def test_age_groups_that_are_no_composition_hinder_no_calibration(tmp_path: Path) -> None:
    front = workspace(tmp_path)
    path = tmp_path / "queries/q.toml"
    path.write_text(path.read_text() + 'breakdowns = [["sex", "age"]]\nage_groups = ["18-24", "30+"]\n')
    stock = tmp_path / "calibration/stock.csv"
    by_age = [line.replace(",all,0,,", ",female,18,24,") for line in stock.read_text().splitlines()[1:]]
    stock.write_text(stock.read_text() + "\n".join(by_age) + "\n")
    (tmp_path / "recorded/answers.csv").write_text(
        (tmp_path / "recorded/answers.csv").read_text()
        + "2020-03-01T00:00:00Z,delivery_estimate,v8.0,DE-BY,SRB,female,18-24,,,default,,1500,,true\n"
    )
    front.collect("q", recordings=tmp_path / "recorded")
    evidence = front._evidence(*front._specified("c", "q"), "")
    assert evidence.official_by_age
    with pytest.raises(QueryError, match="nobody of 25-29 is in a group"):
        _ = evidence.groups
    assert _shares(evidence, ALONE) is None
