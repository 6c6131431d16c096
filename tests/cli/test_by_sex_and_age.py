"""Estimates by sex and age from the command line, on the recorded answers of five states: made, explained, chosen."""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from tests.cli.command import REPOSITORY, smstock

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

STATES = ("US-CA", "US-GA", "US-NY", "US-VT", "US-WA")
ORIGINS = ("CAN", "CHN", "IND", "MEX", "RUS")
GROUPS = 18
DASH = "\N{EN DASH}"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with the estimates of the worked example, of a few of its corridors."""
    folder = tmp_path_factory.mktemp("states")
    shutil.copytree(REPOSITORY / "queries/places", folder / "queries/places")
    shutil.copytree(REPOSITORY / "calibration/us-states", folder / "calibration/us-states")
    query = (REPOSITORY / "queries/us-states.toml").read_text(encoding="utf-8")
    query = re.sub(r"origins = \[.*?\]", f"origins = {json.dumps(ORIGINS)}", query, flags=re.DOTALL)
    query = query.replace('["us-states"]\n', f"{json.dumps(STATES)}\n").replace('"us-states"', '"states"')
    calibration = (REPOSITORY / "calibration/us-states.toml").read_text(encoding="utf-8")
    (folder / "queries/states.toml").write_text(query, encoding="utf-8")
    (folder / "calibration/states.toml").write_text(calibration.replace('"us-states"', '"states"'), encoding="utf-8")
    recordings = REPOSITORY / "queries/recorded/us-states"
    assert smstock("collect", "states", "--replay", recordings, "--wave", "2017-01", "-w", folder).returncode == 0
    ended = smstock("nowcast", "states", "--query", "states", "--by", "sex,age", "-w", folder)
    assert ended.returncode == 0, ended.stderr
    assert "All estimates by sex and age" in ended.stdout
    return folder


@pytest.fixture(scope="module")
def rows(folder: Path) -> pd.DataFrame:
    """The estimates on file, groups after totals."""
    return pd.read_parquet(folder / "estimates/2017-01/states.parquet")


def of_groups(table: pd.DataFrame) -> pd.DataFrame:
    return table[(table["age_min"] != 15) | (table["age_max"] != 59)]


def explained(folder: Path, corridor: str, *options: str) -> str:
    ended = smstock("nowcast", "states", "--query", "states", "--explain", corridor, *options, "-w", folder)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def test_explaining_a_corridor_says_what_each_group_rests_on(folder: Path, rows: pd.DataFrame) -> None:
    text = explained(folder, "MEX:California").partition("By sex and age\n")[2]
    (cells,) = (line.split() for line in text.splitlines() if line.split()[:2] == ["women", f"20{DASH}24"])
    groups = of_groups(rows).query("destination == 'US-CA' and origin == 'MEX'")
    shares = groups[["median", "official_last", "audience"]].astype(float)
    own = (groups["sex"] == "female") & (groups["age_min"] == 20)
    share, official, audience = (100 * shares[own].iloc[0] / shares.sum()).round(1)
    audiences = pd.read_parquet(folder / "waves/2017-01/states.audience.parquet")
    cell = "destination == 'US-CA' and origin == '' and sex == 'female' and age_min == 20 and age_max == 24"
    population = pd.read_csv(folder / "calibration/us-states/population.csv")
    persons = population.query("area == 'US-CA' and sex == 'female' and age_min == 20 and age_max == 24")["value"]
    users = 100 * audiences.query(cell)["value"].iloc[0] / persons.iloc[0]
    assert cells[3:7] == [f"{number:.1f}" for number in (official, audience, users, share)]
    assert float(cells[7].replace(",", "")) == float(f"{groups.loc[own, 'median'].iloc[0]:.3g}")
    assert "official composition: of the corridor, 1 July 2016, 3,291,274 persons; it counts 9" in text
    assert "divided by pooled log-ratios" in text
    assert "erred least on 25 corridors without their destinations" in text


def test_explaining_a_corridor_draws_its_pyramid(folder: Path) -> None:
    lines = explained(folder, "Mexico:California").splitlines()
    start = next(number for number, line in enumerate(lines) if line.split() == ["women", "men"])
    bars = lines[start + 1 : start + 10]
    ages = [re.findall(rf"\d+{DASH}\d+", line)[0] for line in bars]
    assert ages == [f"{low}{DASH}{low + 4}" for low in range(55, 14, -5)]
    assert len({line.index(label) for line, label in zip(bars, ages, strict=True)}) == 1
    assert max(map(len, bars)) <= 80
    picture = folder / "estimates/2017-01/states.MEX-US-CA.pyramid.png"
    assert picture.read_bytes()[1:4] == b"PNG"


def test_groups_below_the_floor_are_marked_and_have_no_mark_of_the_audience(folder: Path) -> None:
    text = explained(folder, "RUS:Vermont").partition("By sex and age\n")[2]
    groups = [line for line in text.splitlines() if re.match(rf"  (wo)?men \d+{DASH}", line)]
    assert len(groups) == GROUPS
    assert all("[" in line for line in groups)
    assert "fewer than 20 accounts: its share comes from pooling" in " ".join(text.split())
    pyramid = text.partition("women       men")[2].partition(" to the lower end")[0]
    assert len(pyramid.splitlines()) == 1 + GROUPS // 2 + 1
    assert "\N{MULTIPLICATION SIGN}" not in pyramid


def test_an_explanation_as_json_has_every_group(folder: Path) -> None:
    division = json.loads(explained(folder, "CHN:New York", "--json"))["division"]
    assert division["official_basis"] == "corridor"
    assert len(division["groups"]) == GROUPS
    assert sum(group["share"] for group in division["groups"]) == pytest.approx(1)
    assert {score["method"] for score in division["scores"]} >= {"official_shares", "audience_shares"}


@pytest.mark.parametrize(
    ("options", "count"),
    [
        ((), 5 * 3),
        (("--sex", "female"), 5),
        (("--ages", "20-24"), 5 * 2),
        (("--ages", "20-24", "--sex", "female", "--origin", "China"), 1),
        (("--ages", "each", "--origin", "CHN"), GROUPS + 3),
        (("--ages", "each", "--education", "each", "--origin", "CHN"), GROUPS + 3),
    ],
)
def test_rows_are_chosen_by_place_sex_and_ages(folder: Path, options: tuple[str, ...], count: int) -> None:
    ended = smstock("estimates", "states", "-w", folder, "--destination", "california", *options, "--json")
    shown = pd.DataFrame(json.loads(ended.stdout)["rows"])
    assert len(shown) == count
    assert set(shown["destination"]) == {"US-CA"}
    groups = "--ages" in options
    assert ((shown["age_min"] == 15) & (shown["age_max"] == 59)).all() == (not groups)


def test_sums_of_groups_have_the_intervals_of_their_draws_and_add_up(folder: Path) -> None:
    words = ("estimates", "states", "-w", folder, "--by", "destination")
    sums = pd.DataFrame(json.loads(smstock(*words, "--ages", "each", "--json").stdout)["rows"])
    parts, wholes = of_groups(sums), sums.drop(of_groups(sums).index)
    assert len(parts) == len(STATES) * GROUPS
    added = parts.groupby(["destination", "sex"])["median"].sum()
    assert added.to_dict() == pytest.approx(wholes.set_index(["destination", "sex"])["median"][added.index].to_dict())
    assert (parts["lower_80"] <= parts["median"]).all()
    assert (parts["median"] <= parts["upper_80"]).all()
    totals = pd.DataFrame(json.loads(smstock(*words, "--json").stdout)["rows"])
    assert set(totals["median"]) == set(wholes["median"])


def test_the_page_has_pyramids_of_corridors_and_of_sums_where_places_may_be_added(folder: Path) -> None:
    page = (folder / "estimates/2017-01/states.report.html").read_text(encoding="utf-8")
    section = page.partition('<h2 id="by-age">By sex and age</h2>')[2].partition("<h2")[0]
    corridors, _, sums = section.partition("<h3>In the destinations</h3>")
    assert corridors.count("<svg") == 6
    assert re.findall(r"<figcaption>(.*)</figcaption>", sums) == [
        "In California",
        "In New York",
        "In Washington",
        "In Georgia",
        "In Vermont",
    ]
    assert "From the origins" not in page  # no set covers the country


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["nowcast", "states", "--query", "states", "--by", "sex,ages"], "did you mean age?"),
        (["nowcast", "states", "--query", "states", "--explain", "MEX:Califronia"], "did you mean California (US-CA)"),
        (["estimates", "states", "--destination", "Califronia"], "did you mean California (US-CA)"),
        (["nowcast", "states", "--query", "states", "--explain", "MEX:York"], "did you mean New York (US-NY)"),
        (["estimates", "states", "--destination", "York"], "did you mean New York (US-NY)"),
        (["estimates", "states", "--ages", "20-25"], "allowed: 15-19, 15-59, 20-24"),
        (["estimates", "states", "--ages", "young"], "young"),
        (["estimates", "states", "--education", "tertiary"], "no estimate is divided by education"),
    ],
)
def test_what_cannot_be_meant_is_one_message_with_what_is_allowed(folder: Path, words: list[str], message: str) -> None:
    ended = smstock(*words, "-w", folder)
    assert ended.returncode in {2, 3}
    assert message in " ".join(ended.stderr.split())
    assert "Traceback" not in ended.stderr
