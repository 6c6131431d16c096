"""Rest.li 2.0, byte for byte: the published vectors, the reading back, the trap of a second encoding, long URLs."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest
import respx
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from smstock.platforms.linkedin import live, restli
from smstock.platforms.linkedin.restli import LONGEST_URL, call, decode, encode, encode_query
from smstock.web.client import Client

SAMPLE = (
    "q=targetingCriteriaV2&targetingCriteria=(include:(and:List("
    "(or:(urn%3Ali%3AadTargetingFacet%3Alocations:List(urn%3Ali%3Ageo%3A102221843))),"
    "(or:(urn%3Ali%3AadTargetingFacet%3Askills:List(urn%3Ali%3Askill%3A17)))))"
    ",exclude:(or:(urn%3Ali%3AadTargetingFacet%3Aseniorities:List(urn%3Ali%3Aseniority%3A1))))"
)
"""The sample of the audience-counts page."""
URL = "https://api.linkedin.com/rest/audienceCounts"


@pytest.mark.parametrize(
    ("value", "encoded"),
    [
        # the vectors of linkedin-api-python-client, encoder_test.py
        (None, ""),
        ("", ""),
        ("abc123", "abc123"),
        (123, "123"),
        (123.5, "123.5"),
        (True, "true"),
        (False, "false"),
        ([1, 2, "foobar"], "List(1,2,foobar)"),
        (
            {"k1": "v1", "k2": "urn:li:app:123", "k3": [1, 2], "k4": {"k41": "foobar"}},
            "(k1:v1,k2:urn%3Ali%3Aapp%3A123,k3:List(1,2),k4:(k41:foobar))",
        ),
        ([{"k1": "v1"}, ["v2", " t?':,*!"]], "List((k1:v1),List(v2,%20t%3F%27%3A%2C%2A%21))"),
        # LinkedIn's own: a range, whose parentheses and comma belong to the URN
        ("urn:li:ageRange:(25,34)", "urn%3Ali%3AageRange%3A%2825%2C34%29"),
    ],
)
def test_values_are_encoded_as_published(value: Any, encoded: str) -> None:
    assert encode(value) == encoded


@pytest.mark.parametrize(
    ("parameters", "encoded"),
    [
        ({"param1": "foobar"}, "param1=foobar"),
        ({"param2": "v2", "param1": "v1"}, "param1=v1&param2=v2"),
        ({"pr op:1": " t?':,*!&+"}, "pr%20op%3A1=%20t%3F%27%3A%2C%2A%21%26%2B"),
        (
            {"param1": [{"k1": "v1"}, ["e1", "e2"]], "param2": {"k2": {"k21": "v21"}, "k3": ["v3"]}},
            "param1=List((k1:v1),List(e1,e2))&param2=(k2:(k21:v21),k3:List(v3))",
        ),
    ],
)
def test_queries_are_encoded_as_published(parameters: dict[str, Any], encoded: str) -> None:
    assert encode_query(parameters) == encoded


def test_the_sample_of_the_audience_counts_page_is_encoded_to_its_bytes() -> None:
    facet = "urn:li:adTargetingFacet:"
    criteria = {
        "include": {
            "and": [
                {"or": {f"{facet}locations": ["urn:li:geo:102221843"]}},
                {"or": {f"{facet}skills": ["urn:li:skill:17"]}},
            ]
        },
        "exclude": {"or": {f"{facet}seniorities": ["urn:li:seniority:1"]}},
    }
    assert encode_query({"q": "targetingCriteriaV2", "targetingCriteria": criteria}) == SAMPLE


texts = st.text(min_size=1, max_size=20)
values = st.recursive(
    texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=15,
)


@given(values)
def test_what_is_encoded_is_read_back(value: Any) -> None:
    assert decode(encode(value)) == value


@given(st.text(alphabet="():,Lista%3", max_size=40))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        value = decode(text)
    except ValueError:
        return
    assert decode(encode(value)) == value


@pytest.mark.parametrize("text", ["List(1", "(a:1", "(a)", "List(1))", "(a:1)b", "(" * 50, "List(" * 50 + ")" * 50])
def test_a_broken_structure_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="character"):
        decode(text)


@pytest.mark.parametrize(("characters", "tunnelled"), [(3999, False), (4000, False), (4001, True)])
def test_a_url_above_four_thousand_characters_is_tunnelled(characters: int, tunnelled: bool) -> None:
    query = "q=" + "a" * (characters - len(URL) - 3)
    made = call(URL, query)
    assert LONGEST_URL == 4000
    assert made.body == (query.encode() if tunnelled else None)
    assert len(f"{made.url}?{query}" if tunnelled else made.url) == characters
    sent = live.headers("202608", made)
    assert sent.get("X-HTTP-Method-Override") == ("GET" if tunnelled else None)
    assert sent.get("Content-Type") == ("application/x-www-form-urlencoded" if tunnelled else None)


def sent_by_client(made: restli.Call) -> httpx.Request:
    """Return the request that the client makes of a call, as it goes over the wire."""
    with respx.mock:
        route = respx.route(host="api.linkedin.com").respond(200, json={"elements": []})

        async def fetch() -> None:
            async with Client() as client:
                token = SecretStr("AQX")
                await client.fetch(made.url, token=token, headers=live.headers("202608", made), content=made.body)

        asyncio.run(fetch())
        request = route.calls.last.request
    assert isinstance(request, httpx.Request)
    return request


def test_the_bytes_of_the_page_go_over_the_wire() -> None:
    request = sent_by_client(call(URL, SAMPLE))
    assert request.method == "GET"
    assert request.url.raw_path == f"/rest/audienceCounts?{SAMPLE}".encode()
    assert request.headers["LinkedIn-Version"] == "202608"
    assert request.headers["X-Restli-Protocol-Version"] == "2.0.0"


def test_a_tunnelled_query_is_the_body_of_a_post() -> None:
    query = SAMPLE + "&pad=" + "a" * 4000
    request = sent_by_client(call(URL, query))
    assert request.method == "POST"
    assert request.url.raw_path == b"/rest/audienceCounts"
    assert request.content == query.encode()
    assert request.headers["X-HTTP-Method-Override"] == "GET"
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert request.headers["Content-Length"] == str(len(query))


def test_parameters_would_be_encoded_again() -> None:
    """The trap that a finished URL avoids: httpx encodes what is encoded, and drops the query for no parameters."""
    criteria = SAMPLE.partition("targetingCriteria=")[2]
    trapped = httpx.Request("GET", URL, params={"q": "targetingCriteriaV2", "targetingCriteria": criteria})
    assert b"%253A" in trapped.url.raw_path
    assert httpx.Request("GET", f"{URL}?{SAMPLE}", params={}).url.raw_path == b"/rest/audienceCounts"
