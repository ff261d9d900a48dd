"""What stands beside "Findings" counts as the headline does."""

from __future__ import annotations

import pytest

from pools.models import Finding, Pool
from pools.pages.context import headline, tally
from tests.pools.world import amber


def found(severity: str = "critical", run: int | None = None, code: str = "", host: str = "a-2") -> Finding:
    about = {"subject_kind": "host", "subject_name": host, "subject_uuid": host}
    code = code or f"{severity}-code"
    return Finding(pool_id=1, code=code, severity=severity, says=f"{host} is dead.", expected_by=run, **about)


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ([], ""),
        ([found()], "1 to act on"),
        ([found(), found("warning", host="a-3")], "2 to act on, worst first"),
        ([found(), found("info"), found("info", host="a-3", code="other")], "1 to act on; 2 notes"),
        ([found(run=7), found("info")], "1 expected of a run, 1 note"),
        ([found(), found(host="a-3"), found(host="a-4")], "1 to act on"),
        ([found(), found(code="other"), found(run=7)], "1 to act on; 1 expected of a run"),
        ([found(run=7), found(run=8)], "2 expected of a run"),
    ],
)
def test_notes_and_what_a_run_causes_are_counted_apart(rows: list[Finding], says: str) -> None:
    assert tally(rows) == says


def test_the_headline_counts_the_same() -> None:
    rows = [found(), found(host="a-3"), found("warning", host="a-4"), found("info"), found(run=7)]
    assert headline(Pool(name="amber"), None, rows) == "amber: not looked at yet"
    assert headline(Pool(name="amber"), amber(), rows) == "amber: a-2 is dead, and 1 more"
    assert tally(rows).startswith("2 to act on")
