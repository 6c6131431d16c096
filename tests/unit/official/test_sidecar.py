"""Sidecars: where a file comes from, and whether it is that file."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from smstock.errors import OfficialFileError
from smstock.official import sidecar

if TYPE_CHECKING:
    from pathlib import Path

SIDECAR = """
producer = "UN DESA"
title = "International Migrant Stock"
edition = "2020"
citation = "UN DESA (2020)."
licence = "CC BY 3.0 IGO"
retrieved = 2026-11-22
"""


@pytest.fixture
def data(tmp_path: Path) -> Path:
    path = tmp_path / "stock.csv"
    path.write_text("figures")
    return path


def describe(data: Path, text: str) -> None:
    data.with_name("stock.csv.origin.toml").write_text(text, encoding="utf-8")


def test_a_file_of_ones_own_needs_no_sidecar(data: Path) -> None:
    assert sidecar.read(data) is None


def test_the_least_a_sidecar_says(data: Path) -> None:
    describe(data, SIDECAR)
    assert sidecar.read(data) == sidecar.Origin(
        producer="UN DESA",
        title="International Migrant Stock",
        edition="2020",
        citation="UN DESA (2020).",
        licence="CC BY 3.0 IGO",
        retrieved="2026-11-22",
    )


@pytest.mark.parametrize("text", ["2015-02-30", "2015-13-01", "0000-07-01", "02-30", "7-1"])
def test_an_impossible_reference_date_is_refused_with_its_line(data: Path, text: str) -> None:
    describe(data, f'{SIDECAR}reference_date = "{text}"')
    with pytest.raises(OfficialFileError, match=f"line 8: reference_date is '{text}'") as caught:
        sidecar.read(data)
    assert str(data.with_name("stock.csv.origin.toml")) in caught.value.what


@pytest.mark.parametrize("text", ["2016-02-29", "02-29", "2015-07-01", "12-31"])
def test_a_possible_reference_date_is_read(data: Path, text: str) -> None:
    describe(data, f'{SIDECAR}reference_date = "{text}"')
    origin = sidecar.read(data)
    assert origin is not None
    assert origin.reference_date == text


def test_an_impossible_day_of_retrieval_is_refused(data: Path) -> None:
    describe(data, SIDECAR.replace("2026-11-22", '"2026-11-31"'))
    with pytest.raises(OfficialFileError, match="line 7: retrieved is '2026-11-31'"):
        sidecar.read(data)


def test_a_day_of_toml_that_no_calendar_has_is_refused(data: Path) -> None:
    describe(data, SIDECAR.replace("2026-11-22", "2026-11-31"))
    with pytest.raises(OfficialFileError, match=r"not valid TOML: .*line 7"):
        sidecar.read(data)


def test_optional_entries_are_read_and_the_hash_is_checked(data: Path) -> None:
    digest = hashlib.sha256(b"figures").hexdigest()
    describe(data, f'{SIDECAR}url = "https://un.org"\nnotes = "as printed"\nsha256 = "{digest.upper()}"')
    origin = sidecar.read(data)
    assert origin is not None
    assert (origin.url, origin.notes, origin.sha256) == ("https://un.org", "as printed", digest.upper())


def test_another_file_than_the_one_described_is_refused(data: Path) -> None:
    described = hashlib.sha256(b"figures").hexdigest()
    describe(data, f'{SIDECAR}sha256 = "{described}"')
    data.write_text("figures, edited")
    with pytest.raises(OfficialFileError, match="is not the file its sidecar describes") as caught:
        sidecar.read(data)
    assert caught.value.allowed == described
    assert hashlib.sha256(b"figures, edited").hexdigest() in caught.value.what


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (SIDECAR.replace("licence", "license"), "license is not known (did you mean licence?); licence is missing"),
        (SIDECAR.replace('"2020"', "2020"), "edition is 2020, not a text"),
        ("", "producer is missing"),
    ],
)
def test_every_wrong_entry_is_said(data: Path, text: str, said: str) -> None:
    describe(data, text)
    with pytest.raises(OfficialFileError, match="incomplete or wrong") as caught:
        sidecar.read(data)
    assert said in caught.value.what
    assert "sha256 (optional)" in caught.value.allowed


@pytest.mark.parametrize("content", [b"producer = ", b"producer = '\xff'"])
def test_what_is_no_toml_is_refused(data: Path, content: bytes) -> None:
    data.with_name("stock.csv.origin.toml").write_bytes(content)
    with pytest.raises(OfficialFileError, match="cannot be read"):
        sidecar.read(data)


@pytest.mark.parametrize(
    ("entry", "question"),
    [
        ('destination = "Norge"', "destination is 'Norge' (did you mean Norway (NOR)?), allowed: an area"),
        ('area = "Germny"', "area is 'Germny' (did you mean Germany (DEU)?), allowed: an area"),
        ('origin = "Allemange"', "origin is 'Allemange' (did you mean Germany (DEU)?), allowed: an area"),
        ('provider = "Euro Stat"', "provider is 'Euro Stat' (did you mean eurostat?), allowed: undesa"),
        ('concept = "citizen"', "concept is 'citizen' (did you mean citizenship?), allowed: birth"),
        ('sex = "Females"', "sex is 'Females' (did you mean female?), allowed: all"),
        ('origen = "SRB"', "origen is not known (did you mean origin?)"),
        ('header_row = "2"', "header_row is not known (it stands below the line [columns])"),
    ],
)
def test_what_was_meant_is_asked(data: Path, entry: str, question: str) -> None:
    describe(data, f"{SIDECAR}{entry}\n")
    with pytest.raises(OfficialFileError) as caught:
        sidecar.read(data)
    assert question in caught.value.what
