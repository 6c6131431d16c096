"""Tables that people have and that are no official statistics: each is named, with the command that reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from smstock.official.base import refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from smstock.official.rawfile import RawFile

# of a person in a household: IPUMS, the American Community Survey, the Current Population Survey
_PERSONS: Final = (
    {"serial", "pernum"},
    {"serial", "perwt"},
    {"pernum", "perwt"},
    {"sample", "serial"},
    {"serialno", "pwgtp"},
    {"serialno", "sporder"},
)


def _has(*of_columns: set[str]) -> Callable[[RawFile], bool]:
    """Return whether a file has all columns of one of some sets, in whatever case."""

    def recognises(file: RawFile) -> bool:
        headings = {heading.casefold() for heading in file.header}
        return any(columns <= headings for columns in of_columns)

    return recognises


LAYOUTS = (
    refused(
        "recording of answers of an advertising platform",
        _has({"targeting", "response"}, {"targeting_spec"}),
        "is a recording of answers of an advertising platform, no official statistics",
        "answer a query from it: smstock collect QUERY --replay FILE; or rewrite it: smstock recordings convert FILE "
        "RECORDING",
    ),
    refused(
        "counts of LinkedIn's members",
        _has({"facet", "entity", "count"}),
        "holds counts of LinkedIn's members, typed by hand, and no official statistics",
        "smstock skills FILE --destination PLACE --origin PLACE --wave YEAR-MONTH",
    ),
    refused(
        "microdata",
        _has(*_PERSONS),
        "is microdata: a row is a person, and no figure of a stock",
        "tabulate it first: the sum of the weights of persons by destination, origin, sex, age group and year; then "
        "smstock official describe FILE",
    ),
)
