"""What calibrations and nowcasts read: official figures by a written order, and the population of the day."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from smstock.errors import ContractError, InputError
from smstock.folder import Folder
from smstock.query import spec as query_spec
from smstock.workflows import calibration_spec
from smstock.workflows.calibration import calibrate
from smstock.workflows.collection import collect
from smstock.workflows.evidence import Evidence
from smstock.workflows.inputs import (
    chosen_stock,
    inputs_of,
    newest_internet,
    of_all_ages,
    read_denominators,
    read_internet,
    read_stocks,
)
from smstock.workflows.nowcasting import nowcast

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from smstock.workflows.calibration_spec import CalibrationSpec

HEAD = (
    "provider,dataset,edition,concept,destination,origin,sex,age_min,age_max,reference_date,value,flags,retrieved_at\n"
)
FIRST = HEAD + (
    "eurostat,migr_pop3ctb,2025,birth,DEU,SRB,all,0,,2015-01-01,100,,\n"
    "eurostat,migr_pop3ctb,2025,birth,DEU,SRB,all,0,,2020-07-01,,:,\n"
    "eurostat,migr_pop3ctb,2025,birth,AUT,SRB,all,0,,2020-07-01,50,p,\n"
)
SECOND = HEAD + (
    "undesa,ims,2020,birth,DEU,SRB,all,0,,2015-07-01,110,B,\n"
    "undesa,ims,2020,birth,DEU,SRB,all,0,,2020-07-01,120,B,\n"
    "undesa,ims,2020,birth,AUT,SRB,all,0,,2020-07-01,60,B,\n"
)
ORDER = """
[[order]]
provider = "eurostat"
concepts = ["birth"]
edition = "2025"
[[order]]
provider = "undesa"
concepts = ["birth"]
edition = "2020"
"""
ONE = 'provider = "undesa"\nedition = "2020"\nconcepts = ["birth"]\n'
PEOPLE = "provider,edition,area,sex,age_min,age_max,reference_date,value\n"
USERS = "platform,area,sex,age_min,age_max,asked_at,value,source\nmeta,DEU,all,13,,2020-10-05,10,x\n"


def spec(folder: Path, sources: str, **files: str) -> CalibrationSpec:
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text)
    head = 'name = "x"\ntarget_date = "2020-07-01"\nknown_until = "2015-12-31"\n'
    (folder / "c.toml").write_text(head + sources)
    return calibration_spec.load(folder / "c.toml")


def dated(text: str) -> str:
    """Return a table retrieved on the first day of 2025."""
    return text.replace("B,\n", "B,2025-01-01\n")


def figures(stock: pd.DataFrame) -> list[tuple[str, str, float, str]]:
    names = ["destination", "reference_date", "value", "flags"]
    return list(stock[names].itertuples(index=False, name=None))


def test_holes_of_the_first_provider_are_filled_from_the_second(tmp_path: Path) -> None:
    two = spec(tmp_path, 'stock = ["first.csv", "second.csv"]\n' + ORDER, first=FIRST, second=SECOND)
    assert figures(chosen_stock(read_stocks(two), two, day="2020-07-01")) == [
        ("AUT", "2020-07-01", 50, "p"),
        ("DEU", "2015-01-01", 100, ""),
        ("DEU", "2020-07-01", 120, "B; resolved: undesa birth 2020 instead of eurostat birth 2025 (:)"),
    ]


def test_one_provider_is_taken_from_any_of_the_files(tmp_path: Path) -> None:
    one = spec(tmp_path, 'stock = ["first.csv", "second.csv"]\n' + ONE, first=FIRST, second=SECOND)
    assert set(chosen_stock(read_stocks(one), one)["provider"]) == {"undesa"}
    assert len(chosen_stock(read_stocks(one), one)) == 3


@pytest.mark.parametrize(("day", "value"), [("2026-01-01", 130), ("2024-01-01", 120), ("2025-01-01", 130)])
@pytest.mark.parametrize("source", [ONE, ORDER[ORDER.rindex("[[order]]") :]], ids=["one", "order"])
def test_of_no_stated_edition_the_figure_retrieved_last_counts_and_it_is_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, source: str, day: str, value: float
) -> None:
    first, revised = (text.replace(",2020,", ",not stated,") for text in (SECOND, SECOND.replace("120,B,", "130,B,")))
    source = source.replace('edition = "2020"', 'edition = "not stated"')
    revised = revised.replace("130,B,", f"130,B,{day}")
    two = spec(tmp_path, 'stock = ["second.csv", "revised.csv"]\n' + source, second=dated(first), revised=revised)
    stock = chosen_stock(read_stocks(two), two)
    assert len(stock) == 3
    assert stock.loc[stock["reference_date"] == "2020-07-01", "value"].max() == value
    assert "in 1 cell, first DEU from SRB, all, 2020-07-01: 120 in" in caplog.text


@pytest.mark.parametrize("day", ["2026-01-01", "2024-01-01", "2025-01-01"])
def test_two_figures_of_one_edition_are_refused_whatever_the_day(tmp_path: Path, day: str) -> None:
    revised = SECOND.replace("120,B,", f"130,B,{day}")
    two = spec(tmp_path, 'stock = ["second.csv", "revised.csv"]\n' + ONE, second=dated(SECOND), revised=revised)
    with pytest.raises(ContractError, match="two files give different figures of undesa ims 2020 birth"):
        read_stocks(two)


def test_every_figure_at_hand_is_known_beside_the_provider_chosen(tmp_path: Path) -> None:
    grouped = FIRST.replace("all,0,,2015", "all,15,64,2015")
    one = spec(tmp_path, 'stock = ["first.csv", "second.csv"]\n' + ONE, first=grouped, second=SECOND)
    read = read_stocks(one)
    assert [len(table) for table in read] == [3, 3]
    assert set(chosen_stock(read, one)["provider"]) == {"undesa"}
    whole = of_all_ages(read)
    assert set(whole["provider"]) == {"eurostat", "undesa"}
    assert (whole["provider"] == "eurostat").sum() == 2


def test_an_edition_that_no_file_has_is_refused_with_those_there_are(tmp_path: Path) -> None:
    wrong = ORDER.replace('"2020"', '"2024"')
    two = spec(tmp_path, 'stock = ["first.csv", "second.csv"]\n' + wrong, first=FIRST, second=SECOND)
    with pytest.raises(InputError) as caught:
        chosen_stock(read_stocks(two), two)
    assert "no figure of undesa birth 2024" in str(caught.value)
    assert "undesa birth 2020" in caught.value.allowed


def test_two_concepts_need_both_names(tmp_path: Path) -> None:
    mixed = SECOND.replace("birth,AUT", "citizenship,AUT")
    with pytest.raises(ContractError, match="not asked for: birth"):
        chosen_stock(
            read_stocks(spec(tmp_path, 'stock = "second.csv"\n' + ONE, second=mixed)),
            spec(tmp_path, 'stock = "second.csv"\n' + ONE, second=mixed),
        )


def test_age_groups_beside_all_ages_are_left_out_and_alone_refused(tmp_path: Path) -> None:
    young = "undesa,ims,2020,birth,DEU,SRB,all,0,14,2020-07-01,9,B,\n"
    old = "undesa,ims,2020,birth,DEU,SRB,all,15,,2020-07-01,9,B,\n"
    both = spec(tmp_path, 'stock = "second.csv"\n' + ONE, second=SECOND + young + old)
    assert len(chosen_stock(read_stocks(both), both)) == 3
    groups = spec(tmp_path, 'stock = "groups.csv"\n' + ONE, groups=HEAD + young + old)
    with pytest.raises(InputError, match="2 age groups and none for all of them together"):
        chosen_stock(read_stocks(groups), groups)


def test_the_age_group_that_holds_all_others_counts_as_all_ages(tmp_path: Path) -> None:
    groups = [("15,59", 20), ("15,39", 12), ("40,59", 8)]
    rows = "".join(f"undesa,ims,2020,birth,DEU,SRB,all,{ages},2020-07-01,{value},B,\n" for ages, value in groups)
    working = spec(tmp_path, 'stock = "working.csv"\n' + ONE, working=HEAD + rows)
    chosen = chosen_stock(read_stocks(working), working)
    assert chosen[["age_min", "age_max", "value"]].to_numpy().tolist() == [[15, 59, 20]]


def people(*days: tuple[str, int]) -> str:
    return PEOPLE + "".join(f"undesa,wpp,DEU,all,13,,{day},{value}\n" for day, value in days)


def test_the_population_is_that_of_the_target_date(tmp_path: Path) -> None:
    sources = 'stock = "second.csv"\nusers = "users.csv"\npopulation = "people.csv"\n' + ONE
    of_days = {"second": SECOND, "users": USERS}
    several = spec(tmp_path, sources, people=people(("2020-01-01", 100), ("2021-01-01", 466)), **of_days)
    _, population = read_denominators(several)
    assert population is not None
    assert population[["reference_date", "value"]].to_numpy().tolist() == [["2020-07-01", 282]]
    single = spec(tmp_path, sources, people=people(("2019-01-01", 100)), **of_days)
    _, population = read_denominators(single)
    assert population is not None
    assert population["value"].tolist() == [100]
    late = spec(tmp_path, sources, people=people(("2021-01-01", 100), ("2022-01-01", 100)), **of_days)
    with pytest.raises(InputError, match="no population for 2020-07-01"):
        read_denominators(late)


@pytest.mark.parametrize("days", [(("2020-07-01", 0),), (("2020-01-01", 0), ("2021-01-01", 466))])
def test_a_population_of_0_is_refused_where_the_area_was_asked(
    tmp_path: Path, days: tuple[tuple[str, int], ...]
) -> None:
    sources = 'stock = "second.csv"\nusers = "users.csv"\npopulation = "people.csv"\n' + ONE
    calibration = spec(tmp_path, sources, people=people(*days), second=SECOND, users=USERS)
    assert read_denominators(calibration, {"AUT"})[1] is not None
    with pytest.raises(
        InputError, match=rf"people.csv has a population of 0 for DEU, all, 13\+, {days[0][0]}"
    ) as caught:
        read_denominators(calibration, {"AUT", "DEU"})
    assert caught.value.exit_code == 3
    assert "take the row out if it is not known" in caught.value.hint


def test_a_population_of_0_of_another_time_or_of_ages_that_nothing_reads_is_none_of_the_spec(tmp_path: Path) -> None:
    sources = 'stock = "second.csv"\nusers = "users.csv"\npopulation = "people.csv"\n' + ONE
    figures = people(("1960-01-01", 0), ("2020-01-01", 100), ("2021-01-01", 466))
    figures += "undesa,wpp,DEU,all,100,,2020-01-01,0\nundesa,wpp,DEU,all,100,,2021-01-01,0\n"
    calibration = spec(tmp_path, sources, people=figures, second=SECOND, users=USERS)
    assert read_denominators(calibration, {"DEU"})[1] is not None


INTERNET = (
    "provider,dataset,edition,indicator,category,area,concept,group,sex,age_min,age_max,reference_date,value,unit,flags,"
    "retrieved_at\nworldbank,IT.NET.USER.ZS,1,internet_use,IT.NET.USER.ZS,DEU,,,all,0,,{day},90,percent of individuals,,\n"
)


def test_internet_use_is_the_newest_known(tmp_path: Path) -> None:
    sources = 'stock = "second.csv"\ninternet = ["one.csv", "two.csv"]\n' + ONE
    days = {"one": INTERNET.format(day="2018-07-01"), "two": INTERNET.format(day="2021-07-01").replace(",90,", ",95,")}
    two = spec(tmp_path, sources, second=SECOND, **days)
    assert set(two.files()) == {"stock", "internet 1", "internet 2"}
    found = newest_internet(read_internet(two), two, until="2020-07-01")
    assert found is not None
    assert found["rate"].tolist() == [0.9]
    with pytest.raises(InputError, match="no internet use up to 2017-01-01"):
        newest_internet(read_internet(two), two, until="2017-01-01")
    assert read_internet(spec(tmp_path, 'stock = "second.csv"\n' + ONE)) is None


@pytest.mark.slow
def test_a_calibration_of_two_providers_says_in_each_row_where_its_figure_is_from(
    repository: Path, tmp_path: Path
) -> None:
    workspace = Folder(repository, tmp_path)
    query = query_spec.load(repository / "queries/serbia-diaspora.toml")
    recordings = repository / "queries/recorded/serbia-diaspora"
    wave = collect(query, workspace, now=datetime(2026, 11, 22, tzinfo=UTC), recordings=recordings).wave
    two = calibration_spec.load(repository / "calibration/serbia-citizens.toml")
    learnt = calibrate(evidence := Evidence(two, workspace, query.name, wave))
    assert (learnt.provider, learnt.edition) == ("eurostat, undesa", "2025-03-13, 2020")
    assert {"stock 1", "stock 2"} <= set(learnt.inputs)
    rows = nowcast(evidence, learnt).estimates
    totals = {str(row["destination"]): row for row in rows[rows["sex"] == "all"].to_dict("records")}
    germany, france, croatia = totals["DEU"], totals["FRA"], totals["HRV"]
    assert (germany["official_last"], germany["official_last_date"]) == (183_949, "2020-01-01")
    assert "instead of" not in germany["notes"]
    # births of UN DESA do not go on with France's citizens, who end in 2018
    assert (france["official_last"], france["official_last_date"]) == (62_779, "2018-01-01")
    assert "instead of" not in france["notes"]
    assert (croatia["official_last"], croatia["official_last_date"]) == (48_170, "2020-07-01")
    source = "official figure: undesa birth 2020 instead of eurostat citizenship 2025-03-13 (no row)"
    assert source in croatia["notes"]
    assert totals["CZE"]["notes"].startswith("official figure counts citizens")


def test_an_area_that_is_not_known_is_named_when_a_calibration_reads_it(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "copy.csv.origin.toml").write_text(
        "".join(f'{name} = "x"\n' for name in ("producer", "title", "citation", "licence"))
        + 'edition = "2025"\nretrieved = 2026-11-22\ndataset = "migr_pop1ctz"\nsex = "all"\nages = "0+"\n'
    )
    copy = "citizen,geo,year,number\nSerbia,Austria,2019,5\nRuritania,Austria,2019,6\n"
    one = spec(tmp_path, 'stock = ["copy.csv"]\n' + ONE, copy=copy)
    (stock,) = read_stocks(one)
    assert stock["origin"].tolist() == ["SRB"]
    (record,) = caplog.records
    assert "copy.csv: 1 figure left out for areas that are not known: Ruritania (line 3)" in record.getMessage()


def test_another_sidecar_is_another_input(tmp_path: Path) -> None:
    """The same bytes, of which a sidecar says that another column holds the figures."""
    chosen = spec(tmp_path, ONE.replace("provider", 'stock = "a.csv"\nprovider'), a=SECOND)
    stock, folder = chosen.stock[0], Folder(tmp_path, tmp_path)
    folder.wave("2020-10", "q.audience.parquet").parent.mkdir(parents=True)
    folder.wave("2020-10", "q.audience.parquet").touch()
    inputs = []
    for text in ("", '[columns]\nvalue = "total"\n', '[columns]\nvalue = "women"\n'):
        if text:
            stock.with_name(f"{stock.name}.origin.toml").write_text(text)
        inputs.append(inputs_of(chosen, folder, "q", "2020-10"))
    assert inputs[0].keys() == {"audience", "spec", "stock"}
    assert inputs[1].keys() == inputs[2].keys() == {"audience", "spec", "stock", "stock.origin.toml"}
    assert {name for name in inputs[1] if inputs[1][name] != inputs[2][name]} == {"stock.origin.toml"}
