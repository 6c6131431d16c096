"""Files that contradict each other under one edition are refused; a later retrieval of no edition is told."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from smstock.errors import ContractError
from smstock.official.conflicts import check_alike
from smstock.tables import STOCK, check
from smstock.workflows import calibration_spec
from smstock.workflows.inputs import chosen_stock, read_stocks

ROW = {
    "provider": "undesa",
    "dataset": "ims",
    "edition": "2020",
    "concept": "birth",
    "destination": "AUT",
    "origin": "SRB",
    "sex": "all",
    "age_min": 0,
    "age_max": None,
    "reference_date": "2020-07-01",
    "flags": "",
    "retrieved_at": "",
}
FILES = [Path("a.csv"), Path("b.csv"), Path("c.csv")]


def stock(*values: float | None, **changes: object) -> pd.DataFrame:
    years = range(2020, 2020 - len(values), -1)
    rows = [
        ROW | {"reference_date": f"{year}-07-01", "value": value} | changes
        for year, value in zip(years, values, strict=True)
    ]
    return check(pd.DataFrame(rows), STOCK)


def test_two_figures_of_one_edition_are_refused_with_both_files() -> None:
    with pytest.raises(ContractError, match="different figures of undesa ims 2020 birth: in 1 cell") as caught:
        check_alike(FILES, [stock(5, 7), stock(5, 7), stock(5, 8)])
    assert caught.value.where == "AUT from SRB, all, 2019-07-01: 7 in a.csv and 8 in c.csv"


@pytest.mark.parametrize(
    "other",
    [
        stock(5, 7),
        stock(None, 7),
        stock(6, edition="2024"),
        stock(6, concept="mixed"),
        stock(6, dataset="other"),
        stock(6, provider="oecd"),
        stock(6, sex="female"),
        stock(6, age_min=15),
    ],
    ids=["the same", "missing", "edition", "concept", "data set", "provider", "sex", "ages"],
)
def test_what_does_not_contradict_passes(other: pd.DataFrame, caplog: pytest.LogCaptureFixture) -> None:
    check_alike(FILES[:2], [stock(5, 7), other])
    assert caplog.text == ""


def test_of_no_stated_edition_the_later_retrieval_is_told(caplog: pytest.LogCaptureFixture) -> None:
    check_alike(FILES[:2], [stock(5, edition="not stated"), stock(6, edition="not stated")])
    assert "in 1 cell, first AUT from SRB, all, 2020-07-01: 5 in a.csv and 6 in b.csv" in caplog.text


@pytest.mark.parametrize("source", ['provider = "undesa"\nedition = "2020"\nconcepts = ["birth"]\n', ""])
def test_a_calibration_on_two_files_takes_equal_figures_once_and_refuses_others(tmp_path: Path, source: str) -> None:
    order = '[[order]]\nprovider = "undesa"\nconcepts = ["birth"]\nedition = "2020"\n'
    (tmp_path / "c.toml").write_text(
        'name = "c"\nstock = ["a.csv", "b.csv"]\ntarget_date = "2020-07-01"\nknown_until = "2019-12-31"\n'
        + (source or order)
    )
    for name, value in (("a", 5), ("b", 5)):
        stock(value).to_csv(tmp_path / f"{name}.csv", index=False)
    spec = calibration_spec.load(tmp_path / "c.toml")
    assert chosen_stock(read_stocks(spec), spec)["value"].tolist() == [5]
    stock(6).to_csv(tmp_path / "b.csv", index=False)
    with pytest.raises(ContractError, match="two files give different figures"):
        read_stocks(spec)
