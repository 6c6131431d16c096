"""A manifest never vouches for the tables of another run."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from pyarrow.parquet import ParquetFile

from smstock import results
from smstock.errors import InputError
from smstock.provenance import file_hash
from smstock.results import Manifest, csv, parquet, records

MADE = Manifest("nowcast", query="q", wave="2026-11", inputs={"audience": "ab"}, versions={"smstock": "1"})
OLD, NEW = pd.DataFrame({"persons": [1.5]}), pd.DataFrame({"persons": [2.5]})


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    """The manifest of two tables of an earlier run."""
    return write(tmp_path, OLD)


def write(folder: Path, table: pd.DataFrame) -> Path:
    written = results.write(folder / "a.manifest.json", MADE, {"a.parquet": parquet(table), "a.csv": csv(table)})
    assert [path.name for path in written] == ["a.parquet", "a.csv", "a.manifest.json"]
    return written[-1]


def test_a_manifest_is_read_as_it_was_written_with_the_hash_of_each_table(manifest: Path) -> None:
    read = results.read(manifest)
    assert read is not None
    assert {**vars(read), "outputs": {}} == vars(MADE)
    assert list(read.outputs) == ["a.csv", "a.parquet"]
    keys = ["about", "inputs", "outputs", "query", "step", "versions", "wave"]
    assert list(json.loads(manifest.read_text())) == keys


def test_equal_results_are_equal_bytes(manifest: Path) -> None:
    files = sorted(manifest.parent.iterdir())
    before = [path.read_bytes() for path in files]
    write(manifest.parent, OLD)
    assert [path.read_bytes() for path in files] == before


@pytest.mark.parametrize("name", ["a.csv", "a.parquet"])
def test_a_table_that_is_another_one_or_gone_is_not_vouched_for(manifest: Path, name: str) -> None:
    table = manifest.with_name(name)
    content = table.read_bytes()
    table.write_bytes(content + b"x")
    assert results.read(manifest) is None
    table.unlink()
    assert results.read(manifest) is None
    table.write_bytes(content)
    assert results.read(manifest) is not None


def test_where_a_table_cannot_be_written_nothing_is_changed(manifest: Path) -> None:
    def full(path: Path) -> None:
        path.write_text("half")
        raise OSError(28, "No space left on device")

    with pytest.raises(InputError, match=r"a\.csv cannot be written: No space left"):
        results.write(manifest, MADE, {"a.parquet": parquet(NEW), "a.csv": full})
    assert results.read(manifest) is not None
    assert pd.read_parquet(manifest.with_name("a.parquet")).equals(OLD)
    assert sorted(path.name for path in manifest.parent.iterdir()) == ["a.csv", "a.manifest.json", "a.parquet"]


@pytest.mark.parametrize(
    "name", ["a.parquet", "a.csv", "a.manifest.json", ".a.manifest.json.partial", ".a.csv.partial"]
)
def test_where_a_folder_lies_in_the_way_it_is_named_and_nothing_is_changed(manifest: Path, name: str) -> None:
    folder = manifest.with_name(name)
    folder.unlink(missing_ok=True)
    folder.mkdir()
    before = {path: path.read_bytes() for path in manifest.parent.iterdir() if path.is_file()}
    with pytest.raises(InputError, match=f"{name.removeprefix('.').removesuffix('.partial')} cannot be written"):
        write(manifest.parent, NEW)
    assert {path: path.read_bytes() for path in manifest.parent.iterdir() if path.is_file()} == before


@pytest.mark.parametrize("value", [float("nan"), Path("x"), {1, 2}])
def test_what_no_manifest_can_say_changes_nothing(manifest: Path, value: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        results.write(manifest, replace(MADE, about={"it": value}), {"a.csv": csv(NEW)})
    assert results.read(manifest) is not None
    assert len(list(manifest.parent.iterdir())) == 3


def test_a_table_of_the_run_before_goes_unless_somebody_changed_it(manifest: Path) -> None:
    results.write(manifest, MADE, {"a.csv": csv(NEW)})
    assert sorted(path.name for path in manifest.parent.iterdir()) == ["a.csv", "a.manifest.json"]
    manifest.with_name("a.csv").write_text("persons\n3\n")
    results.write(manifest, MADE, {"a.parquet": parquet(NEW)})
    assert manifest.with_name("a.csv").read_text() == "persons\n3\n"


def test_a_manifest_reaches_no_file_of_another_folder(manifest: Path) -> None:
    elsewhere = manifest.parent.parent / "elsewhere.csv"
    elsewhere.write_text("1")
    content = json.loads(manifest.read_text())
    content["outputs"] = {"../elsewhere.csv": file_hash(elsewhere)}
    manifest.write_text(json.dumps(content))
    assert results.read(manifest) is None
    results.write(manifest, MADE, {"a.csv": csv(NEW)})
    assert elsewhere.read_text() == "1"
    elsewhere.unlink()


def test_a_manifest_of_a_wave_with_keys_of_its_own_is_read(tmp_path: Path) -> None:
    parquet(OLD)(tmp_path / "q.audience.parquet")
    old = {
        "query": {"name": "q", "title": "Of the query"},
        "query_sha256": "ab",
        "wave": "2026-10",
        "source": "live",
        "answers": 3,
        "rows": 4,
        "statuses": {"ok": 3, "quota": 1},
        "audience_sha256": file_hash(tmp_path / "q.audience.parquet"),
        "versions": {"smstock": "0.1.0"},
    }
    path = tmp_path / "q.manifest.json"
    path.write_text(json.dumps(old))
    read = results.read(path)
    assert read is not None
    assert (read.step, read.query, read.wave) == ("collect", "q", "2026-10")
    assert read.about["statuses"]["quota"] == 1
    assert read.about["query"]["title"] == "Of the query"
    parquet(NEW)(tmp_path / "q.audience.parquet")
    assert results.read(path) is None


@pytest.mark.parametrize(
    "own",
    [
        {"calibration": "serbia 1", "wave": "2026-10"},
        {"query": "q"},
        {"query": "q", "wave": "2026-10", "wave_before": "", "seed": 1},
    ],
)
def test_a_manifest_of_an_older_step_is_named_and_its_tables_still_go(
    manifest: Path, own: dict[str, object], caplog: pytest.LogCaptureFixture
) -> None:
    written = json.loads(manifest.read_text())
    old = own | {"inputs": {"audience": "ab"}, "outputs": written["outputs"], "versions": {"smstock": "0.1.0"}}
    manifest.write_text(json.dumps(old))
    read = results.read(manifest)
    assert read is not None
    assert (read.step, read.query, read.wave) == ("", own.get("query", ""), own.get("wave", ""))
    assert (read.inputs, read.outputs) == (old["inputs"], written["outputs"])
    assert caplog.messages == [
        f"{manifest} was written by an older smstock (0.1.0): run the command again that made it, it tells more then"
    ]
    results.write(manifest, MADE, {"a.csv": csv(NEW)})
    assert not manifest.with_name("a.parquet").exists()
    assert results.read(manifest) is not None
    assert len(caplog.messages) == 1


@pytest.mark.parametrize(
    "text", ["[" * 100_000, "[]", "1", '{"step": "x"}', '{"wave": "2026-10"}', '{"query": []}', "\ud800"]
)
def test_what_is_no_manifest_says_nothing(manifest: Path, text: str) -> None:
    manifest.write_text(text, errors="surrogatepass")
    assert results.read(manifest) is None
    write(manifest.parent, NEW)
    assert results.read(manifest) is not None


@pytest.mark.parametrize("moves", [0, 1, 2])
def test_a_kill_at_any_move_leaves_no_old_manifest_beside_a_new_table(
    manifest: Path, monkeypatch: pytest.MonkeyPatch, moves: int
) -> None:
    class Killed(BaseException):
        """The power is gone."""

    made: list[Path] = []
    moved = type(manifest).replace

    def dies(self: Path, target: Path) -> Path:
        if len(made) == moves:
            raise Killed
        made.append(target)
        return moved(self, target)

    monkeypatch.setattr(type(manifest), "replace", dies)
    with pytest.raises(Killed):
        write(manifest.parent, NEW)
    monkeypatch.undo()
    assert results.read(manifest) is None
    assert not manifest.exists()
    write(manifest.parent, NEW)
    assert results.read(manifest) is not None


def test_a_table_of_many_parts_is_one(tmp_path: Path) -> None:
    parts = (pd.DataFrame({"persons": [float(number)]}) for number in range(4))
    parquet(parts)(tmp_path / "a.parquet")
    assert pd.read_parquet(tmp_path / "a.parquet")["persons"].to_list() == [0, 1, 2, 3]


def test_numbers_in_text_are_short_and_missing_ones_stay_missing(tmp_path: Path) -> None:
    table = pd.DataFrame({"persons": [1234567.891, None]})
    csv(table)(tmp_path / "a.csv")
    records(table)(tmp_path / "a.json")
    assert (tmp_path / "a.csv").read_text() == 'persons\n1.23457e+06\n""\n'
    assert json.loads((tmp_path / "a.json").read_text()) == [{"persons": 1234567.891}, {"persons": None}]


def of_contract(rows: int) -> pd.DataFrame:
    """Return a table of the types of a contract, with texts and numbers that a CSV or JSON has to mind."""
    rng = np.random.default_rng(3)
    texts = ['a, "b"', "line\nbreak", " blank ", "", "é/ü\\", "1e5", "NULL", "nan", "'", "\t", "true"]
    numbers = [0.0, -0.0, 1e300, 2.5e-5, 123456.5, 999999.5, 1 / 3, np.nan, 1e6, 2.0**53, -7.0]
    table = pd.DataFrame({"text": rng.choice(texts, rows), "number": rng.choice(numbers, rows)}).astype({"text": "str"})
    drawn = np.exp(rng.normal(0, 9, rows))
    return table.assign(
        drawn=drawn, age=pd.Series(rng.choice([15, 24, np.nan], rows), dtype="Int64"), count=range(rows)
    )


@pytest.mark.parametrize("rows", [0, 1, results.MANY - 1, results.MANY, results.ROWS_OF_TEXT + 1])
def test_a_table_of_any_length_is_the_text_that_pandas_makes_of_it_at_once(tmp_path: Path, rows: int) -> None:
    table = of_contract(rows)
    csv(table)(tmp_path / "a.csv")
    records(table)(tmp_path / "a.json")
    assert (tmp_path / "a.csv").read_text() == table.to_csv(index=False, float_format="%.6g")
    assert (tmp_path / "a.json").read_text() == table.to_json(orient="records", indent=1, double_precision=3)


def test_a_long_table_of_other_types_is_the_text_that_pandas_makes_of_it(tmp_path: Path) -> None:
    rows = results.MANY
    table = of_contract(rows).assign(known=np.arange(rows) % 2 == 0, kind=pd.Categorical(["a", "b"] * (rows // 2)))
    csv(table)(tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_text() == table.to_csv(index=False, float_format="%.6g")


def test_a_long_table_is_written_in_row_groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(results, "ROWS_AT_ONCE", 400)
    table = of_contract(1000)
    parquet(table)(tmp_path / "a.parquet")
    assert ParquetFile(tmp_path / "a.parquet").metadata.num_row_groups == 3
    pd.testing.assert_frame_equal(pd.read_parquet(tmp_path / "a.parquet"), table)


def test_only_the_tables_that_are_read_need_to_be_as_listed(manifest: Path) -> None:
    manifest.with_name("a.csv").write_text("another")
    assert results.read(manifest) is None
    assert results.read(manifest, ["a.parquet"]) is not None
    assert results.read(manifest, ["a.csv"]) is None
    assert results.read(manifest, ["b.parquet"]) is None


def test_texts_that_lie_in_several_chunks_are_written_as_csv(tmp_path: Path) -> None:
    names = [f"a,{number}" for number in range(results.ROWS_OF_TEXT // 2 + 1)]
    table = pd.concat([pd.DataFrame({"name": pd.array(names, dtype="str"), "persons": part}) for part in (1.5, 2.5)])
    csv(table)(tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_text() == table.to_csv(index=False, float_format="%.6g")
