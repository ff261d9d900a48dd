"""Every row about CloudStack in lab/refusals.md is provoked, and the answer is what the row says."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import lab.cloudstack
from tests.lab.cloudstack.conftest import Refused
from tests.lab.cloudstack.refusals.every import ROWS, Row, section

CLOUDSTACK = Path(lab.cloudstack.__file__).parent
WORDS = {"refused", "invalid", "ApiError"}
# What only a mistake of the lab itself or a fault on demand can bring about.
NEVER = {"server.py"}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.command}-{row.code}-{row.text[-40:]}")
def test_the_row_is_true(row: Row) -> None:
    site = row.site()
    with pytest.raises(Refused) as refused:
        row.provoke(site)
    assert row.fits(refused.value), f"{row.code} {row.text} was announced, {refused.value} came"
    assert site.world.crashes == []


def test_the_page_shows_these_rows() -> None:
    """Made again with: python -m tests.lab.refusals > lab/refusals.md"""
    assert section() in (CLOUDSTACK.parent / "refusals.md").read_text()


def test_every_text_of_the_source_that_refuses_has_a_row() -> None:
    told = " ".join(row.text for row in ROWS)
    missing = [text for text in spoken() if not any(part in told for part in (text, text.strip(" :.")))]
    assert missing == []


def spoken() -> list[str]:
    """The longest constant piece of each text that is given to a refusal; not what a fault was told to say, whose
    code is read from it."""
    found = []
    for path in sorted(path for path in CLOUDSTACK.rglob("*.py") if path.name not in NEVER):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in WORDS:
                if node.args and isinstance(node.args[0], ast.Call):
                    continue
                pieces = [
                    part.value
                    for argument in node.args
                    for part in ast.walk(argument)
                    if isinstance(part, ast.Constant) and isinstance(part.value, str)
                ]
                if pieces:
                    found.append(max(pieces, key=len))
    return found
