from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from smstock.errors import QueryError
from smstock.query.spec import load, parse

if TYPE_CHECKING:
    from pathlib import Path

GOOD = 'name = "q"\nplatform = "meta"\norigins = ["SRB"]\ndestinations = ["efta", "-LIE"]\nages = "18+"\n'


def test_groups_codes_and_removals_are_expanded() -> None:
    assert parse(GOOD).destinations == ("CHE", "ISL", "NOR")
    assert len(parse(GOOD.replace('"efta", "-LIE"', '"eu27"')).destinations) == 27
    assert len(parse(GOOD.replace('["SRB"]', '["meta-origins"]')).origins) == 89


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (GOOD.replace("SRB", "Serbja"), "Serbia"),
        (GOOD.replace('"q"', '"a name"'), "name"),
        (GOOD + 'sexs = ["all"]\n', "no such key: sexs"),
        (GOOD.replace("ages =", "age ="), "missing: ages"),
        (GOOD + 'breakdowns = [["sex", "income"]]\n', "income"),
        (GOOD + 'breakdowns = [["age"]]\n', "age_groups is empty"),
        (GOOD + 'breakdowns = [["education"]]\n', "education"),
        (GOOD + 'age_groups = ["13-17"]\nbreakdowns = [["age"]]\n', "13-17 is no part of ages 18+"),
        (GOOD.replace("18+", "18 to 24"), "18 to 24"),
        (GOOD.replace("18+", "24-18"), "24-18"),
        (GOOD.replace('["efta", "-LIE"]', "[]"), "no area is left"),
        (GOOD + 'metrics = ["wau"]\n', "wau"),
        (GOOD + "metrics = []\n", "metrics"),
        (GOOD + 'api_version = "vnan"\n', "api_version"),
        (GOOD + "broken = [", "not valid TOML"),
    ],
)
def test_a_mistake_is_named_with_the_file(text: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(text)
    with pytest.raises(QueryError) as caught:
        load(file)
    assert said in str(caught.value)
    assert "mine.toml" in str(caught.value)
    assert caught.value.exit_code == 3


def test_a_missing_file_is_one_message(tmp_path: Path) -> None:
    with pytest.raises(QueryError, match="cannot be read"):
        load(tmp_path / "none.toml")


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('breakdowns = ["sex"]', "breakdowns.0: a list, in brackets (it is 'sex')"),
        ('metrics = ["mua"]', "metrics.0: 'mau', 'dau' or 'total' (it is 'mua')"),
    ],
)
def test_a_wrong_value_is_told_with_what_is_wanted(line: str, said: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(f'name="q"\nplatform="meta"\norigins=["SRB"]\ndestinations=["AUT"]\nages="18+"\n{line}')
    assert caught.value.what == said


def test_a_value_that_fits_none_of_several_kinds_is_told_once() -> None:
    with pytest.raises(QueryError) as caught:
        parse('name="q"\nplatform="meta"\norigins=["SRB"]\ndestinations=["AUT"]\nages="18+"\nbreakdowns=[["sexx"]]')
    assert caught.value.what.count("sexx") == 1
    assert "literal" not in caught.value.what
