"""The table of areas: no key twice, no name for two areas, and nothing matched approximately."""

from __future__ import annotations

from collections import defaultdict
from typing import cast, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smstock.errors import UnknownNameError
from smstock.vocabulary.countries import Area, Scheme, area, areas, crosswalk, expand, find, group

SCHEMES: tuple[Scheme, ...] = get_args(Scheme)
CODES: tuple[Scheme, ...] = ("iso3", "iso2", "eurostat", "oecd")


def written(each: Area) -> list[tuple[str, Scheme]]:
    """Every text that stands for an area, with its scheme."""
    texts: list[tuple[str, Scheme]] = [(getattr(each, scheme), scheme) for scheme in CODES]
    texts += [(name, "name") for name in (each.name, *each.aliases)]
    if each.valid_to is not None:
        texts.append((each.iso2, "eurostat"))
    if each.m49 is not None:
        texts += [(str(each.m49), "m49"), (f"{each.m49:03}", "m49")]
    return [(text, scheme) for text, scheme in texts if text]


AREAS = st.sampled_from(areas())


def test_every_code_and_name_of_every_area_finds_it() -> None:
    for each in areas():
        for text, scheme in written(each):
            assert find(text, scheme) == crosswalk(scheme)[text] == each.iso3


@given(AREAS, st.data())
def test_a_name_is_found_whatever_its_case_spaces_and_asterisk(each: Area, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from((each.name, *each.aliases)))
    spaced = data.draw(st.sampled_from(("", "  ", "\t"))) + name.replace(
        " ", data.draw(st.sampled_from((" ", "  ", "\xa0")))
    )
    assert find(data.draw(st.sampled_from((spaced, spaced.upper(), spaced.casefold()))) + "*", "name") == each.iso3


@settings(max_examples=25)
@given(AREAS, st.data())
def test_a_misspelt_name_is_refused_and_named(each: Area, data: st.DataObject) -> None:
    letters = [at for at, letter in enumerate(each.name) if letter.isalpha()]
    at = data.draw(st.sampled_from(letters))
    misspelt = each.name[:at] + each.name[at] + each.name[at:]
    with pytest.raises(UnknownNameError) as caught:
        find(misspelt)
    assert repr(misspelt) in str(caught.value)


def test_areas_are_sorted_and_their_keys_unique() -> None:
    keys = [each.iso3 for each in areas()]
    assert keys == sorted(set(keys))
    assert all(len(key) == 3 and key.isascii() and key.isupper() for key in keys)


@pytest.mark.parametrize("scheme", ["iso2", "m49", "eurostat", "oecd"])
def test_no_code_stands_for_two_areas(scheme: str) -> None:
    codes = [code for each in areas() if (code := getattr(each, scheme)) not in ("", None)]
    assert sorted(set(codes)) == sorted(codes)


def test_no_name_stands_for_two_areas_and_none_reads_as_the_code_of_another() -> None:
    meant = defaultdict(set)
    for each in areas():
        for name in (each.name, *each.aliases):
            meant[" ".join(name.split()).rstrip("* ").casefold()].add(each.iso3)
    assert {name: iso3 for name, iso3 in meant.items() if len(iso3) > 1} == {}
    for scheme in ("iso3", "iso2"):
        for code, iso3 in crosswalk(scheme).items():
            assert meant.get(code.casefold(), {iso3}) == {iso3}


def test_names_and_aliases_are_clean() -> None:
    for each in areas():
        assert each.name
        assert each.name not in each.aliases
        assert len(set(each.aliases)) == len(each.aliases)
        for name in (each.name, *each.aliases):
            assert name == " ".join(name.split())


def test_years_are_in_order_and_only_dissolved_states_have_an_end() -> None:
    ended = {each.iso3: each.valid_to for each in areas() if each.valid_to is not None}
    assert ended == {"SUN": 1991, "YUG": 1992, "CSK": 1992, "SCG": 2006, "ANT": 2010, "DDR": 1990, "YMD": 1990}
    assert all(each.valid_from <= (each.valid_to or 9999) for each in areas() if each.valid_from is not None)


@pytest.mark.parametrize(
    ("text", "scheme", "iso3"),
    [
        ("NE", None, "NER"),
        ("NG", None, "NGA"),
        ("Niger", None, "NER"),
        ("Nigeria", None, "NGA"),
        ("NA", None, "NAM"),
        ("NA", "eurostat", "NAM"),
        ("Kosovo", None, "XKX"),
        ("XK", "eurostat", "XKX"),
        ("XKV", "oecd", "XKX"),
        ("Serbia", None, "SRB"),
        ("688", "m49", "SRB"),
        ("EL", "eurostat", "GRC"),
        ("UK", "eurostat", "GBR"),
        ("UK", None, "GBR"),
        ("AN", "eurostat", "ANT"),
        ("SU", "eurostat", "SUN"),
        ("YU", "eurostat", "YUG"),
        ("CS", "eurostat", "SCG"),
        ("EX_SU", "eurostat", "SUN"),
        ("EX_YU", "eurostat", "YUG"),
        ("RS_ME", "eurostat", "SCG"),
        ("CZ_SK", "eurostat", "CSK"),
        ("OTH", "eurostat", "XXX"),
        ("CSK_F", "oecd", "CSK"),
        ("830", "m49", "CHI"),
        ("831", "m49", "GGY"),
        ("158", "m49", "TWN"),
        ("Chinese Taipei", None, "TWN"),
        ("2003", "m49", "XXX"),
        ("Congo", None, "COG"),
        ("DR Congo", None, "COD"),
        ("Dominica", None, "DMA"),
        ("Dominican Republic", None, "DOM"),
        ("Guinea", None, "GIN"),
        ("Korea", None, "KOR"),
        ("North Korea", None, "PRK"),
        ("Samoa", None, "WSM"),
        ("Ireland", None, "IRL"),
        ("Sint Maarten", None, "SXM"),
        ("Saint Martin", None, "MAF"),
        ("KSA", None, "SAU"),
        ("Cote d'Ivore", None, "CIV"),
        ("The former Yugoslav Republic of Macedonia", "name", "MKD"),
        ("TFYR Macedonia", "name", "MKD"),
        ("China, Hong Kong Special Administrative Region", "name", "HKG"),
        ("China, Macao Special Administrative Region", "name", "MAC"),
        ("Micronesia (Federated States of)", "name", "FSM"),
        ("Libyan Arab Jamahiriya", "name", "LBY"),
        ("Occupied Palestinian Territory", "name", "PSE"),
        ("Korea, Dem. Rep.", "name", "PRK"),
        ("Macedonia, FYR", "name", "MKD"),
        ("Yemen, Rep.", "name", "YEM"),
    ],
)
def test_the_pairs_that_are_easily_mistaken(text: str, scheme: Scheme | None, iso3: str) -> None:
    assert find(text, scheme) == iso3


@pytest.mark.parametrize(
    ("text", "scheme"),
    [
        ("Germny", None),
        ("de", None),  # a code is matched as written
        ("EL", None),  # Eurostat's code, and the scheme was not named
        ("GR", "eurostat"),
        ("GB", "eurostat"),
        ("XKX", "oecd"),
        ("900", "m49"),
        ("Micronesia", "name"),  # a region at the UN and Eurostat
        ("World", "name"),
        ("Northern America", "name"),
        ("EU27_2020", None),
        ("", None),
        ("*", None),
    ],
)
def test_what_is_no_area_is_refused(text: str, scheme: Scheme | None) -> None:
    with pytest.raises(UnknownNameError):
        find(text, scheme)


@pytest.mark.parametrize(
    ("text", "scheme", "suggestion"),
    [
        ("Germny", None, "Germany (DEU)"),
        ("EL", None, "Greece (GRC)"),
        ("GR", "eurostat", "Greece (EL)"),
        ("XKV", None, "Kosovo (XKX)"),
        ("Micronesia", None, "Micronesia (Fed. States of) (FSM)"),
    ],
)
def test_the_error_suggests_the_nearest(text: str, scheme: Scheme | None, suggestion: str) -> None:
    with pytest.raises(UnknownNameError) as caught:
        find(text, scheme)
    assert suggestion in caught.value.hint


def test_an_area_is_looked_up_by_iso3_alone() -> None:
    assert area("XKX").oecd == "XKV"
    with pytest.raises(UnknownNameError, match="Germany"):
        area("DE")


def test_a_crosswalk_is_read_only_and_its_scheme_known() -> None:
    with pytest.raises(TypeError):
        crosswalk("iso2")["QQ"] = "QQQ"  # type: ignore[index]
    with pytest.raises(UnknownNameError, match="eurostat"):
        crosswalk(cast("Scheme", "fips"))


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_crosswalk_maps_a_column(scheme: Scheme) -> None:
    import pandas as pd

    known = next(iter(crosswalk(scheme)))
    mapped = pd.Series([known, "no such area"]).map(crosswalk(scheme))
    assert mapped[0] == crosswalk(scheme)[known]
    assert mapped.isna().tolist() == [False, True]


def test_groups() -> None:
    assert len(group("eu27")) == 27
    assert set(group("eu28")) - set(group("eu27")) == {"GBR"}
    assert set(group("eu27")) < set(group("eu28"))
    assert group("efta") == ("CHE", "ISL", "LIE", "NOR")
    assert len(group("oecd")) == 38
    assert {"COL", "CRI", "KOR", "TUR"} <= set(group("oecd"))
    with pytest.raises(UnknownNameError, match="eu27, eu28"):
        group("EU27")


def test_expand_keeps_the_order_and_takes_away() -> None:
    assert expand(["NO", "Iceland", "efta"]) == ("NOR", "ISL", "CHE", "LIE")
    assert set(group("un-desa")) - set(expand(["un-desa", "-SRB"])) == {"SRB"}
    assert expand(["-eu27", "eu28"]) == ("GBR",)
    assert expand([]) == ()
    with pytest.raises(UnknownNameError, match="eu27"):
        expand(["eu-27"])


@given(st.lists(st.sampled_from([*crosswalk("iso3"), "efta", "oecd"]), max_size=6), st.sampled_from(group("oecd")))
def test_expand_repeats_nothing_and_a_removal_holds_wherever_it_stands(entries: list[str], out: str) -> None:
    expanded = expand([*entries, f"-{out}"])
    assert len(set(expanded)) == len(expanded)
    assert expanded == expand([f"-{out}", *entries]) == tuple(iso3 for iso3 in expand(entries) if iso3 != out)
