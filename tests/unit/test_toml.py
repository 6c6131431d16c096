"""Files that people write: dates are texts, and what is no TOML is one message."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from smstock import settings, toml
from smstock.errors import QueryError, SettingsError
from smstock.workflows import calibration_spec

if TYPE_CHECKING:
    from pathlib import Path


def test_a_date_is_its_text_at_any_depth() -> None:
    text = 'a = 2020-07-01\n[[b]]\nc = [2021-01-01, "2"]\n'
    assert toml.parse(text, QueryError, where="q.toml") == {"a": "2020-07-01", "b": [{"c": ["2021-01-01", "2"]}]}


def test_a_calibration_may_write_its_dates_without_quotes(repository: Path, tmp_path: Path) -> None:
    text = (repository / "calibration/serbia.toml").read_text(encoding="utf-8")
    text = text.replace('"serbia/', f'"{repository}/calibration/serbia/')
    bare = text.replace('"2020-07-01"', "2020-07-01").replace('"2015-07-01"', "2015-07-01")
    assert bare != text
    for name, content in (("quoted", text), ("bare", bare)):
        (tmp_path / f"{name}.toml").write_text(content, encoding="utf-8")
    assert calibration_spec.load(tmp_path / "bare.toml") == calibration_spec.load(tmp_path / "quoted.toml")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a = [", "not valid TOML"),
        (b"\xff", "it is no UTF-8 text"),
        (b"a = " + b"1" * 5_000, "not valid TOML"),
        (b"a = " + b"[" * 20_000 + b"]" * 20_000, "nested too deeply"),
        (b"a = " + b"[" * 50_000, "nested too deeply"),
        (b"[" + b"a." * 20_000 + b"a]", "nested too deeply"),
        (b"a" + b" . 'b'" * 100_000 + b" = 1", "nested too deeply"),
        (b"a" + b".a" * 300 + b" = 1", "nested too deeply"),
        (b"a = " + b"[" * 33 + b"]" * 33, "nested too deeply"),
        (b"a = 1\n" * (toml.LARGEST // 6 + 1), "larger than what is read"),
    ],
)
def test_what_is_no_toml_is_one_message_with_the_file(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "q.toml"
    path.write_bytes(content)
    with pytest.raises(QueryError, match=message) as caught:
        toml.read(path, QueryError)
    assert str(path) in caught.value.what


def test_a_byte_order_mark_of_a_windows_editor_is_no_content(tmp_path: Path) -> None:
    path = tmp_path / "q.toml"
    path.write_bytes(b"\xef\xbb\xbfa = 1\r\n")
    assert toml.read(path, QueryError) == {"a": 1}


def test_a_text_with_many_points_is_not_nested() -> None:
    text = "title = 'Statistics." + "1" * 200 + "."
    assert toml.parse(text + " and so on'", QueryError, where="q.toml")["title"].endswith("and so on")
    assert toml.parse("a = " + "[" * 31 + "]" * 31, QueryError, where="q.toml")["a"]


def test_a_missing_file_is_told_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(QueryError, match="No such file") as caught:
        toml.read(tmp_path / "q.toml", QueryError, hint="write it")
    assert caught.value.hint == "write it"


SECRETS = ["EAAB" + "x1" * 60, "AQ" + "x" * 70, "0123456789abcdef0123456789abcdef"]


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize(
    "text",
    [
        "{secret} = 1",
        "'{secret}' = 1",
        "[job.{secret}]\nquery = 'q.toml'",
        "[job.x]\n{secret} = 'q.toml'",
        "{secret} = 1\n{secret} = 2",
        "a = {{{secret} = 1, {secret} = 2}}",
        "[{secret}]\n[{secret}]",
    ],
)
def test_a_secret_in_the_place_of_a_key_is_not_repeated(tmp_path: Path, secret: str, text: str) -> None:
    path = tmp_path / "smstock.toml"
    path.write_text(text.format(secret=secret))
    with pytest.raises(SettingsError) as refused:
        settings.jobs(tmp_path)
    message = str(refused.value)
    assert str(path) in message
    assert secret[:12] not in message


def test_a_value_of_a_job_that_is_not_understood_is_not_repeated(tmp_path: Path) -> None:
    (tmp_path / "smstock.toml").write_text("[job.x]\nquery = 'q.toml'\ntoken = 'EAAB1c'\n")
    with pytest.raises(SettingsError, match="job 'x' is not understood: token") as refused:
        settings.jobs(tmp_path)
    assert "EAAB1c" not in str(refused.value)


def test_long_names_of_ones_own_are_keys(tmp_path: Path) -> None:
    name = "job-of-2026-with-a-name-as-long-as-one-may-write-it-down-here"
    (tmp_path / "smstock.toml").write_text(f"[job.{name}]\nquery = 'q.toml'\ncalibration = 'c.toml'\n")
    assert list(settings.jobs(tmp_path)) == [name]


def test_the_nearest_key_of_a_job_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "smstock.toml").write_text('[job.x]\nquery = "q.toml"\ncalibraton = "c.toml"\n')
    with pytest.raises(SettingsError, match="job 'x' is not understood: calibraton") as refused:
        settings.jobs(tmp_path)
    assert refused.value.hint == "did you mean calibration?"
