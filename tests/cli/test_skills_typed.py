"""Skill profiles of counts that a person typed off Campaign Manager: as those of the API, and marked."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal
from tests.cli.command import smstock

from smstock import workflows
from smstock.folder import Folder
from smstock.platforms.linkedin.campaign_manager import HEADINGS
from smstock.query.spec import load
from smstock.tables import check
from smstock.tables.profile import HIGHLY_SKILLED, SKILL_PROFILE
from smstock.workflows.skills import skills

if TYPE_CHECKING:
    from pathlib import Path

    from smstock.workflows.skills import SkillProfile

COUNTS = """facet,entity,count
total,,"12,000"
Degrees,Bachelor's Degree,"6,400"
Degrees,Doctor of Philosophy,< 300
Job Seniorities,Entry,"4,200"
Job Seniorities,Senior,"5,250"
"""
CORRIDOR = ("--destination", "Ireland", "--origin", "SRB", "--wave", "2024-05")
MARK = "counts typed off Campaign Manager by hand, not collected through the API"


def as_typed(audience: pd.DataFrame) -> pd.DataFrame:
    """Return the lines that a person would have typed who saw the same audiences on Campaign Manager."""
    lines = []
    for row in audience.to_dict("records"):
        ages = f"{row['age_min']}+" if pd.isna(row["age_max"]) else f"{row['age_min']}-{row['age_max']}"
        facet, entity = HEADINGS.get(row["dimension"], "total"), row["category"]
        if not entity and ages != "18+":
            facet, entity = "Member Age", ages
        lines.append(
            {
                "facet": facet,
                "entity": entity,
                "count": f"{row['value']:,.0f}" if row["status"] == "observed" else "< 300",
                "sex": "" if row["sex"] == "all" else row["sex"],
                "destination": row["destination"],
                "origin": row["origin"] or "everybody",
                "date": f"{row['wave']}-22",
            }
        )
    return pd.DataFrame(lines)


@pytest.fixture(scope="module")
def both(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, SkillProfile]:
    """Profiles of one set of audiences: answered by the simulated API, and typed by hand."""
    workspace = Folder(repository, tmp_path_factory.mktemp("typed"))
    collected = workflows.collect(
        load(repository / "queries/serbia-skills.toml"),
        workspace,
        now=datetime(2026, 11, 22, tzinfo=UTC),
        recordings=repository / "queries/recorded/serbia-skills",
    )
    audience = collected.table()
    audience = audience[audience["destination"].isin({"IRL", "SRB"})].reset_index(drop=True)
    audience.to_parquet(workspace.wave(collected.wave, "asked.audience.parquet"))
    as_typed(audience).to_csv(workspace.output / "asked.csv", index=False)
    return {
        "collected": workflows.skill_profile(workspace, query="asked", wave=collected.wave),
        "typed": skills(workspace, workspace.output / "asked.csv", present="2026-12"),
    }


def test_the_same_audiences_give_the_same_profile_up_to_the_marking(both: dict[str, SkillProfile]) -> None:
    collected, typed = both["collected"].profile, both["typed"].profile
    marks = ["source", "population"]
    assert_frame_equal(typed.drop(columns=[*marks, "status"]), collected.drop(columns=[*marks, "status"]))
    assert set(typed["source"]) == {"typed"}
    assert set(collected["source"]) == {"collected"}
    assert typed["population"].tolist() == [f"{whose}; {MARK}" for whose in collected["population"]]
    # what was not asked because the whole is too small was read as too small by hand
    assert typed["status"].tolist() == collected["status"].replace("deduced", "floored").tolist()


def test_shares_by_position_are_of_all_members_and_ages_of_nearly_all(both: dict[str, SkillProfile]) -> None:
    profile = both["collected"].profile
    bases = profile.groupby("dimension")["base"].unique().map(tuple).to_dict()
    assert {name for name, base in bases.items() if base == ("stated",)} == {"sex", "age", "experience", "early_career"}
    assert {name for name, base in bases.items() if base == ("members",)} == {
        "seniority", "function", "industry", "degree", "field_of_study", "skill"
    }  # fmt: skip
    of_all = profile[profile["sex"] == "all"].groupby("dimension")["base_share"].median()
    assert of_all["age"] == pytest.approx(0.97, abs=0.03)
    assert of_all["sex"] == pytest.approx(0.9, abs=0.03)
    assert of_all["seniority"] == 1


@pytest.fixture
def counts(tmp_path: Path) -> Path:
    """A folder with typed counts of one corridor, made up."""
    (tmp_path / "counts.csv").write_text(COUNTS)
    return tmp_path


def made(folder: Path, *arguments: str, file: str = "counts.csv") -> dict[str, Any]:
    ended = smstock("skills", file, *arguments, "--json", cwd=folder)
    assert ended.returncode == 0, ended.stderr
    found: dict[str, Any] = json.loads(ended.stdout)
    return found


def test_shares_are_those_of_the_counts(counts: Path) -> None:
    profile = pd.DataFrame(made(counts, *CORRIDOR)["profile"]).set_index("category")
    assert profile["share"]["Bachelor's Degree"] == pytest.approx(6_400 / 12_000, abs=0.02)
    assert profile["lower_95"]["Bachelor's Degree"] < 6_300 / 13_000 + 0.03
    assert profile["share"]["Entry"] == pytest.approx(4_200 / 12_000, abs=0.02)
    assert profile["share"]["Senior"] == pytest.approx(5_250 / 12_000, abs=0.02)
    assert pd.isna(profile["share"]["Doctor of Philosophy"])
    assert 0 < profile["upper_80"]["Doctor of Philosophy"] < 300 / 11_000
    assert profile["base"].to_dict()["Entry"] == "members"
    assert profile["members"]["Entry"] == 4_200


TEN = {"Unpaid": 400, "Training": 700, "Entry": 4_100, "Senior": 3_100, "Manager": 1_200, "Director": 500, "VP": 0,
       "CXO": 320, "Partner": 0, "Owner": 600}  # fmt: skip
"""Members by seniority, made up; 0 is too few."""


def test_two_seniorities_of_ten_are_compared_by_the_totals(counts: Path) -> None:
    (counts / "counts.csv").write_text(
        "facet,entity,count,origin\n"
        'total,,"12,000",SRB\nJob Seniorities,Entry,"4,100",SRB\nJob Seniorities,Senior,"4,600",SRB\n'
        "total,,2.9M,everybody\nJob Seniorities,Entry,900K,everybody\nJob Seniorities,Senior,1.1M,everybody\n"
    )
    profile = pd.DataFrame(made(counts, *CORRIDOR)["profile"]).set_index(["origin", "category"])
    assert set(profile["base"]) == {"members"}
    assert profile["share"]["SRB", "Entry"] == pytest.approx(4_100 / 12_000, abs=0.01)
    assert profile["share"]["", "Entry"] == pytest.approx(0.9 / 2.9, abs=0.01)
    quotient = (4_100 / 12_000) / (0.9 / 2.9)
    assert round(quotient, 2) == 1.10
    assert profile["location_quotient"]["SRB", "Entry"] == pytest.approx(quotient, abs=0.03)
    text = " ".join(smstock("skills", "counts.csv", *CORRIDOR, cwd=counts).stdout.split())
    assert "Seniority, of all members" in text
    assert "of stated" not in text.casefold()
    page = (counts / "estimates/2024-05/counts-typed.skills.html").read_text()
    assert "Seniority, of all members" in page
    assert "of stated" not in page.casefold()
    headline = re.search(r"Entry (\d\.\d\d) times as common as among everybody in Ireland", page)
    assert headline
    assert float(headline[1]) == pytest.approx(quotient, abs=0.03)


def test_all_ten_seniorities_are_shares_of_all_members_who_may_have_several(counts: Path) -> None:
    lines = [f"Job Seniorities,{name},{number or '< 300'}" for name, number in TEN.items()]
    (counts / "counts.csv").write_text("\n".join(["facet,entity,count", 'total,,"12,000"', *lines]))
    profile = pd.DataFrame(made(counts, *CORRIDOR)["profile"]).set_index("category")
    assert set(profile["base"]) == {"members"}
    assert profile["share"]["Entry"] == pytest.approx(4_100 / 12_000, abs=0.02)


def test_what_ages_leave_of_the_total_bounds_an_age_below_the_floor(counts: Path) -> None:
    ages = {"18-24": "< 300", "25-34": "1,400", "35-54": "590", "55+": "< 300"}
    lines = [f'Member Age,{name},"{number}"' for name, number in ages.items()]
    text = 'facet,entity,count\ntotal,,"2,000"\nskills,Sales,900\n'
    (counts / "counts.csv").write_text(text + "\n".join(lines))
    profile = pd.DataFrame(made(counts, *CORRIDOR)["profile"]).set_index("category")
    # the total is below 2,050, those of 25 to 54 are 1,350 + 585 at least
    assert 0 < profile["upper_95"]["55+"] < 2 * (2_050 - 1_350 - 585) / 1_935
    assert profile["base_share"]["55+"] == pytest.approx(1_990 / 2_000)


def test_counts_of_more_digits_are_recorded_as_such_and_the_page_says_so(counts: Path) -> None:
    (counts / "counts.csv").write_text(COUNTS.replace('"6,400"', '"6,410"'))
    found = pd.DataFrame(made(counts, *CORRIDOR)["profile"]).set_index("category")
    assert found["rounding"].to_dict() == {
        "Bachelor's Degree": "more_digits",
        "Doctor of Philosophy": "",
        "Entry": "two_digits",
        "Senior": "more_digits",
    }
    assert (found["members_lower"]["Bachelor's Degree"], found["members_upper"]["Bachelor's Degree"]) == (6_400, 6_420)
    page = (counts / "estimates/2024-05/counts-typed.skills.html").read_text()
    assert "2 of 3 counts have more than two digits" in page
    (counts / "counts.csv").write_text(COUNTS.replace('"5,250"', '"5,200"'))
    made(counts, *CORRIDOR)
    assert "more than two digits" not in (counts / "estimates/2024-05/counts-typed.skills.html").read_text()


def test_years_with_a_gap_are_shares_of_all_members(counts: Path) -> None:
    years = {"1 to 2": 1_000, "3 to 5": 2_000, "More than 12": 3_000}
    lines = [f"Years of Experience,{name},{number}" for name, number in years.items()]
    (counts / "counts.csv").write_text("\n".join(["facet,entity,count", 'total,,"12,000"', *lines]))
    profile = pd.DataFrame(made(counts, *CORRIDOR)["profile"]).set_index("category")
    assert set(profile["base"]) == {"members"}
    assert profile["share"]["More than 12"] == pytest.approx(3_000 / 12_000, abs=0.03)
    assert profile["share"]["up to 5 years"] == pytest.approx(3_000 / 12_000, abs=0.03)


def test_one_gender_is_a_share_of_all_members(counts: Path) -> None:
    (counts / "counts.csv").write_text(
        'facet,entity,count\ntotal,,"12,000"\nMember Gender,Female,"5,400"\nskills,Sales,900\n'
    )
    profile = pd.DataFrame(made(counts, *CORRIDOR)["profile"]).set_index("category")
    assert profile["share"]["female"] == pytest.approx(5_400 / 12_000, abs=0.02)


def test_all_that_comes_out_says_that_the_counts_were_typed(counts: Path) -> None:
    ended = smstock("skills", "counts.csv", *CORRIDOR, cwd=counts)
    assert ended.returncode == 0, ended.stderr
    text = " ".join(ended.stdout.split())
    assert "Typed off LinkedIn's Campaign Manager by hand in May 2024, not collected through the API" in text
    assert MARK in text
    assert "<: the count is below the platform's floor, and the share with 80 % probability below this." in text
    folder = counts / "estimates/2024-05"
    table = check(pd.read_parquet(folder / "counts-typed.skills.parquet"), SKILL_PROFILE)
    assert (table["source"] == "typed").all()
    assert table["population"].str.endswith(MARK).all()
    assert set(pd.read_csv(folder / "counts-typed.skills.csv")["source"]) == {"typed"}
    manifest = json.loads((folder / "counts-typed.skills.manifest.json").read_text())
    assert manifest["about"]["source"] == "typed"
    assert list(manifest["inputs"]) == ["typed counts"]
    page = (folder / "counts-typed.skills.html").read_text()
    for words in (MARK, "Counts were typed by hand.", "typed off Campaign Manager by hand, month 2024-05"):
        assert words in page
    assert "Bachelor&#39;s Degree" in page
    assert ">nan" not in page
    found = made(counts, *CORRIDOR)
    assert found["manifest"]["about"]["source"] == "typed"
    assert {row["source"] for row in found["profile"]} == {"typed"}


def test_the_example_of_the_page_is_read_as_it_stands(repository: Path, tmp_path: Path) -> None:
    page = (repository / "docs/platforms/linkedin.md").read_text()
    before, example = page.split("\n```csv\n")
    arguments = before.rstrip("`\n").splitlines()[-1].removeprefix("smstock skills counts.csv ").split()
    assert arguments[::2] == ["--destination", "--origin", "--wave"]
    (tmp_path / "counts.csv").write_text(example.split("```")[0])
    profile = pd.DataFrame(made(tmp_path, *arguments[:-1], "2024-05")["profile"])
    categories = {"Bachelor's Degree", "Doctor of Philosophy", "Entry", "Senior", "Nursing"}
    assert set(profile["category"]) == categories
    assert "(The figures are made up.)" in page


def test_the_page_shows_what_a_count_can_be_and_no_point(counts: Path) -> None:
    (counts / "counts.csv").write_text(COUNTS.replace('"6,400"', '"6,400+"').replace('"4,200"', "4.2K"))
    profile = pd.DataFrame(made(counts, *CORRIDOR)["profile"]).set_index("category")
    ends = profile[["members_lower", "members_upper"]].T.to_dict("list")
    assert ends["Bachelor's Degree"] == [6_350, 6_500]
    assert ends["Entry"] == [4_150, 4_300]
    assert ends["Doctor of Philosophy"] == [0, 300]
    assert set(profile["base_members"]) == {12_000}
    page = (counts / "estimates/2024-05/counts-typed.skills.html").read_text()
    for cell in ("6,350\u20136,500", "4,150\u20134,300", "&lt;300"):
        assert f"<td>{cell}</td>" in page
    assert "from the fewest to the most that the typed count can be" in page
    assert "Serbia → Ireland: no share can be compared with everybody in Ireland." in page


def test_rounded_counts_have_wider_intervals(counts: Path) -> None:
    def width(text: str) -> float:
        (counts / "counts.csv").write_text(COUNTS.replace('"6,400"', text))
        row = next(row for row in made(counts, *CORRIDOR)["profile"] if row["category"] == "Bachelor's Degree")
        return float(row["upper_80"] - row["lower_80"])

    assert width("6K") > 1.5 * width("6417")


def test_months_of_a_file_are_waves_and_change_is_between_them(counts: Path) -> None:
    lines = COUNTS.splitlines()
    later = [line.replace("6,400", "9,400") for line in lines]
    dated = [
        f"{lines[0]},date",
        *(f"{line},2024-03-30" for line in lines[1:]),
        *(f"{line},2024-05" for line in later[1:]),
    ]
    (counts / "counts.csv").write_text("\n".join(dated))
    corridor = CORRIDOR[:4]
    newest = pd.DataFrame(made(counts, *corridor)["profile"]).set_index("category").loc["Bachelor's Degree"]
    assert newest["wave"] == "2024-05"
    assert newest["wave_before"] == "2024-03"
    assert newest["change"] == pytest.approx(3_000 / 12_000, abs=0.03)
    first = made(counts, *corridor, "--wave", "2024-03")
    assert {row["wave_before"] for row in first["profile"]} == {""}
    refused = smstock("skills", "counts.csv", *corridor, "--since", "2024-01", cwd=counts)
    assert refused.returncode == 3
    assert "2024-03, 2024-05" in refused.stderr


def test_several_corridors_stand_side_by_side_with_everybody(counts: Path) -> None:
    lines = COUNTS.splitlines()
    by_origin = {"Serbia": lines[1:], "Croatia": [line.replace("4,200", "2,000") for line in lines[1:]]}
    by_origin["everybody"] = ['total,,"3,400,000+"', "Job Seniorities,Entry,1.2M", "Job Seniorities,Senior,1.1M"]
    rows = [f"{line},{origin}" for origin, of_origin in by_origin.items() for line in of_origin]
    (counts / "counts.csv").write_text("\n".join([f"{lines[0]},origin", *rows]))
    found = made(counts, "--destination", "IRL", "--wave", "2024-05")
    profile = pd.DataFrame(found["profile"]).set_index(["origin", "category"])
    assert profile["share"]["HRV", "Entry"] == pytest.approx(2_000 / 12_000, abs=0.02)
    assert profile["location_quotient"]["HRV", "Entry"] == pytest.approx((2_000 / 12_000) / (1.2 / 3.4), abs=0.06)
    rows.append("Job Seniorities,Manager,800,Croatia")
    (counts / "counts.csv").write_text("\n".join([f"{lines[0]},origin", *rows]))
    shown = smstock("skills", "counts.csv", "--destination", "IRL", "--wave", "2024-05", cwd=counts)
    (manager,) = (line for line in shown.stdout.splitlines() if line.startswith("  Manager"))
    assert manager.split() == ["Manager", "6.7", "%"]
    assert "Empty: not counted there." in " ".join(shown.stdout.split())
    assert "the share with 80 % probability below this" in " ".join(shown.stdout.split())
    assert "Origins in Ireland" in shown.stdout
    assert "Typed off LinkedIn's Campaign Manager" in shown.stdout
    one = made(counts, "--destination", "IRL", "--wave", "2024-05", "--origin", "Croatia")
    assert {row["origin"] for row in one["profile"]} == {"", "HRV"}


def test_the_highly_skilled_of_typed_counts_are_marked(counts: Path) -> None:
    share: dict[str, Any] = {
        "provider": "eurostat",
        "edition": "2023",
        "dataset": "edat_lfs_9912",
        "indicator": "education",
    }
    share |= {"category": "isced5-8", "area": "IRL", "concept": "birth", "group": "NEU27_2020_FOR", "sex": "all"}
    share |= {"age_min": 15, "age_max": 64, "reference_date": "2023-07-01", "value": 40.0, "unit": "percent"}
    stock: dict[str, Any] = {
        "provider": "eurostat",
        "edition": "2023",
        "dataset": "migr_pop3ctb",
        "concept": "birth",
        "sex": "all",
    }
    stock |= {"destination": "IRL", "origin": "SRB", "age_min": 0, "age_max": "", "reference_date": "2023-01-01"}
    for name, row in (("education", share), ("stock", stock | {"value": 20_000})):
        pd.DataFrame([row | {"flags": "", "retrieved_at": ""}]).to_csv(counts / f"{name}.csv", index=False)
    made(counts, *CORRIDOR, "--education", "education.csv", "--stock", "stock.csv")
    table = check(pd.read_parquet(counts / "estimates/2024-05/counts-typed.highly-skilled.parquet"), HIGHLY_SKILLED)
    assert set(table["source"]) == {"typed"}
    assert table["population"].str.endswith(MARK).all()


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["nowhere.csv", *CORRIDOR], 3, ["nowhere.csv does not exist", "mend the path"]),
        (["counts.csv"], 3, ["where the members live", "--destination IRL"]),
        (["counts.csv", *CORRIDOR[:2]], 3, ["where the schools are", "--origin SRB"]),
        (["counts.csv", *CORRIDOR[:4]], 3, ["when the counts were read", "--wave 2026-11"]),
        (["counts.csv", *CORRIDOR[:4], "--wave", "2124-05"], 3, ["2124-05", "months up to this one"]),
        (["counts.csv", *CORRIDOR[:4], "--wave", "May"], 2, ["'May' is not a wave", "YYYY-MM"]),
        (["counts.csv", *CORRIDOR, "--since", "2024-06"], 2, ["2024-06 to 2024-05 have no length"]),
        (["counts.csv", *CORRIDOR, "--since", "2024-04"], 3, ["no count of 2024-04", "2024-05"]),
        (["counts.csv", "--destination", "Irland", *CORRIDOR[2:]], 3, ["Irland", "Ireland"]),
        (["counts.csv", "--destination", "SRB", *CORRIDOR[2:]], 3, ["nobody who was schooled in another country"]),
        (["counts.csv", *CORRIDOR, "--stock", "stock.csv"], 2, ["--education"]),
    ],
)
def test_a_mistake_is_one_message_with_its_exit_code(
    counts: Path, arguments: list[str], code: int, words: list[str]
) -> None:
    ended = smstock("skills", *arguments, cwd=counts)
    assert ended.returncode == code, ended.stderr
    for text in words:
        assert text in ended.stderr
    assert ended.stdout == ""
    assert not (counts / "estimates").exists()


def test_files_whose_names_differ_after_a_dot_do_not_write_over_each_other(tmp_path: Path) -> None:
    for name in ("counts.v1.csv", "counts.v2.csv"):
        (tmp_path / name).write_text(COUNTS)
        assert smstock("skills", name, *CORRIDOR, cwd=tmp_path).returncode == 0
    written = sorted(file.name for file in (tmp_path / "estimates" / "2024-05").glob("*.csv"))
    assert written == ["counts-v1-typed.skills.csv", "counts-v2-typed.skills.csv"]
