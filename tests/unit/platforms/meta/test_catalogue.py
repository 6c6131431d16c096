from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smstock.errors import UnknownNameError
from smstock.platforms.meta import locales
from smstock.platforms.meta.catalogue import WITHOUT_ORIGIN, Behavior, category, changes, lived_in
from smstock.vocabulary import countries

if TYPE_CHECKING:
    from random import Random

PREFERRED = [each for each in lived_in() if each.preferred]
SECOND = [each for each in lived_in() if not each.preferred]
FOLDER = ("Behaviors", "Expats")


def behavior(number: str, place: str, folder: tuple[str, ...] = FOLDER) -> Behavior:
    name = f"Lived in {place} (Formerly Expats - {place})"
    return Behavior(number, name, (*folder, name))


def live(folder: tuple[str, ...] = FOLDER) -> dict[str, Behavior]:
    """The list as it was on 31 March 2026, by origin, among other behaviours."""
    places = {
        each.origin: behavior(each.behavior_id, each.name.removeprefix("Lived in "), folder) for each in PREFERRED
    }
    general = {name: Behavior(number, name, (*folder, name)) for number, name in WITHOUT_ORIGIN.items()}
    devices = {"android": Behavior("6004386044572", "Android", ("Behaviors", "Mobile device user", "Android"))}
    return places | general | devices


def test_the_list_of_march_2026_is_as_shipped() -> None:
    found = changes(live().values())
    assert found.none
    assert not found.translated


def test_the_second_id_of_an_origin_may_be_there_or_not() -> None:
    assert [each.origin for each in SECOND] == ["USA"]
    assert changes([*live().values(), behavior(SECOND[0].behavior_id, "United States")]).none


def test_a_category_that_is_gone_is_removed() -> None:
    listed = live()
    del listed["SRB"]
    found = changes(listed.values())
    assert [gone.origin for gone in found.removed] == ["SRB"]
    assert (found.added, found.renamed) == ((), ())
    assert not found.none


def test_a_category_beside_the_known_ones_is_added_and_no_other_behaviour() -> None:
    new = behavior("1", "Ukraine")
    assert changes([*live().values(), new]).added == (new,)


@pytest.mark.parametrize("folder", [("Ex-pats",), ("Behaviors", "Expatriados"), ()])
def test_the_folder_may_be_called_anything(folder: tuple[str, ...]) -> None:
    listed = live(folder)
    new = behavior("1", "Ukraine", folder)
    added = changes([*listed.values(), new]).added
    # without a folder, the path holds the name alone, and nothing tells a neighbour
    assert added == ((new,) if folder else ())


def test_a_list_without_paths_adds_nothing() -> None:
    listed = [Behavior(each.behavior_id, each.name) for each in [*live().values(), behavior("1", "Ukraine")]]
    assert changes(listed).none


def test_a_new_id_with_the_old_name_is_one_removed_and_one_added() -> None:
    listed = live() | {"SRB": behavior("1", "Serbia")}
    found = changes(listed.values())
    assert [gone.origin for gone in found.removed] == ["SRB"]
    assert [new.behavior_id for new in found.added] == ["1"]


@pytest.mark.parametrize(
    ("name", "renamed"),
    [
        ("Lived in Serbia", False),
        (" Lived in Serbia (formerly Expats - Serbia) ", False),
        ("Lived in Serbia (Formerly Expats - Serbia (Republic))", False),
        ("Expats (Serbia)", True),
        ("Lived in Serbia and Montenegro", True),
        ("", True),
    ],
)
def test_a_name_is_compared_without_the_former_one(name: str, *, renamed: bool) -> None:
    listed = live()
    listed["SRB"] = Behavior(listed["SRB"].behavior_id, name, listed["SRB"].path)
    found = changes(listed.values())
    assert [(category.origin, new) for category, new in found.renamed] == ([("SRB", name)] if renamed else [])


def test_a_list_in_another_language_renames_nothing() -> None:
    spanish = [
        Behavior(each.behavior_id, each.name.replace("Lived in", "Vivieron en"), each.path) for each in live().values()
    ]
    found = changes(spanish)
    assert found.none
    assert found.translated


@given(st.sets(st.sampled_from([each.origin for each in PREFERRED])), st.randoms(use_true_random=False))
def test_what_is_taken_out_is_what_is_removed(gone: set[str], random: Random) -> None:
    listed = [each for origin, each in live().items() if origin not in gone]
    random.shuffle(listed)
    found = changes(listed)
    assert {each.origin for each in found.removed} == gone
    assert (found.added, found.renamed) == ((), ())


def test_an_origin_without_a_category_is_named_and_the_language_not_offered_as_the_same() -> None:
    with pytest.raises(UnknownNameError, match="Ukraine") as caught:
        category("UKR")
    assert "different population" in caught.value.hint


def test_languages_are_of_known_areas_and_each_is_used_in_the_state_it_stands_for() -> None:
    spoken = {origin for locale in locales.known() for origin in locale.spoken_in}
    assert all(countries.area(origin).iso3 == origin for origin in spoken)
    assert all(locale.origin in ("", locale.spoken_in[0]) for locale in locales.known())
    assert len({locale.number for locale in locales.known()}) == len(locales.known())


def test_a_language_of_several_states_stands_for_none_and_says_why() -> None:
    of_several = {locale.language: locale.note for locale in locales.known() if not locale.origin}
    assert {"English (US)", "Spanish", "Arabic", "Russian", "German", "Portuguese (Portugal)", "Albanian"} <= {
        *of_several
    }
    assert all(of_several.values())
    shared = [locale for locale in locales.known() if locale.origin and len(locale.spoken_in) > 1]
    assert {locale.language for locale in shared} == {"Turkish", "Romanian", "Croatian", "Greek", "Serbian"}
    assert all(locale.note for locale in shared)


def test_locales_have_the_ids_that_were_published() -> None:
    # field reports of GET /search?type=adlocale
    published = {17: "Russian", 19: "Turkish", 28: "Arabic", 42: "Serbian", 52: "Ukrainian", 55: "Bosnian",
                 79: "Macedonian", 87: "Albanian", 91: "Uzbek"}  # fmt: skip
    assert published.items() <= {locale.number: locale.language for locale in locales.known()}.items()
