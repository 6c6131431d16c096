"""Real answers of the services, fetched through the wire, listed, resolved and checked."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime
from random import Random
from typing import TYPE_CHECKING

import pandas as pd
import pytest
import respx

from smstock.folder import Folder
from smstock.official import readers
from smstock.official.consistency import checked, counts
from smstock.official.resolver import Preference, at_date, resolve
from smstock.tables import STOCK
from smstock.workflows import fetching, officials

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.fixture(scope="module")
def stocks(shared: Path) -> dict[str, pd.DataFrame]:
    """Stock tables of real files."""
    folder = shared / "official"
    files = {
        "eurostat": "eurostat/eurostat_migr_pop3ctb.json",
        "undesa 2020": "undesa/undesa_pd_2020_ims_stock_by_sex_and_destination.xlsx",
        "undesa 2024": "undesa/undesa_pd_2024_ims_stock_by_sex_and_destination.xlsx",
    }
    found = {name: readers.read_stock(folder / path) for name, path in files.items()}
    oecd = [readers.read_stock(path) for path in sorted((folder / "oecd" / "sdmx_json").glob("*_B14.json"))]
    return {**found, "oecd": pd.concat(oecd, ignore_index=True)}


@pytest.mark.parametrize(
    ("provider", "dataset", "file", "records"),
    [
        ("eurostat", "migr_pop3ctb", "eurostat/eurostat_migr_pop3ctb.json", {("stock", "birth")}),
        ("eurostat", "migr_pop1ctz", "eurostat/eurostat_migr_pop1ctz.json", {("stock", "citizenship")}),
        ("worldbank", "SP.POP.TOTL", "worldbank/wb_SP_POP_TOTL.json.gz", {("population", "")}),
        ("worldbank", "SM.POP.TOTL", "worldbank/wb_SM_POP_TOTL.json.gz", {("stock", "mixed")}),
    ],
)
def test_a_real_answer_is_kept_byte_for_byte_and_listed(
    shared: Path, tmp_path: Path, provider: str, dataset: str, file: str, records: set[tuple[str, str]]
) -> None:
    body = (shared / "official" / file).read_bytes()
    body = gzip.decompress(body) if file.endswith(".gz") else body
    workspace = Folder(tmp_path, tmp_path)
    wanted = fetching.downloads(provider, dataset, now=NOW, since=2020, until=2020)
    with respx.mock as wire:
        wire.get(wanted[0].url).respond(content=body)
        (found,) = fetching.fetch(provider, wanted, workspace, now=NOW, rng=Random(1), days=30)
    assert found.path.read_bytes() == body
    assert {(record["table"], record["concept"]) for record in officials.listing(workspace)} == records


def test_workbooks_of_un_desa_are_kept_byte_for_byte_and_listed(shared: Path, tmp_path: Path) -> None:
    body = (shared / "official/undesa/undesa_pd_2024_ims_stock_by_sex_and_destination.xlsx").read_bytes()
    workspace = Folder(tmp_path, tmp_path)
    wanted = fetching.downloads("undesa", "2024", now=NOW)
    with respx.mock as wire:
        wire.get(url__startswith="https://www.un.org/").respond(content=body)
        found = fetching.fetch("undesa", wanted, workspace, now=NOW, rng=Random(1), days=30)
    assert [each.path.read_bytes() == body for each in found] == [True, True]
    by_concept = {record["concept"] for record in officials.listing(workspace) if record["table"] == "stock"}
    assert by_concept == {"birth", "citizenship", "mixed"}


def test_the_united_kingdom_of_2020_comes_from_the_united_nations_and_says_so(stocks: dict[str, pd.DataFrame]) -> None:
    """Eurostat stops at 2019. UN DESA 2020: 8,406,996 on 2015-07-01, 9,359,587 on 2020-07-01, 1645 of 1827 days on."""
    united_nations = at_date(stocks["undesa 2020"], STOCK, "2020-01-01")
    order = [Preference("eurostat", "birth", "2026-08-10"), Preference("undesa", "birth", "2020")]
    found = resolve([stocks["eurostat"], united_nations], order)
    found = found[(found["reference_date"] == "2020-01-01") & (found["sex"] == "all")]
    rows = {row["destination"]: row for row in found.to_dict("records")}
    assert rows["GBR"]["value"] == pytest.approx(8_406_996 + 952_591 * 1645 / 1827)
    assert rows["GBR"]["flags"] == (
        "B; interpolated: 2015-07-01 to 2020-07-01; resolved: undesa birth 2020 instead of eurostat birth 2026-08-10 (:)"
    )
    assert [rows["DEU"][name] for name in ("provider", "value", "flags")] == ["eurostat", 15_040_708, ""]
    assert rows["USA"]["flags"].endswith("(no row)")


def test_sexes_of_the_united_nations_add_up_in_both_editions(stocks: dict[str, pd.DataFrame]) -> None:
    both = pd.concat([stocks["undesa 2020"], stocks["undesa 2024"]])
    found = checked(both)
    of_sexes = counts(found)[lambda table: table["check"] == "sexes"]
    assert of_sexes["verdict"].tolist() == ["agrees"]
    assert of_sexes["count"].tolist()[0] > 3000
    germany = found[(found["check"] == "editions") & found["where"].str.endswith("DEU from WLD, all, 0+, 2020-07-01")]
    assert germany[["expected", "found", "difference"]].to_numpy().tolist() == [[15_762_457, 15_021_300, -741_157]]


def test_breaks_that_are_flagged_and_jumps_that_are_not_are_told_apart(stocks: dict[str, pd.DataFrame]) -> None:
    """Germany's census of 2011 is flagged; Chile's step of 2019 (746,435 to 1,306,859) is not."""
    found = checked(pd.concat([stocks["eurostat"], stocks["oecd"]]))
    rows = {row["where"]: row for row in found.to_dict("records")}
    germany = rows["eurostat migr_pop3ctb 2026-08-10 birth: DEU from WLD, all, 0+, 2011-01-01"]
    chile = rows["oecd DSD_MIG_F@DF_MIG_POPF 2026-08-17 birth: CHL from WLD, all, 0+, 2019-01-01"]
    assert (germany["difference"], germany["verdict"]) == (8_935_603 - 9_812_263, "break")
    assert (chile["expected"], chile["found"], chile["verdict"]) == (746_435, 1_306_859, "jump")


def test_turkey_differs_between_eurostat_and_the_oecd(stocks: dict[str, pd.DataFrame]) -> None:
    found = checked(pd.concat([stocks["eurostat"], stocks["oecd"]]))
    pairs = found[found["check"] == "providers"]
    assert pairs[["expected", "found", "verdict"]].to_numpy().tolist() == [[2_278_490, 2_668_594, "differs"]]
