"""The table of traps names only tests that there are, and every workflow has some."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from workflows.catalogue import WORKFLOWS

ROOT = Path(__file__).resolve().parents[2]
ROWS = [
    re.findall(r"`([^`]+)`", line)
    for line in (ROOT / "docs" / "traps.md").read_text().splitlines()
    if line.startswith("| `")
]


def defined_in(file: str) -> set[str]:
    tree = ast.parse((ROOT / file).read_text())
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_every_row_names_a_test_that_there_is() -> None:
    named = {row[-1] for row in ROWS}
    there = {
        f"{file}::{name}" for file in {one.partition("::")[0] for one in named} for name in defined_in(file)
    }
    assert sorted(named - there) == []


def test_every_workflow_has_its_traps() -> None:
    assert {row[0] for row in ROWS} == set(WORKFLOWS)
