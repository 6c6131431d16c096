from __future__ import annotations

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smstock.official.fetch.answer import verdict
from smstock.web.client import Reply

REQUEST = "6f1c1a52-0b6f-4a4e-9a51-2c4f7a1d9e10"
ASYNC = "https://ec.europa.eu/eurostat/api/dissemination/1.0/async/"
SOAP = (
    '<env:Envelope xmlns:env="http://schemas.xmlsoap.org/soap/envelope/"><env:Body><queued>'
    f"<id>{REQUEST}</id><status>%s</status></queued></env:Body></env:Envelope>"
)
TOO_BIG = (
    b"<S:Fault><faultcode>413</faultcode><faultstring>EXTRACTION_TOO_BIG: The requested extraction is too big, "
    b"estimated 420709314 rows, max authorised is 5000000</faultstring></S:Fault>"
)


def kind(status: int, body: bytes, form: str = "json", asked: str = "https://ec.europa.eu/x") -> str:
    return verdict(Reply(status, (), body), asked, form).kind  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (200, b'{"value": {"13": 1503806}}', "data"),
        (200, b'[{"page": 1, "pages": 1}, []]', "data"),
        (200, b'[["NAME", "B05006_001E"], ["United States", "46182177"]]', "data"),
        (200, b'{"warning": {"status": 413, "label": "asynchronous"}}', "later"),
        (200, b'{"warning": {"status": 413, "label": "ASYNCHRONOUS_RESPONSE. Please try again later."}}', "later"),
        (413, b'{"error": [{"status": 413, "label": "ASYNCHRONOUS_RESPONSE. Try again later."}]}', "later"),
        (413, TOO_BIG, "too big"),
        (413, b"", "too big"),
        (400, TOO_BIG, "too big"),
        (200, b'{"error": [{"status": 404, "label": "ERR_NOT_FOUND_4"}]}', "refused"),
        (200, b'[{"message": [{"id": "120", "key": "Invalid value", "value": "not valid"}]}]', "refused"),
        (404, b"No results found", "nothing"),
        (404, b"NoRecordsFound", "nothing"),
        (404, b"<h1>Not Found</h1>", "refused"),
        (200, b'{"value": {}}', "nothing"),
        (200, b'{"value": []}', "nothing"),
        (200, b"<!DOCTYPE html><html><title>Maintenance</title></html>", "passing"),
        (200, b'{"value": {"13": 15', "passing"),
        (200, b"", "passing"),
        (429, b"", "passing"),
        (400, b"You have exceeded the number of requests allowed", "passing"),
        (502, b"<html>Bad Gateway</html>", "passing"),
        (0, b"ConnectError", "passing"),
        (403, b"<html>Forbidden</html>", "refused"),
        (401, b"", "refused"),
    ],
)
def test_each_disguise_is_seen_through(status: int, body: bytes, expected: str) -> None:
    assert kind(status, body) == expected


@pytest.mark.parametrize(
    ("form", "body", "expected"),
    [
        ("workbook", b"PK\x03\x04rest", "data"),
        ("workbook", b"<html>403</html>", "passing"),
        ("workbook", b"no zip", "passing"),
        ("csv", b"DATAFLOW,REF_AREA\nOECD,DEU", "data"),
        ("csv", gzip.compress(b"DATAFLOW,REF_AREA\n", mtime=0), "data"),
        ("csv", b"Service unavailable", "passing"),
        ("csv", b'{"value": 1, "x": 2}', "passing"),
    ],
)
def test_data_are_of_the_form_that_was_asked_for(form: str, body: bytes, expected: str) -> None:
    assert kind(200, body, form) == expected


@pytest.mark.parametrize(
    ("status", "expected", "next_url"),
    [
        ("SUBMITTED", "later", f"{ASYNC}status/{REQUEST}"),
        ("PROCESSING", "later", f"{ASYNC}status/{REQUEST}"),
        ("AVAILABLE", "elsewhere", f"{ASYNC}data/{REQUEST}?format=SDMX-CSV&compressed=true"),
        ("EXPIRED", "passing", ""),
        ("UNKNOWN_REQUEST", "passing", ""),
    ],
)
def test_a_queued_request_is_polled_until_it_is_available(status: str, expected: str, next_url: str) -> None:
    found = verdict(Reply(200, (), (SOAP % status).encode()), "https://ec.europa.eu/x", "csv")
    assert (found.kind, found.url) == (expected, next_url)


def test_a_status_without_the_number_is_that_of_the_request_that_was_polled() -> None:
    found = verdict(Reply(200, (), b"<status>AVAILABLE</status>"), f"{ASYNC}status/{REQUEST}", "csv")
    assert found.url == f"{ASYNC}data/{REQUEST}?format=SDMX-CSV&compressed=true"


def test_a_redirect_says_where_to() -> None:
    found = verdict(Reply(302, (("location", "/moved?x=1"),), b""), "https://www.un.org/a/b.xlsx", "workbook")
    assert (found.kind, found.url) == ("elsewhere", "https://www.un.org/moved?x=1")


def test_the_page_that_is_sorry_is_a_fault_that_passes() -> None:
    found = verdict(Reply(302, (("location", "https://sorry.ec.europa.eu/"),), b""), "https://ec.europa.eu/x", "json")
    assert found.kind == "passing"
    assert "sorry.ec.europa.eu" in found.message


def test_the_words_of_a_page_are_those_a_person_sees() -> None:
    page = b"<html><script>var x=1</script><body>Please <b>try</b> later</body></html>"
    assert verdict(Reply(503, (), page), "", "json").message == "HTTP 503: Please try later"


def test_the_pause_that_is_asked_for_is_kept() -> None:
    assert verdict(Reply(429, (("retry-after", "120"),), b""), "", "csv").seconds == 120.0


@given(st.integers(0, 599), st.binary(max_size=80), st.sampled_from(["json", "csv", "workbook"]))
def test_any_answer_has_a_verdict(status: int, body: bytes, form: str) -> None:
    assert kind(status, body, form)
