from __future__ import annotations

import string

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from smstock.web.redact import HIDDEN, redact

TOKEN = "EAAGm0PX4ZCpsBA" + "x7Qf" * 40
SECRET = "0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        (f"?access_token={TOKEN}&after=MQ", "?access_token=***&after=MQ"),
        (f"?after=MQ&ACCESS_TOKEN={TOKEN}", "?after=MQ&ACCESS_TOKEN=***"),
        (f"next%3Faccess_token%3D{TOKEN}", "next%3Faccess_token%3D***"),
        (f'{{"access_token":"{TOKEN}","expires_in":60}}', '{"access_token":"***","expires_in":60}'),
        (f'{{\\"access_token\\":\\"{TOKEN}\\"}}', '{\\"access_token\\":\\"***\\"}'),
        (f"{{'access_token': 'short', 'id': 1}}{TOKEN}", "{'access_token': '***', 'id': 1}***"),
        (f"appsecret_proof={SECRET * 2}; next", "appsecret_proof=***; next"),
        (f"client_secret={SECRET}", "client_secret=***"),
        (f"Authorization: Bearer {TOKEN}\r\nAccept: */*", "Authorization: Bearer ***\r\nAccept: */*"),
        ("authorization: bearer AQXdSP_W41_UPs5ioT_t8HESyODB4FqbkJ8LrV_5mff4gPODzOYR", "authorization: bearer ***"),
        (f"Malformed access token {TOKEN}", "Malformed access token ***"),
        (f"token 123456789012345|{SECRET} is wrong", "token *** is wrong"),
        (f"token 123456789012345%7C{SECRET}", "token ***"),
    ],
)
def test_a_credential_is_hidden_and_its_surroundings_stay(text: str, clean: str) -> None:
    assert redact(text) == clean


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Invalid OAuth access token.",
        "Error validating access token: The session is invalid",
        "fbtrace_id AlPL0SGfrPkTU_raHcFdx_O, EAAshort",
        "(#100) Param currency on field delivery_estimate: This param is not valid",
        "6027149004983|93",
    ],
)
def test_ordinary_text_stays(text: str) -> None:
    assert redact(text) == text


@given(st.text(), st.text())
def test_redacting_twice_is_redacting_once(before: str, after: str) -> None:
    once = redact(f"{before} access_token={TOKEN}&{after}")
    assert redact(once) == once
    assert HIDDEN in once


@given(
    st.sampled_from(["access_token=", "input_token=", '"access_token": "', "Bearer ", "appsecret_proof=", "oauth|EAA"]),
    st.text(string.ascii_letters + string.digits, min_size=20),
    st.text(string.printable),
)
def test_no_credential_survives(name: str, secret: str, around: str) -> None:
    assume(secret not in around)
    assert secret not in redact(f"{name}{secret}")
    assert secret not in redact(f"{around} {name}{secret} tail")


def test_a_linkedin_token_is_hidden_wherever_it_stands() -> None:
    token = "AQV" + "x7_-" * 40
    assert redact(f"Invalid token {token} given") == "Invalid token *** given"
    assert redact("AQ is no token, nor is AQUARIUM") == "AQ is no token, nor is AQUARIUM"
