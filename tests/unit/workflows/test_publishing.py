"""Results published to object storage and fetched from it, by a server of its protocol on this machine."""

from __future__ import annotations

import json
import os
import shutil
import socket
import sys
from typing import TYPE_CHECKING

import pytest
from tests.cli.command import REPOSITORY, smstock

from smstock import Workspace, results
from smstock.errors import (
    BusyError,
    CredentialError,
    DamagedError,
    InputError,
    PlatformError,
    SettingsError,
    UsageError,
)
from smstock.folder import Folder
from smstock.query.spec import load
from smstock.storage import Store
from smstock.workflows.publishing import fetch, publish

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.enable_socket

SECRET = "not-a-secret-of-anyone"
URL = "s3://office/migration"
QUERY = load(REPOSITORY / "queries/serbia-diaspora.toml").model_copy(
    update={"destinations": ("AUT", "DEU"), "name": "q"}
)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """A server that speaks the protocol of S3."""
    from moto.server import ThreadedMotoServer

    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    yield f"http://{host}:{port}"
    moto.stop()


@pytest.fixture(autouse=True)
def bucket(server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An empty bucket, and credentials that open it."""
    for name, value in {
        "AWS_ENDPOINT_URL": server,
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_MAX_ATTEMPTS": "1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }.items():
        monkeypatch.setenv(name, value)
    files = Store(URL)._files
    files.mkdir("office")
    yield
    files.rm("office", recursive=True)


@pytest.fixture(scope="module")
def wave(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a wave, that nothing was done with."""
    output = tmp_path_factory.mktemp("wave")
    Workspace(output).collect(QUERY, recordings=REPOSITORY / "queries/recorded/serbia-diaspora")
    return output


@pytest.fixture
def folder(wave: Path, tmp_path: Path) -> Folder:
    """A folder with a wave."""
    output = shutil.copytree(wave, tmp_path / "one")
    return Folder(output, output)


def empty(tmp_path: Path, name: str) -> Folder:
    return Folder(tmp_path / name, tmp_path / name)


def contents(folder: Folder) -> dict[str, bytes]:
    return {
        path.relative_to(folder.output).as_posix(): path.read_bytes()
        for path in (folder.output / "waves").rglob("*")
        if path.is_file()
    }


def test_a_machine_that_starts_empty_fetches_what_another_one_published_and_goes_on(
    folder: Folder, tmp_path: Path
) -> None:
    done = publish(folder, URL)
    assert done.files == len(done.changed) == 3
    assert publish(folder, f"{URL}/").changed == ()
    other = empty(tmp_path, "other")
    assert fetch(other, URL).changed[-1].endswith("q.manifest.json")
    assert contents(other) == contents(folder)
    assert results.read(next(other.output.glob("waves/*/q.manifest.json"))) is not None
    again = Workspace(other.output).collect(QUERY, recordings=REPOSITORY / "queries/recorded/serbia-diaspora")
    assert again.tally.asked == 0
    assert fetch(other, URL).changed == ()


def test_what_one_changed_the_other_fetches_and_what_both_changed_is_refused(folder: Folder, tmp_path: Path) -> None:
    publish(folder, URL)
    other = empty(tmp_path, "other")
    fetch(other, URL)
    page = folder.output / "estimates/2020-10/q.csv"
    page.parent.mkdir(parents=True)
    page.write_text("persons\n1\n")
    assert publish(folder, URL).changed == ("estimates/2020-10/q.csv",)
    assert fetch(other, URL).changed == ("estimates/2020-10/q.csv",)
    page.write_text("persons\n2\n")
    publish(folder, URL)
    elsewhere = other.output / "estimates/2020-10/q.csv"
    elsewhere.write_text("persons\n3\n")
    for exchange in (publish, fetch):
        with pytest.raises(
            InputError, match=r"^1 file was changed both here and at s3://office/migration: estimates/2020-10/q.csv\n"
        ) as refused:
            exchange(other, URL)
        assert "put back what shall hold, and publish" in refused.value.hint
    assert elsewhere.read_text() == "persons\n3\n"
    assert fetch(empty(tmp_path, "third"), URL).files == 4
    assert (tmp_path / "third/estimates/2020-10/q.csv").read_text() == "persons\n2\n"
    # as the message says
    elsewhere.rename(tmp_path / "moved.csv")
    assert fetch(other, URL).changed == ("estimates/2020-10/q.csv",)
    shutil.move(tmp_path / "moved.csv", elsewhere)
    assert publish(other, URL).changed == ("estimates/2020-10/q.csv",)


def test_a_wave_that_two_machines_collected_is_fetched_merged_and_published(tmp_path: Path) -> None:
    halves = [QUERY.model_copy(update={"destinations": (area,)}) for area in QUERY.destinations]
    north, south = empty(tmp_path, "north"), empty(tmp_path, "south")
    for half, office in zip(halves, (north, south), strict=True):
        Workspace(office.output).collect(half, recordings=REPOSITORY / "queries/recorded/serbia-diaspora")
    publish(north, URL)
    with pytest.raises(InputError, match="3 files were changed both") as refused:
        publish(south, URL)
    assert "smstock collect QUERY --merge JOURNAL" in refused.value.hint
    (south.output / "waves").rename(tmp_path / "moved")
    fetch(south, URL)
    (south.output / "waves").rename(tmp_path / "of the north")
    journals = [next((tmp_path / name).glob("*/q.journal.sqlite")) for name in ("moved", "of the north")]
    Workspace(south.output).merge(QUERY, journals)
    assert len(publish(south, URL).changed) == 3
    assert len(fetch(north, URL).changed) == 3
    assert contents(north) == contents(south)


def test_where_nothing_is_published_nothing_is_fetched_or_made(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="nothing is published at s3://office/typo"):
        fetch(empty(tmp_path, "new/other"), "s3://office/typo")
    assert not (tmp_path / "new").exists()


def test_who_is_behind_publishes_what_is_new_and_fetches_what_was_not_changed_here(
    folder: Folder, tmp_path: Path
) -> None:
    calibration = folder.output / "calibrations/a.json"
    calibration.parent.mkdir()
    calibration.write_text("1")
    publish(folder, URL)
    other = empty(tmp_path, "other")
    fetch(other, URL)
    calibration.write_text("2")
    publish(folder, URL)
    (other.output / "calibrations/b.json").write_text("3")
    assert publish(other, URL).changed == ("calibrations/b.json",)
    (other.output / "calibrations/b.json").write_text("4")
    assert fetch(other, URL).changed == ("calibrations/a.json",)
    assert [(other.output / f"calibrations/{name}.json").read_text() for name in "ab"] == ["2", "4"]
    fetch(folder, URL)
    assert publish(other, URL).changed == ("calibrations/b.json",)
    assert fetch(folder, URL).changed == ("calibrations/b.json",)


def test_queries_and_official_files_go_with_the_results_and_neither_settings_nor_hidden_files(tmp_path: Path) -> None:
    here = Folder(tmp_path / "in", tmp_path / "out")
    inputs = ("calibration/serbia/stock.csv", "official/undesa/stock@2026-11-01-0a.csv", "queries/q.toml")
    for path in (*(f"in/{name}" for name in inputs), "in/smstock.toml", "in/queries/.env", "out/x"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(path)
    assert publish(here, URL).changed == inputs
    other = Folder(tmp_path / "root", tmp_path / "made")
    assert fetch(other, URL).files == 3
    assert [(other.root / name).read_text() for name in inputs] == [f"in/{name}" for name in inputs]


def test_a_journal_that_is_not_closed_stays_where_it_is(folder: Folder) -> None:
    publish(folder, URL)
    (journal,) = folder.output.glob("waves/*/q.journal.sqlite")
    journal.with_name(f"{journal.name}-wal").write_bytes(b"answers")
    with pytest.raises(InputError, match="is not closed"):
        publish(folder, URL)


def test_a_machine_that_dies_as_it_publishes_leaves_what_was_published_before(
    folder: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(folder, URL)
    before = contents(folder)
    for path in (folder.output / "waves").rglob("q.*"):
        path.write_bytes(path.read_bytes() + b" ")
    with monkeypatch.context() as dying:
        dying.setattr(Store, "publish", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            publish(folder, URL)
    other = empty(tmp_path, "other")
    fetch(other, URL)
    assert contents(other) == before


def test_one_publishes_at_a_time_and_a_lock_that_was_left_is_told(folder: Folder) -> None:
    with (
        Store(URL).lock(),
        pytest.raises(BusyError, match=r"another run publishes to s3://office/migration since 2") as busy,
    ):
        publish(folder, URL)
    assert "delete s3://office/migration/publishing" in busy.value.hint
    assert publish(folder, URL).files == 3


def test_a_file_that_is_not_what_was_published_takes_no_place(folder: Folder, tmp_path: Path) -> None:
    publish(folder, URL)
    files = Store(URL)._files
    for path in files.find("office/migration/objects"):
        files.pipe_file(path, b"another one")
    other = empty(tmp_path, "other")
    with pytest.raises(DamagedError, match="is not what was published"):
        fetch(other, URL)
    assert contents(other) == {}


@pytest.mark.parametrize(
    "name", ["../etc/passwd", "waves/../../x", "/waves/x", "waves//x", "smstock.toml", "waves/..\\x"]
)
def test_an_index_leads_nowhere_else(tmp_path: Path, name: str) -> None:
    index = json.dumps({"files": {name: "0" * 64}}).encode()
    Store(URL)._files.pipe_file("office/migration/index.json", index)
    with pytest.raises(DamagedError, match=r"index.json is damaged"):
        fetch(empty(tmp_path, "other"), URL)


@pytest.mark.parametrize("name", ["old\\q.toml", "two\nlines.toml", os.fsdecode(b"\xff.toml")])
def test_a_name_that_would_break_the_index_is_refused_before_anything_is_published(folder: Folder, name: str) -> None:
    publish(folder, URL)
    (folder.root / "queries").mkdir(exist_ok=True)
    (folder.root / "queries" / name).write_text("")
    with pytest.raises(InputError, match="is no name to publish"):
        publish(folder, URL)
    (folder.root / "queries" / name).unlink()
    assert publish(folder, URL).changed == ()


@pytest.mark.parametrize("name", ["odd [x]*?.toml", "50%41#&+.toml", "\u00fc \u4e2d.toml", " a=b{c}~.toml"])
def test_another_name_goes_there_and_back(folder: Folder, tmp_path: Path, name: str) -> None:
    (folder.root / "queries").mkdir(exist_ok=True)
    (folder.root / "queries" / name).write_text("mine")
    publish(folder, URL)
    other = Folder(tmp_path / "other", tmp_path / "other")
    fetch(other, URL)
    assert (other.root / "queries" / name).read_text() == "mine"


def test_an_object_that_was_lost_or_cut_is_published_again(folder: Folder, tmp_path: Path) -> None:
    publish(folder, URL)
    files = Store(URL)._files
    lost, cut, *_ = files.find("office/migration/objects")
    files.rm_file(lost)
    files.pipe_file(cut, b"half")
    other = Folder(tmp_path / "other", tmp_path / "other")
    with pytest.raises((InputError, DamagedError)):
        fetch(other, URL)
    assert publish(folder, URL).changed == ()
    assert fetch(other, URL).changed


def test_what_is_missing_is_told_without_a_secret(
    folder: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for exchange in (publish, fetch):
        with pytest.raises(InputError, match="there is no bucket nowhere"):
            exchange(folder, "s3://nowhere/x")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{free.getsockname()[1]}")
    for exchange in (publish, fetch):
        with pytest.raises(PlatformError, match="s3://office/migration does not answer") as down:
            exchange(folder, URL)
        assert SECRET not in repr(down.value) + str(down.value)
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    with pytest.raises(CredentialError, match="no credential opens s3://office/migration"):
        publish(folder, URL)
    monkeypatch.setitem(sys.modules, "fsspec", None)
    with pytest.raises(SettingsError, match=r"needs the extra cloud"):
        publish(folder, URL)


@pytest.mark.parametrize(
    "url",
    [f"s3://key:{SECRET}@office/x", f"s3://office/x?X-Amz-Signature={SECRET}", "https://office", "s3://", "s3://[x"],
)
def test_a_url_that_names_no_folder_is_not_repeated(url: str) -> None:
    with pytest.raises(UsageError) as refused:
        Store(url)
    assert SECRET not in str(refused.value)


def test_the_commands_print_what_went_and_fetch_into_one_folder(folder: Folder, tmp_path: Path) -> None:
    (folder.root / "queries").mkdir()
    (folder.root / "queries/q.toml").write_text("as it is")
    done = smstock("publish", URL, "--workspace", folder.output)
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1].endswith("q.manifest.json")
    assert "4 of 4 files published: s3://office/migration" in done.stderr
    for option in ("--workspace", "--output"):
        fetched = smstock("fetch", URL, option, tmp_path / option, "--json")
        assert len(json.loads(fetched.stdout)["changed"]) == 4
        assert (tmp_path / option / "queries/q.toml").read_text() == "as it is"
