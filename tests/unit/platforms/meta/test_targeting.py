from __future__ import annotations

import asyncio
import json
import random
from typing import TYPE_CHECKING, Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smstock.errors import QueryError, UnknownNameError
from smstock.platforms import replay
from smstock.platforms.known import platform
from smstock.platforms.meta import restated, targeting
from smstock.platforms.meta.questions import described
from smstock.query.lattice import Cell
from smstock.query.spec import parse
from smstock.vocabulary.facets import FOREIGN, Ages

if TYPE_CHECKING:
    from pathlib import Path

    from smstock.query.meta import MetaQuery

QUERY = cast(
    "MetaQuery",
    parse(
        'name = "q"\nplatform = "meta"\nages = "18+"\norigins = ["SRB"]\ndestinations = ["DEU"]\n'
        'location_basis = "home"\nplacements = ["instagram", "facebook"]\n[education]\nhigh = ["master_degree", "alum"]\nodd = ["phd"]\n'
    ),
)


def test_a_cell_in_metas_words() -> None:
    assert targeting.spec(Cell("DEU", "SRB", "female", Ages(18, 24), "high"), QUERY) == {
        "age_max": 24,
        "age_min": 18,
        "flexible_spec": [{"behaviors": [{"id": "6027149004983"}]}, {"education_statuses": [3, 9]}],
        "genders": [2],
        "geo_locations": {"countries": ["DE"], "location_types": ["home"]},
        "publisher_platforms": ["facebook", "instagram"],
    }


def test_an_origin_by_language_is_asked_by_its_locales_and_no_category() -> None:
    plain = QUERY.model_copy(update={"location_basis": "default", "placements": (), "origin_basis": "language"})
    cells = {origin: targeting.spec(Cell("DEU", origin, "all", Ages(18)), plain) for origin in ("UKR", "NOR", "")}
    assert cells["UKR"] == {"age_min": 18, "geo_locations": {"countries": ["DE"]}, "locales": [52]}
    assert cells["NOR"]["locales"] == [13, 84]
    assert "locales" not in cells[""]
    assert targeting.text(targeting.canonical(cells["NOR"])) == targeting.text(cells["NOR"])
    own = plain.model_copy(update={"locales": {"UKR": (17, 52)}})
    assert targeting.spec(Cell("DEU", "UKR", "all", Ages(18)), own)["locales"] == [17, 52]
    assert (
        targeting.request(Cell("DEU", "POL", "all", Ages(18)), plain).key
        != targeting.request(
            Cell("DEU", "POL", "all", Ages(18)), plain.model_copy(update={"origin_basis": "lived_in"})
        ).key
    )


def test_the_default_location_basis_and_every_placement_are_said_by_silence() -> None:
    plain = QUERY.model_copy(update={"location_basis": "default", "placements": ()})
    spec = targeting.spec(Cell("DEU", "", "all", Ages(18)), plain)
    assert spec == {"age_min": 18, "geo_locations": {"countries": ["DE"]}}


GROUPS = cast(
    "MetaQuery",
    parse(
        'name="q"\nplatform="meta"\nages="18+"\norigins=["SRB", "USA"]\ndestinations=["NAM", "XKX"]\nlocation_basis="recent"\n'
        f'[education]\nall={json.dumps(list(targeting.EDUCATION))}\none=["undergrad"]\n'
        f'[relationship]\nall={json.dumps(list(targeting.RELATIONSHIP))}\none=["divorced"]'
    ),
)


@given(
    st.builds(
        Cell,
        st.sampled_from(["DEU", "NAM"]),
        st.sampled_from(["", "SRB", "USA"]),
        st.sampled_from(["all", "female", "male"]),
        st.sampled_from([Ages(13), Ages(18, 24), Ages(30, 65), Ages(65)]),
        st.sampled_from(["", "all", "one"]),
        st.sampled_from(["", "all", "one"]),
    ),
    st.lists(st.sampled_from(targeting.PLACEMENTS), unique=True),
)
def test_a_spec_is_in_canonical_form(cell: Cell, placements: list[str]) -> None:
    spec = targeting.spec(cell, GROUPS.model_copy(update={"placements": tuple(placements)}))
    assert json.dumps(targeting.canonical(spec)) == json.dumps(spec)


def test_a_request_holds_the_spec_and_the_goal_and_nothing_else() -> None:
    request = platform("meta").request(Cell("DEU", "SRB", "all", Ages(18)), QUERY)
    parameters = dict(request.parameters)
    assert set(parameters) == {"optimization_goal", "targeting_spec"}
    assert targeting.key(json.loads(parameters["targeting_spec"])) == request.key


def test_an_origin_without_a_category_and_an_unknown_status_are_refused() -> None:
    with pytest.raises(UnknownNameError, match="Ukraine"):
        targeting.spec(Cell("DEU", "UKR", "all", Ages(18)), QUERY)
    with pytest.raises(QueryError, match="phd"):
        targeting.spec(Cell("DEU", "SRB", "all", Ages(18), "odd"), QUERY)


def shuffled(part: Any, rng: random.Random) -> Any:
    """Write the same thing in another order, with other spellings of what means nothing."""
    if isinstance(part, dict):
        items = [(name, shuffled(value, rng)) for name, value in part.items()]
        rng.shuffle(items)
        return {name: int(value) if name == "id" else value for name, value in items}
    if isinstance(part, list):
        mixed = [shuffled(item, rng) for item in part]
        rng.shuffle(mixed)
        return mixed
    return part


@given(
    st.integers(),
    st.sampled_from(["all", "female", "male"]),
    st.sampled_from([Ages(18), Ages(18, 24), Ages(65)]),
    st.sampled_from(["", "high"]),
)
def test_the_key_does_not_depend_on_the_order_things_were_written_in(
    seed: int, sex: str, ages: Ages, education: str
) -> None:
    spec = targeting.spec(Cell("DEU", "SRB", sex, ages, education), QUERY)
    other = shuffled(spec, random.Random(seed)) | ({} if sex != "all" else {"genders": [0]}) | {"exclusions": {}}
    other |= {"age_max": spec.get("age_max", 65)}
    assert targeting.key(other) == targeting.key(spec)


def test_different_questions_have_different_keys() -> None:
    cells = [
        Cell("DEU", "SRB", sex, ages)
        for sex in ("all", "female", "male")
        for ages in (Ages(18), Ages(18, 24), Ages(25))
    ]
    assert len({targeting.key(targeting.spec(cell, QUERY)) for cell in cells}) == len(cells)


def test_all_who_lived_abroad_are_asked_by_the_id_of_the_platforms_own_category() -> None:
    spec = targeting.spec(Cell("DEU", FOREIGN, "all", Ages(18)), QUERY)
    assert spec["flexible_spec"] == [{"behaviors": [{"id": "6015559470583"}]}]


def test_a_recording_of_all_who_lived_abroad_is_replayed(tmp_path: Path) -> None:
    row = "2018-06-03T10:00:00Z,delivery_estimate,v3.0,DEU,WLD,all,18+,,,home,facebook+instagram,9100000,5200000,true"
    (tmp_path / "answers.csv").write_text("\n".join([",".join(restated.COLUMNS), row, ""]), encoding="utf-8")
    meta, cell = platform("meta"), Cell("DEU", FOREIGN, "all", Ages(18))
    recorded = replay.read(tmp_path, meta, QUERY, "2018-06")
    answer = asyncio.run(recorded.ask(meta.request(cell, QUERY)))
    assert answer is not None
    assert meta.read(answer).reading("mau").value == 9_100_000
    assert meta.refusal(cell, QUERY) == ""


def test_what_a_look_up_tells_beside_a_key_asks_nothing() -> None:
    city = {"key": 814016, "name": "Oxford, Oxfordshire", "region": "England", "region_id": 4079, "country_code": "GB"}
    point = {"latitude": 25.32, "longitude": 51.5, "radius": 5.0, "distance_unit": "kilometer"}
    told = {
        "cities": [city | {"radius": 0, "distance_unit": "kilometer"}],
        "custom_locations": [point | {"country": "QA"}],
    }
    bare = {"cities": [{"key": "814016"}], "custom_locations": [point]}
    assert targeting.key({"geo_locations": told}) == targeting.key({"geo_locations": bare})
    wide = {"cities": [city | {"radius": 17, "distance_unit": "kilometer"}], "custom_locations": [point]}
    assert targeting.key({"geo_locations": wide}) != targeting.key({"geo_locations": bare})


def test_a_recorded_place_is_described_by_its_keys() -> None:
    locations = {
        "regions": [{"key": 4079, "name": "England"}],
        "cities": [{"key": 1, "radius": 17, "distance_unit": "kilometer"}],
        "custom_locations": [{"latitude": 25.32, "longitude": 51.5, "radius": 5, "distance_unit": "kilometer"}],
    }
    words = described({"geo_locations": locations, "age_min": 13})
    assert words["destinations"] == ("city 1 (17 kilometer) with circle 25.32, 51.5 (5 kilometer) with region 4079")
    assert words["anything else"] == "nothing"
