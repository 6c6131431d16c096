from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smstock.errors import UsageError
from smstock.official.eurostat.datasets import DATASETS
from smstock.official.fetch.download import Request
from smstock.official.fetch.eurostat import _DATASETS, CELLS, REPORTERS, downloads

if TYPE_CHECKING:
    from smstock.official.fetch.download import Download

FETCHED = sorted(_DATASETS)


def cells_of(found: tuple[Download, ...]) -> list[tuple[str, str]]:
    """Return year and destination of everything that is asked for; * stands for every destination."""
    asked = []
    for each in found:
        query = parse_qs(urlsplit(each.url).query)
        years = range(int(query["sinceTimePeriod"][0]), int(query["untilTimePeriod"][0]) + 1)
        asked += [(str(year), place) for year in years for place in query.get("geo", ["*"])]
    return asked


@given(
    st.sampled_from(FETCHED),
    st.integers(1990, 2026),
    st.integers(0, 30),
    st.sets(st.sampled_from(["DEU", "FRA", "GRC", "GBR", "XKX", "NOR"])),
    st.booleans(),
)
def test_slices_stay_below_the_limit_and_cover_everything_once(
    dataset: str, since: int, more: int, areas: set[str], ages: bool
) -> None:
    found = downloads(Request(dataset, since, since + more, areas=tuple(sorted(areas)), ages=ages))
    assert all(each.cells is not None and 0 < each.cells <= CELLS for each in found)
    asked = cells_of(found)
    assert len(asked) == len(set(asked))
    assert {year for year, _ in asked} == {str(year) for year in range(since, since + more + 1)}
    of_year = {place for year, place in asked if year == str(since)}
    assert of_year in ({"*"}, set(REPORTERS)) or len(of_year) == len(areas)
    assert len({each.name for each in found}) == len(found)


def test_a_slice_falls_into_halves_down_to_one_destination_and_year() -> None:
    (slice_,) = downloads(Request("migr_pop3ctb", 2020, 2021))
    leaves, open_ = [], [slice_]
    while open_:
        part = open_.pop()
        open_ += part.parts()
        if not part.parts():
            leaves.append(part)
    assert sorted(cells_of(tuple(leaves))) == sorted((year, code) for year in ("2020", "2021") for code in REPORTERS)


def test_destinations_are_spelt_as_eurostat_does() -> None:
    (found,) = downloads(Request("demo_pjan", 2020, 2020, areas=("GRC", "GBR", "XKX")))
    assert found.url.endswith("&age=TOTAL&geo=EL&geo=UK&geo=XK&sinceTimePeriod=2020&untilTimePeriod=2020")


def test_ages_are_asked_in_total_unless_groups_are_wanted() -> None:
    urls = [downloads(Request("migr_pop1ctz", 2020, 2020, areas=("DEU",), ages=ages))[0].url for ages in (False, True)]
    assert ["age=TOTAL" in url for url in urls] == [True, False]


def test_a_whole_data_set_is_one_packed_file() -> None:
    (found,) = downloads(Request("migr_pop3ctb", 2020, 2020, whole=True))
    assert found.url.endswith("sdmx/2.1/data/migr_pop3ctb?format=SDMX-CSV&compressed=true")
    assert found.name == "migr_pop3ctb_whole.csv.gz"


def test_every_data_set_that_is_fetched_is_read() -> None:
    assert set(FETCHED) <= set(DATASETS)


def test_another_data_set_is_refused_with_those_there_are() -> None:
    with pytest.raises(UsageError, match="'migr_imm1ctz' is not fetched") as caught:
        downloads(Request("migr_imm1ctz", 2020, 2020))
    assert "migr_pop3ctb" in caught.value.allowed
