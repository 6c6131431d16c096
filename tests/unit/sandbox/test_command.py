from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from typer.testing import CliRunner

from smstock.cli.sandbox import _in_words, app
from smstock.sandbox.faults import FaultPlan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


def test_world_writes_a_workspace_and_names_its_files(tmp_path: Path) -> None:
    ended = CliRunner().invoke(app, ["world", str(tmp_path / "w"), "--month", "2026-11", "--json"])
    assert ended.exit_code == 0
    files = [Path(name) for name in json.loads(ended.stdout)]
    assert tmp_path / "w" / "smstock.toml" in files
    assert all(path.is_file() for path in files)
    assert (
        "sandbox serve --seed 1" in CliRunner().invoke(app, ["world", str(tmp_path / "v"), "--month", "2026-11"]).stderr
    )


def test_what_was_answered_refused_and_injected_is_said(client: Callable[..., Any]) -> None:
    asking = client(faults=FaultPlan(empty=1.0))
    asking.ask({"geo_locations": {"countries": ["DE"]}})
    asking.ask({})
    assert _in_words(asking.service) == "1 answers, 1 refused with code 100; injected: 1 empty"


@contextmanager
def served() -> Iterator[subprocess.Popen[str]]:
    """Serve the sandbox from a process that ignores SIGINT, as a shell has what it starts in the background do."""
    program = "import signal; signal.signal(signal.SIGINT, signal.SIG_IGN); from smstock.cli.sandbox import app; app()"
    command = [sys.executable, "-c", program, "serve", "--port", "0", "--latency", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as serving:
        try:
            yield serving
        finally:
            serving.kill()


@pytest.mark.enable_socket
@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_serve_answers_about_the_world_until_told_to_stop(stop: signal.Signals) -> None:
    with served() as serving:
        assert serving.stdout is not None
        assert serving.stderr is not None
        exported = [serving.stdout.readline().removeprefix("export ").strip().partition("=") for _ in range(5)]
        settings = {name: value for name, _, value in exported}
        spec = quote(json.dumps({"geo_locations": {"countries": ["AT"]}}))
        request = urllib.request.Request(
            f"{settings['SMSTOCK_META_URL']}/v26.0/act_{settings['SMSTOCK_META_ACCOUNT']}/reachestimate?targeting_spec={spec}",
            headers={"Authorization": f"Bearer {settings['SMSTOCK_META_TOKEN']}"},
        )
        with urllib.request.urlopen(request, timeout=60) as answered:
            assert json.load(answered)["data"]["users_lower_bound"] > 1000
        sunset = urllib.request.Request(
            f"{settings['SMSTOCK_LINKEDIN_URL']}/rest/adTargetingFacets",
            headers={
                "Authorization": f"Bearer {settings['SMSTOCK_LINKEDIN_TOKEN']}",
                "LinkedIn-Version": "202401",
                "X-Restli-Protocol-Version": "2.0.0",
            },
        )
        with pytest.raises(urllib.error.HTTPError, match="426"):
            urllib.request.urlopen(sunset, timeout=60)
        address = settings["SMSTOCK_META_URL"].removeprefix("http://").split(":")
        with socket.create_connection((address[0], int(address[1]))) as idle:
            idle.sendall(b"GET / HTTP/1.1\r\n\r\n")
            assert idle.recv(12) == b"HTTP/1.1 400"
            serving.send_signal(stop)
            assert serving.wait(timeout=60) == 0
        assert serving.stderr.read().splitlines()[1:] == [
            "Meta: 1 answers, 1 refused with code 2500",
            "LinkedIn: 0 answers, 1 refused with code 426",
        ]
