"""What a column looks like, by its heading and by its content, to somebody who knows neither file nor author."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final, Literal
from unicodedata import normalize

from smstock.official.copies import SEXES
from smstock.official.gazetteer import area_of
from smstock.official.grid import FIGURE, MARKS, is_unnamed, repeated
from smstock.official.mapped import names_one, no_count
from smstock.official.sexes import LABELS, TOTALS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

Content = Literal["areas", "years", "days", "sexes", "ages", "figures", "texts", "nothing"]

WORDS: Final = {
    "destination": "destination dest to target destino host residence receiving reporting reporter residencia"
    " residenza zielland accueil",
    "origin": "origin orig from source partner birthplace origen origine birth born citizenship citizen citizens"
    " nationality sending home nascita nascimento naissance nacimiento nationalité landbakgrunn",
    "area": "country countries land länder pais país países pays paese paesi nation area economy state"
    " territory territorio territoire gebiet staat država држава kraj země zemlja земља maa ország",
    "year": "year yr time period año ano jahr année annee anno år date tid jaar periodo período periode årtal",
    "sex": "sex gender sexo sexe geschlecht kjønn kön køn sesso pol pol пол kyn geslacht sukupuoli",
    "age": "age ages edad alter âge alder idade età ålder leeftijd",
    "flags": "flag flags status obsflag obsstatus",
    "value": "stock stocks migrants immigrants value values obs count number persons people population pop total n"
    " valor wert valeur anzahl effectif antal antall aantal número numero personer personen personas persone",
}
"""Words of headings by the entry that they point to."""

STEMS: Final = {
    "destination": "bopæl bosted bostedsland bosættelse bosättning wohnsitz opholdsland oppholdsland vistelse wohnland"
    " aufenthaltsland aufnahmeland bestemming woonland destinazione destinação residência résidence asuinmaa"
    " prebivališ boravišt пребивалишт",
    "origin": "oprindelse opprinnelse opphav ursprung herkunft herkomst provenien provenance fødeland fødested"
    " fødselsland födelseland födelseregion geburtsland geburtsstaat geburtsort geboorteland statsborger medborgar"
    " staatsangehörig staatsbürger staatsburger nationalit nasjonalit nacionalid nazionalit cittadinanz ciudadan"
    " cidadan citoyennet naturalidad kansalais syntymä obywatelst urodzeni občanstv narození državljan rođenja"
    " држављан рођења гражданств рождения állampolg uyru vatandaş cetățeni ríkisfang υπηκοότητα ιθαγένεια",
}
"""Beginnings of words of headings, compounds too, in languages that join them."""

POPULATION: Final = frozenset(
    "population pop inhabitants residents población poblacion bevölkerung popolazione população befolkning folketal"  # noqa: SIM905
    " folkemengde folkmängd einwohner bevolking inwoners habitants habitantes abitanti väestö становништво".split()
)
"""Words of a heading of figures for everybody."""

MIGRANTS: Final = frozenset("migrants migrant immigrants immigrant foreign born stock sm citizens".split())  # noqa: SIM905
"""Words of a heading that is of no figures for everybody."""

MOST_LABELS: Final = 50
"""Texts of a column of labels, at most."""

_HALF: Final = 0.5
_MOST: Final = 0.6
_NEARLY_ALL: Final = 0.9
_EXAMPLES: Final = 3
# words that point to an area where areas stand below, and mean much else where no known area does
_VAGUE: Final = frozenset(("source", "to", "from", "home", "target", "host", "partner"))
_OF_PARTS: Final = frozenset(
    "region province provincia municipality municipio kommune kommun comune gemeente gemeinde county fylke län district"  # noqa: SIM905
    " canton kanton bundesland status type permit duration length reason purpose cohort order year month".split()
)
_SETTLEMENTS: Final = frozenset(("urban", "rural", "total", "all", "both"))
_NO_AREAS: Final = frozenset(("unit", "units", "freq", "frequency", "indicator", "variant", "measure", "series"))
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d\b.*")
_IN_HEADING: Final = {"year": re.compile("(?:19|20)[0-9]{2}"), "age": re.compile("[0-9]")}
_NUMBERED: Final = re.compile(r"(?:column 1|unnamed: 0|index|id|rank|no\.?|s\.no\.?|#|rownames?)", re.IGNORECASE)


@dataclass(frozen=True)
class Likeness:
    """A column: its heading, its different texts in the order of their first rows, and what stands above it."""

    heading: str
    texts: tuple[str, ...]
    above: str = ""

    @property
    def name(self) -> str:
        """The heading as it stands in the file, though other columns share it."""
        return repeated(self.heading) or self.heading

    @cached_property
    def words(self) -> frozenset[str]:
        """Words of the heading, in small letters: ``destinationISO3`` has destination and iso3."""
        heading = (self.above if is_unnamed(self.heading) else "") or self.heading
        parted = re.sub(r"(?<=[a-zß-ÿ])(?=[A-Z])", " ", normalize("NFC", heading)).casefold()
        return frozenset(re.findall(r"[^\W_]+", parted))

    @cached_property
    def filled(self) -> tuple[str, ...]:
        """Texts that are no mark of a missing figure; ``NA`` may be Namibia."""
        return tuple(text for text in self.texts if text not in MARKS or text == "NA")

    def points_to(self, entry: str) -> bool:
        """Return whether the heading is, or has, a word for an entry."""
        # iso3_o and iso3_d, as tables of gravity models have it
        is_gravity = entry in ("origin", "destination") and self.heading.casefold().endswith(f"_{entry[0]}")
        return is_gravity or bool(self._words_for(entry))

    def _words_for(self, entry: str) -> set[str]:
        words = {word.rstrip("0123456789") for word in self.words} | self.words
        stems = tuple(STEMS.get(entry, "").split())
        return words & set(WORDS[entry].split()) | {word for word in words if stems and word.startswith(stems)}

    @cached_property
    def content(self) -> Content:
        """What stands in the column, whatever its heading says; what only one kind of text can be comes first."""
        texts = self.filled
        known = sum(area_of(text) is not None for text in texts)
        figures = sum(FIGURE.fullmatch(text) is not None for text in texts if text != "NA")
        ages = sum(names_one(text, "age") for text in texts)
        of_areas = self.points_to("area") or (known and (self.points_to("destination") or self.points_to("origin")))
        tests: tuple[tuple[Content, bool], ...] = (
            ("nothing", not texts),
            ("ages", self.points_to("age") and all(_is_age(text) for text in texts)),
            ("sexes", self._is_of_sexes),
            ("years", all(names_one(text, "year") for text in texts) and not self._is_rather_of_figures),
            ("days", all(_DAY.fullmatch(text) for text in texts)),
            ("areas", self.is_of_codes),
            ("figures", figures >= _MOST * max(len(texts) - ("NA" in texts), 1)),
            ("ages", ages >= _NEARLY_ALL * len(texts)),
            ("areas", self._is_of_names),
            # NR, a unit of Eurostat, is Nauru too
            ("areas", (of_areas or known >= _MOST * len(texts)) and not self.words & _NO_AREAS),
        )
        return next((content for content, holds in tests if holds), "texts")

    @property
    def _is_rather_of_figures(self) -> bool:
        return self.points_to("value") and not self.points_to("year")

    @property
    def _is_of_names(self) -> bool:
        """Whether the heading says, without a doubt, that areas follow, and labels do: their names in any language."""
        if self.words & _OF_PARTS or not (self._words_for("destination") | self._words_for("origin")) - _VAGUE:
            return False
        labels = [text for text in self.filled if not any(map(str.isdigit, text))]
        is_settlement = {text.casefold() for text in self.filled} <= _SETTLEMENTS
        return len(labels) > _HALF * len(self.filled) and not is_settlement

    @property
    def _is_of_sexes(self) -> bool:
        """Whether nearly all texts are sexes, and more than the total is or the heading says so."""
        sexes = [sex for text in self.filled if (sex := sex_of(text, in_column=self.points_to("sex")))]
        return len(sexes) >= _NEARLY_ALL * len(self.filled) and (self.points_to("sex") or set(sexes) != {"all"})

    @property
    def is_of_codes(self) -> bool:
        """Whether numbers are the numeric codes of the UN: most are, and the heading says that areas follow."""
        if not self.words & {"code", "m49", "loc", "location", "country", "area", "num", "iso"} and not (
            self.points_to("destination") or self.points_to("origin")
        ):
            return False
        is_number = all(text.removesuffix(".0").isdecimal() for text in self.filled)
        return is_number and sum(area_of(text) is not None for text in self.filled) >= _MOST * len(self.filled)

    @property
    def is_numbering(self) -> bool:
        """Whether the column only numbers the rows."""
        return _NUMBERED.fullmatch(self.heading) is not None

    @property
    def sex(self) -> str:
        """The sex that a word of the heading is, or the whole of it; empty if none is."""
        return next(filter(None, map(sex_of, (self.name, *sorted(self.words)))), "")

    @property
    def is_of_destinations(self) -> bool:
        """Whether figures are the World Bank's indicator of migrants, whose areas are destinations."""
        return self.heading.upper().startswith("SM.POP")

    @property
    def is_no_count(self) -> str:
        """What the heading says that figures are, if they are no stock or population; else empty."""
        return no_count(self.heading)

    @property
    def of_no_count(self) -> tuple[str, ...]:
        """Its texts that say that figures are no stock or population; none where it has very many texts."""
        return tuple(filter(no_count, self.filled)) if len(self.filled) <= MOST_LABELS else ()

    @property
    def is_of_everybody(self) -> bool:
        """Whether the heading says that figures are a population."""
        return bool(self.words & POPULATION) and not self.words & MIGRANTS

    @property
    def examples(self) -> str:
        """Some of its texts."""
        more = ", ..." if len(self.texts) > _EXAMPLES else ""
        return ", ".join(text or "(empty)" for text in self.texts[:_EXAMPLES]) + more


def figures_beside(columns: Sequence[Likeness], of_figures: Collection[str], single: str = "") -> list[Likeness]:
    """Return the columns of figures that stand among those that are read, and are none of them.

    They stand right of the first, or their heading has a year or an age that is not written as one. Where headings are
    neither years, sexes nor ages, as ``single`` has it, a column of figures is such if it has no heading.

    Examples
    --------
    >>> columns = [Likeness(heading, ("5", "7")) for heading in ("rank", "2015*", "2020", "2021 (p)", "% change")]
    >>> [column.heading for column in figures_beside(columns, ["2020"], "year")]
    ['2015*', '2021 (p)']
    >>> figures_beside(columns, ["2020"])
    []
    """
    headings = [column.heading for column in columns]
    first = min((place for place, heading in enumerate(headings) if heading in of_figures), default=len(headings))
    behind = [column for column in columns[first:] if single or is_unnamed(column.heading)]
    before = [
        column for column in columns[:first] if single in _IN_HEADING and _IN_HEADING[single].search(column.heading)
    ]
    return [
        column
        for column in (*before, *behind)
        if column.heading not in of_figures and column.content == "figures" and not column.is_no_count
    ]


def _is_age(text: str) -> bool:
    return text.casefold() == "total" or names_one(text, "age")


def sex_of(text: str, *, in_column: bool = False) -> str:
    """Return the sex that a label of any language surely is; empty if it may be none.

    Parameters
    ----------
    in_column
        Whether its heading says that sexes follow, so that a total is both.

    Examples
    --------
    >>> sex_of("Males"), sex_of("Mujeres"), sex_of("Insgesamt"), sex_of("Insgesamt", in_column=True)
    ('male', 'female', '', 'all')
    """
    label = " ".join(normalize("NFC", text).split()).casefold()
    return SEXES.get(label) or LABELS.get(label) or ("all" if in_column and label in TOTALS else "")


def scheme(texts: Iterable[str]) -> int:
    """Return how good the texts of a column name areas: codes of three letters best, then names, two letters, numbers.

    Examples
    --------
    >>> scheme(["DEU", "SRB"]), scheme(["Germany"]), scheme(["DE"]), scheme(["276"])
    (3, 2, 1, 0)
    """
    lengths = {len(text) for text in texts if text and not text.isdecimal()}
    if not lengths:
        return 0
    return 3 if lengths == {len("DEU")} else 1 if lengths == {len("DE")} else 2
