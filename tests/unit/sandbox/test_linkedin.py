"""The simulated LinkedIn: what it shows of a known world, and how it refuses."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smstock.platforms.base import Action, RawAnswer
from smstock.platforms.linkedin import answers, live, restli, rounding
from smstock.platforms.linkedin.bodies import body
from smstock.platforms.linkedin.platform import LINKEDIN
from smstock.query.lattice import Cell, cells, parents
from smstock.query.spec import parse
from smstock.sandbox import criteria
from smstock.sandbox.cities import by_code, cities
from smstock.sandbox.entities import ENTITIES, geo, schools, urn
from smstock.sandbox.faults import FaultPlan
from smstock.sandbox.linkedin import CALLS, TOKEN, SimulatedLinkedIn, shown
from smstock.sandbox.members import Members, simulate_members
from smstock.sandbox.profiles import profiles
from smstock.sandbox.regions import regions
from smstock.sandbox.server import untunnelled
from smstock.sandbox.simulation import simulate
from smstock.sandbox.typeahead import entities
from smstock.vocabulary.facets import Ages

if TYPE_CHECKING:
    from smstock.query.linkedin import LinkedInQuery
    from smstock.sandbox.reply import Reply

START = 1_795_348_800.0  # 2026-11-22T12:00:00Z
MONTH = "2026-11"
WHOLE = Ages(18)


def listed(countries: tuple[str, ...]) -> str:
    return "".join(f"{country} = {json.dumps(list(schools(country)))}\n" for country in countries)


QUERY = cast(
    "LinkedInQuery",
    parse(
        f"""
name = "q"
platform = "linkedin"
origins = ["ROU", "POL"]
destinations = ["DEU", "ESP"]
ages = "18+"
age_groups = ["18-24", "25-54", "55+"]
metrics = ["total"]
origin_basis = "school_country"
location_basis = "home"
home = true
totals = true
breakdowns = [["sex", "age"], ["degree"], ["seniority"], ["experience"], ["skill"]]
[schools]
{listed(("ROU", "POL", "DEU", "ESP"))}
[languages]
ROU = ["urn:li:locale:ro_RO"]
POL = ["urn:li:locale:pl_PL"]
[dimensions.degree]
any = {json.dumps([urn("degree", number) for number in ENTITIES["degree"]])}
[dimensions.seniority]
{"".join(f'{said.lower()} = ["{urn("seniority", number)}"]' + chr(10) for number, (said, _) in ENTITIES["seniority"].items())}
[dimensions.experience]
short = ["urn:li:yearsOfExperience:1", "urn:li:yearsOfExperience:5"]
long = ["urn:li:yearsOfExperience:6", "urn:li:yearsOfExperience:12"]
[dimensions.skill]
python = ["urn:li:skill:17"]
"""
    ),
)


@pytest.fixture(scope="session")
def members() -> Members:
    """Members of four areas, two of them origins too."""
    world = simulate(np.random.default_rng(5), areas=("DEU", "ESP"), origins=("POL", "ROU"))
    return simulate_members(np.random.default_rng(5), world)


@dataclass
class Asking:
    """Asks a simulated LinkedIn as the live source does."""

    service: SimulatedLinkedIn
    token: str = TOKEN
    version: str = "202608"

    def cell(self, cell: Cell, query: LinkedInQuery = QUERY) -> Reply:
        return self.send(live.address("", LINKEDIN.request(cell, query)))

    def send(self, call: restli.Call) -> Reply:
        headers = {name.lower(): value for name, value in live.headers(self.version, call).items()}
        headers["authorization"] = f"Bearer {self.token}"
        method = "GET" if call.body is None else "POST"
        method, path = untunnelled(method, call.url.encode(), headers, call.body or b"")
        return self.service.handle(method, path, headers)

    def reading(self, cell: Cell, query: LinkedInQuery = QUERY) -> Any:
        return self.read(self.cell(cell, query)).readings[0]

    def read(self, reply: Reply) -> Any:
        raw = RawAnswer(reply.body, reply.status, "2026-11-22T12:00:00Z", "audienceCounts", self.version)
        return answers.read(raw)


@pytest.fixture
def asking(members: Members) -> Asking:
    return Asking(SimulatedLinkedIn(members, lambda: START, calls_per_day=CALLS["full"]))


def true(members: Members, cell: Cell, query: LinkedInQuery = QUERY) -> int:
    spec = LINKEDIN.targeting(dict(LINKEDIN.request(cell, query).parameters))
    return criteria.count(members, criteria.read(spec), MONTH)


def test_every_answer_holds_the_true_count_and_no_part_is_larger_than_its_whole(
    asking: Asking, members: Members
) -> None:
    statuses = Counter[str]()
    for cell in cells(QUERY):
        reading, count = asking.reading(cell), true(members, cell)
        statuses[reading.status] += 1
        assert reading.lower <= count <= reading.upper
        assert (reading.status == "floored") == (count < rounding.FLOOR)
        assert all(count <= true(members, whole) for whole in parents(cell, QUERY))
    assert set(statuses) == {"observed", "floored"}


def test_members_of_an_origin_are_its_schools_share_of_the_highly_skilled(members: Members) -> None:
    world = members.world
    place, origin = world.areas.index("DEU"), world.origins.index("ROU")
    count = true(members, Cell("DEU", "ROU", "all", WHOLE))
    of_origin = members.highly_skilled(MONTH)[place, origin] * members.joined[place, origin] * 0.9
    # nine in ten went to a school of the list; nobody else in Germany went to school in Romania
    assert count == int(of_origin)


def test_the_parts_of_an_exclusive_dimension_are_the_stated_share_of_the_whole(members: Members) -> None:
    whole = true(members, Cell("DEU", "ROU", "all", WHOLE))
    parts = [
        true(members, Cell("DEU", "ROU", "all", WHOLE, dimension="experience", category=years))
        for years in QUERY.values("experience")
    ]
    assert sum(parts) == pytest.approx(0.92 * whole, abs=len(parts))


def test_parts_by_position_add_up_to_more_than_the_whole_in_some_corridors(members: Members) -> None:
    sums = members.shares["seniority"].sum(axis=-1)
    assert (sums > 1).any()
    place, origin = members.world.areas.index("DEU"), members.world.origins.index("ROU")
    any_of_them = criteria.having(members, "seniority", frozenset(range(1, 11)))[place, origin]
    assert any_of_them == pytest.approx(1 - np.prod(1 - members.shares["seniority"][place, origin]))
    assert any_of_them < min(sums[place, origin], 1)


def test_ages_are_stated_for_nearly_all(members: Members) -> None:
    whole = true(members, Cell("DEU", "ROU", "all", WHOLE))
    parts = [true(members, Cell("DEU", "ROU", "all", Ages(*ages))) for ages in ((18, 24), (25, 54), (55, None))]
    assert sum(parts) == pytest.approx(0.97 * whole, abs=len(parts))


def test_a_range_of_experience_is_its_years(members: Members) -> None:
    found = criteria.having(members, "experience", frozenset(range(1, 6)))
    cell = Cell("ESP", "POL", "all", WHOLE, dimension="experience", category="short")
    place, origin = members.world.areas.index("ESP"), members.world.origins.index("POL")
    assert true(members, cell) == pytest.approx(
        true(members, Cell("ESP", "POL", "all", WHOLE)) * found[place, origin], abs=1
    )


def test_those_with_a_school_of_the_destination_can_be_left_out(members: Members) -> None:
    cell = Cell("DEU", "ROU", "all", WHOLE)
    place, origin = members.world.areas.index("DEU"), members.world.origins.index("ROU")
    spared = true(members, cell, QUERY.model_copy(update={"origin_basis": "school_country_not_destination"}))
    assert spared == pytest.approx(true(members, cell) * (1 - 0.9 * members.local[place, origin]), abs=1)


def test_a_language_holds_other_people(members: Members) -> None:
    cell = Cell("DEU", "ROU", "all", WHOLE)
    place, origin = members.world.areas.index("DEU"), members.world.origins.index("ROU")
    spoken = true(members, cell, QUERY.model_copy(update={"origin_basis": "interface_language"}))
    assert spoken == int(members.number(MONTH)[place, origin] * members.language[place, origin])


@pytest.mark.parametrize(
    ("count", "total"),
    [
        (0, 0),
        (299, 0),
        (300, 300),
        (304, 300),
        (305, 310),
        (994, 990),
        (995, 1000),
        (1_049, 1_000),
        (1_050, 1_100),
        (145_499, 150_000),
        (144_999, 140_000),
        (2_345_678, 2_300_000),
    ],
)
def test_a_count_is_shown_with_two_digits_and_not_below_three_hundred(count: int, total: int) -> None:
    assert shown(count) == total


@given(st.integers(0, 5_000_000_000))
def test_whatever_is_shown_obeys_what_was_measured(count: int) -> None:
    total = shown(count)
    assert len(str(total).rstrip("0")) <= 2
    assert total == 0 or total >= 300
    reading = answers.read(RawAnswer(json.dumps(body(total)).encode(), 200, "", "audienceCounts", "202608")).readings[0]
    assert reading.lower is not None
    assert reading.upper is not None
    assert reading.lower <= count < reading.upper


def refused(asking: Asking, **changes: Any) -> tuple[int, Action]:
    for name, value in changes.items():
        setattr(asking, name, value)
    reply = asking.cell(Cell("DEU", "ROU", "all", WHOLE))
    return reply.status, asking.read(reply).action


def test_credentials_and_versions_are_checked(asking: Asking) -> None:
    assert refused(asking, version="202511") == (426, Action.STOP_RUN)
    assert refused(asking, version="202612") == (426, Action.STOP_RUN)
    assert refused(asking, version="202608", token="other") == (401, Action.STOP_CREDENTIAL)
    assert refused(asking, token=TOKEN) == (200, Action.KEEP)


def test_a_query_that_is_encoded_twice_is_refused(asking: Asking) -> None:
    call = live.address("", LINKEDIN.request(Cell("DEU", "ROU", "all", WHOLE), QUERY))
    for spoilt in (call.url.replace("%3A", "%253A"), call.url.replace("(", "%28").replace(")", "%29")):
        assert asking.send(restli.Call(spoilt)).status == 400


def test_a_tunnelled_query_is_the_same_question(asking: Asking) -> None:
    call = live.address("", LINKEDIN.request(Cell("DEU", "ROU", "all", WHOLE), QUERY))
    address, _, query = call.url.partition("?")
    assert asking.send(call).body == asking.send(restli.Call(address, query.encode())).body


@pytest.mark.parametrize(
    "facet",
    ['"urn:li:adTargetingFacet:schools": ["urn:li:skill:1"]', '"urn:li:adTargetingFacet:skills": ["urn:li:skill:999"]'],
)
def test_an_entity_that_there_is_not_is_refused(asking: Asking, facet: str) -> None:
    clauses = f'{{"include": {{"and": [{{"or": {{{facet}}}}}]}}}}'
    query = restli.encode_query({"q": "targetingCriteriaV2", "targetingCriteria": json.loads(clauses)})
    reply = asking.send(restli.call("/rest/audienceCounts", query))
    assert asking.read(reply).readings[0].status == "refused:invalid_value"


def test_the_quota_ends_at_midnight_utc(members: Members) -> None:
    now = START
    service = SimulatedLinkedIn(members, lambda: now, calls_per_day=3)
    asking = Asking(service)
    cell = Cell("DEU", "ROU", "all", WHOLE)
    assert [asking.cell(cell).status for _ in range(5)] == [200, 200, 200, 429, 429]
    now += 12 * 3600 - 1
    assert asking.cell(cell).status == 429
    now += 1
    assert asking.cell(cell).status == 200
    assert not any("retry" in name or "usage" in name for name, _ in asking.cell(cell).headers)


@pytest.mark.parametrize(
    "fault", ["json_error", "html_error", "error_in_ok", "reset", "malformed", "truncated", "empty", "no_number"]
)
def test_no_fault_looks_like_a_count(members: Members, fault: str) -> None:
    rates: dict[str, Any] = {fault: 1.0}
    asking = Asking(SimulatedLinkedIn(members, lambda: START, faults=FaultPlan(**rates)))
    answer = asking.read(asking.cell(Cell("DEU", "", "all", WHOLE)))
    assert (answer.action, answer.readings[0].value) == (Action.RETRY, None)
    assert [each.fault for each in asking.service.injected] == [fault]


def test_look_ups_list_what_can_be_asked(asking: Asking) -> None:
    facets = json.loads(asking.send(restli.Call("/rest/adTargetingFacets")).body)["elements"]
    assert "schools" in {each["facetName"] for each in facets}
    asked = {"q": "adTargetingFacet", "facet": "urn:li:adTargetingFacet:seniorities", "queryVersion": "QUERY_USES_URNS"}
    found = json.loads(asking.send(restli.call("/rest/adTargetingEntities", restli.encode_query(asked))).body)
    assert {each["urn"] for each in found["elements"]} == {f"urn:li:seniority:{number}" for number in range(1, 11)}
    listing = asked | {"facet": "urn:li:adTargetingFacet:schools"}
    assert asking.send(restli.call("/rest/adTargetingEntities", restli.encode_query(listing))).status == 400


def test_the_true_profile_is_what_is_counted(members: Members) -> None:
    table = profiles(members, MONTH, destinations=["DEU", "ROU"], origins=["ROU"])
    assert set(zip(table["destination"], table["origin"], strict=True)) == {
        ("DEU", "ROU"),
        ("DEU", "DEU"),
        ("ROU", "ROU"),
    }
    row = table[
        (table["destination"] == "DEU") & (table["origin"] == "ROU") & (table["entity"] == "urn:li:skill:17")
    ].iloc[0]
    cell = Cell("DEU", "ROU", "all", WHOLE, dimension="skill", category="python")
    assert true(members, cell) == int(0.9 * row["members"] * row["share"])
    woman = true(members, Cell("DEU", "ROU", "female", WHOLE))
    assert woman == int(0.9 * row["members"] * 0.9 * row["women"])
    assert row["members"] < row["highly_skilled"]


def located(*geos: str, facet: str = "profileLocations", clauses: dict[str, list[str]] | None = None) -> dict[str, Any]:
    facets = {facet: list(geos)} | (clauses or {})
    return {"include": {"and": [{"or": {f"urn:li:adTargetingFacet:{name}": urns}} for name, urns in facets.items()]}}


def counted(members: Members, spec: dict[str, Any]) -> int:
    return criteria.count(members, criteria.read(spec), MONTH)


@pytest.mark.parametrize("clauses", [{}, {"schools": list(schools("ROU"))}, {"seniorities": ["urn:li:seniority:3"]}])
def test_regions_add_up_to_their_country_and_cities_are_less(members: Members, clauses: dict[str, list[str]]) -> None:
    whole = counted(members, located("urn:li:geo:101282230", clauses=clauses))
    of_germany = [part for part in by_code().values() if part.country == "DEU"]
    apart = {part.code: counted(members, located(geo(part), clauses=clauses)) for part in of_germany}
    of_regions = [apart[region.code] for region in regions() if region.country == "DEU"]
    assert sum(of_regions) == pytest.approx(whole, abs=len(of_regions))
    for city in cities():
        if city.country == "DEU":
            assert 0 < apart[city.code] <= apart[city.region.code]


def test_what_lies_in_another_location_counts_once(members: Members) -> None:
    bavaria, munich, berlin = (geo(by_code()[code]) for code in ("DE-BY", "DE-BY-1", "DE-BE"))
    one = counted(members, located(bavaria))
    assert counted(members, located(bavaria, munich)) == one
    assert counted(members, located("urn:li:geo:101282230", bavaria)) == counted(
        members, located("urn:li:geo:101282230")
    )
    both = counted(members, located(bavaria, berlin))
    assert both == pytest.approx(one + counted(members, located(berlin)), abs=1)
    assert counted(members, located(munich, facet="locations")) > counted(members, located(munich))


def test_a_location_of_a_country_that_the_world_lacks_holds_nobody(members: Members) -> None:
    assert counted(members, located(geo(by_code()["US-CA"]))) == 0


def test_locations_are_found_by_name_with_that_of_their_country() -> None:
    asked = {"q": "typeahead", "facet": "urn:li:adTargetingFacet:profileLocations", "queryVersion": "QUERY_USES_URNS"}
    names = {element["urn"]: element["name"] for element in entities(asked | {"query": "catalonia"})["elements"]}
    assert names[geo(by_code()["ES-CT"])] == "Catalonia, Spain"
    assert names[geo(by_code()["ES-CT-1"])] == "Barcelona, Catalonia, Spain"
    total = entities(asked | {"query": "", "count": "1"})["paging"]["total"]
    assert total == 47 + 86 + 127


def test_entities_are_named_by_urn(asking: Asking) -> None:
    urns = [geo(by_code()["ES-CT"]), "urn:li:geo:1", "urn:li:seniority:3"]
    asked = {"q": "urns", "queryVersion": "QUERY_USES_URNS"}
    call = restli.call("/rest/adTargetingEntities", restli.encode_query(asked | {"urns": urns}))
    elements = json.loads(asking.send(call).body)["elements"]
    assert [element["name"] for element in elements] == ["Catalonia, Spain", "Entry"]
    assert elements[1]["facetUrn"] == "urn:li:adTargetingFacet:seniorities"
    wrong = restli.call("/rest/adTargetingEntities", restli.encode_query(asked))
    assert asking.send(wrong).status == 400


def test_the_truth_of_a_place_is_what_is_counted_there(members: Members) -> None:
    table = profiles(members, MONTH, destinations=["DEU", "DE-BY", "DE-BY-1"])
    groups = table.drop_duplicates(["destination", "origin"]).set_index(["destination", "origin"])["members"]
    for code in ("DE-BY", "DE-BY-1"):
        everybody = counted(members, located(geo(by_code()[code])))
        assert everybody == pytest.approx(groups[code].sum(), abs=1)
        assert set(groups[code].index) == {"POL", "ROU", "DEU"}


def test_a_query_of_regions_is_answered_and_the_floor_holds(members: Members) -> None:
    places = [
        {"code": region.code, "name": region.name, "country": "DEU", "geos": [geo(region)]}
        for region in regions()
        if region.country == "DEU"
    ]
    query = cast(
        "LinkedInQuery",
        parse(
            "\n".join(
                [
                    'name = "q"\nplatform = "linkedin"\norigins = ["ROU"]\nages = "18+"\nmetrics = ["total"]',
                    f"destinations = {json.dumps(['DEU', *(place['code'] for place in places)])}",
                    'origin_basis = "school_country"\nlocation_basis = "home"\nbreakdowns = [["seniority"]]',
                    f"[schools]\n{listed(('ROU',))}",
                    '[dimensions.seniority]\nentry = ["urn:li:seniority:3"]\nunpaid = ["urn:li:seniority:1"]',
                    *(
                        f"[[places]]\n{chr(10).join(f'{k} = {json.dumps(v)}' for k, v in place.items())}"
                        for place in places
                    ),
                ]
            )
        ),
    )
    assert not [finding for finding in LINKEDIN.findings(query, "2026-11-22") if finding.severity == "refused"]
    service = SimulatedLinkedIn(members, lambda: START, calls_per_day=CALLS["full"])
    shown_as = set()
    for cell in cells(query):
        reading, number = Asking(service).reading(cell, query), true(members, cell, query)
        shown_as.add(reading.status)
        assert reading.lower <= number <= reading.upper
        assert (reading.status == "floored") == (number < rounding.FLOOR)
    assert shown_as == {"observed", "floored"}
