"""What calibrations and nowcasts are made from, read from where it lies, with its hashes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smstock.errors import InputError
from smstock.folder import damaged
from smstock.official import readers
from smstock.official.concept import single_concept
from smstock.official.internet import internet_use
from smstock.official.resolver import Preference, at_date
from smstock.official.series import series
from smstock.provenance import file_hash, text_hash
from smstock.tables import AUDIENCE, POPULATION, check

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    import pandas as pd

    from smstock.folder import Folder
    from smstock.workflows.calibration_spec import CalibrationSpec


def audience_path(workspace: Folder, query: str, wave: str) -> Path:
    """Return the path of a collected wave; raise `InputError` if it was not collected."""
    path = workspace.wave(wave, f"{query}.audience.parquet")
    if not path.is_file():
        known = ", ".join(workspace.waves_of(query)) or "none"
        raise InputError(
            f"{query} was not collected in {wave}",
            where=str(path),
            allowed=f"waves at hand: {known}",
            hint="collect it first",
        )
    return path


def newest_wave(workspace: Folder, query: str) -> str:
    """Return the newest wave in which a query was collected; raise `InputError` if there is none."""
    waves = workspace.waves_of(query)
    if not waves:
        raise InputError(
            f"{query!r} was not collected yet",
            where=str(workspace.output / "waves"),
            hint="`smstock collect` it first, or mend the name",
        )
    return waves[-1]


def newest_journal(workspace: Folder, query: str) -> str:
    """Return the newest wave that was begun for a query; raise `InputError` if there is none."""
    waves = workspace.begun(query)
    if not waves:
        raise InputError(
            f"no collection of {query!r} was begun",
            where=str(workspace.output / "waves"),
            hint="mend the name, or collect",
        )
    return waves[-1]


def read_answers(
    workspace: Folder, query: str, wave: str, *, with_metric: str, hint: str = "mend metric in the calibration"
) -> pd.DataFrame:
    """Return the audience table of a collected wave, every metric of it.

    Raises
    ------
    InputError
        The wave was not collected, holds no such metric, or its file is damaged.
    """
    path = audience_path(workspace, query, wave)
    table = read_wave(path)
    if with_metric not in set(table["metric"]):
        raise InputError(
            f"{path} holds no {with_metric}",
            allowed=", ".join(sorted(set(table["metric"]))),
            hint=hint,
        )
    return table


def read_audience(workspace: Folder, query: str, wave: str, metric: str) -> pd.DataFrame:
    """Return the audience table of a collected wave, one metric of it; see `read_answers` for what is raised."""
    answers = read_answers(workspace, query, wave, with_metric=metric)
    return answers[answers["metric"] == metric].reset_index(drop=True)


def read_waves(workspace: Folder, query: str, *, until: str) -> pd.DataFrame:
    """Return the audience table of every collected wave up to one, all metrics, without breakdowns but sex and age.

    Raises
    ------
    InputError
        The wave ``until`` was not collected, or a file is damaged.
    """
    import pandas as pd

    audience_path(workspace, query, until)
    plain = [(name, "==", "") for name in ("education", "relationship", "dimension")]
    waves = [wave for wave in workspace.waves_of(query) if wave <= until]
    tables = [read_wave(audience_path(workspace, query, wave), plain) for wave in waves]
    return pd.concat(tables, ignore_index=True)


def read_wave(path: Path, filters: list[tuple[str, str, str]] | None = None) -> pd.DataFrame:
    """Return the audience table of a file, all of it or the rows that pass filters; `InputError` if it is damaged."""
    import pandas as pd

    try:
        return check(pd.read_parquet(path, filters=filters), AUDIENCE)
    except (OSError, ValueError) as error:
        raise damaged(path, error) from None


def read_stocks(spec: CalibrationSpec) -> tuple[pd.DataFrame, ...]:
    """Return the stock table of each official file of a spec, every figure of it."""
    return tuple(readers.read_stock(path) for path in spec.stock)


def of_all_ages(stocks: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return the figures of all ages of several stock tables in one.

    Of a table with a single age group these are its figures; one of several groups without a total has none.
    """
    import pandas as pd

    tables = []
    for table in stocks:
        single = len(table[["age_min", "age_max"]].drop_duplicates()) == 1
        tables.append(table if single else table[(table["age_min"] == 0) & table["age_max"].isna()])
    return pd.concat(tables, ignore_index=True)


def chosen_stock(
    stocks: Sequence[pd.DataFrame], spec: CalibrationSpec, *, day: str = "", until: str = ""
) -> pd.DataFrame:
    """Return the stock table of a spec: its provider, edition and concepts, or those of its order, and nothing else.

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
    """
    import pandas as pd

    if spec.order:
        order = [
            Preference(entry.provider, concept, entry.edition) for entry in spec.order for concept in entry.concepts
        ]
        return series([_of_all_ages(stock, spec) for stock in stocks], order, day=day, until=until)
    stock = pd.concat(stocks, ignore_index=True)
    for column, wanted in (("provider", spec.provider), ("edition", spec.edition)):
        found = sorted(set(stock[column]))
        if wanted not in found:
            raise InputError(
                f"{', '.join(map(str, spec.stock))} holds no figure of {column} {wanted!r}",
                allowed=", ".join(found),
                hint=f"mend {column} in the calibration file",
            )
        stock = stock[stock[column] == wanted]
    return single_concept(_of_all_ages(stock, spec), allowed=spec.concepts or ())


def _of_all_ages(stock: pd.DataFrame, spec: CalibrationSpec) -> pd.DataFrame:
    """Return the figures of all ages, or of the only ages there are: ages are not added up."""
    ages = stock[["age_min", "age_max"]].drop_duplicates()
    if len(ages) == 1:
        return stock.reset_index(drop=True)
    whole = stock[(stock["age_min"] == 0) & stock["age_max"].isna()].reset_index(drop=True)
    if whole.empty:
        raise InputError(
            f"the stock has figures for {len(ages)} age groups and none for all ages",
            where=", ".join(map(str, spec.stock)),
            hint="give a file with totals over ages",
        )
    return whole


def read_denominators(spec: CalibrationSpec) -> tuple[pd.DataFrame | None, pd.DataFrame | None]:
    """Return users and population of a spec, None and None if it names none.

    A population of several dates is interpolated to the target date; one of a single date is taken as it is.

    Raises
    ------
    InputError
        The population has several dates, all before or all after the target date.
    """
    if spec.users is None or spec.population is None:
        return None, None
    population = readers.read_population(spec.population)
    if (dates := sorted(set(population["reference_date"])))[1:]:
        population = at_date(population, POPULATION, spec.target_date)
        if population.empty:
            raise InputError(
                f"{spec.population} has no population for {spec.target_date}, nor on both sides of it",
                allowed=f"a target_date from {dates[0]} to {dates[-1]}",
                hint="give a population that reaches target_date: nothing is extrapolated",
            )
    return readers.read_users(spec.users), population


def read_internet(spec: CalibrationSpec) -> pd.DataFrame | None:
    """Return every figure of internet use of a spec's files, None if it names no file."""
    import pandas as pd

    return pd.concat([readers.read_indicator(path) for path in spec.internet]) if spec.internet else None


def newest_internet(figures: pd.DataFrame | None, spec: CalibrationSpec, *, until: str) -> pd.DataFrame | None:
    """Return the newest share of internet users of each area and sex up to a day, None if the spec names no file.

    Raises
    ------
    InputError
        The files hold no internet use.
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


def inputs_of(spec: CalibrationSpec, workspace: Folder, query: str, wave: str) -> dict[str, str]:
    """Return the SHA-256 of everything a calibration depends on, by name; earlier waves are ``audience 2026-10``."""
    content = spec.model_dump_json(exclude={"title", "stock", "users", "population", "internet"}, exclude_none=True)
    files = {name: file_hash(path) for name, path in spec.files().items()}
    found = {"spec": text_hash(content), "audience": file_hash(audience_path(workspace, query, wave)), **files}
    for earlier in (known for known in workspace.waves_of(query) if known < wave):
        found[f"audience {earlier}"] = file_hash(audience_path(workspace, query, earlier))
    return dict(sorted(found.items()))
