"""Education in a query and in official files: which level a group stands for, and the figures that a spec names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smstock.errors import InputError
from smstock.platforms.meta import schooling
from smstock.query.meta import MetaQuery
from smstock.tables import INDICATOR
from smstock.vocabulary.schooling import LEVELS, WORDS

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

    from smstock.query.spec import QuerySpec
    from smstock.workflows.calibration_spec import CalibrationSpec


def levels_of(query: QuerySpec | None) -> dict[str, str]:
    """Return the level that each group of education of a query stands for; none where it has no such groups.

    Examples
    --------
    >>> groups = {"school": ("high_school",), "tertiary": ("alum",)}
    >>> query = MetaQuery(name="q", origins=("SRB",), destinations=("AUT",), ages="18+", education=groups)
    >>> levels_of(query), levels_of(None)
    ({'school': 'isced0-2', 'tertiary': 'isced5-8'}, {})
    """
    return schooling.levels(query) if isinstance(query, MetaQuery) else {}


def use_of_education(query: QuerySpec) -> str:
    """Return what estimates by education make of the groups of a query, and what is collected only.

    Examples
    --------
    >>> groups = {"tertiary": ("alum",)}
    >>> query = MetaQuery(name="q", origins=("SRB",), destinations=("AUT",), ages="18+", education=groups)
    >>> use_of_education(query)[:80]
    '`nowcast --by education` divides estimates by what official figures know of low,'
    """
    of_groups = levels_of(query)
    use = (
        "`nowcast --by education` divides estimates by what official figures know of low, medium and high education "
        "(ISCED 0-2, 3-4, 5-8)"
    )
    lacking = [WORDS[level].split(" ")[0] for level in LEVELS if level not in of_groups.values()]
    if lacking:
        return f"{use}; no group asked is {' or '.join(lacking)}: accounts are collected, and not used for it"
    stands = ", ".join(f"{name} is {WORDS[level].split(' ')[0]}" for name, level in of_groups.items())
    use = f"{use}; of the groups asked, {stands}, any other is collected only"
    mixed = schooling.mixed(query) if isinstance(query, MetaQuery) else {}
    notes = [f"{name} holds {', '.join(statuses)}, of another level" for name, statuses in mixed.items()]
    return "; ".join([use, *notes])


def read_education(spec: CalibrationSpec, store: Path | None = None) -> pd.DataFrame:
    """Return official figures by education, those to be preferred first; an empty table if the spec names no file.

    Of several concepts in the files, those that the spec names are taken where it names any of them.

    Examples
    --------
    >>> from smstock.workflows.calibration_spec import CalibrationSpec
    >>> from pathlib import Path
    >>> source = {"provider": "undesa", "edition": "2020", "concepts": ["birth"]}
    >>> dates = {"target_date": "2020-07-01", "known_until": "2015-07-01"}
    >>> len(read_education(CalibrationSpec(name="serbia", stock=[Path("stock.csv")], **source, **dates)))
    0

    Raises
    ------
    InputError
        The files have no figures by education.
    """
    import pandas as pd

    from smstock.official import readers  # here: a plan needs none

    if not spec.education:
        return pd.DataFrame(columns=INDICATOR.names)
    table = pd.concat([readers.read_indicator(path, store) for path in spec.education], ignore_index=True)
    rows = table[table["indicator"] == "education"]
    if rows.empty:
        raise InputError(
            f"{', '.join(map(str, spec.education))} has no figure by education",
            allowed="Eurostat edat_lfs_9912 or edat_lfs_9911, OECD DIOC or attainment by place of birth, tidy files",
            hint="mend education in the calibration file",
        )
    concepts = {concept for entry in spec.entries for concept in entry.concepts} | {""}
    of_spec = rows[rows["concept"].isin(concepts)]
    return of_spec if (of_spec["concept"] != "").any() else rows
