"""Sets of schools by country: lists that a person has reviewed, and that a query names in place of an origin.

::

    country = "ROU"
    reviewed = "2026-11-22"           # when somebody looked at each line; a set without a date is refused

    [[school]]
    urn = "urn:li:organization:1035"
    name = "Universitatea din București"
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from smstock import toml
from smstock.errors import InputError, QueryError
from smstock.vocabulary import countries

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True)
class SchoolSet:
    """The schools of a country, URN and name, and the day they were reviewed; empty: not yet."""

    country: str
    schools: tuple[tuple[str, str], ...]
    reviewed: str = ""


def read(path: Path) -> SchoolSet:
    """Return the set of schools of a file.

    Raises
    ------
    QueryError
        The file is missing or no set of schools, or nobody has reviewed it.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> schools = SchoolSet("ROU", (("urn:li:organization:1035", "First"),), reviewed="2026-11-22")
    >>> with TemporaryDirectory() as place:
    ...     _ = Path(place, "ROU.toml").write_text(write(schools, "By hand."), encoding="utf-8")
    ...     read(Path(place, "ROU.toml")) == schools
    True
    """
    content = toml.read(path, QueryError, hint="make this set of schools with `smstock catalogue linkedin schools`")
    try:
        country = countries.find(str(content["country"]))
        schools = tuple((str(school["urn"]), str(school.get("name", ""))) for school in content["school"])
    except (KeyError, TypeError, AttributeError):
        raise QueryError(
            "this is no set of schools", where=str(path), allowed="country, reviewed, and [[school]] with urn and name"
        ) from None
    except InputError as error:
        raise QueryError(error.what, where=f"{path}: country", allowed=error.allowed) from None
    reviewed = str(content.get("reviewed", ""))
    if not _DAY.fullmatch(reviewed):
        raise QueryError(
            "nobody has reviewed this set of schools",
            where=str(path),
            allowed='reviewed = "YYYY-MM-DD"',
            hint=f"take out what is no school of {countries.area(country).name}, then write the day",
        )
    return SchoolSet(country, schools, reviewed)


def write(schools: SchoolSet, provenance: str) -> str:
    r"""Return the text of a file of schools.

    Parameters
    ----------
    schools
        The set.
    provenance
        How the schools were found, for the reader of the file.

    Examples
    --------
    >>> print(write(SchoolSet("ROU", (("urn:li:organization:1035", 'The "First"'),)), "Asked on 2026-11-22."), end="")
    # Asked on 2026-11-22.
    # Take out what is no school of this country, then write the day of the review.
    <BLANKLINE>
    country = "ROU"
    reviewed = ""
    <BLANKLINE>
    [[school]]
    urn = "urn:li:organization:1035"
    name = "The \"First\""
    """
    lines = [f"# {provenance}", "# Take out what is no school of this country, then write the day of the review.", ""]
    lines += [f'country = "{schools.country}"', f'reviewed = "{schools.reviewed}"']
    for urn, name in schools.schools:
        lines += ["", "[[school]]", f'urn = "{urn}"', f"name = {json.dumps(name, ensure_ascii=False)}"]
    return "\n".join(lines) + "\n"


def by_country(paths: Iterable[Path]) -> dict[str, tuple[str, ...]]:
    """Return the URNs of some files by country, sorted; two files of one country are joined.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "ROU.toml")
    ...     _ = file.write_text(write(SchoolSet("ROU", (("urn:li:organization:1", "A"),), "2026-11-22"), "By hand."))
    ...     by_country([file])
    {'ROU': ('urn:li:organization:1',)}
    """
    urns: dict[str, set[str]] = {}
    for path in paths:
        schools = read(path)
        urns.setdefault(schools.country, set()).update(urn for urn, _ in schools.schools)
    return {country: tuple(sorted(urns[country])) for country in urns}
