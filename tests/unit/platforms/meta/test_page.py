"""The researcher's page on Meta says what every status and every error means."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from smstock.platforms.meta import errors, versions
from smstock.vocabulary.status import REFUSED, STATUSES

PAGE = (Path(__file__).parents[4] / "docs" / "platforms" / "meta.md").read_text(encoding="utf-8")
ERRORS = PAGE.partition("## Errors\n")[2].partition("\n## ")[0]
NAMED = {row.split("|")[1] for row in ERRORS.splitlines() if row.startswith("|")}


def named() -> set[tuple[int, int | None]]:
    """Codes of the table's first column, ranges written out; subcode None where there is none."""
    found: set[tuple[int, int | None]] = set()
    for cell in NAMED:
        for first, last in re.findall(r"(\d+) to (\d+)", cell):
            found |= {(code, None) for code in range(int(first), int(last) + 1)}
        for code, subcode in re.findall(r"\b(\d+)(?:/(\d+))?", cell):
            found.add((int(code), int(subcode) if subcode else None))
    return found


def test_the_page_names_exactly_the_codes_that_are_understood() -> None:
    assert named() == set(errors._MEANING)


@pytest.mark.parametrize("status", [*STATUSES, REFUSED])
def test_the_page_says_what_a_status_means_and_what_to_do(status: str) -> None:
    assert re.search(rf"^\| `{status}(<reason>)?` \| .+ \|.* \|$", PAGE, re.MULTILINE)


def test_every_reason_of_a_refusal_by_code_is_named() -> None:
    reasons = {status for status, _ in errors._MEANING.values() if status.startswith(REFUSED)}
    assert all(f"`{reason}`" in ERRORS for reason in reasons)


def test_the_page_names_the_version_that_is_asked() -> None:
    assert f"smstock asks {versions.DEFAULT}" in PAGE
