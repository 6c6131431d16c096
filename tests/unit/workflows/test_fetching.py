from __future__ import annotations

from datetime import UTC, datetime
from random import Random
from typing import TYPE_CHECKING

import pytest
import respx

from smstock.errors import UnknownNameError, UsageError
from smstock.folder import Folder
from smstock.workflows import fetching, officials

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def test_the_last_ten_years_are_asked_unless_others_are_given() -> None:
    (found,) = fetching.downloads("oecd", "B14", now=NOW)
    assert "startPeriod=2017&endPeriod=2026" in found.url
    (found,) = fetching.downloads("oecd", "B14", now=NOW, since=2015, until=2016)
    assert "startPeriod=2015&endPeriod=2016" in found.url


def test_destinations_may_be_named_in_any_way() -> None:
    (found,) = fetching.downloads("oecd", "B14", now=NOW, geo=["Germany", "FR", "CHE"])
    assert "/DEU+FRA+CHE..A.B14" in found.url


@pytest.mark.parametrize(
    ("provider", "dataset", "options", "said"),
    [
        ("ilo", "x", {}, "there is no service of 'ilo'"),
        ("oecd", "B14", {"since": 2020, "until": 2019}, "2020 to 2019 are no years"),
        ("oecd", "B14", {"since": 20}, "20 to 2026 are no years"),
        ("oecd", "B14", {"until": 2027}, "2018 to 2027 are no years"),
        ("oecd", "B14", {"ages": True}, "oecd cannot be asked for ages"),
        ("undesa", "2024", {"since": 2015}, "undesa cannot be asked for years"),
        ("eurostat", "migr_pop3ctb", {"edition": "2022"}, "eurostat cannot be asked for edition"),
    ],
)
def test_what_cannot_be_asked_is_refused_before_anything_is(
    provider: str, dataset: str, options: dict[str, bool], said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        fetching.downloads(provider, dataset, now=NOW, **options)  # type: ignore[arg-type]


def test_an_unknown_destination_is_refused() -> None:
    with pytest.raises(UnknownNameError):
        fetching.downloads("oecd", "B14", now=NOW, geo=["Germny"])


def test_what_is_fetched_lies_in_the_workspace_and_is_listed(tmp_path: Path) -> None:
    """World Bank: population of Namibia in 2020, 2,540,916 in UN DESA's edition of that year."""
    row = {
        "indicator": {"id": "SP.POP.TOTL", "value": "Population, total"},
        "country": {"id": "NA", "value": "Namibia"},
        "countryiso3code": "NAM",
        "date": "2020",
        "value": 2540916,
        "unit": "",
        "obs_status": "",
        "decimal": 0,
    }
    workspace = Folder(tmp_path, tmp_path)
    wanted = fetching.downloads("worldbank", "SP.POP.TOTL", now=NOW, since=2020, until=2020, geo=["NAM"])
    page = {"page": 1, "pages": 1, "per_page": 20000, "total": 1, "lastupdated": "2026-07-13"}
    with respx.mock as wire:
        wire.get(wanted[0].url).respond(json=[page, [row]])
        (found,) = fetching.fetch("worldbank", wanted, workspace, now=NOW, rng=Random(1), days=30)
    assert found.path.parent == tmp_path / "official" / "worldbank"
    (record,) = officials.listing(workspace)
    assert (record["provider"], record["dataset"] or record["table"]) == ("worldbank", "population")
    assert (record["last"], record["figures"]) == ("2020-07-01", 1)


def test_a_day_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="'2020-13-01' is no day"):
        officials.comparisons([tmp_path / "a.csv"], date="2020-13-01")
