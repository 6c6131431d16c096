from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from smstock.official import readers
from smstock.official.holdings import MEMORY, holdings
from smstock.report.officials import holdings_table
from smstock.tables import POPULATION
from smstock.workflows.officials import summaries

if TYPE_CHECKING:
    from pathlib import Path

    from smstock.official.parsed import ParsedTable

HEADER = (
    "provider,dataset,edition,concept,destination,origin,sex,age_min,age_max,reference_date,value,flags,retrieved_at\n"
)
ROW = "{provider},ims,{edition},{concept},{destination},{origin},all,0,,{date},{value},,\n"


def stock(path: Path, *rows: tuple[str, str, str, str], concept: str = "birth") -> Path:
    """Write a tidy CSV of destination, origin, date and value."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [
        ROW.format(
            provider="undesa", edition="2020", concept=concept, destination=to, origin=of, date=date, value=value
        )
        for to, of, date, value in rows
    ]
    path.write_text(HEADER + "".join(lines))
    return path


def test_a_record_says_source_corridors_dates_and_holes(tmp_path: Path) -> None:
    stock(
        tmp_path / "undesa" / "stock.csv",
        ("DEU", "POL", "2019-07-01", "5"),
        ("DEU", "SRB", "2020-07-01", "6"),
        ("FRA", "POL", "2020-07-01", "7"),
        ("NAM", "POL", "2020-07-01", ""),
    )
    assert holdings(tmp_path) == [
        {
            "file": "undesa/stock.csv",
            "table": "stock",
            "provider": "undesa",
            "dataset": "ims",
            "edition": "2020",
            "concept": "birth",
            "destinations": 3,
            "corridors": 4,
            "figures": 4,
            "missing": 1,
            "first": "2019-07-01",
            "last": "2020-07-01",
            "dates": 2,
            "holes": {"FRA": ["2019-07-01"], "NAM": ["2019-07-01", "2020-07-01"]},
        }
    ]


def test_a_record_says_how_many_figures_are_of_places(tmp_path: Path) -> None:
    of_areas = [(area, "POL", "2020-07-01", value) for area, value in (("DEU", "9"), ("DE21", "5"), ("DE2", "7"))]
    stock(tmp_path / "stock.csv", *of_areas, ("DE21", "SRB", "2020-07-01", ""))
    (record,) = holdings(tmp_path)
    assert (record["destinations"], record["figures"], record["missing"]) == (3, 4, 1)
    assert (record["places"], record["of_places"]) == (2, 3)
    table = holdings_table([record])
    assert "2 places: 3 figures" in str(next(iter(table.columns[1].cells)))
    (summary,) = summaries([tmp_path / "stock.csv"])
    assert (summary["rows"], summary["places"], summary["of_places"]) == (4, 2, 3)


def test_each_concept_is_a_record_of_its_own(tmp_path: Path) -> None:
    first = stock(tmp_path / "a.csv", ("DEU", "POL", "2020-07-01", "5"))
    second = stock(tmp_path / "b.csv", ("FRA", "POL", "2020-07-01", "5"), concept="citizenship")
    first.write_text(first.read_text() + second.read_text().removeprefix(HEADER))
    second.unlink()
    assert [record["concept"] for record in holdings(tmp_path)] == ["birth", "citizenship"]


def test_a_file_that_is_not_read_says_why(tmp_path: Path) -> None:
    (tmp_path / "page.xlsx").write_text("<!DOCTYPE html><title>403</title>")
    assert holdings(tmp_path) == [{"file": "page.xlsx", "refused": f"{tmp_path / 'page.xlsx'} is an HTML page"}]


def test_an_unknown_area_is_told_with_file_and_line_whatever_the_name_of_its_copy(tmp_path: Path) -> None:
    for name in ("a.csv", "b.csv"):
        stock(tmp_path / name, ("DEU", "POL", "2020-07-01", "5"), ("DEW", "POL", "2020-07-01", "5"))
    assert [record["refused"] for record in holdings(tmp_path)] == [
        f"unknown area 'DEW' ({tmp_path / name}, line 3, column destination)" for name in ("a.csv", "b.csv")
    ]


def test_what_stands_beside_data_is_no_file_of_its_own(tmp_path: Path) -> None:
    path = stock(tmp_path / "stock.csv", ("DEU", "POL", "2020-07-01", "5"))
    path.with_name("stock.csv.labels.json").write_text("{}")
    (tmp_path / "README.md").write_text("my notes")
    assert [record["file"] for record in holdings(tmp_path)] == ["stock.csv"]


def test_a_sidecar_that_is_wrong_is_told_with_what_is_wrong(tmp_path: Path) -> None:
    stock(tmp_path / "a.csv", ("DEU", "POL", "2019-07-01", "5"))
    (tmp_path / "a.csv.origin.toml").write_text('concept = "birth"\n')
    assert "incomplete or wrong: producer is missing; title is missing" in holdings(tmp_path)[0]["refused"]


def test_a_file_is_read_again_only_after_it_or_its_sidecar_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = stock(tmp_path / "stock.csv", ("DEU", "POL", "2020-07-01", "5"))
    reads: list[Path] = []
    parsed = readers.parsed

    def counted(file: Path, store: Path | None) -> dict[str, ParsedTable]:
        reads.append(file)
        return parsed(file, store)

    monkeypatch.setattr(readers, "parsed", counted)
    first = holdings(tmp_path)
    assert holdings(tmp_path) == first
    assert len(reads) == 1
    stock(path, ("DEU", "POL", "2020-07-01", "5"), ("DEU", "SRB", "2020-07-01", "5"))
    assert holdings(tmp_path)[0]["corridors"] == 2
    path.with_name("stock.csv.origin.toml").write_text("producer = 1")
    assert "refused" in holdings(tmp_path)[0]
    assert len(reads) == 3


@pytest.mark.parametrize("memory", ["", "[]", "{", '{"smstock": "0.0.0", "read": {}}', '{"read": 1}'])
def test_a_memory_of_another_version_or_damaged_is_forgotten(tmp_path: Path, memory: str) -> None:
    stock(tmp_path / "stock.csv", ("DEU", "POL", "2020-07-01", "5"))
    (tmp_path / MEMORY).write_text(memory)
    assert len(holdings(tmp_path)) == 1
    assert json.loads((tmp_path / MEMORY).read_text())["read"]


def test_populations_have_areas_and_no_corridors(tmp_path: Path) -> None:
    text = ",".join(POPULATION.names) + "\nundesa,wpp 2024,NAM,all,0,,2024-07-01,3030131\n"
    (tmp_path / "population.csv").write_text(text)
    (record,) = holdings(tmp_path)
    assert (record["table"], record["destinations"], record["corridors"]) == ("population", 1, 0)
