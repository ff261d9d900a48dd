"""Each row of ``lab/refusals.md`` is provoked, and each place of the source that refuses has a row."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

import lab.world.refusal
from tests.lab.inside import Inside
from tests.lab.refusals.every import ROWS, Row, table

LAB = Path(lab.__file__).parent
# What only a mistake of the lab itself or a fault on demand can bring about.
NEVER = {"world/process.py", "xapi/server.py"}
Site = tuple[str, int]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.call}-{row.code}")
def test_the_row_is_true(row: Row) -> None:
    description = row.provoke(Inside(row.scenario))
    assert row.fits(description), f"{row.refusal} was announced, {description} came"


def test_the_page_shows_these_rows() -> None:
    """Made again with: python -m tests.lab.refusals > lab/refusals.md"""
    assert (LAB / "refusals.md").read_text().startswith(table())


def test_every_place_that_refuses_has_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: set[Site] = set()
    plain = lab.world.refusal.Refusal.__init__

    def noting(self: lab.world.refusal.Refusal, code: str, *params: object) -> None:
        frame = sys._getframe(1)
        while frame is not None and not frame.f_code.co_filename.startswith(str(LAB)):
            frame = frame.f_back  # type: ignore[assignment]
        seen.add((str(Path(frame.f_code.co_filename).relative_to(LAB)), frame.f_lineno))
        plain(self, code, *params)

    monkeypatch.setattr(lab.world.refusal.Refusal, "__init__", noting)
    for row in ROWS:
        row.provoke(Inside(row.scenario))
    missing = [f"lab/{file}:{first}" for file, first, last in places() if not met(seen, file, first, last)]
    assert missing == []


def met(seen: set[Site], file: str, first: int, last: int) -> bool:
    return any(one == file and first <= line <= last for one, line in seen)


def places() -> list[tuple[str, int, int]]:
    """Where ``Refusal(…)`` stands in what XenServer does: file, first and last line. ``Refusal(*…)`` hands on what a
    fault was told to say."""
    found = []
    for path in sorted([*LAB.glob("xapi/**/*.py"), *LAB.glob("world/*.py")]):
        file = str(path.relative_to(LAB))
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or file in NEVER:
                continue
            on_demand = any(isinstance(arg, ast.Starred) for arg in node.args)
            if node.func.id in ("Refusal", "InEmergency") and not on_demand:
                found.append((file, node.lineno, node.end_lineno or node.lineno))
    return found
