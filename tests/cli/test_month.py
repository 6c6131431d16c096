"""The month from the command line, on the recorded answers of the repository, as a person and as cron would run it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from tests.cli.command import REPOSITORY, installed, smstock
from tests.learning import _learnt_once  # noqa: F401 - a fixture

from smstock.report import wording
from smstock.tables import AUDIENCE, ESTIMATE, check
from smstock.tables.sums import SUM

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Sequence


@pytest.fixture(scope="module")
def month(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """The output folder of the worked example, and what its first run printed."""
    output = tmp_path_factory.mktemp("month")
    return output, installed("run", "serbia", "--output", output)


def test_the_month_prints_estimates_ratios_and_methods(month: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    _, ended = month
    assert ended.returncode == 0, ended.stderr
    for words in ("Germany", "Fewer than", "Women per man", "log ratio", "carry forward", "80 %", "RMSLE"):
        assert words in ended.stdout
    assert "nan" not in ended.stdout.lower().split()
    assert "\x1b" not in ended.stdout
    assert "written:" in ended.stderr


def test_the_readme_shows_what_the_month_prints(month: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    """Each line of the example, the parts that it leaves out apart, is part of what was printed."""
    page = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    example = page.partition("```text\n")[2].partition("```")[0]
    printed = " ".join(month[1].stdout.replace("─", "").split())
    example_parts = [
        " ".join(part.replace("─", "").split()) for line in example.splitlines() for part in line.split("...")
    ]
    assert sum(map(bool, example_parts)) > 12
    assert [part for part in example_parts if part.strip(" ,)") not in printed] == []


def test_the_month_estimates_at_least_forty_destinations_with_intervals(
    month: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    output, _ = month
    estimates = check(pd.read_parquet(output / "estimates/2020-10/serbia.parquet"), ESTIMATE)
    totals = estimates[(estimates["sex"] == "all") & estimates["median"].notna()]
    assert len(totals) >= 40
    for level in (50, 80, 95):
        assert (totals[f"lower_{level}"] <= totals["median"]).all()
        assert (totals["median"] <= totals[f"upper_{level}"]).all()
    assert len(estimates) == 3 * 92


def test_corridors_counted_under_a_former_state_are_doubtful_and_as_wide_as_both_readings(
    month: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    """The Netherlands and Belgium record births in Yugoslavia; of Bulgaria no such thing is known."""
    estimates = pd.read_parquet(month[0] / "estimates/2020-10/serbia.parquet")
    rows = estimates[estimates["sex"] == "all"].set_index("destination")
    for destination in ("BEL", "NLD"):
        row = rows.loc[destination]
        assert row["status"] == "doubtful"
        assert "the office counts people under Yugoslavia" in row["notes"]
        assert row["lower_80"] < row["official_last"] < row["median"] < row["audience"] < row["upper_80"]
    bulgarian = rows.loc["BGR"]
    assert bulgarian["status"] == "provisional"
    assert "people may be counted under Serbia and Montenegro or Yugoslavia" in bulgarian["notes"]
    assert bulgarian["lower_80"] < bulgarian["official_last"] < bulgarian["audience"] < bulgarian["upper_80"]
    assert rows.index[rows["status"] == "doubtful"].tolist() == ["BEL", "NLD"]
    assert json.loads((month[0] / "calibrations/serbia.json").read_text())["former"] == 2


def test_sexes_add_up_to_totals_everywhere(month: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    estimates = pd.read_parquet(month[0] / "estimates/2020-10/serbia.parquet")
    wide = estimates.pivot_table(index="destination", columns="sex", values="median")
    assert (wide["female"] + wide["male"] - wide["all"]).abs().max() < 1e-6 * wide["all"].max()


def test_csv_json_and_parquet_hold_the_same_figures(month: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    folder = month[0] / "estimates/2020-10"
    parquet = pd.read_parquet(folder / "serbia.parquet")
    csv = pd.read_csv(folder / "serbia.csv", keep_default_na=False)
    rows = json.loads((folder / "serbia.json").read_text())
    assert len(csv) == len(rows) == len(parquet)
    for index, median in enumerate(parquet["median"]):
        if pd.isna(median):
            assert csv["median"][index] == ""
            assert rows[index]["median"] is None
        else:
            assert float(csv["median"][index]) == pytest.approx(median, rel=1e-5)
            assert rows[index]["median"] == pytest.approx(median, rel=1e-5)


def test_sums_say_of_how_many_corridors_they_are(month: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    output, ended = month
    folder = output / "estimates/2020-10"
    sums = check(pd.read_parquet(folder / "serbia.sums.parquet"), SUM)
    assert len(pd.read_csv(folder / "serbia.sums.csv")) == len(sums) == 2 * 3 * (92 + 1 + 1)
    of_serbia = sums[sums["origin"] == "SRB"].set_index("indicative")
    both, women, men = (
        float(median) for median in sums.loc[(sums["origin"] == "SRB") & (sums["indicative"] == "with"), "median"]
    )
    assert women + men == pytest.approx(both)
    estimates = pd.read_parquet(folder / "serbia.parquet")
    totals = estimates[estimates["sex"] == "all"]
    of_totals = of_serbia[of_serbia["sex"] == "all"]
    checked, serbia = (pd.Series(of_totals.loc[which]) for which in ("without", "with"))
    assert serbia["estimated"] == totals["median"].notna().sum()
    sure = totals["official_last"].notna() & (totals["status"] == "provisional")
    assert checked["estimated"] == (totals["median"].notna() & sure).sum()
    counts = ["estimated", "left_out", "held_back", "floored", "unknown"]
    assert [row[counts].sum() for row in (checked, serbia)] == [92, 92]
    for name, row in (("From Serbia", checked), ("From Serbia, with indicative", serbia)):
        median, lower, upper = row[["median", "lower_80", "upper_80"]].astype("float64").tolist()
        line = " ".join(f"{name} {wording.persons(median)} {wording.interval(lower, upper)}".split())
        assert line in " ".join(ended.stdout.split())
        assert f"{row['estimated']} of 92" in ended.stdout
    manifest = json.loads((folder / "serbia.manifest.json").read_text())
    assert {"serbia.sums.parquet", "serbia.sums.csv"} < set(manifest["outputs"])


def test_draws_are_written_on_demand_and_agree_with_the_estimates(
    month: tuple[Path, subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    for folder in ("waves", "calibrations"):
        shutil.copytree(month[0] / folder, tmp_path / folder)
    command = ("nowcast", "calibration/serbia.toml", "--query", "serbia-diaspora", "-o", tmp_path)
    ended = smstock(*command, "--draws", "101")
    assert ended.returncode == 0, ended.stderr
    assert "serbia.draws.parquet" in ended.stderr
    estimates = pd.read_parquet(tmp_path / "estimates/2020-10/serbia.parquet")
    draws = pd.read_parquet(tmp_path / "estimates/2020-10/serbia.draws.parquet")
    assert len(draws) == 101 * len(estimates)
    wide = draws.astype({"sex": str}).pivot_table(
        index=["destination", "draw"], columns="sex", values="persons", observed=True
    )
    assert (wide["female"] + wide["male"]).to_numpy() == pytest.approx(wide["all"].to_numpy())
    medians = wide["all"].groupby("destination", observed=True).median()
    totals = estimates[(estimates["sex"] == "all") & estimates["median"].notna()].set_index("destination")["median"]
    assert medians[totals.index].to_numpy() == pytest.approx(totals.to_numpy(), rel=1e-6)
    written = (tmp_path / "estimates/2020-10/serbia.draws.parquet").read_bytes()
    refused = smstock(*command, "--draws", "1")
    assert refused.returncode == 2
    assert "2 or more" in refused.stderr
    assert (tmp_path / "estimates/2020-10/serbia.draws.parquet").read_bytes() == written


def test_rows_out_are_cells_planned(month: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    audience = check(pd.read_parquet(month[0] / "waves/2020-10/serbia-diaspora.audience.parquet"), AUDIENCE)
    assert len(audience) == 2 * 1564
    assert set(audience["status"]) == {"observed", "floored", "deduced"}


def test_running_again_changes_no_byte(month: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    output, first = month
    written = {path: path.read_bytes() for path in output.rglob("*") if path.is_file() and "sqlite" not in path.name}
    again = smstock("run", "serbia", "--output", output)
    assert again.returncode == 0, again.stderr
    assert "0 asked now" in again.stderr
    assert "on file" in again.stderr
    assert again.stdout == first.stdout
    assert {path: path.read_bytes() for path in written} == written


def test_what_the_month_wrote_names_no_clock_and_no_folder(
    month: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    for path in (month[0] / "estimates/2020-10").iterdir():
        assert str(month[0]).encode() not in path.read_bytes()


def test_json_is_for_machines(month: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    output, _ = month
    outcome = json.loads(smstock("run", "serbia", "--output", output, "--json").stdout)
    assert outcome["collected"]["cells"] == 1564
    assert all(Path(file).is_file() for file in outcome["files"])
    rows = json.loads(
        smstock("nowcast", "calibration/serbia.toml", "--query", "serbia-diaspora", "-o", output, "--json").stdout
    )
    assert {"destination", "median", "lower_80", "upper_80", "method"} <= set(rows[0])


FEW = ("AUT", "BEL", "CHE", "DEU", "FRA", "GBR", "HRV", "HUN", "ITA", "NLD", "SWE", "USA")


def of_few_destinations(destinations: Sequence[str] = FEW) -> str:
    """Return the query of the worked example, asked for some of its destinations only."""
    before, after = QUERY[: QUERY.index("destinations")], QUERY[QUERY.index("ages =") :]
    return f"{before}destinations = {list(destinations)}\n{after}"


@pytest.mark.usefixtures("_learnt_once")
def test_the_steps_one_by_one_come_to_the_same(tmp_path: Path) -> None:
    for folder in ("calibration", "queries/recorded"):
        (tmp_path / folder).parent.mkdir(exist_ok=True)
        (tmp_path / folder).symlink_to(REPOSITORY / folder)
    (tmp_path / "smstock.toml").write_text((REPOSITORY / "smstock.toml").read_text())
    (tmp_path / "queries/serbia-diaspora.toml").write_text(of_few_destinations())
    at_once, by_steps = tmp_path / "at-once", tmp_path / "by-steps"
    query, by_query = "queries/serbia-diaspora.toml", ("--query", "serbia-diaspora")
    for command in (
        ("run", "serbia", "-o", at_once),
        ("collect", query, "--replay", "queries/recorded/serbia-diaspora", "-o", by_steps),
        ("calibrate", "calibration/serbia.toml", *by_query, "-o", by_steps),
        ("nowcast", "calibration/serbia.toml", *by_query, "-o", by_steps),
    ):
        ended = smstock(*command, cwd=tmp_path)
        assert ended.returncode == 0, ended.stderr
    for file in ("calibrations/serbia.json", "estimates/2020-10/serbia.csv", "estimates/2020-10/serbia.report.html"):
        assert (by_steps / file).read_bytes() == (at_once / file).read_bytes()


def test_another_run_at_work_is_told_apart(month: tuple[Path, subprocess.CompletedProcess[str]]) -> None:
    from filelock import FileLock

    with FileLock(month[0] / ".smstock.lock"):
        ended = smstock("run", "serbia", "--output", month[0])
    assert ended.returncode == 4
    assert "another smstock run is at work" in ended.stderr


QUERY = (REPOSITORY / "queries/serbia-diaspora.toml").read_text()
CALIBRATION = (REPOSITORY / "calibration/serbia.toml").read_text()


@pytest.mark.parametrize(
    ("file", "text", "command", "code", "message"),
    [
        ("q.toml", QUERY.replace('"AUT"', '"AUTRIA"'), ["plan", "q.toml"], 3, ["AUTRIA", "q.toml"]),
        ("q.toml", QUERY.replace('"13+"', '"12+"'), ["plan", "q.toml"], 3, ["12"]),
        ("q.toml", QUERY.replace('"65+"', '"65-70"'), ["collect", "q.toml", "--replay", "none"], 3, ["65-70"]),
        ("q.toml", QUERY + "[", ["plan", "q.toml"], 3, ["not valid TOML", "line"]),
        ("q.toml", QUERY, ["collect", "q.toml", "--replay", "none"], 3, ["none is neither a folder nor a file"]),
        (
            "q.toml",
            QUERY.replace('"home"', '"recent"'),
            ["collect", "q.toml", "--replay", "recorded"],
            3,
            ["no answer"],
        ),
        ("q.toml", QUERY, ["collect", "q.toml", "--replay", "recorded", "--wave", "2020"], 2, ["2020", "YYYY-MM"]),
        (
            "c.toml",
            CALIBRATION.replace("2020-07-01", "July"),
            ["calibrate", "c.toml", "--query", "x"],
            3,
            ["target_date"],
        ),
        (
            "c.toml",
            CALIBRATION.replace("stock.csv", "stok.csv"),
            ["calibrate", "c.toml", "--query", "x"],
            3,
            ["stok.csv"],
        ),
        ("x.txt", "", ["collect"], 2, ["query"]),
        ("x.txt", "", ["colect"], 2, ["colect"]),
    ],
)
def test_a_mistake_is_one_message_with_its_exit_code_and_leaves_nothing(
    tmp_path: Path, file: str, text: str, command: list[str], code: int, message: list[str]
) -> None:
    (tmp_path / file).write_text(text)
    (tmp_path / "recorded").symlink_to(REPOSITORY / "queries/recorded/serbia-diaspora")
    (tmp_path / "serbia").symlink_to(REPOSITORY / "calibration/serbia")
    ended = smstock(*command, cwd=tmp_path)
    assert ended.returncode == code, ended.stderr
    for words in message:
        assert words in ended.stderr + ended.stdout
    assert "Traceback" not in ended.stderr
    left = {path.name for path in tmp_path.iterdir()} - {file, "recorded", "serbia", ".smstock.lock"}
    assert left == set()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            lambda text: text.replace('concepts = ["birth", "citizenship", "mixed"]', 'concepts = ["birth"]'),
            "not asked for",
        ),
        (lambda text: text.replace('edition = "2020"', 'edition = "2024"'), "edition '2024'"),
        (lambda text: text.replace('provider = "undesa"', 'provider = "eurostat"'), "provider 'eurostat'"),
        (lambda text: text.replace('metric = "mau"', 'metric = "total"'), "holds no total"),
        (lambda text: text.replace('known_until = "2015', 'known_until = "2025'), "not before"),
    ],
)
def test_a_calibration_that_does_not_fit_its_figures_is_refused(
    month: tuple[Path, subprocess.CompletedProcess[str]], tmp_path: Path, change: object, message: str
) -> None:
    assert callable(change)
    (tmp_path / "c.toml").write_text(change(CALIBRATION))
    (tmp_path / "serbia").symlink_to(REPOSITORY / "calibration/serbia")
    ended = smstock("calibrate", tmp_path / "c.toml", "--query", "serbia-diaspora", "--output", month[0])
    assert ended.returncode == 3
    assert message in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_wave_with_too_few_destinations_is_declined_by_the_model(tmp_path: Path) -> None:
    (tmp_path / "q.toml").write_text(of_few_destinations(["IND", "TUR", "JPN"]))
    recorded = REPOSITORY / "queries/recorded/serbia-diaspora"
    assert smstock("collect", tmp_path / "q.toml", "--replay", recorded, "-o", tmp_path).returncode == 0
    ended = smstock("calibrate", "calibration/serbia.toml", "--query", "serbia-diaspora", "-o", tmp_path)
    assert ended.returncode == 5
    assert "0 destinations have both" in ended.stderr


def test_missing_answers_are_rows_with_a_status(tmp_path: Path) -> None:
    (tmp_path / "q.toml").write_text(QUERY.replace('"AUT", ', '"AUT", "VEN", '))
    recorded = REPOSITORY / "queries/recorded/serbia-diaspora"
    ended = smstock("collect", tmp_path / "q.toml", "--replay", recorded, "-o", tmp_path, "--json")
    assert json.loads(ended.stdout)["missing"] == 17
    audience = pd.read_parquet(tmp_path / "waves/2020-10/serbia-diaspora.audience.parquet")
    venezuela = audience[audience["destination"] == "VEN"]
    assert set(venezuela["status"]) == {"failed"}
    assert venezuela["value"].isna().all()


def test_status_counts_every_cell_and_says_when_it_is_done(
    month: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    output, _ = month
    status = json.loads(smstock("status", "serbia-diaspora", "-o", output, "--json").stdout)
    assert status["cells"] == 1564 == sum(status["statuses"].values())
    assert status["to_ask"] == 0
    assert "done" in smstock("status", "serbia-diaspora", "-o", output).stdout
    mistyped = smstock("status", "serbia", "-o", output)
    assert mistyped.returncode == 3
    assert "no collection of 'serbia'" in mistyped.stderr


def test_the_plan_of_the_next_wave_is_predicted_from_this_one(
    month: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    output, first = month
    planned = json.loads(smstock("plan", "queries/serbia-diaspora.toml", "-o", output, "--json").stdout)
    assert planned["predicted_from"] == "2020-10"
    assert f"{planned['calls']:,} settled ({planned['calls']:,} asked now)" in first.stderr


def test_names_that_there_are_none_of_end_in_one_exit_code_with_the_nearest(
    month: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    output, _ = month
    nowcast = ("nowcast", "serbia", "--query", "serbia-diaspora", "-o", output)
    for command, nearest in (
        ((*nowcast, "--method", "hierachical"), "did you mean hierarchical?"),
        ((*nowcast, "--explain", "Serbia:Germny"), "did you mean Germany (DEU)?"),
        (("run", "serbai", "-o", output), "did you mean serbia?"),
        (("plan", "serbia-diaspra"), "did you mean serbia-diaspora?"),
        (("skills", "serbia-diaspora", "--destination", "Germny", "-o", output), "did you mean Germany (DEU)?"),
    ):
        ended = smstock(*command)
        assert (ended.returncode, ended.stderr.splitlines()[-1]) == (3, f"  next:    {nearest}")


def test_a_file_is_no_folder_to_export_to(month: tuple[Path, subprocess.CompletedProcess[str]], tmp_path: Path) -> None:
    output, _ = month
    (tmp_path / "hosts").touch()
    ended = smstock("export", "serbia-diaspora", tmp_path / "hosts", "-o", output)
    assert ended.returncode == 3
    assert f"{tmp_path / 'hosts'} is a file, not a folder\n  next:    choose another folder" in ended.stderr


def test_an_exported_wave_replays_to_the_same_estimates(
    month: tuple[Path, subprocess.CompletedProcess[str]], tmp_path: Path
) -> None:
    output, _ = month
    assert smstock("export", "serbia-diaspora", tmp_path / "recorded", "-o", output).returncode == 0
    query = "queries/serbia-diaspora.toml"
    assert smstock("collect", query, "--replay", tmp_path / "recorded", "-o", tmp_path).returncode == 0
    file = "waves/2020-10/serbia-diaspora.audience.parquet"
    assert (tmp_path / file).read_bytes() == (output / file).read_bytes()
