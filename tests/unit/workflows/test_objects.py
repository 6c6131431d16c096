"""Official files named by URL, read from a server of the protocol of S3 on this machine."""

from __future__ import annotations

import json
import logging
import shutil
import socket
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.cli.command import REPOSITORY, smstock
from tests.unit.workflows.test_publishing import SECRET, bucket, server  # noqa: F401 - fixtures

from smstock import storage
from smstock.errors import CredentialError, InputError, PlatformError, UsageError
from smstock.folder import Folder
from smstock.provenance import file_hash
from smstock.settings import Job
from smstock.workflows import calibration_spec, unchanged
from smstock.workflows.inputs import read_stocks
from smstock.workflows.references import calibration

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.enable_socket

STOCK = (REPOSITORY / "calibration/serbia/stock.csv").read_bytes()
SIDECAR = (REPOSITORY / "calibration/serbia/stock.csv.origin.toml").read_bytes()
URL = "s3://office/official/stock.csv"


@pytest.fixture
def put() -> Callable[[str, bytes], None]:
    """Put an object into the bucket."""
    files = storage._opened()
    return lambda name, content: files.pipe_file(f"office/official/{name}", content)


@pytest.fixture
def spec_file(tmp_path: Path, put: Callable[[str, bytes], None]) -> Path:
    """A calibration whose stock lies on object storage, with a sidecar."""
    put("stock.csv", STOCK)
    put("stock.csv.origin.toml", SIDECAR)
    put("stock.csv.origin.toml.bak", b"of somebody else")
    folder = shutil.copytree(REPOSITORY / "calibration", tmp_path / "root/calibration")
    (folder / "serbia/stock.csv").unlink()
    path = folder / "serbia.toml"
    text = path.read_text()
    path.write_text(text.replace('"serbia/stock.csv"', f'"{URL}"'))
    assert path.read_text() != text
    return path


@pytest.fixture
def gets(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the objects that are fetched."""
    names: list[str] = []
    fetch = storage._fetch

    def counted(files: Any, stored: dict[str, Any], *arguments: Any) -> None:
        names.extend(stored)
        fetch(files, stored, *arguments)

    monkeypatch.setattr(storage, "_fetch", counted)
    return names


def no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{free.getsockname()[1]}")


def test_a_calibration_reads_a_stock_by_its_url_and_is_told_so(
    spec_file: Path, tmp_path: Path, gets: list[str]
) -> None:
    fetched = tmp_path / "made/.fetched"
    spec = calibration_spec.load(spec_file, fetched)
    (path,) = spec.stock
    assert path == fetched / "office/official/stock.csv"
    assert sorted(file.name for file in path.parent.iterdir()) == [
        ".stock.csv.json",
        "stock.csv",
        "stock.csv.origin.toml",
    ]
    assert (path.read_bytes(), path.with_name("stock.csv.origin.toml").read_bytes()) == (STOCK, SIDECAR)
    named = REPOSITORY / "calibration/serbia.toml"
    (by_url,), (by_path,) = read_stocks(spec), read_stocks(calibration_spec.load(named))
    assert by_url.equals(by_path)
    assert set(spec.files()) == {f"stock {URL}", "users", "population"}
    assert calibration(spec_file.parents[1], "serbia", fetched).stock == spec.stock
    other = spec.model_copy(update={"stock": (URL,)})
    assert calibration(spec_file.parents[1], other, fetched).stock == spec.stock
    assert gets == ["office/official/stock.csv", "office/official/stock.csv.origin.toml"]


def test_what_changed_on_the_store_is_fetched_again_and_the_month_is_another(
    spec_file: Path, tmp_path: Path, put: Callable[[str, bytes], None], gets: list[str]
) -> None:
    query = REPOSITORY / "queries/serbia-diaspora.toml"
    job, fetched = Job("serbia", query, spec_file), tmp_path / ".fetched"

    def hashes() -> dict[str, str]:
        made_of = unchanged.inputs_of(job, now=datetime(2026, 11, 22, tzinfo=UTC), wave="", fetched=fetched)
        return {name: digest for name, digest in made_of.hashes.items() if URL in name}

    first = hashes()
    copy = fetched / "office/official/stock.csv"
    assert list(first.values()) == [file_hash(copy), file_hash(copy.with_name("stock.csv.origin.toml"))]
    assert hashes() == first
    assert len(gets) == 2
    put("stock.csv", STOCK[:-2] + bytes([STOCK[-2] ^ 1]) + STOCK[-1:])  # as long as before
    second = hashes()
    assert [name for name in first if first[name] != second[name]] == [f"stock {URL}: stock.csv"]
    put("stock.csv", STOCK)
    put("stock.csv.origin.toml", SIDECAR + b"# looked at\n")
    third = hashes()
    changed = [name for name in first if first[name] != third[name]]
    assert changed == [f"stock {URL}.origin.toml: stock.csv.origin.toml"]
    storage._opened().rm_file("office/official/stock.csv.origin.toml")
    assert len(hashes()) == 1
    copy.write_bytes(b"altered here")
    assert list(hashes().values()) == [file_hash(copy)]
    assert copy.read_bytes() == STOCK


def test_a_store_that_is_down_leaves_the_copy_and_tells_so(
    spec_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    copied = calibration_spec.load(spec_file, tmp_path / "one")
    no_server(monkeypatch)
    with caplog.at_level(logging.WARNING, "smstock"):
        assert calibration_spec.load(spec_file, tmp_path / "one") == copied
    (warning,) = (record.getMessage() for record in caplog.records if record.name == "smstock")
    assert warning.startswith(f"{URL} does not answer (")
    assert f"its copy of {datetime.now(UTC).year}" in warning
    with pytest.raises(PlatformError, match=f"{URL} does not answer") as down:
        calibration_spec.load(spec_file, tmp_path / "two")
    assert down.value.exit_code == 4
    copied.stock[0].write_bytes(b"altered")
    with pytest.raises(PlatformError, match="does not answer"):
        calibration_spec.load(spec_file, tmp_path / "one")
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    with pytest.raises(CredentialError, match=f"no credential opens {URL}"):
        calibration_spec.load(spec_file, tmp_path / "two")


def test_a_file_that_is_gone_is_told_with_its_copy(spec_file: Path, tmp_path: Path) -> None:
    copied = calibration_spec.load(spec_file, tmp_path)
    storage._opened().rm_file("office/official/stock.csv")
    with pytest.raises(InputError, match=f"there is no {URL}") as gone:
        calibration_spec.load(spec_file, tmp_path)
    assert f"lies at {copied.stock[0]}" in gone.value.hint
    with pytest.raises(InputError, match="the bucket or an object is gone"):
        storage.copy_of("s3://nowhere/stock.csv", tmp_path)


def test_a_file_that_changes_while_it_is_fetched_is_no_copy(
    spec_file: Path, tmp_path: Path, put: Callable[[str, bytes], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    fetch = storage._fetch

    def changed_before(*arguments: Any) -> None:
        put("stock.csv", STOCK + b"\n")
        fetch(*arguments)

    monkeypatch.setattr(storage, "_fetch", changed_before)
    with pytest.raises(PlatformError, match="was changed while it was fetched"):
        calibration_spec.load(spec_file, tmp_path)
    monkeypatch.undo()


@pytest.mark.parametrize(
    "url",
    [
        f"s3://key:{SECRET}@office/stock.csv",
        f"s3://office/stock.csv?X-Amz-Signature={SECRET}",
        f"s3://office/../{SECRET}",
        f"s3://office/{SECRET}/*.csv",
        "s3://office",
        "s3://../x",
    ],
)
def test_a_url_that_names_no_file_is_not_repeated(url: str, spec_file: Path, tmp_path: Path) -> None:
    text = spec_file.read_text()
    spec_file.write_text(text.replace(URL, url))
    with pytest.raises(UsageError, match="the URL names no file on object storage") as refused:
        calibration_spec.load(spec_file, tmp_path / ".fetched")
    assert SECRET not in str(refused.value)
    assert not (tmp_path / ".fetched").exists()


def test_the_commands_take_a_url(put: Callable[[str, bytes], None], tmp_path: Path) -> None:
    put("stock.csv", STOCK)
    put("stock.csv.origin.toml", SIDECAR)
    put("own.csv", b"lives in,born in,year,persons\nDEU,SRB,2020,5\n")
    folder = Folder(tmp_path, tmp_path)
    done = smstock("official", "import", URL, "--workspace", tmp_path, "--json")
    (record,) = json.loads(done.stdout)
    kept = Path(record["kept"])
    assert kept.read_bytes() == STOCK
    assert kept.with_name(f"{kept.name}.origin.toml").is_file()
    assert (folder.fetched / "office/official/stock.csv").is_file()
    listed = json.loads(smstock("official", "list", "--workspace", tmp_path, "--json").stdout)
    assert {entry["table"] for entry in listed} == {"stock"}
    assert sum(entry["figures"] for entry in listed) == record["figures"]
    (described,) = json.loads(smstock("official", "describe", URL, "--json", cwd=tmp_path).stdout)
    assert described["rows"] == record["figures"]
    assert (
        json.loads(smstock("official", "check", URL, "--json", cwd=tmp_path).stdout)["files"][0]["stock"]
        == record["figures"]
    )
    (drafted,) = json.loads(
        smstock("official", "describe", "s3://office/official/own.csv", "--json", cwd=tmp_path).stdout
    )
    assert (drafted["written"], drafted["sidecar"]) == (False, "s3://office/official/own.csv.origin.toml")
    assert smstock("official", "describe", "s3://office/official/gone.csv", cwd=tmp_path).returncode == 3
