"""Sexes as statistical offices write them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from smstock.errors import OfficialFileError
from smstock.official.columns import mapped

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    import pandas as pd

_FEMALE: Final = (
    "kvinder kvinde kvinner kvinne kvinnor kvinna frauen frau weiblich femmes femme féminin vrouwen vrouw mujeres mujer"
    " femenino donne donna femmine femmina mulheres mulher feminino konur naiset nainen kobiety ženy žene žena"
    " ženski жене женски женщины nők femei moterys sievietes naised γυναίκες θήλεις"
)
_MALE: Final = (
    "mænd menn män männer männlich hommes homme masculin mannen hombres hombre varones masculino uomini uomo maschi"
    " maschio homens homem karlar miehet mies mężczyźni muži muškarci muškarac muški мушкарци мушки мужчины férfiak"
    " erkek bărbați vyrai vīrieši mehed άνδρες άρρενες"
)
_ALL: Final = (
    "ambos sexos",
    "os dois sexos",
    "homens e mulheres",
    "les deux sexes",
    "entrambi i sessi",
    "beide geslachten",
    "beide geschlechter",
    "begge kjønn",
    "begge køn",
    "båda könen",
    "oba pola",
    "оба пола",  # noqa: RUF001
    "molemmat sukupuolet",
)

LABELS: Final = (
    dict.fromkeys(_FEMALE.split(), "female") | dict.fromkeys(_MALE.split(), "male") | dict.fromkeys(_ALL, "all")
)
"""Sex of labels in other languages than English, in small letters, as a guess has them for somebody to look at."""

TOTALS: Final = frozenset(
    (
        *("i alt", "insgesamt", "gesamt", "totalt", "totalt antall", "totale", "totaal", "totaux", "ensemble", "tous"),
        *("begge", "yhteensä", "ogółem", "ukupno", "укупно", "celkem", "samtals", "összesen"),
    )
)
"""Labels for all persons, in small letters, which mean both sexes where the heading says that sexes follow."""


def sexes(
    texts: pd.Series, sex_of: Mapping[str, str], place: Callable[[int], str], *, unknown: Collection[str] = ()
) -> pd.Series:
    """Return the sex that each code or label stands for.

    Parameters
    ----------
    sex_of
        Sex of a code or label; one that is not in it as written is looked for in lower case.
    place
        How an error names the cell of a position: file, and line or column.
    unknown
        Texts that stand for an unknown sex; it is missing.

    Raises
    ------
    OfficialFileError
        A text is none of these; the message names the first.

    Examples
    --------
    >>> import pandas as pd
    >>> sexes(pd.Series(["F", "T"]), {"F": "female", "T": "all"}, str).tolist()
    ['female', 'all']
    >>> sexes(pd.Series(["F", "D"]), {"F": "female", "T": "all"}, lambda row: f"a.csv, line {row + 2}")
    Traceback (most recent call last):
    smstock.errors.OfficialFileError: 'D' is no sex
      where:   a.csv, line 3
      allowed: F, T
      next:    mend the cell, or take the provider's file unchanged
    """
    sex = mapped(texts, lambda text: sex_of.get(text) or sex_of.get(text.casefold()))
    wrong = (sex.isna() & ~texts.isin(list(unknown))).to_numpy()
    if wrong.any():
        row = int(wrong.argmax())
        raise OfficialFileError(
            f"{texts.iloc[row]!r} is no sex",
            where=place(row),
            allowed=", ".join([*sex_of, *unknown]),
            hint="mend the cell, or take the provider's file unchanged",
        )
    return sex
