"""Origins by language from the question to the page: told as another population, in a series and calibration of its own."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from smstock.errors import InputError
from smstock.folder import Folder
from smstock.platforms.base import RawAnswer, Request
from smstock.platforms.meta.targeting import of_parameters
from smstock.query.spec import load, parse
from smstock.report.explanation import in_words
from smstock.vocabulary import countries
from smstock.vocabulary.dates import instant
from smstock.workflows.calibration_spec import load as load_spec
from smstock.workflows.collection import collect
from smstock.workflows.evidence import Evidence
from smstock.workflows.explanation import explain
from smstock.workflows.month import estimate
from smstock.workflows.nowcasting import nowcast

REPOSITORY = Path(__file__).parents[3]
NOW = datetime(2020, 10, 15, tzinfo=UTC)


class Meta:
    """A live platform with two accounts in Serbian for each five persons from Serbia; notes what it is asked."""

    attempts = concurrency = 1
    dropped: tuple[str, ...] = ()

    def __init__(self, stock: dict[str, float]) -> None:
        self.stock = stock
        self.asked: list[dict[str, object]] = []

    async def ask(self, request: Request) -> RawAnswer:
        spec = of_parameters(dict(request.parameters))
        self.asked.append(spec)
        area = countries.find(spec["geo_locations"]["countries"][0], "iso2")
        accounts = max(1000, int(round(0.4 * self.stock.get(area, 0), -2)))
        answer = {"estimate_mau_lower_bound": accounts, "estimate_mau_upper_bound": accounts, "estimate_ready": True}
        body = json.dumps({"data": [answer]}).encode()
        return RawAnswer(body, 200, instant(NOW), request.endpoint, "v25.0", (), "act_1")

    def prime(self, journal: object) -> None: ...

    async def close(self) -> None: ...


@pytest.mark.slow
def test_a_nowcast_by_language_says_so_everywhere_and_its_calibration_serves_no_other_basis(tmp_path: Path) -> None:
    shutil.copytree(REPOSITORY / "calibration", tmp_path / "calibration")
    stock = pd.read_csv(tmp_path / "calibration/serbia/stock.csv", dtype={"origin": str})
    newest = stock[(stock["reference_date"] == "2020-07-01") & (stock["sex"] == "all")]
    persons = dict(zip(newest["destination"], newest["value"].astype(float), strict=True))
    areas = load(REPOSITORY / "queries/serbia-diaspora.toml").destinations
    text = f'name="q"\nplatform="meta"\norigins=["SRB"]\ndestinations={list(areas)}\nages="18+"\n'.replace("'", '"')
    platform, folder = Meta(persons), Folder(tmp_path, tmp_path)
    collected = collect(parse(text + 'origin_basis="language"'), folder, now=NOW, source=platform)
    assert {json.dumps(spec["locales"]) for spec in platform.asked} == {"[42]"}
    assert not any("flexible_spec" in spec for spec in platform.asked)
    table = collected.table().set_index("destination")
    assert set(table["origin_basis"]) == {"language"}
    assert table.loc["BIH", "status"] == "refused:native_language"

    evidence = Evidence(load_spec(tmp_path / "calibration/serbia.toml"), folder, "q", "2020-10")
    made = estimate(evidence)
    assert made.calibration.origin_basis == "language"
    assert any("SRB Serbian" in notice and "another population" in notice for notice in made.nowcast.notices)
    assert "accounts that use the platform in Serbian (from Serbia)" in made.page.read_text(encoding="utf-8")
    manifest = json.loads(folder.estimate("2020-10", "serbia.manifest.json").read_text(encoding="utf-8"))
    assert manifest["about"]["basis"]["origin_basis"] == "language"
    explained = in_words(explain(evidence, "SRB:AUT").explanation)
    assert "the audience counts accounts that use the platform in Serbian" in explained
    with pytest.raises(InputError, match="was learnt on origins by lived_in"):
        nowcast(evidence, replace(made.calibration, origin_basis="lived_in"))
