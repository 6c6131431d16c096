"""Skill profiles from the command line, on two waves of made-up members in a folder."""

from __future__ import annotations

import json
from io import StringIO
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import pytest
from rich.console import Console
from tests.cli.command import smstock

from smstock.report.skills import comparison_table, corridor_table, highly_skilled_table, overview_table
from smstock.tables import AUDIENCE, check
from smstock.tables.profile import HIGHLY_SKILLED, SKILL_PROFILE

if TYPE_CHECKING:
    import subprocess
    from pathlib import Path

CATEGORIES = {
    "seniority": {"entry": 0.45, "senior": 0.42, "cxo": 0.004},
    "skill": {"nursing": 0.06, "project_management": 0.2},
    "experience": {"1-5": 0.3, "6-10": 0.3, "11+": 0.35},
}
SIZES = {
    ("DEU", ""): 12_000_000,
    ("AUT", ""): 2_000_000,
    ("DEU", "ROU"): 61_000,
    ("DEU", "BGR"): 22_000,
    ("AUT", "ROU"): 17_000,
}
OF_THE_ORIGIN = {"ROU": {"nursing": 3.0, "entry": 1.2}, "BGR": {"nursing": 1.4}, "": {}}


OFFICIAL = ("--education", "education.csv", "--stock", "stock.csv")


def shown(count: float) -> dict[str, object]:
    """Return how a count is shown: in hundreds, nothing below 300."""
    if count < 300:
        return {"value": None, "lower": 0.0, "upper": 300.0, "status": "floored"}
    middle = round(count, -2)
    return {"value": middle, "lower": max(middle - 50, 300.0), "upper": middle + 50, "status": "observed"}


def audience(wave: str, nurses: float = 1.0) -> pd.DataFrame:
    rows = []
    for (destination, origin), size in SIZES.items():
        cells = [("", "", 1.0)] + [
            (
                name,
                category,
                share * OF_THE_ORIGIN[origin].get(category, 1.0) * (nurses if category == "nursing" else 1),
            )
            for name, categories in CATEGORIES.items()
            for category, share in categories.items()
        ]
        for sex, part in (("all", 1.0), ("female", 0.52), ("male", 0.48)):
            for dimension, category, share in cells:
                if sex != "all" and dimension:
                    continue
                about = {"destination": destination, "origin": origin, "sex": sex}
                rows.append(about | {"dimension": dimension, "category": category} | shown(size * part * share))
    table = pd.DataFrame(rows).assign(
        platform="linkedin",
        metric="total",
        wave=wave,
        asked_at=f"{wave}-03T04:05:06Z",
        age_min=18,
        age_max=None,
        education="",
        relationship="",
        location_basis="home",
        placements="all",
        request_key="key",
        api_version="202608",
    )
    return check(table.assign(origin_basis=np.where(table["origin"] == "", "", "school_country")), AUDIENCE)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with two waves of a query, and official files beside them."""
    folder = tmp_path_factory.mktemp("skills")
    for wave, nurses in (("2026-10", 1.0), ("2026-11", 1.3)):
        path = folder / "waves" / wave / "romania-skills.audience.parquet"
        path.parent.mkdir(parents=True)
        audience(wave, nurses).to_parquet(path)
    meta = audience("2026-11").assign(metric="mau", platform="meta").query("dimension == ''")
    meta.to_parquet(folder / "waves/2026-11/meta-query.audience.parquet")
    source = {"provider": "eurostat", "edition": "2025"}
    shares = [
        source | {"dataset": "edat_lfs_9912", "indicator": "education", "category": "isced5-8", "area": area}
        | {"concept": "birth", "group": "EU27_2020_FOR", "sex": sex, "age_min": 15, "age_max": 64, "value": 25.0}
        | {"reference_date": "2025-07-01", "unit": "percent", "flags": "", "retrieved_at": ""}
        for area in ("DEU", "AUT")
        for sex in ("all", "female", "male")
    ]  # fmt: skip
    stocks = [
        source | {"dataset": "migr_pop3ctb", "concept": "birth", "destination": where, "origin": whence, "sex": sex}
        | {"age_min": 0, "age_max": "", "reference_date": "2025-01-01", "flags": "", "retrieved_at": ""}
        | {"value": 8.0 * SIZES[where, whence] * (1.0 if sex == "all" else 0.5)}
        for where, whence in SIZES if whence for sex in ("all", "female", "male")
    ]  # fmt: skip
    pd.DataFrame(shares).to_csv(folder / "education.csv", index=False)
    pd.DataFrame(stocks).to_csv(folder / "stock.csv", index=False)
    return folder


def test_a_corridor_is_shown_with_quotients_change_and_whose_profile_it_is(folder: Path) -> None:
    ended = smstock("skills", "romania-skills", "--origin", "Romania", "--destination", "DE", cwd=folder)
    assert ended.returncode == 0, ended.stderr
    text = " ".join(ended.stdout.split())
    for said in (
        "Romania → Germany, November 2026",
        "LinkedIn members schooled in the origin, not all migrants",
        "Seniority, of all members",
        "project management",
        "percentage points since October 2026",
        "early career",
    ):
        assert said.casefold() in text.casefold(), said
    (nursing,) = (line for line in ended.stdout.splitlines() if "nursing" in line)
    assert "23 %" in nursing
    assert "▲" in nursing
    (cxo,) = (line for line in ended.stdout.splitlines() if "cxo" in line)
    assert "<" in cxo
    assert "nan" not in ended.stdout.casefold().split()
    assert max(map(len, ended.stdout.splitlines())) <= 110


def printed(*tables: object, width: int = 100) -> str:
    console = Console(width=width, record=True, file=StringIO())
    for table in tables:
        console.print(table)
    return console.export_text()


def profile_of(folder: Path) -> pd.DataFrame:
    return pd.read_parquet(folder / "estimates/2026-11/romania-skills.skills.parquet")


def test_origins_of_a_destination_stand_side_by_side(folder: Path, skilled: subprocess.CompletedProcess[str]) -> None:
    text = printed(comparison_table(profile_of(folder), [("DEU", "BGR"), ("DEU", "ROU")]))
    header = next(line for line in text.splitlines() if "Everybody" in line)
    assert header.split() == ["Everybody", "Romania", "Bulgaria"]
    assert "Origins in Germany" in text


def test_corridors_of_many_destinations_are_a_list_with_what_stands_out(
    folder: Path, skilled: subprocess.CompletedProcess[str]
) -> None:
    lines = printed(overview_table(profile_of(folder), None)).splitlines()
    assert [line.split("  ")[0] for line in lines[3:6]] == [
        "Romania → Germany",
        "Bulgaria → Germany",
        "Romania → Austria",
    ]
    assert "nursing 3.0" in lines[3]
    assert "▲" in lines[3]


@pytest.mark.parametrize("width", [80, 110])
def test_tables_fit_the_terminal(folder: Path, skilled: subprocess.CompletedProcess[str], width: int) -> None:
    profile = profile_of(folder)
    text = printed(
        corridor_table(profile, "DEU", "ROU"), comparison_table(profile, [("DEU", "BGR"), ("DEU", "ROU")]), width=width
    )
    assert "…" not in text
    assert max(len(line.rstrip()) for line in text.splitlines()) <= width


@pytest.fixture(scope="module")
def skilled(folder: Path) -> subprocess.CompletedProcess[str]:
    """What the command says to machines with official files."""
    return smstock("skills", "romania-skills", *OFFICIAL, "--json", cwd=folder)


def test_with_official_files_there_are_highly_skilled_persons(
    folder: Path, skilled: subprocess.CompletedProcess[str]
) -> None:
    assert skilled.returncode == 0, skilled.stderr
    found = json.loads(skilled.stdout)
    table = pd.DataFrame(found["highly_skilled"])
    germany = table[(table["destination"] == "DEU") & (table["origin"] == "ROU")].set_index("sex")
    assert germany["median"]["all"] == pytest.approx(2 * 61_000, rel=0.2)
    assert germany["median"]["female"] + germany["median"]["male"] == pytest.approx(germany["median"]["all"], rel=0.02)
    persons = pd.DataFrame(found["profile"]).query("destination == 'DEU' and origin == 'ROU' and category == 'nursing'")
    assert persons["persons"].iloc[0] == pytest.approx(0.234 * germany["median"]["all"], rel=0.1)
    assert {row["name"] for row in found["elasticities"]} >= {"penetration at the origin"}
    text = printed(highly_skilled_table(check(table, HIGHLY_SKILLED)))
    assert "Highly skilled persons, November 2026" in text
    assert "†" in text


def test_files_keep_their_contracts_and_name_no_folder(folder: Path, skilled: subprocess.CompletedProcess[str]) -> None:
    made = folder / "estimates/2026-11"
    profile = check(profile_of(folder), SKILL_PROFILE)
    check(pd.read_parquet(made / "romania-skills.highly-skilled.parquet"), HIGHLY_SKILLED)
    assert (profile.loc[profile["origin"] != "", "population"].str.contains("not all migrants")).all()
    csv = pd.read_csv(made / "romania-skills.skills.csv", keep_default_na=False)
    assert len(csv) == len(profile)
    assert json.loads((made / "romania-skills.skills.manifest.json").read_text())["about"]["wave_before"] == "2026-10"
    html = (made / "romania-skills.skills.html").read_text()
    assert "not all migrants" in html
    assert "http" not in html.replace("http://www.w3.org", "")
    assert "<script" not in html
    assert ">nan" not in html
    for path in made.iterdir():
        assert str(folder).encode() not in path.read_bytes()


@pytest.mark.slow
def test_the_same_wave_gives_the_same_bytes_and_official_files_change_no_share(folder: Path, tmp_path: Path) -> None:
    def made(name: str, *official: str) -> dict[str, bytes]:
        output = tmp_path / name
        output.mkdir()
        (output / "waves").symlink_to(folder / "waves")
        ended = smstock("skills", "romania-skills", "--output", output, *official, cwd=folder)
        assert ended.returncode == 0, ended.stderr
        return {path.name: path.read_bytes() for path in (output / "estimates/2026-11").iterdir()}

    assert made("first") == made("again")
    made("official", *OFFICIAL)
    name = "estimates/2026-11/romania-skills.skills.parquet"
    plain, official = (pd.read_parquet(tmp_path / each / name) for each in ("first", "official"))
    assert official["share"].equals(plain["share"])
    assert official["persons"].notna().any()
    assert plain["persons"].isna().all()


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["romania-skill"], 3, ["romania-skill", "not collected"]),
        (["meta-query"], 3, ["no total", "metrics at hand: mau", "name a LinkedIn query"]),
        (["romania-skills", "--origin", "Rumania"], 3, ["Rumania", "Romania"]),
        (["romania-skills", "--origin", "SRB"], 3, ["no members from SRB", "ROU in DEU"]),
        (["romania-skills", "--wave", "2026-13"], 2, ["2026-13", "YYYY-MM"]),
        (["romania-skills", "--wave", "2026-09"], 3, ["2026-09", "2026-10, 2026-11"]),
        (["romania-skills", "--since", "2026-09"], 3, ["2026-09", "waves at hand"]),
        (["romania-skills", "--since", "2026-11"], 2, ["2026-11", "before"]),
        (["romania-skills", "--stock", "stock.csv"], 2, ["--education"]),
        (["romania-skills", "--education", "stock.csv"], 3, ["stock.csv"]),
        (["romania-skills", "--education", "nowhere.csv"], 3, ["nowhere.csv"]),
        (["romania-skills", "--educaton", "x"], 2, ["educaton"]),
        ([], 2, ["query"]),
    ],
)
def test_a_mistake_is_one_message_with_its_exit_code(
    folder: Path, arguments: list[str], code: int, said: list[str]
) -> None:
    ended = smstock("skills", *arguments, cwd=folder)
    assert ended.returncode == code, ended.stderr
    for words in said:
        assert words.casefold() in ended.stderr.casefold(), ended.stderr
    assert "Traceback" not in ended.stderr
    assert ended.stdout == ""
