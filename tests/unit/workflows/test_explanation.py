from __future__ import annotations

import pytest
from typer.testing import CliRunner

from smstock.cli.app import commands
from smstock.errors import UnknownNameError, UsageError
from smstock.workflows.explanation import corridor


def test_a_corridor_is_typed_as_codes_or_names() -> None:
    assert corridor("ROU:ITA") == corridor(" Romania : IT ") == ("ROU", "ITA")
    assert corridor("NA:ZAF") == ("NAM", "ZAF")


@pytest.mark.parametrize("text", ["", "ROU", "ROU-ITA", ":ITA", "ROU:"])
def test_what_is_no_corridor_is_told_with_an_example(text: str) -> None:
    with pytest.raises(UsageError, match="names no corridor") as caught:
        corridor(text)
    assert "ROU:ITA" in caught.value.allowed


def test_a_misspelt_country_is_told_with_the_nearest() -> None:
    with pytest.raises(UnknownNameError, match="unknown area 'Romnia'") as caught:
        corridor("Romnia:ITA")
    assert "ROU" in caught.value.hint


def test_the_command_tells_it_before_anything_is_read() -> None:
    ended = CliRunner().invoke(commands(), ["nowcast", "nowhere.toml", "--query", "q", "--explain", "ROU-ITA"])
    assert isinstance(ended.exception, UsageError)
