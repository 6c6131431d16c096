"""Tables of official files that are kept once parsed: found again, made again, and never another file's."""

from __future__ import annotations

import datetime as dt
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow.compute as pc
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smstock.errors import OfficialFileError
from smstock.folder import Folder
from smstock.official import parsed as stored
from smstock.official import readers
from smstock.official.columns import StoredColumns
from smstock.official.eurostat import tsv
from smstock.tables import POPULATION, STOCK
from smstock.workflows.officials import comparisons, imported, listing, summaries

if TYPE_CHECKING:
    from collections.abc import Callable

    from smstock.official.base import Layout
    from smstock.official.rawfile import RawFile

    Write = Callable[..., Path]

TSV = "freq,citizen,age,unit,sex,geo\\TIME_PERIOD\t2019 \t2020 \n"
LINES = (
    TSV + "A,NA,TOTAL,NR,T,AT\t7 \t8 b\nA,TOTAL,TOTAL,NR,T,AT\t: \t900 \nA,DE,TOTAL,NR,T,AT\t: c\t9 \n"
    "A,QQQ,TOTAL,NR,T,AT\t1 \t: \nA,NA,TOTAL,NR,F,AT\t3 \t60 \nA,NA,TOTAL,NR,M,AT\t4 \t50 \n"
)


@pytest.fixture
def path(write: Write) -> Path:
    """Write a TSV of a stock and a population, in which something is odd."""
    return write(LINES, "a.tsv", dataset="migr_pop1ctz")


@pytest.fixture
def parses(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Name each file whose layout is looked for, which is the first thing that a parse does."""
    names: list[str] = []
    layout_of = readers.known

    def counted(file: RawFile) -> Layout | None:
        names.append(file.path.name)
        return layout_of(file)

    monkeypatch.setattr(readers, "known", counted)
    return names


def test_what_is_kept_is_what_is_read(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tsv, "_CELLS_AT_ONCE", 4)
    expected = readers.read_all(path)
    for _ in range(2):
        kept = readers.parsed(path, tmp_path / "store")
        assert list(kept) == list(expected) == ["stock", "population"]
        for name, table in kept.items():
            official = table.official()
            pd.testing.assert_frame_equal(official.table, expected[name].table)
            assert (official.left_out, official.remarks) == (expected[name].left_out, expected[name].remarks)
            assert (official.layout, official.origin) == (expected[name].layout, expected[name].origin)
            assert table.distinct("reference_date") == sorted(set(expected[name].table["reference_date"].unique()))
            assert table.missing == expected[name].table["value"].isna().sum()
    assert ["females and males are not both sexes in 1 cell" in line for line in expected["stock"].remarks] == [
        False,
        True,
    ]


def test_a_file_is_parsed_once_whoever_asks_and_whatever_its_name(
    path: Path, tmp_path: Path, parses: list[str], caplog: pytest.LogCaptureFixture
) -> None:
    store = tmp_path / "store"
    readers.parsed(path, store)
    copy = path.with_name("copy.tsv")
    copy.write_bytes(path.read_bytes())
    copy.with_name("copy.tsv.origin.toml").write_bytes(path.with_name("a.tsv.origin.toml").read_bytes())
    caplog.clear()
    assert readers.read_stock(copy, store)["value"].sum() == 141
    assert readers.all_to_parquet(copy, tmp_path.joinpath, store) == {"stock": 8, "population": 1}
    assert parses == ["a.tsv"]
    assert f"{copy}: females and males are not both sexes" in caplog.text
    assert str(path) not in caplog.text


def test_import_list_check_and_description_in_a_workspace_parse_a_file_once(
    path: Path, tmp_path: Path, parses: list[str]
) -> None:
    home = Folder(tmp_path / "home", tmp_path / "home")
    home.root.mkdir()
    (home.root / "smstock.toml").touch()
    (record,) = imported([path], home, today=dt.date(2026, 11, 30))
    kept = Path(record["kept"])
    assert [row["figures"] for row in listing(home)] == [8, 1]
    assert [row["rows"] for row in summaries([kept])] == [8, 1]
    assert "sexes" in comparisons([kept])[0]["check"].to_list()
    assert readers.read_population(kept, home.parsed)["value"].to_list() == [900.0]
    assert parses == ["a.tsv"]


@pytest.mark.parametrize("damage", [b"", b"PAR1", b"{}", None])
def test_what_is_damaged_or_deleted_is_made_again(path: Path, tmp_path: Path, damage: bytes | None) -> None:
    store = tmp_path / "store"
    expected = readers.parsed(path, store)["stock"].official().table
    names = sorted(file.name for file in store.iterdir())
    for name in names:
        whole = (store / name).read_bytes()
        if damage is None:
            (store / name).unlink()
        else:
            (store / name).write_bytes(damage)
        pd.testing.assert_frame_equal(readers.parsed(path, store)["stock"].official().table, expected)
        if name != ".lock":
            assert (store / name).read_bytes() == whole
    assert sorted(file.name for file in store.iterdir()) == names


def test_what_bears_the_name_of_another_is_not_taken(write: Write, tmp_path: Path) -> None:
    store = tmp_path / "store"
    paths = [
        write(text, name, dataset="migr_pop1ctz")
        for text, name in ((LINES, "a.tsv"), (LINES.replace("\t3 \t", "\t2 \t"), "b.tsv"))
    ]
    expected = []
    for path in paths:
        before = set(store.glob("*.stock.*"))
        expected.append(readers.parsed(path, store)["stock"].official().table)
        assert len({*store.glob("*.stock.*")} - before) == 2
    for ending in ("json", "parquet"):
        one, other = store.glob(f"*.stock.{ending}")
        contents = one.read_bytes(), other.read_bytes()
        other.write_bytes(contents[0])
        one.write_bytes(contents[1])
    for path, table in zip(paths, expected, strict=True):
        pd.testing.assert_frame_equal(readers.parsed(path, store)["stock"].official().table, table)


@settings(max_examples=25)
@given(data=st.data())
def test_no_damaged_byte_of_a_table_is_ever_read(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    folder = tmp_path_factory.mktemp("damaged")
    file = folder / "a.csv"
    file.write_text(",".join(POPULATION.names) + "\nundesa,wpp,NAM,all,0,,2024-07-01,3030131\n")
    readers.parsed(file, folder / "store")
    kept = data.draw(st.sampled_from(sorted((folder / "store").glob("*.population.*"))))
    content = bytearray(kept.read_bytes())
    content[data.draw(st.integers(0, len(content) - 1))] ^= data.draw(st.integers(1, 255))
    kept.write_bytes(content)
    assert readers.parsed(file, folder / "store")["population"].official().table["value"].to_list() == [3030131.0]


def test_another_file_sidecar_or_version_is_read_anew(
    write: Write, path: Path, tmp_path: Path, parses: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    store = tmp_path / "store"
    readers.parsed(path, store)
    write(LINES.replace("900", "901"), "a.tsv", dataset="migr_pop1ctz")
    assert readers.read_population(path, store)["value"].to_list() == [901.0]
    write(LINES, "a.tsv", dataset="migr_pop1ctz", edition="2021")
    assert readers.read_population(path, store)["edition"].to_list() == ["2021"]
    assert len(parses) == 3
    monkeypatch.setattr(stored, "readers_hash", lambda: "0" * 64)
    readers.parsed(path, store)
    assert len(parses) == 4
    assert all(file.name.startswith(("0" * 8, ".lock")) for file in store.iterdir())


def test_a_sidecar_that_says_another_hash_is_refused_whatever_is_kept(path: Path, tmp_path: Path) -> None:
    readers.parsed(path, tmp_path / "store")
    beside = path.with_name("a.tsv.origin.toml")
    beside.write_text(f'sha256 = "{"0" * 64}"\n' + beside.read_text())
    with pytest.raises(OfficialFileError, match="is not the file its sidecar describes"):
        readers.parsed(path, tmp_path / "store")


def test_only_the_table_that_is_asked_for_is_parsed_and_another_one_is_refused(write: Write, tmp_path: Path) -> None:
    twice = "A,TOTAL,Y0-4,NR,T,EL\t900 \t: \nA,TOTAL,Y_LT5,NR,T,EL\t901 \t: \n"
    path = write(LINES + twice, "a.tsv", dataset="migr_pop1ctz")
    assert len(readers.read_stock(path, tmp_path / "store")) == 8
    assert [file.name.split(".")[1] for file in (tmp_path / "store").glob("*.parquet")] == ["stock"]
    for _ in range(2):
        with pytest.raises(OfficialFileError, match="holds no users table, only stock and population"):
            readers.read_users(path, tmp_path / "store")


def test_a_store_that_cannot_be_written_is_as_good_as_none(path: Path, tmp_path: Path) -> None:
    (tmp_path / "store").write_text("a file")
    assert len(readers.parsed(path, tmp_path / "store" / "below")["stock"]) == 8


def test_two_processes_keep_one_table(path: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as pool:
        tables = list(pool.map(readers.read, [path] * 4, [STOCK] * 4, [store] * 4))
    assert [official.table["value"].sum() for official in tables] == [141] * 4
    assert len(list(store.glob("*.parquet"))) == 1
    assert not list(store.glob("*.partial"))


def test_columns_and_rows_are_read_as_asked(path: Path, tmp_path: Path) -> None:
    columns = readers.parsed(path, tmp_path / "store")["stock"].columns
    part = columns.frame(["origin", "value"], pc.field("sex") == "male")
    assert part.to_dict("list") == {"origin": ["NAM", "NAM"], "value": [4.0, 50.0]}
    for position, value in enumerate(columns.frame()["value"]):
        assert columns.row(position)["value"].equals(pd.Series([value]))
    with pytest.raises(IndexError):
        columns.row(len(columns))


@pytest.mark.parametrize("texts", [["b", "a", "b"], ["a"]])
def test_texts_become_categories_in_their_order(tmp_path: Path, texts: list[str]) -> None:
    pd.DataFrame({"text": pd.Series(texts, dtype="str")}).to_parquet(tmp_path / "a.parquet")
    column = StoredColumns(tmp_path / "a.parquet")["text"]
    assert (column.to_list(), column.cat.categories.to_list()) == (texts, sorted(set(texts)))
