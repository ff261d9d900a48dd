"""What stands beside "Findings" counts as the headline does."""

from __future__ import annotations

import pytest

from pools.models import Finding, Pool
from pools.pages.context import headline, tally


def found(severity: str = "critical", run: int | None = None) -> Finding:
    return Finding(code="host-dead", severity=severity, says="amber-2 is dead.", expected_by=run)


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([], ""),
        ([found()], "1 to act on"),
        ([found(), found("warning")], "2 to act on, worst first"),
        ([found(), found("info"), found("info")], "1 to act on; 2 notes"),
        ([found(run=7), found("info")], "1 expected of a run, 1 note"),
    ],
)
def test_notes_and_what_a_run_causes_are_counted_apart(rows: list[Finding], says: str) -> None:
    assert tally(rows) == says


def test_the_headline_counts_the_same() -> None:
    rows = [found(), found("warning"), found("info"), found(run=7)]
    assert headline(Pool(name="amber"), None, rows) == "amber: not looked at yet"
    assert tally(rows).startswith("2 to act on")
