"""A token travels encrypted, or stays on this machine."""

from __future__ import annotations

import pytest

from smstock.errors import SettingsError
from smstock.web.address import safe_url


@pytest.mark.parametrize(
    "url",
    [
        "https://api.linkedin.com",
        "https://graph.facebook.com/",
        "http://localhost:1",
        "http://127.0.0.1:8765",
        "http://[::1]:80",
    ],
)
def test_an_encrypted_address_and_this_machine_are_safe(url: str) -> None:
    assert safe_url(url, "SMSTOCK_LINKEDIN_URL") == url


@pytest.mark.parametrize(
    "url",
    ["http://api.linkedin.com", "http://127.0.0.1.example.org", "http://localhost@example.org", "ftp://localhost", ""],
)
def test_any_other_is_refused_by_the_name_of_its_variable(url: str) -> None:
    with pytest.raises(SettingsError, match="no address that a token may be sent to") as caught:
        safe_url(url, "SMSTOCK_LINKEDIN_URL")
    assert caught.value.where == "SMSTOCK_LINKEDIN_URL"


def test_a_credential_in_the_address_is_not_repeated() -> None:
    with pytest.raises(SettingsError) as caught:
        safe_url("http://example.org/?access_token=EAABsecretsecret", "SMSTOCK_META_URL")
    assert "secretsecret" not in str(caught.value)
