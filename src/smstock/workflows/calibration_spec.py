"""The calibration file: which official stock the audiences are learnt against, and from what.

::

    name = "serbia"
    stock = "serbia/stock.csv"          # paths are relative to this file
    provider = "undesa"
    edition = "2020"
    concepts = ["birth"]                # several only if they are meant to be taken together
    target_date = "2020-07-01"          # the benchmark to learn against
    known_until = "2015-07-01"          # the last official figure known when it was not out yet
    users = "serbia/users.csv"          # both optional: penetration rates
    population = "serbia/population.csv"
    internet = "internet.csv"           # optional, one file or several: internet use at both ends, by sex
    compositions = "ages.csv"           # optional, one file or several: official figures by sex and age
    education = "edat_lfs_9912.tsv"     # optional, one file or several: official figures by education
    by = ["sex", "age"]                 # optional: what each month's estimates are divided by; or ["education"]
    metric = "mau"
    seed = 1

A file may lie on object storage: ``stock = "s3://bucket/stock.csv"``.

Several providers stand in a written order, the most trusted first, in place of ``provider``, ``edition`` and
``concepts``. What the first has no figure for is taken from the next, and the row says so::

    stock = ["official/eurostat/migr_pop3ctb_*.json", "official/undesa/*.xlsx"]   # * stands for any text

    [[order]]
    provider = "eurostat"
    concepts = ["birth"]
    edition = "2026-08-10"

    [[order]]
    provider = "undesa"
    concepts = ["birth", "citizenship", "mixed"]
    edition = "2020"
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from smstock import toml
from smstock.errors import ContractError, shown
from smstock.folder import FETCHED
from smstock.official.beside import is_data
from smstock.query.base import Name
from smstock.vocabulary.dates import is_day
from smstock.workflows.objects import is_url, local, url_of

_HINT: Final = "mend the calibration; docs/commands.md lists its keys"

if TYPE_CHECKING:
    from collections.abc import Mapping


def _a_day(text: str) -> str:
    if not is_day(text):
        raise ValueError("a day of the calendar, such as 2020-07-01")
    return text


_Day = Annotated[str, AfterValidator(_a_day)]
_Concepts = tuple[Literal["birth", "citizenship", "mixed"], ...]


class Entry(BaseModel):
    """Figures of one provider and edition, of one or more concepts in this order."""

    model_config = ConfigDict(frozen=True, extra="forbid", revalidate_instances="always")

    provider: str
    edition: str
    concepts: Annotated[_Concepts, Field(min_length=1)]


class CalibrationSpec(BaseModel):
    """What a calibration is made of; see the module for the file it is read from."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    name: Name
    title: str = ""
    stock: Annotated[tuple[Path, ...], Field(min_length=1)]
    provider: str | None = None
    edition: str | None = None
    concepts: Annotated[_Concepts, Field(min_length=1)] | None = None
    target_date: _Day
    known_until: _Day
    users: Path | None = None
    population: Path | None = None
    metric: Literal["mau", "dau", "total"] = "mau"
    seed: Annotated[int, Field(ge=0, le=2**32 - 1)] = 1
    internet: tuple[Path, ...] = ()
    compositions: tuple[Path, ...] = ()
    education: tuple[Path, ...] = ()
    by: tuple[Literal["sex", "age", "education"], ...] = ()
    order: Annotated[tuple[Entry, ...], Field(min_length=1)] | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.known_until >= self.target_date:
            raise ValueError(f"known_until {self.known_until} is not before target_date {self.target_date}")
        if (self.users is None) != (self.population is None):
            raise ValueError("users and population go together: penetration is one over the other")
        named = [name for name in ("provider", "edition", "concepts") if getattr(self, name) is not None]
        if "education" in self.by and len(set(self.by)) > 1:
            raise ValueError('by: education is not crossed with sex or age: ["education"] alone, or without it')
        if self.order and named:
            raise ValueError(f"order stands in place of {' and '.join(named)}: leave one of both out")
        if not self.order and len(named) < 3:
            raise ValueError("provider, edition and concepts are needed, or an order of them")
        return self

    @property
    def entries(self) -> tuple[Entry, ...]:
        """The order of official sources; one entry where the file names one provider."""
        if self.order:
            return self.order
        return (Entry(provider=self.provider or "", edition=self.edition or "", concepts=self.concepts or ()),)

    def official(self) -> dict[str, Any]:
        """Return providers and editions, each a text, and concepts, as a calibration states them."""
        concepts = dict.fromkeys(concept for entry in self.entries for concept in entry.concepts)
        return {
            "provider": ", ".join(dict.fromkeys(entry.provider for entry in self.entries)),
            "edition": ", ".join(dict.fromkeys(entry.edition for entry in self.entries)),
            "concepts": tuple(concepts),
        }

    def on_disk(self, fetched: Path) -> Self:
        """Return the same of files on this disk: those named by URL are copied to a folder first."""
        return self.model_copy(
            update={
                "stock": tuple(local(file, fetched) for file in self.stock),
                "users": self.users and local(self.users, fetched),
                "population": self.population and local(self.population, fetched),
                "internet": tuple(local(file, fetched) for file in self.internet),
                "compositions": tuple(local(file, fetched) for file in self.compositions),
                "education": tuple(local(file, fetched) for file in self.education),
            }
        )

    def files(self) -> dict[str, Path]:
        """Return the data files by name; several of one name are numbered from 1, and a URL is part of the name."""
        named = {
            "stock": self.stock,
            "users": (self.users,) if self.users else (),
            "population": (self.population,) if self.population else (),
            "internet": self.internet,
            "compositions": self.compositions,
            "education": self.education,
        }
        return {
            " ".join(filter(None, (name, str(number) if len(paths) > 1 else "", url_of(path)))): path
            for name, paths in named.items()
            for number, path in enumerate(paths, 1)
        }


def load(path: Path, fetched: Path | None = None) -> CalibrationSpec:
    """Return the calibration spec of a file, its paths resolved against the file's folder.

    Parameters
    ----------
    fetched
        Where copies of files that are named by URL lie; ``.fetched/`` beside the file unless given.

    Raises
    ------
    ContractError
        The file is no TOML, names an unknown key or value, or a file that is not there; every failure is listed.
    """
    content = toml.read(path, ContractError, hint="name a calibration file, such as calibration/serbia.toml")
    for name in ("users", "population"):
        if isinstance(content.get(name), str):
            content[name] = _file(path.parent, content[name])
    for name in ("stock", "internet", "compositions", "education"):
        if name in content:
            content[name] = _files(path.parent, content[name])
    spec = specify(content, str(path)).on_disk(fetched or path.parent / FETCHED)
    missing = {name: file for name, file in spec.files().items() if not _is_file(file)}
    if missing:
        from smstock.official.vintage import vintages

        names = ", ".join(f"{name} = {shown(file)}" for name, file in missing.items())
        kept = [held[-1].name for file in missing.values() if (held := vintages(file))]
        hint = f"imported files are kept under their day and hash: {', '.join(kept)}" if kept else ""
        raise ContractError(
            f"there is no file {names}", where=str(path), hint=hint or "paths are relative to the calibration file"
        )
    return spec


def specify(content: Mapping[str, Any], where: str) -> CalibrationSpec:
    """Return the calibration spec of some keys and values; raise `ContractError` listing every failure.

    Examples
    --------
    >>> specify({"name": "../serbia"}, where="serbia.toml")
    Traceback (most recent call last):
    smstock.errors.ContractError: name: small letters, digits and hyphens, no hyphen first, ...
      where:   serbia.toml
      next:    mend the calibration; docs/commands.md lists its keys
    """
    try:
        return CalibrationSpec.model_validate(dict(content))
    except ValidationError as error:
        message = toml.faults(error.errors(include_url=False), CalibrationSpec.model_fields, of="a calibration")
        raise ContractError(message, where=where, hint=_HINT) from None


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name that no file can have
        return False


def _files(folder: Path, named: object) -> object:
    """Return the files of an entry, ``*`` replaced by what is there; what is no text stays for the model to refuse."""
    texts = [named] if isinstance(named, str) else named
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        return named
    paths: list[Path] = []
    for text in texts:
        paths += _matching(folder / text) or [_file(folder, text)]
    return paths


def _file(folder: Path, text: str) -> Path:
    return Path(text) if is_url(text) else folder / text


def _matching(pattern: Path) -> list[Path]:
    """Return the data files that a path with ``*`` stands for, none if it has no ``*``."""
    if "*" not in str(pattern):
        return []
    try:
        matched = Path(pattern.anchor).glob(str(pattern.relative_to(pattern.anchor)))
        return sorted(path for path in matched if is_data(path))
    except ValueError:
        raise ContractError(
            f"{shown(pattern)} stands for no file",
            allowed="* for any text in a name, or ** alone between two slashes for any folders",
        ) from None
