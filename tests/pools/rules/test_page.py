"""docs/rules.md and the pages of the codes say what the rules do."""

from __future__ import annotations

from pathlib import Path

import pytest

from pools.rules import CODES
from pools.rules.page import END, SECTIONS, markdown, page_with

DOCS = Path(__file__).parents[3] / "docs"


def page_of(slug: str) -> str:
    return (DOCS / "rules" / f"{slug}.md").read_text(encoding="utf-8")


def test_the_page_is_what_the_rules_say() -> None:
    said = (DOCS / "rules.md").read_text(encoding="utf-8")
    assert said == markdown(), "run `python manage.py docs_rules`"


def test_every_code_has_a_row_that_leads_to_its_page() -> None:
    for slug in CODES:
        assert markdown().count(f"| [`{slug}`](rules/{slug}.md) |") == 1


@pytest.mark.parametrize("slug", CODES)
def test_the_made_part_of_a_codes_page_is_what_the_rule_says(slug: str) -> None:
    page = page_of(slug)
    assert page_with(page, CODES[slug]) == page, "run `python manage.py docs_rules`"


@pytest.mark.parametrize("slug", CODES)
def test_every_page_says_what_one_sees_and_why_and_what_to_do(slug: str) -> None:
    by_hand = page_of(slug).partition(END)[2]
    for section in SECTIONS:
        _, heading, text = by_hand.partition(section)
        assert heading and len(text.partition("\n## ")[0].strip()) > 10, section


def test_no_page_of_a_rule_is_left_over() -> None:
    assert {page.stem for page in (DOCS / "rules").glob("*.md")} == set(CODES)
