"""Files and figures as people hold them: the right value of each handed case."""

from __future__ import annotations

import csv
import json
from typing import TYPE_CHECKING

import pytest

from smstock.corridors.history import official_history
from smstock.official import readers
from smstock.workflows import calibration_spec
from smstock.workflows.inputs import chosen_stock, read_stocks

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def cases(shared: Path) -> Path:
    folder = shared / "cases"
    if not folder.is_dir():
        pytest.skip("the folder of real data has no cases")
    return folder


ORIGIN = """
producer = "P"
title = "T"
edition = "2025"
citation = "C"
licence = "L"
retrieved = 2026-11-22
provider = "{provider}"
dataset = "{dataset}"
concept = "{concept}"
sex = "all"
ages = "0+"
"""


def test_romania_to_poland_rests_on_eurostat_beside_the_united_nations(cases: Path, tmp_path: Path) -> None:
    sources = (("eurostat", "migr_pop1ctz", "citizenship"), ("undesa", "ims", "mixed"))
    for provider, dataset, concept in sources:
        copy = tmp_path / f"{provider}.csv"
        copy.write_bytes((cases / "newcomer" / f"romania_poland_{provider}.csv").read_bytes())
        origin = ORIGIN.format(provider=provider, dataset=dataset, concept=concept)
        copy.with_name(f"{copy.name}.origin.toml").write_text(origin)
    orders = "".join(
        f'[[order]]\nprovider = "{provider}"\nconcepts = ["{concept}"]\nedition = "2025"\n'
        for provider, _, concept in sources
    )
    (tmp_path / "c.toml").write_text(
        'name = "x"\nstock = ["eurostat.csv", "undesa.csv"]\n'
        f'target_date = "2024-01-01"\nknown_until = "2023-01-01"\n{orders}'
    )
    spec = calibration_spec.load(tmp_path / "c.toml")
    stock = chosen_stock(read_stocks(spec), spec, until="2024-01-01")
    last = official_history(stock, target_date="2024-01-01", known_until="2024-01-01").set_index("sex").loc["all"]
    assert (last["official_last"], last["official_last_date"]) == (1619, "2020-01-01")
    assert (last["official_provider"], last["official_concept"]) == ("eurostat", "citizenship")


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


def test_places_of_birth_of_the_census_with_the_labels_of_the_file(cases: Path, tmp_path: Path) -> None:
    with (cases / "wild" / "ACSDT5Y2024.B05006-Data.csv").open(encoding="utf-8-sig", newline="") as lines:
        codes, labels, cells = csv.reader(lines)
    estimates = [place for place, code in enumerate(codes) if code.endswith("E") and code != "NAME"]
    answer = [["NAME", *(codes[place] for place in estimates), "state"]]
    answer += [[cells[1], *(cells[place] for place in estimates), "25"]]
    file = tmp_path / "acs.json"
    file.write_text(json.dumps(answer))
    variables = {codes[place]: {"label": labels[place]} for place in estimates}
    file.with_name("acs.json.labels.json").write_text(json.dumps({"variables": variables}))
    origin = cases / "wild" / "ACSDT5Y2024.B05006-Data.csv.origin.toml"
    file.with_name("acs.json.origin.toml").write_bytes(origin.read_bytes())
    right = {"WLD": 1271206, "DNK": 920, "CHN": 103209, "MMR": 1497, "VNM": 37529}
    assert figures(file) == {("US-MA", place, "all", "2022"): value for place, value in right.items()}
