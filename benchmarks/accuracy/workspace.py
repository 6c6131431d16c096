"""An ordinary workspace written from real data: what is measured on it is what a user with the same data gets.

It holds the waves of one query under the audience contract, official files in the tidy layout, and a calibration file.
Tables of corridors come from the product's own assembly. A task may leave rows out; it never makes a column.
"""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

from smstock.folder import Folder
from smstock.platforms.rounding import two_digit_interval
from smstock.tables import AUDIENCE, STOCK, check
from smstock.vocabulary.status import FLOORED, NO_NUMBER, OBSERVED
from smstock.workflows import calibration_spec
from smstock.workflows.evidence import Evidence
from smstock.workflows.waves import collected_wave

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    import pandas as pd

QUERY: Final = "asked"
"""The query whose waves lie in the workspace."""


@contextmanager
def written(audience: pd.DataFrame, official: Mapping[str, pd.DataFrame], calibration: str) -> Iterator[Evidence]:
    """Write a workspace into a temporary folder and yield the evidence as of its newest wave.

    Parameters
    ----------
    audience
        Audience table, a file a wave.
    official
        Tables by the name of their tidy file.
    calibration
        Text of the calibration file, which names these files.
    """
    with TemporaryDirectory() as name:
        folder = Folder(Path(name), Path(name))
        for wave, rows in audience.groupby("wave"):
            path = folder.wave(str(wave), f"{QUERY}.audience.parquet")
            path.parent.mkdir(parents=True)
            check(rows, AUDIENCE).to_parquet(path, index=False)
        for file, table in official.items():
            table.to_csv(folder.root / file, index=False)
        path = folder.root / "calibration.toml"
        path.write_text(calibration, encoding="utf-8")
        yield Evidence(calibration_spec.load(path), folder, QUERY, collected_wave(folder, QUERY))


def answers(
    cells: pd.DataFrame, monthly: pd.Series, daily: pd.Series, floor: pd.Series | int, **fixed: object
) -> pd.DataFrame:
    """Return an audience table of the numbers shown, with the interval that rounding and the floor leave.

    Parameters
    ----------
    cells
        Columns of the contract that differ between cells: wave, destination, origin and others.
    monthly, daily
        Numbers shown; missing or below 0: none.
    floor
        Smallest monthly number that is shown.
    fixed
        Columns of the contract that all cells share, in place of those of all placements and both sexes.
    """
    import pandas as pd

    table = pd.concat([_monthly(cells, monthly, floor), _daily(cells, daily, monthly <= floor, floor)])
    usual: dict[str, Any] = dict.fromkeys(AUDIENCE.names, "")
    usual |= {"platform": "meta", "origin_basis": "lived_in", "sex": "all", "location_basis": "home"}
    usual |= {"placements": "all"} | fixed
    return check(table.assign(**{name: of for name, of in usual.items() if name not in table}), AUDIENCE)


def _monthly(cells: pd.DataFrame, shown: pd.Series, floor: pd.Series | int) -> pd.DataFrame:
    above = shown > floor
    intervals = {number: two_digit_interval(int(number)) for number in shown[above].unique()}
    return cells.assign(
        metric="mau",
        value=shown.where(above),
        lower=[intervals[number][0] if number in intervals else 0.0 for number in shown],
        upper=shown.map({number: of[1] for number, of in intervals.items()}).where(above, floor),
        status=above.map({True: OBSERVED, False: FLOORED}),
    )


def _daily(cells: pd.DataFrame, daily: pd.Series, floored: pd.Series, floor: pd.Series | int) -> pd.DataFrame:
    """Return daily accounts; beside a monthly floor they are a bound, unless they exceed it."""
    daily = daily.where(daily >= 0)
    bound = floored & (daily <= floor)
    statuses = bound.map({True: FLOORED, False: OBSERVED}).mask(daily.isna(), NO_NUMBER)
    lower = daily.mask(bound, 0.0)
    return cells.assign(metric="dau", value=daily.mask(bound), lower=lower, upper=daily, status=statuses)


def stock(table: pd.DataFrame, **fixed: object) -> pd.DataFrame:
    """Return figures (destination, origin, reference_date, value) as a tidy stock table, by birth and of both sexes."""
    usual: dict[str, Any] = {
        "dataset": "copied",
        "edition": "copied",
        "concept": "birth",
        "sex": "all",
        "flags": "",
        "retrieved_at": "",
    }
    usual |= {"age_min": 0, "age_max": None} | fixed
    return check(table.assign(**{name: of for name, of in usual.items() if name not in table}), STOCK)
