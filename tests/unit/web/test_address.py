"""A token travels encrypted, or stays on this machine."""

from __future__ import annotations

import pytest

from smstock.errors import SettingsError
from smstock.web.address import is_this_machine, safe_url


@pytest.mark.parametrize(
    "url",
    [
        "https://api.linkedin.com",
        "https://graph.facebook.com/",
        "http://localhost:1",
        "http://127.0.0.1:8765",
        "http://[::1]:80",
        "http://127.8.9.1",
    ],
)
def test_an_encrypted_address_and_this_machine_are_safe(url: str) -> None:
    assert safe_url(url, "SMSTOCK_LINKEDIN_URL") == url


@pytest.mark.parametrize(
    "url",
    [
        "http://api.linkedin.com",
        "http://127.0.0.1.example.org",
        "http://localhost@example.org",
        "ftp://localhost",
        "",
        "https://",
        "https://graph.facebook.com:99999",
        "http://localhost:port",
        "https://[::1",
        "https://graph.facebook.com/\nx",
        "https://graph facebook.com",
    ],
)
def test_any_other_is_refused_by_the_name_of_its_variable(url: str) -> None:
    with pytest.raises(SettingsError, match="no address that a token may be sent to") as caught:
        safe_url(url, "SMSTOCK_LINKEDIN_URL")
    assert caught.value.where == "SMSTOCK_LINKEDIN_URL"


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/?access_token=EAABsecretsecret",
        "https://user:secretsecret@example.org",
        "https://user:secretsecret@example.org:99999",
        "https://user:secret#secretsecret@example.org",
        "http://example.org/secretsecret",
    ],
)
def test_a_credential_in_the_address_is_not_repeated(url: str) -> None:
    with pytest.raises(SettingsError) as caught:
        safe_url(url, "SMSTOCK_META_URL")
    assert "secretsecret" not in str(caught.value)


@pytest.mark.parametrize(
    ("host", "near"),
    [
        ("LOCALHOST", True),
        ("localhost.", True),
        ("127.255.0.1", True),
        ("::ffff:127.0.0.1", True),
        ("::ffff:10.0.0.1", False),
        ("localhost.example.org", False),
        ("0.0.0.0", False),
        ("", False),
    ],
)
def test_this_machine_is_known_by_its_names_and_numbers(host: str, near: bool) -> None:
    assert is_this_machine(host) is near
