"""Files and figures as people hold them: the right value of each handed case."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest

from smstock.corridors.history import official_history
from smstock.official import readers
from smstock.official.resolver import Preference
from smstock.official.series import series

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def cases(shared: Path) -> Path:
    folder = shared / "cases"
    if not folder.is_dir():
        pytest.skip("the folder of real data has no cases")
    return folder


def test_romania_to_poland_rests_on_eurostat_beside_the_united_nations(cases: Path) -> None:
    stock = pd.DataFrame({"dataset": "x", "destination": "POL", "origin": "ROU", "age_min": 0, "age_max": None}, [0])
    stock = stock.assign(flags="", retrieved_at="")
    printed = pd.read_csv(cases / "newcomer" / "romania_poland_eurostat.csv")
    value = printed["number of citizens in country"].astype(float)
    eurostat = pd.DataFrame({"value": value, "reference_date": printed["year"].astype(str) + "-01-01", "sex": "all"})
    eurostat = eurostat.assign(provider="eurostat", concept="citizenship", edition="2025").merge(stock, how="cross")
    printed = pd.read_csv(cases / "newcomer" / "romania_poland_undesa.csv")
    sex = printed["sex"].map({"Total": "all", "Female": "female", "Male": "male"})
    value = printed["stock"].astype(float)
    undesa = pd.DataFrame({"value": value, "reference_date": printed["year"].astype(str) + "-07-01", "sex": sex})
    undesa = undesa.assign(provider="undesa", concept="mixed", edition="2020").merge(stock, how="cross")
    order = [Preference("eurostat", "citizenship", "2025"), Preference("undesa", "mixed", "2020")]
    chosen = series([eurostat, undesa], order, until="2024-01-01")
    last = official_history(chosen, target_date="2024-01-01", known_until="2024-01-01").set_index("sex").loc["all"]
    assert (last["official_last"], last["official_last_date"]) == (1619, "2020-01-01")


def figures(path: Path) -> dict[tuple[str, str, str, str], float]:
    stock = readers.read_stock(path)
    keys = zip(stock["destination"], stock["origin"], stock["sex"], stock["reference_date"].str[:4], strict=True)
    return dict(zip(keys, stock["value"].fillna(-1), strict=True))


def test_un_desa_2015_by_destination(cases: Path, caplog: pytest.LogCaptureFixture) -> None:
    file = cases / "wild" / "un2015_total.xlsx"
    stock = figures(file)
    assert len(stock) == 36
    by_sex = {sex: stock["DEU", "WLD", sex, "2015"] for sex in ("all", "male", "female")}
    assert by_sex == {"all": 12005690, "male": 5709939, "female": 6295751}
    assert stock["NAM", "WLD", "all", "1990"] == 120641
    table = readers.read_stock(file)
    assert (set(table["flags"]), set(table["concept"]), set(table["edition"])) == ({"B"}, {"birth"}, {"2015"})
    assert "Least developed countries in 1990 (5843107 + 5236216, not 11075966)" in caplog.text


def test_un_desa_2015_by_origin(cases: Path) -> None:
    stock = figures(cases / "wild" / "un2015_origin_destination.xlsx")
    right = {
        ("DEU", "SRB"): 106673,
        ("DEU", "AGO"): -1,
        ("DEU", "WLD"): 12005690,
        ("AUT", "SRB"): 195177,
        ("AUT", "HKG"): 281,
        ("AUT", "MKD"): 21921,
        ("AUT", "FSM"): 1,
        ("NAM", "AGO"): 33980,
        ("NAM", "DEU"): 8309,
        ("NAM", "XXX"): 2062,
    }
    assert {corridor: stock[(*corridor, "all", "2015")] for corridor in right} == right
    assert {key[2:] for key in stock} == {("all", "2015")}
