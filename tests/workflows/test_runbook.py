"""The catalogue in words: for other programs, and for the docs."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command

from tests.workflows.steps.test_every_step import walk
from workflows.catalogue import WORKFLOWS
from workflows.engine.step import Risk
from workflows.runbook import BEFORE, page_with, worded


def listed() -> list[dict[str, Any]]:
    said = StringIO()
    call_command("workflows", "--json", stdout=said)
    found: list[dict[str, Any]] = json.loads(said.getvalue())
    return found


def test_the_list_has_every_workflow_with_its_steps_and_why() -> None:
    found = {str(each["slug"]): each for each in listed()}
    assert list(found) == list(WORKFLOWS)
    for each in found.values():
        steps = each["steps"]
        assert isinstance(steps, list) and steps
        assert all(step["why"] and step["risk"] in list(Risk) for step in steps)
        assert "{" not in json.dumps([step["title"] for step in steps])


def test_the_list_has_the_calls_the_inputs_and_the_other_ways() -> None:
    found = {str(each["slug"]): each for each in listed()}
    for slug, each in found.items():
        assert each["title"] and each["risk"] in list(Risk) and each["duration"], slug
        assert all(wanted["name"] and wanted["label"] for wanted in each["inputs"]), slug
        steps = [*each["steps"], *(step for way in each["other_ways"].values() for step in way)]
        assert all(
            {"key", "sends", "danger", "undo", "within_s", "owes", "pays"} <= set(step) for step in steps
        )
        assert [call for step in steps for call in step["sends"]], slug
    assert set(found["elect-master"]["other_ways"]) == {"HA was on"}
    assert set(found["remove-host"]["other_ways"]) == {"the host is dead"}


def test_every_step_that_a_run_may_have_is_in_the_list() -> None:
    found = {str(each["slug"]): each for each in listed()}
    for slug in WORKFLOWS:
        listed_keys = {step["key"] for step in found[slug]["steps"]}
        listed_keys |= {step["key"] for way in found[slug]["other_ways"].values() for step in way}
        assert {step.key for step, _, _ in walk(slug)} <= listed_keys, slug


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
