"""The docs are held to account: what the code offers, a page explains."""

from __future__ import annotations

from pathlib import Path

import pytest

from pools.rules import CODES
from workflows.catalogue import WORKFLOWS
from workflows.runbook import page_with

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.mark.parametrize("slug", sorted(WORKFLOWS))
def test_every_workflow_has_a_page_that_says_when_to_use_it_and_what_can_go_wrong(slug: str) -> None:
    page = (DOCS / "workflows" / f"{slug}.md").read_text()
    assert "## When to use it" in page
    assert "## What can go wrong" in page


@pytest.mark.parametrize("slug", sorted(WORKFLOWS))
def test_the_made_part_of_a_workflows_page_is_what_its_classes_say(slug: str) -> None:
    page = (DOCS / "workflows" / f"{slug}.md").read_text()
    assert page_with(page, WORKFLOWS[slug]) == page, "run `python manage.py docs_workflows`"


@pytest.mark.parametrize("slug", sorted(WORKFLOWS))
def test_every_workflow_begins_with_its_runbook_as_a_numbered_list(slug: str) -> None:
    module = __import__(type(WORKFLOWS[slug]).__module__, fromlist=["__doc__"])
    assert "\n1. " in (module.__doc__ or "")
    assert len(type(WORKFLOWS[slug]).why) > 60


def test_no_page_of_a_workflow_is_left_over() -> None:
    assert {page.stem for page in (DOCS / "workflows").glob("*.md")} == set(WORKFLOWS)


def test_every_remedy_of_a_rule_is_a_workflow_or_a_sentence() -> None:
    slugs = {code.remedy for code in CODES.values() if code.remedy and " " not in code.remedy}
    assert slugs - set(WORKFLOWS) == set()
