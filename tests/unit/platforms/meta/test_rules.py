from __future__ import annotations

from typing import Any

import pytest

from smstock.errors import QueryError
from smstock.models import methods
from smstock.platforms.meta.rules import findings
from smstock.query.meta import MetaQuery
from smstock.query.spec import parse

TODAY = "2026-11-22"


def query(text: str = "", **changes: object) -> MetaQuery:
    base = 'name = "q"\nplatform = "meta"\nages = "18+"\norigins = ["SRB"]\ndestinations = ["DEU", "THA", "IDN"]\n'
    asked = parse(base + text)
    assert isinstance(asked, MetaQuery)
    return asked.model_copy(update=changes)


@pytest.mark.parametrize(
    ("ages", "rule"), [("12+", "age_min"), ("70+", "age_min"), ("18-65", "age_max"), ("18-99", "age_max")]
)
def test_an_age_range_meta_refuses_is_refused(ages: str, rule: str) -> None:
    found = [finding for finding in findings(query(ages=ages), TODAY) if finding.severity == "refused"]
    assert [finding.rule for finding in found] == [rule]
    assert ages in found[0].message


def test_every_broken_rule_is_listed() -> None:
    broken = query('age_groups = ["18-30", "31-80"]\n[education]\nodd = ["phd"]\n', placements=("tiktok",), ages="9+")
    assert {finding.rule for finding in findings(broken, TODAY) if finding.severity == "refused"} == {
        "age_min", "age_max", "education", "placements",
    }  # fmt: skip


def test_detailed_targeting_begins_at_20_in_thailand_and_21_in_indonesia() -> None:
    found = {finding.rule: finding for finding in findings(query(), TODAY)}
    assert found["age_rule"].cells == 2
    assert "IDN, THA" in found["age_rule"].message


def test_recordings_from_before_the_minors_rule_are_not_refused() -> None:
    found = {finding.rule for finding in findings(query(ages="13+", api_version="v8.0"), TODAY)}
    assert "age_rule" not in found
    assert "expired_version" in found


def test_all_users_may_be_asked_from_13() -> None:
    found = findings(query("totals = true\n", ages="13+", destinations=("DEU",)), TODAY)
    assert {finding.rule: finding.cells for finding in found if finding.severity != "note"} == {"age_rule": 1}


def test_an_origin_without_a_category_costs_its_cells_and_is_named() -> None:
    found = {finding.rule: finding for finding in findings(query(origins=("SRB", "UKR"), destinations=("DEU",)), TODAY)}
    assert found["no_category"].cells == 1
    assert "UKR" in found["no_category"].message


def test_a_version_that_is_none_is_refused() -> None:
    assert "api_version" in {f.rule for f in findings(query(api_version="newest"), TODAY) if f.severity == "refused"}


def test_an_endpoint_that_cannot_answer_is_refused() -> None:
    asked = query('endpoint = "reachestimate"\nmetrics = ["mau", "dau"]')
    (refused,) = (finding for finding in findings(asked, TODAY) if finding.severity == "refused")
    assert refused.rule == "endpoint"
    assert "reachestimate has no daily accounts" in refused.message


def test_a_query_without_a_cell_is_refused_with_what_to_do() -> None:
    nothing = query(origins=("SRB",), destinations=("SRB",))
    (refused,) = (finding for finding in findings(nothing, TODAY) if finding.severity == "refused")
    assert refused.rule == "nothing_asked"
    assert "SRB, is its only origin" in refused.message
    everybody = nothing.model_copy(update={"totals": True})
    assert not [finding for finding in findings(everybody, TODAY) if finding.severity == "refused"]


@pytest.mark.parametrize("changes", [{"origins": ("UKR",)}, {"ages": "15+"}])
def test_a_query_of_which_nothing_would_be_answered_is_refused(changes: dict[str, Any]) -> None:
    rules = {finding.rule for finding in findings(query(**changes), TODAY) if finding.severity == "refused"}
    assert rules == {"nothing_answered"}


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"ages": "15+"}, "every cell of a corridor is refused"),
        ({"destinations": ("SRB",)}, "there is no corridor: the only destination, SRB, is the only origin"),
    ],
)
def test_totals_without_a_corridor_are_no_stock_and_noted(changes: dict[str, object], why: str) -> None:
    noted = [finding for finding in findings(query("totals = true", **changes), TODAY) if finding.severity == "note"]
    assert [finding.rule for finding in noted] == ["no_corridor"]
    assert noted[0].message.startswith(why)


def test_a_corridor_home_is_none_where_calls_are_counted() -> None:
    noted = {finding.rule: finding for finding in findings(query(destinations=("SRB", "DEU")), TODAY)}
    assert "a call a corridor (1 at most)" in noted["share_female"].message


def test_what_methods_use_and_a_query_does_not_ask_is_noted_with_its_calls() -> None:
    noted = {finding.rule: finding for finding in findings(query(destinations=("DEU", "AUT")), TODAY)}
    columns = {"audience_daily", "audience_foreign", "share_female", "share_age_*", "penetration_destination"}
    assert columns <= noted.keys()
    assert columns <= set(methods.columns())
    assert {noted[column].severity for column in columns} == {"note"}
    assert noted["audience_foreign"].message.startswith("foreign = true adds all foreign accounts")
    assert "a call a destination (2)" in noted["audience_foreign"].message
    asked = 'totals = true\nforeign = true\nmetrics = ["dau", "mau"]\n'
    asked += 'breakdowns = [["sex"], ["age"]]\nage_groups = ["18-24"]\n'
    assert not columns & {finding.rule for finding in findings(query(asked, destinations=("DEU",)), TODAY)}


def by_language(*origins: str, destinations: tuple[str, ...] = ("DEU",), **changes: object) -> dict[str, Any]:
    asked = query('origin_basis = "language"\n', origins=origins, destinations=destinations, **changes)
    return {finding.rule: finding for finding in findings(asked, TODAY)}


def test_a_missing_category_names_the_language_that_can_be_asked_instead() -> None:
    found = {
        finding.rule: finding
        for finding in findings(query(origins=("SRB", "UKR", "EGY"), destinations=("DEU",)), TODAY)
    }
    assert "UKR Ukrainian" in found["no_category"].message
    assert 'origin_basis = "language" and origins = ["UKR"]' in found["no_category"].message


def test_an_origin_by_language_needs_no_category_and_is_told_as_another_population() -> None:
    found = by_language("UKR")
    assert "no_category" not in found
    assert not [finding for finding in found.values() if finding.severity != "note"]
    assert "misses those who use Russian" in found["language"].message


def test_a_language_of_several_states_is_refused_with_the_reason() -> None:
    found = by_language("UKR", "EGY", "ALB")
    assert found["no_language"].cells == 2
    assert "Arabic (28) is official in more than twenty states" in found["no_language"].message
    assert "Albanian (87) is of Albania and of Kosovo" in found["no_language"].message


def test_where_a_language_is_of_the_destination_too_its_accounts_are_no_migrants() -> None:
    found = by_language("ROU", "UKR", destinations=("DEU", "MDA"))
    assert found["native_language"].cells == 1
    assert "ROU in MDA" in found["native_language"].message
    # whoever names the languages has decided
    assert "native_language" not in by_language("ROU", destinations=("DEU", "MDA"), locales={"ROU": (32,)})


def test_language_is_detailed_targeting_for_the_minors_rule() -> None:
    assert by_language("UKR", destinations=("DEU", "THA"))["age_rule"].cells == 1
    assert by_language("UKR", ages="13+")["age_rule"].cells == 1


@pytest.mark.parametrize(
    ("locales", "words"),
    [
        ({"POL": (15,)}, "locales.POL is of no origin of the query; they are UKR"),
        ({"UKR": ()}, "locales.UKR is []"),
        ({"UKR": (0,)}, "locales.UKR is [0]"),
        ({"UKR": tuple(range(1, 92))}, "names 91 languages; Meta takes 90 at most"),
    ],
)
def test_languages_of_a_query_that_cannot_be_asked_are_refused(locales: dict[str, Any], words: str) -> None:
    found = by_language("UKR", locales=locales)
    assert found["locales"].severity == "refused"
    assert words in found["locales"].message


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[locales]\nSRB = [42]\n", "locales name languages, but the origins of the query are by where accounts lived"),
        ('origin_basis = "language"\nforeign = true\n', "foreign counts accounts by where they lived"),
    ],
)
def test_a_query_has_one_basis_of_origin(text: str, words: str) -> None:
    with pytest.raises(QueryError, match=words):
        query(text)
