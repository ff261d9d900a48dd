"""Every combination of what the two captains can say has one meaning, a cause and a next step."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from pathlib import Path

import pytest

from lab.cloudstack import states
from pools.matrix import ABSENT, MANAGED_STATES, MATRIX, XenServer, combinations, meaning
from pools.matrix_page import markdown

DOCS = Path(__file__).resolve().parents[2] / "docs" / "captains.md"


def test_no_combination_is_without_a_meaning() -> None:
    assert [said for said in combinations() if meaning(*said) is None] == []


def test_no_row_is_hidden_by_those_above_it() -> None:
    reached = {id(meaning(*said)) for said in combinations()}
    assert [row.means for row in MATRIX if id(row) not in reached] == []


def test_each_row_says_what_it_means_why_and_what_then() -> None:
    for row in MATRIX:
        assert row.means.endswith(".") and row.then.endswith(".")
        assert row.cause or row.well


def test_only_one_cell_is_agreement() -> None:
    agreed = [said for said in combinations() if (row := meaning(*said)) and row.means == "Agree."]
    assert agreed == [("live, enabled", "Up", "Enabled", "Managed")]


@pytest.mark.parametrize(
    ("said", "then"),
    [
        (("live, disabled", "Alert", "Enabled", "Managed"), "no call to CloudStack is needed"),
        (("live, enabled", "Alert", "Enabled", "Managed"), "next scan takes it back"),
        (("not known", "Up", "Enabled", "Managed"), "Do not trust Up"),
        (("dead", "Up", "Enabled", "Managed"), "Do not trust Up"),
        (("live, enabled", "Down", "Enabled", "Managed"), "no guest runs twice"),
        (("live, enabled", "Disconnected", "Enabled", "Unmanaged"), "Set the cluster to Managed"),
        (("live, disabled", "Disconnected", "Maintenance", "Managed"), "Enable it in XenServer before"),
        (("live, enabled", "Alert", "PrepareForMaintenance", "Managed"), "the next scan takes it back"),
        (("live, disabled", "Alert", "Maintenance", "Managed"), "Cancel the maintenance only then"),
        (("not known", "Up", "PrepareForMaintenance", "Managed"), "Bring the master back"),
        (("live, disabled", "Connecting", "Enabled", "Managed"), "enable it"),
        (("not in the pool", "Alert", "Enabled", "Managed"), "Delete it in CloudStack"),
        (("live, enabled", ABSENT, "", ""), "Add it to CloudStack"),
    ],
)
def test_the_next_step_is_the_one_that_helps(said: tuple[str, str, str, str], then: str) -> None:
    row = meaning(*said)
    assert row and then in row.then


def test_nothing_is_well_that_is_in_alert_or_that_nobody_can_see() -> None:
    """Whatever an administrator wants of it besides."""
    for said in combinations():
        if said[0] == XenServer.UNKNOWN or said[1] == "Alert":
            row = meaning(*said)
            assert row and not row.well, said


def words_of(table: Mapping[str, Mapping[str, str]]) -> set[str]:
    return set(table) | {state for row in table.values() for state in row.values()}


def test_every_combination_that_a_cloudstack_can_come_to_has_a_row() -> None:
    """The lab's state machines, which are the real ones' tables: every state that leads somewhere or is led to."""
    statuses, wishes = words_of(states._STATUS), words_of(states._RESOURCE) | words_of(states._RESOURCE_OLD)
    assert {"Up", "Alert", "Down", "Disconnected", "Connecting"} <= statuses and "Maintenance" in wishes
    for said in product(map(str, XenServer), statuses, wishes, MANAGED_STATES):
        row = meaning(*said)
        assert row and row.means and row.then and (row.cause or row.well), said


def test_a_word_that_no_release_says_has_no_meaning_rather_than_a_wrong_one() -> None:
    assert meaning(XenServer.ENABLED, "Hibernating", "Enabled", "Managed") is None


def test_the_page_says_what_the_matrix_does() -> None:
    assert DOCS.read_text(encoding="utf-8") == markdown(), "run `python manage.py docs_matrix`"
