"""Sets of places: what a person wrote, and what is told of a mistake."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd
import pytest

from smstock.errors import QueryError
from smstock.platforms.meta import rules, targeting
from smstock.query import whole
from smstock.query.lattice import Cell, cells, parents
from smstock.query.meta import MetaQuery
from smstock.query.places import read
from smstock.query.spec import load, parse, restore, specify
from smstock.vocabulary import countries, nuts
from smstock.vocabulary.facets import Ages
from smstock.vocabulary.places import Place, country_of
from smstock.vocabulary.states import NUMBERS
from smstock.workflows.planning import plan

if TYPE_CHECKING:
    from pathlib import Path

HEAD = 'reviewed = "2026-12-01"\n'
BAVARIA = '[[place]]\ncode = "DE-BY"\nname = "Bavaria"\nregions = ["1"]\n'
BERLIN = '[[place]]\ncode = "DE-BE"\nname = "Berlin"\ncities = [{key = "2", radius = 17}]\n'
CIRCLE = "circles = [{latitude = 48.1, longitude = 11.5, radius = 10}]\n"
QUERY = 'name = "q"\nplatform = "meta"\norigins = ["SRB", "DEU"]\nages = "18+"\n'


def places(folder: Path, text: str) -> Path:
    path = folder / "laender.toml"
    path.write_text(text, encoding="utf-8")
    return path


def asked(folder: Path, text: str, destinations: str = '["laender"]') -> Path:
    places(folder, text)
    path = folder / "q.toml"
    path.write_text(f'{QUERY}place_sets = ["laender.toml"]\ndestinations = {destinations}\n', encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (BAVARIA, "nobody has reviewed this set"),
        (HEAD + BAVARIA + BAVARIA, "DE-BY and DE-BY both claim code DE-BY"),
        (HEAD + BAVARIA + BERLIN.replace("Berlin", "bavaria"), "both claim name bavaria"),
        (HEAD + BAVARIA + BERLIN + 'regions = ["1"]\n', "DE-BY and DE-BE both claim regions 1"),
        (HEAD + BAVARIA + 'official = "DE2"\n' + BERLIN + 'official = "DE2"\n', "both claim official DE2"),
        (HEAD + BAVARIA + "region = 1\n", "no such key: DE-BY.region"),
        (HEAD + 'cover = "DEU"\n' + BAVARIA, "no such key: cover"),
        (HEAD + 'covers = "AUT"\n' + BAVARIA, "covers AUT, and DE-BY is no part of it"),
        (HEAD + BAVARIA.replace("DE-BY", "DEU"), "the place DEU has the code of a country"),
        (HEAD + BAVARIA.replace("DE-BY", "BAVARIA"), "'BAVARIA' is no code of a place"),
        (HEAD + BAVARIA + 'country = "AUT"\n', "DE-BY is said to be in AUT"),
        (HEAD + BAVARIA + 'valid_from = "2020-02-30"\n', "'2020-02-30' is no day"),
        (HEAD + BAVARIA + 'valid_from = "2020-01-02"\nvalid_to = "2020-01-01"\n', "before it begins"),
        (HEAD + BAVARIA + "circles = [{latitude = 95, longitude = 0, radius = 5}]\n", "no point of the Earth"),
        (HEAD + BAVARIA + 'official = "AT13"\n', "official = 'AT13', which no part of Germany is called"),
        (HEAD + 'nuts = "2024"\n' + BAVARIA + 'official = "DE41"\n', "DE41 is in no NUTS"),
        (HEAD + "nuts = 2020\n" + BAVARIA, "there is no NUTS 2020"),
        (HEAD, "this is no set of places"),
        (HEAD + "place = []\n", "has no place"),
        (HEAD.replace("12-01", "13-01") + BAVARIA, "reviewed is '2026-13-01', which is no day"),
        (HEAD + BAVARIA.replace('["1"]', '["1", "1"]'), "DE-BY claims regions 1 twice"),
        (HEAD + BAVARIA.replace("DE-BY", "QQ-BY"), "'QQ-BY' begins with the letters of no country"),
        (HEAD + BAVARIA.replace('["1"]', '[""]'), "DE-BY has a name or a key that is empty"),
        (HEAD + BAVARIA + BERLIN.replace('"2"', '"2 "'), "DE-BE has a name or a key that is empty, or has blanks"),
        (HEAD + BAVARIA.replace("Bavaria", ""), "DE-BY has a name or a key that is empty"),
        (HEAD + BAVARIA.replace("Bavaria", "DE-BE") + BERLIN, "both claim name de-be"),
        (HEAD + BAVARIA.replace("Bavaria", "Köln") + BERLIN.replace("Berlin", "Ko\u0308ln"), "both claim name köln"),
        (HEAD + BAVARIA + CIRCLE + BERLIN + CIRCLE, "both claim circles 48.1 11.5 10"),
    ],
)
def test_a_mistake_is_one_message_that_names_the_file(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(QueryError) as refused:
        read(places(tmp_path, text))
    assert message in refused.value.what
    assert "laender.toml" in str(refused.value)


def test_the_name_of_a_set_stands_for_its_places_and_names_and_codes_for_single_ones(tmp_path: Path) -> None:
    text = HEAD + BAVARIA + BERLIN
    assert load(asked(tmp_path, text)).destinations == ("DE-BY", "DE-BE")
    assert load(asked(tmp_path, text, '["laender", "-DE-BY", "AUT"]')).destinations == ("DE-BE", "AUT")
    assert load(asked(tmp_path, text, '["berlin"]')).destinations == ("DE-BE",)
    with pytest.raises(QueryError) as refused:
        load(asked(tmp_path, text, '["Bavaira"]'))
    assert "Bavaria (DE-BY)" in refused.value.hint
    assert "a set of places" in refused.value.allowed
    with pytest.raises(QueryError) as refused:
        load(asked(tmp_path, text, '["DE-BV"]'))
    assert "DE-BY" in refused.value.hint
    assert load(asked(tmp_path, text, '["-laender", "AUT", "laender"]')).destinations == ("AUT",)


ROWS = "code;name;official;regions;cities;circles;postcodes;valid_from;covers;reviewed\n"
BAVARIA_ROW = "DE-BY;Bavaria;DE2;1 | 3;;48.1 11.5 10;DE:80331;2020-01-01;DEU;2026-12-01\n"
BERLIN_ROW = "DE-BE;Berlin;;;2:17|4;;;;DEU;2026-11-30\n"


def test_a_table_says_what_a_file_of_toml_says(tmp_path: Path) -> None:
    entries = (
        BAVARIA.replace('["1"]', '["1", "3"]')
        + 'official = "DE2"\ncircles = [{latitude = 48.1, longitude = 11.5, radius = 10}]\n'
        + 'postcodes = ["DE:80331"]\nvalid_from = 2020-01-01\n'
        + BERLIN.replace("17}", '17}, {key = "4"}')
    )
    of_toml = read(places(tmp_path, 'reviewed = "2026-11-30"\ncovers = "DEU"\n' + entries))
    path = tmp_path / "laender.csv"
    for text in (ROWS + BAVARIA_ROW + BERLIN_ROW, (ROWS + BAVARIA_ROW + BERLIN_ROW).replace(";", ",")):
        path.write_text(text, encoding="utf-8-sig")
        assert read(path) == of_toml


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (ROWS.replace("regions", "region") + BAVARIA_ROW, "no such column: region"),
        (ROWS.replace("official", "name") + BAVARIA_ROW, "column name stands there twice"),
        (ROWS + BAVARIA_ROW + "DE-BE;Berlin\n", "row 3 has 2 fields"),
        (ROWS + BAVARIA_ROW + BERLIN_ROW.replace("DEU", "AUT"), "the rows cover AUT, DEU"),
        (ROWS + BAVARIA_ROW + BERLIN_ROW.replace("2026-11-30", ""), "nobody has reviewed this set"),
        (ROWS + BAVARIA_ROW.replace("48.1 11.5 10", "48,1 11,5"), "no cities or circles"),
        (ROWS + BERLIN_ROW.replace("2:17", "2:far"), "no cities or circles"),
        (ROWS + BAVARIA_ROW + BERLIN_ROW.replace("DE-BE", "DE-BY"), "DE-BY and DE-BY both claim"),
        (ROWS + BAVARIA_ROW + BERLIN_ROW.replace("2026-11-30", "soon"), "reviewed is 'soon', which is no day"),
        (ROWS, "has no place"),
        ("", "no CSV with a header"),
    ],
)
def test_a_mistake_in_a_table_is_one_message_that_names_the_file(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "laender.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(QueryError) as refused:
        read(path)
    assert message in refused.value.what
    assert "laender.csv" in str(refused.value)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (BAVARIA + 'official = "DE2"\n' + BERLIN + 'official = "DE21"\n', "DE21 (DE-BE) lies in DE2 (DE-BY)"),
        (BAVARIA + CIRCLE + BERLIN + CIRCLE.replace("48.1", "48.2"), "circles of DE-BY and DE-BE touch"),
        (
            BAVARIA + 'valid_to = "2019-12-31"\n' + BERLIN + 'valid_from = "2020-01-01"\n',
            "DE-BY ended on 2019-12-31, before DE-BE began on 2020-01-01",
        ),
        (
            BAVARIA + 'official = "DE2"\n' + BERLIN + 'official = "DE3"\n',
            "leave out DE11 (Stuttgart), DE12 (Karlsruhe)",
        ),
    ],
)
def test_places_that_are_no_whole_country_are_refused_only_where_they_claim_to_be(
    tmp_path: Path, text: str, message: str
) -> None:
    with pytest.raises(QueryError) as refused:
        load(asked(tmp_path, f'{HEAD}covers = "DEU"\n{text}'))
    assert "the places that cover DEU" in refused.value.what
    assert message in refused.value.what
    assert len(load(asked(tmp_path, HEAD + text)).destinations) == 2


@pytest.mark.parametrize("version", nuts.VERSIONS)
@pytest.mark.parametrize(
    ("letters", "country"), [("DE", "DEU"), ("FR", "FRA"), ("EL", "GRC"), ("FI", "FIN"), ("ES", "ESP")]
)
def test_the_regions_of_each_level_are_their_country(version: str, letters: str, country: str) -> None:
    for length in (len("DE2"), len("DE21")):
        codes = [
            code
            for code, region in nuts.regions().items()
            if code.startswith(letters)
            and len(code) == length
            and version in region.versions
            and not nuts.is_extra(code)
            if not countries.known_as(code, "iso3")
        ]
        parts = [Place(f"{code}", code, country, regions=(code,)) for code in codes]
        whole.check({country: codes}, parts)
        with pytest.raises(QueryError, match="leave out"):
            whole.check({country: codes[1:]}, parts)


def test_states_that_lack_one_are_not_the_country() -> None:
    codes = sorted(code for code in NUMBERS.values() if code != "PRI")
    parts = [Place(code, code, "USA", regions=(code,)) for code in codes]
    whole.check({"USA": codes}, parts)
    with pytest.raises(QueryError, match="leave out US-WY"):
        whole.check({"USA": codes[:-1]}, parts)


def test_a_query_that_says_itself_what_its_places_cover_is_checked_too() -> None:
    bavaria = {"code": "DE-BY", "name": "Bavaria", "country": "DEU", "regions": ["1"]}
    content = {"name": "q", "platform": "meta", "origins": ["SRB"], "destinations": ["DE-BY"], "ages": "18+"}
    for covers in ({"FRA": ["DE-BY"]}, {"DEU": ["DE-BY", "DE-BE"]}, {"Germany": ["DE-BY"]}):
        with pytest.raises(QueryError, match="is no place of"):
            specify(content | {"places": [bavaria], "covers": covers})


def test_two_sets_of_one_name_and_two_that_cover_one_country_are_refused(tmp_path: Path) -> None:
    query = asked(tmp_path, f'{HEAD}covers = "DEU"\n{BAVARIA}')
    (tmp_path / "others").mkdir()
    for name, message in (("others/laender.toml", "are called laender"), ("others/towns.toml", "cover DEU")):
        (tmp_path / name).write_text(f'{HEAD}covers = "DEU"\n{BERLIN}', encoding="utf-8")
        text = query.read_text(encoding="utf-8")
        with pytest.raises(QueryError, match=message):
            parse(text.replace('["laender.toml"]', f'["laender.toml", "{name}"]'), folder=tmp_path)


def test_a_name_of_a_country_and_of_a_place_is_not_chosen_for_the_user(tmp_path: Path) -> None:
    text = f"{HEAD}{BAVARIA.replace('DE-BY', 'US-GA').replace('Bavaria', 'Georgia')}"
    with pytest.raises(QueryError) as refused:
        load(asked(tmp_path, text, '["Georgia"]'))
    assert refused.value.allowed == "GEO (the country) or US-GA (the place)"
    assert load(asked(tmp_path, text, '["GEO", "US-GA"]')).destinations == ("GEO", "US-GA")


def test_a_journal_says_by_itself_which_places_were_asked(tmp_path: Path) -> None:
    query = load(asked(tmp_path, HEAD + 'covers = "DEU"\n' + BAVARIA))
    again = restore(query.model_dump_json())
    assert again == query
    assert again.covers == {"DEU": ("DE-BY",)}
    assert again.place("DE-BY") == Place("DE-BY", "Bavaria", "DEU", regions=("1",))


def test_a_query_of_countries_is_written_as_before() -> None:
    query = parse(QUERY + 'destinations = ["AUT"]\n')
    assert "places" not in query.model_dump_json()
    assert "covers" not in query.model_dump_json()


def test_countries_come_before_their_places_which_they_hold(tmp_path: Path) -> None:
    query = load(asked(tmp_path, HEAD + BAVARIA, '["laender", "DEU"]'))
    order = [(cell.destination, cell.origin) for cell in cells(query)]
    assert order == [("DEU", "SRB"), ("DE-BY", "SRB")]  # nobody is a migrant at home, nor in a part of it
    place = Cell("DE-BY", "SRB", "all", Ages(18))
    assert [parent.destination for parent in parents(place, query)] == ["DEU"]
    alone = load(asked(tmp_path, HEAD + BAVARIA))
    assert parents(place, alone) == []


def test_a_place_is_all_its_locations_together(tmp_path: Path) -> None:
    text = HEAD + BAVARIA + 'postcodes = ["DE:80331"]\ncircles = [{latitude = 48.1, longitude = 11.5, radius = 10}]\n'
    query = load(asked(tmp_path, text + BERLIN))
    assert isinstance(query, MetaQuery)
    both = targeting.spec(Cell("DE-BY", "SRB", "all", Ages(18)), query)["geo_locations"]
    assert both == {
        "custom_locations": [{"distance_unit": "kilometer", "latitude": 48.1, "longitude": 11.5, "radius": 10}],
        "regions": [{"key": "1"}],
        "zips": [{"key": "DE:80331"}],
    }
    city = targeting.spec(Cell("DE-BE", "", "all", Ages(18)), query)
    assert city["geo_locations"] == {"cities": [{"distance_unit": "kilometer", "key": "2", "radius": 17}]}
    assert targeting.canonical(city) == city


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (BAVARIA.replace('regions = ["1"]', 'geos = ["urn:li:geo:1"]'), "no_location"),
        (BAVARIA.replace('"1"', '"3847.0"'), "key"),
        (BERLIN.replace('"2"', '"1.2E+12"'), "key"),
        (BAVARIA + 'postcodes = ["75001"]\n', "key"),
        (BAVARIA + 'postcodes = ["FR:75001"]\n', "key"),
        (BERLIN.replace("17", "5"), "radius"),
        (BAVARIA + "circles = [{latitude = 48.1, longitude = 11.5, radius = 100}]\n", "radius"),
        (
            BAVARIA + "circles = [{latitude = 48.1, longitude = 11.5, radius = 9}, "
            "{latitude = 48.1, longitude = 11.7, radius = 9}]\n",
            "overlap",
        ),
    ],
)
def test_what_meta_would_refuse_is_refused_before_it_is_asked(tmp_path: Path, text: str, rule: str) -> None:
    query = load(asked(tmp_path, HEAD + text))
    assert isinstance(query, MetaQuery)
    findings = rules.findings(query, "2026-12-01")
    assert rule in {finding.rule for finding in findings if finding.severity == "refused"}


def test_a_plan_tells_of_sums_deduction_and_what_each_breakdown_is_for(tmp_path: Path) -> None:
    path = asked(tmp_path, HEAD + BAVARIA + "circles = [{latitude = 40.4, longitude = -3.7, radius = 5}]\n" + BERLIN)
    path.write_text(
        path.read_text() + 'breakdowns = [["sex", "age"], ["education"]]\nage_groups = ["18-24", "25-44"]\n'
        '[education]\nhigh = ["alum"]\n'
    )
    notes = {finding.rule: finding.message for finding in plan(load(path), today="2026-12-01").findings}
    assert "no set covers it" in notes["no_sum"]
    assert "Germany is not asked beside its places" in notes["country_unasked"]
    assert "may lie in Spain" in notes["circle_abroad"]
    # a total, two sexes, two ages, four of both and a degree; two places
    assert "it costs 10 calls an origin at most" in notes["country_unasked"]
    assert "costs no call: 20 at most" in notes["country_unasked"]
    assert "from about 2,000 accounts in Germany on" in notes["floor"]
    assert "joins regions and circles" in notes["overlap"]
    messages = [f.message for f in plan(load(path), today="2026-12-01").findings if f.rule == "breakdown"]
    assert messages == [
        "sex: women and men have estimates of their own, where official figures have them",
        "age: no estimate is divided by it, since nobody of 45+ is in a group",
        (
            "education: `nowcast --by education` divides estimates by what official figures know of low, medium and high "
            "education (ISCED 0-2, 3-4, 5-8); no group asked is low or medium: accounts are collected, and not used for it"
        ),
    ]


def test_a_plan_after_a_wave_tells_how_often_the_country_was_at_the_floor(tmp_path: Path) -> None:
    path = asked(tmp_path, HEAD + BAVARIA + BERLIN, '["laender", "DEU"]')
    path.write_text(path.read_text().replace('"SRB", "DEU"', '"SRB", "POL", "CAN"'))
    statuses = {"SRB": "floored", "POL": "observed", "CAN": "deduced", "": "observed", "ITA": "floored"}
    table = pd.DataFrame({"origin": statuses.keys(), "status": statuses.values()}).assign(
        destination="DEU", sex="all", age_min=18, age_max=pd.array([None] * 5, dtype="Int64"), metric="mau"
    )
    table[["education", "relationship", "dimension", "category"]] = ""
    women, place = table.assign(sex="female", status="floored"), table.assign(destination="DE-BY", status="floored")
    earlier = tmp_path / "2026-10" / "q.audience.parquet"
    earlier.parent.mkdir()
    pd.concat([table, women, place]).to_parquet(earlier)
    notes = {f.rule: f.message for f in plan(load(path), today="2026-12-01", earlier=earlier).findings}
    assert notes["floor"] == (
        "of 3 origins, 2 lay below the floor in Germany in the wave 2026-10: they are below it in each of 2 places, "
        "which costs no call"
    )
    assert "country_unasked" not in notes


def test_the_country_of_a_place_is_known_from_its_code() -> None:
    assert [country_of(code) for code in ("US-CA", "EL30", "UKI3", "FRB", "FRA", "XK-1", "Q1")] == [
        "USA", "GRC", "GBR", "FRA", "FRA", "XKX", "",
    ]  # fmt: skip


CENTRE = '[[place]]\ncode = "FR-CVL"\nname = "Centre"\nofficial = "FR24"\nregions = ["1"]\n'
BUDAPEST = '[[place]]\ncode = "HU-BU"\nname = "Budapest"\nofficial = "HU11"\nregions = ["2"]\n'


def test_a_set_is_of_one_version_of_nuts(tmp_path: Path) -> None:
    assert read(places(tmp_path, HEAD + 'nuts = "2013"\n' + CENTRE)).places[0].official_area == "FR24"
    with pytest.raises(QueryError, match=r"FR24 \(Centre\) is of NUTS 2013, not of NUTS 2021") as refused:
        read(places(tmp_path, HEAD + 'nuts = "2021"\n' + CENTRE))
    assert str(tmp_path) in refused.value.where
    assert "FRB0 (Centre — Val de Loire), which has its area in NUTS 2021" in refused.value.allowed
    with pytest.raises(QueryError, match=r"is of NUTS 2013, and HU11 .* of NUTS 2016 to 2024"):
        read(places(tmp_path, HEAD + CENTRE + BUDAPEST))
    with pytest.raises(QueryError, match=r"HU11 .Budapest. is of NUTS 2016 to 2024, not of NUTS 2013"):
        read(places(tmp_path, HEAD + 'nuts = "2013"\n' + CENTRE + BUDAPEST))


def test_a_table_says_its_version_of_nuts_in_each_row(tmp_path: Path) -> None:
    path = tmp_path / "regions.csv"
    head = "code,name,official,regions,nuts,reviewed\n"
    rows = "FR-CVL,Centre,FR24,1,2013,2026-12-01\nHU-BU,Budapest,HU10,2,{},2026-12-01\n"
    path.write_text(head + rows.format("2013"), encoding="utf-8")
    assert [place.official for place in read(path).places] == ["FR24", "HU10"]
    path.write_text(head + rows.format("2016"), encoding="utf-8")
    with pytest.raises(QueryError, match="the rows are of NUTS 2013, 2016"):
        read(path)
    path.write_text((head + rows.format("2013")).replace("2013", "2016"), encoding="utf-8")
    with pytest.raises(QueryError, match=r"FR24 .Centre. is of NUTS 2013, not of NUTS 2016"):
        read(path)
