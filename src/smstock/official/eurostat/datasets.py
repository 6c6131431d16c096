"""What Eurostat's data sets are: which table of smstock each is for, and why others are none.

Population on 1 January: ``migr_pop1ctz`` and ``migr_pop2ctz`` by citizenship, ``migr_pop3ctb`` and ``migr_pop4ctb`` by
country of birth, ``demo_pjan``, ``demo_pjangroup``, ``demo_pjanbroad`` and ``demo_gind`` of all persons. Of the Labour
Force Survey, annual averages: ``edat_lfs_9911`` and ``edat_lfs_9912`` (shares by education), ``lfsa_pganws`` and
``lfsa_pgacws`` (persons by labour status). Of the survey on the use of ICT: ``isoc_ci_ifp_iu`` and ``isoc_ci_ac_i``.
``demo_poppcctb`` and ``demo_poppcctz`` give the shares of the sexes by birth and by citizenship.

By region (NUTS): ``cens_21cob_r3`` and ``cens_21ctz_r3``, the census of 2021 by country of birth and by citizenship;
``demo_r_d2jan``, ``demo_r_pjangroup``, ``demo_r_pjanaggr3``, ``demo_r_pjangrp3``, the population on 1 January;
``lfst_r_lfsd2pwc`` and ``lfst_r_lfsd2pwn``, persons by labour status. Each country chose the day of its census; the
middle of the year stands for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from smstock.errors import OfficialFileError
from smstock.tables import INDICATOR, POPULATION, STOCK

if TYPE_CHECKING:
    from collections.abc import Collection

    from smstock.official.rawfile import RawFile
    from smstock.tables import Contract


@dataclass(frozen=True)
class Dataset:
    """A data set that is read.

    Parameters
    ----------
    contracts
        The tables it is for.
    origin
        Dimension of the origin; empty if it has none.
    indicator, category
        What an indicator measures, and the dimension of its classes; empty if it is none or has none.
    day
        Month and day its figures are for; of an annual average, the middle of the year.
    """

    contracts: tuple[Contract, ...]
    origin: str = ""
    indicator: str = ""
    category: str = ""
    day: str = "01-01"

    @property
    def concept(self) -> str:
        """Whom an origin counts: the foreign-born or foreign citizens."""
        return {"c_birth": "birth", "citizen": "citizenship"}[self.origin]

    @property
    def every_origin(self) -> str:
        """Code of the origin that counts all migrants: of foreign citizenship or none, or born in another country."""
        return {"c_birth": "FOR", "citizen": "FOR_STLS"}[self.origin]


_BY_CITIZENSHIP = Dataset((STOCK, POPULATION), "citizen")
_BY_BIRTH = Dataset((STOCK, POPULATION), "c_birth")
_POPULATION = Dataset((POPULATION,))
_MIDDLE = "07-01"

DATASETS = {
    "migr_pop1ctz": _BY_CITIZENSHIP,
    "migr_pop2ctz": _BY_CITIZENSHIP,
    "migr_pop3ctb": _BY_BIRTH,
    "migr_pop4ctb": _BY_BIRTH,
    "demo_pjan": _POPULATION,
    "demo_pjangroup": _POPULATION,
    "demo_pjanbroad": _POPULATION,
    "demo_gind": _POPULATION,
    "demo_r_d2jan": _POPULATION,
    "demo_r_pjangroup": _POPULATION,
    "demo_r_pjanaggr3": _POPULATION,
    "demo_r_pjangrp3": _POPULATION,
    "cens_21cob_r3": Dataset((STOCK, POPULATION), "c_birth", day=_MIDDLE),
    "cens_21ctz_r3": Dataset((STOCK, POPULATION), "citizen", day=_MIDDLE),
    "lfst_r_lfsd2pwn": Dataset((INDICATOR,), "citizen", "labour_status", "wstatus", _MIDDLE),
    "lfst_r_lfsd2pwc": Dataset((INDICATOR,), "c_birth", "labour_status", "wstatus", _MIDDLE),
    "demo_poppcctb": Dataset((INDICATOR,), "c_birth", "sex_share"),
    "demo_poppcctz": Dataset((INDICATOR,), "citizen", "sex_share"),
    "edat_lfs_9911": Dataset((INDICATOR,), "citizen", "education", "isced11", _MIDDLE),
    "edat_lfs_9912": Dataset((INDICATOR,), "c_birth", "education", "isced11", _MIDDLE),
    "lfsa_pganws": Dataset((INDICATOR,), "citizen", "labour_status", "wstatus", _MIDDLE),
    "lfsa_pgacws": Dataset((INDICATOR,), "c_birth", "labour_status", "wstatus", _MIDDLE),
    "isoc_ci_ifp_iu": Dataset((INDICATOR,), "", "internet_use", "indic_is", _MIDDLE),
    "isoc_ci_ac_i": Dataset((INDICATOR,), "", "social_network_use", "indic_is", _MIDDLE),
}

_EVENTS = {
    "migr_imm": "immigrations",
    "migr_emi": "emigrations",
    "migr_acq": "acquisitions of citizenship",
    "migr_res": "residence permits",
    "migr_asy": "asylum applications and decisions",
    "migr_ei": "measures against irregular migration",
}
_RATES = ("lfsa_ar", "lfsa_er", "lfsa_ur", "une_rt")
_STOCKS = "for stocks download migr_pop3ctb (by birth) or migr_pop1ctz (by citizenship)"


def dataset(file: RawFile, name: str) -> Dataset:
    """Return what a data set is.

    Raises
    ------
    OfficialFileError
        It is none that is read; the message says why, and what to take instead.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.official.rawfile import RawFile
    >>> file = RawFile(Path("a.json"), "text", b"")
    >>> dataset(file, "migr_pop3ctb").concept
    'birth'
    >>> dataset(file, "migr_imm1ctz")
    Traceback (most recent call last):
    smstock.errors.OfficialFileError: a.json is Eurostat's migr_imm1ctz: it counts immigrations; a flow is no stock
      next:    for stocks download migr_pop3ctb (by birth) or migr_pop1ctz (by citizenship)
    """
    if name in DATASETS:
        return DATASETS[name]
    events = next((events for prefix, events in _EVENTS.items() if name.startswith(prefix)), "")
    if events:
        why = f"it counts {events}; a flow is no stock"
    elif name.startswith(_RATES):
        why = "it holds rates of the labour market, from which no number of persons follows"
    else:
        raise OfficialFileError(
            f"{file.path} is Eurostat's {name}, which is not read", allowed=", ".join(DATASETS), hint=_STOCKS
        )
    raise OfficialFileError(f"{file.path} is Eurostat's {name}: {why}", hint=_STOCKS)


def inferred(file: RawFile, dimensions: Collection[str], unit: str, *, by_region: bool = False) -> str:
    """Return the data set of a file that does not name it, from its dimensions and the unit of its first line.

    Only dimensions that a single data set has tell it: deaths by age and sex have those of the population by age and
    sex, and a rate those of a share. With figures of regions it is the data set by region of the same dimensions.

    Parameters
    ----------
    by_region
        Whether it has figures of regions, and of 2021 alone where the census has these dimensions.

    Raises
    ------
    OfficialFileError
        They do not tell it; the message says what to write in the sidecar.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.official.rawfile import RawFile
    >>> inferred(RawFile(Path("a.tsv"), "text", b""), ("freq", "c_birth", "age", "unit", "sex", "geo"), "NR")
    'migr_pop3ctb'
    """
    if file.origin and file.origin.dataset:
        return file.origin.dataset.lower()
    telling = frozenset(dimensions) - {"freq", "geo"}
    for name, (signature, units) in _SIGNATURES.items():
        if telling == signature and unit in units:
            return _BY_REGION.get(name, name) if by_region else name
    by = ", ".join(sorted(telling))
    raise OfficialFileError(
        f"{file.path} is a table of Eurostat and does not say of which data set; permits, arrivals and "
        "deaths are flows and no stocks, rates are no shares",
        where=f"dimensions {by}; unit {unit or 'not stated'}",
        allowed=", ".join(DATASETS),
        hint=f'if it is one of these, write dataset = "..." in its sidecar (docs/providers shows one); else {_STOCKS}',
    )


_SIGNATURES = {
    "migr_pop1ctz": (frozenset({"citizen", "age", "unit", "sex"}), ("NR",)),
    "migr_pop3ctb": (frozenset({"c_birth", "age", "unit", "sex"}), ("NR",)),
    "edat_lfs_9911": (frozenset({"citizen", "age", "unit", "sex", "isced11"}), ("PC",)),
    "edat_lfs_9912": (frozenset({"c_birth", "age", "unit", "sex", "isced11"}), ("PC",)),
    "lfsa_pganws": (frozenset({"citizen", "age", "unit", "sex", "wstatus"}), ("THS_PER", "THS")),
    "lfsa_pgacws": (frozenset({"c_birth", "age", "unit", "sex", "wstatus"}), ("THS_PER", "THS")),
}

_BY_REGION = {
    "migr_pop1ctz": "cens_21ctz_r3",
    "migr_pop3ctb": "cens_21cob_r3",
    "lfsa_pganws": "lfst_r_lfsd2pwn",
    "lfsa_pgacws": "lfst_r_lfsd2pwc",
}
"""Data sets by region that have the dimensions of one by country."""
