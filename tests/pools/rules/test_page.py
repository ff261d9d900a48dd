"""docs/rules.md says what the rules do."""

from __future__ import annotations

from pathlib import Path

from pools.rules import CODES
from pools.rules.page import markdown

DOCS = Path(__file__).parents[3] / "docs" / "rules.md"


def test_the_page_is_what_the_rules_say() -> None:
    assert DOCS.read_text(encoding="utf-8") == markdown(), "run `python manage.py docs_rules`"


def test_every_code_has_a_row_and_a_reason() -> None:
    page = DOCS.read_text(encoding="utf-8")
    for slug in CODES:
        assert page.count(f"| [`{slug}`](#{slug}) |") == 1
        assert page.count(f"### {slug}\n") == 1
