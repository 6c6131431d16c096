"""Proxies and certificates of the environment: refused by the name of their variable, and none for this machine."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import httpcore
import pytest
from benchmarks.reliability import virtual_time
from pydantic import SecretStr

from smstock.errors import SettingsError
from smstock.platforms.meta.live import LiveMeta
from smstock.web.client import Client, Reply
from smstock.web.environment import check

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SECRET = "Tr0ub4dor"
TOKEN = SecretStr("EAAGm0PX4ZCpsBAcanarycanary7Qf9")


def refusal(environment: Mapping[str, str]) -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        check(environment)
    assert caught.value.exit_code == 2
    return caught.value


@pytest.mark.parametrize("variable", ["HTTP_PROXY", "https_proxy", "ALL_PROXY"])
@pytest.mark.parametrize(
    "value",
    [
        f"http://user:{SECRET}@proxy.example:port",
        f"http://user:{SECRET}@proxy.example:99999",
        f"http://user:{SECRET}#x@proxy.example:80",
        f"http://user:{SECRET}@",
        f"http://user:{SECRET}@[::1",
        f"gopher://user:{SECRET}@proxy.example",
        f"http://user:{SECRET}@proxy example",
        f"http://user:{SECRET}@proxy.example\n",
        "://",
    ],
)
def test_a_proxy_that_is_none_is_refused_by_its_variable_and_not_shown(variable: str, value: str) -> None:
    error = refusal({variable: value})
    assert error.where == variable
    assert variable in error.what
    assert SECRET not in str(error)


@pytest.mark.parametrize("value", ["", "proxy.example", "proxy.example:8080", f"https://user:{SECRET}@proxy.example:1"])
def test_a_proxy_that_is_one_passes(value: str) -> None:
    check({"HTTPS_PROXY": value})


def test_a_socks_proxy_without_its_package_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("smstock.web.environment.find_spec", lambda _: None)
    assert "SOCKS" in refusal({"ALL_PROXY": "socks5://proxy.example:1080"}).what


def test_certificates_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("<html>")
    missing = str(tmp_path / "missing.pem")
    for variable, value in (
        ("SSL_CERT_FILE", missing),
        ("SSL_CERT_FILE", str(tmp_path)),
        ("SSL_CERT_FILE", str(page)),
        ("SSL_CERT_DIR", missing),
        ("SSLKEYLOGFILE", str(tmp_path / "missing" / "keys")),
    ):
        error = refusal({variable: value})
        assert error.where == variable
        assert value in error.what


def test_a_live_platform_checks_the_environment_that_it_is_given(tmp_path: Path) -> None:
    given = {"SMSTOCK_META_TOKEN": "EAAB1", "SMSTOCK_META_ACCOUNT": "1", "SSL_CERT_FILE": str(tmp_path / "missing")}
    with pytest.raises(SettingsError, match="SSL_CERT_FILE"):
        LiveMeta.connect(given, tmp_path)


@pytest.fixture
def hosts(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the hosts that are connected to; each answers every call."""
    connected: list[str] = []

    async def connect(backend: object, host: str, *address: Any, **options: Any) -> httpcore.AsyncMockStream:
        connected.append(host)
        return httpcore.AsyncMockStream([b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"])

    monkeypatch.setattr(httpcore.AnyIOBackend, "connect_tcp", connect)
    for variable in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(variable)
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example:8080")
    monkeypatch.setenv("ALL_PROXY", "http://proxy.example:8080")
    return connected


def fetch(url: str) -> Reply:
    async def once() -> Reply:
        async with Client() as client:
            return await client.fetch(url, token=TOKEN)

    return virtual_time.run(once)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.0.0.2", "[::1]"])
def test_no_proxy_sees_a_call_to_this_machine(hosts: list[str], host: str) -> None:
    assert fetch(f"http://{host}:8765/").status == 200
    assert hosts == [host.strip("[]")]


def test_other_hosts_are_asked_through_the_proxy_unless_no_proxy_names_them(
    hosts: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    fetch("http://statistics.example/")
    monkeypatch.setenv("NO_PROXY", "statistics.example")
    fetch("http://statistics.example/")
    assert hosts == ["proxy.example", "statistics.example"]
