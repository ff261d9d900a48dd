"""The report: one file that needs nothing else, and JSON that can be checked elsewhere."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import pytest
from django.test import Client

from tests.workflows.pages import standing
from workflows.models import Entry, Run

SignIn = Callable[[str], Client]


@pytest.fixture
def done(asked: Run) -> Run:
    """It failed at the eject, with HA off."""
    run = standing.stand(asked, "EjectFromPool", "failed", "failed", standing.ready_to_eject(standing.now()))
    standing.owe_ha(run)
    return run


def test_the_file_needs_nothing_else(sign_in: SignIn, done: Run) -> None:
    answer = sign_in("cy").get(f"/runs/{done.pk}/report.html")
    page = answer.content.decode()
    assert answer["Content-Disposition"] == f'attachment; filename="run-{done.pk}.html"'
    assert "<script" not in page and "<link" not in page and "@media print" in page
    assert not re.search(r'(?:src|href)="(?!#)', page)
    assert "Remove master amber-1 from amber" in page and "HA is off on amber" in page
    assert "checked now: whole" in page


def test_it_shows_and_the_file_shows_the_same_journal(sign_in: SignIn, done: Run) -> None:
    for path in ("report", "report.html"):
        page = sign_in("cy").get(f"/runs/{done.pk}/{path}").content.decode()
        for entry in Entry.objects.filter(run=done):
            assert entry.hash[:12] in page


def test_a_line_that_was_edited_is_named_in_the_report(sign_in: SignIn, done: Run) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("UPDATE workflows_entry SET says = 'Nothing happened.' WHERE seq = 2")
    page = sign_in("cy").get(f"/runs/{done.pk}/report.html").content.decode()
    assert "entry 2 was edited" in page


def test_the_json_can_be_checked_elsewhere(sign_in: SignIn, done: Run) -> None:
    told = json.loads(sign_in("cy").get(f"/runs/{done.pk}/report.json").content)
    assert told["journal_faults"] == []
    assert told["run"]["version"] and told["went_on_alone"] == []
    assert len(told["journal"]) == Run.objects.get(pk=done.pk).entries
