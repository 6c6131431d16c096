"""Estimates of several waves are one table: sums, changes and exports are those of the rows, and waves are vouched for."""

from __future__ import annotations

import resource
from dataclasses import replace
from shutil import copytree
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
from tests.estimated import AFTER, BASIS, BEFORE, MADE, row, write

from smstock import Workspace, results
from smstock.errors import InputError, QueryError, UnknownNameError, UsageError
from smstock.tables import ESTIMATE
from smstock.vocabulary.places import Place, learn

if TYPE_CHECKING:
    from pathlib import Path

    from smstock.results import Manifest


@pytest.fixture(scope="session")
def two_months(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with the estimates of two months."""
    folder = tmp_path_factory.mktemp("two-months")
    write(folder, "2025-11", BEFORE)
    write(folder, "2026-11", AFTER)
    return folder


@pytest.fixture
def folder(tmp_path: Path, two_months: Path) -> Path:
    """The same, to be changed."""
    return copytree(two_months, tmp_path / "migration")


def test_a_sum_adds_up_the_estimates_and_counts_what_it_is_without(folder: Path) -> None:
    added = Workspace(folder).estimates("serbia", until="2025-11").sums("destination").df()
    columns = [
        "destination",
        "sum_of_medians",
        "precision",
        "estimated",
        "indicative",
        "held_back",
        "floored",
        "unknown",
    ]
    assert added[columns].to_numpy().tolist() == [
        ["AUT", 1200.0, "digits", 2, 1, 1, 1, 1],
        ["DEU", 40.0, "magnitude", 1, 0, 0, 0, 0],
    ]


def test_waves_sexes_and_ages_are_never_added_together(tmp_path: Path) -> None:
    cells = [("all", 15, None), ("female", 15, None), ("male", 15, None), ("all", 15, 24)]
    rows = [row("AUT", "SRB", 10.0, sex=sex, age_min=low, age_max=high) for sex, low, high in cells]
    write(tmp_path, "2025-11", rows)
    write(tmp_path, "2026-11", rows)
    estimates = Workspace(tmp_path).estimates("serbia")
    assert estimates.sums().df()["sum_of_medians"].to_list() == [10.0] * 8
    assert len(Workspace(tmp_path).estimates("serbia", sex="female").rows.df()) == 2
    assert Workspace(tmp_path).estimates("serbia", ages="15-24").rows.df()["age_max"].to_list() == [24, 24]
    assert Workspace(tmp_path).estimates("serbia", ages="15+").rows.df()["age_max"].isna().tolist() == [True] * 6


@pytest.mark.parametrize(("by", "end"), [("destination", "AUT"), ("origin", "SRB"), ("all", "")])
def test_median_and_interval_of_a_sum_are_those_that_its_draws_gave(folder: Path, by: str, end: str) -> None:
    added = Workspace(folder).estimates("serbia", since="2026-11").sums(by).df()
    stored = pd.read_parquet(folder / "estimates/2026-11/serbia.sums.parquet")
    other = {"destination": "origin", "origin": "destination", "all": "origin"}[by]
    of_end = stored[(stored["indicative"] == "with") & (stored[other] == "") & (stored["sex"] == "all")]
    of_end = of_end[(of_end["destination"] == "") if by == "all" else (of_end[by] == end)]
    mine = added if by == "all" else added[added[by] == end]
    figures = ["median", "lower_80", "upper_80", "lower_95", "upper_95", "estimated"]
    assert mine[figures].to_numpy().tolist() == of_end[figures].to_numpy().tolist()
    assert float(mine["median"].iloc[0]) > 0


def test_a_sum_over_chosen_corridors_has_no_interval_for_none_was_drawn(folder: Path) -> None:
    estimates = Workspace(folder).estimates("serbia", since="2026-11", origins=["Serbia", "HRV"])
    added = estimates.sums("destination").df()
    assert added["sum_of_medians"].to_list() == [4690.0]
    assert added[["median", "lower_80", "upper_95"]].isna().all(axis=None)
    assert estimates.sums("origin").df()["median"].notna().all()


@pytest.mark.parametrize("name", ["w*", "w?", "w[1]", "it's", "wave=1999-01", "median=5", "w{1,2}", "w%31"])
def test_the_name_of_a_folder_is_no_pattern_and_no_column(two_months: Path, tmp_path: Path, name: str) -> None:
    """Beside it lies another workspace, which a pattern would read in its place, or too."""
    write(tmp_path / "w1", "2025-11", [row("AUT", "SRB", 7.0)])
    expected = Workspace(two_months).estimates("serbia").sums().df()
    added = Workspace(copytree(two_months, tmp_path / name)).estimates("serbia").sums().df()
    pd.testing.assert_frame_equal(added, expected)
    assert added["median"].notna().all()


def test_a_name_leads_nowhere_else(folder: Path) -> None:
    with pytest.raises(UnknownNameError, match="no estimates of"):
        Workspace(folder).estimates("../2025-11/serbia")


def test_sums_that_are_not_vouched_for_are_not_taken(folder: Path) -> None:
    (folder / "estimates/2026-11/serbia.sums.parquet").write_bytes(b"another one")
    added = Workspace(folder).estimates("serbia").sums().df().set_index("wave")
    assert added.loc["2026-11", "sum_of_medians"] == 4697.0
    assert added["median"].notna().to_dict() == {"2025-11": True, "2026-11": False}


def test_changes_come_with_what_is_known_of_both_waves_the_largest_first(folder: Path) -> None:
    changes = Workspace(folder).estimates("serbia").changes("2025-11", "2026-11").df()
    columns = ["destination", "origin", "before", "after", "change", "ratio", "apart", "method_before", "method_after"]
    listed = changes[columns].astype(object).where(changes[columns].notna(), None).to_numpy().tolist()
    assert listed[:2] == [
        ["AUT", "SRB", 1000.0, 4500.0, 3500.0, 4.5, True, "trend", "stack"],
        ["AUT", "HRV", 200.0, 190.0, -10.0, 0.95, False, "trend", "trend"],
    ]
    one_sided = {tuple(line[:2]): line[2:5] for line in listed[2:]}
    assert one_sided[("DEU", "POL")] == [None, 7.0, None]
    assert one_sided[("DEU", "SRB")] == [40.0, None, None]
    assert len(listed) == 8


def test_sums_are_compared_too(folder: Path) -> None:
    changes = Workspace(folder).estimates("serbia").changes("2025-11", "2026-11", by="destination").df()
    columns = ["destination", "before", "after", "change", "estimated_before", "estimated_after"]
    assert changes[columns].to_numpy().tolist() == [
        ["AUT", 1200.0, 4690.0, 3490.0, 2, 2],
        ["DEU", 40.0, 7.0, -33.0, 1, 1],
    ]


def test_sums_and_changes_of_many_corridors_are_those_of_pandas(tmp_path: Path) -> None:
    rng = np.random.default_rng(7)
    ends = ["AUT", "DEU", "FRA", "ITA", "POL", "SRB", "UKR"]
    waves = {}
    for wave in ("2026-09", "2026-10"):
        corridors = [(one, other) for one in ends for other in ends if one != other and rng.random() < 0.8]
        rows = [
            row(*pair, None if rng.random() < 0.2 else float(rng.lognormal(6, 2)), sex=sex, age_min=age, age_max=high)
            for pair in corridors
            for sex in ("all", "female", "male")
            for age, high in ((15, 24), (25, None))
        ]
        waves[wave] = pd.read_parquet(write(tmp_path, wave, rows))
    table = pd.concat(waves.values())
    estimates = Workspace(tmp_path).estimates("serbia")

    key = ["wave", "origin", "sex", "age_min", "age_max"]
    expected = table.groupby(key, dropna=False)["median"].agg(["sum", "count"]).reset_index().sort_values(key)
    added = estimates.sums("origin").df().sort_values(key)
    np.testing.assert_allclose(added["sum_of_medians"].fillna(0.0), expected["sum"], rtol=1e-12)
    assert added["estimated"].to_list() == expected["count"].to_list()

    key = ["destination", "origin", "sex", "age_min", "age_max"]
    both = waves["2026-09"].merge(waves["2026-10"], on=key, how="outer", suffixes=("_b", "_a")).sort_values(key)
    changes = estimates.changes("2026-09", "2026-10").df()
    assert changes["change"].abs().dropna().is_monotonic_decreasing
    changes = changes.sort_values(key)
    for column, frame in (("before", both["median_b"]), ("after", both["median_a"])):
        np.testing.assert_array_equal(changes[column], frame)
    np.testing.assert_array_equal(changes["change"], both["median_a"] - both["median_b"])


def made(**basis: str) -> Manifest:
    return replace(MADE, about={"basis": BASIS | basis})


@pytest.mark.parametrize("part", ["concepts", "origin_basis", "metric"])
def test_waves_that_count_different_things_are_told_and_not_compared(folder: Path, part: str) -> None:
    write(folder, "2026-11", AFTER, made(**{part: "another"}))
    estimates = Workspace(folder).estimates("serbia")
    (notice,) = estimates.notices
    assert notice.startswith("from 2026-11 on the estimates count something else than in 2025-11: ")
    assert notice.endswith(f" {BASIS[part]}, then another")
    with pytest.raises(InputError, match=r"2025-11 and 2026-11 count different things: .* then another"):
        estimates.changes("2025-11", "2026-11")


def test_places_of_each_wave_are_added_up_as_that_wave_asked_them(tmp_path: Path) -> None:
    """The country was asked at first, then two places in its stead, then three after one was divided."""
    waves = {
        "2026-09": ({}, {"DEU": 9.0, "DE-A": 4.0, "DE-B": 5.0}),
        "2026-10": ({"DEU": ["DE-A", "DE-B"]}, {"DE-A": 4.0, "DE-B": 5.0}),
        "2026-11": ({"DEU": ["DE-A", "DE-C", "DE-D"]}, {"DE-A": 4.0, "DE-C": 2.0, "DE-D": 4.0}),
        "2026-12": ({}, {"DE-A": 4.0, "DE-C": 2.0}),
    }
    for wave, (covers, estimated) in waves.items():
        rows = [row(place, "SRB", persons) for place, persons in (estimated | {"AUT": 1.0}).items()]
        write(tmp_path, wave, rows, replace(MADE, about={**MADE.about, "covers": covers}))
    estimates = Workspace(tmp_path).estimates("serbia")
    for by in ("all", "origin"):
        added = estimates.sums(by).df().set_index("wave")["sum_of_medians"]
        assert added.to_dict() == {"2026-09": 10.0, "2026-10": 10.0, "2026-11": 11.0, "2026-12": 1.0}


def test_a_place_is_chosen_by_its_name_and_a_mistyped_one_is_answered(tmp_path: Path) -> None:
    learn([Place("DE-BY", "Bavaria", "DEU")])
    write(tmp_path, "2026-11", [row("DE-BY", "SRB", 4.0), row("AUT", "SRB", 5.0)])
    workspace = Workspace(tmp_path)
    assert workspace.estimates("serbia", destinations=["bavaria"]).rows.df()["median"].to_list() == [4.0]
    assert workspace.estimates("serbia", destinations=["AUT", "DE-BY", "-Bavaria"]).rows.df()["median"].to_list() == [
        5.0
    ]
    with pytest.raises(UnknownNameError) as refused:
        workspace.estimates("serbia", destinations=["Bavaira"])
    assert refused.value.hint == "did you mean Bavaria (DE-BY)?"


def test_another_edition_and_another_query_are_told_and_compared(folder: Path) -> None:
    write(folder, "2026-11", AFTER, replace(made(edition="2026"), query="serbia-new"))
    estimates = Workspace(folder).estimates("serbia")
    assert estimates.notices == (
        "from 2026-11 on the estimates rest on another source than in 2025-11: edition 2024, then 2026",
        "from 2026-11 on the estimates are of the query serbia-new, in 2025-11 of serbia",
    )
    assert len(estimates.changes("2025-11", "2026-11").df()) == 8


def test_a_manifest_that_does_not_state_what_is_counted_is_told(folder: Path) -> None:
    write(folder, "2026-11", AFTER, replace(MADE, about={}))
    (notice,) = Workspace(folder).estimates("serbia").notices
    assert notice.startswith("what the estimates of 2026-11 count does not stand in the manifest")


def altered(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b"x")


def without_a_manifest(path: Path) -> None:
    path.with_name("serbia.manifest.json").unlink()


def copied_into_another_wave(path: Path) -> None:
    for file in path.parent.iterdir():
        file.write_bytes((path.parents[1] / "2025-11" / file.name).read_bytes())


def of_few_columns(path: Path) -> None:
    table = pd.DataFrame({"destination": ["AUT"]})
    results.write(
        path.with_name("serbia.manifest.json"), replace(MADE, wave="2026-11"), {path.name: results.parquet(table)}
    )


@pytest.mark.parametrize("spoil", [altered, without_a_manifest, copied_into_another_wave, of_few_columns])
def test_a_wave_that_is_not_vouched_for_is_left_aside_and_named(
    folder: Path, spoil: Any, caplog: pytest.LogCaptureFixture
) -> None:
    path = folder / "estimates/2026-11/serbia.parquet"
    spoil(path)
    estimates = Workspace(folder).estimates("serbia")
    assert list(estimates.waves) == ["2025-11"]
    assert set(estimates.rows.df()["wave"]) == {"2025-11"}
    (record,) = [record for record in caplog.records if "left aside" in record.getMessage()]
    assert str(path) in record.getMessage()
    with pytest.raises(InputError, match="no estimates to be read from 2026-01"):
        Workspace(folder).estimates("serbia", since="2026-01")


def test_folders_with_odd_names_are_files_and_no_patterns(tmp_path: Path) -> None:
    odd = tmp_path / 'it\'s [a] "folder"; DROP * ? é'
    write(odd, "2026-11", AFTER)
    write(odd.with_name("it's a"), "2026-11", BEFORE)
    estimates = Workspace(odd).estimates("serbia")
    file = estimates.export(estimates.rows, odd / 'o\'[1] "*".csv', ["origin", "median"])
    assert file.read_text() == "origin,median\nSRB,4500\nHRV,190\nPOL,7\n"


def test_what_is_exported_is_what_pandas_would_write(folder: Path) -> None:
    estimates = Workspace(folder).estimates("serbia")
    tables = [pd.read_parquet(folder / f"estimates/{wave}/serbia.parquet") for wave in ("2025-11", "2026-11")]
    rows = pd.concat(tables)[ESTIMATE.names]
    written = estimates.export(estimates.rows, folder / "rows.csv")
    assert written.read_text() == rows.to_csv(index=False, float_format="%.6g")
    table = pd.read_parquet(estimates.export(estimates.rows, folder / "rows.parquet", ["median", "age_max", "sex"]))
    assert list(table.columns) == ["median", "age_max", "sex"]
    np.testing.assert_array_equal(table["median"], rows["median"])
    assert sorted(path.name for path in folder.iterdir()) == [
        ".smstock.lock",
        "estimates",
        "rows.csv",
        "rows.parquet",
    ] or (sorted(path.name for path in folder.iterdir()) == ["estimates", "rows.csv", "rows.parquet"])


@pytest.mark.parametrize("name", ["rows.csv", "rows.parquet"])
def test_where_there_is_no_room_nothing_is_left_behind(folder: Path, name: str) -> None:
    estimates = Workspace(folder).estimates("serbia")
    before = estimates.export(estimates.rows, folder / name).read_bytes()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))
    try:
        with pytest.raises(InputError, match=rf"{name} cannot be written: .*"):
            estimates.export(estimates.rows, folder / name)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert (folder / name).read_bytes() == before
    assert sorted(path.name for path in folder.iterdir()) == ["estimates", name]


def test_what_cannot_be_meant_is_refused_with_what_is_allowed(folder: Path) -> None:
    workspace = Workspace(folder)
    estimates = workspace.estimates("serbia")
    with pytest.raises(UsageError, match=r"rows\.xlsx is no file to export to"):
        estimates.export(estimates.rows, folder / "rows.xlsx")
    with pytest.raises(UsageError) as refused:
        estimates.export(estimates.rows, folder / "rows.csv", ["mediam"])
    assert refused.value.hint == "did you mean median?"
    with pytest.raises(UsageError, match="sums by sex are not made"):
        estimates.sums("sex")
    with pytest.raises(InputError, match="serbia has no estimates of 2026-10"):
        estimates.changes("2026-10", "2026-11")
    with pytest.raises(UsageError, match="is not a wave"):
        estimates.changes("2026-13", "2026-11")
    with pytest.raises(UnknownNameError) as unknown:
        workspace.estimates("serbai")
    assert unknown.value.hint == "did you mean serbia?"
    with pytest.raises(UnknownNameError, match="unknown area 'Germny'"):
        workspace.estimates("serbia", destinations=["Germny"])
    with pytest.raises(UsageError, match="femal is no sex"):
        workspace.estimates("serbia", sex="femal")
    with pytest.raises(QueryError, match="is not an age range"):
        workspace.estimates("serbia", ages="young")
    with pytest.raises(UsageError, match="origins is 'SRB'"):
        workspace.estimates("serbia", origins="SRB")


def test_groups_and_parts_of_countries_are_chosen_by_name(tmp_path: Path) -> None:
    write(tmp_path, "2026-11", [row("DE300", "SRB", 3.0), row("AUT", "SRB", 2.0), row("CHE", "SRB", 1.0)])
    chosen = Workspace(tmp_path).estimates("serbia", destinations=["eu27", "DE300"]).rows.df()
    assert chosen["destination"].to_list() == ["DE300", "AUT"]


def test_rows_outlive_the_object_they_come_from(folder: Path) -> None:
    rows = Workspace(folder).estimates("serbia").rows
    assert sum(batch.num_rows for batch in rows.to_arrow_reader(2)) == 10
