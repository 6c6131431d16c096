"""Official statistics from the command line, without a network."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pytest
from tests.cli import command
from tests.cli.command import REPOSITORY

from smstock import read_official
from smstock.cli.terminal import show, show_json
from smstock.report.officials import official_table

if TYPE_CHECKING:
    import subprocess

STOCK = "calibration/serbia/stock.csv"


@pytest.fixture(autouse=True)
def office(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a copy of the shipped folder: what is parsed is kept where a command runs."""
    folder = tmp_path_factory.mktemp("office")
    shutil.copytree((REPOSITORY / STOCK).parent, (folder / STOCK).parent)
    monkeypatch.chdir(folder)


def smstock(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return command.smstock("official", *arguments, cwd=Path.cwd(), columns=200)


def test_a_dry_run_prints_addresses_and_cells_and_asks_nothing(tmp_path: Path) -> None:
    ended = smstock("fetch", "eurostat", "migr_pop3ctb", "--since", "2015", "--dry-run", "--json", "-w", tmp_path)
    found = json.loads(ended.stdout)
    assert sum(each["cells"] for each in found) > 500_000
    assert all(each["cells"] <= 500_000 for each in found)
    assert found[0]["url"].startswith(
        "https://ec.europa.eu/eurostat/api/dissemination/statistics/1.0/data/migr_pop3ctb?"
    )
    assert list(tmp_path.iterdir()) == []


def test_a_mistake_is_one_message_and_exit_code_2() -> None:
    ended = smstock("fetch", "eurostat", "migr_imm1ctz", "--dry-run")
    assert ended.returncode == 2
    assert "'migr_imm1ctz' is not fetched" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_the_shipped_stock_is_described_and_listed(tmp_path: Path) -> None:
    (record,) = json.loads(smstock("describe", STOCK, "--json").stdout)
    assert (record["table"], record["concept"][0]) == ("stock", "birth")
    folder = tmp_path / "official" / "undesa"
    folder.mkdir(parents=True)
    (folder / "stock.csv").write_bytes(Path(STOCK).read_bytes())
    (folder / "page.html").write_text("<!DOCTYPE html>")
    ended = smstock("list", "-w", tmp_path)
    assert ended.returncode == 0
    assert "undesa/stock.csv" in ended.stdout.replace("\n", "")
    assert "page.html is an HTML page" in ended.stderr
    assert sum(each.get("figures", 0) for each in json.loads(smstock("list", "-w", tmp_path, "--json").stdout)) > 0


def test_of_several_files_those_that_are_read_are_shown_and_the_others_named(tmp_path: Path) -> None:
    (tmp_path / "page.csv").write_text("<!DOCTYPE html>")
    (tmp_path / "stock.csv.origin.toml").write_text("")
    ended = smstock("describe", STOCK, tmp_path / "page.csv", tmp_path / "stock.csv.origin.toml")
    assert ended.returncode == 3
    assert "tidy CSV" in ended.stdout
    assert "page.csv is an HTML page" in ended.stderr
    assert "origin.toml" not in ended.stderr


def test_the_page_on_consistency_is_written(tmp_path: Path) -> None:
    ended = smstock("check", STOCK, "--page", tmp_path / "page.html", "--save", tmp_path / "all.csv")
    assert ended.returncode == 0
    assert "Whether official figures agree" in (tmp_path / "page.html").read_text()
    assert len(pd.read_csv(tmp_path / "all.csv")) > 100


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["fetch", "eurostats", "migr_pop3ctb"], "did you mean eurostat?"),
        (["fetch", "eurostat", "migr_pop3cbt"], "did you mean migr_pop3ctb?"),
        (["fetch", "worldbank", "SP.POP.TOTL", "--ages"], "--geo, --since and --until"),
        (["list", "-w", "nowhere"], "there is no folder nowhere"),
        (["fetch", "oecd", "B14", "-w", "nowhere"], "there is no folder nowhere"),
    ],
)
def test_a_typing_error_is_answered_without_asking_anybody(arguments: list[str], said: str) -> None:
    ended = smstock(*arguments)
    assert ended.returncode == 2
    assert said in ended.stderr
    assert not Path("nowhere").exists()


def test_data_sets_may_be_typed_in_any_case(tmp_path: Path) -> None:
    urls = [
        json.loads(smstock("fetch", *words, "--dry-run", "--json", "-w", tmp_path).stdout)[0]["url"]
        for words in (("eurostat", "MIGR_POP3CTB"), ("oecd", "b14"), ("worldbank", "sp.pop.totl"))
    ]
    assert [name in url for name, url in zip(("migr_pop3ctb", ".B14.", "SP.POP.TOTL"), urls, strict=True)] == [True] * 3


def test_an_empty_workspace_says_how_to_begin(tmp_path: Path) -> None:
    ended = smstock("list", "-w", tmp_path)
    assert (ended.returncode, ended.stdout) == (0, "")
    assert "smstock official fetch" in ended.stderr


def test_every_comparison_is_saved(tmp_path: Path) -> None:
    saved = tmp_path / "compared.csv"
    ended = smstock("check", STOCK, "--save", saved)
    assert ended.returncode == 0, ended.stderr
    assert "sexes" in ended.stdout
    table = pd.read_csv(saved)
    counted = json.loads(smstock("check", STOCK, "--json").stdout)
    assert len(table) == sum(each["count"] for each in counted["counts"]) > 0


def test_brackets_and_colons_in_a_file_are_text(capsys: pytest.CaptureFixture[str]) -> None:
    show(official_table([{"file": "a.csv", "layout": "tidy CSV", "left out": {"for areas [/b] :smile:": 2}}]))
    assert "for areas [/b] :smile:" in capsys.readouterr().out


def test_a_comparison_names_source_and_cell_by_themselves(tmp_path: Path) -> None:
    saved = tmp_path / "compared.csv"
    assert smstock("check", STOCK, "--save", saved).returncode == 0
    table = pd.read_csv(saved, dtype="str", keep_default_na=False)
    cell = table["source"] + ": " + table["destination"] + " from " + table["origin"] + ", " + table["sex"]
    assert [words in where for words, where in zip(cell, table["where"], strict=True)] == [True] * len(table)


def test_a_day_that_no_series_reaches_is_refused_with_those_that_are_reached() -> None:
    ended = smstock("check", STOCK, "--date", "1922-01-01")
    assert ended.returncode == 2
    assert "no series has figures around 1922-01-01" in ended.stderr
    assert "--date from" in ended.stderr


def test_tables_are_saved_as_parquet_with_the_figures_that_are_read(tmp_path: Path) -> None:
    stock = Path(STOCK).resolve()
    ended = smstock("convert", stock, "--save", tmp_path / "tables", "--json")
    assert ended.returncode == 0
    (record,) = json.loads(ended.stdout)
    assert (record["file"], record["table"]) == (str(stock), "stock")
    saved = pd.read_parquet(record["written"])
    assert len(saved) == record["rows"]
    pd.testing.assert_frame_equal(saved, read_official(stock)["stock"])
    again = smstock("convert", stock, "--save", tmp_path / "tables")
    assert again.stdout == f"{tmp_path}/tables/stock.csv.stock.parquet\n"


def test_an_area_that_is_not_known_is_named_wherever_its_file_is_read(tmp_path: Path) -> None:
    file = tmp_path / "official" / "eurostat" / "migr_pop1ctz.tsv"
    file.parent.mkdir(parents=True)
    lines = ["freq,citizen,age,unit,sex,geo\\TIME_PERIOD\t2020 ", "A,RS,TOTAL,NR,T,DE\t5 ", "A,QQQ,TOTAL,NR,T,DE\t7 "]
    lines.append("A,TOTAL,TOTAL,NR,T,DE\t99 ")
    file.write_text("".join(line + "\r\n" for line in lines))
    origin = ["producer", "title", "edition", "citation", "licence"]
    entries = [*(f'{name} = "x"' for name in origin), "retrieved = 2026-11-22", 'dataset = "migr_pop1ctz"']
    file.with_name(f"{file.name}.origin.toml").write_text("\n".join(entries))
    for arguments in (
        ("describe", file),
        ("import", file, "-w", tmp_path),
        ("convert", file, "--save", tmp_path),
        ("check", file),
        ("list", "-w", tmp_path),
    ):
        ended = smstock(*arguments)
        assert ended.returncode == 0
        assert "1 figure left out for areas that are not known: QQQ (line 3)" in ended.stderr
        assert ended.stderr.count("QQQ") == 1


def test_json_is_a_line_a_command_in_a_log_and_indented_on_a_terminal(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    record = {"files": ["a", "b"], "notices": ["§ 1"]}
    show_json(record)
    show_json(record)
    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == [record, record]
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    show_json(record)
    assert len(capsys.readouterr().out.splitlines()) == 9


def test_a_file_is_kept_in_the_workspace_once_and_read_there(tmp_path: Path) -> None:
    ended = smstock("import", STOCK, "-w", tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert "imported: stock.csv" in ended.stdout
    (named,) = [line for line in ended.stdout.splitlines() if line.startswith("../official/")]
    # as a calibration in its folder names it
    path = str(tmp_path / named.removeprefix("../"))
    pd.testing.assert_frame_equal(read_official(path)["stock"], read_official(STOCK)["stock"])
    again = json.loads(smstock("import", STOCK, "-w", tmp_path, "--json").stdout)
    assert [(record["outcome"], record["kept"]) for record in again] == [("held", path)]
    listed = smstock("list", "-w", tmp_path).stdout
    assert "undesa/stock " in listed
    assert path.partition("stock@")[2] in listed


def test_a_dry_run_of_an_import_copies_nothing(tmp_path: Path) -> None:
    ended = smstock("import", STOCK, "-w", tmp_path, "--dry-run")
    assert ended.returncode == 0
    assert "to import: stock.csv" in ended.stdout
    assert list(tmp_path.iterdir()) == []


def test_what_is_refused_is_not_kept_and_the_others_are(tmp_path: Path) -> None:
    (tmp_path / "page.csv").write_text("<!DOCTYPE html>")
    ended = smstock("import", STOCK, tmp_path / "page.csv", "-w", tmp_path)
    assert ended.returncode == 3
    assert "page.csv is an HTML page" in ended.stderr
    assert [path.name for path in (tmp_path / "official").iterdir()] == ["undesa"]


def test_files_of_one_name_or_of_other_figures_are_not_taken_in_silence(tmp_path: Path) -> None:
    text = Path(STOCK).read_text(encoding="utf-8")
    lines = text.splitlines(keepends=True)
    value = lines[-1].split(",")[lines[0].rstrip("\n").split(",").index("value")]
    files = []
    for folder, figure in (("a", value), ("b", f"{float(value) + 5:.0f}")):
        (tmp_path / folder).mkdir()
        files.append(tmp_path / folder / "stock.csv")
        files[-1].write_text("".join([*lines[:-1], lines[-1].replace(value, figure)]), encoding="utf-8")
    ended = smstock("convert", *files, "--save", tmp_path / "tables")
    assert ended.returncode == 3
    assert f"the tables of {files[1]} would be written over those of {files[0]}" in ended.stderr
    assert len(list((tmp_path / "tables").iterdir())) == 1
    ended = smstock("check", *files, "--json")
    assert ended.returncode == 0
    assert "files give different figures of undesa ims 2020 birth: in 1 cell, first" in ended.stderr
    assert f"{float(value):,.0f} in " in ended.stderr
    assert f"{float(value) + 5:,.0f} in " in ended.stderr
    assert "differ between" not in smstock("check", *files[:1], "--json").stderr


POPULATION = (
    "provider,edition,area,sex,age_min,age_max,reference_date,value\nundesa,wpp 2022,NAM,all,18,,2020-07-01,9\n"
)


def test_of_several_files_convert_writes_those_that_are_read_and_names_the_others(tmp_path: Path) -> None:
    (tmp_path / "page.csv").write_text("<!DOCTYPE html>")
    ended = smstock("convert", tmp_path / "page.csv", STOCK, tmp_path / "no.csv", "--save", tmp_path / "tables")
    assert ended.returncode == 3
    assert ended.stdout == f"{tmp_path}/tables/stock.csv.stock.parquet\n"
    assert "page.csv is an HTML page" in ended.stderr
    assert "no.csv does not exist" in ended.stderr


def test_check_passes_over_files_without_a_stock_and_names_them(tmp_path: Path) -> None:
    population = tmp_path / "population.csv"
    population.write_text(POPULATION)
    alone = smstock("check", STOCK, "--json")
    page = tmp_path / "page.html"
    ended = smstock("check", population, STOCK, "--page", page)
    assert ended.returncode == 0
    assert f"passed over: {population} holds no stock, only population" in ended.stderr
    assert "stock.csv" in page.read_text()
    assert "population.csv" not in page.read_text()
    together = json.loads(smstock("check", population, STOCK, "--json").stdout)
    assert together["files"][0] == {"file": str(population), "passed_over": ["population"]}
    assert together["counts"] == json.loads(alone.stdout)["counts"]


def test_check_compares_what_is_read_and_ends_with_code_3_where_a_file_is_not(tmp_path: Path) -> None:
    (tmp_path / "page.csv").write_text("<!DOCTYPE html>")
    ended = smstock("check", tmp_path / "page.csv", STOCK)
    assert ended.returncode == 3
    assert "sexes" in ended.stdout
    assert "page.csv is an HTML page" in ended.stderr


def test_check_of_files_of_which_none_holds_a_stock_says_what_each_holds(tmp_path: Path) -> None:
    population, page = tmp_path / "population.csv", tmp_path / "page.csv"
    population.write_text(POPULATION)
    page.write_text("<!DOCTYPE html>")
    ended = smstock("check", population, page)
    assert ended.returncode == 3
    assert "no file holds a stock" in ended.stderr
    assert f"{population} holds population; {page} is an HTML page" in ended.stderr
    alone = smstock("check", page, tmp_path / "page.csv.origin.toml")
    assert (alone.returncode, alone.stderr.count("is an HTML page")) == (3, 1)
    assert "no file holds a stock" not in alone.stderr
