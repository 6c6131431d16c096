"""SDMX-ML: which data flow, which codes, and what is refused."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from smstock.errors import OfficialFileError
from smstock.official import readers
from smstock.official.rawfile import LARGEST_XML, RawFile
from smstock.official.sdmx_ml import message, root

if TYPE_CHECKING:
    from collections.abc import Callable

    Write = Callable[..., Path]

SPACES = (
    'xmlns:m="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/message" '
    'xmlns:g="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/data/generic" '
    'xmlns:c="http://www.sdmx.org/resources/sdmxml/schemas/v2_1/common"'
)
OECD_HEADER = (
    '<m:Header><m:ID>x</m:ID><m:Prepared>2026-08-17T11:08:58.33+02:00</m:Prepared><m:Sender id="OECD"/>'
    '<m:Structure structureID="S" dimensionAtObservation="AllDimensions"><c:Structure>'
    '<Ref id="DSD_MIG_F" agencyID="OECD.ELS.IMD" version="1.0" class="DataStructure"/></c:Structure></m:Structure>'
    "</m:Header>"
)


def raw(text: str) -> RawFile:
    return RawFile(Path("a.xml"), "text", text.encode())


def generic(data: str, header: str = "", root: str = "GenericData") -> str:
    return f"<m:{root} {SPACES}>{header}<m:DataSet>{data}</m:DataSet></m:{root}>"


def values(element: str, **codes: str) -> str:
    return f"<g:{element}>" + "".join(f'<g:Value id="{n}" value="{c}"/>' for n, c in codes.items()) + f"</g:{element}>"


def specific(data: str, before: str = "") -> str:
    return (
        '<CompactData xmlns="http://www.SDMX.org/resources/SDMXML/schemas/v2_0/message" '
        'xmlns:d="urn:sdmx:org.sdmx.infomodel.keyfamily.KeyFamily=EUROSTAT:migr_pop3ctb_DSD:compact">'
        f"<Header><ID>migr_pop3ctb</ID><Prepared>2016-01-14T05:32:50</Prepared></Header><d:DataSet>{before}"
        '<d:Series FREQ="A" unit="NR" age="TOTAL" sex="T" c_birth="RO" geo="IT" TIME_FORMAT="P1Y">'
        f"{data}</d:Series></d:DataSet></CompactData>"
    )


OBS = '<d:Obs TIME_PERIOD="2015" OBS_VALUE="7" OBS_STATUS="p"/>'


def test_a_file_of_eurostats_bulk_download_names_its_data_set(write: Write) -> None:
    (row,) = readers.read_stock(write(specific(OBS))).to_dict("records")
    assert (row["dataset"], row["edition"], row["destination"], row["origin"]) == (
        "migr_pop3ctb",
        "2016-01-14",
        "ITA",
        "ROU",
    )
    assert (row["reference_date"], row["value"], row["flags"]) == ("2015-01-01", 7, "p")


def flat(value: str, year: str, **attributes: str) -> str:
    key = values("ObsKey", TIME_PERIOD=year, REF_AREA="ITA", BIRTH_COUNTRY="ROU", MEASURE="B14", SEX="_T")
    return f'<g:Obs>{key}<g:ObsValue value="{value}"/>{values("Attributes", **attributes)}</g:Obs>'


def test_a_flat_message_of_the_oecd(write: Write) -> None:
    data = flat("1048.5", "2018", UNIT_MULT="3", OBS_STATUS="B", DECIMALS="1") + flat("NaN", "2019", OBS_STATUS="M")
    stock = readers.read_stock(write(generic(data, OECD_HEADER)))
    assert stock[["destination", "origin", "concept", "edition"]].drop_duplicates().to_numpy().tolist() == [
        ["ITA", "ROU", "birth", "2026-08-17"]
    ]
    assert stock["value"].tolist()[0] == 1048500
    assert stock["value"].isna().tolist() == [False, True]
    assert stock["flags"].tolist() == ["b", "m; :"]


def test_observations_may_vary_by_area() -> None:
    header = '<m:Header><m:Structure dimensionAtObservation="geo"/></m:Header>'
    series = (
        values("SeriesKey", TIME_PERIOD="2019", sex="T")
        + '<g:Obs><g:ObsDimension value="IT"/><g:ObsValue value="7"/></g:Obs>'
    )
    assert message(raw(generic(f"<g:Series>{series}</g:Series>", header))).rows.to_dict("records") == [
        {"TIME_PERIOD": "2019", "sex": "T", "geo": "IT", "OBS_VALUE": "7"}
    ]


def test_the_generic_form_of_version_2_0() -> None:
    text = (
        '<GenericData xmlns="http://www.SDMX.org/message" xmlns:g="http://www.SDMX.org/generic"><DataSet>'
        "<g:KeyFamilyRef>migr_pop3ctb_DSD</g:KeyFamilyRef><g:Series><g:SeriesKey>"
        '<g:Value concept="geo" value="IT"/></g:SeriesKey><g:Obs><g:Time>2019</g:Time><g:ObsValue value="7"/></g:Obs>'
        '<g:Obs><g:Time>2020</g:Time><g:ObsValue value="8"/></g:Obs></g:Series></DataSet></GenericData>'
    )
    content = message(raw(text))
    assert (content.agency, content.flow) == ("", "migr_pop3ctb")
    assert content.rows[["geo", "TIME_PERIOD", "OBS_VALUE"]].to_numpy().tolist() == [
        ["IT", "2019", "7"],
        ["IT", "2020", "8"],
    ]


def test_who_made_a_message_that_does_not_say_it_is_in_its_sidecar(write: Write) -> None:
    key = values("SeriesKey", freq="A", c_birth="RO", age="TOTAL", unit="NR", sex="T", geo="IT")
    text = generic(f'<g:Series>{key}<g:Obs><g:ObsDimension value="2019"/><g:ObsValue value="7"/></g:Obs></g:Series>')
    with pytest.raises(OfficialFileError, match="is SDMX-ML that says neither whose") as caught:
        readers.read_stock(write(text))
    assert "format=SDMX-CSV" in caught.value.hint
    assert readers.read_stock(write(text, dataset="migr_pop3ctb"))["value"].tolist() == [7]
    with pytest.raises(OfficialFileError, match="it counts immigrations"):
        readers.read_stock(write(text, dataset="migr_imm3ctb"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('<!DOCTYPE x [<!ENTITY a "1">]>' + generic("&a;"), "has a document type or entities"),
        (generic("<g:Annotations>" * 40 + "</g:Annotations>" * 40), "has elements within 32 others"),
        (generic("<g:Series>")[:-20], "is damaged XML"),
        (generic("<g:Series></g:Series>"), "without an observation"),
        (specific('<d:Obs OBS_VALUE="7"/>'), "is SDMX-ML without TIME_PERIOD"),
        (specific('<d:Obs TIME_PERIOD="2015"/>'), "is SDMX-ML without OBS_VALUE"),
        (specific('<d:Obs TIME_PERIOD="2015" OBS_VALUE="7" geo="AT"/>'), "says geo of a series and of its figures"),
        (specific('<d:Obx TIME_PERIOD="2015" OBS_VALUE="7"/>'), "an element that no SDMX message has: Obx"),
        (specific(OBS, '<d:Obx TIME_PERIOD="2015" OBS_VALUE="7"/>'), "an element that no SDMX message has: Obx"),
        (specific(OBS, '<d:Sibling geo="IT" UNIT_MULT="3"/>'), "figures in other units than persons: UNIT_MULT 3"),
        (specific(OBS).replace("<d:DataSet", '<d:DataSet UNIT_MULT="6"'), "in other units than persons: UNIT_MULT 6"),
        (specific(OBS).replace("<d:DataSet", '<d:DataSet d:action="Delete"'), "takes figures back"),
        (
            specific("".join(f'<d:Obs TIME_PERIOD="2015" OBS_VALUE="7" A{n}="1"/>' for n in range(120))),
            "more than 100 dimensions and attributes",
        ),
    ],
)
def test_what_no_message_has_is_refused(text: str, words: str) -> None:
    with pytest.raises(OfficialFileError, match=words) as caught:
        message(raw(text))
    assert caught.value.hint


def test_a_message_that_is_too_large_is_refused_before_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("smstock.official.sdmx_ml.LARGEST_XML", 100)
    assert LARGEST_XML > 100
    with pytest.raises(OfficialFileError, match="is larger than what is read") as caught:
        message(raw(specific(OBS)))
    assert "SDMX-CSV" in caught.value.hint


def test_a_figure_is_named_by_its_number(write: Write) -> None:
    text = specific(OBS + '<d:Obs TIME_PERIOD="2016" OBS_VALUE="-1"/>')
    with pytest.raises(OfficialFileError) as caught:
        readers.read_stock(write(text))
    assert caught.value.where.endswith("observation 2")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ('\n<?xml version="1.0"?>\n<!-- a --> <!-- b -->' + generic(""), "GenericData"),
        (generic("", root="Error"), "Error"),
        ("<Root xmlns:wb='http://www.worldbank.org'/>", ""),
        ("geo,TIME_PERIOD\n", ""),
        ("<!-- -->" * 500 + "x", ""),
    ],
)
def test_the_first_element_tells_what_a_file_is(text: str, name: str) -> None:
    assert root(raw(text)) == name


def test_a_file_of_another_agency_is_named(write: Write) -> None:
    header = OECD_HEADER.replace("OECD.ELS.IMD", "IT1").replace('"OECD"', '"IT1"')
    with pytest.raises(OfficialFileError, match=r"is SDMX-ML of IT1 \(DSD_MIG_F\), which is not read"):
        readers.read_stock(write(generic(flat("1", "2018"), header)))


def test_what_a_service_says_in_place_of_data_is_told(write: Write) -> None:
    footer = '<m:Footer><m:Message code="413"><c:Text>Due to the large query size</c:Text></m:Message></m:Footer>'
    with pytest.raises(OfficialFileError, match="the service answered: Due to the large query size") as caught:
        readers.read_stock(write(f"<m:GenericData {SPACES}>{OECD_HEADER}{footer}</m:GenericData>"))
    assert "ask again in some minutes" in caught.value.hint
    error = '<m:ErrorMessage code="100"><c:Text xml:lang="en">No Results Found</c:Text></m:ErrorMessage>'
    with pytest.raises(OfficialFileError, match="the service answered: No Results Found"):
        readers.read_stock(write(f"<m:Error {SPACES}>{error}</m:Error>"))


def test_other_messages_hold_no_data(write: Write) -> None:
    with pytest.raises(OfficialFileError, match=r"is SDMX-ML \(Error\) without data"):
        readers.read_stock(write(generic("", root="Error")))
    with pytest.raises(OfficialFileError, match="describes a data flow and holds no figure"):
        readers.read_stock(write(generic("", root="Structure")))
