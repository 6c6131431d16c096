from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from smstock.errors import QueryError
from smstock.query.linkedin import LinkedInQuery
from smstock.query.meta import MetaQuery
from smstock.query.spec import KINDS, load, parse, restore, specify

GOOD = 'name = "q"\nplatform = "meta"\norigins = ["SRB"]\ndestinations = ["efta", "-LIE"]\nages = "18+"\n'


def test_groups_codes_and_removals_are_expanded() -> None:
    assert parse(GOOD).destinations == ("CHE", "ISL", "NOR")
    assert len(parse(GOOD.replace('"efta", "-LIE"', '"eu27"')).destinations) == 27
    assert len(parse(GOOD.replace('["SRB"]', '["meta-origins"]')).origins) == 89


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (GOOD.replace("SRB", "Serbja"), "Serbia"),
        (
            GOOD.replace('"q"', '"a name"'),
            "name: small letters, digits and hyphens, no hyphen first, 61 characters at most",
        ),
        (GOOD.replace('"q"', '"q\\n"'), "name: small letters"),
        (GOOD + 'sexs = ["all"]\n', "no such key: sexs"),
        (GOOD.replace("ages =", "age ="), "missing: ages"),
        (GOOD + 'breakdowns = [["sex", "income"]]\n', "income"),
        (GOOD + 'breakdowns = [["age"]]\n', "age_groups is empty"),
        (GOOD + 'breakdowns = [["education"]]\n', "education"),
        (GOOD + 'age_groups = ["13-17"]\nbreakdowns = [["age"]]\n', "13-17 is no part of ages 18+"),
        (GOOD.replace("18+", "18 to 24"), "18 to 24"),
        (GOOD.replace("18+", "24-18"), "24-18"),
        (GOOD.replace('["efta", "-LIE"]', "[]"), "no area is left"),
        (GOOD + 'metrics = ["wau"]\n', "wau"),
        (GOOD + "metrics = []\n", "metrics"),
        (
            GOOD + 'api_version = "vnan"\n',
            "api_version: a version such as v25.0 (Meta) or 202608 (LinkedIn) (it is 'vnan')",
        ),
        (GOOD + "broken = [", "not valid TOML"),
    ],
)
def test_a_mistake_is_named_with_the_file(text: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(text)
    with pytest.raises(QueryError) as caught:
        load(file)
    assert said in str(caught.value)
    assert "mine.toml" in str(caught.value)
    assert caught.value.exit_code == 3


def test_a_missing_file_is_one_message(tmp_path: Path) -> None:
    with pytest.raises(QueryError, match="cannot be read"):
        load(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('breakdowns = ["sex"]', "breakdowns.0: a list, in brackets (it is 'sex')"),
        ('metrics = ["mua"]', "metrics.0: 'mau' or 'dau' (it is 'mua')"),
        ("title = 18", "title: a text, in quotes (it is 18)"),
        ('totals = "often"', "totals: true or false (it is 'often')"),
        ('education = ["alum"]', "education: a table (it is ['alum'])"),
    ],
)
def test_a_wrong_value_is_told_with_what_is_wanted(line: str, said: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(f'name="q"\nplatform="meta"\norigins=["SRB"]\ndestinations=["AUT"]\nages="18+"\n{line}')
    assert caught.value.what == said


def test_a_value_that_fits_none_of_several_kinds_is_told_once() -> None:
    with pytest.raises(QueryError) as caught:
        parse('name="q"\nplatform="meta"\norigins=["SRB"]\ndestinations=["AUT"]\nages="18+"\nbreakdowns=[["sexx"]]')
    assert caught.value.what.count("sexx") == 1
    assert "literal" not in caught.value.what


LINKEDIN = GOOD.replace("meta", "linkedin") + 'origin_basis = "school_country"\n'


def test_the_platform_says_which_query_it_is() -> None:
    meta, linkedin = parse(GOOD), parse(LINKEDIN)
    assert (type(meta), meta.metrics, meta.origin_basis) == (MetaQuery, ("mau",), "lived_in")
    assert (type(linkedin), linkedin.metrics, linkedin.placement) == (LinkedInQuery, ("total",), "all")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (GOOD.replace('platform = "meta"\n', ""), "missing: platform"),
        (GOOD.replace('"meta"', '"Meta"'), "platform: there is no platform 'Meta'"),
        (GOOD.replace('"meta"', '["meta"]'), "platform: there is no platform ['meta']"),
    ],
)
def test_a_platform_that_there_is_none_of_is_one_message_with_those_there_are(text: str, message: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(text)
    assert (caught.value.what, caught.value.allowed) == (message, ", ".join(KINDS))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (GOOD + "home = true\n", "no such key: home (a query of meta has name, "),
        (GOOD + '[schools]\nSRB = ["urn:li:organization:1"]\n', "no such key: schools (a query of meta has"),
        (GOOD + 'orgins = ["SRB"]\n', "no such key: orgins (did you mean origins? a query of meta has"),
        (LINKEDIN + '[education]\nhigh = ["alum"]\n', "no such key: education (a query of linkedin has name, "),
        (LINKEDIN + 'placements = ["facebook"]\n', "placements is a key of queries of meta"),
        (LINKEDIN + "foreign = true\n", "no such key: foreign (a query of linkedin has"),
        (LINKEDIN + 'school_set = ["a.toml"]\n', "no such key: school_set (did you mean school_sets?"),
        (GOOD + "[dimensions.degree]\n", "; dimensions is a key of queries of linkedin"),
        (GOOD + 'home = true\nschool_sets = ["a.toml"]\n', "; home and school_sets are keys of queries of linkedin"),
        (LINKEDIN + "foreign = true\n", "; foreign is a key of queries of meta"),
        (GOOD + 'metrics = ["total"]\n', "metrics.0: 'mau' or 'dau' (it is 'total')"),
        (GOOD + 'origin_basis = "school_country"\n', "origin_basis: 'lived_in' or 'language' (it is 'school_country')"),
        (GOOD + 'endpoint = "reach_estimate"\n', "endpoint: 'delivery_estimate' or 'reachestimate' (it is"),
        (LINKEDIN + 'metrics = ["mau"]\n', "metrics.0: 'total' (it is 'mau')"),
        (LINKEDIN + 'location_basis = "recent"\n', "location_basis: 'default' or 'home' (it is 'recent')"),
        (LINKEDIN.replace('origin_basis = "school_country"\n', ""), "missing: origin_basis (school_country, "),
        (LINKEDIN + 'breakdowns = [["education"]]\n', "breakdowns.0.0"),
    ],
)
def test_what_another_platform_has_is_no_key_or_value(text: str, message: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(text)
    assert message in caught.value.what


def test_a_long_name_of_a_platform_is_shown_by_its_beginning() -> None:
    with pytest.raises(QueryError) as caught:
        parse(GOOD.replace('"meta"', f'"{"x" * 6000}"'))
    assert len(caught.value.what) < 200


@pytest.mark.parametrize("change", [{"title": "\ud800"}, {"education": {"\udfff": ("alum",)}}])
def test_half_a_surrogate_pair_is_refused(change: dict[str, object]) -> None:
    with pytest.raises(QueryError, match="half a surrogate pair"):
        specify({**vars(parse(GOOD)), **change})


@pytest.mark.parametrize(("text", "facet"), [(GOOD, "degree"), (LINKEDIN, "education")])
def test_an_older_journal_may_always_ask_by_a_facet_of_the_other_platform(text: str, facet: str) -> None:
    query = parse(text)
    kept = query.model_dump(mode="json") | {"always_ask": [[facet], ["sex"], ["sex", facet]]}
    assert restore(json.dumps(kept)) == query.model_copy(update={"always_ask": (("sex",),)})
    with pytest.raises(QueryError, match="always_ask"):
        restore(json.dumps(kept | {"always_ask": [["shoe_size"]]}))


@pytest.mark.parametrize(
    "text", ["[" * 100_000, "[]", "1", "", "{}", '{"platform": "meta", "always_ask": 3}', '"\ud800"']
)
def test_what_is_no_query_kept_in_a_journal_is_one_message(text: str) -> None:
    with pytest.raises(QueryError, match=r"(?s)the query kept here cannot be used: .*j\.sqlite.*move the file away"):
        restore(text, where="j.sqlite")


def test_the_page_lists_every_key() -> None:
    page = (Path(__file__).parents[3] / "docs" / "commands.md").read_text(encoding="utf-8")
    keys = page.partition("### Keys of a query")[2].partition("\n## ")[0]
    rows = {cell for line in keys.splitlines() if line.startswith("| ") for cell in line.split("|")[1:2]}
    listed = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
    assert listed == {key for kind in KINDS.values() for key in kind.keys()}  # noqa: SIM118
