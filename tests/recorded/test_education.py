"""Estimates by education, from the command line: the Serbian wave of October 2020 beside Eurostat's shares."""

from __future__ import annotations

import json
import re
import shutil
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from tests.cli.command import smstock

if TYPE_CHECKING:
    from pathlib import Path

SIDECAR = (
    'producer = "United Nations"\ntitle = "Stock by age and sex"\nedition = "2019"\ncitation = "IMS 2019"\n'
    'licence = "CC BY 3.0 IGO"\nretrieved = "2026-12-01"\nconcept = "mixed"\n'
)
AGES = "un2019_by_age_and_sex_wide.csv.gz"
LEVELS = ["isced0-2", "isced3-4", "isced5-8"]


@pytest.fixture(scope="module")
def workspace(shared: Path, repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the wave is collected and the calibration names shares by education."""
    folder = tmp_path_factory.mktemp("education")
    for name in ("queries", "calibration"):
        shutil.copytree(repository / name, folder / name)
    shutil.copy(repository / "smstock.toml", folder)
    files = folder / "calibration" / "serbia"
    shutil.copy(shared / "official" / "eurostat" / "estat_edat_lfs_9912_filtered1.tsv", files / "education.tsv")
    shutil.copy(shared / "official" / "undesa" / AGES, files)
    (files / f"{AGES}.origin.toml").write_text(SIDECAR, encoding="utf-8")
    with (folder / "calibration" / "serbia.toml").open("a", encoding="utf-8") as spec:
        spec.write(f'\neducation = "serbia/education.tsv"\ncompositions = "serbia/{AGES}"\nby = ["education"]\n')
    replay = ("--replay", "queries/recorded/serbia-diaspora", "--wave", "2020-10")
    assert smstock("collect", "serbia-diaspora", *replay, cwd=folder).returncode == 0
    return folder


def rows(printed: str, method: str) -> list[list[str]]:
    """Return the numbers that stand after a method in the tables of shares, in docs/by-age-and-education.md too."""
    return [re.findall(r"[\d.]+", line) for line in printed.splitlines() if f" {method} " in line]


@pytest.mark.slow
def test_totals_are_divided_by_levels_and_say_what_they_rest_on(workspace: Path) -> None:
    learnt = smstock("calibrate", "serbia", "--query", "serbia-diaspora", cwd=workspace)
    assert "Shares by education on 27 groups of origins held" in learnt.stdout
    assert rows(learnt.stdout, "official shares kept") == [["1.66", "2.15", "79"], ["4.82", "6.80", "82"]]
    assert rows(learnt.stdout, "pooled log-ratios") == [["1.75", "2.00", "85"], ["5.34", "6.47", "85"]]
    assert rows(learnt.stdout, "shares of the audience") == [["10.19", "8.75", "83"], ["11.41", "10.55", "82"]]
    made = smstock("nowcast", "serbia", "--query", "serbia-diaspora", "--by", "education", cwd=workspace)
    assert made.returncode == 0, made.stderr
    assert "All estimates by education" in made.stdout
    table = pd.read_csv(workspace / "estimates" / "2020-10" / "serbia.csv", keep_default_na=False)
    of_austria = table[(table["destination"] == "AUT") & (table["sex"] == "all")]
    total = of_austria[(of_austria["age_min"] == 0) & (of_austria["age_max"] == "")]
    parts = of_austria.drop(index=total.index)
    assert parts["education"].tolist() == ["", *LEVELS, ""]
    assert parts["age_min"].tolist() == [0, 15, 15, 15, 65]
    assert parts["median"].astype(float).sum() == pytest.approx(float(total["median"].iloc[0]), abs=2)
    levelled = parts[parts["education"] != ""]
    assert levelled["regime"].eq("none").all()
    assert levelled["notes"].str.contains("education of all from outside the EU there stands in").all()
    assert levelled["notes"].str.contains("is not measured: indicative").all()
    # the estimate stays near the shares that Eurostat has of those born outside the Union
    shares = levelled["median"].astype(float) / levelled["median"].astype(float).sum()
    lines = (workspace / "calibration" / "serbia" / "education.tsv").read_text(encoding="utf-8").splitlines()
    place = [name.strip() for name in lines[0].split("\t")].index("2020")
    fields = {line.split("\t")[0]: line.split("\t") for line in lines}
    figures = {
        level: float(fields[f"A,PC,T,{code},NEU27_2020_FOR,Y15-64,AT"][place].split()[0])
        for level, code in zip(LEVELS, ("ED0-2", "ED3_4", "ED5-8"), strict=True)
    }
    for share, level in zip(shares, LEVELS, strict=True):
        assert share == pytest.approx(figures[level] / 100, abs=0.05)
    page = (workspace / "estimates" / "2020-10" / "serbia.report.html").read_text(encoding="utf-8")
    assert '<h2 id="by-age">By education</h2>' in page
    assert "how far one origin departs from them is not measured" in page


@pytest.mark.slow
def test_rows_explanation_and_sums_carry_levels(workspace: Path) -> None:
    command = ("nowcast", "serbia", "--query", "serbia-diaspora", "--by", "education")
    rows = json.loads(smstock(*command, "--json", cwd=workspace).stdout)
    assert {row["education"] for row in rows} == {"", *LEVELS}
    explained = smstock(*command, "--explain", "SRB:AUT", cwd=workspace).stdout
    assert "of all from outside the EU at the destination, which stands in" in explained
    assert "high (5\N{EN DASH}8)" in explained
    sums = pd.read_csv(workspace / "estimates" / "2020-10" / "serbia.sums.csv", keep_default_na=False)
    assert set(sums.loc[sums["education"] != "", "indicative"]) == {"with"}
    listed = smstock("estimates", "serbia", "--education", "isced5-8", "--destination", "AUT", cwd=workspace)
    assert "ages 15-64, isced5-8" in listed.stdout
    assert "Serbia in Austria" in listed.stdout
    crossed = smstock("nowcast", "serbia", "--query", "serbia-diaspora", "--by", "sex,education", cwd=workspace)
    assert crossed.returncode == 2
    assert "education alone" in crossed.stderr


@pytest.mark.slow
def test_without_figures_by_education_or_by_age_it_says_what_lacks(workspace: Path) -> None:
    spec = workspace / "calibration" / "serbia.toml"
    text = spec.read_text(encoding="utf-8")
    command = ("nowcast", "serbia", "--query", "serbia-diaspora", "--by", "education")
    try:
        spec.write_text(text.replace(f'compositions = "serbia/{AGES}"\n', ""), encoding="utf-8")
        lacking = smstock(*command, cwd=workspace)
        assert (
            lacking.returncode,
            "how many of its migrants are of these ages" in " ".join(lacking.stderr.split()),
        ) == (2, True)
        spec.write_text(text.replace('education = "serbia/education.tsv"\n', ""), encoding="utf-8")
        lacking = smstock(*command, cwd=workspace)
        assert (lacking.returncode, "names no official figures by education" in lacking.stderr) == (2, True)
    finally:
        spec.write_text(text, encoding="utf-8")
