"""The table of advice names only rules and workflows that there are, and every workflow carries some."""

from __future__ import annotations

import re
from pathlib import Path

from pools.rules import CODES
from workflows.catalogue import WORKFLOWS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "advice.md"
ROWS = [line.strip("|").split("|") for line in PAGE.read_text().splitlines() if line.startswith("| ")][1:]


def named(cell: str) -> list[str]:
    return re.findall(r"`([a-z-]+)`", cell)


def test_every_row_names_rules_and_workflows_that_there_are() -> None:
    for advice, rules, workflows in ROWS:
        assert named(rules) or rules.strip() == "–", advice
        assert named(workflows) or workflows.strip() == "–", advice
        assert named(rules) or named(workflows), advice
        assert set(named(rules)) <= set(CODES), advice
        assert set(named(workflows)) <= set(WORKFLOWS), advice


def test_every_workflow_carries_some_advice() -> None:
    assert {slug for row in ROWS for slug in named(row[2])} == set(WORKFLOWS)
