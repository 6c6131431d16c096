"""Every error that smstock raises on purpose, with the exit code the command line returns for it.

::

    SmstockError (1)
    ├── UsageError (2)          an option, a setting, a command out of order
    │   ├── SettingsError
    │   ├── ClockError
    │   └── CredentialError
    ├── InputError (3)          a file or table that cannot be used as it is
    │   ├── QueryError
    │   ├── ContractError
    │   ├── UnknownNameError    a country, group or facet that is not in the vocabulary
    │   ├── OfficialFileError
    │   ├── DamagedError        a file of smstock's own is not as it was written
    │   └── RecordingError
    │       └── UnknownRecordingError   a file of no form that is read
    ├── PlatformError (4)       the platform or its quota; progress is kept, try again later
    │   ├── QuotaError
    │   ├── IncompleteError     cells of a wave are open that could be answered, or none holds a number
    │   └── BusyError           another run holds the workspace
    ├── WorkersError (4)        workers that work was spread over died, or their cluster does not answer
    └── ModelError (5)          a model declines to answer
        └── TooFewCellsError

A message says what is wrong, where, which value was met, what is allowed and what to do next.
"""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, ClassVar, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

_LONGEST: Final = 160
_BEGINNING: Final = 100


class SmstockError(Exception):
    """An error smstock foresaw; ``str()`` of it is the whole message for a person.

    Parameters
    ----------
    what
        What is wrong, naming the value that was met.
    where
        File and place (table, line, column), if there is one.
    allowed
        What would have been accepted.
    hint
        What to do next.

    Examples
    --------
    >>> print(QueryError("unknown sex 'x'", where="q.toml: sexes", allowed="all, female, male", hint="edit the query"))
    unknown sex 'x'
      where:   q.toml: sexes
      allowed: all, female, male
      next:    edit the query
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, what: str, *, where: str = "", allowed: str = "", hint: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.allowed = allowed
        self.hint = hint

    def __str__(self) -> str:
        parts = (("where:  ", self.where), ("allowed:", self.allowed), ("next:   ", self.hint))
        text = "\n".join([self.what, *(f"  {label} {part}" for label, part in parts if part)])
        # the name of a file may hold half a surrogate pair, which nothing can print
        return text.encode("utf-8", "backslashreplace").decode("utf-8")


class UsageError(SmstockError):
    """A command was called with an option or in an order that cannot work."""

    exit_code = 2


class SettingsError(UsageError):
    """A setting is missing or unusable; the message lists every place that was looked at."""


class ClockError(UsageError):
    """The clock of this machine is contradicted: by an answer on file, or by the platform."""


class CredentialError(UsageError):
    """A credential is missing or unsafe; the message never holds the credential."""


class InputError(SmstockError):
    """A file or table cannot be used as it is."""

    exit_code = 3


class QueryError(InputError):
    """A query file breaks a rule of the query language or of the platform."""


class ContractError(InputError):
    """A table breaks its contract; the message lists every failure, not the first."""


class UnknownNameError(InputError):
    """A name is not in the vocabulary; the message lists the nearest ones."""


class OfficialFileError(InputError):
    """An official file is of a layout smstock does not read, or is damaged."""


class UnsaidError(OfficialFileError):
    """An official file leaves out what must be known, and its sidecar does not say it.

    Parameters
    ----------
    entries
        The entries of the sidecar that would say it.
    """

    def __init__(self, what: str, *, allowed: str = "", hint: str = "", entries: tuple[str, ...] = ()) -> None:
        super().__init__(what, allowed=allowed, hint=hint)
        self.entries = entries


class DamagedError(InputError):
    """A file that smstock wrote is not as it was written."""


class RecordingError(InputError):
    """A folder of recorded answers cannot be replayed for this query."""


class UnknownRecordingError(RecordingError):
    """A file is of no form in which answers are read; in a folder it is passed over."""


class PlatformError(SmstockError):
    """The platform did not answer; what was answered is kept, and running again resumes."""

    exit_code = 4


class QuotaError(PlatformError):
    """The quota of every usable account is spent."""


class IncompleteError(PlatformError):
    """Cells of a live wave are still open, more than its query allows, or none has an audience.

    Nothing is learnt or published from it.
    """


class BusyError(PlatformError):
    """Another run holds the lock of the workspace."""


class WorkersError(SmstockError):
    """Workers that work was spread over died, or their cluster does not answer; nothing was half-written."""

    exit_code = 4


class ModelError(SmstockError):
    """A model declines to answer, with the reason."""

    exit_code = 5


class TooFewCellsError(ModelError):
    """Fewer cells than the method can learn from."""


def shown(value: object) -> str:
    r"""Return a value as a message shows it: its beginning if it is long, and nothing that a terminal would act upon.

    Examples
    --------
    >>> shown("serbia"), shown("a\0b")
    ('serbia', 'a\\x00b')
    >>> shown("x" * 10_000)[99:]
    'x… (10,000 characters)'
    """
    text = str(value)
    # answers are long, and nearly all of them printable
    if not text.isprintable():
        text = "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)
    return text if len(text) <= _LONGEST else f"{text[:_BEGINNING]}… ({len(text):,} characters)"


def meant(name: str, names: Iterable[str]) -> str:
    """Return the question whether the nearest of some names was meant; empty if none is near.

    Examples
    --------
    >>> meant("orgins", ["ages", "origins"]), meant("x", ["ages", "origins"])
    ('did you mean origins?', '')
    """
    nearest = get_close_matches(name, list(names), n=1, cutoff=0.75)
    return f"did you mean {nearest[0]}?" if nearest else ""
