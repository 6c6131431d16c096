"""Places that an office calls otherwise: its figures stand under the place's own code."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest

import smstock
from smstock.compute import ALONE
from smstock.errors import QueryError
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
