"""Official figures that calibrations and nowcasts are made from, and the hashes of everything they are made from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from smstock.errors import InputError
from smstock.official import readers
from smstock.official.beside import with_beside
from smstock.official.concept import single_concept
from smstock.official.conflicts import check_alike
from smstock.official.internet import internet_use
from smstock.official.resolver import Preference, at_date, latest
from smstock.official.series import series
from smstock.provenance import file_hash, text_hash
from smstock.tables import POPULATION
from smstock.workflows.months import waves_before
from smstock.workflows.place_areas import stocks_of
from smstock.workflows.waves import audience_path

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from pathlib import Path

    import pandas as pd

    from smstock.folder import Folder
    from smstock.vocabulary.places import Place
    from smstock.workflows.calibration_spec import CalibrationSpec


_FILES: Final = ("stock", "users", "population", "internet", "compositions", "education")
"""Keys of a calibration file that name files, which count by their content."""


def read_stocks(
    spec: CalibrationSpec, store: Path | None = None, places: Sequence[Place] | None = None
) -> tuple[pd.DataFrame, ...]:
    """Return the stock table of each official file of a spec, every figure of it that is not of an unasked place.

    Parameters
    ----------
    store
        Where tables of official files are kept, so that a file is parsed once; here and in the functions below.
    places
        Places of the query, as for `smstock.workflows.place_areas.stocks_of`.

    Raises
    ------
    OfficialFileError, ContractError, UnknownNameError
        A file cannot be read, or two files give different figures of one edition for one cell.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.workflows.calibration_spec import CalibrationSpec
    >>> source = {"provider": "undesa", "edition": "2020", "concepts": ["birth"]}
    >>> dates = {"target_date": "2020-07-01", "known_until": "2015-07-01"}
    >>> spec = CalibrationSpec(name="serbia", stock=[Path("stock.csv")], **source, **dates)
    >>> read_stocks(spec)
    Traceback (most recent call last):
    smstock.errors.OfficialFileError: stock.csv does not exist
      next:    mend the path
    """
    stocks = stocks_of(spec.stock, store, places)
    check_alike(spec.stock, stocks)
    return stocks


def of_all_ages(stocks: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return the figures of all ages of several stock tables in one.

    All ages of a table are its widest group, if that holds all others of it; a table without such a group has none.

    Examples
    --------
    >>> import pandas as pd
    >>> by_age = pd.DataFrame({"age_min": [0, 0, 15], "age_max": [None, 14, None], "value": [9.0, 2.0, 7.0]})
    >>> adults = pd.DataFrame({"age_min": [18], "age_max": [None], "value": [5.0]})
    >>> of_all_ages([by_age, adults])["value"].to_list()
    [9.0, 5.0]
    """
    import pandas as pd

    return pd.concat([_widest(table) for table in stocks], ignore_index=True)


def _widest(stock: pd.DataFrame) -> pd.DataFrame:
    """Return the figures of the age group that holds all others of a table; none if there is no such group."""
    if len(stock[["age_min", "age_max"]].drop_duplicates()) < 2:
        return stock
    upper = stock["age_max"].astype("float64").fillna(float("inf"))
    of_widest = (stock["age_min"] == stock["age_min"].min()) & (upper == upper.max())
    widest: pd.DataFrame = stock[of_widest]
    return widest


def chosen_stock(
    stocks: Sequence[pd.DataFrame], spec: CalibrationSpec, *, day: str = "", until: str = ""
) -> pd.DataFrame:
    """Return the stock table of a spec: its provider, edition and concepts, or those of its order, and nothing else.

    Of a figure that several files hold the one retrieved last counts.

    Parameters
    ----------
    stocks, spec
        Figures of the files (`read_stocks`), and what is wanted of them.
    day, until
        A day to which series are interpolated, and one after which figures are left out, if the spec has an order; see
        `smstock.official.series.series`.

    Raises
    ------
    InputError
        The files hold no figure of a provider or edition, or figures of several age groups and none of all ages.
    ContractError
        They hold a second concept or edition that the spec does not name.

    Examples
    --------
    >>> from pathlib import Path
    >>> import pandas as pd
    >>> from smstock.workflows.calibration_spec import CalibrationSpec
    >>> source = {"provider": "undesa", "edition": "2020", "concepts": ["birth"]}
    >>> dates = {"target_date": "2020-07-01", "known_until": "2015-07-01"}
    >>> spec = CalibrationSpec(name="serbia", stock=[Path("stock.csv")], **source, **dates)
    >>> stock = pd.DataFrame({"provider": ["undesa", "oecd"], "dataset": ["ims", "B14"], "value": [5.0, 7.0]})
    >>> stock = stock.assign(edition="2020", concept="birth", destination="AUT", origin="SRB", age_min=0, age_max=None)
    >>> stock = stock.assign(sex="all", reference_date="2020-07-01", flags="", retrieved_at="")
    >>> chosen_stock([stock], spec)["value"].to_list()
    [5.0]
    """
    if spec.order:
        order = [
            Preference(entry.provider, concept, entry.edition) for entry in spec.order for concept in entry.concepts
        ]
        return series([_of_all_ages(stock, spec) for stock in stocks], order, day=day, until=until)
    stock = latest(stocks).sort_index().reset_index(drop=True)
    for column, named in (("provider", spec.provider), ("edition", spec.edition)):
        held = sorted(stock[column].unique())
        if named not in held:
            raise InputError(
                f"{', '.join(map(str, spec.stock))} holds no figure of {column} {named!r}",
                allowed=", ".join(held),
                hint=f"mend {column} in the calibration file",
            )
        stock = stock[stock[column] == named]
    return single_concept(_of_all_ages(stock, spec), allowed=spec.concepts or ())


def _of_all_ages(stock: pd.DataFrame, spec: CalibrationSpec) -> pd.DataFrame:
    """Return the figures of all ages that the stock has: ages are not added up."""
    totals = _widest(stock).reset_index(drop=True)
    if totals.empty:
        raise InputError(
            f"the stock has figures for {len(stock[['age_min', 'age_max']].drop_duplicates())} age groups and none for"
            " all of them together",
            where=", ".join(map(str, spec.stock)),
            hint="give a file with totals over ages",
        )
    return totals


def of_groups(
    stocks: Sequence[pd.DataFrame],
    spec: CalibrationSpec,
    store: Path | None = None,
    places: Sequence[Place] | None = None,
) -> pd.DataFrame:
    """Return official figures by sex and age, those to be preferred first: of the stock files, then of compositions.

    Of the stock files it takes the provider, edition and concepts that the spec names, in their order.

    Examples
    --------
    >>> from smstock.workflows.calibration_spec import CalibrationSpec
    >>> from pathlib import Path
    >>> import pandas as pd
    >>> source = {"provider": "undesa", "edition": "2020", "concepts": ["birth"]}
    >>> dates = {"target_date": "2020-07-01", "known_until": "2015-07-01"}
    >>> spec = CalibrationSpec(name="serbia", stock=[Path("stock.csv")], **source, **dates)
    >>> figures = {"provider": "undesa", "edition": ["2020", "2019"], "concept": "birth", "value": [5.0, 7.0]}
    >>> of_groups([pd.DataFrame(figures)], spec)["value"].to_list()
    [5.0]
    """
    import numpy as np
    import pandas as pd

    named = [
        table[np.logical_and.reduce([table[name] == text for name, text in chosen.items()])]
        for entry in spec.entries
        for concept in entry.concepts
        for chosen in ({"provider": entry.provider, "edition": entry.edition, "concept": concept},)
        for table in stocks
    ]
    others = stocks_of(spec.compositions, store, places)
    return pd.concat([*named, *others], ignore_index=True)


def in_places(table: pd.DataFrame, column: str, official: Mapping[str, str]) -> pd.DataFrame:
    """Return official figures under the codes of the places that a query calls otherwise than their office does.

    Parameters
    ----------
    table, column
        Figures, and the column of areas.
    official
        Codes of places by what official figures call them.

    Raises
    ------
    InputError
        A figure stands there twice, under both codes of a place.

    Examples
    --------
    >>> import pandas as pd
    >>> in_places(pd.DataFrame({"area": ["DE2", "DEU"]}), "area", {"DE2": "DE-BY"})["area"].tolist()
    ['DE-BY', 'DEU']
    """
    if not official or table.empty:
        return table
    areas = table[column].unique()
    for area in [area for area in areas if official.get(area) in areas]:
        both = table[table[column].isin([area, official[area]])].drop(columns=column)
        if both.loc[:, :"value"].drop(columns="value").duplicated().any():
            raise InputError(
                f"official figures of {official[area]} stand there twice: as {area} and as {official[area]}",
                allowed=f"one figure of a place; {area} is its official code in the set of places",
                hint=f"take the rows of one of both codes out, or the official = {area!r} of the place",
            )
    return table.assign(**{column: table[column].replace(dict(official))})


def read_denominators(
    spec: CalibrationSpec, areas: Collection[str] = (), store: Path | None = None
) -> tuple[pd.DataFrame | None, pd.DataFrame | None]:
    """Return users and population of a spec, None and None if it names none.

    A population of several dates is interpolated to the target date; one of a single date is taken as it is.

    Parameters
    ----------
    spec
        Names the files.
    areas
        Areas that were asked: in none of them live 0 persons.
    store
        As for `read_stocks`.

    Raises
    ------
    InputError
        The population has several dates, all before or all after the target date; or it is 0 in an area asked.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.workflows.calibration_spec import CalibrationSpec
    >>> source = {"provider": "undesa", "edition": "2020", "concepts": ["birth"]}
    >>> dates = {"target_date": "2020-07-01", "known_until": "2015-07-01"}
    >>> spec = CalibrationSpec(name="serbia", stock=[Path("stock.csv")], **source, **dates)
    >>> read_denominators(spec)
    (None, None)
    """
    if spec.users is None or spec.population is None:
        return None, None
    users, population = readers.read_users(spec.users, store), readers.read_population(spec.population, store)
    _require_people(population[population["area"].isin(areas)], users, spec.population, spec.target_date)
    if (dates := sorted(population["reference_date"].unique()))[1:]:
        population = at_date(population, POPULATION, spec.target_date)
        if population.empty:
            raise InputError(
                f"{spec.population} has no population for {spec.target_date}, nor on both sides of it",
                allowed=f"a target_date from {dates[0]} to {dates[-1]}",
                hint="give a population that reaches target_date: nothing is extrapolated",
            )
    return users, population


def _require_people(population: pd.DataFrame, users: pd.DataFrame, path: Path, day: str) -> None:
    """Refuse a population of 0 that a rate or a bound would be taken from: of all ages, or of those of the users."""
    import pandas as pd

    key = ["area", "sex", "age_min", "age_max"]
    groups, of_accounts = (
        pd.Series(list(zip(table["area"], table["age_min"], table["age_max"].fillna(-1), strict=True)), dtype="object")
        for table in (population, users)
    )
    of_users = groups.isin(set(of_accounts)).set_axis(population.index)
    rows = population[of_users | ((population["age_min"] == 0) & population["age_max"].isna())]
    dates, of_one = rows["reference_date"], [rows[name] for name in key]
    before = dates.where(dates <= day, "").groupby(of_one, dropna=False).transform("max")
    after = dates.where(dates >= day, "9999").groupby(of_one, dropna=False).transform("min")
    empty = rows[((dates == before) | (dates == after)) & (rows["value"] == 0)]
    if empty.empty:
        return
    first = empty.iloc[0]
    group = f"{first['age_min']}+" if pd.isna(first["age_max"]) else f"{first['age_min']}-{first['age_max']}"
    more = f", and {len(empty) - 1:,} rows more" if len(empty) > 1 else ""
    raise InputError(
        f"{path} has a population of 0 for {first['area']}, {first['sex']}, {group}, {first['reference_date']}{more}",
        allowed="more than 0 where somebody was asked about",
        hint="mend the figure, or take the row out if it is not known",
    )


def read_internet(spec: CalibrationSpec, store: Path | None = None) -> pd.DataFrame | None:
    """Return every figure of internet use of a spec's files, None if it names no file.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.workflows.calibration_spec import CalibrationSpec
    >>> source = {"provider": "undesa", "edition": "2020", "concepts": ["birth"]}
    >>> dates = {"target_date": "2020-07-01", "known_until": "2015-07-01"}
    >>> spec = CalibrationSpec(name="serbia", stock=[Path("stock.csv")], **source, **dates)
    >>> read_internet(spec) is None
    True
    """
    import pandas as pd

    return pd.concat([readers.read_indicator(path, store) for path in spec.internet]) if spec.internet else None


def newest_internet(figures: pd.DataFrame | None, spec: CalibrationSpec, *, until: str) -> pd.DataFrame | None:
    """Return the newest share of internet users of each area and sex up to a day, None if the spec names no file.

    Raises
    ------
    InputError
        The files hold no internet use.

    Examples
    --------
    >>> from pathlib import Path
    >>> from smstock.workflows.calibration_spec import CalibrationSpec
    >>> source = {"provider": "undesa", "edition": "2020", "concepts": ["birth"]}
    >>> dates = {"target_date": "2020-07-01", "known_until": "2015-07-01"}
    >>> spec = CalibrationSpec(name="serbia", stock=[Path("stock.csv")], **source, **dates)
    >>> newest_internet(None, spec, until="2020-07-01") is None
    True
    """
    if figures is None:
        return None
    newest = internet_use(figures, until=until)
    if newest.empty:
        raise InputError(
            f"{', '.join(map(str, spec.internet))} has no internet use up to {until}",
            hint="give IT.NET.USER.ZS of the World Bank, or isoc_ci_ifp_iu of Eurostat",
        )
    return newest


def inputs_of(
    spec: CalibrationSpec, workspace: Folder, query: str, wave: str, parts: Sequence[str] = ()
) -> dict[str, str]:
    """Return the SHA-256 of everything a calibration depends on, by name; earlier waves are ``audience 2026-10``.

    So are the ``parts`` that a month is made of. A sidecar is an input as its file is: ``stock.origin.toml``.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from smstock.folder import Folder
    >>> from smstock.workflows.calibration_spec import CalibrationSpec
    >>> source = {"provider": "undesa", "edition": "2020", "concepts": ["birth"]}
    >>> dates = {"target_date": "2020-07-01", "known_until": "2015-07-01"}
    >>> spec = CalibrationSpec(name="serbia", stock=[Path("stock.csv")], **source, **dates)
    >>> with TemporaryDirectory() as place:
    ...     folder, stock = Folder(Path(place), Path(place)), Path(place, "stock.csv")
    ...     folder.wave("2026-11", "q.audience.parquet").parent.mkdir(parents=True)
    ...     for path in (stock, folder.wave("2026-11", "q.audience.parquet")):
    ...         path.touch()
    ...     list(inputs_of(spec.model_copy(update={"stock": (stock,)}), folder, "q", "2026-11"))
    ['audience', 'spec', 'stock']
    """
    content = spec.model_dump_json(exclude={"title", "by", *_FILES}, exclude_none=True)
    files = {name: file_hash(path) for name, path in with_beside(spec.files()).items()}
    parts = list(parts or [wave])
    of_parts = {
        ("audience" if part == wave else f"audience {part}"): audience_path(workspace, query, part) for part in parts
    }
    inputs = {"spec": text_hash(content), **{name: file_hash(path) for name, path in of_parts.items()}, **files}
    for earlier in waves_before(workspace, query, wave):
        inputs[f"audience {earlier}"] = file_hash(audience_path(workspace, query, earlier))
    return dict(sorted(inputs.items()))
