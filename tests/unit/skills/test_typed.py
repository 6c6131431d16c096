"""Counts that a person typed: files of every kind are read right, or refused with the way on."""

from __future__ import annotations

import gzip
import random
import zipfile
from typing import TYPE_CHECKING

import pytest

from smstock.errors import InputError
from smstock.skills.typed import read

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    import pandas as pd

LINES = (
    "facet,entity,count",
    'total,,"12,000"',
    "Degrees,Master's Degree,4200",
    "degrees,Doctor of Philosophy,< 300",
)


def counts(folder: Path, *lines: str, name: str = "counts.csv", encoding: str = "utf-8") -> pd.DataFrame:
    file = folder / name
    file.write_bytes("\n".join(lines).encode(encoding))
    return read(file, destination="IRL", origin="SRB", wave="2024-05")


def refused(folder: Path, *lines: str) -> InputError:
    with pytest.raises(InputError) as caught:
        counts(folder, *lines)
    return caught.value


def test_lines_become_an_audience_table(tmp_path: Path) -> None:
    table = counts(tmp_path, *LINES).set_index("category")
    assert table["value"]["Master's Degree"] == 4_200
    assert table["value"][""] == 12_000
    assert (table["lower"][""], table["upper"][""]) == (11_500, 12_500)
    assert table["upper"]["Doctor of Philosophy"] == 300
    assert table["status"].to_dict()["Doctor of Philosophy"] == "floored"
    assert set(table["destination"] + table["origin"] + table["wave"]) == {"IRLSRB2024-05"}
    assert set(table["origin_basis"]) == {"school_country"}


def test_files_as_programs_save_them_hold_the_same_counts(tmp_path: Path) -> None:
    right = counts(tmp_path, *LINES)
    semicolons = [line.replace('"12,000"', "12000").replace(",", ";") for line in LINES]
    variants = {
        "bom": ("\n".join(LINES), "utf-8-sig"),
        "utf16": ("\n".join(LINES).replace(",", "\t").replace('"12\t000"', "12,000"), "utf-16"),
        "cp1252": ("\r\n".join(LINES).replace("Master's", "Master\u2019s"), "cp1252"),
        "semicolons": ("\n".join(semicolons) + "\n", "utf-8"),
        "german": ("\n".join(semicolons).replace("12000", "12.000").replace("4200", "4.200"), "utf-8"),
        "french": ("\n".join(semicolons).replace("12000", "12\u202f000").replace("4200", "4\u00a0200"), "utf-8"),
        "separator": ("sep=;\n" + "\n".join(semicolons), "utf-8"),
        "floats": (
            "\n".join(LINES).replace('"12,000"', "12000.0").replace("4200", "4200.0").replace("< 300", "0.0"),
            "utf-8",
        ),
        "empty": ("\n".join(f"{line},,".replace("count,,", "count,,") for line in LINES) + "\n,,,,\n\n", "utf-8"),
        "spaced": (
            "\n".join(LINES).replace("facet,entity,count", " Facet , ENTITY,Count ").replace("Degrees", " Degrees "),
            "utf-8",
        ),
    }
    for name, (text, encoding) in variants.items():
        file = tmp_path / f"{name}.csv"
        file.write_bytes(text.encode(encoding))
        table = read(file, destination="IRL", origin="SRB", wave="2024-05")
        assert table["value"].equals(right["value"]), name
        assert table["dimension"].equals(right["dimension"]), name
    (tmp_path / "counts.csv.gz").write_bytes(gzip.compress("\n".join(LINES).encode()))
    with zipfile.ZipFile(tmp_path / "counts.zip", "w") as archive:
        archive.writestr("counts.csv", "\n".join(LINES))
    for name in ("counts.csv.gz", "counts.zip"):
        assert read(tmp_path / name, destination="IRL", origin="SRB", wave="2024-05")["value"].equals(right["value"])


def test_columns_stand_in_any_order(tmp_path: Path) -> None:
    table = counts(
        tmp_path,
        "date;count;note;origin;entity;facet;destination",
        "2024-03-07;12,000+;by AB;Serbia;;Total;Ireland",
        "2024-03-08;1.2K;;SRB;Nursing;Member Skills;IRL",
    )
    assert table["wave"].unique().tolist() == ["2024-03"]
    assert table["value"].tolist() == [12_000, 1_200]
    assert table["lower"].tolist() == [11_500, 1_150]
    assert table["upper"].tolist() == [13_000, 1_300]


def test_women_men_and_ages_stand_in_their_columns(tmp_path: Path) -> None:
    table = counts(
        tmp_path,
        "facet,entity,count,sex,age",
        "total,,9000,,",
        "Member Gender,Women,4000,,",
        "total,,4500,male,",
        "Member Age,18 to 24,900,,18+",
        "total,,3000,,25-34",
        "ageRanges,35\u201354,2000,,",
        "Member Age,55 and over,< 300,,",
        "Degrees,Master,1000,,",
        "Degrees,Master,600,f,",
    )
    rows = list(zip(table["sex"], table["age_min"], table["dimension"], table["value"].fillna(0), strict=True))
    assert ("female", 18, "", 4000) in rows
    assert ("male", 18, "", 4500) in rows
    assert ("all", 35, "", 2000) in rows
    assert ("all", 25, "", 3000) in rows
    assert ("all", 55, "", 0) in rows
    assert ("female", 18, "degree", 600) in rows
    assert len(rows) == 9


def test_a_category_is_one_however_its_letters_and_blanks_are(tmp_path: Path) -> None:
    table = counts(
        tmp_path,
        "facet,entity,count,origin",
        "total,,9000,SRB", "skills,Project Management,900,SRB",
        "total,,7000,HRV", "skills,project  management,800,HRV",
    )  # fmt: skip
    assert table.query("dimension == 'skill'")["category"].tolist() == ["Project Management"] * 2


REFUSED = {
    "an unknown facet": (["Job Senioritees,Entry,900"], "'Job Senioritees' is no facet", "line 5, column facet", "job seniorities"),
    "a facet of no profile": (["Job Titles,Nurse,900"], "'Job Titles' is no facet", "line 5", "take the line away"),
    "schools": (["Member Schools,Belgrade,900"], "'Member Schools' is no facet", "line 5", ""),
    "a facet left blank": ([",Nursing,900"], "'Nursing' of no facet", "line 5, column facet", "into every line"),
    "no entity": (["Degrees,,900"], "Degrees without an entity", "line 5, column entity", ""),
    "no count": (["Degrees,Bachelor,"], "an empty count", "line 5, column count", "take the line away"),
    "a word": (["Degrees,Bachelor,many"], "'many' is no size", "line 5, column count", ""),
    "a range": (["Degrees,Bachelor,300 - 350"], "'300 - 350' is no size", "line 5, column count", "forecast"),
    "a thousand or not": (["Degrees,Bachelor,1.234K"], "'1.234K' is no size", "line 5, column count", ""),
    "below the floor": (["Degrees,Bachelor,299"], "'299' is no audience that LinkedIn shows", "line 5", "< 300"),
    "a decimal": (["Degrees,Bachelor,500.5"], "'500.5' is no audience", "line 5, column count", ""),
    "a negative": (["Degrees,Bachelor,-500"], "'-500' is no size", "line 5", ""),
    "more than people": (["Degrees,Bachelor,99999999999"], "is no audience that LinkedIn shows", "line 5", ""),
    "marks of two languages": (["Degrees,Bachelor,4.100"], "may have a decimal", "column count", "without separators"),
    "a count in two fields": (["Degrees,Bachelor,1,000"], "a line of 4 fields below a header of 3", "line 5", '"12,000"'),
    "larger than the total": (["Degrees,Bachelor,64000"], "larger than its total of line 2", "line 5", "read both again"),
    "twice": (["degree,MASTER'S degree,4300"], "a second time, first in line 3", "line 5", "take one of the two"),
    "no gender": (["Member Gender,Other,900"], "'Other' is no gender", "line 5, column entity", ""),
    "no age": (["Member Age,20-30,900"], "'20-30' is no range", "line 5, column entity", ""),
    "every age": (["Member Age,18+,900"], "is everybody", "line 5, column entity", "total"),
    "ages that overlap": (["Member Age,18-34,900", "Member Age,25-34,800"], "overlaps with 18-34 of line 5", "line 6", ""),
    "years that overlap": (
        ["Years of Experience,1-5 years,900", "Years of Experience,5+ years,800"],
        "overlaps with 1-5 years of line 5", "line 6", "take one",
    ),
    "an open quotation mark": (['Degrees,"Bachelor,900', 'Degrees,Other",900'], "not closed", "line 5", ""),
}  # fmt: skip


@pytest.mark.parametrize("kind", REFUSED)
def test_a_line_that_cannot_be_right_is_named_with_the_way_on(tmp_path: Path, kind: str) -> None:
    lines, what, where, hint = REFUSED[kind]
    first = LINES if kind != "marks of two languages" else [*LINES[:2], 'skills,Sales,"1,000"', LINES[3]]
    error = refused(tmp_path, *first, *lines)
    assert what in error.what
    assert where in error.where
    assert hint in error.hint
    assert error.hint


@pytest.mark.parametrize(
    ("header", "what", "hint"),
    [
        ("facet,entity", "no column count", "add count"),
        ("facet,entity,counts", "'counts'", "did you mean count?"),
        ("facet,entity,count,comments", "'comments'", "call one note"),
        ("facet,entity,count,count", "two columns count", "take one"),
        ("Degrees,Bachelor's Degree,900", '"bachelor\'s degree"', "a header facet,entity,count"),
        ("facet|entity|count", "'facet|entity|count'", "facet,entity,count"),
    ],
)
def test_a_header_says_what_it_may_hold(tmp_path: Path, header: str, what: str, hint: str) -> None:
    error = refused(tmp_path, header, *LINES[1:])
    if header.startswith("Degrees"):
        what = "'degrees'"
    assert what in error.what
    assert hint in error.hint
    assert "facet" in error.allowed or "two columns" in error.what


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("total,,12000,Irland,SRB,2024-05,,", "unknown area 'Irland'"),
        ("total,,12000,,SRB,2024-05,,", "an empty destination"),
        ("total,,12000,IRL,,2024-05,,", "an empty origin"),
        ("total,,12000,IRL,SRB,20/05/2024,,", "'20/05/2024' is no date"),
        ("total,,12000,IRL,SRB,2024-02-30,,", "'2024-02-30' is no date"),
        ("total,,12000,IRL,SRB,,,", "an empty date"),
        ("total,,12000,IRL,SRB,2024-05,x,", "'x' is no sex"),
        ("Degrees,Master,500,IRL,SRB,2024-05,000,", "'000' is no sex"),
        ("Degrees,Master,500,IRL,SRB,2024-05,,25-34", "an age within a facet"),
        ("Member Gender,Female,500,IRL,SRB,2024-05,male,", "a sex within Member Gender"),
    ],
)
def test_a_cell_of_another_column_is_named(tmp_path: Path, line: str, what: str) -> None:
    error = refused(tmp_path, "facet,entity,count,destination,origin,date,sex,age", line)
    assert what in error.what
    assert "counts.csv, line 2, column " in error.where
    assert error.hint


def test_the_end_of_a_count_in_a_note_is_seen(tmp_path: Path) -> None:
    error = refused(tmp_path, "facet,entity,count,note", "total,,500,000")
    assert "the end of a count" in error.what


def test_a_total_is_asked_for_by_the_line_to_add_and_never_summed(tmp_path: Path) -> None:
    lines = ["facet;entity;count;origin", "Degrees;Master;4200;Serbia", "Degrees;Bachelor;6200;Serbia"]
    error = refused(tmp_path, *lines)
    assert "no total of SRB in IRL, 2024-05" in error.what
    assert "total;;COUNT;SRB" in error.hint
    assert len(counts(tmp_path, *lines, "total;;9000;SRB")) == 3


def test_women_and_men_by_degree_need_their_totals_which_are_named_at_once(tmp_path: Path) -> None:
    lines = ["facet,entity,count,sex", "total,,9000,", "Degrees,Master,600,female", "Degrees,Master,700,male"]
    error = refused(tmp_path, *lines)
    assert "female" in error.what
    added = [line for line in error.hint.replace(", COUNT the", " ").split("  ") if "Member Gender" in line]
    added = [line[line.index("Member Gender") :].split(" Target")[0].strip() for line in added]
    assert added == ["Member Gender,Female,COUNT,", "Member Gender,Male,COUNT,"]
    assert len(counts(tmp_path, *lines, *(line.replace("COUNT", "4000") for line in added))) == 5
    women = refused(tmp_path, *lines[:3]).hint
    assert "Member Gender,Female,COUNT," in women
    assert "Male," not in women
    assert len(counts(tmp_path, *lines[:3], "Member Gender,Female,4000,")) == 3


def test_everybody_alone_and_totals_alone_are_no_profile(tmp_path: Path) -> None:
    everybody = ["facet,entity,count,origin", "total,,9000,everybody", "skills,Sales,900,everybody"]
    assert "nobody who was schooled in another country" in refused(tmp_path, *everybody).what
    assert "no count of 2024-05 by a facet" in refused(tmp_path, *LINES[:2]).what


@pytest.mark.parametrize(
    ("content", "hint"),
    [
        (b"", "save the table as CSV"),
        (b"\n\n", "save the table as CSV"),
        (b"facet,entity,count\n", "add total,,COUNT"),
        (b"<html><body>log in</body></html>", "save the table as CSV"),
        (b"\xd0\xcf\x11\xe0old workbook", "save the table as CSV"),
        (b'facet,entity,count\n"total,,900', "save the table as CSV"),
        (b"\x00\x01\x02binary", "save the table as CSV"),
    ],
)
def test_what_is_no_table_is_refused_with_the_same_next_step(tmp_path: Path, content: bytes, hint: str) -> None:
    file = tmp_path / "counts.csv"
    file.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read(file, destination="IRL", origin="SRB", wave="2024-05")
    assert hint in caught.value.hint
    assert "download" not in caught.value.hint


def test_a_workbook_is_refused_with_what_to_save(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "counts.xlsx", "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
    with pytest.raises(InputError, match="is a workbook") as caught:
        read(tmp_path / "counts.xlsx", destination="IRL", origin="SRB", wave="2024-05")
    assert "as CSV" in caught.value.hint


def test_damaged_files_are_read_or_refused_and_nothing_else(tmp_path: Path) -> None:
    draw = random.Random(2)
    text = "\n".join(
        [*LINES, "Job Seniorities,Entry,1.2K", "Job Seniorities,CXO,too small", "Member Age,55+,900+"]
    ).encode()
    hints = []
    for _ in range(400):
        damaged = bytearray(text)
        for _ in range(draw.choice([1, 1, 3])):
            place = draw.randrange(len(damaged))
            damaged[place : place + draw.choice([0, 1, 9])] = draw.choice(
                [b"", b'"', b",", b"\n", b"\x00", b"9", b"\xff"]
            )
        file = tmp_path / "counts.csv"
        file.write_bytes(bytes(damaged))
        try:
            table = read(file, destination="IRL", origin="SRB", wave="2024-05")
        except InputError as error:
            hints.append(error.hint)
        else:
            assert (table["upper"] <= 10 * 13_000).all(), damaged
    assert len(hints) > 200
    assert all(hints)


WAYS: tuple[Callable[[int], str], ...] = (
    str, "{:,}".format, lambda number: f"{number:,}".replace(",", "."), lambda number: f"{number:,}".replace(",", " "),
    lambda number: f"{number:,}".replace(",", "\u202f"), lambda number: f"{number:,}".replace(",", "'"),
    lambda number: f"{number}.0", lambda number: f"{number:,}+", lambda number: f"{number:,} members",
    lambda number: f"{number / 1e3:.1f}K", lambda number: f"{number / 1e6:.2f}M".replace(".", ","),
    lambda number: f"{number:.2e}",
)  # fmt: skip
"""How people and programs write a count."""


def test_random_ways_to_write_a_count_are_right_or_refused(tmp_path: Path) -> None:
    draw, accepted = random.Random(1), 0
    for _ in range(100):
        ways = draw.sample(WAYS, k=draw.choice([1, 1, 2]))
        numbers = sorted((int(10 ** draw.uniform(2.6, 7.5)) for _ in range(4)), reverse=True)
        lines = [f"skills;s{place};{draw.choice(ways)(number)}" for place, number in enumerate(numbers[1:])]
        try:
            table = counts(tmp_path, "facet;entity;count", f"total;;{numbers[0] * 3}", *lines)
        except InputError:
            continue
        accepted += 1
        by_name = table.set_index("category")
        for place, number in enumerate(numbers[1:]):
            value, lower, upper = (float(by_name[name][f"s{place}"]) for name in ("value", "lower", "upper"))
            assert abs(value - number) <= 0.07 * number or lower <= number <= upper, lines
    assert accepted > 50


@pytest.mark.parametrize("years", ["2-Jan", "01. Feb", "01.02.2026", "2026-03-05", "44593", "1/2", "03. Mai"])
def test_years_that_a_spreadsheet_made_a_date_are_refused(tmp_path: Path, years: str) -> None:
    error = refused(tmp_path, *LINES, f"Years of Experience,{years},900", "Years of Experience,6+,900")
    assert error.what == f"{years!r} is no range of years"
    assert "changes 1-2 into a date" in error.hint


@pytest.mark.parametrize("years", ["1 year", "1-2", "1 \u2013 2 years", "3 to 5", "Less than 1 year", "up-to-2", "5"])
def test_years_as_they_are_shown_are_read(tmp_path: Path, years: str) -> None:
    table = counts(tmp_path, *LINES, f"Years of Experience,{years},900", "Years of Experience,12+ years,900")
    assert set(table["category"][table["dimension"] == "experience"]) == {years, "12+ years"}


@pytest.mark.parametrize("facet", ["Member Gender,Female|Male", "Member Age,18-24|25-34", "Years of Experience,1-2|3+"])
def test_those_of_whom_each_is_in_one_category_are_not_more_than_all(tmp_path: Path, facet: str) -> None:
    heading, _, entities = facet.partition(",")
    one, other = entities.split("|")
    error = refused(tmp_path, *LINES, f"{heading},{one},9000", f"{heading},{other},9000")
    assert error.what == f"{heading} of SRB in IRL, 2024-05 come to more than their total of line 2"
    assert "line 6" in error.where
    counts(tmp_path, *LINES, f"{heading},{one},5500", f"{heading},{other},6900")


def test_one_entity_in_two_writings_is_counted_twice(tmp_path: Path) -> None:
    for entity in ("Master\u2019s Degree", "MASTER'S  DEGREE"):
        assert "counted a second time, first in line 3" in refused(tmp_path, *LINES, f"Degrees,{entity},900").what
    accents = [*LINES, "Member Skills,Caf\u00e9,900", "Member Skills,Cafe\u0301,900"]
    assert "counted a second time" in refused(tmp_path, *accents).what
