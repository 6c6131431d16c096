"""The table of the British task: the exact model lies on the published posterior, survey and audience do not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.accuracy import uk

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_each_row_is_beside_the_published_posterior(shared: Path, capsys: pytest.CaptureFixture[str]) -> None:
    uk.show(shared)
    said = capsys.readouterr().out
    assert "no truth" in said
    lines = [line.split("|")[1:-1] for line in said.splitlines() if line.startswith(("| 1 | 20", "| 2 | 20"))]
    assert len(lines) == 2 * 2 * 3
    for cells in lines:
        rms, inside = float(cells[6]), float(cells[9].split()[0])
        exact = "exact" in cells[2]
        assert (rms < 0.01) == exact
        assert (inside == 100) == exact
    assert said.count("audience | precision") == 2
