"""The catalogue in words: for other programs, and for the docs."""

from __future__ import annotations

import json
from io import StringIO

import pytest
from django.core.management import call_command

from workflows.catalogue import WORKFLOWS
from workflows.engine.step import Risk
from workflows.runbook import BEFORE, page_with, worded


def listed() -> list[dict[str, object]]:
    said = StringIO()
    call_command("workflows", "--json", stdout=said)
    found: list[dict[str, object]] = json.loads(said.getvalue())
    return found


def test_the_list_has_every_workflow_with_its_steps_and_why() -> None:
    found = {str(each["slug"]): each for each in listed()}
    assert list(found) == list(WORKFLOWS)
    for each in found.values():
        steps = each["steps"]
        assert isinstance(steps, list) and steps
        assert all(step["why"] and step["risk"] in list(Risk) for step in steps)
        assert "{" not in json.dumps([step["title"] for step in steps])


def test_a_title_has_capitals_where_names_will_stand() -> None:
    assert worded("Remove master {host} from {pool}") == "Remove master HOST from POOL"


def test_the_made_part_is_put_in_once_and_what_is_written_by_hand_stays() -> None:
    page = f"# Disable\n\nby hand\n\n{BEFORE}\n\nmuch\n"
    once = page_with(page, WORKFLOWS["disable-ha"])
    assert page_with(once, WORKFLOWS["disable-ha"]) == once
    assert once.startswith("# Disable\n\nby hand\n") and once.endswith(f"{BEFORE}\n\nmuch\n")
    assert "## Step by step" in once


def test_a_page_without_a_place_for_it_says_so() -> None:
    with pytest.raises(ValueError, match="disable-ha has no heading"):
        page_with("# Disable\n", WORKFLOWS["disable-ha"])
