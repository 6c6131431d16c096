"""Tables that are no official statistics: whoever reads or describes one is told which command it belongs to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from smstock.errors import OfficialFileError
from smstock.official import readers
from smstock.workflows.description import descriptions

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    Write = Callable[..., Path]


@pytest.mark.parametrize(
    ("text", "message", "next_step"),
    [
        (
            ",name,targeting,response,mau_audience\n0,x,{},b'',5\n",
            "recording of answers",
            "collect QUERY --replay FILE",
        ),
        ("name;Targeting;Response\nx;{};b''\n", "recording of answers", "recordings convert FILE RECORDING"),
        ("targeting_spec,mau_lower,mau_upper\n{},5,6\n", "recording of answers", "collect QUERY --replay FILE"),
        ("facet,entity,count\nskills,1,50\n", "counts of LinkedIn's members", "smstock skills FILE"),
        (
            "COUNTRY,YEAR,SAMPLE,SERIAL,PERNUM,PERWT,BPLCOUNTRY\n1,2010,1,1,1,9,2\n",
            "is microdata",
            "sum of the weights",
        ),
        ("year\tserial\tperwt\tage\n2010\t1\t20\t33\n", "is microdata", "tabulate it first"),
        ("SERIALNO,SPORDER,PWGTP,POBP\n1,1,20,303\n", "is microdata", "tabulate it first"),
    ],
)
def test_a_table_of_another_command_is_named_with_it(write: Write, text: str, message: str, next_step: str) -> None:
    path = write(text)
    for use in (readers.read_all, lambda path: descriptions([path])):
        with pytest.raises(OfficialFileError, match=message) as caught:
            use(path)
        assert next_step in caught.value.hint
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_a_table_with_like_headings_is_not(write: Write) -> None:
    """A serial number, or a count of an entity, does not make a table of another command."""
    (record,) = descriptions([write("serial,destination area,nationality,year,count\n1,DEU,SRB,2020,5\n")])
    assert [column["taken_as"] for column in record["columns"][1:]] == ["destination", "origin", "year", "value"]


def test_json_lines_are_named_with_what_reads_them(write: Write) -> None:
    line = '{"targeting_spec": {}, "users": 5}\n'
    with pytest.raises(OfficialFileError, match="is JSON lines") as caught:
        readers.read_all(write(line * 2, "answers.jsonl"))
    assert "smstock collect QUERY --replay FILE" in caught.value.hint
    with pytest.raises(OfficialFileError, match="is damaged JSON"):
        readers.read_all(write('{"class": "dataset",\n "value": [5', "cut.json"))
