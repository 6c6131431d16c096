"""What the user is told of a table that was read: areas that are not known, figures that do not add up or are odd."""

from __future__ import annotations

from typing import TYPE_CHECKING

from smstock.official.areas import regions_in_words, unknown_in_words
from smstock.official.consistency import remarks_on_sexes
from smstock.official.plausibility import check_size, thousands

if TYPE_CHECKING:
    from smstock.official.base import Layout, OfficialTable
    from smstock.official.parsed import Streamed
    from smstock.official.rawfile import RawFile


def remarks(read: OfficialTable | Streamed, file: RawFile, layout: Layout) -> tuple[str, ...]:
    """Return what is odd in a table.

    Raises
    ------
    OfficialFileError
        A figure cannot be: no country has as many persons, or females and males are not both sexes in a file that
        people write.

    Examples
    --------
    >>> from pathlib import Path
    >>> import pandas as pd
    >>> from smstock.official.base import OfficialTable
    >>> from smstock.official.copies import LAYOUTS
    >>> from smstock.official.rawfile import RawFile
    >>> remarks(OfficialTable(pd.DataFrame(), remarks=("odd",)), RawFile(Path("a.csv"), "text", b""), LAYOUTS[0])
    ('odd',)
    """
    if not len(read.table):
        return read.remarks
    check_size(read.table, file)
    unknown = unknown_in_words(file, read.left_out, read.places) + regions_in_words(file, read.left_out)
    of_sexes = remarks_on_sexes(read.table, file.path, by_hand=layout.by_hand, line=read.line)
    return (*read.remarks, *unknown, *thousands(read.table, file, layout), *of_sexes)
