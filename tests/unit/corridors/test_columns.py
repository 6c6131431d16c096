"""What methods read is what the product makes: no benchmark hands a method a column of its own."""

from __future__ import annotations

import ast
from fnmatch import fnmatchcase
from pathlib import Path

import pandas as pd
import pytest

from smstock.corridors.table import corridors
from smstock.evaluate.archive import Archive, stand, vintage
from smstock.models.methods import METHODS, columns, lacking
from smstock.tables import AUDIENCE, CORRIDOR, STOCK, check

WAVES = ("2018-03", "2018-04", "2018-05", "2018-06")
ACCURACY = Path(__file__).parents[3] / "benchmarks" / "accuracy"


@pytest.fixture
def waves() -> pd.DataFrame:
    cell: dict[str, object] = dict.fromkeys(AUDIENCE.names, "")
    cell |= {"platform": "meta", "destination": "DEU", "origin": "ITA", "sex": "all", "age_min": 18, "age_max": None}
    cell |= {"location_basis": "default", "placements": "all", "status": "observed", "origin_basis": "lived_in"}
    parts: list[tuple[str, dict[str, object], float]] = [
        ("mau", {}, 1000.0),
        ("dau", {}, 700.0),
        ("mau", {"origin": "WLD"}, 90_000.0),
    ]
    parts += [("mau", {"sex": sex}, 500.0) for sex in ("female", "male")]
    parts += [("mau", {"age_min": 18, "age_max": 24}, 200.0)]
    rows = [
        cell | other | {"metric": metric, "wave": wave, "value": value, "lower": value, "upper": value}
        for wave in WAVES
        for metric, other, value in parts
    ]
    return check(pd.DataFrame(rows), AUDIENCE)


@pytest.fixture
def figures() -> pd.DataFrame:
    row: dict[str, object] = {"provider": "undesa", "dataset": "ims", "edition": "2020", "concept": "birth"}
    row |= {"sex": "all", "age_min": 0, "age_max": None, "flags": "", "retrieved_at": ""}
    there = [("2017-03-15", 2000.0), ("2018-03-15", 2100.0), ("2018-06-15", 2150.0)]
    rows = [row | {"destination": "DEU", "origin": "ITA", "reference_date": day, "value": v} for day, v in there]
    rows.append(row | {"destination": "ITA", "origin": "DEU", "reference_date": "2015-07-01", "value": 300.0})
    return check(pd.DataFrame(rows), STOCK)


def made(waves: pd.DataFrame, figures: pd.DataFrame) -> pd.DataFrame:
    wave = waves[waves["wave"] == "2018-06"]
    users = pd.DataFrame({"area": ["DEU", "ITA"], "sex": "all", "value": 50.0, "age_min": 18, "age_max": None})
    rates = users.drop(columns="value").assign(rate=0.5)
    table = corridors(
        wave,
        figures[figures["destination"] == "DEU"],
        target_date="2018-06-15",
        known_until="2018-05-01",
        benchmark=True,
        figures=figures,
        internet=rates,
        waves=waves,
    )
    # both ends of penetration come from users and population (tests of `smstock.audience.penetration`)
    return table.assign(penetration_destination=0.5, penetration_origin=0.5)


def test_the_product_makes_every_column_that_methods_state(waves: pd.DataFrame, figures: pd.DataFrame) -> None:
    table = made(waves, figures)
    assert lacking(table) == ()
    total = table[table["sex"] == "all"].iloc[0]
    assert total[["audience", "audience_typical", "audience_daily"]].tolist() == [1000.0, 1000.0, 700.0]
    assert total[["official_reverse", "audience_foreign"]].tolist() == [300.0, 90_000.0]
    assert total[["share_female", "share_age_18_24"]].tolist() == [0.5, 0.2]
    assert total["audience_foreign_basis"] == "category"
    assert "WLD" not in set(table["origin"])


def test_a_back_test_makes_the_same_columns(waves: pd.DataFrame, figures: pd.DataFrame) -> None:
    own = figures[figures["destination"] == "DEU"]
    evidence = Archive(own, waves.assign(asked_at=""), figures=figures)
    then = {"cutoff": "2018-07-01", "target_date": "2018-06-15"}
    table = stand(evidence, **then)
    of_the_audience = [name for name in columns() if name.startswith(("audience_", "share_female"))]
    total = table.iloc[0]
    assert len(table) == 1
    assert total[of_the_audience].notna().all()
    assert total["official_reverse"] == 300.0
    of_vintage = vintage(evidence, [table], **then).corridors
    assert of_vintage["audience_daily"].tolist() == [700.0]
    assert not {"published", "target_date"} & set(of_vintage)


def test_what_is_not_asked_is_said_to_lack(waves: pd.DataFrame, figures: pd.DataFrame) -> None:
    plain = (waves["metric"] == "mau") & (waves["origin"] == "ITA") & (waves["sex"] == "all") & waves["age_max"].isna()
    one = waves[plain & (waves["wave"] == "2018-06")]
    table = corridors(one, figures[:3], target_date="2018-06-15", known_until="2018-05-01", benchmark=True)
    never = {"audience_growth", "penetration_destination", "penetration_origin"}
    columns_of_others = {"audience_typical", "audience_daily", "audience_foreign", "official_reverse"}
    assert set(lacking(table)) == never | columns_of_others | {"share_female", "share_age_*"}


def test_a_method_states_what_it_needs_apart_from_what_it_uses() -> None:
    for method in METHODS:
        assert not set(method.needs) & set(method.uses), method.name


def assigned(path: Path) -> set[str]:
    """Return the columns that a source file gives a table: by ``assign``, ``rename``, ``join`` or an index."""
    names: set[object] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            if node.func.attr == "assign":
                names |= {keyword.arg for keyword in node.keywords if keyword.arg}
            if node.func.attr == "rename":
                names |= {text.value for text in node.args if isinstance(text, ast.Constant)}
        if isinstance(node, ast.Assign):
            places = [target.slice for target in node.targets if isinstance(target, ast.Subscript)]
            names |= {place.value for place in places if isinstance(place, ast.Constant)}
    return {name for name in names if isinstance(name, str)}


@pytest.mark.parametrize("path", sorted(ACCURACY.glob("*.py")), ids=lambda path: path.stem)
def test_no_benchmark_builds_a_column_that_methods_read(path: Path) -> None:
    beyond = [column for column in columns() if column not in CORRIDOR.names]
    own = {name for name in assigned(path) for column in beyond if fnmatchcase(name, column)}
    assert own == set()
