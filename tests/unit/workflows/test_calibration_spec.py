"""The calibration file: one provider, or several in a written order; mistakes are one message."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from smstock.errors import ContractError
from smstock.workflows.calibration_spec import CalibrationSpec, load

HEAD = 'name = "x"\ntarget_date = "2020-07-01"\nknown_until = "2015-07-01"\n'
ONE = 'stock = "a.csv"\nprovider = "undesa"\nedition = "2020"\nconcepts = ["birth", "mixed"]\n'
ENTRIES = """
[[order]]
provider = "eurostat"
concepts = ["birth"]
edition = "2026-08-10"

[[order]]
provider = "undesa"
concepts = ["birth", "citizenship"]
edition = "2020"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("a.csv", "b.csv", "b.csv.origin.toml", "p.csv"):
        (tmp_path / name).touch()
    return tmp_path


def saved(folder: Path, text: str) -> Path:
    (folder / "c.toml").write_text(text)
    return folder / "c.toml"


def test_one_provider_is_an_order_of_one(folder: Path) -> None:
    spec = load(saved(folder, HEAD + ONE))
    assert spec.files() == {"stock": folder / "a.csv"}
    assert spec.official() == {"provider": "undesa", "edition": "2020", "concepts": ("birth", "mixed")}


def test_an_order_of_several_over_several_files(folder: Path) -> None:
    spec = load(saved(folder, HEAD + 'stock = ["b.csv", "a.csv"]\n' + ENTRIES))
    assert spec.files() == {"stock 1": folder / "b.csv", "stock 2": folder / "a.csv"}
    assert spec.official() == {
        "provider": "eurostat, undesa",
        "edition": "2026-08-10, 2020",
        "concepts": ("birth", "citizenship"),
    }


@pytest.mark.parametrize("absolute", [False, True])
def test_a_star_stands_for_the_data_files_that_are_there(folder: Path, absolute: bool) -> None:
    pattern = f"{folder}/*.csv*" if absolute else "*.csv*"
    spec = load(saved(folder, HEAD + f'stock = "{pattern}"\n' + ENTRIES))
    assert spec.stock == (folder / "a.csv", folder / "b.csv", folder / "p.csv")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (ONE.replace("a.csv", "x*.csv"), "x*.csv"),
        (ONE.replace('"a.csv"', '["a.csv", "z.csv"]'), "z.csv"),
        (ONE.replace('"a.csv"', "[]"), "stock: one at least (it is [])"),
        (ONE.replace('"a.csv"', "[1]"), "stock.0: "),
        (ONE.replace('stock = "a.csv"\n', ""), "missing: stock"),
        (ONE + 'population = "p.csv"\n', "users and population go together"),
        (
            ONE + 'targetdate = "2020-07-01"\n',
            "no such key: targetdate (did you mean target_date? a calibration has name, ",
        ),
        (ONE + "title = 18\n", "title: a text, in quotes (it is 18)"),
        (ONE + 'seed = "one"\n', "seed: a whole number (it is 'one')"),
        (ONE + "seed = -1\n", "seed: 0 or more (it is -1)"),
        (ONE.replace('provider = "undesa"\n', ""), "provider, edition and concepts are needed, or an order"),
        (ONE + ENTRIES, "order stands in place of provider and edition and concepts"),
        ('stock = "a.csv"\norder = []\n', "order: "),
        ('stock = "a.csv"\n' + ENTRIES.replace('"birth"]', '"born"]', 1), "order.0.concepts.0: "),
        (
            'stock = "a.csv"\n' + ENTRIES.replace("edition", "editon", 1),
            "missing: order.0.edition; no such key: order.0.editon (did you mean edition?",
        ),
        (ONE + 'internet = "no.csv"\n', "internet = "),
    ],
)
def test_a_mistake_is_named(folder: Path, text: str, said: str) -> None:
    with pytest.raises(ContractError) as caught:
        load(saved(folder, HEAD + text))
    assert said in str(caught.value)
    assert "c.toml" in str(caught.value)
    assert not re.search("Value error|Input should|Extra inputs|Field required", str(caught.value))


@pytest.mark.parametrize("day", ["2020-13-01", "2020-02-30", "July"])
def test_a_day_that_is_none_is_refused(folder: Path, day: str) -> None:
    with pytest.raises(ContractError, match="target_date: a day of the calendar, such as 2020-07-01"):
        load(saved(folder, HEAD.replace("2020-07-01", day) + ONE))


PAGE = (Path(__file__).parents[3] / "docs" / "commands.md").read_text(encoding="utf-8")


def test_the_page_lists_every_key() -> None:
    table = PAGE.partition("### Keys of a calibration")[2].partition("\n## ")[0]
    cells = [line.split("|")[1] for line in table.splitlines() if line.startswith("| ")]
    assert sorted(re.findall(r"`(\w+)`", " ".join(cells))) == sorted(CalibrationSpec.model_fields)


def test_the_example_of_the_page_is_a_calibration_of_a_workspace(tmp_path: Path) -> None:
    example = PAGE.partition("## smstock calibrate")[2].partition("```toml\n")[2].partition("```")[0]
    for name in re.findall(r'"\.\./(official/[^"]+)"', example):
        file = tmp_path / name.replace("*", "DE")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    (tmp_path / "calibration").mkdir()
    (tmp_path / "calibration" / "romania.toml").write_text(example)
    spec = load(tmp_path / "calibration" / "romania.toml")
    assert [entry.provider for entry in spec.entries] == ["eurostat", "undesa"]
    assert len(spec.stock) == 2


def test_an_imported_file_named_without_its_day_is_answered_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "stock@2026-11-30-3807b0401297.csv").touch()
    (tmp_path / "c.toml").write_text(
        'name = "c"\nstock = ["stock.csv"]\ntarget_date = "2020-07-01"\nknown_until = "2015-12-31"\n'
        'provider = "undesa"\nedition = "2020"\nconcepts = ["birth"]\n'
    )
    with pytest.raises(ContractError, match="there is no file") as caught:
        load(tmp_path / "c.toml")
    assert "stock@2026-11-30-3807b0401297.csv" in caught.value.hint
