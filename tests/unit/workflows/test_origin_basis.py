"""A calibration, an estimate and a page are of one basis of origin."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from smstock.calibrate.calibration import Calibration
from smstock.collect.journal import Journal, differing
from smstock.errors import InputError
from smstock.folder import Folder
from smstock.query.spec import parse
from smstock.report.basis import Basis
from smstock.report.limits import limits
from smstock.workflows.calibration import fewer_audiences
from smstock.workflows.languages import of_query, query_of
from smstock.workflows.nowcasting import nowcast

if TYPE_CHECKING:
    from pathlib import Path

    from smstock.workflows.evidence import Evidence

LEARNT = Calibration(
    name="c", query="q", wave="2026-10", provider="undesa", edition="2020", concepts=("birth",), seed=1,
    target_date="2020-07-01", inputs={}, versions={}, audiences=31, origin_basis="lived_in",
)  # fmt: skip
BY_LANGUAGE = 'name="q"\nplatform="meta"\ndestinations=["AUT"]\nages="18+"\norigin_basis="language"\n'


def test_a_calibration_refuses_a_wave_of_another_basis() -> None:
    wave = cast("Evidence", SimpleNamespace(origin_basis="language", query="q", wave="2026-11"))
    with pytest.raises(InputError, match="learnt on origins by lived_in, those of q in 2026-11 are by language"):
        nowcast(wave, LEARNT)


def test_a_calibration_of_another_basis_is_not_kept_for_its_larger_number_of_audiences() -> None:
    poorer = replace(LEARNT, wave="2026-11", audiences=3)
    assert "had 31" in fewer_audiences(poorer, LEARNT)
    assert fewer_audiences(replace(poorer, origin_basis="language"), LEARNT) == ""


def test_the_basis_is_part_of_what_is_written() -> None:
    written = Calibration.from_json(LEARNT.to_json(), "c.json")
    assert written.origin_basis == "lived_in"
    assert replace(LEARNT, origin_basis="language").id != LEARNT.id


def test_languages_are_those_that_the_wave_was_asked_by(tmp_path: Path) -> None:
    query = parse(BY_LANGUAGE + 'origins=["UKR", "ALB", "EGY"]\n[locales]\nALB=[87]\nUKR=[17, 52]\n')
    folder = Folder(tmp_path, tmp_path)
    path = folder.wave("2026-11", "q.journal.sqlite")
    path.parent.mkdir(parents=True)
    Journal(path, query, "2026-11", "live").close()
    asked = query_of(folder, "q", "2026-11")
    assert asked is not None
    assert of_query(asked) == {"UKR": "Russian or Ukrainian", "ALB": "Albanian"}


def test_languages_of_linkedin_are_its_locales() -> None:
    query = parse(
        'name="q"\nplatform="linkedin"\norigins=["ROU"]\ndestinations=["DEU"]\nages="18+"\n'
        'origin_basis="interface_language"\n[languages]\nROU=["urn:li:locale:ro_RO"]'
    )
    assert of_query(query) == {"ROU": "ro_RO"}


@pytest.mark.parametrize(
    ("spoken", "words"),
    [
        (None, ""),
        ({"UKR": "Ukrainian"}, "accounts that use the platform in Ukrainian (from Ukraine), whatever"),
        ({}, "accounts that use the platform in a language of the origin, whatever"),
    ],
)
def test_the_page_tells_another_population_first(spoken: dict[str, str] | None, words: str) -> None:
    import pandas as pd

    rows = pd.DataFrame({"standing": ["indicative"], "method": "raw_audience", "precision": "digits"})
    common: dict[str, Any] = {"calibration": "c-1", "query": "q", "wave": "2026-11", "provider": "undesa", "lag": 5.0}
    basis = Basis(**common, edition="2020", concepts=("birth",), target_date="2020-07-01", languages=spoken)
    first = limits(rows, basis)[0]
    assert (first.name == "Origins are languages.") == (spoken is not None)
    assert words in first.meaning


def test_a_wave_goes_on_and_is_merged_by_one_basis_and_one_list_of_languages_only() -> None:
    lived = parse(BY_LANGUAGE.replace('origin_basis="language"\n', "") + 'origins=["UKR"]\n')
    spoken = parse(BY_LANGUAGE + 'origins=["UKR"]\n')
    wider = parse(BY_LANGUAGE + 'origins=["UKR"]\n[locales]\nUKR=[17, 52]\n')
    assert differing(lived, spoken) == ["origin_basis"]
    assert differing(spoken, wider) == ["locales"]
