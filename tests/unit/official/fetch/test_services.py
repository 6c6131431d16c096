"""The addresses of each provider, and what it can be asked for."""

from __future__ import annotations

import pytest

from smstock.errors import UsageError
from smstock.official.fetch import census, oecd, undesa, worldbank
from smstock.official.fetch.download import Request
from smstock.official.fetch.services import SERVICES, downloads

PARTS = frozenset({"years", "areas", "edition", "ages", "whole"})


def test_the_oecd_is_asked_by_key_first_and_for_the_whole_flow_otherwise() -> None:
    (found,) = oecd.downloads(Request("B15", 2015, 2024))
    base = "https://sdmx.oecd.org/public/rest/data/OECD.ELS.IMD,DSD_MIG@DF_MIG,1.0/"
    rest = "?startPeriod=2015&endPeriod=2024&dimensionAtObservation=AllDimensions&format=csvfile"
    assert found.url == f"{base}..A.B15.._Z._Z.PS{rest}"
    assert found.otherwise is not None
    assert found.otherwise.url == f"{base}all{rest}"


def test_kosovo_is_spelt_as_the_oecd_does() -> None:
    (found,) = oecd.downloads(Request("B14", 2015, 2024, areas=("XKX",)))
    assert "/XKV..A.B14" in found.url


@pytest.mark.parametrize(("provider", "dataset"), [("eurostat", "migr_pop3ctb"), ("oecd", "B14")])
def test_a_destination_without_a_code_does_not_become_every_destination(provider: str, dataset: str) -> None:
    with pytest.raises(UsageError, match=f"{provider} has no code for Channel Islands"):
        downloads(provider, Request(dataset, 2020, 2020, areas=("DEU", "CHI")), frozenset())


@pytest.mark.parametrize("measure", ["B11", "B12", "b14", ""])
def test_flows_of_the_oecd_are_refused(measure: str) -> None:
    with pytest.raises(UsageError, match="is not fetched"):
        oecd.downloads(Request(measure, 2015, 2024))


def test_a_page_of_the_world_bank_holds_its_whole_answer() -> None:
    found = worldbank.downloads(Request("IT.NET.USER.FE.ZS", 1900, 2026))
    assert len(found) == 2
    assert all(each.cells is not None and each.cells <= worldbank.ROWS for each in found)
    assert "date=1900:1973&per_page=20000" in found[0].url
    assert "date=1974:2026&per_page=20000" in found[1].url


def test_other_indicators_of_the_world_bank_are_refused() -> None:
    with pytest.raises(UsageError, match=r"'NY\.GDP\.MKTP\.CD' is not fetched"):
        worldbank.downloads(Request("NY.GDP.MKTP.CD", 2015, 2024))


def test_an_edition_of_un_desa_is_its_workbooks() -> None:
    names = [found.name for found in undesa.downloads(Request("2020", 1990, 2020))]
    assert names == [
        "undesa_pd_2020_ims_stock_by_sex_destination_and_origin.xlsx",
        "undesa_pd_2020_ims_stock_by_sex_and_destination.xlsx",
        "undesa_pd_2020_ims_stock_by_age_sex_and_destination.xlsx",
    ]


def test_editions_that_lie_elsewhere_are_downloaded_by_hand() -> None:
    with pytest.raises(UsageError, match="'2019'") as caught:
        undesa.downloads(Request("2019", 1990, 2019))
    assert "web browser" in caught.value.hint


def test_labels_of_the_census_lie_beside_its_answers() -> None:
    found = {each.name: each.url for each in census.downloads(Request("B05006", 2022, 2022, edition="2022"))}
    assert found == {
        "B05006_2022_acs1_us.json": "https://api.census.gov/data/2022/acs/acs1?get=NAME,group(B05006)&for=us:1",
        "B05006_2022_acs1_us.json.labels.json": "https://api.census.gov/data/2022/acs/acs1/groups/B05006.json",
        "B05006_2022_acs1_states.json": "https://api.census.gov/data/2022/acs/acs1?get=NAME,group(B05006)&for=state:*",
        "B05006_2022_acs1_states.json.labels.json": "https://api.census.gov/data/2022/acs/acs1/groups/B05006.json",
    }


@pytest.mark.parametrize("year", ["2020", "", "22"])
def test_a_year_without_a_survey_is_refused(year: str) -> None:
    with pytest.raises(UsageError, match="there is no American Community Survey"):
        census.downloads(Request("B05006", 2022, 2022, edition=year))


@pytest.mark.parametrize("provider", SERVICES)
def test_what_a_provider_cannot_be_asked_for_is_refused(provider: str) -> None:
    beyond = PARTS - SERVICES[provider].takes
    with pytest.raises(UsageError, match=f"{provider} cannot be asked for {' and '.join(sorted(beyond))}"):
        downloads(provider, Request("x", 2020, 2020), PARTS)
