"""A workspace about a simulated world: what an office would have at hand, a query, a calibration, a job, and the truth.

::

    smstock.toml · queries/simulated.toml · calibration/simulated.toml
    calibration/simulated/stock.csv, population.csv, users.csv, truth.csv, each with its sidecar
    queries/spanish-regions.toml · queries/places/spanish-regions.toml · calibration/spanish-regions.toml
    calibration/spanish-regions/stock.csv, truth.csv: figures of most regions by sex and age, the truth of all
    queries/spanish-cities.toml · queries/places/spanish-cities.toml: cities beside regions, with the same calibration
    queries/simulated-languages.toml · calibration/simulated-languages/truth.csv: origins by language

Each file, or its sidecar, says that the figures are simulated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pandas as pd

from smstock.errors import InputError, UsageError
from smstock.folder import write_file
from smstock.official.beside import SUFFIX
from smstock.provenance import text_hash
from smstock.sandbox import figures
from smstock.sandbox.cities import by_code, cities
from smstock.sandbox.parameters import COMPILER, REGISTERS
from smstock.sandbox.regions import regions
from smstock.sandbox.world import month_after
from smstock.vocabulary import countries
from smstock.vocabulary.dates import check_wave
from smstock.vocabulary.facets import Ages

if TYPE_CHECKING:
    from pathlib import Path

    from smstock.sandbox.parameters import Provider
    from smstock.sandbox.world import World

DESTINATIONS: Final = ("eu27", "efta")
ORIGINS: Final = ("BRA", "COL", "IND", "MAR", "NGA", "PHL", "POL", "ROU", "SRB", "VEN")
EVERYBODY, AGES = Ages(0), Ages(18)

_YEARS_CARRIED: Final = 3
"""Years between the benchmark and the last figure that is taken as known before it."""
_WARNING: Final = "Simulated by `smstock sandbox`: no figure is about a real country."

_SETTINGS: Final = f"""# {_WARNING}

[job.simulated]
query = "queries/simulated.toml"
calibration = "calibration/simulated.toml"
"""

_QUERY: Final = f"""# {_WARNING}

name = "simulated"
title = "A simulated world: migrants in the European Union and EFTA"
platform = "meta"
origins = [{", ".join(f'"{origin}"' for origin in ORIGINS)}]
destinations = [{", ".join(f'"{name}"' for name in DESTINATIONS)}]
ages = "{AGES}"
breakdowns = [["sex"]]
metrics = ["mau"]
"""

_CALIBRATION: Final = """# {warning}

name = "simulated"
title = "A simulated world: migrants in the European Union and EFTA"

stock = "simulated/stock.csv"
provider = "{provider}"
edition = "{edition}"
concepts = ["{concept}"]
target_date = "{target}"
known_until = "{known}"

users = "simulated/users.csv"
population = "simulated/population.csv"
metric = "mau"
seed = 1
"""

LAND: Final = "ESP"
"""The country whose regions have a query of their own."""
GROUPS: Final = (Ages(18, 24), Ages(25, 44), Ages(45, 64), Ages(65))
SILENT: Final = ("ES-AR", "ES-CN", "ES-EX", "ES-NC", "ES-VC")
"""Regions without published figures: their stocks are told by audiences."""

_PLACES: Final = f"""# {_WARNING}
# Keys of the sandbox; those of Meta are found by `smstock catalogue places --country ES --type region`.

title = "The autonomous communities and cities of Spain"
reviewed = "2026-12-01"
covers = "{LAND}"
"""

_QUERY_OF_LAND: Final = f"""# {_WARNING}

name = "spanish-regions"
title = "A simulated world: migrants in the regions of Spain"
platform = "meta"
origins = [{", ".join(f'"{origin}"' for origin in ORIGINS)}]
place_sets = ["places/spanish-regions.toml"]
destinations = ["{LAND}", "spanish-regions"]
ages = "{AGES}"
breakdowns = [["sex", "age"]]
age_groups = [{", ".join(f'"{group}"' for group in GROUPS)}]
metrics = ["mau"]
"""

_CITIES: Final = f"""# {_WARNING}
# Keys of the sandbox; those of Meta are found by `smstock catalogue places --country ES --type city`.

title = "Cities of Spain"
reviewed = "2026-12-01"
"""

_QUERY_OF_CITIES: Final = f"""# {_WARNING}

name = "spanish-cities"
title = "A simulated world: migrants in the regions and cities of Spain"
platform = "meta"
origins = [{", ".join(f'"{origin}"' for origin in ORIGINS)}]
place_sets = ["places/spanish-regions.toml", "places/spanish-cities.toml"]
destinations = ["{LAND}", "spanish-regions", "spanish-cities"]
ages = "{AGES}"
metrics = ["mau"]
"""

LANGUAGES_OF: Final = ("POL", "ROU", "UKR")
"""Origins of the query by language; the world has no category for the last one."""

_QUERY_OF_LANGUAGES: Final = f"""# {_WARNING}

name = "simulated-languages"
title = "A simulated world: accounts by language in the European Union and EFTA"
platform = "meta"
origins = [{", ".join(f'"{origin}"' for origin in LANGUAGES_OF)}]
origin_basis = "language"
destinations = [{", ".join(f'"{name}"' for name in DESTINATIONS)}]
ages = "{AGES}"
breakdowns = [["sex"]]
metrics = ["mau"]
"""

_CALIBRATION_OF_LAND: Final = """# {warning}

name = "spanish-regions"
title = "A simulated world: migrants in the regions of Spain"

stock = "spanish-regions/stock.csv"
provider = "{provider}"
edition = "{edition}"
concepts = ["{concept}"]
target_date = "{target}"
known_until = "{known}"
by = ["sex", "age"]
metric = "mau"
seed = 1
"""

_SIDECAR: Final = """producer = "simulated by smstock"
title = "{title}"
edition = "{month}"
citation = "smstock sandbox world, {source}"
licence = "none needed: simulated"
retrieved = {month}-01
sha256 = "{sha256}"
notes = "{warning}"
"""


def write(world: World, folder: Path, *, month: str, source: str) -> list[Path]:
    """Write a workspace as it would be in a month and return its files; the same world and month give the same bytes.

    Parameters
    ----------
    world
        A world with the areas of :data:`DESTINATIONS`, the origins :data:`ORIGINS`, and the offices `REGISTERS` and
        `COMPILER`. What is true by language is told of those of :data:`LANGUAGES_OF` that are areas of it.
    folder
        A folder that is empty, or does not exist yet.
    month
        The present, ``YYYY-MM``: what is published by then is at hand, the audiences are of then.
    source
        Which world it is, such as ``seed 1``.

    Raises
    ------
    UsageError
        The world has no such month, or too little is published by then to calibrate and to look back.
    InputError
        The folder holds something already, or cannot be written.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> import numpy as np
    >>> from smstock.sandbox.simulation import simulate
    >>> areas = countries.expand(DESTINATIONS)
    >>> with TemporaryDirectory() as place:
    ...     world = simulate(np.random.default_rng(1), areas=areas, origins=ORIGINS)
    ...     files = write(world, Path(place, "simulated"), month="2026-11", source="seed 1")
    >>> files[-1].name, len(files)
    ('smstock.toml', 23)
    """
    first = world.parameters.first_month
    newest = month_after(first, world.parameters.months - 1)
    oldest = month_after(REGISTERS.first[:7], REGISTERS.lag + 12 * _YEARS_CARRIED)
    if not oldest <= check_wave(month, "month") <= newest:
        raise UsageError(f"nothing can be written for {month}", allowed=f"a month from {oldest} to {newest}")
    if folder.is_file() or (folder.is_dir() and any(folder.iterdir())):
        raise InputError(f"{folder} is not empty", hint="name a new folder; nothing is overwritten")
    editions = {office: figures.newest_edition(office, month) for office in (REGISTERS, COMPILER)}
    dates = figures.reference_dates(REGISTERS, month)
    texts = {
        "smstock.toml": _SETTINGS,
        "queries/simulated.toml": _QUERY,
        "calibration/simulated.toml": _CALIBRATION.format(
            warning=_WARNING,
            provider=REGISTERS.name,
            edition=editions[REGISTERS],
            concept=REGISTERS.concept,
            target=dates[-1],
            known=dates[-1 - _YEARS_CARRIED],
        ),
    }
    of_regions, of_cities = _entries()
    compiled = figures.reference_dates(COMPILER, month)
    texts |= {
        "queries/spanish-regions.toml": _QUERY_OF_LAND,
        "queries/places/spanish-regions.toml": _PLACES + of_regions,
        "queries/spanish-cities.toml": _QUERY_OF_CITIES,
        "queries/places/spanish-cities.toml": _CITIES + of_cities,
        "queries/simulated-languages.toml": _QUERY_OF_LANGUAGES,
        "calibration/spanish-regions.toml": _CALIBRATION_OF_LAND.format(
            warning=_WARNING,
            provider=COMPILER.name,
            edition=editions[COMPILER],
            concept=COMPILER.concept,
            target=compiled[-1],
            known=compiled[-2] if compiled[1:] else REGISTERS.first,
        ),
    }
    tables = {f"simulated/{name}": entry for name, entry in _tables(world, month, editions).items()}
    tables |= {f"spanish-regions/{name}": entry for name, entry in _of_land(world, month, editions[COMPILER]).items()}
    tables["simulated-languages/truth"] = (
        "The true stock of each corridor, and the true accounts by language",
        figures.truth_by_language(
            world,
            month,
            destinations=countries.expand(DESTINATIONS),
            origins=[origin for origin in LANGUAGES_OF if origin in world.areas],
            ages=AGES,
        ).round(2),
    )
    for name, (title, table) in tables.items():
        text = table.to_csv(index=False, float_format="%.15g", lineterminator="\n")
        texts[f"calibration/{name}.csv"] = text
        texts[f"calibration/{name}.csv{SUFFIX}"] = _SIDECAR.format(
            title=title, source=source, month=month, sha256=text_hash(text), warning=_WARNING
        )
    for name, text in texts.items():
        write_file(folder / name, text)
    return sorted(folder / name for name in texts)


def _entries() -> tuple[str, str]:
    """Return the entries of the regions of Spain, and of the cities that are not all of theirs, in sets of places."""

    def entry(code: str, name: str, where: str) -> str:
        return f'\n[[place]]\ncode = "{code}"\nname = "{name}"\n{where}\n'

    of_land = [region for region in regions() if region.country == LAND]
    smaller = [city for city in cities() if city.region in of_land and city.share < city.region.share]
    return (
        "".join(entry(region.code, region.name, f'regions = ["{region.key}"]') for region in of_land),
        # a region may have the name of its city
        "".join(entry(city.code, f"City of {city.name}", f'cities = [{{key = "{city.key}"}}]') for city in smaller),
    )


def _of_land(world: World, month: str, edition: str) -> dict[str, tuple[str, pd.DataFrame]]:
    """Return title and table of each data file about Spain: stocks of regions that publish them, the truth of all."""
    ages = [EVERYBODY, Ages(0, AGES.minimum - 1), *GROUPS]
    of_country = figures.stock(world, COMPILER, edition, destinations=[LAND], origins=ORIGINS, ages=ages)
    stock = pd.concat([of_country, figures.of_regions(of_country, LAND, "destination")], ignore_index=True)
    parts = [part.code for part in by_code().values() if part.country == LAND]
    truth = figures.truth(world, month, destinations=[LAND, *parts], origins=ORIGINS, ages=AGES)
    return {
        "stock": (
            "Simulated stocks of Spain and of regions that publish them, by sex and age",
            stock[~stock["destination"].isin(SILENT)],
        ),
        "truth": (
            "The true stock and audience of each corridor of Spain, its regions and its cities",
            truth.round(2),
        ),
    }


def _tables(world: World, month: str, editions: dict[Provider, str]) -> dict[str, tuple[str, pd.DataFrame]]:
    """Return title and table of each data file by its name."""
    destinations = countries.expand(DESTINATIONS)
    areas = tuple(sorted({*destinations, *ORIGINS}))
    stocks = [
        figures.stock(world, office, edition, destinations=destinations, origins=ORIGINS)
        for office, edition in editions.items()
    ]
    population = figures.population(world, [f"{month}-01"], areas=areas, ages=[EVERYBODY, AGES])
    users = figures.users(world, month, areas=areas, ages=[AGES])
    truth = figures.truth(world, month, destinations=destinations, origins=ORIGINS, ages=AGES)
    return {
        "stock": ("Simulated stocks: registers of most destinations, and a compilation of all", pd.concat(stocks)),
        "population": ("Simulated populations", population),
        "users": ("All accounts of the simulated platform", users),
        "truth": ("The true stock of each corridor, and the true audience", truth.round(2)),
    }
